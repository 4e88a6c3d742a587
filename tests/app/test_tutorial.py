"""The tutorial shows what is printed: its commands are run, and every line it shows is there."""

import re
import shlex
import shutil
from pathlib import Path

from app.desks import folder
from command_line import Command

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"


def shown() -> list[tuple[list[str], list[str]]]:
    """The commands of the page, each with the lines that stand below it."""
    found: list[tuple[list[str], list[str]]] = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if command := re.fullmatch(r"    \$ (.*)", line):
            found.append((shlex.split(command[1]), []))
        elif found and line.startswith("    ") and line.strip():
            found[-1][1].append(line[4:])
    return [(words[1:], lines) for words, lines in found if words[0] == "underwriter"]


def test_what_the_tutorial_shows_is_what_is_printed(
    underwriter: Command, home: Path, tmp_path: Path
) -> None:
    desk = folder(home).with_name("wheel")
    ran = 0
    for words, lines in shown():
        there = desk
        if words[:2] == ["desk", "roll"] and words[3] != "--folder":  # which the page only tells of
            there = shutil.copytree(desk, tmp_path / "copy")
        done = underwriter(*(str(there) if word == "$desk" else word for word in words))
        assert done.code in {0, 3}, done.err
        printed = done.out.replace(str(home), "~/.underwriter").splitlines()
        assert [line for line in lines if line not in printed] == [], words
        ran += 1
    assert ran >= 9
