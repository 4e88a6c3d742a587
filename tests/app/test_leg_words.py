"""Legs, dividends and days as people write them; one line for what cannot be."""

from datetime import date

import pytest

from underwriter.app.leg_words import Paid, Written, day, dividend, leg
from underwriter.core.errors import InputError

TODAY = date(2026, 11, 2)
GOOD = "-1 put 390 2026-12-18 @1.85"


@pytest.mark.parametrize(
    ("words", "quantity", "sign", "strike", "expiry", "price"),
    [
        (GOOD, -1, -1, 390.0, date(2026, 12, 18), 1.85),
        ("-1 put 390 2026-12-18@1.85", -1, -1, 390.0, date(2026, 12, 18), 1.85),
        ("-1 put 390 2026-12-18 @ 1.85", -1, -1, 390.0, date(2026, 12, 18), 1.85),
        ("+2 C 102.5 45d", 2, 1, 102.5, date(2026, 12, 17), None),
        ("  3  calls .5  1D  @.05 ", 3, 1, 0.5, date(2026, 11, 3), 0.05),
    ],
)
def test_a_leg(
    words: str, quantity: int, sign: int, strike: float, expiry: date, price: float | None
) -> None:
    found = leg(words, TODAY)
    assert found == Written(f"--leg {words!r}", quantity, sign, strike, expiry, price)


@pytest.mark.parametrize(
    ("words", "found", "allowed"),
    [
        ("", "found 0 words", "QUANTITY put|call STRIKE EXPIRY [@PRICE]"),
        ("-1 put 390", "found 3 words", "-1 put 390 2026-12-18 @1.85"),
        (f"{GOOD} now", "found 6 words", "QUANTITY put|call STRIKE EXPIRY [@PRICE]"),
        ("one put 390 45d", "found 'one'", "whole contracts"),
        ("0 put 390 45d", "found '0'", "not 0"),
        ("-1.5 put 390 45d", "found '-1.5'", "whole contracts"),
        ("-2000000 put 390 45d", "found '-2000000'", "at most 1,000,000"),
        ("-1 pot 390 45d", "found 'pot'", "put or call"),
        ("-1 put -390 45d", "found '-390'", "a strike above 0"),
        ("-1 put nan 45d", "found 'nan'", "a strike above 0"),
        ("-1 put 1e3 45d", "found '1e3'", "a strike above 0"),
        ("-1 put 390 2026-12-32", "found '2026-12-32'", "an expiry after 2026-11-02"),
        ("-1 put 390 2026-11-02", "found '2026-11-02'", "an expiry after 2026-11-02"),
        ("-1 put 390 2026-12-19", "found '2026-12-19', a Saturday", "such as 2026-12-18"),
        ("-1 put 390 2026-11-08", "found '2026-11-08', a Sunday", "such as 2026-11-06"),
        ("-1 put 390 0d", "found '0d'", "such as 45d"),
        ("-1 put 390 9999d", "found '9999d'", "at most 3,650 days"),
        ("-1 put 390 45d 1.85", "found '1.85'", "@PRICE"),
        ("-1 put 390 45d @0", "found '0'", "@PRICE a share above 0"),
        ("-1 put 390 45d @x", "found 'x'", "@PRICE a share above 0"),
    ],
)
def test_what_is_no_leg(words: str, found: str, allowed: str) -> None:
    with pytest.raises(InputError) as caught:
        leg(words, TODAY)
    said = str(caught.value)
    assert said.startswith(f"--leg {words!r}: {found}")
    assert allowed in said.partition("expected")[2]
    assert "\n" not in said


def test_a_dividend() -> None:
    assert dividend("2026-12-20:1.75", TODAY) == Paid(date(2026, 12, 20), 1.75)
    assert dividend(" 20d : .51 ", TODAY) == Paid(date(2026, 11, 22), 0.51)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("1.75", "found no colon"),
        ("2026-12-20:", "found ''"),
        ("2026-12-20:-1", "found '-1'"),
        ("2026-10-20:1", "found '2026-10-20'"),
        (":1", "found ''"),
    ],
)
def test_what_is_no_dividend(words: str, found: str) -> None:
    with pytest.raises(InputError, match="--dividend") as caught:
        dividend(words, TODAY)
    assert found in str(caught.value)
    assert "expected" in str(caught.value)


def test_the_last_day_that_can_be() -> None:
    assert day("--leg", "3650d", TODAY, "an expiry") == date(2036, 10, 30)


def test_no_expiry_lies_beyond_the_last_date_there_is() -> None:
    with pytest.raises(InputError, match="expected at most 30 days from 9999-12-01"):
        leg("-1 put 390 45d", date(9999, 12, 1))
