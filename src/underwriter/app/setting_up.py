"""What a policy runs on: its seats, its rules as rows, the account's limits, and what it sees."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

import numpy as np

from underwriter.app.compiled import limits_row, own_rows, policy_rows
from underwriter.app.ground import Ground
from underwriter.app.request import Request
from underwriter.app.sight import look
from underwriter.app.universe import OF_SHARES
from underwriter.core.kernel import first_run
from underwriter.core.units import CENT_U, to_u
from underwriter.market.fees import FeeSchedule, fee_schedule, most_a_contract_u
from underwriter.market.history import Days
from underwriter.market.slab import Slab
from underwriter.sim.backtest import Seat, Setup, fills_of

Phase = Callable[[str, str], AbstractContextManager[None]]  # what is being done, and a note on it

SHARES_A_CONTRACT = 100
_COLD = "compiling kernels, first run only"


def cold_note() -> str:
    """What is said of a run whose kernels have yet to be compiled."""
    return _COLD if first_run() else ""


def seen(request: Request, found: Ground, slab: Slab) -> tuple[Ground, Slab, Setup]:
    """What a policy runs on: a ground that says what is unknown, its slab, and the setup.

    The slab has what the policy asks for beside its quotes, the setup what it sees of its names.
    """
    contents = [each.content for each in request.policies]
    sight = look(request, found, slab, contents)
    lens = sight.lens(contents)
    setup = replace(setup_of(request, slab, found.day), lens=lens)
    return found._replace(source=sight.source(found.source)), sight.slab, setup


def setup_of(request: Request, slab: Slab, days: Days) -> Setup:
    """A policy's ladders of sleeves in one account under the settings."""
    contents = [each.content for each in request.policies]
    account, fills = request.settings.account, request.fills
    commission = None if fills.commission is None else to_u(fills.commission)
    fees = fee_schedule(days, commission_u=commission)
    brought = holdings_u(request, slab)
    return Setup(
        seats=seats_of(request),
        policies=policy_rows(contents),
        owns=own_rows(contents, request.universe),
        limits=limits_row(account, fee_reserve_u(fees)),
        deposits_u=np.array([to_u(request.starting_cash) + brought], np.int64),
        fills=fills_of(fills.half_spread, fills.delay, fills.combo, fills.assigned),
        fees=fees,
    )


def seats_of(request: Request) -> tuple[Seat, ...]:
    """A ladder of sleeves on each underlying of each policy.

    What is brought along stands on the first rung of the first policy that keeps shares of it, else
    of the first that names it.
    """
    universe, holdings = request.universe, request.settings.holdings
    keeper = keepers(request)
    return tuple(
        Seat(0, universe.index(symbol), number, holdings.get(symbol, 0) if first else 0)
        for number, policy in enumerate(request.policies)
        for symbol in policy.content.universe
        if symbol in universe
        for rung in range(policy.content.rungs)
        for first in (rung == 0 and keeper[symbol] == number,)
    )


def nobodys(request: Request) -> list[str]:
    """What the settings bring along of symbols that no policy of the request names."""
    return [
        f"{shares:,} {symbol}"
        for symbol, shares in request.settings.holdings.items()
        if symbol not in request.universe
    ]


def keepers(request: Request) -> dict[str, int]:
    """The number of the policy with which the shares of each symbol stand."""
    found: dict[str, int] = {}
    keeping = [each.content.strategy in OF_SHARES for each in request.policies]
    for kept in (True, False):
        for number, policy in enumerate(request.policies):
            if keeping[number] == kept:
                for symbol in policy.content.universe:
                    found.setdefault(symbol, number)
    return found


def holdings_u(request: Request, slab: Slab) -> int:
    """What the shares that are brought along are worth at the first close: a deposit in kind."""
    universe, holdings = request.universe, request.settings.holdings
    closes = (int(slab.market.bars[0, at].close_u) for at in range(len(universe)))
    return sum(holdings.get(name, 0) * close for name, close in zip(universe, closes, strict=True))


def fee_reserve_u(fees: FeeSchedule) -> int:
    """What is kept for each contract: its fees, and two cents a share of delivery and of splits."""
    return most_a_contract_u(fees) + 2 * CENT_U * SHARES_A_CONTRACT
