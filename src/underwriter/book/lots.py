"""Events to tax lots: what is held at which basis since when, and what each end of a lot came to.

    sold 1 KO P 60 @ 0.85             a written put: proceeds 85.00
    assigned KO P 60, 100 shares      no result; a lot of 100 shares at 6,000 - 85 = 5,915.00
    sold 1 KO C 62 @ 0.50             proceeds 50.00
    called away KO C 62               shares end for 6,200 + 50 = 6,250.00: a gain of 335.00

An account's lots of one thing stand together, whichever sleeve they came from, as at its broker:
a purchase ends what was sold short, a sale what is held, and what is left over opens a lot.
Premium of an option that moves shares goes into their basis or proceeds (IRS Publication 550, the
table of puts and calls), and the holding period begins at the assignment; with `folds` off, as
other countries have it, the option ends by itself and the shares move at the strike.  Fees are in
basis and proceeds.  Money is never lost: flows = gains of what ended + money of what is open.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import cast

from msgspec.structs import replace

from underwriter.book.event import (
    Adjusted,
    AnyEvent,
    CapitalReturned,
    LegEvent,
    Renamed,
    SleeveOpened,
    Split,
    Transferred,
)
from underwriter.book.lot import Asset, Lot
from underwriter.book.lot_trades import TRADED_BY, Moves, Trade, Trades
from underwriter.book.naming import contract_of
from underwriter.book.spread import spread

__all__ = ["Lots", "Moves", "after_split"]

_CENT = Decimal("0.01")


def after_split(option: str, new: int, old: int) -> str:
    """What an option becomes when a share splits: its strike divided, to the nearest cent."""
    contract = contract_of(option)
    strike = (contract.strike * old / new).quantize(_CENT, ROUND_HALF_UP)
    return contract._replace(strike=strike).osi()


class Lots(Trades):
    """The open lots of all accounts while events are taken in."""

    def take(self, event: AnyEvent) -> Moves:
        """Take in one event; InputError for one of a sleeve that was never opened."""
        if type(event) in TRADED_BY:  # most are: no need to ask the others first
            return self._leg(cast("LegEvent", event))
        if isinstance(event, SleeveOpened):
            self.sleeves[event.sleeve] = event
            self.multiplier[event.underlying] = event.multiplier
        elif isinstance(event, Split):
            return self._split(event)
        elif isinstance(event, Adjusted):
            self._rename(event.account, {Asset(self.underlying(event), event.was): event.option})
        elif isinstance(event, Renamed):
            self._renamed(event)
        elif isinstance(event, CapitalReturned):
            return self._returned(event)
        elif isinstance(event, Transferred):
            return self._transfer(event)
        return Moves([], [])

    def _split(self, event: Split) -> Moves:
        """More or less of everything at the same money.

        Of more each sleeve tells, and it happens once; of less each tells what it lost, since parts
        of a share are lost sleeve by sleeve.
        """
        underlying = self.underlying(event)
        ratio = event.new, event.old
        if event.new < event.old:
            return self._shrink(event, underlying)
        told = event.account, event.session, underlying, event.option, *ratio
        if told in self._splits:
            return Moves([], [])
        self._splits.add(told)
        for (account, asset), lots in list(self.open.items()):
            mine = account == event.account and asset.underlying == underlying
            if not mine or (asset.option is None) != (event.option is None):
                continue
            if asset.option is None:
                _scale(lots, sum(lot.quantity for lot in lots) * event.new // event.old)
            elif after_split(asset.option, *ratio) == event.option:
                _scale(lots, sum(lot.quantity for lot in lots) * event.new // event.old)
                self._rename(account, {asset: event.option})
        return Moves([], [])

    def _shrink(self, event: Split, underlying: str) -> Moves:
        """Fewer shares; where none is left what they cost is lost."""
        at = event.account, Asset(underlying, None)
        lots = self.open.get(at, [])
        held = sum(lot.quantity for lot in lots)
        left = held + event.shares
        if left * held <= 0 or abs(left) > abs(held):  # also where sleeves had ended each other's
            return self._book(Trade(*at, event.session, "returned", event.shares, 0))
        _scale(lots, left)
        self.open[at] = _joined(lots)
        return Moves([], [])

    def _renamed(self, event: Renamed) -> None:
        """All of an account's lots on an underlying, and its options, go by another symbol."""
        opened = self.sleeves[event.sleeve]
        old, new = opened.underlying, event.underlying
        self.sleeves[event.sleeve] = replace(opened, underlying=new, root=event.root)
        self.multiplier[new] = self.multiplier[old]
        for (account, asset), lots in list(self.open.items()):
            if account == event.account and asset.underlying == old:
                option = asset.option
                if option is not None and contract_of(option).root == opened.root:
                    option = contract_of(option)._replace(root=event.root).osi()
                del self.open[account, asset]
                self._join(account, Asset(new, option), lots)

    def _rename(self, account: str, names: dict[Asset, str]) -> None:
        """Lots of an option go by another name."""
        for asset, option in names.items():
            lots = self.open.pop((account, asset), [])
            if lots:
                self._join(account, Asset(asset.underlying, option), lots)

    def _join(self, account: str, asset: Asset, lots: list[Lot]) -> None:
        """Put lots among those that are there, the oldest first."""
        there = self.open.setdefault((account, asset), [])
        there.extend(lots)
        there.sort(key=lambda lot: (lot.opened, lot.purchase))

    def _returned(self, event: CapitalReturned | Transferred) -> Moves:
        """Cash that comes off the basis of an account's shares; what goes beyond it is a gain."""
        at = event.account, Asset(self.underlying(event), None)
        lots = self.open.get(at, [])
        trade = Trade(*at, event.session, "returned", 0, 0)
        if not lots:  # two sleeves' shares that ended each other before
            none = Lot(0, event.shares or 1, 0, event.session, event.session)
            return Moves([self._close(trade, none, event.amount_u)], [])
        counts = [abs(lot.quantity) for lot in lots]
        moves = Moves([], [])
        parts = spread(event.amount_u, counts)
        for lot, money_u in zip(lots, parts, strict=True):
            lot.money_u, lot.growing = lot.money_u + money_u, False
            if lot.quantity > 0 and lot.money_u > 0:
                beyond = Lot(lot.purchase, lot.quantity, 0, lot.opened, lot.since)
                moves.closed.append(self._close(trade, beyond, lot.money_u))
                lot.money_u = 0
        return moves

    def _transfer(self, event: Transferred) -> Moves:
        """A position that came in is a lot since it was acquired; one that left ends no lot."""
        underlying = self.underlying(event)
        moved = event.quantity if event.option is not None else event.shares
        if moved == 0:
            return self._returned(event)
        asset, money_u = Asset(underlying, event.option), event.amount_u - event.fee_u
        trade = Trade(event.account, asset, event.session, "transferred", moved, money_u)
        gone = self._release(trade)
        left = moved + sum(part.quantity for part in gone)
        counts = [*(abs(part.quantity) for part in gone), abs(left)]
        for part, came_u in zip(gone, spread(money_u, counts), strict=False):
            self.left_u += part.money_u + came_u
        if left:
            self._purchases += 1
            came_u = spread(money_u, counts)[-1]
            lot = Lot(self._purchases, left, came_u, event.acquired, event.acquired)
            self._join(event.account, asset, [lot])
        return Moves([], [])


def _joined(lots: list[Lot]) -> list[Lot]:
    """The lots without those of which nothing is left: their money goes with the next one."""
    found: list[Lot] = []
    waiting_u = 0
    for lot in lots:
        if lot.quantity == 0:
            waiting_u += lot.money_u
        else:
            lot.money_u, waiting_u = lot.money_u + waiting_u, 0
            found.append(lot)
    found[-1].money_u += waiting_u
    return found


def _scale(lots: Iterable[Lot], total: int) -> None:
    """More of each lot, or less, and of all of them together so many."""
    lots = list(lots)
    counts = [lot.quantity for lot in lots]
    for lot, quantity in zip(lots, spread(total, counts), strict=True):
        lot.quantity, lot.growing = quantity, False
