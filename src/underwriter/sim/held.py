"""What a book holds on an evening, as positions that can be revalued: a volatility for every leg.

Each leg begins with the volatility at which the model gives its last fill, on that day's close.
Then the volatilities of an account are multiplied by one number, at which its options are
together worth what the evening's mark says: of an account with one leg that is exact.

    sold at 3.10 when SPX/10 stood at 210: 17.2%     the evening's mark of the leg: 4.02
    volatilities x1.09: 18.7%                        model at 18.7%: 4.02
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Literal, NamedTuple

from underwriter.book.naming import sleeve_names
from underwriter.core.contract import CALL, Contract, root_of, unpack
from underwriter.core.errors import InputError
from underwriter.core.sleeve import Sleeve, share_money_u
from underwriter.core.units import MICRO
from underwriter.market import single
from underwriter.market.blame import FINE
from underwriter.market.gates.ground import listed
from underwriter.market.instrument import Instrument
from underwriter.market.single import Option, Terms
from underwriter.sim.known import Known
from underwriter.sim.position import Entered, Leg, Position, until, worth

ASSUMED_VOL = 0.30  # where neither fills nor an index say any
_POINTS = 100.0
_STEP, _STEPS, _HALVINGS = 1.1, 25, 50  # of the number that volatilities are multiplied by
_CENT = 0.005  # dollars: an account of nothing but options without time value

From = Literal["fill", "other legs", "index", "assumed"]


class Source(NamedTuple):
    """Where a leg's volatility comes from, before it was brought to the evening's mark."""

    how: From
    day: date | None  # of the fill


class Held(NamedTuple):
    """What one sleeve holds on an evening."""

    name: str
    at: int  # its row in the book
    number: int  # its number in the journal
    account: str
    instrument: Instrument
    position: Position
    contracts: tuple[Contract, ...]  # of the legs
    sources: tuple[Source, ...]
    credits: tuple[float, ...]  # dollars that each brought in when it was opened, its fees paid


class Brought(NamedTuple):
    """How an account's volatilities were brought to its evening mark."""

    factor: float
    marked: float  # what its options are worth by the mark
    missed: float  # what the model gives, less that


class Evening(NamedTuple):
    """All that is held on an evening, and how each account's legs were marked."""

    held: tuple[Held, ...]
    brought: dict[str, Brought]


def evening(known: Known) -> Evening:
    """What a book holds, every leg with a volatility; InputError where a spot is not known."""
    names = sleeve_names(known.book.sleeves)
    found = [_held(known, at, name) for at, name in enumerate(names) if _holds(known, at)]
    filled = [_without_gaps(known, each, found) for each in found]
    brought: dict[str, Brought] = {}
    all_held: list[Held] = []
    for account in known.book.marks:
        mine = [each for each in filled if each.account == account]
        brought[account] = _bring(known, account, [each.position for each in mine])
        all_held += [_scaled(each, brought[account].factor) for each in mine]
    return Evening(tuple(sorted(all_held, key=lambda each: each.at)), brought)


def _holds(known: Known, at: int) -> bool:
    """Whether a sleeve holds anything."""
    row = known.book.state.sleeves[at]
    return bool(row.shares != 0 or row.quantity.any())


def _held(known: Known, at: int, name: str) -> Held:
    """A sleeve's position, each leg at the volatility of its last fill, NaN where there is none."""
    opened, row = known.book.sleeves[at], known.book.state.sleeves[at]
    instrument = replace(listed(opened.root), multiplier=opened.multiplier)
    spot = known.spot(opened.underlying, known.evening)
    if spot is None:
        raise InputError(f"sleeve {name}: found no close of {opened.underlying} on that evening")
    terms = _terms(known, opened.underlying, instrument, known.evening)
    legs, contracts, sources, opening = [], [], [], []
    slots = row.contract.tolist(), row.quantity.tolist(), row.amount_u.tolist()
    for key, quantity, amount_u in zip(*slots, strict=True):
        if quantity:
            root = known.book.instruments[root_of(key) - 1].root
            contract = unpack(key, root)
            vol, source = _traded(known, at, contract, instrument)
            option = _option(contract, known.evening, instrument)
            legs.append(Leg(quantity, option, math.nan, vol))
            contracts.append(contract)
            sources.append(source)
            opening.append(amount_u / MICRO)
    entered = Entered(sum(opening, 0.0), _cost(row))
    position = Position(spot, tuple(legs), int(row.shares), opened.multiplier, terms, entered)
    return Held(
        name, at, opened.sleeve, opened.account, instrument, position, tuple(contracts),
        tuple(sources), tuple(opening),
    )  # fmt: skip


def _cost(row: Sleeve) -> float:
    """What a share of the campaign has cost so far, all its money but that of open legs in it."""
    return float(share_money_u(row) / MICRO / row.shares) if row.shares else 0.0


def _terms(known: Known, underlying: str, instrument: Instrument, day: date) -> Terms:
    """Exercise as the root says it; rate and dividend yield as the journal has them on a day."""
    american = instrument.style == "american"
    rate = max(known.days[day].rate, 0.0)
    return Terms(american, rate, known.payout(underlying, day))


def _option(contract: Contract, day: date, instrument: Instrument) -> Option:
    """A contract with the years that it has left."""
    years = until(contract.expiry, day, morning=instrument.settlement == "cash-am")
    return Option(1 if contract.right == CALL else -1, float(contract.strike), years)


def _traded(
    known: Known, at: int, contract: Contract, instrument: Instrument
) -> tuple[float, Source]:
    """The volatility of a leg's last fill, at the close and rate of that day; NaN where none is."""
    opened = known.book.sleeves[at]
    fill = known.fills.get((opened.sleeve, contract.osi()))
    spot = None if fill is None else known.spot(opened.underlying, fill.session)
    if fill is None or spot is None or fill.option is None:
        return math.nan, Source("assumed", None)
    traded = _option(_as_traded(fill.option, contract), fill.session, instrument)
    if traded.years <= 0.0:
        return math.nan, Source("assumed", None)
    terms = _terms(known, opened.underlying, instrument, fill.session)
    vol, reason = single.volatility(traded, spot, fill.price_u / MICRO, terms)
    return (vol if reason == FINE else math.nan), Source("fill", fill.session)


def _as_traded(option: str, contract: Contract) -> Contract:
    """The contract under the strike that it had at its fill: another one before a split."""
    return contract._replace(strike=type(contract.strike)(int(option[-8:])) / 1_000)


def _without_gaps(known: Known, held: Held, everyone: Sequence[Held]) -> Held:
    """Legs without a volatility take the mean of others on the underlying, else the index's."""
    others = [
        leg.vol
        for each in everyone
        if each.instrument.root == held.instrument.root
        for leg in each.position.legs
        if leg.vol > 0.0
    ]
    measure = known.days[known.evening].measure
    how: From
    if others:
        stand_in, how = sum(others) / len(others), "other legs"
    elif measure is not None and measure > 0.0:
        stand_in, how = measure / _POINTS, "index"
    else:
        stand_in, how = ASSUMED_VOL, "assumed"
    pairs = list(zip(held.position.legs, held.sources, strict=True))
    legs = [leg if leg.vol > 0.0 else leg._replace(vol=stand_in) for leg, _ in pairs]
    sources = [source if leg.vol > 0.0 else Source(how, None) for leg, source in pairs]
    return held._replace(position=held.position._replace(legs=tuple(legs)), sources=tuple(sources))


def _bring(known: Known, account: str, positions: Sequence[Position]) -> Brought:
    """One number on all volatilities, at which an account's options are worth their mark.

    One where no number is that, from a tenth to ten.
    """
    mark = known.book.marks[account]
    marked = (mark.equity_u - mark.cash_u - mark.shares_u) / MICRO

    def missed(factor: float) -> float:
        return sum(worth(each, each.spot, factor) for each in positions) - marked

    here = missed(1.0)
    for step in range(_STEPS if abs(here) > _CENT else 0):
        near = [(_STEP**n, _STEP ** (n + 1)) for n in (step, -step - 1)]
        for low, high in near:
            if missed(low) * missed(high) <= 0.0:
                factor = _halved(missed, low, high)
                return Brought(factor, marked, missed(factor))
    return Brought(1.0, marked, here)


def _halved(missed: Callable[[float], float], low: float, high: float) -> float:
    """Where a function between two bounds is zero."""
    under = missed(low)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        value = missed(middle)
        if value * under > 0.0:
            low, under = middle, value
        else:
            high = middle
    return 0.5 * (low + high)


def _scaled(held: Held, factor: float) -> Held:
    """Every volatility times a factor, every leg at the price that goes with it."""
    position = held.position
    legs = []
    for leg in position.legs:
        vol = leg.vol * factor
        price = single.price(leg.option, position.spot, vol, position.terms)
        legs.append(leg._replace(vol=vol, price=price))
    return held._replace(position=position._replace(legs=tuple(legs)))
