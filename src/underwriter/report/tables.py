"""A book as plain tables: the daily curve, months, campaigns, ended legs, refusals.

Money stays in whole millionths; definitions are in docs/metrics.md.  The books close:

    equity = deposits + income + shares' realised gains
             + (shares' value - their cost) + (options' value + the money they brought)
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

from underwriter.book.event import BookOpened
from underwriter.book.legs import EndedLeg
from underwriter.core import reason
from underwriter.report.say import PROVENANCE, Provenance

Money = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_CODES = {name: code for code, name in reason.NAMES.items()}


def reason_text(why: str) -> str:
    """What a reason code's name means, for people; the name itself where it is unknown."""
    code = _CODES.get(why)
    return why if code is None else reason.TEXTS[code]


@dataclass(frozen=True, slots=True)
class Curve:
    """One row a session, all accounts together; money in millionths of a dollar."""

    sessions: tuple[date, ...]
    day: Money  # day numbers
    equity_u: Money
    cash_u: Money
    shares_u: Money
    deposited_u: Money
    secured_u: Money  # that evening: strikes of short puts, the width of a spread
    rate: Floats  # annual bill rate until the next session
    measure: Floats  # volatility index in points; NaN is unknown
    close_u: dict[str, Money]  # by underlying
    dividend_u: dict[str, Money]
    split: dict[str, Floats]  # shares that became of each share of the evening before

    @property
    def options_u(self) -> Money:
        """Value of the options: what is left of equity beside cash and shares."""
        return self.equity_u - self.cash_u - self.shares_u

    @property
    def months(self) -> tuple[str, ...]:
        """Every calendar month of the period, in order."""
        first, last = self.sessions[0], self.sessions[-1]
        start, stop = first.year * 12 + first.month - 1, last.year * 12 + last.month
        return tuple(f"{at // 12:04d}-{at % 12 + 1:02d}" for at in range(start, stop))


@dataclass(slots=True)
class Month:
    """One month's income and its parts, with what stands beside it."""

    options_u: int = 0  # result of the legs that ended, net of fees
    dividends_u: int = 0
    interest_u: int = 0
    charges_u: int = 0  # costs of the account, negative, and what was put right
    premium_u: int = 0  # beside: credits of opening short legs, less long ones' cost, before fees
    shares_u: int = 0  # beside: realised gains of shares, net of fees
    fees_u: int = 0  # beside: every fee paid, already inside the results
    share_fees_u: int = 0  # beside: of the fees, what the realised gains of shares bore

    @property
    def income_u(self) -> int:
        """Option result, dividends and interest, less what the account was charged."""
        return self.options_u + self.dividends_u + self.interest_u + self.charges_u


@dataclass(slots=True, kw_only=True)
class Campaign:
    """What one sleeve did from flat to flat."""

    sleeve: int
    number: int
    policy: str
    underlying: str
    opened: date
    closed: date | None = None
    puts: int = 0  # contracts sold
    calls: int = 0
    assigned: int = 0  # contracts
    called_away: int = 0
    premium_u: int = 0  # credits received, less what long legs cost, before fees
    dividends_u: int = 0
    shares_u: int = 0  # realised gains of shares
    money_u: int = 0  # every flow in it; its result once it is closed
    held: list[tuple[date, date | None]] = field(default_factory=list)  # spells in shares
    splits: list[str] = field(default_factory=list)  # "7:1 on 2014-06-09"

    @property
    def result_u(self) -> int | None:
        """What a closed campaign earned; None while it runs."""
        return None if self.closed is None else self.money_u


@dataclass(frozen=True, slots=True)
class Refusal:
    """How often one reason refused, and the least equity that one contract would have needed."""

    why: str
    text: str
    count: int
    needs_u: int  # zero where it does not apply


@dataclass(frozen=True, slots=True)
class View:
    """A book, read: everything that the report shows is computed from this."""

    opened: BookOpened
    policies: dict[str, str]  # hash -> name
    underlyings: tuple[str, ...]  # that some sleeve trades
    curve: Curve
    months: dict[str, Month]
    campaigns: tuple[Campaign, ...]
    legs: tuple[EndedLeg, ...]
    refusals: tuple[Refusal, ...]  # most frequent first
    approvals: Counter[str]  # by why
    open_option_u: int  # money that the legs still held brought, net of fees
    open_share_u: int  # cost of the shares still held
    open_option_fees_u: int  # that opening the legs still held took
    open_share_fees_u: int  # that the cost of the shares still held has in it

    @property
    def starting_cash_u(self) -> int:
        """What was deposited by the first evening."""
        return int(self.curve.deposited_u[0])

    @property
    def closed(self) -> tuple[Campaign, ...]:
        """The campaigns that are over."""
        return tuple(each for each in self.campaigns if each.closed is not None)

    @property
    def open_result_u(self) -> int:
        """What the campaigns still open come to at the last marks: all that is held is theirs."""
        spent_u = sum(each.money_u for each in self.campaigns if each.closed is None)
        return spent_u + int(self.curve.shares_u[-1] + self.curve.options_u[-1])

    @property
    def pays_dividends(self) -> bool:
        """Whether any underlying paid a dividend: a history may leave them out."""
        return any(paid.any() for paid in self.curve.dividend_u.values())

    @property
    def decisions(self) -> int:
        """How many wishes were judged."""
        return sum(self.approvals.values()) + sum(each.count for each in self.refusals)

    @property
    def quotes(self) -> Provenance:
        """How it is said whether quotes were real."""
        return PROVENANCE[self.opened.quotes]
