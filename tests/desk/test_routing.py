"""Orders from an intent to their end over the paper broker: the cases of FAILURES, Orders."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from desk.stand import CALL, LOWER, NEXT, PUT, Stand, quoted
from desk.world import moment
from underwriter.book.event import Filled, Moved, OrderIntended, OrderTold
from underwriter.core.errors import InputError
from underwriter.desk.brokers.paper_place import ALL_IT_CAN
from underwriter.desk.ports import (
    Capabilities,
    DoubtError,
    RefusedError,
    Ticket,
    Touch,
    UnreachableError,
)

TIMEOUT = DoubtError("timed out after 10 s")


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return quoted(Stand(tmp_path))


def test_it_goes_from_the_middle_to_the_touch_and_no_further(stand: Stand) -> None:
    sequence = stand.approve("open", (PUT, -1))
    assert stand.route() == {sequence: ""}
    assert stand.orders() == [(135, "cancelled"), (133, "cancelled"), (130, "filled")]
    assert stand.breaks() == []


def test_under_its_floor_it_stops(stand: Stand) -> None:
    sequence = stand.approve("open", (PUT, -1), limit=1.34)
    assert stand.route() == {sequence: "lapsed"}
    assert [cents for cents, _ in stand.orders()] == [135, 134]
    assert stand.ledger.held(0) == {}


def test_t13_t14_a_reprice_follows_the_touch_and_keeps_its_sleeve(stand: Stand) -> None:
    stand.approve("open", (PUT, -1), limit=1.20)
    until = moment(stand.calendar, 0, "15:55")
    stand.router.pass_once(until, {})
    stand.board.touches[PUT] = (1.20, 1.30)
    stand.route()
    assert stand.orders()[1:] == [(123, "cancelled"), (120, "filled")]
    told = stand.events(OrderIntended)
    assert {(one.account, one.sleeve, one.action) for one in told} == {("main", 0, "open")}


def test_t01_a_timeout_after_the_broker_took_it_leaves_one_order(stand: Stand) -> None:
    stand.erring.after["submit"] = [TIMEOUT]
    sequence = stand.approve("open", (PUT, -1))
    assert stand.route() == {sequence: ""}
    assert len(stand.erring.broker.account.orders) == len(stand.events(OrderIntended)) == 3
    assert stand.ledger.held(0) == {PUT: -1}
    assert stand.breaks() == []


def test_t01_what_never_arrived_goes_out_again_under_the_same_id(stand: Stand) -> None:
    stand.erring.before["submit"] = [TIMEOUT]
    stand.approve("open", (PUT, -1))
    stand.route()
    clients = [one.client for one in stand.events(OrderIntended)]
    assert [*stand.erring.broker.account.orders] == clients
    assert [one.state for one in stand.events(OrderTold)][:2] == ["unknown", "sent"]
    assert stand.ledger.held(0) == {PUT: -1}


def test_what_was_never_sent_is_tried_again_under_another_id(stand: Stand) -> None:
    stand.erring.before["submit"] = [UnreachableError("no route")]
    stand.approve("open", (PUT, -1))
    stand.route()
    assert stand.ledger.held(0) == {PUT: -1}
    assert stand.orders()[0][1] == "cancelled"


def test_while_nobody_knows_no_second_order_is_sent(stand: Stand) -> None:
    stand.erring.after["submit"] = [TIMEOUT]
    stand.erring.before["look_up"] = [TIMEOUT] * 5
    stand.approve("open", (PUT, -1))
    until = moment(stand.calendar, 0, "15:55")
    for _ in range(5):
        stand.router.pass_once(until, {})
        stand.clock.at += 60 * 10**9
    assert len(stand.events(OrderIntended)) == 1
    stand.route()
    assert stand.ledger.held(0) == {PUT: -1}


def test_t04_t20_second_run_adds_no_order(stand: Stand) -> None:
    stand.approve("open", (PUT, -2))
    until = moment(stand.calendar, 0, "15:55")
    stand.router.pass_once(until, {})
    stand.restart()
    stand.router.pass_once(until, {})
    stand.router.pass_once(until, {})
    assert len(stand.events(OrderIntended)) == len(stand.erring.broker.account.orders) == 1
    stand.route()
    assert stand.ledger.held(0) == {PUT: -2}
    before = stand.journal.head
    stand.restart()
    stand.route()
    assert stand.journal.head == before


@pytest.mark.parametrize("died", ["before", "after"])
def test_t01_t82_a_process_that_dies_around_a_send_goes_on_with_its_order(
    stand: Stand, died: str
) -> None:
    """The order was written down; whether it was sent nobody knows but the broker."""
    getattr(stand.erring, died)["submit"] = [KeyboardInterrupt()]
    stand.approve("open", (PUT, -1))
    with pytest.raises(KeyboardInterrupt):
        stand.route()
    stand.restart()
    stand.route()
    clients = [one.client for one in stand.events(OrderIntended)]
    assert [*stand.erring.broker.account.orders] == clients
    assert stand.ledger.held(0) == {PUT: -1}
    assert stand.breaks() == []


def test_t08_what_is_rejected_is_written_down_and_not_sent_again(stand: Stand) -> None:
    stand.erring.before["submit"] = [RefusedError("not approved for level 2")]
    sequence = stand.approve("open", (PUT, -1))
    assert stand.route() == {sequence: "rejected"}
    (told,) = stand.events(OrderTold)
    assert (told.state, told.why) == ("rejected", "not approved for level 2")
    assert stand.erring.calls.count("submit") == 1


def test_t09_the_next_order_is_for_what_is_left(stand: Stand) -> None:
    stand.place = stand.place._replace(manners=stand.place.manners._replace(lot=2))
    stand.erring.broker.place = stand.place
    stand.approve("open", (PUT, -5), limit=1.20)
    until = moment(stand.calendar, 0, "15:55")
    stand.board.touches[PUT] = (1.35, 1.35)  # the first order meets its price, in part
    stand.router.pass_once(until, {})
    stand.board.touches[PUT] = (1.30, 1.40)
    stand.route()
    quantities = [one.legs[0].quantity for one in stand.events(OrderIntended)]
    filled = [one.quantity for one in stand.events(Filled)]
    assert sum(filled) == -5
    assert quantities[0] == -5
    assert quantities[1:] == [-3, -3]
    assert stand.breaks() == []


def test_t16_a_fill_that_was_faster_than_the_cancel_is_a_fill(stand: Stand) -> None:
    stand.approve("open", (PUT, -1), limit=1.30)
    until = moment(stand.calendar, 0, "15:55")
    stand.router.pass_once(until, {})
    stand.clock.at += 61 * 10**9
    stand.erring.before["cancel"] = [None]
    cancel = stand.erring.broker.cancel

    def late(client: str) -> None:
        stand.board.touches[PUT] = (1.35, 1.36)
        stand.clock.at += 1
        cancel(client)

    stand.erring.broker.cancel = late  # type: ignore[method-assign]
    stand.route()
    assert stand.orders() == [(135, "filled")]
    assert stand.breaks() == []


def test_t15_a_fill_that_is_told_late_is_waited_for(tmp_path: Path) -> None:
    stand = quoted(Stand(tmp_path, late=90 * 10**9))
    stand.board.touches[PUT] = (1.35, 1.35)
    stand.approve("open", (PUT, -1))
    stand.route()
    assert stand.orders() == [(135, "filled")]
    assert len(stand.events(Filled)) == 1


def test_t12_a_purchase_to_close_pays_from_the_middle_up(stand: Stand) -> None:
    stand.approve("open", (PUT, -1))
    stand.route()
    stand.approve("close", (PUT, 1))
    stand.route()
    assert [cents for cents, _ in stand.orders()][3:] == [-135, -137, -140]
    assert stand.ledger.held(0) == {}
    assert stand.ledger.book.campaigns[0].closed is not None


@pytest.mark.parametrize(
    "touch", [(0.0, 1.40), (1.40, 1.30), (0.0, 0.0)], ids=["no bid", "crossed", "nothing"]
)
def test_t29_on_one_sided_or_crossed_quotes_nothing_is_sent(
    stand: Stand, touch: tuple[float, float]
) -> None:
    stand.board.touches[PUT] = touch
    sequence = stand.approve("open", (PUT, -1))
    assert stand.route() == {sequence: "lapsed"}
    assert stand.events(OrderIntended) == []


def test_t30_on_stale_quotes_nothing_is_sent(stand: Stand) -> None:
    stand.board.age = 61 * 10**9
    sequence = stand.approve("open", (PUT, -1))
    assert stand.route() == {sequence: "lapsed"}
    assert stand.events(OrderIntended) == []


@pytest.mark.parametrize(("seconds", "why"), [(0.001, ""), (2.0, ""), (2.001, "lapsed")])
def test_t30_a_clock_that_is_a_little_slow_sees_quotes_of_a_moment_ahead_and_trades(
    stand: Stand, seconds: float, why: str
) -> None:
    """What is quoted a hundred times a second is always of this moment by its exchange's clock."""
    stand.board.age = -int(seconds * 10**9)
    sequence = stand.approve("open", (PUT, -1))
    assert stand.route() == {sequence: why}


def test_quotes_that_come_while_they_are_asked_for_are_not_of_the_future(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wall's clock goes on while a quote is fetched, and the quote may be of that very moment."""
    asked = stand.board.touch

    def slowly(keys: Sequence[str]) -> dict[str, Touch]:
        stand.clock.at += 10**6
        return asked(keys)

    monkeypatch.setattr(stand.board, "touch", slowly)
    sequence = stand.approve("open", (PUT, -1))
    assert stand.route() == {sequence: ""}


def test_t21_a_spread_is_one_order_at_one_net_price(stand: Stand) -> None:
    stand.approve("open", (PUT, -1), (LOWER, 1))
    stand.route()
    assert stand.orders() == [(80, "cancelled"), (75, "cancelled"), (70, "filled")]
    assert stand.ledger.held(0) == {PUT: -1, LOWER: 1}
    assert stand.breaks() == []


def test_t21_a_broker_of_single_legs_buys_the_long_one_first(tmp_path: Path) -> None:
    stand = quoted(Stand(tmp_path, Capabilities("one", 1, False, False, False)))
    stand.approve("open", (PUT, -1), (LOWER, 1))
    stand.route()
    fills = stand.events(Filled)
    assert [one.option for one in fills] == [LOWER, PUT]
    assert stand.ledger.held(0) == {PUT: -1, LOWER: 1}


def test_a_roll_is_one_order_and_its_campaign_goes_on(stand: Stand) -> None:
    stand.approve("open", (PUT, -1))
    stand.route()
    stand.approve("roll", (PUT, 1), (NEXT, -1), limit=0.01)
    stand.route()
    assert stand.ledger.held(0) == {NEXT: -1}
    assert len(stand.events(Moved)) == 1
    (campaign,) = stand.ledger.book.campaigns
    assert campaign.closed is None
    assert int(stand.ledger.row(0).rolls) == 1
    assert stand.breaks() == []


def test_a_roll_closes_first_where_the_broker_has_no_combo(tmp_path: Path) -> None:
    stand = quoted(Stand(tmp_path, Capabilities("plain", 4, False, False, False)))
    stand.approve("open", (PUT, -1))
    stand.route()
    stand.approve("roll", (PUT, 1), (NEXT, -1), limit=0.55)
    stand.route()
    bought, sold = stand.events(Filled)[-2:]
    assert [bought.option, sold.option] == [PUT, NEXT]
    assert sold.price_u - bought.price_u >= 550_000
    assert stand.ledger.held(0) == {NEXT: -1}


def test_t27_an_order_that_is_left_is_cancelled_and_nothing_rests(stand: Stand) -> None:
    stand.approve("open", (PUT, -1), limit=1.39)
    sequence = stand.journal.head.sequence
    assert stand.route("10:30") == {sequence: "lapsed"}
    assert stand.ledger.folding.orders.live == {}
    assert stand.erring.broker.account.live() == []


def test_an_order_whose_end_nobody_says_lives_on_and_is_asked_for_later(stand: Stand) -> None:
    sequence = stand.approve("open", (PUT, -1), limit=1.39)
    stand.router.pass_once(moment(stand.calendar, 0, "10:30"), {})
    stand.erring.before["look_up"] = [TIMEOUT] * 1_000
    stand.erring.before["cancel"] = [TIMEOUT] * 1_000
    assert stand.route("10:30") == {sequence: "unknown"}
    assert len(stand.ledger.folding.orders.live) == 1
    stand.erring.before.clear()
    assert stand.route("10:30") == {sequence: "lapsed"}
    assert stand.ledger.folding.orders.live == {}


def test_what_guards_bar_is_not_sent(stand: Stand) -> None:
    sequence = stand.approve("open", (PUT, -1))
    assert stand.route("10:30", {sequence: "kill switch"}) == {sequence: "lapsed"}
    assert stand.events(OrderIntended) == []


def test_t72_a_guard_that_bites_midway_cancels_what_works(stand: Stand) -> None:
    sequence = stand.approve("open", (PUT, -1), limit=1.39)
    until = moment(stand.calendar, 0, "15:55")
    stand.router.pass_once(until, {})
    stand.router.pass_once(until, {sequence: "kill switch"})
    assert stand.erring.broker.account.live() == []
    assert stand.ledger.folding.orders.live == {}


def test_the_fold_holds_a_second_order_of_a_sleeve_and_an_action_back(stand: Stand) -> None:
    stand.approve("open", (PUT, -1), limit=1.39)
    stand.router.pass_once(moment(stand.calendar, 0, "15:55"), {})
    (order,) = stand.events(OrderIntended)
    other = OrderIntended(
        **stand.common(), sleeve=0, campaign=0, policy="p", client="other", action="open",
        legs=order.legs, shares=0, limit_u=0,
    )  # fmt: skip
    before = stand.journal.head
    with pytest.raises(InputError, match="no live order of sleeve 0"):
        stand.ledger.append([other], stand.clock.at)
    assert stand.journal.head == before


def test_t43_t47_an_assignment_overnight_is_booked_where_it_is_held(stand: Stand) -> None:
    stand.approve("open", (PUT, -1))
    stand.route()
    stand.board.day(4, closes=[(58.0, 500.0)])
    stand.clock.at = moment(stand.calendar, 7, "9:00")
    stand.router.take_facts()
    stand.router.take_facts()
    assert stand.ledger.held(0) == {}
    assert int(stand.ledger.row(0).shares) == 100
    assert stand.breaks() == []


def test_shares_beside_calls_are_one_order_or_shares_first(tmp_path: Path) -> None:
    for number, beside in enumerate((True, False)):
        folder = tmp_path / str(number)
        folder.mkdir()
        stand = quoted(Stand(folder, Capabilities("b", 4, beside, True, True)))
        stand.approve("open", (CALL, -1), shares=100)
        stand.route()
        assert stand.ledger.held(0) == {CALL: -1}
        assert int(stand.ledger.row(0).shares) == 100
        assert bool(stand.events(OrderIntended)[0].legs) == beside
        assert stand.breaks() == []


def test_a_long_put_is_exercised_once(stand: Stand) -> None:
    stand.approve("open", (PUT, -1), (LOWER, 1))
    stand.route()
    stand.approve("exercise", (LOWER, -1))
    stand.router.take_facts()
    stand.route()
    stand.route()
    assert stand.ledger.held(0) == {PUT: -1}
    assert int(stand.ledger.row(0).shares) == -100
    assert stand.breaks() == []


ONE_LEG = Capabilities("one", 1, beside_shares=False, rolls=False, exercises=True)
TWO_LEGS = Capabilities("two", 2, beside_shares=False, rolls=True, exercises=False)


@pytest.mark.parametrize("can", [ALL_IT_CAN, ONE_LEG, TWO_LEGS])
@pytest.mark.parametrize(
    ("action", "legs", "shares"),
    [
        ("open", ((PUT, -2),), 0),
        ("open", ((PUT, -2), (LOWER, 2)), 0),
        ("open", ((CALL, -1),), 100),
        ("buy_shares", (), 30),
    ],
)
def test_t70_what_is_sent_is_of_the_intents_legs_alone(
    tmp_path: Path, can: Capabilities, action: str, legs: tuple[tuple[str, int], ...], shares: int
) -> None:
    """No share for an option, none of another underlying, no more than was approved of any."""
    stand = quoted(Stand(tmp_path, can))
    sent: list[Ticket] = []
    submit = stand.erring.broker.submit
    stand.erring.broker.submit = lambda ticket: (sent.append(ticket), submit(ticket))[1]  # type: ignore[method-assign]
    stand.approve(action, *legs, shares=shares)
    stand.route()
    wanted = dict(legs) | ({"KO": shares} if shares else {})
    filled: Counter[str] = Counter()
    for one in stand.events(Filled):
        filled[one.option or "KO"] += one.quantity or one.shares
    assert dict(filled) == wanted
    assert sent
    for ticket in sent:
        asked = {leg.option: leg.quantity for leg in ticket.legs}
        asked |= {ticket.symbol: ticket.shares} if ticket.shares else {}
        assert asked.keys() <= wanted.keys()
        assert all(0 < quantity / wanted[name] <= 1 for name, quantity in asked.items())
