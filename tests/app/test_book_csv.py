"""`--csv` of the books: the same figures as `--json` has, a line each."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from book.journals import opening, write
from book.ledger_text import events_of
from command_line import Command

WHEEL = """
    2026-01-02 deposit 20,000.00
    2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85 fee 0.66
    2026-02-20 assigned KO 60 P, 100 shares
    2026-02-23 sold 1 KO 2026-03-20 C 62 @ 0.50 fee 0.66
"""

Table = list[dict[str, str]]


@pytest.fixture
def wheel(tmp_path: Path) -> str:
    """A put assigned, a call sold on its shares."""
    return str(write(tmp_path / "wheel.db", events_of(WHEEL)))


def table(underwriter: Command, *words: str) -> Table:
    """What a command prints with --csv."""
    said = underwriter("book", *words, "--csv")
    assert (said.code, said.err) == (0, "")
    return list(csv.DictReader(said.out.splitlines(), strict=True))


def as_cells(row: dict[str, object]) -> dict[str, str]:
    """A row of JSON as csv writes it."""
    return {name: "" if value is None else str(value) for name, value in row.items()}


def test_positions_have_a_line_for_shares_and_one_a_leg(underwriter: Command, wheel: str) -> None:
    """Breakeven: 60 less 0.85 and a fee of 0.66 a hundred shares; the call is still open."""
    shares, call = table(underwriter, "positions", wheel)
    assert (shares["what"], shares["quantity"], shares["strike"]) == ("KO", "100", "")
    assert (call["what"], call["quantity"]) == ("KO    260320C00062000", "-1")
    assert (call["right"], call["strike"], call["expiry"]) == ("call", "62.0", "2026-03-20")
    assert call["opened_at"] == "49.34"
    assert {each["breakeven"] for each in (shares, call)} == {"59.1566"}


@pytest.mark.parametrize(("name", "rows"), [("campaigns", "campaigns"), ("income", "months")])
def test_the_lines_are_those_of_json(
    underwriter: Command, wheel: str, name: str, rows: str
) -> None:
    found = underwriter("book", name, wheel, "--json").json[rows]
    assert found
    assert table(underwriter, name, wheel) == [as_cells(each) for each in found]


def test_the_journal_has_a_line_an_event_with_the_cash_it_moved(
    underwriter: Command, wheel: str
) -> None:
    found = table(underwriter, "journal", wheel, "--kind", "filled", "--kind", "assigned")
    assert [each["kind"] for each in found] == ["filled", "assigned", "filled"]
    cash = [Decimal(each["cash"]) for each in found]
    assert cash == [Decimal("84.34"), Decimal(-6000), Decimal("49.34")]
    assert all(each["sleeve"] == "0" and each["currency"] == "USD" for each in found)


def test_a_comma_in_a_text_stays_in_its_cell(underwriter: Command, tmp_path: Path) -> None:
    journal = write(tmp_path / "journal.db", [*opening()])
    first = table(underwriter, "journal", str(journal), "--limit", "1")[0]
    assert "," in first["what"]
    assert None not in first


@pytest.mark.parametrize("name", ["positions", "campaigns", "income", "journal"])
def test_one_form_at_a_time(underwriter: Command, wheel: str, name: str) -> None:
    said = underwriter("book", name, wheel, "--csv", "--json")
    assert (said.code, said.out) == (2, "")
    assert "--csv: found it with --json; expected one of them" in said.err
