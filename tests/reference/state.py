"""The state (docs/session.md): what a run holds, what can be looked up in it, what changes it.

A sleeve's legs are kept by their slot, in the order of `SLOTS`; a roll opens its legs in "new
short" and "new long" and moves them.  A leg's quantity is negative where it is short.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from reference.given import (
    CALL,
    COLLAR,
    COVERED_CALL,
    PUT,
    WHEEL,
    Case,
    Column,
    Contract,
    Fees,
    Known,
    Limits,
    Own,
    Policy,
    Quote,
    Session,
    Terms,
)
from reference.prices import CENT_U, rounded

SLOTS = ("short put", "long put", "short call", "long call")
COMING = ("new short", "new long")  # the legs of a roll, until the old ones are closed
SHORTS = {PUT: "short put", CALL: "short call"}
LONGS = {PUT: "long put", CALL: "long call"}
KEEPERS = {WHEEL, COVERED_CALL, COLLAR}

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


class Part(NamedTuple):
    """A leg of a wish: how many contracts its slot is to gain (of a unit, until it is sized)."""

    slot: str
    contract: Contract
    change: int


class Wish(NamedTuple):
    """What a sleeve asks for and why; an action of "hold" asks for nothing."""

    sleeve: int
    action: str  # hold, open, close, roll, shares, exercise
    name: str
    parts: tuple[Part, ...] = ()
    shares: int = 0
    net_u: int = 0  # a share: what an entry brings at bid and ask, what a roll does


class Verdict(NamedTuple):
    """What became of a wish: "approved", or the reason it was refused or came to nothing."""

    session: int
    sleeve: int
    wish: str
    verdict: str
    shares: int
    parts: tuple[Part, ...]


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
    rolls: int = 0
    losses: list[int] = field(default_factory=list)  # sessions on which a campaign ended with one
    legs: dict[str, Leg] = field(default_factory=dict)  # by slot

    @property
    def flat(self) -> bool:
        """Whether it holds no shares and no leg."""
        return self.shares == 0 and not self.legs

    def in_order(self) -> list[tuple[str, Leg]]:
        """Its legs with their slots, in the order of the slots."""
        return [(slot, self.legs[slot]) for slot in (*SLOTS, *COMING) if slot in self.legs]

    def held(self, slot: str) -> int:
        """How many contracts stand in a slot, never negative."""
        return abs(self.legs[slot].quantity) if slot in self.legs else 0

    @property
    def has_short(self) -> bool:
        """Whether an option is sold."""
        return "short put" in self.legs or "short call" in self.legs


@dataclass
class Account:
    """One pool of cash and what was last marked of it."""

    number: int
    cash_u: int = 0
    equity_u: int = 0
    peak_u: int = 0
    reserved_u: int = 0
    puts_u: int = 0
    margin_u: int = 0
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
        self.regimes = {
            (policy, underlying): Regime()
            for policy in range(len(case.policies))
            for underlying in range(len(case.terms))
        }
        self.orders: list[Wish] = []  # approved and not yet filled, in the order decided
        self.taken: dict[tuple[int, int], int] = {}  # shares that this session approved
        self.log: list[Event] = []
        self.verdicts: list[Verdict] = []

    @property
    def now(self) -> Session:
        """The session that is now."""
        return self.case.sessions[self.at]

    def of(self, account: Account) -> list[Sleeve]:
        """The sleeves of an account, in order."""
        return [sleeve for sleeve in self.sleeves if sleeve.account == account.number]

    def terms(self, sleeve: Sleeve) -> Terms:
        """What the options on a sleeve's underlying are."""
        return self.case.terms[sleeve.underlying]

    def policy(self, sleeve: Sleeve) -> Policy:
        """What a sleeve is run by."""
        return self.case.policies[sleeve.policy]

    def own(self, sleeve: Sleeve) -> Own:
        """The prices decided beforehand."""
        return self.case.owns.get((sleeve.policy, sleeve.underlying), Own())

    def limits(self, account: int) -> Limits:
        """What binds an account."""
        return self.case.limits[account]

    def keeps(self, sleeve: Sleeve) -> bool:
        """Whether its strategy keeps shares."""
        return self.policy(sleeve).strategy in KEEPERS

    def column(self, sleeve: Sleeve) -> Column:
        """What a sleeve's policy does in the regime in force."""
        force = self.regimes[sleeve.policy, sleeve.underlying].force
        return self.policy(sleeve).column(force)

    def known(self, sleeve: Sleeve) -> Known:
        """What is known today of a sleeve's underlying."""
        return self.now.known[sleeve.underlying]

    def fees(self, sleeve: Sleeve) -> Fees:
        """Today's fees for a sleeve's underlying."""
        return self.now.fees[self.terms(sleeve).broad]

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

    def dte(self, contract: Contract) -> int:
        """The days from today to an expiry."""
        return contract.expiry - self.now.day

    def years(self, contract: Contract) -> float:
        """The time from today to an expiry."""
        return self.dte(contract) / 365


# --- what changes it -----------------------------------------------------------------------------


def book(state: State, event: Event) -> None:
    """Write an event down and let its account have the money."""
    state.log.append(event)
    state.accounts[event.account].cash_u += event.amount_u - event.fee_u


def happen(
    state: State,
    sleeve: Sleeve,
    kind: str,
    slot: str = "",
    contract: Contract | None = None,
    **figures: int,
) -> None:
    """Let something happen to a sleeve; `figures` are the other fields of the event."""
    event = Event(state.at, kind, sleeve.account, sleeve.number, contract, **figures)
    book(state, event)
    sleeve.campaigns += sleeve.flat
    take(sleeve, slot, event)


def take(sleeve: Sleeve, slot: str, event: Event) -> None:
    """Change a sleeve by an event; what is left of a leg keeps its share of the opening money."""
    net_u = event.amount_u - event.fee_u
    if slot in sleeve.legs:
        leg = sleeve.legs[slot]
        left = leg.quantity + event.quantity
        leg.opening_u = leg.opening_u * left // leg.quantity
        leg.quantity = left
        if left == 0:
            del sleeve.legs[slot]
    elif event.contract:
        sleeve.legs[slot] = Leg(event.contract, event.quantity, net_u)
    sleeve.shares += event.shares
    sleeve.money_u += net_u
    if sleeve.flat:
        sleeve.losses += [event.session] * (sleeve.money_u < 0)
        sleeve.realised_u += sleeve.money_u
        sleeve.money_u = sleeve.rolls = 0


def move_in(state: State, sleeve: Sleeve) -> None:
    """Let the legs of a roll take the places of the old ones; it counts as one roll."""
    for slot, homes in (("new short", SHORTS), ("new long", LONGS)):
        leg = sleeve.legs.pop(slot, None)
        if leg:
            sleeve.legs[homes[leg.contract.right]] = leg
            line = Event(state.at, "moved", sleeve.account, sleeve.number, leg.contract)
            state.log.append(line)
    sleeve.rolls += 1


def become(state: State, sleeve: Sleeve, times: int) -> None:
    """Let what a sleeve holds split: the legs, then the shares."""
    log = state.log.append
    if times == 1:
        return
    for _, leg in sleeve.in_order():
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
    line = Verdict(state.at, wish.sleeve, wish.name, verdict, wish.shares, wish.parts)
    state.verdicts.append(line)
