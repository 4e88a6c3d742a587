"""Rows of Schwab that a plain year has not; their forms are those of real exports."""

from pathlib import Path

import pytest

from book.imports.outline import dollars, outline, read_text
from book.imports.refusals import refusal
from book.imports.schwab_year import TEXT
from underwriter.book.imports.ends import cash_of, positions_of
from underwriter.book.imports.statement import Statement

HEADER = '"Date","Action","Symbol","Description","Quantity","Price","Fees & Comm","Amount"'


def read(folder: Path, *rows: str) -> Statement:
    """Transactions of some rows, newest first."""
    return read_text(folder, "\n".join([HEADER, *rows]) + "\n")


def test_t57_an_assignment_without_its_shares_is_told_apart(tmp_path: Path) -> None:
    rows = [
        '"03/23/2026","Assigned","KO 03/20/2026 62.50 C","CALL KO","1","","",""',
        '"03/02/2026","Sell to Open","KO 03/20/2026 62.50 C","CALL","1","$0.90","$0.66","$89.34"',
    ]
    statement = read(tmp_path, *rows)
    assert [row.line for row in statement.undelivered] == [2]
    assert outline(statement)[1] == "2026-03-23 assignment close KO 2026-03-20 C 62.5 1 = 0"
    assert positions_of(statement) == {}


def test_a_trade_at_the_strike_of_another_day_or_number_is_no_delivery(tmp_path: Path) -> None:
    rows = [
        '"03/25/2026","Sell","KO","COCA-COLA CO","100","$62.50","","$6250.00"',
        '"03/20/2026","Sell","KO","COCA-COLA CO","50","$62.50","","$3125.00"',
        '"03/20/2026","Buy","KO","COCA-COLA CO","100","$62.50","","-$6250.00"',
        '"03/20/2026","Assigned","KO 03/20/2026 62.50 C","CALL KO","1","","",""',
    ]
    assert [row.kind for row in read(tmp_path, *rows).rows] == (
        ["assignment", "trade", "trade", "trade"]
    )


def test_t46_two_assignments_of_one_day_and_one_row_of_shares_are_a_pair(tmp_path: Path) -> None:
    rows = [
        '"07/09/2026","Assigned","XYZ 07/17/2026 20.00 P","PUT XYZ","3","","",""',
        '"07/09/2026","Assigned","XYZ 07/17/2026 20.00 P","PUT XYZ","2","","",""',
        '"07/09/2026","Buy","XYZ","XYZ INC","500","$20.00","","-$10000.00"',
    ]
    statement = read(tmp_path, *rows)
    assert len({row.pair for row in statement.rows}) == 1
    assert statement.undelivered == ()
    assert statement.rows[0].kind == "delivery"


def test_every_other_action_has_its_kind(tmp_path: Path) -> None:
    rows = [
        '"12/20/2024","MoneyLink Transfer","","Tfr OUT","","","","-$500.00"',
        '"12/19/2024","Journaled Shares","AAPL","TDA TO CS","-20","$100.00","",""',
        '"12/18/2024","Reverse Split","PPCB","PROPANC INC","587","","",""',
        '"12/18/2024","Reverse Split","74346N701","PROPANC INCXXXREVERSE SPLIT","-14,684","","",""',
        '"12/17/2024","Cancel Buy","AAPL","APPLE INC","10","$100.00","","$1000.00"',
        '"12/16/2024","Cancel Sell","AAPL","APPLE INC","10","$100.00","","-$1000.00"',
        '"12/15/2024","Foreign Tax Paid","EC","NR TAX","","","","-$30.00"',
        '"12/14/2024","Margin Interest","","INTEREST","","","","-$12.00"',
        '"12/13/2024","Cash In Lieu","AAPL","CIL","","","","$18.25"',
        '"12/12/2024","Expired","SPX 12/12/2024 6000.00 C","CALL SPX","1","","","-$250.00"',
        '"12/11/2024","Exchange or Exercise","XYZ 12/20/2024 50.00 P","PUT XYZ","-1","","",""',
        '"12/10/2024","Journal","","JOURNAL FRM ...896","","","","$1500.00"',
        '"12/09/2024","Sell Short","SPXS","BEAR","10","$6.00","$0.10","$59.90"',
        '"12/08/2024","Spin-off","ABC","SPIN","5","","",""',
    ]
    statement = read(tmp_path, *rows)
    assert outline(statement) == [
        "2024-12-08 unknown cash = 0",
        "2024-12-09 trade open SPXS -10 @ 6 = 59.9",
        "2024-12-10 journal cash = 1500",
        "2024-12-11 exercise close XYZ 2024-12-20 P 50 -1 = 0",
        "2024-12-12 settlement close SPX 2024-12-12 C 6000 1? = -250",
        "2024-12-13 adjustment AAPL = 18.25",
        "2024-12-14 interest cash = -12",
        "2024-12-15 withholding EC = -30",
        "2024-12-16 correction AAPL 10 @ 100 = -1000",
        "2024-12-17 correction AAPL -10 @ 100 = 1000",
        "2024-12-18 reverse_split 74346N701 -14684 = 0 #1",
        "2024-12-18 reverse_split PPCB 587 = 0 #1",
        "2024-12-19 journal AAPL -20 = 0",
        "2024-12-20 withdrawal cash = -500",
    ]
    assert statement.told()[0].endswith("row 15: action 'Spin-off' is not known: Spin-off ABC SPIN")


def test_a_title_names_the_account_and_a_total_is_checked(tmp_path: Path) -> None:
    title = '"Transactions  for account Individual ...123 as of 09/01/2026"\n'
    text = title + TEXT + '"Transactions Total","","","","","","","$18,696.33"\n'
    statement = read_text(tmp_path, text)
    assert statement.account == "Individual ...123"
    assert dollars(cash_of(statement).items()) == {"USD": "18696.33"}
    assert refusal(tmp_path, text, "$18,696.33", "$18,690.00") == (
        "row 24: expected 18,696.33, which the rows above add up to, found 18,690.00"
    )


def test_an_averaged_price_is_allowed_half_of_its_last_digit(tmp_path: Path) -> None:
    row = '"05/01/2026","Buy","PPCB","PROPANC","14,684","$0.034","","{}"'
    assert outline(read(tmp_path, row.format("-$506.00"))) == [
        "2026-05-01 trade PPCB 14684 @ 0.034 = -506"
    ]
    assert refusal(tmp_path, f"{HEADER}\n" + row.format("-$507.00")) == (
        "row 2: expected -499.256 net of commission and fees, found -507.00"
    )


def test_broken_shares_are_allowed_half_of_the_last_digit_of_their_number(tmp_path: Path) -> None:
    row = '"05/01/2026","Reinvest Shares","SCHB","SCHWAB","0.1234","$81.0373","","{}"'
    assert outline(read(tmp_path, row.format("-$10.009"))) == [
        "2026-05-01 trade open SCHB 0.1234 @ 81.0373 = -10.009"
    ]
    assert "found -10.01" in refusal(tmp_path, f"{HEADER}\n" + row.format("-$10.01"))


REFUSED = {
    "fees": (
        ('"$0.66","$84.34"', '"$0.66","$85.34"'),
        "row 21: expected 84.34 net of commission and fees, found 85.34",
    ),
    "shares that expire": (
        ('"Expired","XYZ 07/17/2026 20.00 P"', '"Expired","XYZ"'),
        "row 3: expected an option, since it ended, found shares of XYZ",
    ),
    "symbol": (
        ('"XYZ","XYZ INC"', '"X_Z","XYZ INC"'),
        "row 5, column Symbol: expected a symbol such as AAPL or BRK.B, found 'X_Z'",
    ),
    "strike": (
        ('"XYZ 07/17/2026 20.00 P"', '"XYZ 07/17/2026 20.0001 P"'),
        (
            "row 3, column Symbol: expected a strike in mils, above zero and below 100,000,"
            " found 'XYZ 07/17/2026 20.0001 P'"
        ),
    ),
    "day before month": (
        ('"08/03/2026"', '"31/08/2026"'),
        (
            "row 2, column Date: expected a date as month/day/year, not day/month/year,"
            " found '31/08/2026'"
        ),
    ),
    "no day": (
        ('"08/03/2026"', '"02/30/2026"'),
        "row 2, column Date: expected a day that is in the calendar, found '02/30/2026'",
    ),
    "year": (
        ('"08/03/2026"', '"08/03/1826"'),
        "row 2, column Date: expected a year from 1990 to 2099, found '08/03/1826'",
    ),
    "quantity": (
        ('"200","$20.00"', '"0","$20.00"'),
        "row 5, column Quantity: expected a number that is not zero, found '0'",
    ),
    "number": (
        ('"200","$20.00"', '"2.0.0","$20.00"'),
        "row 5, column Quantity: expected a number, found '2.0.0'",
    ),
    "large": (
        ('"200","$20.00"', '"9000000000000","$20.00"'),
        "row 5, column Quantity: expected a number below 1,000,000,000,000, found '9000000000000'",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_row_that_cannot_be_right_is_refused_with_its_place(tmp_path: Path, what: str) -> None:
    (old, new), expected = REFUSED[what]
    assert refusal(tmp_path, TEXT, old, new) == expected
