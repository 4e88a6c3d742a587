"""What a whole unit of money is: a millionth of a currency, a hundred-millionth of a coin."""

from typing import Final

from underwriter.core.units import MICRO

COINS: Final = frozenset({"BTC", "ETH", "SOL", "XRP", "USDC", "USDT"})
SATOSHI: Final = 100_000_000  # of a coin
_CENTS = 2


def units_of(currency: str) -> int:
    """How many whole units one of a currency is."""
    return SATOSHI if currency in COINS else MICRO


def decimal(amount_u: int, currency: str = "USD") -> str:
    """Whole units exactly: two decimals, and more where there is more."""
    units = units_of(currency)
    whole, part = divmod(abs(amount_u), units)
    decimals = f"{part:0{len(str(units)) - 1}d}".rstrip("0").ljust(_CENTS, "0")
    return f"{'-' if amount_u < 0 else ''}{whole}.{decimals}"
