"""Where real quotes stand behind the model: the table of docs/model.md, and what programs read."""

import re
from pathlib import Path

import pytest

from underwriter.market.support import CELLS, LEAST_DAYS, behind, quoted_behind

PAGE = Path(__file__).parents[2] / "docs" / "model.md"
ROW = re.compile(
    r"^\| (\d+)-(\d+) \| (\d+)-(\d+) \|(.*)\| (SPX|SPY|SPX, SPY|none) \|$", re.MULTILINE
)

Said = dict[tuple[int, int, int, int], tuple[str, ...]]


def said() -> Said:
    """What the page says of each cell: its sources, none where its figures are crossed out."""
    found: Said = {}
    for row in ROW.findall(PAGE.read_text("utf-8")):
        figures, source = row[4], row[5]
        crossed = {each.strip() for each in figures.split("|")} == {"x"}
        assert crossed == (source == "none") == ("x" in figures), row
        days_from, days_to, low, high = (int(each) for each in row[:4])
        found[days_from, days_to, low, high] = () if crossed else tuple(source.split(", "))
    return found


def test_the_page_and_the_program_have_the_same_cells() -> None:
    assert {(*each.days, *map(int, each.level)): each.sources for each in CELLS} == said()
    assert len(said()) == 20


@pytest.mark.parametrize("cell", said())
def test_what_is_read_is_what_the_page_says(cell: tuple[int, int, int, int]) -> None:
    first, last, low, high = cell
    for days in range(max(first, LEAST_DAYS), last + 1):
        for index in (float(low), 0.5 * (low + high), high - 0.01):
            assert behind(days, index) == said()[cell]
            assert quoted_behind(days, index) == (days <= 13 and "SPX" in said()[cell])
