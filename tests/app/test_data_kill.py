"""An import that is killed, that runs out of room, or that is not alone: the lake stays a lake."""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from market.lake.quotes import chain
from underwriter.market.calendar import load_calendar
from underwriter.market.lake.layout import places_of
from underwriter.market.lake.read import Lake

pytestmark = pytest.mark.proof

COMMAND = [sys.executable, "-c", "from underwriter.app.cli.main import main; main()"]
KILLS = 20
NAMES = ("ABC", "XYZ")
STRIKES = [50.0 + step * 0.5 for step in range(160)]


@pytest.fixture
def files(tmp_path: Path, home: Path) -> list[str]:
    """Two files of three years of quotes: some seconds of work."""
    sessions = load_calendar("XNYS", home).between(15_400, 16_500)[::4]
    days = pl.Series(sessions).cast(pl.Date).to_list()
    paths = []
    for name in NAMES:
        one = chain(days, name, name, STRIKES)
        one.write_parquet(tmp_path / f"{name}.parquet")
        paths.append(str(tmp_path / f"{name}.parquet"))
    return paths


def importing(home: Path, files: list[str], room: int | None = None) -> subprocess.Popen[str]:
    """The command in a process of its own; `room` is how large a file it may write."""

    def limit() -> None:
        if room is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    return subprocess.Popen(
        [*COMMAND, "data", "import", *files, "--home", str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limit,  # noqa: PLW1509  no thread runs here
        env=os.environ | {"UNDERWRITER_HOME": str(home)},
    )


def finished(home: Path, files: list[str], room: int | None = None) -> tuple[int, str]:
    """The exit code of the command, and what it said on standard error."""
    process = importing(home, files, room)
    _, said = process.communicate(timeout=600)
    return process.returncode, said


def told(home: Path) -> tuple[object, ...]:
    """All that a reader sees: the catalogue's files, and every row and day of each name."""
    lake = Lake.open(home)
    frames = [lake.chain(name).hash_rows(seed=1).sum() for name in NAMES]
    counts = [lake.days(name).select("kept", "dropped").sum().row(0) for name in NAMES]
    return (*(lake.fingerprint(name) for name in NAMES), *frames, *counts)


def another(home: Path, name: str) -> Path:
    """A home beside a home, with the same calendars and kernels."""
    there = home.with_name(name)
    there.mkdir()
    (there / "cache").symlink_to(home / "cache")
    return there


def states(home: Path, files: list[str]) -> dict[int, tuple[object, ...]]:
    """What a reader sees after none, one and two of the files, undisturbed."""
    there = another(home, "undisturbed")
    found = {0: told(there)}
    for at, path in enumerate(files, 1):
        code, said = finished(there, [path])
        assert code == 0, said
        found[at] = told(there)
    return found


def await_first(process: subprocess.Popen[str]) -> None:
    """Wait until the first of the files is in the lake."""
    assert process.stderr is not None
    while not process.stderr.readline().startswith("ABC.parquet"):
        assert process.poll() is None


def test_killed_at_any_moment_it_opens_and_ends_the_same(home: Path, files: list[str]) -> None:
    expected = states(home, files)
    begun = time.perf_counter()
    assert finished(another(home, "timed"), files)[0] == 0
    whole = time.perf_counter() - begun
    seen = set()
    for seed in range(KILLS):
        there = another(home, f"killed-{seed}")
        process = importing(there, files)
        rest = whole
        if seed % 2:
            await_first(process)
            rest /= 4
        if seed > 1:  # two are sure to come before and after the first file, however busy it is
            time.sleep(np.random.default_rng(seed).uniform(0.15, 1.5) * rest)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        after = told(there)
        assert after in expected.values(), f"seed {seed}: neither before nor after a file"
        seen.add(next(at for at, state in expected.items() if state == after))
        assert finished(there, files)[0] == 0
        assert told(there) == expected[2], f"seed {seed}: importing again ended otherwise"
        require_swept(there)
    assert len(seen) > 1, "every kill came at the same state"


def require_swept(home: Path) -> None:
    """Nothing lies about that the catalogue does not name."""
    places = places_of(home)
    with sqlite3.connect(places.catalogue) as connection:
        named = {path for (path,) in connection.execute("SELECT path FROM segment")}
    connection.close()
    there = {path.relative_to(places.segments).as_posix() for path in places.segments.glob("*/*")}
    assert there == named
    assert not places.parts.exists()


def test_killed_again_and_again_it_gets_there(home: Path, files: list[str]) -> None:
    expected = states(home, files)
    there = another(home, "stubborn")
    for seed in range(5):
        process = importing(there, files)
        time.sleep(np.random.default_rng(100 + seed).uniform(0.5, 3.0))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert finished(there, files)[0] == 0
    assert told(there) == expected[2]


def test_interrupted_it_says_so_and_leaves_nothing(home: Path, files: list[str]) -> None:
    process = importing(home, files)
    await_first(process)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    said = process.stderr.read()
    process.communicate(timeout=600)
    assert process.returncode == 130, said
    assert "1 files are in the lake, 0 were not tried" in said
    assert "interrupted; nothing was left half-written" in said
    assert told(home)[4:] == ((60_800, 0), (0, 0))
    require_swept(home)


def test_two_at_once_are_one_and_a_refusal(home: Path, files: list[str]) -> None:
    """The one stands still until the other has ended: however slow that is, they meet."""
    expected = states(home, files)
    first = importing(home, files)
    await_first(first)
    first.send_signal(signal.SIGSTOP)
    try:
        code, refused = finished(home, files)
    finally:
        first.send_signal(signal.SIGCONT)
    said = first.communicate(timeout=600)[1]
    assert (first.returncode, code) == (0, 1), said + refused
    assert f"expected no other import, found process {first.pid} on " in refused
    assert told(home) == expected[2]


@pytest.mark.parametrize("room", [3_000, 12_000, 24_000])
def test_without_room_the_lake_stays_as_it_was(home: Path, files: list[str], room: int) -> None:
    expected = states(home, files)
    assert finished(home, files[:1])[0] == 0
    code, said = finished(home, files[1:], room)
    assert code == 1, said
    assert "underwriter: " in said
    assert "this is a bug" not in said
    assert told(home) == expected[1]
    require_swept(home)
    assert finished(home, files)[0] == 0
    assert told(home) == expected[2]
