"""Read a broker's statement: whose it is, by its first characters and its header, by its reader."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from underwriter.book.imports import (
    alpaca,
    ibkr,
    ibkr_csv,
    ibkr_flex,
    robinhood,
    schwab,
    tastytrade,
)
from underwriter.book.imports.place import quoted
from underwriter.book.imports.statement import Statement
from underwriter.book.imports.text import Line, bytes_of, lines_of, text_of
from underwriter.core.errors import InputError

BROKERS = (alpaca.BROKER, ibkr.BROKER, robinhood.BROKER, schwab.BROKER, tastytrade.BROKER)


class _Table(NamedTuple):
    """A broker whose export is one table, by the columns that no other broker's has."""

    broker: str
    marks: frozenset[str]
    read: Callable[[Path, Line, list[Line]], Statement]


_TABLES = (
    _Table(tastytrade.BROKER, tastytrade.MARKS, tastytrade.read),
    _Table(robinhood.BROKER, robinhood.MARKS, robinhood.read),
    _Table(schwab.BROKER, schwab.MARKS, schwab.read),
)


def read_statement(
    path: Path, broker: str | None = None, *, account: str = "", currency: str = ""
) -> Statement:
    """A statement, whole; nothing but the file is read.

    Args:
        path: the export, as the broker gave it out.
        broker: one of BROKERS, whose statement it then has to be; None: whoever's it is.
        account: as the broker names it, whose statement it has to be where it says whose it is.
        currency: base currency that it has to be in.

    Raises:
        InputError: one line, with file and row, what was expected and what was found.
    """
    if broker is not None and broker not in BROKERS:
        raise InputError(f"broker {broker!r}: expected one of {', '.join(BROKERS)}")
    found, read = _recognised(path, bytes_of(path), account)
    if broker not in {None, found}:
        raise InputError(f"{path}: expected a statement of {broker}, found one of {found}")
    statement = read()
    if account and statement.account and not _same(account, statement.account):
        raise InputError(
            f"{path}: expected account {account!r}, found a statement of {statement.account!r}"
        )
    if currency and statement.currency != currency:
        raise InputError(
            f"{path}: expected a statement in {currency}, found one in {statement.currency}"
        )
    return statement


def _same(asked: str, found: str) -> bool:
    """Whether an account is the one asked for; brokers hide all but the last characters."""
    return asked.upper().endswith(found.upper().lstrip("X.*- ")) or asked == found


def _recognised(path: Path, body: bytes, account: str) -> tuple[str, Callable[[], Statement]]:
    """Whose statement a body is, and what reads it; InputError where it is nobody's."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"<":
        return ibkr.BROKER, partial(ibkr_flex.read, path, body, account)
    text = text_of(path, body)
    if start in {b"[", b"{"}:
        return alpaca.BROKER, partial(alpaca.read, path, text)
    rows = lines_of(path, text)
    if not rows:
        raise InputError(f"{path}: expected a statement of {', '.join(BROKERS)}, found blank rows")
    if rows[0].cells[1:2] == ["Header"] or rows[0].cells[0].strip() == "Statement":
        return ibkr.BROKER, partial(ibkr_csv.read, path, rows)
    return _of_table(path, rows)


def _of_table(path: Path, rows: list[Line]) -> tuple[str, Callable[[], Statement]]:
    """Whose table it is, by its header, which stands first or below a title."""
    titled = len(rows) > 1 and schwab.TITLE.match(rows[0].cells[0]) is not None
    header, *below = rows[titled:]
    names = {cell.strip() for cell in header.cells}
    if titled and names >= schwab.MARKS:
        return schwab.BROKER, partial(schwab.read, path, header, below, rows[0].cells[0])
    for table in _TABLES:
        if names >= table.marks:
            return table.broker, partial(table.read, path, header, below)
    expected = f"a statement of {', '.join(BROKERS)}"
    found = quoted(",".join(header.cells))
    raise InputError(f"{path}, row {header.line}: expected {expected}, found the header {found}")
