"""Notifications that really post: to a webhook of this machine, which at times does not answer."""

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from app.webhook import Webhook, webhook
from command_line import Command
from desk.test_cycle import MOMENT, World, history
from desk.test_tidings import QUIET
from underwriter.app import notify
from underwriter.app.log import FILE, FOLDER, open_log
from underwriter.app.notify import Notifier, lines_of, variable_of
from underwriter.app.secrets import Scrub, scrub_of
from underwriter.app.settings import House, Notify, NotifyChannel, Settings
from underwriter.book.journal import Journal
from underwriter.desk.ledger import Ledger
from underwriter.desk.telling import Message
from underwriter.desk.tidings import Tiding


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as listening:
        yield listening


def house(home: Path, *, timeout: float = 60.0, **channels: str) -> House:
    """A home with channels at their levels."""
    made = {name: NotifyChannel(level=level) for name, level in channels.items()}  # type: ignore[arg-type]
    return House(home, Settings(notify=Notify(channels=made, timeout=timeout)), None)


class Night:
    """A desk that has decided its first session, and a notifier beside it."""

    def __init__(self, folder: Path, house: House) -> None:
        self.world, self.house, self.folder = World(folder, history()), house, folder
        self.now = 0

    def notifier(self) -> Notifier:
        """A notifier of another process."""
        log = open_log(self.house.home, scrub_of(self.house.home))
        return Notifier(self.house, self.folder, "main", log, lambda: self.now)

    def cycle(self, day: int, minute: int = MOMENT) -> list[Any]:
        """A cycle with a notifier around it, as the outer loop has it."""
        notifier = self.notifier()
        with Journal.open(self.folder / "journal.db") as journal:
            notifier.begin(journal.head.sequence)
        (report,) = self.world.through([day], [minute])
        with Journal.open(self.folder / "journal.db") as journal:
            return notifier.tell(journal.read, Ledger(journal, "main").book, report)

    def logged(self) -> list[dict[str, Any]]:
        """What the log has."""
        text = (self.house.home / FOLDER / FILE).read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def at(home: Path, hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> House:
    """A home with one channel, whose URL the environment has."""
    monkeypatch.setenv(variable_of("phone"), hook.url("secret-path-1"))
    return house(home, phone="fact")


def test_a_cycles_fills_are_posted_in_one_message(at: House, hook: Webhook, tmp_path: Path) -> None:
    night = Night(tmp_path, at)
    night.cycle(0)
    ((path, said),) = hook.got
    assert path == "/secret-path-1"
    assert said["title"].startswith("Underwriter main: ")
    assert "Sold " in f"{said['title']}{said['message']}"
    assert " P 97 at 1.05: +" in f"{said['title']}{said['message']}"
    assert said["type"] == "info"
    assert night.cycle(0, MOMENT + 1) == []
    assert len(hook.got) == 1


def test_t96_a_message_that_fails_is_logged_without_its_url_and_told_next_time(
    at: House, hook: Webhook, tmp_path: Path
) -> None:
    hook.statuses = [503]
    night = Night(tmp_path, at)
    (one,) = night.cycle(0)
    assert "503" in one.why
    (line,) = [each for each in night.logged() if each["event"].startswith("not told")]
    assert (line["channel"], line["level"], "503" in line["why"]) == ("phone", "warning", True)
    (again,) = night.cycle(0, MOMENT + 1)
    assert (again.why, len(hook.got)) == ("", 1)
    everything = "".join(each.read_text() for each in (at.home / FOLDER).iterdir())
    everything += (tmp_path / "told.json").read_text()
    assert "hush" not in everything
    assert "secret-path-1" not in everything


def test_a_webhook_that_never_answers_stops_no_cycle(
    home: Path, hook: Webhook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable_of("phone"), hook.url())
    hook.holding = True
    night = Night(tmp_path, house(home, timeout=1.0, phone="fact"))
    (one,) = night.cycle(0)
    assert one.why
    assert "hush" not in one.why
    hook.over.set()


def test_nobody_listening_is_said_and_tried_again(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable_of("phone"), "json://user:hush-hush@127.0.0.1:9/x")
    night = Night(tmp_path, house(home, phone="fact"))
    assert [one.why != "" for one in night.cycle(0)] == [True]
    assert [one.why != "" for one in night.cycle(0, MOMENT + 1)] == [True]


@pytest.mark.parametrize("url", [None, "no-url-at-all", "nosuch://token-of-nothing"])
def test_a_channel_without_a_usable_url_fails_and_the_others_are_told(
    home: Path, hook: Webhook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str | None
) -> None:
    monkeypatch.setenv(variable_of("phone"), hook.url())
    if url is not None:
        monkeypatch.setenv(variable_of("mail"), url)
    night = Night(tmp_path, house(home, mail="fact", phone="fact"))
    found = {one.channel: one.why for one in night.cycle(0)}
    assert found["phone"] == ""
    assert "UNDERWRITER_NOTIFY_MAIL" in found["mail"] or "***" in found["mail"]
    assert "token-of-nothing" not in found["mail"]
    assert len(hook.got) == 1


def test_a_url_of_the_secrets_file_serves_and_one_that_others_may_read_does_not(
    home: Path, hook: Webhook, tmp_path: Path
) -> None:
    path = home / "secrets.env"
    path.write_text(f"UNDERWRITER_NOTIFY_PHONE={hook.url()}\n", encoding="utf-8")
    path.chmod(0o600)
    assert [one.why for one in Night(tmp_path, house(home, phone="fact")).cycle(0)] == [""]
    path.chmod(0o644)
    (line,) = lines_of(house(home, phone="fact"))
    assert "chmod 600" in line.why
    assert line.post is None


def test_t96_a_secret_that_the_broker_repeats_is_hidden_from_message_and_notes(
    at: House, hook: Webhook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APCA_API_SECRET_KEY", "planted-secret-7")
    notifier = Night(tmp_path, at).notifier()
    notifier.begin(0)
    with Journal.open(tmp_path / "journal.db") as journal:
        book = Ledger(journal, "main").book
        hook.statuses = [500]
        for report in (QUIET._replace(blind="401 for planted-secret-7"), QUIET):
            notifier.tell(journal.read, book, report)
    ((_, said),) = hook.got
    assert "401 for ***" in said["message"]
    assert "planted" not in (tmp_path / "told.json").read_text()


def test_rows_of_attention_stand_beside_the_report(
    at: House, hook: Webhook, tmp_path: Path
) -> None:
    notifier = Night(tmp_path, at).notifier()
    notifier.begin(0)
    row = Tiding("warning", "tested 0 KO", "Tested: 1 short KO")
    with Journal.open(tmp_path / "journal.db") as journal:
        for _ in range(2):
            notifier.tell(journal.read, Ledger(journal, "main").book, QUIET, [row])
    assert [(said["title"], said["type"]) for _, said in hook.got] == [
        ("Underwriter main: Tested: 1 short KO", "warning")
    ]


def test_without_channels_apprise_is_not_imported_and_nothing_is_kept(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert Night(tmp_path, house(home)).cycle(0) == []
    assert not (tmp_path / "told.json").exists()


def test_without_the_package_the_cycle_runs_and_the_log_says_what_to_install(
    at: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    night = Night(tmp_path, at)
    assert night.cycle(0) == []
    assert "pip install 'underwriter[notify]'" in night.logged()[-1]["why"]


def test_where_notes_cannot_be_kept_the_cycle_runs_and_the_log_says_so(
    at: House, tmp_path: Path
) -> None:
    (tmp_path / ".told.json.new").mkdir()
    night = Night(tmp_path, at)
    assert night.cycle(0) == []
    assert night.logged()[-1]["event"] == "notifications cannot begin"


def test_a_webhook_that_trickles_for_ever_is_left_to_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    over = Event()

    class Trickling:
        """A service whose every byte comes in time."""

        def notify(self, **_: object) -> bool:
            return over.wait(60)

    monkeypatch.setattr(notify, "GRACE", 0.01)
    said = notify.Apprise(Trickling(), Scrub([]), 0.01).send(Message("fact", "title", "body"))
    over.set()
    assert said == "no answer in 0.01 seconds"


def test_what_a_service_raises_is_said_by_its_name_alone() -> None:
    class Raising:
        """A service with a bug."""

        def notify(self, **_: object) -> bool:
            raise KeyError("hush-hush")

    said = notify.Apprise(Raising(), Scrub([]), 5.0).send(Message("fact", "title", "body"))
    assert said == "KeyError"


SETTINGS = "[notify.channels.phone]\nlevel = 'alarm'\n[notify.channels.mail]\n"


def test_notify_test_sends_one_to_each_and_says_which_failed(
    underwriter: Command, home: Path, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "underwriter.toml").write_text(SETTINGS, encoding="utf-8")
    monkeypatch.setenv(variable_of("phone"), hook.url("one"))
    monkeypatch.setenv(variable_of("mail"), hook.url("two"))
    told = underwriter("notify", "test")
    assert (told.code, told.out) == (0, "phone: sent\nmail: sent\n")
    assert [path for path, _ in hook.got] == ["/one", "/two"]
    hook.statuses = [200, 404]
    told = underwriter("notify", "test", "--json")
    assert told.code == 3
    assert told.json["failed"] == 1
    phone, mail = told.json["channels"]
    assert phone == {"channel": "phone", "kind": "json://***", "sent": True, "why": None}
    assert (mail["sent"], "404" in mail["why"]) == (False, True)
    assert "hush" not in told.out + told.err


def test_notify_test_without_channels_or_the_package_is_refused(
    underwriter: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = underwriter("notify", "test")
    assert told.code == 2
    assert "found no channel in [notify]" in told.err
    (home / "underwriter.toml").write_text(SETTINGS, encoding="utf-8")
    monkeypatch.setenv(variable_of("phone"), "json://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, "apprise", None)
    told = underwriter("notify", "test")
    assert (told.code, told.err.count("\n")) == (2, 1)
    assert "underwriter[notify]" in told.err


def test_t96_apprises_own_words_reach_no_log_of_the_process(
    at: House, hook: Webhook, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    hook.statuses = [500]
    root = logging.StreamHandler()
    logging.getLogger().addHandler(root)
    try:
        (one,) = Night(tmp_path, at).cycle(0)
    finally:
        logging.getLogger().removeHandler(root)
    assert "500" in one.why
    assert "JSON" not in "".join(capfd.readouterr())
