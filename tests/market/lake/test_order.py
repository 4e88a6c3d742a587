"""The order of the slab, held against polars' own sort by the same columns."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as some
from polars.testing import assert_frame_equal

from underwriter.market.lake.order import ORDER, ordered
from underwriter.market.schema import conform

DAYS = some.dates(dt.date(1999, 1, 4), dt.date(2031, 1, 4))
PLAIN = some.integers(1, 9_000_000).map(lambda thousandths: thousandths / 1000.0)
ODD = some.sampled_from([14.2857, 14.28571, 0.0, -3.0, 1e12, float("inf"), float("nan"), None])


def rows(strikes: some.SearchStrategy[float | None]) -> some.SearchStrategy[pl.DataFrame]:
    """Frames of a chain, each row marked with its place."""
    row = some.fixed_dictionaries(
        {
            "underlying": some.sampled_from(["ABC", "SPX"]),
            "root": some.sampled_from([None, "SPX", "SPXW", "ABC"]),
            "date": DAYS,
            "expiry": DAYS,
            "right": some.sampled_from(["P", "C"]),
            "strike": strikes,
        }
    )
    return some.lists(row, min_size=1, max_size=30).map(
        lambda made: conform("chain", pl.DataFrame(made, infer_schema_length=None)).with_columns(
            line=pl.int_range(pl.len())
        )
    )


@given(rows(PLAIN))
def test_plain_strikes(frame: pl.DataFrame) -> None:
    assert_frame_equal(ordered(frame), frame.sort(ORDER, maintain_order=True))


@given(rows(PLAIN | ODD))
def test_strikes_that_are_no_thousandths(frame: pl.DataFrame) -> None:
    assert_frame_equal(ordered(frame), frame.sort(ORDER, maintain_order=True))


@pytest.mark.parametrize("name", ["root", "strike", "expiry"])
def test_a_column_that_nobody_says(name: str) -> None:
    day = dt.date(2015, 1, 5)
    frame = conform(
        "chain",
        pl.DataFrame(
            {
                "underlying": "ABC",
                "root": ["ABC", "ABC"],
                "date": [day + dt.timedelta(1), day],
                "expiry": day,
                "right": "P",
                "strike": 1.0,
            }
        ).with_columns(pl.lit(None).alias(name)),
    )
    assert ordered(frame)["date"].to_list() == [day, day + dt.timedelta(1)]


def test_a_frame_in_order_is_given_back_as_it_is() -> None:
    frame = conform("chain", pl.DataFrame({"underlying": ["ABC"] * 3, "strike": [1.0, 2.0, 2.0]}))
    assert_frame_equal(ordered(frame), frame)
