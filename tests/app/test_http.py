"""Politeness: what is tried again, when, and what is given up with which line.

The server is ours, on this machine, and misbehaves on order.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from app.server import Reply, Server, serving
from underwriter.app.http import Answer, Http, open_http
from underwriter.core.errors import NetworkError

BODY = b"DATE,VVIX\n03/06/2006,71.73\n03/15/2006,15.71\n"


class Waits:
    """A clock that sleeping moves on, and what was slept."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.now += seconds

    def clock(self) -> float:
        """What time it is."""
        return self.now


@contextmanager
def asking(waits: Waits) -> Iterator[Http]:
    with httpx.Client(timeout=240.0) as client:
        yield Http(client, waits.sleep, lambda: 0.5, waits.clock)


def got(server: Server, into: Path, waits: Waits, **marks: str) -> Answer:
    with asking(waits) as http:
        return http.get(f"{server.url}/VVIX_History.csv", into, marks)


def test_a_file_is_written_with_its_marks(tmp_path: Path) -> None:
    into = tmp_path / "part"
    into.write_bytes(b"what an earlier attempt left")
    with serving(Reply(body=BODY, headers={"ETag": '"1"', "Last-Modified": "then"})) as server:
        answer = got(server, into, Waits())
    assert answer == Answer(fresh=True, etag='"1"', modified="then")
    assert into.read_bytes() == BODY


def test_we_say_who_we_are() -> None:
    with open_http() as http:
        assert http.client.headers["User-Agent"].startswith("underwriter/")
        assert http.client.timeout.read == 30.0


def test_unavailable_twice_then_there(tmp_path: Path) -> None:
    waits = Waits()
    with serving(Reply(503), Reply(503), Reply(body=BODY)) as server:
        got(server, tmp_path / "part", waits)
    assert (tmp_path / "part").read_bytes() == BODY
    assert len(server.asked) == 3
    assert waits.slept == [1.5, 3.0]  # one and two seconds, and half of each by chance


def test_a_server_that_says_when_is_heeded(tmp_path: Path) -> None:
    waits = Waits()
    busy = Reply(429, headers={"Retry-After": "7"})
    with serving(busy, Reply(body=BODY)) as server:
        got(server, tmp_path / "part", waits)
    assert waits.slept == [7.0]


def test_a_server_may_say_when_by_date(tmp_path: Path) -> None:
    waits = Waits()
    headers = {"Retry-After": "Wed, 21 Oct 2099 07:28:00 GMT"}
    with serving(Reply(503, headers=headers)) as server, pytest.raises(NetworkError) as caught:
        got(server, tmp_path / "part", waits)
    assert str(caught.value).startswith("127.0.0.1 asks to wait ")
    assert waits.slept == []


def test_what_passes_is_given_up_after_three_tries(tmp_path: Path) -> None:
    with serving(Reply(503)) as server, pytest.raises(NetworkError) as caught:
        got(server, tmp_path / "part", Waits())
    assert len(server.asked) == 3
    said = "no network: could not reach 127.0.0.1 (503 Service Unavailable)"
    assert str(caught.value) == said
    assert caught.value.exit_code == 1


def test_a_file_that_is_not_there_is_asked_for_once(tmp_path: Path) -> None:
    with serving(Reply(404)) as server, pytest.raises(NetworkError) as caught:
        got(server, tmp_path / "part", Waits())
    assert len(server.asked) == 1
    assert str(caught.value).endswith("/VVIX_History.csv (404 Not Found)")


def test_nobody_listens(tmp_path: Path) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]  # ours while it is bound, and nobody listens
        with asking(Waits()) as http, pytest.raises(NetworkError) as caught:
            http.get(f"http://127.0.0.1:{port}/x.csv", tmp_path / "part", {})
    said = str(caught.value)
    assert said.startswith("no network: could not reach 127.0.0.1 (")
    assert "refused" in said
    assert "\n" not in said
    assert not (tmp_path / "part").exists()


def test_a_dropped_connection_is_tried_again(tmp_path: Path) -> None:
    with serving(Reply(dropped=True), Reply(body=BODY)) as server:
        got(server, tmp_path / "part", Waits())
    assert (tmp_path / "part").read_bytes() == BODY


def test_a_body_that_breaks_off_is_never_taken_for_whole(tmp_path: Path) -> None:
    cut = Reply(body=BODY, sent=20)
    with serving(cut) as server, pytest.raises(NetworkError, match="could not reach"):
        got(server, tmp_path / "part", Waits())
    assert len(server.asked) == 3
    with serving(cut, Reply(body=BODY)) as server:
        got(server, tmp_path / "part", Waits())
    assert (tmp_path / "part").read_bytes() == BODY
    assert "Range" not in server.asked[1][1]  # no mark: it may have changed meanwhile


def test_a_body_that_broke_off_goes_on_where_it_did(tmp_path: Path) -> None:
    marks = {"ETag": '"1"'}
    cut, rest = Reply(body=BODY, headers=marks, sent=20), Reply(206, BODY[20:], marks)
    with serving(cut, rest) as server:
        answer = got(server, tmp_path / "part", Waits())
    assert (tmp_path / "part").read_bytes() == BODY
    assert server.asked[1][1]["Range"] == "bytes=20-"
    assert server.asked[1][1]["If-Range"] == '"1"'
    assert answer.etag == '"1"'


def test_what_comes_is_told_as_it_comes(tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    cut = Reply(body=BODY, headers={"ETag": '"1"'}, sent=20)
    with serving(cut, Reply(206, BODY[20:])) as server, asking(Waits()) as http:
        http.heard = lambda _, have, whole: heard.append((have, whole))
        http.get(f"{server.url}/x.csv", tmp_path / "part", {})
    assert heard[0] == (20, len(BODY))
    assert heard[-1] == (len(BODY), len(BODY))


def test_a_file_that_changed_meanwhile_begins_anew(tmp_path: Path) -> None:
    cut = Reply(body=BODY, headers={"ETag": '"1"'}, sent=20)
    with serving(cut, Reply(body=b"other", headers={"ETag": '"2"'})) as server:
        answer = got(server, tmp_path / "part", Waits())
    assert (tmp_path / "part").read_bytes() == b"other"
    assert answer.etag == '"2"'


def test_an_unchanged_file_is_not_sent_again(tmp_path: Path) -> None:
    with serving(Reply(304)) as server:
        answer = got(server, tmp_path / "part", Waits(), **{"If-None-Match": '"1"'})
    assert not answer.fresh
    assert server.asked[0][1]["If-None-Match"] == '"1"'
    assert not (tmp_path / "part").exists()


def test_one_host_is_asked_once_a_second(tmp_path: Path) -> None:
    waits = Waits()
    with serving(Reply(body=BODY)) as server, asking(waits) as http:
        for _ in range(3):
            http.get(f"{server.url}/x.csv", tmp_path / "part", {})
        http.take_turn("elsewhere")
    assert waits.slept == [1.0, 1.0]
