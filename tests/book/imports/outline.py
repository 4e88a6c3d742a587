"""A statement as lines that people can check: day, kind, what, how much, price, net, pair."""

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from underwriter.book.imports.read import read_statement
from underwriter.book.imports.statement import Instrument, Row, Statement
from underwriter.core.contract import parse_osi

MICRO = 1_000_000


def plain(amount_u: int) -> str:
    """Millionths as a plain number."""
    return f"{(Decimal(amount_u) / MICRO).normalize():f}"


def named(instrument: Instrument | None) -> str:
    """KO, or KO 2026-02-20 P 60."""
    if instrument is None:
        return "cash"
    if instrument.option is None:
        return instrument.symbol
    return str(parse_osi(instrument.option, (instrument.root,)))


def line(row: Row, pairs: dict[str, int]) -> str:
    """One row; `#n` is the same for rows of one pair."""
    side = "" if row.sided else "?"
    words = [str(row.day), row.kind, row.effect, named(row.instrument)]
    words += [f"{plain(row.quantity_u)}{side}" if row.quantity_u else ""]
    words += [f"@ {plain(row.price_u)}" if row.price_u is not None else ""]
    words += [f"= {plain(row.net_u)}", f"#{pairs[row.pair]}" if row.pair else ""]
    return " ".join(word for word in words if word)


def outline(statement: Statement) -> list[str]:
    """Every row of a statement."""
    names = dict.fromkeys(row.pair for row in statement.rows if row.pair)
    pairs = {name: at for at, name in enumerate(names, 1)}
    return [line(row, pairs) for row in statement.rows]


def lines(text: str) -> list[str]:
    """The lines of an expectation."""
    return [part.strip() for part in text.strip().splitlines()]


def dollars(amounts: Iterable[tuple[str, int]]) -> dict[str, str]:
    """Amounts by key as plain numbers."""
    return {key: plain(amount) for key, amount in amounts}


def read_text(folder: Path, text: str, name: str = "statement.csv", **asked: str) -> Statement:
    """A statement of a text."""
    path = folder / name
    path.write_text(text, "utf-8")
    return read_statement(path, **asked)
