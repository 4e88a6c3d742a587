"""Bad statements through `book import`: every layout by every case of docs/imports.md's table.

Each is refused in one line with its row, where there is one, with exit code 2, and the journal is
the same to the byte.
"""

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from book.imports import (
    alpaca_year,
    flex_year,
    ibkr_year,
    robinhood_year,
    schwab_year,
    tastytrade_year,
)
from book.imports.test_years import halves
from command_line import Command
from underwriter.app.record import Terms, Where, paid

DAY = date(2025, 12, 31)  # before every statement
TASTY = tastytrade_year.TEXT
NO_TOTAL = tastytrade_year.without_total(TASTY)
OF_TASTY = "tastytrade_transactions_history_x5WX{}_260101_to_260831.csv"
Spoil = Callable[[str], str]


def put(old: str, new: str) -> Spoil:
    """What puts one text in the place of another, once."""

    def spoilt(text: str) -> str:
        assert text.count(old) >= 1
        return text.replace(old, new, 1)

    return spoilt


def day_first(text: str) -> str:
    """Every 01/05/2026 with the day before the month."""
    return re.sub(r"\b(\d{1,2})/(\d{1,2})/(\d{4}|\d\d)\b", r"\2/\1/\3", text)


def day_second(text: str) -> str:
    """Every 2026-01-05, or 20260105, with the day before the month."""
    return re.sub(r"\b(20\d\d)(-?)(\d\d)-?(\d\d)(?=\D)", r"\1\2\4\2\3", text)


def of_account(text: str) -> str:
    """Activities as the Broker API has them, which says whose they are."""
    return json.dumps([{**row, "account_id": "0000-7654321"} for row in json.loads(text)])


class Layout(NamedTuple):
    """A year as a layout tells it, each way to spoil it, and what the refusal then says."""

    broker: str
    text: str
    cut: tuple[str, str]  # the text behind which the file ends
    encoding: str
    days: tuple[Spoil, str]
    sum: tuple[Spoil, str]
    account: tuple[Spoil, str] | None  # and the file's name; None: it does not say whose it is
    name: str = "statement.csv"


CELLS, CSV = "cells, one for each column, found", "expected whole csv"
US = "expected a date as month/day/year, not day/month/year, found "
LAYOUTS = {
    "ibkr Flex": Layout(
        "ibkr", flex_year.TEXT,
        cut=("Broker Interest", "row 41: expected whole XML, found"),
        encoding="row 15: expected text in UTF-8",
        days=(day_second, "row 3, column toDate: expected a date such as 2026-01-31"),
        sum=(put('proceeds="85"', 'proceeds="86"'),
             "row 15: expected 85.00, which is 1 x 0.85 x 100, found 86.00"),
        account=(lambda text: text.replace("U1234567", "U7654321"), "statement.csv"),
    ),
    "ibkr csv": Layout(
        "ibkr", ibkr_year.TEXT,
        cut=("2026-08-03,USD Credit", "row 54: expected 4 cells below the header of Interest"),
        encoding="row 23: expected text in UTF-8",
        days=(day_second, "row 23, column Date/Time: expected a date as year-month-day"),
        sum=(put(",0.85,0.8,85,", ",0.85,0.8,86,"),
             "row 31: expected 85.00, which is 1 x 0.85 x 100, found 86.00"),
        account=(lambda text: text.replace("U1234567", "U7654321"), "statement.csv"),
    ),
    "tastytrade": Layout(
        "tastytrade", TASTY,
        cut=("ACH DEPOSIT", f"row 24: expected 21 {CELLS} 7"),
        encoding="row 15: expected text in UTF-8",
        days=(day_first, f"row 3, column Expiration Date: {US}'17/7/26'"),
        sum=(put("84.34", "85.34"),
             "row 23: expected 84.34 net of commission and fees, found 85.34"),
        account=(str, OF_TASTY.format("54321")),
    ),
    "tastytrade, no Total": Layout(
        "tastytrade", NO_TOTAL,
        cut=("ACH DEPOSIT", f"row 24: expected 20 {CELLS} 7"),
        encoding="row 15: expected text in UTF-8",
        days=(day_first, f"row 3, column Expiration Date: {US}'17/7/26'"),
        sum=(put("85.00,1,85.00", "86.00,1,85.00"),
             "row 23: expected 85.00, which is 1 x 85.00, found 86.00"),
        account=(str, OF_TASTY.format("54321")),
    ),
    "alpaca": Layout(
        "alpaca", alpaca_year.TEXT,
        cut=("2026-01-02", "expected whole JSON, found"),
        encoding="row 154: expected text in UTF-8",
        days=(day_second, "row 3, column date: expected a date as year-month-day"),
        sum=(put('"net_amount": "-4000"', '"net_amount": "-4100"'),
             "row 4: expected -4,000.00, which is 200 x 20, found -4,100.00"),
        account=(of_account, "statement.json"),
    ),
    "schwab": Layout(
        "schwab", schwab_year.TEXT,
        cut=('"Tfr A BANK","","","",', "row 22, column Amount: expected a number, found nothing"),
        encoding="row 13: expected text in UTF-8",
        days=(day_first, f"row 3, column Date: {US}'20/07/2026 as of 17/07/2026'"),
        sum=(put("$84.34", "$85.34"),
             "row 21: expected 84.34 net of commission and fees, found 85.34"),
        account=(lambda text: f'"Transactions for account XXXX-4321"\n{text}', "statement.csv"),
    ),
    "robinhood": Layout(
        "robinhood", robinhood_year.TEXT[: robinhood_year.TEXT.index("\n\n") + 1],
        cut=('"ACH","","",', "row 30, column Amount: expected a number, found nothing"),
        encoding="row 17: expected text in UTF-8",
        days=(day_first, f"row 3, column Activity Date: {US}'17/7/2026'"),
        sum=(put("$84.97", "$80.97"),
             "row 29: expected 85.00 net of commission and fees, found 80.97"),
        account=None,
    ),
}  # fmt: skip


@pytest.fixture(params=LAYOUTS)
def layout(request: pytest.FixtureRequest) -> Layout:
    return LAYOUTS[request.param]


Import = Callable[..., str]


@pytest.fixture
def refused(underwriter: Command, tmp_path: Path) -> Import:
    """Import a file into a journal, and give the line that refuses it."""

    def called(body: str | bytes, terms: Terms, *words: str, name: str = "statement.csv") -> str:
        path, journal = tmp_path / name, tmp_path / "mine.db"
        path.write_bytes(body.encode() if isinstance(body, str) else body)
        paid(Where(journal, None, DAY, terms), "deposit", "5").write()
        before = journal.read_bytes()
        said = underwriter("book", "import", str(path), "--into", str(journal), "--yes", *words)
        assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
        assert str(path) in said.err
        assert journal.read_bytes() == before
        return said.err

    return called


def test_a_statement_of_another_broker(layout: Layout, refused: Import) -> None:
    other = "schwab" if layout.broker != "schwab" else "alpaca"
    said = refused(layout.text, Terms(other, "U1234567"))
    assert f"expected a statement of account 'main' ({other}, ****4567)" in said
    assert f"found one of {layout.broker}" in said


def test_a_statement_of_a_broker_that_is_not_the_one_named(layout: Layout, refused: Import) -> None:
    other = "schwab" if layout.broker != "schwab" else "alpaca"
    said = refused(layout.text, Terms(layout.broker), "--broker", other)
    assert f"expected a statement of {other}, found one of {layout.broker}" in said


@pytest.mark.parametrize("which", [name for name, one in LAYOUTS.items() if one.account])
def test_a_statement_of_another_account(which: str, refused: Import) -> None:
    layout = LAYOUTS[which]
    assert layout.account is not None
    spoil, name = layout.account
    said = refused(spoil(layout.text), Terms(layout.broker, "U1234567"), name=name)
    assert f"expected a statement of account 'main' ({layout.broker}, ****4567), found" in said
    assert "4321" in said


def test_a_statement_of_another_currency(layout: Layout, refused: Import) -> None:
    said = refused(layout.text, Terms(layout.broker, currency="EUR"))
    assert "expected a statement in EUR, as account 'main' is, found one in USD" in said


@pytest.mark.parametrize(
    ("which", "old", "new"),
    [
        ("ibkr Flex", 'accountId="U1234567" currency="USD" />\n<Cash',
         'accountId="U1234567" currency="EUR" />\n<Cash'),
        ("ibkr csv", "Base Currency,USD", "Base Currency,EUR"),
        ("tastytrade", ",USD\n", ",EUR\n"),
        ("tastytrade, no Total", ",USD\n", ",EUR\n"),
        ("alpaca", '"activity_type"', '"currency": "EUR", "activity_type"'),
    ],
)  # fmt: skip
def test_a_statement_that_says_another_currency(
    which: str, old: str, new: str, refused: Import
) -> None:
    layout = LAYOUTS[which]
    assert old in layout.text
    said = refused(layout.text.replace(old, new), Terms(layout.broker))
    assert "expected a statement in USD, as account 'main' is, found one in EUR" in said


def test_a_file_that_is_cut_off(layout: Layout, refused: Import) -> None:
    end, expected = layout.cut
    text = layout.text[: layout.text.rindex(end) + len(end)]
    assert expected in refused(text, Terms(layout.broker))


def test_a_file_in_another_encoding(layout: Layout, refused: Import) -> None:
    said = refused(layout.text.replace("KO", "KÖ", 1).encode("latin-1"), Terms(layout.broker))
    assert f"{layout.encoding}, found byte 0xd6" in said


def test_a_file_in_two_bytes_a_letter(layout: Layout, refused: Import) -> None:
    said = refused(layout.text.encode("utf-16"), Terms(layout.broker))
    assert "row 1: expected text in UTF-8, found byte 0xff" in said


def test_dates_in_the_other_order(layout: Layout, refused: Import) -> None:
    spoil, expected = layout.days
    assert expected in refused(spoil(layout.text), Terms(layout.broker))


def test_a_row_whose_amounts_do_not_add_up(layout: Layout, refused: Import) -> None:
    spoil, expected = layout.sum
    assert expected in refused(spoil(layout.text), Terms(layout.broker))


def parts(which: str) -> tuple[str, str]:
    """A year as an earlier and a later export that overlap."""
    text = LAYOUTS[which].text
    if which == "alpaca":
        rows = json.loads(text)
        return json.dumps(rows[6:]), json.dumps(rows[:14])
    if which == "ibkr Flex":
        late = flex_year.query(Trades=flex_year.TRADES[8:], CashTransactions=flex_year.CASH[1:],
                               OptionEAE=[])  # fmt: skip
        early = flex_year.query(Trades=flex_year.TRADES[:14], CashTransactions=flex_year.CASH[:2],
                                CashReport=[], OpenPositions=[])  # fmt: skip
        return early, late
    if which == "ibkr csv":
        return without(text, "2026-0[5-8]-"), without(text, "2026-0[12]-")
    if which == "robinhood":
        late, early = text.index('"3/2/2026"'), text.index('"6/22/2026"')
        header = text[: text.index("\n") + 1]
        return header + text[early:], text[:late]
    late_rows, early_rows = halves(text, 7, 14)
    return early_rows, late_rows


CUT = ["cash", "positions"]
ENDLESS = {("ibkr csv", "early"), ("ibkr csv", "late"), ("ibkr Flex", "early")}  # say no end


def without(text: str, days: str) -> str:
    """An activity statement without the rows of some days, totals, and what it says of its end."""
    gone = re.compile(
        rf"(Trades|Dividends|Deposits|Interest)[^,]*,Data.*{days}"
        r"|(Trades,SubTotal|Trades,Total|Dividends,Data,Total|Deposits.*,Total|Interest,Data,Total)"
        r"|Cash Report|Open Positions"
    )
    return "".join(line for line in text.splitlines(keepends=True) if not gone.match(line))


@pytest.mark.parametrize("which", LAYOUTS)
def test_exports_that_overlap_are_booked_once(
    which: str, underwriter: Command, tmp_path: Path
) -> None:
    """One after the other, then both and the whole year again: nothing twice, and no cash more."""
    whole, journal = tmp_path / "whole.db", str(tmp_path / "mine.db")
    files = {"year": LAYOUTS[which].text} | dict(zip(("early", "late"), parts(which), strict=True))
    paths = {}
    for name, text in files.items():
        paths[name] = str(tmp_path / f"{name}.csv")
        Path(paths[name]).write_text(text, "utf-8")

    def taken(into: str, *names: str) -> dict[str, object]:
        said = underwriter("book", "import", *(paths[name] for name in names), "--into", into,
                           "--yes", "--create", "--json")  # fmt: skip
        assert (said.code, said.err) == (3 if said.json["untold"] else 0, "")
        assert said.json["untold"] == (CUT if (which, names[0]) in ENDLESS else [])
        return said.json

    taken(str(whole), "year")
    assert taken(journal, "early")["known"] == 0
    later = taken(journal, "late")
    assert isinstance(later["known"], int)
    assert later["known"] > 0
    assert later["events"] != 0
    before = Path(journal).read_bytes()
    for names in (["year"], ["late", "early"]):
        again = taken(journal, *names)
        assert (again["events"], again["known"]) == (0, again["rows"])
    assert Path(journal).read_bytes() == before
    held = [underwriter("book", "positions", one, "--json").json["accounts"][0]["cash"]
            for one in (str(whole), journal)]  # fmt: skip
    assert held[0] == held[1]
