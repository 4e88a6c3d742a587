"""Double entry: worked ledgers, random histories, and what Beancount itself says of them."""

import csv
import os
import shutil
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from book.journals import opening
from book.ledger_text import Ledger, events_of
from book.test_histories import HISTORIES
from underwriter.book.chart import Chart
from underwriter.book.currency import decimal
from underwriter.book.event import (
    AnyEvent,
    Assigned,
    DividendReceived,
    Filled,
    LegEvent,
    Moved,
    SleeveOpened,
)
from underwriter.book.export import beancount, csv_rows
from underwriter.book.fold import fold
from underwriter.book.legs import Position
from underwriter.book.positions import holdings
from underwriter.book.postings import Transaction, transactions, weights
from underwriter.core.sleeve import ROLL_SHORT

WHEEL = """
    2026-01-02 deposit 20,000.00
    2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85 fee 0.66
    2026-02-20 assigned KO 60 P, 100 shares
    2026-03-13 dividend KO 0.53
    2026-03-16 sold 1 KO 2026-04-17 C 62 @ 0.50 fee 0.66
    2026-04-17 called away KO 62 C, 100 shares fee 0.18
    2026-04-30 interest 1.25
"""

# everything that happens to legs and shares, in two accounts
MIXED = """
    2026-01-02 deposit 90,000.00
    2026-01-05 sold 3 KO 2026-02-20 P 60 @ 0.85 fee 1.98
    2026-01-06 sold 1 KO 2026-02-20 P 60 @ 0.86
    2026-01-20 bought 1 KO 2026-02-20 P 60 @ 0.40 fee 0.66
    2026-02-20 assigned KO 60 P, 200 shares
    2026-02-20 expired KO 60 P
    2026-02-23 bought 100 KO shares @ 59.333333
    2026-02-24 sold 2 KO 2026-03-20 C 63 @ 0.50
    2026-03-02 split KO 7:1
    2026-03-20 called away KO 9 C, 700 shares fee 0.20
    2026-03-23 sold 1,600 KO shares @ 8.10 fee 0.02
    2026-03-24 bought 200 KO shares @ 8.00
    2026-01-05 sold 1 SPX 2026-02-20 P 5900 @ 40.00 fee 1.50
    2026-01-05 bought 1 SPX 2026-02-20 P 5850 @ 30.00 fee 1.50
    2026-02-20 settled SPX 5900 P at 5,820.25
    2026-02-20 settled SPX 5850 P at 5,820.25
    2026-04-01 bought 1 PEP 2026-05-15 P 140 @ 2.00
    2026-04-01 bought 100 PEP shares @ 141.00
    2026-05-15 exercised PEP 140 P, 100 shares
    2026-05-18 deposit -1,000.000001
"""


def mixed() -> list[AnyEvent]:
    """The ledger above, and another in a second account whose names are alike."""
    second = [
        msgspec.structs.replace(each, account="Main", **_moved(each)) for each in events_of(WHEEL)
    ]
    return [*events_of(MIXED), *second]


def _moved(event: AnyEvent) -> dict[str, int]:
    return {"sleeve": event.sleeve + 50} if hasattr(event, "sleeve") else {}


def listed(events: list[AnyEvent]) -> list[Transaction]:
    return list(transactions(events, Chart()))


def said(each: Transaction) -> list[str]:
    """A transaction in plain lines: what is weighed, and of lots how many."""
    lines = [each.text]
    for one in each.postings:
        lot = "" if one.opened is None else f" {one.units} {one.commodity}"
        lines.append(f"  {one.account}{lot} {decimal(one.weight_u)}")
    return lines


def test_t76_a_wheel_keeps_its_premium_visible_beside_the_shares() -> None:
    """The put earns 85 when it is assigned; the shares come at 6,000 and go at 6,200."""
    found = [line for each in listed(events_of(WHEEL)) for line in said(each)]
    assert found == [
        "Deposit",
        "  Assets:Main:Cash 20000.00",
        "  Equity:Main:Deposits -20000.00",
        "Sold 1 KO 2026-02-20 P 60 at 0.85",
        "  Assets:Main:Cash 84.34",
        "  Expenses:Main:Ledger-KO:Fees 0.66",
        "  Liabilities:Main:Ledger-KO -1 KO260220P00060000 -85.00",
        "Assigned 1 KO 2026-02-20 P 60, 100 shares",
        "  Assets:Main:Cash -6000.00",
        "  Liabilities:Main:Ledger-KO 1 KO260220P00060000 85.00",
        "  Assets:Main:Ledger-KO 100 KO 6000.00",
        "  Income:Main:Ledger-KO:Options -85.00",
        "Dividend of 0.53 on 100 KO",
        "  Assets:Main:Cash 53.00",
        "  Income:Main:Ledger-KO:Dividends -53.00",
        "Sold 1 KO 2026-04-17 C 62 at 0.50",
        "  Assets:Main:Cash 49.34",
        "  Expenses:Main:Ledger-KO:Fees 0.66",
        "  Liabilities:Main:Ledger-KO -1 KO260417C00062000 -50.00",
        "Called away 1 KO 2026-04-17 C 62, 100 shares",
        "  Assets:Main:Cash 6199.82",
        "  Expenses:Main:Ledger-KO:Fees 0.18",
        "  Liabilities:Main:Ledger-KO 1 KO260417C00062000 50.00",
        "  Assets:Main:Ledger-KO -100 KO -6000.00",
        "  Income:Main:Ledger-KO:Options -50.00",
        "  Income:Main:Ledger-KO:Shares -200.00",
        "Interest",
        "  Assets:Main:Cash 1.25",
        "  Income:Main:Interest -1.25",
    ]


def test_every_kind_of_event_is_said_in_words() -> None:
    texts = [each.text for each in listed(events_of(MIXED))]
    for words in (
        "Bought 1 KO 2026-02-20 P 60 at 0.40",
        "Expired 1 KO 2026-02-20 P 60",
        "Bought 100 KO at 59.333333",
        "Split 7:1, now KO 2026-03-20 C 9",
        "Split 7:1, now KO",
        "Settled 1 SPX 2026-02-20 P 5900 at 5820.25",
        "Exercised 1 PEP 2026-05-15 P 140, 100 shares",
        "Withdrawal",
    ):
        assert words in texts


def test_shares_at_another_price_make_one_lot_of_the_average() -> None:
    """200 at 60 and 100 at 57 are 300 for 17,700."""
    bought = listed(
        events_of("""
        2026-01-05 bought 200 KO shares @ 60.00
        2026-01-06 bought 100 KO shares @ 57.00
        2026-01-07 bought 100 KO shares @ 59.00
    """)
    )
    assert said(bought[1])[2:] == [
        "  Assets:Main:Ledger-KO -200 KO -12000.00",
        "  Assets:Main:Ledger-KO 300 KO 17700.00",
    ]
    assert said(bought[2])[2:] == ["  Assets:Main:Ledger-KO 100 KO 5900.00"]


# --- against the fold, and against what ended ---


def held_by_commodity(events: list[AnyEvent]) -> Counter[tuple[str, str]]:
    """Contracts and shares by account and commodity, as the fold has them."""
    chart, held = Chart(), Counter[tuple[str, str]]()
    for one in holdings(fold(events)):
        for leg in one.legs:
            held[one.opened.account, chart.option(leg.contract.osi())] += leg.quantity
        held[one.opened.account, chart.shares(one.opened.underlying)] += one.shares
    return Counter({key: units for key, units in held.items() if units})


def by_account(found: list[Transaction], events: list[AnyEvent]) -> Counter[tuple[str, str]]:
    """The same, summed from postings."""
    names = {each.account.capitalize(): each.account for each in events}
    held = Counter[tuple[str, str]]()
    for each in found:
        for one in each.postings:
            if one.opened is not None:
                held[names[one.account.split(":")[1]], one.commodity] += one.units
    return Counter({key: units for key, units in held.items() if units})


def total(found: list[Transaction], ending: str) -> int:
    """What all accounts of an ending weigh."""
    return sum(
        one.weight_u for each in found for one in each.postings if one.account.endswith(ending)
    )


def agree(events: list[AnyEvent]) -> None:
    """Postings sum to zero and make the fold's cash; nothing is left unexplained."""
    found, book = listed(events), fold(events)
    assert all(sum(weights(each.postings)) == 0 for each in found)
    assert total(found, ":Cash") == sum(
        int(book.state.accounts[at].cash_u) for at in range(len(book.accounts))
    )
    assert total(found, ":Unexplained") == 0
    assert by_account(found, events) == held_by_commodity(events)
    assert total(found, ":Fees") == sum(each.fee_u for each in events if isinstance(each, LegEvent))
    assert -total(found, ":Options") == sum(gross_of_ended(events))


def gross_of_ended(events: list[AnyEvent]) -> list[int]:
    """What the legs that ended brought, before fees, one by one."""
    positions: dict[int, Position] = {}
    gross = []
    for event in events:
        if isinstance(event, SleeveOpened):
            positions[event.sleeve] = Position(event.root, event.multiplier)
        elif isinstance(event, LegEvent):
            ended = positions[event.sleeve].take(event)
            gross += [] if ended is None else [ended.opened_u + ended.closed_u]
        elif type(event).__name__ == "Split":
            positions[event.sleeve].split(event)
    return gross


def test_a_mixed_ledger_agrees_with_the_fold() -> None:
    events = events_of(MIXED)
    assert not fold(events).strays
    agree(events)


OPS = st.lists(
    st.tuples(st.integers(0, 7), st.integers(1, 5), st.integers(1, 9_999_999)), max_size=25
)


def history(ops: list[tuple[int, int, int]]) -> list[AnyEvent]:
    """A ledger of one share that does what can be done next: puts, calls, shares, splits."""
    ledger = Ledger()
    ledger.read("2026-01-02 deposit 100000.00")
    for number, (op, count, price) in enumerate(ops):
        line = _line(ledger, op, count, price / 1_000_000)
        if line:
            ledger.read(f"{date(2026, 1, 5) + timedelta(days=number)} {line}")
    return ledger.events


def _line(ledger: Ledger, op: int, count: int, price: float) -> str:
    """What an operation is in words; empty where it cannot be done now."""
    legs = {slot: leg for (_, slot), leg in ledger.legs.items()}
    put, call, shares = legs.get(0), legs.get(2), ledger.shares.get("KO", 0)
    fee = f"fee 0.{count:06d}"
    if op == 0:
        strike = "60" if put is None else f"{put[0].strike:f}"
        return f"sold {count} KO 2027-02-19 P {strike} @ {price:.6f} {fee}"
    if op == 1:
        strike = "62" if call is None else f"{call[0].strike:f}"
        return f"sold {count} KO 2027-03-19 C {strike} @ {price:.6f} {fee}"
    if op == 2 and put:
        return f"bought {min(count, -put[1])} KO 2027-02-19 P {put[0].strike:f} @ {price:.6f} {fee}"
    if op == 3 and put:
        taken = min(count, -put[1]) * 100
        return f"assigned KO {put[0].strike:f} P {taken} shares {fee}"
    if op == 4 and call:
        return f"expired KO {call[0].strike:f} C"
    if op == 5:
        return f"bought {count * 7} KO shares @ {price:.6f} {fee}"
    if op == 6:
        return f"sold {count * 11} KO shares @ {price:.6f} {fee}"
    if op == 7 and shares > 0 and not legs:
        return "split KO 2:1"
    return ""


@given(OPS)
def test_any_history_agrees_with_the_fold(ops: list[tuple[int, int, int]]) -> None:
    events = history(ops)
    assert not fold(events).strays
    agree(events)


@given(HISTORIES)
def test_even_a_senseless_history_balances(events: list[AnyEvent]) -> None:
    found, book = listed(events), fold(events)
    assert all(sum(weights(each.postings)) == 0 for each in found)
    cash_u = sum(int(book.state.accounts[at].cash_u) for at in range(len(book.accounts)))
    assert total(found, ":Cash") == cash_u


# --- Beancount itself ---


def bean_check(text: str, folder: Path) -> str:
    """What the program `bean-check` says of a file: nothing where it accepts it."""
    path = folder / "book.beancount"
    path.write_text(text, encoding="utf-8")
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    program = shutil.which("bean-check", path=places)
    assert program, "needs bean-check of Beancount, which is in requirements/dev.txt: make dev"
    done = subprocess.run([program, str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == (done.stderr + done.stdout == "")
    return done.stdout + done.stderr


def rolled() -> list[AnyEvent]:
    """A put rolled into the roll's slot, which then moves."""
    events = events_of("""
        2026-01-02 deposit 20,000.00
        2026-01-05 sold 1 XYZ 2026-01-16 P 95 @ 1.36
        2026-01-14 sold 1 XYZ 2026-02-20 P 94 @ 2.75
        2026-01-14 bought 1 XYZ 2026-01-16 P 95 @ 2.10
    """)
    new = next(each for each in events if isinstance(each, Filled) and each.slot == ROLL_SHORT)
    shared = {"at": new.at, "session": new.session, "account": "main", "campaign": 1, "policy": "p"}
    return [*events, Moved(**shared, sleeve=0, slot=ROLL_SHORT, option=str(new.option))]


@pytest.mark.parametrize("events", [mixed(), rolled(), opening()], ids=["mixed", "rolled", "run"])
def test_bean_check_accepts_the_export(events: list[AnyEvent], tmp_path: Path) -> None:
    assert bean_check("\n".join(beancount(events)) + "\n", tmp_path) == ""


@pytest.mark.parametrize("chosen", [0, 1, 2])
def test_bean_check_accepts_long_histories(chosen: int, tmp_path: Path) -> None:
    """A lot's cost a unit has no end in most of them."""
    ops = [((n * 5 + chosen) % 8, n % 5 + 1, 1 + n * n * 7_919 % 9_999_999) for n in range(80)]
    assert bean_check("\n".join(beancount(history(ops))) + "\n", tmp_path) == ""


@pytest.mark.parametrize(("old", "new"), [("84.34 USD", "84.35 USD"), ("-1 KO", "-2 KO")])
def test_bean_check_would_see_a_wrong_figure(old: str, new: str, tmp_path: Path) -> None:
    text = "\n".join(beancount(events_of(WHEEL))) + "\n"
    assert old in text
    assert bean_check(text.replace(old, new, 1), tmp_path) != ""


def test_an_empty_book_is_an_empty_file(tmp_path: Path) -> None:
    assert bean_check("\n".join(beancount([])) + "\n", tmp_path) == ""


# --- csv, and names ---


def test_the_csv_has_a_posting_a_row() -> None:
    head, *rows = csv.reader(csv_rows(events_of(WHEEL)))
    assert head[:4] == ["event", "date", "kind", "text"]
    assigned = [row for row in rows if row[2] == "assigned"][:4]
    assert [row[4:] for row in assigned] == [
        ["Assets:Main:Cash", "USD", "-6000.00", "-6000.00", "USD", ""],
        ["Liabilities:Main:Ledger-KO", "KO260220P00060000", "1", "85.00", "USD", "2026-01-05"],
        ["Assets:Main:Ledger-KO", "KO", "100", "6000.00", "USD", "2026-02-20"],
        ["Income:Main:Ledger-KO:Options", "USD", "-85.00", "-85.00", "USD", ""],
    ]


def test_names_are_told_apart_and_begin_as_they_must() -> None:
    chart = Chart()
    assert chart.cash("main") == "Assets:Main:Cash"
    assert chart.cash("Main") == "Assets:Main-2:Cash"
    assert chart.cash("main") == "Assets:Main:Cash"
    assert chart.seat("main", "wheel:SPX/10:2").held == "Assets:Main:Wheel-SPX-10-2"
    assert chart.seat("main", "wheel:SPX-10:2").held == "Assets:Main:Wheel-SPX-10-2-2"
    assert chart.cash("_") == "Assets:Main-3:Cash"
    assert [chart.shares(name) for name in ("SPX/10", "USD", "2X", "spx-10")] == [
        "SPX-10", "USD-2", "X2X", "SPX-10-2",
    ]  # fmt: skip


def test_what_is_told_late_stands_on_the_day_of_what_was_told_before() -> None:
    events = events_of("2026-01-05 deposit 1.00\n2026-01-02 deposit 2.00")
    assert [each.day for each in listed(events)] == [date(2026, 1, 5)] * 2


def test_money_that_nothing_explains_is_named() -> None:
    """An assignment of no shares that yet moves cash: senseless, and it must not vanish."""
    events = events_of("2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85")
    shared = {
        "at": 0,
        "session": date(2026, 2, 20),
        "account": "main",
        "campaign": 1,
        "policy": "p",
    }
    odd = Assigned(**shared, sleeve=0, slot=0, option="KO    260220P00060000", quantity=1, shares=0,
                   price_u=0, amount_u=-7_000_000, fee_u=0)  # fmt: skip
    assert "  Equity:Main:Unexplained 7.00" in said(listed([*events, odd])[-1])


def test_a_dividend_owed_is_paid() -> None:
    events = events_of("2026-01-05 sold 100 KO shares @ 60.00\n2026-01-06 dividend KO 0.5")
    assert isinstance(events[-1], DividendReceived)
    assert said(listed(events)[-1])[1] == "  Assets:Main:Cash -50.00"
