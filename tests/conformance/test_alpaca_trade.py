"""`trade --paper` at Alpaca's paper account: over HTTP to a local server that speaks its API."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from app.trading import Office, office_of
from command_line import Command, command_line
from conformance.alpaca_server import KEY, SECRET
from conformance.stage import AlpacaStage
from desk.world import moment, osi
from lakes import black
from markets import START
from underwriter.book.event import Decided, Filled, Marked, OrderIntended
from underwriter.book.journal import Journal
from underwriter.core.units import day_of

TUESDAY, EXPIRY = day_of(START + 1), 25
PAPER = ("[desk]", 'broker = "alpaca"', 'quotes = "alpaca"')


@pytest.fixture
def office(
    home: Path,
    tmp_path: Path,
    alpaca: AlpacaStage,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Office]:
    underwriter: Command = command_line(capsys)
    made = office_of(home, tmp_path, underwriter, monkeypatch)
    made.clock = alpaca.clock
    made.write("wheel", SYN="KO")
    made.settings(*PAPER)
    for name in ("APCA_API_BASE_URL", "APCA_API_DATA_URL"):
        monkeypatch.setenv(name, alpaca.server.url)
    monkeypatch.setenv("APCA_API_KEY_ID", KEY)
    monkeypatch.setenv("APCA_API_SECRET_KEY", SECRET)
    alpaca.clock.at = moment(alpaca.calendar, 1)
    alpaca.board.touches.clear()
    quoted(alpaca, EXPIRY - 1)
    return made


def quoted(alpaca: AlpacaStage, days: int) -> None:
    """What KO and its options are quoted at from now on, so many days before they expire."""
    alpaca.quote("KO", 59.99, 60.01)
    for strike in range(50, 71):
        for right, word in enumerate(("put", "call")):
            middle = round(black(word, 60.0, float(strike), days / 365), 2)
            if middle >= 0.05:
                key = osi(strike, expiry=EXPIRY, right=right)
                alpaca.quote(key, round(middle - 0.02, 2), round(middle + 0.02, 2))


def test_chains_that_the_gates_drop_whole_say_what_shows_why_and_come_anew(
    office: Office, alpaca: AlpacaStage
) -> None:
    """To collect them elsewhere would not help: Alpaca's own are asked for again."""
    for key in [key for key in alpaca.board.touches if key != "KO"]:
        alpaca.quote(key, 2.00, 1.00)  # crossed, all of them
    done = office.trade(TUESDAY, "15:45")
    assert done.code == 2
    assert "the gates of the lake left no session of KO: underwriter data check KO" in done.err
    assert "data collect" not in done.err
    quoted(alpaca, EXPIRY - 1)
    again = office.trade(TUESDAY, "15:46")
    assert (again.code, "1 session decided" in again.out) == (0, True), again.err


def test_t96_a_session_at_alpaca_is_taken_once_decided_once_and_tells_no_secret(
    office: Office, alpaca: AlpacaStage
) -> None:
    chain = "/v1beta1/options/snapshots/KO"
    done = office.trade(TUESDAY, "15:45")
    assert done.code == 0, done.out + done.err
    taken = alpaca.server.count("GET", chain)
    again = office.trade(TUESDAY, "15:47")
    assert again.code == 0, again.out + again.err
    assert alpaca.server.count("GET", chain) == taken
    with Journal.open(office.desk / "journal.db") as journal:
        events = [event for _, event in journal.read()]
    assert sum(isinstance(one, Decided) for one in events) == 1
    assert any(isinstance(one, Filled) for one in events)
    clients = [one.client for one in events if isinstance(one, OrderIntended)]
    assert [*alpaca.server.model.orders] == clients
    said = done.out + done.err + again.out + again.err
    kept = [one for one in office.home.rglob("*") if one.is_file() and "cache" not in one.parts]
    everything = said.encode() + b"".join(one.read_bytes() for one in kept)
    assert SECRET.encode() not in everything
    assert KEY.encode() not in everything


def test_a_session_that_was_missed_is_settled_by_its_bar_beside_todays_chain(
    office: Office, alpaca: AlpacaStage, tmp_path: Path
) -> None:
    """Nothing is decided before it is settled, and no chain taken but to decide: it goes on."""
    assert office.trade(TUESDAY, "15:45").code == 0
    missed, today = day_of(START + 2), day_of(START + 3)
    alpaca.quote("KO", 0.0, 0.0)
    waiting = office.trade(today, "15:45")
    assert waiting.code == 3
    said = " ".join(waiting.out.split())
    assert f"LOOK settle {missed}: found no chains of {missed} in the lake" in said
    assert "without them its daily bars settle it (underwriter data fetch, data import)" in said
    assert "those of today are not there either: KO: expected a two-sided quote" in said
    quoted(alpaca, EXPIRY - 3)
    waiting = office.trade(today, "15:45")
    said = " ".join(waiting.out.split())
    assert f"LOOK settle {missed}: KO: found no price on 1 sessions" in said
    chain = "/v1beta1/options/snapshots/KO"
    taken = alpaca.server.count("GET", chain)
    path = tmp_path / "KO.csv"
    path.write_text(f"date,close\n{missed},59.5\n", encoding="utf-8")
    assert office.underwriter("data", "import", str(path)).code == 0
    office.trade(today, "15:46")
    assert alpaca.server.count("GET", chain) == taken, "the chain of a session is taken once"
    with Journal.open(office.desk / "journal.db") as journal:
        events = [event for _, event in journal.read()]
    assert [one.session for one in events if isinstance(one, Decided)] == [TUESDAY, today]
    marks = {one.session: one for one in events if isinstance(one, Marked)}
    assert [*marks] == [TUESDAY, missed]
    assert marks[missed].underlyings["KO"].close_u == 59_500_000
    assert (marks[TUESDAY].carried, marks[missed].carried) == ((), ("KO",))


def both(office: Office, alpaca: AlpacaStage) -> None:
    """A policy on KO and on PEP, whose options are worth too little to be sold."""
    office.write("cash_secured_put", SYN='KO", "PEP')
    alpaca.quote("PEP", 99.99, 100.01)
    for strike in (95.0, 97.0, 99.0, 101.0):
        for right in (0, 1):
            alpaca.quote(osi(strike, expiry=EXPIRY, right=right, root="PEP"), 0.06, 0.08)


def days(office: Office, kind: type[Decided | Marked]) -> list[date]:
    """The sessions that were decided, or settled."""
    with Journal.open(office.desk / "journal.db") as journal:
        return [event.session for _, event in journal.read() if isinstance(event, kind)]


def test_t18_a_name_whose_chain_does_not_come_is_left_out_and_holds_up_no_other(
    office: Office, alpaca: AlpacaStage
) -> None:
    both(office, alpaca)
    assert office.trade(TUESDAY, "15:45").code == 0
    alpaca.quote("PEP", 0.0, 0.0)  # halted
    today, next_day = day_of(START + 2), day_of(START + 3)
    quoted(alpaca, EXPIRY - 2)
    done = office.trade(today, "15:45")
    assert (done.code, "LOOK" in done.out) == (0, False), done.out + done.err
    said = " ".join((done.out + done.err).split())
    assert f"{today} is decided without a name of which nothing is held: PEP: expected" in said
    assert days(office, Decided) == [TUESDAY, today]
    seen = office.underwriter("watch", "--once", "--json")
    assert [one["underlying"] for one in seen.json["held"]] == ["KO"]
    morning = office.trade(next_day, "08:00")
    assert (morning.code, "LOOK" in morning.out) == (0, False), morning.out + morning.err
    assert days(office, Marked) == [TUESDAY, today]


def test_t18_a_name_whose_chain_the_gates_drop_whole_holds_up_no_other_either(
    office: Office, alpaca: AlpacaStage
) -> None:
    both(office, alpaca)
    assert office.trade(TUESDAY, "15:45").code == 0
    today = day_of(START + 2)
    quoted(alpaca, EXPIRY - 2)
    for key in [key for key in alpaca.board.touches if key.startswith("PEP ")]:
        alpaca.quote(key, 2.00, 1.00)  # crossed
    done = office.trade(today, "15:45")
    assert done.code == 0, done.out + done.err
    said = " ".join((done.out + done.err).split())
    assert "without a name of which nothing is held: PEP: the gates of the lake left none" in said
    assert days(office, Decided) == [TUESDAY, today]


def test_the_chain_that_a_session_was_decided_on_is_not_taken_again(
    office: Office, alpaca: AlpacaStage
) -> None:
    """Another process knows not who was left out, and asks for that name alone."""
    alarms = "[notify.channels.phone]", 'level = "alarm"'  # who tells looks at today's quotes
    office.settings("[desk]", 'broker = "alpaca"', 'quotes = "alpaca"', *alarms)
    both(office, alpaca)
    assert office.trade(TUESDAY, "15:45").code == 0
    today = day_of(START + 2)
    quoted(alpaca, EXPIRY - 2)
    alpaca.quote("PEP", 0.0, 0.0)
    assert office.trade(today, "15:45").code == 0
    chain = "/v1beta1/options/snapshots/KO"
    before = alpaca.server.count("GET", chain)
    assert office.trade(today, "15:50").code == 0
    assert alpaca.server.count("GET", chain) == before
    assert days(office, Decided) == [TUESDAY, today]


def test_a_new_name_without_any_chain_is_named_and_nothing_is_said_to_be_decided(
    office: Office, alpaca: AlpacaStage
) -> None:
    assert office.trade(TUESDAY, "15:45").code == 0
    quoted(alpaca, EXPIRY - 2)
    office.write("cash_secured_put", SYN='KO", "PEP')
    done = office.trade(day_of(START + 2), "15:45")
    said = " ".join((done.out + done.err).split())
    assert done.code == 2, said
    assert "make no session of KO PEP: PEP: " in said
    assert "take it out of the universe" in said
    assert "is decided without" not in said


def test_t18_a_name_that_is_held_is_waited_for(office: Office, alpaca: AlpacaStage) -> None:
    both(office, alpaca)
    assert office.trade(TUESDAY, "15:45").code == 0
    alpaca.quote("KO", 0.0, 0.0)
    today = day_of(START + 2)
    done = office.trade(today, "15:45")
    assert done.code == 3
    assert "KO: expected a two-sided quote" in " ".join(done.out.split())
    assert days(office, Decided) == [TUESDAY]


def test_a_server_that_is_down_is_attention_and_nothing_is_decided(
    office: Office, alpaca: AlpacaStage
) -> None:
    assert office.trade(TUESDAY, "15:45").code == 0
    alpaca.server.http.shutdown()
    alpaca.server.http.server_close()
    done = office.trade(day_of(START + 2), "15:45")
    assert done.code == 3, done.out + done.err
    assert "LOOK    the broker was silent" in done.out
    assert "Traceback" not in done.out + done.err


def test_a_server_that_is_down_on_the_first_day_is_no_wrong_input(
    office: Office, alpaca: AlpacaStage
) -> None:
    """A service tries again after 1, and not after 2."""
    alpaca.server.http.shutdown()
    alpaca.server.http.server_close()
    done = office.trade(TUESDAY, "15:45")
    assert done.code == 1, done.out + done.err
    (line,) = [each for each in done.err.splitlines() if each.startswith("underwriter: ")]
    assert line.startswith("underwriter: KO: alpaca: not reached: ")
    assert line.endswith("the desk begins once its first chains came")


def test_a_credential_that_is_not_taken_on_the_first_day_is_to_be_mended(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APCA_API_SECRET_KEY", "another-secret-of-the-model")
    done = office.trade(TUESDAY, "15:45")
    assert (done.code, done.err.count("underwriter: ")) == (2, 1)
    assert "does not take the credential in APCA_API_KEY_ID" in done.err
    assert "another-secret" not in done.out + done.err


def test_keys_are_read_from_the_homes_secrets(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("APCA_API_KEY_ID", "APCA_API_SECRET_KEY"):
        monkeypatch.delenv(name)
    missing = office.trade(TUESDAY, "15:45")
    assert (missing.code, missing.err.count("underwriter: ")) == (2, 1)
    assert "APCA_API_KEY_ID" in missing.err
    secrets = office.home / "secrets.env"
    secrets.write_text(f"APCA_API_KEY_ID={KEY}\nAPCA_API_SECRET_KEY={SECRET}\n", encoding="utf-8")
    secrets.chmod(0o600)
    done = office.trade(TUESDAY, "15:45")
    assert done.code == 0, done.out + done.err
    assert "1 session decided" in done.out


# --- an account that holds something before the desk comes ---


def has(alpaca: AlpacaStage, **shares: int) -> None:
    """Let the account hold shares from before."""
    alpaca.server.model.paper.account.held.update(shares)


def test_shares_of_the_settings_are_taken_over_and_calls_are_sold_on_them(
    office: Office, alpaca: AlpacaStage
) -> None:
    has(alpaca, KO=500)
    office.settings(*PAPER, "[holdings]", "KO = 500")
    done = office.trade(TUESDAY, "15:45")
    assert (done.code, "LOOK" in done.out) == (0, False), done.out + done.err
    assert "test on KO: 500 shares" in done.out
    assert "test on KO: -5 KO 2024-02-02 C 62" in done.out


def test_t75_shares_that_nobody_named_hold_entries_back_until_they_are_recorded(
    office: Office, alpaca: AlpacaStage
) -> None:
    has(alpaca, KO=500, AAPL=300)
    told = office.trade(TUESDAY, "15:45")
    assert (told.code, "0 orders" in told.out) == (3, True)
    said = " ".join(told.out.split())
    for name, count in (("AAPL", 300), ("KO", 500)):
        line = f"unknown position {name}: book 0, broker {count}; came from outside: record it"
        assert line in said
    assert "underwriter book record buy" in said
    for name, count, basis in (("KO", "500", "52.10"), ("AAPL", "300", "102.10")):
        words = ("buy", name, count, basis, "--owned-since", "2023-03-01", "--yes")
        at = ("--date", str(TUESDAY), "--journal", str(office.desk))
        done = office.underwriter("book", "record", *words, *at)
        assert done.code == 0, done.err
    after = office.trade(TUESDAY, "15:50")
    assert (after.code, "LOOK" in after.out) == (0, False), after.out + after.err
    assert "by hand on AAPL: 300 shares" in after.out
    assert "by hand on KO: 500 shares" in after.out


def test_no_chain_is_taken_before_the_session_is_decided(
    office: Office, alpaca: AlpacaStage
) -> None:
    chain = "/v1beta1/options/snapshots/KO"
    early = office.trade(TUESDAY, "10:00")
    assert (early.code, early.err.count("underwriter: ")) == (2, 1)
    assert "the first chains of Alpaca are taken when a session is decided" in early.err
    assert alpaca.server.count("GET", chain) == 0
    assert office.trade(TUESDAY, "15:45").code == 0
    taken = alpaca.server.count("GET", chain)
    office.trade(day_of(START + 2), "10:00")
    assert alpaca.server.count("GET", chain) == taken > 0


def test_t96_doctor_looks_at_the_account_and_shows_no_key(office: Office) -> None:
    office.to(TUESDAY, "12:00")
    done = office.underwriter("doctor")
    said = done.out + done.err
    assert "APCA_API_KEY_ID, APCA_API_SECRET_KEY are there" in said
    assert "ACTIVE, options level 3" in said
    assert KEY not in said
    assert SECRET not in said


def test_t33_no_session_is_decided_on_a_chain_of_another_moment(
    office: Office, alpaca: AlpacaStage
) -> None:
    """Of this morning, by a desk of another account that decides then: KO stood at 70."""
    policy = Path(office.policy)
    text = policy.read_text()
    early = text.replace("[entry]", 'decide_at = "10:30"\n[entry]')
    office.settings(
        "[account]", 'name = "other"', "[desk]", 'broker = "alpaca"', 'quotes = "alpaca"'
    )
    policy.write_text(early)
    assert office.trade(TUESDAY, "10:30").code == 0
    chain = "/v1beta1/options/snapshots/KO"
    before = alpaca.server.count("GET", chain)
    office.settings("[desk]", 'broker = "alpaca"', 'quotes = "alpaca"')
    policy.write_text(text)
    late = office.trade(TUESDAY, "15:45")
    assert late.code == 3
    said = " ".join(late.out.split())
    assert f"decide {TUESDAY}: KO: the lake has a chain of {TUESDAY} that was collected at" in said
    assert days(office, Decided) == []
    assert alpaca.server.count("GET", chain) == before
    policy.write_text(early)
    office.settings(
        "[account]", 'name = "other"', "[desk]", 'broker = "alpaca"', 'quotes = "alpaca"'
    )
    again = office.trade(TUESDAY, "15:50")
    assert again.code == 0, "what was decided stands, whoever asks again"
