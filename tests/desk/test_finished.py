"""A roll that is decided while one is half done: it only closes, as what opens has no place."""

from pathlib import Path
from typing import Any

from desk.stand import Stand
from desk.test_facts import NEXT, OTHER, PUT, half_rolled, quoted
from underwriter.book.event import Approved, Leg
from underwriter.desk.refusal import finished_rolls


def roll(stand: Stand, into: str) -> Approved:
    whose: dict[str, Any] = {"sleeve": 0, "campaign": 1, "policy": "p"}
    return Approved(
        **stand.common(), **whose, action="roll", option=PUT, quantity=1, why="tested",
        legs=(Leg(PUT, 1), Leg(into, -1)), limit_u=10_000, mark_u=20_000,
    )  # fmt: skip


def test_t21_a_roll_into_a_second_leg_only_closes_while_the_first_has_not_moved_in(
    tmp_path: Path,
) -> None:
    stand = quoted(Stand(tmp_path))
    half_rolled(stand)
    assert stand.ledger.held(0) == {PUT: -1, NEXT: -1}
    (made,) = finished_rolls(stand.ledger, [roll(stand, OTHER)])
    assert isinstance(made, Approved)
    assert (made.option, made.quantity, made.legs) == (PUT, 1, ())
    same = roll(stand, NEXT)
    assert finished_rolls(stand.ledger, [same]) == [same], "the rest of the one that is half done"
    assert (made.limit_u, made.mark_u) == (None, None), "a close has no floor of a roll"


def test_t21_a_roll_of_what_is_whole_is_left_as_it_is(
    tmp_path: Path,
) -> None:
    stand = quoted(Stand(tmp_path))
    whole = roll(stand, OTHER)
    stand.approve("open", (PUT, -1))
    stand.route("11:00")
    assert finished_rolls(stand.ledger, [whole]) == [whole]
