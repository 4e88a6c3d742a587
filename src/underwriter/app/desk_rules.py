"""What a desk runs by, of a request and its setup: the same rows as a backtest of it."""

from importlib.metadata import version

from underwriter.app.request import Request
from underwriter.core.units import to_u
from underwriter.desk.brokers.paper_place import Manners
from underwriter.desk.clocks import SECOND
from underwriter.desk.deciding import Named, Rules
from underwriter.desk.guard import Guards
from underwriter.desk.ladder import Ladder
from underwriter.market.slab import Slab
from underwriter.sim.backtest import Setup


def rules_of(request: Request, slab: Slab, setup: Setup, source: str) -> Rules:
    """The rules of a request's account."""
    kinds = set(slab.origins)
    account, fills = request.settings.account, request.fills
    return Rules(
        account=account.name,
        seats=tuple((seat.underlying, seat.policy) for seat in setup.seats),
        policies=setup.policies,
        owns=setup.owns,
        limits=setup.limits,
        named=tuple(Named(one.name, one.hash, one.source.text) for one in request.policies),
        decide_at=request.policy.content.decide_at,
        version=version("underwriter"),
        quotes=kinds.pop() if len(kinds) == 1 else "mixed",
        source=source,
        settings={
            **account.model_dump(exclude={"name"}),
            "starting_cash": request.starting_cash,
            "half_spread": fills.half_spread,
            "delay": 0,
            "commission": "dated table" if fills.commission is None else fills.commission,
        },
        brought=tuple(seat.shares for seat in setup.seats),
    )


def manners_of(request: Request) -> Manners:
    """How the paper broker fills: as the fill model of the settings says."""
    fills = request.fills
    return Manners(fills.half_spread, fills.combo, fills.assigned, fills.commission)


def ladder_of(request: Request) -> Ladder:
    """How orders go to the market."""
    desk = request.settings.desk
    return Ladder(desk.rungs, desk.every * SECOND, desk.attempts)


def guards_of(request: Request) -> Guards:
    """How much is too much."""
    desk = request.settings.desk
    return Guards(desk.daily_loss, desk.drawdown, desk.orders, desk.widest, desk.band, desk.approve)


def stale_of(request: Request) -> int:
    """How old a quote may be, in nanoseconds."""
    return request.settings.desk.stale * SECOND


def cash_of(request: Request) -> int:
    """What a paper account begins with, in millionths."""
    return int(to_u(request.starting_cash))
