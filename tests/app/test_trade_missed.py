"""Sessions of which no chain is ever collected: settled by daily bars, or told until they are."""

from datetime import date
from pathlib import Path

import pytest

from app.trading import DAYS, Office, office_of
from command_line import Command
from lakes import black, closes, filled, written
from underwriter.app import from_lake, lake_quotes
from underwriter.book.event import Decided, Filled, Marked
from underwriter.book.journal import Journal
from underwriter.core.contract import parse_osi

FIRST, MISSED, THIRD, FOURTH = DAYS[1:5]


@pytest.fixture
def office(office: Office) -> Office:
    """A put was sold on the first session; of the second no chain was collected."""
    assert office.trade(FIRST, "15:45").code == 0
    return office


def close_of(day: date) -> float:
    """The close of the made-up history."""
    return closes(DAYS)[DAYS.index(day)]


def bar(office: Office, day: date, close: float, name: str = "SYN") -> None:
    """Daily bars, as a hand writes them: one line."""
    path = office.folder / f"{name}_{day}.csv"
    path.write_text(f"date,close\n{day},{close}\n", encoding="utf-8")
    done = office.underwriter("data", "import", str(path))
    assert done.code == 0, done.err


def marks(office: Office) -> dict[date, Marked]:
    """The evenings of the journal."""
    with Journal.open(office.desk / "journal.db") as journal:
        return {one.session: one for _, one in journal.read() if isinstance(one, Marked)}


def decided(office: Office) -> list[date]:
    """The sessions that were decided."""
    with Journal.open(office.desk / "journal.db") as journal:
        return [one.session for _, one in journal.read() if isinstance(one, Decided)]


def worth_of_puts(office: Office) -> float:
    """What the puts that were sold on the first session cost on the missed one, in millionths.

    By Black's formula at the volatility that the whole made-up history has.
    """
    with Journal.open(office.desk / "journal.db") as journal:
        fills = [one for _, one in journal.read() if isinstance(one, Filled)]
    total = 0.0
    for one in fills:
        if one.session == FIRST and one.option:
            contract = parse_osi(one.option)
            years = (contract.expiry - MISSED).days / 365
            each = black("put", close_of(MISSED), float(contract.strike), years)
            total += -one.quantity * 100 * each * 1_000_000
    assert total > 0.0
    return total


def test_a_night_without_chains_is_settled_by_its_bar_once_later_chains_are_there(
    office: Office,
) -> None:
    bar(office, MISSED, close_of(MISSED))
    assert office.trade(THIRD, "09:31").code == 3, "its chains may still come"
    assert MISSED not in marks(office)
    office.bring([THIRD])
    assert office.trade(THIRD, "15:45").code == 0
    assert decided(office) == [FIRST, THIRD]
    found = marks(office)[MISSED]
    assert found.carried == ("SYN",)
    assert found.underlyings["SYN"].close_u == round(close_of(MISSED) * 1_000_000)
    assert found.cash_u - found.equity_u == pytest.approx(worth_of_puts(office), rel=0.02)


def test_without_a_close_a_night_is_told_with_what_to_do_until_a_hand_gives_one(
    office: Office,
) -> None:
    office.bring([THIRD])
    for day in (THIRD, FOURTH):
        waiting = office.trade(day, "15:45")
        assert waiting.code == 3
        said = " ".join(waiting.out.split())
        assert f"LOOK settle {MISSED}: SYN: found no price on 1 sessions, the first" in said
        assert "or its daily bars: underwriter data import" in said
        assert decided(office) == [FIRST]
        assert MISSED not in marks(office), "never settled on the price of another day"
        if day == THIRD:
            office.bring([FOURTH])
    bar(office, MISSED, close_of(MISSED))
    office.trade(FOURTH, "15:46")
    assert decided(office) == [FIRST, FOURTH]
    assert [*marks(office)] == [FIRST, MISSED, THIRD]
    assert marks(office)[THIRD].carried == ()


def test_chains_that_come_late_settle_their_night_as_ever(office: Office) -> None:
    waiting = office.trade(THIRD, "09:31")
    said = " ".join(waiting.out.split())
    assert f"LOOK settle {MISSED}: found no chains of {MISSED} in the lake" in said
    assert "underwriter data import brings them; without them its daily bars settle it" in said
    office.bring([MISSED])
    assert office.trade(THIRD, "09:32").code == 0
    assert marks(office)[MISSED].carried == ()


def test_a_session_that_was_read_is_not_looked_for_at_each_pulse(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a thousand names are gone through whenever the lake is asked."""
    asked: list[date | None] = []
    read = lake_quotes.from_lake_on

    def counted(*given: object) -> object:
        asked.append(given[2])  # type: ignore[arg-type]
        return read(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(lake_quotes, "from_lake_on", counted)
    seen: list[int] = []

    def twice(self: lake_quotes.LakeQuotes, day: int) -> object:
        slab = cut(self, day)
        before = len(asked)
        assert self.has(day)
        seen.append(len(asked) - before)
        return slab

    cut = lake_quotes.LakeQuotes.slab
    monkeypatch.setattr(lake_quotes.LakeQuotes, "slab", twice)
    office.trade(FIRST, "15:46")
    assert seen
    assert set(seen) == {0}


def test_a_name_that_is_held_is_never_settled_on_the_price_of_another_day(
    home: Path, tmp_path: Path, underwriter: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The quotes of one of two names end for good: the other goes on, the one waits for its bar."""
    monkeypatch.setattr(from_lake, "_LATE", 0)
    office = office_of(home, tmp_path, underwriter, monkeypatch)
    office.write("cash_secured_put", **{'"SYN"': '"SYN", "OLD"', "per_underlying = 1.0": ""})
    old = written(tmp_path, "OLD", "physical", last=FIRST)
    filled(home, [old])
    office.bring(DAYS[:2])
    assert office.trade(FIRST, "15:45").code == 0
    with Journal.open(office.desk / "journal.db") as journal:
        sold = {one.option[:3] for _, one in journal.read() if isinstance(one, Filled)}
    assert sold == {"SYN", "OLD"}
    office.bring([MISSED])
    office.trade(MISSED, "15:45")
    assert decided(office) == [FIRST, MISSED]
    waiting = office.trade(THIRD, "06:00")
    assert waiting.code == 3
    said = " ".join(waiting.out.split())
    assert f"LOOK settle {MISSED}: found no close of OLD on {MISSED}" in said
    assert "data import of a file with its date and close" in said
    assert [*marks(office)] == [FIRST]
    bar(office, MISSED, 77.0, "OLD")
    assert office.trade(THIRD, "06:01").code == 0
    found = marks(office)[MISSED]
    assert (found.carried, found.underlyings["OLD"].close_u) == (("OLD",), 77_000_000)
