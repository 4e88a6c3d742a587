"""A journal in a file: events appended one by one and in batches, verified, and its book opened."""

import gc
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from told import seconds, tell
from underwriter.app.cli.main import SELDOM
from underwriter.app.settings import open_house
from underwriter.book.event import (
    AnyEvent,
    Approved,
    BookOpened,
    Deposited,
    Expired,
    Filled,
    Marked,
    Quoted,
    SleeveOpened,
)
from underwriter.book.journal import Journal
from underwriter.book.snapshot import opened
from underwriter.book.verify import verify

SINGLE, BATCH, BATCHES, MANY = 2_000, 1_000, 100, 1_000_000
NAMES, RUNGS, DAYS = 20, 2, 3_650
BEGAN = date(2016, 1, 4)  # a Monday
FRIDAY = 4
DAY = 86_400 * 10**9
NOON = (BEGAN - date(1970, 1, 1)).days * DAY + DAY // 2


def fill(number: int) -> Filled:
    """A put sold, with an id of the broker's."""
    return Filled(
        at=NOON + number, session=BEGAN, account="main", sleeve=0, campaign=1, policy="0123abcd",
        id=f"{number:012d}", slot=0, option="KO    260220P00060000", quantity=-1, shares=0,
        price_u=850_000, amount_u=85_000_000, fee_u=660_000,
    )  # fmt: skip


def ten_years() -> Iterator[AnyEvent]:
    """Forty sleeves that sell a put each Monday, which expires on Friday; evenings are marked."""
    first = {"at": NOON, "session": BEGAN, "account": "main"}
    yield BookOpened(**first, version="1", quotes="none", source="bench", policies={}, settings={})
    yield Deposited(**first, amount_u=10**13)
    for sleeve in range(NAMES * RUNGS):
        name = f"U{sleeve // RUNGS:02d}"
        yield SleeveOpened(**first, sleeve=sleeve, campaign=0, policy="p", name="wheel",
                           underlying=name, root=name, multiplier=100)  # fmt: skip
    for number in range(DAYS):
        day = BEGAN + timedelta(days=number)
        if day.weekday() <= FRIDAY:
            yield from session(number, day)


def session(number: int, day: date) -> Iterator[AnyEvent]:
    """What a day of the ten years brought."""
    common: dict[str, Any] = {"at": NOON + number * DAY, "session": day, "account": "main"}
    expiry = day + timedelta(days=FRIDAY - day.weekday())
    for sleeve in range(NAMES * RUNGS):
        seat = {**common, "sleeve": sleeve, "campaign": number // 7 + 1, "policy": "p"}
        option = f"{f'U{sleeve // RUNGS:02d}':<6}{expiry:%y%m%d}P00060000"
        leg = {"id": f"{number}-{sleeve}", "slot": 0, "option": option, "shares": 0}
        if day.weekday() == 0:
            yield Approved(**seat, action="open", option=option, quantity=1, why="entry_put")
            yield Filled(
                **seat, **leg, quantity=-1, price_u=850_000, amount_u=85_000_000, fee_u=660_000
            )
        elif day == expiry:
            yield Expired(**seat, **leg, quantity=1, price_u=0, amount_u=0, fee_u=0)
    closes = {f"U{at:02d}": Quoted(60_000_000) for at in range(NAMES)}
    yield Marked(**common, equity_u=10**13, cash_u=10**13, shares_u=0, rate=0.02, measure=None,
                 underlyings=closes, regimes={"p": (0, 0, 0)})  # fmt: skip


def one_by_one(path: Path) -> float:
    """Seconds an event, each on the disk before the next."""
    events = [fill(number) for number in range(SINGLE)]
    with Journal.create(path) as journal:
        (taken,) = seconds(lambda: [journal.append([event], NOON) for event in events], 1)
    return taken / SINGLE


def in_batches(path: Path) -> float:
    """Seconds an event, each batch on the disk before the next."""
    batches = [[fill(at * BATCH + i) for i in range(BATCH)] for at in range(BATCHES)]
    with Journal.create(path) as journal:
        (taken,) = seconds(lambda: [journal.append(batch, NOON) for batch in batches], 1)
    return taken / BATCH / BATCHES


def written(path: Path) -> Path:
    """A journal of a million events."""
    with Journal.create(path) as journal:
        for at in range(0, MANY, 10_000):
            journal.append((fill(at + i) for i in range(10_000)), NOON)
    return path


def main() -> None:
    """Measure each, on the disk of the home."""
    gc.set_threshold(*SELDOM)  # as the command line does
    home = open_house(None).home
    with TemporaryDirectory(dir=home, prefix="bench-") as name:
        folder = Path(name)
        single = sorted(one_by_one(folder / f"single-{run}") for run in range(9))
        tell("append, event by event", "500 us: 2,000 a second", single, "us", 1e6)
        batch = sorted(in_batches(folder / f"batch-{run}") for run in range(5))
        tell(f"append, {BATCH:,} a batch", "20 us: 50,000 a second", batch, "us", 1e6)
        long = written(folder / "long")
        tell(f"verify {MANY:,} events", "12 s", seconds(lambda: verify(long), 3), "s")
        book = folder / "book"
        with Journal.create(book) as journal:
            count = journal.append(ten_years(), NOON).sequence
        what = f"a book of ten years, {count:,} events"
        tell(
            f"open {what}, folding all", "none", seconds(lambda: opened(book, folder / "c"), 1), "s"
        )
        again = seconds(lambda: opened(book, folder / "c"), 9)
        tell(f"open {what}, from its snapshot", "0.2 s", again, "s")


if __name__ == "__main__":
    main()
