"""The caps that nothing may break, not even the first contract."""

import math
from typing import NamedTuple

from underwriter.core import reason
from underwriter.core.intent import APPROVED
from underwriter.core.kernel import kernel
from underwriter.core.policy import Limits, Policy
from underwriter.core.sizing import budget_u, fits
from underwriter.core.sleeve import Account
from underwriter.core.units import cents_up


class Unit(NamedTuple):
    """What one more contract of a short put takes, in millionths of the account's currency."""

    loss_u: int  # worst stress
    notional_u: int  # strike times multiplier: its collateral in a cash-secured account


class Verdict(NamedTuple):
    """What is allowed: the quantity, or the reason it is none and the equity that one needs."""

    quantity: int
    code: int
    needs_u: int


@kernel
def share_u(share: float, equity_u: int) -> int:
    """A share of equity, rounded down; a ruined account has none."""
    return math.floor(share * max(equity_u, 0))


@kernel
def free_cash_u(account: Account, limits: Limits) -> int:
    """Cash that secures nothing yet and is not held in reserve."""
    spoken_u = account.reserved_u + account.committed_u
    return account.cash_u - spoken_u - share_u(limits.cash_reserve, account.equity_u)


@kernel
def in_halt(account: Account, limits: Limits) -> bool:
    """Whether equity has fallen from its peak by the halt or more."""
    halt = limits.drawdown_halt
    return halt > 0.0 and account.equity_u <= (1.0 - halt) * account.peak_u


@kernel
def least_equity_u(
    account: Account, exposure_u: int, unit: Unit, policy: Policy, column: int, limits: Limits
) -> int:
    """The least equity that admits one contract beside what is held; rounded up to the cent.

    One unit more than the sum says, since a share of it is rounded down again.
    """
    needs = unit.loss_u / (policy.risk_per_position * policy.size_factor[column])
    needs = max(needs, (exposure_u + unit.notional_u) / policy.per_underlying)
    needs = max(needs, (account.reserved_u + unit.notional_u) / limits.short_put_notional)
    missing_u = unit.notional_u - free_cash_u(account, limits)
    if missing_u > 0:
        needs = max(needs, account.equity_u + missing_u / (1.0 - limits.cash_reserve))
    return cents_up(math.ceil(needs) + 1)


@kernel
def check(
    account: Account, exposure_u: int, unit: Unit, policy: Policy, column: int, limits: Limits
) -> Verdict:
    """The most contracts of a short put that every cap admits, and the cap that bound.

    `account` as last marked, with what this session has already approved taken off;
    `exposure_u` the account's notional in this underlying.
    """
    if in_halt(account, limits):
        return Verdict(0, reason.HALT, 0)
    equity_u = account.equity_u
    quantity, code = fits(budget_u(equity_u, policy, column), 0, unit.loss_u), reason.RISK
    room = fits(share_u(policy.per_underlying, equity_u), exposure_u, unit.notional_u)
    if room < quantity:
        quantity, code = room, reason.UNDERLYING
    puts_u = share_u(limits.short_put_notional, equity_u)
    room = fits(puts_u, account.reserved_u, unit.notional_u)
    if room < quantity:
        quantity, code = room, reason.SHORT_PUTS
    room = fits(free_cash_u(account, limits), 0, unit.notional_u)
    if room < quantity:
        quantity, code = room, reason.CASH
    if quantity > 0:
        return Verdict(quantity, APPROVED, 0)
    needs_u = least_equity_u(account, exposure_u, unit, policy, column, limits)
    return Verdict(0, code, needs_u)


@kernel
def may_close(account: Account, cost_u: int, freed_u: int) -> bool:
    """Whether cash covers a buy-back beside the collateral of everything else."""
    kept_u = account.reserved_u + account.committed_u - freed_u
    return account.cash_u - cost_u >= kept_u
