"""`underwriter book positions`: what is held, by account and sleeve, and its breakeven."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal

import msgspec

from underwriter.app.book_tables import cents, fitted, flow, joined
from underwriter.app.evening import book_of
from underwriter.book.event import Marked
from underwriter.book.fold import Book
from underwriter.book.place import Place
from underwriter.book.positions import HeldLeg, Holding, holdings
from underwriter.core.contract import CALL
from underwriter.core.units import MICRO

_HEAD = ("sleeve", "since", "held", "opened at", "campaign", "breakeven")
_RIGHT = {3, 4, 5}


class LegPosition(msgspec.Struct, frozen=True):
    """One option held."""

    option: str  # its OSI symbol
    right: Literal["put", "call"]
    strike: float
    expiry: str
    quantity: int  # contracts, short ones negative
    opened_at: float  # dollars at its opening, fees in it: a credit positive


class SleevePosition(msgspec.Struct, frozen=True):
    """What one sleeve holds; money in dollars."""

    sleeve: str
    number: int
    policy: str
    underlying: str
    campaign: int
    opened: str  # the day on which the campaign began
    shares: int
    legs: list[LegPosition]
    money: float  # every flow of the campaign, premiums still open in it
    breakeven: float | None  # of the underlying; null where several or none exist


class EveningMoney(msgspec.Struct, frozen=True):
    """An account as it was last marked."""

    day: str
    equity: float
    cash: float
    shares: float
    options: float


class AccountPositions(msgspec.Struct, frozen=True):
    """One account: its money, and what its sleeves hold."""

    account: str
    cash: float  # after the last event
    marked: EveningMoney | None  # null: no evening was marked yet
    sleeves: list[SleevePosition]


class Positions(msgspec.Struct, frozen=True):
    """What `book positions --json` prints."""

    journal: str
    as_of: str | None  # the last session there is an event of; null: there is none
    accounts: list[AccountPositions]
    strays: int  # events that could not be booked


def positions(journal: Place, as_of: date | None) -> Positions:
    """What a journal's book holds; InputError for what is no journal, or a day outside it."""
    book, last = book_of(journal, as_of)
    held = holdings(book)
    accounts = [_account(book, at, held) for at in range(len(book.accounts))]
    day = None if last is None else last.isoformat()
    return Positions(str(journal), day, accounts, len(book.strays))


def _account(book: Book, at: int, held: Sequence[Holding]) -> AccountPositions:
    """One account of a book."""
    name = book.accounts[at]
    mark = book.marks.get(name)
    return AccountPositions(
        account=name,
        cash=int(book.state.accounts[at].cash_u) / MICRO,
        marked=None if mark is None else _marked(mark),
        sleeves=[_sleeve(each) for each in held if each.opened.account == name],
    )


def _marked(mark: Marked) -> EveningMoney:
    """An evening's money; what is left of equity is options."""
    options_u = mark.equity_u - mark.cash_u - mark.shares_u
    money_u = mark.equity_u, mark.cash_u, mark.shares_u, options_u
    return EveningMoney(mark.session.isoformat(), *(each / MICRO for each in money_u))


def _sleeve(one: Holding) -> SleevePosition:
    """One sleeve."""
    return SleevePosition(
        sleeve=one.name,
        number=one.opened.sleeve,
        policy=one.opened.name,
        underlying=one.opened.underlying,
        campaign=one.campaign.number,
        opened=one.campaign.opened.isoformat(),
        shares=one.shares,
        legs=[_leg(leg) for leg in one.legs],
        money=one.money_u / MICRO,
        breakeven=None if one.breakeven_u is None else one.breakeven_u / MICRO,
    )


def _leg(leg: HeldLeg) -> LegPosition:
    """One leg."""
    contract = leg.contract
    return LegPosition(
        contract.osi(),
        "call" if contract.right == CALL else "put",
        float(contract.strike),
        contract.expiry.isoformat(),
        leg.quantity,
        leg.opened_u / MICRO,
    )


# --- for people ---


def page(found: Positions, columns: int) -> str:
    """The answer, in lines of at most `columns` (60 at least)."""
    until = "" if found.as_of is None else f", {found.as_of}"
    parts = [flow(f"{found.journal}{until}", columns)]
    for account in found.accounts:
        rows = [row for sleeve in account.sleeves for row in _rows(sleeve)]
        shown = fitted(_HEAD, rows, _RIGHT, columns) if rows else ["Nothing is held."]
        parts.append([*flow(_money(account), columns), *shown])
    if found.strays:
        parts.append(flow(f"{found.strays} events could not be booked.", columns))
    return joined(parts)


def _money(account: AccountPositions) -> str:
    """An account's money in words."""
    text = f"Account {account.account}: cash {cents(account.cash)}"
    if account.marked is None:
        return f"{text}; no evening was marked"
    mark = account.marked
    return (
        f"{text}; evening of {mark.day}: equity {cents(mark.equity)}, shares "
        f"{cents(mark.shares)}, options {cents(mark.options)}"
    )


def _rows(sleeve: SleevePosition) -> Iterator[tuple[str, ...]]:
    """A row for the shares and one for each leg; the campaign's figures stand in the first."""
    figures = cents(sleeve.money), cents(sleeve.breakeven)
    for number, (what, opened) in enumerate(_held(sleeve)):
        told = figures if number == 0 else ("", "")
        yield sleeve.sleeve, sleeve.opened, what, opened, *told


def _held(sleeve: SleevePosition) -> Iterator[tuple[str, str]]:
    """What is held, and at what each leg was opened."""
    if sleeve.shares:
        yield f"{sleeve.shares:,} shares", ""
    for leg in sleeve.legs:
        yield f"{leg.quantity:+,} {leg.right} {leg.strike:g} {leg.expiry}", cents(leg.opened_at)
