"""The rules every test lives under hold themselves."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parent / "conftest.py"


def session(folder: Path, test: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A pytest session of its own on one test, under our conftest."""
    (folder / "tests").mkdir()
    (folder / "tests" / "conftest.py").write_text(CONFTEST.read_text("utf-8"), "utf-8")
    (folder / "tests" / "test_one.py").write_text(test, "utf-8")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p no:randomly -p no:xdist\n", "utf-8")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "tests"],
        cwd=folder,
        env={**os.environ, "UNDERWRITER_NO_SKIP": "", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


SKIPPING = "import pytest\ndef test_a(): pass\ndef test_b(): pytest.skip('no moon tonight')\n"
SKIPPING_MODULE = "import pytest\npytest.importorskip('no_such_module')\n"
USING_SHARED = "def test_a(shared): pass\n"


def test_a_skip_passes_on_a_users_machine(tmp_path: Path) -> None:
    assert session(tmp_path, SKIPPING).returncode == 0


@pytest.mark.parametrize("test", [SKIPPING, SKIPPING_MODULE])
def test_a_skip_fails_where_ci_says_so(tmp_path: Path, test: str) -> None:
    done = session(tmp_path, test, UNDERWRITER_NO_SKIP="1")
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    assert "skipped, which is a failure here" in done.stdout


def test_what_a_machine_does_not_allow_may_be_skipped(tmp_path: Path) -> None:
    skipping = SKIPPING.replace("no moon tonight", "needs leave to fly: not permitted")
    assert session(tmp_path, skipping, UNDERWRITER_NO_SKIP="1").returncode == 0


def test_the_reason_of_a_skip_is_told(tmp_path: Path) -> None:
    assert "no moon tonight" in session(tmp_path, SKIPPING, UNDERWRITER_NO_SKIP="1").stdout


def test_missing_quotes_are_skipped_with_a_reason(tmp_path: Path) -> None:
    done = session(tmp_path, USING_SHARED, UNDERWRITER_NO_SKIP="1")
    assert "needs ../shared/data" in done.stdout


def test_another_machine_is_out_of_reach() -> None:
    with socket.socket() as one, pytest.raises(RuntimeError, match="tests have no network"):
        one.connect(("192.0.2.1", 80))


def test_this_machine_is_within_reach() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert client.getpeername() == server.getsockname()


def test_the_home_is_the_projects_own() -> None:
    assert Path(os.environ["UNDERWRITER_HOME"]).is_relative_to(CONFTEST.parent.parent)
