"""Old events are read in the words of today; what is stored stays as it was."""

import msgspec
import pytest

from first_release import PAYLOADS
from underwriter.book.event import Approved, Refused
from underwriter.book.stored import decode
from underwriter.book.upcast import SCHEMA, STEPS, upcast

ORDER = PAYLOADS[3].encode()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("sell_to_open", "open"),
        ("buy_to_close", "close"),
        ("sell_shares", "sell_shares"),
        ("hold", "hold"),
    ],
)
def test_an_order_of_the_first_schema_opens_or_closes(written: str, read: str) -> None:
    for kind in ("approved", "refused"):
        old = {"type": kind, "action": written, "why": "x"}
        assert upcast(old, 1) == {"type": kind, "action": read, "why": "x"}
        assert old["action"] == written  # a step makes another, and leaves what it was given


def test_a_session_that_the_second_schema_decided_names_no_policies() -> None:
    """It did not say which: they are those of the book's last opening before it."""
    old = {"type": "decided", "version": "0.4", "slab": "ab12"}
    assert upcast(old, 2) == {**old, "policies": {}}
    assert "policies" not in old
    skipped = {"type": "skipped"}
    assert upcast(skipped, 2) == skipped


def test_a_decision_of_today_says_its_policies() -> None:
    """Of the schema that has them they are not left out."""
    common = '"at":1,"session":"2026-01-02","account":"main","currency":"USD"'
    old = f'{{"type":"decided",{common},"version":"0.4","slab":"ab12"}}'.encode()
    assert decode(old, 2) == decode(old[:-1] + b',"policies":{}}')
    with pytest.raises(msgspec.DecodeError, match="policies"):
        decode(old)


def test_events_of_every_kind_of_the_first_release_are_read() -> None:
    events = [decode(text.encode(), 1) for text in PAYLOADS]
    judged = [event for event in events if isinstance(event, Approved | Refused)]
    assert [event.action for event in judged] == ["open", "close", "open", "hold", "sell_shares"]


def test_an_event_of_this_schema_is_read_as_it_stands() -> None:
    event = decode(ORDER, SCHEMA)
    assert isinstance(event, Approved)
    assert event.action == "sell_to_open"
    assert upcast({"type": "approved", "action": "buy_to_close"}, SCHEMA)["action"] == (
        "buy_to_close"
    )


def test_there_is_a_step_from_every_schema_to_the_next() -> None:
    assert len(STEPS) == SCHEMA - 1


@pytest.mark.parametrize(
    "payload", [b'{"action":"open"}', b'{"type":"approved"}', b'{"type":[]}', b"[]", b"{", b""]
)
def test_what_is_no_event_of_an_earlier_schema_is_refused(payload: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(payload, 1)
