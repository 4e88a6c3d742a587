"""The file of a paper account: what is read is what was kept, whatever happened in between."""

import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.world import osi
from underwriter.book.imports.statement import Instrument, Kind
from underwriter.core.errors import InputError
from underwriter.core.units import day_of
from underwriter.desk.brokers.paper_account import (
    Account,
    Cabinet,
    Happened,
    Order,
    note,
)
from underwriter.desk.ports import OrderLeg, Ticket

MONDAY = 20_000
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("order"), st.integers(0, 30)),
        st.tuples(st.just("end"), st.integers(0, 5)),
        st.tuples(st.just("fact"), st.integers(0, 30)),
        st.tuples(st.just("forget"), st.integers(0, 30)),
        st.tuples(st.sampled_from(["keep", "reopen"]), st.just(0)),
    ),
    max_size=40,
)


def ticket(client: str) -> Ticket:
    legs = (OrderLeg(osi(60.0), -1, "open"),)
    return Ticket(client, "open", "KO", legs, 0, 1, 1_350_000)


def sold(account: Account, day: int) -> None:
    """A fact: one put sold."""
    thing = Instrument("KO", osi(60.0), "KO", 100)
    note(
        account,
        Happened(kind=Kind.TRADE, day=day_of(day), at=day, told=day, thing=thing, quantity=-1),
    )


def act(account: Account, name: str, by: int) -> None:
    """One thing that happens to an account."""
    if name == "order":
        order = Order(ticket(f"c{account.count}"), account.name("order"), MONDAY + by)
        order.state = "rejected" if by % 5 == 0 else "acknowledged"
        account.take(order)
    elif name == "end" and account.live():
        order = account.live()[by % len(account.live())]
        order.filled, order.state = by % 2, "cancelled" if by % 2 else "acknowledged"
    elif name == "fact":
        sold(account, MONDAY + by)
    elif name == "forget":
        account.forget(MONDAY + by)


def kept(path: Path) -> bytes:
    """An account as another process reads it."""
    return msgspec.json.encode(Cabinet(path).read())


@given(STEPS)
def test_what_is_read_is_what_was_kept(steps: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "account.db"
        account, cabinet = Account(number="paper"), Cabinet(path)
        cabinet.keep(account)
        last = kept(path)
        for name, by in steps:
            act(account, name, by)
            if name == "reopen":
                found = cabinet.read()
                assert found is not None
                account = found
            elif name == "keep":
                cabinet.keep(account)
                account.live()
                last = msgspec.json.encode(account)
            assert kept(path) == last


def test_a_full_disk_leaves_the_account_as_it_was_and_the_next_write_brings_all(
    tmp_path: Path,
) -> None:
    path = tmp_path / "account.db"
    account, cabinet = Account(number="paper"), Cabinet(path)
    for day in range(MONDAY, MONDAY + 50):
        sold(account, day)
    cabinet.keep(account)
    before = kept(path)
    cabinet._file.execute("PRAGMA max_page_count = 1")
    account.take(Order(ticket("a"), account.name("order"), MONDAY))
    account.forget(MONDAY + 10)
    for day in range(MONDAY + 50, MONDAY + 150):
        sold(account, day)
    with pytest.raises(InputError, match="full; expected a place to write"):
        cabinet.keep(account)
    assert kept(path) == before
    cabinet._file.execute("PRAGMA max_page_count = 100000")
    cabinet.keep(account)
    assert kept(path) == msgspec.json.encode(account)


def test_an_order_that_ended_and_was_forgotten_between_two_writes_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "account.db"
    account, cabinet = Account(number="paper"), Cabinet(path)
    for client in "ab":
        account.take(Order(ticket(client), account.name("order"), MONDAY))
    cabinet.keep(account)
    account.orders["a"].state = "expired"
    account.forget(MONDAY + 1)
    account.take(Order(ticket("c"), account.name("order"), MONDAY + 1))
    cabinet.keep(account)
    found = Cabinet(path).read()
    assert found is not None
    assert [*found.orders] == ["b", "c"]
    assert [one.ticket.client for one in found.live()] == ["b", "c"]


def test_a_file_of_the_first_layout_is_read_and_goes_on_in_rows(tmp_path: Path) -> None:
    path = tmp_path / "account.db"
    account = Account(number="paper", cash_u=5, opened=MONDAY, closed=MONDAY - 1)
    account.take(Order(ticket("a"), account.name("order"), MONDAY))
    sold(account, MONDAY)
    whole = msgspec.to_builtins(account)
    del whole["alive"], whole["since"]
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE account (id INTEGER PRIMARY KEY, all_)")
        file.execute("INSERT INTO account VALUES (1, ?)", (msgspec.json.encode(whole),))
    file.close()
    cabinet = Cabinet(path)
    found = cabinet.read()
    assert found == account
    assert found is not None
    sold(found, MONDAY)
    cabinet.keep(found)
    assert kept(path) == msgspec.json.encode(found)
    assert len(found.facts) == 2
    assert [len(cabinet._all(table)) for table in ("ordered", "fact")] == [1, 2]


def test_what_is_written_does_not_grow_with_what_was_before(tmp_path: Path) -> None:
    account, cabinet = Account(number="paper"), Cabinet(tmp_path / "account.db")
    written = []
    for day in range(MONDAY, MONDAY + 200):
        sold(account, day)
        before = cabinet._file.total_changes
        cabinet.keep(account)
        written.append(cabinet._file.total_changes - before)
    assert max(written) == 2, "the fact, and the account"
