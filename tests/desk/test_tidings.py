"""What is told: every kind of event that matters, in one line with its figures, at its level.

The lines come from the issue ("fills, assignments, tests of a strike, halts") and from FAILURES.
"""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from desk.test_cycle import DAYS, MOMENT, World, history
from underwriter.book.event import (
    Adjusted,
    AnyEvent,
    Approved,
    Assigned,
    Busted,
    CapitalReturned,
    CashAdjusted,
    Charged,
    Corrected,
    Decided,
    Deposited,
    DividendReceived,
    Expired,
    Filled,
    Marked,
    OrderTold,
    Refused,
    Renamed,
    Settled,
    Skipped,
    SleeveOpened,
    Split,
    Switched,
)
from underwriter.book.imports.reconcile import Break
from underwriter.core import reason
from underwriter.desk.amounts import money
from underwriter.desk.brokers.paper import open_paper
from underwriter.desk.cadence import Duty
from underwriter.desk.cycle import Left, Report
from underwriter.desk.tidings import Tiding, of_events, of_report, review_written

COMMON: dict[str, Any] = {"at": 1, "session": date(2026, 2, 20), "account": "main"}
WHOSE: dict[str, Any] = COMMON | {"sleeve": 3, "campaign": 1, "policy": "p"}
OPENED = SleeveOpened(**WHOSE, name="wheel", underlying="KO", root="KO", multiplier=100)
NAMES = {3: OPENED}
PUT = "KO    260220P00060000"
LEG: dict[str, Any] = {"slot": 0, "option": PUT, "shares": 0, "amount_u": 0, "fee_u": 0}
QUIET = Report((), (), (), (), (), {}, {}, "")


def told(*events: AnyEvent) -> list[tuple[str, str]]:
    """Levels and titles."""
    return [(one.level, one.title) for one in of_events(events, NAMES)]


def text(*events: AnyEvent) -> str:
    """All that is said beside titles."""
    return "\n".join(one.text for one in of_events(events, NAMES))


def filled(quantity: int, price_u: int, amount_u: int, **more: Any) -> Filled:  # noqa: ANN401
    given = LEG | {"fee_u": 1_320_000, "quantity": quantity, "price_u": price_u} | more
    return Filled(**WHOSE, **given | {"amount_u": amount_u})


SHARES: dict[str, Any] = {"option": None, "shares": 100}
LINES: list[tuple[AnyEvent, str, str]] = [
    (
        filled(-2, 850_000, 170_000_000),
        "fact",
        "Sold 2 KO 2026-02-20 P 60 at 0.85: +170.00, fee 1.32",
    ),
    (
        filled(1, 400_000, -40_000_000, fee_u=0),
        "fact",
        "Bought 1 KO 2026-02-20 P 60 at 0.40: -40.00",
    ),
    (
        filled(0, 61_255_000, -6_125_500_000, fee_u=0, **SHARES),
        "fact",
        "Bought 100 KO shares at 61.26: -6,125.50",
    ),
    (
        Assigned(**WHOSE, **LEG | {"shares": 100, "amount_u": -6_000_000_000}, quantity=1,
                 price_u=58_100_000),
        "warning",
        "Assigned: 1 KO 2026-02-20 P 60, 100 KO shares bought at 60.00: -6,000.00",
    ),
    (
        Assigned(**WHOSE, **LEG | {"shares": -100, "amount_u": 6_000_000_000}, quantity=-1,
                 price_u=58_100_000),
        "warning",
        "Exercised: 1 KO 2026-02-20 P 60, 100 KO shares sold at 60.00: +6,000.00",
    ),
    (Expired(**WHOSE, **LEG, quantity=1, price_u=0), "fact",
     "Expired worthless: 1 KO 2026-02-20 P 60"),
    (Settled(**WHOSE, **LEG | {"amount_u": -150_000_000}, quantity=1, price_u=58_500_000), "fact",
     "Settled in cash: 1 KO 2026-02-20 P 60, underlying at 58.50: -150.00"),
    (DividendReceived(**WHOSE, shares=100, per_share_u=510_000, amount_u=51_000_000), "fact",
     "Dividend: +51.00 (100 KO shares, 0.51)"),
    (DividendReceived(**WHOSE, shares=-100, per_share_u=510_000, amount_u=-51_000_000), "fact",
     "Dividend owed: -51.00 (100 KO shares, 0.51)"),
    (CapitalReturned(**WHOSE, shares=100, amount_u=20_000_000), "fact",
     "Capital returned: +20.00 on 100 KO shares"),
    (Renamed(**WHOSE, underlying="KOX", root="KOX"), "warning", "KO goes by KOX now (root KOX)"),
    (Split(**WHOSE, slot=0, option=None, quantity=0, shares=100, new=2, old=1), "warning",
     "Split 2 for 1: KO shares"),
    (Busted(**COMMON, of="x1", why="the exchange busted it"), "warning",
     "Taken back: x1 never happened"),
    (Corrected(**COMMON, of="x1", quantity=-1, shares=0, price_u=20_000, amount_u=2_000_000,
               fee_u=0), "warning", "Corrected: x1 is at 0.02, +2.00"),
    (Switched(**COMMON, to="halted", by="guard", why="equity is 5000000 millionths under its peak"),
     "alarm", "The desk is halted, by a guard"),
    (CashAdjusted(**COMMON, amount_u=5_000_000, why="put right"), "fact", "Cash put right: +5.00"),
    (Deposited(**COMMON, amount_u=20_000_000_000), "fact", "Deposited: 20,000.00"),
    (Deposited(**COMMON, amount_u=-1_000_000), "fact", "Withdrawn: 1.00"),
    (Charged(**COMMON | {"currency": "BTC"}, amount_u=-150_000, what="fee"), "fact",
     "Charged: -0.00150000 BTC, fee"),
]  # fmt: skip


@pytest.mark.parametrize(("event", "level", "line"), LINES)
def test_what_happened_is_one_line_with_its_figures(event: AnyEvent, level: str, line: str) -> None:
    assert told(event) == [(level, line)]
    assert "\n" not in line


def test_a_tiding_of_a_sleeve_names_it() -> None:
    assert "[wheel on KO, sleeve 3]" in text(filled(-2, 850_000, 170_000_000))
    (stranger,) = of_events([filled(-2, 850_000, 1)], {})
    assert stranger.text == ""


def test_t43_an_assignment_that_nobody_announced_is_said_to_be_inferred() -> None:
    event = Assigned(**WHOSE, **LEG, quantity=1, price_u=60_000_000, source="inferred")
    assert "Not told by the broker: inferred." in text(event)


@pytest.mark.parametrize(
    ("state", "title"),
    [
        ("rejected", "Order c1 was rejected"),
        ("unknown", "Order c1: nobody knows whether it lives"),
    ],
)
def test_t08_a_rejected_and_an_unknown_order_are_alarms_with_the_brokers_words(
    state: Any,  # noqa: ANN401
    title: str,
) -> None:
    event = OrderTold(**WHOSE, client="c1", state=state, why="not approved for options")
    assert told(event) == [("alarm", title)]
    assert "The broker says: not approved for options." in text(event)


@pytest.mark.parametrize("state", ["sent", "acknowledged", "filled", "cancelled", "expired"])
def test_the_steps_of_the_ladder_are_not_told(state: Any) -> None:  # noqa: ANN401
    assert told(OrderTold(**WHOSE, client="c1", state=state)) == []


def test_t59_an_adjusted_root_is_told_with_what_it_delivers_and_that_nothing_is_sold_on_it() -> (
    None
):
    event = Adjusted(
        **WHOSE, slot=0, was=PUT, option="KO1   260220P00060000", shares=12, cash_u=3_000_000,
        why="a reverse split",
    )  # fmt: skip
    line = "Adjusted: KO 2026-02-20 P 60 is KO1 2026-02-20 P 60 and delivers 12 shares and 3.00"
    assert told(event) == [("warning", line)]
    assert "Nothing new is sold on it" in text(event)


def approved(action: str, why: int, **more: Any) -> Approved:  # noqa: ANN401
    given: dict[str, Any] = {"option": PUT, "quantity": 1} | more
    return Approved(**WHOSE, action=action, why=reason.NAMES[why], **given)


def refused(why: int, **more: Any) -> Refused:  # noqa: ANN401
    given: dict[str, Any] = {"action": "open", "option": PUT} | more
    return Refused(**WHOSE, why=reason.NAMES[why], **given)


DECIDED = Decided(**COMMON, version="1", slab="s", policies={})


def test_a_tested_strike_that_is_acted_on_is_told_and_a_profit_is_told_by_its_fill_alone() -> None:
    assert told(DECIDED, approved("roll", reason.TESTED_STRIKE)) == [
        ("warning", "To roll: KO 2026-02-20 P 60")
    ]
    assert "gone through a short strike" in text(approved("roll", reason.TESTED_STRIKE))
    assert told(DECIDED, approved("close", reason.TAKE_PROFIT)) == []
    assert told(approved("sell_shares", reason.DELIVERY, option=None)) == [
        ("warning", "To sell shares: shares")
    ]


def test_t66_a_decision_that_opens_nothing_says_why_and_what_it_would_take() -> None:
    events = [
        DECIDED,
        refused(reason.RISK, needs_u=90_000_000_000),
        refused(reason.RISK, needs_u=75_000_000_000),
        refused(reason.BUYING_POWER),
    ]
    (one,) = of_events(events, NAMES)
    assert (one.level, one.title) == ("warning", "Nothing could be opened on 2026-02-20")
    first, second, third = one.text.split("\n")
    assert first == f"2 x risk: {reason.TEXTS[reason.RISK]}"
    assert second == f"1 x buying_power: {reason.TEXTS[reason.BUYING_POWER]}"
    assert third == "The least equity that admits one: 75,000.00."


def test_where_something_was_opened_the_refused_are_not_told() -> None:
    assert told(DECIDED, approved("open", reason.ENTRY_PUT), refused(reason.CASH)) == []
    assert told(DECIDED) == []
    other = refused(reason.CASH, action="roll")
    assert told(DECIDED, other) == []


def test_a_tested_position_that_finds_no_roll_is_no_entry_that_was_refused() -> None:
    hold = refused(reason.NO_ROLL, action="hold")
    line = ("warning", "Tested, and no roll is allowed KO 2026-02-20 P 60")
    assert told(DECIDED, hold) == [line]
    nothing = ("warning", "Nothing could be opened on 2026-02-20")
    assert told(DECIDED, hold, refused(reason.CASH)) == [line, nothing]


def test_each_of_two_decisions_is_told_for_itself() -> None:
    lines = told(DECIDED, refused(reason.CASH), DECIDED, refused(reason.REGIME, action="hold"))
    assert lines == [("warning", "Nothing could be opened on 2026-02-20")] * 2


def test_an_order_that_came_to_nothing_is_told_apart_from_a_refused_wish() -> None:
    later = OrderTold(**WHOSE, client="c1", state="cancelled")
    lines = told(DECIDED, approved("open", reason.ENTRY_PUT), later, refused(reason.LAPSED))
    assert lines == [("warning", "Came to nothing: open KO 2026-02-20 P 60")]


def test_nothing_is_told_of_a_cycle_without_anything() -> None:
    assert of_report(QUIET) == []
    mark = Marked(
        **COMMON, equity_u=1, cash_u=1, shares_u=0, rate=0.0, measure=None, underlyings={},
        regimes={},
    )  # fmt: skip
    assert told(mark) == []


def standing(**fields: Any) -> list[Tiding]:  # noqa: ANN401
    return of_report(QUIET._replace(**fields))


def test_what_is_short_by_hand_is_an_alarm_that_says_what_it_stops() -> None:
    (one,) = standing(beside=("-100 KO shares",))
    assert (one.level, one.title) == ("alarm", "Short by hand")
    assert one.text.startswith("-100 KO shares: no policy manages it. Until it is closed nothing")


def test_t72_a_halt_says_its_reason_and_is_told_once_though_its_figures_change() -> None:
    why = "equity is 5000000 millionths under its peak"
    (first,) = standing(held_back={7: why, 9: why})
    (second,) = standing(held_back={11: why.replace("5", "6")})
    assert first.level == "alarm"
    assert first.title == "Held back: equity is 5.00 under its peak"
    assert "2 intents" in first.text
    assert "1 intent " in second.text
    assert first.key == second.key


def test_a_break_says_both_sides_the_likely_cause_and_the_mend() -> None:
    mend = (CashAdjusted(**COMMON, amount_u=1, why="x"),)
    one = Break("quantity", PUT, -2_000_000, -1_000_000, "a fill that was not told", mend)
    cash = Break("cash", "USD", 1_000_000_000, 995_000_000, "a fee of no trade", ())
    first, second = standing(breaks=(one, cash))
    assert first.title == "Book and broker differ on KO 2026-02-20 P 60: quantity"
    assert first.text.startswith("The book has -2, the broker -1. Likely cause: a fill")
    assert "book reconcile" in first.text
    assert "1,000.00, the broker 995.00" in second.text
    assert {first.level, second.level} == {"alarm"}


def test_t74_what_the_user_did_by_hand_is_told_as_a_break_and_nothing_is_undone(
    tmp_path: Path,
) -> None:
    world = World(tmp_path, history())
    world.through(DAYS[:1], [600])
    broker = open_paper(world.place, 0)
    broker.account.held["XYZ"] = 100
    broker._keep()
    (report,) = world.through(DAYS[:1], [MOMENT])
    (one,) = [each for each in of_report(report) if each.key.startswith("break")]
    assert one.title == "Book and broker differ on XYZ: unknown position"
    assert "The book has 0, the broker 100." in one.text
    assert open_paper(world.place, 0).account.held["XYZ"] == 100


def test_a_silent_broker_is_an_alarm_and_what_waits_for_it_is_not_told_beside() -> None:
    left = Left(Duty("settle", 20_000), "closes"), Left(Duty("decide", 20_001), "waits")
    (one,) = standing(blind="no route to the broker", left=left)
    assert (one.level, one.key) == ("alarm", "blind")
    assert "no route to the broker" in one.text
    (waits,) = standing(left=left)
    assert waits.level == "warning"
    assert "settle 2024-10-04" in waits.title


def test_what_waits_is_told_anew_with_each_session_that_waits_too() -> None:
    """Once a day until it is mended: one warning months ago is none."""
    first, second = (Left(Duty("settle", day), "closes") for day in (20_000, 20_001))
    deciding = Left(Duty("decide", 20_002), "waits")
    (one,) = standing(left=(first,))
    assert standing(left=(first, deciding)) == [one], "a decision that waits behind it adds nothing"
    (two,) = standing(left=(first, second))
    assert two.key != one.key
    assert two.title == one.title


def test_an_evening_whose_options_nobody_quoted_is_a_warning() -> None:
    money: dict[str, Any] = {"equity_u": 1, "cash_u": 1, "shares_u": 0, "rate": 0.0}
    evening = Marked(**COMMON, **money, measure=None, underlyings={}, regimes={})
    assert told(evening) == []
    assert told(replace(evening, carried=("KO", "F"))) == [
        ("warning", "No quotes of KO, F on 2026-02-20")
    ]


def test_missed_decisions_and_odd_facts_are_told() -> None:
    ((level, title),) = told(Skipped(**COMMON))
    assert (level, "2026-02-20" in title) == ("warning", True)
    (odd,) = standing(skipped=(20_000,), odd=("a fill of nothing",))
    assert (odd.level, odd.text) == ("alarm", "a fill of nothing")


def test_a_review_is_a_fact() -> None:
    one = review_written("2026-02-20", "Result +120.00, 2 wins, 1 loss")
    assert (one.level, one.text) == ("fact", "Result +120.00, 2 wins, 1 loss")


def test_money_is_rounded_to_the_cent_and_signed_where_it_moves() -> None:
    assert money(1_234_565_000) == "1,234.57"  # half a cent away from zero, as brokers round
    assert money(-1_234_565_000) == "-1,234.57"
    assert money(0, signed=True) == "+0.00"
    assert money(12_345_678, "BTC") == "0.12345678 BTC"
