"""Today's chains: their columns, the session they are of, and what goes wrong on the way."""

import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from yfinance.exceptions import YFRateLimitError

from app.yahoo import Chain, Yahoo
from underwriter.app.collect import collect, open_yahoo, session_at
from underwriter.core.errors import InputError, NetworkError
from underwriter.core.units import day_number
from underwriter.market.calendar import Calendar, load_calendar
from underwriter.market.schema import CHAIN
from underwriter.market.sources.feeds.yahoo import as_yahoo

NOW = datetime(2026, 8, 21, 19, 0, tzinfo=UTC)  # a Friday, 15:00 in New York


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return load_calendar("XNYS", Path(os.environ["UNDERWRITER_HOME"]))


def test_todays_chain_in_the_lakes_columns(calendar: Calendar) -> None:
    paused: list[None] = []
    (frame,) = collect(["ko"], Yahoo(), calendar, NOW, lambda: paused.append(None))
    assert frame.schema == CHAIN
    assert len(paused) == 2
    first = frame.row(0, named=True)
    assert first == {
        "underlying": "KO",
        "root": "KO",
        "date": date(2026, 8, 21),
        "expiry": date(2026, 9, 18),
        "right": "C",
        "strike": 90.0,
        "bid": 1.4,
        "ask": 1.6,
        "last": 1.5,
        "iv": pytest.approx(0.2),
        "delta": None,
        "volume": 10,
        "open_interest": 100,
        "spot": 91.1,
        "line": 1,
    }
    assert frame["right"].to_list() == ["C", "C", "P", "P"]
    assert frame["volume"].to_list() == [10, None, 10, 10]
    assert frame["spot"].to_list() == [91.1, 91.1, 91.1, None]
    assert frame["line"].to_list() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("moment", "session"),
    [
        ("2026-08-21T13:29:00+00:00", "2026-08-20"),  # a minute before the opening in New York
        ("2026-08-21T13:30:00+00:00", "2026-08-21"),
        ("2026-08-22T02:00:00+00:00", "2026-08-21"),  # Friday evening there, Saturday in London
        ("2026-08-23T18:00:00+00:00", "2026-08-21"),
        ("2026-09-07T18:00:00+00:00", "2026-09-04"),  # Labor Day
    ],
)
def test_t38_quotes_are_of_the_exchanges_session(
    calendar: Calendar, moment: str, session: str
) -> None:
    found = session_at(calendar, datetime.fromisoformat(moment))
    assert found == day_number(date.fromisoformat(session))


@pytest.mark.parametrize(
    ("symbol", "yahoos"),
    [("spx", "^SPX"), ("^VIX", "^VIX"), ("BRK.B", "BRK-B"), ("brk/b", "BRK-B"), ("ko", "KO")],
)
def test_symbols_as_yahoo_writes_them(symbol: str, yahoos: str) -> None:
    assert as_yahoo(symbol) == yahoos


def test_a_symbol_without_options_is_refused(calendar: Calendar) -> None:
    with pytest.raises(InputError, match="NONE: yfinance has no options of it; expected"):
        collect(["KO", "NONE"], Yahoo(), calendar, NOW)


class Nothing:
    """A symbol whose only expiration has neither calls nor puts."""

    options = ("2026-09-18",)

    def __init__(self, _: str) -> None: ...

    def option_chain(self, _: str) -> Chain:
        """No quotes."""
        return Chain(None, None, None)


def test_a_symbol_without_quotes_is_refused(calendar: Calendar) -> None:
    with pytest.raises(InputError, match="KO: yfinance has no quotes of it; expected some"):
        collect(["KO"], Yahoo(Nothing), calendar, NOW)


def test_without_yfinance_its_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "yfinance", None)
    with pytest.raises(InputError, match=r"yfinance: not found.*underwriter\[feeds\]"):
        open_yahoo(tmp_path)


def test_what_yfinance_raises_is_one_line(calendar: Calendar) -> None:
    def unreachable(_: str) -> None:
        raise OSError("Failed to perform,\ncurl: (6) Could not resolve host")

    def limited(_: str) -> None:
        raise YFRateLimitError

    with pytest.raises(NetworkError) as caught:
        collect(["KO"], Yahoo(unreachable), calendar, NOW)
    assert str(caught.value) == (
        "no network: could not reach query2.finance.yahoo.com "
        "(Failed to perform, curl: (6) Could not resolve host)"
    )
    with pytest.raises(NetworkError, match=r"query2.* refuses KO \(Too Many Requests"):
        collect(["KO"], Yahoo(limited), calendar, NOW)


def test_the_real_yfinance_has_what_is_asked_of_it(tmp_path: Path) -> None:
    module = open_yahoo(tmp_path)
    ticker = module.Ticker("KO")
    assert {"options", "option_chain", "history"} <= set(dir(type(ticker)))
    assert module.config.debug.hide_exceptions is False
