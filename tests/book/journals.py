"""Journals to test on: a few events of different sizes, and ways to leave them."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

from underwriter.book.event import (
    AnyEvent,
    BookOpened,
    Deposited,
    Filled,
    InterestPaid,
    SleeveOpened,
)
from underwriter.book.journal import Journal

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


def write(path: Path, events: list[AnyEvent] | None = None) -> Path:
    """A journal closed in good order."""
    with Journal.create(path) as journal:
        journal.append(opening() if events is None else events, NOON)
    return path


KILLED = """
import os, signal, sys
from pathlib import Path
from book.journals import NOON, filled, opening
from underwriter.book import journal as module

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

path, moment = Path(sys.argv[1]), sys.argv[2]
journal = module.Journal.create(path)
journal.append(opening(), NOON)
journal.append([filled(2), filled(3)], NOON)
if moment == "between commit and head":
    module.write_head = die
    journal.append([filled(i) for i in range(4, 14)], NOON)
elif moment == "in mid-append":
    journal._connection.execute("PRAGMA cache_size = 10")
    rows, _head = journal._rows((filled(i) for i in range(4, 2_000)), NOON)
    journal._rows = lambda *_: ((die() if row[0] == 1_500 else row for row in rows), None)
    journal.append([], NOON)
elif moment == "while closing":
    module.release = die
    journal._connection.set_progress_handler(die, 1)
    journal.close()
die()
"""


def killed(path: Path, moment: str = "at rest") -> Path:
    """A journal whose writer was killed after eight events were acknowledged."""
    tests = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), moment],
        env={**os.environ, "PYTHONPATH": str(tests)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == -9, done.stderr
    return path


def flip(path: Path, at: int, mask: int = 0xFF) -> None:
    """Alter one byte of a file."""
    with path.open("r+b") as file:
        file.seek(at)
        (byte,) = file.read(1)
        file.seek(at)
        file.write(bytes([byte ^ mask]))
