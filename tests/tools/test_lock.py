"""A lock is stale as soon as pyproject.toml asks for something else, and never before."""

from pathlib import Path

import pytest

import lock

PROJECT = """
[project]
requires-python = ">=3.11"
dependencies = ["numpy>=2.1"]
[project.optional-dependencies]
demo = ["arch>=7.2"]
dev = ["ruff>=0.8"]
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "build.in").write_text("# why\nhatchling\n")
    for level in lock.EXTRAS:
        text = f"{lock.fingerprint(level, tmp_path)}\nnumpy==2.4.6\n"
        (tmp_path / "requirements" / f"{level}.txt").write_text(text)
    return tmp_path


def change(root: Path, old: str, new: str) -> None:
    (root / "pyproject.toml").write_text(PROJECT.replace(old, new))


def test_fresh_where_nothing_changed(root: Path) -> None:
    assert not lock.stale(root)


def test_a_new_bound_makes_both_stale(root: Path) -> None:
    change(root, "numpy>=2.1", "numpy>=2.2")
    assert lock.stale(root) == ["runtime", "dev"]


def test_a_tool_is_not_in_the_runtime_lock(root: Path) -> None:
    change(root, "ruff>=0.8", "ruff>=0.9")
    assert lock.stale(root) == ["dev"]


def test_what_is_not_a_dependency_changes_nothing(root: Path) -> None:
    change(root, "[project]", "[project]\ndescription = 'x'")
    assert not lock.stale(root)


def test_a_missing_lock_is_stale(root: Path) -> None:
    (root / "requirements" / "dev.txt").unlink()
    assert lock.stale(root) == ["dev"]


def test_the_build_tools_are_asked_for(root: Path) -> None:
    assert lock.wished("runtime", root) == ["arch>=7.2", "hatchling", "numpy>=2.1", "python>=3.11"]
