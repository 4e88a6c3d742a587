"""The fold: total, incremental, in the order of the journal; money by the one transition."""

import copy
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from book.ledger_text import events_of
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
    LegEvent,
    Marked,
    Quoted,
    Refused,
    Settled,
    SleeveEvent,
    SleeveOpened,
    Split,
)
from underwriter.book.fold import Book, Instrument, fold
from underwriter.core.contract import parse_osi
from underwriter.core.sleeve import SHORT_PUT, UNKNOWN
from underwriter.core.units import MICRO

COMMON: dict[str, Any] = {"at": 0, "session": date(2026, 1, 5), "account": "main"}
SEAT: dict[str, Any] = {**COMMON, "sleeve": 7, "campaign": 0, "policy": "hash"}
PUT = "SPX10 260220P00600000"
OPENED = SleeveOpened(**SEAT, name="wheel", underlying="SPX/10", root="SPX10", multiplier=100)

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
    st.builds(
        Marked,
        **PLACE,
        equity_u=MONEY,
        rate=st.just(0.02),
        measure=st.none(),
        underlyings=st.just({"KO": Quoted(60 * MICRO)}),
        regimes=st.just({"p": (1, 2, -1), "unknown": (0, 0, 0)}),
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
    import msgspec  # noqa: PLC0415

    backwards = [msgspec.structs.replace(event, at=-i) for i, event in enumerate(events)]
    book, other = fold(events), fold(backwards)
    assert other.state.sleeves.tobytes() == book.state.sleeves.tobytes()  # type: ignore[attr-defined]
    assert other.campaigns == book.campaigns


def filled(quantity: int, amount: int, **other: Any) -> Filled:  # noqa: ANN401
    fields = {"slot": SHORT_PUT, "option": PUT, "shares": 0, "price_u": 0, "fee_u": 0} | other
    return Filled(**SEAT, quantity=quantity, amount_u=amount * MICRO, **fields)


def book_of(*events: AnyEvent) -> Book:
    return fold([Deposited(**COMMON, amount_u=10**12), OPENED, *events])


def test_a_book_names_its_accounts_sleeves_policies_and_instruments() -> None:
    opened = BookOpened(
        **COMMON, version="1", quotes="modelled", source="", policies={}, settings={}
    )
    second = SleeveOpened(
        **{**SEAT, "sleeve": 3, "account": "ira", "policy": "other"},
        name="wheel",
        underlying="KO",
        root="KO",
        multiplier=100,
    )
    book = fold([opened], book_of(second))
    assert book.opened == opened
    assert book.accounts == ("main", "ira")
    assert [sleeve.sleeve for sleeve in book.sleeves] == [7, 3]
    assert book.policies == ("hash", "other")
    assert book.instruments == (Instrument("SPX/10", "SPX10"), Instrument("KO", "KO"))
    seats = [(s.account, s.policy, s.underlying) for s in rows(book.state.sleeves)]
    assert seats == [(0, 0, 0), (1, 1, 1)]
    assert book.events == 4


def test_a_contract_is_keyed_by_the_place_of_its_root() -> None:
    book = book_of(filled(-1, 100))
    key = parse_osi(PUT, ["SPX10"]).key(1)
    assert book.state.sleeves[0].contract.tolist() == [key, 0, 0, 0, 0, 0]


def test_decisions_are_counted_by_reason() -> None:
    approved = Approved(**SEAT, action="sell_to_open", option=PUT, quantity=1, why="entry_put")
    refused = Refused(**SEAT, action="hold", option=None, why="no_candidate")
    book = book_of(approved, refused, refused)
    assert book.approved == {"entry_put": 1}
    assert book.refused == {"no_candidate": 2}


def marked(equity: int, **other: Any) -> Marked:  # noqa: ANN401
    fields: dict[str, Any] = {
        "equity_u": equity,
        "cash_u": 0,
        "shares_u": 0,
        "rate": 0.01,
        "measure": 15.0,
        "underlyings": {"SPX/10": Quoted(590 * MICRO)},
        "regimes": {"hash": (1, 2, 1)},
    }
    return Marked(**COMMON, **(fields | other))


def test_an_evening_is_marked() -> None:
    book = book_of(marked(5), filled(-2, 100), filled(0, -5_900, option=None, shares=10), marked(3))
    account = book.state.accounts[0]
    assert (account.equity_u, account.peak_u) == (3, 5)
    assert account.reserved_u == 2 * 600 * 100 * MICRO
    assert book.state.exposure_u.tolist() == [[(2 * 60_000 + 5_900) * MICRO]]
    regime = book.state.regimes[0]
    assert (regime.column, regime.now, regime.pending) == (1, 2, 1)
    assert book.marks == {"main": marked(3)}


def test_an_underlying_that_was_not_quoted_is_exposed_by_its_puts_alone() -> None:
    book = book_of(filled(-1, 100), marked(3, underlyings={}, regimes={}))
    assert book.state.exposure_u.tolist() == [[60_000 * MICRO]]
    assert book.state.regimes[0].column == UNKNOWN


def test_a_late_dividend_belongs_to_the_campaign_that_is_over() -> None:
    expired = Expired(
        **SEAT, slot=SHORT_PUT, option=PUT, quantity=1, shares=0, price_u=0, amount_u=0, fee_u=0
    )
    late = {**SEAT, "session": date(2026, 3, 1)}
    dividend = DividendReceived(**late, shares=100, per_share_u=10, amount_u=51 * MICRO)
    book = book_of(filled(-1, 100), expired, dividend)
    (campaign,) = book.campaigns
    assert campaign.closed == date(2026, 1, 5)
    assert campaign.result_u == 151 * MICRO
    assert book.state.sleeves[0].realised_u == 151 * MICRO


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (OPENED, "expected to open once"),
        (filled(-1, 1, option="junk"), "expected ROOT"),
        (filled(-1, 1, option="XYZ1  260220P00060000"), "root 'XYZ1' is adjusted"),
        (filled(-1, 1, option="KO    260220P00060000"), "expected one on SPX10"),
        (filled(-1, 1, option=None), "expected both"),
        (filled(0, 1), "expected both"),
        (filled(-1, 1, slot=6), "slot 6: expected 0 to 5"),
        (filled(1, 1, option="SPX10 260220P00590000"), "expected the contract that slot 0"),
    ],
)
def test_what_cannot_be_booked_is_a_stray_and_changes_nothing(event: AnyEvent, text: str) -> None:
    before = book_of(filled(-1, 100))
    book = fold([event], before)
    (stray,) = book.strays
    assert stray.event == 4
    assert text in stray.text
    assert replace(book, strays=(), events=before.events) == before


SPLIT_PUT = "SPX10 260220P00085710"


def split(ratio: tuple[int, int], quantity: int = 0, shares: int = 0, **changes: Any) -> Split:  # noqa: ANN401
    """A split of the put that is held, or of shares."""
    new, old = ratio
    option = SPLIT_PUT if quantity else None
    what = {"slot": SHORT_PUT, "option": option, "quantity": quantity, "shares": shares}
    return Split(**SEAT, **(what | changes), new=new, old=old)


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (split((7, 1), -6, slot=-1), "slot -1: expected 0 to 5"),
        (split((7, 1), -6, option=None), "expected both"),
        (split((7, 1), -6, option="junk"), "expected ROOT"),
        (split((7, 1), -5), "split 7:1 of SPX10 260220P00085710: expected it of the -1 that"),
        (split((7, 1), 6), "sleeve 7 holds, found 6 added"),
        (split((1, 7), -6), "split 1:7"),
        (split((0, 0), -6), "split 0:0"),
        (split((7, 1), -6, shares=600), "found -6 added"),
        (split((7, 1), -6, slot=1), "expected it of the 0 that"),
        (split((7, 1), -6, option="SPX10 260220C00085710"), "expected it of the 0 that"),
        (split((7, 1), -6, option="SPX10 260227P00085710"), "expected it of the 0 that"),
        (split((7, 1), shares=600), "split 7:1 of shares: expected it of the 0 that"),
    ],
)
def test_a_split_that_does_not_fit_what_is_held_is_a_stray(event: AnyEvent, text: str) -> None:
    before = book_of(filled(-1, 100))
    book = fold([event], before)
    assert [text in stray.text for stray in book.strays] == [True]
    assert replace(book, strays=(), events=before.events) == before


def test_a_split_of_odd_ratio_fits_shares_too() -> None:
    """3:2 of 200 shares; what it makes of contracts is another matter."""
    assigned = Assigned(
        **SEAT, slot=0, option=PUT, quantity=2, shares=200, price_u=0, amount_u=0, fee_u=0
    )
    book = book_of(filled(-2, 100), assigned, split((3, 2), shares=100))
    assert (book.strays, int(book.state.sleeves[0].shares)) == ((), 300)
    assert fold([split((3, 2), shares=100)], book).strays != ()


def test_an_event_of_a_sleeve_that_never_opened_is_a_stray() -> None:
    assert "sleeve 7 of account 'main'" in fold([filled(-1, 1)]).strays[0].text
    other = Refused(**{**SEAT, "account": "ira"}, action="hold", option=None, why="cash")
    assert "account 'ira'" in book_of(other).strays[0].text


def test_t49_an_expired_contract_is_still_known_to_the_ledger() -> None:
    book = fold(
        events_of("""
            2020-01-02 deposit 6,000.00
            2020-01-06 sold 1 KO 2020-02-21 P 60 @ 0.85
            2020-02-21 expired KO 60 P
        """)
    )
    assert [(c.opened, c.closed) for c in book.campaigns] == [(date(2020, 1, 6), date(2020, 2, 21))]


def test_a_book_is_compared_by_content_and_has_no_hash() -> None:
    assert book_of() == book_of()
    assert book_of() != book_of(filled(-1, 100))
    assert book_of() != "a book"
    with pytest.raises(TypeError):
        hash(book_of())


def test_events_that_no_fold_knows_change_nothing_but_the_count() -> None:
    """A kind of a later vocabulary, of a sleeve or of a leg, is passed over."""

    class Rumoured(SleeveEvent, frozen=True, kw_only=True, tag="rumoured"):
        """A kind that does not exist."""

    rumour: Any = Rumoured(**SEAT)
    assert replace(book_of(rumour), events=2) == book_of()
    assert issubclass(Filled, LegEvent)
