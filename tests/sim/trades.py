"""Trades that tests look at, and a hypothesis strategy for any."""

from hypothesis import strategies as st

from underwriter.market.single import Option, Terms
from underwriter.sim.position import Position, Wish, priced

MONTH = 35 / 365  # DOMAIN 4.1: S 100, 35 days, r 4%, q 1%
EUROPEAN, AMERICAN = Terms(False, 0.04, 0.01), Terms(True, 0.04, 0.01)
Words = tuple[int, int, float, float | None] | tuple[int, int, float, float | None, float]


def wish(
    quantity: int, sign: int, strike: float, price: float | None, years: float = MONTH
) -> Wish:
    return Wish("a leg", quantity, Option(sign, strike, years), price)


def trade(
    *legs: Words,
    vol: float | None = 0.28,
    shares: int = 0,
    spot: float = 100.0,
    terms: Terms = EUROPEAN,
) -> Position:
    """A position of legs (quantity, sign, strike, price[, years])."""
    return Position(
        spot, priced([wish(*leg) for leg in legs], spot, terms, vol), shares, 100, terms
    )


SHORT_PUT = (-1, -1, 95.0, 1.36)
CONDOR = (SHORT_PUT, (1, -1, 90.0, 0.53), (-1, 1, 105.0, 1.67), (1, 1, 110.0, 0.56))

quantities = st.integers(-3, 3).filter(bool)
signs = st.sampled_from([-1, 1])
strikes = st.integers(80, 120).map(float)
legs = st.tuples(quantities, signs, strikes, st.none())
europeans = st.builds(
    lambda words, vol, shares: trade(*words, vol=vol, shares=shares),
    st.lists(legs, min_size=1, max_size=4),
    st.floats(0.1, 0.6),
    st.sampled_from([0, 100, 250]),
)
