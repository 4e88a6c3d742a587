"""`doctor` on the broker: credential, account, approval (T66), feed (T32), clock, switches."""

from pathlib import Path

import pytest

from app.patients import housed, mended, said, standings
from desk.test_account import SEEN
from underwriter.app import doctor_broker as street
from underwriter.app.doctor import Patient, Setup
from underwriter.app.settings import Settings
from underwriter.desk.account import AccountSeen, PaperCheck
from underwriter.desk.brokers.paper_account import Cabinet
from underwriter.desk.ports import UnreachableError


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


def test_t91_a_paper_account_that_is_none_is_bad_and_says_where(
    patient: Patient, tmp_path: Path
) -> None:
    path = tmp_path / "paper.db"
    path.write_text("no account" * 100, encoding="utf-8")
    check = PaperCheck(lambda: Cabinet(path).read())
    found = said(street.broker(patient._replace(broker=Setup(look=lambda: check))))
    assert [standing for standing, _ in found] == ["bad"]
    assert f"{path}: expected a paper account, found" in found[0][1]
    (mend,) = (
        one.mend for one in street.broker(patient._replace(broker=Setup(look=lambda: check)))
    )
    assert mend.startswith(f"mv {patient.desk / 'paper.db'} {patient.desk / 'paper.db'}.broken: ")


@pytest.mark.parametrize(
    ("seconds", "standing"), [(1, "ok"), (2, "ok"), (3, "warn"), (-10, "warn"), (3_600, "bad")]
)
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
    assert [standing for standing, _ in found] == ["warn"] * 4
    assert "with --live, money moves at alpaca" in found[0][1]


GUARDED = ("daily_loss", "drawdown", "widest", "band")


@pytest.mark.parametrize("guard", [None, *GUARDED])
@pytest.mark.parametrize("approve", ["never", "entries", "always"])
def test_money_that_nothing_holds_back_is_warned_of(
    patient: Patient, guard: str | None, approve: str
) -> None:
    """One guard is enough, and a yes that is waited for; without money there is nothing to say."""
    told = {"approve": approve} | ({} if guard is None else {guard: 0.03})
    set_so = housed(patient, settings=Settings.model_validate({"desk": told}))
    assert standings(street.switches(set_so)) == ["ok"]
    live = set_so._replace(broker=Setup("alpaca", KEYS, live=True))
    _, *warned = mended(street.switches(live))
    unguarded, unasked = guard is None, approve == "never"
    assert [one.standing for one in warned] == ["warn"] * (unguarded + unasked)
    if unguarded:
        assert all(name in warned[0].found for name in GUARDED)
        assert "daily_loss = " in warned[0].mend
    if unasked:
        assert 'approve = "never"' in warned[-1].found
        assert 'approve = "entries"' in warned[-1].mend
