"""Where real quotes stand behind the model: the tables of docs/model.md, and what programs read."""

import math
import re
from pathlib import Path

import pytest

from underwriter.market.support import (
    LEAST,
    LEAST_DAYS,
    LEVELS,
    TERMS,
    WINGS,
    Cell,
    behind,
    cell_of,
    counts,
    quoted_behind,
)

PAGE = Path(__file__).parents[2] / "docs" / "model.md"
ROW = re.compile(r"^\| (\d+)-(\d+) \| (\d+)-(\d+) \|(.*)\|$", re.MULTILINE)

Said = dict[tuple[str, Cell], int]
SIDES = [
    *((False, wing) for wing in range(len(WINGS))),
    *((True, wing) for wing in reversed(range(len(WINGS)))),
]


def said() -> Said:
    """What the page says of each cell: quotes of fitted and judged days of each source."""
    page = PAGE.read_text("utf-8").split("Which cell each source supports")[1]
    found: Said = {}
    for source, part in zip(("SPX", "SPY"), page.split("SPY, last prices:"), strict=True):
        for row in ROW.findall(part.split("Everywhere else")[0]):
            term = TERMS.index((int(row[0]), int(row[1])))
            level = LEVELS.index((float(row[2]), float(row[3])))
            for (call, wing), text in zip(SIDES, row[4].split("|"), strict=True):
                found[source, Cell(term, level, call, wing)] = sum(map(int, text.split("+")))
    return found


def test_the_page_and_the_program_have_the_same_counts() -> None:
    assert counts() == said()
    assert len(said()) == 27 * 10


@pytest.mark.parametrize("source", ["SPX", "SPY"])
def test_a_source_stands_behind_the_cells_where_the_page_has_quotes_enough(source: str) -> None:
    found = said()
    for term, (first, last) in enumerate(TERMS):
        for level, (low, high) in enumerate(LEVELS):
            for call, wing in SIDES:
                least, most = WINGS[wing]
                quotes = found.get((source, Cell(term, level, call, wing)), 0)
                delta = (1 if call else -1) * 0.5 * (least + most)
                for days in (max(first, LEAST_DAYS), last):
                    for index in (low, 0.5 * (low + high), high - 0.01):
                        assert (source in behind(days, index, delta)) == (quotes >= LEAST)


@pytest.mark.parametrize(
    ("days", "index", "delta", "cell"),
    [
        (30, 20.0, -0.30, Cell(3, 2, False, 4)),
        (30, 20.0, -0.2999, Cell(3, 2, False, 3)),
        (31, 19.99, 0.05, Cell(4, 1, True, 2)),
        (2, 31.0, 0.01, Cell(0, 3, True, 1)),
        (7, 16.0, -0.549, Cell(1, 0, False, 4)),
        (7, 16.0, -0.70, Cell(1, 0, True, 4)),  # held to the call at its strike
        (7, 16.0, 0.997, Cell(1, 0, False, 0)),
        (7, 16.0, 0.999, None),
        (7, 16.0, -0.0019, None),
        (7, 16.0, math.nan, None),
        (7, math.nan, 0.3, None),
        (7, 14.99, 0.3, None),
        (7, 31.01, 0.3, None),
        (1, 20.0, 0.3, None),
        (71, 20.0, 0.3, None),
    ],
)
def test_an_option_has_the_cell_of_its_delta_its_days_and_the_index(
    days: int, index: float, delta: float, cell: Cell | None
) -> None:
    assert cell_of(days, index, delta) == cell
    if cell is None:
        assert behind(days, index, delta) == ()


def test_one_delta_is_supported_where_another_is_not() -> None:
    """A month out at an index of 28 there are quotes of puts, and hardly any of far calls."""
    assert behind(30, 28.0, -0.10) == ("SPX",)
    assert behind(30, 28.0, 0.10) == ()
    assert behind(30, 22.0, -0.10) == ("SPY",)  # SPX has 26 there


def test_real_spreads_stand_behind_spx_alone_to_thirteen_days() -> None:
    assert quoted_behind(13, 18.0, -0.3)
    assert not quoted_behind(14, 18.0, -0.3)  # SPX's few of 14 to 18 days are no spread's support
    assert not quoted_behind(13, 32.0, -0.3)
    assert not quoted_behind(13, 18.0, -0.001)
