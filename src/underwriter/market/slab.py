"""Frames to a sorted, typed Chain with its index: the only door into core.

A `Listing` is one underlying with its history, its cash dividends and its quotes.  `build_slab`
joins any number of them on one calendar; what is off tick, doubled, on no session or not a number
is refused, never passed on.  One session and ten years go through the same function.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import polars as pl

from underwriter.core.chain import ALL, Bar, Market, Quote, Session, Terms
from underwriter.core.contract import MAX_ROOTS
from underwriter.core.errors import InputError
from underwriter.core.record import F8, I4, I8, Rows, rows
from underwriter.core.units import DAYS_A_YEAR, MICRO, day_of, to_u
from underwriter.market.calendar import Calendar
from underwriter.market.history import Bars, naming
from underwriter.market.instrument import Instrument
from underwriter.market.joined import next_dividend
from underwriter.market.quoting import (
    DAY,
    DOUBLED,
    FINE,
    PRICE,
    STRIKE,
    TICK,
    Columns,
    Place,
    link,
    write_quotes,
)
from underwriter.market.realised import Actions

Origin = Literal["modelled", "quoted", "last", "mixed", "carried", "standing"]
_ORDER = ["session", "right", "expiry", "strike"]
_OPTIONAL = {"open_interest": (pl.Int32, -1)}  # -1: not known
_TYPES: dict[str, npt.DTypeLike] = {
    **dict.fromkeys(("session", "expiry"), np.int32),
    "right": np.int8,
    **dict.fromkeys(("strike", "bid", "ask"), np.float64),
    **dict.fromkeys(("delta", "iv"), np.float32),
    "forward": np.float64,
    "open_interest": np.int32,
}
_BAR_COLUMNS = ("close_u", "open_u", "dividend_u", "split_new", "split_old")
_FAULTS = {
    DAY: ("a day without a bar", "the days of the bars"),
    PRICE: ("price", "a number, zero or more"),
    TICK: ("price off tick", "legal ticks"),
    STRIKE: ("strike", "whole thousandths of a dollar"),
    DOUBLED: ("doubled contract", "one quote"),
}


class Splits(NamedTuple):
    """Share splits: `new` for `old` shares from the session `day` on (7 for 1: new 7, old 1)."""

    day: I4
    new: I8
    old: I8


NO_SPLITS = Splits(np.zeros(0, np.int32), np.zeros(0, np.int64), np.zeros(0, np.int64))


@dataclass(frozen=True, slots=True)
class Listing:
    """One underlying: its bars, its dividends a share by ex-date, its quotes, its splits.

    Prices, strikes and dividends are those of their day, never adjusted for splits.  `quotes` has
    the columns session and expiry (day numbers), right (0 put, 1 call), strike, bid, ask (dollars),
    delta, iv, and may have open_interest and forward (dollars, for its expiry).
    `origin` says what they are: "modelled" throughout, "quoted" as real bids and asks, "last":
    real last prices with a modelled spread around them, or "mixed": some days the one, some the
    other.  An evening's may be "carried" (`market.carried`), or "standing" where not even the price
    of the underlying is of that day.
    """

    instrument: Instrument
    bars: Bars
    ex_day: I4
    dividend: F8
    quotes: pl.DataFrame
    origin: Origin = "modelled"
    splits: Splits = NO_SPLITS


class Rates(NamedTuple):
    """What belongs to no underlying, one value a session: annual bill rate, volatility index."""

    bill: F8
    measure: F8  # points; NaN is unknown


class Slab(NamedTuple):
    """Everything a decision may see, of one session or of many."""

    market: Market
    instruments: tuple[Instrument, ...]
    origins: tuple[Origin, ...]  # what the quotes of each are


def build_slab(listings: Sequence[Listing], rates: Rates, calendar: Calendar) -> Slab:
    """Join listings into one slab.  All bars must stand on the same sessions.

    Raises InputError for days that are no sessions, sessions that are missing, quotes that cannot
    be (not a number, negative, off tick, doubled, on a session without a bar), and odd splits.
    """
    if not listings or len(listings) > MAX_ROOTS:
        raise InputError(f"found {len(listings)} underlyings; a slab holds 1 to {MAX_ROOTS}")
    day = _days(listings, calendar)
    columns = [_columns(_with_forward(listing, rates.bill)) for listing in listings]
    starts = _starts(columns, day)
    quotes = _quotes(columns, listings, day, starts)
    instruments = tuple(listing.instrument for listing in listings)
    sessions = _sessions(day, rates, calendar)
    bars = _bars(listings, day, _eve(day, calendar), starts)
    market = Market(quotes, sessions, bars, terms_of(instruments))
    return Slab(market, instruments, tuple(listing.origin for listing in listings))


def _with_forward(listing: Listing, rate: F8) -> Listing:
    """The listing with each quote's forward: its source's own, or the close carried."""
    if "forward" in listing.quotes.columns:
        return listing
    forward = pl.Series("forward", carried_forward(listing, rate))
    return replace(listing, quotes=listing.quotes.with_columns(forward))


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
    if np.array_equal(due, day):
        return
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


def _columns(listing: Listing) -> Columns:
    """One listing's quotes in slab order, with the columns that its frame may lack."""
    frame = listing.quotes
    for name, (kind, unknown) in _OPTIONAL.items():
        if name not in frame.columns:
            frame = frame.with_columns(pl.lit(unknown, kind).alias(name))
    columns = _taken(frame)
    return columns if slab_order(columns) else _taken(frame.sort(_ORDER))


def _taken(frame: pl.DataFrame) -> Columns:
    """The columns of a frame."""
    return Columns(
        *(frame[name].to_numpy().astype(kind, copy=False) for name, kind in _TYPES.items())
    )


def slab_order(columns: Columns) -> bool:
    """Whether quotes stand sorted by session, right, expiry and strike."""
    key = _keys(columns)
    return bool((key[1:] >= key[:-1]).all())


def _keys(columns: Columns) -> npt.NDArray[np.uint64]:
    """One number a quote that sorts as the slab does, to a thousandth of a dollar of strike."""
    mils = columns.strike * 1_000.0
    mils[~np.isfinite(mils)] = 0.0
    key = columns.session.astype(np.uint64) << np.uint64(48)
    key |= columns.right.astype(np.uint64) << np.uint64(47)
    key |= columns.expiry.astype(np.uint64) << np.uint64(31)
    return key | np.rint(mils).astype(np.int64).astype(np.uint64)


def _counts(columns: Columns, day: I4) -> I8:
    """How many puts and calls each session has, (sessions, 2); the rows of other days nowhere."""
    session = np.searchsorted(day, columns.session)
    session[day[np.minimum(session, len(day) - 1)] != columns.session] = len(day)
    counted = np.bincount(session * 2 + columns.right, minlength=2 * len(day) + 2)
    return counted[: 2 * len(day)].reshape(len(day), 2).astype(np.int64)


def _starts(columns: Sequence[Columns], day: I4) -> I8:
    """Where each block of (session, underlying, right) begins; the end stands last."""
    counts = np.stack([_counts(each, day) for each in columns], axis=1)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _quotes(
    columns: Sequence[Columns], listings: Sequence[Listing], day: I4, starts: I8
) -> Rows[Quote]:
    """The rows of the chain; what cannot be is refused."""
    quotes = rows(Quote, sum(len(each.session) for each in columns))
    for number, (each, listing) in enumerate(zip(columns, listings, strict=True)):
        ticks = listing.instrument.ticks
        steps = to_u(ticks.small), to_u(ticks.large), to_u(ticks.threshold)
        place = Place(day, starts, number, len(listings), *steps)
        fault, row = write_quotes(quotes, each, place)
        if fault != FINE:
            raise _refusal(listing.instrument.symbol, each, int(row), _FAULTS[fault])
    link(quotes, starts, 2 * len(listings))
    return quotes


def _refusal(symbol: str, columns: Columns, row: int, fault: tuple[str, str]) -> InputError:
    """The one line about the first quote that cannot enter."""
    option = f"{day_of(int(columns.expiry[row]))} {'PC'[columns.right[row]]} {columns.strike[row]}"
    found, allowed = fault
    return InputError(
        f"{symbol}, {day_of(int(columns.session[row]))}, {option}: found {found} "
        f"(bid {columns.bid[row]}, ask {columns.ask[row]}); expected {allowed}"
    )


def _sessions(day: I4, rates: Rates, calendar: Calendar) -> Rows[Session]:
    """What belongs to no underlying."""
    sessions = rows(Session, len(day))
    table = cast("npt.NDArray[np.void]", sessions)
    table["day"] = day
    table["tomorrow"] = _tomorrow(day, calendar)
    table["first_of_week"] = calendar.first_of_week(day)
    table["rate"] = rates.bill
    table["measure"] = rates.measure
    table["slope"] = np.nan
    return sessions


def _tomorrow(day: I4, calendar: Calendar) -> I4:
    """The session after each: the day after, where the calendar does not reach so far."""
    at = np.searchsorted(calendar.sessions, day, side="right")
    known = at < len(calendar.sessions)
    found = day + np.int32(1)
    found[known] = calendar.sessions[at[known]]
    return found


def _bars(listings: Sequence[Listing], day: I4, since: int, starts: I8) -> Rows[Bar]:
    """Prices, dividends and splits of every underlying, and where its quotes begin and end."""
    bars = rows(Bar, len(day), len(listings))
    table = cast("npt.NDArray[np.void]", bars)
    close, opens, paid_u, new, old = (table[name] for name in _BAR_COLUMNS)
    for number, listing in enumerate(listings):
        close[:, number] = _micros(listing.bars.close)
        opens[:, number] = _micros(np.where(np.isnan(listing.bars.open), 0.0, listing.bars.open))
        paid_u[:, number] = _dividends_u(listing, day, since)
        new[:, number], old[:, number] = _splits(listing, day, since)
    ahead = next_dividend(day, [Actions(each.ex_day, each.dividend) for each in listings])
    table["next_ex"], table["next_dividend_u"] = ahead.ex, ahead.amount_u
    table["admitted"] = ALL
    for name in ("iv30", "iv_percentile", "realised"):
        table[name] = np.nan
    shape = (len(day), len(listings))
    table["puts"] = starts[:-1:2].reshape(shape)
    table["calls"] = starts[1::2].reshape(shape)
    table["end"] = starts[2::2].reshape(shape)
    return bars


def terms_of(instruments: Sequence[Instrument]) -> Rows[Terms]:
    """The options' terms, one row an underlying."""
    terms = rows(Terms, len(instruments))
    for number, instrument in enumerate(instruments):
        row = terms[number]
        row.american = int(instrument.style == "american")
        row.physical = int(instrument.physical)
        row.morning = int(instrument.settlement == "cash-am")
        row.multiplier = instrument.multiplier
        row.broad = int(not instrument.physical)
        row.tick_small_u = to_u(instrument.ticks.small)
        row.tick_large_u = to_u(instrument.ticks.large)
        row.tick_threshold_u = to_u(instrument.ticks.threshold)
    return terms


def _micros(dollars: F8) -> I8:
    """Whole millionths of a dollar, halves upward as `core.units.round_u`."""
    return np.floor(dollars * MICRO + 0.5).astype(np.int64)


def _eve(day: I4, calendar: Calendar) -> int:
    """The session before the first, after which a day counts on the first at the earliest."""
    before = calendar.sessions[calendar.sessions < day[0]]
    return int(before[-1]) if len(before) else calendar.first - 1


def _counting(when: I4, day: I4, since: int) -> tuple[I8, I8]:
    """Which of some days count on a session, and on which: a day that is none, on the next one."""
    at = np.searchsorted(day, when)
    which = np.flatnonzero((at < len(day)) & (when > since))
    return which, at[which]


def _dividends_u(listing: Listing, day: I4, since: int) -> I8:
    """Dividends a share on the sessions; an ex-date that is no session counts on the next one."""
    paid_u = np.zeros(len(day), np.int64)
    which, at = _counting(listing.ex_day, day, since)
    np.add.at(paid_u, at, _micros(listing.dividend[which]))
    return paid_u


def _splits(listing: Listing, day: I4, since: int) -> tuple[I8, I8]:
    """New and old shares on the sessions, in lowest terms: ones where there is no split.

    InputError for a ratio that is not whole, but on the first session, before which nothing is
    held: contracts then deliver something else than a hundred shares.
    """
    new, old = np.ones(len(day), np.int64), np.ones(len(day), np.int64)
    for row, at in zip(*_counting(listing.splits.day, day, since), strict=True):
        ratio = Fraction(int(listing.splits.new[row]), int(listing.splits.old[row]))
        if at > 0 and ratio.denominator > 1:
            where, found = day_of(int(day[at])), f"{ratio.numerator}:{ratio.denominator}"
            raise InputError(
                f"{listing.instrument.symbol}, {where}: found a split of {found}, which gives "
                "contracts a non-standard deliverable; expected whole ones, such as 2:1: end "
                "before that day or begin on it"
            )
        new[at], old[at] = ratio.numerator, ratio.denominator
    return new, old


def carried_forward(listing: Listing, rate: F8) -> F8:
    """Each quote's forward from the close less the dividends to come, carried at the bill rate.

    `rate` has one value a bar; the quotes may stand in any order, on days that have a bar.
    """
    on = listing.quotes["session"].to_numpy()
    expiry = listing.quotes["expiry"].to_numpy()
    at = np.minimum(np.searchsorted(listing.bars.day, on), len(listing.bars.day) - 1)
    paid = np.concatenate([[0.0], np.cumsum(listing.dividend)])
    until = np.searchsorted(listing.ex_day, expiry, side="right")
    since = np.searchsorted(listing.ex_day, on, side="right")
    ahead = paid[until] - paid[np.minimum(since, until)]
    carried: F8 = np.exp(rate[at] * (expiry - on) / DAYS_A_YEAR)
    return (listing.bars.close[at] - ahead) * carried
