"""Weeks of January 2024 to review: a desk's journal, line by line, and random ones."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from desk.world import weekdays
from report.hand_ledger import wheel
from report.made_up import u
from underwriter.book.event import (
    AnyEvent,
    Approved,
    Assigned,
    BookOpened,
    Busted,
    Charged,
    Corrected,
    Decided,
    Deposited,
    DividendReceived,
    Expired,
    Filled,
    InterestPaid,
    Leg,
    Marked,
    OrderIntended,
    OrderTold,
    Quoted,
    Refused,
    SleeveOpened,
)
from underwriter.core.sleeve import SHORT_PUT
from underwriter.report.review import NO_PRICES, Prices, Review, account_asked, review, told
from underwriter.report.weekly.week import week_of

LONG = weekdays(days=1_000)
CALENDAR = weekdays(early=(3,), closed=(7,))  # Thursday the 11th is short, Monday the 15th closed
MONDAY = date(2024, 1, 8)
PUT, LATER = "KO    240209P00060000", "KO    240216P00059000"
POLICY = """
name = "puts"
[entry]
dte = [30, 45]
[manage]
exit_dte = 21
[size]
per_underlying = 0.5
[income]
target = 500
"""
SETTINGS: dict[str, str | float | int] = {
    "collateral": "cash_secured",
    "cash_reserve": 0.0,
    "short_put_notional": 1.0,
    "drawdown_halt": 0.2,
}


def on(days: int) -> date:
    """So many days after the first Monday."""
    return MONDAY + timedelta(days=days)


@dataclass
class Book:
    """One account, two sleeves on KO, and a journal that is written line by line."""

    account: str = "main"
    events: list[AnyEvent] = field(default_factory=list)
    cash_u: int = 0
    campaign: int = 0
    settings: dict[str, str | float | int] = field(default_factory=lambda: dict(SETTINGS))

    def __post_init__(self) -> None:
        self.add(BookOpened, -3, version="1", quotes="quoted", source="hand",
                 policies={"ab12": POLICY}, settings=self.settings)  # fmt: skip
        for sleeve in (0, 1):
            self.add(SleeveOpened, -3, **self.whose(sleeve), name="puts", underlying="KO",
                     root="KO", multiplier=100)  # fmt: skip

    def add(self, kind: type, day: int, **values: Any) -> int:  # noqa: ANN401
        """Write an event; its number in the journal."""
        at = len(self.events)
        self.events.append(kind(at=at, session=on(day), account=self.account, **values))
        return at + 1

    def whose(self, sleeve: int = 0) -> dict[str, Any]:
        """What every event of a sleeve carries."""
        return {"sleeve": sleeve, "campaign": self.campaign, "policy": "ab12"}

    def deposit(self, day: int, dollars: float) -> None:
        """Money in."""
        self.cash_u += u(dollars)
        self.add(Deposited, day, amount_u=u(dollars))

    def fill(
        self,
        day: int,
        quantity: int,
        price: float,
        option: str = PUT,
        **more: Any,  # noqa: ANN401
    ) -> int:
        """Trade contracts of the first sleeve, for a fee of 0.66 each time."""
        amount_u = -quantity * u(price) * 100
        self.cash_u += amount_u - u(0.66)
        values = {"slot": SHORT_PUT, **more}
        return self.add(Filled, day, **self.whose(), option=option, quantity=quantity, shares=0,
                        price_u=u(price), amount_u=amount_u, fee_u=u(0.66),
                        **values)  # fmt: skip

    def approve(self, day: int, action: str, why: str, quantity: int = 1, **more: Any) -> int:  # noqa: ANN401
        """A decision about the put, or another."""
        values = {"option": PUT, **more}
        return self.add(Approved, day, **self.whose(), action=action, quantity=quantity, why=why,
                        **values)  # fmt: skip

    def refuse(self, day: int, why: str, **more: Any) -> int:  # noqa: ANN401
        """An entry of the second sleeve that was refused."""
        values = {"action": "open", "option": None, **more}
        return self.add(Refused, day, **self.whose(1), why=why, **values)

    def order(self, day: int, client: str, state: str, action: str = "open") -> list[int]:
        """An order for one put, and how it ended."""
        legs = (Leg(PUT, -1),)
        number = self.add(OrderIntended, day, **self.whose(), client=client, action=action,
                          legs=legs, shares=0, limit_u=u(0.85))  # fmt: skip
        told_of = self.add(OrderTold, day, **self.whose(), client=client, state=state)
        return [number, told_of]

    def decide(self, *days: int) -> None:
        """Sessions that a desk decided."""
        for day in days:
            self.add(Decided, day, version="1", slab="0", policies={})

    def mark(self, day: int, options: float = 0.0, close: float = 61.0, **more: Any) -> int:  # noqa: ANN401
        """An evening: cash as it is, and what the options are worth."""
        values = {"equity_u": self.cash_u + u(options) + more.get("shares_u", 0), "shares_u": 0}
        return self.add(Marked, day, cash_u=self.cash_u, rate=0.05, measure=15.0,
                        underlyings={"KO": Quoted(u(close))}, regimes={},
                        **{**values, **more})  # fmt: skip


def reviewed(events: list[AnyEvent], day: date, prices: Prices = NO_PRICES) -> Review:
    """The review of the week of a day."""
    week = told(events, account_asked(events, None), week_of(CALENDAR, day), CALENDAR)
    return review(week, prices)


def sold(quantity: int = 1, price: float = 0.85) -> Book:
    """Ten thousand dollars and a put sold on the first Monday."""
    book = Book()
    book.deposit(0, 10_000)
    book.campaign = 1
    book.approve(0, "open", "entry_put", quantity)
    book.fill(0, -quantity, price)
    book.mark(0, options=-price * 100 * quantity)
    return book


def assign(book: Book, day: int, **more: object) -> int:
    """The put becomes shares."""
    book.cash_u -= u(6_000)
    return book.add(Assigned, day, **book.whose(), slot=SHORT_PUT, option=PUT, quantity=1,
                    shares=100, price_u=u(58), amount_u=-u(6_000), fee_u=0, **more)  # fmt: skip


def weeks_of(events: list[AnyEvent]) -> list[date]:
    """The Mondays of the weeks in which an evening was marked."""
    days = {one.session for one in events if isinstance(one, Marked)}
    return sorted({day - timedelta(days=day.weekday()) for day in days})


def wheel_weeks() -> list[Review]:
    """One turn of the wheel, week by week."""
    events = wheel()
    return [review(told(events, "main", week_of(LONG, day), LONG)) for day in weeks_of(events)]


# --- random ---

_MONEY = st.integers(-50_000_000_000, 50_000_000_000)
_SMALL = st.integers(1, 3_000_000)  # a price a share, in millionths
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "deposit",
                "interest",
                "charge",
                "dividend",
                "sell",
                "buy",
                "expire",
                "correct",
                "bust",
                "mark",
                "mark",
                "next",
                "next",
            ]
        ),
        _MONEY,
        _SMALL,
    ),
    min_size=5,
    max_size=60,
)


@dataclass
class Random(Book):
    """A journal that follows from steps: the cash is counted beside it, event by event."""

    day: int = 0
    held: int = 0  # contracts sold
    open_ids: list[tuple[str, int, int]] = field(default_factory=list)  # id, price, fee
    count: int = 0

    def take(self, what: str, money_u: int, price_u: int) -> None:
        """One step, where it can be."""
        self.count += 1
        getattr(self, f"_{what}")(money_u, price_u)

    def _pay(self, kind: type, amount_u: int, **more: Any) -> None:  # noqa: ANN401
        self.cash_u += amount_u
        self.add(kind, self.day, amount_u=amount_u, id=f"i{self.count}", **more)

    def _deposit(self, money_u: int, _: int) -> None:
        self._pay(Deposited, money_u)

    def _interest(self, money_u: int, _: int) -> None:
        self._pay(InterestPaid, abs(money_u) // 100)

    def _charge(self, money_u: int, _: int) -> None:
        self._pay(Charged, -abs(money_u) // 1_000, what="fee")

    def _dividend(self, money_u: int, _: int) -> None:
        if self.campaign:
            self._pay(DividendReceived, abs(money_u) // 1_000, **self.whose(), shares=100,
                      per_share_u=1)  # fmt: skip

    def _sell(self, _: int, price_u: int) -> None:
        if not self.held:
            self.campaign += 1
            self.open_ids.clear()
        self.held += 1
        self.open_ids.append((f"i{self.count}", price_u, price_u % 977))
        self._trade(Filled, -1, price_u, price_u % 977)

    def _buy(self, _: int, price_u: int) -> None:
        if self.held:
            self.held -= 1
            self._trade(Filled, 1, price_u, price_u % 991)
            self.open_ids.clear()

    def _expire(self, _: int, __: int) -> None:
        if self.held:
            self._trade(Expired, self.held, 0, 0)
            self.held = 0
            self.open_ids.clear()

    def _trade(self, kind: type, quantity: int, price_u: int, fee_u: int) -> None:
        amount_u = -quantity * price_u * 100
        self.cash_u += amount_u - fee_u
        self.add(kind, self.day, **self.whose(), slot=SHORT_PUT, option=PUT, quantity=quantity,
                 shares=0, price_u=price_u, amount_u=amount_u, fee_u=fee_u,
                 id=f"i{self.count}")  # fmt: skip

    def _correct(self, _: int, price_u: int) -> None:
        if self.open_ids:
            name, old_u, fee_u = self.open_ids.pop()
            self.cash_u += (price_u - old_u) * 100
            self.add(Corrected, self.day, of=name, quantity=-1, shares=0, price_u=price_u,
                     amount_u=price_u * 100, fee_u=fee_u)  # fmt: skip

    def _bust(self, _: int, __: int) -> None:
        if len(self.open_ids) > 1:
            name, old_u, fee_u = self.open_ids.pop()
            self.cash_u -= old_u * 100 - fee_u
            self.held -= 1
            self.add(Busted, self.day, of=name, why="never was")

    def _mark(self, _: int, price_u: int) -> None:
        self.mark(self.day, options=-self.held * price_u / 10_000)

    def _next(self, money_u: int, _: int) -> None:
        self.day += 1 + abs(money_u) % 4


def random_book(steps: list[tuple[str, int, int]]) -> Random:
    """A journal of steps, marked at its beginning and at its end."""
    book = Random()
    book.deposit(0, 100_000)
    book.mark(0)
    for step in steps:
        book.take(*step)
    book.mark(book.day, options=-book.held * 85.0)
    return book
