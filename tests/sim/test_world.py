"""Interest, dividends, expiry and assignment; docs/session.md, Order of a session, Settlement."""

from typing import Any

import pytest

from markets import account, book, call, fills, holding, key, market, put
from runs import a_log, schedule, written
from underwriter.core.chain import Market
from underwriter.core.contract import CALL
from underwriter.core.sleeve import LONG_CALL, LONG_PUT, SHORT_CALL, SHORT_PUT
from underwriter.core.units import to_u
from underwriter.sim.world import (
    pay_dividends,
    pay_interest,
    settle,
    settle_evening,
    settle_morning,
    split_all,
)

CALL_100 = key(100, right=CALL)
SHORT_P95 = holding(SHORT_PUT, key(95), -2)

# --- interest and dividends ---


def interest(cash: float, *, days: tuple[int, int] = (4, 7), rate: float = 0.0365) -> list[str]:
    """What an account is paid on the second of two sessions."""
    quoted = market(closes=[100, 100], days=days, sessions={"rate": [rate, 0.99]})
    log = a_log()
    pay_interest(book(cash=cash), quoted, 1, log)
    return written(log)


def test_cash_earns_last_sessions_rate_for_the_days_since() -> None:
    """100,000 * 3.65% * 3 / 365 over a weekend."""
    assert interest(100_000) == ["1 interest +30.00"]


@pytest.mark.parametrize("cash", [0.0, -100_000.0])
def test_debt_and_no_cash_earn_nothing(cash: float) -> None:
    assert interest(cash) == []


def test_interest_that_rounds_to_nothing_is_not_booked() -> None:
    assert interest(100_000, rate=0.0) == []
    assert interest(0.000_364, days=(0, 1), rate=0.5) == []  # 0.4986 millionths


def test_interest_is_rounded_to_the_nearest_millionth() -> None:
    """1,095 millionths * 50% / 365 = 1.5."""
    state, log = book(cash=0.001_095), a_log()
    pay_interest(state, market(closes=[1, 1], sessions={"rate": [0.5, 0.5]}), 1, log)
    assert state.accounts[0].cash_u == 1_097


def test_shares_receive_the_dividend_on_its_ex_date() -> None:
    quoted = market(closes=[100, 100], bars={(1, 0): {"dividend": 0.485}})
    state, log = book({"shares": 300}, {}, {"shares": 100}, cash=0), a_log()
    pay_dividends(state, quoted, 0, log)
    pay_dividends(state, quoted, 1, log)
    expected = ["1 #0 dividend +145.50 @ 0.485", "1 #2 dividend +48.50 @ 0.485"]
    assert written(log) == expected
    assert state.accounts[0].cash_u == 194_000_000


# --- splits ---


def test_t61_legs_and_then_shares_split_sleeve_by_sleeve() -> None:
    """AAPL, June 2014: 7:1."""
    covered = {"shares": 200} | holding(SHORT_CALL, key(650, right=CALL), -2)
    both = {"contract": [key(600), key(580)], "quantity": [-1, 1], "legs": 2}
    other = {"underlying": 1} | holding(SHORT_PUT, key(600, underlying=1), -1)
    quoted = market(closes=[[645, 9], [93, 9]], bars={(1, 0): {"split": 7}}, terms=[{}, {}])
    state, log = book(covered, both, {}, other), a_log()
    split_all(state, quoted, 0, log)
    assert written(log) == []
    split_all(state, quoted, 1, log)
    assert written(log) == [
        "1 #0 split -12 C92.86",
        "1 #0 split +1200 shares",
        "1 #1 split -6 P85.71",
        "1 #1 split 6 P82.86",
    ]
    assert [int(one.quantity[SHORT_PUT]) for one in state.sleeves] == [0, -7, 0, -1]
    assert (state.sleeves[0].shares, state.accounts[0].cash_u) == (1_400, 100_000_000_000)


# --- expiry ---


def settled(held: dict, price: float, terms: dict | None = None, **fees: float) -> list[str]:
    """What becomes of a sleeve's leg that ends at a price."""
    slot = next(at for at, quantity in enumerate(held["quantity"]) if quantity)
    log = a_log()
    quoted = market(terms=[terms or {}])
    settle(book(held), 0, slot, quoted, 0, to_u(price), schedule(1, **fees), log)
    return written(log)


@pytest.mark.parametrize(
    ("price", "outcome"),
    [
        (94.99, "assigned 2 P95 +200 shares -19000.00 @ 94.99"),
        (94.995, "expired 2 P95 @ 94.995"),
        (95.00, "expired 2 P95 @ 95"),
        (120.0, "expired 2 P95 @ 120"),
    ],
)
def test_one_cent_in_the_money_is_exercised(price: float, outcome: str) -> None:
    """OCC's exercise by exception, DOMAIN 2.1."""
    assert settled(SHORT_P95, price) == [f"0 #0 {outcome}"]


@pytest.mark.parametrize(
    ("slot", "right", "quantity", "price", "outcome"),
    [
        (SHORT_PUT, 0, -2, 90, "assigned 2 P100 +200 shares -20000.00 @ 90"),
        (LONG_PUT, 0, 2, 90, "assigned -2 P100 -200 shares +20000.00 @ 90"),
        (SHORT_CALL, 1, -2, 110, "assigned 2 C100 -200 shares +20000.00 @ 110"),
        (LONG_CALL, 1, 2, 110, "assigned -2 C100 +200 shares -20000.00 @ 110"),
    ],
)
def test_t51_shares_move_at_the_strike(
    slot: int, right: int, quantity: int, price: float, outcome: str
) -> None:
    held = holding(slot, key(100, right=right), quantity)
    assert settled(held, price) == [f"0 #0 {outcome}"]


@pytest.mark.parametrize(
    ("slot", "quantity", "outcome"),
    [(SHORT_PUT, -2, "settled 2 P100 -2000.00"), (LONG_PUT, 3, "settled -3 P100 +3000.00")],
)
def test_t51_a_cash_settled_option_pays_its_intrinsic_value_and_no_fee(
    slot: int, quantity: int, outcome: str
) -> None:
    held = holding(slot, key(100), quantity)
    fees = {"assign_u": 5.0, "stock_sell_rate": 0.01}
    assert settled(held, 90, {"physical": 0}, **fees) == [f"0 #0 {outcome} @ 90"]


# at the close of 90 two puts of 95 are worth 1,000; their last quote, of 12.10, says 2,420
@pytest.mark.parametrize(
    ("terms", "outcome"),
    [
        ({"physical": 0}, "settled 2 P95 -1000.00 @ 90"),
        ({"physical": 1}, "assigned 2 P95 +200 shares -19000.00 @ 90"),
    ],
)
def test_t50_a_leg_ends_at_intrinsic_whatever_is_quoted(terms: dict, outcome: str) -> None:
    quoted = market([put(95, 12.0, 12.2)], closes=[90], days=[30], terms=[terms])
    assert evening(quoted, SHORT_P95) == [f"0 #0 {outcome}"]


@pytest.mark.parametrize(
    ("slot", "contract", "price", "fee"),
    [
        (SHORT_PUT, key(100), 90, "0.37"),  # 3 * 0.123 = 0.369
        (SHORT_CALL, CALL_100, 110, "1.21"),  # and 27.80 a million of 30,000 = 0.834 -> 0.84
    ],
)
def test_an_assignment_costs_its_fee_and_where_shares_are_sold_theirs(
    slot: int, contract: int, price: float, fee: str
) -> None:
    held = holding(slot, contract, -3)
    (line,) = settled(held, price, assign_u=0.123, stock_sell_rate=27.8e-6)
    assert f" fee {fee} " in line


# --- when ---


def evening(quoted: Market, *held: dict, session: int = 0) -> list[str]:
    """What an evening brings."""
    log = a_log()
    settle_evening(book(*held), quoted, session, fills(), schedule(9), log)
    return written(log)


def test_legs_end_at_the_close_of_their_last_day() -> None:
    quoted = market(closes=[90, 91, 92], days=[29, 30, 31])
    assert evening(quoted, SHORT_P95, session=0) == []
    outcome = "#0 assigned 2 P95 +200 shares -19000.00"
    assert evening(quoted, SHORT_P95, session=1) == [f"1 {outcome} @ 91"]


def test_t35_a_leg_whose_last_day_was_no_session_ends_on_the_next() -> None:
    quoted = market(closes=[90, 92], days=[29, 32])
    outcome = "#0 assigned 2 P95 +200 shares -19000.00"
    assert evening(quoted, SHORT_P95, session=1) == [f"1 {outcome} @ 92"]


def test_legs_end_sleeve_by_sleeve_in_the_order_of_their_slots() -> None:
    both = holding(SHORT_CALL, key(105, right=CALL), -1)
    both |= {"contract": [key(95), 0, key(105, right=CALL)], "quantity": [-1, 0, -1], "legs": 2}
    found = evening(market(closes=[90], days=[30]), both, {}, SHORT_P95)
    assert found == [
        "0 #0 assigned 1 P95 +100 shares -9500.00 @ 90",
        "0 #0 expired 1 C105 @ 90",
        "0 #2 assigned 2 P95 +200 shares -19000.00 @ 90",
    ]


AM = {"physical": 0, "american": 0, "morning": 1}


def morning(opens: float, day: int) -> list[str]:
    """What a morning brings to puts of 95, the close at 90."""
    bars = {(0, 0): {"open": opens}} if opens else {}
    quoted = market(closes=[90], days=[day], bars=bars, terms=[AM])
    log = a_log()
    settle_morning(book(SHORT_P95), quoted, 0, schedule(1), log)
    return written(log)


@pytest.mark.parametrize("day", [30, 31])
def test_t41_a_morning_settled_leg_ends_at_the_open(day: int) -> None:
    """Of its last day, or of the next session where that was none."""
    assert morning(93.0, day) == ["0 #0 settled 2 P95 -400.00 @ 93"]


def test_at_the_close_where_no_open_is_known() -> None:
    assert morning(0.0, 30) == ["0 #0 settled 2 P95 -1000.00 @ 90"]


def test_not_before_its_last_day() -> None:
    assert morning(93.0, 29) == []


def test_the_evening_leaves_it_alone() -> None:
    assert evening(market(closes=[90], days=[30], terms=[AM]), SHORT_P95) == []


def test_the_morning_leaves_others_alone() -> None:
    log = a_log()
    quoted = market(closes=[90], days=[30], bars={(0, 0): {"open": 93.0}})
    settle_morning(book(SHORT_P95), quoted, 0, schedule(1), log)
    assert written(log) == []


# --- early assignment of calls: C = 5.15, S = 105, K = 100, extrinsic 0.15 (DOMAIN 2.1) ---

COVERED = {"shares": 100} | holding(SHORT_CALL, CALL_100, -1)
TAKEN = ["0 #0 assigned 1 C100 -100 shares +10000.00 @ 105"]
C_515 = call(100, 5.14, 5.16)


def before_ex_date(
    quote: dict = C_515,
    *,
    dividend: float = 0.40,
    held: dict = COVERED,
    **changes: Any,  # noqa: ANN401
) -> list[str]:
    """What happens to a call on the evening before an ex-date."""
    given = {"closes": [105, 105], "bars": {(1, 0): {"dividend": dividend}}} | changes
    return evening(market([quote], **given), held)


@pytest.mark.parametrize(
    ("dividend", "outcome"), [(0.40, TAKEN), (0.150001, TAKEN), (0.15, []), (0.0, [])]
)
def test_t53_a_call_is_assigned_when_the_dividend_exceeds_its_extrinsic_value(
    dividend: float, outcome: list[str]
) -> None:
    assert before_ex_date(dividend=dividend) == outcome


def test_a_call_at_the_money_is_not() -> None:
    quote = call(100, 0.0, 0.2)
    assert before_ex_date(quote, closes=[100, 100]) == []
    (line,) = before_ex_date(quote, closes=[100.005, 100.0])  # any intrinsic value does
    assert line.endswith("@ 100.005")


def test_a_call_is_not_assigned_for_a_dividend_after_the_next_session() -> None:
    assert before_ex_date(closes=[105] * 3, bars={(2, 0): {"dividend": 0.40}}) == []
    assert before_ex_date(closes=[105] * 3, bars={(1, 0): {"dividend": 0.40}}) == TAKEN


@pytest.mark.parametrize(("times", "outcome"), [(2, TAKEN), (1, [])], ids=str)
def test_a_dividend_after_a_split_is_paid_on_more_shares(times: int, outcome: list[str]) -> None:
    """0.08 a share is 0.16 for two: more than the 0.15 of extrinsic value."""
    found = before_ex_date(bars={(1, 0): {"dividend": 0.08, "split": times}})
    assert found == outcome


def test_a_call_is_not_assigned_for_a_dividend_beyond_the_slab() -> None:
    assert before_ex_date(closes=[105], bars={}) == []


def test_a_european_call_is_not_assigned_early() -> None:
    assert before_ex_date(terms=[{"american": 0}]) == []


def test_an_unquoted_call_is_not_assigned_early() -> None:
    assert before_ex_date(call(90, 15.0, 15.1)) == []
    assert before_ex_date(call(100, 0.0, 0.0)) == []


def test_a_call_of_our_own_is_not_exercised_early() -> None:
    assert before_ex_date(held=holding(LONG_CALL, CALL_100, 1)) == []


def test_t87_a_cash_settled_american_call_pays_its_intrinsic_value() -> None:
    assert before_ex_date(terms=[{"physical": 0}]) == ["0 #0 settled 1 C100 -500.00 @ 105"]


# --- early assignment of puts: 4%, 30 days, K = 100: 100 (1 - exp(-rT)) = 0.328 (DOMAIN 2.1) ---

DEEP = holding(SHORT_PUT, key(100), -3)
PUT_IN = ["0 #0 assigned 3 P100 +300 shares -30000.00 @ 80"]


def deep_put(
    mid: float,
    dividends: dict[int, float] | None = None,
    close: float = 80,
    splits: dict[int, int] | None = None,
) -> list[str]:
    """What happens to three puts of 100 quoted at a mid; dividends and splits by session."""
    bars: dict = {(at, 0): {"dividend": amount} for at, amount in (dividends or {}).items()}
    for at, times in (splits or {}).items():
        bars.setdefault((at, 0), {})["split"] = times
    days = [0, 10, 30, 31]
    quoted = market(
        [put(100, mid - 0.02, mid + 0.02)],
        closes=[close] * 4,
        days=days,
        bars=bars,
        sessions={"rate": [0.04] * 4},
    )
    return evening(quoted, DEEP)


@pytest.mark.parametrize(("mid", "outcome"), [(20.32, PUT_IN), (20.33, [])])
def test_t87_a_put_is_assigned_when_interest_exceeds_its_extrinsic_value(
    mid: float, outcome: list[str]
) -> None:
    assert deep_put(mid) == outcome


@pytest.mark.parametrize(
    ("mid", "dividends", "outcome"),
    [
        pytest.param(20.22, {1: 0.10}, PUT_IN, id="one ahead, 0.22 + 0.10"),
        pytest.param(20.23, {1: 0.10}, [], id="one ahead, 0.23 + 0.10"),
        pytest.param(20.13, {1: 0.10, 2: 0.10}, [], id="the last on the day of expiry"),
        pytest.param(20.32, {0: 0.10, 3: 0.10}, PUT_IN, id="today's and one after expiry"),
    ],
)
def test_a_put_waits_for_the_dividends_before_its_expiry(
    mid: float, dividends: dict[int, float], outcome: list[str]
) -> None:
    assert deep_put(mid, dividends) == outcome


@pytest.mark.parametrize(
    ("mid", "splits", "outcome"),
    [
        pytest.param(20.21, {1: 2}, PUT_IN, id="0.21 + 2 * 0.05, split before"),
        pytest.param(20.23, {2: 2}, [], id="0.23 + 2 * 0.05, split on the ex-date"),
        pytest.param(20.18, {1: 2, 2: 2}, [], id="0.18 + 4 * 0.05, twice"),
        pytest.param(20.27, {0: 2, 3: 2}, PUT_IN, id="0.27 + 0.05: past, and after the ex-date"),
    ],
)
def test_a_dividend_ahead_counts_for_every_share_that_will_receive_it(
    mid: float, splits: dict[int, int], outcome: list[str]
) -> None:
    assert deep_put(mid, {2: 0.05}, splits=splits) == outcome


def test_any_intrinsic_value_is_enough_for_a_put() -> None:
    """0.005 in the money and 0.195 of extrinsic value, under 0.328; at the money there is none."""
    (line,) = deep_put(0.20, close=99.995)
    assert line.endswith("@ 99.995")
    assert deep_put(0.20, close=100.0) == []


def test_t56_an_assignment_may_take_more_cash_than_there_is() -> None:
    state, log = book(SHORT_P95, cash=10_000), a_log()
    settle_evening(state, market(closes=[90], days=[30]), 0, fills(), schedule(1), log)
    assert state.accounts[0].cash_u == account(cash=-9_000).cash_u
