"""`doctor` on the books and the lake: quotes of late, a journal as written, who writes to it."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.patients import said, standings
from postgres import Server
from underwriter.app import doctor_books as books
from underwriter.app.doctor import Finding, Patient, examined
from underwriter.app.doctor_all import examine
from underwriter.app.secrets import Scrub
from underwriter.book import snapshot
from underwriter.book.event import Deposited
from underwriter.book.journal import Journal

KO = (
    'name = "mine"\nstrategy = "cash_secured_put"\nuniverse = ["SYN"]\n'
    "[entry]\ndelta = 0.25\ndte = [20, 45]\n[size]\nrisk_per_position = 0.05\n"
    "stress = [{ spot = -0.2, vol = 1.5 }]\n"
)


def on(patient: Patient, moment: datetime) -> Patient:
    return patient._replace(clock=lambda: int(moment.timestamp()) * 10**9)


@pytest.mark.parametrize(
    ("moment", "standing"),
    [
        (datetime(2024, 4, 12, 21, tzinfo=UTC), "ok"),  # the last quotes are of this Friday
        (datetime(2024, 4, 15, 19, tzinfo=UTC), "ok"),  # Monday is still open
        (datetime(2024, 4, 15, 21, tzinfo=UTC), "ok"),  # one session behind
        (datetime(2024, 4, 16, 21, tzinfo=UTC), "warn"),
    ],
)
def test_quotes_are_held_to_the_last_session_that_is_over(
    patient: Patient, lake: Path, moment: datetime, standing: str
) -> None:
    assert lake == patient.house.home
    (patient.here / "mine.toml").write_text(KO, encoding="utf-8")
    ((found, words),) = said(books.lake(on(patient, moment)))
    assert (found, words.split(",")[0]) == (standing, "SYN: to 2024-04-12")


def test_quotes_that_are_missing_and_those_that_come_along(patient: Patient) -> None:
    given = patient._replace(given=("wheel-index",))
    assert standings(books.lake(given)) == ["ok"]
    given = patient._replace(given=("wheel-shares",))
    assert standings(books.lake(given)) == ["bad"] * 3
    (patient.here / "mine.toml").write_text(
        KO + "[regime]\nbands = [20]\nsize = [1.0, 0.5]\n", encoding="utf-8"
    )
    (quotes, measure) = said(books.lake(patient))
    assert quotes == ("bad", "SYN: no quotes")
    assert measure[1].startswith("VIX: not there")


@contextmanager
def written(path: Path) -> Iterator[Journal]:
    """A journal of one deposit, open."""
    path.parent.mkdir(parents=True, exist_ok=True)
    deposit = Deposited(
        at=1, session=datetime(2026, 1, 5, tzinfo=UTC).date(), account="main", amount_u=1
    )
    with Journal.create(path) as journal:
        journal.append([deposit], 1)
        yield journal


def test_a_journal_is_verified_and_folds(
    patient: Patient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shots = tmp_path / "shots"
    monkeypatch.setattr(books, "snapshots", lambda: shots)
    assert said(books.journal(patient)) == [("ok", "no desk has run yet, so there is none")]
    path = patient.desk / "journal.db"
    with written(path):
        pass
    found = said(books.journal(patient))
    assert found == [
        ("ok", f"{path}: 1 events, as written"),
        ("ok", "1 events fold, from the first on: there is no snapshot yet, and none is needed"),
    ]
    monkeypatch.setattr(snapshot, "WORTH", 1)
    for how in ("there is no snapshot yet", "from the snapshot at event 1 on"):
        assert how in said(books.journal(patient))[1][1]
    (kept,) = [each for each in shots.iterdir() if not each.name.startswith(".")]
    kept.write_bytes(kept.read_bytes()[:-1])
    assert "of another version, and is made anew" in said(books.journal(patient))[1][1]
    missing = patient._replace(journal=patient.here / "none.db")
    assert standings(books.journal(missing)) == ["bad"]


def test_t82_a_journal_that_was_changed_is_bad(patient: Patient) -> None:
    path = patient.desk / "journal.db"
    with written(path):
        pass
    path.write_bytes(path.read_bytes().replace(b"deposited", b"depositeD"))
    found = _findings(books.journal, patient)
    assert "bad" in [one.standing for one in found]


def _findings(check: Callable[[Patient], Iterator[Finding]], patient: Patient) -> list[Finding]:
    return list(examined(patient, [("journal", check)], Scrub([])).findings)


def test_t05_who_writes_to_a_journal_is_told_and_a_lock_that_was_left_too(patient: Patient) -> None:
    path = patient.desk / "journal.db"
    with written(path):
        found = said(books.journal(patient))
        assert found[0] == ("ok", f"process {os.getpid()} is writing to it")
    lock = path.with_name("journal.db.lock")
    lock.write_text("4194000\n", encoding="utf-8")
    found = said(books.journal(patient))
    assert found[0][0] == "ok"
    assert "process 4194000 ended without closing it" in found[0][1]
    with lock.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # nobody was left holding it


def test_a_journal_of_a_database_is_reached_or_is_not(patient: Patient, server: Server) -> None:
    place = server.url()
    with Journal.create(place) as journal:
        journal.append(
            [Deposited(at=1, session=datetime(2026, 1, 5, tzinfo=UTC).date(), account="main",
                       amount_u=1)],
            1,
        )  # fmt: skip
    found = said(books.journal(patient._replace(journal=place)))
    assert found[0] == ("ok", f"{place}: reached")
    assert [standing for standing, _ in found] == ["ok", "ok", "ok"]


def test_t96_a_database_that_does_not_answer_is_bad_without_its_password(patient: Patient) -> None:
    home = str(patient.house.home)
    url = "postgresql://clerk:hush-hush@127.0.0.1:9/ledger?connect_timeout=2"
    found = examine(patient.house, "", (), url, {}, patient.clock)
    (one,) = [each for each in found.findings if each.name == "journal"]
    assert (one.standing, "hush" in str(found)) == ("bad", False)
    assert found.home == home
