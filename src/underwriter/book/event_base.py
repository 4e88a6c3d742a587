"""What every event carries, and what none may hold."""

import math
from collections.abc import Iterable
from datetime import date

import msgspec
from msgspec import UNSET, UnsetType

from underwriter.book.number import Whole
from underwriter.core.errors import InputError


def require_finite(where: str, numbers: Iterable[object]) -> None:
    """Refuse what JSON cannot hold, and what could therefore never be read again."""
    for number in numbers:
        if isinstance(number, float) and not math.isfinite(number):
            raise InputError(f"event {where}: expected finite numbers, found {number}")


class Event(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag_field="type"):
    """What every event carries: `at` is UTC nanoseconds, `session` the exchange's date.

    `id` is what its teller calls it: an execution, an activity, a row.  Within an account each is
    booked once, however often it is told, and by it `Busted` and `Corrected` name what they change.
    """

    at: Whole
    session: date
    account: str
    currency: str = "USD"
    id: str | UnsetType = UNSET
