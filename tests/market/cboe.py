"""Real histories of ../shared, laid out as the gate needs them; used by tests and by bench/gate.py.

Free S&P 500 files have no real opens before 2014 (DOMAIN 1.6), and printed opens lag after it.
SPY trades from the first second: the index's close before, times SPY's overnight return with
dividends, stands for the index at the open.
"""

import csv
import gzip
from collections.abc import Iterator
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np

from underwriter.market.check import CheckResult


def closes(path: Path, day: str, value: str, pattern: str = "%Y-%m-%d") -> dict[date, float]:
    """A column of a csv file by date; empty cells left out."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        return {
            datetime.strptime(row[day], pattern).date(): float(row[value])  # noqa: DTZ007  a date
            for row in csv.DictReader(lines)
            if row[value]
        }


def spot_file(shared: Path, folder: Path) -> Path:
    """A csv of the S&P 500 from 1990 with opens from SPY, where SPY traded on both days."""
    data = shared / "data"
    index = closes(data / "large_caps/sp500_index.csv.gz", "Date", "SP500")
    spy = data / "etf_daily/SPY_total_return_adjusted.csv"
    opens, ends = closes(spy, "time", "open"), closes(spy, "time", "close")
    path = folder / "spx.csv"
    with path.open("w") as out:
        out.write("date,open,close\n")
        before: date | None = None
        for day, close in index.items():
            if before is not None and day in opens and before in ends:
                out.write(f"{day},{index[before] * opens[day] / ends[before]:.4f},{close}\n")
            else:
                out.write(f"{day},,{close}\n")
            before = day
    return path


def bills_file(shared: Path, folder: Path) -> Path:
    """A csv of 13-week bill yields: monthly figures before 2000, ^IRX from then on."""
    data = shared / "data"
    monthly = strategy(shared, "GS3M")
    daily = closes(data / "rates/IRX_13week_tbill_daily.csv", "date", "tbill_13w_yield_pct")
    path = folder / "bills.csv"
    with path.open("w") as out:
        out.write("date,value\n")
        rows = {day: value for day, value in monthly.items() if day.year < 2000} | daily
        out.writelines(f"{day},{value}\n" for day, value in rows.items())
    return path


def vol_file(shared: Path) -> Path:
    """The daily VIX."""
    return shared / "data/cboe_indices/VIX_History.csv"


def strategy(shared: Path, column: str) -> dict[date, float]:
    """A month-end column of Cboe's strategy indices."""
    path = shared / "data/cboe_indices/strategy_indices_monthly_1986-2018.csv"
    return closes(path, "Date", column)


def real_returns(shared: Path, index: str) -> tuple[dict[str, float], dict[str, float]]:
    """The index's own percent by year and by month."""
    levels = strategy(shared, index.upper())
    by_month = {f"{day:%Y-%m}": level for day, level in levels.items()}
    by_year = {f"{day:%Y}": level for day, level in levels.items() if day.month == 12}
    return dict(_changes(by_year)), dict(_changes(by_month))


def _changes(levels: dict[str, float]) -> Iterator[tuple[str, float]]:
    """Percent from each level to the next."""
    keys = sorted(levels)
    for before, key in pairwise(keys):
        yield key, 100.0 * (levels[key] / levels[before] - 1.0)


def differences(shared: Path, result: CheckResult) -> dict[str, float]:
    """Model minus index, percentage points, by year."""
    real, _ = real_returns(shared, result.index)
    return {year: value - real[year] for year, value in result.by_year.items()}


def correlation(shared: Path, result: CheckResult) -> float:
    """Of monthly returns, model with index."""
    _, real = real_returns(shared, result.index)
    months = list(result.by_month)
    ours, theirs = [result.by_month[m] for m in months], [real[m] for m in months]
    return float(np.corrcoef(ours, theirs)[0, 1])
