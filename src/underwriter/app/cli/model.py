"""`underwriter model ...`: whether modelled quotes deserve belief."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from typer import Argument, Option

from underwriter.app.cli.options import DayFrom, DayTo, Housed, period, takes
from underwriter.app.cli.terminal import Phases, answer, answer_json

if TYPE_CHECKING:
    from underwriter.market.check import CheckResult

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)


@dataclass(frozen=True, kw_only=True)
class Options(Housed):
    """What `underwriter model check` takes."""

    index: Annotated[Literal["put", "bxm"], Argument(help="The Cboe index to reproduce.")]
    spot: Annotated[Path, Option(help="A csv of the S&P 500: closes, at best with opens.")]
    vol: Annotated[Path, Option(help="A csv of the VIX.")]
    bills: Annotated[Path, Option(help="A csv of bill yields, percent a year.")]
    from_: DayFrom = None
    to: DayTo = None


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
    from underwriter.app.settings import open_house  # noqa: PLC0415  pydantic, not for --help

    open_house(options.home)
    from underwriter.market.check import check  # noqa: PLC0415  kernels, compiled into that home

    first, last = period(options.from_, options.to)
    with Phases()(f"replaying {options.index} on modelled chains"):
        found = check(options.index, options.spot, options.vol, options.bills, first, last)
    if options.json:
        answer_json(found.as_json())
    else:
        answer(_text(found))
    return 0


def _text(found: "CheckResult") -> str:
    """Years below one another: percent, and the price that options settled at."""
    rows = [
        f"{year}  {percent:7.2f}%  settled at the {found.settlement.get(year, 'close')}"
        for year, percent in found.by_year.items()
    ]
    head = f"{found.index.upper()} replayed on modelled quotes, {len(found.by_month)} months"
    return "\n".join([head, *(rows or ["no whole year; --json has the months"])])
