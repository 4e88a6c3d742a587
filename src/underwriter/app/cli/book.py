"""`underwriter book ...`: the books."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer
from typer import Argument, Option

from underwriter.app.cli import book_copy, book_import, book_reconcile, record
from underwriter.app.cli.options import Housed, takes
from underwriter.app.cli.terminal import ATTENTION, answer, answer_json, answer_lines, remark
from underwriter.core.errors import InputError

if TYPE_CHECKING:
    from underwriter.book.place import Place

Found = TypeVar("Found")
app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)


Named = Annotated[
    str | None,
    Argument(
        help="A journal, or a run's folder; left out: the one last written.",
        metavar="JOURNAL|FOLDER",
    ),
]


@dataclass(frozen=True, kw_only=True)
class Options(Housed):
    """What `underwriter book verify` takes."""

    journal: Named = None


def _path(journal: str | None, home: Path | None) -> "Place":
    """The journal that is asked for; InputError where there is none."""
    from underwriter.app.settings import open_house  # noqa: PLC0415  pydantic, not for --help

    house = open_house(home)
    from underwriter.app.books import journal_asked  # noqa: PLC0415  kernels' home is set

    return journal_asked(journal, house.home, Path.cwd())


@dataclass(frozen=True, kw_only=True)
class Asked(Housed):
    """What every command takes that reads a book."""

    journal: Named = None

    def path(self) -> "Place":
        """The journal that is asked for; InputError where there is none."""
        return _path(self.journal, self.home)


@dataclass(frozen=True, kw_only=True)
class AsOf(Asked):
    """What a command takes that can look at a book as it stood."""

    as_of: Annotated[
        str | None, Option(help="As it stood on this day; left out: the last.", metavar="DATE")
    ] = None

    def day(self) -> date | None:
        """The day that is asked for, where one is."""
        from underwriter.app.books import day_asked  # noqa: PLC0415  kernels' home is set

        return day_asked(self.as_of)


_CSV = Option("--csv", help="A csv on standard output.")


@dataclass(frozen=True, kw_only=True)
class PositionOptions(AsOf):
    """What `underwriter book positions` takes."""

    csv: Annotated[bool, _CSV] = False


@dataclass(frozen=True, kw_only=True)
class JournalOptions(Asked):
    """What `underwriter book journal` takes."""

    after: Annotated[int, Option(help="Only what follows this event.", min=0, metavar="N")] = 0
    limit: Annotated[int | None, Option(help="At most so many events.", min=0, metavar="N")] = None
    kind: Annotated[
        list[str] | None, Option(help="Only of this kind; again for each.", metavar="KIND")
    ] = None
    csv: Annotated[bool, _CSV] = False


@dataclass(frozen=True, kw_only=True)
class CampaignOptions(AsOf):
    """What `underwriter book campaigns` takes."""

    open: Annotated[bool, Option("--open", help="Only those that run.")] = False
    underlying: Annotated[str | None, Option(help="Only those on this one.", metavar="SYMBOL")] = (
        None
    )
    csv: Annotated[bool, _CSV] = False


@dataclass(frozen=True, kw_only=True)
class IncomeOptions(AsOf):
    """What `underwriter book income` takes."""

    account: Annotated[
        str | None, Option(help="Only of this one; left out: all together.", metavar="NAME")
    ] = None
    csv: Annotated[bool, _CSV] = False


@dataclass(frozen=True, kw_only=True)
class ExportOptions(AsOf):
    """What `underwriter book export` takes."""

    format: Annotated[str, Option(help="beancount or csv.")] = "beancount"
    output: Annotated[
        Path | None, Option(help="Write it there, not to standard output.", metavar="FILE")
    ] = None


@dataclass(frozen=True, kw_only=True)
class TaxOptions(Housed):
    """What `underwriter book tax` takes."""

    year: Annotated[str, Argument(help="The tax year.", metavar="YEAR")]
    journal: Named = None
    lots: Annotated[
        Literal["fifo", "hifo"] | None, Option(help="Which lots go first: oldest, or dearest.")
    ] = None
    choose: Annotated[
        Path | None,
        Option(help="Lots that were identified: csv of closed,what,opened.", metavar="FILE"),
    ] = None
    separate: Annotated[
        bool, Option("--separate", help="Premium stands alone: not into basis or proceeds.")
    ] = False
    csv: Annotated[
        Path | None, Option(help="Write Forms 8949 and 6781 there, as csv.", metavar="FOLDER")
    ] = None


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog="Example: underwriter book verify underwriter-demo/journal.db")(verify)
    app.command(epilog="Example: underwriter book stress underwriter-demo --as-of 2015-08-24")(
        stress
    )
    app.command(epilog="Example: underwriter book tax 2015 underwriter-demo --csv forms")(tax)
    app.command(epilog="Example: underwriter book positions underwriter-demo")(positions)
    app.command(epilog="Example: underwriter book campaigns underwriter-demo --open")(campaigns)
    app.command(epilog="Example: underwriter book income underwriter-demo")(income)
    app.command(epilog="Example: underwriter book journal --kind assigned --limit 10")(journal)
    app.command(epilog="Example: underwriter book export --output book.beancount")(export)
    book_copy.register(app)
    book_import.register(app)
    book_reconcile.register(app)
    record.register(app)
    app.callback(help="The books.")(lambda: None)
    parent.add_typer(app, name="book")


@takes(Options)
def verify(options: Options) -> int:
    """See whether a journal is what was written: every event, every page, its head.

    Nothing is repaired. Exit code 3 where something is amiss.
    """
    from underwriter.app.settings import open_house  # noqa: PLC0415  pydantic, not for --help

    house = open_house(options.home)
    from underwriter.app.books import verified, verify_asked  # noqa: PLC0415  kernels' home is set

    found = verified(verify_asked(options.journal, house.home, Path.cwd()))
    if options.json:
        answer_json(found.as_json())
    else:
        answer(found.text())
    return 0 if found.report.ok else ATTENTION


@takes(AsOf)
def stress(options: AsOf) -> int:
    """See what a held book would lose in six falls of the market, and what would be left.

    Every position is revalued in full: spot alone, volatility alone, and both. Nothing is written.
    """
    journal, day = options.path(), options.day()
    from underwriter.app.stress import stress as stressed  # noqa: PLC0415  kernels' home is set
    from underwriter.app.stress_text import page  # noqa: PLC0415

    return _told(stressed(journal, day), page, options)


@takes(PositionOptions)
def positions(options: PositionOptions) -> int:
    """See what is held, by account and sleeve: shares, legs, opening credits, breakevens."""
    journal, day = options.path(), options.day()
    from underwriter.app import book_csv, book_positions  # noqa: PLC0415  kernels' home is set

    found = book_positions.positions(journal, day)
    if _as_csv(options):
        return answer_lines(book_csv.positions_csv(found))
    return _told(found, book_positions.page, options)


@takes(CampaignOptions)
def campaigns(options: CampaignOptions) -> int:
    """See every campaign from flat to flat: credits, debits, shares, rolls, fees, the result."""
    journal, day = options.path(), options.day()
    from underwriter.app import book_campaigns, book_csv  # noqa: PLC0415  kernels' home is set

    found = book_campaigns.campaigns(journal, day, options.underlying, running=options.open)
    if _as_csv(options):
        return answer_lines(book_csv.campaigns_csv(found))
    return _told(found, book_campaigns.page, options)


@takes(IncomeOptions)
def income(options: IncomeOptions) -> int:
    """See what each month brought: premium, realised income, dividends, interest, its target."""
    journal, day = options.path(), options.day()
    from underwriter.app import book_csv, book_income  # noqa: PLC0415  kernels' home is set

    found = book_income.income(journal, day, options.account)
    if _as_csv(options):
        return answer_lines(book_csv.income_csv(found))
    return _told(found, book_income.page, options)


@takes(JournalOptions)
def journal(options: JournalOptions) -> int:
    """See the events in order, a line each: as text, or with --json one object a line."""
    path = options.path()
    from underwriter.app import book_csv, book_journal  # noqa: PLC0415  kernels' home is set

    lines = book_journal.as_json if options.json else book_journal.as_text
    if _as_csv(options):
        lines = book_csv.journal_csv
    return answer_lines(lines(path, options.after, options.limit, options.kind or ()))


@takes(ExportOptions)
def export(options: ExportOptions) -> int:
    """Write the books as double entry: Beancount text, or a csv with a posting a row."""
    journal, day = options.path(), options.day()
    from underwriter.app import book_export  # noqa: PLC0415  kernels' home is set

    if options.json and options.output is not None:
        raise InputError("--output: found it with --json; expected one of them")
    if options.json:
        from msgspec import to_builtins  # noqa: PLC0415

        answer_json(to_builtins(book_export.exported(journal, day)))
        return 0
    lines = book_export.lines(journal, day, options.format)
    if options.output is None:
        return answer_lines(lines)
    book_export.written(lines, options.output)
    return 0


def _as_csv(options: PositionOptions | CampaignOptions | IncomeOptions | JournalOptions) -> bool:
    """Whether csv is asked for; InputError where JSON is, too."""
    if options.csv and options.json:
        raise InputError("--csv: found it with --json; expected one of them")
    return options.csv


def _told(found: Found, page: Callable[[Found, int], str], options: Housed) -> int:
    """Say what was found, as one object or as a page as wide as the terminal."""
    if options.json:
        from msgspec import to_builtins  # noqa: PLC0415

        answer_json(to_builtins(found))
    else:
        answer(page(found, shutil.get_terminal_size().columns))
    return 0


@takes(TaxOptions)
def tax(options: TaxOptions) -> int:
    """Tell a year's taxable results, US: sales by term, wash sales, section 1256, open lots.

    A record, no advice. Exit code 3 where a year-end mark is needed that the journal has not.
    """
    journal = _path(options.journal, options.home)
    from underwriter.app import tax as made  # noqa: PLC0415  kernels' home is set
    from underwriter.app.tax_text import page  # noqa: PLC0415

    if options.choose is not None and options.lots is not None:
        raise InputError(f"--choose and --lots {options.lots}: found both; expected one of them")
    year = made.year_asked(options.year)
    choices = () if options.choose is None else made.read_choices(options.choose)
    method: made.Method = "specific" if options.choose else options.lots or "fifo"
    found = made.tax(made.Asked(journal, year, method, choices, not options.separate, options.csv))
    _told(found, page, options)
    if found.section_1256.gain is None:
        remark("underwriter: section 1256: a year-end mark is not known, so its result is not told")
        return ATTENTION
    return 0
