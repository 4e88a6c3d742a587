"""What a policy sees beside its quotes, in backtests and sweeps on a lake: as-of, or unknown."""

import datetime as dt
from dataclasses import replace
from itertools import pairwise
from math import log, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from app.test_lake_backtest import POLICY
from command_line import Command
from lakes import closes, filled, sessions, written
from underwriter.app import wire
from underwriter.app.policy_file import parse_policy
from underwriter.app.request import OwnHistory, Request
from underwriter.app.settings import open_house
from underwriter.app.sight import Sight, look, year_before
from underwriter.book.event import Approved
from underwriter.book.journal import Journal
from underwriter.market.lake.ingest import Source, importing
from underwriter.market.schema import conform
from underwriter.market.sources.formats import recognise
from underwriter.market.sources.source import Ask

REGIME = """
[regime]
measure = "IV percentile"
bands = [50]
delta = [0.30, 0.30]
admit_iv_max = [0.30, 0.30]
below_realised = 0.1
slope_above = 1.0
"""
EVERYTHING = """
per_cluster = 0.9
per_sector = 0.9
{regime}
[screen]
index = "SYN"
min_price = 90
min_interest = 1000
max_width = 0.9
max_beta = 2.0
min_iv = 0.05
unknown_passes = ["beta"]
"""
DAYS = sessions()
LAST = len(DAYS) - 1
CUT = 40  # the last session that two lakes have in common


def text_of(more: str, universe: str = '["SYN"]', strategy: str = "cash_secured_put") -> str:
    """A policy with more keys, some of [size]."""
    return POLICY.format(universe=universe, strategy=strategy) + more


def asked(text: str, first: dt.date | None = None, last: dt.date | None = None) -> Request:
    """A backtest of a policy in the home in force."""
    house = open_house(None)
    policy = parse_policy(Path("test.toml"), text)
    return Request(policy, house, house.settings, house.home / "run", first=first, last=last)


def sight_of(request: Request) -> Sight:
    """What its policy sees."""
    found = wire.ground(request)
    return look(request, found, found.slab(request.house.home), [request.policy.content])


def bars_of(sight: Sight, name: str, underlying: int = 0) -> np.ndarray:
    """A column beside the quotes of one underlying."""
    return np.asarray(sight.slab.market.bars)[name][:, underlying]


def run(underwriter: Command, tmp_path: Path, text: str, *words: str) -> dict[str, Any]:
    """What a backtest of a policy says."""
    path = tmp_path / "test.toml"
    path.write_text(text, encoding="utf-8")
    done = underwriter("backtest", str(path), "--json", *words)
    assert done.code in {0, 3}, done.err
    found: dict[str, Any] = done.json
    return found


def levels(home: Path, tmp_path: Path, series: str, values: list[float]) -> None:
    """Bring levels of an index, one a session, into the lake."""
    frame = pl.DataFrame({"series": series, "date": DAYS[: len(values)], "value": values})
    path = tmp_path / f"{series}.parquet"
    conform("levels", frame).write_parquet(path)
    with importing(home) as importer:
        importer.bring(Source(path, recognise(path), Ask()), 0)


def tables(home: Path, *, filings: str = "", earnings: str = "") -> None:
    """Settings that name tables."""
    (home / "underwriter.toml").write_text(
        'tables.fundamentals = "f.csv"\ntables.earnings = "e.csv"\n', encoding="utf-8"
    )
    (home / "f.csv").write_text(f"symbol,filed,sector\n{filings}", encoding="utf-8")
    (home / "e.csv").write_text(f"symbol,date\n{earnings}", encoding="utf-8")


def test_a_screen_admits_by_what_was_known_the_evening_before(home: Path, tmp_path: Path) -> None:
    """The close of a session opens or bars the next one, never its own."""
    filled(home, [written(tmp_path, settlement="physical")])
    sight = sight_of(asked(text_of("[screen]\nmax_price = 95\n")))
    lens = sight.lens(asked(text_of("[screen]\nmax_price = 95\n")).policy.content)
    assert lens is not None
    known = [float("nan"), *closes(DAYS)[:-1]]
    assert lens.admitted[:, 0].tolist() == [int(close <= 95) for close in known]
    assert 0 < lens.admitted.sum() < LAST
    assert sight.remarks == ["screen.price on 1 of 71 sessions"]


def test_nothing_is_opened_on_a_name_that_the_screen_keeps_out(
    underwriter: Command, home: Path, tmp_path: Path
) -> None:
    filled(home, [written(tmp_path, settlement="physical")])
    told = run(underwriter, tmp_path, text_of("[screen]\nmax_price = 95\n"))
    close = dict(zip(DAYS, closes(DAYS), strict=True))
    with Journal.open(Path(told["journal"]["path"])) as journal:
        approved = [each for _, each in journal.read() if isinstance(each, Approved)]
    opened = [each.session for each in approved if each.why == "entry_put"]
    assert len(opened) >= 2
    for day in opened:
        assert close[DAYS[DAYS.index(day) - 1]] <= 95
    assert told["refused"]["screen"] > 0
    assert "screen.price on 1 of 71 sessions" in told["source"]
    without = run(underwriter, tmp_path, text_of(""))
    assert "screen" not in without["refused"], "a kept slab is as it was"


def test_realised_volatility_is_of_the_sessions_before(home: Path, tmp_path: Path) -> None:
    filled(home, [written(tmp_path)])
    found = bars_of(sight_of(asked(text_of(REGIME))), "realised")
    close = closes(DAYS)
    moves = [log(b / a) for a, b in pairwise(close[8:30])]
    assert found[30] == pytest.approx(sqrt(252 / 21 * sum(each**2 for each in moves)))
    assert np.isnan(found[:22]).all()


def test_implied_volatility_is_of_the_quotes_that_are_decided_on(
    home: Path, tmp_path: Path
) -> None:
    """Every quote of the lake has a volatility of 22%, within its dime of width."""
    filled(home, [written(tmp_path)])
    found = bars_of(sight_of(asked(text_of(REGIME))), "iv30")
    assert found[:40] == pytest.approx(np.full(40, 0.22), abs=0.02)


def test_the_slope_is_of_the_session_before(
    underwriter: Command, home: Path, tmp_path: Path
) -> None:
    filled(home, [written(tmp_path)])
    text = text_of("[regime]\nslope_above = 1.0\n")
    unknown = run(underwriter, tmp_path, text)
    assert unknown["campaigns"]["opened"] == 0
    assert set(unknown["refused"]) == {"slope"}
    assert "VIX over VIX3M on 71 of 71 sessions" in unknown["source"]
    near = [15.0 + n % 7 for n in range(len(DAYS))]
    levels(home, tmp_path, "VIX", near)
    levels(home, tmp_path, "VIX3M", [18.0] * len(DAYS))
    sight = sight_of(asked(text))
    slope = np.asarray(sight.slab.market.sessions)["slope"]
    assert slope[1:].tolist() == [each / 18.0 for each in near[:-1]]
    assert np.isnan(slope[0])
    assert run(underwriter, tmp_path, text)["campaigns"]["opened"] > 0


def test_the_year_before_the_first_session_fills_the_percentile(home: Path, tmp_path: Path) -> None:
    """A run that begins later knows of the time before what a run from the beginning knows."""
    filled(home, [written(tmp_path)])
    whole = bars_of(sight_of(asked(text_of(REGIME))), "iv30")
    late = asked(text_of(REGIME), first=DAYS[35])
    before = year_before(late, wire.ground(late).day)
    assert before.shape == (252, 1)
    assert before[-35:, 0].tolist() == whole[:35].tolist()
    assert np.isnan(before[:-35]).all()


def test_a_name_that_nobody_has_announcements_of_is_not_sold(
    underwriter: Command, home: Path, tmp_path: Path
) -> None:
    """And one with a table is sold between them; a fund reports nothing."""
    filled(home, [written(tmp_path, settlement="physical")])
    text = text_of("").replace("[entry]", "[entry]\navoid_earnings = true")
    told = run(underwriter, tmp_path, text)
    assert told["campaigns"]["opened"] == 0
    assert "earnings on 71 of 71 sessions" in told["source"]
    report = DAYS[35]
    tables(home, earnings=f"SYN,{report}\n")
    told = run(underwriter, tmp_path, text)
    assert "earnings" not in told["source"]
    sold = approved(told, "entry_put")
    assert sold
    assert not [each for each in sold if each[0] <= report <= each[1]]
    assert [each for each in approved(run(underwriter, tmp_path, text_of("")), "entry_put")
            if each[0] <= report <= each[1]]  # fmt: skip
    (home / "f.csv").write_text("symbol,filed,kind\nSYN,2023-01-01,fund\n", encoding="utf-8")
    assert run(underwriter, tmp_path, text)["campaigns"]["opened"] > 0


def approved(told: dict[str, Any], why: str) -> list[tuple[dt.date, dt.date]]:
    """The session and the expiry of what was approved for a reason."""
    with Journal.open(Path(told["journal"]["path"])) as journal:
        events = [each for _, each in journal.read() if isinstance(each, Approved)]
    return [
        (each.session, dt.date.fromisoformat(f"20{str(each.option)[6:12]}"))
        for each in events
        if each.why == why
    ]


def two_names(home: Path, tmp_path: Path) -> None:
    """Two names of one price, whose years are not known."""
    filled(home, [written(tmp_path, name, "physical") for name in ("AAA", "BBB")])


def test_names_without_a_year_count_as_one_cluster(
    underwriter: Command, home: Path, tmp_path: Path
) -> None:
    two_names(home, tmp_path)
    text = text_of("per_cluster = 0.2\n", '["AAA", "BBB"]')
    lens = sight_of(asked(text)).lens(asked(text).policy.content)
    assert lens is not None
    assert (lens.cluster == 3).all()
    told = run(underwriter, tmp_path, text)
    assert told["refused"]["cluster"] > 0
    assert "cluster of AAA, BBB on 71 of 71 sessions" in told["source"]
    assert "cluster" not in run(underwriter, tmp_path, text_of("", '["AAA", "BBB"]'))["refused"]


@pytest.mark.parametrize(
    ("filings", "sector", "said"),
    [
        ("AAA,2023-06-01,Food\nBBB,2023-06-01,Oil\n", [1, 2], ""),
        ("AAA,2023-06-01,Food\nBBB,2023-06-01,Food\n", [1, 1], ""),
        ("AAA,2023-06-01,Food\nBBB,2024-02-01,Food\n", [1, 2], "sector of BBB"),
        ("", [1, 1], "sector of AAA, BBB"),
    ],
)
def test_sectors_are_those_filed_before_the_first_session(
    home: Path, tmp_path: Path, filings: str, sector: list[int], said: str
) -> None:
    two_names(home, tmp_path)
    tables(home, filings=filings)
    request = asked(text_of("per_sector = 0.2\n", '["AAA", "BBB"]'))
    sight = sight_of(request)
    lens = sight.lens(request.policy.content)
    assert lens is not None
    assert lens.sector.tolist() == sector
    assert [f"{said} on 71 of 71 sessions"] * bool(said) == sight.remarks


def test_a_sector_caps_what_its_names_take_together(
    underwriter: Command, home: Path, tmp_path: Path
) -> None:
    two_names(home, tmp_path)
    tables(home, filings="AAA,2023-06-01,Food\nBBB,2023-06-01,Food\n")
    told = run(underwriter, tmp_path, text_of("per_sector = 0.2\n", '["AAA", "BBB"]'))
    assert told["refused"]["sector"] > 0
    assert "most careful" not in told["source"]


def spoil(place: Path) -> None:
    """Write nonsense into all sessions of a name after the cut."""
    later = pl.col("date") > DAYS[CUT]
    path = place / "options.parquet"
    times = pl.when(later).then(2.0).otherwise(1.0)
    sides = [(pl.col(name) * times).round(2) for name in ("bid", "ask")]
    interest = pl.when(later).then(7).otherwise("open_interest").cast(pl.Int32)
    pl.read_parquet(path).with_columns(*sides, open_interest=interest).write_parquet(path)
    path = place / "underlying.parquet"
    times = pl.when(later).then(1.02).otherwise(1.0)
    sides = [pl.col(name) * times for name in ("open", "high", "low", "close")]
    volume = pl.when(later).then(1).otherwise("volume")
    pl.read_parquet(path).with_columns(*sides, volume=volume).write_parquet(path)


def indexed(home: Path, tmp_path: Path, last: float) -> None:
    """Bring two indices into a lake, the near one at another level after the cut."""
    levels(home, tmp_path, "VIX", [15.0] * (CUT + 1) + [last] * (LAST - CUT))
    levels(home, tmp_path, "VIX3M", [18.0] * len(DAYS))


def seen(home: Path, text: str) -> dict[str, np.ndarray]:
    """All columns that a policy sees in a home."""
    request = replace(asked(text), house=open_house(home))
    sight = sight_of(request)
    lens = sight.lens(request.policy.content)
    assert lens is not None
    names = ("iv30", "iv_percentile", "realised", "next_earnings")
    slope = np.asarray(sight.slab.market.sessions)["slope"]
    own = {name: bars_of(sight, name) for name in names}
    return {**own, "slope": slope, "admitted": lens.admitted, "cluster": lens.cluster}


def test_t83_nothing_that_a_policy_sees_is_of_later_sessions(home: Path, tmp_path: Path) -> None:
    """A lake that goes on in nonsense says the same up to the day that it begins to.

    What stands on the session before says the same for one session more.
    """
    text = text_of(EVERYTHING.format(regime=REGIME))
    place = written(tmp_path, settlement="physical")
    filled(home, [place])
    indexed(home, tmp_path, 15.0)
    other = tmp_path / "other"
    other.mkdir()
    (other / "cache").symlink_to((home / "cache").resolve())
    spoil(place)
    filled(other, [place])
    indexed(other, tmp_path, 99.0)
    whole, changed = seen(home, text), seen(other, text)
    for name, column in whole.items():
        before = CUT + (1 if name in {"iv30", "iv_percentile", "next_earnings"} else 2)
        np.testing.assert_array_equal(column[:before], changed[name][:before])
    for name in ("iv30", "slope", "admitted"):
        assert not np.array_equal(whole[name], changed[name], equal_nan=True), name
    assert whole["slope"][CUT + 2] != changed["slope"][CUT + 2]


def test_a_sweep_sees_what_a_backtest_of_each_configuration_sees(
    underwriter: Command, home: Path, tmp_path: Path
) -> None:
    two_names(home, tmp_path)
    grid = tmp_path / "grid.toml"
    grid.write_text('"screen.max_price" = [95, 101]\n"size.per_cluster" = [0.2, 1.0]')
    path = tmp_path / "test.toml"
    path.write_text(text_of("", '["AAA", "BBB"]'), encoding="utf-8")
    done = underwriter("sweep", str(path), "--grid", str(grid), "--json")
    assert done.code == 0, done.err
    assert done.json["grid"]["inert"] == []
    assert "cluster of AAA, BBB" in done.json["source"]
    table = pl.read_parquet(done.json["results"]).to_dicts()
    assert len({each["ending_equity"] for each in table}) > 2
    for each in table:
        more = (
            f"per_cluster = {each['size.per_cluster']}\n"
            f"[screen]\nmax_price = {each['screen.max_price']}\n"
        )
        told = run(underwriter, tmp_path, text_of(more, '["AAA", "BBB"]'))
        assert told["ending_equity"] == pytest.approx(each["ending_equity"])


def test_scan_and_backtest_hold_the_same_values_against_a_gate(
    underwriter: Command, home: Path, tmp_path: Path
) -> None:
    """What a scan of an evening admits is what the next session may open."""
    filled(home, [written(tmp_path, settlement="physical")])
    path = tmp_path / "test.toml"
    path.write_text(text_of("[screen]\nmax_price = 95\nmin_interest = 1000\n"), encoding="utf-8")
    request = asked(path.read_text(encoding="utf-8"))
    lens = sight_of(request).lens(request.policy.content)
    assert lens is not None
    for at in (5, 20, 35, 50):
        done = underwriter("scan", str(path), "--json", "--as-of", str(DAYS[at]))
        assert done.json["admitted"] == lens.admitted[at + 1, 0]


def test_a_modelled_percentile_looks_back_beyond_the_first_session(home: Path) -> None:
    """The share of the 252 sessions before each that lie below it, today left out."""
    assert home.exists()
    text = text_of(REGIME, '["SPX/10"]')
    sight = sight_of(asked(text, dt.date(2016, 1, 4), dt.date(2016, 1, 15)))
    before = year_before(asked(text), sight.day)
    whole = [*before[:, 0], *bars_of(sight, "iv30")]
    assert np.isfinite(whole).all()
    for at, share in enumerate(bars_of(sight, "iv_percentile")):
        today, year = whole[at + 252], whole[at : at + 252]
        assert share == sum(each < today for each in year) / 252
    assert sight.remarks == ["VIX over VIX3M on 10 of 10 sessions"]


def test_a_history_of_the_users_own_goes_by_its_own_name(home: Path, tmp_path: Path) -> None:
    """Its prices are its past; it is a firm that reports when nobody said."""
    assert home.exists()
    files = {"spot": closes(DAYS), "vol": [20.0] * len(DAYS), "bills": [3.0] * len(DAYS)}
    paths = [tmp_path / name for name in ("KO.csv", "vol.csv", "bills.csv")]
    for path, values in zip(paths, files.values(), strict=True):
        lines = [f"{day},{value}" for day, value in zip(DAYS, values, strict=True)]
        path.write_text("\n".join(["date,close", *lines]), encoding="utf-8")
    text = text_of("[regime]\nbelow_realised = 0.1\n[screen]\nmax_price = 95\n", '["SPX/10"]')
    text = text.replace("[entry]", "[entry]\navoid_earnings = true")
    request = replace(asked(text), own=OwnHistory(*paths))
    sight = sight_of(request)
    assert sight.symbols == ("KO",)
    lens = sight.lens(request.policy.content)
    assert lens is not None
    assert lens.admitted[1:, 0].tolist() == [int(close <= 95) for close in closes(DAYS)[:-1]]
    assert bars_of(sight, "next_earnings").tolist() == sight.day.tolist()
    assert "earnings on 71 of 71 sessions" in sight.remarks
    moves = [log(b / a) for a, b in pairwise(closes(DAYS)[8:30])]
    realised = bars_of(sight, "realised")[30]
    assert realised == pytest.approx(sqrt(252 / 21 * sum(each**2 for each in moves)))
