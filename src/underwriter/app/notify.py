"""Notifications on their way: what a cycle brings, to channels whose URLs are secrets, by apprise.

    notifier = Notifier(house, folder, "main", log)
    notifier.begin(journal.head.sequence)             before a cycle
    notifier.tell(journal.read, book, report, rows)   after it; never raises, never waits for long

`Post` is all that is asked of whoever carries a message; apprise is one, imported only where
channels are set.  A URL is of the variable UNDERWRITER_NOTIFY_NAME, from the environment or the
home's secrets, and nothing that is said, logged or sent repeats any of it.
"""

import logging
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

import msgspec
from structlog.typing import FilteringBoundLogger

from underwriter.app.secrets import Scrub, Secret, find_secret, scrub_of, shown_url
from underwriter.app.settings import House
from underwriter.book.event import AnyEvent
from underwriter.book.folded import Book
from underwriter.core.errors import InputError, UnderwriterError
from underwriter.desk.cycle import Report
from underwriter.desk.telling import HELD_BACK, Channel, Message, Outcome, Rate, Telling
from underwriter.desk.tidings import Level, Tiding, of_report

NOTES: Final = "told.json"  # in the desk's folder
VARIABLE: Final = "UNDERWRITER_NOTIFY_"
TEST: Final = "Underwriter: a test"
GRACE: Final = 1.0  # seconds beside the service's own time-out
_KINDS: Final[Mapping[Level, str]] = {"fact": "info", "warning": "warning", "alarm": "failure"}


class Post(Protocol):
    """Who carries a message."""

    def send(self, message: Message) -> str:
        """Why it did not arrive, in a line without secrets; nothing where it did."""
        ...


class Tested(msgspec.Struct, frozen=True):
    """What came of a test on one channel."""

    channel: str
    kind: str  # of its URL, as far as it may be said: "tgram://***"; "" where none was found
    sent: bool
    why: str | None  # it failed


class NotifyTest(msgspec.Struct, frozen=True):
    """What `notify test --json` prints."""

    channels: list[Tested]
    failed: int


class Line(NamedTuple):
    """A channel of the settings: its post, or why it has none."""

    name: str
    kind: str  # of its URL: "tgram://***"; "" where none was found
    post: Post | None
    why: str


def variable_of(channel: str) -> str:
    """The variable that holds a channel's URL."""
    return VARIABLE + channel.upper()


def lines_of(house: House, scrub: Scrub | None = None) -> list[Line]:
    """The channels of the settings, each with its post or why it has none.

    InputError where there are channels and apprise is not installed.
    """
    notify = house.settings.notify
    if not notify.channels:
        return []
    hide = scrub or scrub_of(house.home)
    made = []
    for name in notify.channels:
        try:
            secret = find_secret(variable_of(name), house.home)
        except InputError as problem:
            made.append(Line(name, "", None, str(problem)))
            continue
        made.append(_line(name, secret, hide, notify.timeout))
    return made


def _line(name: str, secret: Secret | None, scrub: Scrub, timeout: float) -> Line:
    """One channel by its secret."""
    if secret is None:
        return Line(name, "", None, f"found no {variable_of(name)}; expected its URL there")
    post = Apprise.of(secret.value, scrub, timeout)
    kind = shown_url(secret.value)
    why = "" if post else f"found {kind}, which apprise knows no service for"
    return Line(name, kind, post, why)


class Apprise:
    """A post by apprise, which is given so many seconds for each message."""

    def __init__(self, made: Any, scrub: Scrub, timeout: float) -> None:  # noqa: ANN401  apprise's
        self._made, self._scrub, self._timeout = made, scrub, timeout

    @classmethod
    def of(cls, url: str, scrub: Scrub, timeout: float) -> "Apprise | None":
        """The post of a URL; None where it is of no service.  InputError without the package."""
        try:
            import apprise  # noqa: PLC0415  a tenth of a second, and not everybody notifies
        except ImportError as problem:
            raise InputError(
                "package apprise: not found; notifications go through it: "
                "pip install 'underwriter[notify]'"
            ) from problem
        made = apprise.Apprise()
        with _heard(lambda _: None), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the modules of a hundred services
            try:
                known = made.add(url)
            except Exception:  # noqa: BLE001  a URL that a service cannot read is of none
                known = False
        if not known:
            return None
        for service in made:
            service.socket_connect_timeout = service.socket_read_timeout = timeout
        return cls(made, scrub, timeout)

    def send(self, message: Message) -> str:
        """Send, in a thread that is left to itself once its time is over."""
        said: list[str] = []
        done: list[bool] = []

        def carry() -> None:
            with _heard(said.append):
                done.append(bool(self._notify(message, said)))

        thread = threading.Thread(target=carry, daemon=True, name="notification")
        thread.start()
        thread.join(self._timeout + GRACE)
        if not done:
            return f"no answer in {self._timeout:g} seconds"
        return "" if done[0] else self._scrub(said[-1] if said else "it was not taken")

    def _notify(self, message: Message, said: list[str]) -> bool:
        """Whether it was taken; what a service raises is said by its name alone."""
        try:
            return bool(
                self._made.notify(
                    title=self._scrub(message.title), body=self._scrub(message.body),
                    notify_type=_KINDS[message.level], body_format="text",
                )
            )  # fmt: skip
        except Exception as problem:  # noqa: BLE001  whatever a service of apprise raises
            said.append(type(problem).__name__)
            return False


class _Hearing(logging.Handler):
    """What apprise logs while one message is on its way, in whichever of its threads."""

    def __init__(self, hear: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self.hear = hear

    def emit(self, record: logging.LogRecord) -> None:
        """Pass a warning on."""
        if _ON_ITS_WAY.get() is self:
            self.hear(" ".join(record.getMessage().split()))


_ON_ITS_WAY: ContextVar[_Hearing | None] = ContextVar("on its way", default=None)


@contextmanager
def _heard(hear: Callable[[str], None]) -> Iterator[None]:
    """Hear what apprise logs meanwhile, which then goes nowhere else."""
    logger, hearing = logging.getLogger("apprise"), _Hearing(hear)
    logger.addHandler(hearing)
    logger.propagate = False
    before = _ON_ITS_WAY.set(hearing)
    try:
        yield
    finally:
        _ON_ITS_WAY.reset(before)
        logger.removeHandler(hearing)


class Notifier:
    """The notifications of one account's desk; nothing it does stops a cycle."""

    def __init__(
        self,
        house: House,
        folder: Path,
        account: str,
        log: FilteringBoundLogger,
        now: Callable[[], int] = time.time_ns,
    ) -> None:
        self._house, self._path, self._account = house, folder / NOTES, account
        self._log, self._now = log.bind(account=account), now
        self._scrub = scrub_of(house.home)
        self._telling: Telling | None = None

    def begin(self, head: int) -> None:
        """Before a cycle: channels that are new are told what follows this event."""
        if not self._house.settings.notify.channels:
            return
        try:
            channels = [self._channel(line) for line in lines_of(self._house, self._scrub)]
            notify = self._house.settings.notify
            rate = Rate(notify.messages_an_hour, notify.alarms_an_hour)
            self._telling = Telling(self._path, self._account, channels, rate, head)
        except (OSError, UnderwriterError) as problem:
            self._telling = None
            self._log.error("notifications cannot begin", why=str(problem))

    def tell(
        self,
        read: Callable[[int], Iterable[tuple[int, AnyEvent]]],
        book: Book,
        report: Report,
        rows: Sequence[Tiding] = (),
    ) -> list[Outcome]:
        """After a cycle: tell what is new, and what stands; `rows` stand beside the report's."""
        if self._telling is None:
            return []
        names = {one.sleeve: one for one in book.sleeves}
        standing = [self._hidden(one) for one in (*of_report(report), *rows)]
        try:
            outcomes = self._telling.tell(read, names, standing, self._now())
        except (OSError, UnderwriterError) as problem:
            self._log.error("nothing could be told", why=str(problem))
            return []
        for one in outcomes:
            self._note(one)
        return outcomes

    def _channel(self, line: Line) -> Channel:
        """A channel; one without a post fails, and is tried again in the next cycle."""
        least: Level = self._house.settings.notify.channels[line.name].level
        if line.post is not None:
            return Channel(line.name, least, line.post.send)
        return Channel(line.name, least, lambda _: line.why)

    def _hidden(self, one: Tiding) -> Tiding:
        """What is noted as waiting has no secret in it either."""
        return Tiding(one.level, *(self._scrub(text) for text in one[1:]))

    def _note(self, one: Outcome) -> None:
        """Log what came of a message."""
        said = {"channel": one.channel, "of": one.level, "tidings": one.tidings}
        if not one.why:
            self._log.info("told", **said)
        elif one.why == HELD_BACK:
            self._log.info("held back", **said)
        else:
            self._log.warning("not told, to be tried again", why=one.why, **said)


def tried(house: House) -> NotifyTest:
    """Send a test to each channel.

    InputError where no channel is set, or apprise is not installed.
    """
    lines = lines_of(house)
    if not lines:
        raise InputError(
            "found no channel in [notify] of the settings; expected one, such as "
            "[notify.channels.phone], and its URL in UNDERWRITER_NOTIFY_PHONE"
        )
    message = Message("fact", TEST, "If you can read this, this channel works.")
    found = []
    for line in lines:
        why = line.why if line.post is None else line.post.send(message)
        found.append(Tested(line.name, line.kind, not why, why or None))
    return NotifyTest(found, sum(not one.sent for one in found))
