"""What is said of a sweep, in the same words on the page and on the terminal."""

import math

from underwriter.report import say
from underwriter.report.swept.told import FIGURES, Swept, label

SHOWN = ("sharpe", "cagr", "max_drawdown", "income", "worst_month", "campaigns")
SPREAD = tuple(FIGURES)


def tried(swept: Swept) -> str:
    """How many configurations there were, and how they were chosen."""
    contradictory, repeated = swept.left_out
    told = f"{len(swept.values):,} configurations tried: {swept.design}."
    if contradictory:
        told += f" {contradictory:,} more contradict themselves and were left out."
    if repeated:
        told += f" {repeated:,} more repeat another and were run once."
    if swept.inert:
        told += (
            f" {', '.join(swept.inert)} changed nothing that the policy does: another of its keys "
            "stands in the way, as a column of [regime] does of the entry's own value."
        )
    return told


def verdict(swept: Swept) -> str:
    """Whether the best may be luck: what best-of-N means here."""
    chance, best = swept.chance, float(swept.figures["sharpe"][swept.best])
    if chance.tried < 2:  # noqa: PLR2004  one is no choice
        return "One configuration was tried, so nothing was chosen."
    head = f"The best of {chance.tried:,} is no forecast."
    if not math.isfinite(best):
        return f"{head} It has no Sharpe ratio: its equity does not move."
    told = (
        f"{head} Of as many tries without any skill, whose Sharpe ratios spread as these do "
        f"(standard deviation {say.number(chance.spread)}), the best is expected to reach "
        f"{say.number(chance.expected)} a year; this one has {say.number(best)}. Deflated Sharpe "
        f"ratio: {say.percent(chance.deflated, 0)} probability that its true ratio is above that"
    )
    if chance.flagged:
        return f"{told}, under {say.percent(chance.believed, 0)}: take it for luck."
    return (
        f"{told}, not under {say.percent(chance.believed, 0)}. Tries that are alike count for "
        "less, but other sweeps over the same history count, too, and are not known here."
    )


def row(swept: Swept, one: int, *, name: str) -> list[str]:
    """One configuration as cells: its name, its keys, the figures that are compared."""
    values = (label(value) for value in swept.values[one])
    figures = (swept.said(each, swept.figures[each][one]) for each in shown(swept))
    return [name, *values, *figures]


def shown(swept: Swept) -> tuple[str, ...]:
    """The figures that are compared: the one that ranks stands first."""
    return tuple(dict.fromkeys((swept.by, *SHOWN)))


def heads(swept: Swept) -> list[str]:
    """The headings above the cells of `row`."""
    return ["", *swept.keys, *(FIGURES[each].head for each in shown(swept))]


def spread(swept: Swept, name: str) -> list[str]:
    """One figure over all configurations: its lowest, quarters and highest, and of the best."""
    of_best = swept.said(name, swept.figures[name][swept.best])
    return [FIGURES[name].head, of_best, *(swept.said(name, each) for each in swept.quarters(name))]


SPREAD_HEADS = ("", "Of the best", "Lowest", "A quarter", "Median", "Three quarters", "Highest")
