"""`underwriter book import ...`, as a user meets it."""

from pathlib import Path

import pytest

import write_schemas
from book.imports import ibkr_year, tastytrade_year
from command_line import Command, Told
from report.json_schema import breaks
from underwriter.book.journal import events


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """The year as tastytrade exports it."""
    path = tmp_path / "history.csv"
    path.write_text(tastytrade_year.TEXT, "utf-8")
    return path


def taken(underwriter: Command, journal: Path, *words: str) -> Told:
    return underwriter("book", "import", *words, "--into", str(journal), "--yes")


def test_a_year_is_imported_once_and_every_view_of_it_works(
    underwriter: Command, tmp_path: Path, history: Path
) -> None:
    journal = tmp_path / "mine.db"
    said = taken(underwriter, journal, str(history), "--create", "--json")
    assert (said.code, said.err) == (0, "")
    schema = write_schemas.STRUCTS["book-import"]
    assert breaks(said.json, schema, schema) == []
    assert (said.json["rows"], said.json["known"], said.json["written"]) == (23, 0, True)
    assert said.json["against"] == "rows"
    beside = {one["key"]: (one["book"], one["statement"]) for one in said.json["beside"]}
    assert beside["USD"] == (18_696.33, 18_696.33)
    again = taken(underwriter, journal, str(history))
    assert again.code == 0
    assert "23 rows, 23 known, 0 new: 0 events" in again.out
    assert "nothing was written" in again.out
    found = underwriter("book", "income", str(journal), "--json").json["total"]
    assert (found["dividends"], found["interest"]) == (53.0, 1.23)
    assert found["fees"] == pytest.approx(9.90)
    held = underwriter("book", "positions", str(journal), "--json").json
    assert held["accounts"][0]["cash"] == 18_696.33
    taxed = underwriter("book", "tax", "2026", str(journal), "--json")
    assert taxed.code == 0
    assert underwriter("book", "verify", str(journal)).code == 0


def test_what_a_statement_says_of_its_end_is_held_against_the_book(
    underwriter: Command, tmp_path: Path
) -> None:
    text = ibkr_year.TEXT.replace("Ending Cash,USD,18696.33", "Ending Cash,USD,18696.35")
    path = tmp_path / "activity.csv"
    path.write_text(text, "utf-8")
    said = taken(underwriter, tmp_path / "mine.db", str(path), "--create", "--json")
    assert (said.code, said.json["against"]) == (3, "statement")
    differs = [(one["key"], one["statement"]) for one in said.json["beside"] if one["differs"]]
    assert differs == [("USD", 18_696.35)]


STRANGE = (
    "2026-08-04T23:00:00+0200,Money Movement,Mystery,,,,WHO KNOWS,2.50,0,,--,0.00,,,,,,,,2.50,USD"
)


def test_a_row_that_is_not_understood_stops_the_import_unless_told_to_go_on(
    underwriter: Command, tmp_path: Path, history: Path
) -> None:
    header, rows = history.read_text("utf-8").split("\n", 1)
    history.write_text(f"{header}\n{STRANGE}\n{rows}", "utf-8")
    journal = tmp_path / "mine.db"
    said = taken(underwriter, journal, str(history), "--create")
    assert (said.code, said.out, journal.exists()) == (2, "", False)
    assert f"{history}, row 2: 'Mystery' is not known" in said.err
    said = taken(underwriter, journal, str(history), "--create", "--keep-going", "--json")
    assert (said.code, [one["amount"] for one in said.json["left"]]) == (0, [2.5])
    assert {one["key"]: one["book"] for one in said.json["beside"]}["USD"] == 18_698.83


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--broker", "schwab"), "expected a statement of schwab, found one of tastytrade"),
        (("--broker", "nobody"), "expected one of alpaca"),
        (("--account", "ira"), "--account: found 'ira'; expected --create, or one of: main"),
    ],
)
def test_a_refused_file_leaves_the_journal_as_it_was(
    underwriter: Command, tmp_path: Path, history: Path, words: tuple[str, ...], text: str
) -> None:
    journal = tmp_path / "mine.db"
    day = ("--date", "2025-12-31", "--yes", "--create")
    underwriter("book", "record", "deposit", "5", "--journal", str(journal), *day)
    before = journal.read_bytes()
    said = taken(underwriter, journal, str(history), *words)
    assert (said.code, said.out) == (2, "")
    assert text in said.err
    assert (journal.read_bytes(), len([*events(journal)])) == (before, 3)


def test_a_statement_of_another_account_is_refused(underwriter: Command, tmp_path: Path) -> None:
    path, journal = tmp_path / "activity.csv", tmp_path / "mine.db"
    path.write_text(ibkr_year.TEXT, "utf-8")
    assert taken(underwriter, journal, str(path), "--create").code == 0
    for old, new, text in (
        ("U1234567", "U7654321", "expected a statement of account 'main' (ibkr, ****4567)"),
        ("Base Currency,USD", "Base Currency,EUR", "expected a statement in USD"),
    ):
        path.write_text(ibkr_year.TEXT.replace(old, new), "utf-8")
        said = taken(underwriter, journal, str(path))
        assert said.code == 2
        assert text in said.err


def test_what_is_not_confirmed_is_not_written(
    underwriter: Command, tmp_path: Path, history: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = tmp_path / "mine.db"
    monkeypatch.setattr("typer.confirm", lambda *_, **__: False)
    said = underwriter("book", "import", str(history), "--into", str(journal), "--create")
    assert (said.code, said.out, journal.exists()) == (1, "", False)
    assert "23 new" in said.err


def test_t81_a_price_out_of_scale_is_said(
    underwriter: Command, tmp_path: Path, history: Path
) -> None:
    """The shares of an assignment at a hundredth of the strike, as a broker once gave them."""
    text = history.read_text("utf-8")
    dear = '100 KO @ 60.00,"-6,000.00",100,-60.00,--,0.00,,,,,,,,"-6,000.00"'
    cheap = "100 KO @ 0.60,-60.00,100,-0.60,--,0.00,,,,,,,,-60.00"
    assert dear in text
    history.write_text(text.replace(dear, cheap), "utf-8")
    said = taken(underwriter, tmp_path / "mine.db", str(history), "--create", "--json")
    (one,) = said.json["doubts"]
    assert said.code == 3
    assert "100 KO at 0.60: a hundred times less than the strike of KO 2026-02-20 P 60" in one
    page = taken(underwriter, tmp_path / "other.db", str(history), "--create")
    assert (page.code, "Doubtful: 100 KO at 0.60" in page.out) == (3, True)
    less = tmp_path / "less.csv"
    lines = text.splitlines(keepends=True)
    less.write_text("".join(one for one in lines if dear not in one), "utf-8")
    taken(underwriter, tmp_path / "less.db", str(less), "--create")
    found = underwriter("book", "reconcile", str(history), str(tmp_path / "less.db"), "--json")
    (scale,) = [one for one in found.json["breaks"] if one["kind"] == "scale"]
    assert (found.code, scale["book"], scale["statement"], scale["mend"]) == (3, 62.5, 0.6, [])
