"""What a sleeve wishes; docs/session.md, The step."""

import pytest
from underwriter.core.wheel import decide

from markets import START, call, chain, holding, key, policy, put, sleeve
from underwriter.core import reason
from underwriter.core.chain import NO_ROW, View
from underwriter.core.contract import CALL
from underwriter.core.intent import (
    BUY_TO_CLOSE,
    HOLD,
    SELL_SHARES,
    SELL_TO_OPEN,
    Intent,
    hold,
)
from underwriter.core.policy import CASH_SECURED_PUT
from underwriter.core.sleeve import SHORT_CALL, SHORT_PUT

PUTS = [put(90, 0.9, 1.0, delta=-0.20), put(95, 1.3, 1.4, delta=-0.25)]
CALLS = [call(93, 7.0, 7.1, delta=0.30), call(94, 6.0, 6.1, delta=0.27)]
NOTHING = hold(reason.NONE)


def wished(held: dict, *, may_enter: bool = True, day: int = 0, **rules: object) -> Intent:
    """What a sleeve wishes among PUTS (rows 0 and 1) and CALLS (rows 2 and 3), the close at 100."""
    quotes = chain([*PUTS, *CALLS])
    view = View(START + day, 100_000_000, 100, 0, 2, 4, 0, may_enter)
    return decide(sleeve(**held), quotes, view, policy(**rules))


def owning(shares: int, each: float) -> dict:
    """A sleeve whose campaign paid this much a share."""
    return {"shares": shares, "credit_u": -round(shares * each * 1e6)}


FLAT: dict = {}
SHORT_A_PUT = holding(SHORT_PUT, key(95), -2, 272.0, row=1)
SHORT_A_CALL = owning(200, 93.64) | holding(SHORT_CALL, key(94, right=CALL), -2, 1200.0, row=3)


# --- flat ---


def test_a_flat_sleeve_wishes_to_sell_the_chosen_put() -> None:
    assert wished(FLAT) == Intent(SELL_TO_OPEN, SHORT_PUT, 1, key(95), 0, reason.ENTRY_PUT)


def test_a_flat_sleeve_that_may_not_enter_wishes_nothing() -> None:
    assert wished(FLAT, may_enter=False) == NOTHING


@pytest.mark.parametrize("column", [{"delta": [0.0]}, {"size_factor": [0.0]}])
def test_a_regime_without_delta_or_size_stands_aside(column: dict) -> None:
    assert wished(FLAT, **column) == hold(reason.REGIME)


def test_no_put_within_the_gates_is_said() -> None:
    assert wished(FLAT, min_credit_u=5_000_000) == hold(reason.NO_CANDIDATE)


def test_a_put_knows_no_floor_and_yields_on_its_strike() -> None:
    """1.30 * 365 / (95 * 30) is 16.6% a year; on the close of 100 it were 15.8%."""
    assert wished(FLAT, min_yield=[0.166]).row == 1


# --- a short option ---


@pytest.mark.parametrize("held", [SHORT_A_PUT, SHORT_A_CALL], ids=["put", "call"])
def test_beside_a_short_option_nothing_else_is_wished(held: dict) -> None:
    assert wished(held) == NOTHING


@pytest.mark.parametrize(
    ("held", "slot", "row", "contract"),
    [(SHORT_A_PUT, SHORT_PUT, 1, key(95)), (SHORT_A_CALL, SHORT_CALL, 3, key(94, right=CALL))],
    ids=["put", "call"],
)
def test_a_short_option_is_bought_back_whole(
    held: dict, slot: int, row: int, contract: int
) -> None:
    """On any session, whether the sleeve may enter or not."""
    expected = Intent(BUY_TO_CLOSE, slot, row, contract, 2, reason.TIME_EXIT)
    assert wished(held, may_enter=False, day=9, exit_dte=21) == expected


# --- shares ---


def test_calls_are_sold_on_whole_lots_at_or_above_the_breakeven() -> None:
    """Breakeven 93.64: 93 has the nearer delta and is too low."""
    wish = wished(owning(250, 93.64), delta=[0.30])
    expected = Intent(SELL_TO_OPEN, SHORT_CALL, 3, key(94, right=CALL), 2, reason.ENTRY_CALL)
    assert wish == expected


def test_a_breakeven_is_rounded_up() -> None:
    """100 shares for 9,400.000001: 94.00000001 a share is over the strike of 94."""
    held = owning(100, 94.0)
    assert wished(held).row == 3
    assert wished(held | {"credit_u": held["credit_u"] - 1}) == hold(reason.BREAKEVEN)


def test_an_open_premium_does_not_lower_the_breakeven() -> None:
    """A long call left over, bought for 100: breakeven (-100 + 9,500) / 100 = 94."""
    held = holding(3, key(110, right=CALL), 1, -100.0) | {"shares": 100, "credit_u": -9_500_000_000}
    assert wished(held).row == 3


def test_calls_under_the_breakeven_are_refused_as_such() -> None:
    assert wished(owning(100, 95.0)) == hold(reason.BREAKEVEN)


def test_no_call_within_the_gates_is_said() -> None:
    assert wished(owning(100, 90.0), min_credit_u=8_000_000) == hold(reason.NO_CANDIDATE)


def test_a_calls_yield_is_on_the_close() -> None:
    """6.00 * 365 / (100 * 30) = 0.73; on the strike it were 0.776."""
    held = owning(100, 93.5)
    assert wished(held, min_yield=[0.73]).row == 3
    assert wished(held, min_yield=[0.74]).row == NO_ROW


def test_less_than_a_lot_waits() -> None:
    assert wished(owning(99, 90.0)) == NOTHING


def test_calls_are_not_sold_where_the_regime_has_no_delta() -> None:
    assert wished(owning(100, 90.0), delta=[0.0]) == hold(reason.REGIME)


def test_calls_are_sold_where_the_regime_has_no_size() -> None:
    """Size is the share of risk of a new put; a covered call adds none."""
    assert wished(owning(100, 90.0), size_factor=[0.0]).action == SELL_TO_OPEN


def test_shares_wait_for_the_day_of_entry() -> None:
    assert wished(owning(100, 90.0), may_enter=False) == NOTHING


@pytest.mark.parametrize("may_enter", [True, False])
def test_a_policy_that_is_no_wheel_sells_its_shares_at_once(*, may_enter: bool) -> None:
    wish = wished(owning(150, 90.0), may_enter=may_enter, strategy=CASH_SECURED_PUT)
    assert (wish.action, wish.quantity, wish.why) == (SELL_SHARES, 150, reason.RELEASE)


def test_a_cash_secured_put_is_sold_like_a_wheels() -> None:
    assert wished(FLAT, strategy=CASH_SECURED_PUT) == wished(FLAT)
    assert wished(FLAT).action != HOLD
