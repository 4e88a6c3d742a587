"""A desk by a clock that is set: a lake of one American share, filled a session at a time."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from command_line import Command, Told
from desk.world import HandClock
from lakes import filled, sessions, written
from underwriter.app import wire_desk
from underwriter.core.units import day_number
from underwriter.market.calendar import load_calendar

NAME = "SYN"
DAYS = sessions(last=date(2024, 1, 12))
POLICY = """
name = "test"
strategy = "{strategy}"
universe = ["SYN"]

[entry]
on = "daily"
delta = 0.30
dte = [10, 40]
min_credit = 0.20
max_spread = 0.50

[size]
risk_per_position = 0.05
stress = [{{ spot = -0.20, vol = 1.5 }}, {{ spot = 0.10, vol = 0.8 }}]
per_underlying = 1.0
"""


class Office:
    """A home whose lake is filled as its days come, and the command line at a moment of one."""

    def __init__(self, home: Path, folder: Path, underwriter: Command) -> None:
        self.home, self.folder, self.underwriter = home, folder, underwriter
        self.calendar = load_calendar("XNYS", home)
        self.clock = HandClock(0)
        self.whole = written(folder, NAME, "physical", last=DAYS[-1])
        self.policy = str(folder / "test.toml")
        self.write("wheel")

    @property
    def desk(self) -> Path:
        """The desk's folder."""
        return self.home / "desk" / "main"

    def write(self, strategy: str, **words: str) -> None:
        """Another policy in the file."""
        text = POLICY.format(strategy=strategy)
        for old, new in words.items():
            text = text.replace(old, new)
        Path(self.policy).write_text(text, encoding="utf-8")

    def settings(self, *lines: str) -> None:
        """The settings of the home."""
        (self.home / "underwriter.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def bring(self, days: Sequence[date]) -> None:
        """Collect sessions into the lake."""
        place = self.folder / f"brought-{days[0]}"
        place.mkdir()
        for name in ("options", "underlying"):
            frame = pl.read_parquet(self.whole / f"{name}.parquet")
            kept = frame.filter(pl.col("date").is_in([*days]))
            kept.write_parquet(place / f"{name}.parquet")
        (place / "underlying.toml").write_bytes((self.whole / "underlying.toml").read_bytes())
        filled(self.home, [place])

    def to(self, day: date, clock: str) -> None:
        """Set the clock."""
        hours, minutes = clock.split(":")
        self.clock.at = self.calendar.at(day_number(day), int(hours) * 60 + int(minutes))

    def trade(self, day: date, clock: str, *words: str, kind: str = "--paper") -> Told:
        """One cycle at a moment."""
        self.to(day, clock)
        return self.underwriter("trade", self.policy, kind, "--once", *words)


def office_of(
    home: Path, folder: Path, underwriter: Command, monkeypatch: pytest.MonkeyPatch
) -> Office:
    """An office, with its clock on the wall."""
    made = Office(home, folder, underwriter)
    monkeypatch.setattr(wire_desk, "WallClock", lambda *_: made.clock)
    return made
