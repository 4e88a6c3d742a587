"""Rolls in a statement: one contract bought back and another sold for it are one campaign.

    bought back 1 XYZ P 95, sold 1 XYZ P 94         filled P 94 beside it, filled P 95, moved
    bought back 1 of 2 XYZ P 95, sold 1 XYZ P 94    no roll: the old leg is still there

A roll is two trades in contracts of one right and root on one day, the nearest where there are
several: of one order, else of one moment.  The new leg is told first, beside the old one, as an
engine's roll is, so that the sleeve is never flat and its campaign goes on.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from underwriter.book.event import Busted, CashAdjusted, Filled, Moved
from underwriter.book.imports.statement import Instrument, Kind, Row
from underwriter.book.imports.writer import Writer, whole
from underwriter.book.past import flow_u
from underwriter.book.seating import MULTIPLIER, Place, places
from underwriter.core.contract import NONE
from underwriter.core.sleeve import ROLL_LONG, ROLL_SHORT, home_of
from underwriter.core.units import MICRO

_RIGHT = -9  # of an OSI symbol, where its letter is

Key = tuple[object, ...]


class Roll(NamedTuple):
    """The fills that end a contract whole, and those that open another for it."""

    old: tuple[Row, ...]
    new: tuple[Row, ...]
    seats: tuple[Place, ...]  # of the new leg, in the slot beside the old one; one a sleeve


class Rolls:
    """The trades of a statement, by what both sides of a roll have in common."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.same: defaultdict[Key, list[Row]] = defaultdict(list)
        for row in rows:
            if _may_roll(row):
                self.same[_common(row)].append(row)
        self.several = {
            key for key, day in self.same.items() if len({row.instrument for row in day}) > 1
        }

    def of(self, writer: Writer, row: Row) -> Roll | None:
        """The roll that a trade begins, of rows that are not booked yet; None where it is none."""
        key = _common(row)
        if key not in self.several or not _may_roll(row):
            return None
        fresh = [one for one in self.same[key] if not writer.knows(one)]
        held = {one.instrument: writer.holds(_instrument(one)) for one in fresh}
        ends = [
            one for one in fresh
            if one.effect != "open" and held[one.instrument] * one.quantity_u < 0
        ]  # fmt: skip
        opens = [
            one for one in fresh
            if one.effect != "close" and held[one.instrument] * one.quantity_u >= 0
        ]  # fmt: skip
        pairs = [
            (old, new) for old in ends for new in opens
            if row in {old, new} and old.quantity_u * new.quantity_u < 0
        ]  # fmt: skip
        if not pairs:
            return None
        old, new = min(pairs, key=lambda pair: _distance(*pair))
        bought, sold = _of(ends, old), _of(opens, new)
        whole_leg = sum(map(whole, bought)) == -held[old.instrument]
        opened = sold == _of(fresh, new) and len({one.quantity_u > 0 for one in sold}) == 1
        if not whole_leg or not opened or any(map(writer.recorded, bought + sold)):
            return None
        seats = _beside(writer, bought, sold)
        return Roll(bought, sold, seats) if seats else None

    def after(self, writer: Writer, row: Row) -> Filled | None:
        """The fill of a statement before this one that ended what a trade is sold for.

        It is of that day, ended its leg whole, and its sleeve was told nothing since.
        """
        if not _may_roll(row) or row.effect == "close":
            return None
        found = [last for last in _last(writer, row) if _ended_for(last, row)]
        kept = found and not any(
            one.instrument == row.instrument and one.quantity_u * row.quantity_u < 0
            for one in self.same[_common(row)]
        )
        return found[0] if kept and not writer.recorded(row) else None


def _may_roll(row: Row) -> bool:
    """Whether a row trades whole contracts of the common size, one or more."""
    common = row.instrument is not None and row.instrument.multiplier == MULTIPLIER
    some = row.quantity_u != 0 and row.quantity_u % MICRO == 0
    return row.kind is Kind.TRADE and row.is_option and common and some


def _instrument(row: Row) -> Instrument:
    return row.instrument or Instrument("")


def _common(row: Row) -> Key:
    """What both sides of a roll have in common."""
    instrument = _instrument(row)
    return row.day, instrument.symbol, instrument.root, (instrument.option or "")[_RIGHT:][:1]


def _distance(row: Row, other: Row) -> tuple[bool, bool, int]:
    """How far a trade is from another: another order, another moment, lines between them."""
    one_order = bool(row.order) and row.order == other.order
    return not one_order, row.at != other.at, abs(row.line - other.line)


def _of(rows: Sequence[Row], row: Row) -> tuple[Row, ...]:
    """The rows of a row's contract."""
    return tuple(one for one in rows if one.instrument == row.instrument)


def _beside(writer: Writer, old: Sequence[Row], new: Sequence[Row]) -> tuple[Place, ...]:
    """Where the new leg stands beside the old one, sleeve by sleeve; nothing without room.

    Each sleeve gets as many as end in it, the last one what is left.
    """
    trade = writer.trade_of(old[0], sum(map(whole, old)), opens=False, beside=())
    ended = places(writer.folding, trade)
    left, root = sum(map(whole, new)), _instrument(new[0]).root
    slot = ROLL_SHORT if left < 0 else ROLL_LONG
    room = {opened.sleeve: opened.root == root and int(sleeve.contract[slot]) == NONE
            for opened, sleeve in writer.sleeves(trade.underlying)}  # fmt: skip
    found = []
    for place in ended:
        if not room[place.sleeve]:
            return ()
        part = left if place is ended[-1] else _nearer(-place.quantity, left)
        if part:
            found.append(place._replace(slot=slot, quantity=part))
        left -= part
    return tuple(found)


def _nearer(one: int, other: int) -> int:
    """The nearer to zero of two numbers."""
    return one if abs(one) < abs(other) else other


def _last(writer: Writer, row: Row) -> Iterator[Filled]:
    """What each sleeve on a row's underlying and root was told last, if that ended a leg whole."""
    instrument = _instrument(row)
    for opened, sleeve in writer.sleeves(instrument.symbol):
        runs = writer.folding.runs.get(writer.folding.held[opened.sleeve].at, [])
        last = runs[-1].entries[-1][1] if runs else None
        if not isinstance(last, Filled) or not last.id or last.slot >= ROLL_SHORT:
            continue
        if opened.root == instrument.root and int(sleeve.contract[last.slot]) == NONE:
            yield last


def _ended_for(last: Filled, row: Row) -> bool:
    """Whether a fill ended a leg of the right and day for which a row opens another."""
    name, other = last.option or "", _instrument(row).option or ""
    same = name[_RIGHT:][:1] == other[_RIGHT:][:1] and last.session == row.day
    return same and name != other and last.quantity * row.quantity_u < 0


def dealt(roll: Roll) -> Iterator[tuple[Row, list[Place]]]:
    """The fills of the new leg, each with its parts."""
    left = list(roll.seats)
    for row in roll.new:
        wanted, parts = whole(row), list[Place]()
        while wanted:
            part = _nearer(left[0].quantity, wanted)
            parts.append(left[0]._replace(quantity=part))
            left[0] = left[0]._replace(quantity=left[0].quantity - part)
            left = left if left[0].quantity else left[1:]
            wanted -= part
        yield row, parts


def move_in(writer: Writer, roll: Roll) -> None:
    """Tell that the new leg has taken the place of the old one, in every sleeve."""
    for number, place in enumerate(roll.seats, 1):
        row = roll.new[0]
        writer.say(row, Moved, f"{row.id}.moved.{number}", sleeve=place.sleeve,
                   campaign=place.campaign, policy=place.policy, slot=place.slot,
                   option=_instrument(row).option)  # fmt: skip


def follow(writer: Writer, row: Row, last: Filled) -> Roll:
    """Take back the end that a fill told, so that another leg can stand beside what it ended.

    The roll that is left to book has no old fills: `again` tells the end anew.
    """
    writer.say(row, Busted, "", of=last.id, why="told with what was sold for it")
    slot = ROLL_SHORT if row.quantity_u < 0 else ROLL_LONG
    place = Place(last.sleeve, last.campaign, last.policy, slot, whole(row), None)
    return Roll((), (row,), (place,))


def take_back(writer: Writer, row: Row, number: int, fill: Filled) -> None:
    """Tell that a fill never was; the leg that a roll moved in stands beside the other again.

    It moves in anew where its place is free without the fill, too.  Money that comes back otherwise
    than it went is put right.
    """
    why = row.what or "taken back by the broker"
    moved = _moved_with(writer, number, fill)
    if moved is not None:
        writer.say(row, Busted, "", of=moved.id, why=why)
    writer.say(row, Busted, writer.took([row]), of=fill.id, why=why)
    if moved is not None and _may_move(writer, row, moved):
        writer.say(row, Moved, f"{row.id}.moved", sleeve=moved.sleeve, campaign=moved.campaign,
                   policy=moved.policy, slot=moved.slot, option=moved.option)  # fmt: skip
    less_u = row.net_u + flow_u(fill)
    if less_u:
        writer.say(row, CashAdjusted, f"{row.id}.2", amount_u=less_u, why=why)


def _moved_with(writer: Writer, number: int, fill: Filled) -> Moved | None:
    """What a fill's roll moved in: the first of that day and sleeve after it."""
    entries = [each for runs in writer.folding.runs.values() for run in runs
               for each in run.entries]  # fmt: skip
    return next(
        (
            event
            for at, event in sorted(entries, key=lambda entry: entry[0])
            if at > number
            and isinstance(event, Moved)
            and (event.sleeve, event.session) == (fill.sleeve, fill.session)
        ),
        None,
    )


def _may_move(writer: Writer, row: Row, moved: Moved) -> bool:
    """Whether the leg of a roll is still there, and its place free."""
    sleeves = writer.sleeves(_instrument(row).symbol)
    sleeve = next(sleeve for opened, sleeve in sleeves if opened.sleeve == moved.sleeve)
    key = int(sleeve.contract[moved.slot])
    return key != NONE and int(sleeve.quantity[home_of(moved.slot, key)]) == 0
