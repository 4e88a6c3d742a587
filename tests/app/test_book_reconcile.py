"""`underwriter book reconcile ...`, as a user meets it."""

from pathlib import Path

import pytest

import write_schemas
from book.imports import ibkr_year
from command_line import Command
from report.json_schema import breaks
from underwriter.book.journal import events


@pytest.fixture
def mine(underwriter: Command, tmp_path: Path) -> tuple[Path, Path]:
    """A journal without the year's dividend, and the statement that has it."""
    lines = ibkr_year.TEXT.splitlines(keepends=True)
    less = [one for one in lines if not one.startswith("Dividends,")]
    part, whole, journal = tmp_path / "part.csv", tmp_path / "whole.csv", tmp_path / "mine.db"
    part.write_text("".join(less).replace("18696.33", "18643.33"), "utf-8")
    whole.write_text(ibkr_year.TEXT, "utf-8")
    done = underwriter("book", "import", str(part), "--into", str(journal), "--create", "--yes")
    assert done.code == 0
    return journal, whole


def test_a_missing_dividend_is_found_and_mended_with_consent(
    underwriter: Command, mine: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, whole = mine
    count = len([*events(journal)])
    asked = ("book", "reconcile", str(whole), str(journal))
    said = underwriter(*asked, "--json")
    schema = write_schemas.STRUCTS["book-reconcile"]
    assert breaks(said.json, schema, schema) == []
    (one,) = said.json["breaks"]
    assert (said.code, one["kind"], one["key"], one["statement"]) == (3, "missing event", "KO", 53)
    assert one["mend"] == ["Dividend on KO, of which none is held any more"]
    page = underwriter(*asked)
    assert (page.code, "1 break with" in page.out) == (3, True)
    assert "likely a dividend, which the book was not told" in page.out
    monkeypatch.setattr("typer.confirm", lambda *_, **__: False)
    assert underwriter(*asked, "--mend").code == 3
    assert len([*events(journal)]) == count
    done = underwriter(*asked, "--mend", "--yes")
    assert (done.code, done.out.endswith("Mended.\n")) == (0, True)
    assert len([*events(journal)]) == count + 1
    page = underwriter(*asked)
    assert (page.code, "no break with" in page.out) == (0, True)


def test_a_statement_of_another_account_is_refused(
    underwriter: Command, mine: tuple[Path, Path]
) -> None:
    journal, whole = mine
    whole.write_text(ibkr_year.TEXT.replace("U1234567", "U7654321"), "utf-8")
    said = underwriter("book", "reconcile", str(whole), str(journal), "--mend", "--yes")
    assert (said.code, said.out) == (2, "")
    assert "expected a statement of account 'main' (ibkr, ****4567)" in said.err
