"""Limits of classes that trade on nickels under three dollars and on dimes from there on."""

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import desk.stand as stands
from desk import world
from desk.stand import PUT, Stand, quoted
from desk.world import KO, day
from underwriter.book.event import Approved, Leg, OrderIntended, OrderTold, SleeveOpened
from underwriter.desk.brokers.paper_place import ALL_IT_CAN
from underwriter.desk.intent import intent_of
from underwriter.desk.ladder import MINUTE, Ladder, net_of
from underwriter.desk.ports import Touch
from underwriter.desk.price import legal
from underwriter.desk.route import Attempt, Now, Routed, Send, next_act
from underwriter.market.instrument import SPX_TICKS

WHOSE: dict[str, Any] = {
    "at": 0, "session": day(0), "account": "main", "sleeve": 0, "campaign": 1, "policy": "p",
}  # fmt: skip
OPENED = SleeveOpened(**WHOSE, name="wheel", underlying="KO", root="KO", multiplier=100)
NICKELS = replace(KO, ticks=SPX_TICKS)
GRID = [*range(2_500_000, 3_000_000, 50_000), *range(3_000_000, 3_800_000, 100_000)]


def test_t17_a_sale_is_priced_by_the_step_of_its_limit_where_the_bid_has_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """3.05 between 2.95 and 3.10 was refused by the exchange, and over for the session."""
    both = tuple(replace(one, ticks=SPX_TICKS) for one in stands.BOTH)
    for place in (stands, world):
        monkeypatch.setattr(place, "BOTH", both)
    stand = quoted(Stand(tmp_path))
    stand.board.touches[PUT] = (2.95, 3.10)
    sequence = stand.approve("open", (PUT, -1))
    assert stand.route()[sequence] == ""
    assert "rejected" not in {one.state for one in stand.events(OrderTold)}
    assert stand.ledger.held(0) == {PUT: -1}


@pytest.mark.parametrize("action", ["open", "close"])
def test_t17_no_limit_is_off_the_steps_nor_beyond_the_touch(action: str) -> None:
    for bid, wide, minute in product(range(len(GRID)), range(7), range(7)):
        priced(action, bid, wide, minute)


def priced(action: str, bid: int, wide: int, minute: int) -> None:
    """See to one limit: quotes of so many steps, so many minutes after the first order."""
    bid_u, ask_u = GRID[bid], GRID[min(bid + wide, len(GRID) - 1)]
    sale = action == "open"
    event = Approved(**WHOSE, action=action, option=PUT, quantity=1, why="x")
    intent = intent_of(1, event, OPENED, {} if sale else {PUT: -1})
    quantity = -1 if sale else 1
    first = OrderIntended(
        **WHOSE, client="first", action=action, legs=(Leg(PUT, quantity),), shares=0, limit_u=0
    )
    one = Routed(
        intent, NICKELS, ALL_IT_CAN, Ladder(5, MINUTE), (Attempt(first, "cancelled", {}),),
        60 * MINUTE,
    )  # fmt: skip
    net = net_of({PUT: quantity}, {PUT: Touch(bid_u, ask_u, 0)})
    act = next_act(one, Now(minute * MINUTE, 60 * MINUTE, net))
    assert isinstance(act, Send)
    assert legal(NICKELS, act.ticket)
    assert act.ticket.limit_u is not None
    touch_u = bid_u if sale else -ask_u
    assert act.ticket.limit_u >= touch_u
    if minute >= 4:
        assert act.ticket.limit_u == touch_u, "the last rung is at the touch"
