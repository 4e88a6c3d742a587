"""What a new position is: its collateral and yield, breakeven, odds, theta, stress and share."""

import math

from underwriter.app.plan_desk import Desk
from underwriter.app.plan_rows import Opening
from underwriter.core import reason
from underwriter.core.chain import Quote
from underwriter.core.contract import CALL, NONE, right_of
from underwriter.core.intent import Decision
from underwriter.core.sizing import stress_loss_u, unit_of
from underwriter.core.sleeve import share_money_u
from underwriter.core.units import DAYS_A_YEAR, MICRO
from underwriter.market.single import Option, Terms
from underwriter.sim.decay import decay
from underwriter.sim.odds import ends_outside
from underwriter.sim.payoff import payoff
from underwriter.sim.position import Leg, Position


def opening_of(desk: Desk, decision: Decision, price_u: dict[int, int], paid_u: int) -> Opening:
    """The figures of an order to open, filled at these prices."""
    quotes = [desk.slab.market.quotes[decision.row[leg]] for leg in range(decision.legs)]
    collateral = _collateral_u(desk, decision) / MICRO
    days = min(int(one.expiry) for one in quotes) - int(desk.slab.market.sessions[0].day)
    gained = paid_u / MICRO / collateral if collateral > 0.0 and days > 0 else None
    equity = int(desk.start.accounts[0].equity_u) / MICRO
    return Opening(
        collateral=collateral,
        yield_on_collateral=gained * DAYS_A_YEAR / days if gained is not None else None,
        breakevens=_breakevens(desk, decision, quotes, price_u),
        assignment_odds=_odds(desk, decision, quotes),
        theta=_theta(desk, decision, quotes),
        stress_loss=_stress_u(desk, decision) / MICRO,
        share_of_equity=collateral / equity if equity > 0.0 else None,
        bound=reason.NAMES[decision.bound] if decision.bound else None,
    )


def _on_shares_held(decision: Decision) -> bool:
    """Whether calls are sold on shares that the sleeve has already."""
    return bool(decision.why == reason.ENTRY_CALL)


def _collateral_u(desk: Desk, decision: Decision) -> int:
    """What an order ties up: what it secures, and its shares at the close."""
    sleeve, market = desk.start.sleeves[decision.sleeve], desk.slab.market
    if _on_shares_held(decision):
        close_u = int(market.bars[0, sleeve.underlying].close_u)
        return int(decision.quantity) * desk.multiplier(decision.sleeve) * close_u
    policy, limits = desk.policy(decision.sleeve), desk.setup.limits[0]
    unit = unit_of(market, decision, sleeve.underlying, policy, limits)
    return int(decision.quantity) * int(unit.exposure_u)


def _stress_u(desk: Desk, decision: Decision) -> int:
    """What the worst of the policy's scenarios would cost, shares with it."""
    market, policy = desk.slab.market, desk.policy(decision.sleeve)
    underlying = desk.start.sleeves[decision.sleeve].underlying
    if _on_shares_held(decision):
        loss_u = stress_loss_u(market, decision, 0, decision.legs, 1, 1, underlying, policy)
    else:
        loss_u = unit_of(market, decision, underlying, policy, desk.setup.limits[0]).loss_u
    return int(decision.quantity) * int(loss_u)


def _theta(desk: Desk, decision: Decision, quotes: list[Quote]) -> float:
    """Dollars that a calendar day brings, all else as it is."""
    now = desk.slab.market.sessions[0]
    lost = sum(-int(decision.change[at]) * decay(one, now, 1) for at, one in enumerate(quotes))
    return lost * desk.multiplier(decision.sleeve)


def _odds(desk: Desk, decision: Decision, quotes: list[Quote]) -> float | None:
    """The odds that a short option of the order ends in the money: of two, that either does."""
    now, total = desk.slab.market.sessions[0], 0.0
    for at, one in enumerate(quotes):
        years = (int(one.expiry) - int(now.day)) / DAYS_A_YEAR
        deviation = float(one.iv) * math.sqrt(max(years, 0.0))
        if decision.change[at] >= 0:
            continue
        if not deviation > 0.0:
            return None
        strike = int(one.strike_u) / MICRO
        total += 1.0 - ends_outside(_sign(one), float(one.forward), strike, deviation)
    return total


def _sign(quote: Quote) -> int:
    """1 for a call, -1 for a put."""
    return 1 if right_of(quote.contract) == CALL else -1


def _breakevens(
    desk: Desk, decision: Decision, quotes: list[Quote], price_u: dict[int, int]
) -> list[float]:
    """Where the underlying must end for neither gain nor loss, before fees.

    Shares count from what they cost: those bought with it their price, those that are held what
    the campaign has spent on them.
    """
    sleeve, now = desk.start.sleeves[decision.sleeve], desk.slab.market.sessions[0]
    multiplier = desk.multiplier(decision.sleeve)
    shares, cost = 0, int(desk.slab.market.bars[0, sleeve.underlying].close_u) / MICRO
    if _on_shares_held(decision):
        shares, cost = multiplier, int(share_money_u(sleeve)) / int(sleeve.shares) / MICRO
    elif decision.shares > 0:
        shares, cost = multiplier, price_u[NONE] / MICRO
    if cost <= 0.0:
        return []
    legs = tuple(
        Leg(
            1 if decision.change[at] > 0 else -1,
            _option(one, int(now.day)),
            price_u[int(one.contract)] / MICRO,
            float(one.iv),
        )
        for at, one in enumerate(quotes)
    )
    terms = Terms(american=False, rate=max(float(now.rate), 0.0))
    found = payoff(Position(cost, legs, shares, multiplier, terms))
    return [float(each) for each in found.breakevens]


def _option(quote: Quote, day: int) -> Option:
    """A quote's contract, and how long it lives."""
    return Option(
        _sign(quote), int(quote.strike_u) / MICRO, (int(quote.expiry) - day) / DAYS_A_YEAR
    )
