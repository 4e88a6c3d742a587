"""`underwriter model ...`: whether modelled quotes deserve belief."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer
from typer import Argument, Option

from underwriter.app.cli.options import Housed, takes

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
_DAY = ["%Y-%m-%d"]


@dataclass(frozen=True, kw_only=True)
class Options(Housed):
    """What `underwriter model check` takes."""

    index: Annotated[Literal["put", "bxm"], Argument(help="The Cboe index to reproduce.")]
    spot: Annotated[Path, Option(help="A csv of the S&P 500: closes, at best with opens.")]
    vol: Annotated[Path, Option(help="A csv of the VIX.")]
    bills: Annotated[Path, Option(help="A csv of bill yields, percent a year.")]
    from_: Annotated[
        datetime | None, Option("--from", help="First day.", formats=_DAY, metavar="YYYY-MM-DD")
    ] = None
    to: Annotated[
        datetime | None, Option("--to", help="Last day.", formats=_DAY, metavar="YYYY-MM-DD")
    ] = None


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        epilog="Example: underwriter model check put --spot spx.csv --vol vix.csv --bills tb.csv"
    )(check)
    app.callback(help="Whether modelled quotes deserve belief.")(lambda: None)
    parent.add_typer(app, name="model")


@takes(Options)
def check(options: Options) -> int:
    """Replay the rules of Cboe's PUT or BXM on modelled chains: percent by year and by month."""
    raise NotImplementedError
