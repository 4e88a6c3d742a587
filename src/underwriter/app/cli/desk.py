"""`underwriter desk ...`: the hand on the wheel; every act is an event of the journal."""

import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from underwriter.app.cli.options import Housed, takes
from underwriter.app.cli.terminal import answer, answer_json, remark
from underwriter.app.cli.watch import BookAt, DeskAt

if TYPE_CHECKING:
    from underwriter.app.desk_again import Again
    from underwriter.desk.guard import Setting
    from underwriter.desk.inbox import AnyWish


@dataclass(frozen=True, kw_only=True)
class OfDesk(Housed):
    """What every command of the group takes."""

    folder: DeskAt = None
    book: BookAt = None


@dataclass(frozen=True, kw_only=True)
class Intents(OfDesk):
    """What `approve` and `refuse` take."""

    intents: Annotated[
        list[int] | None,
        Argument(help="Which, as `watch` numbers them; left out: all.", metavar="INTENT"),
    ] = None


@dataclass(frozen=True, kw_only=True)
class Switching(OfDesk):
    """What `pause`, `halt` and `resume` take."""

    why: Annotated[
        list[str] | None,
        Argument(help="Why, for the journal and for whoever looks.", metavar="WHY"),
    ] = None


@dataclass(frozen=True, kw_only=True)
class Closing(OfDesk):
    """What `close` takes."""

    sleeves: Annotated[
        list[int] | None, Argument(help="Which sleeves; left out: all.", metavar="SLEEVE")
    ] = None
    keep_shares: Annotated[bool, Option("--keep-shares", help="Close options alone.")] = False
    yes: Annotated[bool, Option("--yes", help="Do not ask.")] = False


@dataclass(frozen=True, kw_only=True)
class Rolling(OfDesk):
    """What `roll` takes."""

    sleeve: Annotated[int, Argument(help="Which sleeve.", metavar="SLEEVE")]
    option: Annotated[
        str | None,
        Argument(help="Into which option; left out: the rolls are listed.", metavar="OPTION"),
    ] = None
    least: Annotated[
        float | None, Option(help="The least net price a share; left out: what the touch gives.")
    ] = None
    all: Annotated[bool, Option("--all", help="List every roll.")] = False


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Approve, refuse, close, roll, pause, resume, halt.")
    for command, example in (
        (approve, "approve 1204"),
        (refuse, "refuse 1204"),
        (close, "close 3"),
        (roll, "roll 3"),
        (pause, "pause 'a holiday'"),
        (halt, "halt 'a storm'"),
        (resume, "resume 'it is over'"),
    ):
        group.command(epilog=f"Example: underwriter desk {example}")(command)
    app.add_typer(group, name="desk")


@takes(Intents)
def approve(options: Intents) -> int:
    """Say yes to intents that wait for a hand."""
    from underwriter.desk.inbox import Answer  # noqa: PLC0415

    return _ask(options, Answer(of=tuple(options.intents or ()), yes=True))


@takes(Intents)
def refuse(options: Intents) -> int:
    """Say no to intents; an order of theirs that works is cancelled."""
    from underwriter.desk.inbox import Answer  # noqa: PLC0415

    return _ask(options, Answer(of=tuple(options.intents or ()), yes=False))


@takes(Switching)
def pause(options: Switching) -> int:
    """Open nothing new; what is held is managed as ever."""
    return _switch(options, "paused")


@takes(Switching)
def halt(options: Switching) -> int:
    """Do nothing that adds risk, and cancel what works; what lowers risk goes on."""
    return _switch(options, "halted")


@takes(Switching)
def resume(options: Switching) -> int:
    """Let a paused or halted desk on; losses are measured anew from here."""
    return _switch(options, "on")


@takes(Closing)
def close(options: Closing) -> int:
    """Close what sleeves hold, all of them where none is named: the plan first, then a yes."""
    found = _desk(options)
    from underwriter.app.desk_hand import flattened  # noqa: PLC0415
    from underwriter.app.desk_text import closing  # noqa: PLC0415
    from underwriter.core.errors import InputError  # noqa: PLC0415
    from underwriter.desk.inbox import Close  # noqa: PLC0415

    asked = options.sleeves or []
    held, unmarked = flattened(found, asked)
    sleeves = tuple(asked or [one.sleeve for one in held])
    if not sleeves:
        raise InputError(f"{found.folder.path}: found nothing that is held")
    wish = Close(sleeves=sleeves, keep=options.keep_shares)
    if {*sleeves} <= {one.sleeve for one in held}:  # else the desk refuses it, and says why
        for line in closing(held, unmarked):
            remark(line)
        if not options.yes and not _agreed("Close all of this? Type yes: "):
            raise InputError("nothing was closed: expected yes typed, or --yes")
    return _tell(found, wish, json=options.json)


@takes(Rolling)
def roll(options: Rolling) -> int:
    """List the rolls of a sleeve with what each brings and risks; or take one."""
    found = _desk(options)
    from msgspec import to_builtins  # noqa: PLC0415

    from underwriter.app.desk_hand import roll_into, rolls_of  # noqa: PLC0415
    from underwriter.app.desk_text import listed  # noqa: PLC0415

    rolls = rolls_of(found, options.sleeve)
    if options.option is not None:
        wish = roll_into(options.sleeve, options.option, options.least, rolls)
        return _tell(found, wish, json=options.json)
    if options.json:
        answer_json(to_builtins(rolls))
    else:
        width = shutil.get_terminal_size().columns
        answer("\n".join(listed(rolls, width, every=options.all)))
    return 0


def _switch(options: Switching, to: "Setting") -> int:
    from underwriter.desk.inbox import Switch  # noqa: PLC0415

    return _ask(options, Switch(to=to, why=" ".join(options.why or ())))


def _desk(options: OfDesk) -> "Again":
    """The desk that is meant."""
    from underwriter.app.settings import open_house  # noqa: PLC0415  pydantic, not for --help

    house = open_house(options.home)
    from underwriter.app.desk_again import again, desk_folder  # noqa: PLC0415  kernels

    return again(house, desk_folder(house, options.folder, options.book))


def _ask(options: OfDesk, wish: "AnyWish") -> int:
    return _tell(_desk(options), wish, json=options.json)


def _tell(found: "Again", wish: "AnyWish", *, json: bool) -> int:
    """Ask for it, and say what the desk said."""
    from msgspec import to_builtins  # noqa: PLC0415

    from underwriter.app.desk_hand import ask  # noqa: PLC0415

    came = ask(found, wish, remark)
    if json:
        answer_json(to_builtins(came))
    else:
        answer("\n".join(came.lines))
    if not came.running:
        late = came.until and f", until {came.until} by the exchange: after that it lapses"
        remark(f"no desk runs: underwriter trade takes it from here{late}")
    return 0


def _agreed(question: str) -> bool:
    """Whether a person at a terminal types yes."""
    if not sys.stdin.isatty():
        return False
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() == "yes"
