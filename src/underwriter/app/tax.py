"""`underwriter book tax`: a year's taxable results out of a journal, as figures and csv."""

import csv
import io
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from underwriter.app.run_folder import replace_text
from underwriter.book.event import AnyEvent, BookOpened
from underwriter.book.forms import described, form_6781, form_8949, split_of
from underwriter.book.journal import events
from underwriter.book.lot import Closing, How, Opened
from underwriter.book.lot_order import Choice, fifo, hifo, specific
from underwriter.book.naming import contract_of
from underwriter.book.place import Place
from underwriter.book.tax import TaxYear, Treatment, taxed
from underwriter.book.written import CoveredCall, DeepPut
from underwriter.book.year_mark import YearMark
from underwriter.core.errors import InputError
from underwriter.core.units import MICRO
from underwriter.market.table import text_of

Method = Literal["fifo", "hifo", "specific"]
Term = Literal["short", "long", "section 1256"]
_CENTS = 100
_COLUMNS = ["closed", "what", "opened"]
_SHORTEST_OSI = 16  # a letter before the fifteen of its tail


class Sale(msgspec.Struct, frozen=True):
    """The end of a lot; dollars. `adjustment` is the loss that a wash sale puts off, in `gain`."""

    account: str
    what: str
    quantity: int
    short: bool  # written, or sold short: proceeds first
    opened: str
    held_since: str  # from the day after; earlier than `opened` where it replaced a wash sale's
    closed: str
    how: How
    term: Term
    proceeds: float
    basis: float
    code: str  # W, or nothing
    adjustment: float
    gain: float


class MarkFound(msgspec.Struct, frozen=True):
    """Open section 1256 contracts at the end of a year; `gain` null where `why` says why not."""

    account: str
    year: int
    contracts: list[str]
    day: str | None
    gain: float | None
    why: str


class Section1256(msgspec.Struct, frozen=True):
    """Form 6781: contracts that ended and marks, `taken_before` off; null where not known."""

    gain: float | None
    short_part: float | None
    long_part: float | None
    top_rate: float  # the highest tax on it, as a fraction
    sales: list[Sale]
    marks: list[MarkFound]
    taken_before: list[MarkFound]


class LotFound(msgspec.Struct, frozen=True):
    """A lot that was open when the year ended; `basis` is minus the proceeds where sold short."""

    account: str
    what: str
    quantity: int
    opened: str
    held_since: str
    basis: float


class CallFound(msgspec.Struct, frozen=True):
    """A call written on shares that were held; `qualified` null where the journal cannot say."""

    account: str
    option: str
    quantity: int
    written: str
    qualified: bool | None
    reason: str


class PutFound(msgspec.Struct, frozen=True):
    """A put written in the money within the window of a loss on its shares (Rev. Rul. 85-87)."""

    account: str
    option: str
    written: str
    strike: float
    close: float


class Taxed(msgspec.Struct, frozen=True):
    """What `book tax --json` prints, in dollars; all accounts together."""

    journal: str
    quotes: str
    year: int
    through: str
    over: bool  # whether the journal goes on after the year
    lots: Method
    folds: bool  # whether premium goes into the shares that its option moves
    short_term: float
    long_term: float
    put_off: float
    dividends: float
    in_lieu: float
    interest: float
    sales: list[Sale]
    section_1256: Section1256
    open_lots: list[LotFound]
    covered_calls: list[CallFound]
    deep_puts: list[PutFound]
    window_open: list[Sale]  # losses that a later purchase may yet put off
    strays: int  # events of the journal that could not be booked, and are not in it
    files: list[str]


class Asked(NamedTuple):
    """What was asked for."""

    journal: Place
    year: int
    lots: Method
    choices: tuple[Choice, ...]
    folds: bool
    csv: Path | None


def tax(asked: Asked) -> Taxed:
    """A year of a journal; InputError for one that it does not tell of, and a choice of nothing."""
    told = [event for _, event in events(asked.journal)]
    order = {"fifo": fifo, "hifo": hifo, "specific": specific(asked.choices)}[asked.lots]
    year = taxed(told, asked.year, Treatment(order, asked.folds))
    _require_taken(asked.choices, year)
    written = [] if asked.csv is None else _write(asked.csv, year)
    return _found(asked, told, year, written)


def _write(folder: Path, year: TaxYear) -> list[str]:
    """Both forms, each replaced whole; InputError where the folder cannot be written."""
    texts = {"8949": form_8949(year), "6781": form_6781(year)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        found = (problem.strerror or str(problem)).lower()
        raise InputError(f"--csv {folder}: {found}; expected a folder to write to") from problem
    paths = {name: folder / f"form-{name}-{year.year}.csv" for name in texts}
    for name, text in texts.items():
        replace_text(paths[name], text)
    return [str(path) for path in paths.values()]


def _found(asked: Asked, told: Iterable[AnyEvent], year: TaxYear, written: list[str]) -> Taxed:
    return Taxed(
        journal=str(asked.journal),
        quotes=next((one.quotes for one in told if isinstance(one, BookOpened)), "unknown"),
        year=year.year,
        through=str(year.through),
        over=year.over,
        lots=asked.lots,
        folds=asked.folds,
        short_term=year.short_u / MICRO,
        long_term=year.long_u / MICRO,
        put_off=year.disallowed_u / MICRO,
        dividends=year.dividends_u / MICRO,
        in_lieu=year.in_lieu_u / MICRO,
        interest=year.interest_u / MICRO,
        sales=[_sale(one, _term(one, year)) for one in year.closings],
        section_1256=_section_1256(year),
        open_lots=[_lot(one) for one in year.lots],
        covered_calls=[_call(one) for one in year.calls],
        deep_puts=[_put(one) for one in year.puts],
        window_open=[_sale(one, _term(one, year)) for one in year.waiting],
        strays=year.strays,
        files=written,
    )


def _term(one: Closing, year: TaxYear) -> Term:
    return "long" if year.is_long(one) else "short"


def _sale(one: Closing, term: Term) -> Sale:
    return Sale(
        account=one.account,
        what=described(one.asset, one.quantity, written=one.short),
        quantity=one.quantity,
        short=one.short,
        opened=str(one.opened),
        held_since=str(one.since),
        closed=str(one.closed),
        how=one.how,
        term=term,
        proceeds=one.proceeds_u / MICRO,
        basis=one.basis_u / MICRO,
        code="W" if one.disallowed_u else "",
        adjustment=one.disallowed_u / MICRO,
        gain=one.taxed_u / MICRO,
    )


def _section_1256(year: TaxYear) -> Section1256:
    short, long = split_of(year)
    return Section1256(
        gain=None if year.index_u is None else year.index_u / MICRO,
        short_part=None if short is None else short / _CENTS,
        long_part=None if long is None else long / _CENTS,
        top_rate=year.rules.index_permille / 1_000,
        sales=[_sale(one, "section 1256") for one in year.index],
        marks=[_mark(one) for one in year.marks],
        taken_before=[_mark(one) for one in year.taken_before],
    )


def _mark(one: YearMark) -> MarkFound:
    return MarkFound(
        account=one.account,
        year=one.year,
        contracts=[str(contract_of(option)) for option in one.options],
        day=None if one.day is None else str(one.day),
        gain=None if one.gain_u is None else one.gain_u / MICRO,
        why=one.why,
    )


def _lot(one: Opened) -> LotFound:
    lot = one.lot
    return LotFound(
        account=one.account,
        what=described(one.asset, abs(lot.quantity), written=lot.quantity < 0),
        quantity=lot.quantity,
        opened=str(lot.opened),
        held_since=str(lot.since),
        basis=-lot.money_u / MICRO,
    )


def _call(one: CoveredCall) -> CallFound:
    name = str(contract_of(one.option))
    return CallFound(one.account, name, one.quantity, str(one.written), one.qualified, one.reason)


def _put(one: DeepPut) -> PutFound:
    name, strike, close = str(contract_of(one.option)), one.strike_u / MICRO, one.close_u / MICRO
    return PutFound(one.account, name, str(one.written), strike, close)


def year_asked(words: str) -> int:
    """The tax year that is named; InputError for what is none."""
    if not (words.isascii() and words.isdigit() and len(words) == len("2026")):
        raise InputError(f"YEAR: found {words!r}; expected a year, such as 2026")
    return int(words)


def read_choices(path: Path) -> tuple[Choice, ...]:
    """Which lots were identified: a csv with columns closed, what, opened; InputError otherwise.

    `what` is the symbol of shares, or of an option in OSI form.
    """
    if not path.is_file():
        raise InputError(f"{path}: found no such file; expected a csv of closed,what,opened")
    reader = csv.reader(io.StringIO(text_of(path), newline=""))
    head = [name.strip().casefold() for name in next(reader, [])]
    if head != _COLUMNS:
        raise InputError(f"{path}, line 1: found {','.join(head)}; expected {','.join(_COLUMNS)}")
    return tuple(_choice(path, reader.line_num, row) for row in reader if any(row))


def _choice(path: Path, line: int, row: list[str]) -> Choice:
    """One row; InputError where it does not say what to take."""
    try:
        closed, what, opened = (cell.strip() for cell in row)
        name = what.upper()
        if len(name) >= _SHORTEST_OSI:
            name = contract_of(name).osi()
        return Choice(date.fromisoformat(closed), name, date.fromisoformat(opened))
    except (ValueError, InputError) as error:
        found = f"{path}, line {line}: found {','.join(row)}"
        raise InputError(f"{found}; expected a day, a symbol and a day") from error


def _require_taken(choices: Iterable[Choice], year: TaxYear) -> None:
    """Refuse a choice of this year that no sale could follow."""
    taken = {
        (one.closed, one.asset.option or one.asset.underlying, one.opened)
        for one in (*year.closings, *year.index)
    }
    for one in choices:
        if one.closed.year == year.year and one not in taken:
            raise InputError(
                f"--choose: found {one.asset} opened {one.opened} for {one.closed}; "
                "expected a lot that was open then, and a sale of it on that day"
            )
