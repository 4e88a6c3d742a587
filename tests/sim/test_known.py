"""What a journal knows of its legs: the last fill of each, under the name that it has by now."""

from msgspec.structs import replace

from book.test_fold import OPENED, PUT, SEAT, filled, marked
from underwriter.book.event import Busted, Filled, Renamed
from underwriter.core.units import MICRO
from underwriter.sim.known import known

MARK = marked(5 * MICRO)


def named(event: Filled, name: str) -> Filled:
    """An event with an id."""
    return replace(event, id=name)


def test_a_leg_of_a_renamed_underlying_has_the_fill_it_had() -> None:
    sold = filled(-1, 600)
    renamed = Renamed(**SEAT, underlying="SPX/1", root="SPX1")
    found = known([OPENED, sold, renamed, MARK])
    assert found.fills[7, PUT.replace("SPX10 ", "SPX1  ")] == sold


def test_another_sleeves_legs_keep_their_names() -> None:
    sold = filled(-1, 600)
    other = replace(OPENED, sleeve=8)
    renamed = Renamed(**{**SEAT, "sleeve": 8}, underlying="SPX/1", root="SPX1")
    assert known([OPENED, other, sold, renamed, MARK]).fills == {(7, PUT): sold}


def test_a_fill_that_was_busted_is_not_the_last() -> None:
    first, second = named(filled(-1, 600), "a"), named(filled(-1, 900), "b")
    busted = Busted(**{key: SEAT[key] for key in ("at", "session", "account")}, of="b", why="error")
    assert known([OPENED, first, second, busted, MARK]).fills == {(7, PUT): first}
