"""What to do with short options that are held: as one position, never leg by leg."""

import math
from typing import NamedTuple

from underwriter.core import reason
from underwriter.core.chain import Quote, View, mid_u, offered
from underwriter.core.contract import CALL, expiry_of, intrinsic_u, right_of, strike_of
from underwriter.core.intent import CLOSE, Decision, add_leg, hold, wish
from underwriter.core.kernel import called, kernel
from underwriter.core.policy import Own, Policy
from underwriter.core.record import Rows
from underwriter.core.roll import wish_roll
from underwriter.core.sleeve import (
    LONG_CALL,
    LONG_PUT,
    ROLL_SHORT,
    SHORT_CALL,
    SHORT_PUT,
    SLOTS,
    Sleeve,
)
from underwriter.core.units import DAYS_A_YEAR, round_u

PIN_U = 250_000  # the least distance from a strike at which nobody can say who exercises
PIN_DAYS = 0.25  # of a day's deviation, likewise
DANGER = 9, 10  # a dividend of nine tenths of the extrinsic value is taken for exercised


class Cost(NamedTuple):
    """What closing a position costs at the touch, in millionths; whether it can be known."""

    known: bool
    total_u: int


@kernel
def closing_cost(sleeve: Sleeve, quotes: Rows[Quote], multiplier: int) -> Cost:
    """Short legs bought at the ask, long legs sold at the bid where there is one."""
    each_u, known = 0, True
    for slot in range(ROLL_SHORT):
        quantity, row = sleeve.quantity[slot], sleeve.row[slot]
        if quantity < 0:
            if row < 0 or not offered(quotes[row]):
                known = False
            else:
                each_u -= quantity * quotes[row].ask_u
        elif quantity > 0 and row >= 0 and quotes[row].bid_u > 0:
            each_u -= quantity * quotes[row].bid_u
    return Cost(known, each_u * multiplier)


@kernel
def opening_credit_u(sleeve: Sleeve) -> int:
    """The money that opening the legs brought, fees in it."""
    total_u = 0
    for slot in range(SLOTS):
        total_u += sleeve.amount_u[slot]
    return total_u


@kernel
def sells(sleeve: Sleeve, slot: int, quotes: Rows[Quote]) -> bool:
    """Whether a long leg finds a bid."""
    row = sleeve.row[slot]
    return sleeve.quantity[slot] > 0 and row >= 0 and quotes[row].bid_u > 0


@called
def wish_close(decision: Decision, sleeve: Sleeve, quotes: Rows[Quote], why: int) -> None:
    """Wish every short leg bought back, and every long leg sold that is bid for."""
    wish(decision, CLOSE, why)
    for slot in range(ROLL_SHORT):
        quantity = sleeve.quantity[slot]
        if quantity < 0 or sells(sleeve, slot, quotes):
            add_leg(decision, slot, sleeve.row[slot], sleeve.contract[slot], -quantity)
            decision.quantity = max(decision.quantity, abs(quantity))


@kernel
def first_dte(sleeve: Sleeve, day: int) -> int:
    """Days to the expiry of the short leg that expires first."""
    put, call = sleeve.quantity[SHORT_PUT], sleeve.quantity[SHORT_CALL]
    puts, calls = expiry_of(sleeve.contract[SHORT_PUT]), expiry_of(sleeve.contract[SHORT_CALL])
    if put == 0:
        return calls - day
    return puts - day if call == 0 else min(puts, calls) - day


@kernel
def profit_reached(cost_u: int, credit_u: int, share: float) -> bool:
    """Whether closing for `cost_u` keeps at least `share` of the opening credit."""
    return share > 0.0 and cost_u <= (1.0 - share) * credit_u


@kernel
def stop_reached(cost_u: int, credit_u: int, times: float) -> bool:
    """Whether closing for `cost_u` loses at least `times` the opening credit."""
    return times > 0.0 and cost_u - credit_u >= times * credit_u


@kernel
def time_is_up(dte: int, exit_dte: int) -> bool:
    """Whether the policy closes at this many days to expiry; -1 never does."""
    return 0 <= dte <= exit_dte


@kernel
def at_the_pin(key: int, row: int, quotes: Rows[Quote], spot_u: int) -> bool:
    """Whether the spot is so near a strike that its assignment cannot be known."""
    near_u = PIN_U
    if row >= 0 and quotes[row].iv > 0.0:
        daily = float(quotes[row].iv) * spot_u / math.sqrt(DAYS_A_YEAR)
        near_u = max(near_u, round_u(PIN_DAYS * daily))
    return abs(spot_u - strike_of(key)) <= near_u


@kernel
def long_of(slot: int) -> int:
    """The slot of the long leg beside a short one."""
    return LONG_CALL if slot == SHORT_CALL else LONG_PUT


@called
def last_day(sleeve: Sleeve, slot: int, quotes: Rows[Quote], view: View, policy: Policy) -> int:
    """Why a short leg should go on the day it expires, or reason.NONE."""
    key = sleeve.contract[slot]
    if sleeve.quantity[slot] == 0 or expiry_of(key) != view.day or not view.physical:
        return reason.NONE
    if policy.close_pin == 1 and at_the_pin(key, sleeve.row[slot], quotes, view.spot_u):
        return reason.PIN
    beside = long_of(slot)
    saved = sleeve.quantity[beside] > 0 and intrinsic_u(sleeve.contract[beside], view.spot_u) > 0
    if policy.avoid_assignment == 1 and intrinsic_u(key, view.spot_u) > 0 and not saved:
        return reason.EXPIRY
    return reason.NONE


@kernel
def endangered(key: int, row: int, quotes: Rows[Quote], view: View) -> int:
    """Why the holder of an American option in the money may exercise it tonight, or reason.NONE."""
    inside_u = intrinsic_u(key, view.spot_u)
    if not view.american or inside_u <= 0 or row < 0 or not offered(quotes[row]):
        return reason.NONE
    extrinsic_u = mid_u(quotes[row]) - inside_u
    if right_of(key) == CALL:
        soon = view.day < view.next_ex <= view.tomorrow
        if soon and DANGER[1] * view.next_dividend_u >= DANGER[0] * extrinsic_u:
            return reason.EX_DIVIDEND
        return reason.NONE
    years = (expiry_of(key) - view.day) / DAYS_A_YEAR
    carry_u = round_u(strike_of(key) * (1.0 - math.exp(-view.rate * years)))
    paid_u = view.next_dividend_u if 0 < view.next_ex <= expiry_of(key) else 0
    return reason.EARLY_PUT if carry_u > extrinsic_u + paid_u else reason.NONE


@kernel
def tested(key: int, row: int, quotes: Rows[Quote], view: View, policy: Policy) -> int:
    """Why a short leg should be rolled, or reason.NONE."""
    if row >= 0 and 0.0 < policy.roll_delta <= abs(float(quotes[row].delta)):
        return reason.TESTED_DELTA
    inside_u = intrinsic_u(key, view.spot_u)
    if inside_u <= 0:
        return reason.NONE
    if policy.roll_through == 1:
        return reason.TESTED_STRIKE
    if policy.roll_extrinsic_u <= 0 or row < 0 or not offered(quotes[row]):
        return reason.NONE
    left_u = mid_u(quotes[row]) - inside_u
    return reason.TESTED_EXTRINSIC if left_u <= policy.roll_extrinsic_u else reason.NONE


@kernel
def exit_reason(sleeve: Sleeve, quotes: Rows[Quote], view: View, policy: Policy) -> int:
    """Why a position should be closed now whatever could be rolled, or reason.NONE."""
    dte = first_dte(sleeve, view.day)
    if time_is_up(dte, policy.exit_dte):
        return reason.TIME_EXIT
    if dte > 0:
        if policy.take_profit <= 0.0 and policy.stop <= 0.0:
            return reason.NONE
        cost, credit_u = closing_cost(sleeve, quotes, view.multiplier), opening_credit_u(sleeve)
        if not cost.known or credit_u <= 0:
            return reason.NONE
        if profit_reached(cost.total_u, credit_u, policy.take_profit):
            return reason.TAKE_PROFIT
        if stop_reached(cost.total_u, credit_u, policy.stop):
            return reason.STOP
        return reason.NONE
    if dte < 0:
        return reason.NONE
    why = last_day(sleeve, SHORT_PUT, quotes, view, policy)
    return why if why != reason.NONE else last_day(sleeve, SHORT_CALL, quotes, view, policy)


@kernel
def attention(sleeve: Sleeve, slot: int, quotes: Rows[Quote], view: View, policy: Policy) -> int:
    """Why a short leg wants rolling, or closing where it cannot be, or reason.NONE."""
    if sleeve.quantity[slot] == 0:
        return reason.NONE
    key, row = sleeve.contract[slot], sleeve.row[slot]
    if policy.avoid_assignment == 1:
        why = endangered(key, row, quotes, view)
        if why != reason.NONE:
            return why
    return tested(key, row, quotes, view, policy)


@kernel
def manage(
    decision: Decision, sleeve: Sleeve, quotes: Rows[Quote], view: View, own: Own, policy: Policy
) -> None:
    """Wish what the policy does with a position that has short options."""
    why = exit_reason(sleeve, quotes, view, policy)
    if why != reason.NONE:
        wish_close(decision, sleeve, quotes, why)
        return
    if first_dte(sleeve, view.day) <= 0:
        return
    slot = SHORT_PUT
    why = attention(sleeve, slot, quotes, view, policy)
    if why == reason.NONE:
        slot = SHORT_CALL
        why = attention(sleeve, slot, quotes, view, policy)
    if why == reason.NONE:
        return
    if sleeve.rolls < policy.roll_at_most and wish_roll(
        decision, sleeve, slot, why, quotes, view, own, policy
    ):
        return
    if policy.avoid_assignment == 1:
        wish_close(decision, sleeve, quotes, why)
    elif policy.roll_at_most > 0:
        hold(decision, reason.NO_ROLL)
