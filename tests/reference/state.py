"""The state (docs/session.md): what a run holds, what can be looked up in it, what changes it.

A leg's quantity is negative where it is short.  The strategies sell puts and calls, so a sleeve has
one leg of each right.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from reference.given import Case, Column, Contract, Policy, Quote, Session, Terms
from reference.prices import CENT_U, rounded

# --- what is told --------------------------------------------------------------------------------


class Event(NamedTuple):
    """A line of the trade log."""

    session: int
    kind: str
    account: int
    sleeve: int  # -1: the account's
    contract: Contract | None = None
    quantity: int = 0
    shares: int = 0
    amount_u: int = 0
    fee_u: int = 0
    price_u: int = 0


class Wish(NamedTuple):
    """What a sleeve asks for, in contracts or shares; or why it asks for nothing, with none."""

    sleeve: int
    name: str
    contract: Contract | None
    quantity: int


class Verdict(NamedTuple):
    """What became of a wish: "approved", or the reason it was refused or came to nothing."""

    session: int
    sleeve: int
    wish: str
    contract: Contract | None
    quantity: int
    verdict: str


# --- what changes --------------------------------------------------------------------------------


@dataclass
class Leg:
    """An open option position."""

    contract: Contract
    quantity: int
    opening_u: int


@dataclass
class Sleeve:
    """What one policy runs on one underlying."""

    number: int
    account: int
    underlying: int
    policy: int
    shares: int = 0
    money_u: int = 0
    realised_u: int = 0
    campaigns: int = 0
    legs: dict[int, Leg] = field(default_factory=dict)  # by right

    @property
    def flat(self) -> bool:
        """Whether it holds no shares and no leg."""
        return self.shares == 0 and not self.legs

    def in_order(self) -> list[Leg]:
        """Its legs, the put before the call."""
        return [leg for _, leg in sorted(self.legs.items())]


@dataclass
class Account:
    """One pool of cash and what was last marked of it."""

    number: int
    cash_u: int = 0
    equity_u: int = 0
    peak_u: int = 0
    reserved_u: int = 0
    committed_u: int = 0
    exposure_u: dict[int, int] = field(default_factory=dict)  # by underlying


@dataclass
class Regime:
    """The column a policy keeps, the one in force, and the sessions that asked for another."""

    kept: int = -1  # before the first known measure
    force: int = 0
    asked: int = 0  # sessions in a row: higher is positive, lower negative


class State:
    """A case on one of its sessions, with all that came of it so far."""

    def __init__(self, case: Case) -> None:
        self.case, self.at = case, 0
        self.sleeves = [Sleeve(number, *names) for number, names in enumerate(case.sleeves)]
        self.accounts = [Account(number) for number in range(len(case.deposits_u))]
        self.regimes = [Regime() for _ in case.policies]
        self.orders: list[Wish] = []  # approved and not yet filled
        self.log: list[Event] = []
        self.verdicts: list[Verdict] = []

    @property
    def now(self) -> Session:
        """The session that is now."""
        return self.case.sessions[self.at]

    def terms(self, sleeve: Sleeve) -> Terms:
        """What the options on a sleeve's underlying are."""
        return self.case.terms[sleeve.underlying]

    def policy(self, sleeve: Sleeve) -> Policy:
        """What a sleeve is run by."""
        return self.case.policies[sleeve.policy]

    def column(self, sleeve: Sleeve) -> Column:
        """What a sleeve's policy does in the regime in force."""
        return self.policy(sleeve).columns[self.regimes[sleeve.policy].force]

    def close_u(self, sleeve: Sleeve) -> int:
        """Today's close of a sleeve's underlying."""
        return self.now.close_u[sleeve.underlying]

    def quotes(self, sleeve: Sleeve, right: int) -> list[Quote]:
        """Today's rows of one right on a sleeve's underlying, by expiry and strike."""
        return self.now.quotes.get((sleeve.underlying, right), [])

    def quote(self, sleeve: Sleeve, contract: Contract) -> Quote | None:
        """Today's row of a contract, where there is one."""
        rows = self.quotes(sleeve, contract.right)
        return next((row for row in rows if row.contract == contract), None)

    def years(self, expiry: int) -> float:
        """The time from today to an expiry."""
        return (expiry - self.now.day) / 365


# --- what changes it -----------------------------------------------------------------------------


def book(state: State, event: Event) -> None:
    """Write an event down and let its account have the money."""
    state.log.append(event)
    state.accounts[event.account].cash_u += event.amount_u - event.fee_u


def happen(
    state: State, sleeve: Sleeve, kind: str, contract: Contract | None = None, **figures: int
) -> None:
    """Let something happen to a sleeve; `figures` are the other fields of the event."""
    event = Event(state.at, kind, sleeve.account, sleeve.number, contract, **figures)
    net_u = event.amount_u - event.fee_u
    book(state, event)
    sleeve.campaigns += sleeve.flat
    if contract and contract.right in sleeve.legs:  # legs are only closed whole
        del sleeve.legs[contract.right]
    elif contract:
        sleeve.legs[contract.right] = Leg(contract, event.quantity, net_u)
    sleeve.shares += event.shares
    sleeve.money_u += net_u
    if sleeve.flat:
        sleeve.realised_u += sleeve.money_u
        sleeve.money_u = 0


def become(state: State, sleeve: Sleeve, times: int) -> None:
    """Let what a sleeve holds split: the legs, then the shares."""
    log = state.log.append
    if times == 1:
        return
    for leg in sleeve.in_order():
        expiry, right, strike_u = leg.contract
        cents = rounded(strike_u / times / CENT_U)
        leg.contract = Contract(expiry, right, cents * CENT_U)
        before, leg.quantity = leg.quantity, leg.quantity * times
        more = leg.quantity - before
        log(Event(state.at, "split", sleeve.account, sleeve.number, leg.contract, quantity=more))
    before, sleeve.shares = sleeve.shares, sleeve.shares * times
    if before:
        more = sleeve.shares - before
        log(Event(state.at, "split", sleeve.account, sleeve.number, shares=more))


def tell(state: State, wish: Wish, verdict: str) -> None:
    """Write down what became of a wish."""
    state.verdicts.append(Verdict(state.at, *wish, verdict))
