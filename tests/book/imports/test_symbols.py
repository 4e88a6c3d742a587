"""Symbols as brokers write them: one name a thing (OSI: OCC; BRK.B and its roots: docs of Cboe)."""

from datetime import date
from decimal import Decimal

import pytest

from underwriter.book.imports.ibkr import action_of
from underwriter.book.imports.symbols import (
    any_option,
    bare,
    option_of,
    osi_option,
    slashed_option,
    stock_of,
    tight_option,
)


@pytest.mark.parametrize("text", ["BRK.B", "BRK B", "BRK/B", "BRK-B", " brk b "])
def test_t63_a_class_of_shares_has_one_name(text: str) -> None:
    assert stock_of(text).symbol == "BRK.B"


@pytest.mark.parametrize("text", ["", "K_O", ".KO", "A" * 21, "KO;"])
def test_what_is_no_symbol_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"a symbol such as AAPL or BRK\.B"):
        stock_of(text)


def test_t63_an_option_has_one_name_whoever_writes_it() -> None:
    osi = "BRKB  260417C00450500"
    for told in (
        osi_option(osi, "BRK/B"),
        osi_option("BRKB260417C00450500", "BRK.B"),
        osi_option("BRK/B 260417C00450500", "BRK/B"),
        slashed_option("BRK.B 04/17/2026 450.50 C"),
        slashed_option("BRK.B 4/17/2026 Call $450.50"),
        tight_option("BRK B 17APR26 450.5 C"),
        any_option("BRK B 17APR26 450.5 C", "BRK B"),
        option_of("BRK.B", date(2026, 4, 17), "CALL", Decimal("450.5")),
    ):
        assert told is not None
        assert (told.option, told.root, told.symbol, told.multiplier) == (osi, "BRKB", "BRK.B", 100)
        assert told.key == osi
        assert not told.adjusted


def test_t59_a_root_with_a_digit_is_read_and_says_so() -> None:
    told = osi_option("USO1  200717P00002000")
    assert (told.symbol, told.root, told.adjusted) == ("USO", "USO1", True)
    assert bare("USO1") == "USO"
    assert bare("BRK.B") == "BRKB"
    assert bare("123") == "123"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("KO", "an option symbol: root, yymmdd"),
        ("KO260231P00060000", "a real date"),
        ("KO260220P00000000", "a strike above zero"),
        ("./ESM6  260220P00060000", "an option symbol: root, yymmdd"),
        ("...   260220P00060000", "an option symbol: root, yymmdd"),
    ],
)
def test_what_is_no_option_is_refused(text: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        osi_option(text)


def test_strikes_are_in_mils_and_bounded() -> None:
    for strike in ("0", "0.0001", "100000"):
        with pytest.raises(ValueError, match="a strike in mils"):
            option_of("KO", date(2026, 4, 17), "P", Decimal(strike))


def test_words_that_are_no_option_are_none_or_refused() -> None:
    assert slashed_option("Vanguard Total Market CUSIP: 922908769") is None
    with pytest.raises(ValueError, match="an option root of one to six letters and digits"):
        slashed_option("COCACOLA 2/20/2026 Put $60.00")
    with pytest.raises(ValueError, match="a day that is in the calendar"):
        slashed_option("KO 2/30/2026 Put $60.00")
    for text in ("KO", "KO 17APX26 60 P"):
        with pytest.raises(ValueError, match="an option such as SPY"):
            tight_option(text)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("KO(US1) Split 2 for 1 (KO, COCA-COLA, US1)", "split"),
        ("KO(US1) Split 1 for 2.5 (KO, COCA-COLA, US1)", "reverse_split"),
        ("A(US1) Merged(Acquisition) WITH US2 1 for 8 (A, A INC, US1)", "merger"),
        ("FB(US1) CUSIP/ISIN Change to (US2) (META, META, US2)", "symbol_change"),
        ("KO(US1) Rights Issue", "unknown"),
    ],
)
def test_a_corporate_action_is_told_by_its_words(words: str, kind: str) -> None:
    assert action_of(words) == kind
