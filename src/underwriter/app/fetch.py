"""`data fetch`: files of free sources, under the home, whole or not at all.

A file lies at `home/downloads/PLACE`, and beside it a note with the source's marks of it and when
they were last compared.  Within a day of that nobody is asked again; after it the source
is asked whether the file has changed, and sends it only if so.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from underwriter.app.collect import EXCHANGE, asking_yahoo, collect, open_yahoo, session_at
from underwriter.app.http import Answer, Http
from underwriter.core.errors import InputError, NetworkError
from underwriter.core.units import day_of
from underwriter.market.calendar import load_calendar
from underwriter.market.sources.feeds import cboe, fred, history, yahoo
from underwriter.market.sources.feeds.wanted import Wanted
from underwriter.market.sources.feeds.yahoo import Quotes
from underwriter.market.sources.symbols import name_of

FOLDER = "downloads"
FRESH = timedelta(days=1)
OF_A_SYMBOL = ("history", "bars", "chain")
SOURCES = (*cboe.NAMES, *fred.NAMES, *(f"{word} SYMBOL" for word in OF_A_SYMBOL))
NO_MARKS = Answer(fresh=True, etag="", modified="")
_PAGE = b"<"  # what a web page begins with: of a proxy, or an apology


class Remembered(NamedTuple):
    """What is remembered of a file."""

    url: str
    at: str  # when the source was last asked, ISO with the zone
    etag: str
    modified: str


def fetch(
    names: Sequence[str],
    home: Path,
    client: Http,
    now: datetime,
    open_quotes: Callable[[Path], Quotes] = open_yahoo,
) -> list[Path]:
    """The files of some sources, asked for where they are not a day old, in the order of `names`.

    A name is one of `SOURCES`, in one text or in two ("history SPY", or "history", "SPY").  `now`
    has its zone.  Raises InputError for a name that is none, before anything is asked, and
    NetworkError where a source cannot be reached: files that came before stay, and none is ever
    half-written.
    """
    wanted = list(_parsed(names))
    errand = Errand(home, client, now, open_quotes)
    try:
        return [path for word, symbol in wanted for path in errand.files(word, symbol)]
    except OSError as problem:
        said = (problem.strerror or str(problem)).lower()
        raise InputError(
            f"{home / FOLDER}: {said}; expected a folder that can be written"
        ) from problem


@dataclass(frozen=True, slots=True)
class Errand:
    """Who is asked, for whom, and when."""

    home: Path
    client: Http
    now: datetime
    open_quotes: Callable[[Path], Quotes]

    def files(self, word: str, symbol: str) -> list[Path]:
        """The files of one source."""
        if word in cboe.NAMES:
            return [self._file(each) for each in cboe.files(word)]
        if word in fred.NAMES:
            return [self._file(each) for each in fred.files()]
        if word == "history":
            return [self._file(each) for each in history.files(symbol)]
        return [self._bars(symbol) if word == "bars" else self._chain(symbol)]

    def _file(self, wanted: Wanted) -> Path:
        """A file of a server: from home where it is fresh, else asked for."""
        path = self.home / FOLDER / wanted.place
        known = _remembered(path, wanted.url)
        if not self._is_fresh(known):
            part = _part(path)
            try:
                answer = self._ask(wanted, part, path, known)
            finally:
                part.unlink(missing_ok=True)
            self._remember(path, wanted.url, answer)
        return path

    def _ask(self, wanted: Wanted, part: Path, path: Path, known: Remembered | None) -> Answer:
        """Bring a file to its place, unless it is as we have it; its marks from now on."""
        answer = self.client.get(wanted.url, part, _marks(known))
        if not answer.fresh and known is not None:
            return Answer(fresh=False, etag=known.etag, modified=known.modified)
        _refuse_other(part, wanted)
        for name, text in wanted.beside:
            _lay_down(path.with_name(name), text.encode())
        part.replace(path)
        return answer

    def _bars(self, symbol: str) -> Path:
        """The bars of a symbol, by yfinance."""
        path = self.home / FOLDER / "yahoo" / f"{yahoo.as_yahoo(symbol).removeprefix('^')}.csv"
        if not self._is_fresh(_remembered(path, yahoo.HOST)):
            quotes = self.open_quotes(self.home)
            with asking_yahoo(symbol):
                text = yahoo.bars(quotes, symbol)
            if not text:
                raise InputError(f"{symbol}: yfinance has no bars of it; expected a listed symbol")
            _lay_down(path, text.encode())
            self._remember(path, yahoo.HOST, NO_MARKS)
        return path

    def _chain(self, symbol: str) -> Path:
        """Today's chain of a symbol, by yfinance, in the lake's own columns."""
        calendar = load_calendar(EXCHANGE, self.home)
        day = day_of(session_at(calendar, self.now))
        path = (
            self.home
            / FOLDER
            / "yahoo"
            / f"{yahoo.as_yahoo(symbol).removeprefix('^')}_chain_{day}.parquet"
        )
        if not self._is_fresh(_remembered(path, yahoo.HOST)):
            quotes = self.open_quotes(self.home)
            (frame,) = collect([symbol], quotes, calendar, self.now, self._pause)
            part = _part(path)
            frame.write_parquet(part)
            part.replace(path)
            self._remember(path, yahoo.HOST, NO_MARKS)
        return path

    def _pause(self) -> None:
        """Wait until Yahoo may be asked again."""
        self.client.take_turn(yahoo.HOST)

    def _is_fresh(self, known: Remembered | None) -> bool:
        """Whether the source was asked less than a day ago, and not in what is yet to come."""
        if known is None:
            return False
        return timedelta(0) <= self.now - datetime.fromisoformat(known.at) < FRESH

    def _remember(self, path: Path, url: str, answer: Answer) -> None:
        """Write down when a file was asked for, and its marks."""
        noted = Remembered(url, self.now.isoformat(), answer.etag, answer.modified)
        _lay_down(_note(path), json.dumps(noted._asdict()).encode())


def _parsed(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The sources that are asked for, each with its symbol or an empty text."""
    words = iter(" ".join(names).split())
    for word in words:
        plain = word.lower()
        if plain in OF_A_SYMBOL:
            symbol = next(words, "")
            if name_of(symbol) is None:
                raise InputError(f"{plain}: found {symbol!r}; expected a symbol such as SPY")
            if plain == "history":
                history.files(symbol)
            yield plain, symbol
        elif plain in {*cboe.NAMES, *fred.NAMES}:
            yield plain, ""
        else:
            raise InputError(f"source {word!r} is not known; expected {', '.join(SOURCES)}")


def _remembered(path: Path, url: str) -> Remembered | None:
    """What is remembered of a file; None where it is not there, or came from elsewhere."""
    if not path.exists():
        return None
    try:
        known = Remembered(**json.loads(_note(path).read_text("utf-8")))
        datetime.fromisoformat(known.at).astimezone()
    except (OSError, TypeError, ValueError):  # a note that cannot be read is no loss: ask again
        return None
    return known if known.url == url else None


def _marks(known: Remembered | None) -> dict[str, str]:
    """The headers that ask for a file only if it has changed."""
    if known is None:
        return {}
    marks = {"If-None-Match": known.etag, "If-Modified-Since": known.modified}
    return {name: mark for name, mark in marks.items() if mark}


def _refuse_other(part: Path, wanted: Wanted) -> None:
    """Refuse a body that is no such file: a page, or another kind."""
    with part.open("rb") as file:
        first = file.read(512).lstrip()
    if not first.startswith(wanted.begins) or not first or first.startswith(_PAGE):
        found = "a web page" if first.startswith(_PAGE) else f"{first[:20]!r}"
        raise NetworkError(f"{wanted.url}: found {found}; expected the file")


def _lay_down(path: Path, content: bytes) -> None:
    """Write a small file by rename, so that nobody reads half of it."""
    part = _part(path)
    part.write_bytes(content)
    part.replace(path)


def _part(path: Path) -> Path:
    """The name of a file while it is on its way; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.with_name(f"{path.name}.part")


def _note(path: Path) -> Path:
    """Where it is remembered when a file was asked for."""
    return path.with_name(f".{path.name}.asked")
