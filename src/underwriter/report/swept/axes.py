"""The keys of a sweep as axes: numbers in their order, everything else as it comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from underwriter.report.swept.told import Floats, Swept, label

Ints = npt.NDArray[np.int64]
MOST = 8  # columns or rows of a heat map; more values are put together


@dataclass(frozen=True, slots=True)
class Groups:
    """The configurations by one key: which group each is in, and what the groups are called."""

    key: str
    at: Ints
    labels: tuple[str, ...]


def is_number(value: object) -> bool:
    """Whether a value lies on a line."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def places(values: Sequence[Any]) -> Floats:
    """Where each value lies between the lowest (0) and the highest (1) of its axis."""
    if all(map(is_number, values)):
        column = np.array(values, np.float64)
        low, span = column.min(), float(np.ptp(column))
        return (column - low) / span if span > 0.0 else np.full(column.size, 0.5)
    known = names_of(values)
    span = max(len(known) - 1, 1)
    return np.array([known.index(label(value)) / span for value in values])


def names_of(values: Sequence[Any]) -> list[str]:
    """What the values are called, each once: pairs of numbers in order, others as they come."""
    found = {label(value): value for value in values}
    lists = [value for value in found.values() if isinstance(value, list | tuple)]
    if len(lists) == len(found) and all(is_number(one) for value in lists for one in value):
        return sorted(found, key=lambda name: tuple(found[name]))
    return list(found)


def groups(key: str, values: Sequence[Any]) -> Groups:
    """The values of a key, each its own group; many numbers are put together evenly."""
    known = list(dict.fromkeys(values)) if all(map(is_number, values)) else []
    if known and len(known) <= MOST:
        known.sort()
        at = np.array([known.index(value) for value in values])
        return Groups(key, at, tuple(label(value) for value in known))
    if known:
        return _even(key, np.array(values, np.float64))
    names = names_of(values)
    at = np.array([min(names.index(label(value)), MOST - 1) for value in values])
    shown = names if len(names) <= MOST else [*names[: MOST - 1], "others"]
    return Groups(key, at, tuple(shown))


def _even(key: str, column: Floats) -> Groups:
    """Numbers in stretches of equal width."""
    ends = np.linspace(column.min(), column.max(), MOST + 1)
    at = np.clip(np.searchsorted(ends, column, side="right") - 1, 0, MOST - 1)
    names = tuple(label(float(f"{each:.3g}")) for each in (ends[:-1] + ends[1:]) / 2.0)
    return Groups(key, at, names)


def effect(found: Groups, figure: Floats) -> float:
    """Which share of the spread of a figure the groups explain."""
    held = np.isfinite(figure)
    values, at = figure[held], found.at[held]
    whole = float(np.var(values)) if values.size else 0.0
    if not whole > 0.0:
        return 0.0
    means = [float(values[at == one].mean()) for one in np.unique(at)]
    sizes = [int((at == one).sum()) for one in np.unique(at)]
    return float(np.average((np.array(means) - values.mean()) ** 2, weights=sizes)) / whole


def by_effect(swept: Swept) -> list[Groups]:
    """The keys as groups, those first that explain most of the ranked figure."""
    found = [groups(key, swept.column(key)) for key in swept.keys]
    figure = swept.figures[swept.by]
    return sorted(found, key=lambda each: -effect(each, figure))
