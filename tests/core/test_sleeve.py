"""Facts change sleeves and books; docs/session.md, The state."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markets import DOLLAR, book, key, sleeve
from underwriter.core.contract import CALL, NONE
from underwriter.core.sleeve import (
    ACCOUNT_WIDE,
    ASSIGNED,
    DEPOSIT,
    DIVIDEND,
    EXPIRED,
    FILL,
    LONG_PUT,
    SHORT_CALL,
    SHORT_PUT,
    SPLIT,
    UNKNOWN,
    Fact,
    apply,
    is_flat,
    new_book,
    record,
    share_money_u,
)

PUT_95, PUT_94, CALL_97 = key(95), key(94), key(97, right=CALL)


def fact(kind: int, slot: int, contract: int, quantity: int, **changes: float) -> Fact:
    """A fact of the only sleeve; `amount` and `fee` in dollars."""
    money = (round(changes.get(name, 0) * DOLLAR) for name in ("amount", "fee"))
    shares = int(changes.get("shares", 0))
    return Fact(kind, 0, 0, 0, slot, contract, quantity, shares, *money, 0)


def leg(one: Any, slot: int) -> tuple[int, int, float]:  # noqa: ANN401  a row of Sleeve
    """A leg's contract, quantity and opening amount in dollars."""
    return int(one.contract[slot]), int(one.quantity[slot]), one.amount_u[slot] / DOLLAR


def test_a_sale_opens_a_leg_and_a_campaign() -> None:
    one = sleeve()
    apply(one, fact(FILL, SHORT_PUT, PUT_95, -2, amount=272, fee=1.42))
    assert leg(one, SHORT_PUT) == (PUT_95, -2, 270.58)
    assert (one.legs, one.campaign, one.credit_u) == (1, 1, 270_580_000)
    assert not is_flat(one)


def test_adding_to_a_leg_adds_to_its_opening_amount() -> None:
    one = sleeve()
    apply(one, fact(FILL, SHORT_PUT, PUT_95, -2, amount=272))
    apply(one, fact(FILL, SHORT_PUT, PUT_95, -1, amount=140))
    assert leg(one, SHORT_PUT) == (PUT_95, -3, 412.0)
    assert (one.legs, one.campaign) == (1, 1)


def test_t46_what_is_left_of_a_leg_keeps_its_share_of_the_opening_amount() -> None:
    """Three of ten puts are assigned: seven keep 7/10 of 1,360."""
    one = sleeve()
    apply(one, fact(FILL, SHORT_PUT, PUT_95, -10, amount=1360))
    apply(one, fact(ASSIGNED, SHORT_PUT, PUT_95, 3, shares=300, amount=-28_500))
    assert leg(one, SHORT_PUT) == (PUT_95, -7, 952.0)
    assert (one.shares, one.legs, one.credit_u) == (300, 1, -27_140 * DOLLAR)


def test_a_long_leg_is_bought_and_sold_down() -> None:
    one = sleeve()
    apply(one, fact(FILL, LONG_PUT, PUT_95, 3, amount=-300))
    apply(one, fact(FILL, LONG_PUT, PUT_95, -1, amount=120))
    assert leg(one, LONG_PUT) == (PUT_95, 2, -200.0)


def test_an_emptied_leg_leaves_nothing() -> None:
    one = sleeve()
    apply(one, fact(FILL, SHORT_PUT, PUT_95, -1, amount=136))
    apply(one, fact(FILL, LONG_PUT, PUT_94, 1, amount=-50))
    apply(one, fact(EXPIRED, SHORT_PUT, PUT_95, 1))
    assert leg(one, SHORT_PUT) == (NONE, 0, 0.0)
    assert (one.legs, one.campaign) == (1, 1)


def test_t48_flat_ends_the_campaign_and_its_money_is_realised() -> None:
    one = sleeve()
    apply(one, fact(FILL, SHORT_PUT, PUT_95, -1, amount=136, fee=0.71))
    apply(one, fact(EXPIRED, SHORT_PUT, PUT_95, 1))
    assert is_flat(one)
    assert (one.credit_u, one.realised_u, one.campaign) == (0, 135_290_000, 1)
    apply(one, fact(FILL, SHORT_PUT, PUT_94, -1, amount=100))
    assert (one.credit_u, one.realised_u, one.campaign) == (100 * DOLLAR, 135_290_000, 2)


def test_a_put_assigned_brings_shares_and_a_call_takes_them_away() -> None:
    """The docstring of core/sleeve.py, to the dollar."""
    one = sleeve()
    apply(one, fact(FILL, SHORT_PUT, PUT_95, -1, amount=136))
    apply(one, fact(ASSIGNED, SHORT_PUT, PUT_95, 1, shares=100, amount=-9_500))
    assert (one.shares, one.credit_u, share_money_u(one)) == (100, -9_364 * DOLLAR, 9_364 * DOLLAR)
    apply(one, fact(FILL, SHORT_CALL, CALL_97, -1, amount=0))
    apply(one, fact(ASSIGNED, SHORT_CALL, CALL_97, 1, shares=-100, amount=9_700))
    assert (one.shares, one.credit_u, one.realised_u) == (0, 0, 336 * DOLLAR)


def test_a_dividend_lowers_the_breakeven_and_begins_no_campaign() -> None:
    one = sleeve(shares=100, credit_u=-9_364 * DOLLAR, campaign=1)
    apply(one, fact(DIVIDEND, 0, NONE, 0, amount=50))
    assert (share_money_u(one), one.campaign) == (9_314 * DOLLAR, 1)


def test_t76_the_wheel_cycle_of_domain_4_2_earns_8_56_a_share() -> None:
    """Breakeven 91.99 after assignment; a call still open does not lower it; 97 - 88.44 = 8.56."""
    one = sleeve()
    apply(one, fact(FILL, SHORT_PUT, PUT_95, -1, amount=136))
    apply(one, fact(FILL, LONG_PUT, PUT_94, -1, amount=275))  # the roll: in before out
    apply(one, fact(FILL, SHORT_PUT, PUT_95, 1, amount=-210))
    apply(one, fact(ASSIGNED, LONG_PUT, PUT_94, 1, shares=100, amount=-9_400))
    assert share_money_u(one) == 9_199 * DOLLAR
    for premium in (120, 95, 140):
        before_u = share_money_u(one)
        apply(one, fact(FILL, SHORT_CALL, CALL_97, -1, amount=premium))
        assert share_money_u(one) == before_u
        last = premium == 140
        ends = {"shares": -100, "amount": 9_700} if last else {}
        apply(one, fact(ASSIGNED if last else EXPIRED, SHORT_CALL, CALL_97, 1, **ends))
    assert (one.campaign, one.realised_u) == (1, 856 * DOLLAR)


def test_a_fact_of_an_account_changes_its_cash_alone() -> None:
    state = book({}, cash=0)
    record(state, Fact(DEPOSIT, 0, 0, ACCOUNT_WIDE, 0, NONE, 0, 0, 100, 0, 0))
    assert (state.accounts[0].cash_u, state.sleeves[0].credit_u) == (100, 0)


def test_a_fact_of_a_sleeve_changes_both() -> None:
    state = book({}, cash=0)
    record(state, fact(FILL, SHORT_PUT, PUT_95, -1, amount=136, fee=1))
    assert (state.accounts[0].cash_u, state.sleeves[0].credit_u) == (135_000_000, 135_000_000)


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-200, 200), st.integers(0, 5))))
def test_no_money_is_lost_between_account_and_campaigns(flows: list) -> None:
    """Whatever happens, cash is what all campaigns earned and the running one holds."""
    state = book({}, cash=0)
    for quantity, amount, fee in flows:
        record(state, fact(FILL, SHORT_PUT, PUT_95, quantity, amount=amount, fee=fee))
    one = state.sleeves[0]
    assert state.accounts[0].cash_u == one.credit_u + one.realised_u


def test_a_new_book_knows_no_regime() -> None:
    state = new_book(1, 2, 3, 4)
    assert state.regimes.column.tolist() == [[UNKNOWN] * 4] * 3
    assert state.exposure_u.shape == (1, 4)


@pytest.mark.parametrize("quantity", [1, -1])
def test_the_last_contract_empties_a_leg_of_either_sign(quantity: int) -> None:
    one = sleeve()
    apply(one, fact(FILL, SHORT_PUT, PUT_95, quantity))
    apply(one, fact(FILL, SHORT_PUT, PUT_95, -quantity))
    assert is_flat(one)


def test_t61_a_split_adds_contracts_and_shares_for_the_same_money() -> None:
    """7:1: breakeven 585 a share becomes 83.57, and the campaign goes on."""
    one = sleeve()
    apply(one, fact(FILL, SHORT_PUT, key(590), -1, amount=500))
    apply(one, fact(ASSIGNED, SHORT_PUT, key(590), 1, shares=100, amount=-59_000))
    apply(one, fact(FILL, SHORT_CALL, key(650, right=CALL), -1, amount=1_000))
    one.row[SHORT_CALL] = 5
    assert share_money_u(one) / one.shares == 585 * DOLLAR
    apply(one, fact(SPLIT, SHORT_CALL, key(92.86, right=CALL), -6))
    apply(one, fact(SPLIT, 0, NONE, 0, shares=600))
    assert leg(one, SHORT_CALL) == (key(92.86, right=CALL), -7, 1_000.0)
    assert (one.shares, one.legs, one.campaign) == (700, 1, 1)
    assert share_money_u(one) == 58_500 * DOLLAR
    assert (one.credit_u, one.realised_u) == (-57_500 * DOLLAR, 0)
