"""A PostgreSQL server of the tests' own, on a folder and a socket that nobody else uses.

It is Debian's `postgresql`, started as a user without rights where the tests run as root, since it
refuses root; fsync is on.  It listens to its socket alone.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from underwriter.book.place import Url, place_of

OWNER, CLERK, PASSWORD = "owner", "clerk", "s3cr&t/of@clerk"
_PORT = 5432  # the name of the socket: nothing listens to the network
_PATIENCE = 240.0  # seconds, of a slow disk too
_NAMES = count(1)


def programs() -> Path | None:
    """The folder of the newest server that is installed; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_version)
    on_path = shutil.which("postgres")
    if found:
        return found[-1].parent
    return Path(on_path).parent if on_path else None


def _version(path: Path) -> float:
    return float(path.parent.parent.name)


def _unprivileged() -> dict[str, Any]:
    """Who runs the server: this user, or where that is root one without rights."""
    if os.getuid() != 0:
        return {}
    names = {each.pw_name for each in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


class Server:
    """A server that can be stopped, killed and started again."""

    def __init__(self, bin_: Path, *settings: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="underwriter-pg-"))
        self.data = self.folder / "data"
        self._bin, self._as = bin_, _unprivileged()
        if self._as:
            os.chown(self.folder, self._as["user"], self._as["group"])
        self._run("initdb", "-D", str(self.data), "-U", OWNER, "-E", "UTF8", "--locale=C",
                  "-A", "trust", "--no-sync")  # fmt: skip
        access = self.data / "pg_hba.conf"
        access.write_text(f"local all {CLERK} scram-sha-256\n{access.read_text()}")
        self._settings = [part for each in settings for part in ("-c", each)]
        self.start()
        role = f"CREATE ROLE {CLERK} LOGIN PASSWORD '{PASSWORD}'"
        self.run(role, "CREATE DATABASE ledger", database="postgres")
        self.run(f"GRANT CREATE ON DATABASE ledger TO {CLERK}")

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._bin / program, *arguments],
            check=False,
            cwd=self.folder,
            capture_output=True,
            text=True,
            **self._as,
        )
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        """Start it, and wait until it answers."""
        until = time.monotonic() + _PATIENCE
        while True:
            self._log = (self.folder / "log").open("ab")
            self._process = subprocess.Popen(
                [self._bin / "postgres", "-D", self.data, "-k", self.folder, "-p", str(_PORT),
                 "-c", "listen_addresses=", "-c", "fsync=on", *self._settings],
                cwd=self.folder, stdout=self._log, stderr=self._log, **self._as,
            )  # fmt: skip
            while self._process.poll() is None:
                if self._answers():
                    return
                assert time.monotonic() < until, self.log()
                time.sleep(0.02)
            self._log.close()  # the memory of one that was killed is still in use
            assert time.monotonic() < until, self.log()
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.conninfo("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    def owner(self) -> tuple[int, int]:
        """The user and the group that it runs as."""
        return self._as.get("user", os.getuid()), self._as.get("group", os.getgid())

    def log(self) -> str:
        """What the server has told."""
        return (self.folder / "log").read_text()

    def kill(self) -> None:
        """End it as a power cut would: nothing is tidied up."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in good order, whoever is connected."""
        self._end(signal.SIGINT)

    def _end(self, how: signal.Signals) -> None:
        self._process.send_signal(how)
        self._process.wait(_PATIENCE)
        self._log.close()

    def end_connections(self) -> None:
        """End the connections of every journal; they are gone, and their locks, when it returns."""
        patience = int(_PATIENCE * 1_000)
        ended = self.run(
            f"SELECT pg_terminate_backend(pid, {patience}) FROM pg_stat_activity "  # noqa: S608  ours
            "WHERE application_name LIKE 'underwriter, %'"
        )
        assert ended
        assert all(gone for (gone,) in ended)

    def table_file(self, journal: str) -> Path:
        """Where the server keeps the events of a journal, all of them on the disk."""
        ((path,),) = self.run("CHECKPOINT", f"SELECT pg_relation_filepath('{journal}.event')")
        return self.data / str(path)

    def remove(self) -> None:
        """End it and leave nothing."""
        if self._process.poll() is None:
            self.stop()
        shutil.rmtree(self.folder)

    def conninfo(self, database: str) -> str:
        """How libpq connects, as the owner of everything."""
        return f"host={self.folder} port={_PORT} user={OWNER} dbname={database}"

    def run(self, *statements: str, database: str = "ledger") -> list[Any]:
        """Do something as the owner of everything; say what the last statement gave."""
        with closing(psycopg.connect(self.conninfo(database), autocommit=True)) as connection:
            for statement in statements:
                found = connection.execute(statement)  # type: ignore[arg-type]  # tests' own text
            return found.fetchall() if found.description else []

    def url(self, journal: str | None = None, user: str = OWNER) -> Url:
        """The place of a journal that no other test has."""
        name = journal or f"j{next(_NAMES)}"
        place = place_of(f"postgresql://{user}@/ledger?host={self.folder}&journal={name}")
        assert isinstance(place, Url)
        return place
