"""The csv of Forms 8949 and 6781, and what is known of year-end marks; figures worked by hand."""

import csv
from datetime import date

import pytest

from book.ledger_text import events_of
from underwriter.book.event import AnyEvent, Marked, Quoted
from underwriter.book.forms import cents, form_6781, form_8949
from underwriter.book.holding import long_term_from
from underwriter.book.tax import TaxYear, taxed
from underwriter.book.tax_rules import rules_of
from underwriter.core.errors import InputError


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(text.splitlines()))[1:]


def marked(day: str, equity: int, cash: int, shares: int = 0, account: str = "main") -> Marked:
    """An evening, in dollars; KO closes at 60."""
    return Marked(
        at=0,
        session=date.fromisoformat(day),
        account=account,
        equity_u=equity * 1_000_000,
        cash_u=cash * 1_000_000,
        shares_u=shares * 1_000_000,
        rate=0.04,
        measure=None,
        underlyings={"KO": Quoted(60_000_000)},
        regimes={},
    )


def year_of(text: str, *evenings: Marked, year: int = 2026) -> TaxYear:
    events: list[AnyEvent] = [*events_of(text.strip("\n").rstrip()), *evenings]
    return taxed(events, year)


def test_t78_form_8949_has_written_options_first_and_their_proceeds_before_their_cost() -> None:
    found = rows(
        form_8949(
            year_of("""
                2024-01-05 bought 100 KO shares @ 60.00 fee 0.01
                2026-01-05 bought 1 KO 2026-02-20 C 70 @ 0.10
                2026-01-05 sold 2 KO 2026-02-20 P 60 @ 0.85 fee 1.32
                2026-01-20 bought 1 KO 2026-02-20 P 60 @ 0.40 fee 0.66
                2026-02-20 expired KO 60 P
                2026-02-20 expired KO 70 C
                2026-03-02 sold 100 KO shares @ 61.00 fee 0.17
            """)
        )
    )
    put = "1 KO 2026-02-20 P 60 (written)"
    assert found == [
        ["I", put, "01/20/2026", "01/05/2026", "84.34", "40.66", "", "", "43.68", "main"],
        ["I", put, "02/20/2026", "01/05/2026", "84.34", "EXPIRED", "", "", "84.34", "main"],
        ["I", "1 KO 2026-02-20 C 70", "01/05/2026", "02/20/2026", "EXPIRED", "10.00", "", "",
         "-10.00", "main"],
        ["II", "100 sh KO", "01/05/2024", "03/02/2026", "6099.83", "6000.01", "", "", "99.82",
         "main"],
    ]  # fmt: skip


def test_a_short_sale_is_sold_when_it_is_covered() -> None:
    """The IRS (FAQ 10.2): both dates are those of the cover, whenever it was sold."""
    (row,) = rows(
        form_8949(
            year_of("""
                2025-12-01 sold 100 KO shares @ 60.00
                2026-01-05 bought 100 KO shares @ 59.00
            """)
        )
    )
    assert row == [
        "I", "100 sh KO (sold short)", "01/05/2026", "01/05/2026", "6000.00", "5900.00", "", "",
        "100.00", "main",
    ]  # fmt: skip


def test_t79_a_wash_sale_has_code_w_and_adds_up_to_the_loss_that_is_left() -> None:
    ((*_, proceeds, basis, code, put_off, gain, _account),) = rows(
        form_8949(
            year_of("""
                2026-01-05 bought 300 KO shares @ 60.00
                2026-03-02 sold 300 KO shares @ 59.00
                2026-03-03 bought 100 KO shares @ 59.00
            """)
        )
    )
    assert [proceeds, basis, code, put_off, gain] == [
        "17700.00", "18000.00", "W", "100.00", "-200.00",
    ]  # fmt: skip


def test_a_fee_beyond_the_proceeds_is_cost() -> None:
    ((*_, proceeds, basis, _code, _adjust, gain, _account),) = rows(
        form_8949(
            year_of("""
                2026-01-05 bought 1 KO 2026-02-20 C 70 @ 0.10
                2026-02-20 sold 1 KO 2026-02-20 C 70 @ 0.00 fee 0.66
            """)
        )
    )
    assert [proceeds, basis, gain] == ["0.00", "10.66", "-10.66"]


@pytest.mark.parametrize(
    ("amount_u", "expected"),
    [(4_999, 0), (5_000, 1), (-5_000, 0), (-5_001, -1), (1_230_000, 123)],
)
def test_cents_are_the_nearest_with_halves_upward(amount_u: int, expected: int) -> None:
    assert cents(amount_u) == expected


@pytest.mark.parametrize(
    ("acquired", "first"),
    [
        ("2023-01-15", "2024-01-16"),
        ("2023-02-28", "2024-03-01"),  # Rev. Rul. 66-7: the first of the thirteenth month
        ("2024-02-28", "2025-03-01"),
        ("2024-02-29", "2025-03-01"),
        ("2023-12-31", "2025-01-01"),
    ],
)
def test_long_term_begins_a_year_after_the_day_after(acquired: str, first: str) -> None:
    assert long_term_from(date.fromisoformat(acquired), 1) == date.fromisoformat(first)


# --- section 1256 ---

INDEX = """
    2025-12-01 sold 1 SPX 2026-01-16 P 6000 @ 50.00 fee 1.00
    2025-12-01 bought 1 SPX 2026-01-16 P 5900 @ 35.00 fee 1.00
    2025-12-02 sold 1 SPX 2025-12-19 P 5500 @ 10.00
    2025-12-19 settled SPX 5500 P at 6,100.00
    2026-01-05 interest 1.00
"""
EVENING = marked("2025-12-31", 99_600, 100_000)  # the spread is worth -400


def test_section_1256_is_marked_at_the_end_of_the_year_and_split_60_40() -> None:
    """1,000 of the put above its strike; 5,000 - 1 - 3,500 - 1 - 400 = 1,098 of the spread."""
    tax = year_of(INDEX, EVENING, year=2025)
    assert (tax.index_u, tax.short_u, tax.closings) == (2_098_000_000, 0, ())
    assert rows(form_6781(tax)) == [
        ["1", "1 SPX 2025-12-19 P 5500 (written), opened 2025-12-02, settled 2025-12-19", "",
         "1000.00", "main"],
        ["1", "SPX 2026-01-16 P 5900, SPX 2026-01-16 P 6000: mark of 2025-12-31", "", "1098.00",
         "main"],
        ["8", "short-term, 40%", "", "839.20", ""],
        ["9", "long-term, 60%", "", "1258.80", ""],
    ]  # fmt: skip


def test_what_was_marked_before_is_taken_off_when_it_ends() -> None:
    """The put ends at 20 under its strike: 4,999 - 2,000; the mark had taken 4,999 - 1,500."""
    tax = year_of("""
        2025-12-01 sold 1 SPX 2026-01-16 P 6000 @ 50.00 fee 1.00
        2026-01-16 settled SPX 6000 P at 5,980.00
    """, marked("2025-12-31", 98_500, 100_000))  # fmt: skip
    assert tax.index_u == 2_999_000_000 - 3_499_000_000
    assert [row[2:4] for row in rows(form_6781(tax))] == [
        ["", "2999.00"], ["3499.00", ""], ["200.00", ""], ["300.00", ""],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "evenings", "why"),
    [
        ("", [], "no evening of this account is in the journal"),
        ("", [marked("2025-12-01", 1, 1), marked("2026-01-02", 1, 1)],
         "the last evening in the journal is 2025-12-01, not the end of the year"),
        ("2025-12-31 sold 1 KO 2026-01-16 P 60 @ 1.00", [EVENING],
         "the evening tells all options as one, and 1 others were open"),
        ("2025-12-31 bought 1 SPX 2026-01-16 P 5900 @ 1.00", [marked("2025-12-30", 1, 1)],
         "its options changed after the last evening, 2025-12-30"),
    ],
)  # fmt: skip
def test_a_mark_that_is_not_known_is_said_and_never_zero(
    text: str, evenings: list[Marked], why: str
) -> None:
    told = "2025-12-01 sold 1 SPX 2026-01-16 P 6000 @ 50.00\n" + text
    tax = year_of(f"{told.strip()}\n2026-01-05 interest 1.00", *evenings, year=2025)
    assert [(mark.gain_u, mark.why) for mark in tax.marks] == [(None, why)]
    assert tax.index_u is None
    mark, *lines = rows(form_6781(tax))
    assert mark[1].endswith(f": mark of 2025: not known, {why}")
    assert [row[2:4] for row in (mark, *lines)] == [["not known", "not known"]] * 3


def test_a_year_that_is_not_over_is_marked_at_its_last_evening() -> None:
    tax = year_of(
        "2026-01-05 sold 1 SPX 2026-06-19 P 6000 @ 50.00", marked("2026-03-02", 97, 1_097)
    )
    assert (tax.over, tax.index_u) == (False, 4_000_000_000)


# --- covered calls, puts in the money ---

CALLS = """
    2026-01-05 bought 200 KO shares @ 60.00
    2026-01-06 sold 3 KO 2026-02-05 C 61 @ 1.00
    2026-01-06 sold 1 KO 2026-02-06 C 60 @ 1.00
    2026-01-06 bought 1 KO 2026-02-06 C 60 @ 1.00
    2026-01-06 sold 1 KO 2026-02-06 C 59 @ 1.00
    2026-01-06 bought 1 KO 2026-02-06 C 59 @ 1.00
    2026-01-06 sold 1 KO 2027-01-15 C 60 @ 1.00
"""


def test_covered_calls_are_qualified_or_not_with_the_reason() -> None:
    """26 U.S.C. 1092(c)(4): over 30 days, strike not deep in the money, at most a year."""
    before = marked("2026-01-05", 1, 1)
    calls = year_of(CALLS, before).calls
    assert [(call.option[6:], call.quantity, call.qualified, call.reason) for call in calls] == [
        ("260205C00061000", 2, False, "30 days to expiry; more than 30 are needed"),
        ("260206C00060000", 1, True, "31 days, strike not under the close before it"),
        ("260206C00059000", 1, None,
         "strike under the close before it: whether it is the next one listed is not known"),
        ("270115C00060000", 1, None, "over 12 months to expiry: a benchmark of its own"),
    ]  # fmt: skip


def test_the_close_before_a_call_may_not_be_known() -> None:
    """None in the journal, one of the same evening, or one of before a split."""
    bought = "2026-01-05 bought 100 KO shares @ 60.00\n"
    sold = "2026-01-07 sold 1 KO 2026-03-20 C 61 @ 1.00"
    same, before = marked("2026-01-07", 1, 1), marked("2026-01-06", 1, 1)
    split = bought + "2026-01-07 split KO 2:1\n" + sold
    late = [same, *events_of(bought + sold)]
    found = [year_of(bought + sold).calls, taxed(late, 2026).calls]
    events = events_of(split)
    found.append(taxed([before, *events], 2026).calls)
    for (call,) in found:
        assert (call.qualified, call.reason) == (
            None, "the close of the session before is not in the journal",
        )  # fmt: skip


def test_a_cheap_share_has_its_strike_at_85_percent_at_least() -> None:
    """A close of 20: 16.5 is under 17, 17 is not, and what is listed between is not known."""
    evening = marked("2026-01-05", 1, 1)
    cheap = Marked(
        **{name: getattr(evening, name) for name in evening.__struct_fields__}
        | {"underlyings": {"KO": Quoted(20_000_000)}}
    )
    text = """
        2026-01-05 bought 200 KO shares @ 20.00
        2026-01-06 sold 1 KO 2026-03-20 C 16.5 @ 4.00
        2026-01-06 sold 1 KO 2026-03-20 C 17 @ 3.50
    """
    calls = year_of(text, cheap).calls
    assert [(call.qualified, call.reason) for call in calls] == [
        (False, "strike under 85% of the close before it"),
        (None, "strike under the close before it: whether it is the next one listed is not known"),
    ]


def test_a_leap_day_counts_as_a_year_to_the_first_of_march() -> None:
    text = """
        2028-02-28 bought 100 KO shares @ 60.00
        2028-02-29 sold 1 KO 2029-03-01 C 60 @ 4.00
    """
    (call,) = year_of(text, marked("2028-02-28", 1, 1), year=2028).calls
    assert call.qualified


def test_calls_without_shares_and_on_an_index_are_no_covered_calls() -> None:
    tax = year_of("""
        2026-01-05 sold 1 KO 2026-02-05 C 61 @ 1.00
        2026-01-05 sold 1 SPX 2026-02-05 C 7000 @ 1.00
    """)
    assert tax.calls == ()


def test_t79_a_put_written_in_the_money_near_a_loss_is_told() -> None:
    """Rev. Rul. 85-87; what is out of the money, far from a loss, or after a gain is not."""
    text = """
        2026-01-05 bought 100 KO shares @ 70.00
        2026-01-06 sold 1 KO 2026-03-20 P 60 @ 5.00
        2026-01-06 sold 1 KO 2026-03-20 P 61 @ 5.00
        2026-02-05 sold 100 KO shares @ 60.00
        2026-03-09 sold 1 KO 2026-06-19 P 66 @ 9.00
    """
    (put,) = year_of(text, marked("2026-01-05", 1, 1)).puts
    assert (put.strike_u, put.close_u, put.written) == (61_000_000, 60_000_000, date(2026, 1, 6))


# --- years, rules, income ---


def test_dividends_what_is_paid_in_lieu_of_them_and_interest() -> None:
    tax = year_of("""
        2026-01-05 bought 100 KO shares @ 60.00
        2026-01-06 dividend KO 0.51
        2026-01-07 sold 200 KO shares @ 60.00
        2026-01-08 dividend KO 0.50
        2026-01-09 interest 1.25
    """)
    assert (tax.dividends_u, tax.in_lieu_u, tax.interest_u) == (51_000_000, -50_000_000, 1_250_000)


def test_a_year_without_a_session_between_others_is_empty() -> None:
    tax = year_of("2024-01-05 interest 1.00\n2026-01-05 interest 1.00", year=2025)
    assert (tax.closings, tax.interest_u, tax.through) == ((), 0, date(2025, 12, 31))


@pytest.mark.parametrize(
    ("text", "year", "found"),
    [
        ("2024-01-05 interest 1\n2026-01-05 interest 1", 2027, "expected 2024 to 2026"),
        ("2026-01-05 interest 1", 2025, "expected 2026, of which"),
        ("", 2026, "a journal without events"),
        ("1997-01-05 interest 1", 1997, "expected 1998 or later"),
    ],
)
def test_a_year_that_cannot_be_told_is_refused(text: str, year: int, found: str) -> None:
    with pytest.raises(InputError, match=found):
        taxed(events_of(text), year)


def test_the_blended_rate_of_domain_4_3() -> None:
    """0.6 of 20% and 0.4 of 37%: 26.8%."""
    assert rules_of(2026).index_permille == 268
    assert rules_of(2014).top_short_permille == 396
