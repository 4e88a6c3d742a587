"""What exchange_calendars says of an exchange, kept in a file because asking costs two seconds.

The file lies at ``home/cache/sessions-XNYS-4.13.2-1990-2035.npz``: name, library version and
range are its key, so a new version of the library asks anew.  It is written beside its place and
renamed into it; one that cannot be read, or does not hold together, is made again.
"""

import re
import tempfile
import warnings
import zipfile
import zlib
from datetime import date
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from underwriter.core.errors import InputError
from underwriter.core.units import day_number

FIRST = date(1990, 1, 1)  # the first day of the volatility index
LAST = date(2035, 12, 31)
Moments = npt.NDArray[np.datetime64]
_COLUMNS = {"sessions": np.int32, "early": np.bool_, "opens": np.int16, "closes": np.int16}
_DAMAGE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)


class Sessions(NamedTuple):
    """An exchange's sessions: see `calendar.Calendar`, which they become."""

    name: str
    tz: str
    first: int
    last: int
    sessions: npt.NDArray[np.int32]
    early: npt.NDArray[np.bool_]
    opens: npt.NDArray[np.int16]
    closes: npt.NDArray[np.int16]


def read_sessions(name: str, home: Path) -> Sessions:
    """The sessions of exchange `name`, from the cache under `home`, else asked and kept."""
    path = cache_path(name, home)
    try:
        return _frozen(_read(path, name))
    except _DAMAGE:  # a missing or damaged cache is no loss: it is made again
        asked = ask_sessions(name)
    _keep(asked, path)
    return _frozen(asked)


def cache_path(name: str, home: Path) -> Path:
    """Where the sessions of exchange `name` are kept."""
    safe = re.sub(r"\W", "_", name)  # "24/7" is a name, too
    key = f"{safe}-{version('exchange_calendars')}-{FIRST.year}-{LAST.year}"
    return home / "cache" / f"sessions-{key}.npz"


def _read(path: Path, name: str) -> Sessions:
    """What a cache file holds; ValueError where that does not hold together."""
    content = BytesIO(path.read_bytes())  # np.load leaves a damaged file open
    with np.load(content, allow_pickle=False) as kept:
        columns = {column: kept[column].astype(dtype) for column, dtype in _COLUMNS.items()}
        found = Sessions(str(kept["name"]), str(kept["tz"]), *kept["span"].tolist(), **columns)
    shapes = {column.shape for column in found[4:]}
    if found.name != name or shapes != {(len(found.sessions),)} or not len(found.sessions):
        raise ValueError(path)
    return found


def _keep(known: Sessions, path: Path) -> None:
    """Write the cache file, by rename, so that nobody reads half of it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as part:
            span = np.array([known.first, known.last])
            np.savez_compressed(
                part,
                name=known.name,
                tz=known.tz,
                span=span,
                sessions=known.sessions,
                early=known.early,
                opens=known.opens,
                closes=known.closes,
            )
        Path(part.name).replace(path)
    except OSError as problem:
        raise InputError(
            f"home {path.parent.parent}: the calendar cannot be kept there ({problem.strerror}); "
            "expected a folder that can be written"
        ) from problem


def ask_sessions(name: str) -> Sessions:
    """What exchange_calendars says of `name`, which takes seconds; InputError where it knows none.

    For those who have no home to keep it in.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's and pandas' own affairs
        import exchange_calendars  # noqa: PLC0415  two seconds, paid only where the cache is empty

        try:
            asked = exchange_calendars.get_calendar(name, start=str(FIRST), end=str(LAST))
        except (exchange_calendars.errors.InvalidCalendarName, ValueError) as problem:
            raise InputError(
                f"exchange {name!r} is not known to exchange_calendars; expected a name such as "
                "XNYS"
            ) from problem
        days = asked.sessions.to_numpy().astype("datetime64[D]")
        return Sessions(
            name=name,
            tz=str(asked.tz),
            first=day_number(FIRST),
            last=day_number(LAST),
            sessions=days.astype(np.int32),
            early=np.asarray(asked.sessions.isin(asked.early_closes), np.bool_),
            opens=_minutes(_local(asked.opens, asked.tz), days),
            closes=_minutes(_local(asked.closes, asked.tz), days),
        )


def _local(moments: Any, zone: Any) -> Moments:  # noqa: ANN401  pandas, which we do not import
    """A pandas column of UTC moments as local wall-clock time."""
    local: Moments = moments.dt.tz_convert(zone).dt.tz_localize(None).to_numpy()
    return local


def _minutes(moments: Moments, days: Moments) -> npt.NDArray[np.int16]:
    """Minutes of each moment after midnight of its day; negative where the day before."""
    midnights = days.astype("datetime64[m]")
    minutes: npt.NDArray[np.int16] = (moments.astype("datetime64[m]") - midnights).astype(np.int16)
    return minutes


def _frozen(known: Sessions) -> Sessions:
    """The same sessions, their columns closed to writing."""
    for column in known[4:]:
        column.setflags(write=False)
    return known
