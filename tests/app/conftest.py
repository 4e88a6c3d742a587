"""What tests of the front door share."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.trading import DAYS, Office, office_of
from command_line import Command, command_line
from lakes import filled, written
from underwriter.core.kernel import cache_folder, first_run
from underwriter.market import single
from underwriter.market.single import Option, Terms

if TYPE_CHECKING:
    from underwriter.app.doctor import Patient


@pytest.fixture(scope="session")
def _compiled() -> None:
    """One kernel at the least, so that no first run is remarked on beside what is tested."""
    if first_run():
        single.greeks(Option(-1, 95.0, 0.1), 100.0, 0.28, Terms(False, 0.04))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _compiled: None) -> Path:
    """A home of its own, with the compiled kernels of every test run."""
    there = tmp_path / "home"
    there.mkdir()
    shared = cache_folder().parent.parent
    shared.mkdir(parents=True, exist_ok=True)
    (there / "cache").symlink_to(shared)
    monkeypatch.setenv("UNDERWRITER_HOME", str(there))
    monkeypatch.chdir(tmp_path)
    return there


@pytest.fixture
def office(
    home: Path, tmp_path: Path, underwriter: Command, monkeypatch: pytest.MonkeyPatch
) -> Office:
    """An office whose lake has the sessions of two days."""
    made = office_of(home, tmp_path, underwriter, monkeypatch)
    made.bring(DAYS[:2])
    return made


@pytest.fixture
def own(home: Path) -> Path:
    """A home whose cache nobody else fills or empties, but for what is slow to make."""
    shared = (home / "cache").resolve()
    (home / "cache").unlink()
    (home / "cache").mkdir()
    for each in shared.iterdir():
        if each.name not in {"sweeps", "sessions", "books"}:
            (home / "cache" / each.name).symlink_to(each)
    return home


@pytest.fixture
def patient(home: Path) -> "Patient":
    """A new home for `doctor` to look at."""
    from app.patients import new_patient  # noqa: PLC0415  seldom, and it takes a while

    return new_patient(home)


@pytest.fixture
def underwriter(capsys: pytest.CaptureFixture[str], home: Path) -> Command:
    """The command line, in this process, in that home."""
    assert home.exists()
    return command_line(capsys)


@pytest.fixture
def lake(home: Path, tmp_path: Path) -> Path:
    """A lake of one made-up share that falls by a seventh and comes back."""
    filled(home, [written(tmp_path, settlement="physical")])
    return home


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Path:
    """A lake of SPX in 2026 with bids and asks, and of AAPL's last prices."""
    there = tmp_path_factory.mktemp("real")
    data = shared / "data"
    chains = sorted((data / "spx_eod_2026").glob("spx_chain_*.csv.gz"))
    filled(there, [*chains, data / "us_option_last_2026" / "AAPL.csv.gz"])
    return there
