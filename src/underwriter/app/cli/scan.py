"""`underwriter scan POLICY`: which names qualify, what would be sold on them, and why not."""

import shutil
from dataclasses import dataclass
from typing import Annotated

import typer
from typer import Argument, Option

from underwriter.app.cli.options import Housed, takes
from underwriter.app.cli.terminal import ATTENTION, Phases, answer, answer_json


@dataclass(frozen=True, kw_only=True)
class Options(Housed):
    """What `underwriter scan` takes."""

    policy: Annotated[str, Argument(help="A shipped policy's name, or a path.", metavar="POLICY")]
    as_of: Annotated[
        str | None,
        Option(help="The last session at or before this day; left out: of all.", metavar="DATE"),
    ] = None


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: underwriter scan wheel-shares --as-of 2026-07-31")(scan)


@takes(Options)
def scan(options: Options) -> int:
    """Hold each name of a policy's universe against every gate of its screen, and rank them.

    Nothing that was known after the day is used. Exit code 3 where no name is admitted.
    """
    from underwriter.app.settings import open_house  # noqa: PLC0415  pydantic, not for --help

    house = open_house(options.home)
    import msgspec  # noqa: PLC0415  as above

    from underwriter.app.books import day_asked  # noqa: PLC0415
    from underwriter.app.request import Request  # noqa: PLC0415
    from underwriter.app.run_folder import RUNS  # noqa: PLC0415
    from underwriter.app.scan import run  # noqa: PLC0415  kernels, compiled into that home
    from underwriter.app.scan_text import text_of  # noqa: PLC0415
    from underwriter.app.shipped import find_policy  # noqa: PLC0415

    last = day_asked(options.as_of)
    policy = find_policy(options.policy)
    folder = house.home / RUNS / policy.name
    found = run(Request(policy, house, house.settings, folder, last=last), Phases())
    if options.json:
        answer_json(msgspec.to_builtins(found))
    else:
        answer(text_of(found, shutil.get_terminal_size().columns))
    return 0 if found.admitted else ATTENTION
