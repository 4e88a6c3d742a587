"""`underwriter watch`: what is held, how near each strike is, and what needs attention."""

import os
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Option

from underwriter.app.cli.options import Housed, takes
from underwriter.app.cli.terminal import ATTENTION, answer, answer_json

if TYPE_CHECKING:
    from underwriter.app.watch import Watched

_APART, _BACK, _CLEAR = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l", "\x1b[H\x1b[J"

DeskAt = Annotated[
    Path | None, Option(help="The desk's folder; left out: HOME/desk/ACCOUNT.", metavar="DIR")
]
BookAt = Annotated[
    str | None, Option(help="The journal, where it is not in the folder.", metavar="JOURNAL")
]


@dataclass(frozen=True, kw_only=True)
class Options(Housed):
    """What `underwriter watch` takes."""

    folder: DeskAt = None
    book: BookAt = None
    once: Annotated[bool, Option("--once", help="Show it once, and end.")] = False
    every: Annotated[float, Option(help="Seconds between two looks, from 1 to 3600.")] = 5.0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: underwriter watch --once --json")(watch)


@takes(Options)
def watch(options: Options) -> int:
    """Show a desk: what it holds, how near each strike is, what is on its way, what needs a look.

    Exit code 3 with --once where something needs attention.
    """
    from underwriter.core.errors import InputError  # noqa: PLC0415

    if not 1.0 <= options.every <= 3600.0:  # noqa: PLR2004
        raise InputError(f"--every: found {options.every:g}; expected seconds, from 1 to 3600")
    if options.json and not options.once:
        raise InputError("found --json without --once; expected both: one object, once")
    if options.once or not sys.stdout.isatty():
        return _once(options)
    sys.stdout.write(_APART)
    try:
        while True:
            size = shutil.get_terminal_size()
            sys.stdout.write(f"{_CLEAR}{_cut(_page(_look(options), size.columns), size)}\n")
            sys.stdout.flush()
            time.sleep(options.every)
    except KeyboardInterrupt:
        return 0
    finally:
        sys.stdout.write(_BACK)
        sys.stdout.flush()


def _cut(page: str, size: os.terminal_size) -> str:
    """As much of a page as a terminal has room for, and how much is left out."""
    lines, room = page.splitlines(), max(size.lines - 1, 2)
    if len(lines) > room:
        left = len(lines) - room + 1
        lines = [*lines[: room - 1], f"{left} lines more: watch --once shows them"]
    return "\n".join(line[: size.columns] for line in lines)


def _look(options: Options) -> "Watched":
    """The desk as it is now."""
    from underwriter.app.settings import open_house  # noqa: PLC0415  pydantic, not for --help

    house = open_house(options.home)
    from underwriter.app.desk_again import again, around, desk_folder  # noqa: PLC0415  kernels
    from underwriter.app.watch import watched  # noqa: PLC0415

    found = again(house, desk_folder(house, options.folder, options.book))
    return watched(found, around(found))


def _page(found: "Watched", width: int) -> str:
    from underwriter.app.watch_text import page  # noqa: PLC0415

    return page(found, width)


def _once(options: Options) -> int:
    """Show it once; the exit code."""
    found = _look(options)
    if options.json:
        from msgspec import to_builtins  # noqa: PLC0415

        answer_json(to_builtins(found))
    else:
        answer(_page(found, shutil.get_terminal_size().columns))
    return ATTENTION if found.attention else 0
