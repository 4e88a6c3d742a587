"""The rows of a book out of their arrays, as Python's own numbers: what a fold changes one by one.

A fold changes a book by one fact after another.  To hand a row of an array to a compiled kernel
takes longer than all that it does then, and the compiler as long to load as a year to fold.  So
these rows are objects with the fields of their class, and Python runs the kernels' own source on
them: `record` and `apply` are the engine's, line by line.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

import numpy as np

from underwriter.core import contract, sleeve
from underwriter.core.kernel import plain
from underwriter.core.record import Row, Rows, columns, layout
from underwriter.core.sleeve import Account, BookState, Regime, Sleeve, new_book

apply, is_flat, home_of = plain(sleeve.apply), plain(sleeve.is_flat), plain(sleeve.home_of)
share_money_u = plain(sleeve.share_money_u)
pack, root_of, expiry_of = plain(contract.pack), plain(contract.root_of), plain(contract.expiry_of)
right_of, strike_of = plain(contract.right_of), plain(contract.strike_of)
record = cast("Callable[[LooseState, sleeve.Fact], None]", plain(sleeve.record))

State = tuple[int, int, int]  # of a regime: column, now, pending

T = TypeVar("T", bound=Row)


def loose(row: type[T], values: Iterable[Any]) -> T:
    """A row with the values of its fields, in their order."""
    one = row()
    for name, value in zip(layout(row).names or (), values, strict=True):
        setattr(one, name, value)
    return one


def loosened(row: type[T], table: Rows[T]) -> list[T]:
    """The rows of an array."""
    told = columns(table)
    values = (told[name].tolist() for name in layout(row).names or ())
    return [loose(row, each) for each in zip(*values, strict=True)]


def copied(row: T) -> T:
    """A row of its own with the same values."""
    other = type(row)()
    for name, value in vars(row).items():
        setattr(other, name, [*value] if isinstance(value, list) else value)
    return other


def flat(account: int, policy: int, underlying: int) -> Sleeve:
    """A sleeve that has done nothing yet."""
    one = Sleeve()
    for name, value in _FLAT:
        setattr(one, name, list(value) if isinstance(value, list) else value)
    one.account, one.policy, one.underlying = account, policy, underlying
    return one


class LooseState:
    """A `BookState` to be changed, which grows row by row."""

    def __init__(self, state: BookState) -> None:
        """A copy of arrays."""
        regimes, exposure_u = cast("Any", state.regimes), state.exposure_u
        self.accounts = loosened(Account, state.accounts)
        self.sleeves = loosened(Sleeve, state.sleeves)
        self.regimes: list[list[State]] = regimes.tolist()  # by policy, by underlying
        self.exposure_u: list[list[int]] = exposure_u.tolist()  # by account, by underlying
        self._underlyings = exposure_u.shape[1]

    def copy(self) -> "LooseState":
        """The same, to be changed apart."""
        other = object.__new__(LooseState)
        other.accounts, other.sleeves = [*map(copied, self.accounts)], [*map(copied, self.sleeves)]
        other.regimes = [[*regimes] for regimes in self.regimes]
        other.exposure_u = [[*exposure_u] for exposure_u in self.exposure_u]
        other._underlyings = self._underlyings
        return other

    def add_account(self) -> None:
        """One more, with nothing."""
        self.accounts += loosened(Account, _NEW.accounts)
        self.exposure_u.append([0] * self._underlyings)

    def add_policy(self) -> None:
        """One more, of no regime yet."""
        self.regimes.append([_UNKNOWN] * self._underlyings)

    def add_underlying(self) -> None:
        """One more, on which there is neither regime nor exposure."""
        self._underlyings += 1
        for regimes in self.regimes:
            regimes.append(_UNKNOWN)
        for exposure_u in self.exposure_u:
            exposure_u.append(0)

    def add_sleeve(self, account: int, policy: int, underlying: int) -> None:
        """One more, flat."""
        self.sleeves.append(flat(account, policy, underlying))

    def total(self) -> int:
        """Cash, money and things of all rows, every one without its sign."""
        found: list[int] = [account.cash_u for account in self.accounts]
        for one in self.sleeves:
            found += (one.shares, one.credit_u, one.realised_u, *one.quantity, *one.amount_u)
        return sum(map(abs, found))

    def fixed(self) -> BookState:
        """The same in arrays."""
        sizes = len(self.accounts), len(self.sleeves), len(self.regimes), self._underlyings
        state: Any = new_book(*sizes)
        for table, rows in ((state.accounts, self.accounts), (state.sleeves, self.sleeves)):
            columns(table)[:] = [tuple(vars(one).values()) for one in rows]
        for at, regimes in enumerate(self.regimes):
            columns(state.regimes)[at] = np.array(regimes, layout(Regime))
        for at, exposure_u in enumerate(self.exposure_u):
            state.exposure_u[at] = exposure_u
        return cast("BookState", state)


_NEW = new_book(1, 1, 1, 1)
_FLAT = tuple(vars(loosened(Sleeve, _NEW.sleeves)[0]).items())
_UNKNOWN: State = cast("Any", _NEW.regimes).tolist()[0][0]
