"""`underwriter plan POLICY...`: what should be sold this week, how many, and why not the others?"""

import shutil
from dataclasses import dataclass
from typing import Annotated

import typer
from typer import Option

from underwriter.app.cli.options import Housed, Policies, takes
from underwriter.app.cli.terminal import ATTENTION, Phases, answer, answer_json, remark


@dataclass(frozen=True, kw_only=True)
class Options(Housed):
    """What `underwriter plan` takes."""

    policies: Policies
    as_of: Annotated[
        str | None,
        Option(help="The last session at or before this day; left out: of all.", metavar="DATE"),
    ] = None
    book: Annotated[
        str | None,
        Option(
            help="What is held: a journal; left out: an account that begins.", metavar="JOURNAL"
        ),
    ] = None


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: underwriter plan wheel-index --as-of 2018-12-31")(plan)


@takes(Options)
def plan(options: Options) -> int:
    """Decide one session and send nothing: this week's orders, the refused, the month's income.

    The decision is the engine's own, over an account as the settings say or over a journal.
    """
    from underwriter.app.settings import open_house  # noqa: PLC0415  pydantic, not for --help

    house = open_house(options.home)
    from underwriter.app import plan as made  # noqa: PLC0415  kernels, compiled into that home
    from underwriter.app.books import day_asked, named  # noqa: PLC0415
    from underwriter.app.plan_text import page  # noqa: PLC0415
    from underwriter.app.request import Request  # noqa: PLC0415
    from underwriter.app.run_folder import RUNS  # noqa: PLC0415
    from underwriter.app.shipped import find_policies  # noqa: PLC0415

    as_of = day_asked(options.as_of)
    (policy, *others), phases = find_policies(options.policies), Phases()
    request = Request(policy, house, house.settings, house.home / RUNS, others=tuple(others))
    book = None if options.book is None else named(options.book)
    found = made.plan(made.Asked(request, as_of, book), phases)
    if options.json:
        from msgspec import to_builtins  # noqa: PLC0415

        answer_json(to_builtins(found))
    else:
        answer(page(found, shutil.get_terminal_size().columns))
    if nothing := made.why_nothing(found):
        remark(f"underwriter: {nothing}")
        return ATTENTION
    return 0
