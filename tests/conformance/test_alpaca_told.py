"""What Alpaca tells of orders, activities and positions, as the desk is told it."""

from typing import Any
from uuid import uuid4

import pytest

from conformance.alpaca_words import compact
from conformance.asking import CALL, LOWER, NEXT, PUT, holdings, sell, state, told
from conformance.stage import AlpacaStage
from desk.world import day, osi, ticket
from underwriter.book.imports.alpaca import of_activities
from underwriter.book.imports.statement import Kind
from underwriter.core.units import MICRO, to_u
from underwriter.desk.brokers import alpaca as broker_module
from underwriter.desk.brokers.alpaca_orders import found_of, order_fields, whose, why_not
from underwriter.desk.brokers.alpaca_read import SOURCE
from underwriter.desk.ports import DoubtError, RefusedError, Ticket


def sent(alpaca: AlpacaStage) -> dict[str, Any]:
    """The last order that was posted."""
    body = [one.body for one in alpaca.server.log if one.method == "POST"][-1]
    assert isinstance(body, dict)
    return body


# --- what is sent ---


def test_t26_one_leg_says_its_side_and_what_it_means(alpaca: AlpacaStage) -> None:
    sell(alpaca, quantity=2)
    assert sent(alpaca) == {
        "symbol": "KO240112P00060000", "qty": 2.0, "side": "sell", "type": "limit",
        "time_in_force": "day", "order_class": "simple", "client_order_id": "a",
        "position_intent": "sell_to_open", "limit_price": 1.3,
    }  # fmt: skip
    alpaca.broker.submit(ticket("b", (PUT, 1, "close"), limit=-1.39, action="close"))
    assert sent(alpaca)["position_intent"] == "buy_to_close"
    assert (sent(alpaca)["side"], sent(alpaca)["limit_price"]) == ("buy", 1.39)


def test_t26_shares_are_never_sold_short(alpaca: AlpacaStage) -> None:
    alpaca.broker.submit(ticket("a", limit=-60.01, shares=100, action="buy_shares"))
    alpaca.broker.submit(ticket("b", limit=59.99, shares=-100, action="sell_shares"))
    assert (sent(alpaca)["symbol"], sent(alpaca)["position_intent"]) == ("KO", "sell_to_close")
    assert holdings(alpaca) == {}


@pytest.mark.parametrize("held", [-100, 0, 100])
def test_t26_t52_a_purchase_of_shares_leaves_what_it_means_to_alpaca(
    alpaca: AlpacaStage, held: int
) -> None:
    """It infers that from the whole account, and refuses an order that says otherwise."""
    alpaca.server.model.paper.account.held["KO"] = held
    alpaca.broker.submit(ticket("a", limit=-60.01, shares=100, action="buy_shares"))
    assert (sent(alpaca)["side"], sent(alpaca).get("position_intent")) == ("buy", None)


def test_t12_a_credit_of_several_legs_is_negative_at_alpaca(alpaca: AlpacaStage) -> None:
    legs = (PUT, -3, "open"), (LOWER, 3, "open")
    alpaca.broker.submit(ticket("a", *legs, limit=0.70))
    assert sent(alpaca) == {
        "qty": 3.0, "type": "limit", "time_in_force": "day", "order_class": "mleg",
        "client_order_id": "a", "limit_price": -0.7, "legs": [
            {"symbol": compact(PUT), "ratio_qty": 1.0, "side": "sell",
             "position_intent": "sell_to_open"},
            {"symbol": compact(LOWER), "ratio_qty": 1.0, "side": "buy",
             "position_intent": "buy_to_open"},
        ],
    }  # fmt: skip
    back = (PUT, 3, "close"), (LOWER, -3, "close")
    alpaca.broker.submit(ticket("b", *back, limit=-0.90, action="close"))
    assert sent(alpaca)["limit_price"] == 0.9
    assert state(alpaca, "b") == ("filled", 3)


def test_a_ratio_is_reduced_and_what_fills_is_counted_in_whole_units(
    alpaca: AlpacaStage,
) -> None:
    alpaca.broker.submit(ticket("a", (PUT, -2, "open"), (LOWER, 4, "open"), limit=0.10, units=2))
    assert [leg["ratio_qty"] for leg in sent(alpaca)["legs"]] == [1.0, 2.0]
    assert state(alpaca, "a") == ("filled", 2)
    assert holdings(alpaca) == {PUT: -2, LOWER: 4}


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (ticket("", (PUT, -1, "open"), limit=1.30), "0 characters"),
        (ticket("a", (PUT, -2, "open"), (LOWER, 4, "open"), limit=0.1, units=1), "lowest terms"),
        (ticket("a", (PUT, -2, "open"), limit=2.6, units=1), "lowest terms"),
        (ticket("a", (PUT, -2, "open"), limit=1.3, units=3), "lowest terms"),
        (ticket("a", (PUT, 0, "open"), limit=1.3, units=1), "lowest terms"),
        (Ticket("a", "open", "KO", (), 0, 1, 0), "lowest terms"),
        (ticket("a", (PUT, -1, "open"), limit=None), "no limit"),
        (ticket("a", (PUT, -1, "close"), limit=None, action="exercise"), "exercise"),
        (ticket("a", (PUT, -1, "open"), limit=1.3, shares=100, units=1), "shares beside options"),
        (ticket("a", (PUT, 1, "open"), limit=1.3), "a purchase at a credit"),
        (ticket("a", (PUT, -1, "open"), limit=-1.3), "or a sale at a debit"),
        (ticket("a", limit=-60.0, shares=-100), "or a sale at a debit"),
    ],
)
def test_what_has_no_such_form_there_is_not_sent(
    alpaca: AlpacaStage, one: Ticket, why: str
) -> None:
    with pytest.raises(RefusedError, match=why):
        alpaca.broker.submit(one)
    assert alpaca.server.log == []


@pytest.mark.parametrize("limit_u", [1, 10_000, 1_300_000, 4_999_990_000, 123_456_789])
def test_a_limit_is_sent_as_its_exact_decimals(limit_u: int) -> None:
    one = Ticket("a", "open", "KO", ticket("a", (PUT, -1, "open"), limit=1).legs, 0, 1, limit_u)
    assert why_not(one) == ""
    assert to_u(float(order_fields(one)["limit_price"])) == limit_u


# --- how orders stand ---


@pytest.mark.parametrize(
    ("status", "found"),
    [
        ("pending_new", "acknowledged"), ("accepted", "acknowledged"), ("held", "acknowledged"),
        ("pending_cancel", "acknowledged"), ("stopped", "acknowledged"),
        ("suspended", "acknowledged"), ("calculated", "acknowledged"),
        ("done_for_day", "acknowledged"), ("partially_filled", "acknowledged"),
        ("filled", "filled"), ("canceled", "cancelled"), ("expired", "expired"),
        ("rejected", "rejected"),
    ],
)  # fmt: skip
def test_every_status_of_an_order_is_one_of_ours(
    alpaca: AlpacaStage, status: str, found: str
) -> None:
    sell(alpaca, limit=1.50)
    alpaca.server.model.overruled["a"] = {"status": status, "filled_qty": "1"}
    looked = alpaca.broker.look_up("a")
    assert looked is not None
    assert (looked.state, looked.filled) == (found, 1)
    assert bool(looked.why) == (found in {"cancelled", "expired", "rejected"})


@pytest.mark.parametrize(
    "overruled",
    [
        {"status": "replaced", "replaced_by": "another"}, {"status": "on_the_moon"}, {"id": ""},
        {"client_order_id": "b"}, {"filled_qty": "some"}, {"status": None},
    ],
)  # fmt: skip
def test_t10_t11_an_order_that_is_not_understood_is_doubt(
    alpaca: AlpacaStage, overruled: dict[str, Any]
) -> None:
    sell(alpaca, limit=1.50)
    alpaca.server.model.overruled["a"] = overruled
    with pytest.raises(DoubtError, match="alpaca"):
        alpaca.broker.look_up("a")


@pytest.mark.parametrize("answer", [None, [], "order", 7])
def test_an_answer_that_is_no_order_is_doubt(answer: object) -> None:
    with pytest.raises(DoubtError, match="expected an object"):
        found_of("a", answer)


def test_t16_a_cancel_that_finds_it_filled_meanwhile_is_no_error(alpaca: AlpacaStage) -> None:
    sell(alpaca, limit=1.50)
    alpaca.quote(PUT, 1.60, 1.70)
    alpaca.to(0, "10:01")
    alpaca.server.model.overruled["a"] = {"status": "new"}
    alpaca.broker.cancel("a")
    del alpaca.server.model.overruled["a"]
    assert alpaca.server.count("DELETE") == 1
    assert state(alpaca, "a") == ("filled", 1)


# --- activities ---


def test_t03_fills_of_somebody_elses_orders_are_not_ours(alpaca: AlpacaStage) -> None:
    sell(alpaca)
    by_hand = order_fields(ticket("x", (NEXT, -1, "open"), limit=2.00))
    del by_hand["client_order_id"]
    alpaca.server.model.submit(by_hand | {"type": "limit"})
    clients = {each.row.instrument.key: each.client for each in told(alpaca)}  # type: ignore[union-attr]
    assert clients[PUT] == "a"
    assert clients[NEXT] not in {"", "a", "x"}


def test_t03_an_order_from_before_the_list_is_asked_for_by_itself(alpaca: AlpacaStage) -> None:
    sell(alpaca)
    model = alpaca.server.model
    model.orders["a"] = model.orders["a"]._replace(at="2023-06-01T00:00:00Z")
    (fill,) = told(alpaca)
    assert fill.client == "a"
    assert any(one.path.startswith("/v2/orders/") for one in alpaca.server.log)


def test_whose_an_order_is_is_asked_once(alpaca: AlpacaStage) -> None:
    sell(alpaca)
    told(alpaca)
    asked = alpaca.server.count("GET", "/v2/orders")
    told(alpaca)
    assert alpaca.server.count("GET", "/v2/orders") == asked


@pytest.mark.parametrize("page", [3, 4, 5, 6, 100])
def test_activities_come_whole_whatever_the_page(alpaca: AlpacaStage, page: int) -> None:
    """An assignment and its shares have one id (non-trade activities for option events)."""
    for at in range(3):
        sell(alpaca, f"order-{at}")
    alpaca.close_at(4, 58.0)
    alpaca.to(7, "9:00")
    whole = [each.row for each in told(alpaca)]
    alpaca.terms = alpaca.terms._replace(page=page)
    alpaca.restart()
    assert [each.row for each in told(alpaca)] == whole
    kinds = [row.kind for row in whole]
    assert kinds.count(Kind.TRADE) == 3
    assert {Kind.ASSIGNMENT, Kind.DELIVERY, Kind.FEE} < {*kinds}


def test_pages_of_activities_that_do_not_end_are_doubt(
    alpaca: AlpacaStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    sell(alpaca)
    telling = alpaca.server.telling
    same = telling.activities({"direction": "asc"})[:1]
    monkeypatch.setattr(telling, "activities", lambda _asked: same)
    alpaca.terms = alpaca.terms._replace(page=1)
    alpaca.restart()
    with pytest.raises(DoubtError, match="another page"):
        told(alpaca)


def test_orders_are_listed_page_by_page(
    alpaca: AlpacaStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_module, "_ORDERS", 2)
    for at in range(5):
        alpaca.to(0, f"10:0{at}")
        sell(alpaca, f"order-{at}")
    assert [each.client for each in told(alpaca)] == [f"order-{at}" for at in range(5)]
    assert not [one for one in alpaca.server.log if one.path.startswith("/v2/orders/")]


def test_a_list_of_orders_that_does_not_go_on_is_an_end(
    alpaca: AlpacaStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_module, "_ORDERS", 1)
    sell(alpaca)
    same = [alpaca.server.model.order("a")]
    monkeypatch.setattr(alpaca.server.model, "listed", lambda _after, _limit: same)
    assert [each.client for each in told(alpaca)] == ["a"]
    assert alpaca.server.count("GET", "/v2/orders") == 2


def test_fills_of_legs_have_the_client_of_their_order_and_their_own_effect(
    alpaca: AlpacaStage,
) -> None:
    alpaca.broker.submit(ticket("a", (PUT, -1, "open"), (LOWER, 1, "open"), limit=0.70))
    facts = told(alpaca)
    assert {(each.client, each.row.effect) for each in facts} == {("a", "open")}
    assert len({each.row.order for each in facts}) == 2


def test_whose_legs_are_is_known_by_either_id() -> None:
    leg = {"id": "leg", "symbol": "KO240105P00060000", "position_intent": "buy_to_close"}
    order = {"id": "top", "client_order_id": "a", "symbol": "", "legs": [leg]}
    found = whose(order)
    assert found["top"] == found["leg"]
    assert found["top"].effects == {"KO240105P00060000": "close"}


def test_an_expiry_keeps_alpacas_sign_where_its_opening_is_long_ago(alpaca: AlpacaStage) -> None:
    """One of two short puts is bought back late: the expiry of the other still buys one."""
    later = osi(60.0, expiry=18)
    alpaca.quote(later, 1.30, 1.40)
    alpaca.broker.submit(ticket("a", (later, -2, "open"), limit=1.30))
    alpaca.to(14, "10:00")
    alpaca.broker.submit(ticket("b", (later, 1, "close"), limit=-1.40, action="close"))
    alpaca.close_at(18, 61.0)
    alpaca.to(20, "9:00")
    late = [each.row for each in told(alpaca, since=10)]
    (gone,) = [row for row in late if row.kind == Kind.EXPIRATION]
    assert (gone.quantity_u, gone.sided) == (MICRO, False)  # the book has the last word
    assert holdings(alpaca) == {}


def test_facts_have_the_ids_of_the_export(alpaca: AlpacaStage) -> None:
    sell(alpaca)
    alpaca.close_at(4, 58.0)
    alpaca.to(7, "9:00")
    items = alpaca.server.telling.activities({"direction": "desc"})
    exported = of_activities(SOURCE, items).rows
    assert [row.id for row in exported] == [each.row.id for each in alpaca.broker.events(day(-9))]


def test_an_answer_that_is_no_list_is_doubt(
    alpaca: AlpacaStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alpaca.server.telling, "activities", lambda _asked: {"activities": []})
    with pytest.raises(DoubtError, match="expected a list"):
        alpaca.broker.events(day(0))


def test_an_account_without_activities_tells_nothing(alpaca: AlpacaStage) -> None:
    assert alpaca.broker.events(day(30)) == []


# --- positions ---


@pytest.mark.parametrize("quantity", ["-2", "2"])
def test_a_short_position_is_short_whichever_way_it_is_written(
    alpaca: AlpacaStage, monkeypatch: pytest.MonkeyPatch, quantity: str
) -> None:
    short = {"symbol": compact(CALL), "qty": quantity, "side": "short", "asset_class": "us_option"}
    coin = {"symbol": "BTCUSD", "qty": "0.5", "side": "long", "asset_class": "crypto"}
    monkeypatch.setattr(alpaca.server.telling, "positions", lambda: [short, coin])
    assert holdings(alpaca) == {CALL: -2, "BTCUSD": 0.5}


def test_t81_a_basis_of_the_broker_is_nowhere_read(alpaca: AlpacaStage) -> None:
    sell(alpaca)
    (position,) = alpaca.server.telling.positions()
    assert position["cost_basis"] == "0.0135"
    (fill,) = told(alpaca)
    assert (fill.row.price_u, fill.row.gross_u) == (to_u(1.30), to_u(130.0))
    assert holdings(alpaca) == {PUT: -1}


@pytest.mark.parametrize(
    ("part", "answer"),
    [
        ("account", {"currency": "USD"}), ("account", []), ("account", {"cash": "NaN"}),
        ("positions", {}), ("positions", [7]),
        ("positions", [{"symbol": "KO", "qty": "many"}]),
        ("positions", [{"symbol": "KO1", "qty": "1", "asset_class": "us_option"}]),
    ],
)  # fmt: skip
def test_an_account_that_cannot_be_read_is_doubt(
    alpaca: AlpacaStage, monkeypatch: pytest.MonkeyPatch, part: str, answer: object
) -> None:
    monkeypatch.setattr(alpaca.server.telling, part, lambda: answer)
    with pytest.raises(DoubtError, match="alpaca"):
        alpaca.broker.statement()


def test_an_order_id_that_alpaca_does_not_know_is_nobodys(
    alpaca: AlpacaStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    sell(alpaca)
    (item,) = [
        one
        for one in alpaca.server.telling.activities({"direction": "asc"})
        if one["activity_type"] == "FILL"
    ]
    stray = item | {"order_id": str(uuid4())}
    monkeypatch.setattr(alpaca.server.telling, "activities", lambda _asked: [stray])
    (fill,) = told(alpaca)
    assert (fill.client, fill.row.effect) == ("", "")
