"""What a position secures, and what it would be after an order; docs/session.md, Marking."""

import pytest

from markets import DOLLAR, START, key, made, sleeve
from underwriter.core.chain import Terms
from underwriter.core.collateral import (
    Position,
    Secured,
    bare_shares,
    contracts_of,
    position_after,
    secured,
)
from underwriter.core.contract import CALL, NONE
from underwriter.core.intent import Decision
from underwriter.core.sleeve import LONG_PUT, ROLL_LONG, ROLL_SHORT, SHORT_CALL, SHORT_PUT

AMERICAN = {"american": 1, "physical": 1, "multiplier": 100}
EUROPEAN = {"american": 0, "physical": 0, "multiplier": 100}


def held(
    puts: tuple[int, int] = (0, 0),
    calls: tuple[int, int] = (0, 0),
    shares: int = 0,
    *,
    expiries: tuple[int, int, int, int] = (30, 30, 30, 30),
) -> Position:
    """Contracts short and long at 95 and 90, at 105 and 110."""
    strikes = (95, 90, 105, 110)
    counts = (*puts, *calls)
    keys = [
        key(strikes[at], expiry=expiries[at], right=int(at > 1)) if counts[at] else NONE
        for at in range(4)
    ]
    return Position(*counts, *keys, shares)


def needed(position: Position, terms: dict = AMERICAN, ex: int = 0, dividend: float = 0) -> Secured:
    """What is secured at a close of 100, in dollars."""
    row = made(Terms, **terms)
    next_ex = START + ex if ex else 0
    found = secured(position, 100 * DOLLAR, next_ex, round(dividend * DOLLAR), row)
    return Secured(found.total_u / DOLLAR, found.puts_u / DOLLAR, found.naked)


@pytest.mark.parametrize(
    ("position", "total", "puts"),
    [
        pytest.param(held(), 0, 0, id="nothing"),
        pytest.param(held(shares=150), 0, 0, id="shares held"),
        pytest.param(held((2, 0)), 19_000, 19_000, id="puts: their strikes"),
        pytest.param(held((2, 2)), 1_000, 1_000, id="put spreads: their width"),
        pytest.param(held((3, 2)), 10_500, 10_500, id="one without its pair"),
        pytest.param(held((2, 3)), 1_000, 1_000, id="a long one more"),
        pytest.param(held((1, 1), expiries=(30, 23, 0, 0)), 9_500, 9_500, id="it ends before"),
        pytest.param(held((1, 1), expiries=(30, 37, 0, 0)), 500, 500, id="it ends after"),
        pytest.param(held((0, 2)), 0, 0, id="long puts"),
        pytest.param(held(calls=(1, 0), shares=100), 0, 0, id="a covered call"),
        pytest.param(held(calls=(2, 2)), 1_000, 0, id="call spreads"),
        pytest.param(held(calls=(2, 1), shares=199), 500, 0, id="one covered, one paired"),
        pytest.param(held((1, 1), (1, 1)), 1_000, 500, id="an American condor: both sides"),
        pytest.param(held(shares=-150), 30_000, 0, id="short shares: twice the close"),
        pytest.param(held(calls=(0, 1), shares=-150), 21_000, 0, id="a lot held by a long call"),
        pytest.param(held(calls=(1, 2), shares=-150), 500 + 21_000, 0, id="the pair holds none"),
    ],
)
def test_what_a_position_may_come_to_need(position: Position, total: float, puts: float) -> None:
    assert needed(position) == (total, puts, False)


@pytest.mark.parametrize(("delivered", "total"), [(100, 19_000), (10, 1_900), (1_000, 190_000)])
def test_t64_a_put_secures_its_strike_for_every_share_it_delivers(
    delivered: int, total: float
) -> None:
    assert needed(held((2, 0)), AMERICAN | {"multiplier": delivered}).total_u == total


@pytest.mark.parametrize(
    ("position", "total"),
    [
        pytest.param(held(calls=(1, 0)), 20_000, id="alone"),
        pytest.param(held(calls=(2, 1)), 20_500, id="one more than its pair"),
        pytest.param(held(calls=(2, 0), shares=199), 20_000, id="one more than shares cover"),
        pytest.param(held((1, 0), (1, 0)), 29_500, id="a strangle"),
    ],
)
def test_a_bare_call_is_naked_and_secured_by_twice_the_close(
    position: Position, total: float
) -> None:
    found = needed(position)
    assert (found.total_u, found.naked) == (total, True)


@pytest.mark.parametrize(
    ("terms", "position", "total"),
    [
        pytest.param(EUROPEAN, held((1, 1), (1, 1)), 500, id="one side alone can lose"),
        pytest.param(EUROPEAN, held((2, 2), (1, 1)), 1_000, id="the greater"),
        pytest.param(
            EUROPEAN, held((1, 1), (1, 1), expiries=(30, 30, 37, 37)), 1_000, id="of two expiries"
        ),
        pytest.param(EUROPEAN, held((2, 1), (1, 1)), 10_500, id="a put without its pair"),
        pytest.param(EUROPEAN, held((1, 1), (2, 1)), 21_000, id="a call without its pair"),
        pytest.param(EUROPEAN, held((1, 0), (1, 0)), 29_500, id="a strangle"),
        pytest.param(AMERICAN, held((1, 1), (1, 1)), 1_000, id="American: both"),
    ],
)
def test_of_a_european_condor_only_one_side_is_secured(
    terms: dict, position: Position, total: float
) -> None:
    assert needed(position, terms).total_u == total


@pytest.mark.parametrize(
    ("terms", "ex", "owed"),
    [(AMERICAN, 30, 100), (AMERICAN, 31, 0), (AMERICAN, 0, 0), (EUROPEAN, 30, 0)],
)
def test_a_bare_american_call_may_come_to_owe_the_next_dividend(
    terms: dict, ex: int, owed: float
) -> None:
    """Exercised before it, of two contracts that are paired and not covered."""
    found = needed(held(calls=(2, 2)), terms, ex, 0.5)
    assert found.total_u == 1_000 + owed
    assert needed(held(calls=(2, 2), shares=200), terms, ex, 0.5).total_u == 0


@pytest.mark.parametrize(("ex", "owed"), [(9, 75), (0, 0)])
def test_short_shares_owe_the_next_dividend_that_is_known(ex: int, owed: float) -> None:
    assert needed(held(shares=-150), ex=ex, dividend=0.5).total_u == 30_000 + owed


def test_contracts_of_any_sign_count() -> None:
    assert contracts_of(held((1, 2), (3, 4), shares=500)) == 10


# --- after an order ---


def after(orders: list[tuple[int, int, int]], shares: int = 0, **fields: object) -> Position:
    """What a sleeve holds after legs (slot, contract, change) have filled."""
    order = made(Decision, legs=len(orders), shares=shares)
    for at, leg in enumerate(orders):
        order.slot[at], order.contract[at], order.change[at] = leg
    return position_after(sleeve(**fields), order)


def test_what_is_opened_is_added() -> None:
    found = after([(SHORT_PUT, key(95), -2), (LONG_PUT, key(90), 2)])
    assert found == Position(2, 2, 0, 0, key(95), key(90), NONE, NONE, 0)
    call = key(105, right=CALL)
    found = after([(SHORT_CALL, call, -1)], shares=100)
    assert found == Position(0, 0, 1, 0, NONE, NONE, call, NONE, 100)


SPREAD = {"contract": [key(95), key(90)], "quantity": [-2, 2], "shares": 50}


def test_what_is_closed_is_gone_and_names_nothing() -> None:
    found = after([(SHORT_PUT, key(95), 2)], **SPREAD)
    assert found == Position(0, 2, 0, 0, NONE, key(90), NONE, NONE, 50)
    part = after([(LONG_PUT, key(90), -1)], **SPREAD)
    assert (part.long_put, part.long_put_key) == (1, key(90))


def test_a_rolls_legs_stand_where_the_old_ones_stood() -> None:
    later, wing = key(93, expiry=45), key(88, expiry=45)
    legs = [(SHORT_PUT, key(95), 2), (LONG_PUT, key(90), -2)]
    found = after([*legs, (ROLL_SHORT, later, -2), (ROLL_LONG, wing, 2)], **SPREAD)
    assert found == Position(2, 2, 0, 0, later, wing, NONE, NONE, 50)
    kept = after([legs[0], (ROLL_SHORT, later, -2)], **SPREAD)
    assert (kept.short_put_key, kept.long_put_key) == (later, key(90))


@pytest.mark.parametrize(
    ("shares", "short", "long", "bare"),
    [(0, 0, 2, 0), (-250, 0, 0, 250), (-250, 0, 2, 50), (-250, 1, 2, 150), (-50, 0, 2, 0)],
)
def test_shares_sold_short_are_bare_where_no_long_call_holds_them(
    shares: int, short: int, long: int, bare: int
) -> None:
    sold, held = key(105, right=CALL), key(110, right=CALL)
    assert bare_shares(Position(0, 0, short, long, 0, 0, sold, held, shares), 100) == bare
