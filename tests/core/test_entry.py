"""What is opened, and why it is not; docs/session.md, The step, 5 to 8."""

from math import nan
from typing import Any

import pytest

from markets import DOLLAR, book, call, holding, key, limits, market, owns, policies, put
from underwriter.core import reason
from underwriter.core.contract import strike_of
from underwriter.core.intent import APPROVED, HOLD, OPEN, Decision
from underwriter.core.policy import (
    CALL_SPREAD,
    CASH_SECURED_PUT,
    COLLAR,
    COVERED_CALL,
    IRON_CONDOR,
    OWN_PERCENTILE,
    PUT_SPREAD,
)
from underwriter.core.record import rows
from underwriter.core.session import step
from underwriter.core.sleeve import LONG_CALL, LONG_PUT, SHORT_CALL, SHORT_PUT

PUT_95, CALL_105 = put(95, 1.3, 1.4), call(105, 1.3, 1.4)
QUOTES = [put(90, 0.3, 0.4, delta=-0.1), PUT_95, CALL_105, call(110, 0.3, 0.4, delta=0.1)]


def decided(
    *quotes: dict,
    held: dict | None = None,
    cash: float = 30_000,
    own: dict | None = None,
    known: dict | None = None,
    now: dict | None = None,
    **rules: Any,  # noqa: ANN401  of a policy
) -> Any:  # noqa: ANN401  a row
    """The decision of one session, or None where nothing is written down."""
    found = rows(Decision, 1)
    today = {name: [value] for name, value in (now or {}).items()}
    quoted = market(quotes, bars={(0, 0): known or {}}, sessions=today)
    state = book(held or {}, cash=cash)
    count = step(state, quoted, 0, policies(rules), owns(**(own or {})), limits(), found)
    return found[0] if count else None


def legs(one: Any) -> list[tuple[int, float, int]]:  # noqa: ANN401  a row
    """Slot, strike and contracts of each leg."""
    return [
        (int(one.slot[k]), float(strike_of(one.contract[k]) / DOLLAR), int(one.change[k]))
        for k in range(one.legs)
    ]


# --- what each strategy opens ---


@pytest.mark.parametrize(
    ("rules", "opened"),
    [
        ({}, [(SHORT_PUT, 95, -3)]),
        ({"strategy": CASH_SECURED_PUT}, [(SHORT_PUT, 95, -3)]),
        ({"strategy": PUT_SPREAD}, [(SHORT_PUT, 95, -60), (LONG_PUT, 90, 60)]),
        ({"strategy": CALL_SPREAD}, [(SHORT_CALL, 105, -60), (LONG_CALL, 110, 60)]),
        (
            {"strategy": IRON_CONDOR},
            [
                *((SHORT_PUT, 95, -30), (LONG_PUT, 90, 30)),
                *((SHORT_CALL, 105, -30), (LONG_CALL, 110, 30)),
            ],
        ),
        ({"strategy": COVERED_CALL}, [(SHORT_CALL, 105, -2)]),
        ({"strategy": COLLAR}, [(LONG_PUT, 90, 2), (SHORT_CALL, 105, -2)]),
    ],
    ids=["wheel", "put", "put spread", "call spread", "condor", "covered call", "collar"],
)
def test_each_strategy_opens_its_legs_for_the_cash_they_secure(rules: dict, opened: list) -> None:
    """30,000: three strikes of 95, sixty widths of 5, two lots of shares at 100.01."""
    one = decided(*QUOTES, width_u=5 * DOLLAR, long_delta=0.1, **rules)
    assert (one.action, one.verdict, legs(one)) == (OPEN, APPROVED, opened)
    assert one.why == (reason.ENTRY_PUT if len(opened) == 1 and opened[0][0] == 0 else reason.ENTRY)
    assert one.shares == (200 if rules.get("strategy") in (COVERED_CALL, COLLAR) else 0)


@pytest.mark.parametrize("strategy", [COVERED_CALL, COLLAR])
def test_a_policy_of_shares_held_buys_none(strategy: int) -> None:
    assert decided(*QUOTES, strategy=strategy, buy_shares=0, delta=[0.0]) is None


@pytest.mark.parametrize("below", [0, 1])
def test_a_covered_call_begins_above_what_its_shares_cost(below: int) -> None:
    """A call at 100 is under the 100.01 that the shares cost."""
    near = call(100, 2.0, 2.1)
    one = decided(near, strategy=COVERED_CALL, below_breakeven=below)
    assert one.verdict == (APPROVED if below else reason.BREAKEVEN)
    assert decided(call(100.01, 2.0, 2.1), strategy=COVERED_CALL).verdict == APPROVED


@pytest.mark.parametrize(("least", "yields"), [(0.158, True), (0.1582, False)])
def test_a_call_on_shares_yields_on_the_close(least: float, *, yields: bool) -> None:
    """1.30 / 100 * 365 / 30 = 15.82%."""
    one = decided(CALL_105, strategy=COVERED_CALL, min_yield=[least])
    assert (one.verdict == APPROVED) == yields


# --- why a flat sleeve opens nothing ---


@pytest.mark.parametrize(
    ("what", "code"),
    [
        pytest.param({"delta": [0.0]}, reason.REGIME, id="no delta"),
        pytest.param({"size_factor": [0.0]}, reason.REGIME, id="no size"),
        pytest.param({"slope_above": 1.0, "now": {"slope": 1.0}}, APPROVED, id="the slope"),
        pytest.param({"slope_above": 1.0, "now": {"slope": 1.01}}, reason.SLOPE, id="above"),
        pytest.param({"slope_above": 1.0}, reason.SLOPE, id="the slope is not known"),
        pytest.param(
            {"below_realised": 0.5, "known": {"iv30": 0.2, "realised": 0.4}}, APPROVED, id="rich"
        ),
        pytest.param(
            {"below_realised": 0.5, "known": {"iv30": 0.19, "realised": 0.4}},
            reason.REALISED,
            id="cheap",
        ),
        pytest.param(
            {"below_realised": 0.5, "known": {"iv30": 0.2}}, reason.REALISED, id="realised unknown"
        ),
        pytest.param(
            {"below_realised": 0.5, "known": {"realised": 0.2}}, reason.REALISED, id="iv unknown"
        ),
        pytest.param({"known": {"admitted": 0}}, reason.SCREEN, id="not admitted"),
        pytest.param(
            {"admit_iv_max": [0.5], "known": {"iv30": 0.5}}, APPROVED, id="not too volatile"
        ),
        pytest.param(
            {"admit_iv_max": [0.5], "known": {"iv30": 0.51}}, reason.VOLATILITY, id="too volatile"
        ),
        pytest.param({"admit_iv_max": [0.5]}, reason.VOLATILITY, id="volatility unknown"),
        pytest.param({"own": {"put_most_u": 95 * DOLLAR}}, APPROVED, id="at the own price"),
        pytest.param({"own": {"put_most_u": 94_999_999}}, reason.OWN, id="above the own price"),
        pytest.param({"min_credit_u": 2_000_000}, reason.NO_CANDIDATE, id="nothing pays"),
        pytest.param(
            {"delta": [0.0], "slope_above": 1.0, "known": {"admitted": 0}},
            reason.REGIME,
            id="the regime is told first",
        ),
        pytest.param(
            {"slope_above": 1.0, "known": {"admitted": 0}}, reason.SLOPE, id="then the slope"
        ),
    ],
)
def test_why_a_put_is_not_sold(what: dict, code: int) -> None:
    one = decided(PUT_95, **what)
    assert one.verdict == code
    assert (one.action, one.legs) == ((HOLD, 0) if code else (OPEN, 1))


def test_a_condor_out_of_bounds_has_no_candidate() -> None:
    rules = {"strategy": IRON_CONDOR, "width_u": 5 * DOLLAR}
    own = {"put_most_u": 94 * DOLLAR}
    assert decided(*QUOTES, own=own, **rules).verdict == reason.NO_CANDIDATE


# --- calls on shares held ---

SHARES = {"shares": 250, "credit_u": -26_000 * DOLLAR}  # 104 a share
UNDER = {"shares": 250, "credit_u": -26_250 * DOLLAR - 1}  # 105, and a millionth of 250


@pytest.mark.parametrize(
    ("what", "code"),
    [
        pytest.param({}, APPROVED, id="above the breakeven"),
        pytest.param({"held": UNDER}, reason.BREAKEVEN, id="under"),
        pytest.param(
            {"held": SHARES | {"credit_u": -27_000 * DOLLAR}, "below_breakeven": 1},
            APPROVED,
            id="under, and allowed",
        ),
        pytest.param({"own": {"call_least_u": 105 * DOLLAR}}, APPROVED, id="at the own price"),
        pytest.param({"own": {"call_least_u": 105_000_001}}, reason.OWN, id="under the own price"),
        pytest.param({"delta": [0.0]}, reason.REGIME, id="the regime"),
        pytest.param({"size_factor": [0.0]}, APPROVED, id="size is of new positions"),
        pytest.param({"slope_above": 1.0}, reason.SLOPE, id="stands aside"),
        pytest.param({"known": {"admitted": 0}}, APPROVED, id="the screen is of new positions"),
        pytest.param({"min_credit_u": 2_000_000}, reason.NO_CANDIDATE, id="nothing pays"),
    ],
)
def test_calls_are_sold_on_whole_lots_of_shares(what: dict, code: int) -> None:
    one = decided(CALL_105, **({"held": SHARES} | what))
    assert one.verdict == code
    assert legs(one) == ([] if code else [(SHORT_CALL, 105, -2)])


def test_a_collar_on_shares_buys_as_many_puts() -> None:
    one = decided(PUT_95, CALL_105, held=SHARES, strategy=COLLAR, long_delta=0.2)
    assert legs(one) == [(LONG_PUT, 95, 2), (SHORT_CALL, 105, -2)]
    assert (one.why, one.quantity, one.shares) == (reason.ENTRY_CALL, 2, 0)


def test_a_collar_that_costs_nothing_still_waits_while_cash_is_under_reserved() -> None:
    """Another sleeve secures 9,500; both put and call are at 1.35, so nothing is spent."""
    quoted = market([put(95, 1.35, 1.35), call(105, 1.35, 1.35)])
    both = policies({"strategy": COLLAR, "long_delta": 0.25}, {})
    for cash, verdict in ((9_500, APPROVED), (9_499, reason.CASH)):
        state = book(SHARES, holding(SHORT_PUT, key(95), -1) | {"policy": 1}, cash=cash)
        found = rows(Decision, 2)
        assert step(state, quoted, 0, both, owns(2), limits(), found) == 1
        assert found[0].verdict == verdict


@pytest.mark.parametrize(("shares", "written"), [(99, False), (100, True)])
def test_less_than_a_lot_carries_no_call(shares: int, *, written: bool) -> None:
    assert (decided(CALL_105, held={"shares": shares}) is not None) == written


def test_t73_a_ladder_cools_after_a_loss_and_calls_on_shares_do_not() -> None:
    cooled = {"cooldown": 3}
    assert decided(PUT_95, held={"lost": -3}, **cooled).verdict == reason.COOLDOWN
    assert decided(PUT_95, held={"lost": -4}, **cooled).verdict == APPROVED
    assert decided(PUT_95, held={"lost": 0}).verdict == APPROVED
    assert decided(CALL_105, held={"shares": 100, "lost": 0}, **cooled).verdict == APPROVED


def test_a_long_put_beside_shares_is_kept() -> None:
    held = {"shares": 100} | holding(LONG_PUT, key(95), 1)
    assert decided(PUT_95, CALL_105, held=held, strategy=COLLAR) is None


# --- the regime of an underlying's own ---

TWO = {"bands": 1, "edge": [40.0], "delta": [0.25, 0.0], "size_factor": [1.0, 1.0]}


@pytest.mark.parametrize(
    ("percentile", "code"), [(0.39, APPROVED), (0.40, reason.REGIME), (nan, reason.REGIME)]
)
def test_a_policy_may_go_by_the_underlyings_own_percentile(percentile: float, code: int) -> None:
    """The session's measure of 15 is in the first column whatever happens."""
    known = {"iv_percentile": percentile}
    assert decided(PUT_95, known=known, **TWO, measure=OWN_PERCENTILE).verdict == code
    assert decided(PUT_95, known=known, **TWO).verdict == APPROVED
