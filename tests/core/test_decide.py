"""What a sleeve wishes; docs/session.md, The step."""

from typing import NamedTuple

import pytest

from markets import START, call, chain, holding, key, made, owns, policy, put, sleeve, view
from underwriter.core import reason
from underwriter.core.contract import CALL
from underwriter.core.decide import decide
from underwriter.core.entry import call_floor_u
from underwriter.core.intent import CLOSE, HOLD, OPEN, SHARES, Decision, clear
from underwriter.core.policy import CASH_SECURED_PUT
from underwriter.core.sleeve import SHORT_CALL, SHORT_PUT

PUTS = [put(90, 0.9, 1.0, delta=-0.20), put(95, 1.3, 1.4, delta=-0.25)]
CALLS = [call(93, 7.0, 7.1, delta=0.30), call(94, 6.0, 6.1, delta=0.27)]


class Wish(NamedTuple):
    """A wish; its legs are slot, row, contract and signed change."""

    action: int
    why: int
    quantity: int = 0
    shares: int = 0
    legs: tuple[tuple[int, int, int, int], ...] = ()

    @property
    def row(self) -> int:
        """The row of its only leg."""
        ((_, row, _, _),) = self.legs
        return row


def hold(why: int) -> Wish:
    """A wish for nothing."""
    return Wish(HOLD, why)


NOTHING = hold(reason.NONE)


def wished(held: dict, *, may_enter: bool = True, day: int = 0, **rules: object) -> Wish:
    """What a sleeve wishes among PUTS (rows 0 and 1) and CALLS (rows 2 and 3), the close at 100."""
    quotes = chain([*PUTS, *CALLS])
    today = view(day=START + day, calls=2, end=4, may_enter=may_enter)
    found = made(Decision)
    clear(found, 0, 0)
    decide(found, sleeve(**held), quotes, today, owns()[0, 0], policy(**rules))
    names = ("slot", "row", "contract", "change")
    legs = zip(*(getattr(found, name)[: found.legs].tolist() for name in names), strict=True)
    return Wish(found.action, found.why, found.quantity, found.shares, tuple(legs))


def owning(shares: int, each: float) -> dict:
    """A sleeve whose campaign paid this much a share."""
    return {"shares": shares, "credit_u": -round(shares * each * 1e6)}


FLAT: dict = {}
SHORT_A_PUT = holding(SHORT_PUT, key(95), -2, 272.0, row=1)
SHORT_A_CALL = owning(200, 93.64) | holding(SHORT_CALL, key(94, right=CALL), -2, 1200.0, row=3)


# --- flat ---


def test_a_flat_sleeve_wishes_to_sell_the_chosen_put() -> None:
    assert wished(FLAT) == Wish(OPEN, reason.ENTRY_PUT, legs=((SHORT_PUT, 1, key(95), -1),))


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
    expected = Wish(CLOSE, reason.TIME_EXIT, 2, legs=((slot, row, contract, 2),))
    assert wished(held, may_enter=False, day=9, exit_dte=21) == expected


# --- shares ---


def test_calls_are_sold_on_whole_lots_at_or_above_the_breakeven() -> None:
    """Breakeven 93.64: 93 has the nearer delta and is too low."""
    wish = wished(owning(250, 93.64), delta=[0.30])
    expected = Wish(OPEN, reason.ENTRY_CALL, 2, legs=((SHORT_CALL, 3, key(94, right=CALL), -2),))
    assert wish == expected


def test_a_breakeven_is_rounded_up() -> None:
    """100 shares for 9,400.000001: 94.00000001 a share is over the strike of 94."""
    held = owning(100, 94.0)
    assert wished(held).row == 3
    assert wished(held | {"credit_u": held["credit_u"] - 1}) == hold(reason.BREAKEVEN)


def test_an_open_premium_does_not_lower_the_breakeven() -> None:
    """A long call left over, bought for 100: breakeven (-100 + 9,500) / 100 = 94."""
    held = holding(3, key(110, right=CALL), 1, -100.0) | {"shares": 100, "credit_u": -9_500_000_000}
    assert call_floor_u(sleeve(**held), owns()[0, 0], policy()) == 94_000_000
    assert wished(held) == NOTHING


def test_calls_under_the_breakeven_are_refused_as_such() -> None:
    assert wished(owning(100, 95.0)) == hold(reason.BREAKEVEN)


def test_no_call_within_the_gates_is_said() -> None:
    assert wished(owning(100, 90.0), min_credit_u=8_000_000) == hold(reason.NO_CANDIDATE)


def test_a_calls_yield_is_on_the_close() -> None:
    """6.00 * 365 / (100 * 30) = 0.73; on the strike it were 0.776."""
    held = owning(100, 93.5)
    assert wished(held, min_yield=[0.73]).row == 3
    assert wished(held, min_yield=[0.74]) == hold(reason.BREAKEVEN)


def test_less_than_a_lot_waits() -> None:
    assert wished(owning(99, 90.0)) == NOTHING


def test_calls_are_not_sold_where_the_regime_has_no_delta() -> None:
    assert wished(owning(100, 90.0), delta=[0.0]) == hold(reason.REGIME)


def test_calls_are_sold_where_the_regime_has_no_size() -> None:
    """Size is the share of risk of a new put; a covered call adds none."""
    assert wished(owning(100, 90.0), size_factor=[0.0]).action == OPEN


def test_shares_wait_for_the_day_of_entry() -> None:
    assert wished(owning(100, 90.0), may_enter=False) == NOTHING


@pytest.mark.parametrize("may_enter", [True, False])
def test_a_policy_that_is_no_wheel_sells_its_shares_at_once(*, may_enter: bool) -> None:
    wish = wished(owning(150, 90.0), may_enter=may_enter, strategy=CASH_SECURED_PUT)
    assert wish == Wish(SHARES, reason.RELEASE, 150, -150)


def test_a_cash_secured_put_is_sold_like_a_wheels() -> None:
    assert wished(FLAT, strategy=CASH_SECURED_PUT) == wished(FLAT)
    assert wished(FLAT).action != HOLD
