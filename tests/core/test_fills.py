"""Quote, order, model -> fill; docs/session.md, Fills."""

import pytest

from markets import made, market
from underwriter.core.chain import Quote
from underwriter.core.fills import NO_FILL, fill_price_u
from underwriter.core.units import to_u


def filled(bid: float, ask: float, *, sell: bool, share: float = 0.0, **ticks: float) -> float:
    """The fill in dollars, or NO_FILL."""
    terms = market(terms=[{f"tick_{name}_u": to_u(value) for name, value in ticks.items()}]).terms[
        0
    ]
    quote = made(Quote, bid_u=to_u(bid), ask_u=to_u(ask))
    price_u = fill_price_u(sell, quote, terms, share)
    return NO_FILL if price_u == NO_FILL else price_u / 1e6


@pytest.mark.parametrize(
    ("share", "sold", "bought"),
    [
        (0.0, 1.05, 1.05),
        (0.5, 1.02, 1.08),  # 1.025 and 1.075, rounded against us
        (0.75, 1.01, 1.09),  # 1.0125 and 1.0875
        (1.0, 1.00, 1.10),
        (2.0, 0.95, 1.15),
    ],
)
def test_t84_a_trade_pays_its_share_of_the_half_spread(
    share: float, sold: float, bought: float
) -> None:
    assert filled(1.00, 1.10, sell=True, share=share) == sold
    assert filled(1.00, 1.10, sell=False, share=share) == bought


@pytest.mark.parametrize(
    ("small", "large", "bid", "ask", "sold", "bought"),
    [
        (0.01, 0.01, 3.00, 3.05, 3.02, 3.03),  # mid 3.025; SPY at all prices
        (0.01, 0.05, 2.98, 3.01, 2.99, 3.00),  # mid 2.995; penny classes
        (0.01, 0.05, 3.00, 3.05, 3.00, 3.05),  # mid 3.025
        (0.05, 0.10, 2.90, 3.05, 2.95, 3.00),  # mid 2.975; SPX
        (0.05, 0.10, 2.90, 3.10, 3.00, 3.00),  # mid 3.00: the large tick begins
        (0.05, 0.10, 2.90, 3.20, 3.00, 3.10),  # mid 3.05
    ],
)
def test_t17_fills_stand_on_legal_ticks(
    small: float, large: float, bid: float, ask: float, sold: float, bought: float
) -> None:
    """Ticks of DOMAIN 2.6, the threshold at 3.00; sales round down and purchases up."""
    assert filled(bid, ask, sell=True, small=small, large=large) == sold
    assert filled(bid, ask, sell=False, small=small, large=large) == bought


def test_the_mid_is_rounded_before_the_tick() -> None:
    """Half a millionth rounds upward: (1 + 2) / 2 -> 2."""
    terms = market(terms=[{"tick_small_u": 1}]).terms[0]
    assert fill_price_u(True, made(Quote, bid_u=1, ask_u=2), terms, 0.0) == 2


@pytest.mark.parametrize("sell", [True, False])
@pytest.mark.parametrize(("bid", "ask"), [(1.1, 1.0), (0.0, 0.0), (-0.1, 0.0), (-0.2, -0.1)])
def test_t29_a_crossed_or_empty_quote_fills_nothing(bid: float, ask: float, *, sell: bool) -> None:
    assert filled(bid, ask, sell=sell) == NO_FILL


def test_t29_without_a_bid_there_is_a_purchase_but_no_sale() -> None:
    assert filled(0.0, 0.05, sell=True) == NO_FILL
    assert filled(0.0, 0.05, sell=False) == 0.03


def test_a_locked_quote_fills_at_its_price() -> None:
    assert filled(1.0, 1.0, sell=True, share=1.0) == filled(1.0, 1.0, sell=False) == 1.0


def test_a_sale_for_nothing_is_no_fill() -> None:
    assert filled(0.01, 0.03, sell=True, small=0.05) == NO_FILL  # 0.02 rounds down to 0
    assert filled(0.01, 0.11, sell=True, share=2.0) == NO_FILL  # 0.06 - 0.10
