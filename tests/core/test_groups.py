"""Caps of groups, of shares decided beforehand, and of margin; docs/session.md, Verdicts."""

from typing import Any

import pytest

from markets import (
    DOLLAR,
    account,
    book,
    holding,
    key,
    limits,
    made,
    market,
    owns,
    policies,
    policy,
    put,
)
from underwriter.core import reason
from underwriter.core.chain import Bar
from underwriter.core.contract import CALL
from underwriter.core.intent import APPROVED, Decision
from underwriter.core.marking import mark
from underwriter.core.policy import PUT_SPREAD, REG_T
from underwriter.core.record import rows
from underwriter.core.risk import Used, Verdict, check
from underwriter.core.session import step
from underwriter.core.sizing import NO_BOUND, Unit
from underwriter.core.sleeve import SHORT_PUT, BookState

EACH = 9_500 * DOLLAR
PUT_UNIT = Unit(0, EACH, EACH, EACH, EACH, EACH, 100, naked=False)


def checked(
    used: Used = Used(0, 0, 0, 0),  # noqa: B008  it is immutable
    *,
    own: dict | None = None,
    sector: int = 1,
    cluster: int = 1,
    unit: Unit = PUT_UNIT,
    collateral: int = 0,
    **rules: Any,  # noqa: ANN401  of a policy
) -> Verdict:
    """The verdict on an account of 100,000."""
    money = account(equity=100_000, cash=100_000, peak=100_000)
    bar, bound = made(Bar, cluster=cluster), limits(collateral=collateral)[0]
    obeyed, shares = policy(**rules), owns(**(own or {}))[0, 0]
    return check(money, used, unit, shares, obeyed, 0, bound, sector, bar)


@pytest.mark.parametrize(
    ("what", "quantity"),
    [
        pytest.param({"per_sector": 0.3}, 3, id="sector: 30,000 / 9,500"),
        pytest.param({"per_sector": 0.3, "sector": 0}, 10, id="no sector"),
        pytest.param({"per_cluster": 0.3}, 3, id="cluster"),
        pytest.param({"per_cluster": 0.3, "cluster": 0}, 10, id="no cluster"),
        pytest.param({"per_sector": 1.0, "used": Used(0, 11 * EACH, 0, 0)}, 10, id="all: no cap"),
        pytest.param({"per_cluster": 1.0, "used": Used(0, 0, 11 * EACH, 0)}, 10, id="of all too"),
        pytest.param({"used": Used(0, EACH, 0, 0), "per_sector": 0.3}, 2, id="sector in use"),
        pytest.param({"used": Used(0, 0, EACH, 0), "per_cluster": 0.3}, 2, id="cluster in use"),
        pytest.param({"used": Used(0, EACH, EACH, 0), "per_underlying": 0.3}, 3, id="not its own"),
        pytest.param({"buying_power": [0.3]}, 3, id="buying power"),
        pytest.param({"own": {"shares_most": 250}}, 2, id="shares: 250 / 100"),
        pytest.param({"own": {"shares_most": 250}, "used": Used(0, 0, 0, 51)}, 1, id="some taken"),
        pytest.param(
            {"own": {"shares_most": 250}, "unit": PUT_UNIT._replace(shares=0)}, 10, id="takes none"
        ),
    ],
)
def test_each_cap_admits_what_fits(what: dict, quantity: int) -> None:
    found = checked(**what)
    assert (found.quantity, found.code, found.needs_u) == (quantity, APPROVED, 0)


@pytest.mark.parametrize(
    ("what", "code", "needs"),
    [
        ({"per_sector": 0.05}, reason.SECTOR, 190_000),
        ({"per_cluster": 0.05}, reason.CLUSTER, 190_000),
        ({"buying_power": [0.05]}, reason.BUYING_POWER, 190_000),
        ({"per_sector": 0.05, "per_cluster": 0.025}, reason.SECTOR, 380_000),
        ({"used": Used(0, EACH, 0, 0), "per_sector": 0.1}, reason.SECTOR, 190_000),
        ({"used": Used(0, 0, EACH, 0), "per_cluster": 0.1}, reason.CLUSTER, 190_000),
        ({"own": {"shares_most": 99}}, reason.OWN, 0),
        ({"own": {"shares_most": 99}, "per_sector": 0.05}, reason.OWN, 0),
    ],
)
def test_a_refusal_names_the_first_cap_and_the_equity_that_would_do(
    what: dict, code: int, needs: float
) -> None:
    found = checked(**what)
    assert (found.quantity, found.code) == (0, code)
    assert found.needs_u / DOLLAR == pytest.approx(needs, abs=0.02)


def test_a_position_without_puts_asks_for_no_notional() -> None:
    """0.05 of equity is enough of 9,500 at 190,000, which its loss of 100 is not."""
    calls = PUT_UNIT._replace(puts_u=0, loss_u=100 * DOLLAR)
    found = checked(unit=calls, per_underlying=0.05)
    assert found.needs_u / DOLLAR == pytest.approx(190_000, abs=0.02)


@pytest.mark.parametrize(("collateral", "code"), [(0, reason.NAKED), (REG_T, APPROVED)])
def test_a_naked_unit_needs_reg_t(collateral: int, code: int) -> None:
    assert checked(unit=PUT_UNIT._replace(naked=True), collateral=collateral).code == code


# --- groups of a whole book ---


def told(state: BookState, quoted: Any, *rules: dict, **own: Any) -> list[tuple[int, int, int]]:  # noqa: ANN401  a market, of Own
    """Sleeve, verdict and quantity of each decision."""
    found = rows(Decision, state.sleeves.shape[0])
    bound = owns(len(rules), state.exposure_u.shape[1], **own)
    count = step(state, quoted, 0, policies(*rules), bound, limits(), found)
    return [(int(one.sleeve), int(one.verdict), int(one.quantity)) for one in found[:count]]


@pytest.mark.parametrize(
    ("sectors", "clusters", "rules", "second"),
    [
        ((1, 1), (0, 0), {"per_sector": 0.1}, (reason.SECTOR, 0)),
        ((1, 2), (0, 0), {"per_sector": 0.1}, (APPROVED, 1)),
        ((0, 0), (0, 0), {"per_sector": 0.1}, (APPROVED, 1)),
        ((0, 0), (3, 3), {"per_cluster": 0.1}, (reason.CLUSTER, 0)),
        ((0, 0), (3, 4), {"per_cluster": 0.1}, (APPROVED, 1)),
    ],
)
def test_underlyings_of_one_group_share_its_cap(
    sectors: tuple, clusters: tuple, rules: dict, second: tuple
) -> None:
    """One put of 95 in each: 10,000 of 100,000 admit one in all, or one an underlying."""
    quotes = [put(95, 1.3, 1.4), put(95, 1.3, 1.4, underlying=1)]
    bars = {(0, at): {"cluster": one} for at, one in enumerate(clusters)}
    terms = [{"sector": one} for one in sectors]
    quoted = market(quotes, closes=[[100.0, 100.0]], bars=bars, terms=terms)
    found = told(book({}, {"underlying": 1}), quoted, rules | {"per_underlying": 0.1})
    assert found == [(0, APPROVED, 1), (1, *second)]


@pytest.mark.parametrize(
    ("held", "room"),
    [
        pytest.param({"shares": 150}, 3, id="500 - 150"),
        pytest.param(holding(SHORT_PUT, key(80), -2), 3, id="two puts may bring 200"),
        pytest.param(
            holding(SHORT_PUT, key(80), -2) | {"policy": 1}, 3, id="whichever policy sold them"
        ),
    ],
)
def test_shares_decided_beforehand_are_counted_over_an_accounts_sleeves(
    held: dict, room: int
) -> None:
    count = held.get("policy", 0) + 1
    found = told(book(held, {}), market([put(95, 1.3, 1.4)]), *[{}] * count, shares_most=500)
    assert (1, APPROVED, room) in found


# --- rolls of spreads, and closes ---

WINGED = {
    "legs": 2,
    "contract": [key(95), key(90)],
    "quantity": [-1, 1],
    "amount_u": [100 * DOLLAR, -50 * DOLLAR],
}
FALL = {"stresses": 1, "stress_spot": [-0.9], "stress_vol": [1.0]}


@pytest.mark.parametrize(
    ("ask", "risk", "verdict"),
    [
        pytest.param(1.1, 0.0, APPROVED, id="5 less 1.50, as before"),
        pytest.param(1.2, 0.0, reason.RISK, id="5 less 1.40 is worse"),
        pytest.param(1.2, 360.5, APPROVED, id="but allowed"),
    ],
)
def test_a_spread_is_rolled_where_it_loses_no_more_than_before_or_than_a_position_may(
    ask: float, risk: float, verdict: int
) -> None:
    """In a fall of 90% a spread loses its width less its credit at mids."""
    quotes = [
        put(95, 2.0, 2.0),
        put(90, 0.5, 0.5, delta=-0.1),
        put(93, 2.6, 2.6, expiry=45),
        put(88, ask, ask, expiry=45, delta=-0.1),
    ]
    rules = {"strategy": PUT_SPREAD, "roll_through": 1, "roll_at_most": 1, "roll_dte_max": 60}
    rules |= FALL | {"long_delta": 0.1, "risk_per_position": risk / 99_850}
    state, quoted = book(WINGED), market(quotes, closes=[94])
    assert told(state, quoted, rules) == [(0, verdict, 1)]
    assert state.accounts[0].equity_u == 99_850 * DOLLAR


@pytest.mark.parametrize(("credit", "taken"), [(160, True), (159, False)])
def test_what_closing_costs_counts_what_long_legs_bring(credit: int, *, taken: bool) -> None:
    """1.40 less 0.60 is 80 dollars: half of 160."""
    held = WINGED | {"amount_u": [200 * DOLLAR, (credit - 200) * DOLLAR]}
    quoted = market([put(95, 1.3, 1.4), put(90, 0.6, 0.7)])
    found = told(book(held), quoted, {"strategy": PUT_SPREAD, "take_profit": 0.5})
    assert found == ([(0, APPROVED, 1)] if taken else [])


# --- the margin of what is held ---


def margin(*quotes: dict, close: float = 100.0, **held: Any) -> float:  # noqa: ANN401  of a sleeve
    """Dollars of margin under Reg T that an account ties up."""
    state = book(held)
    mark(state, market(quotes, closes=[close]), 0, limits(collateral=REG_T))
    return float(state.accounts[0].margin_u / DOLLAR)


def test_a_short_put_ties_up_its_price_and_a_share_of_the_spot() -> None:
    """docs/margin.md, Worked: 95 put at 1.36: 1,636."""
    assert margin(put(95, 1.36, 1.36), **holding(SHORT_PUT, key(95), -1)) == 1_636


@pytest.mark.parametrize(("expiry", "tied"), [(30, 500), (31, 500), (29, 1_636)])
def test_a_long_put_that_expires_before_the_short_one_covers_nothing(
    expiry: int, tied: float
) -> None:
    quotes = [put(95, 1.36, 1.36), put(90, 0.5, 0.5, expiry=expiry)]
    held = {"legs": 2, "contract": [key(95), key(90, expiry=expiry)], "quantity": [-1, 1]}
    assert margin(*quotes, **held) == tied


@pytest.mark.parametrize(("expiry", "tied"), [(30, 500), (29, 1_667)])
def test_nor_does_a_long_call(expiry: int, tied: float) -> None:
    """docs/margin.md, Worked: 105 call at 1.67: 1,667."""
    contracts = [0, 0, key(105, right=CALL), key(110, expiry=expiry, right=CALL)]
    quotes = [put(105, 1.67, 1.67, right=CALL), put(110, 0.5, 0.5, right=CALL, expiry=expiry)]
    assert margin(*quotes, legs=2, contract=contracts, quantity=[0, 0, -1, 1]) == tied


def test_what_does_not_bind_has_room_for_more_than_any_cap() -> None:
    free = Unit(0, 0, 0, 0, 0, 0, 0, naked=False)
    assert checked(unit=free).quantity == NO_BOUND
