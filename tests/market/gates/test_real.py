"""The traps that ../shared/data/README.md names, in the real files; counts were read off the files.

Dates of holidays and expirations are the exchanges'; the forwards are those of
`implied_forward.csv`, worked out by whoever gathered the files.
"""

from datetime import date
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from market.gates.quotes import ORDER, nyse
from underwriter.market.quality import DAY_GATES, GATES, Ground, Judged, judge
from underwriter.market.sources.formats import recognise
from underwriter.market.sources.source import Ask

DROPPED = [name for name, gate in GATES.items() if gate.dropped]
HOLIDAYS = [date(2026, 4, 3), date(2026, 5, 25), date(2026, 6, 19)]
THIRD_FRIDAYS = [date(2026, 3, 20), date(2026, 4, 17), date(2026, 5, 15), date(2026, 6, 18)]


def read(*paths: Path) -> pl.DataFrame:
    parts = [part for path in sorted(paths) for part in recognise(path).read(path, Ask())]
    return pl.concat([part.frame for part in parts if part.kind == "chain"]).sort(ORDER)


@cache
def judged(folder: Path, pattern: str, rate: float = 0.037) -> Judged:
    return judge(read(*folder.glob(pattern)), Ground(nyse(), rate=rate))


@pytest.fixture
def spx(shared: Path) -> Judged:
    return judged(shared / "data" / "spx_eod_2026", "spx_chain_*.csv.gz")


@pytest.fixture(params=["SPY", "KO", "AAPL"])
def last(shared: Path, request: pytest.FixtureRequest) -> Judged:
    return judged(shared / "data" / "us_option_last_2026", f"{request.param}.csv.gz")


@pytest.fixture
def aapl(shared: Path) -> Judged:
    folder = shared / "data" / "lean_options_aapl_2014"
    return judged(folder, "aapl_2014_quote_american.zip", 0.0005)


def test_holidays_in_spx_are_closed_days_and_copies(spx: Judged) -> None:
    assert spx.days.filter(DAY_GATES["closed"].found)["date"].to_list() == HOLIDAYS
    assert spx.days.filter(DAY_GATES["copy"].found)["date"].to_list() == HOLIDAYS
    assert set(spx.chain.filter(pl.col("date").is_in(HOLIDAYS))["gate"]) == {"not_session"}
    assert spx.days.filter(DAY_GATES["gap"].found).height == 0


def test_third_fridays_of_spx_are_two_series_under_one_key(spx: Judged) -> None:
    unknown = spx.chain.filter(gate="root_unknown")
    assert sorted(set(unknown["expiry"])) == THIRD_FRIDAYS
    assert set(unknown["root"]) == {None}
    before = spx.chain.filter(
        pl.col("expiry").is_in(THIRD_FRIDAYS),
        pl.col("date") < pl.col("expiry"),
        ~pl.col("date").is_in(HOLIDAYS),
    )
    assert unknown.height == before.height


def test_on_the_expiry_the_series_of_the_close_stays(spx: Judged) -> None:
    """The morning's no longer trade: of each pair under one key, one has no quote."""
    key = ["date", "expiry", "right", "strike"]
    ends = spx.chain.filter(pl.col("date") == pl.col("expiry"), pl.len().over(key) > 1)
    kept = ends.filter(~pl.col("gate").is_in(DROPPED).fill_null(value=False))
    assert ends.height == 34 + 116 + 48  # rows under doubled keys on three expiries
    assert kept.height == ends.height // 2
    assert set(kept["root"]) == {"SPXW"}
    assert set(ends["gate"]) <= {None, "no_quote", "no_bid"}
    stays = spx.chain.filter(~pl.col("gate").is_in(DROPPED).fill_null(value=False))
    assert not stays.select(pl.struct(key).is_duplicated().any()).item()


def test_spot_quoted_after_hours_gives_way_to_the_implied_forward(
    spx: Judged, shared: Path
) -> None:
    path = shared / "data" / "spx_eod_2026" / "implied_forward.csv"
    forwards = pl.read_csv(path, try_parse_dates=True).rename({"quote_date": "date"})
    later = forwards.filter(pl.col("expiration") > pl.col("date"), pl.col("n_strikes") > 5)
    nearest = later.sort("date", "expiration").group_by("date", maintain_order=True).first()
    days = spx.days.filter("session").join(nearest, on="date")
    # a forward of a few days is above the spot by at most a few points of interest
    away = days["implied_forward"] - days["spot"]
    replaced = days["spot_from"] == "parity"
    assert days.height == 90
    assert replaced.sum() > 60
    assert away.filter(replaced).is_between(-2.0, 4.0).all()
    assert days["parity_gap"].mean() == pytest.approx(-7.0, abs=2.0)
    assert days["spot_off"].sum() == replaced.sum()


def test_spx_has_no_volatility_on_a_fifth_of_its_rows(spx: Judged) -> None:
    unsaid = spx.chain["iv"].null_count() / spx.chain.height
    assert unsaid == pytest.approx(0.22, abs=0.01)
    assert spx.chain.filter(pl.col("iv") == 0.0).height == 0


def test_spx_is_otherwise_as_its_exchange_quotes_it(spx: Judged) -> None:
    found = dict(spx.chain["gate"].drop_nulls().value_counts().iter_rows())
    assert found.keys() == {"not_session", "root_unknown", "no_quote", "no_bid"}
    assert (found["not_session"], found["root_unknown"]) == (10_948, 14_000)


def test_holidays_in_last_prices_are_closed_days_and_copies(last: Judged) -> None:
    closed = [date(2026, 5, 25), date(2026, 6, 19), date(2026, 7, 3)]
    assert last.days.filter(DAY_GATES["closed"].found)["date"].to_list() == closed
    copies = last.days.filter(DAY_GATES["copy"].found)["date"].to_list()
    assert copies == closed[1:]  # of the first, the files have no day before


def test_last_prices_below_exercise_are_those_that_did_not_trade(last: Judged) -> None:
    found = last.chain.filter(gate="below_intrinsic")
    assert 0.005 < found.height / last.chain.height < 0.05
    assert (found["volume"] == 0).mean() > 0.9  # type: ignore[operator]
    assert set(last.chain["gate"].drop_nulls()) == {"not_session", "below_intrinsic"}
    assert last.days["spot_off"].sum() == 0


def test_apple_split_seven_for_one(aapl: Judged) -> None:
    split = aapl.days.filter(DAY_GATES["split"].found)
    assert split.select("date", "split_seen").rows() == [(date(2014, 6, 9), 7.0)]
    # closes of 645.57 and 93.70 in lean_equity_daily
    assert aapl.days["spot"].to_list() == pytest.approx([645.57, 93.70], rel=0.002)
    assert not set(aapl.chain["gate"].drop_nulls()) & set(DROPPED)


def test_apple_s_saturdays_are_fridays(aapl: Judged) -> None:
    moved = aapl.chain.filter(gate="saturday")
    assert moved.height == 2_492
    assert sorted(set(moved["expiry"])) == [
        date(2014, 6, 20),
        date(2014, 7, 18),
        date(2014, 8, 15),
        date(2014, 10, 17),
        date(2015, 1, 16),
    ]


def test_t61_apple_s_old_strikes_in_universes_go(shared: Path) -> None:
    """LEAN lists what was before the split until June 2014 ends, at prices that stand still.

    Before the split every strike is at 195 dollars or above, after it at 150 or below.
    """
    folder = shared / "data" / "lean_options_aapl_2014" / "universes"
    chain = judged(folder, "201406*.csv", 0.0005).chain
    stays = chain.filter(~pl.col("gate").is_in(DROPPED).fill_null(value=False))
    after = stays.filter(pl.col("date") >= date(2014, 6, 9))
    assert after["strike"].max() <= 150.0
    assert stays.filter(pl.col("date") < date(2014, 6, 9))["strike"].min() >= 195.0
    assert after.height == 12_767, "every contract of after the split, but five puts"
    old = chain.filter(pl.col("strike") > 150.0, pl.col("date") >= date(2014, 6, 9))
    calls = dict(old.filter(right="C")["gate"].value_counts().iter_rows())
    assert calls.keys() == {"above_bound", "old_strike"}
    assert calls["old_strike"] > 3_800


@pytest.mark.parametrize("name", ["AAPL", "AMZN", "INTC", "IWM", "KO", "MSFT", "NVDA", "SPY"])
def test_no_strike_of_2026_is_an_old_one(shared: Path, name: str) -> None:
    """No share of these was split that summer, though INTC and MSFT moved by a third."""
    found = judged(shared / "data" / "us_option_last_2026", f"{name}.csv.gz").chain["gate"]
    assert not found.is_in(["old_strike"]).any()
