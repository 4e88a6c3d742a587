"""Every broker on its stage, with its first quotes; and a desk that trades at Alpaca for weeks."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.trading import Office, office_of
from command_line import command_line
from conformance.alpaca_server import KEY, SECRET
from conformance.asking import CALL, INDEX, LOWER, NEXT, PUT
from conformance.live import POLICIES, LiveStage
from conformance.live_run import SWITCHED, Terminal
from conformance.stage import STAGES, AlpacaStage, Stage
from underwriter.core.kernel import cache_folder


@pytest.fixture(params=sorted(STAGES))
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    made = STAGES[request.param](tmp_path)
    board(made)
    yield made
    made.close()


@pytest.fixture
def alpaca(tmp_path: Path) -> Iterator[AlpacaStage]:
    made = AlpacaStage(tmp_path)
    board(made)
    yield made
    made.close()


def board(made: Stage) -> None:
    """What is quoted from the first."""
    made.quote(PUT, 1.30, 1.40)
    made.quote(LOWER, 0.50, 0.60)
    made.quote(CALL, 0.80, 0.90)
    made.quote(NEXT, 2.00, 2.10)
    made.quote("KO", 59.99, 60.01)
    made.quote(INDEX, 4.00, 4.10)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    there = tmp_path / "home"
    there.mkdir()
    (there / "cache").symlink_to(cache_folder().parent.parent)
    monkeypatch.setenv("UNDERWRITER_HOME", str(there))
    monkeypatch.chdir(tmp_path)
    return there


@pytest.fixture
def world(tmp_path: Path) -> Iterator[LiveStage]:
    made = LiveStage(tmp_path)
    made.to(0, "8:00")
    yield made
    made.close()


@pytest.fixture
def live(
    home: Path,
    tmp_path: Path,
    world: LiveStage,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Office:
    """A home that trades with money in that world, and a person who types the account's name."""
    made = office_of(home, tmp_path, command_line(capsys), monkeypatch)
    made.clock = world.clock
    made.settings(*SWITCHED["--live"])
    for name in ("APCA_API_BASE_URL", "APCA_API_DATA_URL"):
        monkeypatch.setenv(name, world.server.url)
    monkeypatch.setenv("APCA_API_KEY_ID", KEY)
    monkeypatch.setenv("APCA_API_SECRET_KEY", SECRET)
    monkeypatch.setattr(sys, "stdin", Terminal("main\n"))
    for name, text in POLICIES.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    return made
