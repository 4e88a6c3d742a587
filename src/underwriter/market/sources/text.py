"""Files of text as blocks of whole lines: csv, csv.gz and zip, read as a stream.

A block is about sixteen megabytes whatever the file's size, and the next one is unpacked while
the last is being read.  A kind is told by the first bytes of a file, never by its name.
"""

import csv
import struct
import zipfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from underwriter.core.errors import InputError

GZIP = b"\x1f\x8b"
ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_READ = 1 << 20
_BLOCK = 1 << 24
_DELIMITERS = ",;\t|"
_TEXTS = (".csv", ".txt", ".tsv")
_OF_A_MAC = "__MACOSX/"  # where a Mac's zips keep what its own folders knew of a file
_BOM = b"\xef\xbb\xbf"
DAMAGE = (
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
    UnicodeDecodeError,  # a name inside a zip that is no text
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
)


class Member(NamedTuple):
    """One text of a file: the file itself, or an entry of a zip."""

    place: str  # what a refusal calls it
    chunks: Iterator[bytes]


class Header(NamedTuple):
    """The first line of a text, split."""

    place: str
    line: int
    names: tuple[str, ...]
    delimiter: str


class Block(NamedTuple):
    """Some whole lines of a text, below its header."""

    header: Header
    line: int  # of the first row
    body: bytes


def blocks_of(path: Path) -> Iterator[Block]:
    """The rows of a csv, csv.gz or zip in blocks; every text of a zip, one after the other.

    Raises InputError, with the line, where a file is missing, damaged, empty or no text.
    """
    for member in members(path):
        yield from _ahead(_blocks(member))


def members(path: Path) -> Iterator[Member]:
    """The texts of a file."""
    first = first_bytes(path)
    if not first.startswith((ZIP, _EMPTY_ZIP)):
        yield Member(str(path), _unpacked(path, packed=first.startswith(GZIP)))
        return
    for name in entries_of(path):
        yield Member(f"{path}/{name}", _entry(path, name))


def first_bytes(path: Path) -> bytes:
    """The first few bytes of a file; InputError where it is missing, unreadable or empty."""
    try:
        with path.open("rb") as file:
            found = file.read(16)
    except OSError as problem:
        said = (problem.strerror or str(problem)).lower()
        raise InputError(f"{path}: {said}; expected a file of market data") from problem
    if not found:
        raise InputError(f"{path}, line 1: found an empty file; expected a header and rows")
    return found


def entries_of(path: Path) -> tuple[str, ...]:
    """The names of the texts inside a zip, sorted; InputError where it is broken or has none."""
    try:
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
    except DAMAGE as problem:
        said = str(problem).lower()
        raise InputError(f"{path}: found a damaged zip ({said}); expected a whole one") from problem
    texts = tuple(sorted(name for name in names if _is_text(name)))
    if not texts:
        raise InputError(f"{path}: found a zip without a csv or txt in it; expected at least one")
    return texts


def _is_text(name: str) -> bool:
    """Whether an entry of a zip is a text of its owner's."""
    return name.lower().endswith(_TEXTS) and not name.startswith(_OF_A_MAC)


def split_line(line: str) -> tuple[str, ...]:
    """The cells of one line, stripped, by the delimiter that it has most of."""
    row = next(csv.reader([line], delimiter=delimiter_of(line)), [])
    return tuple(cell.strip() for cell in row)


def delimiter_of(line: str) -> str:
    """The delimiter that a line has most of: comma, semicolon, tab or bar."""
    return max(_DELIMITERS, key=line.count)


def decoded(place: str, line: int, body: bytes) -> str:
    """A body of text that starts on `line`; InputError with the line where it is not UTF-8."""
    try:
        text = body.decode()
    except UnicodeDecodeError as problem:
        at = line + body.count(b"\n", 0, problem.start)
        found = f"byte 0x{body[problem.start]:02x}, which is no UTF-8 text"
        raise InputError(f"{place}, line {at}: found {found}; expected csv in UTF-8") from problem
    if "\x00" in text:
        at = line + text.count("\n", 0, text.index("\x00"))
        raise InputError(f"{place}, line {at}: found a zero byte; expected csv, gzip or zip")
    return text


def first_lines(member: Member, count: int) -> list[str]:
    """The first lines of a text, at most `count`; the rest of it is not read."""
    start = b""
    try:
        for chunk in member.chunks:
            start += chunk
            if start.count(b"\n") >= count or len(start) > _BLOCK:
                break
    except DAMAGE as problem:
        raise _damaged(member.place, start.count(b"\n") + 1, problem) from problem
    whole = b"\n".join(start.removeprefix(_BOM).split(b"\n")[:count])
    return decoded(member.place, 1, whole).splitlines()


def _blocks(member: Member) -> Iterator[Block]:
    """The rows of one text in blocks, below its header."""
    header: Header | None = None
    empty = True
    for line, lines in _whole_lines(member):
        start, body = line, lines
        if header is None:
            header, body = _headed(member.place, lines)
            start = header.line + 1
        if body and not body.isspace():
            empty = False
            yield Block(header, start, body)
    if header is None:
        raise InputError(f"{member.place}, line 1: found no text; expected a header and rows")
    if empty:
        found = "found a header and no rows; expected at least one row"
        raise InputError(f"{member.place}, line {header.line}: {found}")


def _headed(place: str, body: bytes) -> tuple[Header, bytes]:
    """The header of a text, on its first line that is not blank, and what follows it."""
    plain = body.removeprefix(_BOM)
    rest = plain.lstrip(b"\r\n")
    line = 1 + plain.count(b"\n") - rest.count(b"\n")
    first, _, rest = rest.partition(b"\n")
    text = decoded(place, line, first).strip()
    if not text:
        raise InputError(f"{place}, line 1: found no header; expected the names of the columns")
    try:
        return Header(place, line, split_line(text), delimiter_of(text)), rest
    except csv.Error as problem:
        raise InputError(f"{place}, line {line}: found {problem}; expected csv") from problem


def _whole_lines(member: Member) -> Iterator[tuple[int, bytes]]:
    """A text in pieces of whole lines, each with its first line; the last may lack its end."""
    held = bytearray()
    line = 1
    try:
        for chunk in member.chunks:
            held += chunk
            if len(held) < _BLOCK:
                continue
            cut = held.rfind(b"\n") + 1
            if not cut:
                found = f"a line of more than {_BLOCK:,} characters"
                raise InputError(f"{member.place}, line {line}: found {found}; expected csv")
            with memoryview(held) as view:
                piece = bytes(view[:cut])
            del held[:cut]
            yield line, piece
            line += piece.count(b"\n")
    except DAMAGE as problem:
        raise _damaged(member.place, line + held.count(b"\n"), problem) from problem
    if held:
        yield line, bytes(held)


def _damaged(place: str, line: int, problem: BaseException) -> InputError:
    """The refusal of a packed text that breaks off or does not unpack."""
    said = str(problem).lower()
    return InputError(f"{place}, line {line}: found damage ({said}); expected a whole file")


def _unpacked(path: Path, *, packed: bool) -> Iterator[bytes]:
    """The bytes of a file, out of their gzip members where it is packed."""
    with path.open("rb") as file:
        if not packed:
            while raw := file.read(_READ):
                yield raw
            return
        decoder = zlib.decompressobj(31)
        while raw := file.read(_READ):
            while raw:
                if decoder.eof:
                    decoder = zlib.decompressobj(31)
                yield decoder.decompress(raw, _BLOCK)
                raw = decoder.unconsumed_tail or decoder.unused_data.lstrip(b"\0")
        if not decoder.eof:
            raise EOFError("the gzip breaks off")


def _entry(path: Path, name: str) -> Iterator[bytes]:
    """The bytes of an entry of a zip."""
    with zipfile.ZipFile(path) as packed, packed.open(name) as file:
        while raw := file.read(_READ):
            yield raw


def _ahead(source: Iterator[Block]) -> Iterator[Block]:
    """The same blocks, each made while the one before it is in use."""
    with ThreadPoolExecutor(1) as worker:
        waiting = worker.submit(next, source, None)
        while (block := waiting.result()) is not None:
            waiting = worker.submit(next, source, None)
            yield block
