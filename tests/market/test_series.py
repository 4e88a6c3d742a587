"""Series of a chain, counted by hand."""

from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underwriter.core.units import day_number
from underwriter.market.series import Short, series_of, spread_out, years_left


def columns(rows: list[tuple[int, int, int]]) -> list[np.ndarray]:
    """Session, right and expiry of quotes, in the order of the slab."""
    return [np.array(column, np.int32) for column in zip(*sorted(rows), strict=True)]


def test_a_series_has_its_puts_and_calls() -> None:
    found = series_of(*columns([(10, 0, 12), (10, 0, 12), (10, 0, 19), (10, 1, 12), (11, 1, 12)]))
    assert found.session.tolist() == [10, 10, 11]
    assert found.expiry.tolist() == [12, 19, 12]
    assert found.puts.tolist() == [0, 2, 0]
    assert found.puts_end.tolist() == [2, 3, 0]
    assert found.calls.tolist() == [3, 0, 4]
    assert found.calls_end.tolist() == [4, 0, 5]


def test_a_chain_without_quotes_has_no_series() -> None:
    nothing = np.empty(0, np.int32)
    assert [len(column) for column in series_of(nothing, nothing, nothing)] == [0] * 6


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 1), st.integers(0, 9)), min_size=1, max_size=60
    )
)
def test_every_quote_is_in_the_series_of_its_session_and_expiry(
    rows: list[tuple[int, int, int]],
) -> None:
    session, right, expiry = columns(rows)
    found = series_of(session, right, expiry)
    of = spread_out(found, len(session))
    assert (found.session[of] == session).all()
    assert (found.expiry[of] == expiry).all()
    row = np.arange(len(session))
    first = np.where(right == 1, found.calls[of], found.puts[of])
    end = np.where(right == 1, found.calls_end[of], found.puts_end[of])
    assert ((first <= row) & (row < end)).all()


def test_series_of_other_rows_are_refused() -> None:
    found = series_of(*columns([(10, 0, 12)]))
    with pytest.raises(ValueError, match="hold 1 rows; expected 2"):
        spread_out(found, 2)


def test_years_run_from_the_moment_of_the_quote_to_the_settlement() -> None:
    """Act/365: 35 days and 15 minutes; to the open, six and a half hours less than to the close."""
    found = series_of(*columns([(100, 0, 135), (100, 0, 100)]))
    minute = 1 / (365 * 24 * 60)
    assert years_left(found) == pytest.approx([15 * minute, 35 / 365 + 15 * minute])
    assert years_left(found, True) == pytest.approx([-375 * minute, 35 / 365 - 375 * minute])
    assert years_left(found, np.array([False, True])) == pytest.approx(
        [15 * minute, 35 / 365 - 375 * minute]
    )


def test_an_early_close_is_three_hours_earlier_on_either_end() -> None:
    """From noon's quotes to the next close 27 hours; to a close that is early itself, 21."""
    short = Short(np.array([90, 101, 140], np.int32), np.array([0.125, 0.125, 0.1]))
    rows = [(100, 0, 101), (100, 0, 102), (101, 0, 101), (101, 0, 102), (110, 0, 140)]
    found = series_of(*columns(rows))
    hour = 1 / (365 * 24)
    hours = [21.25, 48.25, 0.25, 27.25, 30 * 24 - 2.4 + 0.25]
    assert years_left(found, short=short) == pytest.approx([each * hour for each in hours])
    assert years_left(found, True, short)[0] == pytest.approx((24.25 - 6.5) * hour)


def test_t42_an_option_on_a_coin_ends_at_eight_in_utc_on_any_day() -> None:
    """From 23:45 UTC of a Saturday to 08:00 of Sunday, of Monday and of Friday the 25th.

    Deribit's contracts expire at 08:00 UTC (docs.deribit.com, instruments); on the last day its
    moment is past.
    """
    days = [(day_number(date(2020, 9, 12)), 0, day_number(date(2020, 9, last))) for last in _LAST]
    quoted = datetime(2020, 9, 12, 23, 45, tzinfo=UTC)
    hours = [
        (datetime(2020, 9, last, 8, tzinfo=UTC) - quoted).total_seconds() / 3_600 for last in _LAST
    ]
    assert hours == [-15.75, 8.25, 32.25, 296.25]
    found = series_of(*columns(days))
    years = years_left(found, coin=True)
    assert years == pytest.approx([each / (365 * 24) for each in hours])
    assert years_left(found, coin=np.array([True, False, True, True]))[1] == pytest.approx(
        24.25 / (365 * 24)
    )


_LAST = (12, 13, 14, 25)
