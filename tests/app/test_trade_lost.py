"""A desk whose account's file has lost what is booked: by a power cut, or an older copy (T82)."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

from app.test_trade_manual import Person, events
from app.trading import DAYS, Office, office_of
from command_line import Command, Told
from underwriter.app.cli import trade as line
from underwriter.book.event import Filled, OrderTold
from underwriter.book.fold import fold
from underwriter.book.imports.held import held_u

PUT = "SYN   240202P00094000"
SAID = "had lost what is booked; the account holds what the book holds"


@pytest.fixture
def office(
    home: Path, tmp_path: Path, underwriter: Command, monkeypatch: pytest.MonkeyPatch
) -> Office:
    """A desk that may open a rung on each session."""
    made = office_of(home, tmp_path, underwriter, monkeypatch)
    made.write("wheel", **{'universe = ["SYN"]': 'universe = ["SYN"]\nrungs = 3'})
    return made


def put_back(office: Office, kept: Path) -> None:
    """The account's file as it was kept, or none."""
    for file in office.desk.glob("paper.db*"):
        file.unlink()
    for file in kept.glob("paper.db*"):
        shutil.copy(file, office.desk / file.name)


def copied(office: Office, name: str) -> Path:
    """A copy of the account's file as it is."""
    kept = office.folder / name
    kept.mkdir()
    for file in office.desk.glob("paper.db*"):
        shutil.copy(file, kept / file.name)
    return kept


@pytest.mark.parametrize("kind", ["--paper", "--manual"])
def test_t82_a_broken_account_s_file_is_mended_as_doctor_says(
    office: Office, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """It said to move the whole folder away, and with it the journal of a real account."""
    monkeypatch.setattr(line, "_teller", Person("20 @ 1.17\n", "\n", "3 @ 1.00\n"))
    for at in range(2):
        office.bring(DAYS[at : at + 1])
        assert office.trade(DAYS[at], "15:45", kind=kind).code == 0
    held = held_u(fold(events(office)), "main")
    put_back(office, office.folder / "nothing")
    (office.desk / "paper.db").write_bytes(b"no account" * 500)
    office.bring(DAYS[2:3])
    refused = office.trade(DAYS[2], "15:45", kind=kind)
    assert (refused.code, refused.out) == (2, "")
    looked = office.underwriter("doctor", "--json")
    (mend,) = [one["mend"] for one in looked.json["findings"] if "paper account" in one["found"]]
    words = mend.partition(":")[0].split()
    assert words[0] == "mv"
    Path(words[1]).rename(words[2])
    done = office.trade(DAYS[2], "15:45", "--json", kind=kind)
    assert (done.code, done.json["breaks"], done.json["sessions"]) == (0, [], 1), done.out
    assert SAID in done.err
    now = held_u(fold(events(office)), "main")
    assert all(now[key] == quantity for key, quantity in held.items())
    assert done.json["fills"] == 1
    assert once_each(office)


def once_each(office: Office) -> bool:
    """Whether every fact of the journal was booked once, and no order of it lives."""
    told = events(office)
    ids = Counter(one.id for one in told if one.id)
    clients = {one.client: one.state for one in told if isinstance(one, OrderTold)}
    filled = {one.client for one in told if isinstance(one, Filled)}
    ended = {"filled", "cancelled", "expired", "rejected"}
    open_ = {key for key, state in clients.items() if state not in ended} - filled
    return max(ids.values()) == 1 and not open_


@pytest.mark.parametrize("lost", ["older", "deleted"])
def test_t82_what_is_typed_after_the_account_s_file_lost_its_last_moments_is_booked_once(
    office: Office, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    """The next fill went by the id of one that was booked, and was never booked itself."""

    def cycle(at: int, *answers: str) -> Told:
        office.bring(DAYS[at : at + 1])
        monkeypatch.setattr(line, "_teller", Person(*answers))
        return office.trade(DAYS[at], "15:45", "--json", kind="--manual")

    cycle(0)
    kept = copied(office, "kept")
    assert cycle(1, "20 @ 1.17\n").json["fills"] == 1
    put_back(office, kept if lost == "older" else office.folder / "nothing")
    done = cycle(2, "3 @ 1.00\n")
    assert (done.code, done.json["breaks"], done.json["fills"]) == (0, [], 1), done.out
    assert SAID in done.err
    done = cycle(3, "2 @ 1.10\n")
    assert (done.code, done.json["breaks"], done.json["fills"]) == (0, [], 1), done.out
    assert SAID not in done.err
    fills = [one.quantity for one in events(office) if isinstance(one, Filled)]
    assert fills == [-20, -3, -2]
    assert once_each(office)


@pytest.mark.parametrize("lost", ["older", "deleted"])
def test_t82_a_paper_account_that_lost_its_last_moments_has_them_from_the_book(
    office: Office, lost: str
) -> None:
    kept = office.folder / "nothing"
    for at in range(5):
        office.bring(DAYS[at : at + 1])
        done = office.trade(DAYS[at], "15:45", "--json")
        assert (done.code, done.json["breaks"], done.json["left"]) == (0, [], []), done.out
        assert (SAID in done.err) == (at == 3)
        if at == 0 and lost == "older":
            kept = copied(office, "kept")
        if at == 2:
            before = held_u(fold(events(office)), "main")
            assert before
            put_back(office, kept)
    assert once_each(office)
    held = held_u(fold(events(office)), "main")
    assert all(held[key] <= quantity for key, quantity in before.items()), "short, and more of it"
