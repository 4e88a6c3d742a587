"""The clocks of a desk: the wall's, and one that leaps over a history."""

import time
from collections.abc import Callable
from pathlib import Path

SLICE = 0.5  # seconds between two looks at whether to wake
SECOND = 10**9


def never() -> bool:
    """Nothing wakes."""
    return False


class Turned:
    """Whether a file has come or gone since it was asked last, as a kill switch does."""

    def __init__(self, path: Path) -> None:
        self._path, self._there = path, path.exists()

    def __call__(self) -> bool:
        """Look again."""
        was, self._there = self._there, self._path.exists()
        return was != self._there


class WallClock:
    """The time of this machine; a wait ends sooner where `wakes` says so."""

    def __init__(self, wakes: Callable[[], bool] = never) -> None:
        self._wakes = wakes

    def now(self) -> int:
        """UTC nanoseconds."""
        return time.time_ns()

    def wait(self, until: int) -> None:
        """Sleep until a moment, or until something wakes."""
        while (left := until - self.now()) > 0 and not self._wakes():
            time.sleep(min(left / SECOND, SLICE))


class LeapingClock:
    """A clock that stands, and is where it is waited for."""

    def __init__(self, at: int) -> None:
        self._at = at

    def now(self) -> int:
        """UTC nanoseconds."""
        return self._at

    def wait(self, until: int) -> None:
        """Leap there; never back."""
        self._at = max(self._at, until)
