"""What tax law says in numbers, dated, each with its source: one table.

The table is `tax_rules.csv`: from `effective_from` on, until the next row of the same name; a name
of which several hold at once (`broad index`) has them all.  `sure` is V where it was read in the
source, M where it was written from memory.
"""

import csv
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from underwriter.core.errors import InputError

TABLE = "tax_rules.csv"
_BROAD = "broad index"


class Rules(NamedTuple):
    """The rules of one tax year; rates in tenths of a percent."""

    wash_days: int
    long_years: int
    index_long_percent: int
    call_days: int
    call_months: int
    call_low_u: int  # millionths of a dollar
    call_low_percent: int
    top_long_permille: int
    top_short_permille: int
    broad: frozenset[str]  # option roots of broad indices, settled in cash

    @property
    def index_permille(self) -> int:
        """The highest rate of section 1256 gains, from the highest long and short one."""
        part = self.index_long_percent
        return (part * self.top_long_permille + (100 - part) * self.top_short_permille + 50) // 100


@cache
def rules_of(year: int) -> Rules:
    """The rules in force on the last day of a year; InputError for a year before the table."""
    found: dict[str, Decimal] = {}
    broad = set()
    text = files("underwriter.book").joinpath(TABLE).read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        if date.fromisoformat(row["effective_from"]) > date(year, 12, 31):
            continue
        if row["name"] == _BROAD:
            broad.add(row["value"])
        else:
            found[row["name"]] = Decimal(row["value"])
    if "long after years" not in found:
        raise InputError(f"found tax year {year}; expected 1998 or later, of which rules are known")
    return Rules(
        wash_days=int(found["wash days"]),
        long_years=int(found["long after years"]),
        index_long_percent=int(found["section 1256 long percent"]),
        call_days=int(found["qualified call days"]),
        call_months=int(found["qualified call months"]),
        call_low_u=int(found["qualified call low price"] * 1_000_000),
        call_low_percent=int(found["qualified call low percent"]),
        top_long_permille=int(found["top rate long"] * 10),
        top_short_permille=int(found["top rate short"] * 10),
        broad=frozenset(broad),
    )
