"""`underwriter trade POLICY...`: run the cadence, on paper, with money, or by hand."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Option

from underwriter.app.cli.options import DayFrom, DayTo, Housed, Policies, period, takes
from underwriter.app.cli.terminal import ATTENTION, Phases, answer, answer_json, remark, tell

if TYPE_CHECKING:
    from underwriter.app.desk_folder import Kind
    from underwriter.app.settings import House
    from underwriter.app.trade import Asked
    from underwriter.app.trade_rows import Traded


@dataclass(frozen=True, kw_only=True)
class Options(Housed):
    """What `underwriter trade` takes."""

    policies: Policies
    paper: Annotated[bool, Option("--paper", help="On a paper account: no money moves.")] = False
    live: Annotated[
        bool,
        Option("--live", help="With money: needs live = true in the settings, and a typed yes."),
    ] = False
    manual: Annotated[
        bool, Option("--manual", help="Print tickets, and take the fills that are typed back.")
    ] = False
    once: Annotated[bool, Option("--once", help="One cycle, as from cron, and end.")] = False
    from_: DayFrom = None
    to: DayTo = None
    folder: Annotated[
        Path | None, Option(help="The desk's folder; left out: HOME/desk/ACCOUNT.", metavar="DIR")
    ] = None
    book: Annotated[
        str | None, Option(help="The journal, where it is not in the folder.", metavar="JOURNAL")
    ] = None


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        epilog="Example: underwriter trade wheel-index --paper --from 2018-12-03 --to 2018-12-07"
    )(trade)


@takes(Options)
def trade(options: Options) -> int:
    """Run the cadence: decide each session once, route its orders, keep the book.

    With --from or --to it runs over a history instead of by the clock, on paper, and goes on where
    it ended before.
    """
    from underwriter.app.settings import open_house  # noqa: PLC0415  pydantic, not for --help

    house = open_house(options.home)
    from underwriter.app.trade import kept, replayed  # noqa: PLC0415  kernels

    asked = _asked(options, house)
    phases = Phases()
    say = remark if options.json else tell
    if asked.kind == "replay":
        return _told(replayed(asked, phases, say), phases, json=options.json)
    return _told(kept(asked, phases, say, _teller), phases, json=options.json)


def _teller(ticket: str, question: str) -> str:
    """Show a person a ticket and read the answer; "" at the end of the input."""
    remark(ticket)
    sys.stderr.write(f"  {question}")
    sys.stderr.flush()
    return sys.stdin.readline()


def _asked(options: Options, house: "House") -> "Asked":
    """What the command line asks for; InputError where its options do not go together."""
    from underwriter.app.request import Request  # noqa: PLC0415
    from underwriter.app.shipped import find_policies  # noqa: PLC0415
    from underwriter.app.trade import Asked  # noqa: PLC0415

    kind = _kind(options)
    first, last = period(options.from_, options.to)
    policy, *others = find_policies(options.policies)
    request = Request(
        policy, house, house.settings, house.home, first=first, last=last, others=tuple(others)
    )
    return Asked(request, kind, options.folder, options.book, options.once)


def _kind(options: Options) -> "Kind":
    """On paper, with money, by hand, or over a history."""
    from underwriter.core.errors import InputError  # noqa: PLC0415

    given = [name for name in ("paper", "live", "manual") if getattr(options, name)]
    if len(given) != 1:
        found = " and ".join(f"--{name}" for name in given) or "no account"
        raise InputError(f"found {found} to trade; expected one of --paper, --live and --manual")
    over = options.from_ is not None or options.to is not None
    if over and not options.paper:
        raise InputError(f"found --{given[0]} with --from or --to; a history is run on --paper")
    if over and options.once:
        raise InputError("found --once with --from or --to; expected one of them")
    return "replay" if over else given[0]  # type: ignore[return-value]


def _told(came: "Traded", phases: Phases, *, json: bool) -> int:
    """Say what came of it; the exit code."""
    if json:
        from msgspec import to_builtins  # noqa: PLC0415

        answer_json({**to_builtins(came), "seconds": phases.seconds})
    else:
        from underwriter.app.trade_text import page  # noqa: PLC0415

        answer(page(came, shutil.get_terminal_size().columns))
    return ATTENTION if came.attention else 0
