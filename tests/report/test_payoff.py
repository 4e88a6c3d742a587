"""The pay-off as a picture: every letter and coordinate in its frame, the smallest credit seen."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underwriter.report import payoff
from underwriter.report.payoff import NARROW, Picture, described, letters, svg
from underwriter.report.say import MINUS

SPOTS = np.linspace(75.0, 125.0, 101)


def picture(
    gained: np.ndarray, breakevens: tuple[float, ...] = (93.64,), title: str = "KO & co"
) -> Picture:
    return Picture(title, "At expiry, before fees.", SPOTS, gained, 100.0, breakevens)


SHORT_PUT = picture(136.0 - 100.0 * np.maximum(95.0 - SPOTS, 0.0))
SMALL = picture(1.0 - 100.0 * np.maximum(95.0 - SPOTS, 0.0), (94.99,))


@pytest.mark.parametrize("width", [1, 24, 37, 80, 300])
@pytest.mark.parametrize("height", [-3, 5, 12, 90])
def test_letters_keep_to_their_terminal(width: int, height: int) -> None:
    drawn = letters(SHORT_PUT, width, height)
    assert max(map(len, drawn)) <= max(NARROW, min(width, payoff.WIDE))
    assert len(drawn) <= max(payoff.LOW, min(height, payoff.HIGH)) + 2
    assert all(line.isascii() for line in drawn)


def test_letters_of_a_short_put() -> None:
    """Profit above the line right of the breakeven, loss below it on the left, spot and axis."""
    drawn = letters(SHORT_PUT, 40, 8)
    assert drawn[0].startswith(" +136 |")
    assert set(drawn[0].partition("|")[2].strip()) == {"+"}
    assert "    0 |" in drawn[1]
    assert drawn[2].partition("|")[2].startswith("-")
    assert drawn[-3].startswith("-1.9k |-")
    assert drawn[-2].index("o") < drawn[-2].index("^")
    assert drawn[-1].split() == ["75", "125"]


def test_the_smallest_credit_is_seen() -> None:
    assert "+" in letters(SMALL, 80, 12)[0].partition("|")[2]


@pytest.mark.parametrize("level", [0.0, 50.0, -50.0])
def test_a_level_pay_off(level: float) -> None:
    drawn = letters(picture(np.full(101, level), ()), 30, 6)
    marks = {0.0: ".", 50.0: "+", -50.0: "-"}[level]
    assert any(set(line.partition("|")[2]) == {marks} for line in drawn)
    assert "o" not in drawn[-2]


def test_the_svg_is_one_file_that_names_what_it_shows() -> None:
    drawn = svg(SHORT_PUT)
    root = ET.fromstring(drawn)  # noqa: S314  our own
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    said = " ".join(root.itertext())
    for each in ("KO & co", "93.64", "now 100.00", "At expiry, before fees.", f"{MINUS}$2k"):
        assert each in said
    assert "href" not in drawn
    assert "url(" not in drawn
    assert "breakevens: 93.64" in described(SHORT_PUT)


@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=20), st.floats(75.0, 125.0))
def test_every_coordinate_is_in_the_frame(levels: list[float], breakeven: float) -> None:
    gained = np.interp(SPOTS, np.linspace(75.0, 125.0, len(levels)), levels)
    drawn = svg(picture(gained, (breakeven, 900.0)))
    for path in re.findall(r'class="(?:curve|profit|loss)" d="M([^"Z]+)', drawn):
        for pair in path.split("L"):
            x, y = map(float, pair.split())
            assert 70.0 - 0.1 <= x <= 700.1
            assert 64.0 - 0.1 <= y <= 336.1
    assert "900.00" not in re.sub(r"<desc>.*</desc>", "", drawn)
