"""Pages of a journal's file, read by the letter of SQLite's file format."""

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from book.journals import filled, flip, killed, opening, write
from underwriter.book.event import BookOpened
from underwriter.book.journal import Journal
from underwriter.book.layout import PAGE, beside
from underwriter.book.pages import EVENTS, Image, cells, row_of, varint
from underwriter.book.trail import Report
from underwriter.book.upcast import SCHEMA
from underwriter.book.verify import verify
from underwriter.book.wal import EMPTY
from underwriter.core.errors import UnderwriterError


def test_rows_are_read_as_sqlite_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "book.journal"
    first = opening()[0]
    assert isinstance(first, BookOpened)
    sizes = [*range(3_600, 4_100, 7), *range(8_000, 8_300, 11), 20_000, 70_000]
    with Journal.create(path) as journal:
        for size in sizes:  # short of a page, just over it, over several
            text = {"p": "x" * size}
            event = BookOpened(
                at=size,
                session=first.session,
                account="main",
                version="1",
                quotes="modelled",
                source="",
                policies=text,
                settings={},
            )
            journal.append([event, filled(size)], -size)
    assert verify(path).ok
    with closing(sqlite3.connect(path)) as connection:
        expected = connection.execute("SELECT * FROM event ORDER BY sequence").fetchall()
    with path.open("rb") as file:
        found = [(number, row_of(record)) for number, record in cells(Image(file, EMPTY), EVENTS)]
    assert len(found) == 2 * len(sizes)
    for (number, row), (sequence, at, received, schema, kind, payload, digest) in zip(
        found, expected, strict=True
    ):
        assert row is not None
        assert (number, *row) == (sequence, at, received, schema, kind.encode(), payload, digest)


@pytest.mark.parametrize("at", [0, 1, -1, 2, 127, -129, 2**15, -(2**23), 2**31, 2**47, -(2**63)])
def test_whole_numbers_of_every_width_are_read(tmp_path: Path, at: int) -> None:
    path = tmp_path / "book.journal"
    with Journal.create(path) as journal:
        journal.append([msgspec.structs.replace(filled(0), at=at)], at)
    with path.open("rb") as file:
        ((_, record),) = cells(Image(file, EMPTY), EVENTS)
    row = row_of(record)
    assert row is not None
    assert (row.at, row.received, row.schema) == (at, at, SCHEMA)
    assert verify(path).ok


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\x00", (0, 1)),
        (b"\x7f", (127, 1)),
        (b"\x81\x00", (128, 2)),
        (b"\xff" * 9, (2**64 - 1, 9)),
        (b"\x80" * 8 + b"\x01", (1, 9)),
    ],
)
def test_numbers_of_variable_length(data: bytes, expected: tuple[int, int]) -> None:
    assert varint(data + b"\x00", 0) == expected


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"\x01",
        b"\x02\x00",
        b"\x08\x00\x01\x01\x01\x0d\x0c\x80",
        b"\x09" + bytes(20),
        b"\x08\x00\x0a\x01\x01\x0d\x0c\x4c" + bytes(40),
    ],
)
def test_other_records_are_no_events(record: bytes) -> None:
    assert row_of(record) is None


def test_a_record_that_goes_on_after_its_end_is_found(tmp_path: Path) -> None:
    path = write(tmp_path / "book.journal")
    data = path.read_bytes()
    last = data.rindex(b"# a policy") // PAGE  # the page on which the long record ends
    assert data[last * PAGE : last * PAGE + 4] == bytes(4)
    flip(path, last * PAGE + 3, 0x02)
    report = verify(path)
    assert report.findings[0].code == "changed"
    assert report.findings[0].sequence == 1


def test_a_cell_that_begins_at_the_end_of_its_page_is_found(tmp_path: Path) -> None:
    path = write(tmp_path / "book.journal", [filled(1)])
    with path.open("r+b") as file:
        file.seek(PAGE + 8)
        file.write((PAGE - 1).to_bytes(2))
        file.seek(2 * PAGE - 1)
        file.write(b"\xff")
    report = verify(path)
    assert report.findings[0].code == "changed"
    assert report.findings[0].sequence == 1


HARM = st.lists(
    st.tuples(st.sampled_from(["", "-wal", ".head"]), st.floats(0, 1), st.integers(1, 255)),
    min_size=1,
    max_size=6,
)


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return killed(tmp_path_factory.mktemp("crashed") / "book.journal", "in mid-append")


@given(harm=HARM)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_is_altered_is_reported_or_refused_and_never_trips(
    crashed: Path, tmp_path: Path, harm: list[tuple[str, float, int]]
) -> None:
    path = tmp_path / "book.journal"
    for suffix in ("", "-wal", ".head"):
        beside(path, suffix).write_bytes(beside(crashed, suffix).read_bytes())
    for suffix, share, mask in harm:
        file = beside(path, suffix)
        flip(file, int(share * (file.stat().st_size - 1)), mask)
    try:
        report = verify(path)
    except UnderwriterError as refused:
        assert "\n" not in str(refused)  # noqa: PT017  either may happen
        return
    assert isinstance(report, Report)
    if report.ok:
        assert report.events >= 8
