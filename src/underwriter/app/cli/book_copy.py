"""`underwriter book copy`: a journal into another place, file or database."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from typer import Argument

from underwriter.app.cli.options import Housed, takes
from underwriter.app.cli.terminal import answer, answer_json


@dataclass(frozen=True, kw_only=True)
class Copying(Housed):
    """What `underwriter book copy` takes."""

    source: Annotated[str, Argument(help="A journal, or a run's folder.", metavar="JOURNAL|FOLDER")]
    target: Annotated[
        str,
        Argument(help="Where the copy is kept, or goes on: a file, or a URL.", metavar="TARGET"),
    ]


def register(parent: typer.Typer) -> None:
    """Add the command."""
    example = "Example: underwriter book copy mine.db postgresql://clerk@books.example/ledger"
    parent.command(epilog=example)(copy)


@takes(Copying)
def copy(options: Copying) -> int:
    """Copy a journal as it is, between files and databases: the same events, hashes and head.

    A copy that is there already goes on from where it ends; one of anything else is refused.
    """
    from underwriter.app.settings import open_house  # noqa: PLC0415  pydantic, not for --help

    house = open_house(options.home)
    from underwriter.app import book_copy as app  # noqa: PLC0415  kernels' home is set
    from underwriter.app.books import journal_asked  # noqa: PLC0415

    said = app.copied(journal_asked(options.source, house.home, Path.cwd()), options.target)
    if options.json:
        from msgspec import to_builtins  # noqa: PLC0415

        answer_json(to_builtins(said))
    else:
        answer(app.page(said))
    return 0
