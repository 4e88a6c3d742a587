"""Replayed paper sessions, journal on disk: milliseconds each, and the memory of a year."""

import resource
import sys
import tempfile
import time
from pathlib import Path

from underwriter.app.cli.main import run

YEARS = 2
SESSIONS = {1: 252, 2: 504}


def replay(home: Path, years: int, name: str) -> float:
    """Seconds of a replay of some years, of which a second one has its history at hand."""
    last = 2014 + years
    began = time.perf_counter()
    code = run(
        ["trade", "wheel-index", "--paper", "--from", "2015", "--to", str(last), "--json",
         "--folder", str(home / name), "--home", str(home)]
    )  # fmt: skip
    if code not in {0, 3}:
        raise SystemExit(code)
    return time.perf_counter() - began


def main() -> None:
    """Time one year and two: the difference is a year of sessions, the setting up left out."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        replay(home, 1, "first")  # compiles, and builds what is kept of the history
        times = []
        for turn in range(5):
            one, two = replay(home, 1, f"one{turn}"), replay(home, 2, f"two{turn}")
            times.append((two - one) / (SESSIONS[2] - SESSIONS[1]) * 1e3)
            used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            sys.stderr.write(f"{times[-1]:.2f} ms a session, {used:,.0f} MB at most so far\n")
        times.sort()
        sys.stderr.write(f"best {times[0]:.2f}, median {times[len(times) // 2]:.2f} ms\n")


if __name__ == "__main__":
    main()
