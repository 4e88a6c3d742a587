"""One object for `--json`: money in dollars to the cent, rates as fractions, null for undefined.

The schema is docs/schemas/backtest.json; a test writes it from these classes.
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from underwriter.book.event import AnyEvent
from underwriter.core.units import MICRO
from underwriter.report.figures import Fall, Figures, Performance, figures
from underwriter.report.tables import Month, View
from underwriter.report.views import read


@dataclass(frozen=True, slots=True)
class JournalHead:
    """Where the ledger lies and its head: the last sequence number and its hash."""

    path: str
    sequence: int
    hash: str


@dataclass(frozen=True, slots=True)
class Period:
    """First and last session, as dates, and how many sessions were marked."""

    from_: str
    to: str
    sessions: int


@dataclass(frozen=True, slots=True)
class Drawdown:
    """Dates of the deepest fall; `recovered` is null while it lasts."""

    peak: str
    trough: str
    recovered: str | None


@dataclass(frozen=True, slots=True)
class WorstMonth:
    """The month of the lowest income, and the lowest monthly return of equity."""

    month: str
    income: float
    return_month: str
    lowest_return: float


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What other uses of the money gave."""

    total_return: float | None
    cagr: float | None
    volatility: float | None
    sharpe: float | None
    max_drawdown: float | None


@dataclass(frozen=True, slots=True)
class Metrics:
    """The policy's own figures."""

    cagr: float | None
    volatility: float | None
    sharpe: float | None
    sharpe_se: float | None
    max_drawdown: float | None
    drawdown: Drawdown
    tail_loss: float | None
    premium_capture: float | None
    assignment_rate: float | None
    called_away_rate: float | None
    worst_month: float
    worst: WorstMonth


@dataclass(frozen=True, slots=True)
class Excess:
    """Over the beta-matched mix, a year: `alpha` with its Newey-West standard error."""

    beta: float | None
    alpha: float | None
    alpha_se: float | None
    alpha_t: float | None


@dataclass(frozen=True, slots=True)
class Parts:
    """What a month's income is made of, and what stands beside it."""

    options: float
    dividends: float
    interest: float
    premium_received: float
    shares: float
    fees: float


@dataclass(frozen=True, slots=True)
class Campaigns:
    """How many there were; `result` of the closed, `open_result` of the open ones as marked."""

    opened: int
    closed: int
    open: int
    assigned: int
    called_away: int
    profitable: int
    result: float
    open_result: float


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole object, but for what the application adds."""

    version: str
    policy: list[str]
    period: Period
    quotes: str
    origins: dict[str, str]
    source: str
    starting_cash: float
    ending_equity: float
    total_return: float
    metrics: Metrics
    benchmarks: dict[str, Benchmark]
    excess_over_beta_matched: Excess
    income: float
    income_by_month: dict[str, float]
    income_parts: dict[str, Parts]
    campaigns: Campaigns
    legs: dict[str, int]
    refused: dict[str, int]
    equity_needed: dict[str, float]
    decisions: int
    deployed: float | None
    extrapolated: float | None
    extrapolated_spreads: float | None
    journal: JournalHead | None


def summary(events: Iterable[AnyEvent], *, journal: JournalHead | None = None) -> dict[str, Any]:
    """The JSON-able object of a book; `Summary` has its fields.

    InputError where there is nothing to report.
    """
    view = read(events)
    found: dict[str, Any] = asdict(summarise(view, figures(view), journal))
    found["period"]["from"] = found["period"].pop("from_")
    return found


def dollars(amount_u: float) -> float:
    """Millionths as dollars, rounded to the cent."""
    return round(amount_u / MICRO, 2) + 0.0  # never minus zero


def _finite(value: float) -> float | None:
    """The number, or null where it is undefined."""
    return value if math.isfinite(value) else None


def summarise(view: View, found: Figures, journal: JournalHead | None) -> Summary:
    """The object of a View and its Figures."""
    curve, months = view.curve, view.months
    by_month = {month: dollars(parts.income_u) for month, parts in months.items()}
    return Summary(
        version=view.opened.version,
        policy=list(view.policies.values()),
        period=Period(_iso(curve.sessions[0]), _iso(curve.sessions[-1]), len(curve.sessions)),
        quotes=view.opened.quotes,
        origins=view.opened.origins,
        source=view.opened.source,
        starting_cash=dollars(view.starting_cash_u),
        ending_equity=dollars(int(curve.equity_u[-1])),
        total_return=found.policy.total_return,
        metrics=_metrics(view, found),
        benchmarks=_benchmarks(found),
        excess_over_beta_matched=Excess(*(_finite(value) for value in found.regression)),
        income=dollars(sum(parts.income_u for parts in months.values())),
        income_by_month=by_month,
        income_parts={month: _parts(parts) for month, parts in months.items()},
        campaigns=_campaigns(view),
        legs=dict(Counter(leg.how for leg in view.legs)),
        refused={each.why: each.count for each in view.refusals},
        equity_needed={each.why: dollars(each.needs_u) for each in view.refusals if each.needs_u},
        decisions=view.decisions,
        deployed=_finite(found.deployed),
        extrapolated=_finite(found.extrapolated),
        extrapolated_spreads=_finite(found.extrapolated_spreads),
        journal=journal,
    )


def _iso(day: date) -> str:
    return day.isoformat()


def _metrics(view: View, found: Figures) -> Metrics:
    policy = found.policy
    worst = worst_month(view, found)
    return Metrics(
        cagr=_finite(policy.cagr),
        volatility=_finite(policy.volatility),
        sharpe=_finite(policy.sharpe),
        sharpe_se=_finite(policy.sharpe_se),
        max_drawdown=_finite(policy.fall.depth),
        drawdown=_drawdown(policy.fall),
        tail_loss=_finite(found.tail_loss),
        premium_capture=_finite(found.premium_capture),
        assignment_rate=_finite(found.assignment_rate),
        called_away_rate=_finite(found.called_away_rate),
        worst_month=worst.income,
        worst=worst,
    )


def worst_month(view: View, found: Figures) -> WorstMonth:
    """The first month with the lowest income, and the first with the lowest return."""
    month = min(view.months, key=lambda name: view.months[name].income_u)
    lowest = min(found.month_returns, key=lambda name: found.month_returns[name])
    income = dollars(view.months[month].income_u)
    return WorstMonth(month, income, lowest, found.month_returns[lowest])


def _drawdown(fall: Fall) -> Drawdown:
    again = None if fall.recovered is None else _iso(fall.recovered)
    return Drawdown(_iso(fall.peak), _iso(fall.trough), again)


def _benchmarks(found: Figures) -> dict[str, Benchmark]:
    nothing = Benchmark(None, None, None, None, None)
    lines = {"hold": found.hold, "beta_matched": found.beta_matched, "bills": found.bills}
    return {name: nothing if line is None else _line(line) for name, line in lines.items()}


def _line(line: Performance) -> Benchmark:
    return Benchmark(
        _finite(line.total_return),
        _finite(line.cagr),
        _finite(line.volatility),
        _finite(line.sharpe),
        _finite(line.fall.depth),
    )


def _parts(month: Month) -> Parts:
    return Parts(
        options=dollars(month.options_u),
        dividends=dollars(month.dividends_u),
        interest=dollars(month.interest_u),
        premium_received=dollars(month.premium_u),
        shares=dollars(month.shares_u),
        fees=dollars(month.fees_u),
    )


def _campaigns(view: View) -> Campaigns:
    closed = view.closed
    return Campaigns(
        opened=len(view.campaigns),
        closed=len(closed),
        open=len(view.campaigns) - len(closed),
        assigned=sum(each.assigned > 0 for each in view.campaigns),
        called_away=sum(each.called_away > 0 for each in view.campaigns),
        profitable=sum(each.money_u > 0 for each in closed),
        result=dollars(sum(each.money_u for each in closed)),
        open_result=dollars(view.open_result_u),
    )
