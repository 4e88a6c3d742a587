"""Random histories of what brokers tell: each step is told, and kept where a book takes it."""

from datetime import date, timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as st

from book.told import common, leg, opened, seat
from underwriter.book.event import (
    Adjusted,
    AnyEvent,
    Assigned,
    Busted,
    CapitalReturned,
    CashAdjusted,
    Charged,
    Converted,
    Corrected,
    Deposited,
    DividendReceived,
    Expired,
    Filled,
    InterestPaid,
    Renamed,
    Settled,
    Split,
    Transferred,
)
from underwriter.book.fold import Book, fold
from underwriter.core.contract import parse_osi, unpack
from underwriter.core.contract import root_of as number_of

START = date(2026, 1, 5)
AT_LEGS = ("expired", "assigned", "settled", "adjusted", "transfer out")
CHANGES = ("busted", "corrected", "again")
MONEY = ("deposit", "interest", "fee", "adjust", "convert")
TRADES = ("option", "option", "option", "shares", "shares", "transfer", "transfer out")
ENDS = ("expired", "assigned", "settled", "worthless")
ACTIONS = ("split", "reverse", "adjusted", "renamed", "returned", "basis", "dividend")


class Step(NamedTuple):
    """Something that may be told, where it can be."""

    what: str
    sleeve: int
    which: int  # slot, or the how-manieth event from the end
    quantity: int
    amount_u: int
    fee_u: int
    days: int
    named: bool  # whether it is told with an id


STEPS = st.lists(
    st.builds(
        Step,
        what=st.sampled_from([*TRADES, *TRADES, *ENDS, *ENDS, *ACTIONS, *CHANGES, *MONEY]),
        sleeve=st.integers(0, 2),
        which=st.integers(0, 3),
        quantity=st.integers(-3, 3).filter(bool),
        amount_u=st.integers(0, 9_000_000_001),
        fee_u=st.integers(0, 1_000_003),
        days=st.integers(0, 15),
        named=st.booleans(),
    ),
    max_size=25,
)
ACCOUNTS = ("main", "main", "ira")
OPTIONS = ["260620P00060000", "260620P00055000", "260620C00062000", "260620C00065000"]


class History:
    """What was told, and the book as it goes."""

    def __init__(self, steps: list[Step]) -> None:
        self.events: list[AnyEvent] = [opened(i, account=name) for i, name in enumerate(ACCOUNTS)]
        self.book: Book = fold(self.events)
        self.day = START
        for step in steps:
            self.day += timedelta(days=step.days)
            for event in self.told(step):
                self.add(event)

    def add(self, event: AnyEvent) -> None:
        """Keep an event that the book takes."""
        book = fold([event], self.book)
        if not book.strays:
            self.book = book
            self.events.append(event)

    def place(self, step: Step, kind: str = "seat") -> dict[str, Any]:
        """What an event of the step carries."""
        more: dict[str, Any] = {"day": self.day, "account": ACCOUNTS[step.sleeve]}
        if step.named:
            more["id"] = f"n{len(self.events)}"
        return (
            more
            if kind == "leg"
            else common(**more)
            if kind == "common"
            else seat(step.sleeve, **more)
        )

    def held(self, step: Step) -> tuple[str | None, int, int]:
        """The option in a slot, how many, and the shares of the sleeve."""
        sleeve = self.book.state.sleeves[step.sleeve]
        key = int(sleeve.contract[step.which])
        root = self.book.instruments[number_of(key) - 1].root if key else ""
        option = unpack(key, root).osi() if key else None
        return option, int(sleeve.quantity[step.which]), int(sleeve.shares)

    def aimed(self, step: Step) -> Step:
        """The step at a leg that is held, where it is of one and there is any."""
        quantity = self.book.state.sleeves[step.sleeve].quantity
        found = [slot for slot in range(4) if quantity[slot] != 0]
        return step._replace(which=found[0]) if found and step.what in AT_LEGS else step

    def told(self, step: Step) -> list[AnyEvent]:
        """The events of a step."""
        step = self.aimed(step)
        if step.what in MONEY:
            return [self.money(step)]
        if step.what in CHANGES:
            return self.change(step)
        if step.what in ACTIONS:
            return self.action(step)
        return self.leg(step)

    def money(self, step: Step) -> AnyEvent:
        """Money of an account."""
        at, sign = self.place(step, "common"), 1 if step.quantity > 0 else -1
        amount_u = sign * step.amount_u
        match step.what:
            case "deposit":
                return Deposited(**at, amount_u=amount_u)
            case "interest":
                return InterestPaid(**at, amount_u=amount_u)
            case "fee":
                return Charged(**at, amount_u=-step.fee_u, what="fee")
            case "adjust":
                return CashAdjusted(**at, amount_u=amount_u, why="")
        into = "BTC" if step.which else "EUR"
        return Converted(**at, amount_u=-step.amount_u, into=into, into_u=step.fee_u * 7, fee_u=9)

    def change(self, step: Step) -> list[AnyEvent]:
        """An event of before never happened, happened otherwise, or is told again."""
        named = [
            each for each in self.events if each.id and not isinstance(each, Busted | Corrected)
        ]
        if len(named) <= step.which:
            return []
        event = named[-1 - step.which]
        if step.what == "again":
            return [event]
        at = common(day=self.day, account=event.account)
        if step.what == "busted":
            return [Busted(**at, of=str(event.id), why="")]
        figures = {name: getattr(event, name, 0) for name in ("quantity", "shares")}
        money = {"price_u": 1, "amount_u": step.amount_u, "fee_u": step.fee_u}
        return [Corrected(**at, of=str(event.id), **figures, **money)]

    def action(self, step: Step) -> list[AnyEvent]:
        """What a company made of what is held."""
        at, (option, _, held) = self.place(step), self.held(step)
        seats = {name: at[name] for name in at if name != "id"}
        match step.what:
            case "dividend":
                return [DividendReceived(**at, shares=held, per_share_u=1, amount_u=step.amount_u)]
            case "returned":
                return [CapitalReturned(**at, shares=held, amount_u=step.amount_u)]
            case "basis":
                figures = {"slot": 0, "option": None, "quantity": 0, "shares": 0, "price_u": 0}
                money = {"amount_u": step.amount_u, "fee_u": 0, "acquired": self.day}
                return [Transferred(**at, **figures, **money)] if held else []
            case "renamed":
                names = {"underlying": "PEP", "root": "PEP"}
                each = [{"sleeve": i, "account": name} for i, name in enumerate(ACCOUNTS)]
                return [Renamed(**(seats | one | names)) for one in each]
            case "adjusted" if option is not None:
                root = parse_osi(option, (option[:-15].rstrip(),)).root
                new = f"{root[:3]}{step.which + 1}".ljust(6) + option[-15:]
                return [
                    Adjusted(
                        **at, slot=step.which, was=option, option=new, shares=12, cash_u=5, why=""
                    )
                ]
            case "reverse" if held:
                less = abs(held) // 8 * (1 if held > 0 else -1) - held
                return [Split(**at, slot=0, option=None, quantity=0, shares=less, new=1, old=8)]
        return []

    def leg(self, step: Step) -> list[AnyEvent]:
        """A trade, a transfer, or an end."""
        at = {**self.place(step, "leg"), "sleeve": step.sleeve, "slot": step.which}
        option, quantity, held = self.held(step)
        name = option or f"{self.book.sleeves[step.sleeve].root:<6}{OPTIONS[step.which]}"
        amount_u, zero = step.amount_u, 0
        match step.what:
            case "option":
                change = -step.quantity if step.which % 2 == 0 else step.quantity
                return [self.made(Filled, name, change, 0, step, at)]
            case "shares":
                return [self.made(Filled, None, 0, step.quantity * 50, step, at)]
            case "transfer":
                return [self.made(Transferred, None, 0, step.quantity * 50, step, at)]
            case "transfer out" if quantity:
                return [self.made(Transferred, option, -quantity, 0, step, at)]
            case "expired" if quantity:
                return [self.made(Expired, option, -quantity, 0, step._replace(amount_u=zero), at)]
            case "settled" if quantity:
                return [self.made(Settled, option, -quantity, 0, step, at)]
            case "worthless" if held:
                return [self.made(Settled, None, 0, -held, step._replace(amount_u=zero), at)]
            case "assigned" if quantity:
                count = 1 if quantity > 0 else -1
                call = str(option)[-9] == "C"
                shares = (count if call else -count) * 100
                return [self.made(Assigned, option, -count, shares, step, at)]
        assert amount_u >= 0
        return []

    def made(self, kind: type[Any], option: str | None, quantity: int, shares: int, step: Step,
             at: dict[str, Any]) -> AnyEvent:  # fmt: skip
        """A leg event whose money goes against what comes in."""
        sign = -1 if (shares or quantity) > 0 else 1
        more = {"acquired": self.day - timedelta(days=400)} if kind is Transferred else {}
        told = leg(kind, option, quantity, shares, "0", **at, **more)
        figures = {"amount_u": sign * step.amount_u, "fee_u": step.fee_u}
        return type(told)(
            **{name: getattr(told, name) for name in told.__struct_fields__} | figures
        )
