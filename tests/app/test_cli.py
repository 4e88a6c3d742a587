"""The front door, as a user meets it: a process, its output, its exit code."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

from underwriter.app.cli.main import app

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-c", "from underwriter.app.cli.main import main; main()"]
OWN = ("--spot=a", "--vol=b", "--bills=c")
HEAVY = {"numba", "polars", "pydantic", "numpy", "QuantLib", "exchange_calendars", "rich"}


def underwriter(
    *arguments: str, home: Path, here: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    environment = os.environ | {"UNDERWRITER_HOME": str(home), "COLUMNS": "100"}
    return subprocess.run(
        [*COMMAND, *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=here or home.parent,
        env=environment,
        timeout=600,
    )


def leaves(command: Any, words: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Every command below one: its words and itself."""
    below = getattr(command, "commands", None)
    if below is None:
        yield words.strip(), command
        return
    for name, each in below.items():
        yield from leaves(each, f"{words} {name}")


COMMANDS = dict(leaves(get_command(app)))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom underwriter.app.cli.main import run\nrun(['--help'])\n"
        f"print(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stderr.strip() == "[]"
    assert "backtest" in done.stdout


def test_a_process_ends_without_a_last_collection() -> None:
    code = (
        "import atexit, gc\nfrom underwriter.app.cli.main import main\n"
        "atexit.register(lambda: print(gc.get_count()[0] < gc.get_freeze_count()))\n"
        "main(['version'])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "True"


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_has_help_with_an_example_and_json(words: str, home: Path) -> None:
    done = underwriter(*words.split(), "--help", home=home)
    assert done.returncode == 0
    assert f"Example: underwriter {words}" in " ".join(done.stdout.split())
    assert "--json" in done.stdout
    assert not home.exists(), "asking for help writes nothing"


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_and_option_is_documented(words: str) -> None:
    page = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    heads = [part for part in page.split("\n## ") if part.startswith(f"underwriter {words}")]
    assert heads, f"docs/cli.md: no heading for underwriter {words}"
    for option in COMMANDS[words].params:
        flag = max(option.opts, key=len)
        assert flag.lstrip("-") in heads[0] or flag.upper() in heads[0], f"{words}: {flag}"


def test_version_is_one_json_object(home: Path) -> None:
    done = underwriter("version", "--json", home=home)
    assert done.returncode == 0
    assert json.loads(done.stdout)["underwriter"]
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["bakctest"], "Did you mean 'backtest'?"),
        (["backtest"], "POLICY"),
        (["backtest", "wheel-index", "--delay", "soon"], "--delay"),
        (["backtest", "wheel-index", "--delay", "2"], "--delay: found 2; expected"),
        (["backtest", "wheel-index", "--half-spread", "nan"], "--half-spread: found nan; expected"),
        (["backtest", "wheel-index", "--from", "2015-02-30"], "--from"),
        (["backtest", "wheel-index", "--from", "2016-01-01", "--to", "2015-01-01"], "before it"),
        (["backtest", "wheel-index", "--from", "2031-01-01"], "found 0 sessions"),
        (["backtest", "wheel-index", "--spot", "a.csv"], "without --vol and --bills"),
        (["backtest", "wheel-indx"], "did you mean wheel-index?"),
        (["backtest", "nowhere.toml"], "nowhere.toml: no such file"),
        (["backtest", "wheel-index", *OWN], "a: no such file"),
        (["model", "check", "spx"], "spx"),
        (["model", "check", "put", *OWN], "a: no such file"),
        (
            [
                "model",
                "check",
                "bxm",
                "--spot=a",
                "--vol=b",
                "--bills=c",
                "--from=2016-01-01",
                "--to=2015-01-01",
            ],
            "before it",
        ),
        (["book", "verify"], "found no journal"),
        (["book", "verify", "nowhere.db"], "nowhere.db"),
        (["version", "--jsn"], "--jsn"),
    ],
)
def test_bad_usage_is_one_line_and_code_2(arguments: list[str], said: str, home: Path) -> None:
    done = underwriter(*arguments, home=home)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert done.stderr.count("\n") == 1 + done.stderr.count(" ... ")
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not (home / "runs").exists()


@pytest.mark.parametrize(
    ("universe", "strategy", "said"),
    [
        ('["SPX"]', "wheel", "line 4: found SPX in universe, which settles in cash"),
        ('["SPX"]', "cash_secured_put", "line 4: found SPX in universe, of which the lake has no"),
        ('["SPX/10", "KO"]', "wheel", "line 4: found KO in universe beside SPX/10"),
    ],
)
def test_what_cannot_be_traded_is_refused(
    universe: str, strategy: str, said: str, home: Path
) -> None:
    policy = home.parent / "mine.toml"
    policy.write_text(
        f"""\
name = "mine"
strategy = "{strategy}"
# the next line is at fault
universe = {universe}
[entry]
delta = 0.25
dte = [25, 45]
[size]
risk_per_position = 0.02
stress = [{{ spot = -0.2, vol = 1.5 }}, {{ spot = 0.1, vol = 0.8 }}]
""",
        encoding="utf-8",
    )
    done = underwriter("backtest", "mine.toml", home=home)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert not (home / "runs").exists()


def test_a_home_in_whose_place_a_file_stands_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine", encoding="utf-8")
    for command in (["demo"], ["backtest", "wheel-index"], ["book", "verify"]):
        done = underwriter(*command, "--home", str(file), home=tmp_path / "other")
        assert done.returncode == 2
        assert "expected a folder that can be written" in done.stderr
        assert done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_place_that_holds_something_else_is_left_alone(home: Path) -> None:
    mine = home.parent / "underwriter-demo" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("mine", encoding="utf-8")
    done = underwriter("demo", home=home)
    assert done.returncode == 2
    assert "found mine.txt, which no run writes" in done.stderr
    assert mine.read_text(encoding="utf-8") == "mine"


def test_a_closed_pipe_is_no_complaint(home: Path) -> None:
    environment = os.environ | {"UNDERWRITER_HOME": str(home)}
    with subprocess.Popen(
        [*COMMAND, "backtest", "--help"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    ) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.close()
        assert running.stderr.read() == b""


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_being_stopped_leaves_nothing_half_written(
    sent: signal.Signals, code: int, home: Path, tmp_path: Path
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    said = tmp_path / "stderr.txt"
    with (
        said.open("w") as stderr,
        subprocess.Popen(
            [*COMMAND, "demo"],
            cwd=here,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=os.environ | {"UNDERWRITER_HOME": str(home)},
        ) as running,
    ):
        while not said.read_text() and running.poll() is None:  # until work has begun
            time.sleep(0.01)
        running.send_signal(sent)
        out, _ = running.communicate(timeout=240)
    assert running.returncode == code
    lines = said.read_text().splitlines()
    if sent == signal.SIGINT:
        assert lines.pop() == "underwriter: interrupted; nothing was left half-written"
    assert all(" ... " in line for line in lines)
    assert out == b""
    assert not list(here.iterdir())


def test_a_bug_is_a_line_and_with_debug_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from underwriter.app.cli import main as door  # noqa: PLC0415  its name is taken here

    broken = typer.Typer()
    broken.command("broken")(_broken)
    broken.command("other")(_broken)
    monkeypatch.setattr(door, "app", broken)
    monkeypatch.delenv("UNDERWRITER_DEBUG", raising=False)
    assert door.run(["broken"]) == 1
    assert "this is a bug: ZeroDivisionError" in capsys.readouterr().err
    monkeypatch.setenv("UNDERWRITER_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        door.run(["broken"])


def _broken() -> None:
    raise ZeroDivisionError
