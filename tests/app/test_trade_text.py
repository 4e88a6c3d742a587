"""What came of `trade` as people read it, and a statement's breaks."""

from datetime import date
from pathlib import Path

import msgspec
import pytest

from app.desks import PAPER, WEEK
from command_line import Command
from underwriter.app import book_reconcile
from underwriter.app.trade_rows import BreakSaid, Traded
from underwriter.app.trade_text import page

PUT = "KO    260220P00060000"


@pytest.mark.parametrize(
    ("key", "said"), [(PUT, "KO 2026-02-20 P 60"), ("KO", "KO"), ("USD", "USD")]
)
def test_a_break_names_its_option_as_the_plan_does(
    underwriter: Command, home: Path, key: str, said: str
) -> None:
    """Shares and money keep their names; JSON keeps the symbol."""
    told = underwriter(*PAPER, *WEEK, "--json").json
    told.pop("seconds")
    came = msgspec.convert(told, Traded)
    broken = BreakSaid("quantity", key, -1.0, -2.0, "a fill that was not told")
    found = page(msgspec.structs.replace(came, breaks=[broken]), 120)
    assert f"LOOK    quantity {said}: book -1, broker -2; a fill that was not told" in found
    assert str(home) in found


def test_a_break_with_a_statement_names_it_likewise() -> None:
    broken = book_reconcile.BreakSaid("quantity", PUT, 7, -1.0, -2.0, "a fill", ["Sold 1"])
    said = book_reconcile.ReconcileSaid(
        journal="mine.db", account="main", statement="whole.csv", last=date(2026, 2, 2),
        cash=True, positions=True, breaks=[broken], by_cash=[], mended=False,
    )  # fmt: skip
    lines = book_reconcile.page(said, 120).splitlines()
    assert "quantity: KO 2026-02-20 P 60, row 7: book -1, statement -2" in lines
