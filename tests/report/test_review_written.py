"""The month, the week after, which week is reviewed, and how it is written."""

import json
import re
from pathlib import Path

import msgspec
import pytest

from report.json_schema import breaks
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
    wheel_weeks,
)
from underwriter.book.event import CashAdjusted
from underwriter.core.errors import InputError
from underwriter.report.review import Prices, Review, account_asked, review, told
from underwriter.report.weekly.page import page
from underwriter.report.weekly.text import markdown
from underwriter.report.weekly.told import Ahead, Touch
from underwriter.report.weekly.week import day_named, week_after, week_of, week_over

SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "review.json"

# --- the month, the week after ---


def test_income_against_the_target_and_its_pace() -> None:
    """43.68 of 500 in ten of 22 sessions: the first Friday twelve days into January, one closed."""
    book = sold()
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
    book = sold()
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
    book = sold()
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
    book = sold()
    with pytest.raises(InputError, match="no evening of account main in it; expected a week from"):
        reviewed(book.events, on(7))


def test_accounts_are_told_apart() -> None:
    """What another account earned, holds or broke is not in the review of the first."""
    one, other = sold(), Book(account="other")
    one.mark(4, options=-50.0)
    other.deposit(0, 777)
    other.refuse(1, "halt")
    other.mark(4)
    events = [*one.events, *other.events[1:]]
    alone = reviewed(one.events, MONDAY)
    week = told(events, "main", week_of(CALENDAR, MONDAY), CALENDAR)
    assert review(week).results == alone.results
    assert review(week).breaches == []
    with pytest.raises(InputError, match="found accounts main, other; expected one of them"):
        account_asked(events, None)
    with pytest.raises(InputError, match="--account: found 'x'; expected one of: main, other"):
        account_asked(events, "x")


def test_an_evening_that_is_not_marked_yet_is_said() -> None:
    """On Friday after the close a desk has marked Thursday."""
    book = sold()
    book.decide(4)
    book.mark(3, options=-50.0)
    found = reviewed(book.events, MONDAY)
    assert found.results.until == "2024-01-11"
    assert "the evening of 2024-01-12 is not marked yet" in found.remarks[0]


# --- as it is written ---


def full() -> Review:
    """A review with something in every section."""
    book = sold(2)
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


def test_no_line_ends_between_a_minus_and_its_figure() -> None:
    """A loss in the headline: its sign is joined to its dollars, and its word has a colour."""
    book = sold()
    book.fill(1, 1, 1.40)
    book.mark(4)
    drawn = page(reviewed(book.events, MONDAY))
    assert "\N{MINUS SIGN}\N{WORD JOINER}$55.00 kept of $85.00" in drawn
    assert '<td class="lost">lost</td>' in drawn


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
    assert any("45.00" in line and "KO 2024-02-16 P 59" in line for line in lines)
    symbols = re.compile(r"[A-Z.]+ *[0-9]{6}[PC][0-9]{8}")
    assert symbols.search(LATER), "what no line has"
    assert not [line for line in lines if symbols.search(line)], "people read no OSI symbols"


def test_the_json_keeps_to_its_schema() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    for found in (full(), reviewed(sold().events, MONDAY), *wheel_weeks()):
        told_of = json.loads(json.dumps(msgspec.to_builtins(found), allow_nan=False))
        assert breaks(told_of, schema, schema) == []
    assert breaks({**told_of, "results": {}}, schema, schema)
