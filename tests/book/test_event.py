"""The vocabulary: every event survives being stored."""

import math
from datetime import date
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underwriter.book.event import AnyEvent, BookOpened, Deposited, Filled, Marked, Quoted, Refused
from underwriter.book.stored import decode, encode
from underwriter.core.errors import InputError

KINDS: tuple[type[Any], ...] = get_args(AnyEvent)
WHOLE = st.integers(-(2**63), 2**63 - 1)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
NARROWED: dict[type[Any], dict[str, st.SearchStrategy[Any]]] = {
    Marked: {"rate": FINITE, "measure": st.none() | FINITE},
    BookOpened: {"settings": st.dictionaries(st.text(), st.text() | WHOLE | FINITE)},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_event_is_read_back_as_it_was_written(kind: type[Any]) -> None:
    @given(st.builds(kind, **NARROWED.get(kind, {})))
    def round_trip(event: AnyEvent) -> None:
        stored = encode(event)
        if fits(msgspec.json.decode(stored)):
            assert decode(stored) == event
        else:
            with pytest.raises(msgspec.ValidationError):
                decode(stored)

    round_trip()


def fits(part: Any) -> bool:  # noqa: ANN401  any JSON
    """Whether every number of an event has 64 bits; of settings it has by what is drawn."""
    if isinstance(part, dict):
        return all(fits(each) for each in part.values())
    if isinstance(part, list):
        return all(fits(each) for each in part)
    return not isinstance(part, int) or -(2**63) <= part < 2**63


@pytest.mark.parametrize("kind", KINDS)
def test_every_event_names_its_kind_and_carries_time_session_account_and_currency(
    kind: type[Any],
) -> None:
    assert {"at", "session", "account", "currency"} <= set(kind.__struct_fields__)
    assert kind.__struct_config__.tag.replace("_", "") == kind.__name__.lower()


def test_an_event_is_stored_as_plain_json() -> None:
    event = Deposited(at=1, session=date(2026, 1, 2), account="main", amount_u=20_000_000_000)
    assert encode(event) == (
        b'{"type":"deposited","at":1,"session":"2026-01-02","account":"main",'
        b'"currency":"USD","amount_u":20000000000}'
    )


def test_an_evening_names_dividends_and_splits_where_there_are_any() -> None:
    common: dict[str, Any] = {"at": 1, "session": date(2026, 1, 2), "account": "main"}
    money = {"equity_u": 1, "cash_u": 1, "shares_u": 0, "rate": 0.0, "measure": None, "regimes": {}}
    underlyings = {"KO": Quoted(60, 0), "AAPL": Quoted(93, 5, (7, 1))}
    stored = encode(Marked(**common, **money, underlyings=underlyings))
    assert (
        b'"underlyings":{"KO":{"close_u":60},"AAPL":{"close_u":93,"dividend_u":5,"split":[7,1]}}'
        in stored
    )


@pytest.mark.parametrize(
    "payload",
    [
        b'{"type":"gift","at":1,"session":"2026-01-02","account":"main","amount_u":1}',
        b'{"at":1,"session":"2026-01-02","account":"main","amount_u":1}',
        b'{"type":"deposited","at":1,"session":"2026-01-02","account":"main"}',
        b'{"type":"deposited","at":1,"session":"2026-01-02","account":"main","amount_u":1.5}',
        b'{"type":"deposited","at":1,"session":"02.01.2026","account":"main","amount_u":1}',
        b"",
        b"{",
    ],
)
def test_what_is_no_event_is_refused(payload: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(payload)


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_numbers_that_could_not_be_read_again_are_refused(number: float) -> None:
    common: dict[str, Any] = {"at": 1, "session": date(2026, 1, 2), "account": "main"}
    money = {"equity_u": 1, "cash_u": 1, "shares_u": 0, "underlyings": {}, "regimes": {}}
    with pytest.raises(InputError, match="expected finite"):
        Marked(**common, **money, rate=number, measure=None)
    with pytest.raises(InputError, match="expected finite"):
        Marked(**common, **money, rate=0.0, measure=number)
    book = {"version": "1", "quotes": "modelled", "source": "", "policies": {}}
    with pytest.raises(InputError, match="expected finite"):
        BookOpened(**common, **book, settings={"delay": number})


def test_events_are_frozen() -> None:
    event = Deposited(at=1, session=date(2026, 1, 2), account="main", amount_u=1)
    with pytest.raises(AttributeError):
        event.amount_u = 2  # type: ignore[misc]


@given(WHOLE)
def test_money_is_whole_and_exact(amount_u: int) -> None:
    event = Deposited(at=1, session=date(2026, 1, 2), account="main", amount_u=amount_u)
    read = decode(encode(event))
    assert isinstance(read, Deposited)
    assert read.amount_u == amount_u


def test_events_of_one_content_are_equal() -> None:
    seat: dict[str, Any] = {
        "at": 1,
        "session": date(2026, 1, 2),
        "account": "main",
        "sleeve": 0,
        "campaign": 0,
        "policy": "p",
    }
    refused = Refused(**seat, action="hold", option=None, why="no_candidate")
    assert refused == Refused(**seat, action="hold", option=None, why="no_candidate", needs_u=0)
    assert not isinstance(refused, Filled)
