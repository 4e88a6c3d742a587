"""Managing and Roll (docs/session.md): what is done with short options that are held."""

import math

from reference.given import CALL, PUT, Quote
from reference.prices import MICRO, ceil_div, inside_u, rounded
from reference.selecting import apart_u, earnings, liquid, wing, within
from reference.state import LONGS, SHORTS, Leg, Part, Sleeve, State, Wish

PIN_U = MICRO // 4


def manage(state: State, sleeve: Sleeve) -> Wish | None:
    """Close, roll, refuse to, or nothing."""
    policy = state.policy(sleeve)
    dte = min(state.dte(leg.contract) for _, leg in shorts(sleeve))
    if 0 <= dte <= policy.exit_dte:
        return closing(state, sleeve, "time_exit")
    if dte < 0:
        return None
    if dte == 0:
        why = last_day(state, sleeve) if state.terms(sleeve).physical else ""
    else:
        why = money(state, sleeve)
    if why:
        return closing(state, sleeve, why)
    return threatened(state, sleeve) if dte > 0 else None


def shorts(sleeve: Sleeve) -> list[tuple[int, Leg]]:
    """The short legs by right, the put first."""
    return [
        (right, sleeve.legs[SHORTS[right]]) for right in (PUT, CALL) if SHORTS[right] in sleeve.legs
    ]


def offered(state: State, sleeve: Sleeve, leg: Leg) -> Quote | None:
    """Today's row of a leg, where it is offered."""
    quote = state.quote(sleeve, leg.contract)
    return quote if quote and quote.offered else None


def bid_u(state: State, sleeve: Sleeve, leg: Leg) -> int:
    """What is bid for a leg; 0 where nothing is."""
    quote = state.quote(sleeve, leg.contract)
    return max(quote.bid_u, 0) if quote else 0


def closing(state: State, sleeve: Sleeve, why: str) -> Wish:
    """All short legs, and the long legs that are bid for."""
    parts = tuple(
        Part(slot, leg.contract, -leg.quantity)
        for slot, leg in sleeve.in_order()
        if leg.quantity < 0 or bid_u(state, sleeve, leg) > 0
    )
    return Wish(sleeve.number, "close", why, parts)


def cost_u(state: State, sleeve: Sleeve) -> int | None:
    """What closing costs at the ask and the bid; None where a short leg is not offered."""
    total_u = 0
    for _, leg in sleeve.in_order():
        if leg.quantity > 0:
            total_u -= bid_u(state, sleeve, leg) * leg.quantity
            continue
        quote = offered(state, sleeve, leg)
        if quote is None:
            return None
        total_u += quote.ask_u * -leg.quantity
    return total_u * state.terms(sleeve).mult


def money(state: State, sleeve: Sleeve) -> str:
    """Whether enough was earned, or too much lost."""
    policy, cost = state.policy(sleeve), cost_u(state, sleeve)
    credit_u = sum(leg.opening_u for leg in sleeve.legs.values())
    if cost is None or credit_u <= 0:
        return ""
    if policy.take_profit > 0.0 and cost <= (1.0 - policy.take_profit) * credit_u:
        return "take_profit"
    return "stop" if policy.stop > 0.0 and cost - credit_u >= policy.stop * credit_u else ""


def last_day(state: State, sleeve: Sleeve) -> str:
    """Whether the strike is too near to know, or shares would be delivered."""
    policy, close_u = state.policy(sleeve), state.close_u(sleeve)
    for right, leg in shorts(sleeve):
        if state.dte(leg.contract) != 0:
            continue
        near_u, quote = PIN_U, state.quote(sleeve, leg.contract)
        if quote and quote.iv > 0.0:
            near_u = max(near_u, rounded(0.25 * quote.iv * close_u / math.sqrt(365)))
        if policy.close_pin and abs(close_u - leg.contract.strike_u) <= near_u:
            return "pin"
        long = sleeve.legs.get(LONGS[right])
        protected = long is not None and inside_u(long.contract, close_u) > 0
        if policy.avoid_assignment and inside_u(leg.contract, close_u) > 0 and not protected:
            return "expiry"
    return ""


# --- danger and test ---


def threatened(state: State, sleeve: Sleeve) -> Wish | None:
    """The first short leg that is in danger or tested is rolled, or closed, or neither."""
    policy = state.policy(sleeve)
    for right, leg in shorts(sleeve):
        why = danger(state, sleeve, leg) or tested(state, sleeve, leg)
        if not why:
            continue
        rolled = None
        if policy.roll_at_most > sleeve.rolls:
            rolled = roll(state, sleeve, right, why)
        if rolled:
            return rolled
        if policy.avoid_assignment:
            return closing(state, sleeve, why)
        return Wish(sleeve.number, "hold", "no_roll") if policy.roll_at_most > 0 else None
    return None


def danger(state: State, sleeve: Sleeve, leg: Leg) -> str:
    """Whether who holds an American option is about to gain by exercising it."""
    known, quote = state.known(sleeve), offered(state, sleeve, leg)
    within_u = inside_u(leg.contract, state.close_u(sleeve))
    avoids = state.policy(sleeve).avoid_assignment and state.terms(sleeve).american
    if not avoids or quote is None or within_u <= 0:
        return ""
    left_u = quote.mid_u - within_u
    if leg.contract.right == CALL:
        soon = 0 < known.next_ex <= state.now.tomorrow
        return "ex_dividend" if soon and 10 * known.next_dividend_u >= 9 * left_u else ""
    if 0 < known.next_ex <= leg.contract.expiry:
        left_u += known.next_dividend_u
    return "early_put" if interest_u(state, leg) > left_u else ""


def interest_u(state: State, leg: Leg) -> int:
    """What the strike earns until expiry for who has it today."""
    years = state.years(leg.contract)
    return rounded(leg.contract.strike_u * (1.0 - math.exp(-state.now.rate * years)))


def tested(state: State, sleeve: Sleeve, leg: Leg) -> str:
    """Whether the underlying has come to where a leg is rolled."""
    policy, quote = state.policy(sleeve), state.quote(sleeve, leg.contract)
    within_u = inside_u(leg.contract, state.close_u(sleeve))
    if policy.roll_delta > 0.0 and quote and abs(quote.delta) >= policy.roll_delta:
        return "tested_delta"
    if policy.roll_through and within_u > 0:
        return "tested_strike"
    if policy.roll_extrinsic_u > 0 and within_u > 0 and quote and quote.offered:
        return "tested_extrinsic" if quote.mid_u - within_u <= policy.roll_extrinsic_u else ""
    return ""


# --- roll ---


def roll(state: State, sleeve: Sleeve, right: int, why: str) -> Wish | None:
    """A short leg, with its long leg, to a later expiry; None where there is none."""
    short, long = sleeve.legs[SHORTS[right]], sleeve.legs.get(LONGS[right])
    target = state.column(sleeve).delta
    if target == 0.0 or offered(state, sleeve, short) is None:
        return None
    if long and bid_u(state, sleeve, long) == 0:
        return None
    best, best_miss = None, math.inf
    for row in state.quotes(sleeve, right):
        miss = abs(abs(row.delta) - target)
        if miss < best_miss and rolls_to(state, sleeve, short, row):
            wish = rolling(state, sleeve, right, row, why)
            best, best_miss = (wish, miss) if wish else (best, best_miss)
    return best


def rolls_to(state: State, sleeve: Sleeve, short: Leg, row: Quote) -> bool:
    """Whether a short leg may be rolled to a row, whatever its wing and its price."""
    policy, floor_u = state.policy(sleeve), state.own(sleeve).call_least_u
    if sleeve.shares > 0 and not policy.below_breakeven:
        floor_u = max(floor_u, breakeven_u(sleeve))
    nearer_u = inside_u(row.contract, 0) - inside_u(short.contract, 0)
    return (
        policy.roll_dte_min <= state.dte(row.contract) <= policy.roll_dte_max
        and row.contract.expiry > short.contract.expiry
        and (nearer_u < 0 if policy.roll_away else nearer_u <= 0)
        and within(state, sleeve, row, floor_u)
        and row.iv > 0.0
        and liquid(row, policy)
        and not earnings(state, sleeve, row)
    )


def breakeven_u(sleeve: Sleeve) -> int:
    """What a share has cost the campaign so far, without premiums still open, rounded up."""
    open_u = sum(leg.opening_u for leg in sleeve.legs.values())
    return ceil_div(open_u - sleeve.money_u, sleeve.shares)


def rolling(state: State, sleeve: Sleeve, right: int, row: Quote, why: str) -> Wish | None:
    """The wish to roll to a row; None where its wing or its price forbids."""
    short, long = sleeve.legs[SHORTS[right]], sleeve.legs.get(LONGS[right])
    parts = [Part(SHORTS[right], row.contract, short.quantity)]
    net_u = row.bid_u - offered(state, sleeve, short).ask_u
    if long:
        new = wing(state, sleeve, row)
        old_u = abs(short.contract.strike_u - long.contract.strike_u)
        if new is None or apart_u(new, row) > old_u:
            return None
        net_u += bid_u(state, sleeve, long) - new.ask_u
        parts.append(Part(LONGS[right], new.contract, -short.quantity))
    if state.policy(sleeve).roll_for_credit and net_u <= 0:
        return None
    parts.append(Part(SHORTS[right], short.contract, -short.quantity))
    if long:
        parts.append(Part(LONGS[right], long.contract, -long.quantity))
    return Wish(sleeve.number, "roll", why, tuple(parts), net_u=net_u)
