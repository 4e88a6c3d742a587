"""Options, money and quantities as people write them, in what a desk tells."""

from typing import Final

from underwriter.book.currency import units_of
from underwriter.core.contract import parse_osi
from underwriter.core.errors import InputError
from underwriter.core.units import MICRO

_TAIL: Final = 15  # of an OSI symbol, behind the root


def contract_of(option: str) -> str:
    """An option as people write it; as it stands where its symbol is of another kind."""
    try:
        return str(parse_osi(option, (option[:-_TAIL].strip(),)))
    except InputError:
        return option.strip()


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
