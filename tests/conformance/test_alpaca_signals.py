"""A desk with money that is ended while its orders work at Alpaca: Ctrl-C, SIGTERM, any time."""

import os
import pty
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.shifted import awaited, begun
from app.trading import Office
from conformance.alpaca_server import Fault
from conformance.live import TRADES, LiveStage
from conformance.live_run import paths, run, statuses, told, trades
from desk.world import osi
from underwriter.app.live_yes import require_yes
from underwriter.app.request import Request
from underwriter.app.settings import open_house
from underwriter.app.shipped import find_policies
from underwriter.app.trade import Asked, folder_of
from underwriter.book.event import Decided, OrderIntended, OrderTold
from underwriter.book.verify import verify

PATIENCE = 240.0  # seconds for a process to do what is waited for, on a busy machine
ORDERS, ONE_ORDER = "/v2/orders", "/v2/orders/*"
MONDAY = sorted(one for one in TRADES if one.day == 0)


def agreed(live: Office) -> None:
    """Let a person have agreed to it before."""
    house = open_house(None)
    policy, *others = find_policies(paths(live))
    request = Request(policy, house, house.settings, house.home, others=tuple(others))
    require_yes(request, folder_of(Asked(request, "live", None, None)))


@contextmanager
def trading(
    live: Office, world: LiveStage, clock: str, stdin: int = subprocess.DEVNULL
) -> Iterator["subprocess.Popen[str]"]:
    """The desk in a process of its own, from a time of the first session on."""
    world.to(0, clock)
    with begun(world.clock.at, "trade", *paths(live), "--live", stdin=stdin) as process:
        yield process


def working(live: Office, process: "subprocess.Popen[str]") -> None:
    """Wait until all three orders are known to work."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        awaited(process, live.desk / "journal.db", OrderTold, state="acknowledged")
        known = [one.state for one in told(live) if isinstance(one, OrderTold)]
        if known.count("acknowledged") - known.count("cancelled") == len({1, 2, 3}):
            return
        time.sleep(0.1)
    raise AssertionError("the orders were never all there")


def asked(world: LiveStage, process: "subprocess.Popen[str]", method: str) -> None:
    """Wait until a request has come."""
    until = time.monotonic() + PATIENCE
    while not world.server.count(method):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until, f"{method} never came"
        time.sleep(0.05)


def ended(process: "subprocess.Popen[str]", code: int) -> str:
    """How a process ended, and all that it said."""
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == code, out + err
    assert "Traceback" not in out + err
    return out + err


def goes_on(live: Office, world: LiveStage, clock: str = "15:47") -> None:
    """The next start goes on, and ends the session as if nothing had been."""
    world.to(0, clock)
    done = run(live, "--once", "--json")
    assert done.code == 0, done.out + done.err
    assert (done.json["breaks"], done.json["unknown"]) == ([], [])
    assert sorted(trades(live)) == MONDAY
    assert sum(isinstance(one, Decided) for one in told(live)) == 1
    clients = [one.client for one in told(live) if isinstance(one, OrderIntended)]
    assert len(clients) == len({*clients})
    assert {*world.server.model.orders} == {*clients}
    assert verify(live.desk / "journal.db").ok


def test_t82_ctrl_c_at_the_terminal_and_sigterm_of_a_service_stand_orders_down(
    live: Office, world: LiveStage
) -> None:
    ours, theirs = pty.openpty()
    try:
        with trading(live, world, "15:45", theirs) as process:
            os.write(ours, b"main\n")
            working(live, process)
            process.send_signal(signal.SIGINT)
            said = ended(process, 130)
    finally:
        os.close(ours)
        os.close(theirs)
    assert "Type the account's name to agree: " in said
    assert "interrupted; nothing was left half-written" in said
    assert "may still work" not in said
    stood_down(live, world, 3)
    with trading(live, world, "15:46") as process:  # as systemd does, without a terminal
        working(live, process)
        process.send_signal(signal.SIGTERM)
        assert "may still work" not in ended(process, 143)
    stood_down(live, world, 6)
    goes_on(live, world)


def stood_down(live: Office, world: LiveStage, orders: int) -> None:
    """Whether all orders so far are cancelled there, and known to be here."""
    assert statuses(world) == ["canceled"] * orders
    known: dict[str, str] = {}
    for one in told(live):
        if isinstance(one, OrderTold):
            known[one.client] = one.state
    assert [*known.values()] == ["cancelled"] * orders
    assert trades(live) == []
    assert verify(live.desk / "journal.db").ok


def test_t01_t82_an_order_that_was_taken_as_the_signal_came_is_found_and_cancelled(
    live: Office, world: LiveStage
) -> None:
    """The signal comes between the order and its answer."""
    agreed(live)
    world.server.next("POST", ORDERS, Fault("stall"))
    with trading(live, world, "15:45") as process:
        asked(world, process, "POST")
        process.send_signal(signal.SIGTERM)
        assert "may still work" not in ended(process, 143)
    assert statuses(world) == ["canceled"]
    goes_on(live, world)


def test_t16_t82_what_fills_as_it_is_stood_down_is_booked(live: Office, world: LiveStage) -> None:
    agreed(live)
    with trading(live, world, "15:45") as process:
        working(live, process)
        world.clock.at += 10**9
        world.quote(osi(59.0, expiry=4), 0.18, 0.20)  # the middle that the first order asks for
        process.send_signal(signal.SIGINT)
        said = ended(process, 130)
    assert "2024-01-08  Sold 2 KO 2024-01-12 P 59 at 0.18  +36.00" in said
    assert sorted(statuses(world)) == ["canceled", "canceled", "filled"]
    ((day, policy, _, quantity, price),) = trades(live)
    assert (day, policy, quantity, price) == (0, "friday", -2, 0.18)


def test_t82_a_second_ctrl_c_ends_it_at_once_and_says_what_may_still_work(
    live: Office, world: LiveStage
) -> None:
    agreed(live)
    with trading(live, world, "15:45") as process:
        working(live, process)
        world.server.next("DELETE", ONE_ORDER, Fault("stall", before=True))
        process.send_signal(signal.SIGINT)
        asked(world, process, "DELETE")
        process.send_signal(signal.SIGINT)
        said = ended(process, 130)
    clients = [one.client for one in told(live) if isinstance(one, OrderIntended)]
    for client in clients:
        assert f"order {client} may still work at the broker: the next run looks it up" in said
    assert statuses(world) == ["new"] * 3
    goes_on(live, world)


@pytest.mark.proof
def test_t82_a_broker_that_is_silent_to_the_end_is_told_and_found_again(
    live: Office, world: LiveStage
) -> None:
    agreed(live)
    with trading(live, world, "15:45") as process:
        working(live, process)
        world.server.next("DELETE", ONE_ORDER, *[Fault("drop", before=True)] * 99)
        process.send_signal(signal.SIGTERM)
        begun_at = time.monotonic()
        said = ended(process, 143)
        assert time.monotonic() - begun_at < 60, "a container is killed in the end"
    assert said.count("may still work at the broker: the next run looks it up") == 3
    world.server.faults.clear()
    goes_on(live, world)
