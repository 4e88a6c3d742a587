"""Interactive Brokers Flex queries as XML, whose values the library ibflex converts.

The file is walked here, which gives each row its line; ibflex (extra `ibkr`) turns an element into
typed values.  What it cannot convert, such as a value newer than the library, is a row of kind
UNKNOWN with its words.  An option that ended and its shares stand in Trades and in OptionEAE again:
Trades is read, and of OptionEAE what Trades has not.  Of open positions the sum is read.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from importlib import util
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element
from xml.parsers import expat

from underwriter.book.imports.cells import number_of
from underwriter.book.imports.draft import Draft, time_of
from underwriter.book.imports.finish import Head, finished
from underwriter.book.imports.flex_rows import (
    READ,
    Seen,
    drafts_of,
    figure_u,
    holding_of,
    paid,
    unread,
)
from underwriter.book.imports.ibkr import BROKER
from underwriter.book.imports.place import Place, micro
from underwriter.book.imports.statement import Statement
from underwriter.book.imports.text import text_of
from underwriter.core.errors import InputError

_UNREAD = {"TradeTransfer", "StockGrantActivity", "DebitCardActivity"}  # they move what is held
_SAID = {"OpenPosition", "CashReportCurrency"}
_CASH_OF = ("netCash", "amount", "cashTransfer", "proceeds")
_ENCODED = re.compile(rb"<\?xml[^>]*encoding|<\x00")  # another encoding, which XML may name
_SLACK = 10  # days by which a row may lie outside of the period: a trade date, a correction


class Flex(NamedTuple):
    """One statement of a file: itself, and its elements in order."""

    seen: Seen
    elements: list[Seen]


class Told(NamedTuple):
    """An element as ibflex has it; None where it has no way to, and why."""

    seen: Seen
    element: Any
    why: str = ""


def read(path: Path, body: bytes, account: str = "") -> Statement:
    """The statement of one account; a file of several needs the account to be named."""
    if util.find_spec("ibflex") is None:
        needs = "the library ibflex to be there: pip install 'underwriter[ibkr]'"
        raise InputError(f"{path}: expected, for a Flex query, {needs}; found none")
    flex = _chosen(path, _statements(path, body), account)
    period = _period(flex.seen)
    told = [_told(seen) for seen in flex.elements]
    drafts = [draft for one in _wanted(told) for draft in _drafts(one, period)]
    cash = [one for one in told if one.seen.tag == "CashReportCurrency" and one.element is not None]
    head = Head(
        str(path),
        BROKER,
        "Flex query",
        flex.seen.words["accountId"],
        _base(flex.elements),
        period,
        start_u=_cash(cash, "startingCash"),
        cash_u=_cash(cash, "endingCash"),
        holdings=_holdings(told),
    )
    return finished(head, sorted(drafts, key=time_of))


def _statements(path: Path, body: bytes) -> list[Flex]:
    """The statements of a file; InputError where it is no XML, breaks off, or is another XML."""
    found: list[Flex] = []
    root: list[str] = []
    counted: list[Seen] = []
    parser = expat.ParserCreate()

    def start(tag: str, words: dict[str, str]) -> None:
        seen = Seen(Place(str(path), parser.CurrentLineNumber), tag, words)
        if not root:
            root.append(tag)
        if tag == "FlexStatements":
            counted.append(seen)
        elif tag == "FlexStatement":
            found.append(Flex(seen, []))
        elif words and found:
            found[-1].elements.append(seen)

    def refused(*_: object) -> None:
        raise Place(str(path), parser.CurrentLineNumber).refuse("a Flex query", "a DOCTYPE")

    if not _ENCODED.match(body):
        text_of(path, body)  # no text in UTF-8 is no file that is cut off
    parser.StartElementHandler, parser.StartDoctypeDeclHandler = start, refused
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError) as problem:
        place = Place(str(path), parser.CurrentLineNumber)
        raise place.refuse("whole XML", f"{problem} (is the file cut off?)") from problem
    if root != ["FlexQueryResponse"] or not found:
        tag = root[0] if root and root != ["FlexQueryResponse"] else "no FlexStatement"
        raise InputError(f"{path}: expected a FlexQueryResponse with a FlexStatement, found {tag}")
    for seen in counted:
        if seen.words.get("count", str(len(found))) != str(len(found)):
            expected = f"{seen.words['count']} statements, as FlexStatements counts them"
            raise seen.place.refuse(expected, str(len(found)))
    return found


def _chosen(path: Path, found: Sequence[Flex], account: str) -> Flex:
    """The statement of the account, or the one there is."""
    named = {flex.seen.words.get("accountId", ""): flex for flex in found}
    if "" in named:
        raise named[""].seen.place.refuse("an accountId", "none", "accountId")
    if account in named:
        return named[account]
    if len(found) > 1:
        names = ", ".join(sorted(named))
        raise InputError(
            f"{path}: expected the statement of one account, found {len(found)} of {names}:"
            " name the account, or query one at a time"
        )
    return found[0]


def _period(seen: Seen) -> tuple[date, date]:
    """First and last day of a statement."""
    first, last = _day(seen, "fromDate"), _day(seen, "toDate")
    if last < first:
        raise seen.place.refuse(f"a day from {first} on", str(last), "toDate")
    return first, last


def _day(seen: Seen, name: str) -> date:
    """A date of the statement's own."""
    from ibflex import Types, parser  # noqa: PLC0415  an extra

    text = seen.words.get(name, "")
    try:
        found: date = parser.parse_element_attr(Types.FlexStatement, name, text)[1]  # type: ignore[arg-type]
    except parser.FlexParserError:
        raise seen.place.refuse("a date such as 2026-01-31", repr(text), name) from None
    return found


def _told(seen: Seen) -> Told:
    """An element as ibflex has it, without attributes that are newer than the library."""
    from ibflex import Types, parser  # noqa: PLC0415  an extra

    if seen.tag in _UNREAD:
        return Told(seen, None, f"{seen.tag} is not booked")
    if seen.tag not in READ | _SAID:
        return Told(seen, None)
    known = getattr(Types, seen.tag).__annotations__
    words = {name: value for name, value in seen.words.items() if name in known}
    try:
        return Told(seen, parser.parse_data_element(Element(seen.tag, words)))
    except (parser.FlexParserError, ValueError) as problem:
        return Told(seen, None, " ".join(str(problem).split()))


def _wanted(told: Iterable[Told]) -> Iterator[Told]:
    """Elements that are rows; of OptionEAE those that Trades does not have."""
    traded: set[object] = set()
    for one in told:
        if one.seen.tag == "Trade" and one.element is not None:
            traded |= {one.element.tradeID, (one.element.symbol, one.element.quantity)}
    traded.discard(None)
    for one in told:
        ended = one.element if one.seen.tag == "OptionEAE" else None
        if ended is not None and traded & {ended.tradeID, (ended.symbol, ended.quantity)}:
            continue
        if one.why or (one.element is not None and one.seen.tag in READ):
            yield one


def _drafts(one: Told, period: tuple[date, date]) -> Iterator[Draft]:
    """What an element comes to, on days of the statement's period."""
    first, last = period
    if one.element is None:
        row = paid(unread(one.seen, last, one.why), _said_cash_u(one.seen.words))
        yield Draft(row, (one.seen.tag, *sorted(one.seen.words.values())))
        return
    for draft in drafts_of(one.seen, one.element):
        day = draft.row.day
        if not -_SLACK <= (day - first).days <= (last - first).days + _SLACK:
            expected = f"a day of the period, {first} to {last} (month before day)"
            raise one.seen.place.refuse(expected, str(day), "dateTime")
        yield draft


def _said_cash_u(words: Mapping[str, str]) -> int:
    """What an element that is not understood says that it moved, as far as it says so."""
    text = next((words[name] for name in _CASH_OF if name in words), "")
    try:
        return micro(number_of(text) or Decimal(0))
    except ValueError:
        return 0


def _base(elements: Iterable[Seen]) -> str:
    """The base currency, where AccountInformation is part of the query; else dollars."""
    named = (seen.words.get("currency") for seen in elements if seen.tag == "AccountInformation")
    return next(named, None) or "USD"


def _cash(told: Iterable[Told], name: str) -> Mapping[str, int] | None:
    """The cash by currency that the cash report says."""
    found = {
        one.element.currency: figure_u(one.seen, name, getattr(one.element, name))
        for one in told
        if one.element.currency not in {None, "BASE_SUMMARY"}
    }
    return found or None


def _holdings(told: Sequence[Told]) -> Mapping[str, int] | None:
    """What the statement says is held at its end; None where it was not queried."""
    said = [one for one in told if one.seen.tag == "OpenPosition" and one.element is not None]
    held = [holding_of(one.seen, one.element) for one in said]
    return dict(one for one in held if one is not None) if said else None
