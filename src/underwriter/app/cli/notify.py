"""`underwriter notify ...`: whether who should be told can be told."""

from dataclasses import dataclass

import typer

from underwriter.app.cli.options import Housed, takes
from underwriter.app.cli.terminal import ATTENTION, answer, answer_json

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)


@dataclass(frozen=True, kw_only=True)
class Options(Housed):
    """What `underwriter notify test` takes."""


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog="Example: underwriter notify test")(test)
    app.callback(help="Whether who should be told can be told.")(lambda: None)
    parent.add_typer(app, name="notify")


@takes(Options)
def test(options: Options) -> int:
    """Send a message to each channel of the settings, and say which failed and why.

    Exit code 3 where one failed.
    """
    from underwriter.app.settings import open_house  # noqa: PLC0415  pydantic, not for --help

    house = open_house(options.home)
    from underwriter.app.notify import tried  # noqa: PLC0415  kernels' home is set

    found = tried(house)
    if options.json:
        from msgspec import to_builtins  # noqa: PLC0415  as above

        answer_json(to_builtins(found))
    else:
        answer("\n".join(f"{one.channel}: {one.why or 'sent'}" for one in found.channels))
    return ATTENTION if found.failed else 0
