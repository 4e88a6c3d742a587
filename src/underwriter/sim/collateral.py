"""What a trade ties up, with any number of legs: how they pair, and what the pairs need.

Shares cover short calls, the lowest strikes first.  Options held cover short ones of the same right
that do not outlive them, the dearest first.  Pairs of both sides that expire together are condors,
what is left alone on both sides strangles, and puts that cover nothing protect shares.  Every part
is then a sleeve of `core.margin`.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from underwriter.core import margin
from underwriter.core.margin import NO_LEG
from underwriter.core.units import MICRO, to_u
from underwriter.sim.payoff import rise
from underwriter.sim.position import Leg, Position

CALL, PUT = 1, -1  # signs


class Margin(NamedTuple):
    """Collateral in the account's currency; None: a cash account may not hold it."""

    cash_secured: float | None
    reg_t_initial: float
    reg_t_maintenance: float


class Pair(NamedTuple):
    """So many contracts of a leg, and what covers them, if anything."""

    contracts: int
    sold: Leg  # or held, where it waits for something to cover
    held: Leg | None


class Part(NamedTuple):
    """One sleeve: contracts in its four slots, and shares."""

    shares: int = 0
    short_put: margin.Leg = NO_LEG
    long_put: margin.Leg = NO_LEG
    short_call: margin.Leg = NO_LEG
    long_call: margin.Leg = NO_LEG


def margin_of(position: Position, rate: float, *, cash_settled: bool) -> Margin:
    """Collateral in a cash account and under Reg T; `rate` is EQUITY or BROAD_INDEX."""
    most, debit = largest_claim(position), max(0.0, -position.credit)
    opening, kept = _reg_t(position, rate)
    return Margin(
        _cash_secured(position, most if cash_settled else math.inf),
        _cent(min(opening, most) + debit),
        _cent(min(kept, most)),
    )


def _reg_t(position: Position, rate: float) -> tuple[float, float]:
    """To open and to keep: as the legs pair, or without those held where that asks for less."""
    sold = position._replace(legs=tuple(leg for leg in position.legs if leg.quantity < 0))
    asked = []
    for each in (position, sold):
        slots = [(part.shares, *part[1:], each.multiplier) for part in _parts(each)]
        spot_u = to_u(each.spot)
        opening_u = sum(margin.opening_u(spot_u, rate, *slot) for slot in slots)
        kept_u = sum(margin.reg_t_u(spot_u, rate, *slot) for slot in slots)
        asked.append((opening_u / MICRO, kept_u / MICRO))
    opening, kept = zip(*asked, strict=True)
    return min(opening), min(kept)


def largest_claim(position: Position) -> float:
    """The most that the options may ask for at expiry, what they bring in not counted.

    No bound where shares stand beside them or they expire at different times.
    """
    if position.shares or position.living or rise(position) < 0:
        return math.inf
    spots = np.array([0.0, *(leg.option.strike for leg in position.legs)])
    paid = np.zeros(len(spots))
    for leg in position.legs:
        sign, strike, _ = leg.option
        paid += position.multiplier * leg.quantity * np.maximum(sign * (spots - strike), 0.0)
    return max(0.0, -float(paid.min()))


def _cash_secured(position: Position, most: float) -> float | None:
    """Shares paid for, strikes of short puts alone, widths of spreads, what the options cost.

    None for shares or calls sold that nothing covers.
    """
    if position.shares < 0:
        return None
    _, puts, calls, _ = _pairs(position)
    if any(pair.held is None for pair in calls):
        return None
    strikes = sum(pair.contracts * _at_risk(pair) for pair in [*puts, *calls])
    secured = min(position.multiplier * strikes, most)
    return _cent(position.shares * position.spot + secured + max(0.0, -position.credit))


def _at_risk(pair: Pair) -> float:
    """What a short option may cost a share: of a spread its width, of a put alone its strike."""
    sold = pair.sold.option
    if pair.held is None:
        return sold.strike
    return max(sold.sign * (pair.held.option.strike - sold.strike), 0.0)


def _cent(amount: float) -> float:
    """Whole cents."""
    return round(amount, 2)


class Pairs(NamedTuple):
    """How the legs of a position stand together."""

    covered: list[Pair]  # calls, by shares
    puts: list[Pair]
    calls: list[Pair]
    free: list[Pair]  # puts held that cover no short put


def _pairs(position: Position) -> Pairs:
    """Shares cover calls first; then options held cover what is sold."""
    short_calls = _sorted(position, CALL, sold=True)
    covered, bare = _take(short_calls, max(position.shares, 0) // position.multiplier)
    calls, _ = _paired(bare, _sorted(position, CALL, sold=False))
    puts, free = _paired(_sorted(position, PUT, sold=True), _sorted(position, PUT, sold=False))
    return Pairs(covered, puts, calls, free)


def _parts(position: Position) -> list[Part]:
    """The sleeves that the position falls into."""
    covered, puts, calls, free = _pairs(position)
    return [*_both_sides(puts, calls), *_with_shares(position, covered, free)]


def _sorted(position: Position, sign: int, *, sold: bool) -> list[Pair]:
    """Legs of one right and side, the dearest strikes first."""
    legs = [leg for leg in position.legs if leg.option.sign == sign and (leg.quantity < 0) == sold]
    legs.sort(key=lambda leg: sign * leg.option.strike)
    return [Pair(abs(leg.quantity), leg, None) for leg in legs]


def _take(pairs: Sequence[Pair], count: int) -> tuple[list[Pair], list[Pair]]:
    """The first so many contracts, and the rest."""
    first, rest = [], []
    for pair in pairs:
        taken = min(pair.contracts, count)
        count -= taken
        first += [pair._replace(contracts=taken)] if taken else []
        rest += [pair._replace(contracts=pair.contracts - taken)] if taken < pair.contracts else []
    return first, rest


def _paired(sold: Sequence[Pair], held: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    """What is sold with what covers it, and what is held and covers nothing."""
    left = [pair.contracts for pair in held]
    pairs = []
    for pair in sold:
        count = pair.contracts
        for n, cover in enumerate(held):
            lives = cover.sold.option.years >= pair.sold.option.years
            taken = min(count, left[n]) if lives else 0
            if taken:
                pairs.append(Pair(taken, pair.sold, cover.sold))
            count, left[n] = count - taken, left[n] - taken
        if count:
            pairs.append(Pair(count, pair.sold, None))
    free = [pair._replace(contracts=n) for pair, n in zip(held, left, strict=True) if n]
    return pairs, free


def _both_sides(puts: Sequence[Pair], calls: Sequence[Pair]) -> list[Part]:
    """Condors and strangles, and what of either side stands alone."""
    parts, left = [], [pair.contracts for pair in calls]
    for put in puts:
        count = put.contracts
        for n, call in enumerate(calls):
            taken = min(count, left[n]) if _match(put, call) else 0
            if taken:
                parts.append(Part(0, *_slots(taken, put), *_slots(taken, call)))
            count, left[n] = count - taken, left[n] - taken
        if count:
            parts.append(Part(0, *_slots(count, put)))
    alone = [
        Part(0, NO_LEG, NO_LEG, *_slots(left[n], call)) for n, call in enumerate(calls) if left[n]
    ]
    return parts + alone


def _match(put: Pair, call: Pair) -> bool:
    """Whether a put's side and a call's are one strategy: naked both, or spreads of one expiry."""
    if put.held is None or call.held is None:
        return put.held is call.held
    expiries = {leg.option.years for leg in (put.sold, put.held, call.sold, call.held)}
    return len(expiries) == 1


def _with_shares(position: Position, covered: Sequence[Pair], free: Sequence[Pair]) -> list[Part]:
    """Covered calls and collars; protected shares; bare ones."""
    parts: list[Part] = []
    lot = position.multiplier
    for call in covered:
        collars, free = _take(free, call.contracts)
        rest = call.contracts - sum(put.contracts for put in collars)
        parts += [_lots(lot, put.contracts, put, call) for put in collars]
        parts += [_lots(lot, rest, None, call)] if rest else []
    lots = max(position.shares, 0) // lot
    protected, _ = _take(free, lots - sum(call.contracts for call in covered))
    parts += [_lots(lot, put.contracts, put, None) for put in protected]
    bare = position.shares - sum(part.shares for part in parts)
    return [*parts, Part(bare)] if bare else parts


def _lots(lot: int, contracts: int, put: Pair | None, call: Pair | None) -> Part:
    """Shares of so many contracts, with a put on them, a call sold on them, or both."""
    return Part(
        contracts * lot,
        long_put=_slot(contracts, put.sold) if put else NO_LEG,
        short_call=_slot(contracts, call.sold) if call else NO_LEG,
    )


def _slots(count: int, pair: Pair) -> tuple[margin.Leg, margin.Leg]:
    """The short and the long slot of one side."""
    return _slot(count, pair.sold), NO_LEG if pair.held is None else _slot(count, pair.held)


def _slot(count: int, leg: Leg) -> margin.Leg:
    """A leg as margin sees it."""
    return margin.Leg(count, to_u(leg.option.strike), to_u(leg.price))
