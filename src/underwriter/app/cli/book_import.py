"""`underwriter book import`: brokers' statements into a journal."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer
from typer import Argument, Option

from underwriter.app.cli.options import Housed, takes
from underwriter.app.cli.terminal import ATTENTION, answer, answer_json, remark
from underwriter.core.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Importing(Housed):
    """What `underwriter book import` takes."""

    files: Annotated[
        list[Path],
        Argument(help="Exports of one account, in any order.", metavar="FILE"),
    ]
    broker: Annotated[
        str | None,
        Option(help="Whose they are; left out: as their header says.", metavar="NAME"),
    ] = None
    journal: Annotated[
        str | None,
        Option(
            "--journal",
            "--into",
            help="A journal, or a run's folder; left out: the last.",
            metavar="JOURNAL",
        ),
    ] = None
    account: Annotated[
        str | None,
        Option(help="Of the journal; left out: the one of that number, or the only.", metavar="A"),
    ] = None
    create: Annotated[
        bool, Option("--create", help="Make the journal, or the account, that is not there.")
    ] = False
    collateral: Annotated[
        Literal["cash", "reg_t"], Option(help="Rule of an account that is made.")
    ] = "cash"
    tax: Annotated[
        Literal["us_taxable", "us_deferred", "separate"],
        Option(help="Treatment of an account that is made."),
    ] = "us_taxable"
    keep_going: Annotated[
        bool,
        Option("--keep-going", help="Book the cash of rows that are not understood, and go on."),
    ] = False
    yes: Annotated[bool, Option("--yes", help="Write without asking.")] = False


def register(parent: typer.Typer) -> None:
    """Add the command."""
    example = "Example: underwriter book import history.csv --into mine.db --create"
    parent.command("import", epilog=example)(import_)


@takes(Importing)
def import_(options: Importing) -> int:
    """Book brokers' statements: all of it or nothing, and each row once.

    Exit code 3 where cash or positions are not what the statement says, or it does not say them,
    where a price is out of scale beside what is known, or a fill of a desk by hand is not in it.
    """
    from underwriter.app.settings import open_house  # noqa: PLC0415  pydantic, not for --help

    house = open_house(options.home)
    from underwriter.app import book_import as app  # noqa: PLC0415  kernels' home is set
    from underwriter.app.books import journal_to_write  # noqa: PLC0415

    named, here = options.journal, Path.cwd()
    journal = journal_to_write(named, house.home, here, create=options.create)
    into = app.Into(journal, options.account, options.broker, options.create,
                    options.collateral, options.tax)  # fmt: skip
    found = app.imported(options.files, into)
    said = found.said
    if said.left and not options.keep_going:
        remark("\n".join(f"{one.file}, row {one.row}: {one.why}" for one in said.left))
        raise InputError(
            f"{said.files[0]}: found {len(said.left)} rows that are not booked, as above; expected "
            "none, or --keep-going, which books their cash"
        )
    width = shutil.get_terminal_size().columns
    if said.events and not options.yes:
        remark(app.page(said, width).rstrip())
        if not typer.confirm("Write this?", err=True):
            remark("underwriter: nothing was written")
            return 1
    said = found.write()
    if options.json:
        from msgspec import to_builtins  # noqa: PLC0415

        answer_json(to_builtins(said))
    else:
        end = "Written." if said.written else "Nothing is new: nothing was written."
        answer(app.page(said, width) + "\n" + end)
    look = said.untold or said.doubts or said.unconfirmed
    return ATTENTION if look or any(one.differs for one in said.beside) else 0
