"""Every byte of a stored event counts, in the file, its head and its write-ahead log."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from book.findings import codes, sequences
from book.journals import filled, flip, killed, opening, write
from underwriter.book import sqlite_verify as module
from underwriter.book.head import head_path, write_head
from underwriter.book.journal import Journal
from underwriter.book.layout import GENESIS, HEADER, PAGE, beside
from underwriter.book.stored import encode
from underwriter.book.trail import Report
from underwriter.book.verify import verify
from underwriter.book.wal import read_log

MASKS = (0x01, 0x08, 0x80, 0xFF)
STRIDE = 61  # `make test` alters every 61st byte, `make proof` each of them with every mask


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "book.journal")


@pytest.fixture
def crashed(tmp_path: Path) -> Path:
    return killed(tmp_path / "book.journal")


# what a page holds


def used(page: bytes, base: int) -> Iterator[int]:
    """The bytes of a page that hold something: its header, its pointers, its cells."""
    interior = page[base] == 5
    begin = base + (12 if interior else 8)
    count = int.from_bytes(page[base + 3 : base + 5])
    content = int.from_bytes(page[base + 5 : base + 7]) or PAGE
    yield from range(base, begin + 2 * count)
    yield from range(content, PAGE)


def stored_bytes(path: Path) -> list[int]:
    """Every byte of a journal's file that holds something, its own header apart."""
    data = path.read_bytes()
    long = len(encode(opening()[0])) - 4_000  # a little less than what goes on over the page
    places: list[int] = []
    for number in range(len(data) // PAGE):
        page = data[number * PAGE : (number + 1) * PAGE]
        base = HEADER if number == 0 else 0
        table = page[base] in {5, 13}
        inside = used(page, base) if table else range(long)
        places += [number * PAGE + at for at in inside]
    return places


def cell_of(path: Path, payload: bytes) -> tuple[int, int]:
    """Where an event's record begins and ends in the file (records that stay on one page)."""
    at = path.read_bytes().index(payload)
    return at - 20, at + len(payload) + 32


# altered bytes


def assert_found(path: Path, at: int, mask: int) -> Report:
    flip(path, at, mask)
    try:
        report = verify(path)
        assert not report.ok, f"byte {at} ^ {mask:#x}"
        return report
    finally:
        flip(path, at, mask)


def test_any_altered_byte_that_holds_something_is_found(path: Path) -> None:
    for i, at in enumerate(stored_bytes(path)[::STRIDE]):
        assert_found(path, at, MASKS[i % len(MASKS)])
    assert verify(path).ok


@pytest.mark.proof
def test_every_altered_byte_that_holds_something_is_found(path: Path) -> None:
    for at in stored_bytes(path):
        for mask in MASKS:
            assert_found(path, at, mask)


def test_an_altered_byte_of_a_record_names_its_event(path: Path) -> None:
    for sequence in (4, 6):
        event = opening()[sequence - 1]
        for i, at in enumerate(range(*cell_of(path, encode(event)))):
            report = assert_found(path, at, MASKS[i % len(MASKS)])
            assert sequence in sequences(report), f"byte {at}: {report.findings}"


def test_an_altered_byte_of_the_overflow_names_its_event(path: Path) -> None:
    at = path.read_bytes().rindex(b"# a policy")
    report = assert_found(path, at, 0xFF)
    assert sequences(report) == {1}


def test_any_altered_byte_of_the_header_is_found_but_for_versions_and_counters(
    path: Path,
) -> None:
    free = {*range(40, 44), *range(96, 100)}  # the schema's cookie, SQLite's version
    for at in sorted(set(range(HEADER)) - free):
        for mask in (0x01, 0x80):
            assert_found(path, at, mask)


def test_any_altered_byte_of_an_interior_page_is_found(tmp_path: Path) -> None:
    path = write(tmp_path / "book.journal", [filled(i) for i in range(200)])
    page = path.read_bytes()[PAGE : 2 * PAGE]
    assert page[0] == 5
    for i, at in enumerate(used(page, 0)):
        assert_found(path, PAGE + at, MASKS[i % len(MASKS)])


def test_any_altered_byte_of_the_head_is_found(path: Path) -> None:
    head = head_path(path)
    for at in range(head.stat().st_size):
        report = assert_found_in(path, head, at)
        assert "head" in codes(report)


def assert_found_in(path: Path, file: Path, at: int, mask: int = 0x01) -> Report:
    flip(file, at, mask)
    try:
        report = verify(path)
        assert not report.ok, f"{file.name} byte {at}"
        return report
    finally:
        flip(file, at, mask)


# damaged files


@pytest.mark.parametrize("size", [100, PAGE, PAGE + 1, 2 * PAGE, 3 * PAGE - 1])
def test_a_file_cut_short_is_found(path: Path, size: int) -> None:
    assert path.stat().st_size == 3 * PAGE
    with path.open("r+b") as file:
        file.truncate(size)
    assert "page" in codes(verify(path))


def test_a_page_of_zeros_is_found(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(PAGE)
        file.write(bytes(PAGE))
    assert "page" in codes(verify(path))


def test_a_page_that_stands_twice_in_the_table_is_found(tmp_path: Path) -> None:
    path = write(tmp_path / "book.journal", [filled(i) for i in range(200)])
    with path.open("r+b") as file:
        file.seek(PAGE + 8)
        file.write((2).to_bytes(4))  # the last child of the root is the root
    report = verify(path)
    assert any("found twice" in finding.text for finding in report.findings)


def test_more_cells_than_a_page_has_room_for_are_found(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(PAGE + 3)
        file.write(b"\xff\xff")
    report = verify(path)
    assert any("expected room for 65535 cells" in finding.text for finding in report.findings)


def test_a_damaged_header_beside_a_head_is_damage_not_another_kind_of_file(path: Path) -> None:
    flip(path, 0)
    assert "page" in codes(verify(path))


# the write-ahead log


def test_the_log_cut_anywhere_is_found(crashed: Path) -> None:
    log = beside(crashed, "-wal")
    whole, end = log.read_bytes(), read_log(log).length
    assert verify(crashed).ok
    for size in [0, 1, 31, 32, 33, *range(56, end, 1_009), end - 1]:
        log.write_bytes(whole[:size])
        report = verify(crashed)
        assert not report.ok, f"cut at {size}"
        assert {"tail", "log"} & set(codes(report))
    log.unlink()
    assert codes(verify(crashed)) == ["tail"]


def test_any_altered_byte_of_the_log_is_found(crashed: Path) -> None:
    log = beside(crashed, "-wal")
    size = read_log(log).length
    frames = [at for start in range(32, size, 24 + PAGE) for at in range(start, start + 24)]
    for at in [*range(32), *frames, *range(32, size, 997)]:
        report = assert_found_in(crashed, log, at, 0x10)
        assert "log" in codes(report), f"byte {at}"


@pytest.mark.proof
def test_every_altered_byte_of_the_log_is_found(crashed: Path) -> None:
    log = beside(crashed, "-wal")
    for at in range(read_log(log).length):
        assert "log" in codes(assert_found_in(crashed, log, at, 0xFF))


def test_room_behind_the_commits_of_a_log_holds_nothing(crashed: Path) -> None:
    log = beside(crashed, "-wal")
    whole, end = log.read_bytes(), read_log(log).length
    assert whole[end:] == bytes(len(whole) - end) != b""
    log.write_bytes(whole[:end])
    assert (verify(crashed).ok, verify(crashed).note) == (True, "")


def test_a_frame_that_does_not_fit_is_damage_where_a_commit_follows_it(crashed: Path) -> None:
    """As after a power cut, whose head is older than its log: nothing says how much is needed."""
    log = beside(crashed, "-wal")
    data, end = log.read_bytes(), read_log(log).length
    ends = [at for at in range(32, end, 24 + PAGE) if data[at + 4 : at + 8] != bytes(4)]
    assert len(ends) == 2
    write_head(crashed, GENESIS, 0)
    for at in range(32, ends[0] + 24 + PAGE, 397):
        report = assert_found_in(crashed, log, at)
        assert "does not fit its checksum" in report.findings[0].text
    flip(log, end - 1)  # the last commit: whether it was acknowledged, nobody can tell
    report = verify(crashed)
    assert (report.ok, report.events) == (True, 6)
    assert "unfinished commit" in report.note


def test_a_log_in_the_other_byte_order_is_read_too(crashed: Path) -> None:
    log = beside(crashed, "-wal")
    log.write_bytes(big_endian(log.read_bytes()))
    assert verify(crashed).ok


def big_endian(data: bytes) -> bytes:
    """A log as a machine of the other byte order writes it."""
    header = (0x377F0683).to_bytes(4) + data[4:24]
    sums = module.read_log.__globals__["sums_of"]((header), (0, 0), ">")
    out = header + b"".join(s.to_bytes(4) for s in sums)
    for at in range(32, len(data), 24 + PAGE):
        page = data[at + 24 : at + 24 + PAGE]
        sums = module.read_log.__globals__["sums_of"](data[at : at + 8] + page, sums, ">")
        out += data[at : at + 16] + b"".join(s.to_bytes(4) for s in sums) + page
    return out


def test_a_torn_last_frame_is_what_a_crash_leaves(crashed: Path) -> None:
    with beside(crashed, "-wal").open("ab") as file:
        file.write(b"torn")
    report = verify(crashed)
    assert report.ok
    assert "unfinished commit" in report.note


def test_a_log_of_a_header_alone_is_what_a_crash_leaves(path: Path) -> None:
    beside(path, "-wal").write_bytes(b"\x37\x7f\x06\x82")
    report = verify(path)
    assert report.ok
    assert "unfinished commit" in report.note


def test_a_log_that_another_program_folded_is_said_so(crashed: Path) -> None:
    with closing(sqlite3.connect(crashed)) as connection:
        connection.execute("SELECT count(*) FROM event").fetchone()
    report = verify(crashed)
    assert report.ok, report.findings
    assert report.note == "the write-ahead log was folded into the file by another program"
    with Journal.open(crashed) as journal:
        assert journal.head.sequence == 8


def test_a_log_shorter_than_its_head_says_is_found(crashed: Path) -> None:
    with closing(sqlite3.connect(crashed)) as connection:
        head = connection.execute("SELECT max(sequence), hash FROM event").fetchone()
    log = beside(crashed, "-wal")
    assert not log.exists()
    log.write_bytes(b"short")
    write_head(crashed, module.Head(*head), 100_000)
    assert codes(verify(crashed)) == ["log"]
