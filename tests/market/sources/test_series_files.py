"""Series in every kind of file, and what stands in such files beside the series."""

import gzip
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from chain_files import read, refusal, text, zipped
from underwriter.market.sources.formats import FORMATS, companion, head_of, recognise

LINES = ("Date,Open,Close", "2026-03-02,600.25,605.5", "2026-03-03,605,606.5")
ROWS = [(date(2026, 3, 2), 600.25, 605.5), (date(2026, 3, 3), 605.0, 606.5)]
BODY = "\n".join(LINES) + "\n"
FRAME = pl.DataFrame(ROWS, ["Date", "Open", "Close"], orient="row")

Written = Callable[[Path], Path]


def stored(folder: Path, frame: pl.DataFrame, name: str = "SPY.parquet") -> Path:
    frame.write_parquet(folder / name)
    return folder / name


def put(folder: Path, name: str, body: bytes) -> Path:
    (folder / name).write_bytes(body)
    return folder / name


KINDS: dict[str, Written] = {
    "csv": lambda folder: text(folder, "SPY.csv", LINES),
    "csv.gz": lambda folder: text(folder, "SPY.csv.gz", LINES),
    "gzip without its suffix": lambda folder: put(folder, "SPY", gzip.compress(BODY.encode())),
    "zip": lambda folder: zipped(folder, "SPY.zip", {"SPY.csv": BODY}),
    "zip with a folder inside": lambda folder: zipped(
        folder, "SPY.zip", {"a/": "", "a/S.csv": BODY}
    ),
    "zip of a Mac": lambda folder: zipped(
        folder, "SPY.zip", {"SPY.csv": BODY, "__MACOSX/._SPY.csv": "\0\5\x16\7"}
    ),
    "parquet": lambda folder: stored(folder, FRAME),
    "parquet called csv": lambda folder: stored(folder, FRAME, "SPY.csv"),
    "parquet of texts": lambda folder: stored(folder, FRAME.cast(pl.String)),
    "parquet of short floats": lambda folder: stored(folder, FRAME.cast({"Close": pl.Float32})),
    "parquet of times": lambda folder: stored(folder, FRAME.cast({"Date": pl.Datetime("ns")})),
    "Excel's": lambda folder: put(
        folder, "SPY.csv", b"\xef\xbb\xbf" + BODY.replace(",", ";").replace("\n", "\r\n").encode()
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_bars_are_read_from_every_kind_of_file(tmp_path: Path, kind: str) -> None:
    found = read(KINDS[kind](tmp_path))["bars"]
    assert found.select("date", "open", "close").rows() == ROWS
    assert found["underlying"].unique().to_list() == ["SPY"]
    first = 1 if kind.startswith("parquet") else 2
    assert found["line"].to_list() == [first, first + 1]


def test_the_vix_of_the_free_history_is_an_index(tmp_path: Path) -> None:
    frame = pl.DataFrame({"date": ["2024-01-02"], "vix": [13.2]})
    found = read(stored(tmp_path, frame, "volatility.parquet"))
    assert found["levels"].rows() == [("VIX", date(2024, 1, 2), 13.2, 1)]


def test_a_zip_of_several_series_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path, "SPY.zip", {"a.csv": BODY, "b.csv": BODY})
    assert refusal(path) == ": found 2 files in it; expected one"


def test_a_row_wider_than_the_header_is_refused_not_cut(tmp_path: Path) -> None:
    path = text(tmp_path, "SPX.csv", ["Date,Close", "2026-03-02,6,250.00", "2026-03-03,6206.50"])
    assert refusal(path).startswith(", line 2: found 3 cells; expected 2, one for each column")


def test_cells_beyond_the_header_may_be_blank(tmp_path: Path) -> None:
    path = text(tmp_path, "SPY.csv", ["Date,Close", "2026-03-02,605.5,", "2026-03-03,606.5"])
    assert read(path)["bars"]["close"].to_list() == [605.5, 606.5]


def test_a_column_that_stands_there_twice_is_refused(tmp_path: Path) -> None:
    path = text(tmp_path, "SPY.csv", ["Date,Close,Close", "2026-03-02,605.5,100"])
    assert refusal(path) == ", line 1: found column close twice; expected each once"


def test_a_parquet_of_what_is_no_cell_is_refused(tmp_path: Path) -> None:
    path = stored(tmp_path, FRAME.with_columns(Close=pl.lit([1.0])))
    assert refusal(path).startswith(", column Close: found type List(Float64); expected text,")


@pytest.mark.parametrize(("hour", "zone"), [(22, "America/New_York"), (0, "Europe/Berlin")])
def test_a_day_is_that_of_its_own_time_zone(tmp_path: Path, hour: int, zone: str) -> None:
    # 22:00 in New York is the next day in London, midnight in Berlin the day before
    frame = pl.DataFrame(
        {
            "date": [datetime(2026, 3, 2, hour)],  # noqa: DTZ001  the zone is put to it below
            "act_symbol": "KO",
            "expiration": "2026-03-20",
            "strike": 80.0,
            "call_put": "Put",
            "bid": 1.0,
            "ask": 1.1,
        }
    ).with_columns(pl.col("date").dt.replace_time_zone(zone))
    path = stored(tmp_path, frame, "chain.parquet")
    assert read(path)["chain"]["date"].to_list() == [date(2026, 3, 2)]
    assert frame["date"][0].astimezone(UTC).date() != date(2026, 3, 2)


@pytest.mark.parametrize(
    "lines",
    [
        ("underlying,date,open,high,low,close,volume", "KO,2026-03-02,1,2,1,2,3"),
        ("underlying,ex_date,amount", "KO,2026-03-02,0.5"),
        ("underlying,date,new,old", "KO,2026-03-02,2,1"),
    ],
)
def test_a_text_in_the_lakes_columns_is_no_parquet_of_its_own(
    tmp_path: Path, lines: tuple[str, str]
) -> None:
    path = text(tmp_path, "KO.csv", lines)
    assert [each.name for each in FORMATS if each.recognises(head_of(path))] != ["own"]


@pytest.mark.parametrize(
    "header",
    [
        "Activity Date,Process Date,Settle Date,Instrument,Trans Code,Quantity,Price,Amount",
        "Date,Action,Symbol,Description,Quantity,Price,Fees & Comm,Amount",
    ],
)
def test_the_statement_of_a_broker_is_no_series(tmp_path: Path, header: str) -> None:
    path = text(tmp_path, "SPY.csv", [header, ",".join("1" for _ in header.split(","))])
    assert "which no format has" in refusal(path)


@pytest.mark.parametrize(
    ("place", "passed"),
    [
        ("spx/implied_forward.csv", True),
        ("map_files/aapl.csv", True),
        ("factor_files/aapl.csv", False),
        ("SPY/underlying.toml", True),
        ("caps/sp500_implied_vol_dataset.csv.gz", True),
        ("etf/QQQ_total_return_adjusted.csv", True),
        ("etf/QQQ_price_unadjusted.csv", False),
        ("etf/QQQ.csv", False),
    ],
)
def test_what_lies_beside_data_is_passed_over_with_a_reason(
    tmp_path: Path, place: str, *, passed: bool
) -> None:
    path = tmp_path / place
    path.parent.mkdir()
    text(path.parent, path.name, LINES)
    said = companion(path)
    assert (said is not None) == passed
    assert said is None or "\n" not in said


def test_a_chain_that_is_called_adjusted_is_data(tmp_path: Path) -> None:
    header = "date,act_symbol,expiration,strike,call_put,bid,ask"
    path = text(tmp_path, "adjusted.csv", [header, "2026-03-02,KO,2026-03-20,80,Put,1,1.1"])
    assert companion(path) is None


def test_every_real_file_is_of_one_format_or_says_why_not(shared: Path) -> None:
    # ../shared/data/README.md names them; statements of brokers are no market data
    folders = [
        *("spx_eod_2026", "us_option_last_2026", "lean_options_aapl_2014", "cboe_indices"),
        *("rates", "etf_daily", "lean_equity_daily", "deribit", "large_caps"),
    ]
    for folder in folders:
        for path in sorted((shared / "data" / folder).rglob("*")):
            if path.is_file() and companion(path) is None:
                assert recognise(path)


def test_an_index_as_fred_names_it(tmp_path: Path) -> None:
    """FRED writes a dot, or nothing, for a holiday."""
    lines = ["observation_date,SP500", "2026-05-22,7473.47", "2026-05-25,.", "2026-05-26,7519.12"]
    path = text(tmp_path, "SP500.csv.gz", lines)
    frame = read(path)["bars"]
    assert frame["underlying"].to_list() == ["SPX", "SPX"]
    assert frame["close"].to_list() == [7473.47, 7519.12]
    assert read(path, underlying="SPX")["bars"].equals(frame)
    assert refusal(path, underlying="NDX").endswith(": found no column NDX; expected it")


def test_a_single_symbol_is_no_table_of_closes(tmp_path: Path) -> None:
    path = text(tmp_path, "closes.csv", ["date,KO", "2026-05-26,80.46"])
    assert "which no format has" in refusal(path)
