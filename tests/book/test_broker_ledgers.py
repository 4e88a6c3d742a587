"""What brokers tell, case by case of docs/failures.md: the events, then the expected book."""

from datetime import date

import pytest

from book.ledger_text import book_text, events_of
from book.tax_text import tax_text
from book.told import CALL, PUT, assigned, bought, common, expired, leg, opened, seat, shares, sold
from underwriter.book.amend import amended
from underwriter.book.event import (
    AccountOpened,
    Adjusted,
    AnyEvent,
    Busted,
    CapitalReturned,
    Charged,
    Deposited,
    DividendReceived,
    Filled,
    Leg,
    OrderIntended,
    OrderTold,
    Renamed,
    Settled,
    Split,
    Transferred,
)
from underwriter.book.fold import Book, Deliverable, fold
from underwriter.book.positions import holdings
from underwriter.book.tax import taxed
from underwriter.core.units import MICRO
from underwriter.report.views import months

FEB = date(2026, 2, 20)
START: list[AnyEvent] = [Deposited(**common(), amount_u=20_000 * MICRO), opened()]


def expect(events: list[AnyEvent], text: str) -> Book:
    """The book of a history, which must be as the text says; no event is a stray."""
    book = fold([*START, *events])
    assert book_text(book) == text
    return book


# --- assignment, exercise, expiry ---

ONE_PUT = "cash 14,084.34 · KO 100 shares · breakeven 59.1566 · campaign open"


def test_t43_an_assignment_nobody_announced_is_inferred_and_said_to_be() -> None:
    told = assigned(1, 100, "-6000", source="inferred", id="seen-1")
    expect([sold(1, "85 0.66", id="1"), told], ONE_PUT)


def test_t44_an_assignment_that_is_announced_after_its_shares_were_seen_is_the_same() -> None:
    seen = assigned(1, 100, "-6000", source="inferred", id="seen-1")
    late = assigned(1, 100, "-6000", id="OPASN-7", day=FEB)
    book = expect([sold(1, "85 0.66", id="1"), seen, late, late], ONE_PUT)
    assert book.repeats == (5, 6)
    again = sold(1, "80", id="2"), assigned(1, 100, "-6000", id="OPASN-8")
    assert int(fold(again, book).state.sleeves[0].shares) == 200, "only once is it the same"


def test_t45_an_assignment_that_is_told_three_times_is_booked_once() -> None:
    told = assigned(1, 100, "-6000", id="A")
    expect([sold(1, "85 0.66"), told, told, told], ONE_PUT)
    nameless = assigned(1, 100, "-6000")
    book = fold([*START, sold(1, "85 0.66"), nameless, nameless])
    assert "expected at most what ends the 0 that" in book.strays[0].text
    assert int(book.state.sleeves[0].shares) == 100


def test_t46_two_of_five_are_assigned_and_three_expire() -> None:
    events = [sold(5, "500"), assigned(2, 200, "-12000"), expired(3)]
    expect(events, "cash 8,500.00 · KO 200 shares · breakeven 57.5000 · campaign open")


def order(client: str, action: str = "close", quantity: int = 1, **more: str) -> OrderIntended:
    legs = (Leg(PUT, quantity),)
    return OrderIntended(
        **seat(), client=client, action=action, legs=legs, shares=0, limit_u=-400_000, **more
    )


def stands(client: str, state: str, **more: str) -> OrderTold:
    return OrderTold(**seat(), client=client, state=state, **more)  # type: ignore[arg-type]


def test_t47_an_order_to_close_lives_on_when_its_put_is_assigned_until_it_is_cancelled() -> None:
    events = [sold(1, "85 0.66"), order("c1"), stands("c1", "sent"), assigned(1, 100, "-6000")]
    book = expect(events, ONE_PUT)
    assert list(book.orders.live) == [("main", "c1")]
    done = fold([stands("c1", "cancelled")], book)
    assert (done.orders.live, done.orders.ended) == ({}, {("main", "c1"): "cancelled"})


def test_t48_what_expires_leaves_neither_leg_nor_campaign() -> None:
    expect([sold(1, "85 0.66"), expired(1)], "cash 20,084.34 · campaign earned 84.34")


def test_t49_an_expired_contract_needs_no_quote_to_be_corrected() -> None:
    events = [sold(1, "85", id="1"), expired(1, id="2", day=FEB)]
    gone = fold([*START, *events, Busted(**common(), of="2", why=""), assigned(1, 100, "-6000")])
    assert int(gone.state.sleeves[0].shares) == 100


def test_t50_t51_a_cash_settled_leg_ends_at_its_settlement_price() -> None:
    settled = leg(Settled, PUT, 1, 0, "-150", price="58.5")
    expect([sold(1, "85"), settled], "cash 19,935.00 · campaign earned -65.00")


def test_t52_the_long_leg_outlives_an_early_assignment_and_is_exercised() -> None:
    long = "KO    260220P00055000"
    events = [sold(1, "100"), bought(1, "-40", long, slot=1), assigned(1, 100, "-6000")]
    leg_text = "KO 1 2026-02-20 P 55 · breakeven 59.0000"
    expect(events, f"cash 14,060.00 · KO 100 shares · {leg_text} · campaign open")
    exercised = assigned(-1, -100, "5500", option=long, slot=1)
    expect([*events, exercised], "cash 19,560.00 · campaign earned -440.00")


def test_t53_t54_a_call_that_is_called_early_owes_no_dividend_that_came_after() -> None:
    events = [shares(100, "-6000"), sold(1, "50", CALL, slot=2)]
    away = assigned(1, -100, "6200", option=CALL, slot=2)
    book = expect([*events, away], "cash 20,250.00 · campaign earned 250.00")
    paid = DividendReceived(**seat(day=FEB), shares=100, per_share_u=510_000, amount_u=51 * MICRO)
    assert fold([paid], book).campaigns[0].result_u == 301 * MICRO


def test_t55_a_put_exercised_after_hours_though_out_of_the_money_takes_its_expiry_back() -> None:
    events = [sold(1, "85 0.66", id="1"), expired(1, id="2", day=FEB)]
    late = [Busted(**common(day=FEB), of="2", why="exercised after hours")]
    expect([*events, *late, assigned(1, 100, "-6000", id="3", price="60.05")], ONE_PUT)


def test_t56_an_assignment_beyond_the_cash_is_booked_all_the_same() -> None:
    four = [sold(4, "400"), assigned(4, 400, "-24000")]
    expect(four, "cash -3,600.00 · KO 400 shares · breakeven 59.0000 · campaign open")


def test_t57_an_assignment_without_a_price_is_its_strike() -> None:
    expect([sold(1, "85 0.66"), assigned(1, 100, "-6000", price="0")], ONE_PUT)


# --- corporate actions ---


def adjusted(was: str, now: str, delivers: int, cash: int = 0, **more: int) -> Adjusted:
    what = {"slot": 0, "was": was, "option": now, "shares": delivers, "cash_u": cash * MICRO}
    return Adjusted(**seat(), **(what | more), why="by the OCC")


def test_t58_a_special_dividend_lowers_the_strike_from_62_to_60_76() -> None:
    """Called away at 60.76: 5,000 + 50 + 124 of dividend + 6,076 in all."""
    lower = "KO    260220C00060760"
    special = DividendReceived(**seat(), shares=100, per_share_u=1_240_000, amount_u=124 * MICRO)
    events = [shares(100, "-5000"), sold(1, "50", CALL, slot=2), special]
    events.append(adjusted(CALL, lower, 100, slot=2))
    held = "KO 100 shares · KO -1 2026-02-20 C 60.76 · breakeven 48.7600 · campaign open"
    expect(events, f"cash 15,174.00 · {held}")
    away = assigned(1, -100, "6076", option=lower, slot=2)
    expect([*events, away], "cash 21,250.00 · campaign earned 1,250.00")
    tax = taxed([*START, *events, away], 2026)
    assert tax_text(tax) == "short 1,126.00 · long 0.00", "5,000 became 6,076 + 50; dividend apart"


OLD, NEW = "KO    260220P00060000", "KO1   260220P00060000"


def test_t59_t63_a_changed_root_is_held_to_its_end_and_not_sold_anew() -> None:
    events = [sold(1, "85 0.66"), adjusted(OLD, NEW, 100)]
    book = fold([*START, *events])
    assert [str(each.contract) for each in holdings(book)[0].legs] == ["KO1 2026-02-20 P 60"]
    done = fold([expired(1, option=NEW), sold(1, "80", NEW)], book)
    assert [each.result_u for each in done.campaigns] == [round(84.34 * MICRO)]
    assert "root 'KO1' is adjusted" in done.strays[0].text


def test_t60_after_a_reverse_split_twelve_shares_and_cash_cover_a_call() -> None:
    """1 for 8: 100 shares become 12 and the cash of a half; the call delivers 12 and 5.00."""
    moved, now = "KO1   260220C00062000", 12
    events = [
        shares(100, "-6000"),
        sold(1, "50", CALL, slot=2),
        adjusted(CALL, moved, now, cash=5, slot=2),
        CapitalReturned(**seat(), shares=100, amount_u=5 * MICRO),
        Split(**seat(), slot=0, option=None, quantity=0, shares=-88, new=1, old=8),
    ]
    book = fold([*START, *events])
    assert (book.strays, book.delivered[moved]) == ((), Deliverable(12, 5 * MICRO))
    assert int(book.state.sleeves[0].shares) == 12
    away = assigned(1, -12, "6195", option=moved, slot=2)  # the strike less the cash delivered
    expect([*events, away], "cash 20,250.00 · campaign earned 250.00")
    assert tax_text(taxed([*START, *events, away], 2026)) == "short 250.00 · long 0.00"


def test_t61_a_forward_split_scales_contracts_shares_and_basis() -> None:
    told = events_of("""
        2014-06-02 deposit 70,000.00
        2014-06-03 sold 1 AAPL 2014-06-20 P 640 @ 12.00
        2014-06-09 split AAPL 7:1
        2014-06-20 assigned AAPL 91.43 P, 700 shares
    """)
    assert book_text(fold(told)) == (
        "cash 7,199.00 · AAPL 700 shares · breakeven 89.7157 · campaign open"
    )


def test_t62_a_renamed_underlying_goes_on_with_its_campaign_and_its_lots() -> None:
    named = "KOX   260220C00062000"
    events = [
        shares(100, "-6000"),
        sold(1, "50", CALL, slot=2),
        Renamed(**seat(), underlying="KOX", root="KOX"),
    ]
    held = "KOX 100 shares · KOX -1 2026-02-20 C 62 · breakeven 60.0000 · campaign open"
    expect(events, f"cash 14,050.00 · {held}")
    away = assigned(1, -100, "6200", option=named, slot=2)
    expect([*events, away], "cash 20,250.00 · campaign earned 250.00")
    assert tax_text(taxed([*START, *events, away], 2026)) == "short 250.00 · long 0.00"


def test_t62_a_merger_for_cash_ends_shares_and_calls() -> None:
    cash = "KO1   260220C00062000"
    events = [
        shares(100, "-6000"),
        sold(1, "50", CALL, slot=2),
        leg(Settled, None, 0, -100, "6500", price="65"),
        adjusted(CALL, cash, 0, cash=6500, slot=2),
        leg(Settled, cash, 1, 0, "-300", price="65", slot=2),
    ]
    expect(events, "cash 20,250.00 · campaign earned 250.00")


def test_t62_a_merger_for_shares_and_cash_keeps_what_they_cost() -> None:
    """Two for five and 3.00 a share: 100 become 40 that cost 6,000 - 300."""
    events = [
        shares(100, "-6000"),
        Renamed(**seat(), underlying="PEP", root="PEP"),
        CapitalReturned(**seat(), shares=100, amount_u=300 * MICRO),
        Split(**seat(), slot=0, option=None, quantity=0, shares=-60, new=2, old=5),
    ]
    expect(events, "cash 14,300.00 · PEP 40 shares · breakeven 142.5000 · campaign open")
    tax = tax_text(taxed([*START, *events], 2026))
    assert tax == "short 0.00 · long 0.00 · PEP 40 basis 5,700.00 since 2026-01-05"


def test_t62_what_is_spun_off_takes_its_part_of_the_basis_and_the_day() -> None:
    child = opened(1, "PEP")
    out = leg(Transferred, None, 0, 0, "600", acquired=date(2026, 1, 5))
    into = leg(Transferred, None, 0, 10, "-600", acquired=date(2026, 1, 5), sleeve=1, day=FEB)
    book = fold([*START, shares(100, "-6000"), child, out, into])
    assert (book.strays, book.balance_u("main", "USD")) == ((), 14_000 * MICRO)
    tax = tax_text(taxed([*START, shares(100, "-6000"), child, out, into], 2026))
    assert tax == (
        "short 0.00 · long 0.00 · KO 100 basis 5,400.00 since 2026-01-05"
        " · PEP 10 basis 600.00 since 2026-01-05"
    )


def test_t62_what_is_delisted_ends_for_nothing() -> None:
    events = [shares(100, "-6000"), leg(Settled, None, 0, -100, "0")]
    expect(events, "cash 14,000.00 · campaign earned -6,000.00")


def test_t63_a_class_of_shares_has_a_dot_and_its_options_none() -> None:
    root = opened(1, "BRK.B")
    brk = type(root)(**(seat(1)), name="p", underlying="BRK.B", root="BRKB", multiplier=100)
    book = fold([brk, sold(1, "85", "BRKB  260220P00400000", sleeve=1)])
    assert (book.strays, book.sleeves[0].underlying) == ((), "BRK.B")


# --- accounting and tax ---


def test_t76_shares_owned_before_have_a_basis_and_a_day_and_move_no_cash() -> None:
    owned = leg(Transferred, None, 0, 100, "-5210", acquired=date(2024, 3, 1))
    events = [owned, sold(1, "50 0.66", CALL, slot=2), expired(1, option=CALL, slot=2)]
    expect(events, "cash 20,049.34 · KO 100 shares · breakeven 51.6066 · campaign open")
    gone = shares(-100, "6000")
    assert tax_text(taxed([*START, *events, gone], 2026)) == "short 49.34 · long 790.00"
    away = leg(Transferred, None, 0, -100, "5210", acquired=date(2024, 3, 1))
    assert tax_text(taxed([*START, *events, away], 2026)) == "short 49.34 · long 0.00"


def test_t77_partial_fills_of_an_order_are_one_lot_and_end_it() -> None:
    """1 at 0.85 and 2 at 0.86 with 0.66 each: 257.00 less 1.98."""
    book = fold([*START, order("c1", "open", -3), stands("c1", "acknowledged", order="B7")])
    first = sold(1, "85 0.66", client="c1", id="e1")
    part = fold([first, first], book)
    assert part.orders.live["main", "c1"].left == {PUT: -2}
    done = fold([sold(2, "172 1.32", client="c1", id="e2")], part)
    assert (done.orders.live, done.orders.ended["main", "c1"]) == ({}, "filled")
    assert int(done.state.sleeves[0].amount_u[0]) == round(255.02 * MICRO)
    events = [*START, first, sold(2, "172 1.32", id="e2")]
    text = "short 0.00 · long 0.00 · KO -3 2026-02-20 P 60 proceeds 255.02 since 2026-01-05"
    assert tax_text(taxed(events, 2026)) == text


def account(tax: str, name: str = "main") -> AccountOpened:
    terms = {"broker": "B", "number": "*1", "collateral": "cash", "tax": tax}
    return AccountOpened(**common(account=name), **terms)  # type: ignore[arg-type]


CYCLE = [sold(1, "85"), assigned(1, 100, "-6000"), shares(-100, "5800", day=FEB)]


@pytest.mark.parametrize(
    ("tax", "text"),
    [
        ("us_taxable", "short -115.00 · long 0.00"),
        ("separate", "short -115.00 · long 0.00"),
        ("us_deferred", "short 0.00 · long 0.00"),
    ],
)
def test_t78_an_account_is_taxed_as_it_says(tax: str, text: str) -> None:
    year = taxed([account(tax), *START, *CYCLE], 2026)
    assert tax_text(year) == text
    gains = {"us_taxable": [-115], "separate": [85, -200], "us_deferred": []}
    assert [each.gain_u // MICRO for each in year.closings] == gains[tax]


def test_t79_a_deferred_account_takes_a_loss_for_good() -> None:
    """Rev. Rul. 2008-5: put off, and no basis has it."""
    ira = [account("us_deferred", "ira"), opened(1, account="ira")]
    again = shares(100, "-5800", sleeve=1, account="ira", day=FEB)
    sale = [shares(100, "-6000"), shares(-100, "5700", day=FEB)]
    events = [*START, *ira, *sale, again]
    assert tax_text(taxed(events, 2026)) == "short 0.00 · long 0.00 · put off 300.00"
    lost = [shares(-100, "5000", sleeve=1, account="ira", day=FEB), shares(100, "-5000", day=FEB)]
    assert taxed([*events[:4], *events[4:], *lost], 2026).disallowed_u == 300 * MICRO


def test_t80_income_of_the_views_is_the_cash_of_the_fold() -> None:
    fee = Charged(**common(), amount_u=-3 * MICRO, what="fee")
    events = [*START, sold(1, "85 0.66"), expired(1), fee]
    told = months(events)
    late = sold(1, "40", id="late")
    assert months([*events, late, Busted(**common(), of="late", why="")]) == told
    assert told["2026-01"].income_u == fold(events).balance_u("main", "USD") - 20_000 * MICRO


def test_t81_a_basis_a_hundred_times_too_small_is_corrected_by_its_id() -> None:
    from underwriter.book.event import Corrected  # noqa: PLC0415

    wrong = leg(Transferred, None, 0, 100, "-52.10", acquired=date(2024, 3, 1), id="t")
    right = Corrected(
        **common(), of="t", quantity=0, shares=100, price_u=0, amount_u=-5_210 * MICRO, fee_u=0
    )
    book = fold([*START, wrong, right])
    assert holdings(book)[0].breakeven_u == 52_100_000


def test_t82_a_fold_that_stopped_anywhere_goes_on_to_the_same_book() -> None:
    seen = assigned(1, 100, "-6000", source="inferred", id="s")
    events = [*START, sold(1, "85", id="1"), order("c"), seen, Busted(**common(), of="s", why=""),
              adjusted(OLD, NEW, 12, 5), expired(1, option=NEW, id="9")]  # fmt: skip
    whole = fold(events)
    assert whole.strays == ()
    for cut in range(len(events)):
        assert fold(events[cut:], fold(events[:cut])) == whole


def test_a_fill_of_an_order_that_was_cancelled_is_a_fill() -> None:
    events = [order("c1", "open", -1), stands("c1", "cancelled"), sold(1, "85", client="c1")]
    book = fold([*START, *events])
    assert (book.strays, int(book.state.sleeves[0].quantity[0])) == ((), -1)
    assert [type(each) for each in amended([*START, *events])].count(Filled) == 1
