"""Refusals name a contract as people write it, whoever refuses: the hand, paper, an intent."""

from pathlib import Path
from typing import Any

import pytest

from desk.stand import CALL, PUT, Stand, quoted
from desk.world import day, osi, ticket
from underwriter.core.errors import InputError
from underwriter.desk.hand import Moment, act
from underwriter.desk.inbox import Roll
from underwriter.desk.ports import RefusedError

NAMED_PUT, NAMED_CALL = "KO 2024-01-12 P 60", "KO 2024-01-12 C 65"


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return quoted(Stand(tmp_path))


def refused(stand: Stand, *leg: Any, limit: float = -1.4) -> str:  # noqa: ANN401  as `ticket`
    """Why paper refuses an order of one leg."""
    with pytest.raises(RefusedError) as problem:
        stand.erring.broker.submit(ticket(str(leg), leg, limit=limit, action="close"))
    return str(problem.value)


def test_paper_names_what_is_not_held_and_what_is_not_traded(stand: Stand) -> None:
    said = refused(stand, PUT, 1, "close")
    assert f"{NAMED_PUT} closes 1, and 0 are held" in said
    stand.clock.at += 2 * 86_400 * 10**9
    gone = osi(60.0, expiry=1)
    assert "KO 2024-01-09 P 60 is not traded" in refused(stand, gone, -1, "open", limit=1.3)


def test_paper_says_money_as_people_write_it(stand: Stand) -> None:
    said = refused(stand, CALL, 1, "open", limit=-500.0)
    assert "cash of 20,000.00 does not pay for 50,000.00" in said


class Rolls:
    """Candidates of a roll: none, or one that may not be."""

    def __init__(self, *found: Any) -> None:  # noqa: ANN401  as `rolling.Candidate`
        self.found = found

    def candidates(self, sleeve: int) -> list[Any]:  # noqa: ARG002
        """Those."""
        return [*self.found]


class Worse:
    """A candidate that a cap holds back."""

    option, why = CALL, "more than the account carries"


@pytest.mark.parametrize(
    ("rolls", "said"),
    [
        (Rolls(), f"found no roll into {NAMED_CALL}; desk roll 0 lists them"),
        (Rolls(Worse()), f"the roll into {NAMED_CALL}: more than the account carries"),
    ],
)
def test_the_hand_names_the_roll_that_cannot_be(stand: Stand, rolls: Any, said: str) -> None:  # noqa: ANN401
    wish = Roll(sleeve=0, option=CALL, least_u=0)
    with pytest.raises(InputError) as problem:
        act(stand.ledger, wish, Moment(stand.clock.at, day(0), "main"), rolls)
    assert said in str(problem.value)


def test_an_approval_to_close_what_is_not_held_is_refused_by_its_name(stand: Stand) -> None:
    with pytest.raises(InputError, match=f"approved to close {NAMED_PUT}, which it does not hold"):
        stand.approve("close", (PUT, 1))
