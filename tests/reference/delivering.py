"""Delivery (docs/session.md, Evening): what an account's cash does not carry is let go at once."""

from reference.choosing import exercisable, exercising
from reference.filling import trade_shares
from reference.given import CALL, CASH_SECURED, PUT
from reference.prices import inside_u
from reference.securing import reserved_u, secured_of
from reference.settling import exercise
from reference.state import LONGS, SHORTS, Account, Part, Sleeve, State, Wish, tell


def deliver_all(state: State) -> None:
    """Every account meets its deliveries."""
    for account in state.accounts:
        for sleeve in state.of(account):
            if wanting(state, account) and (sleeve.shares < 0 or not state.keeps(sleeve)):
                deliver(state, account, sleeve)
            elif cash_only(state, account):
                bare = secured_of(state, sleeve).naked_shares
                if bare:
                    trade(state, sleeve, bare)
        for sleeve in state.of(account):
            spare = sleeve.shares - sleeve.held("short call") * state.terms(sleeve).mult
            if account.cash_u < 0 and spare > 0:
                trade(state, sleeve, -spare)


def cash_only(state: State, account: Account) -> bool:
    """Whether an account may owe nothing but cash, so that it may not stay short of shares."""
    return state.limits(account.number).collateral == CASH_SECURED


def wanting(state: State, account: Account) -> bool:
    """Whether cash is under what the account has reserved."""
    return account.cash_u < sum(reserved_u(state, sleeve) for sleeve in state.of(account))


def deliver(state: State, account: Account, sleeve: Sleeve) -> None:
    """Long options end as many whole lots as they can; then the rest is traded."""
    if not state.terms(sleeve).physical:
        deliver_cash(state, account, sleeve)
        return
    right = CALL if sleeve.shares < 0 else PUT
    lots = exercisable(state, sleeve, right)
    if lots:
        wish = exercising(state, sleeve, right, lots)._replace(name="delivery")
        tell(state, wish, "approved")
        exercise(state, sleeve, LONGS[right], lots, state.close_u(sleeve))
    if sleeve.shares and wanting(state, account):
        trade(state, sleeve, -sleeve.shares)


def deliver_cash(state: State, account: Account, sleeve: Sleeve) -> None:
    """American long options in the money that protect no short ones any more are exercised."""
    for right in (PUT, CALL):
        slot = LONGS[right]
        spare = sleeve.held(slot) - sleeve.held(SHORTS[right])
        if spare <= 0 or not state.terms(sleeve).american or not wanting(state, account):
            continue
        contract = sleeve.legs[slot].contract
        if inside_u(contract, state.close_u(sleeve)) > 0:
            part = Part(slot, contract, -spare)
            tell(state, Wish(sleeve.number, "exercise", "delivery", (part,)), "approved")
            exercise(state, sleeve, slot, spare, state.close_u(sleeve))


def trade(state: State, sleeve: Sleeve, shares: int) -> None:
    """Buy or sell shares at once."""
    tell(state, Wish(sleeve.number, "shares", "delivery", shares=shares), "approved")
    trade_shares(state, sleeve, shares)
