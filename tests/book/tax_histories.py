"""Random histories of two accounts and three sleeves, each step of which could happen."""

from collections import Counter
from datetime import date, timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as st

from underwriter.book.event import (
    AnyEvent,
    Assigned,
    Expired,
    Filled,
    Settled,
    SleeveOpened,
    Split,
)
from underwriter.book.lots import after_split

START = date(2024, 1, 2)
SEATS = {0: ("main", "KO"), 1: ("main", "KO"), 2: ("ira", "KO"), 3: ("ira", "SPX")}
OPTIONS = {
    "KO": ["KO    260220P00060000", "KO    260220C00062000", "KO    260320C00062000"],
    "SPX": ["SPX   260220P05900000"],
}
ENDS = {"expired": Expired, "assigned": Assigned, "settled": Settled}


class Step(NamedTuple):
    """Something that may happen, where it can."""

    what: str  # shares, option, split, or how an option ends
    sleeve: int
    which: int  # of the options
    quantity: int
    price_u: int
    fee_u: int
    days: int


STEPS = st.lists(
    st.builds(
        Step,
        what=st.sampled_from(["shares", "shares", "option", "option", *ENDS, "split"]),
        sleeve=st.sampled_from(list(SEATS)),
        which=st.integers(0, 2),
        quantity=st.integers(-7, 7).filter(bool),
        price_u=st.integers(0, 90_000_001),
        fee_u=st.integers(0, 1_000_003),
        days=st.integers(0, 25),
    ),
    max_size=40,
)


class History:
    """Steps as events; what each sleeve holds, and an account's shares, as they go."""

    def __init__(self, steps: list[Step]) -> None:
        self.events: list[AnyEvent] = []
        self.held: Counter[tuple[int, str | None]] = Counter()
        self.day = START
        for sleeve, (_, underlying) in SEATS.items():
            self.add(SleeveOpened, sleeve, name="p", underlying=underlying, root=underlying,
                     multiplier=100)  # fmt: skip
        for step in steps:
            self.day += timedelta(days=step.days)
            self.happen(step)

    def add(self, kind: type[Any], sleeve: int, **what: Any) -> None:  # noqa: ANN401
        """One event of a sleeve."""
        seat = {"at": 0, "session": self.day, "account": SEATS[sleeve][0], "sleeve": sleeve}
        self.events.append(kind(**seat, campaign=1, policy="p", **what))

    def leg(self, kind: type[Any], step: Step, option: str | None, quantity: int, shares: int):  # noqa: ANN201
        """A change of a leg or shares; money by its price, the sign against what comes in."""
        unit = -shares if shares else -quantity * 100
        self.add(kind, step.sleeve, slot=0, option=option, quantity=quantity, shares=shares,
                 price_u=step.price_u, amount_u=unit * step.price_u, fee_u=step.fee_u)  # fmt: skip
        if option:
            self.held[step.sleeve, option] += quantity
        if shares:
            self.held[step.sleeve, None] += shares

    def happen(self, step: Step) -> None:
        """One step, where it can happen."""
        underlying = SEATS[step.sleeve][1]
        options = OPTIONS[underlying]
        option = options[step.which % len(options)]
        if step.what == "split":
            self.split(step)
        elif step.what == "option":
            self.leg(Filled, step, option, step.quantity, 0)
        elif step.what == "shares":
            if underlying == "KO":
                self.leg(Filled, step, None, 0, step.quantity * 33)
        elif self.held[step.sleeve, option]:
            self.end(step, option)

    def end(self, step: Step, option: str) -> None:
        """A leg ends, as much of it as the step says."""
        held = self.held[step.sleeve, option]
        count = min(abs(step.quantity), abs(held)) * (1 if held > 0 else -1)
        call = option[-9] == "C"
        delivers = step.what == "assigned" and SEATS[step.sleeve][1] == "KO"
        shares = (count if call else -count) * 100 if delivers else 0
        self.leg(ENDS[step.what], step, option, -count, shares)

    def split(self, step: Step) -> None:
        """Two shares for one, in all sleeves of an account; options that are open go along."""
        account, underlying = SEATS[step.sleeve]
        mine = [sleeve for sleeve, seat in SEATS.items() if seat == (account, underlying)]
        if underlying != "KO":
            return
        self.day += timedelta(days=1)
        for (sleeve, option), quantity in list(self.held.items()):
            if sleeve in mine and quantity:
                shares, contracts = (quantity, 0) if option is None else (0, quantity)
                became = None if option is None else after_split(option, 2, 1)
                self.add(Split, sleeve, slot=0, option=became, quantity=contracts, shares=shares,
                         new=2, old=1)  # fmt: skip
                del self.held[sleeve, option]
                self.held[sleeve, became] += 2 * quantity
        self.day += timedelta(days=1)
