"""Secrets: found in the environment or in a file of their owner alone, hidden wherever text goes.

    HOME/secrets.env        UNDERWRITER_NOTIFY_PHONE=tgram://...      one NAME=VALUE a line
                            APCA_API_SECRET_KEY=...                   readable by its owner alone

The environment comes first.  Settings, policies and the journal never hold a secret.  What is said
or logged goes through `Scrub`, which knows the secrets that were found, and the shapes of others.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from underwriter.core.errors import InputError

FILE: Final = "secrets.env"
HIDDEN: Final = "***"
_SHORTEST: Final = 4  # a shorter one stands in half of all words, and protects nothing
_SHORTEST_PART: Final = 6  # of a URL: years and ports are not hidden
_PLAIN: Final = {  # parts of URLs that are words and no secrets
    *("alerts", "bearer", "channel", "channels", "default", "message", "messages", "notifications"),
    *("notify", "private", "public", "services", "webhook", "webhooks"),
}
_OTHERS: Final = 0o077
_LINE: Final = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")
_OPEN: Final = re.compile(
    r"[a-z0-9-]+(\.[a-z0-9-]+)+|localhost", re.IGNORECASE
)  # a host in the open

# variables, keys and parameters whose values are secrets
_NAMES: Final = (
    r"[\w-]*(?:secret|password|passwd|passphrase|token|api[_-]?key|access[_-]?key|credential)[\w-]*"
    r"|PGPASSWORD|UNDERWRITER_NOTIFY_\w+|authorization"
)
SECRET_NAME: Final = re.compile(_NAMES, re.IGNORECASE)
# NAME=VALUE, "name": "value", name: value; what is hidden already stays
_NAMED: Final = rf"\b({_NAMES})([\"']?\s*[=:]\s*[\"']?)(?!\*\*\*)([^\s\"'&,;}}]+)"
_SHAPES: Final = (
    (re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE), r"\1 ***"),
    (re.compile(_NAMED, re.IGNORECASE), r"\1\2***"),
    (re.compile(r"\b[APC]K[A-Z0-9]{16,24}\b"), HIDDEN),  # an Alpaca key
    (re.compile(r"(://[^\s/:@]*:)[^\s/@]+@"), r"\1***@"),  # the password of a URL
)


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret and where it is from; it hides itself."""

    name: str
    value: str = field(repr=False)
    source: str  # "environment", or the path of the file


def find_secret(name: str, home: Path, environ: Mapping[str, str] = os.environ) -> Secret | None:
    """A secret by the name of its variable; InputError for a file that others may read."""
    if environ.get(name):
        return Secret(name, environ[name], "environment")
    path = home / FILE
    found = dict(_lines(path)).get(name)
    return Secret(name, found, str(path)) if found else None


def all_secrets(home: Path, environ: Mapping[str, str] = os.environ) -> list[Secret]:
    """Every secret that can be told by its name, and all of the file; a bad file has none."""
    found = [
        Secret(name, value, "environment")
        for name, value in environ.items()
        if value and SECRET_NAME.fullmatch(name)
    ]
    path = home / FILE
    with suppress(InputError):  # doctor says so, and who needs a secret of it is refused
        for name, value in _lines(path):
            found += [Secret(name, value, str(path))] if value else []
    return found


def readable_by_others(path: Path) -> bool:
    """Whether anybody but its owner may read or write a file."""
    return bool(path.stat().st_mode & _OTHERS)


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """The names and values of the file; InputError where it cannot be used, never with a value."""
    if not path.exists():
        return
    if readable_by_others(path):
        raise InputError(
            f"{path}: found it readable by others; expected its owner alone: chmod 600 {path}"
        )
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise InputError(f"{path}: cannot be read ({type(problem).__name__})") from None
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            found = _LINE.fullmatch(line.strip())
            if found is None:
                raise InputError(f"{path}, line {number}: expected NAME=VALUE")
            yield found[1], _unquoted(found[2].strip())


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value


class Scrub:
    """Text without secrets: those it was given, in every form of a URL, and what looks like one."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for each in secrets for part in _parts(each) for form in _forms(part)}
        kept = sorted((form for form in forms if len(form) >= _SHORTEST), key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, kept))) if kept else None

    def __call__(self, text: str) -> str:
        """The same text, what is secret in it hidden."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        for shape, shown in _SHAPES:
            text = shape.sub(shown, text)
        return text


def scrub_of(home: Path, environ: Mapping[str, str] = os.environ) -> Scrub:
    """What hides every secret that a home and the environment have."""
    return Scrub(each.value for each in all_secrets(home, environ))


def shown_url(url: str) -> str:
    """What may be said of a notification's URL: its kind."""
    scheme, found, _ = url.partition("://")
    return f"{scheme}://{HIDDEN}" if found else HIDDEN


def _parts(secret: str) -> Iterator[str]:
    """A secret, and of a URL everything in it that may be one by itself."""
    yield secret
    scheme, found, rest = secret.partition("://")
    if not found or not re.fullmatch(r"[A-Za-z][\w+.-]*", scheme):
        return
    place, _, query = rest.partition("?")
    user, _, path = place.rpartition("@")
    name, _, password = user.partition(":")
    yield from (rest, password)
    host, *segments = path.split("/")
    host = host.partition(":")[0]
    if not _OPEN.fullmatch(host):
        yield host  # of many services the first token stands where a host does
    pairs = (pair.partition("=")[2] for pair in query.split("&"))
    values = (word for value in pairs for word in (value, *unquote_plus(value).split()))
    for part in (name, *segments, *values):
        if len(part) >= _SHORTEST_PART and part.lower() not in _PLAIN:
            yield part


def _forms(part: str) -> set[str]:
    """How a secret may be repeated: as written, and as it is meant."""
    written = {part, unquote(part), unquote_plus(part)}
    return written | {how(each, safe="") for each in written for how in (quote, quote_plus)}
