"""`trade --paper` over the history that comes along: what a user sees, and that it goes on."""

import os
import shutil
import signal
from datetime import date
from pathlib import Path

import pytest

from app.desks import (
    MONTH,
    PAPER,
    WEEK,
    broken,
    decisions,
    evenings,
    fills,
    folder,
    journal,
    running,
    told,
)
from command_line import Command
from underwriter.book.event import Approved, BookOpened, Decided
from underwriter.book.journal import Journal
from underwriter.book.verify import verify


def test_a_paper_week_says_what_happened_and_what_is_held(underwriter: Command, home: Path) -> None:
    done = underwriter(*PAPER, *WEEK)
    assert done.code == 0, done.err
    assert done.out.splitlines()[0].startswith("2018-12-03  Sold 6 SPX10 2019-01-04 P 272 at ")
    assert "4 sessions decided, 2018-12-03 to 2018-12-07" in done.out  # the 5th was no session
    assert "1 intent approved, 0 wishes refused" in done.out
    assert "Held    wheel-index on SPX/10: -6 SPX10 2019-01-04 P 272" in done.out
    assert done.out.endswith(f"Desk    {folder(home)}\nBook    {journal(home)}\n")
    assert verify(journal(home)).ok


def test_a_replay_reviews_its_last_week_and_says_how_to_get_the_others(
    underwriter: Command, home: Path
) -> None:
    """A review costs more than the sessions of its week; by the clock each week has one."""
    done = underwriter(*PAPER, *MONTH)
    reviews = folder(home) / "reviews"
    assert {one.stem for one in reviews.iterdir()} == {"2018-W52"}
    (line,) = [one for one in done.out.splitlines() if one.startswith("the weeks from ")]
    assert line.startswith("the weeks from 2018-W49 on are not all reviewed, ")
    words = line.partition("underwriter ")[2].replace("--week WEEK", "--week 2018-W50").split()
    assert underwriter(*words).code == 0
    assert {one.stem for one in reviews.iterdir()} == {"2018-W50", "2018-W52"}


def test_a_replay_of_one_week_has_no_others(underwriter: Command) -> None:
    assert "not all reviewed" not in underwriter(*PAPER, *WEEK).out
    on = underwriter(*PAPER, "--from", "2018-12-03", "--to", "2018-12-14")
    assert "not all reviewed" not in on.out, "a replay of before ended in its first week"


def test_its_json_keeps_to_its_schema(underwriter: Command, home: Path) -> None:
    done = underwriter(*PAPER, *WEEK, "--json")
    assert (done.code, broken("trade", done.json)) == (0, [])
    assert broken("trade", done.json | {"cycles": "many"})
    assert (done.json["first"], done.json["last"]) == ("2018-12-03", "2018-12-07")
    assert (done.json["sessions"], done.json["approved"], done.json["fills"]) == (4, 1, 1)
    assert done.json["folder"] == str(folder(home))
    assert "Sold 6 SPX10" in done.err, "what happens is told beside the object"


def test_t90_two_runs_and_one_and_a_backtest_are_the_same_to_the_cent(
    underwriter: Command, home: Path
) -> None:
    """What is approved, refused and filled, and every evening's money, whoever runs the days."""
    assert underwriter(*PAPER, *WEEK).code == 0
    assert underwriter(*PAPER, *MONTH).code == 0
    assert underwriter(*PAPER, *MONTH, "--folder", "one").code == 0
    tested = underwriter("backtest", "wheel-index", *MONTH, "--json")
    assert tested.code == 0, tested.err
    books = [journal(home), Path("one/journal.db"), Path(tested.json["journal"]["path"])]
    first, *others = [told(book) for book in books]
    assert len(fills(first)) > 5, "or little was compared"
    for other in others:
        assert decisions(other) == decisions(first)
        assert fills(other) == fills(first)
        assert evenings(other) == evenings(first)


def test_the_same_days_again_change_nothing(underwriter: Command, home: Path) -> None:
    underwriter(*PAPER, *WEEK)
    before = {path: path.read_bytes() for path in (journal(home), folder(home) / "journal.db.head")}
    again = underwriter(*PAPER, *WEEK, "--json")
    assert again.code == 0
    assert (again.json["sessions"], again.json["orders"], again.json["fills"]) == (0, 0, 0)
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize("width", [40, 80])
def test_the_page_keeps_within_the_terminal(
    underwriter: Command, home: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    assert home.exists()
    page = underwriter(*PAPER, *WEEK).out.partition("\n\n")[2].splitlines()
    assert max(map(len, [line for line in page if line[:4] not in {"Desk", "Book"}])) <= width


# --- what is refused ---


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "found no account to trade; expected one of --paper, --live and --manual"),
        (("--paper", "--live"), "found --paper and --live to trade; expected one of"),
        (("--paper", "--live", "--manual"), "found --paper and --live and --manual"),
        (("--live", "--from", "2018"), "a history is run on --paper"),
        (("--manual", "--to", "2018"), "a history is run on --paper"),
        (("--paper", "--once", "--from", "2018"), "found --once with --from or --to"),
        (("--paper", "--from", "2018-13"), "--from: found '2018-13'"),
        (("--paper", "--from", "2019", "--to", "2018"), "found a day after --to 2018"),
        (("--paper",), "universe SPX/10: its quotes are a history that has ended"),
        (("--paper", "--once"), "expected a history to run over (--from, --to)"),
    ],
)
def test_bad_options_are_one_line_and_leave_nothing(
    underwriter: Command, home: Path, words: tuple[str, ...], said: str
) -> None:
    done = underwriter("trade", "wheel-index", *words)
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert said in done.err
    assert not (home / "desk").exists()
    assert not (home / "replays").exists()


def test_a_desk_of_another_kind_is_not_gone_on_with(underwriter: Command, home: Path) -> None:
    there = folder(home)
    there.mkdir(parents=True)
    (there / "kind.json").write_text('{"kind": "live"}', encoding="utf-8")
    done = underwriter(*PAPER, *WEEK)
    assert done.code == 2
    assert "found a desk that is of live; expected one of replay" in done.err
    assert [path.name for path in there.iterdir()] == ["kind.json"]


@pytest.mark.parametrize("text", ["", "{}", "[]", "live"])
def test_a_kind_that_cannot_be_read_is_refused(underwriter: Command, home: Path, text: str) -> None:
    folder(home).mkdir(parents=True)
    (folder(home) / "kind.json").write_text(text, encoding="utf-8")
    done = underwriter(*PAPER, *WEEK)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert 'kind.json: expected {"kind": ...}' in done.err


def test_a_folder_that_is_somebodys_is_left_alone(underwriter: Command, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("dear", encoding="utf-8")
    before = mine.stat().st_mode
    done = underwriter(*PAPER, *WEEK, "--folder", str(mine))
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "found letter.txt" in done.err
    assert [path.name for path in mine.iterdir()] == ["letter.txt"]
    assert mine.stat().st_mode == before


def test_a_folder_that_is_a_file_is_refused(underwriter: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("dear", encoding="utf-8")
    done = underwriter(*PAPER, *WEEK, "--folder", str(tmp_path / "file"))
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "file: " in done.err


def copy_of(there: Path, place: Path) -> Path:
    """A desk's folder in another place, to be damaged."""
    made = shutil.copytree(there, place)
    for beside in (*made.glob("*-wal"), *made.glob("*-shm")):
        assert beside.name.startswith("paper") or beside.stat().st_size == 0 or "shm" in beside.name
        beside.unlink()
    return made


def test_t82_a_damaged_paper_account_is_named_and_left(
    underwriter: Command, home: Path, tmp_path: Path
) -> None:
    underwriter(*PAPER, *WEEK)
    there = copy_of(folder(home), tmp_path / "copy")
    paper = there / "paper.db"
    paper.write_bytes(b"no account" * 500)
    done = underwriter(*PAPER, *MONTH, "--folder", str(there))
    assert (done.code, done.out) == (2, "")
    assert f"{paper}: expected a paper account" in done.err.splitlines()[-1]
    assert paper.read_bytes() == b"no account" * 500


def test_t82_a_damaged_journal_is_named_and_left(
    underwriter: Command, home: Path, tmp_path: Path
) -> None:
    underwriter(*PAPER, *WEEK)
    there = copy_of(folder(home), tmp_path / "copy")
    book = there / "journal.db"
    hurt = book.read_bytes().replace(b"approved", b"appr0ved")
    assert hurt != book.read_bytes()
    book.write_bytes(hurt)
    done = underwriter(*PAPER, *MONTH, "--folder", str(there))
    assert (done.code, done.out) == (1, "")
    assert str(book) in done.err.splitlines()[-1]
    assert book.read_bytes() == hurt


def test_a_journal_that_another_process_holds_is_named(underwriter: Command, home: Path) -> None:
    underwriter(*PAPER, *WEEK)
    with Journal.open(journal(home)):
        done = underwriter(*PAPER, *MONTH)
    assert done.code == 1
    assert str(journal(home)) in done.err.splitlines()[-1]
    assert f"process {os.getpid()}" in done.err


def test_another_policy_in_the_same_folder_is_written_down(
    underwriter: Command, home: Path, tmp_path: Path
) -> None:
    """The journal has the text of every policy that it was ever decided by."""
    underwriter(*PAPER, *WEEK)
    shipped = [one for one in told(journal(home)) if isinstance(one, BookOpened)]
    text = next(iter(shipped[0].policies.values()))
    mine = tmp_path / "mine.toml"
    mine.write_text(text.replace("delta = 0.30  ", "delta = 0.20  "), encoding="utf-8")
    words = ("trade", str(mine), "--paper", *MONTH, "--folder", str(folder(home)))
    assert underwriter(*words).code == 0
    opened = [one for one in told(journal(home)) if isinstance(one, BookOpened)]
    assert len(opened) == 2
    assert set(opened[0].policies) != set(opened[1].policies)


# --- being stopped ---


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_t82_being_stopped_leaves_a_book_that_goes_on_as_if_it_had_not_been(
    underwriter: Command, home: Path, sent: signal.Signals, code: int
) -> None:
    days = ("--from", "2017-09", "--to", "2018-03")
    with running(*PAPER, *days, pipesize=4_096) as (process, first):
        assert first.startswith("2017-09-05  Sold")
        process.send_signal(sent)
        out, err = process.communicate(timeout=240)
    assert process.returncode == code
    assert "Traceback" not in out + err
    assert verify(journal(home)).ok
    decided = [one.session for one in told(journal(home)) if isinstance(one, Decided)]
    assert decided[-1] < date(2018, 3, 29), "or it was not stopped in the midst"
    assert underwriter(*PAPER, *days).code == 0
    assert underwriter(*PAPER, *days, "--folder", "whole").code == 0
    stopped, whole = told(journal(home)), told(Path("whole/journal.db"))
    assert sum(isinstance(one, Approved) for one in whole) > 50, "or little was compared"
    assert decisions(stopped) == decisions(whole)
    assert fills(stopped) == fills(whole)
    assert evenings(stopped) == evenings(whole)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--to", "2019-01-02"), "the history ends on 2018-12-31; asked was --to 2019-01-02"),
        (("--to", "2019-01-01"), ""),  # a holiday, and no session is missed
        (("--to", "2018-12-30"), ""),  # a Sunday
    ],
)
def test_a_history_that_ends_before_what_is_asked_says_so(
    underwriter: Command, words: tuple[str, ...], said: str
) -> None:
    """Also the second time, when nothing is left to decide."""
    asked = (*PAPER, "--from", "2018-12-27", *words)
    for _ in range(2):
        done = underwriter(*asked)
        assert done.code == 0, done.err
        assert [line for line in done.out.splitlines() if "the history" in line] == (
            [said] if said else []
        )
    assert "0 sessions decided" in done.out


def test_a_history_that_begins_after_what_is_asked_says_so(underwriter: Command) -> None:
    done = underwriter(*PAPER, "--from", "2013-12-30", "--to", "2014-01-06", "--json")
    line = "the history begins on 2014-01-03; asked was --from 2013-12-30"
    assert done.code == 0
    assert line in done.err.splitlines()
    assert done.json["first"] == "2014-01-03"


@pytest.mark.parametrize("words", [("--from", "2019-01-02"), ("--to", "2013-12-30")])
def test_days_outside_of_the_history_are_refused(
    underwriter: Command, words: tuple[str, ...]
) -> None:
    done = underwriter(*PAPER, *words)
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[-1].endswith("from 2014-01-03 to 2018-12-31")
    assert words[1] in done.err.splitlines()[-1]
