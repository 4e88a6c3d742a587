"""`doctor`: what may be missing, stale, unreachable or unsafe is found, each with its mend."""

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from command_line import Command
from desk.test_account import SEEN
from postgres import Server
from underwriter.app import doctor_books as books
from underwriter.app import doctor_broker as street
from underwriter.app import doctor_house as own
from underwriter.app.doctor import Finding, Patient, Setup, Ticks, examined, text_of
from underwriter.app.doctor_all import CHECKS, examine
from underwriter.app.secrets import Scrub
from underwriter.app.settings import House, Notify, NotifyChannel, Settings
from underwriter.book.event import Deposited
from underwriter.book.journal import Journal
from underwriter.core import kernel
from underwriter.desk.account import AccountSeen
from underwriter.desk.brokers.paper_account import Account, keep
from underwriter.desk.ports import UnreachableError

NOON = int(datetime(2026, 7, 15, 16, tzinfo=UTC).timestamp()) * 10**9


@pytest.fixture
def patient(home: Path) -> Patient:
    """A new home on the defaults, in its own empty folder, on a day to come."""
    house = House(home, Settings(), None)
    now = max(NOON, Path(own.__file__).stat().st_mtime_ns, home.stat().st_mtime_ns) + 10**9
    return Patient(house, "", Path.cwd(), (), None, Setup(), {}, lambda: now)


def said(findings: Iterator[Finding]) -> list[tuple[str, str]]:
    """Standings and what was found."""
    return [(one.standing, one.found) for one in _mended(findings)]


def standings(findings: Iterator[Finding]) -> list[str]:
    return [one.standing for one in _mended(findings)]


def _mended(findings: Iterator[Finding]) -> list[Finding]:
    """Findings, of which whatever is not ok must say how to mend it, and what is ok nothing."""
    found = list(findings)
    assert all(bool(one.mend) == (one.standing != "ok") for one in found), found
    return found


def housed(patient: Patient, **fields: Any) -> Patient:  # noqa: ANN401
    return patient._replace(house=patient.house._replace(**fields))


def test_settings_that_are_not_there_are_named_and_those_that_are_too(patient: Patient) -> None:
    assert standings(own.settings(patient)) == ["warn"]
    file = patient.house.home / "underwriter.toml"
    file.write_text("[account]\nstarting_cash = 5000\n", encoding="utf-8")
    assert said(own.settings(housed(patient, file=file))) == [("ok", str(file))]
    refused = patient._replace(refused="line 2: found unknown key cash")
    assert said(own.settings(refused)) == [("bad", "line 2: found unknown key cash")]


def test_t96_a_secret_in_the_settings_is_found_and_not_shown(patient: Patient) -> None:
    file = patient.house.home / "underwriter.toml"
    file.write_text('# api_key = "hush-hush"\n', encoding="utf-8")
    (_, secret) = said(own.settings(housed(patient, file=file)))
    assert secret[0] == "bad"
    assert "hush" not in secret[1]


def test_policies_beside_the_settings_are_read_and_other_files_are_not(patient: Patient) -> None:
    assert standings(own.policies(patient)) == ["warn"]
    for name, text in {"underwriter": "", "grid": "rungs = [1]", "odd": "= broken"}.items():
        (patient.here / f"{name}.toml").write_text(text, encoding="utf-8")
    assert standings(own.policies(patient)) == ["warn"]
    given = patient._replace(given=("wheel-index", "wheel-shares"))
    assert said(own.policies(given)) == [
        ("ok", "wheel-index: wheel on SPX/10"),
        ("ok", "wheel-shares: wheel on SPY, KO, AAPL"),
    ]
    (patient.here / "mine.toml").write_text('strategy = "whel"\n', encoding="utf-8")
    ((standing, found),) = said(own.policies(patient))
    assert (standing, "line 1" in found) == ("bad", True)


def test_a_home_that_cannot_be_written(patient: Patient) -> None:
    assert standings(own.home(patient)) == ["ok"]
    assert standings(own.home(housed(patient, home=Path("/proc/nothing")))) == ["bad"]


@pytest.mark.parametrize(("free", "standing"), [(10**12, "ok"), (10**9, "warn"), (10**8, "bad")])
def test_room_on_the_disk(
    patient: Patient, monkeypatch: pytest.MonkeyPatch, free: int, standing: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert standings(own.disk(patient)) == [standing]


def test_permissions_of_home_secrets_and_logs(patient: Patient) -> None:
    home = patient.house.home
    assert standings(own.permissions(patient)) == ["ok"]
    secrets, notes = home / "secrets.env", patient.desk / "told.json"
    notes.parent.mkdir(parents=True)
    for path, mode in {secrets: 0o644, notes: 0o640}.items():
        path.write_text("", encoding="utf-8")
        path.chmod(mode)
    home.chmod(0o777)
    found = _mended(own.permissions(patient))
    assert [(one.standing, one.mend) for one in found] == [
        ("bad", f"chmod go-w {home}"),
        ("bad", f"chmod 600 {secrets}"),
        ("warn", f"chmod go= {notes}"),
    ]
    home.chmod(0o755)
    secrets.chmod(0o600)
    notes.chmod(0o600)
    assert standings(own.permissions(patient)) == ["ok"]


def test_a_clock_before_what_was_written_already_is_wrong(patient: Patient) -> None:
    assert standings(own.clock(patient)) == ["ok"]
    assert standings(own.clock(patient._replace(clock=lambda: 10**18))) == ["bad"]  # 2001


def test_a_clock_that_is_set_meanwhile_is_told() -> None:
    second = 10**9
    assert list(own.steadiness(Ticks(0, 0), Ticks(5 * second, 5 * second))) == []
    ((standing, found),) = said(own.steadiness(Ticks(0, 0), Ticks(65 * second, 5 * second)))
    assert (standing, "+60.0 seconds" in found) == ("warn", True)


def test_the_time_zone_is_known_with_its_daylight_saving(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert standings(own.zone(patient)) == ["ok"]
    monkeypatch.setattr(own, "_ZONE", "America/Nowhere")
    assert standings(own.zone(patient)) == ["bad"]
    monkeypatch.setattr(own, "_ZONE", "America/Phoenix")  # has none
    assert standings(own.zone(patient)) == ["bad"]


def test_the_calendar_reaches_over_the_next_year(patient: Patient) -> None:
    at = int(datetime(2026, 7, 3, 16, tzinfo=UTC).timestamp()) * 10**9  # a holiday
    ((standing, found),) = said(own.calendar(patient._replace(clock=lambda: at)))
    assert (standing, "next session 2026-07-06" in found) == ("ok", True)
    late = int(datetime(2035, 2, 1, tzinfo=UTC).timestamp()) * 10**9
    assert standings(own.calendar(patient._replace(clock=lambda: late))) == ["bad"]


def test_kernels_are_compiled_or_will_be(
    patient: Patient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "kernels" / "now"
    monkeypatch.setattr(own, "cache_folder", lambda: folder)
    monkeypatch.setattr(kernel, "cache_folder", lambda: folder)
    monkeypatch.setattr(own, "JIT", True)
    monkeypatch.setattr(kernel, "JIT", True)
    assert standings(own.kernels(patient)) == ["warn"]
    for place in (folder, folder.parent / "before"):
        place.mkdir(parents=True)
        (place / "one.nbi").touch()
        (place / "one.1.nbc").write_bytes(b"x" * 2_000)
    (ok, old) = said(own.kernels(patient))
    assert (ok[0], old) == ("ok", ("warn", "1 folders of other versions, 2 kB"))
    monkeypatch.setattr(own, "JIT", False)
    assert standings(own.kernels(patient)) == ["warn"]


def told(patient: Patient, **channels: str) -> Patient:
    made = {name: NotifyChannel(level=level) for name, level in channels.items()}  # type: ignore[arg-type]
    return housed(patient, settings=Settings(notify=Notify(channels=made)))


def test_channels_have_urls_that_apprise_knows(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert standings(own.notifications(patient)) == ["warn"]
    monkeypatch.setenv("UNDERWRITER_NOTIFY_PHONE", "json://user:hush-hush@localhost/x")
    found = said(own.notifications(told(patient, phone="fact", mail="alarm")))
    assert [standing for standing, _ in found] == ["ok", "bad"]
    assert "UNDERWRITER_NOTIFY_MAIL" in found[1][1]
    assert "hush" not in str(found)


KO = (
    'name = "mine"\nstrategy = "cash_secured_put"\nuniverse = ["SYN"]\n'
    "[entry]\ndelta = 0.25\ndte = [20, 45]\n[size]\nrisk_per_position = 0.05\n"
    "stress = [{ spot = -0.2, vol = 1.5 }]\n"
)


def on(patient: Patient, moment: datetime) -> Patient:
    return patient._replace(clock=lambda: int(moment.timestamp()) * 10**9)


@pytest.mark.parametrize(
    ("moment", "standing"),
    [
        (datetime(2024, 4, 12, 21, tzinfo=UTC), "ok"),  # the last quotes are of this Friday
        (datetime(2024, 4, 15, 19, tzinfo=UTC), "ok"),  # Monday is still open
        (datetime(2024, 4, 15, 21, tzinfo=UTC), "ok"),  # one session behind
        (datetime(2024, 4, 16, 21, tzinfo=UTC), "warn"),
    ],
)
def test_quotes_are_held_to_the_last_session_that_is_over(
    patient: Patient, lake: Path, moment: datetime, standing: str
) -> None:
    assert lake == patient.house.home
    (patient.here / "mine.toml").write_text(KO, encoding="utf-8")
    ((found, words),) = said(books.lake(on(patient, moment)))
    assert (found, words.split(",")[0]) == (standing, "SYN: to 2024-04-12")


def test_quotes_that_are_missing_and_those_that_come_along(patient: Patient) -> None:
    given = patient._replace(given=("wheel-index",))
    assert standings(books.lake(given)) == ["ok"]
    given = patient._replace(given=("wheel-shares",))
    assert standings(books.lake(given)) == ["bad"] * 3
    (patient.here / "mine.toml").write_text(
        KO + "[regime]\nbands = [20]\nsize = [1.0, 0.5]\n", encoding="utf-8"
    )
    (quotes, measure) = said(books.lake(patient))
    assert quotes == ("bad", "SYN: no quotes")
    assert measure[1].startswith("VIX: not there")


@contextmanager
def written(path: Path) -> Iterator[Journal]:
    """A journal of one deposit, open."""
    path.parent.mkdir(parents=True, exist_ok=True)
    deposit = Deposited(
        at=1, session=datetime(2026, 1, 5, tzinfo=UTC).date(), account="main", amount_u=1
    )
    with Journal.create(path) as journal:
        journal.append([deposit], 1)
        yield journal


def test_a_journal_is_verified_and_folds(patient: Patient) -> None:
    assert said(books.journal(patient)) == [("ok", "no desk has run yet, so there is none")]
    path = patient.desk / "journal.db"
    with written(path):
        pass
    found = said(books.journal(patient))
    assert found == [
        ("ok", f"{path}: 1 events, as written"),
        ("ok", "1 events fold, from its first event on"),
    ]
    missing = patient._replace(journal=patient.here / "none.db")
    assert standings(books.journal(missing)) == ["bad"]


def test_t82_a_journal_that_was_changed_is_bad(patient: Patient) -> None:
    path = patient.desk / "journal.db"
    with written(path):
        pass
    path.write_bytes(path.read_bytes().replace(b"deposited", b"depositeD"))
    found = _findings(books.journal, patient)
    assert "bad" in [one.standing for one in found]


def _findings(check: Callable[[Patient], Iterator[Finding]], patient: Patient) -> list[Finding]:
    return list(examined(patient, [("journal", check)], Scrub([])).findings)


def test_t05_who_writes_to_a_journal_is_told_and_a_lock_that_was_left_too(patient: Patient) -> None:
    path = patient.desk / "journal.db"
    with written(path):
        found = said(books.journal(patient))
        assert found[0] == ("ok", f"process {os.getpid()} is writing to it")
    lock = path.with_name("journal.db.lock")
    lock.write_text("4194000\n", encoding="utf-8")
    found = said(books.journal(patient))
    assert found[0][0] == "ok"
    assert "process 4194000 ended without closing it" in found[0][1]
    with lock.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # nobody was left holding it


def test_a_journal_of_a_database_is_reached_or_is_not(patient: Patient, server: Server) -> None:
    place = server.url()
    with Journal.create(place) as journal:
        journal.append(
            [Deposited(at=1, session=datetime(2026, 1, 5, tzinfo=UTC).date(), account="main",
                       amount_u=1)],
            1,
        )  # fmt: skip
    found = said(books.journal(patient._replace(journal=place)))
    assert found[0] == ("ok", f"{place}: reached")
    assert [standing for standing, _ in found] == ["ok", "ok", "ok"]


def test_t96_a_database_that_does_not_answer_is_bad_without_its_password(patient: Patient) -> None:
    home = str(patient.house.home)
    url = "postgresql://clerk:hush-hush@127.0.0.1:9/ledger?connect_timeout=2"
    found = examine(patient.house, "", (), url, {}, patient.clock)
    (one,) = [each for each in found.findings if each.name == "journal"]
    assert (one.standing, "hush" in str(found)) == ("bad", False)
    assert found.home == home


class Look:
    """An account check that answers, or raises."""

    def __init__(self, answer: AccountSeen | Exception) -> None:
        self.answer = answer

    def account(self) -> AccountSeen:
        """The answer."""
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


KEYS = ("APCA_API_KEY_ID", "APCA_API_SECRET_KEY")
ENVIRON = dict.fromkeys(KEYS, "hush-hush")


def at_alpaca(patient: Patient, answer: AccountSeen | Exception, **environ: str) -> Patient:
    setup = Setup("alpaca", KEYS, live=False, look=lambda: Look(answer))
    return patient._replace(broker=setup, environ=environ or ENVIRON, given=("put-spread-index",))


def test_credentials_are_named_and_never_shown(patient: Patient) -> None:
    found = said(street.broker(at_alpaca(patient, SEEN, APCA_API_KEY_ID="hush-hush")))
    assert found == [("bad", "found no APCA_API_SECRET_KEY")]
    found = said(street.broker(at_alpaca(patient, SEEN._replace(now=patient.now))))
    assert found[0] == ("ok", "APCA_API_KEY_ID, APCA_API_SECRET_KEY are there")
    assert "hush" not in str(found)
    assert found[1][1] == "alpaca ***1234 (money): ACTIVE, options level 3, 20,000.00 buying power"
    assert [standing for standing, _ in found] == ["ok", "ok", "ok"]


def test_t66_t32_what_of_the_account_stands_in_the_way_is_bad(patient: Patient) -> None:
    poor = SEEN._replace(level=1, buying_power_u=0, feed="delayed", now=patient.now)
    found = said(street.broker(at_alpaca(patient, poor)))
    assert [standing for standing, _ in found] == ["ok", "ok", "bad", "bad", "bad", "ok"]
    assert "put-spread-index: put_spread needs options level 3, found 1" in found[2][1]


def test_t91_a_broker_that_cannot_be_asked_is_bad_and_says_why(patient: Patient) -> None:
    found = said(street.broker(at_alpaca(patient, UnreachableError("401: the token has expired"))))
    assert found[-1] == ("bad", "alpaca cannot be asked: 401: the token has expired")


@pytest.mark.parametrize(("seconds", "standing"), [(1, "ok"), (-10, "warn"), (3_600, "bad")])
def test_this_clock_is_held_to_the_brokers(patient: Patient, seconds: int, standing: str) -> None:
    seen = SEEN._replace(now=patient.now - seconds * 10**9)
    last = said(street.broker(at_alpaca(patient, seen)))[-1]
    assert last == (standing, f"{seconds:+.1f} seconds off the broker's")


def test_a_secrets_file_that_others_may_read_has_no_credential(patient: Patient) -> None:
    path = patient.house.home / "secrets.env"
    path.write_text("".join(f"{name}=hush-hush\n" for name in KEYS), encoding="utf-8")
    path.chmod(0o600)
    seen = SEEN._replace(now=patient.now)
    asked = at_alpaca(patient, seen, OTHER="x")
    assert standings(street.broker(asked)) == ["ok", "ok", "ok"]
    path.chmod(0o644)
    assert said(street.broker(asked)) == [("bad", f"found no {KEYS[0]} and no {KEYS[1]}")]


def test_the_two_switches_and_the_kill_switch_are_told(patient: Patient) -> None:
    assert standings(street.switches(patient)) == ["ok"]
    live = patient._replace(broker=Setup("alpaca", KEYS, live=True))
    patient.desk.mkdir(parents=True)
    (patient.desk / "KILL").touch()
    found = said(street.switches(live))
    assert [standing for standing, _ in found] == ["warn", "warn"]
    assert "with --live, money moves at alpaca" in found[0][1]


def test_a_check_that_fails_is_a_finding_and_stops_no_other(patient: Patient) -> None:
    def broken(_: Patient) -> Iterator[Finding]:
        raise ValueError("token=hush-hush\nbroke")

    found = examined(patient, [("one", broken), ("zone", own.zone)], Scrub([]))
    assert [(one.name, one.standing) for one in found.findings] == [
        ("one", "bad"),
        ("time zone", "ok"),
    ]
    assert found.findings[0].found == "this check failed: ValueError: token=*** broke"
    assert (found.bad, found.warnings) == (1, 0)
    assert "1 bad, 0 warnings" in text_of(found)


def test_the_command_tells_all_of_it_and_its_exit_code(underwriter: Command, home: Path) -> None:
    good = underwriter("doctor", "wheel-index", "--json")
    assert good.code == 0
    names = {one["name"] for one in good.json["findings"]}
    assert names >= {name for name, _ in CHECKS}
    assert good.json["bad"] == 0
    poor = underwriter("doctor", "wheel-shares")
    assert poor.code == 3
    assert "bad   lake            SPY: no quotes\n" in poor.out
    assert "mend: underwriter data collect SPY" in poor.out
    assert sorted(each.name for each in home.iterdir()) == ["cache"]


def test_settings_that_cannot_be_read_are_a_finding_and_the_rest_is_looked_at(
    underwriter: Command, home: Path
) -> None:
    (home / "underwriter.toml").write_text("[acount]\n", encoding="utf-8")
    told = underwriter("doctor", "wheel-index", "--json")
    assert told.code == 3
    (bad,) = [one for one in told.json["findings"] if one["standing"] == "bad"]
    assert bad["name"] == "settings"
    assert "underwriter.toml, line 1: found unknown key acount" in bad["found"]


def test_a_paper_account_is_looked_at_without_a_network(underwriter: Command, home: Path) -> None:
    desk = home / "desk" / "main"
    desk.mkdir(parents=True)
    keep(desk / "paper.json", Account(number="paper", cash_u=5_000_000_000))
    told = underwriter("doctor", "wheel-index", "--json")
    (broker,) = [one for one in told.json["findings"] if one["name"] == "broker"]
    assert broker["found"] == "paper paper (practice): active, 5,000.00 buying power"
    (desk / "paper.json").write_text("{", encoding="utf-8")
    told = underwriter("doctor", "wheel-index", "--json")
    (broker,) = [one for one in told.json["findings"] if one["name"] == "broker"]
    assert broker["standing"] == "bad"
    assert "expected a paper account" in broker["found"]
    assert json.loads(told.out)["bad"] == 1
