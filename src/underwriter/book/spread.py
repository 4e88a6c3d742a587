"""Whole amounts divided without a remainder left over or lost: the parts add up to the whole.

10 over 1, 1, 1 is 3, 3, 4
"""

from collections.abc import Sequence


def spread(total: int, over: Sequence[int]) -> list[int]:
    """`total` in proportion to `over`, positive integers; each end is rounded down."""
    whole, done, given = sum(over), 0, 0
    found = []
    for part in over:
        done += part
        due = total * done // whole
        found.append(due - given)
        given = due
    return found
