"""Set-up names what is missing, is done once, and is whole or not there at all.

A made-up python stands in for the real one: it makes a `.venv` whose pip only writes down what it
was asked, fails where a file tells it to, and hangs for as long as a pipe of that name stays open.
"""

import errno
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import BinaryIO

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
RUNTIME, DEV, PROJECT = "requirements/runtime.txt", "requirements/dev.txt", "."
PATIENCE = 240.0  # seconds for what takes one
TOOLS = (  # noqa: SIM905  seventeen lines for a list
    "sh git cat cut chmod date dirname env flock head mkdir mv rm rmdir sha256sum sleep tail"
).split()

PYTHON = """#!/bin/sh
case "$*" in
    -V) echo "Python 3.11.2" ;;
    *version_info*) exit 0 ;;
    *ensurepip*) exit 0 ;;
    "-m venv "*) mkdir -p "$3/bin" && cat "$0" >"$3/bin/python" && chmod +x "$3/bin/python" ;;
    "-m pip "*)
        echo "$*" >>asked
        [ ! -e hang ] || read -r never <hang
        [ ! -e break ] || { echo "no such hash"; exit 1; }
        ;;
esac
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A project with a space in its path, and nothing on the PATH but what set-up needs."""
    folder = tmp_path / "a clone"
    for each in (
        "tools/setup.sh",
        "pyproject.toml",
        "requirements/runtime.txt",
        "requirements/dev.txt",
    ):
        (folder / each).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / each, folder / each)
    (folder / "bin").mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, f"{tool} is needed to test set-up"
        (folder / "bin" / tool).symlink_to(found)
    put(folder, "python3", PYTHON)
    return folder


def put(clone: Path, name: str, text: str) -> None:
    """A program on the clone's PATH."""
    path = clone / "bin" / name
    path.write_text(text)
    path.chmod(0o755)


def start(clone: Path, level: str = "runtime") -> subprocess.Popen[str]:
    return subprocess.Popen(
        ["env", "--default-signal=INT", "tools/setup.sh", level],  # CI may have it ignored
        cwd=clone,
        env={"PATH": str(clone / "bin"), "HOME": str(clone)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def setup(clone: Path, level: str = "runtime") -> tuple[int, str]:
    """Exit code, and what a person sees."""
    running = start(clone, level)
    out, err = running.communicate(timeout=PATIENCE)
    return running.returncode, out + err


def opened(pipe: Path, running: "subprocess.Popen[str]") -> BinaryIO:
    """The end of a named pipe to write to, as soon as a program that runs has opened the other."""
    until = time.monotonic() + PATIENCE
    while running.poll() is None and time.monotonic() < until:
        try:
            return os.fdopen(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK), "wb")
        except OSError as nobody:
            if nobody.errno != errno.ENXIO:
                raise
            time.sleep(0.01)
    raise AssertionError(f"nobody opened {pipe}: {running.communicate(timeout=PATIENCE)}")


def asked(clone: Path) -> list[str]:
    """What pip was asked to install since last asked: the last word of each command."""
    record = clone / "asked"
    words = (
        [line.split()[-1] for line in record.read_text().splitlines()] if record.exists() else []
    )
    record.unlink(missing_ok=True)
    return words


def test_everything_once_then_nothing_and_in_silence(clone: Path) -> None:
    assert setup(clone)[0] == 0
    assert asked(clone) == [RUNTIME, PROJECT]
    assert setup(clone) == (0, "")
    assert not asked(clone)


def test_dev_adds_to_runtime(clone: Path) -> None:
    setup(clone)
    asked(clone)
    assert setup(clone, "dev")[0] == 0
    assert asked(clone) == [DEV]
    assert setup(clone) == (0, "")


def test_only_locked_wheels_are_asked_for(clone: Path) -> None:
    setup(clone, "dev")
    *locks, project = (clone / "asked").read_text().splitlines()
    assert len(locks) == 2
    assert all("--no-deps --require-hashes --only-binary=:all:" in line for line in locks)
    assert "--no-deps --no-build-isolation" in project


def test_a_new_lock_makes_all_anew(clone: Path) -> None:
    setup(clone)
    (clone / ".venv" / "old").touch()
    asked(clone)
    with (clone / RUNTIME).open("a") as lock:
        lock.write("# changed\n")
    assert setup(clone)[0] == 0
    assert asked(clone) == [RUNTIME, PROJECT]
    assert not (clone / ".venv" / "old").exists()


def test_a_new_project_file_installs_only_the_project(clone: Path) -> None:
    setup(clone)
    asked(clone)
    with (clone / "pyproject.toml").open("a") as project:
        project.write("# changed\n")
    assert setup(clone)[0] == 0
    assert asked(clone) == [PROJECT]


def test_a_moved_clone_is_set_up_anew(clone: Path) -> None:
    setup(clone)
    asked(clone)
    moved = clone.rename(clone.parent / "moved")
    assert setup(moved)[0] == 0
    assert asked(moved) == [RUNTIME, PROJECT]


def test_a_python_that_is_gone_is_set_up_anew(clone: Path) -> None:
    setup(clone)
    asked(clone)
    (clone / ".venv" / "bin" / "python").unlink()
    assert setup(clone)[0] == 0
    assert asked(clone) == [RUNTIME, PROJECT]


OLD = '#!/bin/sh\ncase "$*" in -V) echo Python 3.9.18 ;; *) exit 1 ;; esac\n'
NO_VENV = '#!/bin/sh\ncase "$*" in *ensurepip*) exit 1 ;; esac\n'


@pytest.mark.parametrize(
    ("tool", "text", "names"),
    [
        ("python3", None, ["python3 is missing", "apt-get install python3 python3-venv"]),
        (
            "python3",
            OLD,
            ["Python 3.9.18", "3.11 or newer", "apt-get install python3 python"],
        ),
        ("python3", NO_VENV, ["venv module of python3 is missing", "apt-get install python3-venv"]),
        ("git", None, ["git is missing", "apt-get install git"]),
    ],
)
def test_what_is_missing_is_named_in_one_line_with_its_cure(
    clone: Path, tool: str, text: str | None, names: list[str]
) -> None:
    (clone / "bin" / tool).unlink()
    if text:
        put(clone, tool, text)
    before = sorted(clone.iterdir())
    code, said = setup(clone)
    assert code == 1
    assert len(said.splitlines()) == 1
    assert all(name in said for name in names), said
    assert sorted(clone.iterdir()) == before


def test_a_newer_python_under_another_name_is_found(clone: Path) -> None:
    put(clone, "python3", OLD)
    put(clone, "python3.12", PYTHON)
    assert setup(clone)[0] == 0


@pytest.mark.parametrize("kind", ["folder", "link"])
def test_a_venv_of_somebody_else_is_left_alone(clone: Path, kind: str) -> None:
    theirs = clone / "theirs"
    theirs.mkdir()
    (theirs / "kept").touch()
    if kind == "link":
        (clone / ".venv").symlink_to(theirs)
    else:
        theirs.rename(clone / ".venv")
    code, said = setup(clone)
    assert code == 1
    assert ".venv was not made by set-up" in said
    assert (clone / ".venv" / "kept").exists()


def test_a_failure_shows_its_cause_and_leaves_nothing(clone: Path) -> None:
    (clone / "break").touch()
    code, said = setup(clone)
    assert code == 1
    assert "no such hash" in said
    assert ".make/setup.log" in said
    assert not (clone / ".venv").exists()
    (clone / "break").unlink()
    assert setup(clone)[0] == 0


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
@pytest.mark.parametrize("level", ["runtime", "dev"])
def test_a_set_up_cut_off_is_made_anew(clone: Path, level: str, name: str) -> None:
    if level == "dev":
        setup(clone)
        asked(clone)
    os.mkfifo(clone / "hang")
    running = start(clone, level)
    with opened(clone / "hang", running):  # pip is at work, and no shell is starting a program
        os.killpg(running.pid, getattr(signal, name))
        running.communicate(timeout=PATIENCE)
    assert running.returncode != 0
    assert name == "SIGKILL" or not (clone / ".venv").exists()
    (clone / "hang").unlink()
    asked(clone)
    assert setup(clone, level)[0] == 0
    assert asked(clone) == [RUNTIME, *([DEV] if level == "dev" else []), PROJECT]


def test_two_at_once_are_one(clone: Path) -> None:
    """Even where the second looks while the first has made nothing but an empty folder."""
    (clone / "bin/mkdir").unlink()
    waits = '[ "$*" != .venv ] || read -r never <made'
    put(clone, "mkdir", f'#!/bin/sh\n{shutil.which("mkdir")} "$@" && {{ {waits} || :; }}\n')
    os.mkfifo(clone / "made")
    first = start(clone)
    with opened(clone / "made", first):
        second = start(clone)
        assert second.stderr is not None
        assert second.stderr.readline() == "set-up: waiting for another one here\n"
        assert not list((clone / ".venv").iterdir())
    both = first, second
    assert [each.communicate(timeout=PATIENCE) and each.returncode for each in both] == [0, 0]
    assert asked(clone) == [RUNTIME, PROJECT]
