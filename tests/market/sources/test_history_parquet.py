"""The free parquet history: the chain with its sidecar, the underlying's days, the VIX.

Columns and types are those of the dataset's README; the figures are of our making.
"""

from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from chain_files import CHAIN, chain, read, refusal

SIDECAR = """
symbol = "SPY"
style = "american"
settlement = "physical"
multiplier = 100
calendar = "XNYS"
"""
QUOTES = pl.DataFrame(
    {
        "contract_id": ["SPY240119C00470000", "SPY240119P00470500", "SPY1240119P00470500"],
        "symbol": ["SPY", "SPY", "SPY"],
        "expiration": ["2024-01-19"] * 3,
        "strike": [470.0, 470.5, 470.5],
        "type": ["call", "put", "put"],
        "bid": [5.1, 3.2, None],
        "ask": [5.2, 3.3, 0.4],
        "volume": [1200, 0, None],
        "open_interest": [15000, 30, None],
        "date": ["2024-01-02"] * 3,
        "implied_volatility": [0.121, 0.119, 0.0],
        "delta": [0.52, -0.48, 0.0],
        "gamma": [0.01] * 3,
    }
)
DAYS = pl.DataFrame(
    {
        "symbol": ["AAPL"] * 3,
        "date": [date(2014, 5, 8), date(2014, 6, 9), date(2014, 6, 10)],
        "open": [588.0, 92.7, 94.7],
        "high": [594.0, 93.9, 95.1],
        "low": [586.0, 91.8, 93.6],
        "close": [588.0, 93.7, 94.3],
        "adjusted_close": [81.0, 91.0, 92.0],
        "volume": [8_000_000, 75_000_000, 62_000_000],
        "dividend_amount": [3.29, 0.0, 0.0],
        "split_coefficient": [1.0, 7.0, 1.5],
    }
)


def stored(folder: Path, frame: pl.DataFrame, name: str = "options.parquet") -> Path:
    path = folder / name
    frame.write_parquet(path)
    return path


def test_the_chain(tmp_path: Path) -> None:
    frame = chain(stored(tmp_path, QUOTES))
    day, expiry = date(2024, 1, 2), date(2024, 1, 19)
    assert frame.select(CHAIN).rows() == [
        ("SPY", "SPY", day, expiry, "C", 470.0),
        ("SPY", "SPY", day, expiry, "P", 470.5),
        ("SPY", "SPY1", day, expiry, "P", 470.5),
    ]
    assert frame["bid"].to_list() == [5.1, 3.2, None]
    assert frame["delta"].to_list() == [pytest.approx(0.52), pytest.approx(-0.48), None]
    assert frame["open_interest"].to_list() == [15000, 30, None]
    assert frame["line"].to_list() == [1, 2, 3]


def test_the_sidecar_says_what_the_contracts_are(tmp_path: Path) -> None:
    (tmp_path / "underlying.toml").write_text(SIDECAR)
    tables = read(stored(tmp_path, QUOTES))
    assert tables["instruments"].rows() == [("SPY", "SPY", "american", "physical", 100, "XNYS", 1)]
    assert tables["chain"].height == 3


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('style = "bermudan"', ", key style: found 'bermudan'; expected \"american\" or"),
        ("multiplier = 0", ", key multiplier: found 0; expected a whole number above 0"),
        ("calendar = 5", ", key calendar: found 5"),
        ('symbol = "Q Q Q"', ", key symbol: found 'Q Q Q'"),
        ('settlement = ["cash-pm"]', ", key settlement: found ['cash-pm']"),
        ("style =", ": found "),
    ],
)
def test_a_wrong_sidecar_is_refused(tmp_path: Path, wrong: str, said: str) -> None:
    key = wrong.split(" ", maxsplit=1)[0]
    lines = [wrong if line.startswith(key) else line for line in SIDECAR.splitlines()]
    (tmp_path / "underlying.toml").write_text("\n".join(lines))
    path = stored(tmp_path, QUOTES)
    with pytest.raises(Exception, match=r"underlying\.toml") as caught:
        read(path)
    assert said in str(caught.value)


def test_a_sidecar_of_another_underlying_is_refused(tmp_path: Path) -> None:
    (tmp_path / "underlying.toml").write_text(SIDECAR.replace("SPY", "QQQ"))
    said = refusal(stored(tmp_path, QUOTES))
    assert said == ": found underlying SPY; expected QQQ, as underlying.toml beside it says"


def test_another_underlying_than_asked_for_is_refused(tmp_path: Path) -> None:
    path = stored(tmp_path, QUOTES)
    assert ", line 1: found underlying SPY; expected QQQ" in refusal(path, underlying="QQQ")


def test_the_days_of_an_underlying(tmp_path: Path) -> None:
    tables = read(stored(tmp_path, DAYS, "underlying.parquet"))
    assert tables["bars"].row(1) == (
        *("AAPL", date(2014, 6, 9), 92.7, 93.9, 91.8, 93.7),
        *(75_000_000.0, 2),
    )
    assert tables["dividends"].rows() == [("AAPL", date(2014, 5, 8), 3.29, 1)]
    assert tables["splits"].rows() == [
        ("AAPL", date(2014, 6, 9), 7, 1, 2),
        ("AAPL", date(2014, 6, 10), 3, 2, 3),
    ]


CASTS = {
    "dates": {"date": pl.Date, "expiration": pl.Date},
    "times": {"date": pl.Datetime("ns"), "expiration": pl.Datetime("us", "UTC")},
    "whole numbers": {"volume": pl.UInt8, "open_interest": pl.Int64, "strike": pl.Decimal(12, 3)},
    "categories": {"symbol": pl.Categorical, "type": pl.Categorical},
    "text": {"bid": pl.String, "strike": pl.String, "volume": pl.String},
    "short floats": {"bid": pl.Float32, "strike": pl.Float32},
}


@pytest.mark.parametrize("case", CASTS)
def test_other_types_that_mean_the_same_are_read(tmp_path: Path, case: str) -> None:
    plain = chain(stored(tmp_path, QUOTES))
    dated = QUOTES.with_columns(volume=pl.col("volume") % 200)
    if case in {"dates", "times"}:
        dated = dated.with_columns(pl.col("date", "expiration").str.to_date("%Y-%m-%d"))
    found = chain(stored(tmp_path, dated.cast(CASTS[case]), "other.parquet"))
    assert found.drop("volume").equals(plain.drop("volume"))


def test_days_written_as_numbers_need_a_map_that_says_so(tmp_path: Path) -> None:
    numbered = QUOTES.with_columns(date=pl.lit(20240102))
    said = refusal(stored(tmp_path, numbered))
    assert said == ", line 1, column date: found '20240102'; expected a date, yyyy-mm-dd"


NONSENSE = {
    "strike": (pl.lit([1.0]), "found type List(Float64); expected numbers"),
    "bid": (pl.lit(value=True), "found type Boolean; expected numbers"),
    "date": (pl.lit(1.5), "found type Float64; expected text or dates"),
    "type": (pl.lit(value=True), "found type Boolean; expected text or dates"),
    "ask": (pl.lit(datetime(2024, 1, 2)), "expected numbers"),  # noqa: DTZ001  a type, no time
}


@pytest.mark.parametrize("name", NONSENSE)
def test_types_that_mean_nothing_are_refused(tmp_path: Path, name: str) -> None:
    value, expected = NONSENSE[name]
    said = refusal(stored(tmp_path, QUOTES.with_columns(value.alias(name))))
    assert said.startswith(f", column {name}: ")
    assert expected in said


def test_text_that_is_no_number_is_named_with_its_row(tmp_path: Path) -> None:
    path = stored(tmp_path, QUOTES.with_columns(bid=pl.Series(["5.1", "x", "3"])))
    assert refusal(path) == ", line 2, column bid: found 'x'; expected a number"


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    assert ": found no column ask in " in refusal(stored(tmp_path, QUOTES.drop("ask")))


def test_a_damaged_parquet_is_refused(tmp_path: Path) -> None:
    path = stored(tmp_path, QUOTES)
    path.write_bytes(path.read_bytes()[:-40])
    assert ": found a damaged parquet" in refusal(path)
    assert ": found a damaged parquet" in refusal(path, "dolthub")


def test_a_parquet_without_rows_is_refused(tmp_path: Path) -> None:
    assert "found a parquet without rows" in refusal(stored(tmp_path, QUOTES.clear()))


def test_slices_are_numbered_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("underwriter.market.sources.parquet.SLICE", 2)
    assert chain(stored(tmp_path, QUOTES))["line"].to_list() == [1, 2, 3]


def test_brackets_in_a_name_are_no_pattern(tmp_path: Path) -> None:
    assert chain(stored(tmp_path, QUOTES, "spy[2024]*.parquet")).height == 3
