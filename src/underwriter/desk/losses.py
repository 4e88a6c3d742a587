"""What losses are counted from: the last evening, and the highest since a halt was lifted.

Which is why how the desk is switched is kept here: a halt that is lifted begins the count anew.

Money that comes in or goes out is no gain and no loss: the evening moves by it, and the peak in
proportion, so that a share that was lost stays the same share.
"""

from underwriter.book.event import AnyEvent, Deposited, Marked, Switched
from underwriter.desk.guard import Setting


class Losses:
    """One account's, as its events tell them."""

    def __init__(self) -> None:
        self.evening_u = 0  # worth from which a day's loss counts; 0 before the first evening
        self.peak_u = 0  # worth from which a drawdown counts
        self._switched: Switched | None = None
        self.begun = 0  # how often counting began anew, or money moved

    @property
    def setting(self) -> Setting:
        """How the desk is switched."""
        return "on" if self._switched is None else self._switched.to

    @property
    def why(self) -> str:
        """Why it is switched so."""
        return "" if self._switched is None else self._switched.why

    def take(self, event: AnyEvent) -> None:
        """Count on from an event."""
        before = self.evening_u, self.peak_u
        self._count(event)
        self.begun += isinstance(event, Marked) or before != (self.evening_u, self.peak_u)

    def _count(self, event: AnyEvent) -> None:
        if isinstance(event, Marked):
            self.evening_u, self.peak_u = event.equity_u, max(self.peak_u, event.equity_u)
        elif isinstance(event, Deposited) and self.evening_u > 0:
            after_u = max(self.evening_u + event.amount_u, 0)
            self.evening_u, self.peak_u = after_u, self.peak_u * after_u // self.evening_u
        elif isinstance(event, Switched):
            if event.to == "on" and self.setting == "halted":
                self.evening_u = self.peak_u = event.equity_u
            self._switched = event
