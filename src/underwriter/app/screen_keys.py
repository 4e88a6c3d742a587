"""[screen] of a policy: the bounds that an underlying must keep to, as people write them.

A gate is on where a bound is asked for.  `base = "usual"` asks for the usual ones wherever a policy
names none; unknown values pass those, since nobody asked.  docs/screen.md has every gate.
"""

import math
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from underwriter.app.strict import Strict, conflict, key
from underwriter.core import screen as core
from underwriter.core.record import Rows, rows

Name = Annotated[str, Field(pattern=f"^({'|'.join(core.NAMES)})$")]
Sector = Annotated[str, Field(min_length=1, max_length=60)]
_HUGE = 1e15
_PAIRS = (("min_price", "max_price"), ("min_iv", "max_iv"))


class Screen(Strict):
    """[screen]: the gates an underlying must pass; one that is left out is off."""

    base: Literal["none", "usual"] = key('"none" or "usual"', "none")
    index: str = key(
        'a symbol such as "SPY", whose prices the lake has', "SPY", pattern=r"^[A-Z0-9./^-]{1,12}$"
    )
    unknown_passes: tuple[Name, ...] = key(f"names of gates: {', '.join(core.NAMES)}", ())
    min_price: float | None = key("dollars, from 0 to 1000000", None, ge=0.0, le=1e6)
    max_price: float | None = key("dollars, above 0 to 1000000", None, gt=0.0, le=1e6)
    min_shares: float | None = key("shares a day, from 0", None, ge=0.0, le=_HUGE)
    min_turnover: float | None = key("dollars a day, from 0", None, ge=0.0, le=_HUGE)
    min_interest: float | None = key("open contracts, from 0", None, ge=0.0, le=_HUGE)
    min_contracts: float | None = key("contracts a day, from 0", None, ge=0.0, le=_HUGE)
    max_width: float | None = key(
        "share of the mid, at least of a dollar, above 0 to 2", None, gt=0.0, le=2.0
    )
    min_history: float | None = key("years, from 0 to 100", None, ge=0.0, le=100.0)
    max_drawdown: float | None = key(
        "multiple of the index's, above 0 to 100", None, gt=0.0, le=100.0
    )
    max_recovery: float | None = key("months, from 0 to 1200", None, ge=0.0, le=1200.0)
    max_beta: float | None = key("from -10 to 10", None, ge=-10.0, le=10.0)
    max_downside_beta: float | None = key("from -10 to 10", None, ge=-10.0, le=10.0)
    max_correlation: float | None = key("from -1 to 1", None, ge=-1.0, le=1.0)
    min_dividends: float | None = key("whole years, from 0 to 100", None, ge=0.0, le=100.0)
    min_earnings: float | None = key("calendar days, from 0 to 90", None, ge=0.0, le=90.0)
    min_iv: float | None = key("volatility, from 0 to 10 (0.15 is 15%)", None, ge=0.0, le=10.0)
    max_iv: float | None = key("volatility, above 0 to 10", None, gt=0.0, le=10.0)
    min_market_cap: float | None = key("dollars, from 0", None, ge=0.0, le=_HUGE)
    min_piotroski: float | None = key("whole points, from 0 to 9", None, ge=0.0, le=9.0)
    min_altman: float | None = key("from -100 to 100", None, ge=-100.0, le=100.0)
    max_net_debt: float | None = key("multiple of EBITDA, from -100 to 100", None, ge=-100, le=100)
    exclude_sectors: tuple[Sector, ...] = key("names as in the table of fundamentals", ())

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        for least, most in _PAIRS:
            lo, hi = getattr(self, least), getattr(self, most)
            if lo is not None and hi is not None and lo > hi:
                raise conflict(
                    (most,), f"found screen.{most} = {hi}", f"expected {least} or more, {lo}"
                )
        return self


class _Bound(NamedTuple):
    """The keys of one gate's bounds, and the usual bounds (DOMAIN 7)."""

    least: str = ""
    most: str = ""
    usual_least: float = math.nan
    usual_most: float = math.nan


_BOUNDS = {
    "price": _Bound("min_price", "max_price", 20.0),
    "shares": _Bound("min_shares", usual_least=1e6),
    "turnover": _Bound("min_turnover", usual_least=50e6),
    "interest": _Bound("min_interest"),
    "contracts": _Bound("min_contracts", usual_least=1000.0),
    "width": _Bound(most="max_width", usual_most=0.05),
    "history": _Bound("min_history", usual_least=3.0),
    "drawdown": _Bound(most="max_drawdown", usual_most=1.5),
    "recovery": _Bound(most="max_recovery", usual_most=36.0),
    "beta": _Bound(most="max_beta", usual_most=1.6),
    "downside_beta": _Bound(most="max_downside_beta"),
    "correlation": _Bound(most="max_correlation"),
    "dividends": _Bound("min_dividends"),
    "earnings": _Bound("min_earnings"),
    "iv30": _Bound("min_iv", "max_iv", 0.15, 0.60),
    "market_cap": _Bound("min_market_cap", usual_least=10e9),
    "piotroski": _Bound("min_piotroski", usual_least=6.0),
    "altman": _Bound("min_altman", usual_least=1.81),
    "net_debt": _Bound(most="max_net_debt", usual_most=3.0),
}


def gates_of(screen: Screen | None) -> Rows[core.Gate]:
    """One row a gate, in the order of `core.screen.NAMES`; all off where a policy has no screen."""
    found, asked = rows(core.Gate, len(core.NAMES)), screen or Screen()
    for at, name in enumerate(core.NAMES):
        gate, bound = found[at], _BOUNDS.get(name, _Bound())
        least, most = (getattr(asked, each) if each else None for each in (bound.least, bound.most))
        named = least is not None or most is not None
        usual = asked.base == "usual" and not named
        gate.least = _or(least, bound.usual_least if usual else math.nan)
        gate.most = _or(most, bound.usual_most if usual else math.nan)
        gate.lenient = int(usual or name in asked.unknown_passes)
    if asked.exclude_sectors:
        found[core.SECTOR].least = 1.0
    return found


def _or(bound: float | None, otherwise: float) -> float:
    """A bound that was asked for, else another."""
    return otherwise if bound is None else float(bound)
