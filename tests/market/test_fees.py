"""Fees against figures published by who charges them; the sums of DOMAIN.md 2.7 to the cent."""

import csv
from collections import defaultdict
from datetime import date
from decimal import ROUND_CEILING, Decimal
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underwriter.core.errors import InputError
from underwriter.core.units import day_number
from underwriter.market.fees import (
    BROAD,
    SHARES,
    fee_schedule,
    in_force_since,
    most_a_contract_u,
    option_fee_u,
    stock_fee_u,
)


def days(*texts: str) -> np.ndarray:
    return np.array([day_number(date.fromisoformat(text)) for text in texts], np.int32)


def table() -> list[dict[str, str]]:
    text = (files("underwriter.market") / "fees.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def test_one_contract_in_june_2025() -> None:
    """DOMAIN.md 2.7: sell 0.70594, buy 0.70315, Section 31 zero from 2025-05-14."""
    found = fee_schedule(days("2025-06-02"))
    assert found.option_sell_u[SHARES].tolist() == [705_940]
    assert found.option_buy_u[SHARES].tolist() == [703_150]
    assert found.assign_u[SHARES].tolist() == [0]
    assert found.option_sell_rate[SHARES].tolist() == [0.0]
    assert found.stock_sell_rate[SHARES].tolist() == [0.0]


@pytest.mark.parametrize(
    ("before", "after", "rates"),
    [  # FINRA information notices of 2014-03-03, 2018-05-07 and 2025-04-24, SEC advisory of 2021
        ("2014-03-17", "2014-03-18", (17.4e-6, 22.1e-6)),
        ("2018-05-21", "2018-05-22", (23.1e-6, 13.0e-6)),
        ("2021-02-24", "2021-02-25", (22.1e-6, 5.1e-6)),
        ("2025-05-13", "2025-05-14", (27.8e-6, 0.0)),
    ],
)
def test_section_31_changes_on_its_day(before: str, after: str, rates: tuple[float, float]) -> None:
    found = fee_schedule(days(before, after))
    assert tuple(found.option_sell_rate[SHARES]) == pytest.approx(rates, rel=1e-15)
    assert tuple(found.stock_sell_rate[SHARES]) == pytest.approx(rates, rel=1e-15)


def test_clearing_fell_to_two_cents_in_june_2021() -> None:
    """OCC, press release of 2021-04-19: from 0.045 to 0.02 a contract."""
    found = fee_schedule(days("2021-05-28", "2021-06-01"))
    assert (found.option_buy_u[SHARES, 0] - found.option_buy_u[SHARES, 1]) == 25_000


def test_a_broker_of_ones_own() -> None:
    free = fee_schedule(days("2025-06-02"), commission_u=0)
    assert free.option_sell_u[SHARES].tolist() == [55_940]
    assert free.option_buy_u[SHARES].tolist() == [53_150]


def test_broad_index_options_pay_the_surcharge_and_no_section_31() -> None:
    found = fee_schedule(days("2024-06-03"))
    assert found.option_sell_rate[BROAD].tolist() == [0.0]
    assert found.stock_sell_rate[BROAD].tolist() == found.stock_sell_rate[SHARES].tolist()
    assert (found.option_sell_u[BROAD] - found.option_sell_u[SHARES]).tolist() == [650_000]


def test_the_most_a_contract_costs_is_the_dearer_kind_both_ways() -> None:
    """Assignment is free; sold and bought on a broad index."""
    found = fee_schedule(days("2025-06-02"))
    sides = found.option_sell_u[BROAD, 0] + found.option_buy_u[BROAD, 0] + found.assign_u[BROAD, 0]
    assert most_a_contract_u(found) == sides


def test_days_before_the_table_are_refused() -> None:
    with pytest.raises(InputError, match=r"fees.csv: found no .* fee on 1989-12-29; expected days"):
        fee_schedule(days("2014-01-02", "1989-12-29"))


@given(st.integers(day_number(date(1990, 1, 2)), day_number(date(2030, 1, 1))))
def test_fees_are_those_of_the_day_since_which_they_are_in_force(day: int) -> None:
    since = in_force_since(day)
    assert since <= day
    both = fee_schedule(np.array([since, day], np.int32))
    for fees in both:
        assert fees[:, 0].tolist() == fees[:, 1].tolist()
    assert in_force_since(since) == since


def test_before_the_table_no_fees_are_in_force() -> None:
    assert in_force_since(5) == 5


def test_no_days_no_fees() -> None:
    assert fee_schedule(days()).option_sell_u.tolist() == [[], []]


def test_an_order_is_rounded_up_once() -> None:
    """Ten contracts at 0.70594 come to 7.0594: 7.06; ten rounded singly would be 7.10."""
    assert option_fee_u(10, 2_000_000_000, 705_940, 0.0) == 7_060_000


def test_section_31_on_an_order() -> None:
    """1,000 dollars of premium at 22.10 a million: 0.0221 beside 0.70594, together 0.73."""
    assert option_fee_u(1, 1_000_000_000, 705_940, 22.1e-6) == 730_000
    assert option_fee_u(1, 1_000_000_000, 705_940, 0.0) == 710_000


def test_shares_sold() -> None:
    """100 shares at 287.29 at 23.10 a million: 0.6637, which is 0.67."""
    assert stock_fee_u(28_729_000_000, 23.1e-6) == 670_000


def test_a_sum_on_the_cent_stays_there() -> None:
    """A million at 22.10 a million is 22.10 and not 22.11, at every such rate."""
    for tenths in range(500):
        assert stock_fee_u(10**12, tenths / 10 / 10**6) == tenths * 100_000


@given(
    st.integers(0, 10_000), st.integers(0, 10**14), st.integers(0, 5_000_000), st.integers(0, 5_000)
)
def test_fees_are_exact(quantity: int, notional: int, each: int, cents_a_million: int) -> None:
    levy = Decimal(notional) * cents_a_million / 10**8
    cents = ((quantity * each + levy) / 10_000).to_integral_value(ROUND_CEILING)
    found = option_fee_u(quantity, notional, each, cents_a_million / 10**8)
    assert found == int(cents) * 10_000


def test_the_table_is_in_order_and_names_its_sources() -> None:
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in table():
        assert row["side"] in {"buy", "sell", "both", "assign", "stock_sell"}
        assert row["sure"] in {"V", "M"}
        assert row["source"]
        assert bool(row["per_contract"]) != bool(row["per_notional"])
        groups[row["name"], row["side"]].append(row["effective_from"])
    for dates in groups.values():
        assert dates == sorted(set(dates))
        assert dates[0] == "1990-01-01"


def test_the_table_loses_nothing_to_its_units() -> None:
    for row in table():
        assert Decimal(row["per_contract"] or 0) * 10**6 % 1 == 0
        assert Decimal(row["per_notional"] or 0) * 10**9 % 1 == 0
