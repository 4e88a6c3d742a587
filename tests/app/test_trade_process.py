"""`trade` and `desk` as processes: signals, another process, terminals and pipes (T82)."""

import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.shifted import awaited, begun
from app.trading import DAYS, Office
from underwriter.book.event import AnyEvent, Decided, Filled, OrderIntended, OrderTold, Switched
from underwriter.book.journal import events
from underwriter.book.verify import verify
from underwriter.desk.clocks import SECOND

TYPED = 240.0  # seconds for a command to end, on a busy machine


@pytest.fixture
def office(office: Office) -> Office:
    office.to(DAYS[1], "15:45")
    return office


def told(office: Office) -> list[AnyEvent]:
    return [event for _, event in events(office.desk / "journal.db")]


def fills(office: Office) -> list[tuple[int, int]]:
    return [(one.quantity, one.price_u) for one in told(office) if isinstance(one, Filled)]


@contextmanager
def at_work(office: Office) -> Iterator["subprocess.Popen[str]"]:
    """A desk that runs until it is ended, with an order at the broker."""
    with begun(office.clock.at, "trade", office.policy, "--paper") as process:
        awaited(process, office.desk / "journal.db", OrderTold, state="acknowledged")
        yield process


@pytest.mark.parametrize(
    ("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_t82_a_desk_that_is_ended_cancels_its_orders_and_goes_on_when_it_starts_again(
    office: Office, sent: signal.Signals, code: int
) -> None:
    with at_work(office) as process:
        process.send_signal(sent)
        out, err = process.communicate(timeout=TYPED)
    assert process.returncode == code, out + err
    assert "Traceback" not in out + err
    assert verify(office.desk / "journal.db").ok
    ended = [one.state for one in told(office) if isinstance(one, OrderTold)]
    assert ended[-1] == "cancelled"
    assert fills(office) == []
    done = office.trade(DAYS[1], "15:47")
    assert done.code == 0, done.out + done.err
    assert sum(isinstance(one, Decided) for one in told(office)) == 1
    assert [quantity for quantity, _ in fills(office)] == [-32]
    clients = [one.client for one in told(office) if isinstance(one, OrderIntended)]
    assert len({*clients}) == len(clients) > 1


def test_another_process_pauses_a_desk_whose_order_works(office: Office) -> None:
    with at_work(office) as process:
        done = office.underwriter("desk", "pause", "--json")
        assert (done.code, done.json["done"], done.json["running"]) == (0, True, True), done.err
        assert process.poll() is None, "the desk goes on"
        assert [one.to for one in told(office) if isinstance(one, Switched)] == ["paused"]
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=TYPED)
    assert process.returncode == 143


def test_t72_the_file_kill_ends_an_order_that_works_without_waiting_for_its_rung(
    office: Office,
) -> None:
    """A rung of an hour would else leave the order at the broker until the last moment."""
    office.settings("[desk]", "every = 3600")
    with at_work(office) as process:
        (office.desk / "KILL").touch()
        awaited(process, office.desk / "journal.db", OrderTold, state="cancelled")
        (sent,) = [one for one in told(office) if isinstance(one, OrderIntended)]
        ended = next(one for one in told(office) if getattr(one, "state", "") == "cancelled")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=TYPED)
    assert ended.at - sent.at < 200 * SECOND
    assert fills(office) == []


def read_to(process: "subprocess.Popen[str]", end: str) -> str:
    """What a process says on standard error until it has said so much."""
    assert process.stderr is not None
    said = ""
    while not said.endswith(end):
        one = process.stderr.read(1)
        assert one, said
        said += one
    return said


def piped(office: Office, typed: str, *words: str) -> "subprocess.CompletedProcess[str]":
    """A command to which so much is piped."""
    with begun(office.clock.at, *words, stdin=subprocess.PIPE) as process:
        out, err = process.communicate(typed, timeout=TYPED)
    return subprocess.CompletedProcess(words, process.returncode, out, err)


def at_terminal(office: Office, typed: str, *words: str) -> "subprocess.CompletedProcess[str]":
    """A command at a terminal where so much is typed."""
    ours, theirs = pty.openpty()
    try:
        with begun(office.clock.at, *words, stdin=theirs) as process:
            os.write(ours, typed.encode())
            out, err = process.communicate(timeout=TYPED)
    finally:
        os.close(ours)
        os.close(theirs)
    return subprocess.CompletedProcess(words, process.returncode, out, err)


def manual(office: Office) -> tuple[str, ...]:
    """One cycle by hand."""
    return "trade", office.policy, "--manual", "--once"


def test_t82_by_hand_an_end_of_the_input_is_no_answer_and_the_next_start_asks_first(
    office: Office,
) -> None:
    """A line that drops, or Ctrl-D: the ticket may have been carried to a broker by then."""
    done = piped(office, "", *manual(office))
    assert done.returncode == 2, done.stderr
    assert "open: sell 32 SYN 2024-02-02 P 94 to open; limit " in done.stderr
    assert "expected somebody to type what became of it: run it at a terminal" in done.stderr
    assert "Traceback" not in done.stderr
    assert fills(office) == []
    again = piped(office, "1.17\n", *manual(office))
    assert again.returncode == 0, again.stderr
    assert "left open on " in again.stderr
    assert fills(office) == [(-32, 1_170_000)]


def test_by_hand_at_a_terminal_a_wrong_line_is_asked_again_and_a_part_is_booked(
    office: Office,
) -> None:
    done = at_terminal(office, "plenty\n2 @ 1.17\n", *manual(office))
    assert done.returncode == 0, done.stderr
    assert "found 'plenty'; expected a net price such as " in done.stderr
    assert fills(office) == [(-2, 1_170_000)]


def test_by_hand_a_close_is_a_debit_and_what_is_typed_is_paid(office: Office) -> None:
    assert piped(office, "1.17\n", *manual(office)).returncode == 0
    closed = piped(office, "", "desk", "close", "0", "--yes")
    assert closed.returncode == 0, closed.stderr
    done = piped(office, "0.80\n", *manual(office))
    assert done.returncode == 0, done.stderr
    assert " to close; limit " in done.stderr
    assert " net debit a share" in done.stderr
    assert fills(office) == [(-32, 1_170_000), (32, 800_000)]


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_t82_a_ticket_that_is_interrupted_is_left_open_and_asked_for_first(
    office: Office, sent: signal.Signals, code: int
) -> None:
    """The person may have carried it: only they know what became of it."""
    ours, theirs = pty.openpty()
    try:
        with begun(office.clock.at, *manual(office), stdin=theirs) as process:
            read_to(process, "empty: nothing): ")
            process.send_signal(sent)
            out, err = process.communicate(timeout=TYPED)
    finally:
        os.close(ours)
        os.close(theirs)
    assert process.returncode == code, out + err
    (line,) = [one for one in out.splitlines() if "left open" in one]
    assert line.startswith("a ticket is left open, and may work at your broker: open: sell 32 SYN ")
    assert line.endswith("(the next start asks first what became of it)")
    assert "Traceback" not in out + err
    assert [one.state for one in told(office) if isinstance(one, OrderTold)] == ["unknown"]
    nobody = piped(office, "", *manual(office))
    assert nobody.returncode == 2
    assert "expected somebody to type what became of it" in nobody.stderr
    done = at_terminal(office, "2 @ 1.17\n", *manual(office))
    assert done.returncode == 0, done.stderr
    first = next(one for one in done.stderr.splitlines() if "sell 32" in one)
    assert first.startswith("left open on 2024-01-03: open: sell 32 SYN 2024-02-02 P 94 to open; ")
    assert fills(office) == [(-2, 1_170_000)]
    assert piped(office, "", *manual(office)).returncode == 0
    assert sum(isinstance(one, OrderIntended) for one in told(office)) == 1


def test_all_is_closed_at_a_terminal_by_a_typed_yes_and_nowhere_else(office: Office) -> None:
    assert office.trade(DAYS[1], "15:45").code == 0
    office.to(DAYS[1], "15:50")
    refused = piped(office, "yes\n", "desk", "close")
    assert (refused.returncode, refused.stderr.count("underwriter: ")) == (2, 1)
    assert "expected yes typed, or --yes" in refused.stderr
    other = at_terminal(office, "y\n", "desk", "close")
    assert (other.returncode, other.stderr.count("underwriter: ")) == (2, 1)
    done = at_terminal(office, "yes\n", "desk", "close")
    assert done.returncode == 0, done.stdout + done.stderr
    assert office.trade(DAYS[1], "15:50").code == 0
    assert [quantity for quantity, _ in fills(office)] == [-32, 32]
