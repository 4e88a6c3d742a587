"""Rolls of a held short option that a hand may choose from: each with what it brings and risks.

Every later option of the same right that is bid and no nearer the money by its strike is a
candidate, as far out as the policy rolls, or four months where it rolls none.  A spread's long leg
goes with it, at the same width.  Whether one may be taken is the step's own judgement, and
beyond that a policy that rolls for a credit only takes none at a debit by hand either.
"""

from typing import Any, NamedTuple

from underwriter.book.event import Leg
from underwriter.book.fold import Book
from underwriter.book.naming import named
from underwriter.core import reason
from underwriter.core.chain import NO_ROW, Quote, mid_u, offered, search
from underwriter.core.contract import CALL, pack, right_of, root_of, strike_of, unpack
from underwriter.core.errors import InputError
from underwriter.core.intent import APPROVED, ROLL, Decision, add_leg, clear, wish
from underwriter.core.kernel import plain
from underwriter.core.marking import mark
from underwriter.core.policy import Policy
from underwriter.core.record import rows
from underwriter.core.session import judge_roll, roll_loss_u, roll_net_u
from underwriter.core.sleeve import (
    LONG_CALL,
    LONG_PUT,
    ROLL_LONG,
    ROLL_SHORT,
    SHORT_CALL,
    SHORT_PUT,
    BookState,
    Sleeve,
    share_money_u,
)
from underwriter.core.units import DAYS_A_YEAR
from underwriter.desk.deciding import Rules, numbers_of, seat_book
from underwriter.market.calendar import Calendar
from underwriter.market.slab import Slab

FURTHEST = 120  # days out, where the policy says nothing
_judge, _loss_u, _net_u = plain(judge_roll), plain(roll_loss_u), plain(roll_net_u)
_search = plain(search)


class Candidate(NamedTuple):
    """One roll; money in millionths, a share of one unit unless said otherwise."""

    legs: tuple[Leg, ...]  # what closes, then what opens, short before long
    winged: int  # 1 where a long leg goes with the short one
    dte: int
    strike_u: int
    delta: float
    touch_u: int  # net at the touch, a credit positive
    mid_u: int
    breakeven_u: int  # of the campaign, once the new leg is where it ends
    yearly: float  # the net at the touch a year, on the strike
    stress_u: int  # worst stress of what opens, of one contract
    why: str  # why it may not be taken, or ""

    @property
    def option(self) -> str:
        """The new short option."""
        return self.legs[-1 - self.winged].option


class Rolling:
    """Rolls of the sleeves of a book on one session's quotes, and what the account is worth."""

    def __init__(self, book: Book, slab: Slab, rules: Rules, calendar: Calendar) -> None:
        self.slab, self.rules = slab, rules
        self.state: BookState = seat_book(book, slab, rules, calendar)
        self.numbers = numbers_of(book, slab, rules)
        mark(self.state, slab.market, 0, rules.limits)
        self._made = rows(Decision, 1)[0]

    @property
    def worth_u(self) -> int:
        """What the account is worth."""
        return int(self.state.accounts[0].equity_u)

    def candidates(self, sleeve: int) -> list[Candidate]:
        """The rolls of a sleeve by its number in the book, nearest expiry first.

        InputError where it holds no short option alone of its right, or none that is quoted.
        """
        if sleeve not in self.numbers:
            raise InputError(f"sleeve {sleeve}: found no seat of it in the policies that run now")
        seat = self.numbers.index(sleeve)
        row = self.state.sleeves[seat]
        shorts = [slot for slot in (SHORT_PUT, SHORT_CALL) if row.quantity[slot]]
        if not shorts:
            raise InputError(f"sleeve {sleeve}: found no short option to roll")
        if row.quantity[ROLL_SHORT] or row.quantity[ROLL_LONG]:
            raise InputError(f"sleeve {sleeve}: it is being rolled")
        return [one for slot in shorts for one in self._of_slot(seat, slot)]

    def _of_slot(self, seat: int, slot: int) -> list[Candidate]:
        """The rolls of one short leg."""
        row, market = self.state.sleeves[seat], self.slab.market
        at = int(row.row[slot])
        if at < 0 or not offered(market.quotes[at]):
            held = named(self._option(int(row.contract[slot])))
            raise InputError(f"{held}: found no quote to roll at")
        bar, policy = market.bars[0, row.underlying], self.rules.policies[row.policy]
        old = market.quotes[at]
        call = right_of(int(old.contract)) == CALL
        lo, hi = (int(bar.calls), int(bar.end)) if call else (int(bar.puts), int(bar.calls))
        day = int(market.sessions[0].day)
        last = day + (int(policy.roll_dte_max) or FURTHEST)
        found = []
        for new in range(at + 1, hi):
            quote = market.quotes[new]
            if quote.expiry > last:
                break
            away = (quote.strike_u - old.strike_u) * (1 if call else -1) >= 0
            if (
                away
                and quote.expiry > old.expiry
                and quote.bid_u > 0
                and offered(quote)
                and quote.iv > 0.0
            ):
                one = self._candidate(seat, slot, new, (lo, hi))
                found += [one] if one is not None else []
        return found

    def _candidate(
        self, seat: int, slot: int, new: int, block: tuple[int, int]
    ) -> Candidate | None:
        """One roll, judged; None where its long leg is not quoted."""
        made = self._wished(seat, slot, new, block)
        if made is None:
            return None
        state, market, row = self.state, self.slab.market, self.state.sleeves[seat]
        account, policy = state.accounts[0], self.rules.policies[row.policy]
        kept_u = int(account.committed_u)
        code = _judge(made, state, market, policy)
        account.committed_u = kept_u
        half, quote = int(made.legs) // 2, market.quotes[new]
        touch_u = int(_net_u(market, made))
        day = int(market.sessions[0].day)
        dte = int(quote.expiry) - day
        stress_u = _loss_u(market, made, half, made.legs, 1, row.underlying, policy)
        return Candidate(
            legs=tuple(
                Leg(self._option(int(made.contract[leg])), int(made.change[leg]))
                for leg in range(made.legs)
            ),
            winged=half - 1, dte=dte, strike_u=int(quote.strike_u), delta=float(quote.delta),
            touch_u=touch_u, mid_u=_mids_u(made, market.quotes),
            breakeven_u=self._breakeven_u(row, slot, int(quote.strike_u), touch_u),
            yearly=touch_u / int(quote.strike_u) * DAYS_A_YEAR / dte,
            stress_u=int(stress_u), why=_why(int(code), touch_u, policy),
        )  # fmt: skip

    def _wished(self, seat: int, slot: int, new: int, block: tuple[int, int]) -> Any:  # noqa: ANN401
        """A roll as the step would wish it, a row of Decision; None without its long leg."""
        row, quotes = self.state.sleeves[seat], self.slab.market.quotes
        beside = LONG_CALL if slot == SHORT_CALL else LONG_PUT
        made, quantity = self._made, int(row.quantity[slot])
        clear(made, 0, seat)
        wish(made, ROLL, reason.HAND)
        made.quantity = -quantity
        key, wing = int(row.contract[slot]), NO_ROW
        add_leg(made, slot, int(row.row[slot]), key, -quantity)
        if row.quantity[beside] > 0:
            if row.row[beside] < 0 or quotes[row.row[beside]].bid_u <= 0:
                return None
            away = strike_of(int(row.contract[beside])) - strike_of(key)
            wing = self._beside(new, int(away), block)
            if wing == NO_ROW:
                return None
            sold = -int(row.quantity[beside])
            add_leg(made, beside, int(row.row[beside]), int(row.contract[beside]), sold)
        add_leg(made, ROLL_SHORT, new, int(quotes[new].contract), quantity)
        if wing != NO_ROW:
            add_leg(made, ROLL_LONG, wing, int(quotes[wing].contract), -quantity)
        return made

    def _beside(self, new: int, away_u: int, block: tuple[int, int]) -> int:
        """The row of the long leg, as far from the new short one as from the old."""
        quotes = self.slab.market.quotes
        key = int(quotes[new].contract)
        strike_u = int(quotes[new].strike_u) + away_u
        if strike_u <= 0:
            return NO_ROW
        wanted = pack(int(root_of(key)), int(quotes[new].expiry), int(right_of(key)), strike_u)
        found = int(_search(quotes, *block, wanted))
        return found if found != NO_ROW and offered(quotes[found]) else NO_ROW

    def _breakeven_u(self, row: Sleeve, slot: int, strike_u: int, net_u: int) -> int:
        """Where the campaign neither earns nor loses at the new expiry, a share."""
        multiplier = int(self.slab.market.terms[row.underlying].multiplier)
        if row.shares > 0:
            return int(share_money_u(row)) // int(row.shares) - net_u
        units = abs(int(row.quantity[slot])) * multiplier
        credit_u = int(row.credit_u) // units + net_u
        return strike_u + (credit_u if slot == SHORT_CALL else -credit_u)

    def _option(self, key: int) -> str:
        return unpack(key, self.slab.instruments[int(root_of(key)) - 1].root).osi()


def _mids_u(made: Decision, quotes: Any) -> int:  # noqa: ANN401  rows of quotes
    """What a roll brings at the middle, a share of one contract."""
    total_u = 0
    for leg in range(made.legs):
        quote: Quote = quotes[made.row[leg]]
        total_u += int(mid_u(quote)) * (-1 if made.change[leg] > 0 else 1)
    return total_u


def _why(code: int, touch_u: int, policy: Policy) -> str:
    """Why a roll may not be taken, or nothing."""
    if code != APPROVED:
        return reason.TEXTS[code]
    if policy.roll_for_credit and touch_u <= 0:
        return "it brings no credit at the touch, which the policy asks of a roll"
    return ""
