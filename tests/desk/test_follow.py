"""A desk by hand that is opened again holds what the book holds, each fact and each split once."""

from pathlib import Path

import pytest

from desk.stand import PUT, Stand, quoted
from desk.world import day, moment
from underwriter.book.event import Assigned, Split
from underwriter.book.imports.booking import booked
from underwriter.book.imports.statement import Instrument, Kind, Row, Statement
from underwriter.core.units import MICRO
from underwriter.desk.brokers.manual import Manual, open_manual
from underwriter.desk.brokers.paper import Paper


class ByHand(Stand):
    """The stand with a person as its broker, who types the middle."""

    price = "1.35"

    def begun(self, deposit_u: int) -> Paper:
        """The broker."""
        return open_manual(self.place, deposit_u, {}, lambda *_: self.price)

    def opened_again(self) -> Manual:
        """The broker of the next start."""
        self.erring.broker = broker = open_manual(self.place, 0, {}, lambda *_: "")
        self.ledger.decided = day(0)
        broker.follow(self.ledger)
        return broker


@pytest.fixture
def stand(tmp_path: Path) -> ByHand:
    return quoted(ByHand(tmp_path))  # type: ignore[return-value]


def test_an_assignment_of_two_facts_is_held_once(stand: ByHand) -> None:
    stand.approve("open", (PUT, -1))
    stand.route()
    stand.board.day(4, closes=[(55.0, 500.0)])
    stand.clock.at = moment(stand.calendar, 7, "10:00")
    stand.router.take_facts()
    (told,) = stand.events(Assigned)
    assert "+" in str(told.id), "the option's end and its shares are one event"
    broker = stand.opened_again()
    assert broker.account.held == {"KO": 100}
    assert stand.breaks() == []
    before = stand.ledger.sequence
    assert stand.router.take_facts() == ()
    assert stand.ledger.sequence == before


def test_a_split_that_a_statement_told_first_is_not_booked_by_the_closes_again(
    stand: ByHand,
) -> None:
    stand.price = "60.0"
    stand.approve("buy_shares", shares=100)
    stand.route()
    stand.board.day(2, closes=[(30.0, 500.0)], bars={(0, 0): {"split": 2}})
    for later in range(3, 9):
        stand.board.days[later]["closes"] = [(30.0, 500.0)]
    stand.ledger.append(booked(stand.ledger.book, split_told(), "main").events, stand.clock.at)
    stand.ledger.commit()
    broker = stand.opened_again()
    stand.clock.at = moment(stand.calendar, 7, "10:00")
    assert stand.router.take_facts() == ()
    assert int(stand.ledger.row(0).shares) == broker.account.held["KO"] == 200
    assert len(stand.events(Split)) == 1
    assert stand.breaks() == []
    assert stand.opened_again().split == set(), "its morning has been"


def split_told() -> Statement:
    """A statement of two shares for one."""
    rows = tuple(
        Row(
            id=f"told-{line}", line=line, day=day(2), kind=Kind.SPLIT, what="split",
            currency="USD", instrument=Instrument("KO"), quantity_u=quantity * MICRO,
            effect=effect, pair="told-1",
        )
        for line, quantity, effect in ((1, -100, "close"), (2, 200, "open"))
    )  # fmt: skip
    return Statement(
        path="x", broker="schwab", layout="l", account="1", currency="USD", first=day(0),
        last=day(4), rows=rows,
    )  # fmt: skip
