"""The format of a journal in PostgreSQL, and the steps to it (Alembic's, in `migrations`).

A format is a revision of Alembic's, "1" the first.  Only the one writer takes steps, in one
transaction; a reader of another format, and everybody of a later one, is refused.
"""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from underwriter.book.place import Url
from underwriter.core.errors import InputError, JournalError

FORMAT = "1"  # the last of the steps; a test holds it to them
_STEPS = Path(__file__).parent / "migrations"
_VERSION = "alembic_version"
_HERE = text(
    "SELECT table_schema FROM information_schema.tables WHERE table_name = :version "
    "AND table_schema IN (SELECT table_schema FROM information_schema.tables "
    "WHERE table_name = 'event') ORDER BY 1"
)


def journals(connection: Connection) -> list[str]:
    """The names of the journals in a database that this user may look into."""
    return list(connection.execute(_HERE, {"version": _VERSION}).scalars())


def require_room(connection: Connection, url: Url) -> None:
    """InputError where a journal, or anything else, stands under the name of a new one."""
    if url.journal in journals(connection):
        raise InputError(
            f"journal {url}: expected a new name, found a journal {url.journal!r} there; open it, "
            "or give another name: ?journal=NAME"
        )
    found = inspect(connection).get_table_names(schema=url.journal)
    if found:
        raise InputError(
            f"journal {url}: expected a new name, found a schema {url.journal!r} with other "
            f"tables ({min(found)}); give another name: ?journal=NAME"
        )


def format_of(connection: Connection, url: Url) -> str:
    """The format of a journal; InputError where there is none of its name."""
    there = journals(connection)
    if url.journal not in there:
        raise InputError(
            f"journal {url}: found no journal {url.journal!r} in this database; expected one of: "
            f"{', '.join(there) or 'none, there is no journal yet'}"
        )
    return str(connection.execute(text(f"SELECT version_num FROM {_VERSION}")).scalar())  # noqa: S608  a constant


def require_format(connection: Connection, url: Url) -> None:
    """Refuse to read a journal of another format."""
    found = format_of(connection, url)
    if found != FORMAT:
        raise _of_another_format(url, found)


def make(connection: Connection, url: Url) -> None:
    """Make the schema of a journal and its tables, within the caller's transaction."""
    connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{url.journal}"'))
    _step(connection, url)


def migrate(connection: Connection, url: Url) -> None:
    """Bring a journal of an earlier format to this one; JournalError for a later one."""
    found = format_of(connection, url)
    if found == FORMAT:
        return
    from alembic.script import ScriptDirectory  # noqa: PLC0415  rarely

    steps = ScriptDirectory(str(_STEPS))
    if found not in {each.revision for each in steps.walk_revisions()}:
        raise _of_another_format(url, found)
    _step(connection, url)


def _of_another_format(url: Url, found: str) -> JournalError:
    return JournalError(
        f"journal {url}: expected format {FORMAT}, found {found}; open it with the version of "
        "Underwriter that wrote it, or once to write with this one"
    )


def _step(connection: Connection, url: Url) -> None:
    """Take the steps that are left."""
    from alembic import command  # noqa: PLC0415  0.2 s, and where a journal is made
    from alembic.config import Config  # noqa: PLC0415  likewise

    steps = Config(attributes={"connection": connection, "schema": url.journal})
    steps.set_main_option("script_location", str(_STEPS).replace("%", "%%"))
    command.upgrade(steps, "head")
