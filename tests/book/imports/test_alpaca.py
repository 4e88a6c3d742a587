"""Activities of Alpaca that a plain year has not; their fields are those of its own pages."""

import json
from pathlib import Path

import pytest

from book.imports.alpaca_year import ROWS, TEXT, fill, other
from book.imports.outline import outline, read_text
from book.imports.refusals import refusal
from underwriter.book.imports.statement import Statement


def read(folder: Path, *rows: dict[str, str]) -> Statement:
    """A list of some activities, newest first."""
    return read_text(folder, json.dumps(rows))


def test_t45_an_assignment_that_is_told_twice_is_one(tmp_path: Path) -> None:
    once, twice = read(tmp_path, *ROWS), read(tmp_path, *ROWS, *ROWS[3:6])
    assert twice.repeated == 3
    assert [row.id for row in twice.rows] == [row.id for row in once.rows]
    changed = ROWS[4] | {"qty": "3"}
    assert refusal(tmp_path, json.dumps([*ROWS, changed])).endswith(
        "expected one content of id '20260708::00000028 OPASN XYZ260717P00020000',"
        " found another than in a row before"
    )


def test_an_expiry_ends_what_is_held_whatever_its_sign(tmp_path: Path) -> None:
    rows = [
        other(2, "OPEXP", "2026-02-20", "0", "KO260220P00060000", "-1"),
        fill(1, "2026-01-05T15:30:00Z", "sell", "KO260220P00060000", "1", "0.85"),
    ]
    expired = "2026-02-20 expiration close KO 2026-02-20 P 60 1 = 0"
    assert outline(read(tmp_path, *rows))[1] == expired
    assert outline(read(tmp_path, rows[0])) == [expired.replace("P 60 1", "P 60 -1")]


def test_activities_without_ids_are_numbered(tmp_path: Path) -> None:
    row = other(1, "DIV", "2026-03-16", "53", "KO")
    del row["id"]
    statement = read(tmp_path, row, row)
    assert len({each.id for each in statement.rows}) == 2
    assert statement.repeated == 0


OTHERS = [
    other(20, "CSW", "2026-09-20", "-10"),
    other(19, "JNLC", "2026-09-19", "5"),
    other(18, "DIVNRA", "2026-09-18", "-1.5", "KO"),
    other(17, "SPIN", "2026-09-17", "0", "ABC", "5"),
    other(16, "DIV", "2026-09-16", "1", "KO", status="canceled"),
    fill(15, "2026-09-15T14:00:00Z", "buy", "BTC/USD", "0.1", "60000"),
    fill(14, "2026-09-14T14:00:00Z", "sell_short", "AAPL", "0.38962051", "128.33"),
    other(13, "OPCSH", "2026-09-13", "-364", "SPXW260911C07540000", "1"),
    other(12, "OPEXC", "2026-09-11", "0", "AAPL260911C00150000", "-2"),
    other(12, "OPTRD", "2026-09-11", "-30000", "AAPL", "200", price="90"),
    other(11, "OPTRD", "2026-09-10", "0", "XYZ", "0"),
    other(10, "SPLIT", "2026-09-09", "0", "NEW", "30", description="ADD"),
    other(9, "SPLIT", "2026-09-09", "0", "NEW", "-10", description="REMOVE"),
    other(8, "SPLIT", "2026-09-08", "0", "OLD", "1", description="ADD"),
    other(7, "SPLIT", "2026-09-08", "0", "OLD", "-10", description="REMOVE"),
    other(6, "NC", "2026-09-07", "0", "META", "5"),
    other(5, "NC", "2026-09-07", "0", "FB", "-5"),
]


def test_every_other_activity_has_its_kind(tmp_path: Path) -> None:
    statement = read(tmp_path, *OTHERS)
    assert outline(statement) == [
        "2026-09-07 symbol_change FB -5 = 0 #1",
        "2026-09-07 symbol_change META 5 = 0 #1",
        "2026-09-08 reverse_split OLD -10 = 0 #2",
        "2026-09-08 reverse_split OLD 1 = 0 #2",
        "2026-09-09 split NEW -10 = 0 #3",
        "2026-09-09 split NEW 30 = 0 #3",
        "2026-09-10 delivery XYZ = 0",
        "2026-09-11 delivery AAPL 200 @ 150 = -30000 #4",
        "2026-09-11 exercise close AAPL 2026-09-11 C 150 -2 = 0 #4",
        "2026-09-13 settlement close SPXW 2026-09-11 C 7540 1 = -364",
        "2026-09-14 trade open AAPL -0.389621 @ 128.33 = 50",
        "2026-09-15 unknown cash = 0",
        "2026-09-16 unknown cash = 1",
        "2026-09-17 unknown cash = 0",
        "2026-09-18 withholding KO = -1.5",
        "2026-09-19 journal cash = 5",
        "2026-09-20 withdrawal cash = -10",
    ]
    assert [line.partition(": ")[2] for line in statement.told()] == [
        "a coin is not booked: FILL BTC/USD",
        "status 'canceled' is not booked: DIV KO",
        "activity 'SPIN' is not known: SPIN ABC",
    ]


def test_the_account_is_that_of_the_broker_api(tmp_path: Path) -> None:
    rows = [row | {"account_id": "c8f1"} for row in ROWS]
    assert read(tmp_path, *rows).account == "c8f1"
    rows[0]["account_id"] = "d000"
    assert refusal(tmp_path, json.dumps(rows)) == (
        ": expected activities of one account, found those of c8f1, d000"
    )


REFUSED = {
    "cut off": (TEXT[:-40], "row 243: expected whole JSON, found "),
    "no list": ('{"activities": []}', ": expected a list of activities, found another JSON"),
    "no activity": ("[5]", "row 1: expected an activity with its activity_type, found '5'"),
    "no type": ("[{}]", "row 1: expected an activity with its activity_type, found '{}'"),
    "deep": ("[" * 100_000, ": expected plain JSON, found maximum recursion depth exceeded"),
    "nothing": ("[]", ": expected at least one row, found a header alone"),
    "side": (
        json.dumps([fill(1, "2026-01-05T15:30:00Z", "bought", "KO", "1", "60")]),
        "row 1, column side: expected one of buy, sell, sell_short, found 'bought'",
    ),
    "quantity": (
        json.dumps([fill(1, "2026-01-05T15:30:00Z", "buy", "KO", "-1", "60")]),
        "row 1, column qty: expected a quantity above zero and a price from zero, found '-1'",
    ),
    "large": (
        json.dumps([fill(1, "2026-01-05T15:30:00Z", "buy", "KO", "9999999999", "99999")]),
        "row 1, column price: expected a fill of less than 1,000,000,000,000, found '99999'",
    ),
    "price": (
        json.dumps([other(1, "OPTRD", "2026-01-05", "-6000", "KO", "0.000000001")]),
        "row 1, column qty: expected shares at less than 1,000,000,000,000, found '0.000000001'",
    ),
    "symbol": (
        json.dumps([fill(1, "2026-01-05T15:30:00Z", "buy", "KO260231P00060000", "1", "60")]),
        (
            "row 1, column symbol: expected an option symbol with a real date and a strike above"
            " zero, found 'KO260231P00060000'"
        ),
    ),
    "shares that are assigned": (
        json.dumps([other(1, "OPASN", "2026-01-05", "0", "KO", "1")]),
        "row 1: expected an option, since it ended, found shares of KO",
    ),
    "date": (
        json.dumps([other(1, "DIV", "05/01/2026", "1", "KO")]),
        "row 1, column date: expected a date as year-month-day, found '05/01/2026'",
    ),
    "number": (
        json.dumps([other(1, "DIV", "2026-01-05", "NaN", "KO")]),
        "row 1, column net_amount: expected a number, found 'NaN'",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_right_is_refused_with_its_place(tmp_path: Path, what: str) -> None:
    text, expected = REFUSED[what]
    assert refusal(tmp_path, text).startswith(expected)


def test_numbers_of_json_are_read_as_they_stand(tmp_path: Path) -> None:
    text = json.dumps(
        [other(1, "DIV", "2026-01-05", "0.53", "KO") | {"net_amount": 0.53, "x": None}]
    )
    assert outline(read_text(tmp_path, text)) == ["2026-01-05 dividend KO = 0.53"]


def test_shares_of_two_options_go_by_either_strike_and_those_of_an_adjusted_one_by_none(
    tmp_path: Path,
) -> None:
    rows = [
        other(1, "OPASN", "2026-02-20", "0", "KO260220P00060000", "1"),
        other(2, "OPASN", "2026-02-20", "0", "KO260220P00062000", "1"),
        other(1, "OPTRD", "2026-02-20", "-6000", "KO", "100"),
        other(2, "OPTRD", "2026-02-20", "-6200", "KO", "100"),
        other(3, "OPASN", "2026-02-20", "0", "JD1260220P00060000", "1"),
        other(3, "OPTRD", "2026-02-20", "-5900", "JD", "100"),
    ]
    assert len(read_text(tmp_path, json.dumps(rows)).rows) == 6
    rows[3]["net_amount"] = "-6100.50"
    said = refusal(tmp_path, json.dumps(rows))
    assert said == "row 4: expected -6,200.00, which is 100 x 62, found -6,100.50"


def test_the_currency_of_activities_is_that_of_their_rows(tmp_path: Path) -> None:
    rows = [other(1, "CSD", "2026-01-02", "5", currency="EUR")]
    assert read_text(tmp_path, json.dumps(rows)).currency == "EUR"
    rows[0]["currency"] = "euro"
    said = refusal(tmp_path, json.dumps(rows))
    assert said == "row 1, column currency: expected a currency such as USD, found 'euro'"
