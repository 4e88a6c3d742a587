"""LEAN's daily option zips and universes; the figures are of our making."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from chain_files import CHAIN, chain, read, refusal, zipped

NAME = "aapl_{kind}_american_{right}_{strike}_{expiry}.csv"
CALL = {"right": "call", "strike": "6500000", "expiry": "20140621"}
PUT = {"right": "put", "strike": "926250", "expiry": "20140621"}


def entry(kind: str, contract: dict[str, str]) -> str:
    return NAME.format(kind=kind, **contract)


def quotes(folder: Path, name: str = "aapl_2014_quote_american.zip") -> Path:
    return zipped(
        folder,
        name,
        {
            entry("quote", CALL): (
                "20140605 00:00,14900,15900,10400,12100,30,16300,19500,12500,13300,6\n"
                "20140606 00:00,,,,,0,16300,19500,12500,13400,6"
            ),
            entry("quote", PUT): "20140609 00:00,100,100,100,24400,1,100,100,100,24600,2\n",
        },
    )


def trades(folder: Path) -> Path:
    rows = "20140605 00:00,17000,17000,12300,13500,257\r\n20140610 00:00,1,1,1,14000,3\r\n"
    return zipped(folder, "aapl_2014_trade_american.zip", {entry("trade", CALL): rows})


def interest(folder: Path) -> Path:
    rows = "20140606 00:00,9325\n20140611 00:00,9427"
    return zipped(
        folder, "aapl_2014_openinterest_american.zip", {entry("openinterest", CALL): rows}
    )


def test_quotes_alone(tmp_path: Path) -> None:
    frame = chain(quotes(tmp_path))
    assert frame.select(CHAIN).rows() == [
        ("AAPL", None, date(2014, 6, 5), date(2014, 6, 21), "C", 650.0),
        ("AAPL", None, date(2014, 6, 6), date(2014, 6, 21), "C", 650.0),
        ("AAPL", None, date(2014, 6, 9), date(2014, 6, 21), "P", 92.625),
    ]
    assert frame["bid"].to_list() == [1.21, 0.0, 2.44]
    assert frame["ask"].to_list() == [1.33, 1.34, 2.46]
    assert frame["line"].to_list() == [1, 2, 3]
    assert frame["last"].null_count() == 3


def test_the_zips_beside_the_quotes_are_joined_to_them(tmp_path: Path) -> None:
    path, beside = quotes(tmp_path), [trades(tmp_path), interest(tmp_path)]
    frame = chain(path).sort("right", "date")
    day = [date(2014, 6, number) for number in (9, 5, 6, 10)]
    assert frame.sort("right", "date")["date"].to_list() == day
    assert frame["last"].to_list() == [None, 1.35, None, 1.4]
    assert frame["bid"].to_list() == [2.44, 1.21, 0.0, None]
    assert frame["volume"].to_list() == [None, 257, None, 3]
    assert frame["open_interest"].to_list() == [None, None, 9325, None]
    assert [read(other) for other in beside] == [{}, {}]


def test_open_interest_under_the_strikes_before_a_split_is_no_later_contracts(
    tmp_path: Path,
) -> None:
    """AAPL, 2014-06-09: seven for one; 650.00 became 92.86, and the count came a day later."""
    old, new = CALL, {**CALL, "strike": "928600"}
    path = zipped(
        tmp_path,
        "aapl_2014_quote_american.zip",
        {
            entry("quote", old): "20140606 00:00,1,1,1,98500,22,1,1,1,100000,1\n",
            entry("quote", new): "20140609 00:00,1,1,1,17400,15,1,1,1,17700,2\n",
        },
    )
    counts = {
        entry("openinterest", old): "20140606 00:00,19029\n20140609 00:00,18853\n",
        entry("openinterest", new): "20140610 00:00,122883\n",
    }
    zipped(tmp_path, "aapl_2014_openinterest_american.zip", counts)
    rows = chain(path).sort("date").select("date", "strike", "open_interest").rows()
    assert rows == [(date(2014, 6, 6), 650.0, 19029), (date(2014, 6, 9), 92.86, None)]


def test_trades_and_open_interest_alone(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    alone = chain(trades(tmp_path / "t"))
    assert alone["last"].to_list() == [1.35, 1.4]
    assert alone["bid"].null_count() == 2
    counts = chain(interest(tmp_path))
    assert counts["open_interest"].to_list() == [9325, 9427]


def test_another_underlying_than_asked_for_is_refused(tmp_path: Path) -> None:
    assert ": found underlying AAPL; expected KO" in refusal(quotes(tmp_path), underlying="KO")


def test_the_entry_and_its_line_are_named(tmp_path: Path) -> None:
    name = entry("quote", PUT)
    rows = "20140605 00:00,1,1,1,1,1,1,1,1,1,1\n20140606 00:00,1,1,1,x,1,1,1,1,1,1"
    path = zipped(tmp_path, "aapl_2014_quote_american.zip", {name: rows})
    assert refusal(path).startswith(f"/{name}, line 2, column bid: found 'x'")
    short = zipped(tmp_path, "a.zip", {name: rows.rsplit(",", 1)[0]})
    assert f"/{name}, line 2: found 10 cells; expected 11" in refusal(short)


def test_hours_are_no_days(tmp_path: Path) -> None:
    rows = "20140605 10:00,1,1,1,1,1,1,1,1,1,1"
    path = zipped(tmp_path, "aapl_2014_quote_american.zip", {entry("quote", PUT): rows})
    assert "column time: found '20140605 10:00'; expected a day" in refusal(path)


def test_entries_of_two_kinds_are_refused(tmp_path: Path) -> None:
    rows = {entry("quote", PUT): "x", entry("trade", PUT): "x"}
    assert "found entries of quote and trade" in refusal(zipped(tmp_path, "a.zip", rows))


UNIVERSE = """#expiry,strike,right,open,high,low,close,volume,open_interest,implied_volatility,delta
,,,633.49,633.50,633.28,633.40,131,,,
20140606,490,C,142.95,145.275,132.9,138.325,0,,1.4964998,0.9684187
20140606,492.5,P,0,0,0,0,0,12,0,0
"""


def universe(folder: Path, name: str = "20140602.csv") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(UNIVERSE)
    return path


def test_a_universe(tmp_path: Path) -> None:
    frame = chain(universe(tmp_path / "universes" / "aapl"))
    assert frame.select(CHAIN).rows() == [
        ("AAPL", None, date(2014, 6, 2), date(2014, 6, 6), "C", 490.0),
        ("AAPL", None, date(2014, 6, 2), date(2014, 6, 6), "P", 492.5),
    ]
    assert frame["last"].to_list() == [138.325, None]
    assert frame["spot"].to_list() == [633.4, 633.4]
    assert frame["iv"].to_list() == [pytest.approx(1.4964998), None]
    assert frame["delta"].to_list() == [pytest.approx(0.9684187), None]
    assert frame["line"].to_list() == [3, 4]


def test_whose_a_universe_is(tmp_path: Path) -> None:
    bare = universe(tmp_path / "universes")
    assert "found no underlying in its folder" in refusal(bare)
    assert chain(bare, underlying="KO")["underlying"].to_list() == ["KO", "KO"]
    quotes(tmp_path)
    assert chain(bare)["underlying"].to_list() == ["AAPL", "AAPL"]
    assert "found underlying AAPL by its folder; expected KO" in refusal(bare, underlying="KO")
    assert "expected yyyymmdd.csv" in refusal(universe(tmp_path, "june.csv"), underlying="KO")


def test_a_universe_without_contracts_is_refused(tmp_path: Path) -> None:
    path = universe(tmp_path / "universes" / "aapl")
    path.write_text("\n".join(UNIVERSE.splitlines()[:2]) + "\n")
    assert "without contracts" in refusal(path)


@pytest.mark.parametrize("size", [1, 100, 10_000])
def test_batches_hold_the_same(tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    path, _, _ = quotes(tmp_path), trades(tmp_path), interest(tmp_path)
    whole = chain(path)
    monkeypatch.setattr("underwriter.market.sources.lean_options._BATCH", size)
    assert chain(path).equals(whole)
    assert whole["date"].dtype == pl.Date
