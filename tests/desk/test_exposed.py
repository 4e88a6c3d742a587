"""What presses on a short option: its strike, or a dividend above its extrinsic value (T53)."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from desk.stand import Stand
from desk.world import osi
from markets import START, call, put
from underwriter.book.event import Filled
from underwriter.core.contract import CALL, PUT, Contract
from underwriter.desk.exposed import Short, pressed, shorts

EX = date(2026, 3, 12)


def short(strike: str, right: int = CALL, **fields: Any) -> Short:  # noqa: ANN401
    """Two KO options of March, spot 61, mid 1.20, unless said otherwise."""
    contract = Contract("KO", date(2026, 3, 20), right, Decimal(strike))
    made = Short(3, contract, 2, True, 61_000_000, 1_200_000, None, 0)
    return made._replace(**fields)


def titles(*held: Short) -> list[str]:
    return [one.title for one in pressed(held)]


@pytest.mark.parametrize(
    ("one", "how"),
    [
        (short("60"), "2 short KO 2026-03-20 C 60, spot 61.00 is 1.00 through it"),
        (short("61"), "2 short KO 2026-03-20 C 61, spot 61.00 is at it"),
        (short("62.5", PUT), "2 short KO 2026-03-20 P 62.5, spot 61.00 is 1.50 through it"),
    ],
)
def test_a_strike_is_tested_once_the_spot_is_at_it(one: Short, how: str) -> None:
    assert titles(one) == [f"Tested: {how}"]


def test_a_strike_out_of_reach_is_not() -> None:
    assert titles(short("62"), short("60", PUT)) == []


def test_t53_a_call_with_less_extrinsic_than_tomorrows_dividend_is_told_the_day_before() -> None:
    """1.20 mid less 1.00 intrinsic leaves 0.20, under a dividend of 0.51."""
    (line, _) = titles(short("60", ex=EX, dividend_u=510_000))
    assert line == (
        "Ex-dividend 2026-03-12: 2 short KO 2026-03-20 C 60 has 0.20 extrinsic left, beside a "
        "dividend of 0.51"
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"mid_u": 1_510_000},  # extrinsic is as much as the dividend
        {"american": False},
        {"ex": None},
        {"spot_u": 60_000_000},  # no intrinsic value
    ],
)
def test_t53_a_call_that_nobody_gains_by_exercising_is_not(fields: dict[str, Any]) -> None:
    one = short("60", ex=EX, dividend_u=510_000)._replace(**fields)
    assert not [line for line in titles(one) if line.startswith("Ex-dividend")]


def test_t53_a_put_is_not_exercised_for_a_dividend() -> None:
    assert not [each for each in titles(short("62", PUT, ex=EX, dividend_u=1)) if "Ex-" in each]


def test_t53_a_call_in_the_money_without_a_quote_is_told_to_be_unknown() -> None:
    (line, tested) = titles(short("60", ex=EX, dividend_u=1, mid_u=None))
    assert "no quote to say what extrinsic left" in line
    assert "Tested" in tested
    assert "not quoted on both sides" in pressed([short("60", mid_u=None)])[0].text


def test_what_stands_keeps_its_key_while_its_figures_change() -> None:
    keys = {pressed([short("60", spot_u=spot)])[0].key for spot in (60_500_000, 63_000_000)}
    assert len(keys) == 1


def soon(ex: int) -> dict[tuple[int, int], dict[str, float]]:
    """KO goes ex by 0.48 on a day."""
    return {(0, 0): {"next_ex": ex, "next_dividend": 0.48}}


def sold(stand: Stand, option: str) -> None:
    """A short option in the journal."""
    event = Filled(
        **stand.common(), sleeve=0, campaign=1, policy="p", slot=0 if "P" in option else 2,
        option=option, quantity=-1, shares=0, price_u=1_000_000, amount_u=100_000_000, fee_u=0,
    )  # fmt: skip
    stand.ledger.append([event], stand.clock.at)


def test_shorts_are_read_off_the_book_and_the_slab(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    sold(stand, osi(59.0, right=CALL))
    quotes = [call(59.0, 1.10, 1.30, expiry=4), put(59.0, 0.1, 0.2, expiry=4)]
    stand.board.day(0, quotes=quotes, bars=soon(START + 1))
    (one,) = shorts(stand.ledger.book, stand.board.slab(START), "main")
    assert (str(one.contract), one.quantity, one.spot_u) == ("KO 2024-01-12 C 59", 1, 60_000_000)
    assert (one.mid_u, one.ex, one.dividend_u) == (1_200_000, date(2024, 1, 9), 480_000)
    assert [each.level for each in pressed([one])] == ["warning", "warning"]
    assert [*shorts(stand.ledger.book, stand.board.slab(START), "other")] == []


def test_a_dividend_after_the_next_session_is_not_yet_told(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    sold(stand, osi(59.0, right=CALL))
    stand.board.day(0, bars=soon(START + 2))
    (one,) = shorts(stand.ledger.book, stand.board.slab(START), "main")
    assert (one.ex, one.dividend_u, one.mid_u) == (None, 0, None)
