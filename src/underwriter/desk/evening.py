"""A session's evening as the journal keeps it: what the account is worth, the market beside it."""

from collections.abc import Sequence
from math import isnan
from typing import Any

import numpy as np
import numpy.typing as npt

from underwriter.book.event import Marked, Quoted
from underwriter.book.fold import Book
from underwriter.core.errors import InputError
from underwriter.core.marking import mark
from underwriter.core.policy import OWN_PERCENTILE
from underwriter.core.record import columns
from underwriter.core.session import observe_all
from underwriter.core.sleeve import BookState
from underwriter.core.units import day_of
from underwriter.desk.deciding import Rules, seat_book
from underwriter.market.calendar import Calendar
from underwriter.market.slab import Origin, Slab


def evening_of(book: Book, slab: Slab, rules: Rules, when: tuple[Calendar, int]) -> Marked:
    """The evening of a session on a slab of it, the facts of its night in the book.

    InputError where something is held whose price is of another day.
    """
    calendar, at = when
    state, market = seat_book(book, slab, rules, calendar), slab.market
    if stands := _held_of("standing", book, slab, rules):
        raise InputError(unpriced(stands, int(market.sessions[0].day)))
    observe_all(state, market, 0, rules.policies)
    mark(state, market, 0, rules.limits)
    now, row = market.sessions[0], state.accounts[0]
    held, bars = columns(state.sleeves), columns(market.bars)[0]
    shares_u = int((held["shares"] * bars["close_u"][held["underlying"]]).sum())
    money: dict[str, Any] = {name: int(getattr(row, name)) for name in _MONEY}
    return Marked(
        at=at, session=day_of(int(now.day)), account=rules.account, shares_u=shares_u,
        rate=float(now.rate), measure=None if isnan(now.measure) else float(now.measure),
        underlyings={one.symbol: _quoted(bars, u) for u, one in _numbered(slab)},
        regimes=_regimes(state, slab, rules),
        carried=_held_of("carried", book, slab, rules),
        exposure_u={
            one.symbol: int(state.exposure_u[0, u])
            for u, one in _numbered(slab)
            if state.exposure_u[0, u]
        },
        **money,
    )  # fmt: skip


def equity_now_u(book: Book, slab: Slab, rules: Rules, calendar: Calendar) -> int:
    """What an account is worth on a slab."""
    state = seat_book(book, slab, rules, calendar)
    mark(state, slab.market, 0, rules.limits)
    return int(state.accounts[0].equity_u)


_MONEY = ("equity_u", "cash_u", "peak_u", "reserved_u", "puts_u", "margin_u")


def unpriced(names: Sequence[str], day: int) -> str:
    """What is said of names that are held and have no close on a session."""
    return (
        f"found no close of {', '.join(names)} on {day_of(day)}, nor any since its quotes ended; "
        "expected its daily bars: underwriter data fetch, or data import of a file with its date "
        "and close"
    )


def _held_of(origin: Origin, book: Book, slab: Slab, rules: Rules) -> tuple[str, ...]:
    """The underlyings of an origin of which the account holds something, by hand too.

    Of what is carried options alone: shares have their close.
    """
    rows = columns(book.state.sleeves)
    some: npt.NDArray[np.bool] = (rows["quantity"] != 0).any(1)
    if origin == "standing":
        some |= rows["shares"] != 0
    held = {
        opened.underlying
        for opened, holds in zip(book.sleeves, some, strict=True)
        if holds and opened.account == rules.account
    }
    pairs = zip(slab.instruments, slab.origins, strict=True)
    return tuple(one.symbol for one, of in pairs if of == origin and one.symbol in held)


def _numbered(slab: Slab) -> Any:  # noqa: ANN401  numbers and instruments
    return enumerate(slab.instruments)


def _quoted(bars: npt.NDArray[np.void], at: int) -> Quoted:
    """An underlying on one session; one for one where it does not split."""
    names = ("close_u", "dividend_u", "split_new", "split_old")
    close_u, dividend_u, new, old = (int(bars[name][at]) for name in names)
    return Quoted(close_u, dividend_u, (new, old) if new != old else (1, 1))


def _regimes(state: BookState, slab: Slab, rules: Rules) -> dict[str, tuple[int, int, int]]:
    """Each policy's regime, by underlying where it goes by its own."""
    found, regimes = {}, columns(state.regimes)[["column", "now", "pending"]].tolist()
    for p, named in enumerate(rules.named):
        own = rules.policies[p].measure == OWN_PERCENTILE
        for u, instrument in _numbered(slab):
            name = f"{named.hash} {instrument.symbol}" if own else named.hash
            found[name] = regimes[p][u]
    return found
