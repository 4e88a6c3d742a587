"""A cycle is a line of the log where it differs from the one before; an idle one is none."""

import json
from pathlib import Path
from typing import Any

from desk.test_cycle import DAYS, MOMENT, MORNING, World, history
from desk.test_tidings import QUIET
from underwriter.app.cycle_log import CycleLog
from underwriter.app.log import FILE, FOLDER, open_log
from underwriter.app.secrets import Scrub
from underwriter.book.imports.reconcile import Break


def lines(home: Path) -> list[dict[str, Any]]:
    path = home / FOLDER / FILE
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [json.loads(line) for line in text.splitlines()]


def test_a_day_of_the_desk_is_logged_with_what_it_did(tmp_path: Path) -> None:
    cycles = CycleLog(open_log(tmp_path, Scrub([])).bind(account="main"))
    world = World(tmp_path, history())
    for report in world.through(DAYS[:1], [MORNING, MOMENT, MOMENT + 1, MOMENT + 2]):
        cycles.note(report, 7)
    line, later = lines(tmp_path)
    assert line["event"] == "cycle"
    assert line["level"] == "info"
    assert (line["account"], line["head"]) == ("main", 7)
    assert line["done"] == ["decide 2024-01-08"]
    assert list(line["ended"].values()) == ["filled"]
    assert "breaks" not in line
    assert "done" not in later  # the order has ended, and so it stays until the next decision


def test_what_somebody_should_look_at_is_a_warning(tmp_path: Path) -> None:
    cycles = CycleLog(open_log(tmp_path, Scrub([])))
    one = Break("quantity", "KO", 0, 100_000_000, "came from outside", ())
    broken = QUIET._replace(breaks=(one,), held_back={5: "1 breaks"}, beside=("-1 KO P",))
    for report in (QUIET, broken, broken, QUIET):
        cycles.note(report, 2)
    (line,) = lines(tmp_path)
    assert line["level"] == "warning"
    assert line["breaks"] == ["quantity KO: came from outside"]
    assert line["held_back"] == {"5": "1 breaks"}
    assert line["beside"] == ["-1 KO P"]
