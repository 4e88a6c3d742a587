"""Secured (docs/session.md, Marking): the cash that a sleeve may need, and what is naked."""

from dataclasses import dataclass
from typing import NamedTuple

from reference.given import PUT, Contract, Known, Terms
from reference.state import SLOTS, Sleeve, State


@dataclass(frozen=True)
class Holding:
    """What a sleeve holds or one unit of an entry would: shares, and legs by slot."""

    shares: int
    contracts: dict[str, int]  # never negative
    strike_u: dict[str, int]
    expiry: dict[str, int]

    def pairs(self, short: str, long: str, contracts: int) -> int:
        """How many of some short contracts have a long one that expires no sooner."""
        if short not in self.contracts or long not in self.contracts:
            return 0
        if self.expiry[long] < self.expiry[short]:
            return 0
        return min(contracts, self.contracts[long])

    def count(self, slot: str) -> int:
        """The contracts of a slot."""
        return self.contracts.get(slot, 0)


def holding_of(sleeve: Sleeve) -> Holding:
    """What a sleeve holds, with the legs of a roll in their places."""
    legs = {slot: sleeve.legs[slot] for slot in SLOTS if slot in sleeve.legs}
    return Holding(
        sleeve.shares,
        {slot: abs(leg.quantity) for slot, leg in legs.items()},
        {slot: leg.contract.strike_u for slot, leg in legs.items()},
        {slot: leg.contract.expiry for slot, leg in legs.items()},
    )


class Secured(NamedTuple):
    """The cash that may come to be needed: for short puts, short calls and shares sold short."""

    puts_u: int
    total_u: int
    naked_calls: int  # contracts
    naked_shares: int


def secured_of(state: State, sleeve: Sleeve) -> Secured:
    """What a sleeve secures today."""
    known, close_u = state.known(sleeve), state.close_u(sleeve)
    return secured(holding_of(sleeve), state.terms(sleeve), close_u, known)


def secured(holding: Holding, terms: Terms, close_u: int, known: Known) -> Secured:
    """What a holding secures, at a close and with what is known of the next dividend."""
    mult, shares = terms.mult, holding.shares
    dividend_u = known.next_dividend_u if known.next_ex > 0 else 0
    puts = holding.count("short put")
    put_pairs = holding.pairs("short put", "long put", puts)
    puts_u = (puts - put_pairs) * strike(holding, "short put") * mult
    if put_pairs:
        width_u = holding.strike_u["short put"] - holding.strike_u["long put"]
        puts_u += put_pairs * max(width_u, 0) * mult
    calls = holding.count("short call")
    bare = calls - min(calls, max(shares, 0) // mult)
    call_pairs = holding.pairs("short call", "long call", bare)
    calls_u = (bare - call_pairs) * 2 * close_u * mult
    if call_pairs:
        width_u = holding.strike_u["long call"] - holding.strike_u["short call"]
        calls_u += call_pairs * max(width_u, 0) * mult
    if bare and terms.american and terms.physical and known.next_ex > 0:
        calls_u += bare * mult * dividend_u * (known.next_ex <= holding.expiry["short call"])
    sold = max(-shares, 0)
    held = min(sold, (holding.count("long call") - call_pairs) * mult)
    shares_u = held * strike(holding, "long call") + (sold - held) * 2 * close_u
    shares_u += sold * dividend_u
    one_loses = (
        not terms.american
        and puts_u > 0
        and calls_u > 0
        and holding.expiry["short put"] == holding.expiry["short call"]
        and (puts, bare) == (put_pairs, call_pairs)
    )
    options_u = max(puts_u, calls_u) if one_loses else puts_u + calls_u
    return Secured(puts_u, options_u + shares_u, bare - call_pairs, sold - held)


def ceiling_u(state: State, sleeve: Sleeve, contract: Contract) -> int:
    """What no option is ever worth more than: a call's share, a put's strike."""
    return contract.strike_u if contract.right == PUT else state.close_u(sleeve)


def strike(holding: Holding, slot: str) -> int:
    """The strike of a slot; 0 where it is empty."""
    return holding.strike_u.get(slot, 0)


def reserved_u(state: State, sleeve: Sleeve) -> int:
    """What a sleeve has in reserved: what it secures and what its contracts may cost in fees."""
    contracts = sum(holding_of(sleeve).contracts.values())
    fees_u = contracts * state.limits(sleeve.account).fee_reserve_u
    return secured_of(state, sleeve).total_u + fees_u
