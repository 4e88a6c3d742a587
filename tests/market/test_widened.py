"""Quotes half and twice as wide: about their middle, on tick, and put back afterwards."""

from contextlib import suppress
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.test_slab import built, listing, quote
from markets import made
from underwriter.core.chain import Terms
from underwriter.market.slab import Slab
from underwriter.market.widened import rescaled, widened

CENT = 10_000
PENNIES = made(Terms, tick_small_u=CENT, tick_large_u=CENT, tick_threshold_u=0)
NICKELS = made(Terms, tick_small_u=5 * CENT, tick_large_u=10 * CENT, tick_threshold_u=300 * CENT)


def legal(price: int) -> bool:
    """Whether a price in cents is on the index's ticks: nickels below 3 dollars, then dimes."""
    return price % (5 if price < 300 else 10) == 0


LEGAL = [price for price in range(600) if legal(price)]


@pytest.mark.parametrize(
    ("bid", "ask", "times", "wanted"),
    [
        (100, 108, 0.5, (102, 106)),
        (100, 108, 2.0, (96, 112)),
        (100, 101, 0.5, (100, 101)),  # a tick is the least there is
        (100, 103, 0.5, (101, 102)),  # 100.75 and 102.25
        (100, 102, 0.5, (100, 102)),  # 100.5 and 101.5: ties go outward
        (100, 101, 2.0, (99, 102)),  # 99.5 and 101.5
        (2, 8, 2.0, (0, 11)),  # nobody bids below zero
        (0, 8, 0.5, (0, 6)),  # where nobody bid, nobody does
        (100, 100, 2.0, (100, 100)),
        (108, 100, 2.0, (108, 100)),
    ],
)
def test_bid_and_ask_stand_about_their_middle(
    bid: int, ask: int, times: float, wanted: tuple[int, int]
) -> None:
    found = rescaled(bid * CENT, ask * CENT, PENNIES, times)
    assert found == (wanted[0] * CENT, wanted[1] * CENT)


@given(st.sampled_from(LEGAL), st.sampled_from(LEGAL), st.sampled_from([0.5, 2.0]))
def test_prices_stay_legal_and_bid_below_ask(one: int, other: int, times: float) -> None:
    bid, ask = sorted((one, other))
    low, high = (price // CENT for price in rescaled(bid * CENT, ask * CENT, NICKELS, times))
    assert legal(low)
    assert legal(high)
    assert low >= 0
    assert (low < high) == (bid < ask)
    assert (low > 0) <= (bid > 0)
    if bid < ask:
        half = Fraction(ask - bid) * Fraction(times) / 2
        wanted = max(Fraction(bid + ask, 2) - half, Fraction(0)), Fraction(bid + ask, 2) + half
        assert bid == 0 or abs(low - wanted[0]) <= 5  # half of the larger tick
        assert abs(high - wanted[1]) <= 5


def two_names() -> Slab:
    """A slab of two names of two quotes each."""
    quotes = [quote(0, 30, 95.0, bid=1.00, ask=1.08), quote(1, 30, 95.0, bid=2.00, ask=2.02)]
    return built(listing(quotes), listing(quotes))


def spread(slab: Slab) -> list[tuple[int, int]]:
    """Bid and ask of every row, in cents."""
    return [(each.bid_u // CENT, each.ask_u // CENT) for each in slab.market.quotes]


def test_every_quote_is_wider_while_it_lasts_and_as_it_was_after_it() -> None:
    slab = two_names()
    before = np.asarray(slab.market.quotes).copy()
    with widened(slab, 2.0):
        assert spread(slab) == [(96, 112), (96, 112), (199, 203), (199, 203)]
        others = [name for name in before.dtype.names or () if name not in {"bid_u", "ask_u"}]
        assert (np.asarray(slab.market.quotes)[others] == before[others]).all()
    assert (np.asarray(slab.market.quotes) == before).all()


def test_what_fails_inside_leaves_the_quotes_as_they_were() -> None:
    slab = two_names()
    with suppress(ZeroDivisionError), widened(slab, 0.5):
        raise ZeroDivisionError
    assert spread(slab) == [(100, 108), (100, 108), (200, 202), (200, 202)]
