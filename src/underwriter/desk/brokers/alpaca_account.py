"""What an account at Alpaca may do, as `doctor` asks it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from underwriter.book.imports.cells import moment_of
from underwriter.core.units import to_u
from underwriter.desk.account import DOLLARS, AccountSeen, Feed
from underwriter.desk.brokers.alpaca_orders import field
from underwriter.desk.brokers.alpaca_terms import is_practice
from underwriter.desk.ports import DoubtError

if TYPE_CHECKING:
    from underwriter.desk.brokers.alpaca_client import Wire

_SHOWN = 4
_BLOCKS = ("account_blocked", "trading_blocked", "trade_suspended_by_user")
FEEDS: Mapping[str, Feed] = {"opra": "real-time", "indicative": "delayed"}


class AlpacaCheck:
    """One account, looked at; nothing in it changes."""

    def __init__(self, wire: "Wire") -> None:
        self.wire = wire

    def account(self) -> AccountSeen:
        """What it is now.  Raises BrokerError."""
        told = self._asked("/account")
        clock = self._asked("/clock")
        status, terms = field(told, "status"), self.wire.terms
        level = field(told, "options_approved_level")
        return AccountSeen(
            broker="alpaca", number=_hidden(field(told, "account_number")),
            practice=is_practice(terms.hosts.trading), status=status, active=status == "ACTIVE",
            blocked=", ".join(name.replace("_", " ") for name in _BLOCKS if told.get(name) is True),
            level=int(level) if level.isdigit() else None,
            buying_power_u=_power_u(field(told, "options_buying_power")),
            feed=FEEDS[terms.option_feed], feed_name=terms.option_feed,
            now=_moment(field(clock, "timestamp")), currency=field(told, "currency") or DOLLARS,
        )  # fmt: skip

    def _asked(self, path: str) -> Mapping[str, Any]:
        told = self.wire.ask(lambda: self.wire.trading.get(path))
        if not isinstance(told, Mapping):
            raise DoubtError(f"alpaca: expected an object of {path}, found another JSON")
        return told


def _hidden(number: str) -> str:
    """A number, all but its last characters hidden."""
    return "*" * max(len(number) - _SHOWN, 0) + number[-_SHOWN:]


def _power_u(text: str) -> int:
    """A sum of dollars; nothing where it is none."""
    try:
        return int(to_u(float(text)))
    except (ValueError, OverflowError):
        return 0


def _moment(text: str) -> int | None:
    """A time, UTC nanoseconds; None where it is none."""
    try:
        return moment_of(text)[0]
    except ValueError:
        return None
