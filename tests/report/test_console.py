"""The page for a terminal keeps to its width and says everything."""

import pytest

from report.hand_ledger import Ledger, wheel
from report.made_up import Wheel
from underwriter.report.console import page

YEARS = Wheel(sessions=1_000).run()


@pytest.mark.parametrize("width", [40, 41, 55, 72, 80, 100, 119, 120])
def test_no_line_is_wider_than_the_window(width: int) -> None:
    lines = page(YEARS, width).splitlines()
    assert max(map(len, lines)) <= width


def test_a_window_narrower_than_forty_gets_forty() -> None:
    assert page(YEARS, 10) == page(YEARS, 40)
    assert page(YEARS, 500) == page(YEARS, 120)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_every_width_says_the_same(width: int) -> None:
    told = " ".join(page(YEARS, width).split())
    for said in ("MODELLED", "$1,000,000", "Campaigns:", "Premium capture", "2014", "2017"):
        assert said in told
    assert told.isascii()
    assert "nan" not in told


def test_years_by_months_where_there_is_room() -> None:
    """The figures of `hand_ledger.wheel`."""
    wide = page(wheel(), 120).splitlines()
    at = next(i for i, line in enumerate(wide) if line.startswith("2026"))
    assert wide[at].split() == ["2026", "0", "89", "102", "0", "0", "192"]
    assert wide[at - 1].split()[-1] == "Year"


def test_months_by_years_where_there_is_not() -> None:
    narrow = page(YEARS, 40).splitlines()
    assert any(line.split() == ["2014", "2015", "2016", "2017"] for line in narrow)
    assert any(line.startswith("Jan ") for line in narrow)


def test_quoted_prices_are_said_to_be_quoted() -> None:
    told = page(wheel(), 80)
    assert "MODELLED" not in told
    assert "Quotes are real bids and asks." in told


def test_a_book_that_opened_nothing_has_a_page() -> None:
    book = Ledger()
    book.deposit("2026-01-02", 1_000)
    book.mark("2026-01-02", 1_000)
    told = page(book.events, 80)
    assert "0 opened" in told
    assert "Nothing was refused." in told
    assert "n/a" in told
