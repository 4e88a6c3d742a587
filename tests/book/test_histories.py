"""The fold of any history: total, incremental, in the order of the journal; no money vanishes."""

import copy
from datetime import date
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

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
    Marked,
    Moved,
    Quoted,
    Refused,
    Settled,
    SleeveOpened,
    Split,
)
from underwriter.book.fold import EMPTY, Folding, fold
from underwriter.core.units import MICRO

# random histories: sensible and senseless events of two accounts and three sleeves

ACCOUNTS = st.sampled_from(["main", "ira"])
SLEEVES = st.integers(0, 2)
MONEY = st.integers(-(10**12), 10**12)
OPTIONS = st.sampled_from(
    [None, "KO    260220P00060000", "KO    260220C00062000", "XYZ1  260220C00062000", "junk"]
)
PLACE: dict[str, Any] = {"at": st.integers(0, 10**18), "account": ACCOUNTS}
IN_SLEEVE: dict[str, Any] = {**PLACE, "sleeve": SLEEVES, "campaign": st.just(0)}
LEG: dict[str, Any] = {
    **IN_SLEEVE,
    "slot": st.integers(-1, 6),
    "option": OPTIONS,
    "quantity": st.integers(-3, 3),
    "shares": st.integers(-300, 300),
    "price_u": MONEY,
    "amount_u": MONEY,
    "fee_u": st.integers(0, 10**7),
}
SPLIT: dict[str, Any] = {name: LEG[name] for name in (*IN_SLEEVE, "slot", "option", "quantity")}
SPLIT |= {"shares": LEG["shares"], "new": st.integers(-1, 4), "old": st.integers(-1, 2)}
REASONS = st.sampled_from(["entry_put", "no_candidate", "cash"])
EVENTS: st.SearchStrategy[AnyEvent] = st.one_of(
    st.builds(BookOpened, **PLACE, settings=st.just({})),
    st.builds(Deposited, **PLACE, amount_u=MONEY),
    st.builds(InterestPaid, **PLACE, amount_u=MONEY),
    st.builds(
        SleeveOpened,
        **IN_SLEEVE,
        underlying=st.sampled_from(["KO", "PEP"]),
        root=st.sampled_from(["KO", "PEP"]),
        policy=st.sampled_from(["p", "q"]),
        multiplier=st.just(100),
    ),
    st.builds(Approved, **IN_SLEEVE, why=REASONS),
    st.builds(Refused, **IN_SLEEVE, why=REASONS),
    st.builds(DividendReceived, **IN_SLEEVE, amount_u=MONEY),
    *(st.builds(kind, **LEG) for kind in (Filled, Expired, Assigned, Settled)),
    st.builds(Split, **SPLIT),
    st.builds(Moved, **IN_SLEEVE, slot=LEG["slot"], option=OPTIONS.filter(bool)),
    st.builds(
        Marked,
        **PLACE,
        equity_u=MONEY,
        cash_u=MONEY,
        shares_u=MONEY,
        rate=st.just(0.02),
        measure=st.none(),
        underlyings=st.just({"KO": Quoted(60 * MICRO)}),
        regimes=st.just({"p": (1, 2, -1), "q PEP": (2, 2, 0), "unknown": (0, 0, 0)}),
        peak_u=MONEY,
        reserved_u=MONEY,
        exposure_u=st.dictionaries(st.sampled_from(["KO", "PEP", "XYZ"]), MONEY),
    ),
)
OPENINGS: list[AnyEvent] = [
    SleeveOpened(
        at=0,
        session=date(2026, 1, 5),
        account=account,
        sleeve=number,
        campaign=0,
        policy="p",
        name="p",
        underlying="KO",
        root="KO",
        multiplier=100,
    )
    for number, account in enumerate(["main", "ira"])
]
HISTORIES = st.lists(EVENTS, max_size=25).map(lambda events: OPENINGS + events)


@given(HISTORIES, st.integers(0, 30))
def test_a_history_cut_in_two_folds_to_the_same_book(events: list[AnyEvent], cut: int) -> None:
    earlier = fold(events[:cut])
    before = copy.deepcopy(earlier)
    assert fold(events[cut:], earlier) == fold(events)
    assert earlier == before


@given(*(st.lists(EVENTS, max_size=size) for size in (25, 15, 15)))
def test_a_fork_and_what_it_is_of_go_on_apart(
    before: list[Any], one: list[Any], other: list[Any]
) -> None:
    folding = Folding(EMPTY)
    for event in before:
        folding.take(event)
    forked = folding.fork()
    assert forked.book() == folding.book() == fold(before)
    for event in one:
        forked.take(event)
    assert folding.book() == fold(before), "what the fork takes reaches what it is of"
    for event in other:
        folding.take(event)
    assert forked.book() == fold([*before, *one]), "and the other way"
    assert folding.book() == fold([*before, *other])


@given(HISTORIES)
def test_event_by_event_a_history_folds_to_the_same_book(events: list[AnyEvent]) -> None:
    book = EMPTY
    for event in events:
        book = fold([event], book)
    assert book == fold(events)


@given(HISTORIES)
def test_no_money_appears_or_vanishes(events: list[AnyEvent]) -> None:
    book = fold(events)
    strays = {stray.event for stray in book.strays}
    flows = 0
    for i, event in enumerate(events, 1):
        if i not in strays:
            flows += getattr(event, "amount_u", 0) - getattr(event, "fee_u", 0)
    assert flows == sum(int(account.cash_u) for account in rows(book.state.accounts))
    for at, opened in enumerate(book.sleeves):
        sleeve = book.state.sleeves[at]
        mine = [c for c in book.tallies.values() if c.sleeve == opened.sleeve]
        assert sum(c.money_u for c in mine) == sleeve.realised_u + sleeve.credit_u
        over = [c.result_u for c in book.campaigns if c.sleeve == opened.sleeve and c.closed]
        assert sum(filter(None, over)) == sleeve.realised_u


def rows(table: Any) -> list[Any]:  # noqa: ANN401  a structured array
    return [table[i] for i in range(table.shape[0])]


@given(HISTORIES)
def test_times_do_not_matter_but_the_order_does(events: list[AnyEvent]) -> None:
    backwards = [msgspec.structs.replace(event, at=-i) for i, event in enumerate(events)]
    book, other = fold(events), fold(backwards)
    assert other.state.sleeves.tobytes() == book.state.sleeves.tobytes()  # type: ignore[attr-defined]
    assert other.campaigns == book.campaigns
