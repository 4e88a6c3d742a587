"""Trades of lots: what an account holds of a thing, and what ends or begins with a trade in it."""

from collections.abc import Container
from datetime import date
from typing import Final, NamedTuple

from underwriter.book.event import (
    Assigned,
    Event,
    Expired,
    Filled,
    LegEvent,
    Settled,
    SleeveEvent,
    SleeveOpened,
)
from underwriter.book.lot import Asset, Closing, How, Lot, Opened
from underwriter.book.lot_order import Order, fifo
from underwriter.book.spread import spread
from underwriter.core.errors import InputError

TRADED: Final = "traded"
EXPIRED: Final = "expired"
TRADED_BY: dict[type[Event], How] = {
    Filled: TRADED,
    Expired: EXPIRED,
    Assigned: "assigned",
    Settled: "settled",
}


class Moves(NamedTuple):
    """What one event did to the lots."""

    closed: list[Closing]
    opened: list[Opened]


class Trade(NamedTuple):
    """A change of an account's holding of one thing, and the money it brought."""

    account: str
    asset: Asset
    day: date
    how: How
    quantity: int
    money_u: int
    replaces: bool = False


class Trades:
    """The open lots of all accounts, and the trades in them."""

    def __init__(
        self, order: Order = fifo, *, folds: bool = True, separate: Container[str] = ()
    ) -> None:
        self.order, self._folds, self._separate = order, folds, separate
        self.open: dict[tuple[str, Asset], list[Lot]] = {}
        self.sleeves: dict[int, SleeveOpened] = {}
        self.multiplier: dict[str, int] = {}  # shares a contract, by underlying
        self.left_u = 0  # money of what was transferred away: of its lots, and as it was told
        self._purchases = 0
        self._splits: set[tuple[object, ...]] = set()

    def folds(self, account: str) -> bool:
        """Whether the premium of an option goes into the shares that it moves."""
        return self._folds and account not in self._separate

    def shares(self, account: str, underlying: str) -> int:
        """How many shares of an underlying an account has, negative where it is short."""
        return sum(lot.quantity for lot in self.open.get((account, Asset(underlying, None)), ()))

    def underlying(self, event: SleeveEvent) -> str:
        """What the sleeve of an event trades."""
        sleeve = self.sleeves.get(event.sleeve)
        if sleeve is None:
            raise InputError(
                f"{event.session}: found an event of sleeve {event.sleeve}; expected one that was "
                "opened before it"
            )
        return sleeve.underlying

    def _leg(self, event: LegEvent) -> Moves:
        underlying = self.underlying(event)
        moved = event.shares if event.option is None else event.quantity
        if moved == 0 or event.shares % moved:
            raise InputError(
                f"{event.session}: found {event.shares} shares and {event.quantity} contracts of "
                f"{event.option or underlying}; expected a quantity, and as many shares a contract"
            )
        trade = Trade(
            event.account,
            Asset(underlying, event.option),
            event.session,
            TRADED_BY[type(event)],
            moved,
            event.amount_u - event.fee_u,
        )
        if event.option is not None and event.shares != 0:
            return self._deliver(trade, event.shares)
        return self._book(trade)

    def _book(self, trade: Trade) -> Moves:
        """Let a trade end what it can and open what is left."""
        parts = self._release(trade)
        if not parts:
            return Moves([], [self._open(trade)])
        left = trade.quantity + sum(part.quantity for part in parts)
        if len(parts) == 1 and left == 0:
            return Moves([self._close(trade, parts[0], trade.money_u)], [])
        counts = [abs(part.quantity) for part in parts]
        money = spread(trade.money_u, [*counts, abs(left)])
        closed = [self._close(trade, part, m) for part, m in zip(parts, money, strict=False)]
        rest = trade._replace(quantity=left, money_u=money[-1])
        return Moves(closed, [self._open(rest)] if left else [])

    def _release(self, trade: Trade) -> list[Lot]:
        """Take lots out that a trade ends, whole or in part."""
        at = trade.account, trade.asset
        lots, wanted = self.open.get(at, []), -trade.quantity
        if not lots or (lots[0].quantity > 0) != (wanted > 0):
            return []
        found = []
        for lot in self.order(lots, trade.asset, trade.day):
            if wanted == 0:
                break
            if abs(lot.quantity) <= abs(wanted):
                lots.remove(lot)
                found.append(lot)
            else:
                found.append(lot.part(wanted))
            wanted -= found[-1].quantity
        if not lots:
            del self.open[at]
        return found

    @staticmethod
    def _close(trade: Trade, part: Lot, money_u: int) -> Closing:
        """What the end of a lot came to; a fee beyond the proceeds counts as cost."""
        short = part.quantity < 0
        proceeds_u = max(part.money_u if short else money_u, 0)
        return Closing(
            account=trade.account,
            asset=trade.asset,
            quantity=abs(part.quantity),
            short=short,
            opened=part.opened,
            since=part.since,
            closed=trade.day,
            how=trade.how,
            proceeds_u=proceeds_u,
            basis_u=proceeds_u - part.money_u - money_u,
            purchase=part.purchase,
        )

    def _open(self, trade: Trade) -> Opened:
        """Open a lot; fills of one thing on one session are one lot with all of their fees."""
        lots = self.open.setdefault((trade.account, trade.asset), [])
        filled = trade.how == TRADED
        if filled and lots and lots[-1].growing and lots[-1].opened == trade.day:
            lots[-1].quantity += trade.quantity
            lots[-1].money_u += trade.money_u
        else:
            self._purchases += 1
            day = trade.day
            lot = Lot(
                self._purchases, trade.quantity, trade.money_u, day, day, filled, trade.replaces
            )
            lots.append(lot)
        return Opened(trade.account, trade.asset, lots[-1])

    def _deliver(self, trade: Trade, shares: int) -> Moves:
        """Let an option end in shares: each of its lots takes its premium into a trade of them."""
        parts = self._release(trade)
        left = trade.quantity + sum(part.quantity for part in parts)
        counts = [*(abs(part.quantity) for part in parts), abs(left)]
        moves = Moves([], [])
        if left:  # two sleeves' legs that ended each other before: nothing was paid for this one
            moves.opened.append(self._open(trade._replace(quantity=left, money_u=0)))
        stock = trade._replace(asset=Asset(trade.asset.underlying, None))
        moved, money = spread(shares, counts), spread(trade.money_u, counts)
        for part, count, money_u in zip([*parts, None], moved, money, strict=True):
            if count == 0:
                continue
            premium_u = 0 if part is None else part.money_u
            if part is not None and not self.folds(trade.account):
                moves.closed.append(self._close(trade, part, 0))
                premium_u = 0
            replaces = part is not None and part.replaces
            each = self._book(
                stock._replace(quantity=count, money_u=money_u + premium_u, replaces=replaces)
            )
            moves.closed.extend(each.closed)
            moves.opened.extend(each.opened)
        return moves
