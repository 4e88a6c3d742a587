"""Two rights of one expiry, and wings; docs/session.md, Selection."""

from math import nan
from typing import Any

import pytest

from markets import DOLLAR, call, chain, policy, put, view
from underwriter.core.chain import NO_ROW
from underwriter.core.pairing import Pair, select_pair
from underwriter.core.policy import COLLAR, IRON_CONDOR, PUT_SPREAD, STRANGLE
from underwriter.core.select import ANY_U, Bounds, find_wing, select

ANY = Bounds(0, ANY_U)


def found(*quotes: dict, calls: Bounds = ANY, puts: Bounds = ANY, **rules: Any) -> list[float]:  # noqa: ANN401  of a policy
    """Strikes of the short put, its wing, the short call and its wing; nothing where no pair is."""
    rows = chain(quotes)
    count = sum(one["right"] == 0 for one in quotes)
    seen = view(calls=count, end=len(quotes))
    pair: Pair = select_pair(rows, puts, calls, seen, policy(**rules))
    at = (pair.put.row, pair.put.wing, pair.call.row, pair.call.wing)
    return [float(rows[row].strike_u / DOLLAR) for row in at if row != NO_ROW]


def side(expiry: int, delta: float, strike: float = 95.0, **other: Any) -> dict:  # noqa: ANN401  of a quote
    """A put, or above 100 a call, of an expiry and a size of delta."""
    kind = put if strike < 100 else call
    return kind(strike, 1.0, 1.1, expiry=expiry, delta=delta, **other)


# --- strangles ---

STRANGLES = {"strategy": STRANGLE, "delta": [0.25]}


def test_a_pair_is_of_one_expiry_and_of_the_smallest_sum_of_misses() -> None:
    """0.05 and 0.04 at 30 days, 0.02 and 0.06 at 37: the nearest put alone would be the second."""
    near = [side(30, -0.30), side(30, 0.29, 105)]
    far = [side(37, -0.27, 94), side(37, 0.31, 106)]
    assert found(*near, *far, **STRANGLES) == [94, 106]
    assert found(*near, side(37, -0.27, 94), side(37, 0.33, 106), **STRANGLES) == [95, 105]


def test_the_first_expiry_wins_a_tie() -> None:
    quotes = [side(30, -0.25), side(30, 0.25, 105), side(37, -0.25, 94), side(37, 0.25, 106)]
    assert found(*quotes, **STRANGLES) == [95, 105]


def test_the_first_row_wins_a_tie_and_the_nearest_delta_before_it() -> None:
    puts = [side(30, -0.20, 93), side(30, -0.24, 94), side(30, -0.24, 95)]
    assert found(*puts, side(30, 0.25, 105), **STRANGLES) == [94, 105]


@pytest.mark.parametrize(
    "quotes",
    [
        pytest.param([side(30, -0.25)], id="no call"),
        pytest.param([side(30, 0.25, 105)], id="no put"),
        pytest.param([side(30, -0.25), side(37, 0.25, 105)], id="of two expiries"),
        pytest.param([side(61, -0.25), side(61, 0.25, 105)], id="too late"),
        pytest.param([side(30, -0.38), side(30, 0.25, 105)], id="out of reach"),
        pytest.param([side(30, nan), side(30, 0.25, 105)], id="no delta"),
        pytest.param([side(30, -0.25, iv=0.0), side(30, 0.25, 105)], id="no volatility"),
        pytest.param([put(105, 6, 6.1), call(105, 1, 1.1)], id="the put not under the call"),
    ],
)
def test_there_must_be_both_the_put_under_the_call(quotes: list[dict]) -> None:
    assert found(*quotes, **STRANGLES) == []


def test_a_later_expiry_serves_where_the_nearer_does_not_pay() -> None:
    """2.00 for both, asked 2.50: only the second brings it, though its deltas are further off."""
    near = [side(30, -0.25), side(30, 0.25, 105)]
    far = [put(94, 1.5, 1.6, expiry=37, delta=-0.3), call(106, 1.0, 1.1, expiry=37, delta=0.3)]
    assert found(*near, *far, **STRANGLES, min_credit_u=2_500_000) == [94, 106]
    assert found(*near, *far, **STRANGLES, min_credit_u=2_000_000) == [95, 105]


@pytest.mark.parametrize(("least", "pays"), [(0.256, True), (0.257, False)])
def test_a_strangle_yields_on_the_strike_of_its_put(least: float, *, pays: bool) -> None:
    """2.00 / 95 * 365 / 30 = 25.61%."""
    quotes = [side(30, -0.25), side(30, 0.25, 105)]
    assert bool(found(*quotes, **STRANGLES, min_yield=[least])) == pays


def test_strikes_out_of_bounds_are_passed_over_on_either_side() -> None:
    puts = [side(30, -0.20, 93), side(30, -0.25, 95)]
    calls = [side(30, 0.25, 105), side(30, 0.20, 107)]
    assert found(*puts, *calls, **STRANGLES) == [95, 105]
    assert found(*puts, *calls, puts=Bounds(0, 94 * DOLLAR), **STRANGLES) == [93, 105]
    assert found(*puts, *calls, calls=Bounds(106 * DOLLAR, ANY_U), **STRANGLES) == [95, 107]


# --- condors ---

CONDORS = {"strategy": IRON_CONDOR, "delta": [0.25], "width_u": 5 * DOLLAR}
WINGS = [put(90, 0.3, 0.4, delta=-0.1), call(110, 0.2, 0.3, delta=0.1)]
BODY = [put(95, 1.0, 1.1), call(105, 1.0, 1.1)]


def test_a_condor_sells_two_spreads_of_one_expiry() -> None:
    assert found(*BODY, *WINGS, **CONDORS) == [95, 90, 105, 110]


@pytest.mark.parametrize("missing", [0, 1])
def test_a_condor_without_a_wing_is_none(missing: int) -> None:
    assert found(*BODY, WINGS[1 - missing], **CONDORS) == []


@pytest.mark.parametrize(
    ("rules", "pays"),
    [
        ({"min_credit_u": 1_300_000}, True),
        ({"min_credit_u": 1_300_001}, False),
        ({"min_reward": 0.26}, True),
        ({"min_reward": 0.2601}, False),
        ({"min_yield": [3.16]}, True),
        ({"min_yield": [3.17]}, False),
    ],
)
def test_a_condor_pays_for_the_wider_of_its_widths(rules: dict, *, pays: bool) -> None:
    """1.00 + 1.00 - 0.40 - 0.30 = 1.30 on 5: 26%, 316.3% a year; the calls are 3 wide."""
    quotes = [*BODY, WINGS[0], call(108, 0.2, 0.3, delta=0.1)]
    assert bool(found(*quotes, **CONDORS, **rules)) == pays


# --- collars ---

COLLARS = {"strategy": COLLAR, "delta": [0.25], "long_delta": 0.20}


def test_a_collar_buys_the_put_nearest_its_own_delta_whatever_its_strike() -> None:
    puts = [side(30, -0.125, 93), side(30, -0.25, 94), side(30, -0.375, 95)]
    bound = {"puts": Bounds(0, 90 * DOLLAR)}
    short = side(30, 0.25, 105)
    assert found(*puts, short, **bound, **(COLLARS | {"long_delta": 0.26})) == [94, 105]
    assert found(*puts, short, **bound, **(COLLARS | {"long_delta": 0.1875})) == [93, 105]


@pytest.mark.parametrize("spoiled", [{"iv": 0.0}, {"bid": 1.2}, {"ask": 0.0}, {"delta": nan}])
def test_a_collars_put_is_offered_and_has_a_volatility(spoiled: dict) -> None:
    quotes = [side(30, -0.20, 93) | spoiled, side(30, -0.30, 95), side(30, 0.25, 105)]
    assert found(*quotes, **COLLARS) == [95, 105]


@pytest.mark.parametrize(("credit", "pays"), [(1_000_000, True), (1_000_001, False)])
def test_a_collar_is_paid_by_its_call_alone(credit: int, *, pays: bool) -> None:
    """The put costs 1.10, more than the call brings."""
    quotes = [side(30, -0.20), side(30, 0.25, 105)]
    assert bool(found(*quotes, **COLLARS, min_credit_u=credit)) == pays


# --- wings ---


def wing(*quotes: dict, short: float, **rules: Any) -> float | None:  # noqa: ANN401  of a policy
    """The strike of a short row's wing."""
    rows = chain(quotes)
    (row,) = (at for at in range(len(quotes)) if rows[at].strike_u == short * DOLLAR)
    at = find_wing(rows, 0, len(quotes), row, policy(**rules))
    return None if at == NO_ROW else float(rows[at].strike_u / DOLLAR)


LOW = [put(strike, 1.0, 1.1, delta=-strike / 400) for strike in (80, 85, 90, 95)]
HIGH = [call(strike, 1.0, 1.1, delta=(140 - strike) / 140) for strike in (105, 110, 115, 120)]


@pytest.mark.parametrize(
    ("width", "strikes"), [(4.0, (None, None)), (5.0, (90, 110)), (14.0, (85, 115))]
)
def test_by_width_a_wing_is_the_furthest_not_further(width: float, strikes: tuple) -> None:
    rules = {"width_u": round(width * DOLLAR)}
    assert (wing(*LOW, short=95, **rules), wing(*HIGH, short=105, **rules)) == strikes


def test_by_delta_a_wing_is_the_nearest_and_the_first_on_ties() -> None:
    """Deltas 0.20, 0.2125, 0.225 of puts; the row before the short one on the way out counts."""
    assert wing(*LOW, short=95, long_delta=0.21) == 85
    assert wing(*HIGH, short=105, long_delta=0.14) == 120
    tied = [put(85, 1, 1.1, delta=-0.1), put(90, 1, 1.1, delta=-0.1), put(95, 1, 1.1)]
    assert wing(*tied, short=95, long_delta=0.1) == 85
    tied = [call(105, 1, 1.1), call(110, 1, 1.1, delta=0.1), call(115, 1, 1.1, delta=0.1)]
    assert wing(*tied, short=105, long_delta=0.1) == 110


@pytest.mark.parametrize(
    "other",
    [{"expiry": 23}, {"iv": 0.0}, {"iv": nan}, {"ask": 0.9}, {"bid": 0.0, "ask": 0.0}],
    ids=["another expiry", "no volatility", "unknown", "crossed", "no offer"],
)
def test_a_wing_is_of_the_same_expiry_offered_and_has_a_volatility(other: dict) -> None:
    quotes = [put(90, 1.0, 1.1) | other, put(95, 1.0, 1.1)]
    assert wing(*quotes, short=95, width_u=5 * DOLLAR) is None


# --- spreads of one right ---

SPREADS = {"strategy": PUT_SPREAD, "width_u": 5 * DOLLAR}


def spread(*quotes: dict, **rules: Any) -> list[float]:  # noqa: ANN401  of a policy
    """Strikes of a put spread, or nothing."""
    rows = chain(quotes)
    choice = select(rows, 0, len(quotes), ANY, 0, view(calls=len(quotes)), policy(**rules))
    return [rows[at].strike_u / DOLLAR for at in (choice.row, choice.wing) if at != NO_ROW]


def test_a_spread_needs_its_wing_and_takes_the_next_best_row_that_has_one() -> None:
    quotes = [put(85, 0.2, 0.3), put(90, 1.0, 1.1, delta=-0.22), put(96, 1.2, 1.3)]
    assert spread(*quotes, **SPREADS) == [90, 85]
    assert spread(*quotes[1:], **SPREADS) == []


@pytest.mark.parametrize(
    ("rules", "sold"),
    [
        ({"min_reward": 0.12}, True),
        ({"min_reward": 0.1201}, False),
        ({"min_credit_u": 600_000}, True),
        ({"min_credit_u": 600_001}, False),
        ({"min_yield": [1.46]}, True),
        ({"min_yield": [1.461]}, False),
    ],
)
def test_a_spread_pays_for_its_width(rules: dict, *, sold: bool) -> None:
    """1.00 - 0.40 = 0.60 on 5: 12%, and 146% a year for 30 days."""
    quotes = [put(90, 0.3, 0.4, delta=-0.1), put(95, 1.0, 1.1)]
    assert bool(spread(*quotes, **SPREADS, **rules)) == sold


def test_a_spread_that_brings_nothing_is_not_sold() -> None:
    assert spread(put(90, 0.9, 1.0, delta=-0.1), put(95, 1.0, 1.1), **SPREADS) == []
