"""The session loop: orders, fills, delays; docs/session.md, Order of a session and Fills."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from markets import call, market, put
from runs import ran, setup_of, told
from underwriter.core.chain import Market
from underwriter.core.policy import CASH_SECURED_PUT
from underwriter.sim import backtest
from underwriter.sim.backtest import Seat, fills_of, under

PUT_95 = put(95, 1.30, 1.40)
TWO_DAYS = [PUT_95, put(95, 1.10, 1.20, session=1)]
FALLING = market(TWO_DAYS, closes=[100, 101])
ONE = {"deposit": 10_000.0}


def story(quoted: Market = FALLING, **what: Any) -> list[str]:  # noqa: ANN401  what `ran` takes
    """The lines of a run without its deposit."""
    return told(ran(quoted, **(ONE | what)).lines)[1:]


# --- decisions become fills ---


def test_without_delay_an_order_fills_on_the_quotes_it_was_decided_on() -> None:
    assert story() == ["0 #0 open -1 P95: approved", "0 #0 fill -1 P95 +135.00 @ 1.35"]


def test_t83_with_delay_it_fills_on_the_next_session() -> None:
    assert story(model=(0.0, 1)) == [
        "0 #0 open -1 P95: approved",
        "1 #0 fill -1 P95 +115.00 @ 1.15",
    ]


def test_t84_a_sale_pays_its_share_of_the_half_spread() -> None:
    assert story(model=(1.0, 0))[1] == "0 #0 fill -1 P95 +130.00 @ 1.3"


def test_an_order_of_the_last_session_never_fills() -> None:
    quoted = market([PUT_95])
    assert story(quoted, model=(0.0, 1)) == ["0 #0 open -1 P95: approved"]


@pytest.mark.parametrize(
    "second", [[], [put(95, 0.0, 1.2, session=1)], [put(95, 1.3, 1.2, session=1)]],
    ids=["no row", "no bid", "crossed"],
)  # fmt: skip
def test_t29_without_a_quote_there_is_no_fill(second: list) -> None:
    quoted = market([TWO_DAYS[0], *second], closes=[100, 100])
    found = story(quoted, model=(0.0, 1), rules=[{"daily": [0]}])
    assert found[1:] == ["1 #0 open -1 P95: no_quote"]


def test_fees_of_a_sale_are_by_the_contract_and_on_the_money() -> None:
    """2 * 0.65 + 27.80 a million of 270 = 1.3075, up to the cent."""
    costs = {"option_sell_u": 0.65, "option_buy_u": 9.0, "option_sell_rate": 27.8e-6}
    found = story(deposit=19_500, costs=costs)
    assert found[1] == "0 #0 fill -2 P95 +270.00 fee 1.31 @ 1.35"


def test_fees_of_a_purchase_are_by_the_contract_alone() -> None:
    costs = {"option_buy_u": 0.651, "option_sell_rate": 0.5}
    found = story(rules=[{"exit_dte": 60}], costs=costs)
    assert found[-1] == "1 #0 fill 1 P95 -115.00 fee 0.66 @ 1.15"


def test_a_profit_is_taken_by_a_purchase_at_the_touch() -> None:
    """Sold at 1.30; at 1.20 a twentieth is earned, 0.95 * 130 = 123.50, and not a tenth, 117."""
    assert story(rules=[{"take_profit": 0.1}], model=(1.0, 0))[2:] == []
    found = story(rules=[{"take_profit": 0.05}], model=(1.0, 0))
    assert found[2:] == ["1 #0 close 1 P95: approved", "1 #0 fill 1 P95 -120.00 @ 1.2"]


# --- the order of things ---


def test_each_account_is_opened_first_with_its_starting_cash() -> None:
    quoted = market([PUT_95], bars={(0, 0): {"dividend": 1.0}})
    found = ran(quoted, seats=[Seat(0, 0, 0), Seat(1, 0, 0)], deposit=9_500)
    lines = told(found.lines)
    assert lines[:2] == ["0 deposit +9500.00", "0 deposit +9500.00"]
    assert not [line for line in lines if "interest" in line or "dividend" in line]


def test_orders_fill_in_the_order_of_their_sleeves_not_of_their_scores() -> None:
    crash = {"stresses": 1, "stress_spot": [-0.2], "stress_vol": [1.0], "per_underlying": 0.5}
    quotes = [PUT_95, put(95, 2.60, 2.70, underlying=1)]
    quoted = market(quotes, closes=[[100.0, 100.0]], terms=[{}, {}])
    seats = [Seat(0, 0, 0), Seat(0, 1, 0)]
    found = story(quoted, seats=seats, rules=[crash], deposit=20_000)
    assert [line[:9] for line in found] == ["0 #0 open", "0 #1 open", "0 #0 fill", "0 #1 fill"]


def test_the_world_comes_before_the_decision_and_after_it() -> None:
    """Bought by assignment on Friday; on Monday interest, the dividend, then the call."""
    quoted = market(
        [put(100, 2.0, 2.1, expiry=4), call(100, 3.0, 3.1, session=2, expiry=30)],
        closes=[100, 95, 97],
        days=[0, 4, 7],
        sessions={"rate": [0.0, 0.0365, 0.0]},
        bars={(2, 0): {"dividend": 0.5}},
    )
    assert story(quoted, deposit=110_000) == [
        "0 #0 open -11 P100: approved",
        "0 #0 fill -11 P100 +2255.00 @ 2.05",
        "1 #0 assigned 11 P100 +1100 shares -110000.00 @ 95",
        "2 interest +0.68",  # 2,255 * 3.65% * 3 / 365
        "2 #0 dividend +550.00 @ 0.5",
        "2 #0 open -11 C100: approved",
        "2 #0 fill -11 C100 +3355.00 @ 3.05",
    ]


def test_a_morning_settlement_frees_the_sleeve_for_the_same_session() -> None:
    quoted = market(
        [put(95, 1.3, 1.4, expiry=1), put(90, 1.3, 1.4, session=1)],
        closes=[100, 90],
        bars={(1, 0): {"open": 94.0}},
        terms=[{"physical": 0, "american": 0, "morning": 1}],
    )
    assert story(quoted)[2:] == [
        "1 #0 settled 1 P95 -100.00 @ 94",
        "1 #0 open -1 P90: approved",
        "1 #0 fill -1 P90 +135.00 @ 1.35",
    ]


def test_the_first_session_settles_and_pays_nothing_else() -> None:
    quoted = market(closes=[100, 100], days=[0, 10], sessions={"rate": [0.0, 0.05]})
    assert story(quoted, rules=[{"daily": [0]}]) == [f"{at} #0 hold: no_candidate" for at in (0, 1)]


# --- lapses ---


def test_t47_a_buy_back_lapses_when_its_put_has_ended() -> None:
    """Sold on day 1, its last; the order to buy it back is a day late."""
    quotes = [put(95, 1.3, 1.4, expiry=1), put(95, 1.3, 1.4, expiry=1, session=1)]
    quoted = market(quotes, closes=[100, 100, 100])
    found = story(quoted, model=(0.0, 1), rules=[{"exit_dte": 60, "daily": [0]}])
    assert found == [
        "0 #0 open -1 P95: approved",
        "1 #0 fill -1 P95 +135.00 @ 1.35",
        "1 #0 close 1 P95: approved",
        "1 #0 expired 1 P95 @ 100",
        "2 #0 close 1 P95: lapsed",
    ]


def test_t24_a_close_that_finds_no_fill_leaves_the_position_and_is_asked_again() -> None:
    """Nobody quotes it on the third session; its strike stays secured until it is bought back."""
    again = [put(95, 1.1, 1.2, session=at) for at in (1, 3, 4)]
    what: dict = {"model": (0.0, 1), "rules": [{"exit_dte": 60, "daily": [0]}]}
    found = story(market([PUT_95, *again], closes=[100] * 5), **what)
    assert found[2:] == [
        "1 #0 close 1 P95: approved",
        "2 #0 close 1 P95: no_quote",  # the order of the day before
        "2 #0 close 1 P95: no_quote",  # and today's wish
        "3 #0 close 1 P95: approved",
        "4 #0 fill 1 P95 -115.00 @ 1.15",
    ]
    unfilled = ran(market([PUT_95, again[0]], closes=[100] * 3), **ONE, **what).book
    assert unfilled.accounts[0].reserved_u == 9_500_000_000
    assert unfilled.sleeves[0].legs == 1


# --- ends ---


@pytest.mark.parametrize(
    ("bid", "ask", "fill"), [(3.95, 4.05, 4.00), (11.90, 12.10, 12.00), (3.94, 4.04, 0.0)]
)
def test_t28_a_stop_fires_at_what_is_quoted_when_it_is_seen(
    bid: float, ask: float, fill: float
) -> None:
    """Sold for 135: twice that is lost at an ask of 4.05, and more where the market has jumped."""
    quoted = market([PUT_95, put(95, bid, ask, session=1)], closes=[100, 94])
    expected = ["1 #0 close 1 P95: approved", f"1 #0 fill 1 P95 {-100 * fill:.2f} @ {fill:g}"]
    assert story(quoted, rules=[{"stop": 2.0, "daily": [0]}])[2:] == (expected if fill else [])


def test_t48_what_expires_worthless_secures_nothing_and_its_cash_serves_again() -> None:
    quotes = [put(95, 1.3, 1.4, expiry=4), put(95, 1.3, 1.4, session=2)]
    quoted = market(quotes, closes=[100, 100, 100], days=[0, 4, 7])
    assert story(quoted, deposit=9_500)[2:] == [
        "1 #0 expired 1 P95 @ 100",
        "2 #0 open -1 P95: approved",
        "2 #0 fill -1 P95 +135.00 @ 1.35",
    ]
    until = market(quotes[:1], closes=[100, 100], days=[0, 4])
    state = ran(until, deposit=9_500).book
    assert (state.accounts[0].reserved_u, state.accounts[0].puts_u) == (0, 0)
    assert (state.sleeves[0].legs, state.exposure_u.tolist()) == (0, [[0]])


# --- splits: AAPL, June 2014, 7:1 ---

TERM = {"expiry": 12, "iv": 0.25}
BEFORE = put(630, 12.0, 12.2, **TERM)
AFTER = put(90, 1.7, 1.74, session=1, **TERM)
NINTH = {(1, 0): {"split": 7}}
SPLITTING = market([BEFORE, AFTER], closes=[645.57, 93.70, 80.0], days=[4, 7, 12], bars=NINTH)
RICH = {"deposit": 63_000.0}


def test_t61_a_position_goes_through_a_split_as_if_there_were_none() -> None:
    """Sold at 12.10 on 630; 7 puts of 90 are bought back at the same money: 7 * 172 = 1,204."""
    assert story(SPLITTING, **RICH, rules=[{"daily": [0]}]) == [
        "0 #0 open -1 P630: approved",
        "0 #0 fill -1 P630 +1210.00 @ 12.1",
        "1 #0 split -6 P90",
        "2 #0 assigned 7 P90 +700 shares -63000.00 @ 80",
    ]


def test_t88_no_evening_sees_a_split() -> None:
    """64,210 less the put: 1,210 before, 7 * 172 after; strikes reserved are the same 63,000."""
    found = ran(SPLITTING, **RICH, rules=[{"daily": [0]}])
    assert found.curve.equity_u[:2, 0].tolist() == [63_000_000_000, 63_006_000_000]
    assert found.book.accounts[0].reserved_u == 0
    until = market([BEFORE, AFTER], closes=[645.57, 93.70], days=[4, 7], bars=NINTH)
    account = ran(until, **RICH, rules=[{"daily": [0]}]).book.accounts[0]
    assert account.reserved_u == 63_000_000_000


@pytest.mark.parametrize(("ask", "taken"), [(0.86, True), (0.87, False)])
def test_a_profit_is_measured_on_the_whole_leg_after_a_split(ask: float, *, taken: bool) -> None:
    """Half of the 1,210 received is 605: 7 * 86 = 602, 7 * 87 = 609."""
    cheap = put(90, 0.80, ask, session=1, **TERM)
    quoted = market([BEFORE, cheap], closes=[645.57, 93.70], days=[4, 7], bars=NINTH)
    found = story(quoted, **RICH, rules=[{"take_profit": 0.5, "daily": [0]}])
    assert ("1 #0 close 7 P90: approved" in found) == taken


def test_orders_of_the_evening_before_a_split_lapse() -> None:
    """The put that was to be sold at 630 is 90 now, and what is quoted as 630 is another."""
    again = put(630, 540.0, 541.0, session=1, delta=-1.0, **TERM)
    quoted = market([BEFORE, AFTER, again], closes=[645.57, 93.70], days=[4, 7], bars=NINTH)
    assert story(quoted, **RICH, model=(0.0, 1)) == [
        "0 #0 open -1 P630: approved",
        "1 #0 open -1 P630: lapsed",
        "1 #0 open -7 P90: approved",
    ]


def test_an_order_to_sell_shares_lapses_in_a_split_too() -> None:
    quoted = market(
        [put(100, 2.0, 2.1, expiry=1)], closes=[100, 95, 96, 48, 48], bars={(3, 0): {"split": 2}}
    )
    rules = [{"strategy": CASH_SECURED_PUT, "daily": [0]}]
    assert story(quoted, rules=rules, model=(0.0, 0))[3:] == [
        "2 #0 shares -100 shares: approved",
        "2 #0 fill -100 shares +9599.00 @ 95.99",
    ]
    twice = market(
        [put(100, 2.0, 2.1, expiry=2), put(100, 2.0, 2.1, session=1, expiry=2)],
        closes=[100, 100, 95, 96, 48, 48], bars={(4, 0): {"split": 2}},
    )  # fmt: skip
    assert story(twice, rules=rules, model=(0.0, 1))[3:] == [
        "3 #0 shares -100 shares: approved",
        "4 #0 split +100 shares",
        "4 #0 shares -100 shares: lapsed",
        "4 #0 shares -200 shares: approved",
        "5 #0 fill -200 shares +9598.00 @ 47.99",
    ]


def test_orders_on_an_underlying_that_does_not_split_fill() -> None:
    bars = {(1, 1): {"split": 7}}
    quoted = market(TWO_DAYS, closes=[[100, 7], [101, 1]], bars=bars, terms=[{}, {}])
    assert "1 #0 fill -1 P95 +115.00 @ 1.15" in story(quoted, model=(0.0, 1))


def test_a_split_comes_before_the_dividend_and_the_settlement_of_its_morning() -> None:
    """A dividend is a share of its own day; an option settles at the price of its own day."""
    bars = {(2, 0): {"split": 2, "dividend": 0.5}}
    quoted = market([put(100, 2.0, 2.1, expiry=1)], closes=[100, 95, 48], bars=bars)
    assert story(quoted, rules=[{"daily": [0]}])[3:] == [
        "2 #0 split +100 shares",
        "2 #0 dividend +100.00 @ 0.5",
    ]
    terms = [{"physical": 0, "american": 0, "morning": 1}]
    bars = {(1, 0): {"split": 2, "open": 47.0}}
    quoted = market([put(95, 1.3, 1.4, expiry=1)], closes=[100, 48], bars=bars, terms=terms)
    assert story(quoted, rules=[{"daily": [0]}])[2:4] == [
        "1 #0 split -1 P47.5",
        "1 #0 settled 2 P47.5 -100.00 @ 47",
    ]


def test_a_policy_that_is_no_wheel_sells_assigned_shares_the_day_after() -> None:
    quoted = market([put(100, 2.0, 2.1, expiry=1)], closes=[100, 95, 97])
    rules = [{"strategy": CASH_SECURED_PUT, "daily": [0]}]
    assert story(quoted, rules=rules)[2:] == [
        "1 #0 assigned 1 P100 +100 shares -10000.00 @ 95",
        "2 #0 shares -100 shares: approved",
        "2 #0 fill -100 shares +9699.00 @ 96.99",
    ]


# --- what is kept of a run ---


def test_the_curve_is_every_evenings_money() -> None:
    """Sold at the bid of 1.30 and marked at mids of 1.35 and 1.15."""
    found = ran(FALLING, model=(1.0, 0), deposit=10_000)
    assert found.curve.cash_u[:, 0].tolist() == [10_130_000_000, 10_130_000_000]
    assert found.curve.equity_u[:, 0].tolist() == [9_995_000_000, 10_015_000_000]
    assert found.curve.shares_u[:, 0].tolist() == [0, 0]


def test_the_curve_has_the_value_of_shares_apart() -> None:
    quoted = market([put(100, 2.0, 2.1, expiry=1)], closes=[100, 95, 97])
    found = ran(quoted, deposit=10_000)
    assert found.curve.shares_u[:, 0].tolist() == [0, 9_500_000_000, 9_700_000_000]
    assert found.curve.equity_u[2, 0] == 9_905_000_000


def test_the_curve_has_every_regime() -> None:
    """Edge 20: kept, in force, sessions that asked."""
    two = {"bands": 1, "edge": [20.0], "delta": [0.25, 0.0], "size_factor": [1.0, 1.0]}
    quoted = market(closes=[100] * 4, sessions={"measure": [15, 21, np.nan, 15]})
    found = ran(quoted, rules=[two])
    assert found.curve.regimes[:, 0, 0].tolist() == [[0, 0, 0], [0, 0, 1], [0, 1, 0], [0, 0, 0]]


def test_a_run_of_more_lines_than_guessed_is_the_same_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight sleeves write a deposit, eight decisions and eight fills on one session."""
    quoted = market([PUT_95])
    one_each = {"stresses": 1, "stress_spot": [-0.2], "stress_vol": [1.0]}
    one_each |= {"risk_per_position": 0.015}
    what = {"seats": [Seat(0, 0, at) for at in range(8)], "rules": [one_each] * 8}
    once = ran(quoted, **what)
    assert once.lines.shape[0] == 17 > backtest._LINES_A_SESSION + 8
    monkeypatch.setattr(backtest, "_LINES_A_SESSION", 100)
    again = ran(quoted, **what)
    assert told(once.lines) == told(again.lines)
    for one, other in zip((*once.curve, *once.book), (*again.curve, *again.book), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_setup_under_another_fill_model_differs_in_nothing_else() -> None:
    first = dataclasses.replace(setup_of(1), fills=fills_of(0.0, 0, (1.0, 0.5, 0.25, 0.125), 0.1))
    other = under(first, 0.5, 1)
    assert (other.fills.half_spread, other.fills.delay) == (0.5, 1)
    assert (other.fills.combo.tolist(), other.fills.assigned) == ([1.0, 0.5, 0.25, 0.125], 0.1)
    assert dataclasses.replace(other, fills=first.fills) == first
