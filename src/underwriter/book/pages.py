"""The pages of a journal's file, read without SQLite: every byte of a stored event counts.

SQLite passes over bytes that do not matter to it; here a page, a cell and a record are read by
the letter of SQLite's "Database File Format", sections 1 and 2, and what departs from it is
damage.  Only what a journal contains is known: tables keyed by row number.
"""

import struct
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import BinaryIO

from underwriter.book.layout import APPLICATION_ID, FORMAT, HEADER, MAGIC, PAGE, TABLE, Row
from underwriter.book.wal import Log

EVENTS = 2  # the page at which the table of events begins
_LEAF, _INTERIOR = 13, 5
_LOCAL = PAGE - 35  # a longer record continues on pages of its own
_LEAST = (PAGE - 12) * 32 // 255 - 23
_WIDTHS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 8: 0, 9: 0}  # bytes of whole numbers
_WHOLE = {1: "b", 2: "h", 4: "i", 6: "q"}  # those of them that a machine has too
_ONE = 9  # the type that is the number one without a byte
_COLUMNS = 7
_HASH = 12 + 2 * 32


class DamageError(Exception):
    """A page that is not what it must be."""


class Image:
    """The database as its next reader would see it: the file under what the log committed."""

    def __init__(self, file: BinaryIO, log: Log) -> None:
        self._file, self._log = file, log
        size = file.seek(0, 2)
        self.count = log.total or -(-size // PAGE)
        self.torn = 0 if log.total else size % PAGE  # bytes of a last page that is not whole

    def page(self, number: int) -> bytes:
        """One page, counted from 1."""
        logged = self._log.pages.get(number)
        if logged is not None:
            return logged
        page = b""
        if 0 < number <= self.count:
            self._file.seek((number - 1) * PAGE)
            page = self._file.read(PAGE)
        if len(page) != PAGE:
            raise DamageError(f"page {number}: expected {PAGE} bytes, found {len(page)}")
        return page


def check_header(image: Image) -> None:
    """The fields of the file's header that a journal determines, and whole pages after it."""
    if image.torn:
        raise DamageError(f"page {image.count}: expected {PAGE} bytes, found {image.torn}")
    header = image.page(1)[:HEADER]
    ours = [
        (0, MAGIC + PAGE.to_bytes(2) + bytes([2, 2, 0, 64, 32, 32])),
        (28, image.count.to_bytes(4) + bytes(8)),
        (44, bytes([0, 0, 0, 4]) + bytes(8) + bytes([0, 0, 0, 1]) + FORMAT.to_bytes(4) + bytes(4)),
        (68, APPLICATION_ID.to_bytes(4) + bytes(20) + header[24:28]),
    ]
    for at, expected in ours:
        found = header[at : at + len(expected)]
        if found != expected:
            raise DamageError(
                f"header at byte {at}: expected {expected.hex()}, found {found.hex()}"
            )


def check_schema(image: Image) -> None:
    """The file holds the one table of events, as it was declared."""
    names = b"tableeventevent" + bytes([EVENTS]) + TABLE.encode()
    long = 13 + 2 * len(TABLE)
    head = bytes([7, 23, 23, 23, 1, 0x80 | long >> 7, long & 0x7F])
    if list(cells(image, 1)) != [(1, head + names)]:
        raise DamageError("page 1: expected the table of events alone, found another schema")


def varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of SQLite's variable length, and where the next byte stands."""
    value = 0
    for _ in range(8):
        byte = data[at]
        at += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:  # noqa: PLR2004  the top bit says that more follows
            return value, at
    return value << 8 | data[at], at + 1


def _starts(number: int, page: bytes, base: int, head: int) -> tuple[int, ...]:
    """Where the cells of a page stand; its own header is `head` bytes long."""
    count = int.from_bytes(page[base + 3 : base + 5])
    try:
        return struct.unpack_from(f">{count}H", page, base + head)
    except struct.error as error:
        raise DamageError(f"page {number}: expected room for {count} cells, found none") from error


def _children(number: int, page: bytes, base: int) -> Iterator[int]:
    for at in _starts(number, page, base, 12):
        yield int.from_bytes(page[at : at + 4])
    yield int.from_bytes(page[base + 8 : base + 12])


def leaves(image: Image, number: int, seen: set[int]) -> Iterator[tuple[int, bytes]]:
    """The leaf pages of a table from left to right; no page stands in it twice."""
    if number in seen:
        raise DamageError(f"page {number}: expected once in the table, found twice")
    seen.add(number)
    page = image.page(number)
    base = HEADER if number == 1 else 0
    if page[base] == _LEAF:
        yield number, page
    elif page[base] == _INTERIOR:
        for child in _children(number, page, base):
            yield from leaves(image, child, seen)
    else:
        raise DamageError(f"page {number}: expected a page of a table, found type {page[base]}")


def cells(image: Image, root: int) -> Iterator[tuple[int, bytes]]:
    """Row numbers and records of a table in its order; an unreadable record is empty."""
    for number, page in leaves(image, root, set()):
        base = HEADER if number == 1 else 0
        for start in _starts(number, page, base, 8):
            yield _cell(image, page, start)


def _cell(image: Image, page: bytes, at: int) -> tuple[int, bytes]:
    """One row number and its record, empty where it runs off its page."""
    try:
        size, at = varint(page, at)
        number, at = varint(page, at)
        long = size > _LOCAL
        record = _long_record(image, page, at, size) if long else page[at : at + size]
    except (IndexError, DamageError):
        return 0, b""
    return number, record if len(record) == size else b""


def _long_record(image: Image, page: bytes, at: int, size: int) -> bytes:
    """A record that continues on pages chained to one another."""
    local = _LEAST + (size - _LEAST) % (PAGE - 4)
    if local > _LOCAL:
        local = _LEAST
    parts, left = [page[at : at + local]], size - local
    following = int.from_bytes(page[at + local : at + local + 4])
    while left > 0:
        more = image.page(following)
        following = int.from_bytes(more[:4])
        parts.append(more[4 : 4 + left])
        left -= PAGE - 4
    if following:
        raise DamageError(f"page {following}: expected the end of a record")
    return b"".join(parts)


_Read = Callable[[bytes], Row]


@lru_cache(maxsize=65536)
def _shape(head: bytes) -> tuple[int, _Read] | None:
    """How long a record with this head is, and what reads it.

    None for a head of any other row than an event's: the row number's own column is empty, then
    three whole numbers, a text, two blobs, the last of 32 bytes.
    """
    kinds, at = [], 1
    while at < len(head):
        kind, at = varint(head + bytes(9), at)
        kinds.append(kind)
    if at != len(head) or len(kinds) != _COLUMNS:
        return None
    own, *numbers, text, blob, digest = kinds
    if own or digest != _HASH or text < 13 or text % 2 == 0 or blob < 12 or blob % 2:  # noqa: PLR2004
        return None
    if not all(kind in _WIDTHS for kind in numbers):
        return None
    ends, end = [], len(head)
    for width in (*(_WIDTHS[k] for k in numbers), (text - 13) // 2, (blob - 12) // 2, 32):
        end += width
        ends.append(end)
    if all(kind in _WHOLE for kind in numbers):
        form = "".join(_WHOLE[kind] for kind in numbers)
        return end, _at_once(f">{len(head)}x{form}{(text - 13) // 2}s{(blob - 12) // 2}s32s")
    return end, _in_parts((len(head), *ends), [int(kind == _ONE) for kind in numbers])


def _at_once(form: str) -> _Read:
    """Reads records whose numbers are as wide as a machine's."""
    unpack = struct.Struct(form).unpack
    return lambda record: Row(*unpack(record))


def _in_parts(ends: tuple[int, ...], ones: list[int]) -> _Read:
    """Reads records with numbers of other widths; some are a one, or a zero, without a byte."""

    def read(record: bytes) -> Row:
        parts = [record[start:end] for start, end in pairwise(ends)]
        whole = [int.from_bytes(part, signed=True) for part in parts[:3]]
        at, received, schema = (number + one for number, one in zip(whole, ones, strict=True))
        return Row(at, received, schema, *parts[3:])

    return read


def row_of(record: bytes) -> Row | None:
    """The stored event in a record; None where the record is not one."""
    shape = _shape(record[: record[0]]) if record else None
    if shape is None or shape[0] != len(record):
        return None
    return shape[1](record)
