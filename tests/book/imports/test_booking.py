"""A year of an account, booked: the same cash, positions and campaigns, however it is told."""

from itertools import permutations
from pathlib import Path

import pytest

from book.imports import tastytrade_year
from book.imports.outline import dollars, read_text
from book.imports.test_years import YEARS, halves
from underwriter.book.fold import EMPTY, Book, fold
from underwriter.book.imports.booking import Booked, booked
from underwriter.book.imports.ends import cash_of, positions_of
from underwriter.book.imports.held import cash_u, held_u
from underwriter.book.imports.merged import merged
from underwriter.book.imports.statement import Statement
from underwriter.core.errors import InputError
from underwriter.core.units import MICRO

# campaigns by hand: KO 85 + 90 - 6,000 + 6,250 + 53; SPY 620 - 410; MSFT, rolled, 500 - 720 + 810
RESULTS = {"KO": 478, "SPY": 210, "MSFT": 590}
TRADED = {"KO": 2, "SPY": 4, "MSFT": 3}  # contracts with a fee, in those campaigns
FEES = {"18696.33": 66, "18705.78": 3, "alpaca": 0}  # cents a contract, by the year's cash


def of_year(folder: Path, year: str) -> Statement:
    return read_text(folder, YEARS[year][0]())


def book_of(statement: Statement, before: Book = EMPTY) -> Booked:
    return booked(before, statement, "main")


@pytest.mark.parametrize("year", YEARS)
def test_a_year_is_booked_to_its_cash_positions_and_campaigns(tmp_path: Path, year: str) -> None:
    _, _, cash, option = YEARS[year]
    found = book_of(of_year(tmp_path, year))
    assert (found.left, found.known, found.book.strays) == ((), (), ())
    assert dollars(cash_u(found.book, "main").items()) == {"USD": cash}
    held = {option: "-1", "MSFT  260821P00395000": "-1", "XYZ": "200"}
    assert dollars(held_u(found.book, "main").items()) == held
    assert fold(found.events) == found.book
    fee = FEES["alpaca" if year == "alpaca" else cash]
    campaigns = {one.underlying: one for one in found.book.campaigns}
    assert len(campaigns) == len(found.book.campaigns)
    assert {name: campaigns[name].money_u for name in RESULTS} == {
        name: dollars_ * MICRO - fee * TRADED[name] * 10_000 for name, dollars_ in RESULTS.items()
    }
    running = [one.underlying for one in found.book.campaigns if one.closed is None]
    assert sorted(running) == ["JD", "MSFT", "XYZ"]
    assert (campaigns["MSFT"].rolls, campaigns["KO"].rolls) == (1, 0)


@pytest.mark.parametrize("year", YEARS)
def test_the_same_file_again_adds_nothing(tmp_path: Path, year: str) -> None:
    statement = of_year(tmp_path, year)
    again = book_of(statement, book_of(statement).book)
    assert (again.events, len(again.known), again.left) == ((), len(statement.rows), ())


def test_one_account_s_rows_are_not_known_in_another(tmp_path: Path) -> None:
    statement = of_year(tmp_path, "tastytrade")
    found = booked(book_of(statement).book, statement, "ira")
    assert cash_u(found.book, "ira") == cash_u(found.book, "main")
    assert found.known == ()


@pytest.mark.parametrize("year", ["tastytrade", "no Total", "schwab"])
@pytest.mark.parametrize("cut", range(2, 21, 3))
def test_overlapping_exports_one_by_one_make_the_same_book(
    tmp_path: Path, year: str, cut: int
) -> None:
    """Wherever they are cut, between an assignment and its shares too (T44)."""
    whole = book_of(of_year(tmp_path, year)).book
    late, early = halves(YEARS[year][0](), cut - 2, cut)
    first = book_of(read_text(tmp_path, early))
    both = book_of(read_text(tmp_path, late), first.book)
    assert cash_u(both.book, "main") == cash_u(whole, "main")
    assert held_u(both.book, "main") == held_u(whole, "main")
    assert sorted(one.money_u for one in both.book.campaigns) == sorted(
        one.money_u for one in whole.campaigns
    )


def test_files_of_one_import_may_come_in_any_order(tmp_path: Path) -> None:
    text = YEARS["tastytrade"][0]()
    header, *rows = text.splitlines(keepends=True)
    thirds = [header + "".join(rows[at : at + 9]) for at in (0, 7, 14)]
    parts = [read_text(tmp_path, part, f"{at}.csv") for at, part in enumerate(thirds)]
    whole = book_of(of_year(tmp_path, "tastytrade")).book
    for order in permutations(parts):
        assert book_of(merged(order)[0]).book == whole


def test_files_of_two_accounts_are_not_one(tmp_path: Path) -> None:
    name = "tastytrade_transactions_history_{}_260101_to_260831.csv"
    parts = [read_text(tmp_path, tastytrade_year.TEXT, name.format(x)) for x in ("xA1", "xB2")]
    with pytest.raises(InputError, match="expected account xA1"):
        merged(parts)
    with pytest.raises(InputError, match="expected broker tastytrade"):
        merged([parts[0], of_year(tmp_path, "schwab")])


def test_an_end_of_what_is_not_held_is_refused_with_its_row(tmp_path: Path) -> None:
    late, _ = halves(tastytrade_year.TEXT, 0, 10)
    with pytest.raises(InputError, match=r"statement\.csv, row \d+: expected at most the 0 of "):
        book_of(read_text(tmp_path, late))


def test_rows_and_book_agree_on_what_stood_before(tmp_path: Path) -> None:
    """A second half on a first one: what the book makes of it is what its rows come to."""
    late, early = halves(tastytrade_year.TEXT, 12, 12)
    first = book_of(read_text(tmp_path, early)).book
    statement = read_text(tmp_path, late)
    second = book_of(statement, first).book
    assert cash_u(second, "main") == cash_of(statement, cash_u(first, "main"))
    assert held_u(second, "main") == positions_of(statement, held_u(first, "main"))


def test_one_file_is_itself(tmp_path: Path) -> None:
    statement = of_year(tmp_path, "tastytrade")
    assert merged([statement])[0] == statement
