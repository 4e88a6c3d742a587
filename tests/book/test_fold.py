"""The fold, event by event: what each changes, and what cannot be booked."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from book.ledger_text import events_of
from underwriter.book.event import (
    AnyEvent,
    Approved,
    Assigned,
    BookOpened,
    Deposited,
    DividendReceived,
    Event,
    Expired,
    Filled,
    LegEvent,
    Marked,
    Moved,
    Quoted,
    Refused,
    SleeveEvent,
    SleeveOpened,
    Split,
)
from underwriter.book.fold import Book, Instrument, fold
from underwriter.core.contract import parse_osi
from underwriter.core.sleeve import LONG_PUT, ROLL_LONG, ROLL_SHORT, SHORT_PUT, UNKNOWN
from underwriter.core.units import MICRO

COMMON: dict[str, Any] = {"at": 0, "session": date(2026, 1, 5), "account": "main"}
SEAT: dict[str, Any] = {**COMMON, "sleeve": 7, "campaign": 0, "policy": "hash"}
PUT = "SPX10 260220P00600000"
OPENED = SleeveOpened(**SEAT, name="wheel", underlying="SPX/10", root="SPX10", multiplier=100)


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
    seats = [(s.account, s.policy, s.underlying) for s in book.state.sleeves]
    assert seats == [(0, 0, 0), (1, 1, 1)]
    assert book.events == 4


def test_a_contract_is_keyed_by_the_place_of_its_root() -> None:
    book = book_of(filled(-1, 100))
    key = parse_osi(PUT, ["SPX10"]).key(1)
    assert book.state.sleeves[0].contract.tolist() == [key, 0, 0, 0, 0, 0]


def test_decisions_are_counted_by_reason() -> None:
    approved = Approved(**SEAT, action="open", option=PUT, quantity=1, why="entry_put")
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


def test_an_evening_is_taken_as_it_was_marked() -> None:
    """What is secured and exposed follows from quotes that a book does not keep."""
    told = {"reserved_u": 11, "puts_u": 7, "margin_u": 13, "exposure_u": {"SPX/10": 17}}
    book = book_of(filled(-2, 100), marked(3, **told, peak_u=4))
    account = book.state.accounts[0]
    assert (account.equity_u, account.peak_u, account.committed_u) == (3, 4, 0)
    assert (account.reserved_u, account.puts_u, account.margin_u) == (11, 7, 13)
    assert book.state.exposure_u.tolist() == [[17]]
    regime = book.state.regimes[0, 0]
    assert (regime.column, regime.now, regime.pending) == (1, 2, 1)
    assert book.marks == {"main": marked(3, **told, peak_u=4)}


def test_the_next_evening_replaces_all_but_the_peak() -> None:
    """What it does not name is zero; books of version 0.1 told no peak."""
    first = marked(9, reserved_u=11, puts_u=7, margin_u=13, exposure_u={"SPX/10": 17})
    book = book_of(first, marked(3))
    account = book.state.accounts[0]
    assert (account.equity_u, account.peak_u) == (3, 9)
    assert (account.reserved_u, account.puts_u, account.margin_u) == (0, 0, 0)
    assert book.state.exposure_u.tolist() == [[0]]


SECOND = SleeveOpened(
    **{**SEAT, "sleeve": 8}, name="wheel", underlying="KO", root="KO", multiplier=100
)


def test_a_regime_is_of_every_underlying_or_of_the_one_that_is_named() -> None:
    book = book_of(SECOND, marked(3, regimes={"hash": (1, 2, 1)}))
    assert book.state.regimes["column"].tolist() == [[1, 1]]
    book = fold([marked(4, regimes={"hash KO": (0, 3, -1), "other KO": (5, 5, 5)})], book)
    assert book.state.regimes["column"].tolist() == [[1, 0]]
    assert book.state.regimes["now"].tolist() == [[2, 3]]
    assert book.state.regimes["pending"].tolist() == [[1, -1]]
    never = book_of(SECOND, marked(3, regimes={"hash KO": (0, 0, 0)}))
    assert never.state.regimes["column"].tolist() == [[UNKNOWN, 0]]


def test_an_underlying_that_no_sleeve_trades_is_not_exposed() -> None:
    book = book_of(SECOND, marked(3, exposure_u={"KO": 5, "PEP": 6}))
    assert book.state.exposure_u.tolist() == [[0, 5]]


# --- rolls ---

LATER = "SPX10 260320P00590000"
WING, NEXT_WING = "SPX10 260220P00550000", "SPX10 260320P00540000"


def moved(slot: int, option: str) -> Moved:
    """A leg that moves in."""
    return Moved(**SEAT, slot=slot, option=option)


ROLL: list[AnyEvent] = [
    filled(-2, 500),
    filled(2, -200, slot=LONG_PUT, option=WING),
    filled(-2, 900, slot=ROLL_SHORT, option=LATER),
    filled(2, -300, slot=ROLL_LONG, option=NEXT_WING),
    filled(2, -700),
    filled(-2, 100, slot=LONG_PUT, option=WING),
]


def test_a_roll_goes_on_with_its_campaign_and_is_counted_once() -> None:
    """500 - 200 + 900 - 300 - 700 + 100 = 300, still running; four contracts were sold."""
    book = book_of(*ROLL, moved(ROLL_SHORT, LATER), moved(ROLL_LONG, NEXT_WING))
    sleeve = book.state.sleeves[0]
    keys = [parse_osi(one, ["SPX10"]).key(1) for one in (LATER, NEXT_WING)]
    assert book.strays == ()
    assert sleeve.contract.tolist() == [*keys, 0, 0, 0, 0]
    assert sleeve.quantity.tolist() == [-2, 2, 0, 0, 0, 0]
    assert sleeve.amount_u.tolist() == [900 * MICRO, -300 * MICRO, 0, 0, 0, 0]
    assert (sleeve.rolls, sleeve.campaign, sleeve.credit_u) == (1, 1, 300 * MICRO)
    (campaign,) = book.campaigns
    assert (campaign.sold, campaign.rolls, campaign.money_u) == (4, 1, 300 * MICRO)
    assert (campaign.closed, campaign.result_u) == (None, None)


@pytest.mark.parametrize(
    ("events", "event", "text"),
    [
        pytest.param(4, moved(ROLL_SHORT, LATER), "its place free", id="the old leg is there"),
        pytest.param(5, moved(ROLL_LONG, NEXT_WING), "its place free", id="the old wing is"),
        pytest.param(6, moved(ROLL_SHORT, PUT), "expected it there", id="another contract"),
        pytest.param(6, moved(ROLL_LONG, LATER), "expected it there", id="from another slot"),
        pytest.param(2, moved(ROLL_SHORT, LATER), "expected it there", id="nothing to move"),
        pytest.param(6, moved(SHORT_PUT, LATER), "from slot 0", id="no slot of a roll"),
        pytest.param(6, moved(6, LATER), "from slot 6", id="no slot"),
        pytest.param(6, moved(ROLL_SHORT, "junk"), "expected ROOT", id="no option"),
    ],
)
def test_a_move_of_what_is_not_there_is_a_stray(events: int, event: AnyEvent, text: str) -> None:
    before = book_of(*ROLL[:events])
    book = fold([event], before)
    assert [text in stray.text for stray in book.strays] == [True]
    assert replace(book, strays=(), events=before.events) == before


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
    """A kind of a later vocabulary, of an account or of a sleeve, is passed over."""

    class Heard(Event, frozen=True, kw_only=True, tag="heard"):
        """A kind that does not exist."""

    class Rumoured(SleeveEvent, frozen=True, kw_only=True, tag="rumoured"):
        """A kind that does not exist."""

    rumour: Any = Rumoured(**SEAT)
    hearsay: Any = Heard(**COMMON)
    assert replace(book_of(rumour, hearsay), events=2) == book_of()
    assert issubclass(Filled, LegEvent)
