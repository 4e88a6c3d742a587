"""`underwriter review`: what did the week bring, what went wrong, and what comes next?"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from typer import Option

from underwriter.app.cli.options import Housed, takes
from underwriter.app.cli.terminal import Phases, answer, answer_json, remark


@dataclass(frozen=True, kw_only=True)
class Options(Housed):
    """What `underwriter review` takes."""

    book: Annotated[
        str | None,
        Option(
            help="A journal, or a run's folder; left out: the one last written.",
            metavar="JOURNAL",
        ),
    ] = None
    week: Annotated[
        str | None,
        Option(
            help="As 2026-W05, or any of its days; left out: the last that is over.",
            metavar="WEEK|DATE",
        ),
    ] = None
    account: Annotated[
        str | None, Option(help="Of this one, where a journal has several.", metavar="NAME")
    ] = None
    out: Annotated[
        Path | None,
        Option(help="Write the files there; left out: HOME/reviews/JOURNAL.", metavar="DIR"),
    ] = None


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: underwriter review --week 2018-W51")(review)


@takes(Options)
def review(options: Options) -> int:
    """Review a week of a journal: results, causes, rule breaches, what was refused, next week.

    Writes it as HTML, Markdown and JSON, named by the week.
    """
    from underwriter.app.settings import open_house  # noqa: PLC0415  pydantic, not for --help

    house = open_house(options.home)
    from underwriter.app.books import journal_asked  # noqa: PLC0415  kernels' home is set
    from underwriter.app.review import Asked, write  # noqa: PLC0415

    journal = journal_asked(options.book, house.home, Path.cwd())
    found = write(Asked(house, journal, options.week, options.account, options.out), Phases())
    if options.json:
        from msgspec import to_builtins  # noqa: PLC0415

        answer_json(to_builtins(found.review))
    else:
        answer(found.text)
    for path in found.files:
        remark(f"underwriter: wrote {path}")
    return 0
