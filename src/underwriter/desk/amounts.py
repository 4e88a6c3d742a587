"""Money and quantities as people write them, in what a desk tells."""

from underwriter.book.currency import units_of
from underwriter.core.units import MICRO


def money(amount_u: int, currency: str = "USD", *, signed: bool = False) -> str:
    """Whole units as people write them, to the cent: 1,234.56; of a coin to eight places."""
    units, places = units_of(currency), 2 if units_of(currency) == MICRO else 8
    step = units // 10**places
    whole = (abs(amount_u) + step // 2) // step  # halves away from zero
    text = f"{whole // 10**places:,}.{whole % 10**places:0{places}d}"
    sign = "-" if amount_u < 0 else "+" if signed else ""
    return f"{sign}{text}{'' if currency == 'USD' else ' ' + currency}"


def quantity(amount_u: int) -> str:
    """Contracts or shares, of millionths."""
    return f"{amount_u / MICRO:,.6f}".rstrip("0").rstrip(".")
