"""Journals to test on: a few events of different sizes, and ways to leave them."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from underwriter.book.event import (
    AnyEvent,
    BookOpened,
    Deposited,
    Filled,
    InterestPaid,
    SleeveOpened,
)
from underwriter.book.journal import Journal
from underwriter.book.place import Place, Url

NOON = 1_767_614_400_000_000_000  # 2026-01-05 12:00 UTC
COMMON: dict[str, Any] = {"session": date(2026, 1, 5), "account": "main"}
SEAT: dict[str, Any] = {**COMMON, "sleeve": 0, "campaign": 1, "policy": "0123abcd"}


def filled(i: int) -> Filled:
    return Filled(
        **SEAT,
        at=NOON + i,
        slot=0,
        option="KO    260220P00060000",
        quantity=-1,
        shares=0,
        price_u=850_000,
        amount_u=85_000_000,
        fee_u=660_000 + i,
    )


def opening() -> list[AnyEvent]:
    """Events of several kinds and sizes: the first continues on a page of its own."""
    policy = "# a policy\n" * 500
    return [
        BookOpened(
            **COMMON,
            at=0,
            version="1",
            quotes="modelled",
            source="test",
            policies={"0123abcd": policy},
            settings={"delay": 0},
        ),
        Deposited(**COMMON, at=1, amount_u=20_000_000_000),
        SleeveOpened(**SEAT, at=NOON, name="wheel", underlying="KO", root="KO", multiplier=100),
        filled(0),
        InterestPaid(**COMMON, at=-5, amount_u=1),
        filled(1),
    ]


P = TypeVar("P", bound=Place)


def write(place: P, events: list[AnyEvent] | None = None) -> P:
    """A journal closed in good order."""
    with Journal.create(place) as journal:
        journal.append(opening() if events is None else events, NOON)
    return place


KILLED = """
import os, signal, sys
from book.journals import NOON, filled, opening
from underwriter.book import sqlite
from underwriter.book.journal import Journal
from underwriter.book.place import place_of

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

place, moment = place_of(sys.argv[1]), sys.argv[2]
journal = Journal.create(place)
journal.append(opening(), NOON)
journal.append([filled(2), filled(3)], NOON)
store, url = journal._store, not hasattr(place, "name")
if moment == "between commit and head":
    sqlite.advance_head = die
    journal.append([filled(i) for i in range(4, 14)], NOON)
elif moment == "in mid-append" and url:
    write = store._write
    store._write = lambda *batch: (write(*batch), die())
    journal.append([filled(i) for i in range(4, 14)], NOON)
elif moment == "in mid-append":
    store.connection.execute("PRAGMA cache_size = 10")
    rows, _head = journal._rows((filled(i) for i in range(4, 2_000)), NOON)
    store.write((die() if row[0] == 1_500 else row for row in rows), None)
elif moment == "while closing" and not url:
    sqlite.release = die
    store.connection.set_progress_handler(die, 1)
    journal.close()
die()
"""


def given(place: Place) -> str:
    """A place as it is written on a command line, its password with it."""
    return place.text if isinstance(place, Url) else str(place)


def killed(place: P, moment: str = "at rest") -> P:
    """A journal whose writer was killed after eight events were acknowledged."""
    tests, found = str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH")
    done = subprocess.run(
        [sys.executable, "-c", KILLED, given(place), moment],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [tests, found]))},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == -9, done.stderr
    return place


def flip(path: Path, at: int, mask: int = 0xFF) -> None:
    """Alter one byte of a file."""
    with path.open("r+b") as file:
        file.seek(at)
        (byte,) = file.read(1)
        file.seek(at)
        file.write(bytes([byte ^ mask]))
