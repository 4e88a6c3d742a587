"""docs/imports.md names every broker, kind, code and section that is read, and none besides."""

import re
from pathlib import Path

from underwriter.book.imports import alpaca, ibkr_csv, robinhood, schwab, tastytrade
from underwriter.book.imports.read import BROKERS
from underwriter.book.imports.statement import Kind

PAGE = (Path(__file__).parents[3] / "docs" / "imports.md").read_text("utf-8")


def section(title: str) -> str:
    """The text below a title."""
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def codes(text: str) -> set[str]:
    """The words that are set as code, lists of them too."""
    return set(re.findall(r"[^`,]+", ",".join(re.findall(r"`([^`]+)`", text.replace("\n", " ")))))


def stripped(words: set[str]) -> set[str]:
    return {word.strip() for word in words}


def test_every_kind_has_its_row_and_no_other() -> None:
    rows = re.findall(r"^\| (`[^|]+) \|", section("Kinds"), re.MULTILINE)
    assert stripped(codes(" ".join(rows))) == {kind.value for kind in Kind}


def test_every_broker_has_its_row() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", PAGE.partition("\n## ")[0], re.MULTILINE)
    assert set(rows) == set(BROKERS)


def test_every_code_of_robinhood_and_alpaca_is_named() -> None:
    maps = (robinhood._TRADES, robinhood._ENDS, robinhood._CHANGES, robinhood._MONEY)
    known = set().union(*maps) | robinhood._FUNDS
    assert known <= stripped(codes(section("Robinhood")))
    known = {"FILL", *alpaca._OPTIONS, *alpaca._CHANGES, *alpaca._MONEY, *alpaca._FUNDS}
    assert known <= stripped(codes(section("Alpaca")))


def test_every_action_of_schwab_and_tastytrade_is_named() -> None:
    maps = (schwab._TRADES, schwab._ENDS, schwab._CHANGES, schwab._MONEY)
    known = set().union(*maps) | schwab._FUNDS
    assert known <= stripped(codes(section("Schwab")))
    known = {*tastytrade._ENDS, *tastytrade._RECEIVED, *tastytrade._MONEY}
    assert known <= stripped(codes(section("tastytrade")))


def test_every_section_of_an_activity_statement_is_named() -> None:
    assert all(f"`{name}`" in section("Interactive Brokers") for name in ibkr_csv._READ)
