"""Dates as people write them, read by the column.

One column is written one way, and some ways look alike: 03/04/2015 is March in New York and April
in London.  So every order is tried on the whole column and the first that fits all of it is taken,
month before day where both fit; where only one of them leaves the days running one way, that one.
Dotted dates are day first, as wherever they are written.

    2015-03-04  2015/3/4  20150304  2015-03-04T16:00:00Z     year, month, day
    3/4/2015  03-04-2015  3/4/15                             month, day, year; else day, month, year
    4.3.2015                                                 day, month, year; else month, day, year
    4-Mar-2015  4 March 15  Mar 4, 2015  2015-Mar-04         the month by its English name
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from underwriter.core.units import day_number

_DATE = re.compile(
    r"(\d{1,4}|[A-Za-z]{3,9}\.?)(?:\s*([-/.])\s*|,?\s+)"
    r"(\d{1,2}|[A-Za-z]{3,9}\.?)(?:\s*[-/.]\s*|,?\s+)(\d{4}|\d{1,2})"
)
_TIME = re.compile(r"[T ]\s*\d{1,2}:\d{2}.*$")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMES = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december", "sept"),
)
_PIVOT = 69  # POSIX: two digits from 69 on are 1969 to 1999
_ORDERS = ("ymd", "mdy", "dmy")
_DOTTED = ("ymd", "dmy", "mdy")


class Dates(NamedTuple):
    """Day numbers of a column; `bad` is the row that is no date, -1 where all are."""

    day: npt.NDArray[np.int32]
    order: str
    bad: int


def read_days(texts: Sequence[str]) -> Dates:
    """Day numbers (int32) of a column of dates, in the one order that fits it.

    Where no order fits, `bad` names the first row at which the best of them fails.
    """
    parts = [_parts(text) for text in texts]
    dotted = bool(parts) and parts[0] is not None and parts[0][0] == "."
    tried = [_in_order(parts, order) for order in (_DOTTED if dotted else _ORDERS)]
    whole = [dates for dates in tried if dates.bad < 0]
    if not whole:
        return max(tried, key=lambda dates: dates.bad)
    return next((dates for dates in whole if _one_way(dates)), whole[0])


def _one_way(dates: Dates) -> bool:
    """Whether no day is earlier than the one before, or none later."""
    step = np.diff(dates.day)
    return bool((step >= 0).all() or (step <= 0).all())


def _in_order(parts: Sequence[tuple[str, ...] | None], order: str) -> Dates:
    """The column read in one order, up to the first row that does not fit."""
    days = np.zeros(len(parts), np.int32)
    for row, part in enumerate(parts):
        day = None if part is None else _day(part[1:], order)
        if day is None:
            return Dates(days[:row], order, row)
        days[row] = day
    return Dates(days, order, -1)


def _parts(text: str) -> tuple[str, ...] | None:
    """The separator and the three parts of a written date; None where it is not one."""
    bare = _TIME.sub("", text.strip())
    if len(bare) == len("20150304") and bare.isascii() and bare.isdigit():
        return "", bare[:4], bare[4:6], bare[6:]
    found = _DATE.fullmatch(bare)
    return (found[2] or " ", found[1], found[3], found[4]) if found else None


def _day(part: tuple[str, ...], order: str) -> int | None:
    """The day number of three parts in an order of theirs; None where there is no such day."""
    named = [place for place, one in enumerate(part) if not one[0].isdigit()]
    if named:  # a name says where the month is: the year is last unless it has four digits
        order = {0: "mdy", 1: "ymd" if len(part[0]) == len("2015") else "dmy"}.get(named[0], "")
    if not order or len(named) > 1:
        return None
    if order == "ymd" and len(part[0]) != len("2015"):
        return None  # a year that comes first is written in full
    by_letter = dict(zip(order, part, strict=True))
    return _day_number(by_letter["y"], by_letter["m"], by_letter["d"])


def _day_number(year: str, month: str, day: str) -> int | None:
    """The day number of a year, a month (number or name) and a day, if there is such a day."""
    if len(year) not in {2, 4} or len(day) > len("31"):
        return None
    try:
        return day_number(date(_year(year), _month(month), int(day)))
    except ValueError:
        return None


def _year(text: str) -> int:
    """A year of four digits, or of two by the POSIX rule."""
    year = int(text)
    if len(text) == len("2015"):
        return year
    return year + (1900 if year >= _PIVOT else 2000)


def _month(text: str) -> int:
    """The number of a month; 0, which is none, for a name that is not known."""
    if text[0].isdigit():
        return int(text) if len(text) <= len("12") else 0
    name = text.lower().rstrip(".")
    known = name in _MONTHS or name in _NAMES
    return _MONTHS.index(name[:3]) + 1 if known else 0
