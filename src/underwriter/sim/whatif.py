"""One trade, before it is made or while it is held: its worth, what it may gain, lose, tie up.

    trade = Trade(position, margin_rate, cash_settled)
    analyse(trade, Belief(vol=None, drift=0.04))

docs/analyse.md has every formula and its source.
"""

from typing import NamedTuple

from underwriter.core.pricing import Sensitivities
from underwriter.market import single
from underwriter.sim.collateral import Margin, margin_of
from underwriter.sim.odds import expected_value, probability_of_profit
from underwriter.sim.payoff import Payoff, payoff
from underwriter.sim.position import Leg, Position, worth

SPOT_MOVES = (-0.20, -0.10, -0.05, 0.0, 0.05, 0.10, 0.20)
VOL_FACTORS = (0.75, 1.0, 1.5, 2.2)  # a calm, today, two shocks: 2018-02-05 was 2.2


class Trade(NamedTuple):
    """A position, and how a broker looks at it."""

    position: Position
    margin_rate: float  # of a naked option: core.margin's EQUITY or BROAD_INDEX
    cash_settled: bool


class Belief(NamedTuple):
    """The world as one believes it to be, a year; without a volatility each leg's own holds."""

    vol: float | None
    drift: float  # dividends in it


class Scenario(NamedTuple):
    """The options revalued now, had the spot moved and every volatility changed by a factor."""

    spot_move: float
    vol_factor: float
    spot: float
    price: float
    profit: float  # of options and shares


class Analysis(NamedTuple):
    """Figures of the whole position, in the account's currency."""

    price: float  # what the options are worth: negative where they are owed
    greeks: Sensitivities
    credit: float
    payoff: Payoff
    ahead: Payoff  # of the same entered now: what may still be gained and lost
    probability_of_profit: float | None  # None, like the next: shares alone never expire
    expected_value: float | None
    margin: Margin
    scenarios: tuple[Scenario, ...]


def analyse(trade: Trade, belief: Belief) -> Analysis:
    """Everything that is asked of a trade; what it ties up is told as if it were entered now."""
    position = trade.position
    ends = bool(position.legs)
    shape = payoff(position)
    ahead = shape if position.entered is None else payoff(position.anew)
    return Analysis(
        price=worth(position, position.spot),
        greeks=greeks_of(position),
        credit=position.credit,
        payoff=shape,
        ahead=ahead,
        probability_of_profit=probability_of_profit(position, shape.breakevens) if ends else None,
        expected_value=expected_value(position, belief.vol, belief.drift) if ends else None,
        margin=margin_of(position.anew, trade.margin_rate, cash_settled=trade.cash_settled),
        scenarios=scenarios(position),
    )


def greeks_of(position: Position) -> Sensitivities:
    """Greeks of the position: delta in shares, vega a point, theta a day, rho a percent."""
    total = [float(position.shares), 0.0, 0.0, 0.0, 0.0]
    for leg in position.legs:
        each = leg_greeks(position, leg)
        size = leg.quantity * position.multiplier
        total = [sum_ + size * one for sum_, one in zip(total, each, strict=True)]
    return Sensitivities(*total)


def leg_greeks(position: Position, leg: Leg) -> Sensitivities:
    """Greeks a share of one leg, held."""
    return single.greeks(leg.option, position.spot, leg.vol, position.terms)


def scenarios(position: Position) -> tuple[Scenario, ...]:
    """The position revalued in full over spots and volatilities, by spot, then by volatility."""
    return tuple(_scenario(position, move, factor) for move in SPOT_MOVES for factor in VOL_FACTORS)


def _scenario(position: Position, move: float, factor: float) -> Scenario:
    """One cell of the table."""
    spot = position.spot * (1.0 + move)
    value = worth(position, spot, factor)
    gained = value + position.credit + position.shares * (spot - position.share)
    return Scenario(move, factor, spot, value, gained)
