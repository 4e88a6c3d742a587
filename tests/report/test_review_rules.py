"""Rules that were broken in a week, each with its events, and what a journal cannot tell."""

import pytest

from report.made_up import u
from report.weeks import (
    MONDAY,
    Book,
    assign,
    on,
    reviewed,
    sold,
)
from underwriter.book.event import CashAdjusted, Switched
from underwriter.report.review import Review


def kinds(found: Review) -> list[tuple[str, list[int]]]:
    """What was broken, and by which events."""
    return [(each.kind, each.events) for each in found.breaches]


def test_a_week_in_good_order_has_no_breach_and_says_what_was_looked_for() -> None:
    book = Book()
    book.deposit(0, 20_000)
    book.decide(0)
    book.campaign = 1
    number = book.approve(0, "open", "entry_put", limit_u=u(0.80))
    book.order(0, "a", "acknowledged")
    book.fill(0, -1, 0.85, client="a")
    book.decide(1, 2, 3, 4)
    for day in range(5):
        book.mark(day, options=-85.0, reserved_u=u(6_000), exposure_u={"KO": u(6_000)})
    found = reviewed(book.events, MONDAY)
    assert found.breaches == []
    assert all(each.told for each in found.checks)
    assert len({each.kind for each in found.checks}) == 8
    assert number not in {at for each in found.breaches for at in each.events}


def test_a_fill_under_the_floor_of_its_approval() -> None:
    book = Book()
    book.deposit(0, 20_000)
    book.campaign = 1
    number = book.approve(0, "open", "entry_put", limit_u=u(0.80))
    order, _ = book.order(0, "a", "filled")
    fill = book.fill(0, -1, 0.79, client="a")
    book.mark(4, options=-79.0)
    (broken,) = reviewed(book.events, MONDAY).breaches
    assert (broken.kind, broken.events) == ("fill under its floor", [number, order, fill])
    assert "0.7900 a share, under the floor of 0.8000" in broken.text


def test_an_order_that_is_not_filled_by_the_session_s_end() -> None:
    book = Book()
    book.deposit(0, 20_000)
    book.campaign = 1
    number = book.approve(0, "open", "entry_put", 3, limit_u=u(0.80))
    first, _ = book.order(0, "a", "acknowledged")
    fill = book.fill(0, -1, 0.85, client="a")
    second, _ = book.order(0, "b", "cancelled")
    book.mark(4, options=-85.0)
    (broken,) = reviewed(book.events, MONDAY).breaches
    assert (broken.kind, broken.events) == ("order not filled", [number, first, second, fill])
    assert "filled 1 of 3; its orders ended acknowledged, cancelled" in broken.text


@pytest.mark.parametrize(
    ("evening", "said"),
    [
        ({"exposure_u": {"KO": u(6_000)}}, "KO: $6,000 after"),
        ({"puts_u": u(12_000)}, "short puts: $12,000"),
        ({"reserved_u": u(10_500)}, "positions may come to need $10,500"),
    ],
)
def test_an_approval_above_a_cap(evening: dict[str, object], said: str) -> None:
    """Half of ten thousand on KO, all of it as notional, and cash for what is secured."""
    book = Book()
    book.deposit(0, 10_000)
    book.mark(0)
    book.campaign = 1
    number = book.approve(1, "open", "entry_put")
    book.fill(1, -1, 0.85)
    mark = book.mark(1, options=-85.0, **evening)
    (broken,) = reviewed(book.events, MONDAY).breaches
    assert (broken.kind, broken.events) == ("approval above a cap", [number, mark])
    assert said in broken.text


def test_what_grew_above_a_cap_without_an_approval_is_no_breach_of_one() -> None:
    book = sold()
    book.mark(1, options=-85.0, exposure_u={"KO": u(6_000)})
    book.mark(2, options=-85.0, exposure_u={"KO": u(6_000)})
    assert reviewed(book.events, MONDAY).breaches == []


def test_an_entry_in_a_drawdown_halt_and_what_the_halt_refused() -> None:
    book = Book()
    book.deposit(0, 10_000)
    book.mark(0, peak_u=u(13_000))
    book.campaign = 1
    number = book.approve(1, "open", "entry_put")
    book.fill(1, -1, 0.85)
    mark = book.mark(1, options=-85.0, reserved_u=u(6_000))
    refused = [book.refuse(2, "halt"), book.refuse(2, "halt")]
    book.mark(4, options=-85.0)
    assert kinds(reviewed(book.events, MONDAY)) == [
        ("approval above a cap", [number, mark]),
        ("halt", refused),
    ]


def test_a_desk_that_a_guard_halted_and_what_its_guards_refused() -> None:
    """The kill switch, a loss and a break refuse as `guard`; who halts says why."""
    book = Book()
    book.deposit(0, 10_000)
    book.decide(0, 1, 2, 3, 4)
    fell = "equity is 600.00 under the last evening's 10000.00"
    halt = book.add(Switched, 1, to="halted", by="guard", why=fell)
    refused = book.refuse(1, "guard")
    book.add(Switched, 2, to="on", by="hand", why="looked at")
    again = book.add(Switched, 3, to="halted", by="hand", why="")
    book.mark(4)
    found = reviewed(book.events, MONDAY)
    assert kinds(found) == [("halt", [halt]), ("halt", [refused]), ("halt", [again])]
    assert [one.text for one in found.breaches] == [
        f"the desk was halted by a guard: {fell}",
        "a guard refused 1 intent",
        "the desk was halted by a hand",
    ]
    (check,) = [one for one in found.checks if one.kind == "halt"]
    assert check.found == 3


def test_a_decision_that_was_skipped() -> None:
    """Monday the 15th is no session; Wednesday's decision is missing."""
    book = Book()
    book.deposit(0, 10_000)
    book.decide(0, 1, 2, 3, 4)
    book.mark(4)
    book.decide(8, 10, 11)
    mark = book.mark(9)
    book.mark(11)
    found = reviewed(book.events, on(8))
    assert kinds(found) == [("decision skipped", [mark])]
    assert found.breaches[0].session == "2024-01-17"


def test_a_position_that_is_held_past_its_policy_s_exit() -> None:
    """Expiry 2024-02-09; on Friday the 19th 21 days are left, which is when the policy closes."""
    book = sold()
    opened = 5  # BookOpened, two sleeves, the deposit, then its approval
    book.mark(11, options=-50.0)
    found = reviewed(book.events, on(8))
    assert kinds(found) == [("held past exit_dte", [opened])]
    assert "21 days left, its policy closes at 21; no exit decided" in found.breaches[0].text
    tried = book.approve(9, "close", "time_exit")
    found = reviewed(book.events, on(8))
    assert kinds(found) == [("held past exit_dte", [opened, tried])]
    assert "decided 2024-01-17, not done" in found.breaches[0].text
    book.approve(11, "close", "time_exit")
    assert reviewed(book.events, on(8)).breaches == []  # it fills with the next session


def test_an_assignment_that_nobody_announced_and_cash_that_was_put_right() -> None:
    book = sold()
    number = assign(book, 2, source="inferred")
    adjusted = book.add(CashAdjusted, 3, amount_u=u(0.05), why="a fee was rounded")
    book.cash_u += u(0.05)
    book.mark(4)
    # the evening says no shares, and so their cost is what no price explains; it is in the causes
    found = [(each.kind, each.events) for each in reviewed(book.events, MONDAY).breaches]
    assert found == [("assignment unannounced", [number]), ("break", [adjusted])]


def test_a_journal_without_orders_says_that_it_cannot_tell() -> None:
    found = {each.kind: each for each in reviewed(sold().events, MONDAY).checks}
    for kind in ("fill under its floor", "order not filled", "decision skipped"):
        assert not found[kind].told
        assert found[kind].note
