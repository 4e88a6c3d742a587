"""What is naked, by hand from docs/session.md and docs/margin.md: closed, or into a debit."""

from parity.test_ledger import (
    CALLS,
    FRIDAY,
    MONDAY,
    PUTS,
    cash,
    policy,
    reasons,
    run,
    session,
)
from reference.given import (
    CALL,
    CALL_SPREAD,
    CASH_SECURED,
    PUT,
    REG_T,
    STRANGLE,
    Fills,
    Limits,
)
from reference.plain import Backtest


def strangled(ask: float, delay: int = 0, later: float = 0.0) -> Backtest:
    """A strangle whose call comes to ask for more than there is."""
    put = {(PUT, 95.0): (0.10, 0.20, -0.05)}
    days = [{(CALL, 105.0): (21.0, offer, 0.9)} | put for offer in (ask, later or ask)]
    return run(
        policy(STRANGLE),
        29_500,
        *[session(MONDAY - 1, 100, (FRIDAY, PUTS | CALLS), first_of_week=True)] * delay,
        session(MONDAY, 100, (FRIDAY, PUTS | CALLS), first_of_week=not delay),
        session(MONDAY + 1, 126, (FRIDAY, days[0])),
        session(MONDAY + 2, 126, (FRIDAY, days[1])),
        limits=[Limits(0.0, 10.0, 0.0, REG_T)],
        fills=Fills(1.0, delay),
    )


def test_a_strangle_is_closed_when_cash_no_longer_secures_its_call() -> None:
    """9,500 and twice 10,000 of 29,790; at 126 it is 34,700, and both legs are bought: 2,140."""
    found = strangled(21.2)
    assert cash(found) == [29_790, 29_790 - 2_120 - 20, 27_650]
    assert reasons(found)[1] == (1, "margin", "approved")


def test_no_stub_offer_takes_more_than_there_is() -> None:
    """Offered at 400: 40,000 of 29,790, refused; an order of the day before lapses there."""
    found = strangled(400.0)
    assert cash(found) == [29_790] * 3
    assert reasons(found)[1] == (1, "margin", "cash")
    found = strangled(21.2, delay=1, later=400.0)
    assert cash(found) == [29_500, 29_790, 29_790, 29_790]
    assert reasons(found)[1:3] == [(2, "margin", "approved"), (3, "margin", "cash")]


def test_a_call_that_costs_more_than_there_is_is_closed_into_a_debit() -> None:
    """The share goes from 100 to 600 overnight: the call is bought at 500, the put at 0.20.

    29,790 - 50,000 - 20 = -20,230: it is shown, and no cap has room for an entry.
    """
    sixfold = {(PUT, 95.0): (0.10, 0.20, -0.05), (CALL, 105.0): (490.0, 500.0, 0.99)}
    found = run(
        policy(STRANGLE),
        29_500,
        session(MONDAY, 100, (FRIDAY, PUTS | CALLS)),
        session(MONDAY + 1, 600, (FRIDAY, sixfold)),
        session(MONDAY + 2, 100, (FRIDAY, PUTS | CALLS), first_of_week=True),
        limits=[Limits(0.0, 10.0, 0.0, REG_T)],
    )
    assert cash(found) == [29_790, -20_230, -20_230]
    assert reasons(found)[1:] == [(1, "margin", "approved"), (2, "entry", "risk")]
    assert [one[0] / 1e6 for one in found.equity_u[1:]] == [-20_230, -20_230]


def short_over_the_weekend(collateral: int) -> Backtest:
    """A call spread that ends between its strikes at 107, and opens at 600 after the week-end."""
    return run(
        policy(CALL_SPREAD, per_underlying=0.05),
        11_000,
        session(MONDAY, 100, (FRIDAY, CALLS)),
        session(FRIDAY, 107),
        session(FRIDAY + 3, 600),
        limits=[Limits(0.0, 10.0, 0.0, collateral)],
    )


def test_no_cash_account_stays_short_of_shares_overnight() -> None:
    """11,100 + 10,500 secure twice 10,700; yet they are bought at 107.01 at once, not at 600."""
    found = short_over_the_weekend(CASH_SECURED)
    assert cash(found) == [11_100, 21_600 - 10_701, 10_899]
    assert reasons(found)[-1] == (1, "delivery", "approved")


def test_a_margin_account_may_stay_short_of_shares_and_shows_what_that_costs() -> None:
    """Bought at 600.01 on Monday: 21,600 - 60,001."""
    found = short_over_the_weekend(REG_T)
    assert cash(found) == [11_100, 21_600, 21_600 - 60_001]
    assert reasons(found)[-1] == (2, "unwind", "approved")


def test_cash_secured_collateral_has_no_naked_calls() -> None:
    found = run(policy(STRANGLE), 90_000, session(MONDAY, 100, (FRIDAY, PUTS | CALLS)))
    assert reasons(found) == [(0, "entry", "naked")]
