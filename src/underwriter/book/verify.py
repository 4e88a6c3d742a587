"""Whether a journal is what was written; it reads and never mends.

What is wrong is a finding.  What a crash leaves behind is normal, and a note:

    changed     an event is not the one that was written          names the event
    missing     events are gone, or stand out of order            names the first
    tail        the last events are gone                          names the first
    page        a page of the file, or of the server's, is damaged
    log         the write-ahead log was cut or altered            of a file
    head        the head is gone, altered, or of another journal
    guard       what refuses changes was lifted                   of a database

A file is read to the byte (`sqlite_verify`), a database by its rows (`postgres_verify`).
"""

from underwriter.book.journal import postgres_of
from underwriter.book.place import Place, Url, place_of
from underwriter.book.sqlite_verify import verify_file
from underwriter.book.trail import Report


def verify(given: str | Place) -> Report:
    """Check a journal, changing nothing.

    Raises InputError for what is not a journal, JournalError for a file that is being written to.
    """
    place = place_of(given)
    if not isinstance(place, Url):
        return verify_file(place)
    postgres_of(place)
    from underwriter.book.postgres_verify import verify_database  # noqa: PLC0415  its driver is there

    return verify_database(place)
