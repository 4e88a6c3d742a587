"""Where a journal is kept: a path or a URL, and a URL's password is never told."""

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underwriter.book.place import Url, place_of, told
from underwriter.core.errors import InputError

PASSWORDS = st.text(st.characters(exclude_categories=["Cs"])).map("Zq{}qZ".format)


def url_of(text: str) -> Url:
    place = place_of(text)
    assert isinstance(place, Url)
    return place


def test_a_path_is_a_path_and_a_place_is_itself() -> None:
    assert place_of("runs/mine/journal.db") == Path("runs/mine/journal.db")
    assert place_of(Path("x")) == Path("x")
    url = url_of("postgresql://host/ledger")
    assert place_of(url) is url


@pytest.mark.parametrize(
    ("text", "journal", "connecting"),
    [
        ("postgresql://host/ledger", "underwriter", "postgresql://host/ledger"),
        ("postgres://u@host:5433/ledger", "underwriter", "postgresql://u@host:5433/ledger"),
        (
            "postgresql://host/ledger?journal=wheel&sslmode=require",
            "wheel",
            "postgresql://host/ledger?sslmode=require",
        ),
        (
            "postgresql:///ledger?host=/run/pg",
            "underwriter",
            "postgresql:///ledger?host=%2Frun%2Fpg",
        ),
        ("postgresql://u:p%40s@host/db", "underwriter", "postgresql://u:p%40s@host/db"),
    ],
)
def test_a_url_names_a_journal_and_the_rest_is_for_the_server(
    text: str, journal: str, connecting: str
) -> None:
    url = url_of(text)
    assert (url.journal, url.connecting()) == (journal, connecting)


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("mysql://u:hidden@host/db", "URL of another kind"),
        ("postgresql+psycopg://u:hidden@host/db", "URL of another kind"),
        ("postgresql://u:hidden@[host/db", "URL that cannot be read"),
        ("postgresql://u:hidden@host/db?journal=Wheel", "the name 'Wheel'"),
        ("postgresql://u:hidden@host/db?journal=", "the name ''"),
        ("postgresql://u:hidden@host/db?journal=pg_catalog", "the name 'pg_catalog'"),
        ("postgresql://u:hidden@host/db?journal=a;drop", "the name 'a;drop'"),
        (f"postgresql://u:hidden@host/db?journal={'a' * 64}", "the name"),
    ],
)
def test_what_is_no_place_is_refused_in_one_line_without_its_password(
    text: str, finding: str
) -> None:
    with pytest.raises(InputError) as refused:
        place_of(text)
    assert finding in str(refused.value)
    assert "expected" in str(refused.value)
    assert "hidden" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://clerk:hidden@host/db", "postgresql://clerk:***@host/db"),
        ("postgresql://clerk:hid@d/en@host/db", "postgresql://clerk:***@host/db"),
        ("postgresql://clerk@host/db", "postgresql://clerk@host/db"),
        ("postgresql://host:5433/db", "postgresql://host:5433/db"),
        (
            "postgresql://host/db?password=hidden&journal=a&sslpassword=too",
            "postgresql://host/db?password=***&journal=a&sslpassword=***",
        ),
    ],
)
def test_a_url_is_told_without_its_passwords(text: str, shown: str) -> None:
    assert told(text) == shown
    assert str(Url(text, "a")) == shown
    assert "hidden" not in repr(Url(text, "a"))


@given(PASSWORDS, st.booleans())
def test_no_form_of_a_password_is_left_in_a_message(password: str, in_query: bool) -> None:  # noqa: FBT001
    form = quote(password, safe="")
    text = f"postgresql://h/d?password={form}" if in_query else f"postgresql://u:{form}@h/d"
    url = Url(text, "a")
    for said in (url.scrubbed(f"FATAL: {password} and {form} were refused"), str(url), repr(url)):
        assert "Zq" not in said
        assert "qZ" not in said
