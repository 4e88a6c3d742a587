"""Where real quotes stand behind the chain model, a cell of days to expiry and VIX each.

The table of docs/model.md as a program reads it.  Whatever its delta, an option of a cell is
supported or is not: a source that has a cell has it from 0.002 to 0.998, put and call of one strike
lending each other theirs.  Outside, the model is extrapolated.
"""

from typing import NamedTuple

Sources = tuple[str, ...]

LEAST_DAYS, MOST_DAYS = 2, 70  # to expiry, that any quote of the cells has
QUOTED_DAYS = 13  # to which SPX's bids and asks reach, but for a few
LEAST_INDEX, MOST_INDEX = 15.0, 31.0  # points of VIX
_SPX, _SPY, _BOTH, _NONE = ("SPX",), ("SPY",), ("SPX", "SPY"), ()
_LEVELS = (LEAST_INDEX, 17.0), (17.0, 20.0), (20.0, 25.0), (25.0, MOST_INDEX)
_BEHIND: dict[tuple[int, int], tuple[Sources, ...]] = {
    (1, 4): (_SPX, _SPX, _SPX, _SPX),
    (5, 8): (_BOTH, _BOTH, _BOTH, _SPX),
    (9, 13): (_BOTH, _BOTH, _BOTH, _SPX),
    (14, 30): (_SPY, _BOTH, _BOTH, _SPX),
    (31, MOST_DAYS): (_SPY, _SPY, _SPY, _NONE),
}


class Cell(NamedTuple):
    """One cell, and the sources whose quotes the model was fitted to in it."""

    days: tuple[int, int]  # both ends in
    level: tuple[float, float]  # of the index: the lower end in, the upper one in the last alone
    sources: Sources


CELLS = tuple(
    Cell(days, level, sources)
    for days, behind in _BEHIND.items()
    for level, sources in zip(_LEVELS, behind, strict=True)
)


def behind(days: int, index: float) -> Sources:
    """The sources behind a modelled price; none where it is extrapolated, or VIX is unknown."""
    for cell in CELLS:
        low, high = cell.level
        if cell.days[0] <= days <= cell.days[1] and (
            low <= index < high or index == high == MOST_INDEX
        ):
            return cell.sources if days >= LEAST_DAYS else _NONE
    return _NONE


def quoted_behind(days: int, index: float) -> bool:
    """Whether real bids and asks stand behind a modelled spread of a broad index."""
    return days <= QUOTED_DAYS and "SPX" in behind(days, index)
