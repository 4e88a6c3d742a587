"""Quote, order, model -> fill: one function for the engine and for the paper broker."""

from underwriter.core.chain import Quote, Terms, tick_of
from underwriter.core.kernel import kernel
from underwriter.core.units import round_u, tick_down, tick_up

NO_FILL = -1


@kernel
def fill_price_u(sell: bool, quote: Quote, terms: Terms, half_spread: float) -> int:
    """The price per share at which a quote trades, or NO_FILL.

    The trade pays `half_spread` of half the quoted spread away from the mid (0 the mid, 1 the
    touch), then the tick rounds it against us.  No bid, no sale; no offer, no purchase.
    """
    bid_u, ask_u = quote.bid_u, quote.ask_u
    if ask_u < bid_u or ask_u <= 0 or (sell and bid_u <= 0):
        return NO_FILL
    mid = 0.5 * (bid_u + ask_u)
    slip = 0.5 * half_spread * (ask_u - bid_u)
    if sell:
        price_u = round_u(mid - slip)
        price_u = tick_down(price_u, tick_of(terms, price_u))
        return price_u if price_u > 0 else NO_FILL
    price_u = round_u(mid + slip)
    return tick_up(price_u, tick_of(terms, price_u))
