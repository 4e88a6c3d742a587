"""A journal as the first release of Underwriter wrote it, byte by byte of its own layout.

Nothing here asks the code under test: table, frame, chain, head and payloads stand as they were,
format 1 and schema 1.  Its head is one line of JSON without a blank at its end.
"""

import json
import sqlite3
import struct
from contextlib import closing
from hashlib import sha256
from pathlib import Path

APPLICATION_ID = 0x556E6477
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
NOON = 1_767_614_400_000_000_000  # 2026-01-05 12:00 UTC

_ALL = '"at":1767614400000000000,"session":"2026-01-05","account":"main","currency":"USD"'
_SEAT = f'{_ALL},"sleeve":0,"campaign":1,"policy":"0123abcd"'
_PUT = '"option":"KO    260220P00060000"'
PAYLOADS = (
    (
        f'{{"type":"book_opened",{_ALL},"version":"0.1.0","quotes":"modelled","source":"test",'
        '"policies":{"0123abcd":"name = 1"},"settings":{"delay":0}}'
    ),
    f'{{"type":"deposited",{_ALL},"amount_u":20000000000}}',
    (
        f'{{"type":"sleeve_opened",{_ALL},"sleeve":0,"campaign":0,"policy":"0123abcd",'
        '"name":"wheel","underlying":"KO","root":"KO","multiplier":100}'
    ),
    f'{{"type":"approved",{_SEAT},"action":"sell_to_open",{_PUT},"quantity":1,"why":"entry_put"}}',
    (
        f'{{"type":"filled",{_SEAT},"slot":0,{_PUT},"quantity":-1,"shares":0,"price_u":850000,'
        '"amount_u":85000000,"fee_u":660000}'
    ),
    f'{{"type":"approved",{_SEAT},"action":"buy_to_close",{_PUT},"quantity":1,"why":"profit"}}',
    f'{{"type":"refused",{_SEAT},"action":"sell_to_open",{_PUT},"why":"cash","needs_u":1}}',
    f'{{"type":"refused",{_SEAT},"action":"hold","option":null,"why":"no_candidate","needs_u":0}}',
    f'{{"type":"approved",{_SEAT},"action":"sell_shares","option":null,"quantity":100,"why":"x"}}',
    (
        f'{{"type":"marked",{_ALL},"equity_u":20084340000,"cash_u":20084340000,"shares_u":0,'
        '"rate":0.02,"measure":null,"underlyings":{"KO":{"close_u":61000000,"dividend_u":0}},'
        '"regimes":{"0123abcd":[0,0,0]}}'
    ),
)


def chained() -> list[tuple[int, int, int, int, str, bytes, bytes]]:
    """The rows: sequence, at, received, schema, kind, payload and hash."""
    digest, rows = bytes(32), []
    for sequence, text in enumerate(PAYLOADS, 1):
        kind, payload = json.loads(text)["type"], text.encode()
        frame = struct.pack(">qqqIII", sequence, NOON, NOON + 1, 1, len(kind), len(payload))
        digest = sha256(digest + frame + kind.encode() + payload).digest()
        rows.append((sequence, NOON, NOON + 1, 1, kind, payload, digest))
    return rows


def write_first_release(path: Path) -> Path:
    """The journal and its head, closed in good order."""
    rows = chained()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for setting in (
            "page_size = 4096",
            f"application_id = {APPLICATION_ID}",
            "user_version = 1",
            "journal_mode = WAL",
        ):
            connection.execute(f"PRAGMA {setting}")
        connection.execute(TABLE)
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        connection.execute("COMMIT")
    last, digest = rows[-1][0], rows[-1][-1].hex()
    check = sha256(f"{last} {digest} 0".encode()).hexdigest()[:16]
    head = f'{{"sequence":{last},"hash":"{digest}","log":0,"check":"{check}"}}\n'
    path.with_name(path.name + ".head").write_text(head)
    return path


_EVENT = """\
CREATE TABLE {name}.event (sequence bigint PRIMARY KEY, at bigint NOT NULL,
  received bigint NOT NULL, schema bigint NOT NULL, kind text NOT NULL, payload bytea NOT NULL,
  hash bytea NOT NULL)"""
_HEAD = """\
CREATE TABLE {name}.head (one boolean PRIMARY KEY CHECK (one), sequence bigint NOT NULL,
  hash bytea NOT NULL)"""
_REFUSE = """\
CREATE FUNCTION {name}.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a journal is only appended to'; END $$"""
_FORWARDS = """\
CREATE FUNCTION {name}.only_forwards() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF NEW.sequence <= OLD.sequence THEN RAISE EXCEPTION 'the head moves forwards'; END IF;
RETURN NEW; END $$"""
_GUARDS = (
    ("event", "no_row_changes", "UPDATE OR DELETE", "FOR EACH ROW", "refuse_change"),
    ("event", "not_emptied", "TRUNCATE", "", "refuse_change"),
    ("head", "only_forwards", "UPDATE", "FOR EACH ROW", "only_forwards"),
    ("head", "not_removed", "DELETE OR TRUNCATE", "", "refuse_change"),
)


def first_release_statements(name: str) -> list[str]:
    """SQL that makes the same journal as a schema of a PostgreSQL database, format 1."""
    rows = [
        f"({sequence}, {at}, {received}, {schema}, '{kind}', '\\x{payload.hex()}', "
        f"'\\x{digest.hex()}')"
        for sequence, at, received, schema, kind, payload, digest in chained()
    ]
    last, digest = chained()[-1][0], chained()[-1][-1].hex()
    made = [f"CREATE SCHEMA {name}"]
    made += [part.format(name=name) for part in (_EVENT, _HEAD, _REFUSE, _FORWARDS)]
    made += [
        f"INSERT INTO {name}.event VALUES {', '.join(rows)}",  # noqa: S608  our own rows
        f"INSERT INTO {name}.head VALUES (true, {last}, '\\x{digest}')",  # noqa: S608  likewise
        f"CREATE TABLE {name}.alembic_version (version_num varchar(32) NOT NULL)",
        f"INSERT INTO {name}.alembic_version VALUES ('1')",  # noqa: S608  likewise
    ]
    for table, guard, what, each, function in _GUARDS:
        made.append(
            f"CREATE TRIGGER {guard} BEFORE {what} ON {name}.{table} {each} "
            f"EXECUTE FUNCTION {name}.{function}()"
        )
        made.append(f"ALTER TABLE {name}.{table} ENABLE ALWAYS TRIGGER {guard}")
    return made
