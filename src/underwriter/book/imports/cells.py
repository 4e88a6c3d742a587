"""Cells of a statement: exact numbers and dates, as brokers write them, or one line of refusal.

A number may have a dollar sign, thousands separators, a minus sign before or behind the dollar, or
parentheses instead of it; "--" and nothing are no number.  A date is written the American way,
month before day: a month above twelve is refused, since days and months may have changed places.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar
from zoneinfo import ZoneInfo

from underwriter.book.imports.place import Place, micro, quoted
from underwriter.core.errors import InputError

T = TypeVar("T")

NEW_YORK = ZoneInfo("America/New_York")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"(?:[-+]?\$?|\$[-+])((?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]*)(?:\.[0-9]*)?)")
_PARENTHESES = re.compile(r"\((.*)\)")
_US_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}|[0-9]{2})")
_CURRENCY = re.compile(r"[A-Z]{3}")
_NO_NUMBER = ("", "-", "--", "N/A")
KEPT = 10_000  # a statement has the same few symbols, days and fees in row after row
MOST = 10**12  # of a currency or of a share: more is no retail statement, and strains 64 bits
_FIRST_YEAR, _LAST_YEAR = 1990, 2099


@lru_cache(KEPT)
def number_of(text: str) -> Decimal | None:
    """The number of a cell, exact; None where there is none; ValueError where it is not one."""
    plain = text.strip()
    if plain in _NO_NUMBER:
        return None
    inside = _PARENTHESES.fullmatch(plain)
    match = _NUMBER.fullmatch(inside[1].strip() if inside else plain)
    digits = match[1].replace(",", "") if match else ""
    if not match or digits in {"", "."}:
        raise ValueError("a number")
    number = Decimal(digits)
    if number >= MOST:
        raise ValueError(f"a number below {MOST:,}")
    negative = inside is not None or match[0].startswith(("-", "$-"))
    return -number if negative else number


@lru_cache(KEPT)
def us_day(text: str) -> date:
    """A date such as 1/16/2026 or 4/17/26; ValueError where it is none."""
    match = _US_DAY.fullmatch(text.strip())
    if match is None:
        raise ValueError("a date as month/day/year")
    month, day, year = (int(part) for part in match.groups())
    if month > 12 >= day:  # noqa: PLR2004  months of a year
        raise ValueError("a date as month/day/year, not day/month/year")
    return checked_day(year if year > 99 else 2000 + year, month, day)  # noqa: PLR2004  two digits


def iso_day(text: str) -> date:
    """A date such as 2026-01-16, also before a time; ValueError where it is none."""
    try:
        found = date.fromisoformat(text.strip()[:10])
    except ValueError:
        raise ValueError("a date as year-month-day") from None
    return checked_day(found.year, found.month, found.day)


def checked_day(year: int, month: int, day: int) -> date:
    """A date that a statement may have; ValueError otherwise."""
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueError(f"a year from {_FIRST_YEAR} to {_LAST_YEAR}")
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError("a day that is in the calendar") from None


def moment_of(text: str) -> tuple[int, date]:
    """UTC nanoseconds and the New York date of a time with its offset; ValueError otherwise."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError("a time as 2026-01-16T10:30:00-0500") from None
    if found.tzinfo is None:
        raise ValueError("a time with its offset from UTC")
    checked_day(found.year, found.month, found.day)
    return nanoseconds(found), found.astimezone(NEW_YORK).date()


def currency_code(text: str) -> str:
    """Three capital letters; ValueError otherwise, as where a file is cut off in its last cell."""
    if not _CURRENCY.fullmatch(text.strip()):
        raise ValueError("a currency such as USD")
    return text.strip()


def nanoseconds(at: datetime) -> int:
    """UTC nanoseconds since 1970 of a time that knows its zone."""
    return (at - _EPOCH) // timedelta(microseconds=1) * 1_000


class Record:
    """One row by the names of its columns; each cell is read, or refused with its place."""

    __slots__ = ("cells", "place")

    def __init__(self, place: Place, cells: Mapping[str, str]) -> None:
        self.place, self.cells = place, cells

    def text(self, column: str) -> str:
        """A cell without blanks around it; "" where the row has none."""
        return self.cells.get(column, "").strip()

    def read(self, column: str, reader: Callable[[str], T]) -> T:
        """A cell as a reader has it; where it raises ValueError, that says what was expected."""
        text = self.cells.get(column, "")
        try:
            return reader(text)
        except ValueError as expected:
            raise self.refuse(column, str(expected), text.strip()) from None

    def number(self, column: str) -> Decimal | None:
        """A number, exact; None where there is none."""
        return self.read(column, number_of)

    def needed(self, column: str) -> Decimal:
        """A number that has to be there."""
        number = self.number(column)
        if number is None:
            raise self.refuse(column, "a number", self.text(column))
        return number

    def amount_u(self, column: str) -> int:
        """Money in millionths; none is zero."""
        number = self.number(column)
        return 0 if number is None else micro(number)

    def refuse(self, column: str, expected: str, found: str) -> InputError:
        """What to raise for one of its cells."""
        return self.place.refuse(expected, quoted(found), column)
