"""Whether a journal in PostgreSQL is what was written, as far as its server tells.

All is read in one snapshot, so that a writer at work disturbs nothing.  Pages are the server's
own affair: what it cannot read, or what its index does not lead to, is said.  Whoever owns the
database can lift what refuses changes, and rewrite events with their whole chain and the head; then
only a head that was written down elsewhere, or a copy, tells.
"""

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from underwriter.book.place import Url
from underwriter.book.postgres import EVENT, PostgresReader, found_by, head_of, row_of, sound
from underwriter.book.store import CHUNK
from underwriter.book.trail import ENOUGH, Finding, Report, Trail, against_head

_GUARDS = text(
    "SELECT tgname FROM pg_trigger WHERE tgenabled = 'A' AND NOT tgisinternal "
    "AND tgrelid IN ('event'::regclass, 'head'::regclass)"
)
GUARDS = {"no_row_changes", "not_emptied", "only_forwards", "not_removed"}
_HEAP = ("enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan")


def verify_database(url: Url) -> Report:
    """Check a journal in a database, changing nothing, while it is written to or not."""
    reader = PostgresReader.open(url)
    try:
        with sound(url):
            snapshot = reader.connection.execution_options(isolation_level="REPEATABLE READ")
            with snapshot.begin():
                snapshot.execute(text("SET TRANSACTION READ ONLY"))
                return _verified(url, snapshot)
    finally:
        reader.close()


def _verified(url: Url, connection: Connection) -> Report:
    head = head_of(connection)
    findings = _guard_findings(url, connection)
    if head is None:
        said = f"journal {url}: expected its head, found none: removed events cannot be found"
        findings.append(Finding("head", said))
    trail = Trail(head.sequence if head else 0)
    try:
        _follow(url, connection, trail)
    except DBAPIError as error:
        trail.broken = True
        said = f"journal {url}: {found_by(url, error)} (after event {trail.last.sequence})"
        trail.find("page", said)
    findings += trail.findings
    if head and not trail.broken:
        findings += against_head(trail, head)
        if trail.last.sequence > head.sequence:
            said = f"expected events to {head.sequence} by the head, found {trail.last.sequence}"
            findings.append(Finding("head", said, head.sequence + 1))
    return Report(trail.events, trail.last, tuple(findings), "")


def _follow(url: Url, connection: Connection, trail: Trail) -> None:
    """Read every row by the index, and count them without it."""
    query = select(EVENT).order_by(EVENT.c.sequence).execution_options(yield_per=CHUNK)
    with connection.execute(query) as rows:
        for found in rows:
            trail.take(*row_of(found))
            if trail.full:
                trail.broken = True
                said = f"stopped after {ENOUGH} findings (after event {trail.last.sequence})"
                trail.find("page", f"journal {url}: {said}")
                return
    for setting in _HEAP:
        connection.execute(text(f"SET LOCAL {setting} TO off"))
    stored = connection.execute(select(func.count()).select_from(EVENT)).scalar_one()
    if stored != trail.events:
        said = f"expected the {stored} events of the table in its index, found {trail.events}"
        trail.find("page", f"journal {url}: {said}")


def _guard_findings(url: Url, connection: Connection) -> list[Finding]:
    """Whether the triggers that refuse changes stand."""
    lifted = GUARDS - set(connection.execute(_GUARDS).scalars())
    said = "expected it to refuse changes, found lifted or gone:"
    return [Finding("guard", f"journal {url}: {said} {name}") for name in sorted(lifted)]
