"""Corporate actions: all rows of one, at once.

    JD P 62 leaves, JD P 60.76 comes          adjusted          a special dividend
    100 AAPL leave, 700 come; P 602, P 86     split 7:1         shares and whole ratios of contracts
    1,000 leave, 50 come; P 5, P1 5           split 1:20, adjusted to 5 shares a contract
    FB leaves, META comes                     renamed           shares, options, and the campaign
    100 leave, cash comes                     settled           a merger for cash

Brokers tell what leaves and what comes in rows of their own (`imports.pairs`); Schwab and others
tell of a split the shares that come alone.  What a contract with a new root delivers is told by
nobody: after a split it is the ratio of its shares, else the row is left.
"""

from collections import defaultdict
from collections.abc import Sequence
from math import gcd
from typing import NamedTuple

from underwriter.book.event import (
    Adjusted,
    CapitalReturned,
    CashAdjusted,
    Renamed,
    Settled,
    Split,
)
from underwriter.book.imports.ended import LATE
from underwriter.book.imports.statement import Instrument, Kind, Row
from underwriter.book.imports.writer import (
    Figures,
    NotBookableError,
    Writer,
    confirms,
    whole,
)
from underwriter.book.seating import MULTIPLIER

_SWAPS = (Kind.SPLIT, Kind.REVERSE_SPLIT, Kind.SYMBOL_CHANGE, Kind.MERGER, Kind.ADJUSTMENT)

_TERMS = 6  # of an OSI symbol, where its root ends


class Swap(NamedTuple):
    """What leaves and what comes for it."""

    old: Row
    new: Row

    @property
    def names(self) -> tuple[Instrument, Instrument]:
        """Both instruments."""
        return self.old.instrument or Instrument(""), self.new.instrument or Instrument("")


class Action(NamedTuple):
    """The rows of one action."""

    swaps: tuple[Swap, ...]
    alone: tuple[Row, ...]


def actions(rows: Sequence[Row]) -> dict[str, Action]:
    """The action of every row that is of one: those of one kind, day and underlying are one."""
    pairs: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.kind in _SWAPS:
            pairs[row.pair or row.id].append(row)
    same: defaultdict[tuple[object, ...], list[list[Row]]] = defaultdict(list)
    for pair in pairs.values():
        pair.sort(key=_comes)
        first = pair[0].instrument
        same[pair[0].kind, pair[0].day, first.symbol if first else ""].append(pair)
    found: dict[str, Action] = {}
    for group in same.values():
        swaps = tuple(Swap(*pair) for pair in group if len(pair) == len(Swap._fields))
        alone = tuple(row for pair in group if len(pair) != len(Swap._fields) for row in pair)
        action = Action(swaps, alone)
        found.update({row.id: action for pair in group for row in pair})
    return found


def _comes(row: Row) -> bool:
    """Whether a row is what comes: what a broker opens, or of shares what is positive."""
    return row.effect == "open" if row.effect else not row.is_option and row.quantity_u > 0


def acted(writer: Writer, action: Action) -> None:
    """Book one action: what is renamed first, then shares, then contracts, then cash alone.

    NotBookableError for the first row that cannot be; what came before it is booked, and not again.
    """
    for row in (*action.alone, *(row for swap in action.swaps for row in swap)):
        whole(row)
    _rename(writer, action)
    for swap in sorted(action.swaps, key=lambda each: each.old.is_option):
        if all(writer.knows(row) for row in swap):
            continue
        if swap.old.is_option:
            _contract(writer, swap, action)
        else:
            _shares(writer, swap)
    for row in action.alone:
        if not writer.knows(row):
            _alone(writer, row)


def _rename(writer: Writer, action: Action) -> None:
    """The underlying goes by another symbol, in every sleeve that has it.

    Rows that say nothing else are of this event.
    """
    moved = [swap for swap in action.swaps if swap.names[0].symbol != swap.names[1].symbol]
    moved = [swap for swap in moved if not writer.knows(swap.old)]
    if not moved:
        return
    symbol, into = (name.symbol for name in moved[0].names)
    sleeves = [opened for opened, _ in writer.sleeves(symbol)]
    if not sleeves and any(writer.sleeves(into)):
        return  # with another row of the action
    if not sleeves:
        raise NotBookableError(f"{symbol} is in no sleeve of this book")
    roots = [swap.names[1].root for swap in moved]
    root = next((name for name in roots if name.isalpha()), into.replace(".", ""))
    row = moved[0].old
    plain = [each for swap in moved if _is_plain(swap) for each in swap]
    identity = writer.took(plain)
    for opened in sleeves:
        writer.say(row, Renamed, identity, sleeve=opened.sleeve, campaign=0, policy=opened.policy,
                   underlying=into, root=root)  # fmt: skip
        identity = ""


def _is_plain(swap: Swap) -> bool:
    """Whether nothing changes but the name: as many, at the same strike, delivering the same."""
    name, to = swap.names
    same = (name.option or "")[_TERMS:] == (to.option or "")[_TERMS:] and not to.adjusted
    return same and abs(swap.old.quantity_u) == abs(swap.new.quantity_u)


def _shares(writer: Writer, swap: Swap) -> None:
    """So many shares became so many."""
    old, new = swap
    before, after = abs(whole(old)), abs(whole(new))
    if before == after:
        raise NotBookableError("shares that leave and come again")
    if _by_desk(writer, new, before, after):
        writer.took(swap)
        return
    _ratio(writer, new, _taken(writer, swap), before, after)


def _by_desk(writer: Writer, row: Row, before: int, after: int) -> bool:
    """Whether a desk told a split of so many for so many, by its prices, before its row came."""
    part, name = gcd(before, after), row.instrument or Instrument("")
    ours = {opened.sleeve for opened, _ in writer.sleeves(name.symbol)}
    entries = (
        each for runs in writer.folding.runs.values() for run in runs for _, each in run.entries
    )
    return any(
        isinstance(each, Split) and confirms(row, each) and each.sleeve in ours
        and (each.new, each.old) == (after // part, before // part)
        and each.option == name.option and abs(each.session - row.day) <= LATE
        for each in entries
    )  # fmt: skip


def _taken(writer: Writer, swap: Swap) -> str:
    """The id of both rows; what one of them left as cash before is taken back."""
    for row in swap:
        if writer.told(row):
            writer.take_back(row, "told with its other side")
    return writer.took(swap)


def _ratio(writer: Writer, row: Row, identity: str, before: int, after: int) -> None:
    """Shares by a ratio, each sleeve its own."""
    symbol = row.instrument.symbol if row.instrument else ""
    part = gcd(before, after)
    ratio_new, ratio_old = after // part, before // part
    for number, seat in enumerate(writer.seats_of(symbol), 1):
        shares = abs(seat.shares) * ratio_new // ratio_old * (1 if seat.shares > 0 else -1)
        name = identity if number == 1 else f"{identity}.{number}"
        writer.say(row, Split, name, **seat.told(), slot=0, option=None, quantity=0,
                   shares=shares - seat.shares, new=ratio_new, old=ratio_old)  # fmt: skip


def _contract(writer: Writer, swap: Swap, action: Action) -> None:
    """Contracts: as many under another name or strike, or by a whole ratio more of them."""
    name, to = swap.names
    before, after = abs(whole(swap.old)), abs(whole(swap.new))
    if before != after and after % before:
        raise NotBookableError("contracts that become fewer")
    shares = _delivers(to, action)
    was = _now(writer, name, to)
    legs = writer.legs_of(was)
    if not legs and _by_desk(writer, swap.new, before, after):
        writer.took(swap)
        return
    if not legs:
        raise NotBookableError(f"{name.key} is not held")
    identity = _taken(writer, swap)
    for number, leg in enumerate(legs, 1):
        told = leg.seat.told() | {"slot": leg.slot}
        at = identity if number == 1 else f"{identity}.{number}"
        if after != before:
            times = after // before
            writer.say(swap.new, Split, at, **told, option=to.option, shares=0,
                       quantity=leg.quantity * (times - 1), new=times, old=1)  # fmt: skip
        else:
            why = swap.new.kind.replace("_", " ")
            writer.say(swap.new, Adjusted, at, **told, was=was.option, option=to.option,
                       shares=shares, cash_u=0, why=why)  # fmt: skip


def _now(writer: Writer, name: Instrument, to: Instrument) -> Instrument:
    """What an option is called after its underlying was renamed."""
    if name.symbol == to.symbol:
        return name
    root = next((opened.root for opened, _ in writer.sleeves(to.symbol)), to.root)
    option = f"{root:6}{(name.option or '')[_TERMS:]}"
    return Instrument(to.symbol, option, root, name.multiplier)


def _delivers(to: Instrument, action: Action) -> int:
    """Shares that a contract delivers from now on."""
    if not to.adjusted:
        return MULTIPLIER
    for swap in action.swaps:
        if not swap.old.is_option:
            before, after = abs(whole(swap.old)), abs(whole(swap.new))
            if MULTIPLIER * after % before == 0:
                return MULTIPLIER * after // before
    raise NotBookableError(f"what {to.root} delivers is not told")


def _alone(writer: Writer, row: Row) -> None:
    """A row without another: shares that a split adds, a merger for cash, cash for a part."""
    quantity = whole(row)
    if row.is_option:
        raise NotBookableError("a contract of which what it becomes is not told")
    if quantity == 0:
        _returned(writer, row)
    elif row.kind in {Kind.SPLIT, Kind.REVERSE_SPLIT} and row.net_u == 0:
        held = writer.holds(row.instrument or Instrument(""))
        if _by_desk(writer, row, abs(held - quantity), abs(held)):
            writer.took([row])
            return
        if held * (held + quantity) <= 0:
            raise NotBookableError("a split of shares that this book does not hold")
        _ratio(writer, row, writer.took([row]), abs(held), abs(held + quantity))
    elif row.kind is Kind.MERGER and row.effect != "open":
        trade = writer.trade_of(row, quantity, opens=False, beside=())
        figures = Figures(quantity, amount_u=row.gross_u, fee_u=row.commission_u + row.fee_u)
        writer.move([row], Settled, trade, figures, price_u=abs(row.gross_u) // abs(quantity))
    else:
        raise NotBookableError("shares of which where they come from is not told")


def _returned(writer: Writer, row: Row) -> None:
    """Cash on shares comes off what they cost; without shares it is money of the account."""
    symbol = row.instrument.symbol if row.instrument is not None else ""
    seats = [seat for seat in writer.seats_of(symbol) if seat.shares]
    identity = writer.took([row])
    total = sum(seat.shares for seat in seats)
    if total == 0:  # none, or as many sold short as are held
        writer.say(row, CashAdjusted, identity, amount_u=row.net_u, why=row.what or row.kind)
        return
    figures = Figures(total, amount_u=row.net_u)
    for number, seat in enumerate(seats, 1):
        name = identity if number == 1 else f"{identity}.{number}"
        part = figures.part(seat.shares)
        writer.say(row, CapitalReturned, name, **seat.told(), shares=seat.shares, **part)
