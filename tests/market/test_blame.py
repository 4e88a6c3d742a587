"""Every code of why a figure is missing is documented, with a line for people."""

import re
from pathlib import Path

import pytest

from underwriter.market import blame

PAGE = (Path(__file__).parents[2] / "docs" / "greeks.md").read_text("utf-8")
ROWS = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))


@pytest.mark.parametrize("name", sorted(blame.NAMES.values()))
def test_a_code_is_documented(name: str) -> None:
    assert name in ROWS, f"docs/greeks.md has no row for `{name}`"


def test_no_code_is_documented_that_is_gone() -> None:
    assert set(blame.NAMES.values()) >= ROWS


def test_every_code_has_a_name_and_its_line() -> None:
    codes = {value for name, value in vars(blame).items() if name.isupper() and type(value) is int}
    assert codes == blame.NAMES.keys() == blame.TEXTS.keys()
    assert len(set(blame.NAMES.values())) == len(codes)
