"""`underwriter backtest POLICY...`: would this policy have worked, or these in one account?"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Option

from underwriter.app.cli.options import DayFrom, DayTo, Housed, Policies, takes
from underwriter.app.cli.terminal import ATTENTION, Phases, answer, answer_json, remark

if TYPE_CHECKING:
    from underwriter.app.backtest import Outcome


@dataclass(frozen=True, kw_only=True)
class Run(Housed):
    """What is told of any run over a history."""

    from_: DayFrom = None
    to: DayTo = None
    spot: Annotated[
        Path | None,
        Option(help="Your own history: a csv of daily closes, at best with open, high and low."),
    ] = None
    vol: Annotated[Path | None, Option(help="With --spot: a csv of its volatility index.")] = None
    bills: Annotated[
        Path | None, Option(help="With --spot: a csv of bill yields, percent a year.")
    ] = None
    half_spread: Annotated[
        float | None, Option(help="Share of half the quoted spread a trade pays, 0 to 2.")
    ] = None
    delay: Annotated[int | None, Option(help="Sessions between decision and fill, 0 or 1.")] = None
    report: Annotated[Path | None, Option(help="Write the HTML report here, too.")] = None


@dataclass(frozen=True, kw_only=True)
class Options(Run):
    """What `underwriter backtest` takes."""

    policies: Policies


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: underwriter backtest wheel-index --from 2015 --json")(backtest)


@takes(Options)
def backtest(options: Options) -> int:
    """Run a policy over a history; write its book and its report.

    Several policies run in one account: they share its cash and its caps, and the better entry of a
    day goes first, whosever it is.

    Without --spot the history is SPX/10, one tenth of the S&P 500 of 2014 to 2018, on which option
    quotes are modelled.
    """
    from underwriter.app.settings import open_house  # noqa: PLC0415  pydantic, not for --help

    house = open_house(options.home)
    from underwriter.app.backtest import run  # noqa: PLC0415  kernels, compiled into that home
    from underwriter.app.cli.ask import request_of  # noqa: PLC0415

    phases = Phases()
    return told(run(request_of(options, house, options.policies), phases), options, phases)


def told(outcome: "Outcome", options: Housed, phases: Phases) -> int:
    """Say what came of a run; its exit code."""
    if options.json:
        answer_json({**outcome.summary, "seconds": phases.seconds})
    else:
        answer(outcome.text)
    if outcome.nothing:
        remark(f"underwriter: {outcome.nothing}")
    return ATTENTION if outcome.nothing else 0
