"""The reference on small markets whose every dollar was worked out by hand from docs/session.md.

Every market has one underlying at 100 to begin with, no interest, and quotes that are sold at the
bid and bought at the ask.  Day 4 is a Monday, the expiry a Friday.
"""

from dataclasses import replace

from reference.given import (
    CALL,
    CALL_SPREAD,
    COLLAR,
    IRON_CONDOR,
    PUT,
    PUT_SPREAD,
    WHEEL,
    Case,
    Column,
    Contract,
    Fees,
    Fills,
    Known,
    Limits,
    Policy,
    Quote,
    Session,
    Terms,
)
from reference.plain import Backtest

FREE = Fees(0, 0, 0, 0, 0)
DEARER = Fees(650_000, 650_000, 1_000_000, 0, 0)
MONDAY, FRIDAY, LATER = 4, 8, 15
Prices = dict[tuple[int, float], tuple[float, float, float]]  # bid, ask, delta


def u(dollars: float) -> int:
    """Dollars in millionths."""
    return round(dollars * 1e6)


def rows(prices: Prices, expiry: int, right: int) -> list[Quote]:
    """The quotes of one right and expiry."""
    return [
        Quote(Contract(expiry, one, u(strike)), u(bid), u(ask), delta, 0.3, 100.0, -1)
        for (one, strike), (bid, ask, delta) in sorted(prices.items())
        if one == right
    ]


def session(day: int, close: float, *chains: tuple[int, Prices], **others: object) -> Session:
    """One session of one underlying, with quotes by expiry."""
    quotes = {
        (0, right): [row for expiry, prices in chains for row in rows(prices, expiry, right)]
        for right in (PUT, CALL)
    }
    fields = {
        "tomorrow": day + 1, "first_of_week": day == MONDAY, "rate": 0.0, "measure": 20.0,
        "slope": 0.9, "close_u": [u(close)], "open_u": [0], "dividend_u": [0], "split": [1],
        "known": [Known()], "quotes": quotes, "fees": (FREE, FREE),
    }  # fmt: skip
    return Session(day=day, **(fields | others))


def policy(strategy: int, **others: object) -> Policy:
    """A policy that lets everything pass."""
    fields = {
        "dte_min": 1, "dte_max": 30, "min_credit_u": 0, "max_spread": 2.0, "min_open_interest": 0,
        "take_profit": 0.0, "exit_dte": -1, "risk_per_position": 10.0, "per_underlying": 10.0,
        "stresses": [(-0.2, 1.5)], "edges": [], "confirm": 1, "hysteresis": 0.0,
        "columns": [Column(0.3, 1.0, 0.0, daily=False, buying_power=10.0)], "width_u": u(5),
        "per_sector": 10.0, "per_cluster": 10.0,
    }  # fmt: skip
    return Policy(strategy=strategy, **(fields | others))


def run(given: Policy, dollars: float, *sessions: Session, **others: object) -> Backtest:
    """One sleeve of one account over some sessions."""
    fields = {
        "terms": [Terms(True, True, False, 100, 10_000, 10_000, u(3))],
        "limits": [Limits(0.0, 10.0, 0.0)], "fills": Fills(1.0, 0), "sleeves": [(0, 0, 0)],
    }  # fmt: skip
    case = Case(
        sessions=list(sessions), policies=[given], deposits_u=[u(dollars)], **(fields | others)
    )
    return Backtest(case).run()


def cash(found: Backtest) -> list[float]:
    """The cash of each evening in dollars."""
    return [one[0] / 1e6 for one in found.cash_u]


def reasons(found: Backtest) -> list[tuple[int, str, str]]:
    """Session, wish and verdict of everything that was decided."""
    return [(one.session, one.wish, one.verdict) for one in found.verdicts]


PUTS: Prices = {(PUT, 95.0): (1.30, 1.40, -0.3), (PUT, 90.0): (0.50, 0.60, -0.15)}
CALLS: Prices = {(CALL, 105.0): (1.60, 1.70, 0.3), (CALL, 110.0): (0.50, 0.60, 0.15)}


def test_a_put_spread_is_closed_at_its_target() -> None:
    """Sold at 1.30 - 0.60 = 70 less 2 x 0.65 in one order; bought back at 0.30 - 0.10 = 20.

    The credit is 68.70, half of it 34.35: 20 is enough.  Fees: 1.30 a way.
    500 secures the width; with 501.30 there is not yet enough for two.
    """
    cheaper = {(PUT, 95.0): (0.20, 0.30, -0.1), (PUT, 90.0): (0.10, 0.15, -0.05)}
    found = run(
        policy(PUT_SPREAD, take_profit=0.5),
        600,
        session(MONDAY, 100, (FRIDAY, PUTS), fees=(DEARER, DEARER)),
        session(MONDAY + 1, 101, (FRIDAY, cheaper), fees=(DEARER, DEARER)),
    )
    assert cash(found) == [668.70, 647.40]
    assert reasons(found) == [(0, "entry", "approved"), (1, "take_profit", "approved")]
    assert found.sleeves[0].realised_u == u(47.40)


def test_t73_after_a_loss_nothing_is_opened_for_some_sessions() -> None:
    """A put sold at 1.30 is bought back at 4.00 for its stop; two sessions later it is sold again.

    Nothing is on Wednesday nor Thursday; on Friday, three sessions after the loss, there is.
    """
    dearer = {(PUT, 95.0): (3.90, 4.00, -0.3)}
    days = [PUTS, dearer, PUTS, PUTS, PUTS]
    found = run(
        policy(WHEEL, stop=2.0, cooldown=2),
        10_000,
        *[
            session(MONDAY + at, 100, (LATER, prices), first_of_week=True)
            for at, prices in enumerate(days)
        ],
    )
    assert reasons(found) == [
        (0, "entry_put", "approved"),
        (1, "stop", "approved"),
        (2, "cooldown", "cooldown"),
        (3, "cooldown", "cooldown"),
        (4, "entry_put", "approved"),
    ]


def test_fees_of_an_order_are_rounded_once() -> None:
    """Two legs at 0.333: 0.333 makes 0.34, 0.666 makes 0.67, so the second leg bears 0.33."""
    odd = Fees(333_000, 333_000, 0, 0, 0)
    found = run(policy(PUT_SPREAD), 600, session(MONDAY, 100, (FRIDAY, PUTS), fees=(odd, odd)))
    assert [one.fee_u for one in found.log if one.kind == "fill"] == [u(0.34), u(0.33)]


def test_a_tested_side_of_a_condor_is_rolled() -> None:
    """Sold for 1.30 + 1.60 - 0.60 - 0.60 = 170.  At 94 the 95 put goes to the next week's 94.

    Bought back at 3.00, its wing sold at 1.00, the new 94 sold at 3.20, its wing bought at 1.10:
    3.20 - 3.00 - 1.10 + 1.00 = 0.10, 10 dollars.  Its money moves, the campaign goes on.
    """
    tested = {(PUT, 95.0): (2.90, 3.00, -0.6), (PUT, 90.0): (1.00, 1.10, -0.3)} | CALLS
    coming = {(PUT, 94.0): (3.20, 3.30, -0.35), (PUT, 89.0): (1.00, 1.10, -0.2)}
    rolls = {"roll_at_most": 1, "roll_dte_max": 20, "roll_through": True, "roll_for_credit": True}
    found = run(
        policy(IRON_CONDOR, **rolls),
        1_400,  # both sides of an American condor are secured: 1000
        session(MONDAY, 100, (FRIDAY, PUTS | CALLS)),
        session(MONDAY + 1, 94, (FRIDAY, tested), (LATER, coming)),
    )
    assert cash(found) == [1_570, 1_580]
    assert reasons(found) == [(0, "entry", "approved"), (1, "tested_strike", "approved")]
    sleeve = found.sleeves[0]
    assert (sleeve.rolls, sleeve.campaigns) == (1, 1)
    assert sleeve.legs["short put"].contract == (LATER, PUT, u(94))
    assert sleeve.legs["short put"].opening_u == u(320)
    assert sleeve.legs["long put"].opening_u == u(-110)
    lines = [(one.kind, one.contract and one.contract.strike_u / 1e6) for one in found.log[5:]]
    assert lines == [
        ("fill", 94), ("fill", 89), ("fill", 95), ("fill", 90), ("moved", 94), ("moved", 89),
    ]  # fmt: skip


# a call 105 at 108 with 0.10 of extrinsic value, the share going ex by a dollar on Wednesday
DEEP: Prices = {(CALL, 105.0): (3.00, 3.20, 0.9), (CALL, 110.0): (0.50, 0.60, 0.15)}
EX = Known(next_ex=MONDAY + 2, next_dividend_u=u(1))


def ex_dividend(dollars: float, dividend: float = 1) -> Backtest:
    """A call spread at 105 / 110, assigned early on the eve of an ex-date; then 112."""
    known = replace(EX, next_dividend_u=u(dividend))
    return run(
        policy(CALL_SPREAD),
        dollars,
        session(MONDAY, 100, (FRIDAY, CALLS)),
        session(MONDAY + 1, 108, (FRIDAY, DEEP), known=[known]),
        session(MONDAY + 2, 112, (FRIDAY, DEEP), dividend_u=[u(dividend)]),
        session(MONDAY + 3, 112),
    )


def test_t52_a_short_leg_is_assigned_early_while_its_long_leg_lives() -> None:
    """One, sold for 160 - 60 = 100 and assigned for 10,500 on Tuesday.

    A dollar a share is owed on Wednesday, and at 112 the 110 call is exercised: 11,000.
    """
    found = ex_dividend(699)
    assert cash(found) == [799, 799 + 10_500, 799 + 10_500 - 100 - 11_000, 199]
    assert [one.kind for one in found.log[3:]] == ["assigned", "dividend", "assigned"]
    assert reasons(found)[-1] == (2, "unwind", "approved")


def test_short_shares_that_cash_does_not_carry_are_ended_before_the_dividend_is_owed() -> None:
    """Of 600 + 10,500 the 110 call secures 11,000, and of the dividend's 200 only 100 are there.

    Bought at 108.01 at once: 11,100 - 10,801 = 299, and the long call is sold for 50.
    Carried, the evening of Wednesday would have found 11,100 - 200 - 11,000 = -100.
    """
    found = ex_dividend(500, dividend=2)
    assert cash(found)[:3] == [600, 299, 299 + 50]
    assert reasons(found)[1:] == [(1, "delivery", "approved"), (2, "leftover", "approved")]


def test_shares_to_buy_back_lapse_where_a_long_call_has_become_better() -> None:
    """With a session's delay: wished at 108 on Wednesday for Thursday, when the share is at 130.

    To buy at 130.01 would take 13,001 of 11,299; the call is exercised for 11,000 instead.
    """
    given = policy(CALL_SPREAD)
    found = run(
        given,
        699,
        session(MONDAY - 3, 100, (FRIDAY, CALLS), first_of_week=True),
        session(MONDAY, 100, (FRIDAY, CALLS)),
        session(MONDAY + 1, 108, (FRIDAY, DEEP), known=[EX]),
        session(MONDAY + 2, 108, (FRIDAY, DEEP), dividend_u=[u(1)]),
        session(MONDAY + 3, 130),
        session(FRIDAY, 131),
        fills=Fills(1.0, 1),
    )
    assert reasons(found)[-3:] == [
        (3, "unwind", "approved"), (4, "unwind", "lapsed"), (4, "unwind", "approved"),
    ]  # fmt: skip
    assert cash(found)[-1] == 799 + 10_500 - 100 - 11_000


def test_a_call_spread_that_ends_between_its_strikes_leaves_no_shares_short() -> None:
    """Assigned at 105 with the share at 109.50, the 110 call worthless: 600 + 10,500.

    Short 100 shares ask for 2 x 10,950, so they are bought at 109.51: 149 are left.  Had they
    stood over the week-end, Monday's 120 would have cost 12,001: 901 more than there is.
    """
    found = run(
        policy(CALL_SPREAD),
        500,
        session(MONDAY, 100, (FRIDAY, CALLS)),
        session(FRIDAY, 109.50),
        session(FRIDAY + 3, 120),
    )
    assert cash(found) == [600, 149, 149]


def test_a_long_leg_meets_what_an_early_settlement_in_cash_took() -> None:
    """A call 105 is settled at 115 on the eve of an ex-date: 600 - 1,000, and its 110 pays 500.

    Kept, the 110 call may end worthless: the account would have lost twice the width.
    """
    deep = {(CALL, 105.0): (10.00, 10.20, 0.95), (CALL, 110.0): (5.00, 5.20, 0.8)}
    found = run(
        policy(CALL_SPREAD),
        500,
        session(MONDAY, 100, (FRIDAY, CALLS)),
        session(MONDAY + 1, 115, (FRIDAY, deep), known=[EX]),
        session(MONDAY + 2, 100, dividend_u=[u(1)]),
        terms=[Terms(True, False, False, 100, 10_000, 10_000, u(3))],
    )
    assert cash(found) == [600, 100, 100]
    assert reasons(found)[-1] == (1, "delivery", "approved")


def test_a_delivery_that_cash_does_not_carry_is_sold_at_once() -> None:
    """Put 95 assigned at 93: 570 - 9,500 + 100 x 92.99 = 369."""
    found = run(policy(PUT_SPREAD), 500, session(MONDAY, 100, (FRIDAY, PUTS)), session(FRIDAY, 93))
    assert cash(found) == [570, 369]
    assert reasons(found)[-1] == (1, "delivery", "approved")


def test_a_delivery_that_cash_carries_is_released_on_the_next_session() -> None:
    """One spread only (a short put's 9,500 of notional would allow 20): sold at 89.99."""
    found = run(
        policy(PUT_SPREAD, risk_per_position=0.04),
        20_000,
        session(MONDAY, 100, (FRIDAY, PUTS)),
        session(FRIDAY, 93),
        session(FRIDAY + 1, 90),
    )
    spreads = -found.log[1].quantity
    opened = 20_000 + 70 * spreads
    assert spreads == 1
    assert cash(found) == [opened, opened - 9_500, opened - 9_500 + 8_999]
    assert reasons(found)[-1] == (2, "release", "approved")


def test_t46_part_of_a_leg_is_assigned_and_the_rest_keeps_its_share() -> None:
    """Three puts 95 at 1.30; the share falls to 80, the put at 14.90 / 15.00 is under parity.

    0.5 of three is two, rounded up: 19,000 are paid, and a third of 390 stays with the leg.
    """
    deep = {(PUT, 95.0): (14.85, 15.05, -0.99), (PUT, 90.0): (9.90, 10.10, -0.9)}
    found = run(
        policy(WHEEL),
        28_700,
        session(MONDAY, 100, (FRIDAY, PUTS)),
        session(MONDAY + 1, 80, (FRIDAY, deep), rate=0.05),
        fills=Fills(1.0, 0, assigned=0.5),
    )
    assert cash(found) == [29_090, 29_090 - 19_000]
    sleeve = found.sleeves[0]
    assert (sleeve.shares, sleeve.legs["short put"].quantity) == (200, -1)
    assert sleeve.legs["short put"].opening_u == u(130)


def test_a_collar_buys_its_shares_and_ends_within_its_strikes() -> None:
    """100 shares at 100.01, put 90 at 0.60 bought, call 105 at 1.60 sold: 10,501 + 60 - 160 less.

    At 88 on Friday the put is exercised: 9,000.
    """
    found = run(
        policy(COLLAR, buy_shares=True, long_delta=0.15),
        12_000,
        session(MONDAY, 100, (FRIDAY, PUTS | CALLS)),
        session(FRIDAY, 88),
    )
    assert cash(found) == [12_000 - 10_001 - 60 + 160, 12_000 - 10_001 + 100 + 9_000]
    kinds = [(one.kind, one.quantity, one.shares) for one in found.log[1:]]
    assert kinds == [
        ("fill", 0, 100), ("fill", 1, 0), ("fill", -1, 0),
        ("assigned", -1, -100), ("expired", 1, 0),
    ]  # fmt: skip
    assert found.sleeves[0].realised_u == u(-901)
