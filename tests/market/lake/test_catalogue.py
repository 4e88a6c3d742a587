"""The catalogue and the lock: entered as a whole, by one at a time, read by anyone."""

import os
import platform
import sqlite3
from pathlib import Path

import pytest

from market.lake.quotes import brought, chain, laid_down
from underwriter.core.errors import LakeError
from underwriter.market.lake.catalogue import Entry, File, Segment, reading, writing
from underwriter.market.lake.ingest import importing
from underwriter.market.lake.layout import places_of
from underwriter.market.lake.read import Lake

FILE = File(1, "key", "hash", "a.csv", 9, "own", 1, 2)
SEGMENT = Segment("ABC/chain.parquet", "chain", "ABC", 2015, "kept", 1, 2, 9, 16_440, 16_441, "h")


def test_an_entry_is_there_as_a_whole_or_not_at_all(home: Path) -> None:
    with writing(places_of(home)) as catalogue:
        twice = Entry(FILE, (SEGMENT, SEGMENT), (), (), ())
        with pytest.raises(LakeError, match="nothing of it was entered"):
            catalogue.enter(twice)
        assert (catalogue.files(), catalogue.segments()) == ([], [])
        catalogue.enter(twice._replace(segments=(SEGMENT,)))
        assert (catalogue.files(), catalogue.segments()) == ([FILE], [SEGMENT])
        assert catalogue.file_of("key") == FILE
        assert catalogue.next_number() == 2


def test_a_catalogue_of_another_format_is_refused(home: Path) -> None:
    places = places_of(home)
    with writing(places):
        pass
    with sqlite3.connect(places.catalogue) as connection:
        connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(LakeError, match="expected a catalogue of format 2, found 9"):
        Lake.open(home).chain("ABC")


def test_a_catalogue_that_is_no_database_is_refused(home: Path) -> None:
    places = places_of(home)
    places.root.mkdir()
    places.catalogue.write_bytes(b"not a database" * 100)
    with pytest.raises(LakeError, match="expected a sound catalogue"):
        Lake.open(home).chain("ABC")


def test_a_second_importer_is_told_who_is_at_work(home: Path, tmp_path: Path) -> None:
    with importing(home) as importer:
        importer.bring(laid_down(tmp_path / "a.parquet", chain()), 1)
        holder = f"process {os.getpid()} on {platform.node()}"
        with pytest.raises(LakeError, match=holder), importing(home):
            pass
        assert Lake.open(home).chain("ABC").height == 36, "a reader needs no lock"
    brought(home, laid_down(tmp_path / "b.parquet", chain()))


def test_what_a_killed_import_left_is_swept(home: Path, tmp_path: Path) -> None:
    brought(home, laid_down(tmp_path / "a.parquet", chain()))
    places = places_of(home)
    orphan = places.segments / "ABC" / "chain-2015-000009.parquet"
    part = places.segments / "XYZ" / "chain-2015-000009.part"
    for path in (orphan, part, places.parts / "ABC-2015-0.parquet"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"half")
    assert Lake.open(home).chain("ABC").height == 36
    with importing(home):
        pass
    assert not orphan.exists()
    assert not part.exists()
    assert not places.parts.exists()
    assert Lake.open(home).chain("ABC").height == 36


def test_reading_where_there_is_nothing(home: Path) -> None:
    with reading(places_of(home)) as catalogue:
        assert catalogue is None
