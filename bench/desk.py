"""The desk: replayed paper sessions, journal on disk, their memory, and a cycle over 100 names.

Network takes no part: quotes are of a history or of a lake, the broker is the one on paper.
"""

import gc
import io
import itertools
import resource
import sys
import time
from contextlib import contextmanager, redirect_stdout
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import plan as five_hundred
from told import tell
from underwriter.app.cli.main import SELDOM
from underwriter.app.settings import open_house

if TYPE_CHECKING:
    from collections.abc import Iterator

UNDERLYINGS, TIMES = 100, 7
EPOCH = date(1970, 1, 1)
NAMES = five_hundred.NAMES
POLICY = five_hundred.POLICY.replace("five-hundred", "a-hundred")


def main() -> None:
    """Time sessions one after another, then one cycle over a hundred underlyings."""
    gc.set_threshold(*SELDOM)  # as the command does
    home = open_house(None).home
    (home / "cache").mkdir(exist_ok=True)
    with TemporaryDirectory(dir=home) as folder:
        place = Path(folder)
        (place / "cache").symlink_to(home / "cache")
        replayed(place)
    with TemporaryDirectory(dir=home) as folder:
        place = Path(folder)
        (place / "cache").symlink_to(home / "cache")
        over_a_hundred(place)


def replayed(home: Path) -> None:
    """A year of sessions of one underlying, and of eight rungs on it; then four years."""
    words = ["trade", "wheel-index", "--paper", "--from", "2015", "--home", str(home)]

    def years(last: int, name: str) -> float:
        """Milliseconds a session of a replay, without its setting up."""
        took: list[float] = []
        with timed("_run", took), redirect_stdout(io.StringIO()):
            run([*words, "--to", str(last), "--folder", str(home / name), "--json"])
        return took[0] / (252 * (last - 2014)) * 1e3

    years(2015, "first")  # compiles, and builds what is kept of the history
    took = sorted(years(2015, f"one{n}") for n in range(TIMES))
    tell("a replayed paper session", "5 ms", took, "ms")
    held: list[float] = []
    with sampled(held):
        years(2018, "four")
    tell("memory at the end of a year over that of the year before", "0 MB", grown(held), "MB")


def grown(held: list[float]) -> list[float]:
    """By how much memory grew from the end of each year to that of the next, sorted."""
    ends = held[251::252]
    return sorted(after - before for before, after in itertools.pairwise(ends))


@contextmanager
def sampled(held: list[float]) -> "Iterator[None]":
    """Note the memory of this process, in MB, whenever a session has been decided."""
    from underwriter.desk.cycle import Desk  # noqa: PLC0415

    cycle = Desk.run

    def noted(desk: Desk) -> Any:  # noqa: ANN401
        report = cycle(desk)
        if any(duty.kind == "decide" for duty in report.done):
            pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
            held.append(pages * resource.getpagesize() / 2**20)
        return report

    Desk.run = noted  # type: ignore[method-assign]
    try:
        yield
    finally:
        Desk.run = cycle  # type: ignore[method-assign]


def over_a_hundred(home: Path) -> None:
    """One cycle that opens a book, decides and routes a session, all in one."""
    from underwriter.app import wire_desk  # noqa: PLC0415  kernels: after the home
    from underwriter.desk.clocks import LeapingClock  # noqa: PLC0415
    from underwriter.market.calendar import load_calendar  # noqa: PLC0415

    five_hundred.NAMES = five_hundred.NAMES[:UNDERLYINGS]
    five_hundred.fill(home)
    policy = home / "policy.toml"
    policy.write_text(POLICY.replace(str(NAMES), str(five_hundred.NAMES)), encoding="utf-8")
    calendar = load_calendar("XNYS", home)
    moment = calendar.decide_at((five_hundred.DAY - EPOCH).days, "15:45")
    wire_desk.WallClock = lambda *_: LeapingClock(moment)  # type: ignore[assignment,misc]
    words = ["trade", str(policy), "--paper", "--once", "--home", str(home), "--json"]

    def cycle(name: str) -> float:
        took: list[float] = []
        with timed("_run", took), redirect_stdout(io.StringIO()):
            run([*words, "--folder", str(home / name)])
        return took[0]

    cycle("first")
    tell(
        f"a cycle over {UNDERLYINGS} underlyings",
        "1.5 s",
        [cycle(f"c{n}") for n in range(TIMES)],
        "s",
    )


@contextmanager
def timed(name: str, took: list[float]) -> "Iterator[None]":
    """Time what the loop of `trade` takes."""
    from underwriter.app import trade  # noqa: PLC0415

    loop: Any = getattr(trade, name)

    def clocked(*given: Any) -> Any:  # noqa: ANN401
        began = time.perf_counter()
        try:
            return loop(*given)
        finally:
            took.append(time.perf_counter() - began)

    setattr(trade, name, clocked)
    try:
        yield
    finally:
        setattr(trade, name, loop)


def run(words: list[str]) -> None:
    """The command line, in this process; what it says besides is not shown."""
    from underwriter.app.cli.main import run as called  # noqa: PLC0415

    kept, sys.stderr = sys.stderr, io.StringIO()
    try:
        code = called(words)
    finally:
        said, sys.stderr = sys.stderr.getvalue(), kept
    if code not in {0, 3}:
        sys.exit(f"{words}: {code}\n{said}")


if __name__ == "__main__":
    main()
