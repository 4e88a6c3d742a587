"""What one unit of a position takes: its worst stress, its collateral, its margin, its cash."""

import math
from typing import NamedTuple

from underwriter.core.chain import Market, Quote, Session, Terms, mid_u
from underwriter.core.collateral import Position, secured
from underwriter.core.contract import CALL, NONE, expiry_of, most_worth_u, right_of, strike_of
from underwriter.core.intent import Decision
from underwriter.core.kernel import called, kernel
from underwriter.core.margin import BROAD_INDEX, EQUITY, Leg, reg_t_u
from underwriter.core.policy import REG_T, Limits, Policy
from underwriter.core.pricing import black76
from underwriter.core.sleeve import LONG_CALL, LONG_PUT, SHORT_CALL, SHORT_PUT
from underwriter.core.strategy import has_wings
from underwriter.core.units import CENT_U, DAYS_A_YEAR, MICRO, round_u

NO_BOUND = 1 << 40  # contracts: more than any cap admits


class Unit(NamedTuple):
    """What one more unit of a position takes, in millionths of the account's currency."""

    loss_u: int  # worst stress
    secured_u: int
    puts_u: int  # of it, for short puts
    exposure_u: int
    margin_u: int
    cash_u: int
    shares: int  # that it brings or may bring
    naked: bool


@kernel
def shocked_u(quote: Quote, now: Session, floor: float, spot: float, vol: float) -> int:
    """A quote's value per share if spot moved by `spot` (relative) and volatility by a factor.

    Revalued in full with Black-76 on the shocked forward; `floor` (dollars) is what exercise
    would be worth after the shock, where it may be exercised.
    """
    years = (quote.expiry - now.day) / DAYS_A_YEAR
    sign = 1 if right_of(quote.contract) == CALL else -1
    deviation = float(quote.iv) * vol * math.sqrt(max(years, 0.0))
    discount = math.exp(-now.rate * years)
    forward, strike = float(quote.forward) * (1.0 + spot), quote.strike_u / MICRO
    value = max(black76(sign, forward, strike, deviation, discount), floor)
    return round_u(value * MICRO)


@kernel
def moved_u(market: Market, row: int, underlying: int, move: float, factor: float) -> int:
    """How much a quote's value per share would change from its mid under one scenario."""
    quote = market.quotes[row]
    sign = 1 if right_of(quote.contract) == CALL else -1
    spot = market.bars[quote.session, underlying].close_u / MICRO
    inside = sign * (spot * (1.0 + move) - quote.strike_u / MICRO)
    floor = max(inside, 0.0) if market.terms[underlying].american else 0.0
    now = market.sessions[quote.session]
    return shocked_u(quote, now, floor, move, factor) - mid_u(quote)


@called
def stress_loss_u(
    market: Market, decision: Decision, first: int, last: int, held: int, shares: int,
    underlying: int, policy: Policy,
) -> int:  # fmt: skip
    """Worst loss of one unit of an order's legs from `first` to before `last`, at least 0.

    `held` is 1 for legs as they are opened, -1 for legs that the order closes; `shares` are 1
    where the unit has shares for each of its contracts.
    """
    worst_u = 0
    close_u = market.bars[decision.session, underlying].close_u
    for k in range(policy.stresses):
        move = policy.stress_spot[k]
        loss_u = round_u(-move * close_u) if shares == 1 else 0
        for leg in range(first, last):
            change_u = moved_u(market, decision.row[leg], underlying, move, policy.stress_vol[k])
            loss_u -= change_u if held * decision.change[leg] > 0 else -change_u
        worst_u = max(worst_u, loss_u)
    return worst_u * market.terms[underlying].multiplier


@called
def net_mids_u(market: Market, decision: Decision, first: int, last: int, held: int) -> int:
    """Mids of what is sold less mids of what is bought, a share of one unit."""
    total_u = 0
    for leg in range(first, last):
        value_u = mid_u(market.quotes[decision.row[leg]])
        total_u += -value_u if held * decision.change[leg] > 0 else value_u
    return total_u


@kernel
def touch_u(market: Market, decision: Decision) -> int:
    """The money of an order at the touch, a share times contracts: bids sold, asks bought."""
    total_u = 0
    for leg in range(decision.legs):
        change = decision.change[leg]
        quote = market.quotes[decision.row[leg]]
        total_u -= change * (quote.ask_u if change > 0 else quote.bid_u)
    return total_u


@kernel
def asks_too_much(decision: Decision, market: Market, underlying: int) -> bool:
    """Whether an option to buy back is offered above what it can ever be worth: a stub."""
    close_u = market.bars[decision.session, underlying].close_u
    for leg in range(decision.legs):
        most_u = most_worth_u(decision.contract[leg], close_u)
        if decision.change[leg] > 0 and market.quotes[decision.row[leg]].ask_u > most_u:
            return True
    return False


@kernel
def _leg_key(decision: Decision, slot: int) -> int:
    """The contract that an order opens in a slot, or NONE."""
    for leg in range(decision.legs):
        if decision.slot[leg] == slot:
            return decision.contract[leg]
    return NONE


@kernel
def unit_position(decision: Decision, multiplier: int) -> Position:
    """One unit of what an order opens."""
    put, long_put = _leg_key(decision, SHORT_PUT), _leg_key(decision, LONG_PUT)
    call, long_call = _leg_key(decision, SHORT_CALL), _leg_key(decision, LONG_CALL)
    return Position(
        int(put != NONE), int(long_put != NONE), int(call != NONE), int(long_call != NONE),
        put, long_put, call, long_call, multiplier if decision.shares > 0 else 0,
    )  # fmt: skip


@kernel
def _leg_mid_u(market: Market, decision: Decision, slot: int) -> int:
    """The mid of the contract that an order opens in a slot; 0 where it opens none."""
    for leg in range(decision.legs):
        if decision.slot[leg] == slot:
            return mid_u(market.quotes[decision.row[leg]])
    return 0


@kernel
def margin_u(
    held: Position,
    spot_u: int,
    terms: Terms,
    short_put_u: int,
    long_put_u: int,
    short_call_u: int,
    long_call_u: int,
) -> int:
    """The Reg T maintenance requirement of a position whose legs are worth so much a share.

    A long option that expires before the short one covers nothing.
    """
    rate = BROAD_INDEX if terms.broad == 1 else EQUITY
    long_put, long_call = held.long_put, held.long_call
    if expiry_of(held.long_put_key) < expiry_of(held.short_put_key):
        long_put = 0
    if expiry_of(held.long_call_key) < expiry_of(held.short_call_key):
        long_call = 0
    return reg_t_u(
        spot_u,
        rate,
        held.shares,
        Leg(held.short_put, strike_of(held.short_put_key), short_put_u),
        Leg(long_put, strike_of(held.long_put_key), long_put_u),
        Leg(held.short_call, strike_of(held.short_call_key), short_call_u),
        Leg(long_call, strike_of(held.long_call_key), long_call_u),
        terms.multiplier,
        expiry_of(held.short_put_key) == expiry_of(held.short_call_key),
    )


@kernel
def unit_margin_u(
    market: Market, decision: Decision, held: Position, exposure_u: int, underlying: int, rule: int
) -> int:
    """The buying power that one unit takes under an account's collateral rule, at the mids."""
    if rule != REG_T:
        return exposure_u
    spot_u = market.bars[decision.session, underlying].close_u
    return margin_u(
        held,
        spot_u,
        market.terms[underlying],
        _leg_mid_u(market, decision, SHORT_PUT),
        _leg_mid_u(market, decision, LONG_PUT),
        _leg_mid_u(market, decision, SHORT_CALL),
        _leg_mid_u(market, decision, LONG_CALL),
    )


@kernel
def unit_loss_u(
    market: Market, decision: Decision, secured_u: int, underlying: int, policy: Policy
) -> int:
    """Worst stress of one unit of an order to open; of a spread at most its maximum loss."""
    legs, shares = decision.legs, int(decision.shares > 0)
    worst_u = stress_loss_u(market, decision, 0, legs, 1, shares, underlying, policy)
    if not has_wings(policy.strategy):
        return worst_u
    credit_u = net_mids_u(market, decision, 0, legs, 1) * market.terms[underlying].multiplier
    return min(worst_u, max(secured_u - credit_u, 0))


@called
def unit_of(
    market: Market, decision: Decision, underlying: int, policy: Policy, limits: Limits
) -> Unit:
    """What one unit of an order to open takes."""
    terms, bar = market.terms[underlying], market.bars[decision.session, underlying]
    multiplier = terms.multiplier
    held = unit_position(decision, multiplier)
    needs = secured(held, bar.close_u, 0, 0, terms)
    loss_u = unit_loss_u(market, decision, needs.total_u, underlying, policy)
    exposure_u = needs.total_u + held.shares * bar.close_u
    margin = unit_margin_u(market, decision, held, exposure_u, underlying, limits.collateral)
    cash_u = needs.total_u + decision.legs * limits.fee_reserve_u
    cash_u += held.shares * (bar.close_u + CENT_U) + max(-touch_u(market, decision), 0) * multiplier
    takes = held.shares > 0 or held.short_put > held.long_put
    shares = multiplier if takes else 0
    return Unit(
        loss_u, needs.total_u, needs.puts_u, exposure_u, margin, cash_u, shares, needs.naked
    )


@kernel
def budget_u(equity_u: int, policy: Policy, column: int) -> int:
    """The most that one position may lose under stress."""
    return math.floor(policy.risk_per_position * policy.size_factor[column] * equity_u)


@kernel
def fits(limit_u: int, used_u: int, unit_u: int) -> int:
    """How many units fit under a limit that is partly used."""
    if unit_u <= 0:
        return NO_BOUND
    return max((limit_u - used_u) // unit_u, 0)
