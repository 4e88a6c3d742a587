"""Shares beside options that a broker takes in several orders: cover first, and never let go."""

from pathlib import Path

import pytest

from desk.stand import CALL, LOWER, PUT, Stand, quoted
from desk.world import day, moment
from underwriter.app.seats import take_back
from underwriter.book.event import Filled, OrderIntended, SleeveOpened
from underwriter.desk.guard import Guards, Seen, barred
from underwriter.desk.hand import Moment, act
from underwriter.desk.inbox import Close
from underwriter.desk.ladder import MINUTE
from underwriter.desk.ports import Capabilities
from underwriter.desk.route import rest_of

APART = Capabilities("apart", 4, beside_shares=False, rolls=True, exercises=False)
SINGLE = Capabilities("single", 1, beside_shares=False, rolls=False, exercises=False)
HALTED = Seen(False, 0, 0, 0, 0, {}, "halted", "a storm")


@pytest.fixture(params=[APART, SINGLE], ids=["apart", "single"])
def stand(tmp_path: Path, request: pytest.FixtureRequest) -> Stand:
    return quoted(Stand(tmp_path, request.param))


def fills(stand: Stand) -> list[tuple[str, int]]:
    """What was filled, in order."""
    return [(one.option or "KO", one.quantity or one.shares) for one in stand.events(Filled)]


def halted(stand: Stand, until: str) -> dict[int, str]:
    """Work what was approved, the desk being halted, as `watching` asks the guards."""

    def barring() -> dict[int, str]:
        ledger = stand.ledger
        rests = [rest_of(one, ledger.attempts(one)) for one in ledger.intents.values()]
        return barred(rests, ledger.shares(), Guards(), HALTED, {}, ledger.working())

    return stand.router.settle_all(moment(stand.calendar, 0, until), barring)


def test_a_call_is_bought_back_before_the_shares_that_cover_it_are_sold(stand: Stand) -> None:
    stand.approve("open", (CALL, -1), shares=100)
    stand.route("11:00")
    sequence = stand.approve("close", (CALL, 1), shares=-100)
    assert halted(stand, "15:55")[sequence] == ""
    assert fills(stand) == [("KO", 100), (CALL, -1), (CALL, 1), ("KO", -100)]
    assert stand.breaks() == []


def test_shares_stay_where_their_call_has_no_offer(stand: Stand) -> None:
    stand.approve("open", (CALL, -1), shares=100)
    stand.route("11:00")
    del stand.board.touches[CALL]
    sequence = stand.approve("close", (CALL, 1), shares=-100)
    assert stand.route()[sequence] == "lapsed"
    assert int(stand.ledger.row(0).shares) == 100
    assert stand.ledger.held(0) == {CALL: -1}


def half_sold(folder: Path) -> tuple[Stand, int]:
    """A hundred shares, of which some are sold by an order that works; its intent."""
    stand = quoted(Stand(folder, lot=30))
    stand.approve("buy_shares", shares=100)
    stand.route("11:00")
    sequence = stand.approve("sell_shares", shares=-100)
    stand.board.touches["KO"] = (60.0, 60.0)
    for _ in range(2):
        stand.once(moment(stand.calendar, 0, "15:55"), {})
        stand.clock.at += 1
    assert 0 < int(stand.ledger.row(0).shares) < 100
    return stand, sequence


def test_t69_the_rest_of_a_sale_goes_on_though_the_desk_was_halted_meanwhile(
    tmp_path: Path,
) -> None:
    """The shares that are left are fewer than the intent's: what is sold of them lowers risk."""
    stand, sequence = half_sold(tmp_path)
    assert halted(stand, "15:55")[sequence] == ""
    assert int(stand.ledger.row(0).shares) == 0
    assert stand.breaks() == []


def test_a_put_that_nobody_bids_for_keeps_neither_the_call_nor_the_shares(stand: Stand) -> None:
    stand.approve("open", (CALL, -1), (LOWER, 1), shares=100)
    stand.route("11:00")
    stand.board.touches[LOWER] = (0.0, 0.05)
    sequence = stand.approve("close", (CALL, 1), (LOWER, -1), shares=-100)
    assert stand.route()[sequence] == "lapsed"
    assert stand.ledger.held(0) == {LOWER: 1}
    assert int(stand.ledger.row(0).shares) == 0
    assert fills(stand)[-2:] == [(CALL, 1), ("KO", -100)]


def test_of_two_wings_one_without_a_bid_keeps_the_other_not(tmp_path: Path) -> None:
    stand = quoted(Stand(tmp_path, SINGLE))
    stand.approve("open", (PUT, 1), (LOWER, 1))
    stand.route("11:00")
    stand.board.touches[PUT] = (0.0, 0.05)
    stand.approve("close", (PUT, -1), (LOWER, -1))
    stand.route()
    assert stand.ledger.held(0) == {PUT: 1}


def test_t47_shares_that_are_gone_are_not_sold_again(stand: Stand) -> None:
    """They were called away, or sold by hand, since the sale was approved."""
    stand.approve("buy_shares", shares=100)
    stand.route("11:00")
    first = stand.approve("sell_shares", shares=-60)
    second = stand.approve("sell_shares", shares=-60)
    stand.clock.at += MINUTE
    found = stand.route()
    assert {found[first], found[second]} == {"", "lapsed"}
    assert int(stand.ledger.row(0).shares) == 40


def short(stand: Stand, sleeve: int) -> int:
    """A hundred shares short, as a naked call leaves them, and a hand's close of them."""
    ledger, at = stand.ledger, stand.clock.at
    ledger.append([bought(stand, sleeve, -100)], at)
    wish = Close(name="w", sleeves=(sleeve,), keep=False)
    ledger.append(act(ledger, wish, Moment(at, day(0), "main"), None).events, at)
    ledger.commit()
    return ledger.sequence


def bought(stand: Stand, sleeve: int, shares: int) -> Filled:
    """A fill of shares that no order of the desk's was for."""
    return Filled(
        **stand.common(), sleeve=sleeve, campaign=1, policy="p", slot=0, option=None, quantity=0,
        shares=shares, price_u=60_000_000, amount_u=-shares * 60_000_000, fee_u=0,
        id=f"fill {sleeve} {shares}",
    )  # fmt: skip


def test_short_shares_that_were_covered_meanwhile_are_not_bought_again(stand: Stand) -> None:
    sequence = short(stand, 0)
    stand.ledger.append([bought(stand, 0, 100)], stand.clock.at)
    assert stand.route() == {sequence: "lapsed"}
    assert int(stand.ledger.row(0).shares) == 0
    assert stand.events(OrderIntended) == []


def test_a_hand_covers_short_shares_of_what_no_policy_trades(stand: Stand) -> None:
    opened = {"sleeve": 1, "campaign": 0, "policy": "p", "name": "old", "multiplier": 100}
    event = SleeveOpened(**stand.common(), **opened, underlying="PEP", root="PEP")
    stand.ledger.append([event], stand.clock.at)
    short(stand, 1)
    stand.board.touches["PEP"] = (60.0, 60.02)
    stand.route()
    (sent,) = {one.shares for one in stand.events(OrderIntended)}
    assert sent == 100, "it goes to the broker, whether or not that trades it"


def test_the_rest_of_a_hands_sale_is_not_taken_back_by_a_start_without_its_policy(
    tmp_path: Path,
) -> None:
    stand, sequence = half_sold(tmp_path)
    stand.restart()
    assert 0 < int(stand.ledger.row(0).shares) < 100
    take_back(stand.ledger, {0}, stand.clock.at)
    assert sequence in stand.ledger.waiting()
    assert stand.ledger.answers == {}
