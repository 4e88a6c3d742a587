"""Policies and settings as the numbers that kernels obey: one row each."""

from collections.abc import Sequence

from underwriter.app.policy_file import PolicyFile, Regime
from underwriter.app.settings import Account
from underwriter.core import policy as core
from underwriter.core.record import Rows, rows
from underwriter.core.units import to_u

_STRATEGIES = {"wheel": core.WHEEL, "cash_secured_put": core.CASH_SECURED_PUT}


def policy_rows(policies: Sequence[PolicyFile]) -> Rows[core.Policy]:
    """One row a policy, in their order."""
    made = rows(core.Policy, len(policies))
    for at, content in enumerate(policies):
        _fill_entry(made[at], content)
        _fill_size(made[at], content)
        _fill_columns(made[at], content)
    return made


def limits_row(account: Account) -> Rows[core.Limits]:
    """The limits of one account."""
    made = rows(core.Limits, 1)
    made[0].cash_reserve = account.cash_reserve
    made[0].short_put_notional = account.short_put_notional
    made[0].drawdown_halt = account.drawdown_halt
    return made


def _fill_entry(row: core.Policy, content: PolicyFile) -> None:
    """What may be sold, and when it is bought back."""
    entry, manage = content.entry, content.manage
    row.strategy = _STRATEGIES[content.strategy]
    row.dte_min, row.dte_max = entry.dte
    row.min_credit_u = to_u(entry.min_credit)
    row.max_spread = entry.max_spread
    row.min_open_interest = entry.min_open_interest
    row.take_profit = manage.take_profit
    row.exit_dte = -1 if manage.exit_dte is None else manage.exit_dte


def _fill_size(row: core.Policy, content: PolicyFile) -> None:
    """How many, and under which stress."""
    size = content.size
    row.risk_per_position = size.risk_per_position
    row.per_underlying = size.per_underlying
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
    row.confirm = regime.confirm if regime else 1
    row.hysteresis = regime.hysteresis if regime else 0.0
    row.delta[:columns] = _column(regime, "delta", entry.delta)
    row.size_factor[:columns] = _column(regime, "size", 1.0)
    row.min_yield[:columns] = _column(regime, "min_yield", entry.min_yield)
    every = regime.every if regime and regime.every else (entry.on,) * columns
    row.daily[:columns] = [cadence == "daily" for cadence in every]


def _column(regime: Regime | None, name: str, otherwise: float) -> tuple[float, ...] | float:
    """A regime's column, or the one value that holds in all."""
    found: tuple[float, ...] | None = getattr(regime, name) if regime else None
    return otherwise if found is None else found
