"""Proof 4: engine trace -> events -> fold is the engine's own state."""

import dataclasses
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from markets import call, market, put
from parity.columns import market_of
from parity.columns import setup_of as setup_of_case
from parity.strategies import case, numbered
from runs import ran, setup_of, slab_of
from underwriter.book.event import (
    AnyEvent,
    Approved,
    Assigned,
    BookOpened,
    Deposited,
    DividendReceived,
    Expired,
    Filled,
    InterestPaid,
    Leg,
    Marked,
    Moved,
    Quoted,
    Refused,
    Settled,
    SleeveOpened,
    Split,
)
from underwriter.book.fold import Book, fold
from underwriter.book.stored import decode, encode
from underwriter.core.contract import strike_of
from underwriter.core.policy import CASH_SECURED_PUT, COVERED_CALL, OWN_PERCENTILE, PUT_SPREAD
from underwriter.core.sleeve import ROLL_LONG, ROLL_SHORT, SLOTS
from underwriter.core.units import day_of
from underwriter.market.slab import Slab
from underwriter.sim.backtest import Run, Seat, Setup, run
from underwriter.sim.trace import Labels, events


def labels(slab: Slab, setup: Setup) -> Labels:
    """Names for the numbers of a run."""
    days = [day_of(one.day) for one in slab.market.sessions]
    moments = [datetime(day.year, day.month, day.day, 21, tzinfo=UTC) for day in days]
    return Labels(
        accounts=tuple(f"account {at}" for at in range(setup.limits.shape[0])),
        policies=tuple((f"hash{at}", f"policy {at}", "") for at in range(setup.policies.shape[0])),
        moments=tuple(int(one.timestamp()) * 10**9 for one in moments),
        version="0",
        source="a test",
        settings={"delay": int(setup.fills.delay)},
    )


def traced(found: Run, slab: Slab, setup: Setup) -> list[AnyEvent]:
    """A run as events that went through their stored form."""
    return [decode(encode(one)) for one in events(found, slab, setup, labels(slab, setup))]


# --- the engine's state and the fold's, in the same words ---

LEGS = ("contract", "quantity", "amount_u")
SCALARS = ("campaign", "rolls", "shares", "legs", "credit_u", "realised_u")
MONEY = ("cash_u", "equity_u", "peak_u", "reserved_u", "puts_u", "margin_u", "committed_u")


def leg(sleeve: Any, slot: int) -> tuple[int, ...]:  # noqa: ANN401  a row of Sleeve
    """A leg, its root left out: a book numbers roots as it meets them."""
    contract, *rest = (int(getattr(sleeve, name)[slot]) for name in LEGS)
    return contract & ((1 << 48) - 1), *rest


def of_sleeve(sleeve: Any) -> tuple:  # noqa: ANN401  a row of Sleeve
    """Everything of a sleeve that facts change."""
    legs = tuple(leg(sleeve, slot) for slot in range(SLOTS))
    return tuple(int(getattr(sleeve, name)) for name in SCALARS) + legs


def regime_of(row: Any) -> tuple[int, int, int]:  # noqa: ANN401  a row of Regime
    """What is kept, in force and pending."""
    return int(row.column), int(row.now), int(row.pending)


def of_engine(found: Run, slab: Slab, setup: Setup) -> dict[str, Any]:
    """The engine's own state at the end of a run."""
    book, named = found.book, labels(slab, setup)
    seated = {seat.policy for seat in setup.seats}
    symbols = [one.symbol for one in slab.instruments]
    return {
        "sleeves": [of_sleeve(one) for one in book.sleeves],
        "accounts": {
            name: {what: int(getattr(row, what)) for what in MONEY}
            for name, row in zip(named.accounts, book.accounts, strict=True)
        },
        "regimes": {
            (named.policies[at][0], symbols[u]): regime_of(book.regimes[at, u])
            for at in seated
            for u in {seat.underlying for seat in setup.seats}
        },
        "exposure": {
            (account, symbols[at]): int(book.exposure_u[number, at])
            for number, account in enumerate(named.accounts)
            for at in {seat.underlying for seat in setup.seats}
        },
    }


def of_fold(book: Book) -> dict[str, Any]:
    """The same of a folded book."""
    state = book.state
    return {
        "sleeves": [of_sleeve(one) for one in state.sleeves],
        "accounts": {
            name: {what: int(getattr(row, what)) for what in MONEY}
            for name, row in zip(book.accounts, state.accounts, strict=True)
        },
        "regimes": {
            (name, one.underlying): regime_of(state.regimes[at, u])
            for at, name in enumerate(book.policies)
            for u, one in enumerate(book.instruments)
        },
        "exposure": {
            (account, one.underlying): int(state.exposure_u[number, at])
            for number, account in enumerate(book.accounts)
            for at, one in enumerate(book.instruments)
        },
    }


@given(st.integers(0, 10_000))
@settings(max_examples=15)
def test_folding_a_runs_events_gives_the_engines_state_back(number: int) -> None:
    """Regimes and the highest equity too, which may have stood before a session's fills."""
    drawn = case(numbered(number))
    slab, setup = slab_of(market_of(drawn)), setup_of_case(drawn)
    found = run(slab, setup)
    book = fold(traced(found, slab, setup))
    assert book.strays == ()
    assert of_fold(book) == of_engine(found, slab, setup)


# --- one wheel, event by event ---

CYCLE = market(
    [
        put(95, 1.30, 1.40, expiry=4),
        call(97, 1.20, 1.30, session=2, expiry=11),
    ],
    closes=[100, 94, 96, 98],
    days=[0, 4, 7, 11],
    sessions={"rate": [0.0, 0.0365, 0.0, 0.0], "measure": [15.0, 16.0, float("nan"), 17.0]},
    bars={(2, 0): {"dividend": 0.5}},
)
COSTS = {"option_sell_u": 0.65}


@pytest.fixture(scope="module")
def cycle() -> list[AnyEvent]:
    """A put assigned, interest, a dividend, a call that takes the shares away."""
    setup = setup_of(4, deposit=10_000, costs=COSTS)
    return traced(ran(CYCLE, deposit=10_000, costs=COSTS), slab_of(CYCLE), setup)


def test_a_wheels_events_stand_in_order(cycle: list[AnyEvent]) -> None:
    assert [type(one) for one in cycle] == [
        *(BookOpened, SleeveOpened, Deposited, Approved, Filled, Marked),
        *(Assigned, Marked),
        *(InterestPaid, DividendReceived, Approved, Filled, Marked),
        *(Assigned, Marked),
    ]


def test_events_carry_session_account_sleeve_campaign_and_policy(cycle: list[AnyEvent]) -> None:
    sold = cycle[4]
    assert (sold.session, sold.account, sold.currency) == (date(2024, 1, 8), "account 0", "USD")
    assert (sold.sleeve, sold.campaign, sold.policy) == (0, 1, "hash0")
    assert sold.at == 1_704_747_600 * 10**9  # 2024-01-08 21:00 UTC


def test_a_fill_names_its_option_and_its_money(cycle: list[AnyEvent]) -> None:
    sold = cycle[4]
    assert (sold.option, sold.slot, sold.quantity) == ("A     240112P00095000", 0, -1)
    assert (sold.price_u, sold.amount_u, sold.fee_u) == (1_350_000, 135_000_000, 650_000)


def test_an_approval_names_the_wish(cycle: list[AnyEvent]) -> None:
    wish = cycle[3]
    assert (wish.action, wish.option) == ("open", "A     240112P00095000")
    assert (wish.quantity, wish.why, wish.campaign) == (1, "entry_put", 0)


def test_a_dividend_is_of_shares(cycle: list[AnyEvent]) -> None:
    paid = cycle[9]
    assert (paid.shares, paid.per_share_u, paid.amount_u) == (100, 500_000, 50_000_000)


def test_an_evening_tells_money_market_and_regimes(cycle: list[AnyEvent]) -> None:
    """10,134.35 - 9,500 in cash and 100 shares at 94."""
    evening = cycle[7]
    assert (evening.cash_u, evening.shares_u) == (634_350_000, 9_400_000_000)
    assert (evening.equity_u, evening.rate, evening.measure) == (10_034_350_000, 0.0365, 16.0)
    assert evening.underlyings == {"Underlying 0": Quoted(94_000_000, 0)}
    assert evening.regimes == {"hash0": (0, 0, 0)}
    assert cycle[12].measure is None
    assert cycle[12].underlyings["Underlying 0"].dividend_u == 500_000


def test_the_cycle_folds_to_what_it_earned(cycle: list[AnyEvent]) -> None:
    """134.35 + 50 + 124.35 + 200 of the shares; interest is not the campaign's."""
    book = fold(cycle)
    (campaign,) = book.campaigns
    assert (campaign.result_u, campaign.assigned, campaign.called_away) == (508_700_000, 1, 1)
    interest_u = 190_305  # 634.35 * 3.65% * 3 / 365, a dollar figure of 0.190305
    assert book.state.accounts[0].cash_u == 10_508_700_000 + interest_u


# --- what else may happen ---


def test_a_split_is_told_of_each_leg_and_of_the_shares_and_to_the_evening() -> None:
    """Assigned, a call sold, 7:1, another split that meets nothing held."""
    quoted = market(
        [put(640, 5.0, 5.2, expiry=1), call(650, 5.0, 5.2, session=2, expiry=3)],
        closes=[645, 635, 636, 93, 31],
        bars={(3, 0): {"split": 7}, (4, 0): {"split": 3}},
    )
    what = {"deposit": 64_000.0, "rules": [{"delta": [0.25]}]}
    slab, setup = slab_of(quoted), setup_of(5, **what)
    found = traced(ran(quoted, **what), slab, setup)
    told = [one for one in found if isinstance(one, Split)]
    assert [(one.option, one.slot, one.quantity, one.shares) for one in told] == [
        ("A     240111C00092860", 2, -6, 0),
        (None, 0, 0, 600),
    ]
    assert {(one.new, one.old, one.campaign) for one in told} == {(7, 1, 1)}
    evenings = [one.underlyings["Underlying 0"] for one in found if isinstance(one, Marked)]
    assert [one.split for one in evenings] == [(1, 1), (1, 1), (1, 1), (7, 1), (3, 1)]
    assert of_fold(fold(found)) == of_engine(ran(quoted, **what), slab, setup)


def test_a_refusal_tells_the_equity_it_needs() -> None:
    quoted = market([put(95, 1.3, 1.4)])
    rules = [{"per_underlying": 0.05}]
    found = traced(ran(quoted, rules=rules), slab_of(quoted), setup_of(1, rules=rules))
    (refused,) = (one for one in found if isinstance(one, Refused))
    assert (refused.action, refused.why) == ("open", "underlying")
    assert refused.option == "A     240207P00095000"
    assert refused.needs_u == pytest.approx(190_000_000_000, abs=20_000)


def test_a_hold_has_no_option() -> None:
    found = traced(ran(market()), slab_of(market()), setup_of(1))
    (refused,) = (one for one in found if isinstance(one, Refused))
    assert (refused.action, refused.option, refused.why) == ("hold", None, "no_candidate")


@pytest.mark.parametrize(
    ("close", "terms", "kind"), [(100, {}, Expired), (90, {"physical": 0}, Settled)]
)
def test_an_option_that_ends_is_told_as_it_ended(close: float, terms: dict, kind: type) -> None:
    quoted = market([put(95, 1.3, 1.4, expiry=1)], closes=[100, close], terms=[terms])
    found = traced(ran(quoted), slab_of(quoted), setup_of(2))
    assert kind in {type(one) for one in found}


BOTH = {"roll_through": 1, "roll_at_most": 1, "roll_dte_max": 60, "strategy": PUT_SPREAD}
SPREAD = [put(95, 1.3, 1.4), put(90, 0.4, 0.5, delta=-0.1)]
LATER = [put(93, 3.0, 3.1, expiry=45, session=1), put(88, 1.4, 1.5, expiry=45, session=1)]
TESTED = [put(95, 2.5, 2.6, session=1), put(90, 1.0, 1.1, session=1)]


def test_a_roll_is_told_leg_by_leg_and_moves_into_the_old_places() -> None:
    """Sold at 95 and 90 for 0.90, rolled at 94 to 93 and 88 for 1.60 against 1.50."""
    quoted = market(SPREAD + TESTED + LATER, closes=[100, 94])
    what = {"rules": [BOTH | {"width_u": 5_000_000}], "deposit": 600.0}
    slab, setup = slab_of(quoted), setup_of(2, **what)
    found = traced(ran(quoted, **what), slab, setup)
    begun, rolled = (one for one in found if isinstance(one, Approved))
    near = "A     240207P00095000", "A     240207P00090000"
    far = "A     240222P00093000", "A     240222P00088000"
    assert (begun.action, begun.why, begun.option, begun.quantity) == ("open", "entry", near[0], 1)
    assert begun.legs == (Leg(near[0], -1), Leg(near[1], 1))
    assert (rolled.action, rolled.why, rolled.campaign) == ("roll", "tested_strike", 1)
    assert rolled.legs == (Leg(near[0], 1), Leg(near[1], -1), Leg(far[0], -1), Leg(far[1], 1))
    moves = [one for one in found if isinstance(one, Moved)]
    assert [(one.slot, one.option) for one in moves] == [
        (ROLL_SHORT, far[0]),
        (ROLL_LONG, far[1]),
    ]
    book = fold(found)
    assert of_fold(book) == of_engine(ran(quoted, **what), slab, setup)
    assert (book.state.sleeves[0].rolls, book.state.sleeves[0].legs) == (1, 2)


def test_shares_bought_with_a_call_are_told_beside_its_leg() -> None:
    quoted = market([call(105, 1.3, 1.4)])
    what = {"rules": [{"strategy": COVERED_CALL}], "deposit": 10_100.0}
    found = traced(ran(quoted, **what), slab_of(quoted), setup_of(1, **what))
    (wish,) = (one for one in found if isinstance(one, Approved))
    assert (wish.action, wish.quantity, wish.shares) == ("open", 1, 100)
    assert wish.legs == (Leg("A     240207C00105000", -1),)
    first, second = (one for one in found if isinstance(one, Filled))
    assert (first.option, first.shares, second.shares) == (None, 100, 0)


def test_shares_that_are_let_go_are_sold_in_a_brokers_words() -> None:
    quoted = market([put(100, 2.0, 2.1, expiry=1)], closes=[100, 95, 97])
    what = {"rules": [{"strategy": CASH_SECURED_PUT, "daily": [0]}], "deposit": 10_000.0}
    found = traced(ran(quoted, **what), slab_of(quoted), setup_of(3, **what))
    wish = [one for one in found if isinstance(one, Approved)][-1]
    assert (wish.action, wish.option, wish.quantity) == ("sell_shares", None, 100)
    assert (wish.why, wish.legs, wish.shares) == ("release", (), 0)


def test_an_evening_tells_what_is_secured_and_exposed_and_what_is_not_stands_nowhere() -> None:
    """One put of 95 with five dollars for its fees, on the first of two underlyings."""
    quoted = market([put(95, 1.3, 1.4)], closes=[[100.0, 50.0]], terms=[{}, {}])
    what = {"caps": {"fee_reserve_u": 5_000_000}, "deposit": 10_000.0}
    evening = traced(ran(quoted, **what), slab_of(quoted), setup_of(1, **what))[-1]
    assert (evening.reserved_u, evening.puts_u) == (9_505_000_000, 9_500_000_000)
    assert evening.margin_u == 9_500_000_000
    assert evening.exposure_u == {"Underlying 0": 9_500_000_000}
    assert evening.peak_u == evening.equity_u == 10_000_000_000


def test_a_regime_of_an_underlyings_own_percentile_is_told_by_its_name() -> None:
    """Half of all days were below it: 50, over an edge of 40; the other's 30 is not."""
    bars = {(0, 0): {"iv_percentile": 0.5}, (0, 1): {"iv_percentile": 0.3}}
    quoted = market(closes=[[100.0, 50.0]], terms=[{}, {}], bars=bars)
    two = {"bands": 1, "edge": [40.0], "delta": [0.25, 0.25], "measure": OWN_PERCENTILE}
    what = {"rules": [two], "seats": [Seat(0, 0, 0), Seat(0, 1, 0)]}
    found = traced(ran(quoted, **what), slab_of(quoted), setup_of(1, **what))
    regimes = {"hash0 Underlying 0": (1, 1, 0), "hash0 Underlying 1": (0, 0, 0)}
    assert found[-1].regimes == regimes
    assert fold(found).state.regimes["column"].tolist() == [[1, 0]]


def test_every_session_ends_with_a_mark_of_every_account() -> None:
    """Sessions on which nothing happened too."""
    seats = [Seat(0, 0, 0), Seat(1, 0, 0)]
    quoted = market(closes=[100] * 3, sessions={"measure": [15.0] * 3})
    rules = [{"daily": [0]}]
    found = ran(quoted, seats=seats, rules=rules)
    told = traced(found, slab_of(quoted), setup_of(3, seats=seats, rules=rules))
    marks = [(one.session.day, one.account) for one in told if isinstance(one, Marked)]
    assert marks == [(day, f"account {at}") for day in (8, 9, 10) for at in range(2)]


def test_a_book_opens_with_what_wrote_it() -> None:
    setup = setup_of(1)
    named = dataclasses.replace(labels(slab_of(market()), setup), policies=(("h", "n", "toml"),))
    opened, sleeve, *_ = events(ran(market()), slab_of(market()), setup, named)
    assert (opened.version, opened.quotes, opened.source) == ("0", "modelled", "a test")
    assert (opened.policies, opened.settings) == ({"h": "toml"}, {"delay": 0})
    assert (sleeve.policy, sleeve.name, sleeve.underlying) == ("h", "n", "Underlying 0")
    assert (sleeve.root, sleeve.multiplier, sleeve.campaign) == ("A", 100, 0)


def test_the_key_without_its_root_keeps_the_strike() -> None:
    """What `leg` leaves out is the root alone."""
    contract = int(CYCLE.quotes[0].contract)
    assert strike_of(contract & ((1 << 48) - 1)) == 95_000_000
    assert np.int64(contract) >> 48 == 1
