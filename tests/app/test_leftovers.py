"""Ends of runs and old journals: what works at the end of `--once`, sessions of before."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app.trading import DAYS, office_of
from command_line import Command
from underwriter.app.shadow import _read_otherwise
from underwriter.book.event import OrderTold
from underwriter.book.journal import Journal
from underwriter.desk.ledger import Ledger


def test_an_order_that_works_at_the_end_of_a_run_is_ended_with_it(
    home: Path, tmp_path: Path, underwriter: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody would look after it; the close itself waits for the next run."""
    office = office_of(home, tmp_path, underwriter, monkeypatch)
    office.bring(DAYS[:3])
    assert office.trade(DAYS[1], "15:45").code == 0
    office.settings("[fills]", "half_spread = 2.0")
    assert office.trade(DAYS[2], "09:00").code == 0
    office.to(DAYS[2], "09:45")
    closing = underwriter("desk", "close", "0", "--yes")
    assert closing.code == 0, closing.err
    office.trade(DAYS[2], "10:00")
    with Journal.open(office.desk / "journal.db") as journal:
        told = [one.state for _, one in journal.read() if isinstance(one, OrderTold)]
        assert Ledger(journal, "main").folding.orders.live == {}
    assert told[-1] == "cancelled"


def test_shadow_reads_a_session_of_before_its_policies_were_said_beside_it() -> None:
    """The book's last opening has more policies than are asked for, or fewer: no error."""
    one: Any = SimpleNamespace(name="a", hash="1")
    two: Any = SimpleNamespace(name="b", hash="2")
    event: Any = SimpleNamespace(policies={})

    def said(policies: list[Any], opened: dict[str, str]) -> list[str]:
        request: Any = SimpleNamespace(policies=policies)
        book: Any = SimpleNamespace(policies=opened)
        return [*_read_otherwise(event, request, book)]

    assert said([one], {"1": "text", "2": "text"}) == []
    assert said([one, two], {"1": "text"}) == []
    (line,) = said([one], {"9": "text"})
    assert "decided under a 9, whose text this program reads as 1" in line
