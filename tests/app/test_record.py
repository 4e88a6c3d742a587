"""`underwriter book record ...`, as a user meets it."""

from pathlib import Path
from typing import Any

import pytest

import write_schemas
from command_line import Command
from report.json_schema import breaks
from underwriter.book.event import AccountOpened, Deposited
from underwriter.book.fold import Book, fold
from underwriter.book.journal import events
from underwriter.core.units import MICRO

DAY = ("--date", "2026-01-05", "--yes")


@pytest.fixture
def mine(underwriter: Command, tmp_path: Path) -> Path:
    """A journal of one account with 20,000.00 in it."""
    path = tmp_path / "mine.db"
    made = ("--create", "--broker", "Schwab", "--number", "12345678", "--tax", "us_deferred")
    said = underwriter("book", "record", "deposit", "20,000", "--journal", str(path), *DAY, *made)
    assert (said.code, said.err) == (0, "")
    return path


def told(path: Path) -> list[Any]:
    return [event for _, event in events(path)]


def book_of(path: Path) -> Book:
    return fold(told(path))


def test_a_journal_is_created_with_its_account(mine: Path) -> None:
    (account,) = [each for each in told(mine) if isinstance(each, AccountOpened)]
    assert (account.number, account.broker, account.tax) == ("****5678", "Schwab", "us_deferred")
    assert [each.amount_u for each in told(mine) if isinstance(each, Deposited)] == [20_000 * MICRO]


PUT = "KO 2026-02-20 P 60"


def test_a_wheel_by_hand_adds_up(underwriter: Command, mine: Path) -> None:
    """Owned 100 at 52.10; a put at 0.85 assigned; 150 sold at 61: cash 20000+84.34-6000+9149.83."""
    for words in (
        ("buy", "KO", "100", "52.10", "--owned-since", "2024-03-01"),
        ("option", "sell", PUT, "1", "--price", "0.85", "--fee", "0.66"),
        ("option", "assign", PUT, "1"),
        ("sell", "KO", "150", "61", "--fee", "0.17"),
        ("dividend", "KO", "25.50"),
        ("fee", "10"),
        ("withdraw", "1000"),
    ):
        said = underwriter("book", "record", *words, "--journal", str(mine), *DAY, "--json")
        assert (said.code, said.err) == (0, "")
        schema = write_schemas.STRUCTS["book-record"]
        assert breaks(said.json, schema, schema) == []
    book = book_of(mine)
    assert book.balance_u("main", "USD") == round((23_234.17 + 25.50 - 1_010) * MICRO)
    assert (book.strays, int(book.state.sleeves[0].shares), len(book.sleeves)) == ((), 50, 1)
    found = underwriter("book", "income", str(mine), "--account", "main", "--json").json
    assert (found["total"]["options"], found["total"]["charges"]) == (84.34, -10.0)
    assert found["total"]["income"] == pytest.approx(99.84)


def test_what_is_not_confirmed_is_not_written(
    underwriter: Command, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(told(mine))
    monkeypatch.setattr("typer.confirm", lambda *_, **__: False)
    said = underwriter("book", "record", "fee", "10", "--journal", str(mine))
    assert (said.code, said.out, len(told(mine))) == (1, "", before)
    assert "Fee" in said.err


def test_a_correction_appends_and_the_book_is_as_it_truly_was(
    underwriter: Command, mine: Path
) -> None:
    sell = ("option", "sell", PUT, "1", "--price", "0.85")
    said = underwriter("book", "record", *sell, "--journal", str(mine), *DAY, "--json")
    number, before = said.json["events"][-1]["id"], told(mine)
    change = ("correct", number, "--price", "0.80", "--quantity", "2")
    assert underwriter("book", "record", *change, "--journal", str(mine), *DAY).code == 0
    assert told(mine)[: len(before)] == before
    assert book_of(mine).balance_u("main", "USD") == 20_160 * MICRO
    gone = ("correct", number, "--never")
    assert underwriter("book", "record", *gone, "--journal", str(mine), *DAY).code == 0
    assert book_of(mine).balance_u("main", "USD") == 20_000 * MICRO


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("deposit 0", "AMOUNT: found '0'; expected an amount above zero"),
        ("deposit 0.0000001", "of at most six decimals"),
        ("deposit ten", "AMOUNT: found 'ten'"),
        ("buy ko 100 52", "SYMBOL: found 'ko'"),
        ("sell KO 100 -5", "No such option"),
        ("dividend KO 5", "expected shares of it to be held"),
        ("option assign KO260220P00060000 1", "expected at most the 0 held"),
        ("option expire KO260220P00060000 1 --price 1", "expected none for expire"),
        ("option sell KO260220P00060000 1", "expected one for sell"),
        ("option sell KO260230P00060000 1 --price 1", "day is out of range"),
        ("option assign KO260220P00060000 1 --owned-since 2020-01-01", "expected sell or buy"),
        ("buy KO 1 5 --owned-since 2026-02-01", "expected a day up to 2026-01-05"),
        ("fee 1 --account ira", "--account: found 'ira'; expected --create, or one of: main"),
        ("option sell KO260220P00060000 1000000 --price 1000000000", "that the book adds up to"),
        ("buy KO 1000000 1000000000", "that the book adds up to"),
        ("correct hand-3", "found neither of --never and figures"),
        ("correct hand-3 --never --amount 5", "found both of --never and figures"),
        ("correct hand-3 --price 5", "expected --amount alone"),
        ("correct hand-2 --amount 5", "ID: found 'hand-2'"),
        ("correct nothing --never", "expected the id of an event that was booked"),
    ],
)  # fmt: skip
def test_what_cannot_be_recorded_is_refused_and_nothing_is_written(
    underwriter: Command, mine: Path, words: str, text: str
) -> None:
    before = mine.read_bytes(), len(told(mine))
    said = underwriter("book", "record", *words.split(), "--journal", str(mine), *DAY)
    assert (said.code, said.out) == (2, "")
    assert text in said.err
    assert (mine.read_bytes(), len(told(mine))) == before


def test_a_journal_that_is_not_there_is_not_made_unasked(
    underwriter: Command, tmp_path: Path
) -> None:
    path = tmp_path / "none.db"
    said = underwriter("book", "record", "fee", "1", "--journal", str(path), *DAY)
    assert (said.code, path.exists()) == (2, False)
    late = underwriter("book", "record", "fee", "1", "--journal", str(path), "--date", "9999-01-01")
    assert "expected a day up to" in late.err


def test_t81_a_basis_in_cents_is_doubted_beside_the_strike(
    underwriter: Command, mine: Path
) -> None:
    owned = ("buy", "KO", "100", "5210", "--owned-since", "2024-03-01")
    sell = ("option", "sell", "KO 2026-02-20 C 55", "1", "--price", "0.85")
    assert underwriter("book", "record", *sell, "--journal", str(mine), *DAY).code == 0
    said = underwriter("book", "record", *owned, "--journal", str(mine), *DAY, "--json")
    (one,) = said.json["doubts"]
    assert (said.code, said.json["written"]) == (3, True)
    assert "100 KO at 5210.00: a hundred times more than the strike of KO 2026-02-20 C 55" in one
    right = ("correct", said.json["events"][-1]["id"], "--price", "52.10")
    assert underwriter("book", "record", *right, "--journal", str(mine), *DAY).code == 0
