"""The generated five-year chain in a lake of its own, for whatever is measured on it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from underwriter.app.settings import House, open_house

GENERATOR = Path(__file__).resolve().parents[3] / "shared" / "bench" / "gen_chain.py"


class Bench(NamedTuple):
    """A folder that holds the chain's files, and a home whose lake holds the chain."""

    scratch: Path
    chain: Path
    house: House


def generated(folder: Path) -> Path | None:
    """The generated chain, where its generator is at hand."""
    if not GENERATOR.exists():
        return None
    made = [sys.executable, str(GENERATOR), str(folder)]
    subprocess.run(made, check=True, stdout=sys.stderr)  # noqa: S603  our own generator
    return folder


@contextmanager
def five_years() -> Iterator[Bench | None]:
    """The chain of the folder that the command line names, else generated, in a home of its own."""
    given = [Path(word) for word in sys.argv[1:] if not word.startswith("-")]
    with TemporaryDirectory() as name:
        scratch = Path(name)
        (scratch / "chain").mkdir()
        chain = given[0] if given else generated(scratch / "chain")
        if chain is None:
            print("bench: the generator is not here; give a folder that holds its chain")
            yield None
            return
        house = open_house(scratch / "home")
        _imported(house.home, chain)
        yield Bench(scratch, chain, house)


def _imported(home: Path, chain: Path) -> None:
    """Bring the chain into the lake."""
    from underwriter.market.lake.ingest import Source, importing  # noqa: PLC0415  kernels: after the home
    from underwriter.market.sources.formats import recognise  # noqa: PLC0415
    from underwriter.market.sources.source import Ask  # noqa: PLC0415

    with importing(home) as importer:
        for path in sorted(chain.glob("*.parquet")):
            importer.bring(Source(path, recognise(path), Ask()), 0)
