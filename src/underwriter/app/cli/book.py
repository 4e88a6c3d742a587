"""`underwriter book ...`: the books."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from typer import Argument

from underwriter.app.cli.options import Housed, takes
from underwriter.app.cli.terminal import ATTENTION, answer, answer_json

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)


@dataclass(frozen=True, kw_only=True)
class Options(Housed):
    """What `underwriter book verify` takes."""

    journal: Annotated[
        Path | None,
        Argument(help="A journal; left out: the one last written.", metavar="JOURNAL"),
    ] = None


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog="Example: underwriter book verify underwriter-demo/journal.db")(verify)
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
