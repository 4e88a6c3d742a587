"""`shadow`: what was decided is decided again, and what differs is told with its cause."""

from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path

import pytest
from msgspec.structs import replace

from app.desks import MONTH, PAPER, broken, folder, journal, told
from command_line import Command
from underwriter.app import desk_again, shadow
from underwriter.app.policy_file import PolicyFile
from underwriter.book.event import AnyEvent, Approved, BookOpened, Decided, Refused
from underwriter.core.units import day_of
from underwriter.desk.replay import Replay
from underwriter.market.slab import Slab


@pytest.fixture
def desk(underwriter: Command, home: Path) -> Path:
    """A month of paper."""
    assert underwriter(*PAPER, *MONTH).code == 0
    return folder(home)


def test_t90_a_month_is_decided_again_without_a_difference(
    underwriter: Command, desk: Path
) -> None:
    done = underwriter("shadow", "--folder", str(desk), "--json")
    assert (done.code, broken("shadow", done.json)) == (0, [])
    counts = (done.json["sessions"], done.json["intents"], done.json["differences"])
    assert counts == (19, 8, [])
    said = underwriter("shadow", "--folder", str(desk))
    assert said.out == (
        "19 sessions decided again, 8 intents the same, 0 sessions decided otherwise\n"
    )


def test_some_days_alone(underwriter: Command, desk: Path) -> None:
    words = ("--folder", str(desk), "--from", "2018-12-10", "--to", "2018-12-10")
    done = underwriter("shadow", *words)
    assert done.out.startswith("1 session decided again, 1 intent the same, 0 sessions")


def test_t90_a_history_that_has_changed_is_named_as_the_cause(
    underwriter: Command, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The quotes of one Monday are gone: what was sold on them is not found again."""
    cut = Replay.slab

    def changed(self: Replay, day: int) -> Slab:
        slab = cut(self, day)
        if day_of(day) == date(2018, 12, 10):
            quotes = slab.market.quotes.copy()
            quotes["bid_u"] = 0
            return slab._replace(market=slab.market._replace(quotes=quotes))
        return slab

    monkeypatch.setattr(Replay, "slab", changed)
    done = underwriter("shadow", "--folder", str(desk), "--json")
    assert done.code == 3
    [one] = done.json["differences"]
    assert one["session"] == "2018-12-10"
    assert one["cause"].startswith("the slab is not the one that was seen: ")
    assert "approved open 5 SPX10 2019-01-11 P 252 for entry_put" in one["recorded"][0]
    said = underwriter("shadow", "--folder", str(desk)).out
    assert "2018-12-10, event" in said
    assert "  recorded  sleeve 1: approved open" in said


def test_t90_another_version_is_named_as_the_cause(
    underwriter: Command, desk: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the slab is the same and the version is not."""
    decide = shadow.decide

    def otherwise(*given: object) -> object:
        made = decide(*given)  # type: ignore[arg-type]
        return made._replace(events=made.events[:-1])

    monkeypatch.setattr(shadow, "decide", otherwise)
    done = underwriter("shadow", "--folder", str(desk), "--json")
    causes = {one["cause"] for one in done.json["differences"]}
    assert causes == {"none that is known: the same slab, version and policies (wheel-index)"}
    monkeypatch.setattr(shadow, "installed", lambda _: "9.9.9")
    was = next(one for one in told(journal(home)) if isinstance(one, Decided)).version
    done = underwriter("shadow", "--folder", str(desk), "--json")
    assert done.code == 3
    causes = {one["cause"] for one in done.json["differences"]}
    assert causes == {f"decided by version {was}, this is 9.9.9"}


def causes_of(underwriter: Command, desk: Path) -> set[str]:
    """What is named as the cause of any difference."""
    done = underwriter("shadow", "--folder", str(desk), "--json")
    assert done.code == 3
    return {one["cause"] for one in done.json["differences"]}


def test_t90_another_reading_of_a_policy_is_named_as_the_cause(
    underwriter: Command, desk: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that understands a policy's text otherwise says so, beside its version."""
    first = next(one for one in told(journal(home)) if isinstance(one, Decided))
    decide = shadow.decide

    def otherwise(*given: object) -> object:
        made = decide(*given)  # type: ignore[arg-type]
        return made._replace(events=made.events[:-1])

    monkeypatch.setattr(shadow, "decide", otherwise)
    monkeypatch.setattr(PolicyFile, "hash", "f" * 16)
    monkeypatch.setattr(shadow, "installed", lambda _: "9.9.9")
    causes = causes_of(underwriter, desk)
    was = first.policies["wheel-index"]
    version_said = f"decided by version {first.version}, this is 9.9.9"
    policy_said = f"decided under wheel-index {was}, whose text this program reads as {'f' * 16}"
    assert causes == {f"{version_said}; {policy_said}"}
    read = desk_again.events

    def of_before(place: Path) -> Iterator[tuple[int, AnyEvent]]:
        for sequence, event in read(place):
            named = isinstance(event, Decided)
            yield sequence, replace(event, policies={}) if named else event

    monkeypatch.setattr(desk_again, "events", of_before)
    assert causes_of(underwriter, desk) == causes, "a journal of before has them in its opening"


@pytest.mark.usefixtures("desk")
def test_every_session_says_slab_policies_and_version(home: Path) -> None:
    """What a cycle journals: by them a decision is found again, whatever was changed since."""
    events = told(journal(home))
    texts = {key for one in events if isinstance(one, BookOpened) for key in one.policies}
    decided = [one for one in events if isinstance(one, Decided)]
    assert len(decided) == 19
    for one in decided:
        assert (len(one.slab), one.version) == (32, version("underwriter"))
        assert [*one.policies] == ["wheel-index"]
        assert {*one.policies.values()} == texts
    judged = {one.policy for one in events if isinstance(one, Approved | Refused)}
    assert judged == texts


def test_a_session_that_is_not_there_any_more_is_named(underwriter: Command, desk: Path) -> None:
    """A desk by the wall's clock keeps the slabs beside it; here they are gone."""
    (desk / "kind.json").write_text('{"kind": "paper"}', encoding="utf-8")
    done = underwriter("shadow", "--folder", str(desk))
    assert done.code == 3
    assert "what was decided on is not there any more: 2018-12-03, " in done.out
    assert "and 7 more" in done.out


def test_no_desk_is_one_line(underwriter: Command, tmp_path: Path) -> None:
    done = underwriter("shadow", "--folder", str(tmp_path))
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "found no desk; expected the folder of one (--folder DIR)" in done.err
