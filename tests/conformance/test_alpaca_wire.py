"""What passes the one door to Alpaca, and what is made of its answers: alpaca-py over real HTTP."""

import traceback
from collections.abc import Callable

import pytest
from requests import PreparedRequest
from requests.exceptions import ConnectionError as ReachError
from requests.exceptions import ConnectTimeout, ReadTimeout

from conformance.alpaca_server import KEY, SECRET, Fault
from conformance.asking import PUT, sell, state
from conformance.stage import AlpacaStage, Trouble
from desk.world import HandClock, day, ticket
from underwriter.book.imports.statement import Kind
from underwriter.core.errors import InputError
from underwriter.desk.brokers.alpaca import open_wire
from underwriter.desk.brokers.alpaca_client import RETRIED, RETRIES, Guard, never_sent
from underwriter.desk.brokers.alpaca_terms import LIVE, PAPER, Hosts, Keys, Terms, keys_of
from underwriter.desk.brokers.pace import MINUTE, Pace
from underwriter.desk.ports import BrokerError, DoubtError, RefusedError, UnreachableError

ORDERS, BY_CLIENT = "/v2/orders", "/v2/orders:by_client_order_id"
BUSY = Fault("status", status=429, before=True)


def again(stage: AlpacaStage, **terms: object) -> None:
    """Begin the broker's process on other terms."""
    stage.terms = stage.terms._replace(**terms)
    stage.restart()


# --- the library's silent retries ---


def test_t02_the_library_posts_an_order_twice_and_there_is_one(alpaca: AlpacaStage) -> None:
    alpaca.trouble("gateway", "submit")
    sell(alpaca)
    assert alpaca.server.count("POST") == 2
    assert len(alpaca.server.model.orders) == 1
    assert state(alpaca, "a") == ("filled", 1)


def test_t02_what_the_library_may_repeat_is_said_and_not_its_default(alpaca: AlpacaStage) -> None:
    for client in (alpaca.wire.trading, alpaca.wire.shares, alpaca.wire.options):
        assert (client._retry, client._retry_wait) == (RETRIES, 0)
        assert tuple(client._retry_codes) == RETRIED


def test_t01_a_504_to_the_last_is_doubt(alpaca: AlpacaStage) -> None:
    alpaca.server.next("POST", ORDERS, *[Fault("status", status=504, before=True)] * (RETRIES + 1))
    with pytest.raises(DoubtError, match="504"):
        sell(alpaca)
    assert alpaca.server.count("POST") == RETRIES + 1
    assert alpaca.broker.look_up("a") is None


def test_t01_busy_after_a_504_that_may_have_been_taken_is_doubt(alpaca: AlpacaStage) -> None:
    alpaca.server.next("POST", ORDERS, Fault("status", status=504), BUSY, BUSY)
    with pytest.raises(DoubtError):
        sell(alpaca)
    assert state(alpaca, "a") == ("filled", 1)


def test_t01_to_be_left_alone_after_a_504_is_doubt(alpaca: AlpacaStage) -> None:
    wait = BUSY._replace(headers={"Retry-After": "120"})
    alpaca.server.next("POST", ORDERS, Fault("status", status=504), wait)
    with pytest.raises(DoubtError, match="nobody knows of the first time"):
        sell(alpaca)
    alpaca.clock.at += 121 * 10**9
    assert state(alpaca, "a") == ("filled", 1)


@pytest.mark.parametrize("status", [408, 500, 502, 503])
def test_t01_a_server_that_fails_is_doubt(alpaca: AlpacaStage, status: int) -> None:
    alpaca.server.next("POST", ORDERS, Fault("status", status=status))
    with pytest.raises(DoubtError, match=str(status)):
        sell(alpaca)
    assert state(alpaca, "a") == ("filled", 1)


@pytest.mark.parametrize("what", ["silence", "hang up", "half an answer"])
def test_t01_an_order_without_a_whole_answer_is_doubt(alpaca: AlpacaStage, what: Trouble) -> None:
    alpaca.trouble(what, "submit")
    with pytest.raises(DoubtError, match="no whole answer"):
        sell(alpaca)
    assert alpaca.server.count("POST") == 1


def test_an_answer_that_is_no_json_is_doubt(alpaca: AlpacaStage) -> None:
    alpaca.server.next("POST", ORDERS, Fault("status", status=200, body=b"<html>"))
    with pytest.raises(DoubtError, match="alpaca"):
        sell(alpaca)


def test_a_host_that_listens_to_nobody_is_unreachable(alpaca: AlpacaStage) -> None:
    alpaca.server.close()
    with pytest.raises(UnreachableError, match="not reached"):
        sell(alpaca)
    with pytest.raises(UnreachableError):
        alpaca.broker.look_up("a")


def test_what_is_known_never_to_have_been_sent() -> None:
    assert never_sent(ConnectTimeout("no answer to the handshake"))
    assert not never_sent(ReadTimeout("sent, and no answer"))
    assert not never_sent(ReachError())
    assert not never_sent(ReachError(OSError("reset by peer")))


def test_no_proxy_stands_before_this_machine(
    alpaca: AlpacaStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    sell(alpaca)
    assert state(alpaca, "a") == ("filled", 1)


# --- limits of rate ---


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"Retry-After": "7"}, 7), ({"X-RateLimit-Reset": "{reset}"}, 9), ({}, 1)],
)
def test_t93_a_429_is_waited_out_as_its_headers_ask(
    alpaca: AlpacaStage, headers: dict[str, str], seconds: int
) -> None:
    before = alpaca.clock.at
    reset = str(before // 10**9 + 9)
    told = {name: value.format(reset=reset) for name, value in headers.items()}
    alpaca.server.next("POST", ORDERS, BUSY._replace(headers=told))
    sell(alpaca)
    assert alpaca.clock.at - before == seconds * 10**9
    assert state(alpaca, "a") == ("filled", 1)


def test_t93_busy_to_the_last_was_not_taken(alpaca: AlpacaStage) -> None:
    alpaca.server.next("POST", ORDERS, *[BUSY] * (RETRIES + 1))
    with pytest.raises(UnreachableError, match="too often"):
        sell(alpaca)
    assert alpaca.server.model.orders == {}


def test_t93_who_asks_for_minutes_is_left_alone_and_nothing_is_sent(alpaca: AlpacaStage) -> None:
    alpaca.server.next("POST", ORDERS, BUSY._replace(headers={"Retry-After": "120"}))
    before = alpaca.clock.at
    for _time in range(3):
        with pytest.raises(UnreachableError, match="120 s more"):
            sell(alpaca)
    assert (alpaca.clock.at, alpaca.server.count("POST")) == (before, 1)
    alpaca.clock.at += 121 * 10**9
    sell(alpaca)
    assert state(alpaca, "a") == ("filled", 1)


# --- answers of no ---


def test_a_credential_that_is_not_taken_is_named_and_not_shown(alpaca: AlpacaStage) -> None:
    wire = open_wire(Keys("PKOTHER", "another-secret"), alpaca.clock, alpaca.terms)
    alpaca.wire.close()
    alpaca.broker.wire = alpaca.wire = wire
    with pytest.raises(RefusedError, match=r"APCA_API_KEY_ID and APCA_API_SECRET_KEY.*401"):
        sell(alpaca)
    assert len(alpaca.server.log) == 1
    with pytest.raises(DoubtError, match="APCA_API_KEY_ID"):
        alpaca.broker.look_up("a")
    with pytest.raises(RefusedError, match="APCA_API_KEY_ID"):
        alpaca.broker.statement()


def test_t92_a_credential_that_is_not_taken_is_not_shown_again_so_soon(
    alpaca: AlpacaStage,
) -> None:
    denied = Fault("status", status=401, body=b'{"code": 40110000, "message": "no"}')
    alpaca.server.next("GET", "/v2/account", *[denied] * 3)
    minutes = []
    for _time in range(3):
        asked = len(alpaca.server.log)
        with pytest.raises(RefusedError, match="APCA_API_KEY_ID"):
            alpaca.broker.statement()
        assert len(alpaca.server.log) == asked + 1
        before = alpaca.clock.at
        while True:
            with pytest.raises(RefusedError, match="not asked again so soon"):
                alpaca.broker.statement()
            alpaca.clock.at += MINUTE
            if alpaca.wire._until <= alpaca.clock.at:
                break
        assert len(alpaca.server.log) == asked + 1
        minutes.append((alpaca.clock.at - before) // MINUTE)
    assert minutes == [1, 2, 4]
    assert alpaca.broker.statement().account == "PA3MODEL"


def test_a_403_without_a_code_is_the_credential_and_with_one_the_order(
    alpaca: AlpacaStage,
) -> None:
    forbidden = Fault("status", status=403, body=b'{"message": "forbidden."}')
    alpaca.server.next("GET", "/v2/account", forbidden)
    with pytest.raises(RefusedError, match="APCA_API_KEY_ID"):
        alpaca.broker.statement()
    alpaca.clock.at += MINUTE
    poor = b'{"code": 40310000, "message": "insufficient options buying power"}'
    alpaca.server.next("POST", ORDERS, Fault("status", status=403, body=poor, before=True))
    with pytest.raises(RefusedError, match=r"^alpaca: 403: insufficient options buying power$"):
        sell(alpaca)


def test_a_no_in_no_form_of_alpacas_is_told_as_it_is(alpaca: AlpacaStage) -> None:
    sell(alpaca, limit=1.50)
    alpaca.server.next("DELETE", "/v2/orders/*", Fault("status", status=405, body=b'["no"]'))
    with pytest.raises(RefusedError, match=r'^alpaca: 405: \["no"\]$'):
        alpaca.broker.cancel("a")


def test_an_order_that_may_not_be_asked_for_is_not_taken_for_nobodys(
    alpaca: AlpacaStage,
) -> None:
    sell(alpaca)
    model = alpaca.server.model
    model.orders["a"] = model.orders["a"]._replace(at="2023-06-01T00:00:00Z")
    no = Fault("status", status=403, body=b'{"code": 40310000, "message": "not now"}')
    alpaca.server.next("GET", "/v2/orders/*", no)
    (fill,) = [one for one in alpaca.broker.events(day(0)) if one.row.kind is Kind.TRADE]
    assert fill.client == ""
    assert "not now" in fill.unread, "nothing of it is booked until it is known"
    assert [each.client for each in alpaca.broker.events(day(0)) if each.client] == ["a"]


def test_t01_only_alpacas_own_word_says_that_there_is_no_order(alpaca: AlpacaStage) -> None:
    sell(alpaca)
    nowhere = Fault("status", status=404, body=b"<html>404 page not found</html>")
    alpaca.server.next("GET", BY_CLIENT, nowhere)
    with pytest.raises(DoubtError, match="404"):
        alpaca.broker.look_up("a")
    assert alpaca.broker.look_up("b") is None


def test_a_malformed_request_has_the_code_of_a_double_and_is_refused(alpaca: AlpacaStage) -> None:
    body = b'{"code": 40010001, "message": "request body format is invalid"}'
    alpaca.server.next("POST", ORDERS, Fault("status", status=422, body=body, before=True))
    with pytest.raises(RefusedError, match="format is invalid"):
        sell(alpaca)


# --- the switches ---


def test_t94_a_dry_run_reaches_no_order_endpoint(alpaca: AlpacaStage) -> None:
    sell(alpaca, limit=1.50)
    again(alpaca, dry=True)
    before = alpaca.server.count("POST"), alpaca.server.count("DELETE")
    with pytest.raises(RefusedError, match="dry run"):
        sell(alpaca, "b")
    with pytest.raises(RefusedError, match="dry run"):
        alpaca.broker.cancel("a")
    assert (alpaca.server.count("POST"), alpaca.server.count("DELETE")) == before
    assert state(alpaca, "a") == ("acknowledged", 0)
    assert alpaca.broker.statement().holdings == {}


@pytest.mark.parametrize("method", ["POST", "DELETE", "PATCH", "PUT"])
def test_t94_the_transport_itself_refuses_whatever_changes_something(method: str) -> None:
    guard = Guard(Terms(dry=True), Pace("alpaca", HandClock(0)), [], trades=True)
    request = PreparedRequest()
    request.prepare(method, f"{PAPER.trading}/v2/orders", json={})
    with pytest.raises(RefusedError, match=f"dry run sends no {method}"):
        guard.send(request)
    assert guard.heard == []


def test_t95_no_live_host_without_the_switch() -> None:
    keys = Keys(KEY, SECRET)
    for url in (LIVE.trading, "https://api.alpaca.markets:443", "https://elsewhere.example"):
        with pytest.raises(InputError, match="live switch is off"):
            open_wire(keys, HandClock(0), Terms(Hosts(url, LIVE.market)))
    for hosts in (PAPER, LIVE):
        wire = open_wire(keys, HandClock(0), Terms(hosts, live=True))
        assert wire.trading._base_url == hosts.trading
        wire.close()


def test_t95_the_transport_itself_refuses_a_live_host_without_the_switch() -> None:
    guard = Guard(Terms(), Pace("alpaca", HandClock(0)), [], trades=True)
    request = PreparedRequest()
    request.prepare("GET", f"{LIVE.trading}/v2/account")
    with pytest.raises(RefusedError, match="live switch"):
        guard.send(request)
    request.prepare("GET", "http://paper-api.alpaca.markets/v2/account")
    with pytest.raises(RefusedError, match="in the clear"):
        guard.send(request)


def test_t95_no_order_goes_through_the_door_for_quotes() -> None:
    guard = Guard(Terms(live=True), Pace("quotes", HandClock(0)), [], trades=False)
    request = PreparedRequest()
    request.prepare("POST", f"{LIVE.market}/v2/orders", json={})
    with pytest.raises(RefusedError, match="quotes sends no POST"):
        guard.send(request)


def test_a_host_in_the_clear_is_refused() -> None:
    with pytest.raises(InputError, match="expected an https host"):
        open_wire(Keys(KEY, SECRET), HandClock(0), Terms(Hosts("http://x.example", LIVE.market)))


def test_t18_every_request_has_a_timeout(
    alpaca: AlpacaStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []
    real = Guard.__base__.send  # type: ignore[union-attr]

    def noted(self: Guard, request: PreparedRequest, *given: object) -> object:
        seen.append(given[1])
        return real(self, request, *given)

    monkeypatch.setattr(Guard.__base__, "send", noted)
    again(alpaca, connect=103.0, read=104.0)
    sell(alpaca, limit=1.50)
    alpaca.broker.cancel("a")
    alpaca.broker.statement()
    [*alpaca.broker.events(day(0))]
    alpaca.quotes.touch([PUT, "KO"])
    alpaca.quotes.chain("KO", day(0), day(30))
    assert len(seen) == len(alpaca.server.log) > 8
    assert set(seen) == {(103.0, 104.0)}


# --- secrets ---


def test_t96_no_message_and_no_repr_has_the_credential(alpaca: AlpacaStage) -> None:
    leaks = Fault("status", status=422, body=f'{{"message": "{KEY} with {SECRET}"}}'.encode())
    texts = [repr(each) for each in (Keys(KEY, SECRET), alpaca.wire, alpaca.broker, alpaca.terms)]
    asks: list[tuple[str, str, Callable[[], object]]] = [
        ("POST", ORDERS, lambda: sell(alpaca)),
        ("GET", BY_CLIENT, lambda: alpaca.broker.look_up("a")),
        ("GET", "/v2/account", alpaca.broker.statement),
        ("GET", "/v2/account/activities", lambda: alpaca.broker.events(day(0))),
        ("GET", "/v2/stocks/quotes/latest", lambda: alpaca.quotes.touch(["KO"])),
    ]
    troubles = leaks, Fault("drop"), Fault("status", status=401), Fault("status", status=500)
    for method, path, ask in asks:
        for fault in troubles:
            alpaca.server.next(method, path, fault)
            alpaca.clock.at += 90 * MINUTE
            with pytest.raises(BrokerError) as caught:
                ask()
            texts += [str(caught.value), "".join(traceback.format_exception(caught.value))]
    alpaca.server.close()
    alpaca.restart()
    with pytest.raises(BrokerError) as caught:
        sell(alpaca, "z")
    texts += ["".join(traceback.format_exception(caught.value))]
    assert len(texts) > 40
    for text in texts:
        assert KEY not in text
        assert SECRET not in text
    assert any("(hidden) with (hidden)" in text for text in texts)


def test_a_credential_that_is_missing_is_named() -> None:
    with pytest.raises(InputError, match=r"expected APCA_API_KEY_ID and APCA_API_SECRET_KEY, "):
        keys_of({})
    with pytest.raises(InputError, match=r"expected APCA_API_SECRET_KEY, "):
        keys_of({"APCA_API_KEY_ID": "PK", "APCA_API_SECRET_KEY": " "})
    found = keys_of({"APCA_API_KEY_ID": "PK", "APCA_API_SECRET_KEY": "s"})
    assert (found.key, found.secret) == ("PK", "s")


def test_an_id_that_is_too_long_is_refused_before_it_is_sent(alpaca: AlpacaStage) -> None:
    with pytest.raises(RefusedError, match="129 characters"):
        alpaca.broker.submit(ticket("x" * 129, (PUT, -1, "open"), limit=1.30))
    assert alpaca.server.log == []
