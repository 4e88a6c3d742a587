"""Every reason code and every event is documented; nothing is documented that is gone."""

import re
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
COMMON = {"at", "session", "account", "currency", "sleeve", "campaign", "policy"}


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
