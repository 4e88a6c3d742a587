"""What a book is worth; docs/session.md, Marking."""

import pytest

from markets import book, call, holding, key, limits, market, put
from underwriter.core.chain import NO_ROW, Market
from underwriter.core.contract import CALL
from underwriter.core.marking import mark, mark_u, modelled_mark_u
from underwriter.core.sleeve import LONG_CALL, SHORT_CALL, SHORT_PUT


def modelled(quoted: Market, contract: int) -> float:
    """A contract's modelled value in dollars on the first session."""
    value_u = modelled_mark_u(quoted.quotes, quoted.bars[0, 0], quoted.sessions[0], contract)
    return value_u / 1e6


def marked(quote: dict, *, row: int = 0) -> float:
    """The mark of a quote's contract in dollars, with the close at 90."""
    quoted = market([quote], closes=[90.0])
    contract = int(quoted.quotes[0].contract)
    return mark_u(quoted.quotes, quoted.bars[0, 0], quoted.sessions[0], contract, row) / 1e6


# --- quoted ---


@pytest.mark.parametrize(
    ("bid", "ask", "value"), [(5.30, 5.40, 5.35), (0.0, 5.0, 2.5), (1.0, 1.0, 1.0)]
)
def test_a_two_sided_quote_is_marked_at_its_mid(bid: float, ask: float, value: float) -> None:
    """Even under intrinsic, and without a bid."""
    assert marked(put(95, bid, ask)) == value


@pytest.mark.parametrize(("bid", "ask"), [(1.1, 1.0), (0.0, 0.0), (-0.1, 1.0)])
def test_t29_a_quote_that_is_not_two_sided_marks_nothing(bid: float, ask: float) -> None:
    """Without volatility the model says the forward's intrinsic, at 100 nothing: 95 - 90."""
    assert marked(put(95, bid, ask, iv=0.0)) == 5.0


def test_t49_a_contract_without_a_row_is_modelled() -> None:
    assert marked(put(95, 1.0, 1.1, iv=0.0), row=NO_ROW) == 5.0


# --- modelled ---


def test_the_model_is_black_76_at_the_neighbours_volatility_and_forward() -> None:
    """DOMAIN T4: S 100, K 95, 35 days, r 4%, q 1%, 28% -> 1.3649; forward 100.28808."""
    quotes = [
        put(95, 9, 10, expiry=20, iv=0.9),
        put(90, 1, 1.1, expiry=40, iv=0.28, forward=100.28808),
    ]
    quoted = market(quotes, sessions={"rate": [0.04]})
    assert modelled(quoted, key(95, expiry=35)) == pytest.approx(1.3649, abs=6e-5)


def test_calls_are_modelled_by_calls() -> None:
    """Put-call parity: C - P = exp(-rT) (F - K) = 0.996172 * 5.28808 = 5.26784."""
    quotes = [side(90, 1, 1.1, expiry=40, iv=0.28, forward=100.28808) for side in (put, call)]
    quoted = market(quotes, sessions={"rate": [0.04]})
    value = modelled(quoted, key(95, expiry=35, right=CALL))
    assert value == pytest.approx(1.3649 + 5.26784, abs=1e-4)


def test_a_mark_is_not_under_intrinsic() -> None:
    """A put of 150 at a close of 100, when the forward says 120."""
    assert modelled(market([put(95, 1, 1.1, forward=120.0)]), key(150)) == 50.0


@pytest.mark.parametrize("iv", [0.0, -1.0, float("nan")])
def test_without_a_neighbours_volatility_it_is_intrinsic(iv: float) -> None:
    """Not the forward's, which would be 10."""
    assert modelled(market([put(95, 1, 1.1, iv=iv, forward=95.0)]), key(105)) == 5.0


def test_without_a_neighbour_it_is_intrinsic() -> None:
    assert modelled(market([call(95, 1, 1.1)]), key(105)) == 5.0


def test_a_leg_past_its_expiry_is_worth_intrinsic_on_the_forward() -> None:
    """The 30th day was no session; a day later the put of 105 is 10 on the forward of 95."""
    quoted = market([put(95, 1, 1.1, expiry=60, forward=95.0)], days=[31])
    assert modelled(quoted, key(105)) == 10.0


# --- the book ---


def test_equity_is_cash_and_shares_and_legs() -> None:
    """100,000 + 100 * 100 - 2 * 100 * 1.36 - 1 * 100 * 1.05 + 1 * 100 * 0.50."""
    quoted = market([put(95, 1.35, 1.37), call(105, 1.0, 1.1), call(110, 0.45, 0.55, delta=0.1)])
    state = book(
        holding(SHORT_PUT, key(95), -2),
        {"shares": 100} | holding(SHORT_CALL, key(105, right=CALL), -1),
        holding(LONG_CALL, key(110, right=CALL), 1),
        {},
    )
    mark(state, quoted, 0, limits())
    account = state.accounts[0]
    assert account.equity_u == 109_673_000_000
    assert account.reserved_u == 19_000_000_000
    assert state.exposure_u.tolist() == [[29_000_000_000]]


def test_marks_are_noted_where_they_were_found() -> None:
    quoted = market([put(90, 1, 1.1), put(95, 1, 1.1)])
    state = book(holding(SHORT_PUT, key(95), -1), holding(SHORT_PUT, key(97), -1, row=0))
    mark(state, quoted, 0, limits())
    assert [int(one.row[SHORT_PUT]) for one in state.sleeves] == [1, NO_ROW]


def test_accounts_and_underlyings_are_marked_apart() -> None:
    quotes = [put(95, 1, 1.1), put(45, 1, 1.1, underlying=1)]
    quoted = market(quotes, closes=[[100.0, 50.0]], terms=[{}, {"multiplier": 10}])
    state = book(
        holding(SHORT_PUT, key(95), -1) | {"account": 1},
        holding(SHORT_PUT, key(45, underlying=1), -3) | {"underlying": 1},
        cash=10_000,
        accounts=2,
    )
    mark(state, quoted, 0, limits().repeat(2))
    assert [one.equity_u for one in state.accounts] == [9_968_500_000, 9_895_000_000]
    assert [one.reserved_u for one in state.accounts] == [1_350_000_000, 9_500_000_000]
    assert state.exposure_u.tolist() == [[0, 1_350_000_000], [9_500_000_000, 0]]


def test_the_peak_is_the_highest_equity_marked() -> None:
    quoted = market(closes=[100.0, 120.0, 90.0])
    state = book({"shares": 100}, cash=0)
    peaks = []
    for session in range(3):
        mark(state, quoted, session, limits())
        peaks.append(state.accounts[0].peak_u // 1_000_000)
    assert peaks == [10_000, 12_000, 12_000]


def test_a_new_marking_forgets_what_was_spoken_for() -> None:
    state = book({})
    state.accounts[0].committed_u = state.accounts[0].reserved_u = state.exposure_u[0, 0] = 5
    mark(state, market(), 0, limits())
    account = state.accounts[0]
    assert (account.committed_u, account.reserved_u, state.exposure_u[0, 0]) == (0, 0, 0)
