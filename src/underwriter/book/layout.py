"""How an event lies in the journal: the table, the framing that is hashed, the chain.

hash(n) = sha256(hash(n - 1) + frame(n)), where the frame holds every other column of the row
with its length, so that no two different rows have the same frame.  hash(0) is 32 zero bytes.
"""

import struct
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from underwriter.core.errors import InputError, JournalError

APPLICATION_ID = 0x556E6477  # "Undw", in the header of the file
FORMAT = 1  # of the table and the frame, in the header of the file
PAGE = 4096
HEADER = 100  # bytes of the file's own header, on its first page
MAGIC = b"SQLite format 3\x00"

TABLE = """\
CREATE TABLE event (
  sequence INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  received INTEGER NOT NULL,
  schema INTEGER NOT NULL,
  kind TEXT NOT NULL,
  payload BLOB NOT NULL,
  hash BLOB NOT NULL
) STRICT"""

_FRAME = struct.Struct(">qqqIII")
_SCHEMAS = 1 << 32
_APPLICATION_AT = 68


class Head(NamedTuple):
    """How far a journal goes: the last sequence and its hash."""

    sequence: int
    hash: bytes


GENESIS = Head(0, bytes(32))


class Row(NamedTuple):
    """A stored event but for its sequence; times in UTC nanoseconds."""

    at: int
    received: int
    schema: int
    kind: bytes
    payload: bytes
    hash: bytes = b""


def link(previous: bytes, sequence: int, row: Row) -> bytes:
    """The hash of a row that follows `previous`; none for a schema that no frame has room for."""
    if not 0 <= row.schema < _SCHEMAS:
        return b""
    kind, payload = row.kind, row.payload
    lengths = len(kind), len(payload)
    frame = _FRAME.pack(sequence, row.at, row.received, row.schema, *lengths)
    return sha256(previous + frame + kind + payload).digest()


def beside(journal: Path, suffix: str) -> Path:
    """The file that stands beside a journal: its name and a suffix such as ".head"."""
    return journal.with_name(journal.name + suffix)


def file_header(journal: Path) -> bytes:
    """The first 100 bytes of a file; InputError where there is no file that can be read."""
    try:
        with journal.open("rb") as file:
            return file.read(HEADER)
    except OSError as error:
        raise InputError(
            f"journal {journal}: expected a journal's file, found none that can be read "
            f"({error.strerror}); give the path of a journal"
        ) from error


def is_journal(header: bytes) -> bool:
    """Whether a file's header is that of a journal."""
    mark = header[_APPLICATION_AT : _APPLICATION_AT + 4]
    return header.startswith(MAGIC) and mark == APPLICATION_ID.to_bytes(4)


def require_journal(journal: Path) -> None:
    """Refuse what is not a journal (InputError), or one of another format (JournalError)."""
    header = file_header(journal)
    if not is_journal(header):
        raise InputError(
            f"journal {journal}: expected a journal of Underwriter, found another kind of file; "
            "give the path of a journal"
        )
    found = int.from_bytes(header[60:64])
    if found != FORMAT:
        raise JournalError(
            f"journal {journal}: expected format {FORMAT}, found {found}; "
            "open it with the version of Underwriter that wrote it"
        )
