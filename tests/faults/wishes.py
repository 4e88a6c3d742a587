"""What the hand of a seed wishes for, and when: drawn from a stream of its own, beside the plan.

A seed without a hand has the world that it has always had.  One with a hand takes some kinds of
wishes and leaves others; each is left at a moment of its own, and what it is about is looked up
then: what waits, what is held, what may be rolled into.
"""

import random  # noqa: TID251  of a seed
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

SECOND, MINUTE, HOUR = 10**9, 60 * 10**9, 3_600 * 10**9
Kind = Literal["yes", "no", "close", "keep", "roll", "pause", "halt", "resume", "second"]
KINDS: tuple[Kind, ...] = (
    "yes",
    "no",
    "close",
    "keep",
    "roll",
    "pause",
    "halt",
    "resume",
    "second",
)
# minutes of a day: the morning, before the open, in the session, about the decision, while orders
# work, at the last minute and just after it, in the evening and at night
MINUTES = (
    6 * 60, 9 * 60 + 10, 9 * 60 + 41, 12 * 60, 15 * 60 + 44, 15 * 60 + 45, 15 * 60 + 46,
    15 * 60 + 47, 15 * 60 + 49, 15 * 60 + 52, 15 * 60 + 54, 15 * 60 + 55, 16 * 60 + 1, 20 * 60,
    23 * 60,
)  # fmt: skip

ANSWERS = tuple(15 * 60 + 45 + more for more in (0, 0, 1, 2, 4, 8))


class Errand(NamedTuple):
    """One wish of the hand."""

    at: int  # the true time, UTC nanoseconds
    kind: Kind
    pick: float  # in [0, 1): which of those that there are it is about
    gone: bool  # about what is not there: an intent of before, a sleeve that never was
    alone: bool  # obeyed by a process of the hand's own, where no desk runs
    dies: int  # the process that hears it dies at so many effects from then on; 0: it does not
    back: int  # nanoseconds after which it is taken back; 0: never
    read: int  # nanoseconds after which its answer is read


class Hand(NamedTuple):
    """The hand of a seed."""

    approve: str  # what waits for its yes
    errands: tuple[Errand, ...]


NOBODY = Hand("never", ())


def hand_of(seed: int, days: Sequence[int], at: Callable[[int, int], int]) -> Hand:
    """What the hand of a seed does on its troubled days; `at` is a minute of a day."""
    dice = random.Random(f"hand {seed}")  # noqa: S311
    if dice.random() < 0.4 or seed % 10 == 1:  # so seed 271, say, keeps the bug that it alone finds
        return NOBODY
    approve = dice.choice(["never", "never", "entries", "entries", "always"])
    kinds = [kind for kind in KINDS if dice.random() < 0.6] or ["close"]
    kinds += [kind for kind in kinds if kind in {"close", "roll"}] * 2
    found: list[Errand] = []
    for _ in range(dice.randint(1, 14)):
        kind = dice.choice(kinds)
        minutes = ANSWERS if kind in {"yes", "no"} and dice.random() < 0.8 else MINUTES
        one = _errand(dice, kind, at(dice.choice(days), dice.choice(minutes)))
        found.append(one)
        if dice.random() < 0.2:  # and again, before it is answered or after
            found.append(one._replace(at=one.at + dice.choice([1, SECOND, 90 * SECOND, 20 * HOUR])))
    if approve != "never":
        found += _answers(dice, days, at)
    calm = at(days[-1] + 1, 0)
    return Hand(approve, tuple(sorted(one for one in found if one.at < calm)))


def _errand(dice: random.Random, kind: Kind, minute: int) -> Errand:
    """One errand, about a minute."""
    return Errand(
        minute + dice.randrange(-20, 100) * SECOND, kind, dice.random(), gone=dice.random() < 0.1,
        alone=dice.random() < 0.4, dies=dice.choice([0, 0, 0, 1, 2, 3, 4, 6, 9]),
        back=dice.choice([0] * 7 + [SECOND, 30 * SECOND]),
        read=dice.choice([SECOND, 90 * SECOND, HOUR, 20 * HOUR]),
    )  # fmt: skip


def _answers(
    dice: random.Random, days: Sequence[int], at: Callable[[int, int], int]
) -> list[Errand]:
    """What an owner does who is asked: most days a yes to some or all, on some a no."""
    found = []
    for day in days:
        for kind, often in (("yes", 0.8), ("no", 0.15)):
            if dice.random() < often:
                minute = at(day, dice.choice(ANSWERS))
                found.append(_errand(dice, kind, minute)._replace(gone=False))  # type: ignore[arg-type]
    return found
