"""What nobody quoted on a session stands at the volatility of before, and cannot be traded."""

import math

import numpy as np
import pytest

from markets import call, key, market, put
from runs import slab_of
from underwriter.core.chain import NO_ROW
from underwriter.core.kernel import plain
from underwriter.core.marking import mark_u
from underwriter.market.carried import carried, unquoted
from underwriter.market.slab import Slab

_mark_u = plain(mark_u)
TWO = ({}, {})


def session(day: int, closes: tuple[float, float], quotes: list) -> Slab:
    """One session of two underlyings."""
    return slab_of(market(quotes, closes=[closes], days=[day], terms=TWO))


def two(day: int, closes: tuple[float, float], *numbers: int) -> Slab:
    """A put and a call of some of the underlyings."""
    quotes = [
        each(95.0 + 10 * (each is call), 1.0, 1.2, expiry=30, underlying=number, iv=0.2 + number)
        for number in numbers
        for each in (put, call)
    ]
    return session(day, closes, quotes)


def test_a_session_that_was_collected_stays_as_it_is() -> None:
    whole = two(1, (100.0, 50.0), 0, 1)
    assert unquoted(whole) == []
    assert carried(whole, iter([two(0, (99.0, 50.0), 0, 1)])) is whole


def test_what_is_missing_has_its_last_volatility_and_a_forward_that_moved_along() -> None:
    missed = two(1, (100.0, 55.0), 0)
    found = carried(missed, [two(0, (99.0, 50.0), 0, 1)])
    assert unquoted(missed) == [1]
    assert unquoted(found) == []
    assert found.origins[1] == "carried"
    assert found.origins[0] == missed.origins[0]
    bars, quotes = found.market.bars, found.market.quotes
    own, moved = bars[0, 0], bars[0, 1]
    assert (own.puts, own.calls, own.end) == (0, 1, 2)
    assert (moved.puts, moved.calls, moved.end) == (2, 3, 4)
    assert int(quotes[0].bid_u) == 1_000_000, "what was collected stays"
    for at in (2, 3):
        row = quotes[at]
        assert (row.bid_u, row.ask_u, row.session, row.next) == (0, 0, 0, NO_ROW)
        assert row.iv == pytest.approx(1.2)
        assert row.forward == pytest.approx(100.0 * 55.0 / 50.0)
        assert math.isnan(row.delta)
        assert row.open_interest == -1
    assert int(moved.close_u) == 55_000_000


def test_a_contract_is_priced_by_what_was_carried_and_not_at_its_intrinsic_value() -> None:
    """At the money of the moved forward: 0.4 of the deviation times the forward, near enough."""
    then = session(0, (100.0, 100.0), [put(100.0, 2.0, 2.2, expiry=31, iv=0.2)])
    missed = session(1, (100.0, 100.0), [])
    contract = key(100.0, expiry=31)

    def marked(slab: Slab) -> int:
        bar = slab.market.bars[0, 0]
        return int(_mark_u(slab.market.quotes, bar, slab.market.sessions[0], contract, -1))

    assert marked(missed) == 0
    expected = 0.3989 * 100.0 * 0.2 * math.sqrt(30 / 365)
    assert marked(carried(missed, [then])) == pytest.approx(expected * 1_000_000, rel=0.01)


def test_each_is_taken_from_the_last_session_that_had_it_and_what_has_ended_is_left_out() -> None:
    expired = session(0, (100.0, 50.0), [put(95.0, 1.0, 1.2, expiry=1), put(90.0, 1.0, 1.2)])
    later = two(2, (100.0, 50.0), 1)
    found = carried(session(3, (100.0, 50.0), []), iter([later, expired]))
    bars = found.market.bars
    assert (bars[0, 0].puts, bars[0, 0].calls, bars[0, 0].end) == (0, 1, 1)
    assert int(found.market.quotes[0].strike_u) == 90_000_000
    assert int(bars[0, 1].end) == 3
    assert found.origins == ("carried", "carried")


def test_what_was_never_quoted_is_left_without_rows_and_says_so() -> None:
    missed = session(1, (100.0, 50.0), [])
    found = carried(missed, [session(0, (99.0, 50.0), [])])
    assert unquoted(found) == [0, 1]
    assert found.origins == ("carried", "carried")
    assert len(np.asarray(found.market.quotes)) == 0
