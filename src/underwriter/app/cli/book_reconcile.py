"""`underwriter book reconcile`: where a journal is not what a statement says."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from underwriter.app.cli.options import Housed, takes
from underwriter.app.cli.terminal import ATTENTION, answer, answer_json, remark


@dataclass(frozen=True, kw_only=True)
class Reconciling(Housed):
    """What `underwriter book reconcile` takes."""

    statement: Annotated[Path, Argument(help="A broker's export.", metavar="STATEMENT")]
    journal: Annotated[
        str | None,
        Argument(
            help="A journal, or a run's folder; left out: the one last written.",
            metavar="JOURNAL|FOLDER",
        ),
    ] = None
    account: Annotated[
        str | None,
        Option(help="Of the journal; left out: the one of that number, or the only.", metavar="A"),
    ] = None
    broker: Annotated[
        str | None,
        Option(help="Whose it is; left out: as its header says.", metavar="NAME"),
    ] = None
    mend: Annotated[bool, Option("--mend", help="Append what mends the breaks; it asks.")] = False
    yes: Annotated[bool, Option("--yes", help="With --mend: write without asking.")] = False


def register(parent: typer.Typer) -> None:
    """Add the command."""
    parent.command(epilog="Example: underwriter book reconcile history.csv mine.db")(reconcile)


@takes(Reconciling)
def reconcile(options: Reconciling) -> int:
    """See where a journal is not what a statement says, why, and which event would mend it.

    Nothing is written without --mend. Exit code 3 where there is a break that is not mended.
    """
    from underwriter.app.settings import open_house  # noqa: PLC0415  pydantic, not for --help

    house = open_house(options.home)
    from underwriter.app import book_reconcile as app  # noqa: PLC0415  kernels' home is set
    from underwriter.app.books import journal_asked  # noqa: PLC0415

    journal = journal_asked(options.journal, house.home, Path.cwd())
    asked = options.statement, journal, options.account, options.broker
    found = app.reconcile(*asked)
    said, width = found.said, shutil.get_terminal_size().columns
    if options.mend and any(one.mend for one in said.breaks):
        if not options.yes:
            remark(app.page(said, width).rstrip())
            if not typer.confirm("Write what mends them?", err=True):
                remark("underwriter: nothing was written")
                return ATTENTION
        said = found.mend()
    if options.json:
        from msgspec import to_builtins  # noqa: PLC0415

        answer_json(to_builtins(said))
    else:
        answer(app.page(said, width) + ("\nMended." if said.mended else ""))
    left = app.reconcile(*asked).said.breaks if said.mended else said.breaks
    return ATTENTION if left else 0
