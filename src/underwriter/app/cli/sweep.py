"""`underwriter sweep POLICY --grid GRID`: thousands of configurations, honestly told."""

import os
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from underwriter.app.cli import backtest
from underwriter.app.cli.options import takes
from underwriter.app.cli.terminal import ATTENTION, ERASE, Phases, answer, answer_json, remark

if TYPE_CHECKING:
    from underwriter.app.settings import House
    from underwriter.app.sweep import SweepRequest

_MOST = 256  # workers
_EVERY = 0.1  # seconds between two states of the live line


@dataclass(frozen=True, kw_only=True)
class Options(backtest.Run):
    """What `underwriter sweep` takes."""

    policy: Annotated[str, Argument(help="A shipped policy's name, or a path.", metavar="POLICY")]
    grid: Annotated[Path, Option(help="Which keys take which values: TOML.", metavar="GRID")]
    by: Annotated[str, Option(help="The figure that ranks.", metavar="FIGURE")] = "sharpe"
    workers: Annotated[
        int | None, Option(help="Threads on this machine; else one a core.", metavar="N")
    ] = None
    cluster: Annotated[
        str | None, Option(help="Run on the Dask cluster of this scheduler.", metavar="ADDRESS")
    ] = None
    skip_invalid: Annotated[
        bool, Option("--skip-invalid", help="Leave out what contradicts itself, and count it.")
    ] = False


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: underwriter sweep wheel-index --grid grid.toml")(sweep)


@takes(Options)
def sweep(options: Options) -> int:
    """Run a policy under every configuration of a grid; write table, heat maps and a chart of all.

    The best of many is no forecast: what luck alone would reach stands beside it.
    """
    from underwriter.app.settings import open_house  # noqa: PLC0415  pydantic, not for --help

    house = open_house(options.home)
    from underwriter.app.sweep import run  # noqa: PLC0415  kernels, compiled into that home

    phases, live = Phases(), Live()
    outcome = run(_request(options, house), phases, live.show)
    if options.json:
        answer_json({**outcome.summary, "seconds": phases.seconds})
    else:
        answer(outcome.text)
    if outcome.nothing:
        remark(f"underwriter: {outcome.nothing}")
    return ATTENTION if outcome.nothing else 0


def _request(options: Options, house: "House") -> "SweepRequest":
    """What the command line asks for; InputError where it cannot be."""
    from underwriter.app.cli.ask import request_of  # noqa: PLC0415  likewise
    from underwriter.app.grid_file import read_grid  # noqa: PLC0415
    from underwriter.app.run_folder import SWEEPS  # noqa: PLC0415
    from underwriter.app.sweep import SweepRequest  # noqa: PLC0415
    from underwriter.app.toml_text import suggestion  # noqa: PLC0415
    from underwriter.core.errors import InputError  # noqa: PLC0415
    from underwriter.report.swept.told import RANKED  # noqa: PLC0415

    if options.by not in RANKED:
        allowed = suggestion(options.by, RANKED)
        raise InputError(f"--by: found {options.by}; expected one of {allowed}")
    workers = options.workers if options.workers is not None else os.cpu_count() or 1
    if not 1 <= workers <= _MOST:
        raise InputError(f"--workers: found {workers}; expected a whole number from 1 to {_MOST}")
    if options.cluster is not None and options.workers is not None:
        raise InputError(
            "found --workers beside --cluster, which has its own; expected one of them"
        )
    asked = request_of(options, house, [options.policy])
    return SweepRequest(
        backtest=replace(asked, folder=house.home / SWEEPS / asked.policy.name),
        grid=read_grid(options.grid),
        by=options.by,
        workers=workers,
        cluster=options.cluster,
        skip_invalid=options.skip_invalid,
    )


class Live:
    """How far a sweep is, on a terminal."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._shown = 0.0

    def show(self, done: int, of: int) -> None:
        """So many configurations are done."""
        now = time.perf_counter()
        if self._live and (now - self._shown > _EVERY or done == of):
            self._shown = now
            sys.stderr.write(f"{ERASE}{done:,} of {of:,} configurations ... ")
            sys.stderr.flush()
