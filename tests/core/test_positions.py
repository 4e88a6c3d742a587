"""What is done with spreads, rolls, assigned shares and naked calls; docs/session.md."""

from typing import Any

import pytest

from markets import (
    START,
    account,
    book,
    call,
    chain,
    holding,
    key,
    limits,
    made,
    market,
    owns,
    policies,
    policy,
    put,
    sleeve,
    view,
)  # fmt: skip
from underwriter.core import reason
from underwriter.core.chain import Bar
from underwriter.core.contract import CALL
from underwriter.core.decide import decide
from underwriter.core.intent import (
    APPROVED,
    CLOSE,
    EXERCISE,
    HOLD,
    OPEN,
    PENDING,
    ROLL,
    SHARES,
    Decision,
    clear,
)  # fmt: skip
from underwriter.core.policy import COLLAR, IRON_CONDOR, PUT_SPREAD, REG_T, STRANGLE, WHEEL
from underwriter.core.record import rows
from underwriter.core.risk import Used, check
from underwriter.core.session import approved_shares, step
from underwriter.core.sizing import Unit, unit_of
from underwriter.core.sleeve import LONG_CALL, LONG_PUT, SHORT_CALL, SHORT_PUT, BookState

CRASH = {"stresses": 1, "stress_spot": [-0.20], "stress_vol": [1.0]}


def wished(held: dict, *quotes: dict, seen: dict | None = None, **rules: object) -> tuple:
    """Action, reason, shares and the changes of the legs that a sleeve wishes."""
    found = made(Decision)
    clear(found, 0, 0)
    puts = sum("delta" in one and one["delta"] < 0 for one in quotes)
    today = view(**({"calls": puts, "end": len(quotes)} | (seen or {})))
    decide(found, sleeve(**held), chain(quotes), today, owns()[0, 0], policy(**rules))
    return found.action, found.why, found.shares, found.change[: found.legs].tolist()


def decided(state: BookState, *quotes: dict, close: float = 100.0, **rules: object) -> Any:  # noqa: ANN401  a row
    """The only decision of one session."""
    caps = {"collateral": rules.pop("collateral", 0)}
    found = rows(Decision, 1)
    quoted = market(quotes, closes=[close])
    assert step(state, quoted, 0, policies(rules), owns(), limits(**caps), found) == 1
    return found[0]


# --- shares that came by assignment ---


@pytest.mark.parametrize(
    ("spot", "wish"),
    [(89.99, (EXERCISE, reason.UNWIND, -100, [-1])), (90.0, (SHARES, reason.RELEASE, -150, []))],
)
def test_t52_shares_put_to_a_spread_leave_by_its_long_put_in_the_money(
    spot: float, wish: tuple
) -> None:
    held = {"shares": 150} | holding(LONG_PUT, key(90), 2)
    seen = {"spot_u": round(spot * 1e6)}
    assert wished(held, seen=seen, strategy=PUT_SPREAD) == wish


@pytest.mark.parametrize(
    ("spot", "wish"),
    [(110.0, (EXERCISE, reason.UNWIND, 100, [-1])), (109.99, (SHARES, reason.UNWIND, 100, []))],
)
def test_t52_shares_called_from_a_spread_return_by_its_long_call(spot: float, wish: tuple) -> None:
    held = {"shares": -100} | holding(LONG_CALL, key(110, right=CALL), 1)
    assert wished(held, seen={"spot_u": round(spot * 1e6)}) == wish


def test_t86_a_leftover_long_leg_is_sold_where_it_is_bid_for() -> None:
    held = holding(LONG_PUT, key(90), 2, row=0)
    assert wished(held, put(90, 0.05, 0.1)) == (CLOSE, reason.LEFTOVER, 0, [-2])
    assert wished(held, put(90, 0.0, 0.1)) == (HOLD, reason.NONE, 0, [])


def test_t86_leftovers_of_both_rights_go_in_one_order() -> None:
    held = {
        "legs": 2,
        "contract": [0, key(90), 0, key(110, right=CALL)],
        "quantity": [0, 2, 0, 3],
        "row": [-1, 0, -1, 1],
    }
    quotes = put(90, 0.05, 0.1), call(110, 0.05, 0.1)
    assert wished(held, *quotes) == (CLOSE, reason.LEFTOVER, 0, [-2, -3])
    one = decided(book(held, cash=0), *quotes)
    assert (one.verdict, one.quantity, one.slot[:2].tolist()) == (APPROVED, 3, [1, 3])


def test_t86_a_leftover_is_approved_unasked() -> None:
    one = decided(book(holding(LONG_PUT, key(90), 2), cash=0), put(90, 0.05, 0.1))
    assert (one.action, one.verdict, one.quantity) == (CLOSE, APPROVED, 2)


# --- shares are no legs, legs no shares ---

CONDOR = {
    "legs": 4,
    "contract": [key(95), key(90), key(105, right=CALL), key(110, right=CALL)],
    "quantity": [-1, 1, -1, 1],
}


def test_t23_stray_shares_go_without_a_leg_of_the_condor_beside_them() -> None:
    held = {"shares": 100} | CONDOR
    assert wished(held, strategy=IRON_CONDOR) == (SHARES, reason.RELEASE, -100, [])


def test_t23_a_long_call_is_no_share_to_sell_a_call_on() -> None:
    """With 100 shares one call is sold; a long call in their place is left over, and is sold."""
    quote = call(105, 1.0, 1.1)
    sold = wished({"shares": 100}, quote)
    assert sold == (OPEN, reason.ENTRY_CALL, 0, [-1])
    held = holding(LONG_CALL, key(105, right=CALL), 1, row=0)
    assert wished(held, quote) == (CLOSE, reason.LEFTOVER, 0, [-1])


# --- danger ---


@pytest.mark.parametrize(("dividend_u", "why"), [(90_000, reason.EX_DIVIDEND), (89_999, 0)])
def test_t53_a_call_is_closed_before_a_dividend_of_nine_tenths(dividend_u: int, why: int) -> None:
    """The mid of 5.10 is 0.10 over intrinsic."""
    held = {"shares": 100} | holding(SHORT_CALL, key(95, right=CALL), -1, row=0)
    seen = {"next_ex": START + 1, "next_dividend_u": dividend_u}
    assert wished(held, call(95, 5.0, 5.2), seen=seen, avoid_assignment=1)[1] == why


@pytest.mark.parametrize(
    ("row", "spot_u", "why"),
    [(-1, 100_250_000, reason.PIN), (-1, 100_250_001, 0), (0, 100_500_000, reason.PIN)],
)
def test_t54_near_its_strike_on_the_last_day_a_leg_is_closed(
    row: int, spot_u: int, why: int
) -> None:
    """A quarter dollar, or a quarter of the day's deviation: 0.4 * 100.5 / 19.1 / 4 = 0.526."""
    held = holding(SHORT_PUT, key(100, expiry=0), -1, row=row)
    quote = put(100, 0.1, 0.2, expiry=0, iv=0.4)
    assert wished(held, quote, seen={"spot_u": spot_u}, close_pin=1)[1] == why


@pytest.mark.parametrize(("ask", "why"), [(3.0, reason.STOP), (2.99, 0)])
def test_t28_a_stop_closes_at_a_loss_of_so_many_credits(ask: float, why: int) -> None:
    held = holding(SHORT_PUT, key(95), -1, 100.0, row=0)
    assert wished(held, put(95, 2.0, ask), stop=2.0)[1] == why


# --- rolls ---

TESTED = {"roll_through": 1, "roll_at_most": 1, "roll_dte_max": 60}
OLD, NEXT = put(95, 1.9, 2.0), put(95, 1.0, 1.1, expiry=45)


@pytest.mark.parametrize(
    ("cash", "rules", "action", "verdict"),
    [
        (9_600, {}, ROLL, APPROVED),
        (9_599, {}, ROLL, reason.CASH),
        (9_599, {"avoid_assignment": 1}, CLOSE, APPROVED),
        (20_000, {"risk_per_position": 1e-6} | CRASH, ROLL, reason.RISK),
    ],
    ids=["covered", "no cash", "closed instead", "worse under stress"],
)
def test_a_roll_is_held_to_cash_and_risk(
    cash: float, rules: dict, action: int, verdict: int
) -> None:
    """It costs 100, and 9,500 stay secured; its stress is 18.75 a share, the old one's 17.85."""
    state = book(holding(SHORT_PUT, key(95), -1, 100.0), cash=cash)
    one = decided(state, OLD, NEXT, close=94.0, **(TESTED | rules))
    assert (one.action, one.verdict) == (action, verdict)


# --- collateral ---


@pytest.mark.parametrize(
    ("ask", "cash", "verdict"),
    [
        (1.1, 110, APPROVED),
        (100, 110, APPROVED),
        (100.01, 110, reason.CASH),
        (120, 12_000, APPROVED),
    ],
)
def test_t85_a_naked_call_that_cash_no_longer_secures_is_bought_back(
    ask: float, cash: float, verdict: int
) -> None:
    """Into a debit, too, but not at a stub: with the share at 100 no call is worth more."""
    one = decided(book(holding(SHORT_CALL, key(105, right=CALL), -1), cash=cash), call(105, 1, ask))
    assert (one.action, one.why, one.verdict) == (CLOSE, reason.MARGIN, verdict)


@pytest.mark.parametrize(
    ("strategy", "cash", "why"),
    [
        (PUT_SPREAD, 9_499, reason.MARGIN),
        (IRON_CONDOR, 9_499, reason.MARGIN),
        (PUT_SPREAD, 9_500, reason.TIME_EXIT),
        (WHEEL, 9_499, reason.TIME_EXIT),
    ],
)
def test_t21_a_put_that_lost_its_long_one_is_closed_where_cash_does_not_secure_it(
    strategy: int, cash: float, why: int
) -> None:
    """Alone it secures 9,500, for which the wheel sold it and a spread did not.

    What is not closed for that is closed here for its days, a rule that comes later.
    """
    state = book(holding(SHORT_PUT, key(95), -1), cash=cash)
    one = decided(state, put(95, 1, 1.1), strategy=strategy, exit_dte=60)
    assert (one.action, one.why, one.verdict) == (CLOSE, why, APPROVED)


@pytest.mark.parametrize(("collateral", "verdict"), [(0, reason.NAKED), (REG_T, APPROVED)])
def test_t85_naked_calls_need_a_margin_account(collateral: int, verdict: int) -> None:
    state = book({})
    quotes = [put(95, 1, 1.1), call(105, 1, 1.1)]
    one = decided(state, *quotes, strategy=STRANGLE, collateral=collateral)
    assert one.verdict == verdict
    assert (state.accounts[0].margin_u > 0) == (verdict == APPROVED)


def test_t67_a_put_spread_secures_its_width_and_loses_it_less_the_credit() -> None:
    quoted = market([put(90, 0.4, 0.4), put(95, 1.4, 1.4)])
    order = made(Decision, action=OPEN, legs=2, slot=[SHORT_PUT, LONG_PUT], row=[1, 0])
    order.contract[:2], order.change[:2] = [key(95), key(90)], [-1, 1]
    unit = unit_of(
        quoted,
        order,
        0,
        policy(strategy=PUT_SPREAD, **(CRASH | {"stress_spot": [-0.9]})),
        limits()[0],
    )
    assert (unit.secured_u, unit.loss_u, unit.shares) == (500_000_000, 400_000_000, 0)


@pytest.mark.parametrize(("cash", "verdict"), [(10, APPROVED), (9, reason.CASH)])
def test_a_collar_on_shares_is_held_to_cash(cash: float, verdict: int) -> None:
    quotes = [put(95, 1, 1.1), call(105, 1, 1.1)]
    state = book({"shares": 100, "credit_u": -10_000_000_000}, cash=cash)
    one = decided(state, *quotes, strategy=COLLAR, long_delta=0.25)
    assert (one.action, one.why, one.verdict) == (OPEN, reason.ENTRY_CALL, verdict)


@pytest.mark.parametrize(
    ("fields", "taken"),
    [
        ({"shares": 300}, 300),
        ({"legs": 1, "slot": [SHORT_PUT], "change": [-2]}, 200),
        ({"legs": 2, "slot": [SHORT_PUT, LONG_PUT], "change": [-2, 2]}, 0),
        ({"legs": 1, "slot": [SHORT_CALL], "change": [-2]}, 0),
        ({"shares": 300, "verdict": PENDING}, 0),
    ],
)
def test_t64_an_approved_position_speaks_for_the_shares_it_may_bring(
    fields: dict, taken: int
) -> None:
    order = made(Decision, **({"action": OPEN, "why": reason.ENTRY, "verdict": APPROVED} | fields))
    assert approved_shares(order, 100) == taken


def test_t66_without_buying_power_no_equity_helps_and_the_rest_is_said() -> None:
    unit = Unit(0, 100, 100, 100, 100, 100, 100, naked=False)
    obeyed, bar = policy(buying_power=[0.0]), made(Bar)
    money, own = account(equity=1, cash=1), owns()[0, 0]
    found = check(money, Used(0, 0, 0, 0), unit, own, obeyed, 0, limits()[0], 0, bar)
    assert (found.quantity, found.code) == (0, reason.BUYING_POWER)
