"""The desk put to the torture by seeds: everything that happens is drawn from one of them.

make test                     the first fifty
make proof                    five hundred, and every planted bug found by one of them
make torture SEEDS=100000     as many as you like
"""

import itertools
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from faults.holds import ALL
from faults.plan import Plan, plan_of
from faults.planted import BUGS
from faults.scene import CALENDAR
from faults.tape import SESSIONS
from faults.torture import Outcome, replay_of, run
from markets import START

FEW, MANY = 50, 500
ROOT = Path(__file__).resolve().parents[2]


def require(found: Outcome) -> None:
    """Fail with the end of the seed's story, and how to tell all of it."""
    last = "\n".join(found.story[-30:])
    assert not found.wrong, f"{last}\n{found.failure}"


@pytest.mark.parametrize("seed", range(FEW))
def test_t01_t04_t07_t15_t16_t20_t74_a_seed_breaks_nothing(seed: int) -> None:
    require(run(seed))


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(FEW, MANY))
def test_t01_t04_t07_t15_t16_t20_t74_no_seed_breaks_anything(seed: int) -> None:
    require(run(seed))


def seeds_with(has: Callable[[Plan], object], count: int = 3) -> list[int]:
    """The first seeds that have some trouble in store."""
    plans = (plan_of(seed, CALENDAR, START, SESSIONS) for seed in itertools.count(FEW))
    return [plan.seed for plan in itertools.islice(filter(has, plans), count)]


def test_t38_t39_clocks_that_jump_beside_a_change_of_the_clock_break_nothing() -> None:
    for seed in seeds_with(lambda plan: plan.skews and plan.base):
        require(run(seed))


def test_t29_t30_t33_quotes_that_freeze_and_turn_to_nonsense_break_nothing() -> None:
    for seed in seeds_with(lambda plan: plan.frozen and plan.nonsense):
        require(run(seed))


def test_t43_t44_t45_t46_t47_assignments_told_late_and_twice_and_never_break_nothing() -> None:
    for seed in seeds_with(lambda plan: plan.assigned and plan.silent and plan.twice):
        require(run(seed))


def test_t19_t21_part_fills_that_are_taken_back_break_nothing() -> None:
    for seed in seeds_with(lambda plan: plan.busted and plan.lot):
        require(run(seed))


def test_t72_the_kill_switch_and_the_bounds_of_losses_outlive_every_death() -> None:
    for seed in seeds_with(lambda plan: plan.killed and plan.guards["drawdown"] and plan.death):
        require(run(seed))


def test_a_seed_happens_again_as_it_did() -> None:
    assert run(7) == run(7)


def test_what_must_hold_says_so_in_a_sentence() -> None:
    said = [str(holds.__doc__) for holds in ALL]
    assert all(one.endswith(".") and "\n" not in one for one in said)
    assert len(said) >= 8


@pytest.mark.parametrize("bug", BUGS[:3], ids=lambda bug: bug.__name__)
def test_a_planted_bug_is_found_at_once(
    monkeypatch: pytest.MonkeyPatch, bug: Callable[[pytest.MonkeyPatch], None]
) -> None:
    bug(monkeypatch)
    assert found_at(5) is not None


@pytest.mark.proof
@pytest.mark.parametrize("bug", BUGS[3:], ids=lambda bug: bug.__name__)
def test_a_planted_bug_is_found(
    monkeypatch: pytest.MonkeyPatch,
    bug: Callable[[pytest.MonkeyPatch], None],
    record_property: Callable[[str, object], None],
) -> None:
    bug(monkeypatch)
    seed = found_at(MANY)
    record_property("found at seed", seed)
    assert seed is not None, f"{bug.__name__} hides from {MANY} seeds: {bug.__doc__}"


def found_at(most: int) -> int | None:
    """The first seed that finds something wrong."""
    return next((seed for seed in range(most) if run(seed).wrong), None)


def torture(*given: str) -> subprocess.CompletedProcess[str]:
    """The command, as a person gives it."""
    paths = os.pathsep.join([str(ROOT / "tests"), str(ROOT / "src")])
    return subprocess.run(
        [sys.executable, "-m", "faults.torture", *given], check=False, capture_output=True,
        text=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": paths},
    )  # fmt: skip


def test_one_seed_is_told_step_by_step() -> None:
    told = torture("--seed", "3")
    assert told.returncode == 0, told.stderr
    lines = told.stdout.splitlines()
    assert lines[0].startswith("seed 3: Plan(seed=3")
    assert lines[1:-1] == list(run(3).story)
    assert lines[-1] == "everything holds"


def test_many_seeds_are_counted_and_a_failure_names_its_replay() -> None:
    told = torture("--seeds", "4", "--jobs", "1")
    assert told.returncode == 0, told.stderr
    assert "4 seeds in " in told.stdout
    assert "0 failed" in told.stdout
    failed = Outcome(41, "two orders live", ("one", "two"))
    assert failed.failure.endswith(replay_of(41))
    assert "--seed 41" in replay_of(41)


def test_the_makefile_runs_it() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    assert "-m faults.torture --seeds $(SEEDS)" in text
