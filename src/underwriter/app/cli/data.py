"""`underwriter data ...`: the lake of quotes and prices."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from underwriter.app.cli.options import Housed, takes
from underwriter.app.cli.progress import Progress
from underwriter.app.cli.terminal import ATTENTION, answer, answer_json, remark
from underwriter.core.errors import InputError

if TYPE_CHECKING:
    from underwriter.app.lake import Asked

_COLD = "compiling the gates' kernels, first run only: this takes a while"

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)


@dataclass(frozen=True, kw_only=True)
class Import(Housed):
    """What `underwriter data import` takes."""

    paths: Annotated[
        list[str],
        Argument(help="Files, folders or patterns.", metavar="PATHS...", show_default=False),
    ]
    format: Annotated[
        str | None, Option(help="How the files are written; left out: told by their columns.")
    ] = None
    underlying: Annotated[
        str | None, Option(help="Whose quotes they are, where the files do not say.")
    ] = None
    columns: Annotated[
        Path | None, Option(help="For --format column-map: which column is which.", metavar="TOML")
    ] = None


@dataclass(frozen=True, kw_only=True)
class List(Housed):
    """What `underwriter data list` takes."""


@dataclass(frozen=True, kw_only=True)
class Check(Housed):
    """What `underwriter data check` takes."""

    names: Annotated[
        list[str] | None,
        Argument(
            help="Underlyings or series; left out: all.", metavar="NAMES...", show_default=False
        ),
    ] = None
    gate: Annotated[str | None, Option(help="List rows that this gate found.")] = None
    rows: Annotated[int, Option(help="How many rows to list.", min=1)] = 20


@dataclass(frozen=True, kw_only=True)
class Fetch(Housed):
    """What `underwriter data fetch` takes."""

    names: Annotated[list[str], Argument(help="Sources, see docs/series.md.", metavar="NAMES...")]


@dataclass(frozen=True, kw_only=True)
class Collect(Housed):
    """What `underwriter data collect` takes."""

    symbols: Annotated[list[str], Argument(help="Whose chains.", metavar="SYMBOLS...")]


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    app.command("import", epilog="Example: underwriter data import options.parquet")(import_)
    app.command("list", epilog="Example: underwriter data list")(list_)
    app.command(epilog="Example: underwriter data check SPX --gate crossed")(check)
    app.command(epilog="Example: underwriter data fetch vix bills history SPY")(fetch)
    app.command(epilog="Example: underwriter data collect SPY AAPL")(collect)
    app.callback(help="The lake of quotes and prices.")(lambda: None)
    parent.add_typer(app, name="data")


@takes(Import)
def import_(options: Import) -> int:
    """Put quotes, prices, dividends, splits and indices into the lake.

    A file is taken whole or not at all, and only once; the same command goes on where it was
    interrupted. One that cannot be read is refused in a line, and the others come in; the exit
    code is then 2. Rows that a gate takes out are kept apart and counted.
    """
    home = _home(options)
    from underwriter.app.lake import Asked  # noqa: PLC0415  kernels, compiled into that home

    asked = Asked(tuple(options.paths), options.format, options.underlying, options.columns)
    return _bring(home, asked, json=options.json)


@takes(List)
def list_(options: List) -> int:
    """Show what the lake holds: for which days, from where, and whether bids and asks are real."""
    home = _home(options)
    from msgspec import to_builtins as plain  # noqa: PLC0415

    from underwriter.app.holdings import holdings_of, text_of  # noqa: PLC0415  polars

    found = holdings_of(home)
    if options.json:
        answer_json(plain(found))
    else:
        answer(text_of(found))
    return 0


@takes(Check)
def check(options: Check) -> int:
    """Show what is wrong with what the lake holds: rows by gate, gaps, doubtful values.

    Exit code 3 where an underlying cannot be used: half of its sessions are missing, or more.
    """
    home = _home(options)
    from msgspec import to_builtins as plain  # noqa: PLC0415

    from underwriter.app.check import check_of, text_of  # noqa: PLC0415  polars

    found = check_of(home, options.names or [], options.gate, options.rows)
    if options.json:
        answer_json(plain(found))
    else:
        answer(text_of(found))
    return ATTENTION if any(one.unusable for one in found.underlyings) else 0


@takes(Fetch)
def fetch(options: Fetch) -> int:
    """Get files of free sources, and put them into the lake.

    A file is asked for at most once a day, and kept in the home.
    """
    home = _home(options)
    return _bring(home, _downloaded(home, options.names), json=options.json)


@takes(Collect)
def collect(options: Collect) -> int:
    """Put today's chains into the lake, so that a history of your own grows.

    Quotes are delayed by fifteen minutes and dated by the exchange's session.
    """
    home = _home(options)
    names = [f"chain {symbol}" for symbol in options.symbols]
    return _bring(home, _downloaded(home, names), json=options.json)


def _home(options: Housed) -> Path:
    """The home, opened: the kernels that are imported after it are kept there."""
    from underwriter.app.settings import open_house  # noqa: PLC0415  pydantic, not for --help

    return open_house(options.home).home


def _downloaded(home: Path, names: list[str]) -> "Asked":
    """The files of free sources, to be imported."""
    from datetime import UTC, datetime  # noqa: PLC0415

    from underwriter.app.fetch import fetch as ask_for  # noqa: PLC0415  httpx
    from underwriter.app.http import open_http  # noqa: PLC0415
    from underwriter.app.lake import Asked  # noqa: PLC0415  kernels, compiled into that home

    progress = Progress()
    with open_http() as client:
        client.heard = progress.heard
        paths = ask_for(names, home, client, datetime.now(UTC))  # noqa: TID251  app is one of two that may
    progress.end()
    return Asked(tuple(str(path) for path in paths))


def _bring(home: Path, asked: "Asked", *, json: bool) -> int:
    """Import what is asked for, and say what came of it."""
    from msgspec import to_builtins as plain  # noqa: PLC0415

    from underwriter.app import lake  # noqa: PLC0415  kernels, compiled into that home
    from underwriter.core.kernel import first_run  # noqa: PLC0415

    if first_run():
        remark(_COLD)
    progress, begun = Progress(), time.perf_counter()
    outcome = lake.bring_all(home, asked, time.time_ns, progress)
    progress.end()
    found = lake.report_of(home, outcome, time.perf_counter() - begun)
    if outcome.rows or outcome.passed:
        if json:
            answer_json(plain(found))
        else:
            answer(lake.text_of(found))
    for said in dict.fromkeys(refusal.said for refusal in outcome.refused):
        remark(f"underwriter: {said}")
    return InputError.exit_code if outcome.refused else 0
