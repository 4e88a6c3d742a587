"""What the tables add up to: performance beside the benchmarks, and the option desk's ratios."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np

from underwriter.book import metrics
from underwriter.book.legs import ASSIGNED, CALLED_AWAY, EndedLeg
from underwriter.book.metrics import Floats, Regression
from underwriter.core.contract import CALL, PUT
from underwriter.market.model import BROAD
from underwriter.market.support import behind, quoted_behind
from underwriter.report.opening import openings
from underwriter.report.tables import Curve, View


@dataclass(frozen=True, slots=True)
class Fall:
    """The deepest drawdown with its dates; `recovered` is None while it lasts."""

    depth: float
    peak: date
    trough: date
    recovered: date | None


@dataclass(frozen=True, slots=True)
class Performance:
    """One line of the comparison: a policy or a benchmark."""

    growth: Floats  # by evening, of one unit of the starting cash
    total_return: float
    cagr: float
    volatility: float
    sharpe: float
    sharpe_se: float
    fall: Fall


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything computed from a View; NaN where a figure is undefined."""

    policy: Performance
    hold: Performance | None  # None where nothing was quoted
    beta_matched: Performance | None
    bills: Performance
    regression: Regression
    tail_loss: float
    premium_capture: float
    assignment_rate: float
    called_away_rate: float
    deployed: float
    extrapolated: float
    extrapolated_spreads: float
    month_returns: dict[str, float]

    @property
    def lines(self) -> dict[str, Performance]:
        """The policy and the benchmarks that there are, by the names that pages use."""
        named = {
            "policy": self.policy,
            "hold": self.hold,
            "beta-matched": self.beta_matched,
            "bills": self.bills,
        }
        return {name: line for name, line in named.items() if line is not None}


def figures(view: View) -> Figures:
    """Every figure of the report."""
    curve = view.curve
    bills = metrics.bill_returns(curve.day, curve.rate)
    growth = metrics.growth_of_money(
        curve.equity_u.astype(np.float64), curve.deposited_u.astype(np.float64)
    )
    excess = metrics.returns_of(growth) - bills
    hold = _hold(view)
    market = None if hold is None else metrics.returns_of(hold) - bills
    line = metrics.UNKNOWN if market is None else metrics.regress(excess, market)
    mixed = None if market is None or math.isnan(line.beta) else bills + line.beta * market
    return Figures(
        policy=_performance(growth, curve, bills),
        hold=None if hold is None else _performance(hold, curve, bills),
        beta_matched=(
            None if mixed is None else _performance(metrics.growth_of(mixed), curve, bills)
        ),
        bills=_performance(metrics.growth_of(bills), curve, bills),
        regression=line,
        tail_loss=metrics.tail_loss(metrics.returns_of(growth)),
        premium_capture=premium_capture(view.legs),
        assignment_rate=_share(view.legs, PUT, ASSIGNED),
        called_away_rate=_share(view.legs, CALL, CALLED_AWAY),
        deployed=_deployed(curve),
        extrapolated=extrapolated(view),
        extrapolated_spreads=extrapolated_spreads(view),
        month_returns=_month_returns(growth, curve),
    )


def _hold(view: View) -> Floats | None:
    """Equal money in each underlying at the first close, never rebalanced."""
    curve = view.curve
    names = [name for name in view.underlyings or curve.close_u if name in curve.close_u]
    grown = [
        metrics.hold_growth(
            curve.close_u[name].astype(np.float64),
            curve.dividend_u[name].astype(np.float64),
            curve.split[name],
        )
        for name in names
        if curve.close_u[name][0] > 0
    ]
    return sum(grown[1:], grown[0]) / len(grown) if grown else None


def _performance(growth: Floats, curve: Curve, bills: Floats) -> Performance:
    """The figures of one growth."""
    returns = metrics.returns_of(growth)
    fall = metrics.max_drawdown(growth)
    day = curve.sessions
    return Performance(
        growth=growth,
        total_return=float(growth[-1]) - 1.0,
        cagr=metrics.cagr(float(growth[-1]), int(curve.day[-1] - curve.day[0])),
        volatility=metrics.volatility(returns),
        sharpe=metrics.sharpe(returns - bills),
        sharpe_se=metrics.sharpe_se(returns - bills),
        fall=Fall(
            fall.depth,
            day[fall.peak],
            day[fall.trough],
            None if fall.recovered is None else day[fall.recovered],
        ),
    )


def premium_capture(legs: tuple[EndedLeg, ...]) -> float:
    """Share of opening credits kept by ended short legs, before fees; NaN where none ended."""
    short = [leg for leg in legs if leg.short]
    credits_u = sum(leg.opened_u for leg in short)
    return sum(leg.kept_u for leg in short) / credits_u if credits_u > 0 else math.nan


def _share(legs: tuple[EndedLeg, ...], right: int, how: str) -> float:
    """Share of the ended short legs of one right that ended in one way; NaN where none ended."""
    ended = [leg.how == how for leg in legs if leg.short and leg.right == right]
    return sum(ended) / len(ended) if ended else math.nan


def _deployed(curve: Curve) -> float:
    """Average share of equity that secures what is short or lies in shares."""
    at_work = (curve.secured_u + curve.shares_u).astype(np.float64)
    alive = curve.equity_u > 0
    return float(np.mean(at_work[alive] / curve.equity_u[alive])) if alive.any() else math.nan


def extrapolated(view: View) -> float:
    """Share of the ended options on modelled quotes that were opened with no real quote behind.

    That is, in a cell of delta, days to expiry and volatility index of which the model has seen
    nothing (`market.support`); NaN where none was opened on modelled quotes.
    """
    return _mean(
        not behind(each.days, each.level, each.delta) for each in openings(view, {"modelled"})
    )


def extrapolated_spreads(view: View) -> float:
    """The same of options on last prices, of which the spread alone is modelled.

    A spread is supported where real bids and asks were fitted: of broad indices in their cells, of
    single stocks nowhere (two days of one).  NaN where none was opened on last prices.
    """
    return _mean(
        not (each.underlying in BROAD and quoted_behind(each.days, each.level, each.delta))
        for each in openings(view, {"last", "mixed"})
    )


def _mean(beyond: Iterable[bool]) -> float:
    """The share that is true; NaN of none."""
    each = list(beyond)
    return sum(each) / len(each) if each else math.nan


def _month_returns(growth: Floats, curve: Curve) -> dict[str, float]:
    """Return of equity in each month, from its previous month's last evening."""
    last = {f"{day:%Y-%m}": float(value) for day, value in zip(curve.sessions, growth, strict=True)}
    found, before = {}, 1.0
    for month in curve.months:
        now = last.get(month, before)
        found[month] = now / before - 1.0
        before = now
    return found
