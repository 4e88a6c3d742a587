"""Frames to a sorted, typed Chain with its index: the only door into core.

A `Listing` is one underlying with its history, its cash dividends and its quotes.  `build_slab`
joins any number of them on one calendar; what is off tick, doubled, on no session or not a number
is refused, never passed on.  One session and ten years go through the same function.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import polars as pl

from underwriter.core.chain import NO_ROW, Bar, Market, Quote, Session, Terms
from underwriter.core.contract import EXPIRY_SHIFT, MAX_ROOTS, MIL_U, RIGHT_SHIFT, ROOT_SHIFT
from underwriter.core.errors import InputError
from underwriter.core.record import F8, I4, I8, Rows, rows
from underwriter.core.units import DAYS_A_YEAR, MICRO, day_of, to_u
from underwriter.market.calendar import Calendar
from underwriter.market.history import Bars, naming
from underwriter.market.instrument import Instrument

_KEY = ["session", "underlying", "right", "expiry", "strike"]
_PRICES = ("strike", "bid", "ask")
_OPTIONAL = {"open_interest": pl.Int32}


@dataclass(frozen=True, slots=True)
class Listing:
    """One underlying: its bars, its dividends a share by ex-date, and its quotes.

    `quotes` has the columns session and expiry (day numbers), right (0 put, 1 call), strike, bid,
    ask (dollars), delta, iv, and may have open_interest.
    """

    instrument: Instrument
    bars: Bars
    ex_day: I4
    dividend: F8
    quotes: pl.DataFrame


class Rates(NamedTuple):
    """What belongs to no underlying, one value a session: annual bill rate, volatility index."""

    bill: F8
    measure: F8  # points; NaN is unknown


class Slab(NamedTuple):
    """Everything a decision may see, of one session or of many."""

    market: Market
    instruments: tuple[Instrument, ...]


def build_slab(listings: Sequence[Listing], rates: Rates, calendar: Calendar) -> Slab:
    """Join listings into one slab.  All bars must stand on the same sessions.

    Raises InputError for days that are no sessions, sessions that are missing, and quotes that
    cannot be: not a number, negative, off tick, doubled, or on a session without a bar.
    """
    if not listings or len(listings) > MAX_ROOTS:
        raise InputError(f"found {len(listings)} underlyings; a slab holds 1 to {MAX_ROOTS}")
    day = _days(listings, calendar)
    quoted = _sorted(listings)
    instruments = tuple(listing.instrument for listing in listings)
    bars = _bars(listings, day, quoted)
    sessions = _sessions(day, rates, calendar)
    market = Market(_quotes(quoted, day), sessions, bars, _terms(instruments))
    _fill(market.quotes, "forward", _forwards(quoted, listings, market))
    return Slab(market, instruments)


def _days(listings: Sequence[Listing], calendar: Calendar) -> I4:
    """The days of the slab, the same in every listing."""
    day = _due(listings[0], calendar)
    for listing in listings[1:]:
        if not np.array_equal(_due(listing, calendar), day):
            found = f"{listing.instrument.symbol}: found bars of {_span(listing.bars.day)}"
            raise InputError(f"{found}; expected {_span(day)} as {listings[0].instrument.symbol}")
    return day


def _due(listing: Listing, calendar: Calendar) -> I4:
    """The days of one listing's bars, held against the exchange's calendar."""
    with naming(listing.instrument.symbol):
        hold_to_sessions(listing.bars.day, calendar)
    return listing.bars.day


def hold_to_sessions(day: I4, calendar: Calendar) -> None:
    """InputError unless `day` are the exchange's sessions, every one from the first to the last."""
    due = calendar.between(int(day[0]), int(day[-1]))
    closed, absent = np.setdiff1d(day, due), np.setdiff1d(due, day)
    if len(closed):
        where = f"found {len(closed)} bars on days that are no session of {calendar.name}"
        raise InputError(f"{where}, the first {day_of(int(closed[0]))}; expected sessions alone")
    if len(absent):
        where = f"found no bar on {len(absent)} sessions of {calendar.name}"
        raise InputError(f"{where}, the first {day_of(int(absent[0]))}; expected one on each")


def _span(day: I4) -> str:
    """The first and the last of some days, for people."""
    return f"{day_of(int(day[0]))} to {day_of(int(day[-1]))}"


class _Sorted(NamedTuple):
    """All quotes and the order of the chain; a column at a time, so that none is held twice."""

    frame: pl.DataFrame
    order: pl.Series

    def column(self, name: str) -> npt.NDArray[Any]:
        """One column in the order of the chain."""
        return self.frame[name].gather(self.order).to_numpy()


def _sorted(listings: Sequence[Listing]) -> _Sorted:
    """All quotes in the order of the chain; what cannot be is refused."""
    frame = pl.concat([_checked(listing, number) for number, listing in enumerate(listings)])
    found = _Sorted(frame, frame.select(pl.arg_sort_by(_KEY)).to_series())
    twice = np.ones(max(frame.height - 1, 0), np.bool_)
    for name in _KEY:
        column = found.column(name)
        twice &= column[1:] == column[:-1]
    doubled = frame[found.order.gather(np.flatnonzero(twice) + 1)]
    _refuse(doubled, listings, "doubled contract", "one quote")
    return found


def _checked(listing: Listing, number: int) -> pl.DataFrame:
    """One listing's quotes with its number and the columns it may lack; every price can be."""
    frame = listing.quotes.with_columns(underlying=pl.lit(number, pl.Int16))
    for name, kind in _OPTIONAL.items():
        if name not in frame.columns:
            frame = frame.with_columns(pl.lit(-1, kind).alias(name))
    for name in _PRICES:
        prices = frame[name].to_numpy()
        real = np.isfinite(prices) & (prices >= 0.0)
        _refuse(frame.filter(~real), [listing], "price", "a number, zero or more")
    for name in ("bid", "ask"):
        off = _off_tick(listing.instrument, _micros(frame[name].to_numpy()))
        _refuse(frame.filter(off), [listing], "price off tick", "legal ticks")
    split = _micros(frame["strike"].to_numpy()) % MIL_U != 0
    _refuse(frame.filter(split), [listing], "strike", "whole thousandths of a dollar")
    return frame


def _off_tick(instrument: Instrument, prices_u: I8) -> npt.NDArray[np.bool_]:
    """Which prices are no whole number of legal ticks."""
    ticks = instrument.ticks
    small = prices_u < to_u(ticks.threshold)
    return prices_u % np.where(small, to_u(ticks.small), to_u(ticks.large)) != 0


def _refuse(rows: pl.DataFrame, listings: Sequence[Listing], found: str, allowed: str) -> None:
    """Raise the one line about quotes that cannot enter, if there are any."""
    if not rows.height:
        return
    row = rows.row(0, named=True)
    listing = listings[row["underlying"] if len(listings) > 1 else 0]
    option = f"{day_of(row['expiry'])} {'PC'[row['right']]} {row['strike']}"
    raise InputError(
        f"{listing.instrument.symbol}, {day_of(row['session'])}, {option}: found {found} "
        f"(bid {row['bid']}, ask {row['ask']}), and {rows.height - 1} more such quotes; "
        f"expected {allowed}"
    )


def _quotes(quoted: _Sorted, day: I4) -> Rows[Quote]:
    """The rows of the chain; the forward is filled in when the market is known."""
    quotes = rows(Quote, quoted.frame.height)
    for name in ("expiry", "delta", "iv", "open_interest"):
        _fill(quotes, name, quoted.column(name))
    for name in _PRICES:
        _fill(quotes, f"{name}_u", _micros(quoted.column(name)))
    _fill(quotes, "session", np.searchsorted(day, quoted.column("session")))
    contract = _micros(quoted.column("strike")) // MIL_U
    contract |= quoted.column("underlying").astype(np.int64) + 1 << ROOT_SHIFT
    contract |= quoted.column("expiry").astype(np.int64) << EXPIRY_SHIFT
    contract |= quoted.column("right").astype(np.int64) << RIGHT_SHIFT
    _fill(quotes, "contract", contract)
    _fill(quotes, "next", _following(contract))
    return quotes


def _fill(quotes: Rows[Quote], name: str, values: npt.NDArray[np.generic]) -> None:
    """Set one field of every row."""
    cast("npt.NDArray[np.void]", quotes)[name] = values


def _following(contract: I8) -> I8:
    """For each row the next row of the same contract, which stands on a later session, or -1."""
    order = np.argsort(contract, kind="stable")
    following = np.full(len(contract), NO_ROW, np.int64)
    same = contract[order[1:]] == contract[order[:-1]]
    following[order[:-1][same]] = order[1:][same]
    return following


def _sessions(day: I4, rates: Rates, calendar: Calendar) -> Rows[Session]:
    """What belongs to no underlying."""
    sessions = rows(Session, len(day))
    table = cast("npt.NDArray[np.void]", sessions)
    table["day"] = day
    table["first_of_week"] = calendar.first_of_week(day)
    table["rate"] = rates.bill
    table["measure"] = rates.measure
    return sessions


def _bars(listings: Sequence[Listing], day: I4, quoted: _Sorted) -> Rows[Bar]:
    """Prices and dividends of every underlying, and where its quotes begin and end."""
    bars = rows(Bar, len(day), len(listings))
    table = cast("npt.NDArray[np.void]", bars)
    for number, listing in enumerate(listings):
        table["close_u"][:, number] = _micros(listing.bars.close)
        table["open_u"][:, number] = _micros(np.nan_to_num(listing.bars.open))
        table["dividend_u"][:, number] = _dividends_u(listing, day)
    starts = _starts(quoted, day, listings)
    shape = (len(day), len(listings))
    table["puts"] = starts[:-1:2].reshape(shape)
    table["calls"] = starts[1::2].reshape(shape)
    table["end"] = starts[2::2].reshape(shape)
    return bars


def _starts(quoted: _Sorted, day: I4, listings: Sequence[Listing]) -> I8:
    """Where each block of (session, underlying, right) begins; the end stands last."""
    on, underlyings = quoted.column("session"), len(listings)
    session = np.searchsorted(day, on)
    strange = np.flatnonzero(day[np.minimum(session, len(day) - 1)] != on)
    odd = quoted.frame[quoted.order.gather(strange)]
    _refuse(odd, listings, "a day without a bar", "the days of the bars")
    block = (session * underlyings + quoted.column("underlying")) * 2 + quoted.column("right")
    return np.searchsorted(block, np.arange(len(day) * underlyings * 2 + 1)).astype(np.int64)


def _terms(instruments: Sequence[Instrument]) -> Rows[Terms]:
    """The options' terms, one row an underlying."""
    terms = rows(Terms, len(instruments))
    for number, instrument in enumerate(instruments):
        row = terms[number]
        row.american = int(instrument.style == "american")
        row.physical = int(instrument.physical)
        row.morning = int(instrument.settlement == "cash-am")
        row.multiplier = instrument.multiplier
        row.tick_small_u = to_u(instrument.ticks.small)
        row.tick_large_u = to_u(instrument.ticks.large)
        row.tick_threshold_u = to_u(instrument.ticks.threshold)
    return terms


def _micros(dollars: F8) -> I8:
    """Whole millionths of a dollar, halves upward as `core.units.round_u`."""
    return np.floor(dollars * MICRO + 0.5).astype(np.int64)


def _dividends_u(listing: Listing, day: I4) -> I8:
    """Dividends a share on the sessions; an ex-date that is no session counts on the next one."""
    paid_u = np.zeros(len(day), np.int64)
    at = np.searchsorted(day, listing.ex_day)
    inside = (at < len(day)) & (listing.ex_day >= day[0])
    np.add.at(paid_u, at[inside], _micros(listing.dividend[inside]))
    return paid_u


def _forwards(quoted: _Sorted, listings: Sequence[Listing], market: Market) -> F8:
    """Each row's forward: the close less the dividends to come, carried at the bill rate."""
    sessions = cast("npt.NDArray[np.void]", market.sessions)
    closes = cast("npt.NDArray[np.void]", market.bars)["close_u"]
    at = cast("npt.NDArray[np.void]", market.quotes)["session"]
    on, expiry = quoted.column("session"), quoted.column("expiry")
    underlying = quoted.column("underlying")
    ahead = np.zeros(len(on))
    for number, listing in enumerate(listings):
        mine = underlying == number
        paid = np.concatenate([[0.0], np.cumsum(listing.dividend)])
        until = np.searchsorted(listing.ex_day, expiry[mine], side="right")
        since = np.searchsorted(listing.ex_day, on[mine], side="right")
        ahead[mine] = paid[until] - paid[np.minimum(since, until)]
    carried: F8 = np.exp(sessions["rate"][at] * (expiry - on) / DAYS_A_YEAR)
    return (closes[at, underlying] / MICRO - ahead) * carried
