"""One decision of a whole book; docs/session.md, The step and Verdicts."""

from math import nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markets import book, call, holding, key, limits, market, owns, policies, put
from underwriter.core import reason
from underwriter.core.chain import Market
from underwriter.core.contract import CALL, strike_of
from underwriter.core.intent import APPROVED, CLOSE, OPEN, SHARES, Decision
from underwriter.core.policy import CASH_SECURED_PUT
from underwriter.core.record import rows
from underwriter.core.session import step
from underwriter.core.sleeve import LONG_PUT, SHORT_CALL, SHORT_PUT, BookState

CRASH = {"stresses": 1, "stress_spot": [-0.20], "stress_vol": [1.0]}
PUT_95 = put(95, 1.30, 1.40, iv=1e-9)


def decided(
    state: BookState, quoted: Market, *rules: dict, session: int = 0, **caps: float
) -> list[Any]:
    """The decisions of one session."""
    found = rows(Decision, state.sleeves.shape[0])
    obeyed = policies(*(rules or ({},)))
    binding = limits(**caps).repeat(state.accounts.shape[0])
    own = owns(len(obeyed), state.exposure_u.shape[1])
    count = step(state, quoted, session, obeyed, own, binding, found)
    return [found[k] for k in range(count)]


def told(decisions: list[Any]) -> list[tuple[int, int, int]]:
    """Sleeve, verdict and quantity of each."""
    return [(int(one.sleeve), int(one.verdict), int(one.quantity)) for one in decisions]


# --- entries ---


def test_a_flat_sleeve_sells_as_many_puts_as_cash_secures() -> None:
    """30,000 secure three of 9,500."""
    (one,) = decided(book({}, cash=30_000), market([PUT_95]))
    assert (one.action, one.slot[0], one.contract[0]) == (OPEN, SHORT_PUT, key(95))
    assert (one.verdict, one.quantity, one.why) == (APPROVED, 3, reason.ENTRY_PUT)


def test_a_screen_is_each_policys_own() -> None:
    """Bit 1 alone is set: policy 1 may open on the name, policy 0 may not."""
    quoted = market([PUT_95], bars={(0, 0): {"admitted": 0b10}})
    found = decided(book({}, {"policy": 1}, cash=30_000), quoted, {}, {})
    assert told(found) == [(0, reason.SCREEN, 0), (1, APPROVED, 3)]


def test_the_score_is_the_credit_by_the_stress_loss() -> None:
    """1.30 / (95 - 80 - 1.35)."""
    (one,) = decided(book({}), market([PUT_95]), CRASH)
    assert one.score == pytest.approx(130 / 1_365)


def test_a_score_without_stress_loss_is_by_a_millionth() -> None:
    (one,) = decided(book({}), market([PUT_95]))
    assert one.score == 130_000_000


def test_wishes_are_judged_by_score_across_sleeves() -> None:
    """The second pays more for its stress, so it takes the cash that secures one of either."""
    quotes = [PUT_95, put(95, 2.60, 2.70, iv=1e-9, underlying=1)]
    quoted = market(quotes, closes=[[100.0, 100.0]], terms=[{}, {}])
    state = book({}, {"underlying": 1}, cash=9_500)
    assert told(decided(state, quoted, CRASH)) == [(0, reason.CASH, 0), (1, APPROVED, 1)]


def test_the_first_of_equal_scores_is_judged_first() -> None:
    quotes = [PUT_95, PUT_95 | {"underlying": 1}]
    quoted = market(quotes, closes=[[100.0, 100.0]], terms=[{}, {}])
    state = book({}, {"underlying": 1}, cash=9_500)
    assert told(decided(state, quoted, CRASH)) == [(0, APPROVED, 1), (1, reason.CASH, 0)]


def test_t64_an_approved_put_counts_at_once() -> None:
    """25% of 100,000 admits two of 9,500 on one underlying, by whichever policy."""
    state = book({}, {"policy": 1})
    half = {"per_underlying": 0.25, "risk_per_position": 0.01} | CRASH
    found = decided(state, market([PUT_95]), half, half | {"risk_per_position": 0.10})
    assert told(found) == [(0, reason.RISK, 0), (1, APPROVED, 2)]
    state = book({}, {"policy": 1})
    found = decided(state, market([PUT_95]), {"per_underlying": 0.25}, {"per_underlying": 0.25})
    assert told(found) == [(0, APPROVED, 2), (1, reason.UNDERLYING, 0)]


def test_a_refusal_says_what_equity_would_admit_one() -> None:
    """5% of 190,000 is one strike of 95, 9,500."""
    (one,) = decided(book({}), market([PUT_95]), {"per_underlying": 0.05})
    assert (one.verdict, one.quantity) == (reason.UNDERLYING, 0)
    assert one.needs_u / 1e6 == pytest.approx(190_000, abs=0.02)


def test_nothing_is_written_where_nothing_is_wished() -> None:
    assert decided(book({}), market([PUT_95], days=[0]), {"daily": [0]}) != []
    late = market([PUT_95 | {"session": 1}], closes=[100.0, 100.0])
    assert decided(book({}), late, {"daily": [0]}, session=1) == []


def test_what_a_sleeve_finds_no_candidate_for_is_written() -> None:
    (one,) = decided(book({}), market())
    assert (one.verdict, one.contract[0], one.quantity) == (reason.NO_CANDIDATE, 0, 0)


# --- cadence and regime ---


def test_daily_entries_belong_to_a_regime() -> None:
    """The second column, from 20 on, enters daily; the first once a week."""
    two = {"bands": 1, "edge": [20.0], "daily": [0, 1], "delta": [0.25, 0.25]}
    two |= {"size_factor": [1.0, 1.0]}
    quotes = [PUT_95 | {"session": 1}]
    for measure, entries in ((19.0, 0), (20.0, 1)):
        quoted = market(quotes, closes=[100, 100], sessions={"measure": [measure, measure]})
        assert len(decided(book({}), quoted, two, session=1)) == entries


def test_an_unknown_measure_puts_the_last_column_in_force() -> None:
    two = {"bands": 1, "edge": [20.0], "delta": [0.25, 0.0], "size_factor": [1.0, 1.0]}
    quoted = market([PUT_95], sessions={"measure": [nan]})
    assert told(decided(book({}), quoted, two)) == [(0, reason.REGIME, 0)]


def test_size_follows_the_regime() -> None:
    """10% of 100,000 by a loss of 1,365 is seven; half of it is three."""
    two = {"bands": 1, "edge": [20.0], "delta": [0.25, 0.25], "size_factor": [1.0, 0.5]}
    for measure, quantity in ((19.0, 7), (20.0, 3)):
        quoted = market([PUT_95], sessions={"measure": [measure]})
        (one,) = decided(book({}), quoted, two | CRASH | {"risk_per_position": 0.10})
        assert one.quantity == quantity


# --- ladders ---


def test_one_rung_of_a_ladder_opens_at_a_time() -> None:
    found = decided(book({}, {}, {}), market([PUT_95]), {"per_underlying": 0.1})
    assert told(found) == [(0, APPROVED, 1)]


def test_the_next_rung_opens_when_the_first_is_taken() -> None:
    state = book(holding(SHORT_PUT, key(95), -1), {}, {})
    assert told(decided(state, market([PUT_95]), {"per_underlying": 0.2})) == [(1, APPROVED, 1)]


@pytest.mark.parametrize("other", [{"policy": 1}, {"underlying": 1}, {"account": 1}])
def test_another_ladder_does_not_wait(other: dict) -> None:
    quotes = [PUT_95, PUT_95 | {"underlying": 1}]
    quoted = market(quotes, closes=[[100.0, 100.0]], terms=[{}, {}])
    state = book({}, other, {"policy": 1, "underlying": 1}, accounts=2, cash=10_000)
    found = decided(state, quoted, {}, {})
    assert [int(one.sleeve) for one in found][:2] == [0, 1]


# --- closing ---

DUE = {"exit_dte": 60}


def test_a_buy_back_is_approved_whole() -> None:
    state = book(holding(SHORT_PUT, key(95), -2), cash=19_280)
    (one,) = decided(state, market([PUT_95]), DUE)
    assert (one.action, one.slot[0], one.contract[0]) == (CLOSE, SHORT_PUT, key(95))
    assert (one.verdict, one.quantity, one.why) == (APPROVED, 2, reason.TIME_EXIT)
    assert state.accounts[0].committed_u == 280_000_000


@pytest.mark.parametrize("quotes", [[], [put(95, 0.0, 0.0)]], ids=["no row", "no offer"])
def test_t29_without_an_offer_nothing_is_bought_back(quotes: list) -> None:
    state = book(holding(SHORT_PUT, key(95), -2))
    assert told(decided(state, market(quotes), DUE)) == [(0, reason.NO_QUOTE, 2)]


@pytest.mark.parametrize(("cash", "verdict"), [(280, APPROVED), (279, reason.CASH)])
def test_buying_a_put_back_frees_its_own_strikes(cash: float, verdict: int) -> None:
    """Its 19,000 are not needed any more; 2 * 100 * 1.40 are."""
    state = book(holding(SHORT_PUT, key(95), -2), cash=cash)
    assert told(decided(state, market([PUT_95]), DUE)) == [(0, verdict, 2)]


@pytest.mark.parametrize(("cash", "verdict"), [(9_610, APPROVED), (9_609, reason.CASH)])
def test_buying_a_call_back_frees_nothing(cash: float, verdict: int) -> None:
    """The put of another sleeve keeps its 9,500, the call costs 110."""
    held = {"shares": 100} | holding(SHORT_CALL, key(105, right=CALL), -1)
    state = book(held, holding(SHORT_PUT, key(95, expiry=90), -1) | {"policy": 1}, cash=cash)
    quoted = market([call(105, 1.0, 1.1)])
    assert told(decided(state, quoted, DUE, {})) == [(0, verdict, 1)]


def test_buy_backs_speak_for_cash_one_after_another() -> None:
    """Each must leave the 9,500 that secure the other, and the second the 140 of the first."""
    legs = [holding(SHORT_PUT, key(95), -1) for _ in range(2)]
    state = book(*legs, cash=9_500 + 279)
    assert told(decided(state, market([PUT_95]), DUE)) == [(0, APPROVED, 1), (1, reason.CASH, 1)]


def test_closes_are_judged_before_new_puts() -> None:
    """A flat sleeve stands first, but the buy-back of the second takes its 140 before it."""
    held = holding(SHORT_PUT, key(90), -1) | {"policy": 1}
    quotes = [put(90, 1.30, 1.40, delta=-0.9), PUT_95]
    state = book({}, held, cash=9_500 + 9_000 + 139)
    found = decided(state, market(quotes), {}, DUE)
    assert told(found) == [(0, reason.CASH, 0), (1, APPROVED, 1)]


def test_t64_cash_that_a_buy_back_frees_is_not_promised_again_in_the_session() -> None:
    """The put bought back may find no fill: its strikes stay reserved until the next marking."""
    state = book({}, holding(SHORT_PUT, key(95), -1) | {"policy": 1}, cash=9_700)
    found = decided(state, market([PUT_95]), {}, DUE)
    assert told(found) == [(0, reason.CASH, 0), (1, APPROVED, 1)]


# --- shares ---


def test_covered_calls_and_released_shares_are_approved_unasked() -> None:
    """Even in a halt and without cash."""
    state = book({"shares": 200}, {"shares": 150, "policy": 1}, cash=0)
    state.accounts[0].peak_u = 10**15
    rules = {}, {"strategy": CASH_SECURED_PUT}
    found = decided(state, market([call(105, 1.0, 1.1)]), *rules, drawdown_halt=0.1)
    assert told(found) == [(0, APPROVED, 2), (1, APPROVED, 150)]
    assert [int(one.action) for one in found] == [OPEN, SHARES]
    assert found[0].contract[0] == key(105, right=CALL)


# --- halts ---


def test_a_drawdown_halt_stops_entries_and_not_exits() -> None:
    state = book({}, holding(SHORT_PUT, key(90), -1) | {"policy": 1}, cash=79_000)
    state.accounts[0].peak_u = 100_000_000_000
    quotes = [put(90, 1.30, 1.40, delta=-0.9), PUT_95]
    found = decided(state, market(quotes), {}, DUE, drawdown_halt=0.2)
    assert told(found) == [(0, reason.HALT, 0), (1, APPROVED, 1)]


# --- an account in trouble, and one with what nobody expected ---


def test_t56_an_account_that_owes_for_its_shares_opens_nothing() -> None:
    """Assigned for 9,000 more than there was; a call on the 100 shares asks for no cash."""
    state = book({}, {"shares": 100, "policy": 1}, cash=-9_000)
    found = decided(state, market([PUT_95, call(105, 1.0, 1.1)]), {}, {})
    assert told(found) == [(0, reason.CASH, 0), (1, APPROVED, 1)]
    assert found[1].why == reason.ENTRY_CALL


def test_t68_a_margin_call_closes_what_is_naked_and_opens_nothing() -> None:
    """Twice the close, 20,000, secures the call; to buy it back costs 110."""
    naked = holding(SHORT_CALL, key(105, right=CALL), -1) | {"policy": 1}
    quotes = [PUT_95, call(105, 1.0, 1.1)]
    for cash, others in ((19_999, [(1, APPROVED, 1)]), (29_500, [])):
        found = decided(book({}, naked, cash=cash), market(quotes), {}, {})
        entry = (0, APPROVED, 1) if cash == 29_500 else (0, reason.CASH, 0)
        assert told(found) == [entry, *others]
        assert [int(one.why) for one in found[1:]] == [reason.MARGIN] * len(others)


def test_t75_strange_holdings_stop_nobody_elses_entry() -> None:
    """Long puts that nobody quotes, an odd lot, and 50 shares sold short.

    These secure 2 * 50 * 100 = 10,000 of 29,000, which leaves two puts of 9,500.
    """
    strange = holding(LONG_PUT, key(70, expiry=90), 3), {"shares": 7}, {"shares": -50}
    state = book(*strange, {}, cash=29_000)
    found = decided(state, market([PUT_95]))
    assert told(found) == [(2, APPROVED, 50), (3, APPROVED, 2)]
    assert (found[0].action, found[0].shares) == (SHARES, 50)


# --- cash is never promised twice ---

offers = st.tuples(st.integers(20, 99), st.integers(1, 500))


@given(
    st.lists(offers, min_size=1, max_size=5),
    st.integers(0, 60_000),
    st.integers(1, 100),
    st.integers(1, 100),
    st.integers(0, 50),
)
def test_t64_strikes_of_approved_puts_never_exceed_cash_or_caps(
    puts: list, cash: int, underlying: int, notional: int, reserve: int
) -> None:
    """One underlying and one sleeve an offer; shares of equity in hundredths."""
    quotes = [
        put(strike, cents / 100, cents / 100, iv=0.3, underlying=u)
        for u, (strike, cents) in enumerate(puts)
    ]
    quoted = market(quotes, closes=[[100.0] * len(puts)], terms=[{}] * len(puts))
    state = book(*({"underlying": u} for u in range(len(puts))), cash=cash)
    caps = {"short_put_notional": notional / 100, "cash_reserve": reserve / 100}
    found = decided(state, quoted, {"per_underlying": underlying / 100} | CRASH, **caps)
    strikes = [int(one.quantity) * 100 * strike_of(int(one.contract[0])) / 1e6 for one in found]
    assert sum(strikes) <= cash * (1 - reserve / 100) + 1e-6
    assert sum(strikes) <= cash * notional / 100 + 1e-6
    assert max(strikes) <= cash * underlying / 100 + 1e-6
    assert all((one.verdict == APPROVED) == (one.quantity > 0) for one in found)
    assert state.accounts[0].reserved_u == sum(strikes) * 1e6
