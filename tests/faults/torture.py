"""The torture of the desk: seeds by the thousand, or one of them told step by step.

    make torture SEEDS=100000                          on every core, with progress
    PYTHONPATH=tests python -m faults.torture --seed 41    the same seed again, as a story

One seed draws everything that happens, so it happens again; `faults.plan` says what a seed may
have in store, `faults.holds` what must hold all the same.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from faults.holds import AT_THE_END, watched
from faults.scene import Scene

CHUNK = 20  # seeds that a process takes at once
EVERY = 5.0  # seconds between two lines of progress


class Outcome(NamedTuple):
    """What became of a seed."""

    seed: int
    wrong: str  # "" where all holds
    story: tuple[str, ...]

    @property
    def failure(self) -> str:
        """What is said of a seed that failed."""
        return f"seed {self.seed}: {self.wrong}\n  replay it: {replay_of(self.seed)}"


def replay_of(seed: int) -> str:
    """The command that tells a seed step by step."""
    return f"PYTHONPATH=tests python -m faults.torture --seed {seed}"


def run(seed: int) -> Outcome:
    """One seed, from its first effect to what must hold at the end."""
    with tempfile.TemporaryDirectory() as folder:
        scene = watched(Scene(seed, Path(folder)))
        try:
            scene.run()
            for holds in AT_THE_END:
                holds(scene)
        except Exception as problem:  # noqa: BLE001  whatever it is, the seed has failed
            said = f"{type(problem).__name__}: {problem}"
            return Outcome(seed, said, tuple(scene.story))
    return Outcome(seed, "", tuple(scene.story))


def wrong_of(seed: int) -> tuple[int, str]:
    """A seed and what is wrong with it, without its story."""
    return seed, run(seed).wrong


def tell(seed: int) -> int:
    """Print one seed as a story; 1 where something did not hold."""
    found = run(seed)
    plan = Scene(seed, Path()).plan
    lines = [f"seed {seed}: {plan}", *found.story, found.wrong or "everything holds"]
    sys.stdout.write("\n".join(lines) + "\n")
    return int(bool(found.wrong))


def torture(first: int, count: int, jobs: int) -> int:
    """Run many seeds and print those that failed; 1 where one did."""
    begun, told, done = monotonic(), monotonic(), 0
    failed: list[int] = []
    with get_context("spawn").Pool(jobs) as pool:
        for seed, wrong in pool.imap_unordered(wrong_of, range(first, first + count), CHUNK):
            done += 1
            if wrong:
                failed.append(seed)
                sys.stdout.write(Outcome(seed, wrong, ()).failure + "\n")
            if monotonic() - told >= EVERY:
                told = monotonic()
                pace = done / (told - begun)
                sys.stdout.write(f"{done:,} of {count:,} seeds, {pace:.0f} a second\n")
                sys.stdout.flush()
    seconds = monotonic() - begun
    sys.stdout.write(f"{count:,} seeds in {seconds:.0f} s, {len(failed)} failed\n")
    if failed:
        sys.stdout.write(f"failed: {', '.join(map(str, sorted(failed)))}\n")
    return int(bool(failed))


def main(given: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Put the desk to the torture.")
    parser.add_argument("--seed", type=int, help="tell this one seed step by step")
    parser.add_argument("--seeds", type=int, default=1_000, help="how many to run")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    asked = parser.parse_args(given)
    if asked.seed is not None:
        return tell(asked.seed)
    return torture(asked.first, asked.seeds, asked.jobs)


if __name__ == "__main__":
    sys.exit(main())
