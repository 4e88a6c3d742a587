"""What losses are counted from: evenings, money that moves, halts that are lifted."""

from datetime import date
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.test_cycle import DAYS, MOMENT, MORNING, World, history
from desk.world import day
from markets import START
from underwriter.book.event import AnyEvent, Deposited, Marked, Switched
from underwriter.book.journal import Journal
from underwriter.desk.brokers.paper import open_paper
from underwriter.desk.cycle import Desk
from underwriter.desk.guard import Guards
from underwriter.desk.ledger import Ledger
from underwriter.desk.losses import Losses
from underwriter.desk.router import Street

WHEN: dict[str, Any] = {"at": 1, "session": date(2026, 3, 2), "account": "main"}


def evening(equity_u: int) -> Marked:
    return Marked(
        **WHEN, equity_u=equity_u, cash_u=equity_u, shares_u=0, rate=0.04, measure=None,
        underlyings={}, regimes={},
    )  # fmt: skip


def switched(to: Literal["on", "paused", "halted"], equity_u: int = 0) -> Switched:
    return Switched(**WHEN, to=to, by="hand", why="", equity_u=equity_u)


def after(*events: AnyEvent) -> tuple[int, int]:
    """The evening and the peak after some events."""
    losses = Losses()
    for event in events:
        losses.take(event)
    return losses.evening_u, losses.peak_u


def test_a_loss_counts_from_the_last_evening_and_a_drawdown_from_the_highest() -> None:
    assert after(evening(100), evening(120), evening(90)) == (90, 120)


def test_money_that_goes_out_is_no_loss_and_keeps_the_share_that_was_lost() -> None:
    drawn = Deposited(**WHEN, amount_u=-45)
    assert after(evening(100), evening(90), drawn) == (45, 50)


def test_money_that_comes_in_hides_no_loss() -> None:
    paid = Deposited(**WHEN, amount_u=90)
    assert after(evening(100), evening(90), paid) == (180, 200)


def test_what_an_account_begins_with_is_no_gain() -> None:
    assert after(Deposited(**WHEN, amount_u=100), evening(100)) == (100, 100)


@pytest.mark.parametrize("before", [(), ("paused",)])
def test_only_the_end_of_a_halt_begins_anew(before: tuple[Literal["paused"], ...]) -> None:
    kept = [evening(100), *map(switched, before), switched("on", 70)]
    assert after(*kept) == (100, 100)
    assert after(evening(100), switched("halted"), switched("on", 70)) == (70, 70)
    assert after(evening(100), switched("halted"), switched("on", 70), evening(80)) == (80, 80)


@given(st.integers(10_000, 10**12), st.integers(1, 10**6), st.integers(-9_000, 10**12))
def test_money_moves_no_share_that_was_lost(peak: int, lost: int, moved: int) -> None:
    worth = max(peak - lost, 10_000)
    evening_u, peak_u = after(
        evening(max(peak, worth)), evening(worth), Deposited(**WHEN, amount_u=moved)
    )
    assert evening_u == worth + moved
    before, now = worth / max(peak, worth), evening_u / peak_u
    assert now == pytest.approx(before, rel=2 / evening_u)


def test_t72_what_was_weighed_before_money_came_is_no_loss(tmp_path: Path) -> None:
    world = World(tmp_path, history())
    world.guards = Guards(daily_loss=0.05)
    world.through(DAYS[:1], [MORNING, MOMENT])
    with Journal.open(world.folder / "journal.db") as journal:
        ledger = Ledger(journal, "main")
        street = Street(
            open_paper(world.place, 0), world.clock, world.quotes, world.calendar,
            {one.symbol: one for one in world.place.instruments}, guards=world.guards,
        )  # fmt: skip
        desk = Desk(ledger, street, world.rules, world.beside)
        for minute in (MORNING, MOMENT):
            world.clock.at = world.calendar.at(START + 1, minute)
            desk.run()
        world.clock.at = world.calendar.at(START + 2, MORNING)
        desk.run()
        before_u = desk.watch.equity_u
        common = {"at": world.clock.at, "session": day(2), "account": "main"}
        ledger.append([Deposited(**common, amount_u=20_000_000_000)], world.clock.at)
        assert desk.watch.equity_u == ledger.losses.evening_u == before_u + 20_000_000_000
        desk.watch.barring()
        assert ledger.losses.setting == "on"
