"""A decision as an event: the same words for a backtest and for a desk."""

from book.told import CALL, PUT, seat
from underwriter.book.decided import Judged, decided
from underwriter.book.event import Approved, Leg, Refused
from underwriter.core import reason
from underwriter.core.intent import APPROVED, HOLD, OPEN, SHARES

ONE = Leg(PUT, -2)
TWO = (Leg(PUT, -1), Leg(CALL, -1))


def test_one_leg_is_named_by_its_option_and_counted_without_a_sign() -> None:
    judged = Judged(OPEN, [ONE], 0, reason.ENTRY_PUT, APPROVED, 0)
    found = decided(judged, seat(), 1_300_000)
    assert found == Approved(
        **seat(), action="open", option=PUT, quantity=2, why="entry_put", limit_u=1_300_000
    )


def test_several_legs_are_all_named() -> None:
    found = decided(Judged(OPEN, TWO, 0, reason.ENTRY, APPROVED, 0), seat())
    assert found == Approved(**seat(), action="open", option=PUT, quantity=1, why="entry", legs=TWO)


def test_shares_beside_a_leg_name_the_leg_too() -> None:
    found = decided(Judged(OPEN, [Leg(CALL, -1)], 100, reason.ENTRY, APPROVED, 0), seat())
    assert (found.legs, found.shares) == ((Leg(CALL, -1),), 100)


def test_shares_alone_are_bought_or_sold() -> None:
    sold = decided(Judged(SHARES, [], -300, reason.RELEASE, APPROVED, 0), seat())
    bought = decided(Judged(SHARES, [], 100, reason.RELEASE, APPROVED, 0), seat())
    assert (sold.action, bought.action) == ("sell_shares", "buy_shares")
    assert isinstance(sold, Approved)
    assert (sold.quantity, sold.shares, sold.option) == (300, 0, None)


def test_what_is_refused_says_what_would_admit_it() -> None:
    found = decided(Judged(OPEN, [ONE], 0, reason.ENTRY_PUT, reason.RISK, 7), seat())
    assert found == Refused(**seat(), action="open", option=PUT, why="risk", needs_u=7)
    held = decided(Judged(HOLD, [], 0, reason.NO_CANDIDATE, reason.NO_CANDIDATE, 0), seat())
    assert found.action != held.action == "hold"
