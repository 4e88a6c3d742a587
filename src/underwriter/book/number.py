"""Numbers that a book can hold: whole, and of 64 bits, since it is kept in arrays of them.

An event with another is refused where it is written and where it is read.  One whose money or
things would bring all sums of a book together beyond a quarter of that, 2.3 million million
dollars, is refused by the fold as one that does not fit.
"""

import re
from typing import Annotated, Final

from msgspec import Meta

LEAST: Final = -(2**63)
MOST: Final = 2**63 - 1
ROOM: Final = 2**61  # for all sums together: what adds them up has two bits more

Whole = Annotated[int, Meta(ge=LEAST, le=MOST)]

_MAY_BE_LARGER: Final = re.compile(rb"[0-9]{20}|9[2-9][0-9]{17}")  # of 19 digits, most are times


def may_be_larger(payload: bytes) -> bool:
    """Whether an event's JSON has a number in it that may not fit: to read it tells."""
    return _MAY_BE_LARGER.search(payload) is not None
