"""Shares of `[holdings]` that no policy names: told by a run, and no desk begins with them."""

from pathlib import Path

import pytest

from app.test_trade_manual import Person
from app.trading import DAYS, Office
from command_line import Command
from underwriter.app.cli import trade as line
from underwriter.book.event import Filled
from underwriter.book.journal import Journal


def brought(office: Office) -> list[int]:
    """The shares with which a desk's book began."""
    with Journal.open(office.desk / "journal.db") as book:
        told = [event for _, event in book.read()]
    return [one.shares for one in told if isinstance(one, Filled) and one.source == "by hand"]


@pytest.mark.parametrize("kind", ["--paper", "--manual"])
def test_a_slip_in_a_symbol_is_refused_before_the_desk_begins(
    office: Office, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    office.settings("[holdings]", "SYM = 500")
    done = office.trade(DAYS[1], "09:00", kind=kind)
    assert done.code == 2
    assert "[holdings]: found 500 SYM, which no policy of this desk trades; expected" in done.err
    assert "some of SYN" in done.err
    assert not office.desk.exists(), "nothing is left of it"
    office.settings("[holdings]", "SYN = 500")
    monkeypatch.setattr(line, "_teller", Person())
    assert office.trade(DAYS[1], "15:45", kind=kind).code == 0
    assert brought(office) == [500]


def test_a_desk_that_has_begun_goes_on_when_its_policy_lets_a_symbol_go(office: Office) -> None:
    """A service is not stopped for what was read on its first day alone."""
    assert office.trade(DAYS[1], "15:45").code == 0
    office.settings("[holdings]", "GONE = 500")
    assert office.trade(DAYS[1], "15:46").code == 0


def test_a_backtest_says_what_it_leaves_out(underwriter: Command, home: Path) -> None:
    (home / "underwriter.toml").write_text("holdings = { ZZZ = 250 }\n", encoding="utf-8")
    done = underwriter("backtest", "wheel-index", "--to", "2014-02-28")
    assert "no policy names what [holdings] has of 250 ZZZ: left out" in done.err
    (home / "underwriter.toml").write_text("", encoding="utf-8")
    again = underwriter("backtest", "wheel-index", "--to", "2014-02-28")
    assert "[holdings]" not in again.err


def test_no_desk_over_a_history_begins_with_them_either(underwriter: Command, home: Path) -> None:
    (home / "underwriter.toml").write_text("holdings = { ZZZ = 250 }\n", encoding="utf-8")
    done = underwriter("trade", "wheel-index", "--paper", "--to", "2014-01-10")
    assert (done.code, "[holdings]: found 250 ZZZ" in done.err) == (2, True)
