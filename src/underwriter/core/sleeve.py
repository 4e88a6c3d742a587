"""Accounts, sleeves and facts; `apply` is the only transition there is.

A sleeve is the capital that one policy runs on one underlying, or one rung of a ladder on it:
shares, four leg slots, and two more for the incoming legs of a roll.  `credit_u` is the total
money of the running campaign, every flow in it: premiums, fees, shares bought and sold,
dividends.  When a sleeve is flat its campaign is over and `credit_u` moves to `realised_u`.

    sell 1 put 95 at 1.36     credit_u  +136     leg -1
    assigned                  credit_u -9364     100 shares, breakeven 93.64 a share
    called away at 97         credit_u  +336     flat: the campaign earned 336

A roll opens its legs in two slots of their own before the old ones are closed, so that the campaign
goes on; when those are gone the new ones move into their slots, which moves no money.

A split moves no money.  It is a fact a leg, which adds contracts and names the new one, and a
fact for the shares: the campaign goes on, and what it cost is divided by more shares.
"""

from typing import Annotated, NamedTuple

import numpy as np

from underwriter.core.contract import CALL, NONE, right_of
from underwriter.core.kernel import kernel
from underwriter.core.record import I8, Row, Rows, columns, rows

SHORT_PUT, LONG_PUT, SHORT_CALL, LONG_CALL, ROLL_SHORT, ROLL_LONG = range(6)
SLOTS = 6
NEVER = -(1 << 40)  # a session before all others


class Account(Row):
    """One pool of cash, and what was last marked of it."""

    cash_u: int
    peak_u: int  # highest equity marked so far
    equity_u: int  # as last marked, like all below but the last
    reserved_u: int  # cash that positions may come to need, with what is kept for their fees
    puts_u: int  # of it, for short puts
    margin_u: int  # buying power in use
    committed_u: int  # spoken for by what was approved in this session


class Sleeve(Row):
    """Capital that one policy runs on one underlying."""

    account: int
    underlying: int
    policy: int
    campaign: int  # how many were begun
    rolls: int  # of the running campaign
    lost: int  # the session on which a campaign last ended with a loss, or NEVER
    shares: int  # negative: sold short
    legs: int  # slots in use
    credit_u: int  # all money of the running campaign
    realised_u: int  # of the campaigns that are over
    contract: Annotated[I8, SLOTS]
    quantity: Annotated[I8, SLOTS]  # signed: short is negative
    row: Annotated[I8, SLOTS]  # where each leg was last quoted: a hint, never relied on
    amount_u: Annotated[I8, SLOTS]  # money at opening, fees in it: credits positive


UNKNOWN = -1  # the column before the first known measure


class Regime(Row):
    """Which regime one policy is in on one underlying."""

    column: int  # in force, or UNKNOWN
    now: int  # the effective one of the session last decided
    pending: int  # sessions in a row that asked for a higher (+) or lower (-) column


# kinds of facts
DEPOSIT, INTEREST, FILL, EXPIRED, ASSIGNED, SETTLED, DIVIDEND, SPLIT, MOVED, RENAMED = range(10)
ACCOUNT_WIDE = -1  # the sleeve of a fact that belongs to no sleeve


class Fact(NamedTuple):
    """Something that happened.  Quantities are signed changes, money is signed cash."""

    kind: int
    session: int
    account: int
    sleeve: int
    slot: int
    contract: int  # as it is from now on
    quantity: int  # change of the leg, in contracts
    shares: int
    amount_u: int  # before fees
    fee_u: int  # not negative
    price_u: int  # a share: the fill, the settlement price, the dividend


class BookState(NamedTuple):
    """The state that `step` decides on and facts change.

    `exposure_u` (accounts, underlyings) is what positions secure and shares are worth.
    """

    accounts: Rows[Account]
    sleeves: Rows[Sleeve]
    regimes: Rows[Regime]  # (policies, underlyings)
    exposure_u: I8


@kernel
def is_flat(sleeve: Sleeve) -> bool:
    """Whether the sleeve holds nothing: no campaign is running."""
    return sleeve.shares == 0 and sleeve.legs == 0


@kernel
def same_ladder(one: Sleeve, other: Sleeve) -> bool:
    """Whether two sleeves are rungs of one policy on one underlying in one account."""
    return (
        one.account == other.account
        and one.policy == other.policy
        and one.underlying == other.underlying
    )


@kernel
def _move_leg(sleeve: Sleeve, slot: int, contract: int, quantity: int, net_u: int) -> None:
    """Open, add to, reduce or empty a leg; what is left keeps its share of the opening money.

    What adds to a leg names the contract that the whole of it is from then on.
    """
    held = sleeve.quantity[slot]
    left = held + quantity
    if held == 0 or (held > 0) == (quantity > 0):
        sleeve.contract[slot] = contract
        sleeve.amount_u[slot] += net_u
    else:
        sleeve.amount_u[slot] = sleeve.amount_u[slot] * left // held
    sleeve.quantity[slot] = left
    sleeve.legs += int(left != 0) - int(held != 0)
    if left == 0:
        sleeve.contract[slot] = NONE


@kernel
def home_of(slot: int, contract: int) -> int:
    """The slot that an incoming leg of a roll moves into."""
    if slot == ROLL_SHORT:
        return SHORT_CALL if right_of(contract) == CALL else SHORT_PUT
    return LONG_CALL if right_of(contract) == CALL else LONG_PUT


@kernel
def _move_in(sleeve: Sleeve, slot: int) -> None:
    """Let the incoming leg of a roll take the place of the old one, which is closed."""
    to = home_of(slot, sleeve.contract[slot])
    sleeve.contract[to], sleeve.contract[slot] = sleeve.contract[slot], NONE
    sleeve.quantity[to], sleeve.quantity[slot] = sleeve.quantity[slot], 0
    sleeve.amount_u[to], sleeve.amount_u[slot] = sleeve.amount_u[slot], 0
    if slot == ROLL_SHORT:
        sleeve.rolls += 1


@kernel
def apply(sleeve: Sleeve, fact: Fact) -> None:
    """Change a sleeve by one fact: the only transition, for the engine and for the fold."""
    if fact.kind == MOVED:
        _move_in(sleeve, fact.slot)
        return
    if fact.kind == RENAMED:  # a contract goes by another name from now on
        sleeve.contract[fact.slot] = fact.contract
        return
    if is_flat(sleeve) and (fact.quantity != 0 or fact.shares != 0):
        sleeve.campaign += 1
    net_u = fact.amount_u - fact.fee_u
    if fact.quantity != 0:
        _move_leg(sleeve, fact.slot, fact.contract, fact.quantity, net_u)
    sleeve.shares += fact.shares
    sleeve.credit_u += net_u
    if is_flat(sleeve):
        sleeve.realised_u += sleeve.credit_u
        if sleeve.credit_u < 0:
            sleeve.lost = fact.session
        sleeve.credit_u = 0
        sleeve.rolls = 0


@kernel
def record(book: BookState, fact: Fact) -> None:
    """Change a book by one fact: the account's cash, and the sleeve where there is one."""
    book.accounts[fact.account].cash_u += fact.amount_u - fact.fee_u
    if fact.sleeve >= 0:
        apply(book.sleeves[fact.sleeve], fact)


@kernel
def is_turn(book: BookState, at: int) -> bool:
    """Whether a flat sleeve is the first flat rung of its ladder: one rung opens at a time."""
    sleeve = book.sleeves[at]
    if not is_flat(sleeve):
        return True
    for i in range(at):
        if is_flat(book.sleeves[i]) and same_ladder(sleeve, book.sleeves[i]):
            return False
    return True


@kernel
def cools(book: BookState, at: int, session: int, cooldown: int) -> bool:
    """Whether a rung of a sleeve's ladder has ended with a loss that few sessions ago."""
    for i in range(book.sleeves.shape[0]):
        other = book.sleeves[i]
        if same_ladder(book.sleeves[at], other) and session - other.lost <= cooldown:
            return True
    return False


@kernel
def share_money_u(sleeve: Sleeve) -> int:
    """What the campaign's shares have cost so far: its money without premiums still open.

    Divided by the shares this is the breakeven; a call that may yet be bought back does not
    lower it.
    """
    open_u = 0
    for slot in range(SLOTS):
        open_u += sleeve.amount_u[slot]
    return open_u - sleeve.credit_u


def new_book(accounts: int, sleeves: int, policies: int, underlyings: int) -> BookState:
    """An empty book; the caller names each sleeve's account, underlying and policy."""
    state = BookState(
        rows(Account, accounts),
        rows(Sleeve, sleeves),
        rows(Regime, policies, underlyings),
        np.zeros((accounts, underlyings), np.int64),
    )
    columns(state.sleeves)["lost"] = NEVER
    columns(state.regimes)["column"] = UNKNOWN
    return state
