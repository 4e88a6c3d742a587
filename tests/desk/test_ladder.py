"""The ladder of a limit, by the table of its own docstring and by what must always hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underwriter.desk.ladder import Ladder, Net, limit_u, net_of, paid_u
from underwriter.desk.ports import Touch

SALE = Net(1_400_000, 1_300_000)
FIVE = Ladder(5)


@pytest.mark.parametrize(
    ("floor", "step", "cents"),
    [
        (None, 10_000, [140, 138, 135, 133, 130, 130]),
        (1_360_000, 10_000, [140, 138, 136, 136, 136, 136]),
        (None, 50_000, [140, 140, 135, 135, 130, 130]),
    ],
)
def test_the_table_of_the_docstring(floor: int | None, step: int, cents: list[int]) -> None:
    found = [limit_u(SALE, rung, FIVE, floor, step) // 10_000 for rung in range(6)]
    assert found == cents


@given(
    bid=st.integers(1, 10**6),
    wide=st.integers(0, 10**6),
    rung=st.integers(0, 50),
    floor=st.none() | st.integers(-(10**6), 10**6),
    step=st.sampled_from([10_000, 50_000, 100_000]),
    sale=st.booleans(),
)
def test_t13_t17_no_limit_is_off_step_beyond_the_touch_or_under_the_floor(
    *, bid: int, wide: int, rung: int, floor: int | None, step: int, sale: bool
) -> None:
    quoted = {"x": Touch(bid, bid + wide, 0)}
    net = net_of({"x": -1 if sale else 1}, quoted)
    assert net is not None
    found = limit_u(net, rung, FIVE, floor, step)
    assert found % step == 0
    assert found >= (bid if sale else -(bid + wide))
    assert floor is None or found >= floor
    lowest = max(net.mid_u, net.mid_u if floor is None else floor)
    assert found < lowest + step  # no further from the market than its first rung


@given(rung=st.integers(0, 10))
def test_no_rung_is_dearer_for_the_market_than_the_one_before(rung: int) -> None:
    found = [limit_u(SALE, each, FIVE, None, 10_000) for each in (rung, rung + 1)]
    assert found[1] <= found[0]


@pytest.mark.parametrize(
    ("ask", "step", "cents"),
    [(10_000, 10_000, -1), (50_000, 50_000, -5), (40_000, 50_000, None), (20_000, 10_000, -1)],
)
def test_one_thing_is_not_bought_for_nothing_nor_above_its_offer(
    ask: int, step: int, cents: int | None
) -> None:
    net = net_of({"x": 1}, {"x": Touch(0, ask, 0)})
    assert net is not None
    found = paid_u(limit_u(net, 0, FIVE, None, step), net.touch_u, step)
    assert found == (None if cents is None else cents * 10_000)


def test_several_legs_have_one_net_price() -> None:
    quoted = {"short": Touch(1_300_000, 1_400_000, 0), "long": Touch(500_000, 600_000, 0)}
    assert net_of({"short": -1, "long": 1}, quoted) == Net(800_000, 700_000, 4 / 38, 550_000)
    assert net_of({"short": 1, "long": -1}, quoted) == Net(-800_000, -900_000, 4 / 38, 550_000)


def test_t29_what_is_not_quoted_on_the_side_it_needs_has_no_price() -> None:
    no_bid = {"x": Touch(0, 50_000, 0)}
    assert net_of({"x": -1}, no_bid) is None
    assert net_of({"x": 1}, no_bid) == Net(-25_000, -50_000, 2.0)
    assert net_of({"x": 1}, {"x": Touch(50_000, 40_000, 0)}) is None
    assert net_of({"x": 1}, {"x": Touch(0, 0, 0)}) is None
    assert net_of({"x": 1}, {}) is None
