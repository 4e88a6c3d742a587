"""Daily bars: what is read as traded, what is un-adjusted, and what is refused.

Apple's figures are the exchange's: 645.57 on 2014-06-06 and 93.70 on 2014-06-09, the first session
after seven for one; a dividend of 3.29 on 2014-05-08.  Yahoo's are those divided by 7 and by the
4 for 1 of 2020-08-31.
"""

from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underwriter.core.errors import InputError
from underwriter.market.schema import SCHEMAS
from underwriter.market.sources.bars import BARS
from underwriter.market.sources.formats import recognise
from underwriter.market.sources.source import Ask
from underwriter.market.sources.unadjust import as_traded, shares_later

YAHOO = (
    "Date,Open,High,Low,Close,Adj Close,Volume,Dividends,Stock Splits\n"
    "2014-05-08 00:00:00-04:00,21.0089,21.2282,20.9421,20.999643,18.4,230297200,0.1175,0.0\n"
    "2014-06-06 00:00:00-04:00,23.2107,23.2596,23.0168,23.056072,20.2,349938400,0.0,0.0\n"
    "2014-06-09 00:00:00-04:00,23.175,23.4696,22.9375,23.424999,20.6,301660000,0.0,7.0\n"
    "2020-08-28 00:00:00-04:00,126.0125,126.4425,124.5775,124.8075,122.1,187630000,0.0,0.0\n"
    "2020-08-31 00:00:00-04:00,127.58,131.0,126.0,129.039993,126.3,225702700,0.0,4.0\n"
)


def read(folder: Path, text: str, name: str = "AAPL.csv", **ask: str) -> dict[str, pl.DataFrame]:
    path = folder / name
    path.write_text(text)
    assert recognise(path) is BARS
    parts = list(BARS.read(path, Ask(**ask)))
    for part in parts:
        assert part.frame.schema == SCHEMAS[part.kind]
    return {part.kind: part.frame for part in parts}


def refusal(folder: Path, text: str, name: str = "AAPL.csv", **ask: str) -> str:
    with pytest.raises(InputError) as caught:
        read(folder, text, name, **ask)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(str(folder / name))


def test_bars_are_read_with_their_lines(tmp_path: Path) -> None:
    text = "Date,Open,High,Low,Close,Volume\n2020-01-02,1,3,0.5,2,100\n\n2020-01-03,,,,2.5,\n"
    frame = read(tmp_path, text)["bars"]
    assert frame.rows() == [
        ("AAPL", date(2020, 1, 2), 1.0, 3.0, 0.5, 2.0, 100.0, 2),
        ("AAPL", date(2020, 1, 3), None, None, None, 2.5, None, 4),
    ]


def test_nasdaqs_layout_runs_backwards_with_dollars(tmp_path: Path) -> None:
    text = (
        "Date,Close/Last,Volume,Open,High,Low\n"
        '05/02/2024,$10.50,"1,000",$10.1,$10.9,$10.0\n'
        "04/11/2024,$10.25,900,$10.1,$10.9,$10.0\n"
    )
    frame = read(tmp_path, text, "HistoricalData_17.csv", underlying="ko")["bars"]
    assert frame["underlying"].unique().to_list() == ["KO"]
    assert frame["date"].to_list() == [date(2024, 5, 2), date(2024, 4, 11)]
    assert frame["close"].to_list() == [10.5, 10.25]
    assert frame["volume"].to_list() == [1000.0, 900.0]


def test_yahoos_prices_and_dividends_come_back_as_traded(tmp_path: Path) -> None:
    found = read(tmp_path, YAHOO)
    assert found["bars"]["close"].to_list() == [587.99, 645.57, 93.70, 499.23, 129.04]
    assert found["bars"]["volume"].to_list()[:2] == [round(230297200 / 28), round(349938400 / 28)]
    assert found["dividends"].select("ex_date", "amount").rows() == [
        (date(2014, 5, 8), pytest.approx(3.29))
    ]
    assert found["splits"].select("date", "new", "old").rows() == [
        (date(2014, 6, 9), 7, 1),
        (date(2020, 8, 31), 4, 1),
    ]


def test_alpha_vantages_prices_are_as_traded_already(tmp_path: Path) -> None:
    text = (
        "timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient\n"
        "2014-06-09,92.7,93.88,91.75,93.70,20.6,75415000,0.0000,7.0\n"
        "2014-06-06,649.9,651.26,644.47,645.57,20.2,12497800,0.0000,1.0\n"
        "2014-05-08,588.25,594.41,586.4,587.99,18.4,8224900,3.2900,1.0\n"
    )
    found = read(tmp_path, text)
    assert found["bars"]["close"].to_list() == [93.70, 645.57, 587.99]
    assert found["bars"]["volume"].to_list() == [75415000.0, 12497800.0, 8224900.0]
    assert found["dividends"]["amount"].to_list() == [3.29]
    assert found["splits"].select("date", "new", "old").rows() == [(date(2014, 6, 9), 7, 1)]


def test_many_underlyings_stand_in_one_file(tmp_path: Path) -> None:
    text = "date,ticker,close\n2020-01-02,KO,54.99\n2020-01-02,BRK.B,228.39\n2020-01-03,KO,54.69\n"
    frame = read(tmp_path, text, "eod.csv")["bars"]
    assert frame["underlying"].to_list() == ["KO", "BRK.B", "KO"]


@given(
    st.lists(st.integers(100, 500_000), min_size=3, max_size=8),
    st.sampled_from([(7.0, 4.0), (2.0, 0.125), (1.5, 3.0), (10.0, 20.0)]),
)
def test_cents_survive_yahoos_division_in_single_precision(
    cents: list[int], ratios: tuple[float, float]
) -> None:
    day = np.arange(len(cents), dtype=np.int32)
    found = [None, *(Fraction(ratio) for ratio in ratios), *[None] * (len(cents) - 3)]
    later = shares_later(day, ["X"] * len(cents), found)
    assert later[:3].tolist() == [ratios[0] * ratios[1], ratios[1], 1.0]
    adjusted = (np.array(cents) / 100.0 / later).astype(np.float32).astype(np.float64)
    traded = as_traded(adjusted, later)
    assert traded[:2].tolist() == [cent / 100.0 for cent in cents[:2]]


def test_sixty_fourths_survive_too() -> None:
    later = np.array([28.0])
    assert as_traded(np.float64(np.float32(101.03125 / 28.0)) * np.ones(1), later) == [101.03125]


TWO = "date,close\n2020-01-02,10\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Date,Adj Close\n2020-01-02,9\n", ": found no close but adj close; expected a close as"),
        (
            "Date,Open,High,Low,Close,Volume,Dividends,Stock Splits\n2020-01-02,1,1,1,1,1,0.2,0\n",
            ", line 2, column dividends: found a dividend and no column Adj Close beside it",
        ),
        (TWO + "2020-01-02,11\n", ", line 3, column date: found '2020-01-02', the day of line 2"),
        (
            TWO + "2020-01-06,11\n2020-01-03,12\n",
            ", line 4, column date: found '2020-01-03', out of order; expected days that run one",
        ),
        (TWO + "2020-01-06,0\n", ", line 3, column close: found '0'; expected a number above zero"),
        (TWO + "2020-13-06,1\n", ", line 3, column date: found '2020-13-06'; expected a date"),
        ("date,close,volume\n2020-01-02,1,-5\n", ", line 2, column volume: found '-5'; expected"),
        ("date,symbol,close\n2020-01-02,MSFT,1\n", ", line 2, column symbol: found 'MSFT'"),
        ("date,symbol,close\n2020-01-02,,1\n", ", line 2, column symbol: found ''; expected AAPL"),
    ],
)
def test_what_is_no_history_as_traded_is_refused(tmp_path: Path, text: str, said: str) -> None:
    assert refusal(tmp_path, text, underlying="AAPL").startswith(said)


def test_an_underlying_that_nobody_says_is_refused(tmp_path: Path) -> None:
    assert "found no underlying in its columns or its name" in refusal(tmp_path, TWO, "prices.csv")


def test_a_file_whose_name_says_adjusted_is_refused(tmp_path: Path) -> None:
    assert "found 'adjusted' in its name" in refusal(tmp_path, TWO, "SPY_adjusted.csv")
    assert read(tmp_path, TWO, "SPY_unadjusted.csv")["bars"].height == 1


# --- the real files ------------------------------------------------------------------------------


def test_real_bars_of_etfs(shared: Path) -> None:
    (part,) = BARS.read(shared / "data/etf_daily/SPY_price_unadjusted.csv", Ask())
    assert part.frame["underlying"].unique().to_list() == ["SPY"]
    assert part.frame["close"].to_list()[:1] == [43.938]
    assert part.frame["date"].to_list()[-1] == date(2026, 8, 20)


@pytest.mark.parametrize("name", ["SPY", "QQQ"])
def test_real_total_returns_are_refused(shared: Path, name: str) -> None:
    path = shared / f"data/etf_daily/{name}_total_return_adjusted.csv"
    with pytest.raises(InputError, match="found 'total_return' in its name; expected a close as"):
        list(BARS.read(path, Ask()))
