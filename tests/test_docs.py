"""Reason codes, events and failure cases are documented; nothing is documented that is gone."""

import re
from functools import cache
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from underwriter.book import event
from underwriter.core import reason

DOCS = Path(__file__).parent.parent / "docs"


def named(page: str) -> set[str]:
    """Everything a page sets as code."""
    return set(re.findall(r"`([^`\s]+)`", (DOCS / page).read_text("utf-8")))


def rows(page: str) -> set[str]:
    """The first cell of every row of a page's tables, where it is set as code."""
    return set(re.findall(r"^\| `(\w+)` \|", (DOCS / page).read_text("utf-8"), re.MULTILINE))


EVENTS = {kind.__struct_config__.tag: kind for kind in get_args(event.AnyEvent)}
COMMON = {"at", "session", "account", "currency", "id", "sleeve", "campaign", "policy"}


@pytest.mark.parametrize("name", sorted(reason.NAMES.values()))
def test_a_reason_code_is_documented(name: str) -> None:
    assert name in rows("reasons.md"), f"docs/reasons.md has no row for `{name}`"


def test_no_reason_code_is_documented_that_is_gone() -> None:
    assert rows("reasons.md") <= set(reason.NAMES.values())


def test_every_reason_code_has_its_line_for_people() -> None:
    assert reason.TEXTS.keys() == reason.NAMES.keys()


@pytest.mark.parametrize("tag", sorted(EVENTS))
def test_an_event_is_documented(tag: str) -> None:
    assert tag in rows("events.md"), f"docs/events.md has no row for `{tag}`"


@pytest.mark.parametrize("tag", sorted(EVENTS))
def test_its_fields_are_documented(tag: str) -> None:
    fields = {field.name for field in msgspec.structs.fields(EVENTS[tag])}
    assert not fields - named("events.md"), f"docs/events.md does not name fields of `{tag}`"


def test_no_event_is_documented_that_is_gone() -> None:
    assert rows("events.md") - COMMON <= set(EVENTS)


def cases() -> dict[str, tuple[set[str], str]]:
    """The failure cases that have a row: the tests it names, and what is left for later."""
    text = (DOCS / "failures.md").read_text("utf-8")
    lines = re.findall(r"^\| (T\d\d) \|(.*)\|$", text, re.MULTILINE)
    columns = {case: rest.split("|") for case, rest in lines}
    return {
        case: (set(re.findall(r"`(\w+)`", tests)), left.strip())
        for case, (_, tests, left) in columns.items()
    }


@cache
def named_by_case() -> dict[str, set[str]]:
    """The tests that name a failure case, by the case."""
    found: dict[str, set[str]] = {}
    for path in Path(__file__).parent.rglob("test_*.py"):
        for name in re.findall(
            r"^def (test_t(?:c_b)?\d\d_\w+)", path.read_text("utf-8"), re.MULTILINE
        ):
            for number in re.findall(r"(?<=_t)\d\d(?=_)", name):
                found.setdefault(f"T{number}", set()).add(name)
    return found


def test_every_case_but_those_of_blocks_of_coins_has_one_row() -> None:
    sections = (1, 20), (21, 28), (29, 34), (35, 42), (43, 57), (58, 63), (64, 75), (76, 96)
    expected = [f"T{at:02}" for first, last in sections for at in range(first, last + 1)]
    assert list(cases()) == expected
    assert (DOCS / "failures.md").read_text("utf-8").count("\n| T") == len(expected)


@pytest.mark.parametrize("case", sorted(cases()))
def test_a_case_has_tests_where_its_row_says_so_and_only_there(case: str) -> None:
    named, left = cases()[case]
    found = named_by_case().get(case, set())
    assert named <= found, f"docs/failures.md names tests of {case} that are gone"
    assert bool(named) == bool(found), f"docs/failures.md: {case} has tests that its row lacks"
    assert named or left, f"docs/failures.md: {case} has neither a test nor a reason"
