"""Where a journal is kept: a file, or a PostgreSQL database by its URL.

    runs/mine/journal.db                                     a file of its own
    postgresql://clerk@books.example/ledger                  the journal "underwriter" there
    postgresql://clerk@books.example/ledger?journal=wheel    another in the same database

A journal of a database is a schema of that name.  Whatever else the URL says is libpq's to read.
A URL may hold a password: it is written by `Url.connecting` alone, and never told.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, unquote_plus, urlencode, urlsplit

from underwriter.core.errors import InputError

DEFAULT = "underwriter"  # the journal of a URL that names none
HIDDEN = "***"
_SCHEMES = {"postgresql", "postgres"}
_NAME = re.compile(r"(?!pg_)[a-z_][a-z0-9_]{0,62}")
_SECRET = "password"  # noqa: S105  the name of parameters of a URL: password, sslpassword
_IN_QUERY = re.compile(rf"([?&][^=&]*{_SECRET}=)[^&]*", re.IGNORECASE)
_SCHEME = "://"


@dataclass(frozen=True, slots=True)
class Url:
    """A journal in a database.  As text it has no password."""

    text: str = field(repr=False)  # as it was given, password and all
    journal: str  # the name of the schema

    def __str__(self) -> str:
        """The URL without its password."""
        return told(self.text)

    def connecting(self) -> str:
        """The URL to connect with: what it was given, without the name of the journal."""
        parts = urlsplit(self.text)
        query = [(key, value) for key, value in _query(parts.query) if key != "journal"]
        address = f"postgresql://{parts.netloc}{parts.path}"
        return f"{address}?{urlencode(query)}" if query else address

    def scrubbed(self, message: str) -> str:
        """A message of somebody else's in one line, without a password of this URL."""
        return " ".join(without_passwords(message, self.text).split())


Place = Path | Url


def _query(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)


def _user_and_rest(text: str) -> tuple[str, str, str]:
    """Scheme, what stands before the last @, and what follows it."""
    scheme, _, rest = text.partition(_SCHEME)
    user, at, host = rest.rpartition("@")
    return scheme, user, host if at else rest


def _secrets(text: str) -> set[str]:
    """Every form in which a URL's passwords could be repeated: as written, and as meant."""
    pairs = [pair.partition("=") for pair in text.partition("?")[2].split("&")]
    written = [value for key, _, value in pairs if _SECRET in key.lower()]
    written.append(_user_and_rest(text)[1].partition(":")[2])
    return {form for each in written for form in (each, unquote(each), unquote_plus(each)) if form}


def without_passwords(message: str, text: str) -> str:
    """A message without the passwords of a URL that `text` is, or ends in."""
    for secret in sorted(_secrets(text), key=len, reverse=True):
        message = message.replace(secret, HIDDEN)
    return message


def told(text: str) -> str:
    """A URL without its passwords, well formed or not."""
    scheme, user, rest = _user_and_rest(text)
    name, colon, _ = user.partition(":")
    shown = f"{name}{':' + HIDDEN if colon else ''}@{rest}" if user else rest
    return _IN_QUERY.sub(rf"\1{HIDDEN}", f"{scheme}{_SCHEME}{shown}")


def place_of(given: str | Path | Url) -> Place:
    """Where a journal is kept, as somebody wrote it; InputError for a URL of another kind."""
    if not isinstance(given, str):
        return given
    scheme, separator, _ = given.partition(_SCHEME)
    if not separator:
        return Path(given)
    if scheme not in _SCHEMES:
        raise InputError(
            f"journal {told(given)}: found a URL of another kind; expected a path, or "
            "postgresql://USER@HOST/DATABASE"
        )
    try:
        named = dict(_query(urlsplit(given).query)).get("journal", DEFAULT)
    except ValueError as error:
        raise InputError(
            f"journal {told(given)}: found a URL that cannot be read; expected "
            "postgresql://USER@HOST/DATABASE"
        ) from error
    if not _NAME.fullmatch(named):
        raise InputError(
            f"journal {told(given)}: found the name {named!r}; expected small letters, digits and "
            "_, 63 at most, a letter first and not pg_"
        )
    return Url(given, named)
