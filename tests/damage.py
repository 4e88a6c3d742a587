"""Damage that tests do to files, and what must come of it: read, or refused in one line."""

from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from underwriter.core.errors import InputError
from underwriter.market.schema import SCHEMAS
from underwriter.market.sources.formats import format_named, recognise
from underwriter.market.sources.source import Ask

_MARKS = [b"", b",", b'"', b"\n", b"\r", b"\x00", b"\xff", b";", b"1e999", b"-", b"."]
edits = st.lists(
    st.tuples(
        st.integers(0, 10**6),
        st.integers(0, 30),
        st.one_of(st.sampled_from(_MARKS), st.binary(max_size=6)),
    ),
    min_size=1,
    max_size=4,
)
often = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)


def edited(body: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    """A body with some stretches replaced."""
    for at, length, put in changes:
        start = at % (len(body) + 1)
        body = body[:start] + put + body[start + length :]
    return body


def survives(path: Path, name: str) -> None:
    """Read a file, as the format that it looks like and as the one named: nothing else is raised.

    What is said against it is one line that names it and what was expected.
    """
    for known in (lambda: recognise(path), lambda: format_named(name)):
        try:
            for part in known().read(path, Ask()):
                assert part.frame.schema == SCHEMAS[part.kind]
                assert part.frame["line"].null_count() == 0
        except InputError as refused:
            said = str(refused)
            assert "\n" not in said
            assert str(path) in said
            assert "expected" in said
