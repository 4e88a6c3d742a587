"""A local HTTP server that speaks Alpaca's documented API, and misbehaves when it is told to.

server.next("POST", "/v2/orders", Fault("stall"))                  takes it, and never answers
server.next("POST", "/v2/orders", Fault("status", status=504))     takes it, and answers 504
server.next(..., Fault("status", status=429, before=True))         turns it away at the door
server.next(..., Fault("drop"))                                    takes it, and hangs up
server.next(..., Fault("half"))                                    hangs up amid the answer
"""

import json
import re
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from conformance.alpaca_market import Market
from conformance.alpaca_model import Model
from conformance.alpaca_told import Telling
from conformance.alpaca_words import NoError

KEY, SECRET = "PKMODELKEY0000000001", "model-secret-that-nobody-may-see"


class Fault(NamedTuple):
    """How one request fares."""

    what: str  # "stall", "status", "drop", "half"
    status: int = 0
    headers: Mapping[str, str] = {}
    body: bytes = b'{"message": "the model was told to"}'
    before: bool = False  # whether it goes wrong before the request does anything


class Asked(NamedTuple):
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    body: Any


class Server:
    """The server of one account; `log` has every request."""

    def __init__(self, model: Model, market: Market) -> None:
        self.model, self.market, self.telling = model, market, Telling(model)
        self.log: list[Asked] = []
        self.faults: dict[tuple[str, str], list[Fault]] = {}
        self.over = threading.Event()
        self.silent = threading.Event()  # something was taken that is never answered
        self.lock = threading.Lock()
        server = self

        class Answering(BaseHTTPRequestHandler):
            """One connection."""

            protocol_version = "HTTP/1.1"

            def log_message(self, *_words: object) -> None:
                """Nothing: tests read the server's own log."""

            def do_GET(self) -> None:
                server.answer(self)

            do_POST = do_DELETE = do_PATCH = do_GET  # noqa: N815  as the stdlib calls them

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.http.daemon_threads = True
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.http.server_address[1]}"

    def close(self) -> None:
        """Stop it, and let go of whoever waits."""
        self.over.set()
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()

    def next(self, method: str, path: str, *faults: Fault) -> None:
        """Let the next requests for a path fare so."""
        self.faults.setdefault((method, path), []).extend(faults)

    def count(self, method: str, path: str = "/v2/orders") -> int:
        """How many requests came for a path."""
        return sum(one.method == method and one.path.startswith(path) for one in self.log)

    # --- one request ---

    def answer(self, http: BaseHTTPRequestHandler) -> None:
        """Answer, as it is told to."""
        parts = urlsplit(http.path)
        raw = http.rfile.read(int(http.headers.get("Content-Length") or 0))
        body = json.loads(raw) if raw else None
        asked = Asked(http.command, unquote(parts.path), dict(parse_qsl(parts.query)), body)
        with self.lock:
            self.log.append(asked)
            waiting = self.faults.get((asked.method, re.sub("(?<=orders/).*", "*", asked.path)))
            fault = waiting.pop(0) if waiting else None
            if fault is None or not fault.before:
                status, told = self._of(http, asked)
        if fault is None:
            write(http, status, told)
        elif fault.what == "status":
            write(http, fault.status, fault.body, fault.headers)
        else:
            if fault.what == "stall":
                self.silent.set()
                self.over.wait()
            elif fault.what == "half":
                write(http, status, told, cut=True)
            http.close_connection = True

    def _of(self, http: BaseHTTPRequestHandler, asked: Asked) -> tuple[int, bytes]:
        """Status and body of an answer."""
        given = http.headers.get("APCA-API-KEY-ID"), http.headers.get("APCA-API-SECRET-KEY")
        if given != (KEY, SECRET):
            return 401, b'{"code": 40110000, "message": "request is not authorized"}'
        try:
            for method, pattern, call in self._routes():
                match = re.fullmatch(pattern, asked.path)
                if match and method == asked.method:
                    told = call(asked, *match.groups())
                    return (204, b"") if told is None else (200, json.dumps(told).encode())
        except NoError as no:
            return no.status, json.dumps(no.body).encode()
        return 404, b'{"message": "Not Found"}'

    def _routes(self) -> list[tuple[str, str, Callable[..., Any]]]:
        """What it answers."""
        model, market, telling = self.model, self.market, self.telling
        return [
            ("GET", "/v2/account", lambda _: telling.account()),
            ("GET", "/v2/account/activities", lambda one: telling.activities(one.query)),
            ("GET", "/v2/positions", lambda _: telling.positions()),
            ("POST", "/v2/orders", lambda one: model.submit(one.body)),
            ("GET", "/v2/orders", lambda one: model.listed(
                one.query.get("after", ""), int(one.query.get("limit", "50")))),
            ("GET", "/v2/orders:by_client_order_id",
             lambda one: model.order(one.query["client_order_id"])),
            ("GET", "/v2/orders/([^/]+)", lambda _, name: model.by_id(name)),
            ("DELETE", "/v2/orders/([^/]+)", lambda _, name: model.cancel(name)),
            ("GET", "/v2/options/contracts", lambda one: market.contracts(one.query)),
            ("GET", "/v2/clock", lambda _: market.clock()),
            ("GET", "/v2/calendar", lambda one: market.days(one.query)),
            ("GET", "/v1beta1/options/snapshots/([^/]+)",
             lambda one, symbol: market.snapshots(symbol, one.query)),
            ("GET", "/v1beta1/options/quotes/latest",
             lambda one: market.quotes(one.query["symbols"].split(","))),
            ("GET", "/v2/stocks/quotes/latest",
             lambda one: market.quotes(one.query["symbols"].split(","))),
            ("GET", "/v2/stocks/trades/latest",
             lambda one: market.trades(one.query["symbols"].split(","))),
        ]  # fmt: skip


def write(
    http: BaseHTTPRequestHandler,
    status: int,
    body: bytes,
    headers: Mapping[str, str] | None = None,
    *,
    cut: bool = False,
) -> None:
    """Write an answer in one piece, or half of its body."""
    length = {"Content-Length": str(len(body))} if body or status != 204 else {}
    lines = [f"HTTP/1.1 {status} ."]
    lines += [f"{name}: {value}" for name, value in (length | dict(headers or {})).items()]
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    http.wfile.write(head + (body[: len(body) // 2] if cut else body))
