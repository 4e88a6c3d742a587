"""What holds for every test: a home of its own, no network, no skip where CI says so.

The home is set before numba is imported anywhere, since numba reads its cache folder from the
environment once. It stays between runs, with the compiled kernels and the cached calendars.
"""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from postgres import Server
    from underwriter.book.place import Place, Url

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".make" / "home"
os.environ["UNDERWRITER_HOME"] = str(HOME)

CI = os.environ.get("CI", "") not in {"", "0", "false"}
NO_SKIP = os.environ.get("UNDERWRITER_NO_SKIP", "") not in {"", "0"}
NEEDS_LEAVE = "needs leave"  # what a machine does not allow, and nothing installed would change

# in CI the same examples every time: what fails there fails here; and how long one takes to draw,
# which may compile a kernel, is the machine's affair
for profile, examples in {"test": 50, "proof": 1_000}.items():
    settings.register_profile(
        profile,
        max_examples=examples,
        deadline=None,
        derandomize=CI,
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.load_profile("test")


class NetworkBlockedError(RuntimeError):
    """A test reached for another machine."""


def _local(address: object) -> bool:
    """Whether an address stays on this machine: a path of AF_UNIX, or loopback."""
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    return host in {"localhost", "::1", ""} or host.startswith("127.")


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Refuse every connection to another machine, so that no test depends on one."""

    def guarded(name: str):  # noqa: ANN202  the method of socket it stands for
        original = getattr(socket.socket, name)

        def connect(self: socket.socket, address: object) -> object:
            if not _local(address):
                raise NetworkBlockedError(f"tests have no network; this one asked for {address}")
            return original(self, address)

        return connect

    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, guarded(name))
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real quotes and indices beside the project, which not everyone has."""
    folder = ROOT.parent / "shared"
    if not (folder / "data").is_dir():
        pytest.skip("needs ../shared/data, the developers' quotes and indices: not here")
    return folder


@pytest.fixture(scope="session")
def server() -> "Iterator[Server]":
    """A PostgreSQL server of this session's own."""
    from postgres import Server, programs  # noqa: PLC0415  after the home is set

    found = programs()
    if found is None:
        pytest.skip("needs a PostgreSQL server, Debian's package postgresql: none installed here")
    running = Server(found)
    try:
        yield running
    finally:
        running.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> "Place":
    """Where a journal can be made, on each engine."""
    if request.param == "sqlite":
        return tmp_path / "book.journal"
    url: Url = request.getfixturevalue("server").url()
    return url


def pytest_report_header() -> str:
    """Say at the top what differs between runs."""
    kernels = "interpreted" if os.environ.get("UNDERWRITER_JIT") == "0" else "compiled"
    return f"underwriter: kernels {kernels}, home {HOME}, skips {'fail' if NO_SKIP else 'pass'}"


def _skipped(config: pytest.Config) -> list[str]:
    """The reason of every skip of this session, but for leave that nothing installed would give."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    reports = reporter.stats.get("skipped", []) if reporter else []
    reasons = [(report.nodeid, str(report.longrepr[2])) for report in reports]
    return [f"{name}: {reason}" for name, reason in reasons if NEEDS_LEAVE not in reason]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a session that skipped, where a skip is a failure."""
    passed = session.exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}
    if NO_SKIP and passed and _skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell what was skipped, where a skip is a failure."""
    reasons = _skipped(terminalreporter.config) if NO_SKIP else []
    if reasons:
        terminalreporter.section("skipped, which is a failure here (UNDERWRITER_NO_SKIP)")
        for reason in reasons:
            terminalreporter.line(reason)
