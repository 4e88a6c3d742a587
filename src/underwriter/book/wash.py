"""Wash sales: a loss is put off where the same was acquired within thirty days before or after.

    2026-02-20  100 KO sold at a loss of 300
    2026-03-13  a put is assigned: 100 KO        within thirty days: code W, 300 of the loss
                                                 put off, 300 more basis of the new shares,
                                                 whose holding period takes the old one over

Section 1091 and Treas. Reg. 1.1091-1 and -2: losses in the order of the sales, acquisitions in
their own order, each share once, across accounts.  What counts as the same: shares of the
underlying; for shares that were held, a call bought on it as well (an option to acquire); for an
option that was held, the same contract.  A short sale covered at a loss meets new short sales.
Shares of the very purchase that was sold in part are no replacement (Rev. Rul. 56-602), nor are
those that were gone by the evening of the loss, nor is anything about options that were written
or that section 1256 covers.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from underwriter.book.event import Renamed, Split
from underwriter.book.lot import Asset, Closing, Lot, Opened
from underwriter.book.lots import Lots, Moves
from underwriter.book.naming import contract_of
from underwriter.book.tax_rules import Rules
from underwriter.core.contract import CALL


def is_index(asset: Asset, rules: Rules) -> bool:
    """Whether it is an option that section 1256 covers: on a broad index, settled in cash."""
    return asset.option is not None and contract_of(asset.option).root in rules.broad


@dataclass(slots=True)
class _Loss:
    """A loss, and how many of its shares or contracts nothing has replaced yet."""

    closing: Closing
    units: int
    left: int
    asset: Asset  # as it is called now

    def put_off(self, units: int) -> int:
        """Disallow the loss of so many units; the amount, such that all parts add up."""
        self.left -= units
        due = -self.closing.gain_u * (self.units - self.left) // self.units
        added = due - self.closing.disallowed_u
        self.closing.disallowed_u = due
        return added


class WashSales:
    """Losses that still look for what replaces them, while events are taken in."""

    def __init__(self, rules: Rules, deferred: Container[str] = ()) -> None:
        self.rules, self.deferred = rules, deferred
        self.lost_u = 0  # losses that a deferred account's purchases took for good
        self.window = timedelta(days=rules.wash_days)
        self.waiting: dict[str, list[_Loss]] = {}  # by underlying, the oldest first
        self.today: list[_Loss] = []
        self._splits: set[tuple[str, date]] = set()

    def see(self, lots: Lots, moves: Moves) -> None:
        """Keep the losses of an event, and let what it opened replace what was lost before."""
        losses = [
            _Loss(closing, closing.quantity, closing.quantity, closing.asset)
            for closing in moves.closed
            if self._counts(closing)
        ]
        self.today += losses
        for loss in losses:
            self.waiting.setdefault(loss.asset.underlying, []).append(loss)
        for opened in moves.opened:
            self._look_for_losses(lots, opened)

    def end_day(self, lots: Lots) -> None:
        """Match a session's losses with what was acquired before and is held when it ends."""
        if not self.today:
            return
        held: dict[str, list[tuple[str, Asset]]] = {}
        for account, asset in lots.open:
            held.setdefault(asset.underlying, []).append((account, asset))
        for loss in self.today:
            self._look_back(lots, loss, held.get(loss.asset.underlying, ()))
        self.today = []

    def split(self, event: Split, underlying: str) -> None:
        """Count losses of shares that are not replaced yet in shares after a split."""
        if event.option is not None or (underlying, event.session) in self._splits:
            return
        self._splits.add((underlying, event.session))
        for loss in self.waiting.get(underlying, ()):
            if loss.asset.option is None:
                loss.units = loss.units * event.new // event.old
                loss.left = loss.left * event.new // event.old

    def renamed(self, old: str, event: Renamed) -> None:
        """Losses that are not replaced yet are of what goes by another symbol now."""
        losses = self.waiting.pop(old, [])
        moved = [loss for loss in losses if loss.asset.option is None]
        for loss in moved:
            loss.asset = Asset(event.underlying, None)
        self.waiting[old] = [loss for loss in losses if loss.asset.option is not None]
        there = self.waiting.setdefault(event.underlying, [])
        there += moved
        there.sort(key=lambda loss: loss.closing.closed)

    def _match(self, lots: Lots, loss: _Loss, opened: Opened) -> None:
        """Let a lot take a loss over; a deferred account's takes it for good (Rev. Rul. 2008-5)."""
        before = loss.closing.disallowed_u
        deferred = opened.account in self.deferred
        _match(lots, loss, opened, relieved=not deferred)
        if deferred:
            self.lost_u += loss.closing.disallowed_u - before

    def _counts(self, closing: Closing) -> bool:
        """Whether it is a loss that the rule is about."""
        written = closing.short and closing.asset.option is not None
        if closing.account in self.deferred:
            return False
        return closing.gain_u < 0 and not written and not is_index(closing.asset, self.rules)

    def _look_back(self, lots: Lots, loss: _Loss, held: Iterable[tuple[str, Asset]]) -> None:
        """What was acquired before and is still there, in any account, the oldest first."""
        first = loss.closing.closed - self.window
        found = [
            Opened(account, asset, lot)
            for account, asset in held
            for lot in lots.open[account, asset]
            if lot.opened >= first and _replaces(loss, asset, lot)
        ]
        for opened in sorted(found, key=lambda one: (one.lot.opened, one.lot.purchase)):
            if loss.left:
                self._match(lots, loss, opened)

    def _look_for_losses(self, lots: Lots, opened: Opened) -> None:
        """Losses of the days before, the oldest first, that an acquisition replaces."""
        name, first = opened.asset.underlying, opened.lot.opened - self.window
        losses = self.waiting.get(name)
        if not losses:
            return
        losses = [loss for loss in losses if loss.left and loss.closing.closed >= first]
        self.waiting[name] = losses
        for loss in losses:
            if loss.left and _replaces(loss, opened.asset, opened.lot):
                self._match(lots, loss, opened)

    def still_open(self, through: date) -> Iterator[Closing]:
        """Losses whose window is not over on a day: what is acquired later may put them off."""
        every = [loss for losses in self.waiting.values() for loss in losses]
        for loss in sorted(every, key=lambda loss: loss.closing.closed):
            if loss.left and loss.closing.closed + self.window > through:
                yield loss.closing


def _replaces(loss: _Loss, asset: Asset, lot: Lot) -> bool:
    """Whether a lot is the same as what was sold, and free to stand for it."""
    closing = loss.closing
    if asset.underlying != loss.asset.underlying or lot.replaces:
        return False
    if lot.purchase == closing.purchase or (lot.quantity < 0) != closing.short:
        return False
    return asset == loss.asset or (
        loss.asset.option is None
        and not closing.short
        and asset.option is not None
        and contract_of(asset.option).right == CALL
    )


def _match(lots: Lots, loss: _Loss, opened: Opened, *, relieved: bool) -> None:
    """Let as much of a lot as is needed take the loss over, with its holding period."""
    lot, closing = opened.lot, loss.closing
    of_option = opened.asset.option is not None and closing.asset.option is None
    size = lots.multiplier[opened.asset.underlying] if of_option else 1
    needed = -(-loss.left // size)
    if needed < abs(lot.quantity):
        held = lots.open[opened.account, opened.asset]
        piece = lot.part(needed if lot.quantity > 0 else -needed)
        held.insert(held.index(lot), piece)
    else:
        piece = lot
    units = min(loss.left, abs(piece.quantity) * size)
    put_off_u = loss.put_off(units)
    if relieved:
        piece.money_u -= put_off_u
        piece.since = piece.opened - (closing.closed - closing.since)
    piece.replaces, piece.growing = True, False
