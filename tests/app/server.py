"""A server on this machine that misbehaves on order; for tests of what asks over HTTP."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

Headers = dict[str, str]


@dataclass
class Reply:
    """One answer: a status, headers, a body, and how much of the body is really sent."""

    status: int = 200
    body: bytes = b""
    headers: Headers = field(default_factory=dict)
    sent: int | None = None  # bytes; None: all of them
    dropped: bool = False  # the connection is closed without an answer


@dataclass
class Server:
    """What was asked, and what is answered: one reply after the other, the last one again."""

    url: str
    replies: list[Reply]
    asked: list[tuple[str, Headers]] = field(default_factory=list)

    def next(self, path: str, headers: Headers) -> Reply:
        """The reply to the next request."""
        self.asked.append((path, headers))
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


@contextmanager
def serving(*replies: Reply) -> Iterator[Server]:
    """A server that gives some replies in turn."""
    server = Server("", list(replies))
    listening = ThreadingHTTPServer(("127.0.0.1", 0), _handling(server.next))
    server.url = f"http://127.0.0.1:{listening.server_port}"
    thread = Thread(target=listening.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()


def _handling(reply_to: Callable[[str, Headers], Reply]) -> type[BaseHTTPRequestHandler]:
    """What handles the requests of a server."""

    class Handling(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reply = reply_to(self.path, dict(self.headers))
            if reply.dropped:
                self.connection.close()
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.status != 304:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body[: reply.sent])

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    return Handling
