"""Words and figures as Alpaca writes them, for the model of its API."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from underwriter.core.units import MICRO

JSON = dict[str, Any]
ACCOUNT = str(uuid5(NAMESPACE_OID, "account"))
NO_ORDER, BAD, UNFIT, FORBIDDEN = 40410000, 40010001, 42210000, 40310000


class NoError(Exception):
    """An answer that is no success, as Alpaca words it."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.body = status, {"code": code, "message": message}


def compact(option: str) -> str:
    """An OSI symbol without blanks."""
    return option.replace(" ", "")


def padded(symbol: str) -> str:
    """An OSI symbol with its blanks."""
    return symbol[:-15].ljust(6) + symbol[-15:]


def is_option(symbol: str) -> bool:
    """Whether a symbol is an option's."""
    return len(symbol) > 15


def stamp(at: int) -> str:
    """A moment as Alpaca writes it."""
    return datetime.fromtimestamp(at / 10**9, UTC).isoformat().replace("+00:00", "Z")


def plain(value_u: int) -> str:
    """Millionths as decimal text."""
    return f"{Decimal(value_u) / MICRO:f}"


def asset(symbol: str) -> str:
    """The id of what a symbol names."""
    return str(uuid5(NAMESPACE_OID, symbol))


def mark(at: int) -> str:
    """How the ids of activities begin: a moment to the millisecond."""
    return datetime.fromtimestamp(at / 10**9, UTC).strftime("%Y%m%d%H%M%S%f")[:17]
