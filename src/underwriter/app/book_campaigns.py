"""`underwriter book campaigns`: what every sleeve did from flat to flat."""

from collections.abc import Sequence
from datetime import date

import msgspec

from underwriter.app.book_tables import cents, fitted, flow, joined
from underwriter.app.evening import book_of
from underwriter.book.campaign import Campaign
from underwriter.book.event import SleeveOpened
from underwriter.book.fold import Book
from underwriter.book.naming import sleeve_names
from underwriter.book.place import Place
from underwriter.book.positions import holdings
from underwriter.core.errors import InputError
from underwriter.core.units import MICRO
from underwriter.report import say

_HEAD = (
    "sleeve", "no.", "opened", "closed", "credits", "debits", "shares", "dividends", "fees",
    "rolls", "assigned", "result", "breakeven",
)  # fmt: skip
_RIGHT = {1, 4, 5, 6, 7, 8, 9, 10, 11, 12}


class CampaignSaid(msgspec.Struct, frozen=True):
    """One campaign, in dollars: credits - debits + settled + shares + dividends - fees = money."""

    sleeve: str
    number: int
    account: str
    policy: str
    underlying: str
    opened: str
    closed: str | None  # null: it runs
    credits: float  # premiums received
    debits: float  # premiums paid
    settled: float  # cash received, less paid, at cash settlement
    shares: float  # cash for shares sold and called away, less that of those bought and assigned
    dividends: float
    fees: float
    sold: int  # contracts sold to open
    rolls: int
    assigned: int  # contracts
    called_away: int
    money: float
    result: float | None  # null: it runs
    breakeven: float | None  # of what runs, as in positions


class Campaigns(msgspec.Struct, frozen=True):
    """What `book campaigns --json` prints."""

    journal: str
    campaigns: list[CampaignSaid]
    closed: int
    open: int
    result: float  # of the closed ones together


def campaigns(
    journal: Place, as_of: date | None, underlying: str | None, *, running: bool
) -> Campaigns:
    """The campaigns of a journal, of one underlying or all; `running`: those alone that run.

    InputError for an underlying that no sleeve of the book trades.
    """
    book, _last = book_of(journal, as_of)
    traded = sorted({each.underlying for each in book.sleeves})
    if underlying is not None and underlying not in traded:
        raise InputError(
            f"--underlying: found {underlying!r}; expected one of: {', '.join(traded) or 'none'}"
        )
    found = [
        each
        for each in said(book)
        if underlying in {None, each.underlying} and not (running and each.closed)
    ]
    over = [each.result for each in found if each.result is not None]
    return Campaigns(str(journal), found, len(over), len(found) - len(over), round(sum(over), 6))


def said(book: Book) -> list[CampaignSaid]:
    """Every campaign of a book, in the order in which they began."""
    names = sleeve_names(book.sleeves)
    sleeves = {each.sleeve: (name, each) for name, each in zip(names, book.sleeves, strict=True)}
    edges = {each.opened.sleeve: each.breakeven_u for each in holdings(book)}
    return [
        _campaign(each, *sleeves[each.sleeve], None if each.closed else edges[each.sleeve])
        for each in book.campaigns
    ]


def _campaign(
    one: Campaign, name: str, opened: SleeveOpened, breakeven_u: int | None
) -> CampaignSaid:
    """One campaign."""
    options_u = one.premium_received_u - one.premium_paid_u + one.settled_u
    shares_u = one.money_u - options_u - one.dividends_u + one.fees_u
    return CampaignSaid(
        sleeve=name,
        number=one.number,
        account=opened.account,
        policy=opened.name,
        underlying=one.underlying,
        opened=one.opened.isoformat(),
        closed=None if one.closed is None else one.closed.isoformat(),
        credits=one.premium_received_u / MICRO,
        debits=one.premium_paid_u / MICRO,
        settled=one.settled_u / MICRO,
        shares=shares_u / MICRO,
        dividends=one.dividends_u / MICRO,
        fees=one.fees_u / MICRO,
        sold=one.sold,
        rolls=one.rolls,
        assigned=one.assigned,
        called_away=one.called_away,
        money=one.money_u / MICRO,
        result=None if one.result_u is None else one.result_u / MICRO,
        breakeven=None if breakeven_u is None else breakeven_u / MICRO,
    )


# --- for people ---


def page(found: Campaigns, columns: int) -> str:
    """The answer, in lines of at most `columns` (60 at least)."""
    head = (
        f"{found.journal}: {found.closed} campaigns closed with {cents(found.result)}, "
        f"{found.open} open"
    )
    table = fitted(_HEAD, _rows(found.campaigns), _RIGHT, columns) if found.campaigns else []
    return joined(part for part in (flow(head, columns), table) if part)


def _rows(found: Sequence[CampaignSaid]) -> list[tuple[str, ...]]:
    """A campaign a row; cash settlement stands with the credits or the debits."""
    return [
        (
            each.sleeve,
            str(each.number),
            each.opened,
            each.closed or "not yet",
            say.number(each.credits + max(each.settled, 0.0)),
            say.number(each.debits + max(-each.settled, 0.0)),
            say.number(each.shares),
            say.number(each.dividends),
            say.number(each.fees),
            str(each.rolls),
            str(each.assigned),
            cents(each.result),
            cents(each.breakeven),
        )
        for each in found
    ]
