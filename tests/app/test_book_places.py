"""The books by file and by URL of a database: the same commands, and no password is told."""

from pathlib import Path
from urllib.parse import quote

import pytest

import write_schemas
from command_line import Command, Told
from postgres import CLERK, PASSWORD, Server
from report.json_schema import breaks
from underwriter.book.journal import events
from underwriter.book.place import place_of

WRITTEN = quote(PASSWORD, safe="")


@pytest.fixture(params=["file", "folder", "url"])
def given(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A journal as it is named on the command line."""
    if request.param == "url":
        server: Server = request.getfixturevalue("server")
        return of_clerk(server, request.node.name)
    folder = tmp_path / "run"
    folder.mkdir()
    return str(folder if request.param == "folder" else folder / "journal.db")


def of_clerk(server: Server, name: str) -> str:
    """A journal of a user who needs a password, named after a test."""
    journal = "".join(each if each.isalnum() else "_" for each in name.lower())[:60]
    return f"postgresql://{CLERK}:{WRITTEN}@/ledger?host={server.folder}&journal={journal}"


def silent(said: Told) -> Told:
    """What was said, which tells no password."""
    for text in (said.out, said.err):
        assert PASSWORD not in text
        assert WRITTEN not in text
    return said


@pytest.fixture
def mine(underwriter: Command, given: str) -> str:
    """A journal of one account: 20,000.00, and a put sold at 0.85."""
    made = given if "://" in given or given.endswith(".db") else f"{given}/journal.db"
    day = "--date", "2026-01-05", "--yes"
    paid = "book", "record", "deposit", "20000", "--journal", made, "--create"
    assert silent(underwriter(*paid, *day)).code == 0
    sold = "option", "sell", "KO 2026-02-20 P 60", "1", "--price", "0.85", "--journal", given
    assert silent(underwriter("book", "record", *sold, *day)).code == 0
    return given


def test_every_book_command_reads_a_journal_by_its_name(underwriter: Command, mine: str) -> None:
    for words in ("positions", "campaigns", "income", "journal", "export", "export --json"):
        said = silent(underwriter("book", *words.split(), mine))
        assert (said.code, said.err) == (0, "")
        assert "KO" in said.out or words == "income"
    said = silent(underwriter("book", "positions", mine, "--json"))
    assert said.json["accounts"][0]["cash"] == 20_085.0
    if "://" in mine:
        assert said.json["journal"] == mine.replace(WRITTEN, "***")


def test_verify_and_tax_read_it_too(underwriter: Command, mine: str) -> None:
    said = silent(underwriter("book", "verify", mine, "--json"))
    assert (said.code, said.json["ok"], said.json["events"]) == (0, True, 5)
    said = silent(underwriter("book", "tax", "2026", mine, "--json"))
    assert (said.code, said.json["sales"]) == (0, [])


def test_a_sleeve_of_a_plan_and_of_an_analysis_is_asked_of_it(
    underwriter: Command, mine: str
) -> None:
    """By hand no evening was marked: both say so of the journal that was named."""
    said = silent(underwriter("analyse", "--book", mine, "--sleeve", "1"))
    assert said.code == 2
    assert "evening" in said.err


def test_a_copy_goes_to_any_place_and_back(
    underwriter: Command, mine: str, server: Server, tmp_path: Path
) -> None:
    there, back = of_clerk(server, f"copy {mine[-30:]}"), str(tmp_path / "back.db")
    schema = write_schemas.STRUCTS["book-copy"]
    for source, target in ((mine, there), (mine, there), (there, back)):
        said = silent(underwriter("book", "copy", source, target, "--json"))
        assert (said.code, said.err, said.json["events"]) == (0, "", 5)
        assert breaks(said.json, schema, schema) == []
    assert [*events(back)] == [*events(there)]
    day = "--date", "2026-01-05", "--yes"
    underwriter("book", "record", "deposit", "1", "--journal", there, *day)
    said = silent(underwriter("book", "copy", mine, there))
    assert (said.code, said.out) == (1, "")
    assert "expected the beginning of" in said.err
    assert said.err.count("\n") == 1
    assert len([*events(there)]) == 6


def test_a_copy_of_a_journal_onto_itself_or_of_nothing_is_refused(
    underwriter: Command, mine: str
) -> None:
    said = silent(underwriter("book", "copy", mine, mine))
    assert said.code == 2
    assert "as source and target" in said.err
    said = silent(underwriter("book", "copy", "nowhere.db", "there.db"))
    assert (said.code, Path("there.db").exists()) == (2, False)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("book positions {url}", 2),
        ("book verify {url}", 2),
        ("book journal {url} more", 2),
        ("book positions --after={url} x", 2),
        ("book income {url} {url}", 2),
        ("book record deposit 5 --journal={url} --yes", 2),
        ("book record deposit 5 --journal {url} --collateral {url}", 2),
        ("book copy {url} x.db", 2),
        ("book reconcile none.csv {url}", 2),
        ("book import none.csv --into {url}", 2),
        ("analyse --book {url} --sleeve 0", 2),
    ],
)
def test_a_refusal_is_a_line_without_the_password(
    underwriter: Command, server: Server, words: str, code: int
) -> None:
    url = of_clerk(server, "none such")
    said = silent(underwriter(*words.format(url=url).split()))
    assert (said.code, said.out) == (code, "")
    assert said.err.count("\n") == 1


def test_a_wrong_password_is_refused_and_not_told(underwriter: Command, server: Server) -> None:
    url = of_clerk(server, "kept").replace(WRITTEN, "gu3ss%2Fit")
    said = underwriter("book", "positions", url)
    assert said.code == 2
    assert "password authentication failed" in said.err
    assert "gu3ss" not in said.err
    assert str(place_of(url)) in said.err
