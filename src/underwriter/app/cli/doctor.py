"""`underwriter doctor [POLICY...]`: what is missing, stale, unreachable or unsafe, and the mend."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from underwriter.app.cli.options import Housed, takes
from underwriter.app.cli.terminal import ATTENTION, answer, answer_json
from underwriter.core.errors import InputError

if TYPE_CHECKING:
    from underwriter.app.settings import House


@dataclass(frozen=True, kw_only=True)
class Options(Housed):
    """What `underwriter doctor` takes."""

    policies: Annotated[
        list[str] | None,
        Argument(
            help="Shipped policies, or paths; left out: those beside the settings.",
            metavar="[POLICY]...",
        ),
    ] = None
    book: Annotated[
        str | None, Option(help="A journal; left out: the desk's.", metavar="JOURNAL")
    ] = None


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: underwriter doctor wheel-index")(doctor)


@takes(Options)
def doctor(options: Options) -> int:
    """Check settings, credentials, clock, calendar, quotes, permissions, disk, account, books.

    Each finding is ok, warn or bad, with its mend. Exit code 3 where one is bad. Without a broker
    and a database nothing is asked of any other machine.
    """
    house, refused = _house(options.home)
    from underwriter.app.doctor_all import examine  # noqa: PLC0415  kernels' home is set

    found = examine(
        house, refused, tuple(options.policies or ()), options.book, os.environ, time.time_ns
    )
    if options.json:
        from msgspec import to_builtins  # noqa: PLC0415  as above

        answer_json(to_builtins(found))
    else:
        from underwriter.app.doctor import text_of  # noqa: PLC0415  as above

        answer(text_of(found))
    return ATTENTION if found.bad else 0


def _house(home: Path | None) -> "tuple[House, str]":
    """The house, and why its settings cannot be read."""
    from underwriter.app.settings import open_house, unread_house  # noqa: PLC0415  pydantic

    try:
        return open_house(home), ""
    except InputError as problem:
        return unread_house(home), str(problem)
