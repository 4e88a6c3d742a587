"""A book of 20 underlyings over ten years of modelled chains: one policy, compiled and warm.

The chains are modelled by a process of its own and kept; what is measured maps them, as every
worker of a sweep does, so the peak is that of a run: all quotes it has touched, and its columns.
"""

import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from told import seconds, tell
from underwriter.app.settings import Settings, open_house

UNDERLYINGS, FIRST, LAST = 20, "2009-01-02", "2018-12-31"
_KIB_A_GB = 1024.0**2
NAMES = [f"S{chr(65 + at)}" for at in range(UNDERLYINGS)]
POLICY = f"""
name = "book"
strategy = "wheel"
universe = {NAMES}
rungs = 2
entry = {{ delta = 0.25, dte = [25, 45] }}
manage = {{ take_profit = 0.5, exit_dte = 7 }}
size = {{ risk_per_position = 0.02, stress = [{{ spot = -0.2, vol = 1.5 }}], per_underlying = 0.1 }}
"""


def main() -> None:
    """Model in another process, then measure here."""
    if sys.argv[1:2] == ["--model"]:
        model(Path(sys.argv[2]))
        return
    home = open_house(None).home
    with TemporaryDirectory(dir=home) as folder:
        subprocess.run([sys.executable, __file__, "--model", folder], check=True)  # noqa: S603  this
        measure(Path(folder))


def model(folder: Path) -> None:
    """Twenty paths of a share around 100 dollars, with the chains that are modelled on them."""
    from underwriter.market.calendar import load_calendar  # noqa: PLC0415  kernels: after the home
    from underwriter.market.history import Bars  # noqa: PLC0415
    from underwriter.market.instrument import Instrument  # noqa: PLC0415
    from underwriter.market.model import Drivers, modelled_quotes  # noqa: PLC0415
    from underwriter.market.slab import Listing, Rates, build_slab  # noqa: PLC0415
    from underwriter.market.slab_store import kept_slab  # noqa: PLC0415

    home = open_house(None).home
    calendar = load_calendar("XNYS", home)
    ends = (int(np.datetime64(day, "D").astype(int)) for day in (FIRST, LAST))
    day = np.asarray(calendar.between(*ends), np.int32)
    measure, rate = np.full(day.size, 18.0), np.full(day.size, 0.02)
    none = np.empty(0, np.int32), np.empty(0, np.float64)
    listings = []
    for at, name in enumerate(NAMES):
        moves = np.random.default_rng(at).normal(0.0003, 0.18 / np.sqrt(252), day.size)
        close = np.round(100.0 * np.exp(np.cumsum(moves)), 2)
        instrument = Instrument(name, name, "american", "physical")
        bars = Bars(day, close, close, close, close, 0)
        quotes = modelled_quotes(
            instrument, Drivers(bars, measure, rate, none), calendar, home / "cache"
        )
        listings.append(Listing(instrument, bars, *none, quotes))
    kept_slab(folder, "book", lambda: build_slab(listings, Rates(rate, measure), calendar))


def measure(folder: Path) -> None:
    """One policy of 40 sleeves with all its figures, and the memory that this took."""
    from underwriter.app.backtest import setup_of  # noqa: PLC0415  kernels: after the home
    from underwriter.app.policy_file import parse_policy  # noqa: PLC0415
    from underwriter.app.request import Request  # noqa: PLC0415
    from underwriter.market.slab_store import stored_slab  # noqa: PLC0415
    from underwriter.sim.sweep import Room, outcomes  # noqa: PLC0415

    slab = stored_slab(folder / "book")
    assert slab is not None  # noqa: S101  the other process has kept it
    policy = parse_policy(Path("book"), POLICY)
    request = Request(policy, open_house(None), Settings(), folder / "run")
    day = np.asarray(slab.market.sessions["day"])  # type: ignore[call-overload]
    room, setup = Room(slab), setup_of(request, slab, day)
    found = outcomes(room, [setup])[0]
    what = (
        f"a book of {UNDERLYINGS} underlyings, {len(setup.seats)} sleeves, {day.size:,} sessions, "
        f"{slab.market.quotes.shape[0]:,} quotes, {int(found.campaigns):,} campaigns"
    )
    tell(what, "60 ms", seconds(lambda: outcomes(room, [setup]), 20), "ms", 1e3)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIB_A_GB
    tell("its peak memory", "6 GB", [peak], "GB")


if __name__ == "__main__":
    main()
