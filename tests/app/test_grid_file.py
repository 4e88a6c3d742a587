"""Grids are read strictly: each wrong one is one line with file, line, finding, what is allowed."""

from pathlib import Path
from typing import Any

import pytest

from app.test_policy_file import GOOD
from underwriter.app.grid_file import Grid, read_grid
from underwriter.app.policy_file import PolicyFile, WrittenPolicy, parse_policy
from underwriter.app.strict import keys_of
from underwriter.app.trials import Trials, trials
from underwriter.core.errors import InputError

POLICY = parse_policy(Path("policy.toml"), GOOD)
LATIN = '[sample]\nmethod = "latin"\ncount = 40\nseed = 7\n'


@pytest.fixture
def grid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401  a callable
    """Read a grid from its text."""
    monkeypatch.chdir(tmp_path)

    def read(text: str) -> Grid:
        Path("grid.toml").write_text(text, encoding="utf-8")
        return read_grid(Path("grid.toml"))

    return read


def tried(read: Grid, *, skip: bool = False, policy: WrittenPolicy = POLICY) -> Trials:
    return trials(policy, read, skip_invalid=skip)


# --- what a grid means ---


def test_every_combination_in_order_the_last_key_fastest(grid: Any) -> None:  # noqa: ANN401
    found = tried(grid('"entry.delta" = [0.16, 0.2]\n"entry.on" = ["weekly", "daily"]'))
    assert found.values == [(0.16, "weekly"), (0.16, "daily"), (0.2, "weekly"), (0.2, "daily")]
    assert [content.entry.on for content in found.contents] == ["weekly", "daily"] * 2
    assert found.contents[0].manage == POLICY.content.manage


def test_a_table_of_keys_is_the_same(grid: Any) -> None:  # noqa: ANN401
    dotted = tried(grid('"entry.delta" = [0.16, 0.2]\n"size.stress.0.spot" = [-0.3, -0.2]'))
    nested = tried(grid("[entry]\ndelta = [0.16, 0.2]\n[size.stress]\n0.spot = [-0.3, -0.2]"))
    assert dotted.contents == nested.contents
    assert dotted.contents[0].size.stress[0].spot == -0.3
    assert dotted.contents[0].size.stress[1] == POLICY.content.size.stress[1]


def test_a_raster_has_both_its_ends(grid: Any) -> None:  # noqa: ANN401
    found = tried(grid('"manage.take_profit" = { from = 0.0, to = 0.75, step = 0.25 }'))
    assert [values[0] for values in found.values] == [0.0, 0.25, 0.5, 0.75]
    found = tried(grid('"manage.exit_dte" = { from = 3, to = 10, step = 5 }'))
    assert [values[0] for values in found.values] == [3, 8]


def test_whole_values_are_written_as_the_policy_writes_them(grid: Any) -> None:  # noqa: ANN401
    text = '"entry.dte" = [[25, 45], [30, 60]]\n"regime.bands" = [[15, 20, 30, 40]]\n'
    text += '"size.stress" = [[{ spot = -0.2, vol = 2 }], [{ spot = -0.3, vol = 1.5 }]]'
    found = tried(grid(text))
    assert len(found.contents) == 4
    assert found.contents[-1].entry.dte == (30, 60)
    assert found.contents[-1].size.stress[0].spot == -0.3


def test_a_latin_hypercube_has_one_value_in_each_stratum(grid: Any) -> None:  # noqa: ANN401
    ranges = '"entry.delta" = { from = 0.1, to = 0.5 }\n'
    ranges += '"manage.take_profit" = { from = 0.0, to = 0.8 }\n'
    found = tried(grid(ranges + LATIN))
    for at, (low, high) in enumerate([(0.1, 0.5), (0.0, 0.8)]):
        strata = sorted(int((values[at] - low) / (high - low) * 40) for values in found.values)
        assert strata == list(range(40))


@pytest.mark.parametrize("method", ["random", "latin"])
def test_a_sample_is_that_of_its_seed(grid: Any, method: str) -> None:  # noqa: ANN401
    text = (
        '"entry.delta" = { from = 0.1, to = 0.4 }\n"rungs" = { from = 1, to = 3 }\n'
        f'"entry.on" = ["weekly", "daily"]\n[sample]\nmethod = "{method}"\ncount = 30\nseed = '
    )
    first, again, other = (tried(grid(text + seed)).values for seed in ("1", "1", "2"))
    assert first == again != other
    assert {values[1] for values in first} == {1, 2, 3}
    assert {values[2] for values in first} == {"weekly", "daily"}


def test_what_is_drawn_twice_is_run_once(grid: Any) -> None:  # noqa: ANN401
    found = tried(grid('"rungs" = { from = 1, to = 3 }\n' + LATIN))
    assert (len(found.contents), found.repeated) == (3, 37)


# --- what contradicts itself ---

CONTRARY = '"entry.dte" = [[10, 20], [25, 45]]\n"manage.exit_dte" = [5, 15]'


def test_a_contradiction_is_refused_with_its_configuration(grid: Any) -> None:  # noqa: ANN401
    with pytest.raises(InputError) as refusal:
        tried(grid(CONTRARY))
    assert str(refusal.value) == (
        "grid.toml, line 2: found manage.exit_dte = 15; expected whole calendar days below the "
        "least of entry.dte, 10; in the configuration entry.dte = [10, 20], manage.exit_dte = 15; "
        "--skip-invalid leaves out what contradicts itself"
    )


def test_or_left_out_and_counted(grid: Any) -> None:  # noqa: ANN401
    found = tried(grid(CONTRARY), skip=True)
    assert (len(found.contents), found.contradictory) == (3, 1)


def test_a_value_that_no_configuration_allows_is_refused_all_the_same(grid: Any) -> None:  # noqa: ANN401
    with pytest.raises(InputError, match=r"line 1: .*no configuration with that entry\.dte"):
        tried(grid('"entry.dte" = [[20, 10], [25, 45]]'), skip=True)


# --- what cannot be a grid ---

ENDLESS = """
"entry.min_yield" = { from = 0.0, to = 9.0, step = 0.01 }
"entry.min_credit" = { from = 0.0, to = 9.0, step = 0.01 }
"""
REFUSED = [
    ("", "found no key of a policy"),
    (LATIN, "found no key of a policy"),
    ('"entry.delta" = []', "line 1: found entry.delta = []; expected a list of values"),
    ('"entry.delta" = 0.2', "line 1: found entry.delta = 0.2; expected a list of values"),
    ('"entry.delta" = [0.2, 0.2]', "line 1: found 0.2 twice in entry.delta"),
    ('"rungs" = [1, 1.0]', "line 1: found 1.0 twice in rungs"),
    ('\n"entry.delta" = [0.2]\n[entry]\ndelta = [0.3]', "line 4: found entry.delta twice"),
    ('"entry.delta" = [0.2, "0.3"]', 'line 1: found entry.delta = "0.3"; expected the size of'),
    ('"entry.delta" = [0.2, 0.7]', "line 1: found entry.delta = 0.7; expected the size of delta"),
    ('"entry.delta" = [0.2, nan]', "line 1: found entry.delta = nan"),
    ('"entry.delta" = [0.2, true]', "line 1: found entry.delta = true"),
    ('"entry.detla" = [0.2]', "line 1: found unknown key detla; allowed keys in [entry]"),
    ('"entri.delta" = [0.2]', "line 1: found unknown key entri; allowed keys: name"),
    ('"entry.dte" = [20, 45]', "line 1: found entry.dte = 20; expected [least, most]"),
    ('"entry.dte.2" = [20, 45]', "from 0 to 1, or the list as a whole"),
    ('"size.stress.spot" = [-0.2]', "expected a position in it, from 0 to 2"),
    ('"entry.\u00b2" = [1]', "line 1: found unknown key \u00b2"),
    ('"rungs" = [1.5]', "line 1: found rungs = 1.5; expected whole sleeves"),
    ('"name" = ["a", "b"]', "found name, which names the policy"),
    ("own = [{ KO = { buy_below = 50.0 } }]", "found own, of which single keys can be swept"),
    ('"universe" = [["SPX/10"]]', "found universe, since one sweep runs on one slab"),
    ('"entry.delta" = { from = 0.1, to = 0.4 }', "line 1: found entry.delta as a range without"),
    ('"entry.delta" = { from = 0.4, to = 0.1, step = 0.1 }', "the second larger"),
    ('"entry.delta" = { from = 0.1, to = 0.4, step = 0 }', "a positive step"),
    ('"entry.delta" = { from = 0.1, to = 0.4, steps = 3 }', "expected { from = ..., to = ... }"),
    ('"entry.delta" = { from = 0.1, step = 0.1 }', "expected { from = ..., to = ... }"),
    ('"entry.delta" = { from = 0.1, to = inf }\n' + LATIN, "expected { from = ..., to = ... }"),
    ('"entry.delta" = { from = 0.1, to = 0.4, step = 1e-9 }', "expected at most 100,000 values"),
    ('"rungs" = { from = 1, to = 4.5 }\n' + LATIN, "line 1: found rungs = { from = 1, to = 4.5 }"),
    ('"entry.delta" = { from = 0.1, to = 0.9 }\n' + LATIN, "line 1: found entry.delta = 0."),
    ("entry.delta = [0.2]\n[sample]\nmethod = 'grid'\ncount = 3", 'expected "random" or "latin"'),
    ("entry.delta = [0.2]\n[sample]\nmethod = 'latin'", "line 2: found no sample.count"),
    ("entry.delta = [0.2]\n[sample]\nmethod = 'latin'\ncount = 0", "found sample.count = 0"),
    ("entry.delta = [0.2]\n[sample]\nmethod = 'latin'\ncount = 1\nsede = 1", "did you mean seed?"),
    ("entry.delta = [0.2", "expected TOML"),
    (ENDLESS, "found 811,801 configurations"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), REFUSED)
def test_a_wrong_grid_is_one_line(grid: Any, text: str, said: str) -> None:  # noqa: ANN401
    with pytest.raises(InputError) as refusal:
        tried(grid(text))
    assert said in str(refusal.value)
    assert str(refusal.value).startswith("grid.toml")
    assert "\n" not in str(refusal.value)


# --- every number of a policy ---

WHOLE_VALUES = {  # keys that hold several: other values than the policy's own
    "entry.dte": [[22, 44], [30, 60]],
    "size.stress": [[{"spot": -0.2, "vol": 1.5}], [{"spot": -0.3, "vol": 2.0}]],
    "regime.bands": [[15, 20, 30, 40], [12, 18, 25, 35]],
    "regime.delta": [[0.3, 0.25, 0.2, 0.16, 0.0], [0.2, 0.2, 0.2, 0.2, 0.1]],
    "regime.size": [[1, 1, 1, 1, 1], [1.0, 0.5, 0.5, 0.25, 0.0]],
    "regime.admit_iv_max": [[1, 1, 1, 1, 1], [0.5, 0.5, 0.4, 0.4, 0.3]],
    "regime.buying_power": [[1, 1, 1, 1, 1], [0.5, 0.5, 0.4, 0.4, 0.3]],
    "entry.avoid_earnings": [False, True],
    "entry.width": [5, 10.0],
    "entry.long_delta": [0.1, 0.05],
    "manage.below_breakeven": [False, True],
    "manage.cooldown": [1, 20],
    "manage.roll.when_through": [False, True],
    "manage.roll.down": [False, True],
    "manage.roll.for_credit": [False, True],
    "manage.roll.out": [[30, 60], [40, 70]],
    "manage.stop": [2.0, 3.0],
    "own.SPX/10.buy_below": [150, 160],
    "own.SPX/10.sell_above": [150, 160],
    "own.SPX/10.max_shares": [100, 200],
    "screen.max_beta": [1.5, 2],
    "screen.max_correlation": [0.5, 0.9],
    "screen.max_downside_beta": [1.5, 2],
    "screen.max_drawdown": [1.5, 2],
    "screen.max_iv": [0.5, 0.6],
    "screen.max_net_debt": [-1, 3],
    "screen.max_price": [500, 1000],
    "screen.max_recovery": [12, 36],
    "screen.max_width": [0.05, 0.1],
    "screen.min_altman": [-1, 1.81],
    "screen.min_contracts": [0, 1000],
    "screen.min_dividends": [0, 10],
    "screen.min_earnings": [0, 45],
    "screen.min_history": [0, 3],
    "screen.min_interest": [0, 1000],
    "screen.min_iv": [0.1, 0.15],
    "screen.min_market_cap": [0, 1e10],
    "screen.min_piotroski": [0, 6],
    "screen.min_price": [0, 20],
    "screen.min_shares": [0, 1e6],
    "screen.min_turnover": [0, 5e7],
    "regime.min_yield": [[0, 0, 0, 0, 0], [0.05, 0.1, 0.1, 0.1, 0.1]],
}
OTHERS = {  # of words
    "strategy",
    "entry.on",
    "entry.shares",
    "manage.assignment",
    "manage.pin",
    "own",
    "regime.every",
    "regime.measure",
    "screen.base",
    "screen.exclude_sectors",
    "screen.index",
    "screen.unknown_passes",
}
WINGS = {"entry.width", "entry.long_delta", "entry.min_reward"}
FIXED = {"name", "universe", "decide_at", "income.target"}


def numbers() -> list[str]:
    """Every key of a policy that is a number, or holds several: read off the model itself."""
    return [key.name for key in keys_of(PolicyFile) if key.name not in OTHERS | FIXED]


@pytest.mark.parametrize("name", numbers())
def test_every_number_of_a_policy_can_be_swept(grid: Any, name: str) -> None:  # noqa: ANN401
    swept = name.replace("size.stress.", "size.stress.0.").replace("own.", "own.SPX/10.")
    values = WHOLE_VALUES.get(swept) or two(swept)
    found = tried(grid(f'"{swept}" = {toml(values)}'), policy=with_all(name))
    assert len({content.hash for content in found.contents}) == 2


ROLLED = """
[manage.roll]
when_delta = 0.4
when_extrinsic = 0.1
out = [35, 60]
at_most = 2
[own."SPX/10"]
buy_below = 140
"""


def with_all(name: str) -> WrittenPolicy:
    """The policy with every table, and with wings where a key of theirs is asked for."""
    text = GOOD
    if name in WINGS:
        wing = "width = 5\n" if name == "entry.min_reward" else ""
        text = text.replace('"wheel"', '"put_spread"').replace("[entry]\n", "[entry]\n" + wing)
    if name in WINGS - {"entry.min_reward"}:
        wing = name.removeprefix("entry.")
        text = text.replace("[entry]\n", f"[entry]\n{wing} = 0.2\n")
    return parse_policy(Path("policy.toml"), text + ROLLED)


def two(name: str) -> list[float]:
    """Two values near the policy's own that are allowed."""
    held: Any = with_all(name).content
    for part in name.split("."):
        held = held[int(part)] if part.isdigit() else getattr(held, part)
    if isinstance(held, int):
        return [max(held - 1, 0) or 1, held + 1]
    return [held, held * 0.9 or 0.01]


def toml(value: object) -> str:
    """A value as TOML."""
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {one}" for name, one in value.items()) + " }"
    return str(value)
