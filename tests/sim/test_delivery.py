"""What cash does not carry is let go the same evening; docs/session.md, Order of a session."""

from typing import Any

import pytest

from markets import book, fills, holding, key, limits, made, market, policies, put
from runs import a_log, schedule, written
from underwriter.core import reason
from underwriter.core.contract import CALL
from underwriter.core.intent import Decision
from underwriter.core.policy import CASH_SECURED, COVERED_CALL, PUT_SPREAD, REG_T, WHEEL
from underwriter.core.sleeve import LONG_CALL, LONG_PUT, SHORT_CALL, SHORT_PUT
from underwriter.sim.delivery import meet_deliveries
from underwriter.sim.world import pay_dividends, settle_evening

IN_CASH = {"physical": 0}
CALL_95, CALL_110 = key(95, right=CALL), key(110, right=CALL)


def met(
    *held: dict,
    cash: float = 0.0,
    close: float = 100.0,
    strategy: int = PUT_SPREAD,
    terms: dict | None = None,
    accounts: int = 1,
    reserve: float = 0.0,
    collateral: int = CASH_SECURED,
    **costs: float,
) -> list[str]:
    """What is done on an evening; every line a decision or its fact."""
    state, log = book(*held, cash=cash, accounts=accounts), a_log()
    count = max(one.get("policy", 0) for one in held) + 1
    rules = policies(*[{"strategy": strategy}] * count)
    bound = limits(collateral=collateral, fee_reserve_u=round(reserve * 1e6)).repeat(accounts)
    quoted = market(closes=[close], terms=[terms or {}])
    spare, fees = made(Decision), schedule(1, **costs)
    meet_deliveries(state, spare, quoted, 0, rules, bound, fees, log)
    lines = log.lines[: int(log.written[0])]
    assert all(line.why == reason.DELIVERY for line in lines if line.what)
    return written(log)


# --- shares that are not kept ---


def test_shares_that_cash_carries_wait_for_the_session_after() -> None:
    """Nothing is secured, so any cash carries them."""
    assert met({"shares": 100}, cash=0) == []


def test_shares_that_cash_does_not_carry_are_sold_a_cent_under_the_close() -> None:
    assert met({"shares": 150}, cash=-0.01, stock_sell_rate=27.8e-6) == [
        "0 #0 shares -150 shares: approved",
        "0 #0 fill -150 shares +14998.50 fee 0.42 @ 99.99",
    ]


@pytest.mark.parametrize(("close", "price"), [(0.02, "0.01"), (0.01, "0.01"), (0.005, "0.01")])
def test_shares_bring_a_cent_at_the_least(close: float, price: str) -> None:
    assert met({"shares": 100}, cash=-1, close=close)[1] == f"0 #0 fill -100 shares +1.00 @ {price}"


def test_long_puts_in_the_money_take_whole_lots_first_and_the_market_the_rest() -> None:
    """Two puts of 105 for 250 shares; cash is still under zero then."""
    held = {"shares": 250} | holding(LONG_PUT, key(105), 3)
    assert met(held, cash=-21_500, assign_u=0.5) == [
        "0 #0 exercise -2 P105 -200 shares: approved",
        "0 #0 assigned -2 P105 -200 shares +21000.00 fee 1.00 @ 100",
        "0 #0 shares -50 shares: approved",
        "0 #0 fill -50 shares +4999.50 @ 99.99",
    ]


def test_shares_stay_where_the_exercise_was_enough() -> None:
    held = {"shares": 250} | holding(LONG_PUT, key(105), 3)
    assert len(met(held, cash=-20_000)) == 2


@pytest.mark.parametrize("strike", [100, 99])
def test_a_put_at_the_money_or_out_of_it_takes_no_shares(strike: float) -> None:
    found = met({"shares": 100} | holding(LONG_PUT, key(strike), 1), cash=-1)
    assert found[0] == "0 #0 shares -100 shares: approved"


# --- shares sold short ---


@pytest.mark.parametrize("strategy", [PUT_SPREAD, COVERED_CALL])
def test_shares_sold_short_are_bought_a_cent_above_by_whatever_policy(strategy: int) -> None:
    """They secure 150 * 200 = 30,000; no cash account stays short of them overnight."""
    bought = [
        "0 #0 shares +150 shares: approved",
        "0 #0 fill +150 shares -15001.50 @ 100.01",
    ]
    assert met({"shares": -150}, cash=30_000, strategy=strategy, collateral=REG_T) == []
    assert met({"shares": -150}, cash=29_999, strategy=strategy, collateral=REG_T) == bought
    assert met({"shares": -150}, cash=90_000, strategy=strategy) == bought


def test_of_shares_sold_short_a_cash_account_keeps_those_that_long_calls_bound() -> None:
    """Two calls, of which one stands beside a short one: 100 of 250 shares may wait."""
    held = {"shares": -250} | holding(LONG_CALL, CALL_110, 2)
    held["contract"][SHORT_CALL], held["quantity"][SHORT_CALL] = key(105, right=CALL), -1
    assert met(held, cash=90_000)[0] == "0 #0 shares +150 shares: approved"


@pytest.mark.parametrize(("close", "called"), [(110.0, True), (109.99, False)])
def test_long_calls_bring_shares_that_are_owed(close: float, *, called: bool) -> None:
    """A lot of them is held by the call and secures 11,000."""
    held = {"shares": -100} | holding(LONG_CALL, CALL_110, 2)
    found = met(held, cash=10_999, close=close)
    assert (found[0] == "0 #0 exercise -1 C110 +100 shares: approved") == called
    assert (found[0] == "0 #0 shares +100 shares: approved") != called


# --- options that settle in cash ---


def two(short: int, long: int) -> dict:
    """Short calls of 95 and long ones of 90, where the close is 100."""
    return {
        "legs": 2,
        "contract": [0, 0, CALL_95, key(90, right=CALL)],
        "quantity": [0, 0, -short, long],
    }


def test_what_a_long_leg_is_more_than_its_short_one_is_exercised_early() -> None:
    """One of two short ones was settled early; what is left secures nothing, and cash is short."""
    assert met(two(1, 2), cash=-400, terms=IN_CASH) == [
        "0 #0 exercise -1 C90: approved",
        "0 #0 settled -1 C90 +1000.00 @ 100",
    ]
    assert met(two(1, 2), cash=0, terms=IN_CASH) == []
    assert met(two(2, 2), cash=-400, terms=IN_CASH) == []


def test_european_options_and_those_out_of_the_money_wait() -> None:
    assert met(two(1, 2), cash=-400, terms=IN_CASH | {"american": 0}) == []
    assert met(holding(LONG_CALL, CALL_110, 1), cash=-400, terms=IN_CASH) == []


def test_long_puts_are_exercised_before_long_calls_and_no_more_than_needed() -> None:
    both = {
        "legs": 2,
        "contract": [0, key(110), 0, key(90, right=CALL)],
        "quantity": [0, 1, 0, 1],
    }
    assert len(met(both, cash=-1_000, terms=IN_CASH)) == 2
    assert met(both, cash=-1_001, terms=IN_CASH)[::2] == [
        "0 #0 exercise -1 P110: approved",
        "0 #0 exercise -1 C90: approved",
    ]


# --- shares that are kept ---


def test_shares_that_are_kept_go_only_where_cash_is_under_zero() -> None:
    """Another sleeve secures 9,500 that is not there."""
    short = holding(SHORT_PUT, key(95), -1) | {"policy": 1}
    assert met({"shares": 100}, short, cash=0, strategy=WHEEL) == []
    assert met({"shares": 100}, cash=-1, strategy=WHEEL)[0] == "0 #0 shares -100 shares: approved"


def test_t56_sleeves_sell_in_order_until_cash_is_no_longer_under_zero() -> None:
    """The first is under a short call for one of its two lots: 100 shares bring 9,999."""
    covered = {"shares": 200} | holding(SHORT_CALL, CALL_110, -1)
    others = {"shares": 100, "policy": 1}, {"shares": 100, "policy": 2}
    found = met(covered, *others, cash=-9_999, strategy=WHEEL)
    assert found == ["0 #0 shares -100 shares: approved", "0 #0 fill -100 shares +9999.00 @ 99.99"]
    found = met(covered, *others, cash=-10_000, strategy=WHEEL)
    assert [line[:4] for line in found[::2]] == ["0 #0", "0 #1"]


def test_a_sleeve_of_another_account_helps_nobody() -> None:
    """Each account has 500 less than nothing, and only the second has shares."""
    found = met({}, {"shares": 100, "account": 1}, cash=-500, strategy=WHEEL, accounts=2)
    assert [line[:4] for line in found] == ["0 #1", "0 #1"]


@pytest.mark.parametrize(("cash", "sold"), [(9_515, False), (9_514, True)])
def test_what_is_kept_for_fees_is_reserved_too(cash: float, *, sold: bool) -> None:
    """Three contracts at 5 dollars each beside the strike of one put."""
    puts = {"legs": 2, "contract": [key(95), key(90, expiry=9)], "quantity": [-1, 2]}
    found = met(puts, {"shares": 100, "policy": 1}, cash=cash, reserve=5.0)
    assert (found != []) == sold


# --- the share that is assigned early ---


@pytest.mark.parametrize(
    ("held", "share", "assigned"), [(-10, 0.1, 1), (-11, 0.1, 2), (-10, 1.0, 10), (-1, 0.1, 1)]
)
def test_an_early_assignment_takes_its_share_rounded_up(
    held: int, share: float, assigned: int
) -> None:
    quoted = market([put(150, 50.0, 50.2)], closes=[100], sessions={"rate": [0.5]})
    model = fills()
    model.assigned = share
    log, state = a_log(), book(holding(SHORT_PUT, key(150), held), cash=200_000)
    settle_evening(state, quoted, 0, model, schedule(1), log)
    assert written(log)[0].startswith(f"0 #0 assigned {assigned} P150")
    assert state.sleeves[0].quantity[SHORT_PUT] == held + assigned


def test_a_dividend_is_owed_on_shares_sold_short() -> None:
    quoted: Any = market(closes=[100, 100], bars={(1, 0): {"dividend": 0.485}})
    log = a_log()
    pay_dividends(book({"shares": -300}), quoted, 1, log)
    assert written(log) == ["1 #0 dividend -145.50 @ 0.485"]
