"""What holds of every statement: whose it is, what text it is, how its cells are read."""

from datetime import date
from decimal import Decimal
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
from book.imports.outline import read_text
from book.imports.refusals import refusal
from underwriter.book.imports.cells import iso_day, moment_of, number_of, us_day
from underwriter.book.imports.place import dollars, micro, quoted
from underwriter.book.imports.read import BROKERS, read_statement
from underwriter.core.errors import InputError

YEARS = {
    "alpaca": [alpaca_year.TEXT],
    "ibkr": [ibkr_year.TEXT, flex_year.TEXT],
    "robinhood": [robinhood_year.TEXT],
    "schwab": [schwab_year.TEXT],
    "tastytrade": [tastytrade_year.TEXT],
}


@pytest.mark.parametrize("broker", BROKERS)
def test_a_statement_of_another_broker_is_refused(tmp_path: Path, broker: str) -> None:
    for found, texts in YEARS.items():
        for text in texts:
            if found == broker:
                assert read_text(tmp_path, text, broker=broker).broker == broker
            else:
                said = f": expected a statement of {broker}, found one of {found}"
                assert refusal(tmp_path, text, broker=broker) == said


def test_a_broker_that_is_not_read_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "x", broker="etrade") == (
        "broker 'etrade': expected one of alpaca, ibkr, robinhood, schwab, tastytrade"
    )


def test_a_statement_of_another_account_or_currency_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, ibkr_year.TEXT, account="U7654321") == (
        ": expected account 'U7654321', found a statement of 'U1234567'"
    )
    assert refusal(tmp_path, ibkr_year.TEXT, currency="EUR") == (
        ": expected a statement in EUR, found one in USD"
    )
    asked = {"account": "U1234567", "currency": "USD"}
    assert len(read_text(tmp_path, ibkr_year.TEXT, **asked).rows) == 21


def test_an_account_whose_first_characters_are_hidden_is_the_one_that_ends_so(
    tmp_path: Path,
) -> None:
    name = "Individual_XXX123_Transactions_2026.csv"
    assert read_text(tmp_path, schwab_year.TEXT, name, account="55667123").account == "XXX123"
    with pytest.raises(InputError, match="expected account '55667124'"):
        read_text(tmp_path, schwab_year.TEXT, name, account="55667124")
    # a file that does not say whose it is may be anybody's
    assert read_text(tmp_path, schwab_year.TEXT, account="55667124").account == ""


TEXTS = {
    "empty": (b" \n", ": expected a statement, found an empty file"),
    "blank": (
        b'"\n"',
        ": expected a statement of alpaca, ibkr, robinhood, schwab, tastytrade, found blank rows",
    ),
    "UTF-16": (
        tastytrade_year.TEXT.encode("utf-16"),
        "row 1: expected text in UTF-8, found byte 0xff",
    ),
    "Latin-1": (
        schwab_year.TEXT.replace("COCA", "C\xd6CA").encode("latin-1"),
        "row 13: expected text in UTF-8, found byte 0xd6",
    ),
    "zero byte": (b"a,b\n1,\x00\n", "row 2: expected text in UTF-8, found a zero byte"),
    "nobody's": (
        b"\n\nName,Symbol,Side,Status\nx,y,z,w\n",
        (
            "row 3: expected a statement of alpaca, ibkr, robinhood, schwab, tastytrade,"
            " found the header 'Name,Symbol,Side,Status'"
        ),
    ),
    "cut off": (
        schwab_year.TEXT[:-20].encode(),
        "row 22: expected whole csv, found 'unexpected end of data', as where a file is cut off",
    ),
    "cut between cells": (
        schwab_year.TEXT.encode()[:-18],
        "row 22: expected 8 cells, one for each column, found 6: is the file cut off?",
    ),
    "two exports": (
        (schwab_year.TEXT + schwab_year.TEXT).encode(),
        "row 23: expected one header, found it again: are two exports in one file?",
    ),
    "two columns": (
        schwab_year.TEXT.replace('"Quantity"', '"Price"').encode(),
        "row 1: expected each column once, found two of 'Price'",
    ),
}


@pytest.mark.parametrize("what", TEXTS)
def test_a_text_that_cannot_be_read_is_refused_with_its_row(tmp_path: Path, what: str) -> None:
    body, expected = TEXTS[what]
    path = tmp_path / "statement.csv"
    path.write_bytes(body)
    with pytest.raises(InputError) as refused:
        read_statement(path)
    assert str(refused.value).removeprefix(str(path)).removeprefix(", ") == expected


def test_a_file_that_is_not_there_or_far_too_long_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="expected a statement, found No such file"):
        read_statement(tmp_path / "none.csv")
    monkeypatch.setattr("underwriter.book.imports.text._MOST", 100)
    assert refusal(tmp_path, schwab_year.TEXT) == (
        ": expected a statement, found more than 100 bytes"
    )


def test_a_byte_order_mark_and_line_ends_of_windows_are_read(tmp_path: Path) -> None:
    path = tmp_path / "statement.csv"
    path.write_bytes(b"\xef\xbb\xbf" + schwab_year.TEXT.replace("\n", "\r\n").encode())
    plain = read_text(tmp_path, schwab_year.TEXT, "plain.csv")
    assert [row.id for row in read_statement(path).rows] == [row.id for row in plain.rows]
    path.write_bytes(b"\xef\xbb\xbf" + flex_year.TEXT.encode())
    assert len(read_statement(path).rows) == 21


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", "1"),
        (" -1.50 ", "-1.5"),
        ("+2", "2"),
        ("$1,234.50", "1234.5"),
        ("-$3", "-3"),
        ("$-3", "-3"),
        ("($44,000.00)", "-44000"),
        ("(5)", "-5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1,000,000", "1000000"),
        ("999999999999", "999999999999"),
    ],
)
def test_a_number_is_read_exactly(text: str, number: str) -> None:
    assert number_of(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", " ", "-", "--", "N/A"])
def test_a_cell_without_a_number_has_none(text: str) -> None:
    assert number_of(text) is None


@pytest.mark.parametrize(
    "text",
    ["x", "1e5", "1,23", "12,34,567", ".", "$", "()", "(-)", "1 2", "--1", "NaN", "1000000000000"],
)
def test_what_is_no_number_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="a number"):
        number_of(text)


def test_days_and_times() -> None:
    assert us_day("4/17/26") == us_day("04/17/2026") == date(2026, 4, 17)
    assert iso_day("2026-04-17, 10:30:00") == date(2026, 4, 17)
    # eleven in the evening in Berlin is five in the afternoon in New York; five in the morning the
    # evening before
    assert moment_of("2026-04-17T23:00:00+0200")[1] == date(2026, 4, 17)
    at, day = moment_of("2026-04-17T04:00:00.25Z")
    assert (at, day) == (1_776_398_400_250_000_000, date(2026, 4, 17))
    assert moment_of("2026-04-17T03:59:59Z")[1] == date(2026, 4, 16)


@pytest.mark.parametrize("text", ["", "2026-04-17", "4-17-26", "4/17", "13/13/2026"])
def test_what_is_no_american_day_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"a date as month/day/year|a day that is in the calendar"):
        us_day(text)


def test_amounts_in_messages() -> None:
    assert [dollars(amount) for amount in (1_234_500_000, -10_000, 499_256_000, 1)] == (
        ["1,234.50", "-0.01", "499.256", "0.000001"]
    )
    assert micro(Decimal("0.0000005")) == 1
    assert micro(Decimal("-0.0000005")) == -1
    assert quoted("x" * 100) == "'" + "x" * 59 + "..."
    assert quoted("") == "nothing"
