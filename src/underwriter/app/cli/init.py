"""`underwriter init [DIR]`: a first policy and settings."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from underwriter.app.cli.options import Housed, takes
from underwriter.app.cli.terminal import Phases, answer, answer_json


@dataclass(frozen=True, kw_only=True)
class Options(Housed):
    """What `underwriter init` takes."""

    folder: Annotated[
        Path, Argument(help="Where to write them; left out: the current folder.", metavar="[DIR]")
    ] = Path()
    symbols: Annotated[
        str | None,
        Option(help="What to trade, such as KO,SPY; left out: the history that comes along."),
    ] = None
    cash: Annotated[float, Option(help="Dollars that the account begins with.")] = 1_000_000.0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: underwriter init mine --symbols KO,SPY --cash 60000")(init)


@takes(Options)
def init(options: Options) -> int:
    """Write a first policy and settings, and say what the money reaches.

    Nothing is asked, and nothing is overwritten.
    """
    from underwriter.app.settings import home_folder, open_home, unread_house  # noqa: PLC0415

    open_home(home_folder(options.home))
    home = unread_house(options.home).home
    from underwriter.app.first import Asked, first, symbols_of, text_of  # noqa: PLC0415  kernels

    asked = Asked(options.folder, symbols_of(options.symbols), options.cash)
    made = first(asked, home, Phases())
    if options.json:
        from msgspec import to_builtins  # noqa: PLC0415  as above

        answer_json(to_builtins(made))
    else:
        answer(text_of(made))
    return 0
