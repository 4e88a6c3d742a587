"""What was refused in a week, and what it would have made by its end."""

from report.made_up import u
from report.weeks import (
    CALENDAR,
    LATER,
    MONDAY,
    PUT,
    Book,
    on,
    reviewed,
    sold,
)
from underwriter.book.event import Leg
from underwriter.core.contract import parse_osi
from underwriter.report.review import Prices, asked, told
from underwriter.report.weekly.refused import intrinsic_u
from underwriter.report.weekly.told import Touch
from underwriter.report.weekly.week import week_of


def refused_put(**more: object) -> Book:
    """A put that cash refused on Monday."""
    book = Book()
    book.deposit(0, 10_000)
    book.refuse(0, "cash", option=PUT, needs_u=u(6_100), **more)
    book.refuse(0, "regime", action="hold")
    book.mark(0)
    book.mark(4, close=62.0)
    return book


def test_a_refused_entry_is_valued_at_the_sides_a_trade_would_have_met() -> None:
    """Sold at the bid of 0.85, closed at the ask of 0.40: 45 dollars that were not made."""
    quotes = Prices(
        "quoted", {(on(0), PUT): Touch(u(0.85), u(0.90)), (on(4), PUT): Touch(u(0.35), u(0.40))}
    )
    found = reviewed(refused_put().events, MONDAY, quotes).refused
    put, regime = found.entries
    assert (put.legs, put.credit, put.cost, put.made) == ([f"-1 {PUT}"], 85.0, 40.0, 45.0)
    assert (regime.made, regime.note) == (None, "nothing was chosen that could be valued")
    assert (found.known, found.would_have_paid, found.made) == (1, 1, 45.0)
    assert [(each.why, each.times, each.least_equity) for each in found.reasons] == [
        ("cash", 1, 6_100.0), ("regime", 1, None),
    ]  # fmt: skip


def test_a_refused_spread_is_a_unit_of_it() -> None:
    """Five of each: one is sold at 1.00 and bought at 0.45; closed at 0.70 and 0.20."""
    wing = "KO    240209P00055000"
    quotes = Prices("modelled", {
        (on(0), PUT): Touch(u(1.00), u(1.05)), (on(0), wing): Touch(u(0.40), u(0.45)),
        (on(4), PUT): Touch(u(0.65), u(0.70)), (on(4), wing): Touch(u(0.20), u(0.25)),
    })  # fmt: skip
    book = refused_put(legs=(Leg(PUT, -5), Leg(wing, 5)))
    (one, _) = reviewed(book.events, MONDAY, quotes).refused.entries
    assert one.legs == [f"-1 {PUT}", f"+1 {wing}"]
    assert (one.credit, one.cost, one.made) == (55.0, 50.0, 5.0)


def test_without_a_quote_nothing_is_said_to_have_paid() -> None:
    found = reviewed(refused_put().events, MONDAY).refused
    assert [each.made for each in found.entries] == [None, None]
    assert found.entries[0].note == "no quote on 2024-01-08"
    assert (found.known, found.made) == (0, 0)
    late = Prices("quoted", {(on(0), PUT): Touch(u(0.85), u(0.90))})
    (one, _) = reviewed(refused_put().events, MONDAY, late).refused.entries
    assert (one.credit, one.cost, one.note) == (85.0, None, "no quote on 2024-01-12")


def test_what_another_sleeve_traded_it_at_is_a_price() -> None:
    """The journal alone: sold at 0.85 that day, and in the money by a dollar when it expired."""
    soon = "KO    240112P00060000"
    book = refused_put()
    book.campaign = 1
    book.events.clear()
    book.__post_init__()
    book.deposit(0, 0.0)
    book.refuse(0, "cash", option=soon)
    book.fill(0, -1, 0.85, soon)
    book.mark(0, options=-85.0)
    book.mark(4, close=59.0)
    (one,) = reviewed(book.events, MONDAY).refused.entries
    assert (one.credit, one.cost, one.made) == (85.0, 100.0, -15.0)


def test_what_was_refused_on_the_last_session_has_nothing_to_tell_yet() -> None:
    book = Book()
    book.deposit(0, 10_000)
    book.refuse(4, "cash", option=PUT)
    book.mark(4)
    quotes = Prices("quoted", {(on(4), PUT): Touch(u(0.85), u(0.90))})
    (one,) = reviewed(book.events, MONDAY, quotes).refused.entries
    assert (one.credit, one.made, one.note) == (85.0, None, "refused on the week's last session")


def test_a_buy_write_that_was_refused_counts_its_shares() -> None:
    """A call sold at 1.00 and bought at 0.50, shares from 61 to 62: 150."""
    call = "KO    240209C00063000"
    quotes = Prices(
        "quoted", {(on(0), call): Touch(u(1.00), u(1.1)), (on(4), call): Touch(u(0.40), u(0.50))}
    )
    book = Book()
    book.deposit(0, 10_000)
    book.refuse(0, "cash", option=call, legs=(Leg(call, -2),), shares=200)
    book.mark(0, close=61.0)
    book.mark(4, close=62.0)
    (one,) = reviewed(book.events, MONDAY, quotes).refused.entries
    assert (one.credit, one.cost, one.made) == (100.0, 50.0, 150.0)


def test_quotes_are_asked_for_what_is_refused_and_what_is_held() -> None:
    book = sold()
    book.refuse(1, "cash", option=LATER)
    book.mark(4, options=-85.0)
    week = told(book.events, "main", week_of(CALENDAR, MONDAY), CALENDAR)
    assert asked(week) == {(on(4), PUT), (on(1), LATER), (on(4), LATER)}


def test_intrinsic_of_a_put_and_a_call() -> None:
    for option, worth in ((PUT, 1.0), ("KO    240209C00060000", 0.0)):
        assert intrinsic_u(parse_osi(option, ("KO",)), u(59)) == u(worth)
