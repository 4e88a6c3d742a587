"""A folded book as the rows that `core.session.step` decides on.

A fold numbers accounts, policies and underlyings as it meets them; a slab and its policies have an
order of their own.  `take_seats` lets each sleeve sit where the slab has it, so that what a
journal tells and what the engine holds are the same rows: parity proof 4.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from underwriter.book.fold import Book, Instrument
from underwriter.book.loose import expiry_of, pack, right_of, root_of, strike_of
from underwriter.core.chain import NO_ROW
from underwriter.core.contract import NONE, osi_of
from underwriter.core.errors import InputError
from underwriter.core.record import I4, columns
from underwriter.core.sleeve import NEVER, BookState, is_flat, new_book

_OF_ACCOUNT = ("cash_u", "peak_u", "equity_u", "reserved_u", "puts_u", "margin_u", "committed_u")
_OF_SLEEVE = ("campaign", "rolls", "lost", "shares", "legs", "credit_u", "realised_u")
_OF_REGIME = ("column", "now", "pending")

Place = tuple[str, str, Instrument]  # account, policy, underlying: a ladder of sleeves


class Names(NamedTuple):
    """What the numbers of a book's seats stand for."""

    accounts: tuple[str, ...]
    policies: tuple[str, ...]  # their names
    instruments: tuple[Instrument, ...]


def empty_seats(
    seats: Iterable[tuple[int, int, int]], accounts: int, policies: int, underlyings: int
) -> BookState:
    """An empty state with every sleeve in its seat: numbers of account, underlying and policy."""
    found = [*seats]
    state = new_book(accounts, len(found), policies, underlyings)
    rows, numbers = columns(state.sleeves), np.array(found, np.int64).reshape(-1, 3)
    for at, name in enumerate(("account", "underlying", "policy")):
        rows[name] = numbers[:, at]
    return state


def count_back(state: BookState, sessions: I4, today: int) -> None:
    """Let losses stand as many sessions before today's as they were; a book has their days.

    `sessions` are the exchange's, as day numbers; today's is session 0 from here on.
    """
    lost = columns(state.sleeves)["lost"]
    for at in (lost != NEVER).nonzero()[0]:
        lost[at] = -int(((sessions > lost[at]) & (sessions <= today)).sum())


def take_seats(book: Book, state: BookState, names: Names) -> None:
    """Fill an empty state, whose sleeves have their seats, with what a book holds.

    Rungs of one ladder sit in the order in which the book opened them; `lost` is a day number, as a
    book has it, for the caller to count sessions from.  InputError for an account
    that the book does not have, and for what it holds where no seat is.
    """
    waiting = _ladders(book)
    pairs: list[tuple[int, int]] = []
    rows = columns(state.sleeves)
    for at, seat in enumerate(rows[["account", "policy", "underlying"]].tolist()):
        rungs = waiting.get(_place(seat, names), [])
        if rungs:
            pairs.append((rungs.pop(0), at))
    _sit(book, pairs, state)
    _refuse_standing(book, [at for rungs in waiting.values() for at in rungs])
    for number, account in enumerate(names.accounts):
        _take_account(book, account, names, state, number)


def _ladders(book: Book) -> dict[Place, list[int]]:
    """The book's sleeves by account, name of the policy and underlying, each in order."""
    found: defaultdict[Place, list[int]] = defaultdict(list)
    for at, opened in enumerate(book.sleeves):
        place = opened.account, opened.name, Instrument(opened.underlying, opened.root)
        found[place].append(at)
    return found


def _place(seat: tuple[int, int, int], names: Names) -> Place:
    """The ladder that a seat is of, by the numbers of its account, policy and underlying."""
    account, policy, underlying = seat
    return names.accounts[account], names.policies[policy], names.instruments[underlying]


def _sit(book: Book, pairs: Sequence[tuple[int, int]], state: BookState) -> None:
    """Let sleeves of the book sit down, each with the regime that its policy is in."""
    held, empty = columns(book.state.sleeves), columns(state.sleeves)
    known, regimes = columns(book.state.regimes), columns(state.regimes)
    sleeves, seats = (np.array([pair[at] for pair in pairs], np.int64) for at in (0, 1))
    for name in (*_OF_SLEEVE, "quantity", "amount_u"):
        empty[name][seats] = held[name][sleeves]
    there, here = ((rows["policy"][at], rows["underlying"][at]) for rows, at in (
        (held, sleeves), (empty, seats)
    ))  # fmt: skip
    for name in _OF_REGIME:
        regimes[name][here] = known[name][there]
    empty["row"][seats] = NO_ROW
    keys = held["contract"][sleeves]
    for at in (keys != NONE).any(1).nonzero()[0].tolist():
        sleeve, seat = pairs[at]
        root, told = int(empty["underlying"][seat]) + 1, keys[at].tolist()
        _require_standard(book, sleeve, told)
        empty["contract"][seat] = [_renumbered(key, root) for key in told]


def _require_standard(book: Book, sleeve: int, keys: Iterable[int]) -> None:
    """InputError for a leg that a corporate action changed: the engine knows no such one."""
    opened = book.sleeves[sleeve]
    for key in keys:
        if key == NONE:
            continue
        root = book.instruments[root_of(key) - 1].root
        option = osi_of(key, root)
        gives = book.delivered.get(option)
        changed = gives is not None and gives != (opened.multiplier, 0)
        if changed or root != opened.root:
            what = f"{gives.shares} shares and cash" if gives and changed else "something else"
            raise InputError(
                f"found {option} in sleeve {opened.sleeve} of account {opened.account}, which "
                f"delivers {what}; expected {opened.multiplier} shares of {opened.underlying}: "
                "hold it to its end or close it by hand"
            )


def _renumbered(key: int, root: int) -> int:
    """A contract's key under the number that its root has here."""
    if key == NONE or root_of(key) == root:
        return key
    return pack(root, expiry_of(key), right_of(key), strike_of(key))


def _refuse_standing(book: Book, left: list[int]) -> None:
    """InputError for a sleeve that holds something and has no seat."""
    for at in left:
        if not is_flat(book.state.sleeves[at]):
            opened = book.sleeves[at]
            raise InputError(
                f"found sleeve {opened.sleeve} of account {opened.account} with a position in "
                f"{opened.underlying} under {opened.name}; expected every sleeve that holds "
                "something to have its underlying and its rung in the policy of that name"
            )


def _take_account(book: Book, account: str, names: Names, state: BookState, number: int) -> None:
    """An account's money as last marked, and what it is exposed to."""
    if account not in book.accounts:
        found = ", ".join(book.accounts) or "none"
        raise InputError(f"found accounts {found}; expected {account}, as account.name is set")
    known = book.accounts.index(account)
    held, rows = columns(book.state.accounts), columns(state.accounts)
    for name in _OF_ACCOUNT:
        rows[name][number] = held[name][known]
    for at, instrument in enumerate(names.instruments):
        if instrument in book.instruments:
            exposed = book.state.exposure_u[known, book.instruments.index(instrument)]
            state.exposure_u[number, at] = exposed
