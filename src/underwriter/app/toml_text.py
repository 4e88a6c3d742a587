"""A TOML file with the line of every key, so that a refusal can say where.

`tomllib` says whether the text is TOML and what it holds; a small scanner, which may then trust
the text, says on which line each key and each item of an array stands.  A path is the names and
positions that lead to a value: ``("size", "stress", 1, "vol")``.
"""

import difflib
import math
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from underwriter.core.errors import InputError

Place = tuple[str | int, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SKIPPED = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SCALAR = re.compile(r"[^,\]}\n#]*")
_STRINGS = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r'"""(?:\\.|[^\\])*?"""(?:"{1,2}(?!"))?',
        r"'''.*?'''(?:'{1,2}(?!'))?",
        r'"(?:\\.|[^"\\])*"',
        r"'[^']*'",
    )
)
_SYNTAX = re.compile(r"(.*?) \(at (?:line (\d+), column (\d+)|end of document)\)")
_LONGEST = 60  # characters of a found value that a message repeats


class TomlText(NamedTuple):
    """What a TOML file holds, and the line of each of its keys, counted from one."""

    path: Path
    text: str
    content: dict[str, Any]
    lines: dict[Place, int]

    def error(self, place: Place, found: str, allowed: str) -> InputError:
        """What to raise for the value at `place`: file, line, finding, what is allowed."""
        said = f"{found}; {allowed}".replace("\n", "\\n")
        return InputError(f"{self.path}, line {self.line(place)}: {said}")

    def line(self, place: Place) -> int:
        """The line of `place`, or of the nearest thing around it that is written down."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def read_toml(path: Path) -> TomlText:
    """The TOML file at `path`; InputError where it is missing, no text or no TOML."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as problem:
        found = (problem.strerror or str(problem)).lower()
        raise InputError(f"{path}: {found}; expected a TOML file") from problem
    except UnicodeDecodeError as problem:
        line = problem.object[: problem.start].count(b"\n") + 1
        raise InputError(
            f"{path}, line {line}: found a byte that is no UTF-8 text; expected a TOML file"
        ) from problem
    return parse_toml(path, text)


def parse_toml(path: Path, text: str) -> TomlText:
    """`text` as the TOML that stands, or would stand, at `path`."""
    text = text.replace("\r\n", "\n")
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        raise _no_toml(path, text, str(problem)) from problem
    return TomlText(path, text, content, _Scanner(text).document())


def shown(value: object) -> str:
    """A value as TOML writes it, shortened where it is long."""
    text = _written(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def suggestion(found: str, allowed: Iterable[str]) -> str:
    """The allowed words, and the one that was probably meant."""
    words = list(allowed)
    close = difflib.get_close_matches(found, words, n=1)
    meant = f" (did you mean {close[0]}?)" if close else ""
    return ", ".join(words) + meant


def _written(value: object) -> str:
    """A value in TOML's notation, on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'.replace("\n", "\\n")
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_written(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_written(item)}" for key, item in value.items()) + " }"
    return str(value)


def _no_toml(path: Path, text: str, problem: str) -> InputError:
    """The refusal of a text that is no TOML: its line and what the parser says of it."""
    said = _SYNTAX.search(problem)
    rows = text.split("\n")
    line = int(said[2]) if said and said[2] else max(len(text.rstrip().split("\n")), 1)
    what = said[1].lower() if said else problem.lower()
    found = shown(rows[line - 1].strip())
    return InputError(f"{path}, line {line}: found {found}, {what}; expected TOML (key = value)")


class _Scanner:
    """Walks a text that is known to be TOML and notes where its keys and items stand."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Place, int] = {}
        self.counts: dict[Place, int] = {}  # tables so far of each array of tables

    def document(self) -> dict[Place, int]:
        """The line of every place in the text."""
        table: Place = ()
        self.skip()
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)
            self.skip()
        return self.lines

    def header(self) -> Place:
        """A ``[table]`` or ``[[table]]`` line; returns the place it opens."""
        line, double = self.line(), self.text.startswith("[[", self.at)
        self.at += 2 if double else 1
        place = self.resolved(self.key())
        self.at += 2 if double else 1
        if double:
            count = self.counts.get(place, 0)
            self.counts[place] = count + 1
            self.lines.setdefault(place, line)
            place = (*place, count)
        self.note(place, line)
        return place

    def resolved(self, key: tuple[str, ...]) -> Place:
        """A header's key as a place: inside an array of tables, its last one."""
        place: Place = ()
        for at, name in enumerate(key):
            place = (*place, name)
            if at < len(key) - 1 and place in self.counts:
                place = (*place, self.counts[place] - 1)
        return place

    def pair(self, table: Place) -> None:
        """``key = value``."""
        line = self.line()
        place = (*table, *self.key())
        self.note(place, line)
        self.at = self.text.index("=", self.at) + 1
        self.value(place)

    def note(self, place: Place, line: int) -> None:
        """Keep the line of a place and, where they have none, of what lies around it."""
        self.lines[place] = line
        for length in range(1, len(place)):
            self.lines.setdefault(place[:length], line)

    def key(self) -> tuple[str, ...]:
        """A bare, quoted or dotted key."""
        names: list[str] = []
        while True:
            self.skip()
            names.append(self.name())
            self.skip()
            if not self.text.startswith(".", self.at):
                return tuple(names)
            self.at += 1

    def name(self) -> str:
        """One part of a key."""
        if self.text[self.at] in "\"'":
            quoted = self.string()
            return str(tomllib.loads(f"key = {quoted}")["key"])
        found = _BARE.match(self.text, self.at)
        bare = found[0] if found else ""
        self.at += max(len(bare), 1)
        return bare

    def value(self, place: Place) -> None:
        """Any value, passed over; what is inside it is noted."""
        self.skip()
        mark = self.text[self.at]
        if mark in "\"'":
            self.string()
        elif mark == "[":
            self.array(place)
        elif mark == "{":
            self.table(place)
        else:
            found = _SCALAR.match(self.text, self.at)
            self.at += len(found[0]) if found else 1

    def array(self, place: Place) -> None:
        """``[ value, value ]``."""
        self.at += 1
        count = 0
        while not self.closed("]"):
            self.note((*place, count), self.line())
            self.value((*place, count))
            count += 1

    def table(self, place: Place) -> None:
        """``{ key = value, key = value }``."""
        self.at += 1
        while not self.closed("}"):
            self.pair(place)

    def closed(self, bracket: str) -> bool:
        """Whether the bracket closes here, past a comma that may stand before it."""
        self.skip()
        if self.text.startswith(",", self.at):
            self.at += 1
            self.skip()
        if self.text.startswith(bracket, self.at):
            self.at += 1
            return True
        return False

    def string(self) -> str:
        """A string of any of the four kinds, with its quotes."""
        found = next(filter(None, (kind.match(self.text, self.at) for kind in _STRINGS)))
        self.at = found.end()
        return found[0]

    def skip(self) -> None:
        """Pass over blanks, line ends and comments."""
        found = _SKIPPED.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def line(self) -> int:
        """The line the scanner stands on."""
        return self.text.count("\n", 0, self.at) + 1
