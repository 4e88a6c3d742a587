"""The log: JSON lines that machines read, for their owner alone, put aside when large."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from underwriter.app.log import FILE, FOLDER, Lines, open_log


def lines(home: Path) -> list[dict[str, Any]]:
    text = (home / FOLDER / FILE).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_a_line_is_one_object_with_its_moment_level_and_what_was_bound(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.bind(account="main").warning("held back", why="kill switch", sequence=7, none=None)
    log.info("two\nlines", ratio=0.5, yes=True, names={"one"})
    first, second = lines(tmp_path)
    assert first["at"].endswith("Z")
    assert isinstance(first.pop("process"), int)
    del first["at"]
    assert first == {
        "level": "warning", "event": "held back", "account": "main", "why": "kill switch",
        "sequence": 7, "none": None,
    }  # fmt: skip
    assert (second["event"], second["ratio"], second["yes"]) == ("two\nlines", 0.5, True)
    assert second["names"] == ["one"]


def test_what_is_too_deep_is_flattened(tmp_path: Path) -> None:
    deep: Any = "bottom"
    for _ in range(10):
        deep = [deep]
    open_log(tmp_path).info("deep", deep=deep)
    assert "bottom" in json.dumps(lines(tmp_path))


def test_the_log_is_its_owners_alone_also_once_put_aside(tmp_path: Path) -> None:
    path = tmp_path / FOLDER / FILE
    writer = Lines(path, largest=50, kept=2)
    for number in range(20):
        writer.info(f"line number {number:02}")  # 15 bytes: three a file
    assert path.parent.stat().st_mode & 0o077 == 0
    found = {each.name: each for each in path.parent.iterdir()}
    assert sorted(found) == [FILE, f"{FILE}.1", f"{FILE}.2"]
    assert {each.stat().st_mode & 0o777 for each in found.values()} == {0o600}
    assert all(each.stat().st_size <= 50 for each in found.values())
    text = "".join(found[name].read_text() for name in (f"{FILE}.2", f"{FILE}.1", FILE))
    assert text.splitlines() == [f"line number {number:02}" for number in range(12, 20)]


def test_a_line_longer_than_a_file_is_written_whole(tmp_path: Path) -> None:
    writer = Lines(tmp_path / "x", largest=10)
    writer.info("a" * 100)
    writer.info("b")
    assert (tmp_path / "x.1").read_text() == "a" * 100 + "\n"


WRITING = """
import sys
from pathlib import Path
from underwriter.app.log import Lines
writer = Lines(Path(sys.argv[1]), largest=2_000, kept=50)
for number in range(200):
    writer.info(f"{sys.argv[2]} {number:03} " + "x" * 20)
"""


def test_two_processes_lose_no_line_while_files_are_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "log"
    both = [subprocess.Popen([sys.executable, "-c", WRITING, str(path), name]) for name in "ab"]
    assert [each.wait(240) for each in both] == [0, 0]
    text = "".join(each.read_text() for each in tmp_path.iterdir())
    found = sorted(line[:5] for line in text.splitlines())
    assert found == sorted(f"{name} {number:03}" for name in "ab" for number in range(200))


def test_a_log_that_cannot_be_written_stops_nothing_and_is_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / FOLDER).write_text("a file", encoding="utf-8")
    log = open_log(tmp_path)
    log.info("one")
    log.info("two")
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("cannot be written") == 1
