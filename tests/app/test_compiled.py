"""Policies and settings become the numbers that kernels obey."""

from pathlib import Path

import pytest

from underwriter.app.compiled import limits_row, own_rows, policy_rows
from underwriter.app.policy_file import PolicyFile, parse_policy
from underwriter.app.settings import Account
from underwriter.core.policy import (
    CASH_SECURED,
    CASH_SECURED_PUT,
    IRON_CONDOR,
    OWN_PERCENTILE,
    REG_T,
    WHEEL,
)

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
stress = [{ spot = -0.20, vol = 1.5 }, { spot = -0.04, vol = 2.2 }, { spot = 0.1, vol = 0.8 }]
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
    assert row.stresses == 3
    assert list(row.stress_vol[:3]) == [1.5, 2.2, 0.8]


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


UNKNOWN = """
[regime]
bands = [15, 20]
delta = [0.2, 0.1, 0.3]
size = [1.0, 0.5, 1.0]
min_yield = [0.12, 0.08, 0.05]
every = ["weekly", "daily", "daily"]
admit_iv_max = [0.6, 0.4, 0.9]
buying_power = [0.5, 0.25, 1.0]
"""


def test_an_unknown_measure_takes_of_each_key_its_most_careful_value() -> None:
    row = policy_rows([policy(PLAIN + UNKNOWN)])[0]
    assert row.careful == 3, "one after the columns, of which the last is the boldest"
    assert (row.delta[3], row.size_factor[3], row.min_yield[3]) == (0.1, 0.5, 0.12)
    assert (row.daily[3], row.admit_iv_max[3], row.buying_power[3]) == (0, 0.4, 0.25)


def test_a_last_column_that_is_the_most_careful_holds_while_the_measure_is_unknown() -> None:
    assert policy_rows([policy(PLAIN)])[0].careful == 0
    assert policy_rows([policy(PLAIN + REGIME)])[0].careful == 2


def test_seven_bands_have_room_for_an_unknown_measure() -> None:
    edges, deltas = list(range(10, 80, 10)), [0.1] * 7 + [0.3]
    row = policy_rows([policy(f"{PLAIN}[regime]\nbands = {edges}\ndelta = {deltas}\n")])[0]
    assert (row.careful, row.delta[8]) == (8, 0.1)


LEGS = """
[manage]
stop = 2.0
[manage.roll]
when_delta = 0.4
when_extrinsic = 0.05
out = [30, 60]
at_most = 2
[regime]
measure = "IV percentile"
bands = [50]
buying_power = [0.5, 0.25]
slope_above = 1.0
[own."SPX/10"]
buy_below = 150.5
max_shares = 300
"""


def test_legs_rolls_and_prices_decided_beforehand() -> None:
    text = PLAIN.replace("cash_secured_put", "iron_condor") + LEGS
    content = policy(text.replace("min_credit = 0.15", "width = 5\nmin_reward = 0.2"))
    row = policy_rows([content])[0]
    assert row.strategy == IRON_CONDOR
    assert (row.width_u, row.long_delta, row.min_reward) == (5_000_000, 0.0, 0.2)
    assert (row.stop, row.avoid_assignment, row.close_pin) == (2.0, 1, 1)
    assert (row.roll_at_most, row.roll_dte_min, row.roll_dte_max) == (2, 30, 60)
    assert (row.roll_delta, row.roll_through, row.roll_extrinsic_u) == (0.4, 0, 50_000)
    assert (row.roll_away, row.roll_for_credit) == (1, 1)
    assert (row.measure, row.bands, row.slope_above) == (OWN_PERCENTILE, 1, 1.0)
    assert list(row.buying_power[:2]) == [0.5, 0.25]
    own = own_rows([content], ["KO", "SPX/10"])
    assert (own[0, 0].put_most_u, own[0, 0].shares_most) == (0, 0)
    assert (own[0, 1].put_most_u, own[0, 1].call_least_u) == (150_500_000, 0)
    assert own[0, 1].shares_most == 300


def test_without_a_table_nothing_is_rolled_and_no_volatility_is_too_high() -> None:
    row = policy_rows([policy(PLAIN)])[0]
    assert (row.roll_at_most, row.avoid_assignment, row.close_pin) == (0, 0, 0)
    assert row.admit_iv_max[0] == float("inf")
    assert (row.buying_power[0], row.per_sector, row.per_cluster) == (1.0, 1.0, 1.0)


def test_limits_are_the_accounts() -> None:
    account = Account(cash_reserve=0.05, short_put_notional=0.8, drawdown_halt=0.25)
    row = limits_row(account, 3_000_000)[0]
    found = (row.cash_reserve, row.short_put_notional, row.drawdown_halt)
    assert found == pytest.approx((0.05, 0.8, 0.25), abs=0)
    assert (row.fee_reserve_u, row.collateral) == (3_000_000, CASH_SECURED)
    assert limits_row(Account(collateral="reg_t"), 0)[0].collateral == REG_T
