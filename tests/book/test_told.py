"""Every kind of event in plain words; those of trades stand in the ledgers of test_postings.py."""

from datetime import date

import pytest

from book.journals import COMMON, NOON, SEAT, filled, opening
from underwriter.book.currency import decimal
from underwriter.book.event import (
    Answered,
    AnyEvent,
    Approved,
    Decided,
    Deposited,
    Marked,
    Moved,
    Refused,
    Skipped,
    Switched,
)
from underwriter.book.told import moved_u, told

PUT = "KO    260220P00060000"
WISH = {"action": "open", "option": PUT, "quantity": 1, "why": "entry_put"}
UNQUOTED = "; no quotes of KO, F, options at their last volatility"
MARK = {"equity_u": 1_500_000, "cash_u": -1_000_001, "shares_u": 0, "rate": 0.0, "measure": None}


@pytest.mark.parametrize(
    ("amount_u", "text"),
    [(0, "0.00"), (1, "0.000001"), (-1_500_000, "-1.50"), (123_456_789, "123.456789")],
)
def test_millionths_are_written_exactly(amount_u: int, text: str) -> None:
    assert decimal(amount_u) == text


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (opening()[0], "Book opened by version 1, quotes modelled: test"),
        (opening()[2], "Sleeve opened: wheel on KO"),
        (Approved(**SEAT, at=NOON, **WISH), "Approved open KO 2026-02-20 P 60: entry_put"),
        (
            Refused(**SEAT, at=NOON, action="hold", option=None, why="no_candidate"),
            "Refused hold: no_candidate",
        ),
        (Moved(**SEAT, at=NOON, slot=4, option=PUT), "Rolled into place: KO 2026-02-20 P 60"),
        (
            Marked(**COMMON, **MARK, at=NOON, underlyings={}, regimes={}),
            "Evening: equity 1.50, cash -1.000001",
        ),
        (
            Marked(**COMMON, **MARK, at=NOON, underlyings={}, regimes={}, carried=("KO", "F")),
            f"Evening: equity 1.50, cash -1.000001{UNQUOTED}",
        ),
        (
            Decided(**COMMON, at=NOON, version="1.2", slab="ab12", policies={"wheel": "0f"}),
            "Session decided by version 1.2 on slab ab12 under wheel 0f",
        ),
        (
            Decided(**COMMON, at=NOON, version="1.2", slab="ab12", policies={}),
            "Session decided by version 1.2 on slab ab12",
        ),
        (
            Skipped(**COMMON, at=NOON),
            "Session skipped: it was over before it was decided",
        ),
        (
            Switched(**COMMON, at=NOON, to="halted", by="guard", why="a loss"),
            "Desk halted by a guard: a loss",
        ),
        (
            Switched(**COMMON, at=NOON, to="on", by="hand", why=""),
            "Desk let on again by a hand",
        ),
        (Answered(**SEAT, at=NOON, of=12, yes=True), "Approved by hand: event 12"),
        (Answered(**SEAT, at=NOON, of=12, yes=False), "Refused by hand: event 12"),
    ],
)
def test_what_moves_nothing_is_said_too(event: AnyEvent, text: str) -> None:
    assert told(event, {0: "KO"}) == text


def test_the_cash_that_moved_has_the_fee_taken_off() -> None:
    paid = Deposited(at=0, session=date(2026, 1, 2), account="main", amount_u=7)
    assert [moved_u(each) for each in (filled(0), paid, opening()[0])] == [84_340_000, 7, None]
