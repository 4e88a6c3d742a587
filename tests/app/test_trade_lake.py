"""`trade` by a clock that is set, on chains that were collected into the lake."""

import json
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from app.trading import DAYS, Office
from app.webhook import webhook
from command_line import Told
from lakes import filled, written
from underwriter.app.notify import variable_of
from underwriter.book.event import AnyEvent, Approved, Decided, Filled, SleeveOpened
from underwriter.book.journal import Journal

FIRST, SECOND = DAYS[1], DAYS[2]


def events(path: Path) -> list[AnyEvent]:
    with Journal.open(path) as journal:
        return [event for _, event in journal.read()]


def traded(path: Path) -> list[tuple[object, ...]]:
    """What was approved and filled, as a backtest writes it too."""
    found: list[tuple[object, ...]] = []
    for one in events(path):
        if isinstance(one, Approved):
            found.append(("approved", one.session, one.option, one.quantity))
        if isinstance(one, Filled):
            found.append(("filled", one.session, one.option, one.quantity))
    return found


def test_t90_two_sessions_by_the_clock_are_a_backtests(office: Office) -> None:
    early = office.trade(FIRST, "06:00", "--json")
    assert (early.code, early.json["sessions"]) == (0, 0), early.err
    decided = office.trade(FIRST, "15:45", "--json")
    assert (decided.code, decided.json["sessions"], decided.json["fills"]) == (0, 1, 1)
    before = len(events(office.desk / "journal.db"))
    again = office.trade(FIRST, "15:46", "--json")
    assert (again.code, again.json["sessions"], again.json["orders"]) == (0, 0, 0)
    assert len(events(office.desk / "journal.db")) == before, "a second run changes nothing"
    morning = office.trade(SECOND, "06:00", "--json")
    assert (morning.code, morning.json["sessions"]) == (0, 0)
    assert morning.json["equity"] < 1_000_000.0, "its evening is marked"
    office.bring([SECOND])
    assert office.trade(SECOND, "15:45").code == 0
    slabs = sorted(one.name for one in (office.desk / "slabs").iterdir())
    assert slabs == [str(FIRST), str(SECOND)]
    logged = (office.home / "logs" / "underwriter.jsonl").read_text(encoding="utf-8")
    assert [json.loads(one).get("done") for one in logged.splitlines()].count(
        [f"decide {FIRST}"]
    ) == 1
    told = office.underwriter(
        "backtest", office.policy, "--from", str(FIRST), "--to", str(SECOND), "--json"
    ).json
    assert traded(office.desk / "journal.db") == traded(Path(told["journal"]["path"]))
    seen = office.underwriter("watch", "--once", "--json").json
    assert (seen["kind"], seen["session"]) == ("paper", str(SECOND))
    assert [leg["quantity"] for one in seen["held"] for leg in one["legs"]] == [-32]


def test_a_session_without_chains_is_said_and_decided_once_they_are_there(
    office: Office,
) -> None:
    """From the opening until the chains come the desk runs on: a service must not end there."""
    office.trade(FIRST, "15:45")
    for clock in ("09:30", "12:00"):
        waiting = office.trade(SECOND, clock)
        assert waiting.code == 0, waiting.err
    without = office.trade(SECOND, "15:45")
    assert without.code == 3
    line = f"LOOK decide {SECOND}: found no chains of {SECOND} in the lake, its last are of"
    assert f"{line} {FIRST}: underwriter data collect SYN" in " ".join(without.out.split())
    office.bring([SECOND])
    assert office.trade(SECOND, "15:47").code == 0
    sessions = [
        one.session for one in events(office.desk / "journal.db") if isinstance(one, Decided)
    ]
    assert sessions == [FIRST, SECOND]


def test_shadow_finds_what_was_altered_and_what_is_gone(office: Office) -> None:
    office.trade(FIRST, "15:45")
    same = office.underwriter("shadow", "--json")
    assert (same.code, same.json["sessions"], same.json["differences"]) == (0, 1, [])
    place = office.desk / "slabs" / str(FIRST)
    rows = np.load(place / "quotes.npy")
    rows["bid_u"][0] += 10_000
    np.save(place / "quotes.npy", rows)
    altered = office.underwriter("shadow", "--json")
    assert altered.code == 3
    (one,) = altered.json["differences"]
    assert one["cause"].startswith("the slab is not the one that was seen")
    (place / "quotes.npy").write_bytes(b"no numbers")
    assert office.underwriter("shadow", "--json").json["unseen"] == [str(FIRST)]
    shutil.rmtree(place)
    gone = office.underwriter("shadow")
    assert gone.code == 3
    assert f"what was decided on is not there any more: {FIRST}" in gone.out


def test_a_fill_is_posted_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.settings("[notify.channels.phone]", 'level = "fact"')
    with webhook() as hook:
        monkeypatch.setenv(variable_of("phone"), hook.url())
        office.trade(FIRST, "15:45")
        office.trade(FIRST, "15:46")
        said = [f"{one['title']} {one['message']}" for _, one in hook.got]
    assert sum("Sold 32 SYN" in one for one in said) == 1


def said(told: Told) -> str:
    """All that was said, in one line."""
    return " ".join((told.out + told.err).split())


def test_t18_a_name_that_never_had_a_chain_is_left_out_and_the_others_are_decided(
    office: Office,
) -> None:
    office.write("wheel", SYN='PEP", "SYN')
    for day in (FIRST, SECOND):
        if day == SECOND:
            office.bring([SECOND])
        done = office.trade(day, "15:45")
        assert done.code == 0, said(done)
        assert said(done).count("PEP is left out: nothing of it is held") == 1
    journal = events(office.desk / "journal.db")
    assert [one.session for one in journal if isinstance(one, Decided)] == [FIRST, SECOND]
    seen = office.underwriter("watch", "--once", "--json")
    assert [one["underlying"] for one in seen.json["held"]] == ["SYN"]
    again = office.underwriter("shadow", "--json")
    assert again.code == 0, said(again)
    office.write("wheel")  # what it decides is what is decided without that name
    told = office.underwriter(
        "backtest", office.policy, "--from", str(FIRST), "--to", str(SECOND), "--json"
    ).json
    assert traded(office.desk / "journal.db") == traded(Path(told["journal"]["path"]))


def test_a_backtest_and_a_plan_refuse_a_name_that_a_desk_goes_without(office: Office) -> None:
    """What is measured is the policy as it stands: nothing of it is left out unasked."""
    office.write("wheel", SYN='SYN", "PEP')
    for command in ("backtest", "plan"):
        done = office.underwriter(command, office.policy)
        assert (done.code, done.err.count("underwriter: ")) == (2, 1), said(done)
        assert "found PEP in universe, of which the lake has no quotes" in said(done)


@pytest.mark.parametrize("universe", ["PEP", 'PEP", "KO'])
def test_a_policy_without_any_chain_is_refused_in_one_line(office: Office, universe: str) -> None:
    office.write("wheel", SYN=universe)
    done = office.trade(FIRST, "15:45")
    assert (done.code, done.err.count("underwriter: ")) == (2, 1), said(done)
    assert "found PEP in universe, of which the lake has no quotes" in said(done)
    assert "is left out" not in said(done)


def test_a_name_that_is_brought_along_is_not_left_out(office: Office) -> None:
    office.settings("[holdings]", "PEP = 100")
    office.write("wheel", SYN='SYN", "PEP')
    done = office.trade(FIRST, "15:45")
    assert (done.code, done.err.count("underwriter: ")) == (2, 1), said(done)
    assert "found PEP in universe, of which the lake has no quotes" in said(done)


def test_one_policy_of_two_without_any_chain_is_refused_too(office: Office) -> None:
    other = office.folder / "other.toml"
    text = Path(office.policy).read_text(encoding="utf-8")
    other.write_text(text.replace("SYN", "PEP").replace('"test"', '"other"'), encoding="utf-8")
    office.to(FIRST, "15:45")
    done = office.underwriter("trade", office.policy, str(other), "--paper", "--once")
    assert (done.code, done.err.count("underwriter: ")) == (2, 1), said(done)
    assert "found PEP in universe, of which the lake has no quotes" in said(done)


def test_a_name_whose_first_chain_comes_is_in_from_the_next_start_on(office: Office) -> None:
    office.write("wheel", SYN='SYN", "PEP')
    assert office.trade(FIRST, "15:45").code == 0
    place = written(office.folder, "PEP", "physical", last=DAYS[-1])
    for name in ("options", "underlying"):
        frame = pl.read_parquet(place / f"{name}.parquet")
        frame.filter(pl.col("date") <= SECOND).write_parquet(place / f"{name}.parquet")
    filled(office.home, [place])
    office.bring([SECOND])
    done = office.trade(SECOND, "15:45")
    assert done.code == 0, said(done)
    assert "is left out" not in said(done)
    roots = {
        one.root for one in events(office.desk / "journal.db") if isinstance(one, SleeveOpened)
    }
    assert roots == {"SYN", "PEP"}
    again = office.underwriter("shadow", "--json")
    assert again.code == 0, said(again)
