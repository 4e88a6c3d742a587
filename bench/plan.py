"""`plan` over 500 underlyings: a lake of one session of modelled chains, and the command as run.

The chains are the model's on 500 made-up shares, with a year of daily bars and quarterly dividends
each, imported as a user's files are. What is measured is the command in a process of its own, with
its kernels compiled: from the shell to the table.
"""

import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from told import seconds, tell
from underwriter.app.settings import open_house

if TYPE_CHECKING:
    from underwriter.market.calendar import Calendar

UNDERLYINGS, TIMES = 500, 9
DAY = date(2025, 6, 2)  # the first session of its week
COMMAND = [sys.executable, "-c", "from underwriter.app.cli.main import main; main()"]
NAMES = [f"BX{chr(65 + at // 26)}{chr(65 + at % 26)}" for at in range(UNDERLYINGS)]
POLICY = f"""
name = "five-hundred"
strategy = "wheel"
universe = {NAMES}
entry = {{ delta = 0.25, dte = [25, 45], max_spread = 0.5 }}
manage = {{ take_profit = 0.5, exit_dte = 7 }}

[size]
risk_per_position = 0.005
stress = [{{ spot = -0.2, vol = 1.5 }}]
per_underlying = 0.02

[income]
target = 10000
"""


def main() -> None:
    """Fill a lake, then time the command over it."""
    home = open_house(None).home
    with TemporaryDirectory(dir=home) as folder:
        place = Path(folder)
        (place / "cache").symlink_to(home / "cache")
        quotes = fill(place)
        policy = place / "policy.toml"
        policy.write_text(POLICY, encoding="utf-8")

        def call() -> None:
            words = [*COMMAND, "plan", str(policy), "--home", folder]
            subprocess.run(  # noqa: S603  our own command
                words, env={**os.environ, "COLUMNS": "80"}, check=True, capture_output=True
            )

        def first() -> None:
            shutil.rmtree(place / "cache" / "sessions", ignore_errors=True)
            call()

        call()  # compiles
        what = f"plan over {UNDERLYINGS} underlyings, {quotes:,} quotes, from the shell"
        tell(f"{what}, the first of a session", "2 s", seconds(first, TIMES), "s")
        tell(f"{what}, again", "2 s", seconds(call, TIMES), "s")


def fill(home: Path) -> int:
    """Import chains of one session, bars and dividends; the number of quotes."""
    from underwriter.market.calendar import load_calendar  # noqa: PLC0415  kernels: after the home
    from underwriter.market.lake.ingest import Source, importing  # noqa: PLC0415
    from underwriter.market.sources.formats import recognise  # noqa: PLC0415
    from underwriter.market.sources.source import Ask  # noqa: PLC0415

    calendar = load_calendar("XNYS", home)
    bars, chains = made(home, calendar)
    files = {"underlying.parquet": bars, "options.parquet": chains}
    with importing(home) as importer:
        for at, (name, frame) in enumerate(files.items()):
            frame.write_parquet(home / name)
            importer.bring(Source(home / name, recognise(home / name), Ask()), at)
    return chains.height


def made(home: Path, calendar: "Calendar") -> tuple[pl.DataFrame, pl.DataFrame]:
    """A year of bars of every share, and the chains that are modelled on the last of them."""
    end = int(np.datetime64(DAY, "D").astype(int))
    day = np.asarray(calendar.between(end - 365, end), np.int32)
    bars, chains = [], []
    for at, name in enumerate(NAMES):
        dice = np.random.default_rng(at)
        moves = dice.normal(0.0003, 0.30 / np.sqrt(252), day.size)
        close = np.round(dice.uniform(20.0, 300.0) * np.exp(np.cumsum(moves)), 2)
        bars.append(_bars(name, day, close))
        chains.append(_chain(name, home, calendar, day[-1:], close[-1:]))
    return pl.concat(bars), pl.concat(chains)


def _bars(name: str, day: np.ndarray, close: np.ndarray) -> pl.DataFrame:
    """The bars of one share in the free history's columns, a dividend every 63 sessions."""
    paid = np.where(np.arange(day.size) % 63 == 40, np.round(0.005 * close, 2), 0.0)  # noqa: PLR2004  its place in the quarter
    sides = dict.fromkeys(("open", "high", "low", "close", "adjusted_close"), close)
    dates = pl.Series(day).cast(pl.Date)
    return pl.DataFrame({"symbol": [name] * day.size, "date": dates, **sides}).with_columns(
        volume=pl.lit(1_000_000),
        dividend_amount=pl.Series(paid),
        split_coefficient=pl.lit(1.0),
    )


def _chain(
    name: str, home: Path, calendar: "Calendar", day: np.ndarray, close: np.ndarray
) -> pl.DataFrame:
    """The chain of one share on one session in the free history's columns."""
    from underwriter.market.history import Bars  # noqa: PLC0415
    from underwriter.market.instrument import Instrument  # noqa: PLC0415
    from underwriter.market.model import Drivers, modelled_quotes  # noqa: PLC0415

    instrument = Instrument(name, name, "american", "physical")
    none = np.empty(0, np.int32), np.empty(0, np.float64)
    drivers = Drivers(Bars(day, close, close, close, close, 0), np.full(1, 18.0), np.zeros(1), none)
    quotes = modelled_quotes(instrument, drivers, calendar, home / "cache")
    right = pl.when(pl.col("right") == 1)
    expiry = pl.col("expiry").cast(pl.Date)
    mils = (pl.col("strike") * 1000).round().cast(pl.Int64).cast(pl.String).str.zfill(8)
    written = expiry.dt.strftime("%y%m%d")
    letter = right.then(pl.lit("C")).otherwise(pl.lit("P"))
    return quotes.select(
        contract_id=pl.concat_str(pl.lit(name), written, letter, mils),
        symbol=pl.lit(name),
        expiration=expiry,
        strike="strike",
        type=right.then(pl.lit("call")).otherwise(pl.lit("put")),
        bid="bid",
        ask="ask",
        last=pl.lit(None, pl.Float64),
        volume=pl.lit(10, pl.Int32),
        open_interest=pl.lit(500, pl.Int32),
        date=pl.col("session").cast(pl.Date),
        implied_volatility=pl.col("iv").cast(pl.Float64),
        delta=pl.lit(None, pl.Float64),
    )


if __name__ == "__main__":
    main()
