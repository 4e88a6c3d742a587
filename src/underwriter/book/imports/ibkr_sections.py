"""The sections of an activity statement of Interactive Brokers, and what every row of them has.

A row begins with its section and one of Header, Data, SubTotal and Total; a header may come again
with other columns, and holds for the rows below it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import msgspec

from underwriter.book.imports.cells import Record, iso_day
from underwriter.book.imports.ibkr import moment
from underwriter.book.imports.place import Place, quoted
from underwriter.book.imports.statement import Instrument, Kind, Row
from underwriter.book.imports.symbols import any_option, stock_of
from underwriter.book.imports.text import Line
from underwriter.core.errors import InputError
from underwriter.core.units import MICRO

STOCKS, OPTIONS, FOREX = "Stocks", "Equity and Index Options", "Forex"
DATES = ("Date", "Settle Date", "Date/Time")
_PERIOD = re.compile(
    r"([A-Z][a-z]+ [0-9]{1,2}, [0-9]{4})(?: - ([A-Z][a-z]+ [0-9]{1,2}, [0-9]{4}))?"
)
_ROWS: Mapping[str, tuple[str, ...]] = {  # a line of a summary: the sections its rows stand in
    "Deposits": ("Deposits & Withdrawals",),
    "Withdrawals": ("Deposits & Withdrawals",),
    "Deposits & Withdrawals": ("Deposits & Withdrawals",),
    "Dividends": ("Dividends",),
    "Commissions": ("Trades", "Commission Adjustments"),
    "Trades (Sales)": ("Trades",),
    "Trades (Purchase)": ("Trades",),
    "Net Trades (Sales)": ("Trades",),
    "Net Trades (Purchase)": ("Trades",),
}
_HELD = ("Stock", "Stocks", "Options")  # lines of Net Asset Value, of what is in Open Positions
_SLACK = 10  # days by which a row may lie outside of the period: a trade date, a correction


class Book(NamedTuple):
    """A file's rows by section, and what it says of itself."""

    path: Path
    sections: Mapping[str, list[Record]]
    period: tuple[date, date]
    options: Mapping[str, Instrument]  # by either of their names


def sections_of(path: Path, rows: Sequence[Line]) -> Mapping[str, list[Record]]:
    """The rows of each section that are Data or a Total, by the header that stands above them."""
    headers: dict[str, list[str]] = {}
    place, sort = Place(str(path), 1), ""
    found: defaultdict[str, list[Record]] = defaultdict(list)
    for line, cells in rows:
        place = Place(str(path), line)
        if len(cells) < 3:  # noqa: PLR2004  section, kind of row, and something
            raise place.refuse("a section, Header or Data, and cells", quoted(",".join(cells)))
        section, sort = cells[0].strip(), cells[1].strip()
        if sort == "Header":
            headers[section] = [cell.strip() for cell in cells[2:]]
        elif section not in headers:
            raise place.refuse(f"a header of section {section!r} above it", quoted(sort))
        else:
            names = headers[section]
            last = line == rows[-1].line
            if len(cells) - 2 < len([name for name in names if name]) and (sort == "Data" or last):
                found_cells = f"{len(cells) - 2}: is the file cut off?"
                raise place.refuse(f"{len(names)} cells below the header of {section}", found_cells)
            values = dict(zip(names, cells[2:], strict=False))
            found[section].append(Record(place, {**values, "": sort}))
    if sort == "Header":
        raise place.refuse("rows below a header", "none: is the file cut off?")
    return found


def must_be_whole(sections: Mapping[str, list[Record]], summed: Iterable[str]) -> None:
    """InputError where a file ends in a section whose rows have a total, before that stands."""
    last = max((rows[-1] for rows in sections.values()), key=lambda record: record.place.row)
    section = next(name for name, rows in sections.items() if rows[-1] is last)
    first = next(iter(last.cells.values()))
    if section in summed and last.text("") == "Data" and not first.startswith("Total"):
        raise last.place.refuse(
            f"a total below the rows of {section}", "none: is the file cut off?"
        )


def must_have_what_it_says(sections: Mapping[str, list[Record]]) -> None:
    """InputError where a summary tells of money or of holdings whose section is not in the file.

    A statement begins with its summaries, so one that is cut off between two sections has them and
    lacks rows.  What no summary tells nobody can miss.
    """
    for record, amount_u, names in _summed_up(sections):
        if amount_u and not any(name in sections for name in names):
            line, found = next(iter(record.cells.values())), "none: is the file cut off?"
            raise record.place.refuse(
                f"a section {names[0]}, since {line.strip()} are {Decimal(amount_u) / MICRO:,.2f}",
                found,
            )


def _summed_up(
    sections: Mapping[str, list[Record]],
) -> Iterator[tuple[Record, int, tuple[str, ...]]]:
    """The lines of summaries, with their amounts and the sections that have to be there."""
    columns = {"Change in NAV": ("Field Name", "Field Value"),
               "Cash Report": ("Currency Summary", "Total")}  # fmt: skip
    for section, (name, amount) in columns.items():
        for record in data_of(sections, section):
            names = _ROWS.get(record.text(name), ())
            if names:
                yield record, record.amount_u(amount), names
    if not any(name in sections for names in _ROWS.values() for name in names):
        for record in data_of(sections, "Net Asset Value"):
            if record.text("Asset Class") in _HELD:
                yield record, record.amount_u("Current Total"), ("Open Positions",)


def fields_of(sections: Mapping[str, list[Record]], section: str) -> dict[str, Record]:
    """The rows of a section of names and values, by name."""
    return {record.text("Field Name"): record for record in sections.get(section, ())}


def period_of(path: Path, record: Record | None) -> tuple[date, date]:
    """First and last day of a statement."""
    if record is None:
        raise InputError(f"{path}: expected the row Statement, Data, Period, found none")

    def days(text: str) -> tuple[date, date]:
        match = _PERIOD.fullmatch(text.strip())
        if match is None:
            raise ValueError("a period such as January 1, 2026 - January 31, 2026")
        first, last = match[1], match[2] or match[1]
        try:
            found = [datetime.strptime(day, "%B %d, %Y").date() for day in (first, last)]  # noqa: DTZ007  days
        except ValueError:
            raise ValueError("a period of days that are in the calendar") from None
        if found[1] < found[0]:
            raise ValueError("a period that ends after it begins")
        return found[0], found[1]

    return record.read("Field Value", days)


def data_of(sections: Mapping[str, list[Record]], section: str) -> Iterator[Record]:
    """The rows of a section that are of its own, not totals."""
    return (record for record in sections.get(section, ()) if record.text("") == "Data")


def options_of(sections: Mapping[str, list[Record]]) -> Mapping[str, Instrument]:
    """Options by both their names, with the underlying and multiplier that the statement gives."""
    found: dict[str, Instrument] = {}
    for record in data_of(sections, "Financial Instrument Information"):
        if record.text("Asset Category") != OPTIONS:
            continue
        underlying = record.text("Underlying")
        option = record.read("Symbol", lambda text, of=underlying: any_option(text, of))  # type: ignore[misc]
        named = msgspec.structs.replace(option, multiplier=multiplier_of(record, "Multiplier"))
        found[record.text("Symbol")] = found[record.text("Description")] = named
    return found


def multiplier_of(record: Record, column: str) -> int:
    """Shares a contract; 100 where the statement does not say."""
    number = record.number(column)
    if number is None:
        return 100
    if number <= 0 or number % 1:
        raise record.refuse(column, "a whole number above zero", record.text(column))
    return int(number)


def instrument_of(book: Book, record: Record) -> Instrument:
    """The shares or the option of a row."""
    if record.text("Asset Category") == STOCKS:
        return record.read("Symbol", stock_of)
    return book.options.get(record.text("Symbol")) or record.read("Symbol", any_option)


def _when(book: Book, record: Record) -> tuple[int | None, date]:
    """The time, where there is one, and the date of a row, which lies in the statement's period."""
    column = next((name for name in DATES if record.text(name)), DATES[0])
    day = record.read(column, iso_day)
    first, last = book.period
    if not -_SLACK <= (day - first).days <= (last - first).days + _SLACK:
        expected = f"a day of the period, {first} to {last}"
        raise record.refuse(column, expected, record.text(column))
    text = record.text(column).replace(",", "")
    if len(text) <= len("2026-01-16"):
        return None, day

    def timed(_: str) -> datetime:
        try:
            return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007  New York's
        except ValueError:
            raise ValueError("a time such as 2026-01-16, 10:30:00") from None

    return moment(record.read(column, timed))


def row_of(book: Book, record: Record, section: str) -> Row:
    """What every row has: its place, day and words."""
    at, day = _when(book, record)
    words = [record.text(name) for name in ("Subtitle", "Symbol", "Description", "Code")]
    return Row(
        line=record.place.row,
        kind=Kind.UNKNOWN,
        day=day,
        at=at,
        what=" ".join(word for word in (section, *words) if word),
        currency=record.text("Currency") or "USD",
    )
