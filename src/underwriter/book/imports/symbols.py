"""What a statement's symbols name: shares, and options by their OSI symbol, one name a thing.

BRK.B is written BRK B by Interactive Brokers, BRK/B by tastytrade and BRK.B by others; here it has
a dot.  Roots of options have neither dot nor blank (OCC: BRKB), and a digit where a contract was
adjusted (USO1): such a contract is read as any other, and `Instrument.adjusted` says so.
"""

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from underwriter.book.imports.cells import KEPT, number_of, us_day
from underwriter.book.imports.place import Place
from underwriter.book.imports.statement import Instrument
from underwriter.core.contract import CALL, PUT, Contract, parse_osi
from underwriter.core.errors import InputError

_SYMBOL = re.compile(r"[A-Z0-9][A-Z0-9.]{0,19}")
_ROOT = re.compile(r"[A-Z0-9]{1,6}")
_OSI = re.compile(r"([A-Z0-9][A-Z0-9./ ]{0,5}?) *([0-9]{6}[CP][0-9]{8})")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_RIGHTS = {"C": CALL, "CALL": CALL, "P": PUT, "PUT": PUT}
_MOST_STRIKE = 100_000  # OSI has five digits before the point
_MILS = 1_000

# "XYZ 12/20/2024 50.00 P" of Schwab, "XYZ 12/20/2024 Put $50.00" of Robinhood
_SLASHED = re.compile(
    r"([A-Z0-9./]+) ([0-9/]+) (?:([0-9.,]+) ([CP])|(CALL|PUT) (\$[0-9.,]+))", re.IGNORECASE
)
# "SPY 31MAR25 570 C" of Interactive Brokers
_TIGHT = re.compile(r"([A-Z0-9. ]+) ([0-9]{2})([A-Z]{3})([0-9]{2}) ([0-9.]+) ([CP])")


def stock_of(text: str) -> Instrument:
    """The shares that a symbol names; ValueError where it is none."""
    symbol = re.sub(r"[ /-]+", ".", text.strip().upper())
    if not _SYMBOL.fullmatch(symbol):
        raise ValueError("a symbol such as AAPL or BRK.B")
    return Instrument(symbol)


def bare(symbol: str) -> str:
    """A symbol as the root of its options has it: no dot, no digit of an adjusted contract."""
    return symbol.replace(".", "").rstrip("0123456789") or symbol


def must_be_option(place: Place, instrument: Instrument) -> Instrument:
    """The option that a row has to name, since it ended; shares are refused."""
    if instrument.option is None:
        raise place.refuse("an option, since it ended", f"shares of {instrument.symbol}")
    return instrument


def option_of(
    root: str, expiry: date, right: str, strike: Decimal, underlying: str = ""
) -> Instrument:
    """An option by its parts; the underlying follows from its root where nothing else is said."""
    plain = re.sub(r"[ ./]", "", root.upper())
    if not _ROOT.fullmatch(plain):
        raise ValueError("an option root of one to six letters and digits")
    if not 0 < strike < _MOST_STRIKE or strike * _MILS % 1:
        raise ValueError(f"a strike in mils, above zero and below {_MOST_STRIKE:,}")
    osi = Contract(plain, expiry, _RIGHTS[right.upper()], strike).osi()
    named = underlying or (root if plain.isalpha() else bare(plain))
    return Instrument(stock_of(named).symbol, osi, plain, 100)


@lru_cache(KEPT)
def osi_option(text: str, underlying: str = "") -> Instrument:
    """An option by its OSI symbol, padded or not; ValueError where it is none."""
    match = _OSI.fullmatch(text.strip())
    if match is None:
        raise ValueError("an option symbol: root, yymmdd, C or P, and 8 digits")
    root, tail = match.groups()
    try:
        contract = parse_osi(root + tail, (root,))
    except InputError:
        raise ValueError("an option symbol with a real date and a strike above zero") from None
    right = "P" if contract.right == PUT else "C"
    return option_of(root, contract.expiry, right, contract.strike, underlying)


def slashed_option(text: str, underlying: str = "") -> Instrument | None:
    """An option as Schwab and Robinhood write it; None where the text is none."""
    match = _SLASHED.fullmatch(" ".join(text.split()))
    if match is None:
        return None
    root, day, strike, right, word, dollar = match.groups()
    price = number_of(strike or dollar)
    return option_of(root, us_day(day), right or word, price or Decimal(0), underlying)


def tight_option(text: str, underlying: str = "") -> Instrument:
    """An option as an activity statement of Interactive Brokers writes it."""
    match = _TIGHT.fullmatch(text.strip())
    if match is None or match[3] not in _MONTHS:
        raise ValueError("an option such as SPY 31MAR25 570 C")
    root, day, month, year, strike, right = match.groups()
    try:
        expiry = date(2000 + int(year), _MONTHS.index(month) + 1, int(day))
    except ValueError:
        raise ValueError("an expiry that is in the calendar") from None
    return option_of(root, expiry, right, number_of(strike) or Decimal(0), underlying)


def any_option(text: str, underlying: str = "") -> Instrument:
    """An option of Interactive Brokers by either of its names."""
    try:
        return osi_option(text, underlying)
    except ValueError:
        return tight_option(text, underlying)
