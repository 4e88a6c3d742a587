"""A run's folder is put in place whole, and nobody else's folder is touched."""

from pathlib import Path

import pytest

from underwriter.app.run_folder import made_whole, replace_text
from underwriter.core.errors import InputError


def put(folder: Path, text: str) -> None:
    with made_whole(folder) as part:
        (part / "report.html").write_text(text, encoding="utf-8")
        (part / "journal.db.head").write_text(text, encoding="utf-8")


def interrupted(folder: Path) -> None:
    with made_whole(folder) as part:
        (part / "report.html").write_text("half", encoding="utf-8")
        raise KeyboardInterrupt


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_run_replaces_the_one_before(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "mine"
    put(folder, "first")
    put(folder, "second")
    assert (folder / "report.html").read_text(encoding="utf-8") == "second"
    assert names(folder) == ["journal.db.head", "report.html"]
    assert names(folder.parent) == ["mine"], "nothing is left beside it"


def test_an_interrupted_run_leaves_what_was_there(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    put(folder, "first")
    with pytest.raises(KeyboardInterrupt):
        interrupted(folder)
    assert (folder / "report.html").read_text(encoding="utf-8") == "first"
    assert names(tmp_path) == ["mine"]


def test_a_folder_that_holds_anything_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"found letters\.txt, which no run writes"):
        put(tmp_path, "first")
    assert names(tmp_path) == ["letters.txt"]


def test_a_file_or_a_link_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path)
    for name in ("file", "link"):
        with pytest.raises(InputError, match="found a file or a link"):
            put(tmp_path / name, "first")
    assert names(tmp_path) == ["file", "link"]


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="expected a place that can be written"):
        put(tmp_path / "file" / "below" / "mine", "first")
    with pytest.raises(InputError, match="expected a place that can be written"):
        replace_text(tmp_path / "nowhere" / "report.html", "text")


def test_a_text_is_replaced(tmp_path: Path) -> None:
    for text in ("first", "second"):
        replace_text(tmp_path / "report.html", text)
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == "second"
    assert names(tmp_path) == ["report.html"]
