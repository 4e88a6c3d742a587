"""Ledgers written line by line, money in dollars, to be checked by hand."""

from dataclasses import dataclass, field
from datetime import date

from report.made_up import opened, u
from underwriter.book.event import (
    AnyEvent,
    Approved,
    Assigned,
    Deposited,
    DividendReceived,
    Expired,
    Filled,
    InterestPaid,
    LegEvent,
    Marked,
    Quoted,
    Refused,
    Settled,
    SleeveOpened,
    Split,
)
from underwriter.core.sleeve import SHORT_CALL, SHORT_PUT


@dataclass
class Ledger:
    """One sleeve on KO; every method is one line of the book."""

    quotes: str = "quoted"
    underlying: str = "KO"
    campaign: int = 0
    events: list[AnyEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.events.append(opened(self.quotes))
        self._add(
            SleeveOpened,
            "2026-01-02",
            **self._whose(),
            name="wheel-ko",
            underlying=self.underlying,
            root=self.underlying,
            multiplier=100,
        )

    def _add(self, kind: type, day: str, **values: object) -> None:
        at = len(self.events)
        self.events.append(kind(at=at, session=date.fromisoformat(day), account="main", **values))

    def _whose(self) -> dict[str, object]:
        return {"sleeve": 0, "campaign": self.campaign, "policy": "ab12"}

    def deposit(self, day: str, amount: float) -> None:
        """Money in."""
        self._add(Deposited, day, amount_u=u(amount))

    def interest(self, day: str, amount: float) -> None:
        """Bill interest."""
        self._add(InterestPaid, day, amount_u=u(amount))

    def dividend(self, day: str, shares: int, each: float) -> None:
        """Cash on shares held."""
        self._add(
            DividendReceived,
            day,
            **self._whose(),
            shares=shares,
            per_share_u=u(each),
            amount_u=u(each) * shares,
        )

    def refuse(self, day: str, why: str, needs: float = 0.0) -> None:
        """A wish refused, with the least equity it needed."""
        self._add(
            Refused,
            day,
            **self._whose(),
            action="open",
            option=None,
            why=why,
            needs_u=u(needs),
        )

    def approve(self, day: str, why: str) -> None:
        """A wish approved."""
        self._add(
            Approved,
            day,
            **self._whose(),
            action="open",
            option=None,
            quantity=1,
            why=why,
        )

    def fill(self, day: str, option: str, quantity: int, price: float, fee: float) -> None:
        """Trade contracts: a sale has a negative quantity."""
        money = -quantity * price * 100
        self._leg(Filled, day, option, quantity=quantity, amount=money, fee=fee, price=price)

    def sell_shares(self, day: str, shares: int, price: float, fee: float) -> None:
        """Sell shares in the market."""
        amount = shares * price
        self._leg(Filled, day, None, shares=-shares, amount=amount, fee=fee, price=price)

    def expire(self, day: str, option: str, quantity: int, price: float) -> None:
        """Contracts end worthless."""
        self._leg(Expired, day, option, quantity=quantity, price=price)

    def assign(self, day: str, option: str, quantity: int, price: float, fee: float = 0.0) -> None:
        """Shares move at the strike, a call's away."""
        strike = int(option[-8:]) / 1_000
        shares = quantity * 100 * (-1 if option[-9] == "C" else 1)
        self._leg(
            Assigned,
            day,
            option,
            quantity=quantity,
            shares=shares,
            amount=-shares * strike,
            fee=fee,
            price=price,
        )

    def split(self, day: str, ratio: tuple[int, int], option: str | None, added: int) -> None:
        """Contracts, or shares where there is no option, become more."""
        self._add(
            Split,
            day,
            **self._whose(),
            slot=SHORT_CALL if option and option[-9] == "C" else SHORT_PUT,
            option=option,
            quantity=added if option else 0,
            shares=0 if option else added,
            new=ratio[0],
            old=ratio[1],
        )

    def settle(self, day: str, option: str, quantity: int, price: float, amount: float) -> None:
        """Contracts end in cash."""
        self._leg(Settled, day, option, quantity=quantity, amount=amount, price=price)

    def _leg(
        self,
        kind: type[LegEvent],
        day: str,
        option: str | None,
        *,
        price: float,
        quantity: int = 0,
        shares: int = 0,
        amount: float = 0.0,
        fee: float = 0.0,
    ) -> None:
        slot = SHORT_CALL if option and option[-9] == "C" else SHORT_PUT
        self._add(
            kind,
            day,
            **self._whose(),
            slot=slot,
            option=option,
            quantity=quantity,
            shares=shares,
            price_u=u(price),
            amount_u=u(amount),
            fee_u=u(fee),
        )

    def mark(
        self,
        day: str,
        equity: float,
        *,
        cash: float | None = None,
        shares: float = 0.0,
        close: float = 60.0,
        dividend: float = 0.0,
        rate: float = 0.0,
        split: tuple[int, int] = (1, 1),
    ) -> None:
        """An evening; without `cash` nothing is held."""
        self._add(
            Marked,
            day,
            equity_u=u(equity),
            cash_u=u(equity if cash is None else cash),
            shares_u=u(shares),
            rate=rate,
            measure=None,
            underlyings={self.underlying: Quoted(u(close), u(dividend), split)},
            regimes={},
        )


def wheel() -> list[AnyEvent]:
    """One turn of the wheel.

    2026-01-02 deposit 20,000.00
    2026-01-05 sold   1 KO 2026-02-20 P 60 @ 0.85 fee 0.66
    2026-02-02 interest 5.00
    2026-02-20 assigned KO 60 P, 100 shares, KO closed at 58.00
    2026-02-23 sold   1 KO 2026-03-20 C 61 @ 0.50 fee 0.66
    2026-03-13 dividend 0.53 on 100 shares
    2026-03-20 called away KO 61 C, KO closed at 62.30, fee 0.18
    2026-05-01 nothing since
    => cash 20,291.50
    """
    book = Ledger()
    put, call = "KO    260220P00060000", "KO    260320C00061000"
    book.deposit("2026-01-02", 20_000)
    book.refuse("2026-01-02", "cash", 30_000)
    book.refuse("2026-01-02", "cash", 25_000)
    book.refuse("2026-01-02", "regime")
    book.mark("2026-01-02", 20_000)
    book.campaign = 1
    book.approve("2026-01-05", "entry_put")
    book.fill("2026-01-05", put, -1, 0.85, 0.66)
    book.mark("2026-01-05", 19_999, cash=20_084.34)
    book.interest("2026-02-02", 5)
    book.assign("2026-02-20", put, 1, 58)
    book.mark("2026-02-20", 19_889.34, cash=14_089.34, shares=5_800, close=58)
    book.fill("2026-02-23", call, -1, 0.50, 0.66)
    book.mark("2026-02-23", 19_900, cash=14_138.68, shares=5_800, close=58)
    book.dividend("2026-03-13", 100, 0.53)
    book.assign("2026-03-20", call, 1, 62.30, fee=0.18)
    book.mark("2026-03-20", 20_291.50, close=62.3)
    book.mark("2026-05-01", 20_291.50, close=62.3)
    return book.events


def seven_for_one() -> list[AnyEvent]:
    """AAPL, June 2014, as if it were KO: shares at 590 and a call of 650 through a split.

    Put 590 sold at 5.00, assigned; call 650 sold at 10.00; 7:1; three of seven bought back at 1.40,
    four called away at 92.86, 300 shares left.
    """
    put, call = "KO    140530P00590000", "KO    140719C00650000"
    after = "KO    140719C00092860"
    book = Ledger(campaign=1)
    book.deposit("2014-05-12", 60_000)
    book.fill("2014-05-12", put, -1, 5.0, 0)
    book.mark("2014-05-12", 60_000, cash=60_500, close=600)
    book.assign("2014-05-30", put, 1, 580)
    book.fill("2014-06-03", call, -1, 10.0, 0)
    book.mark("2014-06-06", 66_057 - 1_000, cash=2_500, shares=64_557, close=645.57)
    book.split("2014-06-09", (7, 1), after, -6)
    book.split("2014-06-09", (7, 1), None, 600)
    book.mark("2014-06-09", 67_090, cash=2_500, shares=65_590, close=93.7, split=(7, 1))
    book.fill("2014-06-10", after, 3, 1.4, 0)
    book.assign("2014-07-18", after, 4, 94)
    book.mark("2014-07-18", 67_424, cash=39_224, shares=28_200, close=94)
    return book.events
