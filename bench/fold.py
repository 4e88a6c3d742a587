"""A million events, from the journal to a book: read, decoded, folded, and the memory it takes.

Half are what the engine writes, in the proportions of a run of `book.py`'s policy, of which three
events in five are decisions, one in five is a fill, one in eleven an evening of twenty underlyings.
Half are what live accounts write: every execution with its id, orders from the intent on, fills in
parts, what is told twice, corrected or busted.  The journal is written by a process of its own.
"""

import gc
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from told import tell
from underwriter.app.cli.main import SELDOM
from underwriter.app.settings import open_house
from underwriter.book.event import (
    AnyEvent,
    Approved,
    Assigned,
    BookOpened,
    Busted,
    Corrected,
    Deposited,
    DividendReceived,
    Expired,
    Filled,
    InterestPaid,
    Leg,
    Marked,
    Moved,
    OrderIntended,
    OrderTold,
    Quoted,
    Refused,
    SleeveOpened,
)
from underwriter.book.fold import fold
from underwriter.book.journal import Journal, events

EVENTS, BATCH = 1_000_000, 10_000
ACCOUNTS, SLEEVES, UNDERLYINGS = 28, 40, 20  # every other account is live
CYCLE, END = 32, 20  # sessions from one campaign to the next, and to the end of its option
FIRST = date(2009, 1, 5)
MICRO = 1_000_000
POLICY = "f" * 64
_KIB_A_MB = 1024.0


class Seat(NamedTuple):
    """A sleeve on a session: its account, and how far its campaigns have come."""

    account: int
    number: int
    day: int

    @property
    def live(self) -> bool:
        """Whether a broker tells it, with ids."""
        return self.account % 2 == 1

    @property
    def cycle(self) -> tuple[int, int]:
        """The how-manieth campaign, and its session."""
        return divmod(self.day + 5 * self.number, CYCLE)

    @property
    def name(self) -> str:
        """What tells its fills from all others."""
        return f"{self.account}-{self.number}-{self.cycle[0]}"

    def option(self, right: str, later: int = 0) -> str:
        """The OSI symbol of its campaign's contract: other accounts have others."""
        expiry = FIRST + timedelta(days=7 * (self.day // 5 + 6 + later))
        strike = 80 + self.cycle[0] % 40 + self.account
        return f"{root(self.number % UNDERLYINGS):<6}{expiry:%y%m%d}{right}{strike * 1000:08d}"


def root(underlying: int) -> str:
    """The symbol of an underlying, and of its options."""
    return f"S{chr(65 + underlying)}"


def when(account: int, day: int) -> dict[str, Any]:
    """What every event carries."""
    session = FIRST + timedelta(days=day // 5 * 7 + day % 5)
    return {"at": day * 86_400 * 10**9, "session": session, "account": f"account-{account}"}


def seat(at: Seat) -> dict[str, Any]:
    """What every event of a sleeve carries."""
    number = at.account * SLEEVES + at.number
    return when(at.account, at.day) | {"sleeve": number, "campaign": at.cycle[0], "policy": POLICY}


def openings() -> Iterator[AnyEvent]:
    """The books of all accounts, their money and their sleeves."""
    for account in range(ACCOUNTS):
        common = when(account, 0)
        yield BookOpened(**common, version="1", quotes="none", source="", policies={}, settings={})
        yield Deposited(**common, amount_u=10**13)
        for number in range(SLEEVES):
            name = root(number % UNDERLYINGS)
            at = seat(Seat(account, number, 0)) | {"campaign": 0}
            yield SleeveOpened(**at, name="wheel", underlying=name, root=name, multiplier=100)


def history() -> Iterator[AnyEvent]:
    """What happens, session after session, without an end."""
    yield from openings()
    for day in count():
        for account in range(ACCOUNTS):
            for number in range(SLEEVES):
                yield from session(Seat(account, number, day))
            yield from evening(account, day)


def session(at: Seat) -> Iterator[AnyEvent]:
    """What a sleeve does on a session: most often nothing, or less than it wanted."""
    (campaign, phase), option = at.cycle, "P"
    if (at.day + at.number) % 9 == 0:
        yield Refused(**seat(at), action="hold", option=None, why="no_candidate")
    start = at._replace(day=at.day - phase)
    if start.day < 0:
        return
    if campaign % 8 == 7:  # shares of the campaign before are held: calls are sold on them  # noqa: PLR2004
        option = "C"
        if phase == END - 1:
            yield DividendReceived(**seat(at), shares=100, per_share_u=510_000, amount_u=51 * MICRO)
    contract = start.option(option)
    if phase == 0:
        yield from order(at, "sell_to_open", (0 if option == "P" else 2, contract, -2), 170)
    elif phase == 1 and at.live:
        yield from mistakes(at, contract)
    elif phase == END:
        yield from ending(at, start, contract)


def order(at: Seat, action: str, what: tuple[int, str, int], dollars: int) -> Iterator[AnyEvent]:
    """A decision and its fill; live the order is told, and every fourth fills in two parts."""
    slot, option, quantity = what
    yield Approved(
        **seat(at), action=action, option=option, quantity=abs(quantity), why="entry_put"
    )
    told: dict[str, Any] = {}
    if at.live:
        told = {"client": f"{action}-{slot}-{at.name}"}
        legs = (Leg(option, quantity),)
        yield OrderIntended(**seat(at), **told, action=action, legs=legs, shares=0, limit_u=850_000)
        yield OrderTold(**seat(at), **told, state="sent")
        yield OrderTold(**seat(at), **told, state="acknowledged", order=at.name)
    parts = 2 if at.live and at.cycle[0] % 4 == 0 else 1
    for part in range(parts):
        identity = {"id": f"{action}-{slot}-{at.name}-{part}"} if at.live else {}
        yield Filled(
            **seat(at), **told, **identity, slot=slot, option=option, quantity=quantity // parts,
            shares=0, price_u=850_000, amount_u=dollars * MICRO // parts, fee_u=1_320_000 // parts,
        )  # fmt: skip


def mistakes(at: Seat, option: str) -> Iterator[AnyEvent]:
    """Of sixty-four openings, three are told twice, one is corrected, one busted and told anew."""
    kind = at.cycle[0] % 64
    fill = {"quantity": -2, "shares": 0, "price_u": 840_000, "fee_u": 1_320_000}
    money, of = {"amount_u": 168 * MICRO}, f"sell_to_open-0-{at.name}-0"
    if kind in {2, 17, 33}:
        yield Filled(**seat(at), **fill, **money, slot=0, option=option, id=of)
    elif kind == 9:  # noqa: PLR2004
        yield Corrected(**when(at.account, at.day), **fill, **money, of=of, id=f"{of}.01")
    elif kind == 25:  # noqa: PLR2004
        yield Busted(**when(at.account, at.day), of=of, why="by the exchange")
        again = {"id": f"{of}.02", "client": f"sell_to_open-0-{at.name}"}  # of the same order
        yield Filled(**seat(at), **fill, **money, **again, slot=0, option=option)


def ending(at: Seat, start: Seat, option: str) -> Iterator[AnyEvent]:
    """How an option ends: bought back, rolled, worthless, or in shares."""
    kind = at.cycle[0] % 8
    ended: dict[str, Any] = {"option": option, "fee_u": 0} | seat(at)
    identity = {"id": f"end-{at.name}"} if at.live else {}
    if kind == 6:  # noqa: PLR2004
        ended |= {"slot": 0, "shares": 100, "price_u": 90 * MICRO, "amount_u": -9_000 * MICRO}
        yield Assigned(**ended, **identity, quantity=1)
        left = ended | {"shares": 0, "amount_u": 0, "price_u": 0}
        yield Expired(**left, quantity=1)
    elif kind == 7:  # noqa: PLR2004
        ended |= {"slot": 2, "shares": -100, "price_u": 90 * MICRO, "amount_u": 9_000 * MICRO}
        yield Assigned(**ended, **identity, quantity=1)
        left = ended | {"shares": 0, "amount_u": 0, "price_u": 0}
        yield Expired(**left, quantity=1)
    elif kind == 5:  # noqa: PLR2004
        yield Expired(**ended, **identity, slot=0, shares=0, price_u=0, amount_u=0, quantity=2)
    elif kind == 3:  # noqa: PLR2004
        later = start.option("P", 4)
        yield from order(at, "roll", (4, later, -2), 250)
        yield from order(at, "buy_to_close", (0, option, 2), -120)
        yield Moved(**seat(at), slot=4, option=later)
        yield from order(at, "close", (0, later, 2), -40)
    else:
        yield from order(at, "buy_to_close", (0, option, 2), -80)


def evening(account: int, day: int) -> Iterator[AnyEvent]:
    """Interest, and the mark of twenty underlyings."""
    common = when(account, day)
    identity = {"id": f"interest-{account}-{day}"} if account % 2 else {}
    if not account % 2 or day % 21 == 0:
        yield InterestPaid(**common, **identity, amount_u=1_230_000)
    yield Marked(
        **common, equity_u=10**13 + day, cash_u=9 * 10**12, shares_u=0, rate=0.02, measure=18.25,
        underlyings={root(u): Quoted(100 * MICRO + 10_000 * day) for u in range(UNDERLYINGS)},
        regimes={POLICY: (1, 1, 0)}, peak_u=10**13 + day, reserved_u=8 * 10**11, puts_u=8 * 10**11,
        margin_u=8 * 10**11, exposure_u={root(u): 9 * 10**9 for u in range(0, UNDERLYINGS, 2)},
    )  # fmt: skip


def write(path: Path) -> None:
    """The journal that is read."""
    told = islice(history(), EVENTS)
    with Journal.create(path) as journal:
        while batch := list(islice(told, BATCH)):
            journal.append(batch, 0)


def read(path: Path) -> None:
    """Seconds and megabytes of one fold, on standard output."""
    start = time.perf_counter()
    book = fold(event for _, event in events(path))
    taken = time.perf_counter() - start
    assert (book.events, book.strays) == (EVENTS, ())  # noqa: S101  else it is another work
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIB_A_MB
    print(json.dumps([taken, peak, len(book.tallies)]))


def main() -> None:
    """Write in one process, then fold in others."""
    gc.set_threshold(*SELDOM)  # as the command line has it
    if sys.argv[1:2] in (["--write"], ["--read"]):
        {"--write": write, "--read": read}[sys.argv[1]](Path(sys.argv[2]))
        return
    with TemporaryDirectory(dir=open_house(None).home) as folder:
        command = [sys.executable, __file__]
        path = str(Path(folder) / "journal.db")
        subprocess.run([*command, "--write", path], check=True)  # noqa: S603  this
        found = [
            json.loads(subprocess.check_output([*command, "--read", path]))  # noqa: S603  likewise
            for _ in range(3)
        ]
    taken, peaks, campaigns = (sorted(each) for each in zip(*found, strict=True))
    tell(f"fold of {EVENTS:,} events, {campaigns[0]:,} campaigns", "6 s", taken, "s")
    tell("its peak memory", "500 MB", peaks, "MB")


if __name__ == "__main__":
    main()
