"""Gates on series: what they notice, and what they let pass."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from market import cboe
from underwriter.core.units import day_number
from underwriter.market.series_quality import total_return_doubts


def test_the_total_return_of_january_2016_is_noticed_and_nothing_else(shared: Path) -> None:
    # ../shared's own note: the month-end SPTR of 2016-01-29 is 2.5% too low
    total, price = cboe.strategy(shared, "SPTR"), cboe.strategy(shared, "SPX")
    days = np.array([day_number(day) for day in total], np.int32)
    found = total_return_doubts(days, np.array([*price.values()]), np.array([*total.values()]))
    assert [one.day for one in found] == [day_number(date(2016, 1, 29))]
    assert found[0].part == pytest.approx(-0.025, abs=0.003)


def monthly() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    days = np.arange(16436, 16436 + 30 * 24, 30, dtype=np.int32)
    price = 2000.0 + 50.0 * np.sin(np.arange(24))
    return days, price, price * 1.02 ** ((days - days[0]) / 365.0)


def test_two_percent_of_dividends_raise_no_doubt() -> None:
    assert not total_return_doubts(*monthly())


@pytest.mark.parametrize("part", [-0.02, 0.02])
def test_one_wrong_level_is_told_once(part: float) -> None:
    days, price, total = monthly()
    total[10] *= 1.0 + part
    (found,) = total_return_doubts(days, price, total)
    assert found.day == days[10]
    assert found.part == pytest.approx(part, abs=0.003)


def test_a_level_that_stays_off_is_told_on_the_day_it_departs() -> None:
    days, price, total = monthly()
    total[10:] *= 0.97
    (found,) = total_return_doubts(days, price, total)
    assert found.day == days[10]
