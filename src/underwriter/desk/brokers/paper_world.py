"""What the market does to a paper account overnight: interest, splits, dividends, what ends.

The rules are `market.facts`, as in the engine.  Paper knows no dividend further ahead than the
next one that is announced, and counts that one alone against the early exercise of a put.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import NamedTuple

from underwriter.book.imports.statement import Instrument as Thing
from underwriter.book.imports.statement import Kind
from underwriter.core.chain import Bar, find, mid_u, split_times
from underwriter.core.contract import (
    CALL,
    Contract,
    expiry_of,
    intrinsic_u,
    osi_root,
    parse_osi,
    split_key,
    strike_of,
    unpack,
)
from underwriter.core.errors import InputError
from underwriter.core.kernel import plain
from underwriter.core.units import cents_up, day_of
from underwriter.desk.brokers.paper_account import Account, Happened, note
from underwriter.market.facts import (
    call_early,
    exercised_by_exception,
    interest_u,
    put_early,
    shares_moved,
)
from underwriter.market.fees import FeeSchedule, stock_fee_u
from underwriter.market.instrument import Instrument
from underwriter.market.slab import Slab

_find = plain(find)


class Now(NamedTuple):
    """One session, and when what happens on it is told."""

    slab: Slab
    day: int
    told: int
    charged: Callable[[int], FeeSchedule]  # on a day, worked out where something is charged
    assigned: float  # share of a leg that an early assignment takes

    @property
    def fees(self) -> FeeSchedule:
        """What is charged on this day."""
        return self.charged(self.day)

    @property
    def date(self) -> date:
        """The exchange's date."""
        return day_of(self.day)

    def bar(self, underlying: int) -> Bar:
        """An underlying on it."""
        return self.slab.market.bars[0, underlying]


class Held(NamedTuple):
    """An option that is held."""

    thing: Thing
    instrument: Instrument
    underlying: int  # number in the slab
    contract: Contract
    key: int
    quantity: int


def held_options(account: Account, slab: Slab) -> Iterator[Held]:
    """The options of an account, each with the number of its underlying in a slab."""
    for osi, quantity in sorted(account.held.items()):
        found = option_of(osi, slab.instruments)
        if found is not None:
            thing, at, contract = found
            key = contract.key(at + 1)
            yield Held(thing, slab.instruments[at], at, contract, key, quantity)


def option_of(osi: str, instruments: tuple[Instrument, ...]) -> tuple[Thing, int, Contract] | None:
    """An option by its symbol, among what is quoted; None for shares and for other roots."""
    for at, one in enumerate(instruments):
        if osi_root(osi) == one.root:
            thing = Thing(one.symbol, osi, one.root, one.multiplier)
            return thing, at, parse_osi(osi, (one.root,))
    return None


def stands_still(slab: Slab, held: Iterable[str]) -> bool:
    """Whether the price of anything that is held is of another day: nothing is settled by it."""
    still = [
        one
        for one, origin in zip(slab.instruments, slab.origins, strict=True)
        if origin == "standing"
    ]
    return any(key == one.symbol or osi_root(key) == one.root for one in still for key in held)


def morning(account: Account, before: Now | None, now: Now, *, pays: bool, split: set[str]) -> None:
    """Interest since the session before, splits, dividends, what settles at the open.

    Interest and dividends where the account pays them; `split` are symbols whose next split what is
    held has been through already.
    """
    if before is not None:
        rate = float(before.slab.market.sessions[0].rate)
        paid_u = interest_u(account.cash_u, rate, now.day - before.day)
        if paid_u and pays:
            _note(account, now, kind=Kind.INTEREST, gross_u=paid_u)
        for at, instrument in enumerate(now.slab.instruments):
            if instrument.symbol in split and int(split_times(now.bar(at))) != 1:
                split.discard(instrument.symbol)
            else:
                _split(account, now, instrument, now.bar(at))
            if pays:
                _dividend(account, now, instrument, now.bar(at))
    for held in [*held_options(account, now.slab)]:
        bar = now.bar(held.underlying)
        if held.instrument.settlement == "cash-am" and expiry_of(held.key) <= now.day:
            _settle(account, now, held, int(bar.open_u if bar.open_u > 0 else bar.close_u))


def evening(account: Account, now: Now, *, early: bool) -> None:
    """End what expires at the close; and, `early`, assign what is exercised against us before."""
    for held in [*held_options(account, now.slab)]:
        price_u = int(now.bar(held.underlying).close_u)
        if expiry_of(held.key) <= now.day and held.instrument.settlement != "cash-am":
            _settle(account, now, held, price_u)
        elif early and _may_be_early(held) and _early(now, held):
            count = math.ceil(-held.quantity * now.assigned)
            deliver(account, now, held._replace(quantity=-count), price_u, Kind.ASSIGNMENT)


def _note(account: Account, now: Now, **what: object) -> str:
    """Note what happens on a session; its id."""
    return note(account, Happened(day=now.date, at=now.told, told=now.told, **what)).id  # type: ignore[arg-type]  # its own fields


def _split(account: Account, now: Now, instrument: Instrument, bar: Bar) -> None:
    """A whole split, as brokers tell it: what leaves, and what comes for it."""
    times = int(split_times(bar))
    if times == 1:
        return
    if int(bar.split_new) != times * int(bar.split_old):
        raise InputError(
            f"paper: {instrument.symbol} splits {bar.split_new} for {bar.split_old} on {now.date}; "
            "expected a whole split: record by hand what it makes of what is held"
        )
    for held in [*held_options(account, now.slab)]:
        if held.instrument == instrument:
            osi = unpack(int(split_key(held.key, times)), instrument.root).osi()
            after = Thing(instrument.symbol, osi, instrument.root, instrument.multiplier)
            _swap(account, now, (held.thing, after), (held.quantity, held.quantity * times))
    shares = account.held.get(instrument.symbol, 0)
    if shares:
        thing = Thing(instrument.symbol)
        _swap(account, now, (thing, thing), (shares, shares * times))


def _swap(account: Account, now: Now, things: tuple[Thing, Thing], held: tuple[int, int]) -> None:
    """One thing leaves, another comes, without money."""
    first = _note(
        account, now, kind=Kind.SPLIT, thing=things[0], quantity=-held[0], effect="close",
        leads=True,
    )  # fmt: skip
    _note(
        account, now, kind=Kind.SPLIT, thing=things[1], quantity=held[1], effect="open", pair=first
    )


def _dividend(account: Account, now: Now, instrument: Instrument, bar: Bar) -> None:
    shares, each_u = account.held.get(instrument.symbol, 0), int(bar.dividend_u)
    if shares and each_u > 0:
        thing = Thing(instrument.symbol)
        _note(account, now, kind=Kind.DIVIDEND, thing=thing, gross_u=shares * each_u)


def _settle(account: Account, now: Now, held: Held, price_u: int) -> None:
    """End an option at a price of its underlying: delivered, paid in cash, or worthless."""
    quantity = -held.quantity
    if not exercised_by_exception(held.key, price_u):
        _note(account, now, kind=Kind.EXPIRATION, thing=held.thing, quantity=quantity)
    elif held.instrument.physical:
        kind = Kind.ASSIGNMENT if held.quantity < 0 else Kind.EXERCISE
        deliver(account, now, held, price_u, kind)
    else:
        worth_u = int(intrinsic_u(held.key, price_u)) * held.instrument.multiplier
        paid_u = held.quantity * worth_u
        _note(
            account, now, kind=Kind.SETTLEMENT, thing=held.thing, quantity=quantity, gross_u=paid_u
        )


def deliver(account: Account, now: Now, held: Held, price_u: int, kind: Kind) -> None:
    """Exercise or assign options: they leave, and shares move at the strike, or cash does."""
    if not held.instrument.physical:
        _settle(account, now, held, price_u)
        return
    broad = int(now.slab.market.terms[held.underlying].broad)
    fee_u = int(cents_up(abs(held.quantity) * int(now.fees.assign_u[broad, 0])))
    first = _note(
        account, now, kind=kind, thing=held.thing, quantity=-held.quantity, fee_u=fee_u, leads=True
    )
    strike_u = int(strike_of(held.key))
    shares = int(shares_moved(held.key, held.quantity, held.instrument.multiplier))
    paid_u = -shares * strike_u
    levied_u = stock_fee_u(paid_u, float(now.fees.stock_sell_rate[broad, 0])) if shares < 0 else 0
    _note(
        account, now, kind=Kind.DELIVERY, thing=Thing(held.instrument.symbol), quantity=shares,
        price_u=strike_u, gross_u=paid_u, fee_u=int(levied_u), pair=first,
    )  # fmt: skip


def _may_be_early(held: Held) -> bool:
    """Whether another may exercise an option against us before its last day."""
    return held.quantity < 0 and held.instrument.style == "american"


def _early(now: Now, held: Held) -> bool:
    """Whether the holder of an option that is short here exercises it tonight."""
    market, bar = now.slab.market, now.bar(held.underlying)
    inside_u = int(intrinsic_u(held.key, int(bar.close_u)))
    if inside_u <= 0:
        return False
    row = _find(market.quotes, bar, 0, held.key, -1)
    if row < 0 or market.quotes[row].ask_u <= 0:
        return False
    extrinsic_u = int(mid_u(market.quotes[row])) - inside_u
    session, ahead_u = market.sessions[0], int(bar.next_dividend_u)
    if held.contract.right == CALL:
        tomorrow = int(bar.next_ex) == int(session.tomorrow)
        return bool(call_early(extrinsic_u, ahead_u if tomorrow else 0))
    until = 0 < int(bar.next_ex) <= expiry_of(held.key)
    dividends_u = ahead_u if until else 0
    return bool(put_early(held.key, extrinsic_u, now.day, float(session.rate), dividends_u))
