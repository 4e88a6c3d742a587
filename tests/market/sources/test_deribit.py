"""Deribit's option summaries, as JSON and csv; the figures are of our making.

1,599,951,952,543 ms after 1970 is 2020-09-12 23:05:52 UTC.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from chain_files import CHAIN, read, refusal

SUMMARY: dict[str, Any] = {
    "instrument_name": "BTC-26MAR21-8000-P",
    "underlying_index": "BTC-26MAR21",
    "underlying_price": 10735.56,
    "estimated_delivery_price": 10433.61,
    "mark_iv": 74.98,
    "mark_price": 0.0863,
    "bid_price": 0.0835,
    "ask_price": 0.087,
    "last": 0.086,
    "volume": 16.1,
    "open_interest": 1828.9,
    "creation_timestamp": 1599951952543,
}
FUTURE = SUMMARY | {"instrument_name": "BTC-PERPETUAL", "mark_iv": None}
BARE = SUMMARY | {
    "instrument_name": "BTC-4SEP20-11000-C",
    "bid_price": None,
    "last": None,
    "volume": 0.0,
}
CSV = """,option_type,instrument_name,strike,underlying_price,underlying_index,timestamp,stats,\
open_interest,mark_iv,last_price,index_price,greeks,bids,best_bid_price,best_ask_price
0,put,BTC-26MAR21-8000-P,8000.0,10735.56,BTC-26MAR21,1599951952543,"{'volume': 16.1, 'low': 0.08}",\
1828.9,74.98,0.086,10433.61,"{'vega': 22.4, 'delta': -0.20865}","[[0.0835, 14.7], [0.083, 6.6]]",\
0.0835,0.087
1,call,BTC-4SEP20-11000-C,11000.0,10443.8,BTC-4SEP20,1599951953555,"{'volume': None, 'low': None}",\
0.0,48.19,0.0,10433.64,"{'vega': 3.5, 'delta': 1e-05}",[],0.0,0.007
"""


def dumped(folder: Path, content: object) -> Path:
    path = folder / "summaries.json"
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize("wrapped", [True, False])
def test_book_summaries(tmp_path: Path, *, wrapped: bool) -> None:
    records = [FUTURE, SUMMARY, BARE] if wrapped else [SUMMARY, FUTURE, BARE]
    content = {"jsonrpc": "2.0", "result": records} if wrapped else records
    tables = read(dumped(tmp_path, content))
    frame = tables["chain"]
    day = date(2020, 9, 12)
    assert frame.select(CHAIN).rows() == [
        ("BTC", "BTC", day, date(2021, 3, 26), "P", 8000.0),
        ("BTC", "BTC", day, date(2020, 9, 4), "C", 11000.0),
    ]
    assert frame["bid"].to_list() == [0.0835, None]
    assert frame["last"].to_list() == [0.086, None]
    assert frame["iv"].to_list() == [pytest.approx(0.7498)] * 2
    assert frame["volume"].to_list() == [16, 0]
    assert frame["open_interest"].to_list() == [1829, 1829]
    assert frame["spot"].to_list() == [10433.61] * 2
    assert frame["line"].to_list() == ([2, 3] if wrapped else [1, 3])
    assert tables["instruments"].rows() == [("BTC", "BTC", "european", "coin", 1, "24/7", 1)]


def test_tickers_in_a_csv(tmp_path: Path) -> None:
    path = tmp_path / "btc.csv"
    path.write_text(CSV)
    frame = read(path)["chain"]
    assert frame["right"].to_list() == ["P", "C"]
    assert frame["delta"].to_list() == [pytest.approx(-0.20865), pytest.approx(1e-5)]
    assert frame["volume"].to_list() == [16, None]
    assert frame["bid"].to_list() == [0.0835, 0.0]
    assert frame["last"].to_list() == [0.086, None]
    assert frame["line"].to_list() == [2, 3]


def test_linear_options_are_apart(tmp_path: Path) -> None:
    linear = SUMMARY | {"instrument_name": "XRP_USDC-30JUN23-0d5-C"}
    tables = read(dumped(tmp_path, [linear]))
    assert tables["chain"].select("underlying", "strike").rows() == [("XRP_USDC", 0.5)]
    assert tables["instruments"].height == 0


def test_what_is_refused(tmp_path: Path) -> None:
    assert "found underlying BTC; expected ETH" in refusal(
        dumped(tmp_path, [SUMMARY]), "deribit", underlying="ETH"
    )
    wrong = SUMMARY | {"instrument_name": "BTC-26MRZ21-8000-P"}
    said = refusal(dumped(tmp_path, [SUMMARY, wrong]))
    assert said.startswith(", line 2, column instrument_name: found 'BTC-26MRZ21-8000-P'")
    said = refusal(dumped(tmp_path, [SUMMARY | {"ask_price": "dear"}]))
    assert said == ", line 1, column ask_price: found 'dear'; expected a number"
    assert "found no option among the instruments" in refusal(dumped(tmp_path, [FUTURE]))
    undated = {name: value for name, value in SUMMARY.items() if "timestamp" not in name}
    assert "found no creation_timestamp or timestamp" in refusal(dumped(tmp_path, [undated]))
    assert "found no records" in refusal(dumped(tmp_path, []))
    assert "found JSON without records" in refusal(dumped(tmp_path, {"error": "x"}))
    path = dumped(tmp_path, [SUMMARY])
    path.write_text(path.read_text()[:-5])
    assert "expected JSON" in refusal(path)
