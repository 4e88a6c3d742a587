"""Free sources: what is asked for, what is kept, and what is left when it goes wrong.

Files are small and ours; the addresses are Cboe's, FRED's and the history's, answered by a server
on this machine or by a function.  yfinance is an object with the attributes that its documentation
names (Ticker.options, option_chain, history).
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path

import httpx
import polars as pl
import pytest

from app.server import Reply, serving
from app.yahoo import IndexTicker, Yahoo
from underwriter.app.fetch import SOURCES, fetch
from underwriter.app.http import Http
from underwriter.core.errors import InputError, NetworkError
from underwriter.market.sources.formats import recognise
from underwriter.market.sources.source import Ask

NOW = datetime(2026, 8, 21, 19, 0, tzinfo=UTC)  # a Friday, 15:00 in New York
VIX = b"DATE,OPEN,HIGH,LOW,CLOSE\n01/02/1990,17.24,17.24,17.24,17.24\n"
PUT = b"DATE,PUT\n01/03/2007,900\n"
BILLS = b"observation_date,DTB3\n2020-01-02,1.51\n2020-01-20,\n"


def parquet(frame: pl.DataFrame) -> bytes:
    kept = BytesIO()
    frame.write_parquet(kept)
    return kept.getvalue()


PRICES = parquet(
    pl.DataFrame(
        {
            "symbol": ["SPY"],
            "date": ["2020-01-02"],
            "close": [324.87],
            "volume": [1.0],
            **{name: [324.87] for name in ("open", "high", "low", "adjusted_close")},
            "dividend_amount": [0.0],
            "split_coefficient": [1.0],
        }
    )
)
OPTIONS = parquet(
    pl.DataFrame(
        {
            "contract_id": ["SPY200117P00300000"],
            "symbol": ["SPY"],
            "type": ["put"],
            "expiration": ["2020-01-17"],
            "date": ["2020-01-02"],
            "strike": [300.0],
            "bid": [0.5],
            "ask": [0.52],
            "volume": [10],
            "open_interest": [100],
            "implied_volatility": [0.2],
            "delta": [-0.05],
        }
    )
)
FILES = {
    "cdn.cboe.com/api/global/us_indices/daily_prices/VIX_History.csv": VIX,
    "cdn.cboe.com/api/global/us_indices/daily_prices/PUT_History.csv": PUT,
    "fred.stlouisfed.org/graph/fredgraph.csv": BILLS,
    "static.philippdubach.com/data/options/spy/options.parquet": OPTIONS,
    "static.philippdubach.com/data/options/spy/underlying.parquet": PRICES,
}


class Net:
    """The sources' answers, and what was asked."""

    def __init__(self, **headers: str) -> None:
        self.asked: list[httpx.Request] = []
        self.headers = headers
        self.broken: Callable[[httpx.Request], httpx.Response] | None = None

    def answer(self, request: httpx.Request) -> httpx.Response:
        """What the sources answer."""
        self.asked.append(request)
        if self.broken is not None:
            return self.broken(request)
        if "If-None-Match" in request.headers or "If-Modified-Since" in request.headers:
            return httpx.Response(304)
        body = FILES[f"{request.url.host}{request.url.path}"]
        return httpx.Response(200, content=body, headers=self.headers)

    def http(self) -> Http:
        """A client that asks them."""
        client = httpx.Client(transport=httpx.MockTransport(self.answer))
        return Http(client, sleep=lambda _: None)


def files_in(home: Path) -> set[str]:
    return {path.name for path in home.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("names", "places", "kinds"),
    [
        (["vix"], ["cboe/VIX_History.csv"], {"levels"}),
        (["PUT", "bills"], ["cboe/PUT_History.csv", "fred/DTB3.csv"], {"levels"}),
        (
            ["history SPY"],
            ["history/SPY/options.parquet", "history/SPY/underlying.parquet"],
            {"instruments", "chain", "bars", "dividends", "splits"},
        ),
        (["history", "spy", "vix"], None, None),
    ],
)
def test_files_come_under_their_names_and_are_recognised(
    tmp_path: Path, names: list[str], places: list[str] | None, kinds: set[str] | None
) -> None:
    net = Net()
    paths = fetch(names, tmp_path, net.http(), NOW)
    if places is None:
        assert len(paths) == 3
        return
    assert paths == [tmp_path / "downloads" / place for place in places]
    parts = [part for path in paths for part in recognise(path).read(path, Ask())]
    assert {part.kind for part in parts} == kinds


def test_within_a_day_nobody_is_asked_again(tmp_path: Path) -> None:
    net = Net(ETag='"1"')
    fetch(["vix"], tmp_path, net.http(), NOW)
    fetch(["vix"], tmp_path, net.http(), NOW + timedelta(hours=23))
    assert len(net.asked) == 1


def test_after_a_day_it_is_asked_whether_the_file_has_changed(tmp_path: Path) -> None:
    net = Net(ETag='"1"', **{"Last-Modified": "Fri, 21 Aug 2026 01:00:00 GMT"})
    (path,) = fetch(["vix"], tmp_path, net.http(), NOW)
    kept = path.stat().st_mtime_ns
    for days in (1, 2):  # the marks outlive an answer that has none
        fetch(["vix"], tmp_path, net.http(), NOW + timedelta(days=days))
        assert net.asked[-1].headers["If-None-Match"] == '"1"'
        assert net.asked[-1].headers["If-Modified-Since"] == "Fri, 21 Aug 2026 01:00:00 GMT"
    assert len(net.asked) == 3
    assert path.stat().st_mtime_ns == kept
    fetch(["vix"], tmp_path, net.http(), NOW + timedelta(days=2, hours=1))
    assert len(net.asked) == 3


def test_a_file_or_a_note_that_is_gone_is_asked_for_whole(tmp_path: Path) -> None:
    net = Net(ETag='"1"')
    (path,) = fetch(["vix"], tmp_path, net.http(), NOW)
    path.unlink()
    fetch(["vix"], tmp_path, net.http(), NOW)
    path.with_name(".VIX_History.csv.asked").write_text("{")
    fetch(["vix"], tmp_path, net.http(), NOW)
    assert len(net.asked) == 3
    assert "If-None-Match" not in net.asked[-1].headers
    assert path.read_bytes() == VIX


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["vix", "vax"], "source 'vax' is not known; expected vix, vix3m"),
        (["history", "KO"], "history: found 'KO'; expected one of SPY, QQQ, IWM"),
        (["bars"], "bars: found ''; expected a symbol such as SPY"),
    ],
)
def test_a_name_that_is_none_is_refused_before_anything_is_asked(
    tmp_path: Path, names: list[str], said: str
) -> None:
    net = Net()
    with pytest.raises(InputError) as caught:
        fetch(names, tmp_path, net.http(), NOW)
    assert str(caught.value).startswith(said)
    assert net.asked == []
    assert files_in(tmp_path) == set()


def no_network(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("[Errno -2] Name or service not known", request=request)


def test_without_a_network_one_line_says_so_and_nothing_is_left(tmp_path: Path) -> None:
    net = Net()
    fetch(["vix"], tmp_path, net.http(), NOW)
    before = files_in(tmp_path)
    net.broken = no_network
    with pytest.raises(NetworkError) as caught:
        fetch(["vix", "bills"], tmp_path, net.http(), NOW + timedelta(days=2))
    assert str(caught.value) == (
        "no network: could not reach cdn.cboe.com ([Errno -2] Name or service not known)"
    )
    assert files_in(tmp_path) == before
    assert len(net.asked) == 4


@pytest.mark.parametrize(
    ("names", "body", "said"),
    [
        (["vix"], b"\n<!DOCTYPE html><p>Log in", "found a web page; expected the file"),
        (["vix"], b"", "found b''; expected the file"),
        (["history SPY"], b"version https://git-lfs", "expected the file"),
    ],
)
def test_an_answer_that_is_no_such_file_is_not_kept(
    tmp_path: Path, names: list[str], body: bytes, said: str
) -> None:
    net = Net()
    net.broken = lambda _: httpx.Response(200, content=body)
    with pytest.raises(NetworkError, match=said):
        fetch(names, tmp_path, net.http(), NOW)
    assert files_in(tmp_path) == set()


def test_a_file_that_broke_off_leaves_nothing(tmp_path: Path) -> None:
    cut = Reply(body=VIX, sent=20)
    with serving(cut) as server, httpx.Client() as client:
        there = httpx.URL(server.url)
        http = Http(client, sleep=lambda _: None)
        client.event_hooks["request"] = [partial(led_to, there)]
        with pytest.raises(NetworkError, match="no network: could not reach cdn"):
            fetch(["vix"], tmp_path, http, NOW)
    assert len(server.asked) == 3
    assert files_in(tmp_path) == set()


def led_to(there: httpx.URL, request: httpx.Request) -> None:
    """Send a request to our server instead."""
    request.url = request.url.copy_with(scheme="http", host=there.host, port=there.port)


def test_a_home_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "downloads").write_text("a file stands in the way")
    with pytest.raises(InputError, match=r"downloads: .*; expected a folder that can be written"):
        fetch(["vix"], tmp_path, Net().http(), NOW)


def test_every_source_is_told() -> None:
    indices = ["vix", "vix3m", "vix9d", "vvix", "skew", "put", "bxm", "bxmd", "bxy", "cndr"]
    assert [*SOURCES] == [*indices, "bills", "history SYMBOL", "bars SYMBOL", "chain SYMBOL"]


def test_bars_and_chains_come_as_files_too(tmp_path: Path) -> None:
    asked = []

    def open_quotes(_: Path) -> Yahoo:
        asked.append(1)
        return Yahoo()

    http = Net().http()
    bars, chain = fetch(["bars", "aapl", "chain", "ko"], tmp_path, http, NOW, open_quotes)
    assert [bars.name, chain.name] == ["AAPL.csv", "KO_chain_2026-08-21.parquet"]
    found = {part.kind: part.frame for part in recognise(bars).read(bars, Ask())}
    assert found["bars"]["close"].to_list() == [499.23, 129.04]
    assert found["dividends"]["amount"].to_list() == [0.82]
    assert found["splits"].select("new", "old").rows() == [(4, 1)]
    (part,) = recognise(chain).read(chain, Ask())
    assert (part.kind, part.frame.height) == ("chain", 4)
    fetch(["bars AAPL", "chain KO"], tmp_path, http, NOW + timedelta(hours=3), open_quotes)
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("symbol", "kinds"),
    [("^IRX", {"levels"}), ("VIX", {"levels"}), ("SPX", {"bars", "dividends", "splits"})],
)
def test_bars_of_an_index_are_read_as_what_it_is(
    tmp_path: Path, symbol: str, kinds: set[str]
) -> None:
    (path,) = fetch(["bars", symbol], tmp_path, Net().http(), NOW, lambda _: Yahoo(IndexTicker))
    assert path.name == f"{symbol.removeprefix('^')}.csv"
    assert {part.kind for part in recognise(path).read(path, Ask())} == kinds


def test_bars_of_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="NONE: yfinance has no bars of it; expected a listed"):
        fetch(["bars NONE"], tmp_path, Net().http(), NOW, lambda _: Yahoo())
    assert files_in(tmp_path) == set()


def test_what_is_remembered_is_readable(tmp_path: Path) -> None:
    (path,) = fetch(["vix"], tmp_path, Net(ETag='"1"').http(), NOW)
    note = json.loads(path.with_name(".VIX_History.csv.asked").read_text())
    assert note["etag"] == '"1"'
    assert datetime.fromisoformat(note["at"]) == NOW
