"""`underwriter shadow`: would recorded sessions be decided the same today?"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from underwriter.app.cli.options import DayFrom, DayTo, Housed, period, takes
from underwriter.app.cli.terminal import ATTENTION, Phases, answer, answer_json
from underwriter.app.cli.watch import BookAt, DeskAt

if TYPE_CHECKING:
    from underwriter.app.shadow import Shadowed


@dataclass(frozen=True, kw_only=True)
class Options(Housed):
    """What `underwriter shadow` takes."""

    folder: DeskAt = None
    book: BookAt = None
    from_: DayFrom = None
    to: DayTo = None


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: underwriter shadow --from 2026-02")(shadow)


@takes(Options)
def shadow(options: Options) -> int:
    """Decide the sessions of a desk again from what they were decided on, and tell what differs.

    Exit code 3 where a session differs, or what it was decided on is not there any more.
    """
    between = period(options.from_, options.to)
    from underwriter.app.settings import open_house  # noqa: PLC0415  pydantic, not for --help

    house = open_house(options.home)
    from underwriter.app.desk_again import again, desk_folder  # noqa: PLC0415  kernels
    from underwriter.app.shadow import shadowed  # noqa: PLC0415

    phases = Phases()
    with phases("deciding again", ""):
        desk = again(house, desk_folder(house, options.folder, options.book))
        found = shadowed(house, desk, between)
    if options.json:
        from msgspec import to_builtins  # noqa: PLC0415

        answer_json({**to_builtins(found), "seconds": phases.seconds})
    else:
        answer(_page(found))
    return ATTENTION if found.attention else 0


def _page(found: "Shadowed") -> str:
    """What came of it, for people."""
    counts = (
        (found.sessions, "session", "decided again"),
        (found.intents, "intent", "the same"),
        (len(found.differences), "session", "decided otherwise"),
    )
    lines = [", ".join(f"{many:,} {what}{'s' * (many != 1)} {how}" for many, what, how in counts)]
    for one in found.differences:
        lines.append(f"{one.session}, event {one.sequence}: {one.cause}")
        lines += [f"  recorded  {each}" for each in one.recorded]
        lines += [f"  again     {each}" for each in one.again]
    if found.unseen:
        days = ", ".join(map(str, found.unseen[:12]))
        more = f" and {len(found.unseen) - 12} more" if len(found.unseen) > 12 else ""  # noqa: PLR2004
        lines.append(f"what was decided on is not there any more: {days}{more}")
    return "\n".join(lines)
