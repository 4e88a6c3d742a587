"""Several legs, rolls and shares sold short, read by hand."""

from datetime import date

import pytest

from underwriter.book.event import (
    Assigned,
    Expired,
    Filled,
    LegEvent,
    Moved,
    Settled,
    Split,
)
from underwriter.book.legs import ASSIGNED, BOUGHT_BACK, EXERCISED, SOLD, Position, Shares
from underwriter.core.sleeve import (
    LONG_CALL,
    LONG_PUT,
    ROLL_LONG,
    ROLL_SHORT,
    SHORT_CALL,
    SHORT_PUT,
)
from underwriter.core.units import MICRO

DAY = date(2024, 1, 2)
OF = {"at": 0, "session": DAY, "account": "main", "sleeve": 0, "campaign": 1, "policy": "ab12"}
P100, P95 = "KO    240216P00100000", "KO    240216P00095000"
P98, P93 = "KO    240315P00098000", "KO    240315P00093000"
C110, C115 = "KO    240216C00110000", "KO    240216C00115000"


def fill(slot: int, option: str, quantity: int, dollars: float) -> Filled:
    """`dollars` a share."""
    amount_u = round(-quantity * 100 * dollars * MICRO)
    return Filled(**OF, slot=slot, option=option, quantity=quantity, shares=0,
                  price_u=round(dollars * MICRO), amount_u=amount_u, fee_u=0)  # fmt: skip


def holding(*events: LegEvent) -> Position:
    position = Position("KO", 100)
    for event in events:
        assert position.take(event) is None
    return position


def test_a_put_spread_ties_up_its_width() -> None:
    position = holding(fill(SHORT_PUT, P100, -2, 3.0), fill(LONG_PUT, P95, 2, 1.0))
    assert position.secured_u == 2 * 100 * 5 * MICRO


def test_a_condor_ties_up_its_wider_wing_once() -> None:
    position = holding(
        fill(SHORT_PUT, P100, -1, 3.0),
        fill(LONG_PUT, P95, 1, 1.0),
        fill(SHORT_CALL, C110, -1, 2.0),
        fill(LONG_CALL, C115, 1, 1.0),
    )
    assert position.secured_u == 100 * 5 * MICRO


def test_calls_on_shares_tie_up_nothing_beside_them() -> None:
    position = holding(fill(SHORT_CALL, C110, -1, 2.0))
    assert position.secured_u == 100 * 110 * MICRO
    position.shares.move(100, -100 * 100 * MICRO)
    assert position.secured_u == 0


def test_a_roll_opens_beside_the_old_legs_and_takes_their_places() -> None:
    position = holding(
        fill(SHORT_PUT, P100, -1, 3.0),
        fill(LONG_PUT, P95, 1, 1.0),
        fill(ROLL_SHORT, P98, -1, 4.0),
        fill(ROLL_LONG, P93, 1, 2.0),
    )
    first = position.take(fill(SHORT_PUT, P100, 1, 3.5))
    second = position.take(fill(LONG_PUT, P95, -1, 1.5))
    assert first is not None
    assert second is not None
    assert (first.how, first.result_u) == (BOUGHT_BACK, -50 * MICRO)
    assert (second.how, second.result_u) == (SOLD, 50 * MICRO)
    assert not position.flat
    position.moved(Moved(**OF, slot=ROLL_SHORT, option=P98))
    position.moved(Moved(**OF, slot=ROLL_LONG, option=P93))
    assert {slot: leg.option for slot, leg in position.legs.items()} == {
        SHORT_PUT: P98,
        LONG_PUT: P93,
    }


def test_an_assigned_spread_is_undone_by_exercise() -> None:
    position = holding(fill(SHORT_PUT, P100, -1, 3.0), fill(LONG_PUT, P95, 1, 1.0))
    moved = {"price_u": 90 * MICRO, "fee_u": 0}
    taken = Assigned(**OF, **moved, slot=SHORT_PUT, option=P100, quantity=1, shares=100,
                     amount_u=-10_000 * MICRO)  # fmt: skip
    given = Assigned(**OF, **moved, slot=LONG_PUT, option=P95, quantity=-1, shares=-100,
                     amount_u=9_500 * MICRO)  # fmt: skip
    hows, gain_u, legs_u = [], 0, 0
    for event in (taken, given):
        ended = position.take(event)
        assert ended is not None
        hows.append(ended.how)
        legs_u += ended.result_u
        gain_u += position.shares.move(event.shares, event.amount_u)
    assert hows == [ASSIGNED, EXERCISED]
    assert (legs_u, gain_u) == (200 * MICRO, -500 * MICRO)
    assert position.flat


@pytest.mark.parametrize(("back", "gain"), [(-10_500, 500), (-11_500, -500)])
def test_shares_sold_short_gain_when_they_are_bought_back_for_less(back: int, gain: int) -> None:
    shares = Shares()
    assert shares.move(-100, 11_000) == 0
    assert shares.cost_u == -11_000
    assert shares.move(100, back) == gain
    assert (shares.held, shares.cost_u) == (0, 0)


def test_t86_what_goes_through_zero_ends_one_side_and_begins_the_other() -> None:
    shares = Shares()
    shares.move(100, -10_000)
    assert shares.move(-300, 33_000) == 1_000
    assert (shares.held, shares.cost_u) == (-200, -22_000)


def test_a_roll_of_calls_takes_the_places_of_calls() -> None:
    position = holding(fill(ROLL_SHORT, C110, -1, 2.0), fill(ROLL_LONG, C115, 1, 1.0))
    position.moved(Moved(**OF, slot=ROLL_SHORT, option=C110))
    position.moved(Moved(**OF, slot=ROLL_LONG, option=C115))
    assert {slot: leg.option for slot, leg in position.legs.items()} == {
        SHORT_CALL: C110,
        LONG_CALL: C115,
    }


def over(kind: type[LegEvent], slot: int, option: str, price: int, dollars: int) -> LegEvent:
    """The end of a single short contract, in cash or in nothing."""
    return kind(**OF, slot=slot, option=option, quantity=1, shares=0, price_u=price * MICRO,
                amount_u=dollars * MICRO, fee_u=0)  # fmt: skip


@pytest.mark.parametrize(
    ("end", "how", "kept", "handed", "early"),
    [
        (over(Expired, SHORT_PUT, P100, 101, 0), "expired", 300, 0, 0),
        (over(Settled, SHORT_PUT, P100, 98, -200), "settled", 100, 200, 0),
        (over(Assigned, SHORT_PUT, P100, 97, -10_000), "assigned", 0, 300, 1),
        (over(Assigned, SHORT_CALL, C110, 112, 11_000), "called away", 100, 200, 1),
    ],
)
def test_what_is_kept_of_a_premium_of_300(
    end: LegEvent, how: str, kept: int, handed: int, early: int
) -> None:
    """In the middle of its life, before fees; what an assignment hands over is intrinsic value."""
    assert end.option is not None
    ended = holding(fill(end.slot, end.option, -1, 3.0)).take(end)
    assert ended is not None
    assert (ended.how, ended.early) == (how, early)
    assert (ended.kept_u, ended.handed_u) == (kept * MICRO, handed * MICRO)


def test_a_split_leaves_the_money_of_a_leg_that_was_added_to() -> None:
    """One at 3.00 and one at 4.00 are two for 700; 2:1 makes them four of half the strike."""
    position = holding(fill(SHORT_PUT, P100, -1, 3.0), fill(SHORT_PUT, P100, -1, 4.0))
    position.shares.move(100, -9_000 * MICRO)
    half = "KO    240216P00050000"
    told = {"slot": SHORT_PUT, "new": 2, "old": 1}
    position.split(Split(**OF, **told, option=half, quantity=-2, shares=0))
    position.split(Split(**OF, **told, option=None, quantity=0, shares=100))
    leg = position.legs[SHORT_PUT]
    assert (leg.quantity, leg.amount_u, leg.strike_u) == (-4, 700 * MICRO, 50 * MICRO)
    assert (position.shares.held, position.shares.cost_u) == (200, 9_000 * MICRO)
    ended = position.take(fill(SHORT_PUT, half, 1, 1.0))
    assert ended is not None
    assert ended.result_u == 75 * MICRO
    assert (leg.quantity, leg.amount_u) == (-3, 525 * MICRO)


def test_shares_alone_are_no_leg() -> None:
    bought = Filled(**OF, slot=0, option=None, quantity=0, shares=100, price_u=MICRO,
                    amount_u=-100 * MICRO, fee_u=0)  # fmt: skip
    assert Position("KO", 100).take(bought) is None
