"""`trade --live`: the yes is typed once all is there, and before anything is sent (T95)."""

import sys

import pytest

from app.trading import Office
from conformance.live import LiveStage
from conformance.live_run import Terminal, run
from underwriter.desk.cycle import Desk


class Last(Terminal):
    """Somebody who looks, as they are asked, how far the start has come."""

    def __init__(self, typed: str, world: LiveStage) -> None:
        super().__init__(typed)
        self.world, self.seen = world, list[tuple[int, int]]()

    def readline(self, *_size: object) -> str:
        """What is typed."""
        server = self.world.server
        self.seen.append((server.count("GET", "/v1beta1/options"), server.count("POST")))
        return super().readline()


def test_t95_a_yes_is_the_last_before_the_first_cycle(
    live: Office, world: LiveStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The chains are there by then, nothing was sent, and nothing is asked in between."""
    world.to(0, "15:45")
    said = Last("somebody\n", world)
    monkeypatch.setattr(sys, "stdin", said)
    refused = run(live, "--once")
    assert (refused.code, refused.err.count("nothing was started")) == (2, 1), refused.err
    assert not live.desk.exists()
    assert world.server.count("POST") == 0
    assert said.seen[0][0] > 0, "its chains were asked for"
    said = Last("main\n", world)
    monkeypatch.setattr(sys, "stdin", said)
    steps: list[str] = []
    cycle = Desk.run
    monkeypatch.setattr(Desk, "run", lambda desk: steps.append(str(len(said.seen))) or cycle(desk))
    assert run(live, "--once").code == 0
    assert (said.seen[0][1], steps) == (0, ["1"])
