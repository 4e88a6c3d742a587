"""Five years of the demo's slab: one policy, compiled and warm, from an empty book to its trace."""

from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

from told import seconds, tell
from underwriter.app import wire
from underwriter.app.backtest import setup_of
from underwriter.app.request import Request
from underwriter.app.settings import Settings, open_house
from underwriter.app.shipped import find_policy
from underwriter.sim.backtest import run

BUDGET = "2 ms"


def main() -> None:
    """Measure the demo's ladder of sleeves, and a single sleeve of it."""
    house = open_house(None)
    request = Request(find_policy("wheel-index"), house, Settings(), Path(mkdtemp()) / "run")
    found = wire.ground(request)
    slab = found.slab(house.home)
    setup = setup_of(request, slab, found.day)
    single = replace(setup, seats=setup.seats[:1])
    sessions, quotes = len(found.day), slab.market.quotes.shape[0]
    for name, one in (("the demo's policy", setup), ("one rung of it", single)):
        run(slab, one)
        what = f"{name}, {len(one.seats)} sleeves, {sessions} sessions, {quotes:,} quotes"
        tell(what, BUDGET, seconds(lambda one=one: run(slab, one), 200), "ms", 1e3)


if __name__ == "__main__":
    main()
