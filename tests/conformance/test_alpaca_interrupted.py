"""Ctrl-C at each request that a live session makes, before it is sent and once it was taken."""

from collections.abc import Callable
from typing import Any

import pytest

from app.trading import Office
from conformance.live import TRADES, LiveStage, interrupted
from conformance.live_run import run, statuses, told, trades
from underwriter.book.event import Decided, OrderIntended
from underwriter.book.verify import verify
from underwriter.desk.brokers.alpaca_client import Guard

MONDAY = sorted(one for one in TRADES if one.day == 0)
BEFORE, AFTER = "before it is sent", "once it was taken"
MANY = [pytest.param(one, marks=pytest.mark.proof) for one in range(1, 80, 3)]


def interrupting(number: int, when: str) -> Callable[..., Any]:
    """What sends requests, with Ctrl-C at one of them."""
    real, left = Guard.send, [number]

    def send(*given: Any, **more: Any) -> Any:  # noqa: ANN401  as requests calls it
        left[0] -= 1
        if left[0] == 0 and when == BEFORE:
            interrupted()
        answer = real(*given, **more)
        if left[0] == 0 and when == AFTER:
            interrupted()
        return answer

    return send


@pytest.mark.parametrize("when", [BEFORE, AFTER])
@pytest.mark.parametrize("number", [8, 15, *MANY])
def test_t82_ctrl_c_at_any_request_leaves_nothing_at_work_and_doubles_nothing(
    live: Office, world: LiveStage, monkeypatch: pytest.MonkeyPatch, number: int, when: str
) -> None:
    world.to(0, "15:45")
    with monkeypatch.context() as patch:
        patch.setattr(Guard, "send", interrupting(number, when))
        first = run(live)
    assert first.code == 130, first.out + first.err
    assert {*statuses(world)} <= {"canceled", "filled"}
    for line in (one for one in first.out.splitlines() if "may still work" in one):
        assert when == BEFORE, "what is written down and not sent may be on its way"
        assert line.split()[1] not in world.server.model.orders
    world.clock.wait(world.clock.at + 10**9)
    done = run(live, "--once", "--json")
    assert done.code == 0, done.out + done.err
    assert done.json["breaks"] == []
    assert sorted(trades(live)) == MONDAY
    assert sum(isinstance(one, Decided) for one in told(live)) == 1
    clients = [one.client for one in told(live) if isinstance(one, OrderIntended)]
    assert len(clients) == len({*clients})
    assert {*world.server.model.orders} <= {*clients}
    assert verify(live.desk / "journal.db").ok
