"""`doctor`: what may be missing, stale, unreachable or unsafe is found, each with its mend."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.patients import housed, mended, said, standings
from command_line import Command
from underwriter.app import doctor_house as own
from underwriter.app.desk_folder import folder_at
from underwriter.app.doctor import Finding, Patient, Ticks, examined, text_of
from underwriter.app.doctor_all import CHECKS
from underwriter.app.secrets import Scrub
from underwriter.app.settings import Notify, NotifyChannel, Settings
from underwriter.core import kernel
from underwriter.desk.brokers.paper_account import Account, Cabinet


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
    found = mended(own.permissions(patient))
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
    Cabinet(folder_at(desk, None).paper).keep(Account(number="paper", cash_u=5_000_000_000))
    told = underwriter("doctor", "wheel-index", "--json")
    (broker,) = [one for one in told.json["findings"] if one["name"] == "broker"]
    assert broker["found"] == "paper paper (practice): active, 5,000.00 buying power"
    for path in desk.iterdir():
        path.unlink()
    folder_at(desk, None).paper.write_text("{" * 200, encoding="utf-8")
    told = underwriter("doctor", "wheel-index", "--json")
    (broker,) = [one for one in told.json["findings"] if one["name"] == "broker"]
    assert broker["standing"] == "bad"
    assert "expected a paper account" in broker["found"]
    assert json.loads(told.out)["bad"] == 1
