"""What is told of a sweep: its configurations, their figures, and how they are ranked."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from underwriter.core.units import MICRO
from underwriter.report import say
from underwriter.report.say import PROVENANCE, Provenance

Floats = npt.NDArray[np.float64]
Order = npt.NDArray[np.intp]
QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)


def _dollars(value: float) -> str:
    """Dollars without cents."""
    return say.money(value * MICRO) if math.isfinite(value) else say.UNDEFINED


def _count(value: float) -> str:
    """A whole number."""
    return say.number(value, 0)


def _fine(value: float) -> str:
    """A fraction in percent, to two figures."""
    return say.percent(value, 2)


class Figure(NamedTuple):
    """A figure of a configuration: its heading, how it is said, whether more or less is better."""

    head: str
    say: Callable[[float], str]
    better: int  # 1 more, -1 less, 0 neither


FIGURES = {
    "sharpe": Figure("Sharpe", say.number, 1),
    "cagr": Figure("Return a year", say.percent, 1),
    "total_return": Figure("Total return", say.percent, 1),
    "volatility": Figure("Volatility", say.percent, -1),
    "max_drawdown": Figure("Deepest drawdown", say.percent, -1),
    "tail_loss": Figure("Worst days' loss", _fine, -1),
    "income": Figure("Income", _dollars, 1),
    "worst_month": Figure("Worst month's income", _dollars, 1),
    "premium": Figure("Premium received", _dollars, 0),
    "fees": Figure("Fees", _dollars, -1),
    "premium_capture": Figure("Premium capture", say.percent, 1),
    "win_rate": Figure("Campaigns that earned", say.percent, 1),
    "assignment_rate": Figure("Puts assigned", say.percent, 0),
    "campaigns": Figure("Campaigns", _count, 0),
    "refused": Figure("Refused", _count, 0),
}
RANKED = tuple(name for name, figure in FIGURES.items() if figure.better)


@dataclass(frozen=True, slots=True)
class Chance:
    """What luck would do to the best of so many tries; Sharpe ratios are annual."""

    tried: int
    spread: float  # standard deviation of the ratios of all that were tried
    expected: float  # the best ratio to be expected of as many without any skill
    deflated: float  # the probability that the true ratio of the best is above that
    believed: float  # the probability from which the best is not put down to luck

    @property
    def flagged(self) -> bool:
        """Whether the best may be luck: so it is held unless shown otherwise."""
        return not self.deflated >= self.believed


@dataclass(frozen=True, slots=True)
class Swept:
    """A sweep that is done: one row a configuration in `values` and in every figure."""

    policy: str
    first: str  # session
    last: str
    sessions: int
    quotes: str
    source: str
    starting_cash: float
    design: str  # how the configurations were chosen, for people
    keys: tuple[str, ...]
    values: tuple[tuple[Any, ...], ...]
    figures: dict[str, Floats]
    by: str
    chance: Chance
    left_out: tuple[int, int]  # that contradict themselves; that repeat another
    inert: tuple[str, ...] = ()  # keys that change nothing here

    @property
    def provenance(self) -> Provenance:
        """How it is said whether quotes were real."""
        return PROVENANCE[self.quotes]

    @property
    def order(self) -> Order:
        """The configurations from the best on, the first of equals first, the undefined last."""
        return ranked(self.figures[self.by], self.by)

    @property
    def best(self) -> int:
        """The number of the best configuration."""
        return int(self.order[0])

    @property
    def middle(self) -> int:
        """The number of the configuration in the middle of the defined ones, the better of two."""
        return middle(self.figures[self.by], self.by)

    def column(self, key: str) -> list[Any]:
        """The values of one key."""
        at = self.keys.index(key)
        return [row[at] for row in self.values]

    def said(self, name: str, value: float) -> str:
        """A figure for people."""
        return FIGURES[name].say(float(value))

    def quarters(self, name: str) -> list[float]:
        """The lowest, the quarters and the highest of a figure, of the configurations that have it.

        NaN where none has.
        """
        held = self.figures[name][np.isfinite(self.figures[name])]
        return [float(np.quantile(held, at)) if held.size else math.nan for at in QUARTERS]


def ranked(values: Floats, by: str) -> Order:
    """Rows from the best on, the first of equals first, the undefined last."""
    return np.argsort(-values * FIGURES[by].better, kind="stable")


def middle(values: Floats, by: str) -> int:
    """The row in the middle of the defined ones, the better of two."""
    defined = int(np.isfinite(values).sum())
    return int(ranked(values, by)[max(defined - 1, 0) // 2])


def label(value: object) -> str:
    """A value of a policy for people: short, and without brackets."""
    if isinstance(value, dict):
        return " ".join(f"{name} {label(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(label(one) for one in value)
    if isinstance(value, float):
        return f"{value:.4g}".replace("-", say.MINUS)
    return "none" if value is None else str(value)
