"""Orders meet quotes: docs/session.md, Fills."""

from typing import Any

import pytest

from markets import book, call, fills, holding, key, limits, made, market, policies, put
from runs import a_log, schedule, written
from underwriter.core import reason
from underwriter.core.chain import Market
from underwriter.core.contract import CALL
from underwriter.core.intent import CLOSE, EXERCISE, OPEN, ROLL, SHARES, Decision
from underwriter.core.record import Rows
from underwriter.core.sleeve import (
    LONG_CALL,
    LONG_PUT,
    ROLL_LONG,
    ROLL_SHORT,
    SHORT_CALL,
    SHORT_PUT,
    BookState,
)
from underwriter.sim.orders import execute, still_valid

Leg = tuple[int, int, int]  # slot, contract, change
SPOT_U = 100_000_000
CALL_105, CALL_110 = key(105, right=CALL), key(110, right=CALL)


def order(action: int, *legs: Leg, why: int = reason.ENTRY, shares: int = 0) -> Any:  # noqa: ANN401  a row
    """An approved order of legs."""
    one = made(Decision, action=action, why=why, legs=len(legs), shares=shares)
    for at, leg in enumerate(legs):
        one.slot[at], one.contract[at], one.change[at] = leg
        one.row[at] = -1
    one.quantity = max((abs(change) for _, _, change in legs), default=abs(shares))
    return one


def both(*held: dict) -> dict:
    """The fields of a sleeve that holds several legs, each as `holding` has it."""
    fields: dict = {"legs": len(held), "credit_u": sum(one["credit_u"] for one in held)}
    for name in ("contract", "quantity", "amount_u", "row"):
        columns = [one[name] for one in held]
        long = max(map(len, columns))
        padded = [one + [0] * (long - len(one)) for one in columns]
        fields[name] = [
            next((each for each in slot if each), 0) for slot in zip(*padded, strict=True)
        ]
    return fields


# --- what an order was decided for ---

BUY = order(CLOSE, (SHORT_PUT, key(95), 2), why=reason.TAKE_PROFIT)
SPREAD = order(CLOSE, (SHORT_PUT, key(95), 2), (LONG_PUT, key(90), -2), why=reason.STOP)
SELL = order(OPEN, (SHORT_PUT, key(95), -2))
CONDOR = order(OPEN, (SHORT_PUT, key(95), -1), (LONG_PUT, key(90), 1))
COVER = order(OPEN, (SHORT_CALL, CALL_105, -2), why=reason.ENTRY_CALL)
FENCE = order(OPEN, (LONG_PUT, key(95), 2), (SHORT_CALL, CALL_105, -2), why=reason.ENTRY_CALL)
BOUGHT = order(OPEN, (SHORT_CALL, CALL_105, -2), shares=200)
ROLLED = order(
    ROLL, (SHORT_PUT, key(95), 2), (ROLL_SHORT, key(93, expiry=45), -2), why=reason.TESTED_DELTA
)
RELEASE = order(SHARES, why=reason.RELEASE, shares=-150)
RETURN = order(SHARES, why=reason.UNWIND, shares=150)
PUT_BACK = order(EXERCISE, (LONG_PUT, key(105), -2), why=reason.UNWIND, shares=-200)
CALLED_BACK = order(EXERCISE, (LONG_CALL, key(95, right=CALL), -2), why=reason.UNWIND, shares=200)

PUTS = holding(SHORT_PUT, key(95), -2)
CALLS = holding(SHORT_CALL, CALL_105, -2)
OWED = {"shares": -150}


@pytest.mark.parametrize(
    ("wanted", "held", "valid"),
    [
        pytest.param(BUY, PUTS, True, id="the leg is there"),
        pytest.param(BUY, holding(SHORT_PUT, key(95), -1), False, id="another quantity"),
        pytest.param(BUY, holding(SHORT_PUT, key(94), -2), False, id="another contract"),
        pytest.param(BUY, {}, False, id="no leg"),
        pytest.param(SPREAD, both(PUTS, holding(LONG_PUT, key(90), 2)), True, id="both legs"),
        pytest.param(SPREAD, PUTS, False, id="the second leg is gone"),
        pytest.param(SELL, {}, True, id="the slot is free"),
        pytest.param(SELL, holding(SHORT_PUT, key(94), -2), False, id="the slot is taken"),
        pytest.param(CONDOR, holding(LONG_PUT, key(90), 1), False, id="the second is taken"),
        pytest.param(COVER, {"shares": 200}, True, id="covered"),
        pytest.param(COVER, {"shares": 199}, False, id="a share is missing"),
        pytest.param(COVER, {"shares": 200} | CALLS, False, id="covered, the slot is taken"),
        pytest.param(FENCE, {"shares": 200}, True, id="a collar, covered"),
        pytest.param(FENCE, {"shares": 199}, False, id="a collar, a share is missing"),
        pytest.param(BOUGHT, {}, True, id="shares are bought with the calls"),
        pytest.param(ROLLED, PUTS, True, id="what is rolled is there"),
        pytest.param(ROLLED, {}, False, id="what is rolled is gone"),
        pytest.param(ROLLED, holding(SHORT_PUT, key(95), -1), False, id="some of it is gone"),
        pytest.param(
            ROLLED, holding(SHORT_PUT, key(94), -2), False, id="another leg has taken its place"
        ),
        pytest.param(RELEASE, {"shares": 150}, True, id="the shares are there"),
        pytest.param(RELEASE, {"shares": 149}, False, id="fewer shares"),
        pytest.param(RETURN, OWED, True, id="the shares are owed"),
        pytest.param(RETURN, {"shares": -149}, False, id="fewer are owed"),
        pytest.param(
            RETURN, OWED | holding(LONG_CALL, key(100, right=CALL), 1), False, id="better called"
        ),
        pytest.param(
            RETURN,
            OWED | holding(LONG_CALL, key(100.01, right=CALL), 1),
            True,
            id="a call out of the money is no better",
        ),
        pytest.param(
            order(SHARES, why=reason.UNWIND, shares=99),
            {"shares": -99} | holding(LONG_CALL, key(90, right=CALL), 1),
            True,
            id="no call takes less than a lot",
        ),
        pytest.param(
            PUT_BACK, {"shares": 200} | holding(LONG_PUT, key(105), 3), True, id="put"
        ),
        pytest.param(
            PUT_BACK, {"shares": 199} | holding(LONG_PUT, key(105), 3), False, id="too few to put"
        ),
        pytest.param(
            PUT_BACK, {"shares": 200} | holding(LONG_PUT, key(105), 1), False, id="too few puts"
        ),
        pytest.param(
            PUT_BACK, {"shares": 200} | holding(LONG_PUT, key(104), 3), False, id="another put"
        ),
        pytest.param(
            CALLED_BACK,
            {"shares": -200} | holding(LONG_CALL, key(95, right=CALL), 2),
            True,
            id="called",
        ),
        pytest.param(
            CALLED_BACK,
            {"shares": -199} | holding(LONG_CALL, key(95, right=CALL), 2),
            False,
            id="too few are owed to call",
        ),
    ],
)  # fmt: skip
def test_t47_an_order_stands_while_what_it_was_decided_for_does(
    wanted: Decision,
    held: dict,
    *,
    valid: bool,
) -> None:
    state = book(held)
    assert still_valid(state, wanted, SPOT_U, 100) == valid
    found = done(state, wanted, market())
    assert any("lapsed" in line for line in found) != valid


def test_a_wing_that_is_rolled_to_finds_its_own_place_free() -> None:
    """Another long put, bought in the meantime, is not the one that the roll sells."""
    held = both(PUTS, holding(LONG_PUT, key(90), 2))
    legs = (*ROLLED_LEGS[:3], (ROLL_LONG, key(88, expiry=45), 2))
    assert still_valid(book(held), order(ROLL, *legs), SPOT_U, 100)
    alone = order(ROLL, ROLLED_LEGS[0], *legs[2:])
    assert not still_valid(book(held), alone, SPOT_U, 100)


ROLLED_LEGS = (
    (SHORT_PUT, key(95), 2),
    (LONG_PUT, key(90), -2),
    (ROLL_SHORT, key(93, expiry=45), -2),
    (ROLL_LONG, key(88, expiry=45), 2),
)


# --- execution ---


def done(
    state: BookState,
    wanted: Decision,
    quoted: Market,
    rules: Rows | None = None,
    model: Any = None,  # noqa: ANN401  a row of Fills
    for_credit: int = 0,
    **costs: float,
) -> list[str]:
    """What becomes of an order."""
    log = a_log()
    binding = limits() if rules is None else rules
    ruled = policies({"roll_for_credit": for_credit})
    model = model or fills()
    execute(state, wanted, 0, quoted, ruled, binding, model, schedule(1, **costs), log)
    return written(log)


def test_t21_all_legs_fill_or_none() -> None:
    """The second has no bid: neither is opened."""
    wanted = order(OPEN, (SHORT_PUT, key(95), -1), (LONG_PUT, key(90), 1))
    one = put(95, 1.3, 1.4)
    assert done(book({}), wanted, market([one])) == [
        "0 #0 open -1 P95: no_quote",
        "0 #0 open 1 P90: no_quote",
    ]
    assert done(book({}), wanted, market([one, put(90, 0.0, 0.4)])) == [
        "0 #0 fill -1 P95 +135.00 @ 1.35",
        "0 #0 fill 1 P90 -20.00 @ 0.2",
    ]


def test_t84_several_legs_pay_less_of_the_spread_on_each() -> None:
    """Half of 0.10 is paid by one leg; of two each pays 0.6 of it."""
    model = fills(1.0)
    model.combo[:] = [1.0, 0.6, 0.4, 0.2]
    quoted = market([put(95, 1.3, 1.4), put(90, 0.4, 0.5)])
    pair = order(OPEN, (SHORT_PUT, key(95), -1), (LONG_PUT, key(90), 1))
    found = done(book({}), pair, quoted, model=model)
    assert [line.split("@ ")[1] for line in found] == ["1.32", "0.48"]
    alone = order(OPEN, (SHORT_PUT, key(95), -1))
    assert done(book({}), alone, quoted, model=model)[0].endswith("@ 1.3")


def test_the_fee_of_an_order_is_rounded_up_once_and_each_leg_bears_what_it_adds() -> None:
    """0.655 rounds to 0.66; both legs are 1.31, so the second adds 0.65."""
    quoted = market([put(95, 1.3, 1.4), put(90, 0.4, 0.5)])
    pair = order(OPEN, (SHORT_PUT, key(95), -1), (LONG_PUT, key(90), 1))
    found = done(book({}), pair, quoted, option_sell_u=0.655, option_buy_u=0.655)
    assert [line.split("fee ")[1][:4] for line in found] == ["0.66", "0.65"]


def test_what_is_opened_fills_before_what_is_closed() -> None:
    """A roll's new legs stand in places of their own until the old ones are gone."""
    held = both(holding(SHORT_PUT, key(95), -2, 300.0), holding(LONG_PUT, key(90), 2, -100.0))
    quoted = market(
        [
            *(put(95, 2.0, 2.2), put(90, 0.9, 1.1)),
            *(put(93, 2.9, 3.1, expiry=45), put(88, 1.4, 1.6, expiry=45)),
        ]
    )
    state = book(held)
    assert done(state, order(ROLL, *ROLLED_LEGS, why=reason.TESTED_DELTA), quoted) == [
        "0 #0 fill -2 P93 +600.00 @ 3",
        "0 #0 fill 2 P88 -300.00 @ 1.5",
        "0 #0 fill 2 P95 -420.00 @ 2.1",
        "0 #0 fill -2 P90 +200.00 @ 1",
        "0 #0 moved P93",
        "0 #0 moved P88",
    ]
    sleeve = state.sleeves[0]
    later = [key(93, expiry=45), key(88, expiry=45)]
    assert sleeve.contract.tolist() == [*later, 0, 0, 0, 0]
    assert sleeve.quantity.tolist() == [-2, 2, 0, 0, 0, 0]
    assert (sleeve.rolls, sleeve.campaign, sleeve.legs) == (1, 0, 2)
    assert (sleeve.amount_u[0], sleeve.amount_u[1]) == (600_000_000, -300_000_000)


@pytest.mark.parametrize(
    ("bid", "for_credit", "filled"),
    [(2.21, 1, True), (2.2, 1, False), (1.5, 1, False), (2.2, 0, True), (1.5, 0, True)],
)
def test_a_roll_for_a_credit_lapses_where_today_it_would_bring_none(
    bid: float, for_credit: int, *, filled: bool
) -> None:
    """Sold at the bid, the old one bought back at 2.2: quotes have moved since the decision."""
    quoted = market([put(95, 2.0, 2.2), put(93, bid, 3.1, expiry=45)])
    rolled = (SHORT_PUT, key(95), 2), (ROLL_SHORT, key(93, expiry=45), -2)
    wanted = order(ROLL, *rolled, why=reason.TESTED_DELTA)
    state, model = book(PUTS), fills(1.0)
    found = done(state, wanted, quoted, model=model, for_credit=for_credit)
    assert (found[0] == "0 #0 roll 2 P95: lapsed") != filled
    assert (state.sleeves[0].contract[SHORT_PUT] == key(93, expiry=45)) == filled
    assert state.sleeves[0].rolls == int(filled)


def test_shares_are_bought_first_a_cent_over_the_close() -> None:
    wanted = order(OPEN, (SHORT_CALL, CALL_105, -1), shares=100)
    assert done(book({}), wanted, market([call(105, 1.3, 1.4)])) == [
        "0 #0 fill +100 shares -10001.00 @ 100.01",
        "0 #0 fill -1 C105 +135.00 @ 1.35",
    ]


# --- what the account must carry afterwards ---

SOLD = order(OPEN, (SHORT_PUT, key(95), -1))
RESERVE = limits(fee_reserve_u=5_000_000)


@pytest.mark.parametrize(("cash", "filled"), [(9_370.66, True), (9_370.65, False)])
def test_an_order_lapses_where_cash_would_not_secure_what_is_held_afterwards(
    cash: float, *, filled: bool
) -> None:
    """9,500 of the strike and 5 for fees, less 135 received and 0.66 paid."""
    state = book({}, cash=cash)
    found = done(state, SOLD, market([put(95, 1.3, 1.4)]), RESERVE, option_sell_u=0.66)
    assert (found == ["0 #0 open -1 P95: cash"]) != filled
    assert (state.accounts[0].cash_u >= 9_505_000_000) == filled


def test_what_other_sleeves_of_the_account_secure_counts_and_no_one_elses() -> None:
    """The 9,000 of a second sleeve, or of another account."""
    other = holding(SHORT_PUT, key(90), -1)
    quoted = market([put(95, 1.3, 1.4)])
    assert done(book({}, other, cash=10_000), SOLD, quoted) == ["0 #0 open -1 P95: cash"]
    elsewhere = book({}, other | {"account": 1}, cash=10_000, accounts=2)
    found = done(elsewhere, SOLD, quoted, limits().repeat(2))
    assert found == ["0 #0 fill -1 P95 +135.00 @ 1.35"]


def test_closing_is_held_to_what_stays_and_frees_its_own() -> None:
    """One put costs 135 to buy back; with both gone nothing is secured."""
    wanted = order(CLOSE, (SHORT_PUT, key(95), 2), why=reason.TIME_EXIT)
    quoted = market([put(95, 1.3, 1.4)])
    assert done(book(PUTS, cash=270), wanted, quoted) == ["0 #0 fill 2 P95 -270.00 @ 1.35"]
    assert done(book(PUTS, cash=269), wanted, quoted) == ["0 #0 close 2 P95: cash"]


@pytest.mark.parametrize(("ask", "cash"), [(1.2, 115), (1.2, 0), (180.0, 9_055)])
def test_a_close_for_margin_goes_into_a_debit_but_never_at_a_stub(ask: float, cash: float) -> None:
    """The put of another sleeve secures 9,500 that the account does not have.

    At 1.1 / 1.2 the call is bought at 1.15; at 1.1 / 180 it would be at 90.55 and may be, at
    1.1 / 200 at 100.55 with the share at 100: no call is worth that.
    """
    wanted = order(CLOSE, (SHORT_CALL, CALL_105, 1), why=reason.MARGIN)
    naked = holding(SHORT_CALL, CALL_105, -1)
    state = book(naked, holding(SHORT_PUT, key(95), -1), cash=cash)
    assert "fill" in done(state, wanted, market([call(105, 1.1, ask)]))[0]
    stub = done(book(naked, cash=cash), wanted, market([call(105, 1.1, 200.0)]))
    assert stub == ["0 #0 close 1 C105: cash"]


@pytest.mark.parametrize(("cash", "filled"), [(10_055, True), (10_054, False)])
def test_a_stub_is_paid_where_there_is_cash_for_it(cash: float, *, filled: bool) -> None:
    """At 1.1 / 200 the call is bought at 100.55."""
    wanted = order(CLOSE, (SHORT_CALL, CALL_105, 1), why=reason.MARGIN)
    naked = holding(SHORT_CALL, CALL_105, -1)
    state = book(naked, holding(SHORT_PUT, key(95), -1), cash=cash)
    found = done(state, wanted, market([call(105, 1.1, 200.0)]))
    assert (found == ["0 #0 fill 1 C105 -10055.00 @ 100.55"]) == filled
    assert (found == ["0 #0 close 1 C105: cash"]) != filled


def test_leftovers_shares_and_exercise_are_not_held_to_cash() -> None:
    """The account is far under what its other sleeve has secured."""
    short = holding(SHORT_PUT, key(95), -1)
    quoted = market([put(90, 0.4, 0.6)])
    wanted = order(CLOSE, (LONG_PUT, key(90), -1), why=reason.LEFTOVER)
    found = done(book(holding(LONG_PUT, key(90), 1), short, cash=0), wanted, quoted)
    assert found == ["0 #0 fill -1 P90 +50.00 @ 0.5"]
    found = done(book({"shares": 150}, short, cash=0), RELEASE, quoted)
    assert found == ["0 #0 fill -150 shares +14998.50 @ 99.99"]
    state = book({"shares": 200} | holding(LONG_PUT, key(105), 3), short, cash=0)
    assert done(state, PUT_BACK, quoted, assign_u=0.5, stock_sell_rate=27.8e-6) == [
        # 21,000 * 27.80 a million is 0.5838, up to the cent; two exercises cost 1
        "0 #0 assigned -2 P105 -200 shares +21000.00 fee 1.59 @ 100"
    ]
    assert (state.sleeves[0].shares, state.sleeves[0].quantity[LONG_PUT]) == (0, 1)


# --- shares ---


def released(close: float, **fees: float) -> list[str]:
    """What selling 150 shares brings at a close."""
    return done(book({"shares": 150}), RELEASE, market(closes=[close]), **fees)


def test_shares_are_sold_a_cent_under_the_close_for_their_fee() -> None:
    """150 * 49.99 = 7,498.50; 27.80 a million of it is 0.2085."""
    found = released(50.0, stock_sell_rate=27.8e-6, option_sell_u=1.0)
    assert found == ["0 #0 fill -150 shares +7498.50 fee 0.21 @ 49.99"]


def test_shares_owed_are_bought_a_cent_over_the_close_without_a_fee() -> None:
    found = done(book(OWED), RETURN, market(closes=[50.0]), stock_sell_rate=27.8e-6)
    assert found == ["0 #0 fill +150 shares -7501.50 @ 50.01"]


@pytest.mark.parametrize("close", [0.01, 0.005])
def test_shares_that_are_worth_no_more_than_a_cent_find_no_buyer(close: float) -> None:
    assert released(close) == ["0 #0 shares -150 shares: no_quote"]
