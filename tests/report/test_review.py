"""A week of an account: figures that add up, what ended and why, what is held."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given

from report.made_up import Wheel, u
from report.weeks import (
    LATER,
    MONDAY,
    PUT,
    STEPS,
    Book,
    assign,
    on,
    random_book,
    reviewed,
    sold,
    weeks_of,
    wheel_weeks,
)
from underwriter.book.event import AnyEvent, Filled, Leg, LegEvent, Marked
from underwriter.core.contract import CALL
from underwriter.core.contract import PUT as A_PUT
from underwriter.core.sleeve import LONG_PUT, SHORT_PUT
from underwriter.report.review import Prices, Review
from underwriter.report.views import months, read
from underwriter.report.weekly.held import distance
from underwriter.report.weekly.results import that_add_up
from underwriter.report.weekly.told import Touch


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


FEES = "fees of trades"


def causes_of(found: Review) -> list[tuple[str, float]]:
    """The causes of a week, in their order."""
    return [(each.name, each.amount) for each in found.results.causes]


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
    fees = {leg.option: leg.fees_u for leg in read(events).legs}  # that `book income` takes off
    named = {"premium captured, options that ended", "dividends", "interest"}
    counted = sum(amount for one in found for name, amount in causes_of(one) if name in named)
    assert counted == pytest.approx((income + sum(fees.values())) / 1e6, abs=0.5)  # cents
    paid_u = sum(one.fee_u for one in events if isinstance(one, LegEvent))
    counted = sum(amount for one in found for name, amount in causes_of(one) if name == FEES)
    assert paid_u > 0
    assert counted == pytest.approx(-paid_u / 1e6, abs=0.5)


def test_one_turn_of_the_wheel_week_by_week() -> None:
    """W09 sells a call for 50.00 - 0.66, worth 38.68 that evening; W12 gives the shares away.

    W12: dividend 53.00, call 50.00, shares 6,100.00 - 6,000.00, and the 200.00 back that they
    were under water, the 11.32 gone that the call was ahead; the fee of giving them away 0.18.
    """
    found = {one.week: one for one in wheel_weeks()}
    assert found["2026-W09"].results.earned == 10.66
    assert [each for each in causes_of(found["2026-W09"]) if each[1]] == [
        ("options held, change of value", 11.32),
        (FEES, -0.66),
    ]
    assert found["2026-W09"].results.premium_received == 50.0
    one = found["2026-W12"].results
    assert [each for each in causes_of(found["2026-W12"]) if each[1]] == [
        ("premium captured, options that ended", 50.0),
        ("shares sold, over their cost", 100.0),
        ("options held, change of value", -11.32),
        ("shares held, change of value", 200.0),
        ("dividends", 53.0),
        (FEES, -0.18),
    ]
    assert (one.start, one.end, one.earned) == (19_900.0, 20_291.5, 391.5)
    assert one.since == "2026-02-23"


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
    book = sold()
    number = book.approve(2, "close", why)
    book.fill(2, 1, 0.40)
    book.mark(4)
    found = reviewed(book.events, MONDAY).ended
    (leg,), (campaign,) = found.legs, found.campaigns
    assert (leg.cause, leg.why, leg.decision) == (cause, why, number)
    assert (leg.credit, leg.closed, leg.kept, leg.capture) == (85.0, -40.0, 45.0, 45 / 85)
    assert (campaign.cause, campaign.result, campaign.won) == (cause, 43.68, True)
    assert (found.won, found.lost, found.capture) == (1, 0, 45 / 85)


def test_a_spread_captures_of_its_net_credit() -> None:
    """Sold at 0.85, its wing bought at 0.25: 60; closed at 0.40 and 0.10: 30 kept, half."""
    book, wing = sold(), "KO    240209P00055000"
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
    book = sold()
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
    book = sold()
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
    book = sold()
    assign(book, 2)
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
    book = sold()
    book.approve(29, "close", "take_profit")
    assign(book, 32)
    book.mark(32, close=58.0, shares_u=u(5_800))
    (leg,) = reviewed(book.events, on(32)).ended.legs
    assert (leg.cause, leg.why) == ("assigned", None)
    assert leg.kept == -115.0  # 85 less the 200 that 60 is over 58
    assert reviewed(book.events, on(32)).ended.campaigns == []  # its shares are held
    (campaign,) = [one for each in wheel_weeks() for one in each.ended.campaigns]
    assert (campaign.cause, campaign.result) == ("assigned, then called away", 286.5)


# --- what is held ---


def test_what_is_held_says_capture_distance_and_days() -> None:
    book = sold(2)
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
