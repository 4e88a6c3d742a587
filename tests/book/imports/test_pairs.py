"""Options that ended and the shares that they moved, however a broker told them."""

from datetime import date, timedelta

import msgspec
import pytest

from underwriter.book.imports.pairs import delivered, paired
from underwriter.book.imports.statement import Instrument, Kind, Row
from underwriter.book.imports.symbols import osi_option

MICRO = 1_000_000
DAY = date(2026, 2, 20)
PUT, CALL = osi_option("KO    260220P00060000"), osi_option("KO    260220C00060000")
ADJUSTED = osi_option("KO1   260220P00060000")


def end(number: int, quantity: int, of: Instrument = PUT, kind: Kind = Kind.ASSIGNMENT) -> Row:
    """An option that ended."""
    quantity_u = quantity * MICRO
    return Row(
        line=number, id=f"o{number}", kind=kind, day=DAY, instrument=of, quantity_u=quantity_u
    )


def shares(
    number: int, quantity: int, late: int = 0, price: int = 60, kind: Kind = Kind.DELIVERY
) -> Row:
    """Shares that were moved."""
    return Row(
        line=number,
        id=f"s{number}",
        kind=kind,
        day=DAY + timedelta(days=late),
        instrument=Instrument("KO"),
        quantity_u=quantity * MICRO,
        price_u=price * MICRO,
    )


def pairs(*rows: Row, marked: bool = True) -> list[str]:
    """The pair of each row."""
    return [row.pair for row in paired(rows, marked=marked)]


@pytest.mark.parametrize(
    ("of", "kind", "moved"),
    [
        (PUT, Kind.ASSIGNMENT, 200),
        (CALL, Kind.ASSIGNMENT, -200),
        (PUT, Kind.EXERCISE, -200),
        (CALL, Kind.EXERCISE, 200),
    ],
)
def test_what_an_option_moves_follows_from_its_right_and_side(
    of: Instrument, kind: Kind, moved: int
) -> None:
    assert delivered(of, 2 * MICRO, kind) == (moved * MICRO, 60 * MICRO)
    assert pairs(end(1, 2, of, kind), shares(1, moved)) == ["o1", "o1"]
    assert pairs(end(1, 2, of, kind), shares(1, -moved)) == ["", ""]


def test_t44_shares_may_come_days_before_or_after() -> None:
    assert pairs(end(1, 1), shares(1, 100, late=4)) == ["o1", "o1"]
    assert pairs(shares(1, 100, late=-3), end(1, 1)) == ["o1", "o1"]
    assert pairs(end(1, 1), shares(1, 100, late=6)) == ["", ""]
    assert pairs(end(1, 1), shares(1, 100, late=5), shares(2, 100, late=1)) == ["o1", "", "o1"]


def test_one_option_with_several_rows_of_shares() -> None:
    assert pairs(end(1, 5), shares(1, 300), shares(2, 200)) == ["o1", "o1", "o1"]
    assert pairs(end(1, 5), shares(1, 300), shares(2, 100)) == ["", "", ""]


def test_several_options_with_one_row_of_shares() -> None:
    assert pairs(end(1, 2), end(2, 3), shares(1, 500)) == ["o1", "o1", "o1"]
    assert pairs(end(1, 2), end(2, 2), shares(1, 200), shares(2, 200)) == ["o1", "o2", "o1", "o2"]


def test_a_strike_apart_is_another_pair() -> None:
    other = osi_option("KO    260220P00055000")
    rows = end(1, 1), end(2, 1, other), shares(1, 100, price=55), shares(2, 100)
    assert pairs(*rows) == ["o1", "o2", "o2", "o1"]


def test_t60_an_adjusted_contract_goes_by_its_day_where_one_row_alone_may_be_its() -> None:
    assert pairs(end(1, 1, ADJUSTED), shares(1, 12, price=50)) == ["o1", "o1"]
    assert pairs(end(1, 1, ADJUSTED), shares(1, 12, late=1, price=50)) == ["", ""]
    assert pairs(end(1, 1, ADJUSTED), shares(1, 12, price=50), shares(2, 8, price=50)) == [""] * 3
    assert pairs(end(1, 1), shares(1, 12, price=50)) == ["", ""]


def test_a_trade_delivers_only_where_a_broker_marks_nothing() -> None:
    trade = shares(1, 100, kind=Kind.TRADE)
    assert pairs(end(1, 1), trade) == ["", ""]
    told = paired([end(1, 1), trade], marked=False)
    assert [(row.kind, row.pair) for row in told] == [("assignment", "o1"), ("delivery", "o1")]
    assert pairs(end(1, 1), shares(1, 100, late=2, kind=Kind.TRADE), marked=False) == ["", ""]
    option = msgspec.structs.replace(trade, instrument=CALL)
    assert pairs(end(1, 1), option, marked=False) == ["", ""]


def swap(number: int, symbol: str, quantity: int, what: str = "", net: int = 0) -> Row:
    """A side of what changes a position."""
    return Row(
        line=number,
        id=f"w{number}",
        kind=Kind.REVERSE_SPLIT,
        day=DAY,
        what=what,
        instrument=Instrument(symbol),
        quantity_u=quantity * MICRO,
        net_u=net,
    )


def test_two_splits_of_a_day_go_by_symbol_and_by_words() -> None:
    rows = [
        swap(1, "AAA", -50, "Reverse Split AAA INC"),
        swap(2, "BBB", -90, "Reverse Split BBB CORP"),
        swap(3, "BBB", 9, "Reverse Split BBB CORP NEW"),
        swap(4, "123456789", 5, "Reverse Split AAA INC NEW"),
    ]
    assert pairs(*rows) == ["w1", "w2", "w2", "w1"]
    assert pairs(rows[0]) == [""]
    assert pairs(rows[0], swap(5, "AAA", 5, net=1)) == ["", ""]
