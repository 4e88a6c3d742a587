"""Fundamentals as filed: what was known of a firm on each day, from a table the user gives.

A row says what one filing says of one fiscal period.  Of each figure of a period the first filing
counts, whatever it was restated to later, and it counts from the day after it was filed, for
eighteen months.  A figure that is not there is unknown (NaN), never zero.

Two scores are taken as given or computed where their raw figures stand:

    Piotroski F  nine tests of a year against the year before (Piotroski 2000): net income > 0, cash
                 from operations > 0, return on assets up, cash over income, long-term debt to
                 assets down, current ratio up, no new shares, gross margin up, turnover up
    Altman Z     1.2 WC/TA + 1.4 RE/TA + 3.3 EBIT/TA + 0.6 MVE/TL + 1.0 sales/TA (Altman 1968)

Source of both: DOMAIN 7.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from underwriter.core.record import F8, I4, I8
from underwriter.market.joined import stepped

AGE = 550  # calendar days after which a filing says nothing any more
YEAR_APART = (350, 380)  # calendar days between two fiscal years that are compared
GIVEN = ("market_cap", "piotroski_f", "altman_z", "net_debt_to_ebitda")
RAW = (
    *("shares_outstanding", "net_income", "operating_cash_flow", "total_assets", "long_term_debt"),
    *("current_assets", "current_liabilities", "gross_profit", "sales", "retained_earnings"),
    *("ebit", "ebitda", "total_liabilities", "total_debt", "cash"),
)
FIGURES = (*GIVEN, *RAW)
KINDS = ("stock", "fund")
NO_Z = ("financials", "financial services", "banks", "insurance", "real estate", "reits")

T = TypeVar("T", bound=np.generic)
Figures = Mapping[str, float]


class Filing(NamedTuple):
    """One row of the table: days as numbers, figures by name, those that are not there left out.

    `period` is the last day of the fiscal period, or the day of filing where the table has none.
    """

    symbol: str
    filed: int
    period: int
    kind: str  # of KINDS, or "": not said
    sector: str  # "": not said
    figures: Figures


class Measures(NamedTuple):
    """What is held against the gates, a value a session; NaN unknown, infinite: does not apply."""

    market_cap: F8  # dollars
    piotroski: F8  # 0 to 9
    altman: F8
    net_debt: F8  # a multiple of EBITDA


class Firm(NamedTuple):
    """One underlying as its filings have it: a state each day on which something was filed."""

    since: I4  # ascending
    figures: F8  # (days, figures of STATES)
    sector: tuple[str, ...]
    fund: tuple[bool, ...]


STATES = ("market_cap", "shares", "piotroski", "altman", "altman_rest", "liabilities", "net_debt")


def firm_of(filings: Sequence[Filing]) -> Firm:
    """One underlying's filings, in any order, as the states they make one after another."""
    ordered = sorted(filings, key=lambda each: (each.filed, each.period))
    since = sorted({each.filed for each in ordered})
    states = [[each for each in ordered if each.filed <= day] for day in since]
    return Firm(
        np.array(since, np.int32),
        np.array([_state(seen) for seen in states]).reshape(len(since), len(STATES)),
        tuple(_last_said([each.sector for each in seen]) for seen in states),
        tuple(_last_said([each.kind for each in seen]) == "fund" for seen in states),
    )


def measures(day: I4, firm: Firm, close: F8) -> Measures:
    """The measures of a firm on the sessions `day` at their closes, dollars a share."""
    if not len(firm.since):
        return Measures(*np.full((len(Measures._fields), len(day)), np.nan))
    at = np.searchsorted(firm.since, day, side="left") - 1
    fresh = (at >= 0) & (day - _taken(firm.since, at) <= AGE)
    found = [
        np.where(fresh, _taken(firm.figures[:, column], at), np.nan)
        for column in range(len(STATES))
    ]
    cap, shares, score, altman, rest, liabilities, net_debt = found
    cap = np.where(np.isnan(cap), shares * close, cap)
    altman = np.where(np.isnan(altman), rest + 0.6 * cap / liabilities, altman)
    fund = (at >= 0) & _taken(np.array(firm.fund, np.bool_), at)
    spared = fund | ((at >= 0) & _taken(np.array([_no_z(each) for each in firm.sector]), at))
    return Measures(
        cap,
        np.where(fund, np.inf, score),
        np.where(spared, np.inf, altman),
        np.where(spared, np.inf, net_debt),
    )


def sectors(day: I4, firms: Sequence[Firm]) -> tuple[I8, tuple[str, ...]]:
    """The number of each underlying's sector on each session, 0 for none; and what they are called.

    The first of the names has number one.  Funds have no sector.
    """
    names = sorted({each for firm in firms for each in firm.sector} - {""})
    filed = []
    for firm in firms:
        said = zip(firm.sector, firm.fund, strict=True)
        numbers = [0 if fund or not name else names.index(name) + 1 for name, fund in said]
        filed.append((firm.since, np.array(numbers, np.int64)))
    return stepped(day, filed), tuple(names)


def piotroski(now: Figures, before: Figures) -> float:
    """How many of the nine tests a year passes against the one before; NaN where one is unknown."""
    one, other = _figures(now), _figures(before)
    assets, were = one["total_assets"], other["total_assets"]
    income, cash = one["net_income"], one["operating_cash_flow"]
    with np.errstate(divide="ignore", invalid="ignore"):
        risen = (
            (income, np.float64(0.0)),
            (cash, np.float64(0.0)),
            (income / assets, other["net_income"] / were),
            (cash, income),
            (other["long_term_debt"] / were, one["long_term_debt"] / assets),
            (_current(one), _current(other)),
            (one["gross_profit"] / one["sales"], other["gross_profit"] / other["sales"]),
            (one["sales"] / assets, other["sales"] / were),
        )
    shares, held = one["shares_outstanding"], other["shares_outstanding"]
    if not np.isfinite([*(side for pair in risen for side in pair), shares, held]).all():
        return float("nan")
    return float(sum(more > less for more, less in risen) + (shares <= held))


def altman_rest(figures: Figures) -> float:
    """Altman's Z but for 0.6 times the market value of equity over all liabilities."""
    of = _figures(figures)
    working = of["current_assets"] - of["current_liabilities"]
    with np.errstate(divide="ignore", invalid="ignore"):
        weighed = 1.2 * working + 1.4 * of["retained_earnings"] + 3.3 * of["ebit"] + of["sales"]
        return float(weighed / of["total_assets"])


def _state(seen: Sequence[Filing]) -> list[float]:
    """The figures of STATES from all that was filed so far: each of the last period that has it."""
    periods = _first_said(seen)
    found = [_derived(periods, period) for period in sorted(periods, reverse=True)]
    return [
        next((each[name] for each in found if np.isfinite(each[name])), float("nan"))
        for name in STATES
    ]


def _first_said(seen: Sequence[Filing]) -> dict[int, dict[str, float]]:
    """The figures of each period as first filed; `seen` stands in the order of filing."""
    periods: dict[int, dict[str, float]] = {}
    for each in seen:
        figures = periods.setdefault(each.period, {})
        for name, value in each.figures.items():
            figures.setdefault(name, value)
    return periods


def _derived(periods: Mapping[int, Figures], period: int) -> dict[str, float]:
    """The figures of STATES that one period says, with the year before where that is there."""
    of = _figures(periods[period])
    least, most = YEAR_APART
    before = next((each for each in periods if least <= period - each <= most), None)
    score, debt = of["piotroski_f"], of["net_debt_to_ebitda"]
    if np.isnan(score) and before is not None:
        score = np.float64(piotroski(periods[period], periods[before]))
    if np.isnan(debt) and of["ebitda"] > 0.0:
        debt = (of["total_debt"] - of["cash"]) / of["ebitda"]
    return {
        "market_cap": float(of["market_cap"]),
        "shares": float(of["shares_outstanding"]),
        "piotroski": float(score),
        "altman": float(of["altman_z"]),
        "altman_rest": altman_rest(periods[period]),
        "liabilities": float(of["total_liabilities"]),
        "net_debt": float(debt),
    }


def _figures(said: Figures) -> dict[str, np.float64]:
    """Every figure, NaN where it is not there."""
    return {name: np.float64(said.get(name, np.nan)) for name in FIGURES}


def _current(of: Mapping[str, np.float64]) -> np.float64:
    """The current ratio."""
    return of["current_assets"] / of["current_liabilities"]


def _last_said(words: Sequence[str]) -> str:
    """The last word that says something."""
    return next((word for word in reversed(words) if word), "")


def _no_z(sector: str) -> bool:
    """Whether Altman's Z and net debt say nothing of a sector: its debt is its trade."""
    return sector.casefold() in NO_Z


def _taken(values: npt.NDArray[T], at: I8) -> npt.NDArray[T]:
    """The values at some rows; whatever stands first where a row is not there."""
    return values[np.maximum(at, 0)]
