"""A process that is killed while it tells: at most the message that was out is told again."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.webhook import webhook
from underwriter.app.notify import NOTES, variable_of
from underwriter.book.event import Busted, Deposited, OrderTold
from underwriter.book.journal import Journal
from underwriter.core.units import day_of

COMMON: dict[str, Any] = {"at": 1, "session": day_of(20_000), "account": "main"}
WHOSE: dict[str, Any] = COMMON | {"sleeve": 0, "campaign": 0, "policy": "p"}
EVENTS = (
    Deposited(**COMMON, amount_u=5_000_000),
    Busted(**COMMON, of="x1", why="a mistake"),
    OrderTold(**WHOSE, client="c1", state="rejected"),
)
TELLING = """
import sys
from pathlib import Path
from underwriter.app.log import open_log
from underwriter.app.notify import Notifier
from underwriter.app.settings import House, Notify, NotifyChannel, Settings
from underwriter.book.fold import EMPTY
from underwriter.book.journal import Journal
from underwriter.desk.cycle import Report

folder = Path(sys.argv[1])
channels = {"phone": NotifyChannel(level="fact")}
house = House(folder, Settings(notify=Notify(channels=channels, timeout=60.0)), None)
notifier = Notifier(house, folder, "main", open_log(folder))
with Journal.open(folder / "journal.db") as journal:
    notifier.begin(int(sys.argv[2]))
    notifier.tell(journal.read, EMPTY, Report((), (), (), (), (), {}, {}, ""))
"""


@pytest.mark.parametrize(
    "killed",
    [pytest.param(1, marks=pytest.mark.proof), 2, pytest.param(3, marks=pytest.mark.proof)],
)
def test_killed_with_a_message_out_it_repeats_that_one_and_loses_none(
    tmp_path: Path, killed: int
) -> None:
    with Journal.create(tmp_path / "journal.db") as journal:
        journal.append([Deposited(**COMMON, amount_u=1)], 1)  # before notifications were set up
    with webhook() as hook:
        environment = os.environ | {variable_of("phone"): hook.url()}

        def run(head: int) -> "subprocess.Popen[bytes]":
            words = [sys.executable, "-W", "ignore", "-c", TELLING, str(tmp_path), str(head)]
            return subprocess.Popen(words, env=environment)

        assert run(1).wait(240) == 0
        assert (tmp_path / NOTES).exists()
        with Journal.open(tmp_path / "journal.db") as journal:
            journal.append(EVENTS, 1)
        process = run(4)
        hook.then = lambda: len(hook.got) == killed and process.kill()
        assert process.wait(240) == -signal.SIGKILL
        hook.then = lambda: None
        assert run(4).wait(240) == 0
        kinds = [said["type"] for _, said in hook.got]
    whole = ["failure", "warning", "info"]
    assert kinds == [*whole[:killed], *whole[killed - 1 :]]
