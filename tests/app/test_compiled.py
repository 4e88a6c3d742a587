"""Policies and settings become the numbers that kernels obey."""

from pathlib import Path

import pytest

from underwriter.app.compiled import limits_row, policy_rows
from underwriter.app.policy_file import PolicyFile, parse_policy
from underwriter.app.settings import Account
from underwriter.core.policy import CASH_SECURED_PUT, WHEEL

PLAIN = """
name = "plain"
strategy = "cash_secured_put"
universe = ["SPX/10"]
[entry]
on = "daily"
delta = 0.25
dte = [25, 45]
min_yield = 0.08
min_credit = 0.15
[size]
risk_per_position = 0.02
stress = [{ spot = -0.20, vol = 1.5 }, { spot = -0.04, vol = 2.2 }]
"""
REGIME = """
[manage]
exit_dte = 21
[regime]
bands = [15, 20]
delta = [0.3, 0.2, 0.0]
every = ["daily", "weekly", "weekly"]
"""


def policy(text: str) -> PolicyFile:
    return parse_policy(Path("policy.toml"), text).content


def test_a_policy_without_a_regime_has_one_column() -> None:
    row = policy_rows([policy(PLAIN)])[0]
    assert row.strategy == CASH_SECURED_PUT
    assert (row.dte_min, row.dte_max, row.exit_dte) == (25, 45, -1)
    assert row.min_credit_u == 150_000
    assert row.bands == 0
    assert (row.delta[0], row.size_factor[0], row.min_yield[0]) == (0.25, 1.0, 0.08)
    assert row.daily[0] == 1
    assert row.stresses == 2
    assert list(row.stress_vol[:2]) == [1.5, 2.2]


def test_columns_replace_what_they_name_and_keep_the_rest() -> None:
    text = PLAIN.replace("cash_secured_put", "wheel") + REGIME
    first, row = policy_rows([policy(PLAIN), policy(text)])[0], policy_rows([policy(text)])[0]
    assert first.bands == 0
    assert row.strategy == WHEEL
    assert row.exit_dte == 21
    assert (row.bands, row.confirm, row.hysteresis) == (2, 2, 1.0)
    assert list(row.edge[:2]) == [15.0, 20.0]
    assert list(row.delta[:3]) == [0.3, 0.2, 0.0]
    assert list(row.daily[:3]) == [1, 0, 0]
    assert list(row.min_yield[:3]) == [0.08] * 3, "the entry's own"
    assert list(row.size_factor[:3]) == [1.0] * 3


def test_limits_are_the_accounts() -> None:
    row = limits_row(Account(cash_reserve=0.05, short_put_notional=0.8, drawdown_halt=0.25))[0]
    found = (row.cash_reserve, row.short_put_notional, row.drawdown_halt)
    assert found == pytest.approx((0.05, 0.8, 0.25), abs=0)
