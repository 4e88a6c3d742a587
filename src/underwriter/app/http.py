"""Files over HTTP, asked for politely.

Three tries, with waits that double and are never the same; a server that says how long to wait is
heeded; one request a second to a host; a time-out; and a name by which we can be told apart.  What
broke off goes on where it broke off.  Nothing is ever half-written: a file is whole before it gets
its name.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from pathlib import Path
from secrets import randbelow
from typing import NamedTuple

import httpx

from underwriter.core.errors import NetworkError

TRIES = 3
FIRST_WAIT = 1.0  # seconds before the second try; doubled before each further one
LONGEST_WAIT = 120.0  # that a server may ask for
BETWEEN = 1.0  # seconds between two requests to one host
TIMEOUT = 30.0  # seconds without a byte
_PASSING = frozenset({408, 429, 500, 502, 503, 504})
_PARTIAL, _UNCHANGED, _ERRORS = 206, 304, 400
_JITTER = 1_000


class Answer(NamedTuple):
    """What a server said of a file: whether it sent one, and by what marks it knows it."""

    fresh: bool  # False: unchanged since the marks that we showed
    etag: str
    modified: str


def somewhere_between() -> float:
    """A number from 0 to 1, another one each time."""
    return randbelow(_JITTER) / _JITTER


@dataclass(slots=True)
class Http:
    """A client with manners; `sleep`, `chance` and `clock` are what it waits by.

    `heard` is told, block after block, the address, the bytes that have come, and those to come in
    all (0 where the server does not say).
    """

    client: httpx.Client
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = somewhere_between
    clock: Callable[[], float] = time.monotonic
    heard: Callable[[str, int, int], None] = lambda _url, _have, _all: None
    _free: dict[str, float] = field(default_factory=dict)  # when each host may be asked again

    def get(self, url: str, into: Path, marks: Mapping[str, str]) -> Answer:
        """Write what lies at `url` into a file, unless it is as our `marks` (headers) have it.

        `into` is overwritten, and left behind half-written where this fails.  Raises NetworkError
        where the server cannot be reached, or has no such file.
        """
        into.unlink(missing_ok=True)
        host = httpx.URL(url).host
        found = Answer(fresh=True, etag="", modified="")
        problem = ""
        for turn in range(TRIES):
            self.take_turn(host)
            try:
                with self.client.stream("GET", url, headers=_headers(into, marks, found)) as answer:
                    if answer.status_code not in _PASSING:
                        found = _marks_of(answer, url)
                        self._write(answer, url, into)
                        return found
                    problem, wait = _said(answer), _asked_wait(answer)
            except httpx.RequestError as broken:
                problem, wait = _reason(broken), None
            if wait is not None and wait > LONGEST_WAIT:
                raise NetworkError(f"{host} asks to wait {wait:.0f} seconds ({problem})")
            if turn + 1 < TRIES:
                self.sleep(FIRST_WAIT * 2**turn * (1.0 + self.chance()) if wait is None else wait)
        raise NetworkError(f"no network: could not reach {host} ({problem})")

    def take_turn(self, host: str) -> None:
        """Wait until a host may be asked again."""
        wait = self._free.get(host, 0.0) - self.clock()
        if wait > 0.0:
            self.sleep(wait)
        self._free[host] = self.clock() + BETWEEN

    def _write(self, answer: httpx.Response, url: str, into: Path) -> None:
        """Write the body of an answer, after what is there where it is the rest of it."""
        if answer.status_code == _UNCHANGED:
            return
        with into.open("ab" if answer.status_code == _PARTIAL else "wb") as file:
            whole = file.tell() + int(answer.headers.get("Content-Length", 0))
            for block in answer.iter_bytes():
                file.write(block)
                self.heard(url, file.tell(), whole)


@contextmanager
def open_http() -> Iterator[Http]:
    """A client that says who we are, closed at the end."""
    headers = {"User-Agent": f"underwriter/{version('underwriter')}", "Accept-Encoding": "identity"}
    with httpx.Client(headers=headers, timeout=TIMEOUT, follow_redirects=True) as client:
        yield Http(client)


def _headers(into: Path, marks: Mapping[str, str], found: Answer) -> dict[str, str]:
    """Our marks at first; after a break, where to go on from, if the file is still the same."""
    have = into.stat().st_size if into.exists() else 0
    if not have or not found.etag or found.etag.startswith("W/"):
        return dict(marks)
    return {"Range": f"bytes={have}-", "If-Range": found.etag}


def _marks_of(answer: httpx.Response, url: str) -> Answer:
    """What an answer says of the file; NetworkError where there is none."""
    if answer.status_code >= _ERRORS:
        raise NetworkError(f"{answer.url.host} refuses {url} ({_said(answer)})")
    etag, modified = (answer.headers.get(name, "") for name in ("ETag", "Last-Modified"))
    return Answer(answer.status_code != _UNCHANGED, etag, modified)


def _asked_wait(answer: httpx.Response) -> float | None:
    """How many seconds a server asks us to wait, by its own clock; None where it does not say."""
    said = answer.headers.get("Retry-After", "").strip()
    if said.isdigit():
        return float(said)
    try:
        until, now = (parsedate_to_datetime(word) for word in (said, answer.headers.get("Date")))
    except (TypeError, ValueError):
        return None
    return max(0.0, (until - now).total_seconds())


def _said(answer: httpx.Response) -> str:
    """The status of an answer, in words."""
    return f"{answer.status_code} {answer.reason_phrase}".strip()


def _reason(problem: httpx.RequestError) -> str:
    """Why a request failed, on one line."""
    said = " ".join(str(problem).split())
    return said or type(problem).__name__
