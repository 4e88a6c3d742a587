"""`underwriter analyse`: one trade before it is made, as figures, as text and as a picture."""

import math
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec
import numpy as np

from underwriter.app.leg_words import Paid, Written
from underwriter.core.errors import InputError
from underwriter.core.margin import BROAD_INDEX, EQUITY
from underwriter.core.units import DAYS_A_YEAR
from underwriter.market.cash_sweep import Dividends
from underwriter.market.instrument import Style
from underwriter.market.series import MORNING
from underwriter.market.single import Option, Terms
from underwriter.report.payoff import Picture
from underwriter.sim import whatif
from underwriter.sim.odds import worthless
from underwriter.sim.position import Leg, Position, Wish, priced, profit, until
from underwriter.sim.whatif import Analysis, Belief, Trade

POINTS = 121  # of the pay-off that is shown
_DEVIATIONS = 2.5  # shown beyond strikes and breakevens
_LEAST_BEYOND, _MOST_BEYOND = 0.05, 0.5  # of the spot
_DIGITS = 9


Settlement = Literal["physical", "pm", "am"]


class Asked(NamedTuple):
    """A trade as it was asked for: everything told or assumed, nothing left open."""

    underlying: str
    today: date
    spot: float
    legs: tuple[Written, ...]
    shares: int
    multiplier: int
    style: Style
    settlement: Settlement
    rate: float
    payout: float
    dividends: tuple[Paid, ...]
    vol: float | None
    real_vol: float | None
    drift: float
    broad_index: bool

    @property
    def horizon(self) -> date:
        """The first expiry."""
        return min(leg.expiry for leg in self.legs)


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

    days: int
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


class Analysed(msgspec.Struct, frozen=True):
    """What `analyse --json` prints: dollars, for the whole position."""

    underlying: str
    spot: float
    as_of: str
    horizon: str  # the first expiry, at which profit is told
    shares: int
    legs: list[LegFound]
    price: float
    greeks: GreeksFound
    credit: float
    max_loss: float | None
    max_profit: float | None
    breakevens: list[float]
    probability_of_profit: float
    expected_value: float
    margin: MarginFound
    yields: YieldsFound
    scenarios: list[ScenarioFound]
    payoff: list[PointFound]
    assumptions: Assumed
    chart: str | None  # the file


def analyse(asked: Asked, chart: Path | None) -> tuple[Analysed, Picture]:
    """The figures of a trade, and its picture; InputError where they cannot be had."""
    position = position_of(asked)
    margin_rate = BROAD_INDEX if asked.broad_index else EQUITY
    trade = Trade(position, margin_rate, cash_settled=asked.settlement != "physical")
    found = whatif.analyse(trade, Belief(asked.real_vol, asked.drift))
    picture = picture_of(asked, position, found)
    return _told(asked, trade, found, picture, chart), picture


def position_of(asked: Asked) -> Position:
    """The trade as the simulation takes it."""
    terms = Terms(asked.style == "american", asked.rate, asked.payout, _dividends(asked))
    wishes = [
        Wish(leg.name, leg.quantity, Option(leg.sign, leg.strike, _years(asked, leg)), leg.price)
        for leg in asked.legs
    ]
    legs = priced(wishes, asked.spot, terms, asked.vol)
    return Position(asked.spot, legs, asked.shares, asked.multiplier, terms)


def _years(asked: Asked, leg: Written) -> float:
    """How long a leg has left."""
    return until(leg.expiry, asked.today, morning=asked.settlement == "am")


def _dividends(asked: Asked) -> Dividends:
    """They go ex at the open of their day; InputError where they come to more than the share."""
    paid = sorted(asked.dividends)
    if sum(each.amount for each in paid) >= asked.spot:
        raise InputError(
            f"--dividend: found {sum(each.amount for each in paid):g} dollars in all; "
            f"expected less than --spot {asked.spot:g}"
        )
    ex = [((each.day - asked.today).days - MORNING) / DAYS_A_YEAR for each in paid]
    return Dividends(np.array(ex), np.array([each.amount for each in paid], np.float64))


def picture_of(asked: Asked, position: Position, found: Analysis) -> Picture:
    """The pay-off around spot, strikes and breakevens."""
    marks = [position.spot, *(leg.strike for leg in asked.legs), *found.payoff.breakevens]
    wild = max(leg.vol for leg in position.legs) * math.sqrt(position.years)
    beyond = position.spot * min(max(_DEVIATIONS * wild, _LEAST_BEYOND), _MOST_BEYOND)
    low, high = max(min(marks) - beyond, 0.0), max(marks) + beyond
    inside = [leg.strike for leg in asked.legs]
    spots = np.unique(np.concatenate([np.linspace(low, high, POINTS), inside]))
    return Picture(
        title=f"{asked.underlying} {asked.today}: pay-off on {asked.horizon}",
        note=_note(position),
        spots=spots,
        profit=profit(position, spots),
        now=position.spot,
        breakevens=found.payoff.breakevens,
    )


def _note(position: Position) -> str:
    """What a reader of the pay-off must know."""
    if position.living:
        return "Legs that live on are priced by the model, at their own volatility. No fees."
    return "At expiry, before fees."


def _told(
    asked: Asked, trade: Trade, found: Analysis, picture: Picture, chart: Path | None
) -> Analysed:
    """The figures as JSON has them."""
    position, shape = trade.position, found.payoff
    return Analysed(
        underlying=asked.underlying,
        spot=asked.spot,
        as_of=asked.today.isoformat(),
        horizon=asked.horizon.isoformat(),
        shares=asked.shares,
        legs=[_leg(asked, position, *each) for each in zip(asked.legs, position.legs, strict=True)],
        price=_money(found.price),
        greeks=GreeksFound(**{name: _money(each) for name, each in found.greeks._asdict().items()}),
        credit=_money(found.credit),
        max_loss=_bound(shape.max_loss),
        max_profit=_bound(shape.max_profit),
        breakevens=list(shape.breakevens),
        probability_of_profit=found.probability_of_profit,
        expected_value=_money(found.expected_value),
        margin=MarginFound(*found.margin),
        yields=yields(asked, found),
        scenarios=[
            ScenarioFound(move, factor, spot, _money(price), _money(gained))
            for move, factor, spot, price, gained in found.scenarios
        ],
        payoff=[
            PointFound(float(spot), _money(float(gained)))
            for spot, gained in zip(picture.spots, picture.profit, strict=True)
        ],
        assumptions=_assumed(asked, trade.margin_rate),
        chart=None if chart is None else str(chart),
    )


def _leg(asked: Asked, position: Position, written: Written, leg: Leg) -> LegFound:
    """One leg as JSON has it."""
    greeks = whatif.leg_greeks(position, leg)
    return LegFound(
        quantity=leg.quantity,
        right="call" if leg.option.sign > 0 else "put",
        strike=leg.option.strike,
        expiry=written.expiry.isoformat(),
        days=(written.expiry - asked.today).days,
        price=leg.price,
        volatility=leg.vol,
        delta=greeks.delta,
        worthless=worthless(position, leg),
    )


def yields(asked: Asked, found: Analysis) -> YieldsFound:
    """The credit over the cash it secures, that less the credit, and the most that may be lost."""
    days = (asked.horizon - asked.today).days
    tied, lost = found.margin.cash_secured, found.payoff.max_loss
    net = None if tied is None else tied - found.credit

    def share(capital: float | None, gained: float | None = found.credit) -> float | None:
        if capital is None or gained is None or min(capital, gained) <= 0.0:
            return None
        return gained / capital

    def year(part: float | None) -> float | None:
        return None if part is None else part * DAYS_A_YEAR / days

    return YieldsFound(
        days=days,
        cash_secured=share(tied),
        cash_secured_annualised=year(share(tied)),
        net=share(net),
        net_annualised=year(share(net)),
        max_loss=share(lost),
        max_loss_annualised=year(share(lost)),
        most=share(tied, found.payoff.max_profit),
    )


def _assumed(asked: Asked, margin_rate: float) -> Assumed:
    """What was told or taken for granted."""
    return Assumed(
        style=asked.style,
        settlement=asked.settlement,
        rate=asked.rate,
        dividend_yield=asked.payout,
        dividends=[(each.day.isoformat(), each.amount) for each in sorted(asked.dividends)],
        real_vol=asked.real_vol,
        drift=asked.drift,
        margin_rate=margin_rate,
        multiplier=asked.multiplier,
    )


def _money(amount: float) -> float:
    """Without the dust of rounding, and without a minus before zero."""
    return round(amount, _DIGITS) + 0.0


def _bound(amount: float | None) -> float | None:
    """A bound, or none."""
    return None if amount is None else _money(amount)
