"""[screen]: which bounds hold, what unknown counts as, and what is refused."""

import math
from pathlib import Path

import pytest

from app.test_policy_file import GOOD
from underwriter.app.policy_file import parse_policy
from underwriter.app.screen_keys import Screen, gates_of
from underwriter.core import screen as core
from underwriter.core.errors import InputError

DOCS = Path(__file__).parents[2] / "docs"


def bounds(screen: Screen | None) -> dict[str, tuple[float | None, float | None, int]]:
    """The gates that are on: least, most, lenient."""
    gates = gates_of(screen)
    told = {}
    for at, name in enumerate(core.NAMES):
        ends = [None if math.isnan(end) else end for end in (gates[at].least, gates[at].most)]
        if ends != [None, None]:
            told[name] = (*ends, int(gates[at].lenient))
    return told


def test_without_a_screen_every_gate_is_off() -> None:
    assert bounds(None) == {}
    assert bounds(Screen()) == {}


def test_a_bound_that_was_asked_for_refuses_what_is_unknown() -> None:
    asked = Screen(min_price=10.0, max_beta=1.2, unknown_passes=("beta",), exclude_sectors=("Oil",))
    assert bounds(asked) == {
        "price": (10.0, None, 0),
        "beta": (None, 1.2, 1),
        "sector": (1.0, None, 0),
    }


def test_the_usual_bounds_are_domains_and_let_the_unknown_pass() -> None:
    """DOMAIN 7; a bound of the policy's own replaces the usual one of its gate."""
    found = bounds(Screen(base="usual", max_iv=0.9))
    assert found == {
        "price": (20.0, None, 1),
        "shares": (1e6, None, 1),
        "turnover": (50e6, None, 1),
        "contracts": (1000.0, None, 1),
        "width": (None, 0.05, 1),
        "history": (3.0, None, 1),
        "drawdown": (None, 1.5, 1),
        "recovery": (None, 36.0, 1),
        "beta": (None, 1.6, 1),
        "iv30": (None, 0.9, 0),
        "market_cap": (10e9, None, 1),
        "piotroski": (6.0, None, 1),
        "altman": (1.81, None, 1),
        "net_debt": (None, 3.0, 1),
    }


@pytest.mark.parametrize("name", core.NAMES)
def test_every_gate_is_documented(name: str) -> None:
    assert f"| `{name}` |" in (DOCS / "screen.md").read_text(encoding="utf-8")


LINE = len(GOOD.splitlines())


@pytest.mark.parametrize(
    ("written", "found", "allowed"),
    [
        ("min_prise = 5", "unknown key min_prise", "did you mean min_price?"),
        ("min_price = -1", "screen.min_price = -1", "dollars, from 0"),
        ("max_width = 0", "screen.max_width = 0", "share of the mid"),
        ('unknown_passes = ["bet"]', "screen.unknown_passes", "downside_beta"),
        ('base = "all"', '"all"', '"none" or "usual"'),
        ("max_iv = 0.2\nmin_iv = 0.3", "screen.max_iv = 0.2", "min_iv or more, 0.3"),
        ("min_piotroski = nan", "screen.min_piotroski = nan", "from 0 to 9"),
    ],
)
def test_refusals_name_line_finding_and_what_is_allowed(
    written: str, found: str, allowed: str
) -> None:
    with pytest.raises(InputError) as refusal:
        parse_policy(Path("p.toml"), f"{GOOD}[screen]\n{written}\n")
    said = str(refusal.value)
    assert f"line {LINE + 2}: " in said
    assert found in said
    assert allowed in said
