"""`underwriter book ...`: the books."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer
from typer import Argument, Option

from underwriter.app.cli.options import Housed, takes
from underwriter.app.cli.terminal import ATTENTION, answer, answer_json, remark

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)


@dataclass(frozen=True, kw_only=True)
class Options(Housed):
    """What `underwriter book verify` takes."""

    journal: Annotated[
        Path | None,
        Argument(help="A journal; left out: the one last written.", metavar="JOURNAL"),
    ] = None


@dataclass(frozen=True, kw_only=True)
class StressOptions(Housed):
    """What `underwriter book stress` takes."""

    journal: Annotated[
        Path | None,
        Argument(
            help="A journal, or a run's folder; left out: the one last written.",
            metavar="JOURNAL|FOLDER",
        ),
    ] = None
    as_of: Annotated[
        str | None, Option(help="As it stood on this day; left out: the last.", metavar="DATE")
    ] = None


@dataclass(frozen=True, kw_only=True)
class TaxOptions(Housed):
    """What `underwriter book tax` takes."""

    year: Annotated[str, Argument(help="The tax year.", metavar="YEAR")]
    journal: Annotated[
        Path | None,
        Argument(
            help="A journal, or a run's folder; left out: the one last written.",
            metavar="JOURNAL|FOLDER",
        ),
    ] = None
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
    app.callback(help="The books.")(lambda: None)
    parent.add_typer(app, name="book")


@takes(Options)
def verify(options: Options) -> int:
    """See whether a journal is what was written: every event, every page, its head.

    Nothing is repaired. Exit code 3 where something is amiss.
    """
    from underwriter.app.settings import open_house  # noqa: PLC0415  pydantic, not for --help

    house = open_house(options.home)
    from underwriter.app.books import last_written, verified  # noqa: PLC0415  kernels' home is set

    found = verified(options.journal or last_written(house.home, Path.cwd()))
    if options.json:
        answer_json(found.as_json())
    else:
        answer(found.text())
    return 0 if found.report.ok else ATTENTION


@takes(StressOptions)
def stress(options: StressOptions) -> int:
    """See what a held book would lose in six falls of the market, and what would be left.

    Every position is revalued in full: spot alone, volatility alone, and both. Nothing is written.
    """
    from underwriter.app.settings import open_house  # noqa: PLC0415  pydantic, not for --help

    house = open_house(options.home)
    from underwriter.app.books import day_asked, journal_asked  # noqa: PLC0415  kernels' home is set
    from underwriter.app.stress import stress as stressed  # noqa: PLC0415

    day = day_asked(options.as_of)
    found = stressed(journal_asked(options.journal, house.home, Path.cwd()), day)
    if options.json:
        from msgspec import to_builtins  # noqa: PLC0415

        answer_json(to_builtins(found))
    else:
        from underwriter.app.stress_text import page  # noqa: PLC0415

        answer(page(found, shutil.get_terminal_size().columns))
    return 0


@takes(TaxOptions)
def tax(options: TaxOptions) -> int:
    """Tell a year's taxable results, US: sales by term, wash sales, section 1256, open lots.

    A record, no advice. Exit code 3 where a year-end mark is needed that the journal has not.
    """
    from underwriter.app.settings import open_house  # noqa: PLC0415  pydantic, not for --help

    house = open_house(options.home)
    from underwriter.app import tax as made  # noqa: PLC0415  kernels' home is set
    from underwriter.app.books import journal_asked  # noqa: PLC0415
    from underwriter.core.errors import InputError  # noqa: PLC0415

    if options.choose is not None and options.lots is not None:
        raise InputError(f"--choose and --lots {options.lots}: found both; expected one of them")
    year = made.year_asked(options.year)
    choices = () if options.choose is None else made.read_choices(options.choose)
    method: made.Method = "specific" if options.choose else options.lots or "fifo"
    journal = journal_asked(options.journal, house.home, Path.cwd())
    found = made.tax(made.Asked(journal, year, method, choices, not options.separate, options.csv))
    if options.json:
        from msgspec import to_builtins  # noqa: PLC0415

        answer_json(to_builtins(found))
    else:
        from underwriter.app.tax_text import page  # noqa: PLC0415

        answer(page(found, shutil.get_terminal_size().columns))
    if found.section_1256.gain is None:
        remark("underwriter: section 1256: a year-end mark is not known, so its result is not told")
        return ATTENTION
    return 0
