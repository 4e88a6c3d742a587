"""One session by itself is that session of the whole history: proof 2, as `plan` makes it."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from app.planning import policy
from lakes import filled, written
from underwriter.app import wire
from underwriter.app.request import Request
from underwriter.app.settings import Settings, open_house
from underwriter.app.shipped import find_policy
from underwriter.core.kernel import JIT
from underwriter.market.moment import last_session
from underwriter.market.slab import Slab


def request(asked: str, home: Path, last: date | None = None) -> Request:
    """A request for a policy up to a day."""
    house = open_house(home)
    return Request(find_policy(asked), house, Settings(), home / "runs" / "x", last=last)


def assert_same(one: Slab, other: Slab) -> None:
    """Every field of every row; what is not known is not known in both."""
    assert one.instruments == other.instruments
    assert one.origins == other.origins
    for table, whole in zip(one.market, other.market, strict=True):
        assert table.shape == whole.shape
        for name in table.dtype.names:
            np.testing.assert_array_equal(table[name], whole[name], err_msg=name)


def both(asked: str, home: Path, day: date) -> tuple[Slab, Slab]:
    """The session alone, and as the last of the history that ends with it."""
    whole = request(asked, home, day)
    alone = wire.moment(request(asked, home), day).slab(home)
    return alone, last_session(wire.ground(whole).slab(home))


@pytest.mark.parametrize("day", [date(2024, 1, 17), date(2024, 4, 12)])
def test_a_session_of_the_lake(home: Path, tmp_path: Path, day: date) -> None:
    filled(home, [written(tmp_path, settlement="physical")])
    alone, cut = both(policy(tmp_path), home, day)
    assert alone.market.sessions.shape == (1,)
    assert alone.market.quotes.shape[0] > 500
    assert_same(alone, cut)


@pytest.mark.skipif(not JIT, reason="years of modelled quotes, interpreted")
@pytest.mark.parametrize("day", [date(2014, 1, 31), date(2016, 6, 24), date(2018, 12, 31)])
def test_a_session_of_the_history_that_comes_along(home: Path, day: date) -> None:
    """Contracts that were listed weeks ago are there, whatever has become of their delta."""
    alone, cut = both("wheel-index", home, day)
    assert alone.market.quotes.shape[0] > 500
    assert_same(alone, cut)
