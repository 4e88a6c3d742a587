"""`underwriter review`: which week of which journal, three files that agree, and refusals."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

import write_schemas
from app.planning import account, policy
from command_line import Command, Told, command_line
from report.json_schema import breaks
from report.weeks import Book
from underwriter.app.cli.terminal import Phases
from underwriter.app.review import Asked
from underwriter.app.review import write as compose
from underwriter.app.settings import open_house
from underwriter.book.event import AnyEvent, Marked, Quoted, Refused
from underwriter.book.journal import Journal
from underwriter.book.journal import events as read_journal
from underwriter.core.errors import InputError
from underwriter.core.kernel import cache_folder

SCHEMA = write_schemas.STRUCTS["review"]
POLICY = """
name = "narrow"
strategy = "cash_secured_put"
universe = ["SPX/10"]
rungs = 4
[entry]
delta = 0.30
dte = [25, 45]
max_spread = 0.2
[size]
per_underlying = 0.4
risk_per_position = 0.05
stress = [{ spot = -0.20, vol = 1.5 }]
[income]
target = 300
"""


@pytest.fixture
def underwriter(home: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command line in a home of its own."""
    assert home.is_dir()
    return command_line(capsys)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The journal of a ladder that may have two fifths of its equity in puts, and wants more."""
    from underwriter.app.cli.main import run  # noqa: PLC0415

    home = tmp_path_factory.mktemp("reviewed") / "home"
    home.mkdir()
    shared = cache_folder().parent.parent
    shared.mkdir(parents=True, exist_ok=True)  # this may be the first test of all
    (home / "cache").symlink_to(shared)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home.parent)
        patch.setenv("UNDERWRITER_HOME", str(home))
        (home / "underwriter.toml").write_text(
            "[account]\nstarting_cash = 100000\n", encoding="utf-8"
        )
        (home.parent / "narrow.toml").write_text(POLICY, encoding="utf-8")
        assert run(["backtest", "./narrow.toml", "--to", "2014-04-16", "--json"]) == 0
        yield home / "runs" / "narrow" / "journal.db"


def told(underwriter: Command, *words: str) -> dict[str, Any]:
    """The object that a review says."""
    done = underwriter("review", *words, "--json")
    assert done.code == 0, done.err
    assert breaks(done.json, SCHEMA, SCHEMA) == []
    return done.json


def events_of(journal: Path) -> list[AnyEvent]:
    return [event for _, event in read_journal(journal)]


def refused(done: Told) -> str:
    """The one line of a refusal; nothing was said on standard output."""
    assert done.code == 2
    assert done.out == ""
    (line,) = [line for line in done.err.splitlines() if line.startswith("underwriter: ")]
    return line


def test_the_last_week_that_is_over_is_reviewed_and_written_three_times(
    underwriter: Command, ran: Path, tmp_path: Path
) -> None:
    """The journal ends on Wednesday, 2014-04-16: W15 is over, W16 is not."""
    found = told(underwriter, "--book", str(ran), "--out", str(tmp_path / "out"))
    assert found["week"] == "2014-W15"
    names = sorted(each.name for each in (tmp_path / "out").iterdir())
    assert names == ["2014-W15.html", "2014-W15.json", "2014-W15.md"]
    assert json.loads((tmp_path / "out" / "2014-W15.json").read_text("utf-8")) == found
    done = underwriter("review", "--book", str(ran), "--out", str(tmp_path / "out"))
    assert done.out == (tmp_path / "out" / "2014-W15.md").read_text("utf-8")
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == names
    assert (tmp_path / "out" / "2014-W15.html").read_text("utf-8").startswith("<!doctype html>")


def test_figures_are_those_of_the_journal_and_of_book_income(
    underwriter: Command, ran: Path
) -> None:
    found = told(underwriter, "--book", str(ran), "--week", "2014-W09")
    marks = {str(one.session): one for one in events_of(ran) if isinstance(one, Marked)}
    one = found["results"]
    assert (one["since"], one["until"]) == ("2014-02-21", "2014-02-28")
    assert one["end"] == round(marks["2014-02-28"].equity_u / 1e6, 2)
    assert sum(round(each["amount"] * 100) for each in one["causes"]) == round(one["earned"] * 100)
    income = underwriter("book", "income", str(ran), "--as-of", "2014-02-28", "--json").json
    assert found["income"]["so_far"] == pytest.approx(income["months"][-1]["income"], abs=0.005)


def test_what_is_held_costs_what_the_evening_s_mark_says(underwriter: Command, ran: Path) -> None:
    """The review's quotes are the engine's: their middles come to the options of the mark."""
    found = told(underwriter, "--book", str(ran), "--week", "2014-03-07")
    mark = next(
        one
        for one in events_of(ran)
        if isinstance(one, Marked) and str(one.session) == "2014-03-07"
    )
    cost = sum(each["cost"] for each in found["open"])
    assert cost > 0
    assert cost == pytest.approx(-(mark.equity_u - mark.cash_u - mark.shares_u) / 1e6, abs=0.01)
    assert found["prices"] == "modelled"
    assert all(leg["dte"] > 0 for each in found["open"] for leg in each["legs"])


def test_what_was_refused_is_valued_and_said_to_be_modelled(
    underwriter: Command, ran: Path
) -> None:
    """Entries that name their contract have a credit, and what closing it on Friday would cost."""
    first = next(
        (at, one)
        for at, one in enumerate(events_of(ran), 1)
        if isinstance(one, Refused) and one.action == "open" and one.option
    )
    found = told(underwriter, "--book", str(ran), "--week", str(first[1].session))
    entry = next(each for each in found["refused"]["entries"] if each["event"] == first[0])
    assert entry["credit"] > 0
    assert entry["made"] == pytest.approx(entry["credit"] - entry["cost"])
    assert found["refused"]["known"] >= 1
    done = underwriter("review", "--book", str(ran), "--week", str(first[1].session))
    assert "They are modelled quotes." in " ".join(done.out.split())


@pytest.mark.parametrize("strategy", ["wheel", "iron_condor"])
def test_a_book_on_real_quotes_is_valued_on_them(
    underwriter: Command, lake: Path, tmp_path: Path, strategy: str
) -> None:
    """Bids and asks of the lake: what is held costs what the evening's mark says, week by week."""
    account(lake, 'collateral = "reg_t"')
    done = underwriter("backtest", policy(tmp_path, strategy), "--json")
    assert done.code == 0, done.err
    journal = done.json["journal"]["path"]
    marks = {one.session: one for one in events_of(Path(journal)) if isinstance(one, Marked)}
    for day in (date(2024, 1, 26), date(2024, 2, 23), date(2024, 3, 28)):
        found = told(underwriter, "--book", journal, "--week", str(day))
        cost = sum(each["cost"] or 0.0 for each in found["open"])
        mark = marks[day]
        worth = (mark.equity_u - mark.cash_u - mark.shares_u) / 1e6
        assert cost == pytest.approx(-worth, abs=0.02)
        assert (found["quotes"], found["prices"]) == ("quoted", "quoted")
        assert found["income"]["target"] == 5000
    assert found["watch"]["week"] == "2024-W14"  # after Good Friday: its week ends on Thursday


def test_the_journal_last_written_is_the_default_and_files_go_to_the_home(
    underwriter: Command, home: Path
) -> None:
    journal = home / "runs" / "mine" / "journal.db"
    journal.parent.mkdir(parents=True)
    write(journal, by_hand().events)
    done = underwriter("review")
    assert done.code == 0, done.err
    written = home / "reviews" / "mine"
    assert sorted(each.name for each in written.iterdir()) == [
        "2024-W02.html", "2024-W02.json", "2024-W02.md",
    ]  # fmt: skip
    for each in written.iterdir():
        assert f"underwriter: wrote {each}" in done.err


def by_hand(account: str = "main") -> Book:
    """Ten thousand dollars, an entry refused, and two evenings in January 2024."""
    book = Book(account)
    book.deposit(0, 10_000)
    book.refuse(0, "cash", option="KO    240209P00060000")
    book.mark(0)
    book.mark(4)
    return book


def write(journal: Path, events: list[AnyEvent]) -> None:
    with Journal.create(journal) as place:
        place.append(events, 0)


def test_without_quotes_the_journal_alone_is_told_and_why(
    underwriter: Command, tmp_path: Path
) -> None:
    """Its policy is no policy of this version, so that nothing says where quotes are."""
    write(tmp_path / "journal.db", by_hand().events)
    found = told(underwriter, "--book", str(tmp_path / "journal.db"))
    assert found["prices"] == "none"
    assert found["remarks"][0].startswith("no quotes stand beside the journal: ")
    assert [each["made"] for each in found["refused"]["entries"]] == [None]


def test_a_book_of_another_history_is_not_valued_on_this_one(
    underwriter: Command, ran: Path, tmp_path: Path
) -> None:
    """Closes that are ten percent off the journal's: its quotes would be of something else."""
    other = []
    for one in events_of(ran):
        if isinstance(one, Marked):
            named = one.underlyings.items()
            moved = {name: Quoted(each.close_u * 11 // 10) for name, each in named}
            other.append(replace(one, underlyings=moved))
        else:
            other.append(one)
    write(tmp_path / "journal.db", other)
    found = told(underwriter, "--book", str(tmp_path / "journal.db"), "--week", "2014-W10")
    assert found["prices"] == "none"
    assert "the close of SPX/10 on 2014-03-07 is another than the journal's" in found["remarks"]
    assert not found["watch"]["dates_known"]


def test_a_clock_may_say_that_a_week_is_over(home: Path, tmp_path: Path) -> None:
    """A desk that was down on Friday has told nothing of it, and its week is over all the same."""
    book = Book()
    book.deposit(0, 10_000)
    book.mark(2)
    write(tmp_path / "journal.db", book.events)
    ask = Asked(open_house(home), tmp_path / "journal.db", None, None, tmp_path / "out")
    with pytest.raises(InputError, match="2024-W01: found no evening of account main"):
        compose(ask, Phases())
    found = compose(ask._replace(today=date(2024, 1, 12)), Phases()).review
    assert (found.week, found.results.until) == ("2024-W02", "2024-01-10")
    assert "the evening of 2024-01-12 is not marked yet" in " ".join(found.remarks)


def test_one_of_several_accounts(underwriter: Command, tmp_path: Path) -> None:
    """The second has sleeves of no policy: its journal could not book them, and nothing fails."""
    events = [*by_hand().events, *by_hand("my ira").events[1:]]
    write(tmp_path / "journal.db", events)
    words = ("--book", str(tmp_path / "journal.db"), "--out", str(tmp_path / "out"))
    assert "found accounts main, my ira; expected one of them: --account" in refused(
        underwriter("review", *words)
    )
    assert not (tmp_path / "out").exists()
    found = told(underwriter, *words, "--account", "my ira")
    assert found["account"] == "my ira"
    assert {each["kind"] for each in found["breaches"]} == {"break"}
    assert "no policy of the journal" in found["remarks"][0]
    assert (tmp_path / "out" / "2024-W02-my-ira.json").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--week", "2014-W16"), "2014-W16: found a journal that ends on 2014-04-16, before 2014-"),
        (("--week", "2013-W50"), "2013-W50: found no evening of account main in it; expected"),
        (("--week", "next"), "--week: found 'next'; expected a week or a day, such as 2026-W05"),
        (("--account", "other"), "--account: found 'other'; expected one of: main"),
    ],
)
def test_refusals(underwriter: Command, ran: Path, words: tuple[str, ...], said: str) -> None:
    assert said in refused(underwriter("review", "--book", str(ran), *words))


def test_a_journal_that_is_not_there_and_a_place_that_cannot_be_written(
    underwriter: Command, ran: Path, tmp_path: Path
) -> None:
    assert "found no such file" in refused(underwriter("review", "--book", "nowhere.db"))
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    words = ("--book", str(ran), "--out", str(tmp_path / "file"))
    assert "expected a folder that can be written" in refused(underwriter("review", *words))
    assert (tmp_path / "file").read_text("utf-8") == "mine"


def test_a_journal_without_an_evening_is_refused(underwriter: Command, tmp_path: Path) -> None:
    write(tmp_path / "journal.db", by_hand().events[:3])
    said = refused(underwriter("review", "--book", str(tmp_path / "journal.db")))
    assert "found no Marked evening" in said
