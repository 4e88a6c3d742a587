"""docs/series.md has every gate on series and every free source, and none that is gone."""

import re
from pathlib import Path

from underwriter.app.fetch import SOURCES
from underwriter.market.series_quality import SERIES_GATES

PAGE = (Path(__file__).parents[2] / "docs" / "series.md").read_text("utf-8")


def first_cells(heading: str) -> set[str]:
    """What the first column of the table under a heading sets as code."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]+`) \|", section, re.MULTILINE)
    return {word for cell in cells for word in re.findall(r"`([^`]+)`", cell)}


def test_every_gate_is_documented_with_what_becomes_of_the_row() -> None:
    assert first_cells("Gates") == set(SERIES_GATES)
    for code, gate in SERIES_GATES.items():
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{code}`"))
        assert row.endswith("| is taken out |" if gate.dropped else "| stays |")


def test_every_free_source_is_documented() -> None:
    assert first_cells("Free sources") == set(SOURCES)
