"""The lake: five years of a busy underlying imported, from parquet and from csv.gz.

Each import is the command line in a process of its own, with its kernels compiled and its file in
the system's cache: seconds as a person waits, and the peak of the process tree. The chain is the
generated one of ../shared. `--large` writes 22 copies under 22 symbols, kills their import midway
and starts it again.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polars as pl

from told import tell

ROOT = Path(__file__).resolve().parents[1]
GENERATOR = ROOT.parent / "shared" / "bench" / "gen_chain.py"
COMMAND = [sys.executable, "-c", "from underwriter.app.cli.main import main; main()"]
YEARS, TIMES, COPIES = "5", 5, 22
MB = 1e-6
_TAIL = 15  # characters of a contract after its root


class Ran(NamedTuple):
    """One run of the command line."""

    seconds: float
    peak: int  # bytes, of the whole process tree


def main() -> None:
    """Measure the imports."""
    if not GENERATOR.exists():
        print("bench/lake.py: needs ../shared/bench/gen_chain.py: not here")
        return
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        made = [sys.executable, GENERATOR, folder, YEARS]
        subprocess.run(made, check=True, capture_output=True)  # noqa: S603  our own program
        chain = pl.read_parquet(place / "options.parquet")
        imported(place / "warm", place / "options.parquet")  # compiles
        if "--large" in sys.argv:
            large(place, chain)
            return
        small(place, chain)


def small(place: Path, chain: pl.DataFrame) -> None:
    """One underlying, in two kinds of file."""
    packed = place / "options.csv.gz"
    text = place / "options.csv"
    chain.write_csv(text)
    subprocess.run(["gzip", "-1", text], check=True)  # noqa: S603, S607  the system's own
    rows = chain.height
    for path, budget in ((place / "options.parquet", "3 s"), (packed, f"{rows / 300_000:.1f} s")):
        runs = [imported(place / f"{path.name}-{at}", path) for at in range(TIMES)]
        what = f"import of {path.name}, {rows:,} quotes"
        tell(what, budget, sorted(run.seconds for run in runs), "s")
        tell(f"{what}, peak", "1500 MB", sorted(float(run.peak) for run in runs), "MB", MB)
    again = [imported(place / f"{packed.name}-0", packed) for _ in range(TIMES)]
    tell("the same file again", "", sorted(run.seconds for run in again), "s")


def large(place: Path, chain: pl.DataFrame) -> None:
    """Many underlyings, killed once midway and resumed."""
    folder = place / "many"
    for at in range(COPIES):
        name = f"SY{chr(ord('A') + at)}"
        (folder / name).mkdir(parents=True)
        contract = pl.lit(name) + pl.col("contract_id").str.tail(_TAIL)
        copy = chain.with_columns(symbol=pl.lit(name), contract_id=contract)
        copy.write_parquet(folder / name / "options.parquet", row_group_size=131_072)
        terms = (place / "underlying.toml").read_text(encoding="utf-8")
        told = terms.replace('"SYN"', f'"{name}"')
        (folder / name / "underlying.toml").write_text(told, encoding="utf-8")
    home = place / "large"
    first = imported(home, folder, kill_after=COPIES // 2)
    second = imported(home, folder)
    seconds = first.seconds + second.seconds
    rows = COPIES * chain.height
    what = f"import of {COPIES} underlyings, {rows:,} quotes, killed once"
    tell(what, "", [seconds], "s")
    tell(f"{what}, rows/s", "", [rows / seconds], "rows/s")
    tell(f"{what}, peak of the tree", "4000 MB", [float(max(first.peak, second.peak))], "MB", MB)
    listed = subprocess.run(  # noqa: S603  our own program
        [*COMMAND, "data", "list", "--json", "--home", str(home)],
        check=True,
        capture_output=True,
        text=True,
    )
    kept = listed.stdout.count('"kind": "chain"')
    print(
        f"in the lake: {kept} chains; the import before it was resumed had {COPIES // 2} at least"
    )


def imported(home: Path, path: Path, kill_after: int = 0) -> Ran:
    """Import a path into a lake of its own; killed once so many files are in."""
    home.mkdir(exist_ok=True)
    cache = home / "cache"
    if not cache.exists() and home.name != "warm":
        cache.symlink_to(home.parent / "warm" / "cache")
    words = ["data", "import", str(path), "--home", str(home)]
    said, peak = home / "said", 0
    begun = time.perf_counter()
    with said.open("w", encoding="utf-8") as told, Path(os.devnull).open("w") as nowhere:
        process = subprocess.Popen(  # noqa: S603  our own program
            [*COMMAND, *words],
            env=os.environ | {"UNDERWRITER_HOME": str(home)},
            stdout=nowhere,
            stderr=told,
        )
        while process.poll() is None:
            peak = max(peak, sum(resident(pid) for pid in tree(process.pid)))
            if kill_after and said.read_text(encoding="utf-8").count("\n") >= kill_after:
                process.send_signal(signal.SIGKILL)
            time.sleep(0.02)
    if process.returncode and not kill_after:
        raise SystemExit(said.read_text(encoding="utf-8"))
    return Ran(time.perf_counter() - begun, peak)


def tree(pid: int) -> Iterator[int]:
    """A process and all below it."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            below = task.read_text(encoding="utf-8").split()
        except OSError:  # it has ended meanwhile
            continue
        for child in below:
            yield from tree(int(child))


def resident(pid: int) -> int:
    """The bytes of memory that a process has in use."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
