"""A webhook on this machine, which takes what it is posted or misbehaves on order."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any


class Webhook:
    """What was posted, by path; `statuses` are answered in turn, then 200; `holding` never does."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, Any]]] = []
        self.statuses: list[int] = []
        self.holding = False
        self.then: Callable[[], object] = lambda: (
            None
        )  # once a message was taken, before the answer
        self.over = Event()
        self.port = 0

    def url(self, path: str = "hook") -> str:
        """The URL by which apprise posts to it."""
        return f"json://user:hush-hush@127.0.0.1:{self.port}/{path}"


@contextmanager
def webhook() -> Iterator[Webhook]:
    """A webhook that listens."""
    hook = Webhook()

    class Handling(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Take a message."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if hook.holding:
                hook.over.wait(60)
            status = hook.statuses.pop(0) if hook.statuses else 200
            if status == 200:
                hook.got.append((self.path, json.loads(body)))
                hook.then()
            try:
                self.send_response(status)
                self.end_headers()
            except OSError:
                hook.over.set()  # who posted has left

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handling)
    listening.daemon_threads = True
    hook.port = listening.server_port
    thread = Thread(target=listening.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield hook
    finally:
        hook.over.set()
        listening.shutdown()
        listening.server_close()
        thread.join()
