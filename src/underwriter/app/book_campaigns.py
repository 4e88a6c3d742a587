"""`underwriter book campaigns`: what every sleeve did from flat to flat."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import msgspec

from underwriter.app.book_tables import cents, fitted, flow, joined
from underwriter.app.evening import book_of
from underwriter.book.campaign import Campaign
from underwriter.book.event import SleeveOpened
from underwriter.book.fold import Book
from underwriter.book.naming import sleeve_names
from underwriter.book.place import Place
from underwriter.book.positions import Holding, holdings
from underwriter.book.standing import of_sleeve, unrealised
from underwriter.core.errors import InputError
from underwriter.core.units import MICRO
from underwriter.report import say

_HEAD = (
    "sleeve", "no.", "opened", "closed", "credits", "debits", "shares", "dividends", "fees",
    "rolls", "assigned", "realised", "unrealised", "breakeven",
)  # fmt: skip
_RIGHT = {1, *range(4, 14)}


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
    realised: float  # so far: what ended in it; the result once it is over
    unrealised: float | None  # of what it holds, at the last evening; null where that does not say
    breakeven: float | None  # of what runs, as in positions


class AccountSaid(msgspec.Struct, frozen=True):
    """An account with all of its campaigns; unrealised of what it holds, null as above."""

    account: str
    evening: str | None  # the last that was marked
    realised: float
    unrealised_shares: float | None
    unrealised_options: float | None


class Campaigns(msgspec.Struct, frozen=True):
    """What `book campaigns --json` prints."""

    journal: str
    campaigns: list[CampaignSaid]
    closed: int
    open: int
    result: float  # of the closed ones together
    accounts: list[AccountSaid]
    running: bool  # those that run were asked for: none that is closed is among them


def campaigns(
    journal: Place, as_of: date | None, underlying: str | None, *, running: bool
) -> Campaigns:
    """The campaigns of a journal, of one underlying or all; `running`: those alone that run.

    InputError for an underlying that no sleeve of the book trades.
    """
    book, last = book_of(journal, as_of)
    traded = sorted({each.underlying for each in book.sleeves})
    if underlying is not None and underlying not in traded:
        raise InputError(
            f"--underlying: found {underlying!r}; expected one of: {', '.join(traded) or 'none'}"
        )
    found = [
        each
        for each in said(book, last)
        if underlying in {None, each.underlying} and not (running and each.closed)
    ]
    over = [each.result for each in found if each.result is not None]
    total = round(sum(over), 6)
    accounts = [_account(book, name, last) for name in book.accounts]
    return Campaigns(str(journal), found, len(over), len(found) - len(over), total, accounts,
                     running)  # fmt: skip


def _account(book: Book, name: str, last: date | None) -> AccountSaid:
    """One account of a book."""
    mine = {each.sleeve for each in book.sleeves if each.account == name}
    held = [each for each in holdings(book) if each.opened.sleeve in mine]
    over_u = sum(each.result_u or 0 for each in book.campaigns if each.sleeve in mine)
    mark = book.marks.get(name)
    beyond = unrealised(held, mark, last)
    return AccountSaid(
        account=name,
        evening=None if mark is None else mark.session.isoformat(),
        realised=(over_u + sum(each.realised_u for each in held)) / MICRO,
        unrealised_shares=_dollars(beyond.shares_u),
        unrealised_options=_dollars(beyond.options_u),
    )


def said(book: Book, last: date | None) -> list[CampaignSaid]:
    """Every campaign of a book, in the order in which they began."""
    names = sleeve_names(book.sleeves)
    sleeves = {each.sleeve: (name, each) for name, each in zip(names, book.sleeves, strict=True)}
    running = _running(book, last)
    return [
        _campaign(each, *sleeves[each.sleeve], None if each.closed else running[each.sleeve])
        for each in book.campaigns
    ]


class _Running(NamedTuple):
    """What a running campaign holds, and what that is worth beyond its opening."""

    holding: Holding
    unrealised_u: int | None


def _running(book: Book, last: date | None) -> dict[int, _Running]:
    """The campaigns that run, by sleeve."""
    accounts: dict[str, list[Holding]] = {}
    for each in holdings(book):
        accounts.setdefault(each.opened.account, []).append(each)
    return {
        each.opened.sleeve: _Running(
            each, of_sleeve(each, held, book.marks.get(name), last).whole_u
        )
        for name, held in accounts.items()
        for each in held
    }


def _dollars(money_u: int | None) -> float | None:
    return None if money_u is None else money_u / MICRO


def _campaign(
    one: Campaign, name: str, opened: SleeveOpened, running: _Running | None
) -> CampaignSaid:
    """One campaign."""
    realised_u = one.money_u if running is None else running.holding.realised_u
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
        result=_dollars(one.result_u),
        realised=realised_u / MICRO,
        unrealised=0.0 if running is None else _dollars(running.unrealised_u),
        breakeven=None if running is None else _dollars(running.holding.breakeven_u),
    )


# --- for people ---


def page(found: Campaigns, columns: int) -> str:
    """The answer, in lines of at most `columns` (60 at least)."""
    closed = f"{found.closed} campaigns closed with {cents(found.result)}"
    head = f"{found.journal}: " + (
        f"{found.open} campaigns open; those that are closed are not shown"
        if found.running
        else f"{closed}, {found.open} open"
    )
    table = fitted(_HEAD, _rows(found.campaigns), _RIGHT, columns) if found.campaigns else []
    accounts = [line for each in found.accounts for line in flow(_in_words(each), columns)]
    return joined(part for part in (flow(head, columns), table, accounts) if part)


def _in_words(one: AccountSaid) -> str:
    """An account in a sentence."""
    text = f"Account {one.account}: realised {cents(one.realised)}"
    if one.unrealised_shares is None or one.unrealised_options is None:
        return f"{text}; unrealised is not known: no evening was marked on the last day told"
    return (
        f"{text}; unrealised on {one.evening}: shares {cents(one.unrealised_shares)}, options "
        f"{cents(one.unrealised_options)}"
    )


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
            cents(each.realised),
            cents(each.unrealised),
            cents(each.breakeven),
        )
        for each in found
    ]
