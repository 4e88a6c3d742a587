"""How figures are said on pages: signs, grouping, percent; what is undefined is n/a."""

import math
from datetime import date
from typing import NamedTuple

from underwriter.core.units import MICRO

UNDEFINED = "n/a"
MINUS = "\N{MINUS SIGN}"
TO = "\N{EN DASH}"
PLUS_MINUS = "\N{PLUS-MINUS SIGN}"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Provenance(NamedTuple):
    """How it is said whether quotes were real."""

    banner: str  # what stands first; empty where nothing is modelled
    told: str  # a sentence about it
    note: str  # under a chart
    mark: str  # beside a heading; empty where nothing is modelled


PROVENANCE = {
    "modelled": Provenance(
        "Quotes are MODELLED",
        "No option here was ever quoted: prices come from a model.",
        "modelled quotes",
        "modelled quotes",
    ),
    "last": Provenance(
        "Spreads are MODELLED",
        "Prices are real last trades, of different minutes; bid and ask are a model's around them.",
        "real last prices, modelled spreads",
        "modelled spreads",
    ),
    "mixed": Provenance(
        "Quotes are partly MODELLED",
        "Which of them are real is said by underlying.",
        "quotes real and modelled",
        "partly modelled",
    ),
    "quoted": Provenance("", "Quotes are real bids and asks.", "real quotes", ""),
}


def _signed(text: str, *, negative: bool) -> str:
    """A minus sign in front, unless nothing but zeros would follow it."""
    return MINUS + text if negative and text.strip("$0.,%") else text


def money(amount_u: float, digits: int = 0) -> str:
    """Millionths as dollars: $1,234 or with cents."""
    text = f"${abs(amount_u) / MICRO:,.{digits}f}"
    return _signed(text, negative=amount_u < 0)


def short(dollars: float) -> str:
    """Dollars on an axis: $1.25m, $40k."""
    size = abs(dollars)
    if size >= MICRO:
        text = f"${size / MICRO:,.2f}".rstrip("0").rstrip(".") + "m"
    elif size >= 1_000:  # noqa: PLR2004  a thousand is a k
        text = f"${size / 1_000:,.1f}".removesuffix(".0") + "k"
    else:
        text = f"${size:,.0f}"
    return _signed(text, negative=dollars < 0)


def number(value: float, digits: int = 2) -> str:
    """A plain number."""
    if not math.isfinite(value):
        return UNDEFINED
    return _signed(f"{abs(value):,.{digits}f}", negative=value < 0)


def percent(value: float, digits: int = 1) -> str:
    """A fraction in percent."""
    if not math.isfinite(value):
        return UNDEFINED
    return _signed(f"{abs(value):.{digits}%}", negative=value < 0)


def give_or_take(value: float, error: float, digits: int = 2) -> str:
    """A number with its standard error."""
    if not math.isfinite(error):
        return number(value, digits)
    return f"{number(value, digits)} {PLUS_MINUS} {number(error, digits)}"


def day(when: date | None) -> str:
    """A date as everyone reads it; open where there is none."""
    return when.isoformat() if when else "open"


def plain(text: str) -> str:
    """The same for a terminal that may know ASCII only."""
    return text.replace(MINUS, "-").replace(TO, "-").replace(PLUS_MINUS, "+/-")
