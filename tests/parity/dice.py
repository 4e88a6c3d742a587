"""Throws of dice: what random cases are drawn with."""

import numpy as np

Dice = np.random.Generator


def chance(dice: Dice, odds: float) -> bool:
    """Whether something of these odds happens."""
    return bool(dice.random() < odds)


def pick(dice: Dice, *values: float) -> float:
    """One of some values."""
    return values[int(dice.integers(len(values)))]


def whole(dice: Dice, low: int, high: int) -> int:
    """A whole number from `low` to `high`, both included."""
    return int(dice.integers(low, high + 1))
