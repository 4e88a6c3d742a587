"""A broker is asked no more often than it allows: a token bucket, and the waits of a 429 (T93)."""

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.world import SECOND, HandClock
from underwriter.desk.brokers.pace import MINUTE, Pace, asked_wait
from underwriter.desk.ports import UnreachableError

START = 1_704_726_000 * SECOND


class HastyClock(HandClock):
    """A clock that returns sooner, as where the process is to end."""

    def wait(self, until: int) -> None:
        """Stay."""


@given(
    rate=st.integers(1, 600),
    burst=st.integers(1, 50),
    pauses=st.lists(st.integers(0, 20 * SECOND), min_size=1, max_size=80),
)
def test_t93_no_minute_has_more_requests_than_burst_and_rate(
    rate: int, burst: int, pauses: list[int]
) -> None:
    clock = HandClock(START)
    pace = Pace("x", clock, rate, burst, patience=10 * MINUTE)
    taken = []
    for pause in pauses:
        clock.at += pause
        pace.take()
        taken.append(clock.at)
    for first in taken:
        assert sum(first <= at < first + MINUTE for at in taken) <= burst + rate


def test_t93_a_burst_goes_at_once_and_then_at_the_rate() -> None:
    clock = HandClock(START)
    pace = Pace("x", clock, rate=60, burst=3)
    moments = []
    for _time in range(6):
        pace.take()
        moments.append((clock.at - START) // SECOND)
    assert moments == [0, 0, 0, 1, 2, 3]


def test_t93_without_headers_waits_double_until_another_answer_comes() -> None:
    clock = HandClock(START)
    pace = Pace("x", clock, patience=MINUTE)
    waits = []
    for status in (429, 429, 429, 200, 429):
        pace.take()
        before = clock.at
        pace.heard(status, {})
        pace.take()
        waits.append((clock.at - before) // SECOND)
    assert waits == [1, 2, 4, 0, 1]


def test_t93_what_would_wait_too_long_is_not_sent() -> None:
    clock = HandClock(START)
    pace = Pace("alpaca", clock, patience=15 * SECOND)
    pace.heard(429, {"Retry-After": "16"})
    with pytest.raises(UnreachableError, match=r"^alpaca: .* 16 s more; nothing was sent$"):
        pace.take()
    assert clock.at == START
    clock.at += SECOND
    pace.take()
    assert clock.at == START + 16 * SECOND


def test_a_wait_that_is_cut_short_sends_nothing() -> None:
    pace = Pace("x", HastyClock(START), rate=60, burst=1)
    pace.take()
    with pytest.raises(UnreachableError, match="to end"):
        pace.take()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "5"}, 5), ({"Retry-After": " 5 "}, 5), ({"Retry-After": "0"}, 0),
        ({"Retry-After": formatdate(START // SECOND + 30, usegmt=True)}, 30),
        ({"Retry-After": "soon"}, None), ({"Retry-After": "-5"}, None), ({}, None),
        ({"X-RateLimit-Reset": str(START // SECOND + 8)}, 8),
        ({"X-RateLimit-Reset": "later"}, None),
        ({"Retry-After": "soon", "X-RateLimit-Reset": str(START // SECOND + 8)}, 8),
        ({"Retry-After": "5", "X-RateLimit-Reset": str(START // SECOND + 8)}, 5),
    ],
)  # fmt: skip
def test_t93_headers_say_how_long(headers: dict[str, str], seconds: int | None) -> None:
    expected = None if seconds is None else seconds * SECOND
    assert asked_wait(headers, START) == expected


@pytest.mark.parametrize("asked", ["999999999999", "86400"])
def test_t93_a_header_is_believed_for_an_hour_at_most(asked: str) -> None:
    clock = HandClock(START)
    pace = Pace("x", clock)
    pace.heard(429, {"Retry-After": asked})
    with pytest.raises(UnreachableError, match="3600 s more"):
        pace.take()


def test_t93_a_reset_that_is_past_asks_for_no_wait() -> None:
    clock = HandClock(START)
    pace = Pace("x", clock)
    pace.heard(429, {"X-RateLimit-Reset": "1"})
    pace.take()
    assert clock.at == START
