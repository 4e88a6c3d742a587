"""What brokers tell, in words and as postings; and what does not fit."""

from typing import Any

import pytest

from book.told import CALL, DAY, PUT, assigned, common, leg, opened, seat, shares, sold
from underwriter.book.chart import Chart
from underwriter.book.event import (
    AccountOpened,
    Adjusted,
    AnyEvent,
    Busted,
    CapitalReturned,
    CashAdjusted,
    Charged,
    Converted,
    Corrected,
    Deposited,
    InterestPaid,
    OrderIntended,
    OrderTold,
    Renamed,
    Settled,
    Split,
    Transferred,
)
from underwriter.book.fold import fold
from underwriter.book.legs import TRANSFERRED, Position
from underwriter.book.postings import transactions
from underwriter.book.tax import taxed
from underwriter.book.told import moved_u, told
from underwriter.core.contract import osi_root
from underwriter.core.errors import InputError
from underwriter.core.units import MICRO

NEW = "KO1   260220P00060000"
ACCOUNT: dict[str, Any] = {"broker": "B", "number": "*1", "collateral": "cash", "tax": "separate"}


def adjusted(**changes: Any) -> Adjusted:  # noqa: ANN401
    what: dict[str, Any] = {"slot": 0, "was": PUT, "option": NEW, "shares": 12, "cash_u": 5}
    return Adjusted(**seat(), **(what | changes), why="OCC")


SAID: list[tuple[AnyEvent, str, int | None]] = [
    (AccountOpened(**common(), **ACCOUNT), "Account opened, B, *1: cash, separate", None),
    (InterestPaid(**common(), amount_u=-1), "Interest on what is owed", -1),
    (Charged(**common(), amount_u=-5, what="borrow"), "Fee for borrowed shares", -5),
    (CashAdjusted(**common(), amount_u=5, why="rounding"), "Adjustment: rounding", 5),
    (Converted(**common(), amount_u=-100_000_000, into="BTC", into_u=150_000, fee_u=2),
     "Converted 100.00 USD into 0.0015 BTC", -100_000_002),
    (Busted(**common(), of="7", why=""), "Never happened: 7", None),
    (Corrected(**common(), of="7", quantity=0, shares=0, price_u=0, amount_u=MICRO, fee_u=0),
     "Corrected 7: 1.00", None),
    (OrderIntended(**seat(), client="c", action="open", legs=(), shares=1, limit_u=0),
     "Order c intended: open", None),
    (OrderTold(**seat(), client="c", state="rejected", why="margin"),
     "Order c rejected: margin", None),
    (CapitalReturned(**seat(), shares=100, amount_u=7), "Capital returned on 100 KO", 7),
    (adjusted(), "Adjusted KO 2026-02-20 P 60, now KO1 2026-02-20 P 60: OCC", None),
    (Renamed(**seat(), underlying="KOX", root="KOX"), "KO is KOX now", None),
    (leg(Transferred, None, 0, 100, "-5210 1", acquired=DAY, price="52.1"),
     "Transferred 100 KO at 52.10", -1_000_000),
    (leg(Settled, None, 0, -100, "6500", price="65"), "Settled 100 KO at 65.00", 6_500_000_000),
]  # fmt: skip


@pytest.mark.parametrize(("event", "text", "moved"), SAID, ids=[each[1][:20] for each in SAID])
def test_an_event_in_words_and_the_cash_it_moved(
    event: AnyEvent, text: str, moved: int | None
) -> None:
    assert (told(event, {0: "KO"}), moved_u(event)) == (text, moved)


def test_an_event_of_a_later_vocabulary_has_no_words() -> None:
    from underwriter.book.event import Event, SleeveEvent  # noqa: PLC0415

    for unknown in (Event(**common()), SleeveEvent(**seat())):
        with pytest.raises(AssertionError, match="no words"):
            told(unknown, {})  # type: ignore[arg-type]


def test_t71_balances_are_an_accounts_and_a_currencys() -> None:
    """A bitcoin's unit is its hundred-millionth."""
    euro = Deposited(**common(), currency="EUR", amount_u=92)
    book = fold([Deposited(**common(), amount_u=100), euro, SAID[4][0]])
    held = {each: book.balance_u("main", each) for each in ("USD", "EUR", "BTC", "CHF")}
    assert held == {"USD": 100 - 100_000_002, "EUR": 92, "BTC": 150_000, "CHF": 0}
    assert book.balance_u("ira", "USD") == 0
    terms = AccountOpened(**common(), currency="EUR", **ACCOUNT)
    assert "expected USD, in which it began" in fold([terms], book).strays[0].text


def test_a_leg_in_another_currency_moves_that_balance_alone() -> None:
    euro = leg(type(sold(1, "85")), PUT, -1, 0, "85", currency="EUR")
    book = fold([Deposited(**common(), amount_u=1), opened(), euro])
    assert (book.balance_u("main", "USD"), book.balance_u("main", "EUR")) == (1, 85 * MICRO)
    with pytest.raises(InputError, match="found EUR in account main; expected USD"):
        taxed([Deposited(**common(), amount_u=1), opened(), euro], 2026)


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (adjusted(slot=1), "in slot 1: expected it there"),
        (adjusted(was=CALL), "in slot 0: expected it there"),
        (adjusted(slot=9), "in slot 9: expected it there"),
        (adjusted(shares=-1), "expected shares or cash that a contract delivers"),
        (adjusted(shares=0, cash_u=0), "expected shares or cash that a contract delivers"),
        (CapitalReturned(**seat(), shares=50, amount_u=1), "expected the 100 that sleeve"),
        (sold(1, "5", slot=1, option=PUT), None),
        (assigned(3, 300, "-1"), "+3 contracts of"),
        (leg(Settled, PUT, -1, 0, "1"), "-1 contracts of"),
    ],
)
def test_what_does_not_fit_is_a_stray(event: AnyEvent, text: str | None) -> None:
    book = fold([opened(), sold(2, "170"), shares(100, "-6000"), event])
    assert [text in stray.text for stray in book.strays] == ([True] if text else [])


def test_a_transfer_is_posted_at_its_basis_and_its_fee_in_cash() -> None:
    into = leg(Transferred, None, 0, 100, "-5210 1", acquired=DAY)
    basis = leg(Transferred, None, 0, 0, "600", acquired=DAY)
    events = [opened(), into, basis, CapitalReturned(**seat(), shares=100, amount_u=6)]
    chart = Chart()
    listed = [
        {(one.account, one.weight_u) for one in each.postings}
        for each in transactions(events, chart)
    ]
    shares_at, given = "Assets:Main:P-KO", "Equity:Main:Deposits"
    assert listed[0] == {
        (shares_at, 5_210 * MICRO), (given, -5_210 * MICRO),
        ("Expenses:Main:P-KO:Fees", MICRO), ("Assets:Main:Cash", -MICRO),
    }  # fmt: skip
    assert (given, 600 * MICRO) in listed[1]
    assert ("Assets:Main:Cash", 6) in listed[2]


def test_a_leg_that_was_transferred_away_ended_so() -> None:
    position = Position("KO", 100)
    assert position.take(leg(Transferred, PUT, -1, 0, "85", acquired=DAY)) is None
    ended = position.take(leg(Transferred, PUT, 1, 0, "-85", acquired=DAY))
    assert ended is not None
    assert (ended.how, ended.opened) == (TRANSFERRED, DAY)


def test_t60_cover_goes_by_what_a_call_delivers() -> None:
    position = Position("KO", 100)
    position.shares.held = 24
    position.take(leg(type(sold(1, "1")), CALL, -2, 0, "50", slot=2))
    assert position.covers(position.legs[2]) == 0
    position.adjusted(adjusted(slot=2, was=CALL, option="KO1   260220C00062000"))
    assert (position.covers(position.legs[2]), position.secured_u) == (2, 0)
    position.adjusted(adjusted(slot=2, was=CALL, option="KO1   260220C00062000", shares=0))
    assert position.covers(position.legs[2]) == 2
    position.renamed(Renamed(**seat(), underlying="KOX", root="KOX"))
    assert osi_root(position.legs[2].option) == "KO1"


MOVED = [
    Deposited(**common(), amount_u=100),
    Charged(**common(), amount_u=-5, what="fee"),
    CashAdjusted(**common(), amount_u=5, why="rounding"),
    Converted(**common(), amount_u=-50, into="EUR", into_u=46, fee_u=1),
]


def test_money_of_an_account_is_posted_where_it_belongs() -> None:
    posted = [each.postings for each in transactions(MOVED, Chart())]
    assert [{(one.account, one.commodity, one.units) for one in each} for each in posted] == [
        {("Assets:Main:Cash", "USD", 100), ("Equity:Main:Deposits", "USD", -100)},
        {("Assets:Main:Cash", "USD", -5), ("Expenses:Main:Fee", "USD", 5)},
        {("Assets:Main:Cash", "USD", 5), ("Equity:Main:Adjustments", "USD", -5)},
        {("Assets:Main:Cash", "USD", -50), ("Equity:Main:Conversions", "USD", 50),
         ("Assets:Main:Cash", "USD", -1), ("Expenses:Main:Fee", "USD", 1),
         ("Assets:Main:Cash", "EUR", 46), ("Equity:Main:Conversions", "EUR", -46)},
    ]  # fmt: skip


def test_actions_are_posted_as_other_lots_at_the_same_money() -> None:
    events = [opened(), sold(1, "85"), adjusted(), Renamed(**seat(), underlying="KOX", root="KOX"),
              shares(100, "-6000"), Renamed(**seat(), underlying="PEP", root="PEP")]  # fmt: skip
    posted = [each.postings for each in transactions(events, Chart())]
    lots = [{(one.commodity, one.units, one.weight_u) for one in each} for each in posted]
    assert lots[1] == {
        ("KO260220P00060000", 1, 85 * MICRO),
        ("KO1260220P00060000", -1, -85 * MICRO),
    }
    assert lots[3] == {("KOX", -100, -6_000 * MICRO), ("PEP", 100, 6_000 * MICRO)}
    assert len(posted) == 4, "a new symbol moves nothing where nothing goes by it"


def test_capital_beyond_the_basis_is_a_gain_and_so_is_what_no_lot_is_left_for() -> None:
    back = CapitalReturned(**seat(), shares=100, amount_u=7_000 * MICRO)
    year = taxed([opened(), shares(100, "-6000"), back], 2026)
    assert [(one.how, one.gain_u, one.quantity) for one in year.closings] == [
        ("returned", 1_000 * MICRO, 100)
    ]
    assert [one.lot.money_u for one in year.lots] == [0]
    both = [opened(), opened(1), shares(100, "-6000"), shares(-100, "6000", sleeve=1), back]
    assert [one.gain_u for one in taxed(both, 2026).closings] == [0, 7_000 * MICRO]


def test_of_a_reverse_split_a_lot_that_vanishes_leaves_its_money_to_the_next() -> None:
    """Five and five, ten for one: one share that cost 90."""
    early = shares(5, "-40", day=DAY)
    late = shares(5, "-50", day=DAY.replace(day=6))
    less = Split(**seat(day=DAY.replace(day=7)), slot=0, option=None, quantity=0, shares=-9,
                 new=1, old=10)  # fmt: skip
    year = taxed([opened(), early, late, less], 2026)
    assert [(one.lot.quantity, one.lot.money_u) for one in year.lots] == [(1, -90 * MICRO)]
    gone = Split(**seat(day=DAY.replace(day=8)), slot=0, option=None, quantity=0, shares=-1,
                 new=1, old=10)  # fmt: skip
    none = taxed([opened(), early, late, less, gone], 2026)
    assert ([one.gain_u for one in none.closings], none.lots) == ([-90 * MICRO], ())


def test_t79_a_loss_goes_on_under_a_new_symbol() -> None:
    """What is bought back as PEP puts the loss on KO off; an option of its root goes along."""
    events = [
        opened(), opened(1, "MSFT"), shares(50, "-50", sleeve=1), shares(100, "-6000"),
        sold(1, "85"), shares(-100, "5800"),
        Renamed(**seat(), underlying="PEP", root="PEP"), shares(100, "-5800"),
    ]  # fmt: skip
    year = taxed(events, 2026)
    assert year.disallowed_u == 200 * MICRO
    assert sorted(str(one.asset.option or one.asset.underlying) for one in year.lots) == [
        "MSFT", "PEP", "PEP   260220P00060000",
    ]  # fmt: skip
