"""Axes are round, extremes survive, coordinates stay in their frame."""

import re
from datetime import date, timedelta

import numpy as np
import pytest

from underwriter.report import charts
from underwriter.report.charts import FRAMES, Chart, Line, Span, Stack

CHART = Chart("Title & more", "Dollars", "modelled quotes", "What it shows.")
DAYS = [date(2014, 1, 2) + timedelta(days=i) for i in range(1_500)]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 1.0, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (-0.19, 0.0, [-0.2, -0.15, -0.1, -0.05, 0.0]),
        (0.0, 17_000.0, [0.0, 5_000.0, 10_000.0, 15_000.0, 20_000.0]),
        (940_000.0, 1_760_000.0, [800_000.0, 1e6, 1.2e6, 1.4e6, 1.6e6, 1.8e6]),
    ],
)
def test_ticks_are_round_and_enclose(low: float, high: float, expected: list[float]) -> None:
    assert charts.ticks(low, high) == pytest.approx(expected)


@pytest.mark.parametrize("span", [1e-6, 0.37, 1.0, 9.99, 123_456.0, 1e9])
def test_there_are_never_many_ticks(span: float) -> None:
    found = charts.ticks(-span / 3, span)
    assert found[0] <= -span / 3
    assert found[-1] >= span
    assert 3 <= len(found) <= 8


def points(page: str) -> list[tuple[float, float]]:
    paths = re.findall(r'class="stroke policy" d="M([^"Z]+)"', page)
    return [
        (float(x), float(y))
        for path in paths
        if "L" in path
        for x, y in (pair.split() for pair in path.split("L"))
    ]


def test_one_bad_day_is_seen_in_every_size() -> None:
    values = np.ones(1_500)
    values[777] = 0.5
    drawn = charts.lines(CHART, DAYS, [Line("it", "policy", values, "")], str)
    for svg in re.findall(r'<svg class="(?:small|medium|large)".*?</svg>', drawn)[:3]:
        heights = [y for _, y in points(svg)]
        assert max(heights) - min(heights) > 100


def test_lines_stay_in_their_frames() -> None:
    values = np.cumsum(np.random.default_rng(1).normal(size=1_500))
    drawn = charts.lines(CHART, DAYS, [Line("it", "policy", values, "")], str)
    pictures = re.findall(r'<svg class="(\w+)" viewBox="[^"]+" role="img"', drawn)
    assert pictures == [frame.size for frame in FRAMES]
    widest = max(frame.width for frame in FRAMES)
    assert all(0 <= x <= widest and 0 <= y <= 400 for x, y in points(drawn))


def test_a_flat_line_and_a_single_day_can_be_drawn() -> None:
    line = Line("it", "policy", np.zeros(1), "")
    assert "nan" not in charts.lines(CHART, DAYS[:1], [line], str)


def test_bars_stack_gains_up_and_losses_down() -> None:
    """Options 100 and -50, dividends 20 and 10: together 120 and -40."""
    stacks = [
        Stack("options", "options", np.array([100.0, -50.0])),
        Stack("dividends", "dividends", np.array([20.0, 10.0])),
    ]
    drawn = charts.bars(CHART, ["2014-01", "2014-02"], stacks, lambda value: f"{value:g}")
    assert "<title>2014-01: 120</title>" in drawn
    assert "<title>2014-02: -40</title>" in drawn
    assert drawn.count('class="fill options"') == 2 * len(FRAMES)


def test_bars_of_nothing_can_be_drawn() -> None:
    stacks = [Stack("options", "options", np.zeros(1))]
    assert "<rect" not in charts.bars(CHART, ["2014-01"], stacks, str)


def test_a_timeline_has_a_row_for_each_sleeve() -> None:
    spans = [Span(1, DAYS[10], DAYS[20], "gain", "<first>", thick=True)]
    drawn = charts.timeline(CHART, ["A", "B"], spans, (DAYS[0], DAYS[-1]), [("gain", "gain", "")])
    assert drawn.count("<rect") == len(FRAMES)
    assert "&lt;first&gt;" in drawn
    assert "Title &amp; more" in drawn
