"""The figures of a plan, order by order: its decision, its fills, and the quotes it rests on."""

from typing import NamedTuple

from underwriter.app.plan_desk import Desk, column, plain
from underwriter.app.plan_opening import opening_of
from underwriter.app.plan_rows import Leg, Money, Order, Position, Refusal
from underwriter.book.decided import action_of
from underwriter.core import reason
from underwriter.core.chain import find
from underwriter.core.collateral import position_of, secured
from underwriter.core.contract import NONE
from underwriter.core.intent import CLOSE, OPEN, ROLL, SHARES, Decision
from underwriter.core.marking import leg_mark_u
from underwriter.core.risk import free_cash_u, share_u
from underwriter.core.sleeve import SLOTS, BookState, is_flat
from underwriter.core.units import MICRO
from underwriter.sim.ledger import DECISION

_TRADED = {OPEN, CLOSE, ROLL}


class _Filled(NamedTuple):
    """What came of an order on these quotes."""

    price_u: dict[int, int]  # by contract; of shares under NONE
    paid_u: int  # by its options, before fees
    fees_u: int
    no_fill: str | None


def _filled(desk: Desk, decision: Decision) -> _Filled:
    """The fills of an order, or why there were none."""
    lines = desk.lines.get(int(decision.sleeve), [])
    lapsed = [one for one in lines if one.what == DECISION]
    facts = [one for one in lines if one.what != DECISION and one.amount_u]
    return _Filled(
        {int(one.contract): int(one.price_u) for one in facts},
        sum(int(one.amount_u) for one in facts if one.contract != NONE),
        sum(int(one.fee_u) for one in facts),
        reason.NAMES[int(lapsed[0].verdict)] if lapsed else None,
    )


def order_of(desk: Desk, decision: Decision) -> Order:
    """One approved order, and what it brings where it fills."""
    filled = _filled(desk, decision)
    done, traded = filled.no_fill is None, decision.action in _TRADED
    opening = None
    if decision.action == OPEN and done:
        opening = opening_of(desk, decision, filled.price_u, filled.paid_u)
    return Order(
        sleeve=int(decision.sleeve),
        name=desk.names[decision.sleeve],
        underlying=desk.symbol(decision.sleeve),
        action=action_of(int(decision.action), int(decision.shares)),
        why=reason.NAMES[decision.why],
        quantity=_units(decision) or abs(int(decision.shares)),
        legs=_legs(desk, decision, filled.price_u if traded else {}),
        shares=int(decision.shares),
        limit=_limit(desk, decision, filled) if done else None,
        credit=filled.paid_u / MICRO if done and traded else None,
        fees=filled.fees_u / MICRO if done else None,
        no_fill=filled.no_fill,
        opening=opening,
    )


def _units(decision: Decision) -> int:
    """Contracts of the largest leg; 0 without legs."""
    return max((abs(int(decision.change[leg])) for leg in range(decision.legs)), default=0)


def _limit(desk: Desk, decision: Decision, filled: _Filled) -> float | None:
    """What an order asks for a share of one unit, received positive; of shares their price."""
    if decision.action == SHARES:
        return filled.price_u[NONE] / MICRO
    if decision.action not in _TRADED:
        return None
    return filled.paid_u / (desk.multiplier(decision.sleeve) * _units(decision)) / MICRO


def _legs(desk: Desk, decision: Decision, price_u: dict[int, int]) -> list[Leg]:
    """The options of a decision, in its order."""
    found = []
    for at in range(decision.legs):
        key, change = int(decision.contract[at]), int(decision.change[at])
        price = price_u[key] / MICRO if key in price_u else None
        found.append(desk.leg(key, change, price))
    return found


def refusal_of(desk: Desk, row: Decision) -> Refusal:
    """One wish that was refused, and what would have admitted it."""
    decision = plain(row)
    return Refusal(
        sleeve=int(decision.sleeve),
        name=desk.names[decision.sleeve],
        underlying=desk.symbol(decision.sleeve),
        action=action_of(int(decision.action), int(decision.shares)),
        why=reason.NAMES[decision.verdict],
        legs=_legs(desk, decision, {}),
        least_equity=int(decision.needs_u) / MICRO if decision.needs_u else None,
    )


def money_of(desk: Desk, state: BookState) -> Money:
    """The account in a state."""
    account, limits = state.accounts[0], desk.setup.limits[0]
    return Money(
        equity=int(account.equity_u) / MICRO,
        cash=int(account.cash_u) / MICRO,
        collateral=int(account.reserved_u) / MICRO,
        free_cash=int(free_cash_u(account, limits)) / MICRO,
        margin=int(account.margin_u) / MICRO,
        buying_power=(_power_u(desk, state) - int(account.margin_u)) / MICRO,
    )


def _power_u(desk: Desk, state: BookState) -> int:
    """The buying power that may be in use, by the most careful policy in its regime in force."""
    equity_u = state.accounts[0].equity_u
    now = column(desk.after.regimes, "now")
    columns = {(seat.policy, int(now[seat.policy, seat.underlying])) for seat in desk.setup.seats}
    power = [desk.setup.policies[policy].buying_power[column] for policy, column in columns]
    return min(int(share_u(share, equity_u)) for share in power)


def positions_of(desk: Desk) -> list[Position]:
    """What each sleeve holds once the orders have filled."""
    market, found = desk.slab.market, []
    for at in range(desk.after.sleeves.shape[0]):
        sleeve = desk.after.sleeves[at]
        if is_flat(sleeve):
            continue
        bar, terms = market.bars[0, sleeve.underlying], market.terms[sleeve.underlying]
        needs = secured(position_of(sleeve), bar.close_u, bar.next_ex, bar.next_dividend_u, terms)
        legs = [_held(desk, at, slot) for slot in range(SLOTS) if sleeve.quantity[slot]]
        collateral = int(needs.total_u) / MICRO
        found.append(
            Position(at, desk.names[at], desk.symbol(at), int(sleeve.shares), legs, collateral)
        )
    return found


def _held(desk: Desk, at: int, slot: int) -> Leg:
    """A leg that is held, at its mark."""
    market, sleeve = desk.slab.market, desk.after.sleeves[at]
    bar, key = market.bars[0, sleeve.underlying], int(sleeve.contract[slot])
    sleeve.row[slot] = find(market.quotes, bar, 0, key, sleeve.row[slot])
    value_u = leg_mark_u(market.quotes, bar, market.sessions[0], sleeve, slot)
    return desk.leg(key, int(sleeve.quantity[slot]), int(value_u) / MICRO)
