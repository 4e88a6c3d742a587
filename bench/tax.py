"""A tax year of 20,000 closings out of a journal: what `book tax` does, in process, csv and all.

A busy account: put spreads on eighty names and four indices, opened on one session and closed two
later.  Their long legs mostly lose, and the same contract is often bought again within the window
of a wash sale; every tenth short put is assigned, and its shares are sold a week later at a loss.
"""

import gc
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from told import seconds, tell
from underwriter.app.cli.main import SELDOM
from underwriter.app.settings import open_house
from underwriter.app.tax import Asked, tax
from underwriter.book.event import AnyEvent, Assigned, BookOpened, Deposited, Filled, SleeveOpened
from underwriter.book.journal import Journal
from underwriter.core.sleeve import LONG_PUT, SHORT_PUT
from underwriter.core.units import MICRO, day_number, day_of
from underwriter.market.calendar import load_calendar

YEAR, TIMES = 2025, 5
INDICES = ("SPX", "XSP", "NDX", "RUT")
NAMES = (*(f"B{chr(65 + at // 26)}{chr(65 + at % 26)}" for at in range(80)), *INDICES)
SHARES = 100  # a contract
TURN, WEEK, OFTEN = 2, 5, 10  # sessions to the close, to the sale of shares; turns to an assignment
SHORT, LONG, LOSS = 100, 95, 4  # strikes; dollars that assigned shares are sold below theirs
CENTS_U = MICRO // 100


class Sleeve:
    """Writes what happens to one sleeve in a year."""

    def __init__(self, number: int) -> None:
        self.number, self.name = number, NAMES[number]

    def filled(
        self, session: date, turn: int, slot: int, quantity: int, cents: int, option: str | None
    ) -> Filled:
        """Contracts trade, or shares where there is no option."""
        units = SHARES if option else 1
        return Filled(
            **self.whose(session, turn),
            slot=slot,
            option=option,
            quantity=quantity if option else 0,
            shares=0 if option else quantity,
            price_u=cents * CENTS_U,
            amount_u=-quantity * units * cents * CENTS_U,
            fee_u=65 * CENTS_U if option else 0,
        )

    def whose(self, session: date, turn: int) -> dict[str, Any]:
        """What every event of the sleeve carries."""
        return {
            "at": day_number(session) * 86_400_000_000_000,
            "session": session,
            "account": "main",
            "sleeve": self.number,
            "campaign": turn,
            "policy": "ab12",
        }

    def opened(self, session: date) -> SleeveOpened:
        """The sleeve."""
        return SleeveOpened(
            **self.whose(session, 0),
            name="busy",
            underlying=self.name,
            root=self.name,
            multiplier=SHARES,
        )

    def year(self, sessions: list[date]) -> Iterator[AnyEvent]:
        """One turn after another."""
        first = self.number % TURN
        for turn, at in enumerate(range(first, len(sessions) - TURN - WEEK, TURN), start=1):
            yield from self.turn(turn, sessions[at : at + TURN + WEEK + 1])

    def turn(self, turn: int, sessions: list[date]) -> Iterator[AnyEvent]:
        """A put spread: opened, and closed or assigned."""
        expiry = sessions[0].replace(day=1) + timedelta(days=75)  # the same for a month
        short, long = (
            f"{self.name:<6}{expiry:%y%m%d}P{strike * 1000:08d}" for strike in (SHORT, LONG)
        )
        begins, ends = sessions[0], sessions[TURN]
        yield self.filled(begins, turn, SHORT_PUT, -1, 150, short)
        yield self.filled(begins, turn, LONG_PUT, 1, 60, long)
        yield self.filled(ends, turn, LONG_PUT, -1, 50 + turn % 3 * 6, long)
        if turn % OFTEN or self.name in INDICES:
            yield self.filled(ends, turn, SHORT_PUT, 1, 80 + turn % 2 * 90, short)
            return
        yield Assigned(
            **self.whose(ends, turn),
            slot=SHORT_PUT,
            option=short,
            quantity=1,
            shares=SHARES,
            price_u=(SHORT - LOSS) * MICRO,
            amount_u=-SHORT * SHARES * MICRO,
            fee_u=0,
        )
        yield self.filled(sessions[-1], turn, SHORT_PUT, -SHARES, (SHORT - LOSS) * 100, None)


def events(sessions: list[date]) -> list[AnyEvent]:
    """A book of a year, in the order of its sessions."""
    sleeves = [Sleeve(number) for number in range(len(NAMES))]
    when = {"at": 0, "session": sessions[0], "account": "main"}
    book = BookOpened(
        **when, version="bench", quotes="none", source="made up", policies={"ab12": ""}, settings={}
    )
    money = Deposited(**when, amount_u=100_000_000 * MICRO)
    happened = chain.from_iterable(each.year(sessions) for each in sleeves)
    opened = [each.opened(sessions[0]) for each in sleeves]
    return [book, money, *opened, *sorted(happened, key=lambda event: event.session)]


def main() -> None:
    """Write the year, then ask for its tax."""
    home = open_house(None).home
    ends = day_number(date(YEAR, 1, 1)), day_number(date(YEAR, 12, 31))
    sessions = [day_of(int(day)) for day in load_calendar("XNYS", home).between(*ends)]
    with TemporaryDirectory(dir=home) as folder:
        place = Path(folder)
        with Journal.create(place / "journal.db") as journal:
            journal.append(told := events(sessions), received=told[-1].at)
        asked = Asked(place / "journal.db", YEAR, "fifo", (), folds=True, csv=place / "forms")
        gc.set_threshold(*SELDOM)  # as the command line has it
        found = tax(asked)
        closings = len(found.sales) + len(found.section_1256.sales)
        washed = sum(one.code == "W" for one in found.sales)
        what = f"a tax year of {closings:,} closings, {washed:,} of them wash sales, forms written"
        tell(what, "2 s for 20,000", seconds(lambda: tax(asked), TIMES), "s")


if __name__ == "__main__":
    main()
