"""`watch`: what is held, how near, what needs a look; once, and live in a terminal."""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from pathlib import Path

import pytest

from app.desks import COMMAND, MONTH, PAPER, WEEK, broken, folder, journal
from command_line import Command, Told
from underwriter.app.cli import watch


@pytest.fixture
def desk(underwriter: Command, home: Path) -> Path:
    """A desk whose put was gone through by the week's end."""
    assert underwriter(*PAPER, *WEEK).code == 0
    return folder(home)


def once(underwriter: Command, desk: Path, *words: str) -> Told:
    return underwriter("watch", "--once", "--folder", str(desk), *words)


def test_what_is_held_how_near_and_what_needs_a_look(underwriter: Command, desk: Path) -> None:
    done = once(underwriter, desk)
    assert done.code == 3, "the strike is gone through"
    lines = done.out.splitlines()
    assert lines[0] == "Desk of main, replay; on; quotes of 2018-12-07"
    assert lines[3:5] == [
        "Needs attention",
        "  sleeve 0, SPX/10: the underlying has gone through a short strike",
    ]
    assert lines[6].split() == [
        "Sleeve", "Name", "Spot", "Leg", "Days", "Away", "Delta", "Mark", "Captured",
    ]  # fmt: skip
    assert lines[7].split()[:8] == ["0", "SPX/10", "263.31", "-6", "P", "272", "28", "-3.3%"]


def test_its_json_keeps_to_its_schema(underwriter: Command, desk: Path) -> None:
    done = once(underwriter, desk, "--json")
    assert (done.code, done.err) == (3, "")
    found = json.loads(done.out)
    assert broken("watch", found) == []
    assert broken("watch", found | {"held": None})
    assert [(one["sleeve"], leg["strike"]) for one in found["held"] for leg in one["legs"]] == [
        (0, 272.0)
    ]
    [held] = found["held"]
    [leg] = held["legs"]
    assert held["to_close"] == pytest.approx(600 * leg["mark"])
    assert held["captured"] == pytest.approx(1 - held["to_close"] / held["credit"])
    assert leg["away"] == pytest.approx((held["spot"] - leg["strike"]) / held["spot"])
    assert -1.0 < leg["option_delta"] < -0.5, "a put that is gone through"
    assert leg["delta"] == pytest.approx(-600 * leg["option_delta"])


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_how_near_each_strike_is_is_shown_at_every_width(
    underwriter: Command, desk: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    """In deltas, percent and days, with shares held beside; what is left out is said."""
    underwriter(*PAPER, *MONTH)
    held = once(underwriter, desk, "--json").json["held"]
    assert any(one["shares"] for one in held)
    assert any(one["legs"] for one in held)
    monkeypatch.setenv("COLUMNS", str(width))
    page = once(underwriter, desk).out
    words = " ".join(page.split())
    _, _, out = words.partition("left out for want of room: ")
    shown = [word.rstrip(",:") for word in words.split()]
    for one in held:
        for leg in one["legs"]:
            assert f"{leg['option_delta']:+.2f}" in shown
            assert f"{leg['away']:+.1%}" in shown
            assert str(leg["dte"]) in shown
            assert f"{leg['mark']:,.2f}" in shown or "Mark" in out
        assert f"{one['spot']:,.2f}" in shown or "Spot" in out
        if one["shares"]:
            assert f"even {one['breakeven']:,.2f}" in words or "Mark" in out
        if one["captured"] is not None:
            assert f"{one['captured']:.0%}" in shown or "Captured" in out
    assert out == "" or width < 120
    assert max(map(len, page.splitlines())) <= width


@pytest.mark.parametrize("width", [40, 60, 80])
def test_it_keeps_within_the_terminal(
    underwriter: Command, desk: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    underwriter(*PAPER, *MONTH)
    underwriter("desk", "pause", "--folder", str(desk), "a holiday that is long")
    monkeypatch.setenv("COLUMNS", str(width))
    page = once(underwriter, desk).out
    assert max(map(len, page.splitlines())) <= width
    assert "+600 shares" in page
    assert "paused: a holiday" in " ".join(page.split())


def test_what_has_filled_is_no_more_on_its_way(underwriter: Command, desk: Path) -> None:
    """The last session of the run sold a put, and its order is done."""
    underwriter(*PAPER, *MONTH)
    assert once(underwriter, desk, "--json").json["intents"] == []


def test_looking_changes_nothing(underwriter: Command, desk: Path, home: Path) -> None:
    before = journal(home).read_bytes(), (desk / "journal.db.head").read_bytes()
    once(underwriter, desk)
    assert (journal(home).read_bytes(), (desk / "journal.db.head").read_bytes()) == before


def test_t72_the_kill_switch_is_seen(underwriter: Command, desk: Path) -> None:
    (desk / "KILL").touch()
    done = once(underwriter, desk)
    assert done.code == 3
    assert "  the kill switch is set" in done.out.splitlines()
    assert once(underwriter, desk, "--json").json["killed"] is True


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--json",), "found --json without --once"),
        (("--every", "0"), "--every: found 0; expected seconds, from 1 to 3600"),
        (("--once",), "desk/main: found no desk; expected the folder of one"),
    ],
)
def test_bad_input_is_one_line(
    underwriter: Command, home: Path, words: tuple[str, ...], said: str
) -> None:
    done = underwriter("watch", *words)
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert said in done.err
    assert not (home / "desk").exists()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_in_a_terminal_it_leaves_the_screen_as_it_was(desk: Path, sent: signal.Signals) -> None:
    """The alternate screen, no wider or longer than the terminal, and no traceback at its end."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 12, 50, 0, 0))
    environment = {key: value for key, value in os.environ.items() if key != "COLUMNS"}
    words = ("watch", "--folder", str(desk), "--every", "1")
    with subprocess.Popen(
        [*COMMAND, *words], stdin=theirs, stdout=theirs, stderr=theirs, env=environment,
        start_new_session=True,
    ) as process:  # fmt: skip
        os.close(theirs)
        shown = until(ours, b"Needs attention")
        process.send_signal(sent)
        shown += until(ours, b"\x1b[?1049l")
        process.wait(timeout=240)
        os.close(ours)
    assert process.returncode == (0 if sent == signal.SIGINT else 143)
    begun, _, after = shown.decode().partition("\x1b[?1049h")
    screen, _, rest = after.partition("\x1b[?1049l")
    assert begun == ""
    assert rest == ""
    assert "Traceback" not in screen
    page = screen.rpartition("\x1b[H\x1b[J")[2].replace("\x1b[?25h", "").splitlines()
    assert max(map(len, page)) <= 50
    assert len(page) <= 12


def test_a_page_that_is_too_long_says_how_much_is_left_out() -> None:
    page = "\n".join(f"line {at} of a page" for at in range(40))
    cut = watch._cut(page, os.terminal_size((13, 10))).splitlines()
    assert cut[:8] == [f"line {at} of a p" for at in range(8)]
    assert cut[8:] == ["32 lines more"]
    assert watch._cut(page, os.terminal_size((80, 41))) == page


def until(terminal: int, wanted: bytes) -> bytes:
    """What a terminal shows until something stands there."""
    found, end = b"", time.monotonic() + 240
    while wanted not in found:
        ready, _, _ = select.select([terminal], [], [], max(end - time.monotonic(), 0))
        assert ready, found
        found += os.read(terminal, 4096)
    return found
