"""What is held at a week's end: what is captured of it so far, and how far its strikes are."""

from collections.abc import Sequence

from underwriter.book.positions import HeldLeg, Holding
from underwriter.book.standing import of_sleeve
from underwriter.core.contract import PUT
from underwriter.core.units import MICRO
from underwriter.report.weekly.results import dollars
from underwriter.report.weekly.rows import LegOpen, PositionOpen
from underwriter.report.weekly.told import Told


def positions(told: Told) -> list[PositionOpen]:
    """What every sleeve of the account holds."""
    held = told.held
    return [_position(told, each, held) for each in held]


def _position(told: Told, one: Holding, account: Sequence[Holding]) -> PositionOpen:
    spot_u = told.close_u(one.opened.underlying, told.week.last)
    cost_u = _cost_u(told, one, account)
    return PositionOpen(
        sleeve=one.name,
        number=one.campaign.number,
        underlying=one.opened.underlying,
        opened=str(one.campaign.opened),
        shares=one.shares,
        spot=None if spot_u is None else dollars(spot_u),
        breakeven=None if one.breakeven_u is None else dollars(one.breakeven_u),
        credit=dollars(one.open_u),
        cost=None if cost_u is None else dollars(cost_u),
        capture=None if cost_u is None or one.open_u <= 0 else 1.0 - cost_u / one.open_u,
        legs=[_leg(told, each, spot_u) for each in one.legs],
    )


def _cost_u(told: Told, one: Holding, account: Sequence[Holding]) -> int | None:
    """What closing the legs costs at their marks; None where a leg's is not known.

    Where no other sleeve of the account holds options, the evening's mark says it too.
    """
    if not one.legs:
        return None
    touches = [told.touch(told.week.last, each.contract.osi()) for each in one.legs]
    if all(touches):
        return -sum(
            each.quantity * touch.mark_u(each.quantity) * one.opened.multiplier
            for each, touch in zip(one.legs, touches, strict=True)
            if touch is not None
        )
    mark = told.book.marks.get(told.account)
    options_u = of_sleeve(one, account, mark, None if mark is None else mark.session).options_u
    return None if options_u is None else one.open_u - options_u


def _leg(told: Told, leg: HeldLeg, spot_u: int | None) -> LegOpen:
    touch = told.touch(told.week.last, leg.contract.osi())
    strike_u = int(leg.contract.strike * MICRO)
    return LegOpen(
        option=leg.contract.osi(),
        quantity=leg.quantity,
        strike=dollars(strike_u),
        expiry=str(leg.contract.expiry),
        dte=(leg.contract.expiry - told.week.last).days,
        distance=None if spot_u is None else distance(leg.contract.right, strike_u, spot_u),
        price=None if touch is None else touch.mark_u(leg.quantity) / MICRO,
    )


def distance(right: int, strike_u: int, spot_u: int) -> float:
    """How far a strike is out of the money, as a share of the spot; negative in the money."""
    away_u = spot_u - strike_u if right == PUT else strike_u - spot_u
    return away_u / spot_u
