"""What tests of the front door share."""

from pathlib import Path

import pytest

from underwriter.core.kernel import cache_folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, with the compiled kernels of every test run."""
    there = tmp_path / "home"
    there.mkdir()
    shared = cache_folder().parent.parent
    shared.mkdir(parents=True, exist_ok=True)
    (there / "cache").symlink_to(shared)
    monkeypatch.setenv("UNDERWRITER_HOME", str(there))
    monkeypatch.chdir(tmp_path)
    return there
