"""What Alpaca quotes, through alpaca-py; and the model of its API, as alpaca-py itself reads it."""

import math
import subprocess
import sys
from datetime import date, timedelta
from typing import Any

import pytest
from alpaca.data.historical.option import OptionHistoricalDataClient
from alpaca.data.historical.stock import StockHistoricalDataClient
from alpaca.data.requests import (
    OptionChainRequest,
    OptionLatestQuoteRequest,
    StockLatestQuoteRequest,
    StockLatestTradeRequest,
)
from alpaca.trading.client import TradingClient
from alpaca.trading.requests import GetCalendarRequest, GetOptionContractsRequest, GetOrdersRequest

from conformance.alpaca_server import KEY, SECRET, Fault
from conformance.alpaca_words import compact
from conformance.asking import CALL, INDEX, LOWER, NEXT, PUT, sell
from conformance.stage import AlpacaStage
from desk.world import HandClock, day, osi, ticket
from underwriter.core.errors import InputError
from underwriter.core.units import to_u
from underwriter.desk.brokers.alpaca import open_wire
from underwriter.desk.brokers.alpaca_quotes import Listed
from underwriter.desk.brokers.alpaca_terms import Keys, Terms
from underwriter.desk.ports import BrokerError, DoubtError, Touch

MARKET = "/v1beta1/options/quotes/latest"


def told(alpaca: AlpacaStage, monkeypatch: pytest.MonkeyPatch, quote: dict[str, Any]) -> None:
    """Let one option be quoted so, in Alpaca's words."""
    answer = {"quotes": {compact(PUT): {"t": "2024-01-08T15:00:00Z"} | quote}}
    monkeypatch.setattr(alpaca.server.market, "quotes", lambda _symbols: answer)


def test_shares_and_options_are_quoted_now(alpaca: AlpacaStage) -> None:
    found = alpaca.quotes.touch([PUT, "KO", INDEX, osi(42.0)])
    assert found == {
        PUT: Touch(to_u(1.30), to_u(1.40), alpaca.clock.at),
        INDEX: Touch(to_u(4.00), to_u(4.10), alpaca.clock.at),
        "KO": Touch(to_u(59.99), to_u(60.01), alpaca.clock.at),
    }


def test_nothing_is_asked_where_nothing_is_wanted(alpaca: AlpacaStage) -> None:
    assert alpaca.quotes.touch([]) == {}
    assert alpaca.server.log == []


def test_a_hundred_symbols_are_asked_for_at_once(alpaca: AlpacaStage) -> None:
    keys = [osi(10.0 + at) for at in range(250)]
    for key in keys:
        alpaca.quote(key, 0.10, 0.20)
    assert {*alpaca.quotes.touch(keys)} == {*keys}
    asked = [one.query["symbols"].count(",") + 1 for one in alpaca.server.log]
    assert asked == [100, 100, 50]


def test_which_feed_is_asked_is_said(alpaca: AlpacaStage) -> None:
    alpaca.quotes.touch([PUT, "KO"])
    alpaca.terms = alpaca.terms._replace(option_feed="indicative", share_feed="iex")
    alpaca.restart()
    alpaca.quotes.touch([PUT, "KO"])
    feeds = [one.query["feed"] for one in alpaca.server.log]
    assert feeds == ["opra", "sip", "indicative", "iex"]


@pytest.mark.parametrize(
    "quote",
    [
        {"bp": math.nan, "ap": 1.4}, {"bp": 1.3, "ap": math.inf}, {"bp": -1.0, "ap": 1.4},
        {"bp": "1.3", "ap": 1.4}, {"bp": True, "ap": 1.4}, {"ap": 1.4}, {"bp": 1.3, "ap": None},
        {"bp": 1.3, "ap": 1.4, "t": None}, {"bp": 1.3, "ap": 1.4, "t": "soon"},
        {"bp": 1.3, "ap": 1e12},
    ],
)  # fmt: skip
def test_t29_what_is_no_price_is_no_quote(
    alpaca: AlpacaStage, monkeypatch: pytest.MonkeyPatch, quote: dict[str, Any]
) -> None:
    told(alpaca, monkeypatch, quote)
    assert alpaca.quotes.touch([PUT]) == {}


@pytest.mark.parametrize(("bid", "ask"), [(0, 1.4), (1.3, 0), (1.4, 1.3)])
def test_t29_one_sided_and_crossed_quotes_are_told_as_they_are(
    alpaca: AlpacaStage, monkeypatch: pytest.MonkeyPatch, bid: float, ask: float
) -> None:
    """Whether to trade on them is the guards' to say."""
    told(alpaca, monkeypatch, {"bp": bid, "ap": ask})
    (found,) = alpaca.quotes.touch([PUT]).values()
    assert (found.bid_u, found.ask_u) == (to_u(bid), to_u(ask))


def test_a_quote_of_something_else_is_left_out(
    alpaca: AlpacaStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(alpaca, monkeypatch, {"bp": 1.3, "ap": 1.4})
    assert alpaca.quotes.touch([LOWER]) == {}


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"quotes": []}', b"7", b"null"])
def test_an_answer_without_quotes_is_doubt(alpaca: AlpacaStage, body: bytes) -> None:
    alpaca.server.next("GET", MARKET, Fault("status", status=200, body=body))
    with pytest.raises(DoubtError, match="alpaca"):
        alpaca.quotes.touch([PUT])


@pytest.mark.parametrize("fault", [Fault("drop"), Fault("half"), Fault("status", status=500)])
def test_quotes_that_do_not_come_are_a_broker_error(alpaca: AlpacaStage, fault: Fault) -> None:
    alpaca.server.next("GET", MARKET, fault)
    with pytest.raises(BrokerError, match="alpaca"):
        alpaca.quotes.touch([PUT])


def test_last_trades_of_shares(alpaca: AlpacaStage) -> None:
    found = alpaca.quotes.last(["KO", "XYZ"])
    assert {name: one.price_u for name, one in found.items()} == {"KO": to_u(60.0)}
    assert found["KO"].at == alpaca.clock.at


def test_a_chain_has_quotes_volatility_and_open_interest(alpaca: AlpacaStage) -> None:
    found = alpaca.quotes.chain("KO", day(0), day(5))
    assert [one.option for one in found] == sorted([PUT, LOWER, CALL])
    one = next(each for each in found if each.option == PUT)
    touch = Touch(to_u(1.30), to_u(1.40), alpaca.clock.at)
    assert one == Listed(PUT, touch, to_u(1.35), 0.21, -0.3, 237)
    everything = alpaca.quotes.chain("KO", day(0), day(30))
    assert {each.option for each in everything} == {PUT, LOWER, CALL, NEXT}


def test_a_chain_comes_whole_page_by_page(
    alpaca: AlpacaStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    market, whole = alpaca.server.market, alpaca.quotes.chain("KO", day(0), day(30))
    real_snapshots, real_contracts = market.snapshots, market.contracts

    def by_two(symbol: str, asked: dict[str, str]) -> dict[str, Any]:
        return real_snapshots(symbol, asked | {"limit": "2"})

    def paged(asked: dict[str, str]) -> dict[str, Any]:
        every, at = real_contracts(asked)["option_contracts"], int(asked.get("page_token", "0"))
        token = str(at + 3) if at + 3 < len(every) else None
        return {"option_contracts": every[at : at + 3], "next_page_token": token}

    monkeypatch.setattr(market, "snapshots", by_two)
    monkeypatch.setattr(market, "contracts", paged)
    assert alpaca.quotes.chain("KO", day(0), day(30)) == whole


def test_t34_what_a_chain_does_not_say_is_not_zero(
    alpaca: AlpacaStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = {"latestQuote": {"t": "2024-01-08T15:00:00Z", "bp": 1.3, "ap": 1.4}}
    answer = {"snapshots": {compact(PUT): bare, compact(CALL): {}}, "next_page_token": None}
    contracts = {"option_contracts": [{"symbol": compact(PUT), "open_interest": None}]}
    monkeypatch.setattr(alpaca.server.market, "snapshots", lambda _symbol, _asked: answer)
    monkeypatch.setattr(alpaca.server.market, "contracts", lambda _asked: contracts)
    (one,) = alpaca.quotes.chain("KO", day(0), day(30))
    assert (one.option, one.last_u, one.open_interest) == (PUT, 0, -1)
    assert math.isnan(one.iv)
    assert math.isnan(one.delta)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v2/options/contracts", b"[]"), ("/v2/options/contracts", b"{}"),
        ("/v1beta1/options/snapshots/KO",
         b'{"snapshots": {"KO": {"latestQuote": {"t": "2024-01-08T15:00Z", "bp": 1, "ap": 2}}}}'),
    ],
)  # fmt: skip
def test_a_chain_that_cannot_be_read_is_doubt(alpaca: AlpacaStage, path: str, body: bytes) -> None:
    alpaca.server.next("GET", path, Fault("status", status=200, body=body))
    with pytest.raises(DoubtError, match="alpaca: expected"):
        alpaca.quotes.chain("KO", day(0), day(30))


# --- the extra ---


def test_alpaca_py_is_imported_only_when_an_account_is_opened() -> None:
    script = (
        "import sys; import underwriter.desk.brokers.alpaca, underwriter.app.cli.main; "
        "import underwriter.desk.brokers.alpaca_quotes; "
        "print(sorted({'alpaca', 'requests', 'pandas'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout.decode().strip() == "[]"


def test_without_the_extra_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "underwriter.desk.brokers.alpaca_client", raising=False)
    for name in [*sys.modules]:
        if name.split(".")[0] == "alpaca":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "alpaca", None)
    with pytest.raises(InputError, match=r"alpaca.* is not installed; .*underwriter\[alpaca\]"):
        open_wire(Keys(KEY, SECRET), HandClock(0), Terms())


# --- the model of Alpaca's API is read by alpaca-py's own models ---


def test_alpaca_py_reads_what_the_model_says_of_an_account(alpaca: AlpacaStage) -> None:
    sell(alpaca)
    legs = (CALL, -2, "open"), (osi(70.0, right=1), 2, "open")
    alpaca.quote(osi(70.0, right=1), 0.30, 0.40)
    alpaca.broker.submit(ticket("b", *legs, limit=0.40))
    client = TradingClient(KEY, SECRET, url_override=alpaca.server.url)
    account: Any = client.get_account()
    assert (account.account_number, account.options_trading_level) == ("PA3MODEL", 3)
    positions: Any = client.get_all_positions()
    assert {each.symbol for each in positions} == {compact(key) for key in (PUT, CALL, legs[1][0])}
    orders: Any = client.get_orders(GetOrdersRequest(nested=True))
    assert [each.client_order_id for each in orders] == ["a", "b"]
    single, several = orders
    assert (single.status.value, single.position_intent.value) == ("filled", "sell_to_open")
    assert [each.position_intent.value for each in several.legs] == ["sell_to_open", "buy_to_open"]
    assert {each.filled_qty for each in several.legs} == {"2"}
    assert client.get_order_by_client_id("b") == several
    client._session.close()


def test_alpaca_py_reads_the_models_clock_calendar_and_contracts(alpaca: AlpacaStage) -> None:
    client = TradingClient(KEY, SECRET, url_override=alpaca.server.url)
    clock: Any = client.get_clock()
    assert clock.is_open
    assert clock.next_close - clock.timestamp == timedelta(hours=6)
    days: Any = client.get_calendar(GetCalendarRequest(start=day(0), end=day(7)))
    assert [each.date for each in days] == [date(2024, 1, 8 + at) for at in (0, 1, 2, 3, 4, 7)]
    asked = GetOptionContractsRequest(underlying_symbols=["KO"], expiration_date_lte=day(5))
    contracts: Any = client.get_option_contracts(asked)
    assert {each.symbol for each in contracts.option_contracts} == {
        compact(key) for key in (PUT, LOWER, CALL)
    }
    client._session.close()


def test_alpaca_py_reads_the_models_quotes(alpaca: AlpacaStage) -> None:
    options = OptionHistoricalDataClient(KEY, SECRET, url_override=alpaca.server.url)
    shares = StockHistoricalDataClient(KEY, SECRET, url_override=alpaca.server.url)
    name = compact(PUT)
    quoted: Any = options.get_option_latest_quote(OptionLatestQuoteRequest(symbol_or_symbols=name))
    assert (quoted[name].bid_price, quoted[name].ask_price) == (1.30, 1.40)
    chain: Any = options.get_option_chain(OptionChainRequest(underlying_symbol="KO"))
    assert chain[name].greeks.delta == -0.3
    assert chain[name].latest_trade.price == pytest.approx(1.35)
    stock: Any = shares.get_stock_latest_quote(StockLatestQuoteRequest(symbol_or_symbols="KO"))
    assert stock["KO"].ask_price == 60.01
    trade: Any = shares.get_stock_latest_trade(StockLatestTradeRequest(symbol_or_symbols="KO"))
    assert trade["KO"].price == 60.0
    options._session.close()
    shares._session.close()
