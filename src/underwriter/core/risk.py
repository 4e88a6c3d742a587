"""The caps that nothing may break, not even the first contract."""

import math
from typing import NamedTuple

from underwriter.core import reason
from underwriter.core.chain import Bar, Market
from underwriter.core.intent import APPROVED
from underwriter.core.kernel import kernel
from underwriter.core.policy import CASH_SECURED, Limits, Own, Policy
from underwriter.core.record import I8
from underwriter.core.sizing import NO_BOUND, Unit, budget_u, fits
from underwriter.core.sleeve import Account
from underwriter.core.units import cents_up


class Used(NamedTuple):
    """What the caps of groups have in use beside an account's own sums, in millionths."""

    underlying_u: int
    sector_u: int
    cluster_u: int
    shares: int  # held or to be taken, of the prices decided beforehand


class Bound(NamedTuple):
    """How many units a cap leaves room for, and the reason where it is none."""

    quantity: int
    code: int


class Verdict(NamedTuple):
    """What is allowed: the quantity, or the reason it is none and the equity that one needs."""

    quantity: int
    code: int
    needs_u: int
    bound: int  # the cap that leaves the fewest, whether there are any or none


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
def of_group_u(exposure_u: I8, market: Market, session: int, underlying: int, sector: bool) -> int:
    """An account's exposure to an underlying's sector or cluster; 0 where it has none."""
    bar, terms = market.bars[session, underlying], market.terms[underlying]
    group = terms.sector if sector else bar.cluster
    total_u = 0
    if group == 0:
        return total_u
    for u in range(exposure_u.shape[0]):
        if (market.terms[u].sector if sector else market.bars[session, u].cluster) == group:
            total_u += exposure_u[u]
    return total_u


@kernel
def least_equity_u(
    account: Account, used: Used, unit: Unit, policy: Policy, column: int, limits: Limits,
    sector: int, bar: Bar,
) -> int:  # fmt: skip
    """The least equity that admits one contract beside what is held; rounded up to the cent.

    One unit more than the sum says, since a share of it is rounded down again.
    """
    needs = unit.loss_u / (policy.risk_per_position * policy.size_factor[column])
    needs = max(needs, (used.underlying_u + unit.exposure_u) / policy.per_underlying)
    if sector > 0 and policy.per_sector < 1.0:
        needs = max(needs, (used.sector_u + unit.exposure_u) / policy.per_sector)
    if bar.cluster > 0 and policy.per_cluster < 1.0:
        needs = max(needs, (used.cluster_u + unit.exposure_u) / policy.per_cluster)
    if unit.puts_u > 0:
        needs = max(needs, (account.puts_u + unit.puts_u) / limits.short_put_notional)
    if policy.buying_power[column] > 0.0:
        needs = max(needs, (account.margin_u + unit.margin_u) / policy.buying_power[column])
    missing_u = unit.cash_u - free_cash_u(account, limits)
    if missing_u > 0:
        needs = max(needs, account.equity_u + missing_u / (1.0 - limits.cash_reserve))
    return cents_up(math.ceil(needs) + 1)


@kernel
def own_room(used: Used, unit: Unit, own: Own) -> int:
    """How many units the shares decided beforehand leave room for."""
    if own.shares_most <= 0 or unit.shares <= 0:
        return NO_BOUND
    return fits(own.shares_most, used.shares, unit.shares)


@kernel
def tighter(so_far: Bound, room: int, code: int) -> Bound:
    """The cap that leaves fewer units; of two alike the one that was there first."""
    return Bound(room, code) if room < so_far.quantity else so_far


@kernel
def by_groups(
    account: Account, used: Used, unit: Unit, own: Own, policy: Policy, sector: int, bar: Bar
) -> Bound:
    """The units that the caps of one name, its sector and its cluster admit."""
    equity_u, each_u = account.equity_u, unit.exposure_u
    bound = Bound(own_room(used, unit, own), reason.OWN)
    room = fits(share_u(policy.per_underlying, equity_u), used.underlying_u, each_u)
    bound = tighter(bound, room, reason.UNDERLYING)
    if sector > 0 and policy.per_sector < 1.0:
        room = fits(share_u(policy.per_sector, equity_u), used.sector_u, each_u)
        bound = tighter(bound, room, reason.SECTOR)
    if bar.cluster > 0 and policy.per_cluster < 1.0:
        room = fits(share_u(policy.per_cluster, equity_u), used.cluster_u, each_u)
        bound = tighter(bound, room, reason.CLUSTER)
    return bound


@kernel
def by_account(
    account: Account, unit: Unit, policy: Policy, column: int, limits: Limits, bound: Bound
) -> Bound:
    """The units that the caps of an account admit besides."""
    equity_u = account.equity_u
    room = fits(share_u(limits.short_put_notional, equity_u), account.puts_u, unit.puts_u)
    bound = tighter(bound, room, reason.SHORT_PUTS)
    power_u = share_u(policy.buying_power[column], equity_u)
    room = fits(power_u, account.margin_u, unit.margin_u)
    bound = tighter(bound, room, reason.BUYING_POWER)
    return tighter(bound, fits(free_cash_u(account, limits), 0, unit.cash_u), reason.CASH)


@kernel
def check(
    account: Account, used: Used, unit: Unit, own: Own, policy: Policy, column: int,
    limits: Limits, sector: int, bar: Bar,
) -> Verdict:  # fmt: skip
    """The most units that every cap admits, and the cap that bound.

    `account` as last marked, with what this session has already approved taken off; `used` what
    the account's groups have in use.
    """
    if in_halt(account, limits):
        return Verdict(0, reason.HALT, 0, reason.HALT)
    if unit.naked and limits.collateral == CASH_SECURED:
        return Verdict(0, reason.NAKED, 0, reason.NAKED)
    bound = Bound(fits(budget_u(account.equity_u, policy, column), 0, unit.loss_u), reason.RISK)
    groups = by_groups(account, used, unit, own, policy, sector, bar)
    bound = tighter(bound, groups.quantity, groups.code)
    bound = by_account(account, unit, policy, column, limits, bound)
    if bound.quantity > 0:
        return Verdict(bound.quantity, APPROVED, 0, bound.code)
    if bound.code == reason.OWN:  # no equity would change that
        return Verdict(0, bound.code, 0, bound.code)
    needs_u = least_equity_u(account, used, unit, policy, column, limits, sector, bar)
    return Verdict(0, bound.code, needs_u, bound.code)


@kernel
def may_close(account: Account, cost_u: int, freed_u: int) -> bool:
    """Whether cash covers a buy-back beside the collateral of everything else."""
    kept_u = account.reserved_u + account.committed_u - freed_u
    return account.cash_u - cost_u >= kept_u
