"""`book import` of damaged statements: refused in a line and nothing written, or booked whole."""

import tempfile
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from book.imports.test_damaged import YEARS, changes, damaged
from book.imports.wheel_story import WHEELS
from underwriter.app.book_import import Import, Into, imported, page
from underwriter.app.record import Terms, Where, paid
from underwriter.book.journal import events
from underwriter.core.errors import InputError

NAMES = {name: name.removeprefix("tastytrade, ") for name in YEARS}
DAY = date(2025, 12, 31)  # before every statement
Changes = list[tuple[str, int, int, str]]


@cache
def begun() -> dict[str, bytes]:
    """The files of a journal with a deposit in it."""
    with tempfile.TemporaryDirectory() as folder:
        paid(Where(Path(folder) / "mine.db", None, DAY, Terms()), "deposit", "5").write()
        return files(Path(folder))


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a journal, by its name."""
    return {path.name: path.read_bytes() for path in sorted(folder.glob("mine.db*"))}


def check(name: str, done: Changes, *, wheel: bool) -> None:
    """Damage a statement and import it into a journal that there is."""
    text = WHEELS[NAMES[name]]() if wheel else YEARS[name]
    for what, at, other, put in done:
        text = damaged(text, what, at, other, put)
    with tempfile.TemporaryDirectory() as folder:
        path, journal = Path(folder) / "statement.csv", Path(folder) / "mine.db"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        for part, content in begun().items():
            (Path(folder) / part).write_bytes(content)
        found = taken(path, journal)
        assert begun().items() <= files(Path(folder)).items()
        if found is not None:
            holds(found, path, journal)


def taken(path: Path, journal: Path) -> Import | None:
    """The import of a file, not written; None where one line refuses it."""
    try:
        return imported([path], Into(journal, None, None, create=False))
    except InputError as refused:
        said = str(refused)
    assert "\n" not in said
    assert "expected" in said or "what followed does not fit" in said
    assert path.name in said
    return None


def holds(found: Import, path: Path, journal: Path) -> None:
    """What is true of an import that is not refused: it is written whole, and once."""
    said = found.said
    assert str(said.rows) in page(said, 60)
    assert all(one.why and one.row for one in said.left)
    count = len([*events(journal)])
    assert found.write().written == (said.events > 0)
    assert len([*events(journal)]) == count + said.events
    again = imported([path], Into(journal, None, None, create=False)).said
    if not said.left:
        assert (again.events, again.known) == (0, again.rows)


@pytest.mark.parametrize("name", sorted(YEARS))
@settings(max_examples=10, deadline=None)
@given(done=changes, wheel=st.booleans())
def test_a_damaged_statement_is_refused_and_nothing_written_or_booked_once(
    name: str, done: Changes, wheel: bool  # noqa: FBT001
) -> None:  # fmt: skip
    check(name, done, wheel=wheel)


@pytest.mark.proof
@pytest.mark.parametrize("name", sorted(YEARS))
@settings(max_examples=2_000, deadline=None)
@given(done=changes, wheel=st.booleans())
def test_two_thousand_damaged_statements_are_refused_or_booked_once(
    name: str, done: Changes, wheel: bool  # noqa: FBT001
) -> None:  # fmt: skip
    check(name, done, wheel=wheel)
