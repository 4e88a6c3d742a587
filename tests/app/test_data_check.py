"""`data list` and `data check`: what is there, and what is wrong with it."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from market.lake.quotes import FEBRUARY, JANUARY, brought, chain, laid_down
from underwriter.app.check import check_of
from underwriter.app.cli.main import run
from underwriter.app.holdings import holdings_of, size
from underwriter.core.errors import InputError
from underwriter.market.schema import conform

LAST = chain(JANUARY, "XYZ", "XYZ").with_columns(
    bid=pl.lit(None, pl.Float64), last=pl.col("ask"), ask=pl.lit(None, pl.Float64)
)


@pytest.fixture
def full(home: Path, tmp_path: Path) -> Path:
    """January and some of February of ABC with a crossed quote, last prices of XYZ, and the VIX."""
    spoilt = chain([*JANUARY, *FEBRUARY]).with_columns(
        bid=pl.when(date=JANUARY[1], strike=100.0, right="C").then(50.0).otherwise("bid")
    )
    levels = {"series": "VIX", "date": JANUARY, "value": 15.0}
    brought(
        home,
        laid_down(tmp_path / "abc.parquet", spoilt),
        laid_down(tmp_path / "xyz.parquet", LAST),
        laid_down(tmp_path / "vix.parquet", conform("levels", pl.DataFrame(levels))),
    )
    return home


def test_what_the_lake_holds(full: Path) -> None:
    found = holdings_of(full)
    abc, xyz, vix = found.holdings
    assert (abc.kind, abc.name, abc.first, abc.last) == ("chain", "ABC", "2015-01-05", "2015-02-04")
    # between them stand the sessions of January 13 to February 2: fourteen, but for February 2
    assert (abc.sessions, abc.missing) == (9, 13)
    assert (abc.rows, abc.dropped, abc.quotes) == (53, 1, "bid and ask")
    assert [(root.root, root.rows, root.quoted) for root in abc.roots] == [("ABC", 53, 53)]
    assert (xyz.quotes, xyz.roots[0].quoted, xyz.formats) == ("last price", 0, ["own"])
    assert (vix.kind, vix.name, vix.sessions, vix.quotes) == ("levels", "VIX", None, None)
    assert found.bytes == sum(path.stat().st_size for path in (full / "lake").rglob("*.parquet"))


def test_an_empty_lake_says_what_to_do(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", "list"]) == 0
    assert "underwriter data import PATH..." in capsys.readouterr().out
    assert run(["data", "check"]) == 0
    assert "underwriter data import PATH..." in capsys.readouterr().out
    assert run(["data", "check", "SPX"]) == 2
    assert "found nothing of it in the lake" in capsys.readouterr().err
    assert not (home / "lake").exists()


def test_gaps_and_gates_of_an_underlying(full: Path) -> None:
    (abc,) = check_of(full, ["abc"], None, 20).underlyings
    assert [(one.gate, one.year, one.rows, one.dropped) for one in abc.gates] == [
        ("crossed", 2015, 1, True)
    ]
    gap = abc.gaps[0]
    assert (gap.first, gap.last, gap.sessions) == ("2015-01-13", "2015-01-30", 13)
    assert (abc.sessions, abc.missing, abc.unusable) == (9, 13, True)


def test_the_rows_that_a_gate_found(full: Path) -> None:
    (row,) = check_of(full, [], "crossed", 20).rows
    assert (Path(row.file).name, row.line, row.name) == ("abc.parquet", 10, "ABC")
    told = {name: row.values[name] for name in ("date", "right", "strike", "bid")}
    assert told == {"date": "2015-01-06", "right": "C", "strike": 100.0, "bid": 50.0}


def test_no_more_rows_than_were_asked_for(home: Path, tmp_path: Path) -> None:
    crossed = chain().with_columns(bid=pl.col("ask") + 0.05)
    brought(home, laid_down(tmp_path / "a.parquet", crossed))
    assert len(check_of(home, [], "crossed", 7).rows) == 7
    assert len(check_of(home, [], "crossed", 70).rows) == 36


@pytest.mark.parametrize(("name", "gate"), [("SPX", None), ("ABC", "crosst")])
def test_what_is_not_there_is_refused(full: Path, name: str, gate: str | None) -> None:
    with pytest.raises(InputError, match=r"expected one of|nothing of it"):
        check_of(full, [name], gate, 20)


@pytest.mark.usefixtures("full")
def test_a_chain_with_half_of_its_sessions_missing_needs_attention(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["data", "check"]) == 3
    said = capsys.readouterr().out
    assert "ABC: 9 sessions, 13 missing; cannot be used: half are missing, or more" in said
    assert "gap of 13 sessions: 2015-01-13 to 2015-01-30" in said
    assert "crossed          taken out  the bid above the ask" in said
    assert run(["data", "check", "XYZ", "VIX"]) == 0


@pytest.mark.usefixtures("full")
def test_the_page_lists_file_and_line(capsys: pytest.CaptureFixture[str]) -> None:
    run(["data", "check", "ABC", "--gate", "crossed"])
    head, row = capsys.readouterr().out.splitlines()[-2:]
    assert head.split()[:3] == ["file", "line", "underlying"]
    assert "abc.parquet" in row
    assert row.endswith("crossed")


def test_a_day_that_the_gates_on_days_remark_on(home: Path, tmp_path: Path) -> None:
    sunday = dt.date(2015, 1, 11)
    brought(home, laid_down(tmp_path / "a.parquet", chain([*JANUARY, sunday])))
    (abc,) = check_of(home, [], None, 20).underlyings
    assert [(one.gate, one.days) for one in abc.doubts] == [("closed", ["2015-01-11"])]
    assert [one.gate for one in abc.gates] == ["not_session"]
    assert abc.sessions == len(JANUARY)


@pytest.mark.parametrize(("count", "said"), [(999, "999 B"), (38_600_000, "38.6 MB")])
def test_sizes_as_people_say_them(count: int, said: str) -> None:
    assert size(count) == said


def test_list_as_json(full: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", "list", "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in found["holdings"]] == ["ABC", "XYZ", "VIX"]
    assert found["lake"] == str(full / "lake")
