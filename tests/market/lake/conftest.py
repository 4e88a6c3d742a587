"""A home for each test, with the calendars and compiled kernels of every run."""

from pathlib import Path

import pytest

from underwriter.core.kernel import cache_folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home without a lake."""
    there = tmp_path / "home"
    there.mkdir()
    shared = cache_folder().parent.parent
    shared.mkdir(parents=True, exist_ok=True)
    (there / "cache").symlink_to(shared)
    return there
