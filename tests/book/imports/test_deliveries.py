"""Shares that options moved, told early, late, in parts and with fees; and odd rows."""

import pytest
from msgspec.structs import replace

from book.imports.rows import book_of, row, statement
from book.imports.test_actions import ASSIGNED, CALL, PUT, SHARES, SOLD, cash, held, kinds


def test_t44_shares_told_before_their_option_leave_every_sleeve_that_they_came_to() -> None:
    """100 came: 1 ended what was sold short, 99 were bought; then all 100 are of the assignment."""
    short = row(9, "trade", "2026-01-07", "KO", -1, price=61, net=61, effect="open")
    early = book_of(SOLD, short, replace(SHARES, effect=""))
    assert (held(early), cash(early)) == ({PUT: -1.0, "KO": 99.0}, pytest.approx(-5_854.66))
    late = book_of(SOLD, short, ASSIGNED, SHARES, before=early.book)
    assert (held(late), cash(late)) == ({"KO": 99.0}, pytest.approx(-5_854.66))
    assert kinds(late.events) == ["Busted", "Busted", "Assigned"]


def test_t44_the_fee_of_shares_that_come_after_their_option_is_booked_once() -> None:
    first = book_of(SOLD, ASSIGNED)
    dear = replace(SHARES, fee_u=5_000_000, net_u=SHARES.net_u - 5_000_000)
    late = book_of(SOLD, ASSIGNED, dear, before=first.book)
    assert (held(late), cash(late)) == ({"KO": 100.0}, pytest.approx(-5_920.66))
    assert book_of(SOLD, ASSIGNED, dear, before=late.book).events == ()


def test_t44_t46_of_two_assignments_of_one_row_of_shares_one_may_be_known() -> None:
    """Both ends and 200 shares; the first end was imported before, and took its 100 by itself."""
    two = row(1, "trade", "2026-01-05", PUT, -2, price=0.85, net=170, effect="open")
    ends = [row(3, "assignment", "2026-02-20", PUT, 1), row(5, "assignment", "2026-02-20", PUT, 1)]
    both = row(6, "delivery", "2026-02-20", "KO", 200, price=60, net=-12_000, effect="open")
    first = book_of(two, ends[0])
    for order in ([*ends, both], [both, *ends], [ends[1], both, ends[0]]):
        late = book_of(two, *order, before=first.book)
        assert (held(late), cash(late)) == ({"KO": 200.0}, -11_830.0)
        assert kinds(late.events) == ["Assigned"]
        assert book_of(two, *order, before=late.book).events == ()


def test_an_assignment_with_money_of_its_own_keeps_it_without_its_shares() -> None:
    paid = replace(ASSIGNED, gross_u=-1_000_000, net_u=-1_000_000)
    assert cash(book_of(SOLD, paid)) == pytest.approx(-5_916.66)


def test_shares_of_another_currency_are_not_of_an_assignment() -> None:
    found = book_of(SOLD, ASSIGNED, replace(SHARES, currency="EUR"))
    assert cash(found, "EUR") == -6_000.0
    old = row(5, "split", "2026-02-02", PUT, 1, net=-10, effect="close")
    new = replace(row(6, "split", "2026-02-02", CALL, -1, net=10, effect="open"), currency="EUR")
    assert [one.pair for one in statement([old, new]).rows] == ["", ""]


@pytest.mark.parametrize("kind", ["trade", "assignment", "expiration", "settlement", "delivery"])
def test_what_moves_nothing_is_left_with_its_cash(kind: str) -> None:
    found = book_of(SOLD, row(3, kind, "2026-02-20", PUT, 0, net=-7))
    assert [one.why[:18] for one in found.left] == ["a quantity of zero"]
    assert (held(found), cash(found)) == ({PUT: -1.0}, pytest.approx(77.34))


def test_of_an_action_that_is_booked_in_part_the_other_rows_are_left() -> None:
    """What JD P 62 becomes is told, and a second P 60.76 of which nothing leaves."""
    new = "JD    260918P00060760"
    sold = row(1, "trade", "2026-05-04", "JD    260918P00062000", -1, price=11.77, net=1_177)
    out = row(2, "adjustment", "2026-05-19", "JD    260918P00062000", 1, net=-1_177, effect="close")
    into = row(3, "adjustment", "2026-05-19", new, -1, net=1_177, effect="open")
    found = book_of(sold, out, into, replace(into, line=4, id="4" * 24))
    assert [one.row.line for one in found.left] == [4]
    assert (held(found), cash(found)) == ({new: -1.0}, 2_354.0)
