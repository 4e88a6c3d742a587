"""Policies and settings as the numbers that kernels obey: one row each."""

import math
from collections.abc import Sequence

from underwriter.app.policy_file import PolicyFile, Regime, Roll
from underwriter.app.settings import Account
from underwriter.core import policy as core
from underwriter.core.record import Rows, rows
from underwriter.core.units import to_u

_STRATEGIES = {
    "wheel": core.WHEEL,
    "cash_secured_put": core.CASH_SECURED_PUT,
    "covered_call": core.COVERED_CALL,
    "put_spread": core.PUT_SPREAD,
    "call_spread": core.CALL_SPREAD,
    "iron_condor": core.IRON_CONDOR,
    "strangle": core.STRANGLE,
    "collar": core.COLLAR,
}
_MEASURES = {"VIX": core.SESSION_MEASURE, "IV percentile": core.OWN_PERCENTILE}
_MOST_CAREFUL = {
    "delta": min,
    "size_factor": min,
    "min_yield": max,
    "daily": min,
    "admit_iv_max": min,
    "buying_power": min,
}  # of the columns of a regime
_COLLATERAL = {"cash_secured": core.CASH_SECURED, "reg_t": core.REG_T}


def policy_rows(policies: Sequence[PolicyFile]) -> Rows[core.Policy]:
    """One row a policy, in their order."""
    made = rows(core.Policy, len(policies))
    for at, content in enumerate(policies):
        _fill_entry(made[at], content)
        _fill_manage(made[at], content)
        _fill_roll(made[at], content.manage.roll)
        _fill_size(made[at], content)
        _fill_columns(made[at], content)
    return made


def own_rows(policies: Sequence[PolicyFile], symbols: Sequence[str]) -> Rows[core.Own]:
    """The prices decided beforehand, (policies, underlyings); `symbols` as policies name them."""
    made = rows(core.Own, len(policies), len(symbols))
    for at, content in enumerate(policies):
        for number, symbol in enumerate(symbols):
            if own := content.own.get(symbol):
                made[at, number].put_most_u = to_u(own.buy_below or 0.0)
                made[at, number].call_least_u = to_u(own.sell_above or 0.0)
                made[at, number].shares_most = own.max_shares or 0
    return made


def limits_row(account: Account, fee_reserve_u: int) -> Rows[core.Limits]:
    """The limits of one account, which keeps so much for the fees of each contract."""
    made = rows(core.Limits, 1)
    made[0].collateral = _COLLATERAL[account.collateral]
    made[0].fee_reserve_u = fee_reserve_u
    made[0].cash_reserve = account.cash_reserve
    made[0].short_put_notional = account.short_put_notional
    made[0].drawdown_halt = account.drawdown_halt
    return made


def _fill_entry(row: core.Policy, content: PolicyFile) -> None:
    """What may be sold."""
    entry = content.entry
    row.strategy = _STRATEGIES[content.strategy]
    row.dte_min, row.dte_max = entry.dte
    row.min_credit_u = to_u(entry.min_credit)
    row.max_spread = entry.max_spread
    row.min_open_interest = entry.min_open_interest
    row.width_u = to_u(entry.width or 0.0)
    row.long_delta = entry.long_delta or 0.0
    row.min_reward = entry.min_reward
    row.buy_shares = int(entry.shares == "buy")
    row.avoid_earnings = int(entry.avoid_earnings)


def _fill_manage(row: core.Policy, content: PolicyFile) -> None:
    """When what is held is closed."""
    manage, avoids = content.manage, content.avoids_assignment
    row.take_profit = manage.take_profit
    row.stop = manage.stop
    row.exit_dte = -1 if manage.exit_dte is None else manage.exit_dte
    row.cooldown = manage.cooldown
    row.avoid_assignment = int(avoids)
    row.close_pin = int(avoids if manage.pin is None else manage.pin == "close")
    row.below_breakeven = int(manage.below_breakeven)


def _fill_roll(row: core.Policy, roll: Roll | None) -> None:
    """When what is tested is rolled, and where to; never without a table."""
    if roll is None:
        return
    row.roll_at_most = roll.at_most
    row.roll_dte_min, row.roll_dte_max = roll.out
    row.roll_delta = roll.when_delta or 0.0
    row.roll_through = int(roll.when_through)
    row.roll_extrinsic_u = to_u(roll.when_extrinsic or 0.0)
    row.roll_away = int(roll.down)
    row.roll_for_credit = int(roll.for_credit)


def _fill_size(row: core.Policy, content: PolicyFile) -> None:
    """How many, and under which stress."""
    size = content.size
    row.risk_per_position = size.risk_per_position
    row.per_underlying = size.per_underlying
    row.per_sector = size.per_sector
    row.per_cluster = size.per_cluster
    row.stresses = len(size.stress)
    for at, stress in enumerate(size.stress):
        row.stress_spot[at] = stress.spot
        row.stress_vol[at] = stress.vol


def _fill_columns(row: core.Policy, content: PolicyFile) -> None:
    """The regime's columns; the entry's own values where a regime names none."""
    entry, regime = content.entry, content.regime
    bands: tuple[float, ...] = regime.bands if regime else ()
    columns = len(bands) + 1
    row.bands = len(bands)
    row.edge[: len(bands)] = bands
    row.measure = _MEASURES[regime.measure] if regime else core.SESSION_MEASURE
    row.slope_above = regime.slope_above if regime else 0.0
    row.below_realised = regime.below_realised if regime else 0.0
    row.confirm = regime.confirm if regime else 1
    row.hysteresis = regime.hysteresis if regime else 0.0
    row.delta[:columns] = _column(regime, "delta", entry.delta)
    row.size_factor[:columns] = _column(regime, "size", 1.0)
    row.min_yield[:columns] = _column(regime, "min_yield", entry.min_yield)
    row.admit_iv_max[:columns] = _column(regime, "admit_iv_max", math.inf)
    row.buying_power[:columns] = _column(regime, "buying_power", content.size.buying_power)
    every = regime.every if regime and regime.every else (entry.on,) * columns
    row.daily[:columns] = [cadence == "daily" for cadence in every]
    add_careful(row)


def add_careful(row: core.Policy) -> None:
    """Add the column for an unknown measure: of each key its most careful value in any column.

    It stands after the last column, or is the last one where that is as careful in every key.
    """
    columns = row.bands + 1
    found = {name: most(getattr(row, name)[:columns]) for name, most in _MOST_CAREFUL.items()}
    last = all(getattr(row, name)[row.bands] == value for name, value in found.items())
    row.careful = row.bands if last else columns
    for name, value in found.items():
        getattr(row, name)[row.careful] = value


def _column(regime: Regime | None, name: str, otherwise: float) -> tuple[float, ...] | float:
    """A regime's column, or the one value that holds in all."""
    found: tuple[float, ...] | None = getattr(regime, name) if regime else None
    return otherwise if found is None else found
