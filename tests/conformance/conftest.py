"""Every broker on its stage, with its first quotes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.asking import CALL, INDEX, LOWER, NEXT, PUT
from conformance.stage import STAGES, AlpacaStage, Stage


@pytest.fixture(params=sorted(STAGES))
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    made = STAGES[request.param](tmp_path)
    board(made)
    yield made
    made.close()


@pytest.fixture
def alpaca(tmp_path: Path) -> Iterator[AlpacaStage]:
    made = AlpacaStage(tmp_path)
    board(made)
    yield made
    made.close()


def board(made: Stage) -> None:
    """What is quoted from the first."""
    made.quote(PUT, 1.30, 1.40)
    made.quote(LOWER, 0.50, 0.60)
    made.quote(CALL, 0.80, 0.90)
    made.quote(NEXT, 2.00, 2.10)
    made.quote("KO", 59.99, 60.01)
    made.quote(INDEX, 4.00, 4.10)
