"""A week of an account: figures that add up, causes, breaches, the refused, what comes next."""

import json
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given

from desk.world import weekdays
from report.hand_ledger import wheel
from report.json_schema import breaks
from report.made_up import Wheel, u
from report.weeks import (
    CALENDAR,
    LATER,
    MONDAY,
    PUT,
    STEPS,
    Book,
    on,
    random_book,
    reviewed,
)
from underwriter.book.event import AnyEvent, Assigned, CashAdjusted, Filled, Leg, Marked
from underwriter.core.contract import CALL, parse_osi
from underwriter.core.contract import PUT as A_PUT
from underwriter.core.errors import InputError
from underwriter.core.sleeve import LONG_PUT, SHORT_PUT
from underwriter.report.review import Prices, Review, account_asked, asked, told
from underwriter.report.views import months
from underwriter.report.weekly.held import distance
from underwriter.report.weekly.page import page
from underwriter.report.weekly.refused import intrinsic_u
from underwriter.report.weekly.results import that_add_up
from underwriter.report.weekly.text import markdown
from underwriter.report.weekly.told import Ahead, Touch
from underwriter.report.weekly.week import day_named, week_after, week_of, week_over

SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "review.json"
LONG = weekdays(days=1_000)


def weeks_of(events: list[AnyEvent]) -> list[date]:
    """The Mondays of the weeks in which an evening was marked."""
    days = {one.session for one in events if isinstance(one, Marked)}
    return sorted({day - timedelta(days=day.weekday()) for day in days})


def cents(dollars: float) -> int:
    """Dollars as whole cents."""
    return round(dollars * 100)


def hold_to_the_cent(events: list[AnyEvent]) -> list[Review]:
    """Every week of a journal: its causes are its change, and each begins where the last ended."""
    found = [reviewed(events, monday) for monday in weeks_of(events)]
    for before, after in zip([None, *found[:-1]], found, strict=True):
        one = after.results
        assert cents(one.change) == cents(one.end) - cents(one.start)
        assert cents(one.earned) == cents(one.change) - cents(one.deposits)
        assert sum(cents(each.amount) for each in one.causes) == cents(one.earned)
        assert cents(one.start) == (0 if before is None else cents(before.results.end))
        assert {each.name: each.amount for each in one.causes}["not explained by any event"] == 0
    return found


# --- results ---


@given(STEPS)
def test_the_causes_of_every_week_add_up_to_its_change(steps: list[tuple[str, int, int]]) -> None:
    """Deposits, fills, fees, corrections and busts of weeks before, in any order."""
    hold_to_the_cent(random_book(steps).events)


def test_the_weeks_of_a_year_of_a_wheel_are_its_months() -> None:
    """Assignments, dividends and interest: all weeks together earned what the account earned."""
    events = [
        msgspec.structs.replace(one, session=one.session + timedelta(days=3_658))
        for one in Wheel(sessions=130).run()
    ]  # 2014-01-02, a Thursday, becomes 2024-01-08 less four days, weekday for weekday
    found = hold_to_the_cent(events)
    last = [one for one in events if isinstance(one, Marked)][-1]
    paid = sum(cents(one.results.deposits) for one in found)
    assert paid == 100_000_000
    assert sum(cents(one.results.earned) for one in found) == round(last.equity_u / 10_000) - paid
    income = sum(month.income_u for month in months(events).values())
    named = {"options that ended, net of fees", "dividends", "interest"}
    counted = sum(
        cause.amount for one in found for cause in one.results.causes if cause.name in named
    )
    assert counted == pytest.approx(income / 1e6, abs=0.5)  # a cent a week at most


def test_one_turn_of_the_wheel_week_by_week() -> None:
    """W09 sells a call for 50.00 - 0.66, worth 38.68 that evening; W12 gives the shares away.

    W12: dividend 53.00, call 49.34, shares 6,100.00 - 0.18 - 6,000.00, and the 200.00 back that
    they were under water, the 10.66 gone that the call was ahead: 391.50.
    """
    found = {one.week: one.results for one in _wheel_weeks()}
    assert found["2026-W09"].earned == 10.66
    assert found["2026-W09"].premium_received == 50.0
    one = found["2026-W12"]
    assert {each.name: each.amount for each in one.causes if each.amount} == {
        "options that ended, net of fees": 49.34,
        "shares sold, net of fees": 99.82,
        "options held, change of value": -10.66,
        "shares held, change of value": 200.0,
        "dividends": 53.0,
    }
    assert (one.start, one.end, one.earned) == (19_900.0, 20_291.5, 391.5)
    assert one.fees == 0.18
    assert one.since == "2026-02-23"


def _wheel_weeks() -> list[Review]:
    from underwriter.report.review import review  # noqa: PLC0415

    events = wheel()
    return [review(told(events, "main", week_of(LONG, day), LONG)) for day in weeks_of(events)]


def test_money_that_comes_in_is_not_earned() -> None:
    book = Book()
    book.deposit(0, 10_000)
    book.mark(0)
    book.deposit(3, 5_000)
    book.mark(4)
    one = reviewed(book.events, MONDAY).results
    assert (one.start, one.end, one.deposits, one.earned) == (0, 15_000, 15_000, 0)
    assert one.return_ == 0.0
    assert one.since is None


def test_cash_that_no_event_explains_is_said_and_is_a_break() -> None:
    book = Book()
    book.deposit(0, 10_000)
    book.cash_u += u(12.34)
    mark = book.mark(4)
    found = reviewed(book.events, MONDAY)
    assert found.results.causes[-1].amount == 12.34
    (broken,) = found.breaches
    assert (broken.kind, broken.events) == ("break", [mark])
    assert "$12.34" in broken.text


def test_amounts_are_rounded_so_that_they_add_up() -> None:
    """Three times a third of a cent is a cent, on the second where the half is passed."""
    assert that_add_up([3_334, 3_333, 3_333]) == [0.0, 0.01, 0.0]
    assert that_add_up([-4_000, -4_000]) == [0.0, -0.01]


# --- what ended ---


@pytest.mark.parametrize(
    ("why", "cause"),
    [
        ("take_profit", "profit target"),
        ("stop", "stop"),
        ("time_exit", "time exit"),
        ("tested_delta", "tested delta"),
    ],
)
def test_a_leg_that_was_bought_back_has_the_cause_of_its_decision(why: str, cause: str) -> None:
    book = _sold()
    number = book.approve(2, "close", why)
    book.fill(2, 1, 0.40)
    book.mark(4)
    found = reviewed(book.events, MONDAY).ended
    (leg,), (campaign,) = found.legs, found.campaigns
    assert (leg.cause, leg.why, leg.decision) == (cause, why, number)
    assert (leg.credit, leg.closed, leg.kept, leg.capture) == (85.0, -40.0, 45.0, 45 / 85)
    assert (campaign.cause, campaign.result, campaign.won) == (cause, 43.68, True)
    assert (found.won, found.lost, found.capture) == (1, 0, 45 / 85)


def _sold(quantity: int = 1, price: float = 0.85) -> Book:
    """Ten thousand dollars and a put sold on the first Monday."""
    book = Book()
    book.deposit(0, 10_000)
    book.campaign = 1
    book.approve(0, "open", "entry_put", quantity)
    book.fill(0, -quantity, price)
    book.mark(0, options=-price * 100 * quantity)
    return book


def test_a_spread_captures_of_its_net_credit() -> None:
    """Sold at 0.85, its wing bought at 0.25: 60; closed at 0.40 and 0.10: 30 kept, half."""
    book, wing = _sold(), "KO    240209P00055000"
    book.fill(0, 1, 0.25, wing, slot=LONG_PUT)
    book.fill(2, 1, 0.40)
    book.fill(2, -1, 0.10, wing, slot=LONG_PUT)
    book.mark(4)
    found = reviewed(book.events, MONDAY).ended
    assert (found.credit, found.kept, found.capture) == (60.0, 30.0, 0.5)
    assert [(leg.short, leg.credit, leg.capture) for leg in found.legs] == [
        (True, 85.0, 45 / 85), (False, -25.0, None),
    ]  # fmt: skip


def test_a_leg_that_nobody_decided_to_end_says_so() -> None:
    book = _sold()
    book.fill(1, 1, 1.40)
    book.mark(4)
    (leg,) = reviewed(book.events, MONDAY).ended.legs
    assert (leg.cause, leg.why, leg.decision) == (
        "bought back, no decision of this book", None, None,
    )  # fmt: skip
    assert reviewed(book.events, MONDAY).ended.lost == 1


@pytest.mark.parametrize(
    ("price", "cause"), [(0.95, "rolled for a credit"), (0.30, "rolled for a debit")]
)
def test_a_roll_says_whether_it_brought_money(price: float, cause: str) -> None:
    book = _sold()
    legs = (Leg(PUT, 1), Leg(LATER, -1))
    book.approve(2, "roll", "tested_delta", legs=legs)
    book.fill(2, 1, 0.60)
    book.campaign = 2
    book.fill(2, -1, price, LATER)
    book.mark(4, options=-price * 100)
    found = reviewed(book.events, MONDAY)
    assert [leg.cause for leg in found.ended.legs] == [cause]
    assert [leg.option for each in found.open for leg in each.legs] == [LATER]


def test_shares_that_a_policy_does_not_keep_end_a_campaign_by_their_sale() -> None:
    book = _sold()
    _assign(book, 2)
    book.mark(2, close=58.0, shares_u=u(5_800))
    number = book.approve(3, "sell_shares", "release", 100, option=None)
    book.cash_u += u(5_750)
    book.add(Filled, 3, **book.whose(), slot=SHORT_PUT, option=None, quantity=0, shares=-100,
             price_u=u(57.5), amount_u=u(5_750), fee_u=0)  # fmt: skip
    book.mark(4, close=58.0)
    found = reviewed(book.events, MONDAY)
    (campaign,) = found.ended.campaigns
    assert campaign.cause == "assigned, then its shares sold"
    assert (campaign.why, campaign.won, campaign.result) == ("release", False, -165.66)
    assert number not in {leg.decision for leg in found.ended.legs}


def test_expiry_and_assignment_are_facts_and_no_decision_explains_them() -> None:
    """A close that was approved and never filled does not make of an assignment a profit target."""
    book = _sold()
    book.approve(29, "close", "take_profit")
    _assign(book, 32)
    book.mark(32, close=58.0, shares_u=u(5_800))
    (leg,) = reviewed(book.events, on(32)).ended.legs
    assert (leg.cause, leg.why) == ("assigned", None)
    assert leg.kept == -115.0  # 85 less the 200 that 60 is over 58
    assert reviewed(book.events, on(32)).ended.campaigns == []  # its shares are held
    (campaign,) = [one for each in _wheel_weeks() for one in each.ended.campaigns]
    assert (campaign.cause, campaign.result) == ("assigned, then called away", 286.5)


def _assign(book: Book, day: int, **more: object) -> int:
    """The put becomes shares."""
    book.cash_u -= u(6_000)
    return book.add(Assigned, day, **book.whose(), slot=SHORT_PUT, option=PUT, quantity=1,
                    shares=100, price_u=u(58), amount_u=-u(6_000), fee_u=0, **more)  # fmt: skip


# --- what is held ---


def test_what_is_held_says_capture_distance_and_days() -> None:
    book = _sold(2)
    book.mark(4, options=-100.0, close=62.5)
    (one,) = reviewed(book.events, MONDAY).open
    assert (one.sleeve, one.credit, one.spot) == ("puts:KO", 169.34, 62.5)
    assert one.cost == 100.0  # the evening's mark: no other sleeve holds options
    assert one.capture == pytest.approx(1 - 100 / 169.34)
    (leg,) = one.legs
    assert (leg.quantity, leg.strike, leg.dte, leg.price) == (-2, 60.0, 28, None)
    assert leg.distance == pytest.approx(2.5 / 62.5)
    quotes = Prices("quoted", {(on(4), PUT): Touch(u(0.30), u(0.40))})
    (one,) = reviewed(book.events, MONDAY, quotes).open
    assert (one.cost, one.legs[0].price) == (70.0, 0.35)


def test_a_call_is_out_of_the_money_above_the_spot() -> None:
    assert distance(A_PUT, u(60), u(62)) > 0 > distance(CALL, u(60), u(62))


# --- breaches ---


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
    book = _sold()
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
    book = _sold()
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
    book = _sold()
    number = _assign(book, 2, source="inferred")
    adjusted = book.add(CashAdjusted, 3, amount_u=u(0.05), why="a fee was rounded")
    book.cash_u += u(0.05)
    book.mark(4)
    # the evening says no shares, and so their cost is what no price explains; it is in the causes
    found = [(each.kind, each.events) for each in reviewed(book.events, MONDAY).breaches]
    assert found == [("assignment unannounced", [number]), ("break", [adjusted])]


def test_a_journal_without_orders_says_that_it_cannot_tell() -> None:
    found = {each.kind: each for each in reviewed(_sold().events, MONDAY).checks}
    for kind in ("fill under its floor", "order not filled", "decision skipped"):
        assert not found[kind].told
        assert found[kind].note


# --- what was refused ---


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
    book = _sold()
    book.refuse(1, "cash", option=LATER)
    book.mark(4, options=-85.0)
    week = told(book.events, "main", week_of(CALENDAR, MONDAY), CALENDAR)
    assert asked(week) == {(on(4), PUT), (on(1), LATER), (on(4), LATER)}


def test_intrinsic_of_a_put_and_a_call() -> None:
    for option, worth in ((PUT, 1.0), ("KO    240209C00060000", 0.0)):
        assert intrinsic_u(parse_osi(option, ("KO",)), u(59)) == u(worth)


# --- the month, the week after ---


def test_income_against_the_target_and_its_pace() -> None:
    """43.68 of 500 in ten of 22 sessions: the first Friday twelve days into January, one closed."""
    book = _sold()
    book.approve(2, "close", "take_profit")
    book.fill(2, 1, 0.40)
    book.mark(4)
    one = reviewed(book.events, MONDAY).income
    assert (one.month, one.so_far, one.target) == ("2024-01", 43.68, 500.0)
    assert one.of_target == pytest.approx(43.68 / 500)
    assert (one.sessions, one.of_sessions) == (10, 22)
    assert one.pace == round(43.68 / 10 * 22, 2)
    assert one.average is None


def test_the_watchlist_of_a_short_week() -> None:
    """The 15th is a holiday, the third Friday is the 19th; the put is near, the rest is free."""
    book = _sold()
    book.mark(4, options=-85.0, close=60.5)
    ahead = {"KO": Ahead(on(9), u(0.46), on(10)), "PEP": Ahead(on(30), u(1.0), None)}
    found = reviewed(book.events, MONDAY, Prices("quoted", {}, ahead)).watch
    assert found.week == "2024-W03"
    assert [(each.day, each.what) for each in found.calendar] == [
        ("2024-01-15", "the exchange is closed"),
        ("2024-01-19", "monthly expiration"),
    ]
    assert found.sessions == ["2024-01-16", "2024-01-17", "2024-01-18", "2024-01-19"]
    assert [(each.day, each.what) for each in found.ex_dividends] == [
        ("2024-01-17", "KO pays $0.4600 a share")
    ]
    assert [each.day for each in found.earnings] == ["2024-01-18"]
    assert [each.option for each in found.near] == [PUT]
    assert found.expiring == []
    assert [(each.sleeve, each.holds, each.opens) for each in found.free] == [
        ("puts:KO:2", "nothing", "2024-01-16")
    ]


def test_what_expires_next_week_and_the_half_day() -> None:
    book = _sold()
    book.mark(25, options=-85.0)
    assert [each.option for each in reviewed(book.events, on(25)).watch.expiring] == [PUT]
    before = Book()
    before.deposit(-3, 100)
    before.mark(-3)
    days = reviewed(before.events, on(-3)).watch.calendar
    assert [(each.day, each.what) for each in days] == [("2024-01-11", "the exchange closes early")]


def test_the_end_of_the_calendar_is_no_failure() -> None:
    assert week_after(CALENDAR, week_of(CALENDAR, on(398))) is None


# --- which week, which account ---


def test_a_week_is_named_by_itself_or_by_a_day() -> None:
    assert day_named("2024-W02") == MONDAY
    assert day_named("2024-01-11") == on(3)
    assert week_of(CALENDAR, on(3)).name == "2024-W02"
    for words in ("2024-W60", "2024-13-01", "W02", "yesterday"):
        with pytest.raises(InputError, match=r"--week: found .*; expected a week or a day"):
            day_named(words)


def test_the_last_week_that_is_over_is_the_default_and_another_is_refused() -> None:
    assert week_over(CALENDAR, on(4), None).name == "2024-W02"
    assert week_over(CALENDAR, on(8), None).name == "2024-W02"
    assert week_over(CALENDAR, on(8), on(1)).name == "2024-W02"
    with pytest.raises(
        InputError, match="--week 2024-W03: found a journal that ends on 2024-01-16"
    ):
        week_over(CALENDAR, on(8), on(9))


def test_a_week_without_an_evening_is_refused_with_those_there_are() -> None:
    book = _sold()
    with pytest.raises(InputError, match="no evening of account main in it; expected a week from"):
        reviewed(book.events, on(7))


def test_accounts_are_told_apart() -> None:
    """What another account earned, holds or broke is not in the review of the first."""
    one, other = _sold(), Book(account="other")
    one.mark(4, options=-50.0)
    other.deposit(0, 777)
    other.refuse(1, "halt")
    other.mark(4)
    events = [*one.events, *other.events[1:]]
    alone = reviewed(one.events, MONDAY)
    week = told(events, "main", week_of(CALENDAR, MONDAY), CALENDAR)
    from underwriter.report.review import review  # noqa: PLC0415

    assert review(week).results == alone.results
    assert review(week).breaches == []
    with pytest.raises(InputError, match="found accounts main, other; expected one of them"):
        account_asked(events, None)
    with pytest.raises(InputError, match="--account: found 'x'; expected one of: main, other"):
        account_asked(events, "x")


def test_an_evening_that_is_not_marked_yet_is_said() -> None:
    """On Friday after the close a desk has marked Thursday."""
    book = _sold()
    book.decide(4)
    book.mark(3, options=-50.0)
    found = reviewed(book.events, MONDAY)
    assert found.results.until == "2024-01-11"
    assert "the evening of 2024-01-12 is not marked yet" in found.remarks[0]


# --- as it is written ---


def full() -> Review:
    """A review with something in every section."""
    book = _sold(2)
    book.approve(1, "close", "take_profit")
    book.fill(1, 1, 0.40)
    book.refuse(1, "cash", option=LATER, needs_u=u(6_000))
    book.refuse(2, "halt")
    book.mark(1, options=-40.0)
    book.mark(4, options=-40.0, close=60.5)
    quotes = {(on(1), LATER): Touch(u(0.85), u(0.90)), (on(4), LATER): Touch(u(0.35), u(0.40))}
    return reviewed(book.events, MONDAY, Prices("modelled", quotes, {"KO": Ahead(on(9), 1, None)}))


def test_the_page_stands_alone_and_every_chart_has_its_unit() -> None:
    drawn = page(full())
    assert drawn.startswith("<!doctype html>")
    assert "<script" not in drawn
    assert "http" not in drawn.replace("http-equiv", "")
    assert drawn.count('class="unit" x="2"') == 3 * 3  # three charts in three sizes
    for heading in ("Results", "Rule breaches", "Wins and losses", "Open positions", "Refused",
                    "Income against target", "Next week&#x27;s watchlist"):  # fmt: skip
        assert f">{heading}" in drawn


def test_foreign_words_are_escaped() -> None:
    """The name of an account, and what an order's broker said, are anybody's."""
    book = Book(account="<b>me</b>")
    book.deposit(0, 10_000)
    book.add(CashAdjusted, 1, amount_u=u(1), why="<script>alert(1)</script> | x")
    book.cash_u += u(1)
    book.mark(4)
    found = reviewed(book.events, MONDAY)
    assert "<script>" not in page(found)
    assert "<b>me</b>" not in page(found)
    assert "\\| x" in markdown(found)


def test_the_markdown_reads_in_a_terminal() -> None:
    """Columns stand under one another, and nothing is beyond ASCII."""
    lines = markdown(full()).splitlines()
    assert markdown(full()).isascii()
    assert all(len(line) <= 96 for line in lines if not line.startswith("|"))
    tables = "\n".join(lines).split("\n\n")
    for block in (block.splitlines() for block in tables if block.startswith("|")):
        assert len({len(line) for line in block}) == 1
    assert "| LATER" not in lines
    assert any("45.00" in line and LATER in line for line in lines)


def test_the_json_keeps_to_its_schema() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    for found in (full(), reviewed(_sold().events, MONDAY), *_wheel_weeks()):
        told_of = json.loads(json.dumps(msgspec.to_builtins(found), allow_nan=False))
        assert breaks(told_of, schema, schema) == []
    assert breaks({**told_of, "results": {}}, schema, schema)
