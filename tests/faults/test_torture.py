"""The desk put to the torture by seeds: everything that happens is drawn from one of them.

make test                     the first fifty
make proof                    five hundred, and every planted bug found by one of them
make torture SEEDS=100000     as many as you like
"""

import itertools
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from faults.holds import ALL
from faults.plan import Plan, plan_of
from faults.planted import (
    BUGS,
    does_not_hear_a_no,
    forgets_that_it_was_halted,
    obeys_a_wish_again,
    rolls_onto_a_half_done_roll,
)
from faults.scene import CALENDAR, Scene
from faults.tape import SESSIONS
from faults.torture import Outcome, replay_of, run
from faults.wishes import NOBODY
from markets import START

FEW, MANY = 50, 500
WORLD = CALENDAR, START, SESSIONS
AT_ONCE = (*[*BUGS][1:3], does_not_hear_a_no, obeys_a_wish_again, forgets_that_it_was_halted)
WHERE: dict[Any, Callable[[Plan], object]] = {  # the only worlds in which some can show
    # a roll stays half done where its order fills in lots; seldom, since rungs come to the touch
    rolls_onto_a_half_done_roll: lambda plan: plan.lot and plan.rolls and plan.legs > 1,
}
LATER = [bug for bug in BUGS if bug not in AT_ONCE]
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
    plans = (plan_of(seed, *WORLD) for seed in itertools.count(FEW))
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


def test_t72_a_hand_that_switches_a_desk_that_dies_is_obeyed_once() -> None:
    for seed in seeds_with(lambda plan: asks(plan, "halt", "pause", "resume") and plan.death):
        require(run(seed))


def test_t16_closes_and_rolls_by_hand_beside_part_fills_that_are_told_late_break_nothing() -> None:
    for seed in seeds_with(lambda plan: asks(plan, "close", "roll") and plan.lot and plan.late):
        require(run(seed))


def test_t01_what_waits_for_a_yes_beside_a_broker_that_is_out_breaks_nothing() -> None:
    for approve in ("entries", "always"):
        for seed in seeds_with(lambda plan: plan.outages and plan.hand.approve == approve, 2):  # noqa: B023
            require(run(seed))


def test_t05_t74_a_second_process_and_the_owners_own_trades_break_nothing() -> None:
    for seed in seeds_with(lambda plan: asks(plan, "second") and plan.beside):
        require(run(seed))


def asks(plan: Plan, *kinds: str) -> bool:
    """Whether a hand has wishes of all these kinds."""
    return {*kinds} <= {one.kind for one in plan.hand.errands}


@pytest.mark.proof
def test_a_hand_wishes_for_everything_and_is_told_both_yes_and_no() -> None:
    """Else what must hold of a hand would hold of one that does nothing."""
    told: set[tuple[str, bool]] = set()
    for seed in seeds_with(lambda plan: asks(plan, "roll", "close", "no"), 40):
        with tempfile.TemporaryDirectory() as folder:
            scene = Scene(seed, Path(folder))
            scene.run()
        owner = scene.owner
        told |= {
            (type(wish).__name__, said.done)
            for name, wish in owner.asked.items()
            for said in owner.said[name]
        }
        if len(told) == 7:
            break
    kinds = {"Answer", "Close", "Roll"}
    assert told == {(kind, done) for kind in kinds for done in (True, False)} | {("Switch", True)}


def test_a_hand_changes_nothing_else_of_a_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is drawn from a stream of its own: what a seed found before it finds again."""
    plans = [plan_of(seed, *WORLD) for seed in range(20)]
    assert {bool(one.hand.errands) for one in plans} == {True, False}
    monkeypatch.setattr("faults.plan.hand_of", lambda *_: NOBODY)
    for one in plans:
        alone = plan_of(one.seed, *WORLD)
        assert one._replace(hand=NOBODY, guards=alone.guards) == alone


def test_a_seed_happens_again_as_it_did() -> None:
    assert run(7) == run(7)


def test_what_must_hold_says_so_in_a_sentence() -> None:
    said = [str(holds.__doc__) for holds in ALL]
    assert all(one.endswith(".") and "\n" not in one for one in said)
    assert len(said) >= 8


@pytest.mark.parametrize("bug", AT_ONCE, ids=lambda bug: bug.__name__)
def test_a_planted_bug_is_found_at_once(
    monkeypatch: pytest.MonkeyPatch, bug: Callable[[pytest.MonkeyPatch], None]
) -> None:
    bug(monkeypatch)
    assert found_in(range(12), BUGS[bug]) is not None


@pytest.mark.proof
@pytest.mark.parametrize("bug", LATER, ids=lambda bug: bug.__name__)
def test_a_planted_bug_is_found(
    monkeypatch: pytest.MonkeyPatch,
    bug: Callable[[pytest.MonkeyPatch], None],
    record_property: Callable[[str, object], None],
) -> None:
    bug(monkeypatch)
    wanted = WHERE.get(bug)
    seeds = seeds_with(wanted, MANY) if wanted else range(MANY)
    seed = found_in(seeds, BUGS[bug])
    record_property("found at seed", seed)
    assert seed is not None, f"{bug.__name__} hides from {MANY} seeds: {bug.__doc__}"


def found_in(seeds: Iterable[int], why: str) -> int | None:
    """The first seed that finds what is wrong, for its own reason and by no other mishap."""
    wanted = re.compile(f"WrongError: .*({why})")
    return next((seed for seed in seeds if wanted.match(run(seed).wrong)), None)


def torture(*given: str, hashes: str = "0") -> subprocess.CompletedProcess[str]:
    """The command, as a person gives it."""
    paths = os.pathsep.join([str(ROOT / "tests"), str(ROOT / "src")])
    return subprocess.run(
        [sys.executable, "-m", "faults.torture", *given], check=False, capture_output=True,
        text=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": paths, "PYTHONHASHSEED": hashes},
    )  # fmt: skip


@pytest.mark.parametrize("seed", [3, 18])
def test_one_seed_is_told_step_by_step_in_any_process_the_same(seed: int) -> None:
    told = torture("--seed", str(seed), hashes=str(seed))
    assert told.returncode == 0, told.stderr
    lines = told.stdout.splitlines()
    assert lines[0].startswith(f"seed {seed}: Plan(seed={seed}")
    assert lines[1:-1] == list(run(seed).story)
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
