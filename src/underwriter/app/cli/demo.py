"""`underwriter demo`: the main job, end to end, on real history."""

from dataclasses import dataclass
from pathlib import Path

import typer

from underwriter.app.cli.backtest import told
from underwriter.app.cli.options import Housed, takes
from underwriter.app.cli.terminal import Phases

POLICY = "wheel-index"


@dataclass(frozen=True, kw_only=True)
class Options(Housed):
    """What `underwriter demo` takes."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: underwriter demo")(demo)


@takes(Options)
def demo(options: Options) -> int:
    """Run the Wheel on five years of the S&P 500.

    Shows the income, month by month, and writes book and report to ./underwriter-demo. The option
    quotes are modelled on real prices.
    """
    from underwriter.app.settings import open_house  # noqa: PLC0415  pydantic, not for --help

    house = open_house(options.home)
    from underwriter.app.backtest import run  # noqa: PLC0415  kernels, compiled into that home
    from underwriter.app.request import Request  # noqa: PLC0415
    from underwriter.app.run_folder import DEMO  # noqa: PLC0415
    from underwriter.app.settings import Settings  # noqa: PLC0415
    from underwriter.app.shipped import find_policy  # noqa: PLC0415

    request = Request(find_policy(POLICY), house, Settings(), Path.cwd() / DEMO)
    phases = Phases()
    return told(run(request, phases), options, phases)
