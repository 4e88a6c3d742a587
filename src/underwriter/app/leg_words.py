"""What people write of a trade: a leg, a dividend, a day; one line says what is wrong with it.

-1 put 390 2026-12-18 @1.85       sold one put, strike 390, at 1.85 a share
2 c 105 45d                       two calls bought, 45 days from now, at the model's price
2026-12-20:1.75                   a cash dividend a share
"""

import re
from datetime import date, timedelta
from typing import NamedTuple

from underwriter.core.errors import InputError

MOST_DAYS = 3_650
MOST_CONTRACTS = 1_000_000
MOST_PRICE = 1_000_000.0
SIGNS = {"put": -1, "puts": -1, "p": -1, "call": 1, "calls": 1, "c": 1}
SHAPE = '"QUANTITY put|call STRIKE EXPIRY [@PRICE]", such as "-1 put 390 2026-12-18 @1.85"'

_QUANTITY = re.compile(r"[+-]?\d{1,9}")
_AMOUNT = re.compile(r"\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}")
_DAYS = re.compile(r"(\d{1,6})[dD]")
_PARTS = (4, 5)
_FRIDAY = 4


class Written(NamedTuple):
    """A leg as it was written; `price` a share, None where the model shall say."""

    name: str  # what a refusal calls it
    quantity: int
    sign: int  # 1 call, -1 put
    strike: float
    expiry: date
    price: float | None


class Paid(NamedTuple):
    """A cash dividend a share."""

    day: date  # it goes ex
    amount: float


def leg(words: str, today: date) -> Written:
    """A leg; InputError for the first word of it that cannot be."""
    name = f"--leg {words!r}"
    parts = words.replace("@", " @").replace("@ ", "@").split()
    if len(parts) not in _PARTS:
        raise InputError(f"{name}: found {len(parts)} words; expected {SHAPE}")
    return Written(
        name,
        _quantity(name, parts[0]),
        _sign(name, parts[1]),
        amount(name, parts[2], "a strike"),
        _expiry(name, parts[3], today),
        _price(name, parts[4]) if len(parts) == max(_PARTS) else None,
    )


def _expiry(name: str, words: str, today: date) -> date:
    """The day on which an option ends; what is counted in days may stand for one of a week-end."""
    found = day(name, words, today, "an expiry")
    if not _DAYS.fullmatch(words) and found.weekday() > _FRIDAY:
        raise InputError(
            f"{name}: found {words!r}, a {found:%A}, on which no option expires; expected a day "
            f"of trading, such as {found - timedelta(days=found.weekday() - _FRIDAY)}"
        )
    return found


def dividend(words: str, today: date) -> Paid:
    """A dividend written DATE:AMOUNT; InputError for what is none."""
    name = f"--dividend {words!r}"
    when, colon, paid = words.strip().partition(":")
    if not colon:
        raise InputError(f"{name}: found no colon; expected DATE:AMOUNT, such as 2026-12-20:1.75")
    return Paid(day(name, when.strip(), today, "an ex-date"), amount(name, paid.strip(), "dollars"))


def day(name: str, words: str, today: date, what: str) -> date:
    """A date after today, or so many days from it; InputError for what is none."""
    wanted = f"expected {what} after {today}, as YYYY-MM-DD, or as days from then, such as 45d"
    counted = _DAYS.fullmatch(words)
    if counted:
        ahead = int(counted[1])
    else:
        try:
            ahead = (date.fromisoformat(words) - today).days
        except ValueError as error:
            raise InputError(f"{name}: found {words!r}; {wanted}") from error
    if ahead < 1:
        raise InputError(f"{name}: found {words!r}; {wanted}")
    most = min(MOST_DAYS, (date.max - today).days)
    if ahead > most:
        raise InputError(f"{name}: found {words!r}; expected at most {most:,} days from {today}")
    return today + timedelta(days=ahead)


def amount(name: str, words: str, what: str) -> float:
    """A decimal number above zero; InputError for what is none."""
    found = float(words) if _AMOUNT.fullmatch(words) else 0.0
    if not 0.0 < found <= MOST_PRICE:
        raise InputError(f"{name}: found {words!r}; expected {what} above 0, at most 1000000")
    return found


def _quantity(name: str, words: str) -> int:
    found = int(words) if _QUANTITY.fullmatch(words) else 0
    if not 0 < abs(found) <= MOST_CONTRACTS:
        raise InputError(
            f"{name}: found {words!r}; expected whole contracts, not 0, negative where sold, "
            f"at most {MOST_CONTRACTS:,}"
        )
    return found


def _sign(name: str, words: str) -> int:
    if words.lower() not in SIGNS:
        raise InputError(f"{name}: found {words!r}; expected put or call")
    return SIGNS[words.lower()]


def _price(name: str, words: str) -> float:
    if not words.startswith("@"):
        raise InputError(f"{name}: found {words!r}; expected @PRICE, such as @1.85")
    return amount(name, words[1:], "@PRICE a share")
