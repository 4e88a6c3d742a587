"""One year of an account, told by every broker, comes to the same rows, cash and positions.

The answers are computed by hand.  Fees of 0.66 a contract where it is traded, fifteen times:

    20,000.00 deposit + 85 KO put - 6,000 + 90 KO call + 53 dividend + 6,250 + 620 - 410 SPY spread
    + 500 - 720 + 810 MSFT roll + 250 XYZ puts - 4,000 + 1,177 JD put + 1.23 interest
    = 18,706.23, less 15 x 0.66 = 9.90 is 18,696.33; less 15 x 0.03 = 0.45 is 18,705.78
"""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from book.imports import (
    alpaca_year,
    flex_year,
    ibkr_year,
    robinhood_year,
    schwab_year,
    tastytrade_year,
)
from book.imports.outline import dollars, lines, outline, read_text
from underwriter.book.imports.ends import Difference, cash_of, differences, positions_of
from underwriter.book.imports.statement import Statement

START = """
    2026-01-02 deposit cash = 20000
    2026-01-05 trade open KO 2026-02-20 P 60 -1 @ 0.85 = 84.34
    2026-02-20 assignment close KO 2026-02-20 P 60 1 = 0 #1
    2026-02-20 delivery open KO 100 @ 60 = -6000 #1
    2026-02-23 trade open KO 2026-03-20 C 62.5 -1 @ 0.9 = 89.34
    2026-03-02 trade open SPY 2026-03-27 P 550 2 @ 2.05 = -411.32
    2026-03-02 trade open SPY 2026-03-27 P 560 -2 @ 3.1 = 618.68
    2026-03-16 dividend KO = 53
    2026-03-20 assignment close KO 2026-03-20 C 62.5 1 = 0 #2
    2026-03-20 delivery close KO -100 @ 62.5 = 6250 #2
    2026-03-27 expiration close SPY 2026-03-27 P 550 -2 = 0
    2026-03-27 expiration close SPY 2026-03-27 P 560 2 = 0
    2026-04-06 trade open MSFT 2026-05-15 P 400 -1 @ 5 = 499.34
"""
ROLL = """
    2026-05-11 trade close MSFT 2026-05-15 P 400 1 @ 7.2 = -720.66
    2026-05-11 trade open MSFT 2026-08-21 P 395 -1 @ 8.1 = 809.34
"""
JD = """
    2026-05-04 trade open JD 2026-09-18 P 62 -1 @ 11.77 = 1176.34
    {}
    2026-05-19 adjustment close JD 2026-09-18 P 62 1 = -1177 #3
    2026-05-19 adjustment open JD 2026-09-18 P 60.76 -1 = 1177 #3
"""
JD1 = "2026-05-04 trade open JD1 2026-09-18 P 62 -1 @ 11.77 = 1176.34"
END = """
    2026-06-22 trade open XYZ 2026-07-17 P 20 -5 @ 0.5 = 246.7
    2026-07-08 assignment close XYZ 2026-07-17 P 20 2 = 0 #{0}
    2026-07-08 delivery open XYZ 200 @ 20 = -4000 #{0}
    2026-07-17 expiration close XYZ 2026-07-17 P 20 3 = 0
    2026-08-03 interest cash = 1.23
"""
ADJUSTED = [*lines(START), *lines(JD.format(ROLL.strip())), *lines(END.format(4))]
PLAIN = [*lines(START), JD1, *lines(ROLL), *lines(END.format(3))]

FEES = {"84.34": "84.97", "89.34": "89.97", "-411.32": "-410.06", "618.68": "619.94"}
FEES |= {"499.34": "499.97", "-720.66": "-720.03", "809.34": "809.97", "1176.34": "1176.97"}
FEES |= {"246.7": "249.85", "-1177": "0", "1177": "0"}
GROSS = {"84.34": "85", "89.34": "90", "-411.32": "-410", "618.68": "620", "499.34": "500"}
GROSS |= {"-720.66": "-720", "809.34": "810", "1176.34": "1177", "-1177": "0", "1177": "0"}


def other_money(expected: list[str], nets: dict[str, str]) -> list[str]:
    """The rows with other net amounts, as a broker of other fees has them."""
    told = []
    for one in expected:
        head, _, tail = one.partition("= ")
        net, _, pair = tail.partition(" ")
        told.append(f"{head}= {nets.get(net, net)} {pair}".rstrip())
    return told


def sideless(rows: list[str]) -> list[str]:
    """Rows without the effects that not every broker says, in an order of their own."""
    told = []
    for one in rows:
        day, kind, *rest = one.split(" ")
        told.append(" ".join([day, kind, *rest[rest[0] in {"open", "close"} :]]))
    return sorted(told)


def without_total() -> str:
    return tastytrade_year.without_total(tastytrade_year.TEXT)


SPLIT_FILL = (
    "2026-06-22 trade open XYZ 2026-07-17 P 20 -5 @ 0.5 = 246.7",
    "2026-06-22 trade XYZ 2026-07-17 P 20 -2 @ 0.5 = 100",
    "2026-06-22 trade XYZ 2026-07-17 P 20 -3 @ 0.5 = 150",
)
ALPACA = [
    *(one for one in other_money(ADJUSTED, GROSS) if "-5 @ 0.5" not in one),
    *SPLIT_FILL[1:],
    "2026-08-04 fee cash = -0.45",
]
YEARS: dict[str, tuple[Callable[[], str], list[str], str, str]] = {
    "tastytrade": (lambda: tastytrade_year.TEXT, ADJUSTED, "18696.33", "JD    260918P00060760"),
    "no Total": (without_total, ADJUSTED, "18696.33", "JD    260918P00060760"),
    "schwab": (lambda: schwab_year.TEXT, PLAIN, "18696.33", "JD1   260918P00062000"),
    "robinhood": (
        lambda: robinhood_year.TEXT,
        other_money(ADJUSTED, FEES),
        "18705.78",
        "JD    260918P00060760",
    ),
    "alpaca": (lambda: alpaca_year.TEXT, ALPACA, "18705.78", "JD    260918P00060760"),
    "ibkr csv": (lambda: ibkr_year.TEXT, PLAIN, "18696.33", "JD1   260918P00062000"),
    "ibkr Flex": (lambda: flex_year.TEXT, PLAIN, "18696.33", "JD1   260918P00062000"),
}


@pytest.mark.parametrize("year", YEARS)
def test_a_year_comes_to_the_same_rows_with_every_broker(tmp_path: Path, year: str) -> None:
    text, expected, _, _ = YEARS[year]
    statement = read_text(tmp_path, text())
    assert sideless(outline(statement)) == sideless(expected)
    assert statement.unknown == ()
    assert statement.undelivered == ()
    assert [row.day for row in statement.rows] == sorted(row.day for row in statement.rows)


@pytest.mark.parametrize("year", YEARS)
def test_a_year_comes_to_its_cash_and_positions(tmp_path: Path, year: str) -> None:
    text, _, cash, option = YEARS[year]
    statement = read_text(tmp_path, text())
    assert dollars(cash_of(statement).items()) == {"USD": cash}
    held = {option: "-1", "MSFT  260821P00395000": "-1", "XYZ": "200"}
    assert dollars(positions_of(statement).items()) == held
    assert differences(statement) == ()


def test_effects_are_told_where_the_broker_tells_them(tmp_path: Path) -> None:
    for year in ("tastytrade", "no Total", "ibkr csv", "ibkr Flex"):
        text, expected, _, _ = YEARS[year]
        assert sorted(outline(read_text(tmp_path, text()))) == sorted(expected)


def test_both_layouts_of_tastytrade_give_a_row_the_same_id(tmp_path: Path) -> None:
    told = read_text(tmp_path, tastytrade_year.TEXT)
    assert [row.id for row in read_text(tmp_path, without_total()).rows] == [
        row.id for row in told.rows
    ]
    assert told.layout == "history with Total"


def halves(text: str, first: int, second: int) -> tuple[str, str]:
    """Two exports of a csv that overlap: its later rows, and its earlier ones."""
    header, *rows = text.splitlines(keepends=True)
    return header + "".join(rows[:second]), header + "".join(rows[first:])


@pytest.mark.parametrize("year", ["tastytrade", "no Total", "schwab"])
def test_overlapping_exports_share_the_ids_of_their_rows(tmp_path: Path, year: str) -> None:
    text = YEARS[year][0]()
    whole = {row.id for row in read_text(tmp_path, text).rows}
    late, early = (read_text(tmp_path, part) for part in halves(text, 6, 14))
    assert {row.id for row in late.rows} | {row.id for row in early.rows} == whole
    assert len({row.id for row in late.rows} & {row.id for row in early.rows}) == 8


def test_an_expiry_without_a_side_is_left_to_what_stood_before(tmp_path: Path) -> None:
    late, _ = halves(tastytrade_year.TEXT, 0, 2)
    statement = read_text(tmp_path, late)
    expired = "XYZ   260717P00020000"
    assert outline(statement)[0] == "2026-07-17 expiration close XYZ 2026-07-17 P 20 3? = 0"
    assert positions_of(statement) == {}
    assert positions_of(statement, {expired: -3_000_000}) == {}
    assert positions_of(statement, {expired: 4_000_000}) == {expired: 1_000_000}


def test_what_a_statement_says_against_its_rows_is_a_difference_each(tmp_path: Path) -> None:
    text = ibkr_year.TEXT.replace("Ending Cash,USD,18696.33", "Ending Cash,USD,18696.35")
    text = text.replace("Stocks,USD,XYZ,200,1,20,", "Stocks,USD,XYZ,300,1,20,")
    assert differences(read_text(tmp_path, text)) == (
        Difference("cash", "USD", 18_696_330_000, 18_696_350_000),
        Difference("quantity", "XYZ", 200_000_000, 300_000_000),
    )


def test_cash_and_positions_go_on_from_what_stood_before(tmp_path: Path) -> None:
    statement = read_text(tmp_path, ibkr_year.TEXT)
    assert differences(statement, cash={"USD": 1_000_000}, positions={"KO": 5_000_000}) == (
        Difference("cash", "USD", 18_697_330_000, 18_696_330_000),
        Difference("quantity", "KO", 5_000_000, 0),
    )


def described(statement: Statement) -> tuple[str, str, str, str, str]:
    """Whose statement of what."""
    period = f"{statement.first} {statement.last}"
    return statement.broker, statement.layout, statement.account, statement.currency, period


def test_a_statement_says_whose_it_is(tmp_path: Path) -> None:
    days = "2026-01-02 2026-08-03"
    named = read_text(
        tmp_path,
        tastytrade_year.TEXT,
        "tastytrade_transactions_history_x5WX00000_260101_to_260831.csv",
    )
    assert described(named) == ("tastytrade", "history with Total", "x5WX00000", "USD", days)
    named = read_text(tmp_path, schwab_year.TEXT, "Individual_XXX123_Transactions_2026.csv")
    assert described(named) == ("schwab", "transactions", "XXX123", "USD", days)
    assert described(read_text(tmp_path, robinhood_year.TEXT)) == (
        ("robinhood", "activity", "", "USD", days)
    )
    whole = "2026-01-01 2026-08-31"
    assert described(read_text(tmp_path, ibkr_year.TEXT)) == (
        ("ibkr", "activity statement", "U1234567", "USD", whole)
    )
    assert described(read_text(tmp_path, flex_year.TEXT)) == (
        ("ibkr", "Flex query", "U1234567", "USD", whole)
    )


def test_a_file_turned_to_oldest_first_reads_the_same(tmp_path: Path) -> None:
    for text in (tastytrade_year.TEXT, schwab_year.TEXT):
        header, *rows = text.splitlines(keepends=True)
        turned = header + "".join(reversed(rows))
        assert outline(read_text(tmp_path, turned)) == outline(read_text(tmp_path, text))
    header, *rows = csv.reader(robinhood_year.TEXT.splitlines(keepends=True))
    path = tmp_path / "turned.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *(row for row in rows[::-1] if row)])
    assert outline(read_text(tmp_path, path.read_text("utf-8"))) == outline(
        read_text(tmp_path, robinhood_year.TEXT)
    )
