"""The model against real chains, on days it was not fitted on; the figures are docs/model.md's.

Real quotes are those of ../shared: SPX and AAPL with bids and asks, SPY with last prices.
"""

from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from market import calibration as real
from underwriter.core.units import DAYS_A_YEAR
from underwriter.market.support import (
    LEAST_DAYS,
    LEAST_INDEX,
    MOST_DAYS,
    MOST_INDEX,
    cell_of,
    counts,
)
from underwriter.market.surface import SURFACE, surface_vol

real_quotes = pytest.mark.proof  # half a minute to read them


@pytest.fixture(scope="module")
def quotes(shared: Path) -> pl.DataFrame:
    return real.index_smiles(shared).remove("fitted")


@pytest.fixture(scope="module")
def judged(quotes: pl.DataFrame) -> pl.DataFrame:
    return quotes.filter(pl.col("index").is_not_null())


def error(away: np.ndarray) -> float:
    """Mean absolute, in volatility points."""
    return float(np.abs(away).mean() * real.POINTS)


@real_quotes
def test_the_smile_fits_days_it_was_not_fitted_on_and_the_first_did_not(
    judged: pl.DataFrame,
) -> None:
    iv, atm = real.columns(judged, "iv", "atm")
    assert len(judged) > 60_000
    assert error(real.ratios(judged) * atm - iv) == pytest.approx(0.87, abs=0.03)
    assert error(real.first_ratios(judged) * atm - iv) > 2.0 * 0.90


@real_quotes
def test_it_fits_days_that_nobody_had_looked_at(quotes: pl.DataFrame) -> None:
    unseen = quotes.filter(pl.col("index").is_null())
    iv, atm = real.columns(unseen, "iv", "atm")
    assert unseen["date"].n_unique() > 20
    assert error(real.ratios(unseen) * atm - iv) == pytest.approx(0.85, abs=0.03)
    assert error(real.first_ratios(unseen) * atm - iv) > 2.0 * 0.91


@real_quotes
def test_the_level_follows_from_the_index_alone(judged: pl.DataFrame) -> None:
    one = judged.unique(["source", "date", "expiry"], keep="first", maintain_order=True)
    level = one["atm"].to_numpy()
    assert error(real.levels(one) - level) == pytest.approx(1.09, abs=0.04)
    assert error(real.first_levels(one) - level) > 1.4


@real_quotes
def test_from_two_weeks_on_options_are_priced_to_half_a_point(judged: pl.DataFrame) -> None:
    long = judged.filter(pl.col("dte") >= 14, pl.col("delta").abs().is_between(0.15, 0.55))
    away = real.whole(long) - long["iv"].to_numpy()
    assert len(long) > 5_000
    assert error(away) == pytest.approx(0.47, abs=0.1)


@real_quotes
@pytest.mark.parametrize(("source", "most"), [("SPX", 0.32), ("AAPL 2014", 0.40)])
def test_spreads_are_as_wide_as_real_ones_and_the_first_were_half_as_wide(
    shared: Path, source: str, most: float
) -> None:
    rows = real.spreads(shared, source).remove("fitted")
    wide = rows["wide"].to_numpy()
    ours, first = real.widths(rows, real.width_for(source)), real.first_widths(rows)
    assert np.median(np.abs(ours / wide - 1.0)) < most
    assert np.median(ours / wide) == pytest.approx(0.9, abs=0.1)
    assert np.median(first / wide) < 0.6


@real_quotes
def test_the_range_said_to_be_supported_is_that_of_the_quotes(shared: Path) -> None:
    rows = real.index_smiles(shared).filter(pl.col("index").is_not_null())
    assert (rows["dte"].min(), rows["dte"].max()) == (LEAST_DAYS, MOST_DAYS)
    assert rows["index"].min() * 100.0 == pytest.approx(LEAST_INDEX, abs=0.5)
    assert rows["index"].max() * 100.0 == pytest.approx(MOST_INDEX, abs=0.5)


@real_quotes
def test_the_quotes_said_to_be_in_each_cell_are_those_that_there_are(shared: Path) -> None:
    rows = real.index_smiles(shared).filter(pl.col("index").is_not_null())
    quotes = rows.select("source", "dte", 100.0 * pl.col("index"), "delta").iter_rows()
    found = Counter((source, cell_of(*where)) for source, *where in quotes)
    there = {key: count for key, count in found.items() if key[1] is not None}
    assert there == {key: count for key, count in counts().items() if count}
    assert sum(there.values()) > 150_000


@pytest.mark.parametrize("level", [0.10, 0.15, 0.40])  # what the quotes said at the forward
def test_what_is_judged_is_the_surface_that_prices(level: float) -> None:
    strike, years = np.linspace(70.0, 115.0, 10), 30.0 / DAYS_A_YEAR
    made = pl.DataFrame({"z": np.log(strike / 100.0) / (level * np.sqrt(years))}).with_columns(
        years=pl.lit(years), index=pl.lit(0.2), atm=pl.lit(level)
    )
    wanted = [surface_vol(0.2, 100.0, each, years, SURFACE) for each in strike]
    assert real.whole(made) == pytest.approx(wanted)
