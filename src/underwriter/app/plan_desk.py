"""What the figures of a plan are made of: the session, the setup, the book before and after."""

from types import SimpleNamespace
from typing import NamedTuple, TypeVar, cast

import numpy as np
import numpy.typing as npt

from underwriter.app.plan_rows import Leg
from underwriter.core.contract import CALL, root_of, unpack
from underwriter.core.policy import Policy
from underwriter.core.record import Row, Rows
from underwriter.core.sleeve import BookState
from underwriter.market.slab import Slab
from underwriter.sim.backtest import Setup
from underwriter.sim.ledger import Line

R = TypeVar("R", bound=Row)


def plain(row: R) -> R:
    """A row's values as they are now, for Python alone: a look at a row itself takes 5 us."""
    record = cast("np.record", row)
    return cast(
        "R", SimpleNamespace(**dict(zip(record.dtype.names or (), record.item(), strict=True)))
    )


def column(table: Rows[R], name: str) -> npt.NDArray[np.int64]:
    """One field of all rows."""
    return cast("npt.NDArray[np.void]", table)[name]


class Desk(NamedTuple):
    """One session, decided."""

    slab: Slab
    setup: Setup
    start: BookState  # marked, and nothing decided yet
    after: BookState  # once the orders have filled on these quotes, and marked again
    lines: dict[int, list[Line]]  # by sleeve: their fills, and those that came to nothing
    names: tuple[str, ...]  # of the sleeves

    def symbol(self, sleeve: int) -> str:
        """The underlying of a sleeve."""
        return self.slab.instruments[self.setup.seats[sleeve].underlying].symbol

    def policy(self, sleeve: int) -> Policy:
        """The policy of a sleeve."""
        return self.setup.policies[self.setup.seats[sleeve].policy]

    def multiplier(self, sleeve: int) -> int:
        """The shares of one contract of a sleeve."""
        return self.slab.instruments[self.setup.seats[sleeve].underlying].multiplier

    def leg(self, key: int, quantity: int, price: float | None) -> Leg:
        """A contract as people read it."""
        instrument = self.slab.instruments[root_of(key) - 1]
        contract = unpack(key, instrument.root)
        return Leg(
            option=contract.osi(),
            underlying=instrument.symbol,
            right="C" if contract.right == CALL else "P",
            strike=float(contract.strike),
            expiry=str(contract.expiry),
            quantity=quantity,
            price=price,
        )
