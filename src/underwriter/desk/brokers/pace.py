"""How often a broker may be asked: a token bucket on the one clock, and the waits it asks for.

    burst   requests that may follow each other at once
    rate    requests a minute that are earned again

A broker that says "too many" (429) is left alone for as long as its headers say; without any for a
second, and twice as long each further time in a row.  What would have to wait for longer than the
patience is not sent at all, and said so: nothing sleeps for minutes in the middle of a session.
"""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from underwriter.desk.ports import Clock, UnreachableError

SECOND = 10**9
MINUTE = 60 * SECOND
TOO_MANY = 429
_FIRST = SECOND  # after a 429 without headers
_LONGEST = 3_600 * SECOND  # that a header is believed
_MOST_DOUBLED = 6


class Pace:
    """The requests of one account to one host."""

    def __init__(
        self, name: str, clock: Clock, rate: int = 170, burst: int = 30, patience: int = 15 * SECOND
    ) -> None:
        self.name, self.clock, self.patience = name, clock, patience
        self.every, self.burst = MINUTE // rate, burst
        self._spent = 0  # the moment at which every token is there again
        self._held = 0  # the moment before which the broker asked for nothing
        self._in_row = 0  # answers of "too many" since another one

    def take(self) -> None:
        """Wait for a token and take it; UnreachableError where that would take too long."""
        now = self.clock.now()
        due = max(self._held, self._spent - (self.burst - 1) * self.every)
        if due - now > self.patience:
            seconds = -(-(due - now) // SECOND)
            raise UnreachableError(
                f"{self.name}: asked too often, and to be left alone for {seconds} s more; "
                "nothing was sent"
            )
        if due > now:
            self.clock.wait(due)
            now = self.clock.now()
            if now < due:
                raise UnreachableError(f"{self.name}: this process is to end; nothing was sent")
        self._spent = max(self._spent, now) + self.every

    def heard(self, status: int, headers: Mapping[str, str]) -> None:
        """Note an answer: of "too many" how long to wait."""
        if status != TOO_MANY:
            self._in_row = 0
            return
        now = self.clock.now()
        asked = asked_wait(headers, now)
        if asked is None:
            asked = _FIRST << min(self._in_row, _MOST_DOUBLED)
        self._in_row += 1
        self._held = max(self._held, now + min(max(asked, 0), _LONGEST))


def asked_wait(headers: Mapping[str, str], now: int) -> int | None:
    """The nanoseconds that headers ask to wait; None where they say nothing that can be read."""
    after = headers.get("Retry-After", "").strip()
    if after.isascii() and after.isdigit():
        return int(after[:9]) * SECOND
    if after:
        try:
            return int(parsedate_to_datetime(after).timestamp()) * SECOND - now
        except ValueError:
            pass
    reset = headers.get("X-RateLimit-Reset", "").strip()
    if reset.isascii() and reset.isdigit():
        return int(reset[:12]) * SECOND - now
    return None
