"""Where a tested leg is rolled to; docs/session.md, Managing and Roll."""

from math import nan
from typing import Any

import pytest

from markets import (
    DOLLAR,
    START,
    call,
    chain,
    holding,
    key,
    made,
    owns,
    policy,
    put,
    sleeve,
    view,
)
from underwriter.core import reason
from underwriter.core.contract import CALL, expiry_of, strike_of
from underwriter.core.decide import decide
from underwriter.core.intent import CLOSE, HOLD, ROLL, Decision, clear
from underwriter.core.sleeve import LONG_PUT, ROLL_LONG, ROLL_SHORT, SHORT_CALL, SHORT_PUT

# tested as soon as it is in the money: the put 95 with the spot at 94
RULES = {"roll_through": 1, "roll_at_most": 2, "roll_dte_min": 35, "roll_dte_max": 60}
OLD = put(95, 1.9, 2.0, delta=-0.5)
HELD = holding(SHORT_PUT, key(95), -2, 300.0, row=0)


def wished(*quotes: dict, held: dict | None = None, seen: dict | None = None, **rules: Any) -> Any:  # noqa: ANN401  a row
    """What a sleeve wishes with the first quote held."""
    found = made(Decision)
    clear(found, 0, 0)
    rows = chain(quotes)
    mine = sleeve(**(HELD if held is None else held))
    for slot in range(4):
        keys = rows.contract.tolist()
        mine.row[slot] = keys.index(mine.contract[slot]) if mine.contract[slot] in keys else -1
    puts = sum(one["right"] == 0 for one in quotes)
    today = view(**({"calls": puts, "end": len(quotes), "spot_u": 94 * DOLLAR} | (seen or {})))
    own = owns(**rules.pop("own", {}))[0, 0]
    decide(found, mine, rows, today, own, policy(**(RULES | rules)))
    return found


def to(found: Any) -> tuple[float, int] | None:  # noqa: ANN401  a row
    """Strike and day of the contract that is rolled to."""
    for leg in range(found.legs):
        if found.slot[leg] == ROLL_SHORT:
            contract = int(found.contract[leg])
            return strike_of(contract) / DOLLAR, expiry_of(contract) - START
    return None


def rolled(*quotes: dict, **what: Any) -> tuple[float, int] | None:  # noqa: ANN401  as `wished`
    """Where the held put is rolled to."""
    return to(wished(OLD, *quotes, **what))


def later(strike: float, bid: float = 2.5, **other: object) -> dict:
    """A later put."""
    return put(strike, bid, bid + 0.1, **({"expiry": 45} | other))


def test_a_roll_buys_the_old_and_sells_the_new_at_once() -> None:
    found = wished(OLD, later(93))
    assert (found.action, found.why, found.quantity) == (ROLL, reason.TESTED_STRIKE, 2)
    assert found.slot[:2].tolist() == [SHORT_PUT, ROLL_SHORT]
    assert found.change[:2].tolist() == [2, -2]
    assert found.contract[:2].tolist() == [key(95), key(93, expiry=45)]


def test_the_nearest_delta_wins_and_the_first_on_ties() -> None:
    quotes = [later(91, delta=-0.2), later(92, delta=-0.3), later(93, delta=-0.4)]
    assert rolled(*quotes, delta=[0.31]) == (92, 45)
    tied = [later(92, delta=-0.125), later(93, delta=-0.375), later(93, expiry=52, delta=-0.125)]
    assert rolled(*tied, delta=[0.25]) == (92, 45)


def test_no_delta_is_out_of_a_rolls_reach_but_one_that_is_not_known() -> None:
    assert rolled(later(93, delta=-0.9), delta=[0.1]) == (93, 45)
    assert rolled(later(93, delta=nan)) is None


@pytest.mark.parametrize(("expiry", "reached"), [(34, False), (35, True), (60, True), (61, False)])
def test_both_ends_of_the_days_out_belong(expiry: int, *, reached: bool) -> None:
    assert (rolled(later(93, expiry=expiry)) is not None) == reached


def test_a_roll_is_always_to_a_later_expiry() -> None:
    assert rolled(put(93, 2.5, 2.6), roll_dte_min=0) is None
    assert rolled(put(93, 2.5, 2.6, expiry=31), roll_dte_min=0) == (93, 31)


@pytest.mark.parametrize(
    ("strike", "away", "reached"),
    [(95, 0, True), (95, 1, False), (94.99, 1, True), (95.01, 0, False)],
)
def test_a_put_is_never_rolled_up(strike: float, away: int, *, reached: bool) -> None:
    assert (rolled(later(strike), roll_away=away) is not None) == reached


CALLED = {"shares": 100} | holding(SHORT_CALL, key(92, right=CALL), -1, 100.0, row=0)
OLD_CALL = call(92, 2.4, 2.5, delta=0.7)


@pytest.mark.parametrize(
    ("strike", "away", "reached"),
    [(92, 0, True), (92, 1, False), (92.01, 1, True), (91.99, 0, False)],
)
def test_a_call_is_never_rolled_down(strike: float, away: int, *, reached: bool) -> None:
    quote = call(strike, 3.0, 3.1, expiry=45)
    found = wished(OLD_CALL, quote, held=CALLED, roll_away=away, below_breakeven=1)
    assert (to(found) is not None) == reached


def test_the_bounds_of_an_entry_hold_for_a_roll() -> None:
    """Own prices; and the breakeven of shares: they cost 94.00 and 1.00 was taken in since."""
    quotes = [later(92, delta=-0.2), later(94)]
    assert rolled(*quotes, own={"put_most_u": 93 * DOLLAR}) == (92, 45)
    quotes = [OLD_CALL, *(call(strike, 2.6, 2.7, expiry=45) for strike in (92, 93, 94))]
    cost = CALLED | {"credit_u": -9_300 * DOLLAR}
    assert to(wished(*quotes, held=cost)) == (94, 45)
    assert to(wished(*quotes, held=cost, below_breakeven=1)) == (92, 45)
    own = {"call_least_u": 93 * DOLLAR}
    assert to(wished(*quotes, held=cost, below_breakeven=1, own=own)) == (93, 45)


@pytest.mark.parametrize(
    "spoiled", [{"iv": 0.0}, {"ask": 2.4}, {"bid": 0.0}, {"open_interest": 9}], ids=str
)
def test_what_may_not_be_sold_is_not_rolled_to(spoiled: dict) -> None:
    assert rolled(later(93) | spoiled, min_open_interest=10) is None


@pytest.mark.parametrize(("day", "reached"), [(45, False), (46, True)])
def test_no_roll_goes_over_earnings(day: int, *, reached: bool) -> None:
    seen = {"next_earnings": START + day}
    assert (rolled(later(93), seen=seen, avoid_earnings=1) is not None) == reached


@pytest.mark.parametrize(
    ("bid", "credit", "reached"), [(2.01, 1, True), (2.0, 1, False), (2.0, 0, True)]
)
def test_a_roll_for_credit_brings_more_than_it_costs(
    bid: float, credit: int, *, reached: bool
) -> None:
    """The old put is bought at 2.00."""
    assert (rolled(later(93, bid), roll_for_credit=credit) is not None) == reached


def test_a_regime_that_stands_aside_rolls_nothing() -> None:
    assert rolled(later(93), delta=[0.0]) is None


@pytest.mark.parametrize("spoiled", [{"bid": 2.1}, {"bid": 0.0, "ask": 0.0}], ids=str)
def test_an_old_leg_without_an_offer_is_not_rolled(spoiled: dict) -> None:
    assert to(wished(OLD | spoiled, later(93))) is None


# --- with a long leg ---

WINGED = {
    "legs": 2,
    "contract": [key(95), key(90)],
    "quantity": [-2, 3],
    "amount_u": [300 * DOLLAR, -90 * DOLLAR],
}
OLD_WING = put(90, 0.4, 0.5, delta=-0.1)
NEXT = [later(93), later(88, 1.0, delta=-0.1)]


def test_t22_a_leg_is_rolled_with_its_wing() -> None:
    """Three long puts go, the new wing has as many as the short."""
    found = wished(OLD_WING, OLD, *NEXT, held=WINGED, width_u=5 * DOLLAR)
    assert found.slot[:4].tolist() == [SHORT_PUT, LONG_PUT, ROLL_SHORT, ROLL_LONG]
    assert found.change[:4].tolist() == [2, -3, -2, 2]
    keys = [key(95), key(90), key(93, expiry=45), key(88, expiry=45)]
    assert found.contract[:4].tolist() == keys


@pytest.mark.parametrize("bid", [None, 0.0])
def test_a_wing_that_finds_no_bid_is_not_rolled(bid: float | None) -> None:
    old = [] if bid is None else [OLD_WING | {"bid": bid}]
    assert to(wished(*old, OLD, *NEXT, held=WINGED, width_u=5 * DOLLAR)) is None


def test_a_row_without_a_wing_or_with_a_wider_one_is_none() -> None:
    """No other wing is tried: 88 is the nearest to the delta, and 6 from 94."""
    rules = {"long_delta": 0.1, "held": WINGED}
    wide = [later(94), later(88, 0.0, delta=-0.1), later(89, 0.0, delta=-0.2)]
    assert to(wished(OLD_WING, OLD, *wide, **rules)) is None
    assert to(wished(OLD_WING, OLD, wide[0], held=WINGED, width_u=5 * DOLLAR)) is None
    assert to(wished(OLD_WING, OLD, *wide, later(93, delta=-0.2), **rules)) == (93, 45)


@pytest.mark.parametrize(("bid", "reached"), [(2.71, True), (2.70, False)])
def test_the_credit_of_a_roll_counts_both_wings(bid: float, *, reached: bool) -> None:
    """2.00 for the old, 0.40 for its wing, 1.10 for the new one."""
    quotes = [OLD_WING, OLD, later(93, bid), later(88, 1.0, delta=-0.1)]
    found = wished(*quotes, held=WINGED, width_u=5 * DOLLAR, roll_for_credit=1)
    assert (to(found) is not None) == reached


# --- when ---


@pytest.mark.parametrize(
    ("rules", "action", "why"),
    [
        ({}, HOLD, reason.NO_ROLL),
        ({"avoid_assignment": 1}, CLOSE, reason.TESTED_STRIKE),
        ({"roll_at_most": 0}, HOLD, reason.NONE),
        ({"roll_at_most": 0, "avoid_assignment": 1}, CLOSE, reason.TESTED_STRIKE),
    ],
    ids=["told", "closed instead", "no rolls wanted", "closed without rolls"],
)
def test_where_no_roll_is_found(rules: dict, action: int, why: int) -> None:
    found = wished(OLD, **rules)
    assert (found.action, found.why) == (action, why)


def test_a_campaign_rolls_so_often_and_no_more() -> None:
    assert to(wished(OLD, later(93), held=HELD | {"rolls": 1})) == (93, 45)
    assert to(wished(OLD, later(93), held=HELD | {"rolls": 2})) is None


@pytest.mark.parametrize(
    ("quote", "rules", "why"),
    [
        (OLD | {"delta": -0.5}, {"roll_through": 0, "roll_delta": 0.5}, reason.TESTED_DELTA),
        (OLD | {"delta": -0.25}, {"roll_through": 0, "roll_delta": 0.5}, reason.NONE),
        (OLD | {"delta": nan}, {"roll_through": 0, "roll_delta": 0.5}, reason.NONE),
        # the mid of 1.95 has 0.95 beside the 1.00 in the money
        (OLD, {"roll_through": 0, "roll_extrinsic_u": 950_000}, reason.TESTED_EXTRINSIC),
        (OLD, {"roll_through": 0, "roll_extrinsic_u": 949_999}, reason.NONE),
        (OLD | {"bid": 2.1}, {"roll_through": 0, "roll_extrinsic_u": 950_000}, reason.NONE),
        (OLD | {"delta": -0.5}, {"roll_delta": 0.5}, reason.TESTED_DELTA),
    ],
)
def test_each_test_at_its_boundary(quote: dict, rules: dict, why: int) -> None:
    found = wished(quote, avoid_assignment=1, **rules)
    assert (found.why, found.action) == (why, HOLD if why == reason.NONE else CLOSE)


def test_at_the_money_is_not_through_the_strike() -> None:
    assert wished(OLD, later(93), seen={"spot_u": 95 * DOLLAR}).action == HOLD
    assert wished(OLD, later(93), seen={"spot_u": 95 * DOLLAR - 1}).action == ROLL


def test_the_put_is_asked_before_the_call_and_alone() -> None:
    """Both are tested by their deltas; the put's roll is not there, the call's would be."""
    both = {
        "legs": 2,
        "contract": [key(95), 0, key(96, right=CALL)],
        "quantity": [-1, 0, -1],
        "amount_u": [100 * DOLLAR, 0, 100 * DOLLAR],
    }
    rules = {"roll_through": 0, "roll_delta": 0.5, "held": both}
    calls = [call(96, 1.0, 1.1, delta=0.5), call(98, 2.0, 2.1, expiry=45)]
    assert wished(OLD, *calls, **rules).why == reason.NO_ROLL
    assert to(wished(OLD | {"delta": -0.4}, *calls, **rules)) == (98, 45)


# --- early exercise of puts ---

DEEP = {"avoid_assignment": 1, "roll_through": 0, "roll_at_most": 0}


@pytest.mark.parametrize(
    ("seen", "mid", "why"),
    [
        ({}, 1.40, reason.EARLY_PUT),
        ({}, 1.50, reason.NONE),
        ({"next_ex": START + 30, "next_dividend_u": 70_000}, 1.40, reason.NONE),
        ({"next_ex": START + 31, "next_dividend_u": 70_000}, 1.40, reason.EARLY_PUT),
        ({"american": False}, 1.40, reason.NONE),
        ({"spot_u": 95 * DOLLAR}, 0.40, reason.NONE),
    ],
    ids=["deep", "extrinsic", "a dividend waits", "one after it", "European", "at the money"],
)
def test_a_deep_put_is_closed_before_its_holder_gains_by_exercise(
    seen: dict, mid: float, why: int
) -> None:
    """95 * (1 - exp(-6% * 30 / 365)) = 0.4673; extrinsic is 0.40, or 0.50, beside 1.00 inside."""
    today = {"rate": 0.06} | seen
    found = wished(put(95, mid - 0.1, mid + 0.1), seen=today, **DEEP)
    assert found.why == why


@pytest.mark.parametrize("quote", [[], [OLD | {"bid": 3.0}]], ids=["no row", "crossed"])
def test_what_is_not_offered_is_in_no_danger_that_can_be_seen(quote: list[dict]) -> None:
    assert wished(*quote, seen={"rate": 0.9}, **DEEP).action == HOLD


@pytest.mark.parametrize(("day", "why"), [(1, reason.EX_DIVIDEND), (2, 0), (0, 0)])
def test_a_calls_dividend_is_one_that_goes_ex_by_tomorrow(day: int, why: int) -> None:
    seen = {"next_ex": START + day, "next_dividend_u": 9 * DOLLAR}
    assert wished(OLD_CALL, held=CALLED, seen=seen, **DEEP).why == why


# --- the last day, and what is past it ---

LAST = put(95, 0.9, 1.1, expiry=0)
DUE = {"held": holding(SHORT_PUT, key(95, expiry=0), -1, 100.0), "roll_at_most": 0}


@pytest.mark.parametrize(
    ("seen", "rules", "why"),
    [
        ({}, {"avoid_assignment": 1}, reason.EXPIRY),
        ({}, {}, reason.NONE),
        ({"physical": False}, {"avoid_assignment": 1}, reason.NONE),
        ({"spot_u": 95 * DOLLAR}, {"avoid_assignment": 1}, reason.NONE),
        ({"spot_u": 94_750_000}, {"avoid_assignment": 1, "close_pin": 1}, reason.PIN),
        ({"day": START + 1, "tomorrow": START + 2}, {"avoid_assignment": 1}, reason.NONE),
    ],
    ids=["in the money", "accepted", "in cash", "at the money", "pinned first", "a day past"],
)
def test_the_last_day(seen: dict, rules: dict, why: int) -> None:
    assert wished(LAST | {"iv": 0.0}, seen=seen, **DUE, **rules).why == why


@pytest.mark.parametrize(("strike", "why"), [(94.01, 0), (94.0, reason.EXPIRY)])
def test_a_long_put_in_the_money_spares_the_short_one(strike: float, why: int) -> None:
    held = {
        "legs": 2,
        "contract": [key(95, expiry=0), key(strike, expiry=0)],
        "quantity": [-1, 1],
    }
    assert wished(LAST, held=held, roll_at_most=0, avoid_assignment=1).why == why


def test_the_short_leg_that_expires_first_says_how_many_days_are_left() -> None:
    both = {
        "legs": 2,
        "contract": [key(95, expiry=40), 0, key(96, expiry=20, right=CALL)],
        "quantity": [-1, 0, -1],
    }
    quotes = [put(95, 1, 1.1, expiry=40), call(96, 1, 1.1, expiry=20)]
    assert wished(*quotes, held=both, exit_dte=20, roll_at_most=0).why == reason.TIME_EXIT
    assert wished(*quotes, held=both, exit_dte=19, roll_at_most=0).why != reason.TIME_EXIT
