"""Rows of a broker's statement in plain text, as any reader gives them.

2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85 fee 0.66   also bought, and 100 KO shares @ 60.00
2026-02-20 assigned 1 KO 2026-02-20 P 60               exercised, called away, expired
2026-02-20 settled 1 SPX 2026-02-20 P 5900 for -5,000.00
2026-02-23 came 100 KO shares @ 60.00                  what an option delivered; went, the other way
2026-02-23 dividend KO 51.00

 #A1      the broker's own id of the row, on any line; else its words are what it is known by
 ~T7      the id of the execution, where a broker's connection tells it, too
"""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from underwriter.book.imports.draft import digest
from underwriter.book.imports.pairs import paired
from underwriter.book.imports.statement import Instrument, Kind, Row, Statement
from underwriter.book.imports.symbols import option_of, stock_of
from underwriter.core.units import MICRO

OPTION = r"(?P<name>[\w./]+) (?P<expiry>[\d-]+) (?P<right>[PC]) (?P<strike>[\d.]+)"
PRICE = r"( @ (?P<price>[\d.]+))?( fee (?P<fee>[\d.]+))?"
LINES = (
    rf"(?P<verb>sold|bought) (?P<n>\d+) {OPTION}{PRICE}",
    rf"(?P<verb>sold|bought|came|went) (?P<n>\d+) (?P<name>[\w./]+) shares{PRICE}",
    rf"(?P<verb>assigned|exercised|called away|expired) (?P<n>\d+) {OPTION}",
    rf"(?P<verb>settled) (?P<n>\d+) {OPTION} for (?P<net>-?[\d.]+)",
    r"(?P<verb>dividend) (?P<name>[\w./]+) (?P<net>[\d.]+)",
)
KINDS = {
    "sold": Kind.TRADE, "bought": Kind.TRADE, "came": Kind.DELIVERY, "went": Kind.DELIVERY,
    "assigned": Kind.ASSIGNMENT, "called away": Kind.ASSIGNMENT, "exercised": Kind.EXERCISE,
    "expired": Kind.EXPIRATION, "settled": Kind.SETTLEMENT, "dividend": Kind.DIVIDEND,
}  # fmt: skip
LESS = {"sold", "went", "exercised"}


def micro(text: str | None) -> int:
    return int(Decimal(text or "0") * MICRO)


def thing(got: dict[str, Any]) -> Instrument:
    """What a row is of, by the names that readers give it."""
    if got.get("expiry") is None:
        return stock_of(got["name"])
    expiry = date.fromisoformat(got["expiry"])
    return option_of(got["name"], expiry, got["right"], Decimal(got["strike"]))


def row_of(line: str, number: int) -> Row:
    """One row."""
    words, _, mark = line.replace(",", "").partition(" #")
    words, _, execution = words.partition(" ~")
    day, _, what = " ".join(words.split()).partition(" ")
    found = [match for match in (re.fullmatch(each, what) for each in LINES) if match]
    assert found, f"rows: cannot read {what!r}"
    got = {"n": "0", "price": None, "fee": None, "net": None} | found[0].groupdict()
    instrument = thing(got)
    quantity = int(got["n"]) * (-1 if got["verb"] in LESS else 1)
    money_u, fee_u = micro(got["net"]), micro(got["fee"])
    if got["price"] is not None:
        money_u = -quantity * instrument.multiplier * micro(got["price"])
    return Row(
        line=number, kind=KINDS[got["verb"]], day=date.fromisoformat(day), what=what,
        instrument=instrument, quantity_u=quantity * MICRO, sided=got["verb"] != "expired",
        price_u=None if got["price"] is None else micro(got["price"]),
        gross_u=money_u, fee_u=fee_u, net_u=money_u - fee_u,
        execution=execution, id=digest(mark or line),
    )  # fmt: skip


def held_of(line: str) -> tuple[date, int, dict[str, int]]:
    """The day, cash and positions of "2026-02-20 holds 14,085.00, 100 KO, -1 KO 2026-03-20 C 62"."""  # noqa: E501
    day, _, what = line.partition(" holds ")
    cash, *things = re.split(r", ", what)
    held = {}
    for each in things:
        count, _, name = each.partition(" ")
        match = re.fullmatch(OPTION, name)
        held[thing(match.groupdict() if match else {"name": name}).key] = int(count) * MICRO
    return date.fromisoformat(day), micro(cash.replace(",", "")), held


def statement_of(lines: list[str]) -> Statement:
    """A statement of lines; the last may say what is held at its end."""
    told: dict[str, Any] = {"cash_u": None, "holdings": None}
    if " holds " in lines[-1]:
        *lines, end = lines
        told["last"], cash_u, told["holdings"] = held_of(end)
        told["cash_u"] = {"USD": cash_u}
    rows = [row_of(line, number) for number, line in enumerate(lines, 1)]
    days = [each.day for each in rows] or [told["last"]]
    told = {"last": max(days)} | told
    return Statement(
        path="statement.csv", broker="tastytrade", layout="history", account="", currency="USD",
        first=min(days), rows=tuple(paired(rows, marked=True)), **told,
    )  # fmt: skip
