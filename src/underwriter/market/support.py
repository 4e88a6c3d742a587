"""Where real quotes stand behind the chain model: a cell of delta, days to expiry and VIX each.

The tables of docs/model.md as a program reads them (`support.csv`): how many quotes of each source
the model was fitted to or judged on in each cell.  A cell is supported where a source has `LEAST`
of them.  Outside, the model is extrapolated.
"""

import csv
from functools import cache
from importlib.resources import files
from typing import NamedTuple

Sources = tuple[str, ...]

LEAST = 30  # quotes of one source: fewer say nothing of a cell
LEAST_DAYS, MOST_DAYS = 2, 70  # to expiry, that any quote of the cells has
QUOTED_DAYS = 13  # to which SPX's bids and asks reach, but for a few
LEAST_INDEX, MOST_INDEX = 15.0, 31.0  # points of VIX
LEAST_DELTA = 0.002  # of the option out of the money at a strike
TERMS = (1, 4), (5, 8), (9, 13), (14, 30), (31, MOST_DAYS)  # days, both ends in
LEVELS = (LEAST_INDEX, 17.0), (17.0, 20.0), (20.0, 25.0), (25.0, MOST_INDEX)
WINGS = (LEAST_DELTA, 0.01), (0.01, 0.05), (0.05, 0.15), (0.15, 0.30), (0.30, 0.55)
SOURCES = ("SPX", "SPY")


class Cell(NamedTuple):
    """Where a cell lies, by the place of its range in `TERMS`, `LEVELS` and `WINGS`."""

    term: int
    level: int
    call: bool  # else put
    wing: int


@cache
def counts() -> dict[tuple[str, Cell], int]:
    """Quotes of a source in a cell, of fitted and judged days together."""
    body = (files("underwriter.market") / "support.csv").read_text("utf-8")
    found = {}
    for row in csv.DictReader(body.splitlines()):
        term, level = int(row["term"]), int(row["level"])
        for wing, (low, _) in enumerate(WINGS):
            for side in ("put", "call"):
                cell = Cell(term, level, side == "call", wing)
                found[row["source"], cell] = int(row[f"{side} {low:g}"])
    return found


def cell_of(days: int, index: float, delta: float) -> Cell | None:
    """The cell of an option `days` from expiry at a volatility index in points; None outside.

    `delta` is the option's own, a put's negative.  What is far in the money counts as the option
    of the other right at its strike, whose price is its own but for a forward.
    """
    reach, call = abs(delta), delta > 0.0
    if reach >= WINGS[-1][1]:
        reach, call = 1.0 - reach, not call
    term = next((n for n, (low, high) in enumerate(TERMS) if low <= days <= high), None)
    level = next((n for n, (low, high) in enumerate(LEVELS) if low <= index < high), None)
    if index == MOST_INDEX:
        level = len(LEVELS) - 1
    wing = next((n for n, (low, high) in enumerate(WINGS) if low <= reach < high), None)
    if days < LEAST_DAYS or term is None or level is None or wing is None:
        return None
    return Cell(term, level, call, wing)


def behind(days: int, index: float, delta: float) -> Sources:
    """The sources behind a modelled price; none where it is extrapolated, or VIX is unknown.

    As `cell_of`; an unknown delta, NaN, has none either.
    """
    cell = cell_of(days, index, delta)
    if cell is None:
        return ()
    return tuple(source for source in SOURCES if counts().get((source, cell), 0) >= LEAST)


def quoted_behind(days: int, index: float, delta: float) -> bool:
    """Whether real bids and asks stand behind a modelled spread of a broad index."""
    return days <= QUOTED_DAYS and "SPX" in behind(days, index, delta)
