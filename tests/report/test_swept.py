"""What is told of a sweep: ranks, medians, cells and lines, from a handful of configurations."""

import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from underwriter.report.swept import words
from underwriter.report.swept.axes import by_effect, effect, groups, places
from underwriter.report.swept.drawn import DRAWN, axes, cells, parallel
from underwriter.report.swept.page import page
from underwriter.report.swept.terminal import lines
from underwriter.report.swept.told import FIGURES, Chance, Swept, label, middle, ranked
from underwriter.sim.sweep import OUTCOME

DOCS = Path(__file__).parents[2] / "docs"


def swept(**changed: Any) -> Swept:  # noqa: ANN401
    """Six configurations of a delta and a pair of days: Sharpe 0.1 to 0.5, and one undefined."""
    values = [(delta, dte) for delta in (0.1, 0.2, 0.3) for dte in ([20, 45], [8, 20])]
    sharpe = np.array([0.1, 0.2, 0.5, 0.3, math.nan, 0.4])
    figures = {name: np.arange(6.0) for name in FIGURES} | {"sharpe": sharpe}
    told = Swept(
        policy="mine", first="2014-01-03", last="2018-12-31", sessions=1257, quotes="modelled",
        source="a test", starting_cash=1e6, design="every combination of both",
        keys=("entry.delta", "entry.dte"), values=tuple(values), figures=figures, by="sharpe",
        chance=Chance(6, 0.158, 0.2, 0.6, 0.95), left_out=(0, 0),
    )  # fmt: skip
    return replace(told, **changed)


def test_the_best_stands_first_and_the_undefined_last() -> None:
    assert swept().order.tolist() == [2, 5, 3, 1, 0, 4]
    assert ranked(np.array([0.3, math.nan, 0.1, 0.1]), "max_drawdown").tolist() == [2, 3, 0, 1]


def test_the_median_is_the_middle_of_the_defined() -> None:
    """Of 0.5 0.4 0.3 0.2 0.1 the third; of two the better."""
    assert swept().middle == 3
    assert middle(np.array([0.1, 0.2]), "sharpe") == 1
    assert swept().quarters("sharpe") == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])


def test_a_cell_is_the_median_over_the_other_keys() -> None:
    told = swept(values=tuple((delta, on) for delta in (0.1, 0.2) for on in ("a", "b", "b")))
    found = cells(told, groups("x", told.column("entry.delta")), groups("y", ["all"] * 6))
    assert found.median[:, 0] == pytest.approx([0.2, 0.35])
    assert found.count[:, 0].tolist() == [3, 3]


def test_many_numbers_are_put_together_evenly() -> None:
    """Edges at 12.375, 24.75, 37.125, 49.5, 61.875, 74.25 and 86.625 hundredths."""
    found = groups("x", [at / 100 for at in range(100)])
    assert np.bincount(found.at).tolist() == [13, 12, 13, 12, 12, 13, 12, 13]
    assert len(found.labels) == 8


def test_pairs_of_numbers_stand_in_their_order() -> None:
    assert groups("x", [[20, 45], [8, 20]]).labels == ("8, 20", "20, 45")
    assert places([[20, 45], [8, 20]]).tolist() == [1.0, 0.0]
    assert places([True, False, True]).tolist() == [0.0, 1.0, 0.0]
    assert places([2, 2]).tolist() == [0.5, 0.5]


def test_the_key_that_explains_most_is_mapped_first() -> None:
    """Means by days 0.3 and 0.3, by delta 0.15, 0.4, 0.4: all of the spread between is delta's."""
    assert [each.key for each in by_effect(swept())] == ["entry.delta", "entry.dte"]
    assert effect(groups("x", [1, 1, 2]), np.array([3.0, 3.0, 3.0])) == 0.0


def test_axes_say_their_ends() -> None:
    found = {axis.name: axis for axis in axes(swept())}
    assert (found["entry.delta"].low, found["entry.delta"].high) == ("0.1", "0.3")
    assert (found["Sharpe"].low, found["Sharpe"].high) == ("0.10", "0.50")
    assert math.isnan(found["Sharpe"].at[4])


def test_more_lines_than_can_be_told_apart_are_thinned_and_it_is_said() -> None:
    many = 5000
    figures = {name: np.linspace(0.0, 1.0, many) for name in FIGURES}
    values = tuple((at / many, [20, 45]) for at in range(many))
    drawn = parallel(swept(values=values, figures=figures))
    assert drawn.count('<path class="line par') == 3 * DRAWN + 4  # sizes; and the key's
    assert "400 of them drawn" in drawn


@pytest.mark.parametrize(
    ("chance", "said"),
    [
        (Chance(6, 0.158, 0.2, 0.6, 0.95), "60% probability"),
        (Chance(6, 0.158, 0.2, 0.6, 0.95), "under 95%: take it for luck"),
        (Chance(6, 0.158, 0.2, 0.97, 0.95), "other sweeps over the same history count, too"),
        (Chance(1, 0.0, 0.0, 0.97, 0.95), "nothing was chosen"),
        (Chance(6, 0.158, 0.2, math.nan, 0.95), "take it for luck"),
    ],
)
def test_t89_the_best_of_many_is_held_against_luck(chance: Chance, said: str) -> None:
    assert said in words.verdict(swept(chance=chance))
    assert (said in page(swept(chance=chance))) == (said in words.verdict(swept(chance=chance)))


def test_what_was_left_out_is_said() -> None:
    told = words.tried(swept(left_out=(3, 2), inert=("entry.delta",)))
    for said in ("6 configurations tried", "3 more contradict", "2 more repeat", "changed nothing"):
        assert said in told


def test_a_page_says_what_is_modelled_and_escapes_what_people_wrote() -> None:
    drawn = page(swept(policy="<b>", source="a & b"))
    assert "Quotes are MODELLED" in drawn
    assert "&lt;b&gt;" in drawn
    assert "a &amp; b" in drawn
    assert "MODELLED" not in page(swept(quotes="quoted"))
    assert not re.search(r"\bnan\b", drawn)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_terminals_tables_fit(width: int) -> None:
    told = lines(swept(), width)
    assert "median #3" in told
    assert max(map(len, told.splitlines())) <= max(width, 56)


def test_one_key_and_one_configuration_are_drawn_too() -> None:
    figures = {name: np.array([0.5]) for name in FIGURES}
    one = swept(keys=("rungs",), values=((1,),), figures=figures, chance=Chance(1, 0, 0, 0.5, 0.95))
    assert "rungs" in page(one)
    none = {name: np.array([math.nan]) for name in FIGURES}
    assert "n/a" in page(replace(one, figures=none))


def test_values_are_said_shortly() -> None:
    assert label([{"spot": -0.2, "vol": 1.5}]) == "spot \N{MINUS SIGN}0.2 vol 1.5"
    assert (label(None), label(3), label("daily")) == ("none", "3", "daily")


@pytest.mark.parametrize("name", [*OUTCOME, "configuration", "policy_hash"])
def test_every_column_is_documented(name: str) -> None:
    assert f"`{name}`" in (DOCS / "sweep.md").read_text(encoding="utf-8")
