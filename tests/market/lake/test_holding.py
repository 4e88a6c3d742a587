"""What the price of an underlying is: its bars where the options allow them, whenever they came."""

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from lakes import chain, closes, filled, sessions
from underwriter.core.units import day_number
from underwriter.market.instrument import Instrument
from underwriter.market.lake.abreast import read_abreast
from underwriter.market.lake.holding import bars_on
from underwriter.market.lake.layout import places_of
from underwriter.market.lake.read import Lake

DAYS = sessions(date(2024, 1, 2), date(2024, 1, 12))
TRUE = closes(DAYS)
# as shares of the true close: within a quote's width, well beyond it, and beyond 3%
OFF = [0.0, 0.0003, -0.0003, 0.012, -0.012, 0.02, 0.05, -0.05, 0.0]
ALLOWED = [abs(off) < 0.001 for off in OFF]
BOUND_OF_FORMAT_1 = [abs(off) < 0.03 for off in OFF]
INDEX = Instrument("SYN", "SYN", "european", "cash-pm")
CASH = 'symbol = "SYN"\nstyle = "european"\nsettlement = "cash-pm"\nmultiplier = 100\n'


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """A chain of an index without spots, and its bars, most of them wrong."""
    place = tmp_path / "SYN"
    place.mkdir()
    (place / "underlying.toml").write_text(CASH + 'calendar = "XNYS"\n', encoding="utf-8")
    quotes, bars = place / "options.parquet", tmp_path / "bars.csv"
    chain("SYN", DAYS, TRUE).write_parquet(quotes)
    pl.DataFrame({"symbol": "SYN", "date": DAYS, "close": closed()}).write_csv(bars)
    return {"quotes": quotes, "bars": bars}


def closed() -> list[float]:
    """The closes of the bars."""
    return [round(close * (1.0 + off), 4) for close, off in zip(TRUE, OFF, strict=True)]


def brought(home: Path, *files: Path) -> Lake:
    filled(home, files)
    return Lake.open(home)


def prices(lake: Lake) -> np.ndarray:
    return bars_on(lake, "SYN", np.array([day_number(day) for day in DAYS], np.int32))[0].close


@pytest.mark.parametrize("order", [("bars", "quotes"), ("quotes", "bars")])
def test_a_close_is_judged_alike_whenever_it_came(
    home: Path, files: dict[str, Path], order: tuple[str, str]
) -> None:
    """The gate's bound, not three percent: 1.2% is far beyond what a dime of spread can hide."""
    found = prices(brought(home, *(files[name] for name in order)))
    assert (found == closed()).tolist() == ALLOWED
    assert found == pytest.approx(TRUE, rel=1e-3)


def test_many_read_together_are_judged_alike(home: Path, files: dict[str, Path]) -> None:
    lake = brought(home, files["quotes"], files["bars"])
    for day, price in zip(DAYS, prices(lake), strict=True):
        on = np.array([day_number(day)], np.int32)
        assert read_abreast(lake, ["SYN"], on).held("SYN", INDEX).bars.close == price


def test_a_catalogue_of_the_first_format_is_brought_up_and_its_bounds_are_not_known(
    home: Path, files: dict[str, Path]
) -> None:
    """Then a close is believed to within three percent, until its chain comes again."""
    filled(home, [files["quotes"]])
    with closing(sqlite3.connect(places_of(home).catalogue)) as old:
        for column in ("spot_least", "spot_most"):
            old.execute(f"ALTER TABLE day DROP COLUMN {column}")
        old.execute("PRAGMA user_version = 1")
        old.commit()
    assert Lake.open(home).days("SYN")["spot_most"].null_count() == len(DAYS)
    found = prices(brought(home, files["bars"]))
    assert (found == closed()).tolist() == BOUND_OF_FORMAT_1
    with closing(sqlite3.connect(places_of(home).catalogue)) as new:
        assert new.execute("PRAGMA user_version").fetchone() == (2,)
