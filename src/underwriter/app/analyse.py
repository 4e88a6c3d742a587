"""`underwriter analyse`: a trade, or what a sleeve holds, as figures and as a picture."""

import math
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec
import numpy as np

from underwriter.app.leg_words import Paid
from underwriter.core.units import DAYS_A_YEAR
from underwriter.market.instrument import Style
from underwriter.report.payoff import Picture
from underwriter.sim import whatif
from underwriter.sim.odds import worthless
from underwriter.sim.position import Leg, Position, profit
from underwriter.sim.whatif import Analysis, Belief, Trade

POINTS = 121  # of the pay-off that is shown
_DEVIATIONS = 2.5  # shown beyond strikes and breakevens
_LEAST_BEYOND, _MOST_BEYOND = 0.05, 0.5  # of the spot
_ALONE_BEYOND = 0.2  # of the spot, around shares alone
_DIGITS = 9


Settlement = Literal["physical", "pm", "am"]
SETTLEMENT: Mapping[str, Settlement] = {"physical": "physical", "cash-pm": "pm", "cash-am": "am"}


class LegFound(msgspec.Struct, frozen=True):
    """One leg: per share, but its quantity; `worthless` is its chance to expire so."""

    quantity: int
    right: Literal["put", "call"]
    strike: float
    expiry: str
    days: int
    price: float
    volatility: float
    delta: float  # a share, of one contract held
    worthless: float


class GreeksFound(msgspec.Struct, frozen=True):
    """Of the position: shares; shares a dollar; dollars a point, a calendar day, a percent."""

    delta: float
    gamma: float
    vega: float
    theta: float
    rho: float


class MarginFound(msgspec.Struct, frozen=True):
    """Collateral; `cash_secured` is null where a cash account may not hold the position."""

    cash_secured: float | None
    reg_t_initial: float
    reg_t_maintenance: float


class YieldsFound(msgspec.Struct, frozen=True):
    """The credit over what it ties up, to the first expiry and simply annualised; null: none."""

    days: int | None
    cash_secured: float | None
    cash_secured_annualised: float | None
    net: float | None  # of the credit
    net_annualised: float | None
    max_loss: float | None
    max_loss_annualised: float | None
    most: float | None  # the largest profit over the cash secured


class ScenarioFound(msgspec.Struct, frozen=True):
    """The options revalued now after a move of the spot and a factor on every volatility."""

    spot_move: float
    vol_factor: float
    spot: float
    price: float
    profit: float


class PointFound(msgspec.Struct, frozen=True):
    """Profit at the first expiry at one spot."""

    spot: float
    profit: float


class Assumed(msgspec.Struct, frozen=True):
    """What the figures rest on; rates, yields and volatilities are fractions a year."""

    style: str
    settlement: str
    rate: float
    dividend_yield: float
    dividends: list[tuple[str, float]]  # ex-date, dollars a share
    real_vol: float | None  # null: each leg's own
    drift: float
    margin_rate: float
    multiplier: int


class OpenedFound(msgspec.Struct, frozen=True):
    """How a held leg was opened, and where its volatility comes from."""

    credit: float  # dollars, what fees took taken off; negative: a debit
    volatility_from: str  # "fill", "other legs", "index" or "assumed", before vol_factor
    filled: str | None  # the day of that fill


class HeldFound(msgspec.Struct, frozen=True):
    """Which sleeve holds the position, and what its journal says of it."""

    journal: str
    sleeve: str
    number: int
    account: str
    quotes: str  # "modelled", "quoted", "last" or "mixed"
    share_cost: float | None  # a share, all money of the campaign but of open legs; null: none
    profit: float  # so far: closed at these prices, closing fees apart
    vol_factor: float  # on all volatilities of the account, so that its evening mark is met
    missed: float  # what all options of the account are by the model, less by that mark
    opened: list[OpenedFound]  # of the legs


class Analysed(msgspec.Struct, frozen=True):
    """What `analyse --json` prints: dollars, for the whole position."""

    underlying: str
    spot: float
    as_of: str
    horizon: str | None  # the first expiry, at which profit is told; null: shares alone
    shares: int
    legs: list[LegFound]
    price: float
    greeks: GreeksFound
    credit: float
    max_loss: float | None
    max_profit: float | None
    breakevens: list[float]
    probability_of_profit: float | None  # null, like the next: shares alone
    expected_value: float | None
    margin: MarginFound
    yields: YieldsFound
    scenarios: list[ScenarioFound]
    payoff: list[PointFound]
    assumptions: Assumed
    held: HeldFound | None  # null: a trade that was told
    chart: str | None  # the file


class Subject(NamedTuple):
    """What is analysed: everything told or assumed, nothing left open."""

    underlying: str
    today: date
    trade: Trade
    expiries: tuple[date, ...]  # of the legs
    style: Style
    settlement: Settlement
    dividends: tuple[Paid, ...]
    belief: Belief
    held: HeldFound | None

    @property
    def horizon(self) -> date | None:
        """The first expiry; None of shares alone."""
        return min(self.expiries, default=None)


def analyse(subject: Subject, chart: Path | None) -> tuple[Analysed, Picture]:
    """The figures of a trade or of what is held, and its picture."""
    found = whatif.analyse(subject.trade, subject.belief)
    picture = picture_of(subject, found)
    return _told(subject, found, picture, chart), picture


def picture_of(subject: Subject, found: Analysis) -> Picture:
    """The pay-off around spot, strikes and breakevens."""
    position = subject.trade.position
    strikes = [leg.option.strike for leg in position.legs]
    marks = [position.spot, *strikes, *found.payoff.breakevens]
    beyond = position.spot * _beyond(position)
    low, high = max(min(marks) - beyond, 0.0), max(marks) + beyond
    spots = np.unique(np.concatenate([np.linspace(low, high, POINTS), strikes]))
    return Picture(
        title=f"{subject.underlying} {subject.today}: pay-off"
        + ("" if subject.horizon is None else f" on {subject.horizon}"),
        note=_note(subject),
        spots=spots,
        profit=profit(position, spots),
        now=position.spot,
        breakevens=found.payoff.breakevens,
    )


def _beyond(position: Position) -> float:
    """What is shown on either side of the outermost mark, as a share of the spot."""
    if not position.legs:
        return _ALONE_BEYOND
    wild = max(leg.vol for leg in position.legs) * math.sqrt(position.years)
    return min(max(_DEVIATIONS * wild, _LEAST_BEYOND), _MOST_BEYOND)


def _note(subject: Subject) -> str:
    """What a reader of the pay-off must know."""
    held = subject.held
    if held is None:
        return _ending(subject.trade.position)
    quotes = "" if held.quotes == "quoted" else f" Quotes {held.quotes}."
    return f"{held.sleeve}: {_ending(subject.trade.position)}{quotes}"


def _ending(position: Position) -> str:
    """Where the pay-off is told, and whether fees are in it."""
    fees = "before fees" if position.entered is None else "before fees to come"
    if position.living:
        return f"Legs that live on are priced by the model, at their own volatility; {fees}."
    return f"At expiry, {fees}." if position.legs else f"Shares alone, {fees}."


def _told(subject: Subject, found: Analysis, picture: Picture, chart: Path | None) -> Analysed:
    """The figures as JSON has them."""
    position, shape = subject.trade.position, found.payoff
    legs = zip(subject.expiries, position.legs, strict=True)
    return Analysed(
        underlying=subject.underlying,
        spot=position.spot,
        as_of=subject.today.isoformat(),
        horizon=None if subject.horizon is None else subject.horizon.isoformat(),
        shares=position.shares,
        legs=[_leg(subject, expiry, leg) for expiry, leg in legs],
        price=money(found.price),
        greeks=GreeksFound(**{name: money(each) for name, each in found.greeks._asdict().items()}),
        credit=money(found.credit),
        max_loss=_bound(shape.max_loss),
        max_profit=_bound(shape.max_profit),
        breakevens=list(shape.breakevens),
        probability_of_profit=found.probability_of_profit,
        expected_value=_bound(found.expected_value),
        margin=MarginFound(*found.margin),
        yields=yields(subject, found),
        scenarios=[
            ScenarioFound(move, factor, spot, money(price), money(gained))
            for move, factor, spot, price, gained in found.scenarios
        ],
        payoff=[
            PointFound(float(spot), money(float(gained)))
            for spot, gained in zip(picture.spots, picture.profit, strict=True)
        ],
        assumptions=_assumed(subject),
        held=subject.held,
        chart=None if chart is None else str(chart),
    )


def _leg(subject: Subject, expiry: date, leg: Leg) -> LegFound:
    """One leg as JSON has it."""
    position = subject.trade.position
    greeks = whatif.leg_greeks(position, leg)
    return LegFound(
        quantity=leg.quantity,
        right="call" if leg.option.sign > 0 else "put",
        strike=leg.option.strike,
        expiry=expiry.isoformat(),
        days=(expiry - subject.today).days,
        price=leg.price,
        volatility=leg.vol,
        delta=greeks.delta,
        worthless=worthless(position, leg),
    )


def yields(subject: Subject, found: Analysis) -> YieldsFound:
    """The credit over the cash it secures, that less the credit, and the most that may be lost.

    Of what is held: as it would be entered now, in the days that are left.
    """
    days = None if subject.horizon is None else (subject.horizon - subject.today).days
    credit = subject.trade.position.anew.credit
    tied, lost = found.margin.cash_secured, found.ahead.max_loss
    net = None if tied is None else tied - credit

    def share(capital: float | None, gained: float | None = credit) -> float | None:
        if capital is None or gained is None or min(capital, gained) <= 0.0:
            return None
        return gained / capital

    def year(part: float | None) -> float | None:
        return None if part is None or days is None else part * DAYS_A_YEAR / days

    return YieldsFound(
        days=days,
        cash_secured=share(tied),
        cash_secured_annualised=year(share(tied)),
        net=share(net),
        net_annualised=year(share(net)),
        max_loss=share(lost),
        max_loss_annualised=year(share(lost)),
        most=share(tied, found.ahead.max_profit),
    )


def _assumed(subject: Subject) -> Assumed:
    """What was told or taken for granted."""
    position = subject.trade.position
    return Assumed(
        style=subject.style,
        settlement=subject.settlement,
        rate=position.terms.rate,
        dividend_yield=position.terms.payout,
        dividends=[(each.day.isoformat(), each.amount) for each in sorted(subject.dividends)],
        real_vol=subject.belief.vol,
        drift=subject.belief.drift,
        margin_rate=subject.trade.margin_rate,
        multiplier=position.multiplier,
    )


def money(amount: float) -> float:
    """Without the dust of rounding, and without a minus before zero."""
    return round(amount, _DIGITS) + 0.0


def _bound(amount: float | None) -> float | None:
    """An amount, or none."""
    return None if amount is None else money(amount)
