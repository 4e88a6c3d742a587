"""The desk over Alpaca: its router, ledger and reconciliation, with alpaca-py over HTTP between."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.alpaca_market import Market
from conformance.alpaca_model import Model
from conformance.alpaca_server import KEY, SECRET, Fault, Server
from conformance.asking import CALL, LOWER, NEXT, PUT
from desk.stand import Stand
from desk.world import moment
from markets import START
from underwriter.app.alpaca_day import AlpacaGlance
from underwriter.book.event import Assigned, Charged, Filled, OrderIntended, OrderTold
from underwriter.core.errors import InputError
from underwriter.desk.account import in_dollars, standing, why_held
from underwriter.desk.brokers.alpaca import Alpaca, open_wire
from underwriter.desk.brokers.alpaca_account import AlpacaCheck
from underwriter.desk.brokers.alpaca_quotes import AlpacaQuotes
from underwriter.desk.brokers.alpaca_terms import CAN, Hosts, Keys, Terms, keys_of
from underwriter.desk.replay import Replay

ORDERS, QUOTED = "/v2/orders", "/v1beta1/options/quotes/latest"


class AlpacaStand(Stand):
    """A desk at Alpaca."""

    terms = Terms()

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, CAN, commission=0.0)
        self.board.touches |= {
            PUT: (1.30, 1.40), LOWER: (0.50, 0.60), NEXT: (2.00, 2.10), CALL: (0.80, 0.90),
            "KO": (59.99, 60.01),
        }  # fmt: skip

    def begun(self, deposit_u: int) -> Any:  # noqa: ANN401  any broker
        """The account at the local server."""
        place = self.place
        self.server = Server(Model(place, deposit_u), Market(place, self.board))
        return self.opened()

    def opened(self, **terms: object) -> Alpaca:
        """A client of it."""
        made = self.terms._replace(hosts=Hosts(self.server.url, self.server.url), **terms)
        self.wire = open_wire(Keys(KEY, SECRET), self.clock, made)
        return Alpaca(self.wire, self.clock, self.calendar)

    def close(self) -> None:
        """End all."""
        self.wire.close()
        self.server.close()
        self.journal.close()


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[AlpacaStand]:
    made = AlpacaStand(tmp_path)
    yield made
    made.close()


def test_an_intent_goes_down_its_ladder_and_is_booked(stand: AlpacaStand) -> None:
    sequence = stand.approve("open", (PUT, -1))
    assert stand.route() == {sequence: ""}
    assert stand.orders() == [(135, "cancelled"), (133, "cancelled"), (130, "filled")]
    assert stand.ledger.held(0) == {PUT: -1}
    assert stand.breaks() == []


@pytest.mark.parametrize("fault", [Fault("drop"), Fault("half"), Fault("status", status=500)])
def test_t01_the_router_finds_what_was_taken_without_an_answer(
    stand: AlpacaStand, fault: Fault
) -> None:
    stand.server.next("POST", ORDERS, fault)
    sequence = stand.approve("open", (PUT, -1))
    assert stand.route() == {sequence: ""}
    clients = [one.client for one in stand.events(OrderIntended)]
    assert [*stand.server.model.orders] == clients
    assert "unknown" in [one.state for one in stand.events(OrderTold)]
    assert stand.ledger.held(0) == {PUT: -1}
    assert stand.breaks() == []


def test_t02_the_router_knows_nothing_of_a_repeated_post(stand: AlpacaStand) -> None:
    stand.server.next("POST", ORDERS, Fault("status", status=504))
    stand.approve("open", (PUT, -1))
    stand.route()
    assert "unknown" not in [one.state for one in stand.events(OrderTold)]
    assert len(stand.events(OrderIntended)) == len(stand.server.model.orders) == 3
    assert stand.breaks() == []


def test_t08_what_alpaca_refuses_is_written_down_with_its_reason(stand: AlpacaStand) -> None:
    poor = b'{"code": 40310000, "message": "insufficient options buying power"}'
    stand.server.next("POST", ORDERS, Fault("status", status=403, body=poor, before=True))
    sequence = stand.approve("open", (PUT, -1))
    assert stand.route() == {sequence: "rejected"}
    (told,) = stand.events(OrderTold)
    assert (told.state, told.why) == ("rejected", "alpaca: 403: insufficient options buying power")


def test_t21_a_spread_opens_as_one_and_a_leg_less_closes(stand: AlpacaStand) -> None:
    stand.approve("open", (PUT, -2), (LOWER, 2))
    stand.route()
    assert stand.ledger.held(0) == {PUT: -2, LOWER: 2}
    assert stand.breaks() == []
    stand.approve("close", (PUT, 2), (LOWER, -2))
    stand.route()
    assert stand.ledger.held(0) == {}
    assert stand.breaks() == []


def test_shares_and_a_call_on_them_go_in_two_orders(stand: AlpacaStand) -> None:
    stand.approve("open", (CALL, -1), shares=100)
    stand.route()
    filled = [(one.shares, one.option) for one in stand.events(Filled)]
    assert filled == [(100, None), (0, CALL)]
    assert stand.breaks() == []


def test_a_covered_call_is_bought_back_before_its_shares_are_sold(stand: AlpacaStand) -> None:
    stand.approve("open", (CALL, -1), shares=100)
    stand.route("11:00")
    stand.approve("close", (CALL, 1), shares=-100)
    stand.route()
    filled = [(one.shares, one.quantity) for one in stand.events(Filled)]
    assert filled == [(100, 0), (0, -1), (0, 1), (-100, 0)]
    assert stand.breaks() == []


@pytest.mark.parametrize("ask", [0.01, 0.02])
def test_t69_an_option_that_is_worth_next_to_nothing_is_bought_back(
    stand: AlpacaStand, ask: float
) -> None:
    """Half a cent is no price there, and nothing is bought for nothing: the first asks for one."""
    stand.approve("open", (PUT, -1))
    stand.route("11:00")
    stand.board.touches[PUT] = (0.0, ask)
    sequence = stand.approve("close", (PUT, 1))
    assert stand.route()[sequence] == ""
    assert stand.ledger.held(0) == {}
    assert stand.orders()[3] == (-1, "filled" if ask == 0.01 else "cancelled")
    assert stand.breaks() == []


def test_t45_an_assignment_and_the_fees_of_its_day_are_booked_the_next_morning(
    stand: AlpacaStand,
) -> None:
    stand.approve("open", (PUT, -1))
    stand.route()
    stand.board.day(4, closes=[(58.0, 500.0)])
    stand.clock.at = moment(stand.calendar, 7, "9:00")
    assert stand.router.take_facts() == ()
    (gone,) = stand.events(Assigned)
    assert (gone.shares, gone.quantity) == (100, 1)
    assert stand.events(Charged)
    assert stand.breaks() == []
    before = stand.journal.head.sequence
    stand.router.take_facts()
    assert stand.journal.head.sequence == before


def test_t48_an_expiry_ends_what_is_held_whatever_its_sign(
    stand: AlpacaStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand.approve("open", (PUT, -1))
    stand.route()
    stand.clock.at = moment(stand.calendar, 7, "9:00")
    telling = stand.server.telling
    real = telling.activities

    def unsigned(asked: dict[str, str]) -> list[dict[str, Any]]:
        items = [one for one in real(asked) if one["activity_type"] != "FILL"]
        return [one | ({"qty": "-1"} if one["activity_type"] == "OPEXP" else {}) for one in items]

    monkeypatch.setattr(telling, "activities", unsigned)
    assert stand.router.take_facts() == ()
    assert stand.ledger.held(0) == {}
    assert stand.breaks() == []


def test_t94_a_dry_run_of_the_router_sends_nothing(stand: AlpacaStand) -> None:
    stand.wire.close()
    stand.erring.broker = stand.opened(dry=True)  # type: ignore[assignment]
    sequence = stand.approve("open", (PUT, -1))
    assert stand.route() == {sequence: "rejected"}
    assert stand.server.count("POST") == 0
    assert stand.server.model.orders == {}


@pytest.mark.parametrize(
    ("says", "why"),
    [
        ({}, ""),
        ({"trading_blocked": True}, "alpaca: account: trading blocked"),
        ({"account_blocked": True}, "alpaca: account: account blocked"),
        ({"trade_suspended_by_user": True}, "alpaca: account: trade suspended by user"),
        ({"status": "ACCOUNT_CLOSED"}, "alpaca: account: its status is ACCOUNT_CLOSED"),
    ],
)
def test_t68_what_alpaca_flags_of_an_account_is_read_off_its_answer(
    stand: AlpacaStand, monkeypatch: pytest.MonkeyPatch, says: dict[str, Any], why: str
) -> None:
    telling = stand.server.telling
    real = telling.account()
    monkeypatch.setattr(telling, "account", lambda: real | says)
    assert why_held(standing(AlpacaCheck(stand.wire).account()), "alpaca") == why


def test_t71_an_account_in_another_currency_is_told_by_its_statement(
    stand: AlpacaStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    telling = stand.server.telling
    real = telling.account()
    monkeypatch.setattr(telling, "account", lambda: real | {"currency": "EUR"})
    assert AlpacaCheck(stand.wire).account().currency == "EUR"
    with pytest.raises(InputError, match=r"alpaca: account PA3MODEL: .* USD, found EUR"):
        in_dollars(stand.erring.statement())


def test_t32_the_indicative_feed_is_late_and_stops_entries_where_money_moves(
    stand: AlpacaStand,
) -> None:
    """No money moves on this machine: the account says so, and its feed says that it is late."""
    seen = AlpacaCheck(stand.opened(option_feed="indicative").wire).account()
    assert (seen.feed, seen.practice) == ("delayed", True)
    assert why_held(standing(seen), "alpaca") == ""
    why = why_held(standing(seen._replace(practice=False)), "alpaca")
    assert why == "alpaca: feed: quotes are delayed (indicative)"


def test_who_looks_sees_the_quotes_of_the_moment_and_takes_no_chain(stand: AlpacaStand) -> None:
    """`watch`, with and without a credential; the sessions are those of the lake."""
    lake: Any = Replay(stand.board.slab(START), stand.clock, stand.calendar)
    glance = AlpacaGlance(lake, lambda: AlpacaQuotes(stand.wire))
    assert glance.touch([PUT, "KO"]) == stand.board.touch([PUT, "KO"])
    assert glance.slab(START) is glance.evening(START)
    assert [one.path for one in stand.server.log if "snapshots" in one.path] == []
    assert AlpacaGlance(lake, lambda: AlpacaQuotes(nobody())).touch([PUT]) == {}
    stand.server.next("GET", QUOTED, *[Fault("status", status=500)] * 9)
    assert glance.touch([PUT]) == {}


def nobody() -> Any:  # noqa: ANN401  never anything
    """No credential."""
    return keys_of({})
