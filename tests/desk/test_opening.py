"""A book begins with what its account has by then, and with the shares of its seats."""

from pathlib import Path

import pytest

from desk.test_cycle import CASH, DAYS, MOMENT, MORNING, World, history
from markets import START
from underwriter.book.event import Deposited, Filled
from underwriter.core.units import day_of, to_u
from underwriter.desk.brokers.paper import open_paper

SYMBOL = "Underlying 0"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, history())


def test_cash_from_before_the_book_began_is_its_first_deposit(world: World) -> None:
    world.clock.at = world.calendar.at(START, MORNING)
    open_paper(world.place, to_u(CASH))  # whose deposit is told as of now, before the desk comes
    first, *later = world.through(DAYS, [MORNING + 1, MOMENT])
    assert [one.key for one in first.breaks] == ["USD"]  # until quotes say what the seats are
    assert [one.breaks for one in later] == [()] * len(later)
    (deposit,) = world.events(Deposited)
    assert (deposit.amount_u, deposit.id) == (to_u(CASH), "opening-cash")
    assert world.events(Filled)


def test_a_trade_by_hand_before_the_first_decision_takes_no_cash_away(world: World) -> None:
    world.clock.at = world.calendar.at(START, MORNING)
    broker = open_paper(world.place, to_u(CASH))
    world.clock.at += 60 * 10**9
    world.cycle()
    broker.account.held[SYMBOL] = 7
    broker._keep()
    (report,) = world.through([0], [MOMENT])
    assert [one.key for one in report.breaks] == [SYMBOL]
    assert [one.amount_u for one in world.events(Deposited)] == [to_u(CASH)]


def test_shares_of_a_seat_come_in_at_the_first_close_and_are_no_break(world: World) -> None:
    world.rules = world.rules._replace(brought=(300,))
    world.clock.at = world.calendar.at(START, MORNING)
    open_paper(world.place, to_u(CASH), {SYMBOL: 300})
    world.clock.at -= 10**9
    reports = world.through([0, 1], [MOMENT])
    assert [one.breaks for one in reports] == [(), ()]
    (had, *_) = world.events(Filled)
    assert (had.shares, had.amount_u, had.session) == (300, -to_u(30_000), day_of(START))
    assert sum(one.amount_u for one in world.events(Deposited)) == to_u(CASH + 30_000)
