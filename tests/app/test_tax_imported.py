"""`book tax YEAR` on a journal that `book import` filled: the hand figures of test_taxed.py."""

from pathlib import Path

import pytest

from book.imports.test_taxed import text
from command_line import Command

# proceeds, basis, code, loss put off, gain: 100 - 0.66 folds into 6,000 of KO, and its loss of
# 400.66 is put off; XYZ keeps 50 - 0.66; SPX 4,000 - 1.50 less 1,000 at settlement
SALES = [
    ("100 sh KO", 5_500.0, 5_900.66, "W", 400.66, 0.0),
    ("1 XYZ 2026-04-17 P 20 (written)", 49.34, 0.0, "", 0.0, 49.34),
]


@pytest.fixture
def journal(underwriter: Command, tmp_path: Path) -> str:
    """The year of ten rows, imported."""
    path, journal = tmp_path / "history.csv", str(tmp_path / "mine.db")
    path.write_text(text(), "utf-8")
    said = underwriter("book", "import", str(path), "--into", journal, "--yes", "--create")
    assert (said.code, said.err) == (0, "")
    return journal


def test_t79_the_tax_of_an_imported_year(underwriter: Command, journal: str) -> None:
    said = underwriter("book", "tax", "2026", journal, "--json")
    assert (said.code, said.err) == (0, "")
    found = said.json
    names = ("short_term", "long_term", "put_off", "strays")
    assert [found[name] for name in names] == [49.34, 0.0, 400.66, 0]
    columns = ("what", "proceeds", "basis", "code", "adjustment", "gain")
    assert [tuple(one[name] for name in columns) for one in found["sales"]] == SALES
    index = found["section_1256"]
    parts = ("gain", "short_part", "long_part")
    assert [index[name] for name in parts] == [2_998.5, 1_199.4, 1_799.1]
    lots = [(one["what"], one["basis"], one["held_since"]) for one in found["open_lots"]]
    assert lots == [("100 sh KO", 6_000.66, "2026-02-28")]
