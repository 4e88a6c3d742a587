"""`--csv` of the books: positions, campaigns, months and events as rows for a spreadsheet."""

import csv
import io
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import msgspec

from underwriter.app.book_campaigns import Campaigns, CampaignSaid
from underwriter.app.book_income import IncomeSaid, MonthSaid
from underwriter.app.book_journal import chosen_from
from underwriter.app.book_positions import LegPosition, Positions, SleevePosition
from underwriter.book.currency import decimal
from underwriter.book.event import AnyEvent, SleeveEvent
from underwriter.book.place import Place
from underwriter.book.told import moved_u, told


class PositionRow(msgspec.Struct, frozen=True):
    """A leg, or shares, that a sleeve holds; money in dollars."""

    account: str
    sleeve: str
    number: int
    policy: str
    underlying: str
    campaign: int
    opened: str  # the day on which the campaign began
    what: str  # an OSI symbol, or that of the shares
    right: str | None
    strike: float | None
    expiry: str | None
    quantity: int
    opened_at: float | None  # of a leg, at its opening with fees: a credit positive
    breakeven: float | None  # of the sleeve


class EventRow(msgspec.Struct, frozen=True):
    """One event."""

    sequence: int
    at: int  # UTC nanoseconds
    session: str
    kind: str
    account: str
    sleeve: int | None
    currency: str
    cash: str | None  # that moved, exact
    id: str | None
    what: str  # as `book journal` tells it


def positions_csv(found: Positions) -> Iterator[str]:
    """A line a leg and one for shares, under a head."""
    return _lines(PositionRow, _positions(found))


def campaigns_csv(found: Campaigns) -> Iterator[str]:
    """A line a campaign, under a head."""
    return _lines(CampaignSaid, found.campaigns)


def income_csv(found: IncomeSaid) -> Iterator[str]:
    """A line a month, under a head; the total is left to who adds up."""
    return _lines(MonthSaid, found.months)


def journal_csv(
    journal: Place, after: int, limit: int | None, kinds: Collection[str]
) -> Iterator[str]:
    """A line an event, under a head; InputError as of `book_journal.as_text`."""
    roots: dict[int, str] = {}
    found = chosen_from(journal, after, limit, kinds, roots)
    return _lines(EventRow, (_event(sequence, event, roots) for sequence, event in found))


def _positions(found: Positions) -> Iterator[PositionRow]:
    """What is held, sleeve by sleeve."""
    for account in found.accounts:
        for one in account.sleeves:
            if one.shares:
                yield _row(account.account, one, None)
            for leg in one.legs:
                yield _row(account.account, one, leg)


def _row(account: str, one: SleevePosition, leg: LegPosition | None) -> PositionRow:
    """A leg of a sleeve, or its shares."""
    return PositionRow(
        account=account,
        sleeve=one.sleeve,
        number=one.number,
        policy=one.policy,
        underlying=one.underlying,
        campaign=one.campaign,
        opened=one.opened,
        what=leg.option if leg else one.underlying,
        right=leg.right if leg else None,
        strike=leg.strike if leg else None,
        expiry=leg.expiry if leg else None,
        quantity=leg.quantity if leg else one.shares,
        opened_at=leg.opened_at if leg else None,
        breakeven=one.breakeven,
    )


def _event(sequence: int, event: AnyEvent, roots: dict[int, str]) -> EventRow:
    """One event as a row."""
    cash_u = moved_u(event)
    return EventRow(
        sequence=sequence,
        at=event.at,
        session=event.session.isoformat(),
        kind=str(event.__struct_config__.tag),
        account=event.account,
        sleeve=event.sleeve if isinstance(event, SleeveEvent) else None,
        currency=event.currency,
        cash=None if cash_u is None else decimal(cash_u),
        id=event.id or None,
        what=told(event, roots),
    )


def _lines(kind: type[msgspec.Struct], rows: Iterable[msgspec.Struct]) -> Iterator[str]:
    """The head, then a line a row; what is not known is empty."""
    yield _line(kind.__struct_fields__)
    for row in rows:
        yield _line(msgspec.structs.astuple(row))


def _line(cells: Iterable[Any]) -> str:
    """One line of csv."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()
