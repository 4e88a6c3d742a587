"""What becomes of a journal in PostgreSQL when its server, its disk or its connection fails."""

from typing import Any

import pytest

from book.findings import codes, sequences
from book.journals import NOON, filled, flip, opening, write
from postgres import Server
from underwriter.book.journal import Journal, events
from underwriter.book.place import Url
from underwriter.book.postgres import PostgresStore
from underwriter.book.verify import verify
from underwriter.core.errors import JournalError


@pytest.fixture
def url(server: Server) -> Url:
    return server.url()


def test_an_altered_byte_of_the_servers_file_names_its_event(server: Server, url: Url) -> None:
    write(url)
    file = server.table_file(url.journal)
    server.stop()
    try:
        flip(file, file.read_bytes().index(b'"amount_u":20000000000') + 11)
    finally:
        server.start()
    report = verify(url)
    assert codes(report) == ["changed"]
    assert sequences(report) == {2}


def test_t82_a_page_that_the_server_cannot_read_is_found(server: Server, url: Url) -> None:
    write(url)
    file = server.table_file(url.journal)
    server.stop()
    try:
        for at in range(24):
            flip(file, at)
    finally:
        server.start()
    assert codes(verify(url)) == ["page"]
    with pytest.raises(JournalError, match="expected the server to answer"):
        Journal.open(url)


def test_t82_a_server_that_is_killed_has_all_it_acknowledged(server: Server, url: Url) -> None:
    with Journal.create(url) as journal:
        journal.append(opening(), NOON)
        head = journal.append([filled(i) for i in range(100)], NOON)
        server.kill()
        try:
            with pytest.raises(JournalError, match="nothing of the batch was written"):
                journal.append([filled(1)], NOON)
        finally:
            server.start()
    report = verify(url)
    assert report.ok, report.findings
    assert report.head == head
    with Journal.open(url) as journal:
        assert journal.append([filled(2)], NOON).sequence == head.sequence + 1


def test_a_writer_whose_connection_ends_writes_no_more(server: Server, url: Url) -> None:
    with Journal.create(url) as journal:
        journal.append(opening(), NOON)
        server.end_connections()
        with pytest.raises(JournalError, match="nothing of the batch was written"):
            journal.append([filled(1)], NOON)
        with pytest.raises(JournalError, match="connection that holds its lock, found it lost"):
            journal.append([filled(1)], NOON)
        with Journal.open(url) as next_one:
            assert next_one.append([filled(2)], NOON).sequence == 7
    assert verify(url).ok


def test_a_commit_whose_answer_never_came_is_said_to_be_unknown(server: Server, url: Url) -> None:
    with Journal.create(url) as journal:
        store = journal._store
        assert isinstance(store, PostgresStore)
        written = store._write

        def late(*batch: Any) -> None:  # noqa: ANN401  as the method it stands for
            written(*batch)
            server.end_connections()

        store._write = late  # type: ignore[method-assign]
        with pytest.raises(JournalError, match="is not known: open the journal and look"):
            journal.append(opening(), NOON)
    assert verify(url).events == 0


def test_a_reader_whose_connection_ends_says_so(server: Server, url: Url) -> None:
    write(url, [filled(i) for i in range(3_000)])
    reading = events(url)
    next(reading)
    server.end_connections()
    with pytest.raises(JournalError, match="expected the server to answer"):
        list(reading)
