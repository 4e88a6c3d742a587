"""What Alpaca tells and nobody understands is told as such, and holds up nothing else."""

from uuid import uuid4

import pytest
from msgspec.structs import replace

from conformance.alpaca_server import Fault
from conformance.asking import sell
from conformance.stage import AlpacaStage
from desk.world import day
from underwriter.book.imports.statement import Kind


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        ({"id": "1"}, "expected an activity with its activity_type"),
        ({"id": "1", "activity_type": "FILL", "transaction_time": "soon"}, "transaction_time"),
        ({"id": "1", "activity_type": "FEE", "date": "2024-01-08", "net_amount": "x"}, "amount"),
    ],
)
def test_an_activity_that_cannot_be_read_is_told_as_such_and_the_others_are_read(
    alpaca: AlpacaStage, monkeypatch: pytest.MonkeyPatch, odd: dict[str, str], why: str
) -> None:
    sell(alpaca)
    alpaca.close_at(4, 58.0)
    alpaca.to(7, "9:00")
    before = alpaca.broker.events(day(0))
    items = alpaca.server.telling.activities({"direction": "asc"})
    answer = [odd, *items, odd | {"id": "2"}]
    monkeypatch.setattr(alpaca.server.telling, "activities", lambda _asked: answer)
    first, last, *read = alpaca.broker.events(day(0))
    assert [replace(one.row, line=0) for one in read] == [
        replace(one.row, line=0) for one in before
    ]
    assert [one.client for one in read] == [one.client for one in before]
    for one in (first, last):
        assert why in one.unread
        assert one.row.kind is Kind.UNKNOWN
        assert (one.row.quantity_u, one.row.net_u) == (0, 0)
    assert first.row.id != last.row.id


def test_an_activity_that_gainsays_another_is_told_as_such_too(
    alpaca: AlpacaStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shares of an assignment at a price that is no strike of it."""
    sell(alpaca)
    alpaca.close_at(4, 58.0)
    alpaca.to(7, "9:00")
    answer = [
        one | ({"net_amount": "-1.00"} if one["activity_type"] == "OPTRD" else {})
        for one in alpaca.server.telling.activities({"direction": "asc"})
    ]
    monkeypatch.setattr(alpaca.server.telling, "activities", lambda _asked: answer)
    found = alpaca.broker.events(day(0))
    assert len([one for one in found if one.unread]) == 1
    assert len(found) == len(answer)
    assert {Kind.ASSIGNMENT, Kind.TRADE} <= {one.row.kind for one in found}


def test_a_fill_whose_order_alpaca_will_not_show_is_nobodys_to_book(
    alpaca: AlpacaStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only that Alpaca has none of that id says that it is of a hand."""
    sell(alpaca)
    (item,) = [
        one
        for one in alpaca.server.telling.activities({"direction": "asc"})
        if one["activity_type"] == "FILL"
    ]
    stray = item | {"id": "x", "order_id": str(uuid4())}
    monkeypatch.setattr(alpaca.server.telling, "activities", lambda _asked: [item, stray])
    no = Fault("status", status=422, before=True)
    alpaca.server.next("GET", "/v2/orders/*", no)
    found = alpaca.broker.events(day(0))
    assert [one.client for one in found if not one.unread] == ["a"]
    (other,) = [one for one in found if one.unread]
    assert f"whose order {stray['order_id']} is, is not known" in other.unread
