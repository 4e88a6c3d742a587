"""Settings: the account, its limits and how fills are modelled; and the home they live in.

`underwriter.toml` is looked for in `--home DIR` where that is given, else in the current folder,
else in the home (``UNDERWRITER_HOME``, or ``~/.underwriter``); without one the defaults hold.  It
is read as strictly as a policy; docs/settings.md has every key.

The home must be opened before any kernel is imported: compiled kernels are kept in it.
"""

import os
import tempfile
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from underwriter.app.desk_settings import DeskTable
from underwriter.app.strict import Strict, key, validated
from underwriter.app.toml_text import TomlText, read_toml, shown
from underwriter.core.errors import InputError

Part = Annotated[float, Field(ge=0.0, le=1.0)]

# what of the half-spread each leg of an order pays, by its option legs: 75% of the spread from the
# far side for one leg, 66%, 60% and 56% for two to four (ORATS, backtest documentation)
COMBO = (1.0, 0.64, 0.40, 0.24)
FILE = "underwriter.toml"
HOME = "UNDERWRITER_HOME"


class Account(Strict):
    """[account]: the money, and what binds all policies of it together."""

    name: str = key(
        "letters, digits, hyphens and underscores, at most 40",
        "main",
        pattern=r"^[A-Za-z0-9_-]{1,40}$",
    )
    starting_cash: float = key(
        "dollars, from 1 to 1000000000", 1_000_000.0, ge=1.0, le=1_000_000_000.0
    )
    currency: Literal["USD"] = key('"USD"', "USD")
    collateral: Literal["cash_secured", "reg_t"] = key('"cash_secured" or "reg_t"', "cash_secured")
    cash_reserve: float = key(
        "share of equity never committed, from 0 to under 1", 0.01, ge=0.0, lt=1.0
    )
    short_put_notional: float = key(
        "share of equity that the strikes of all short puts may sum to, above 0 and at most 1",
        1.0,
        gt=0.0,
        le=1.0,
    )
    drawdown_halt: float = key(
        "fall from the peak at which entries stop, from 0 (none) to under 1", 0.0, ge=0.0, lt=1.0
    )


class Fills(Strict):
    """[fills]: how a modelled order meets a quote."""

    half_spread: float = key(
        "share of half the quoted spread that a trade pays, from 0 to 2", 0.5, ge=0.0, le=2.0
    )
    delay: int = key("sessions between decision and fill, 0 or 1", 0, ge=0, le=1)
    combo: tuple[Part, Part, Part, Part] = key(
        "four shares of half_spread, from 0 to 1, for orders of one to four option legs", COMBO
    )
    assigned: float = key(
        "share of a short leg that an early assignment takes, above 0 to 1", 1.0, gt=0.0, le=1.0
    )
    commission: float | None = key(
        "dollars a contract, from 0 to 100; left out: the dated table of fees",
        None,
        ge=0.0,
        le=100.0,
    )


class Tables(Strict):
    """[tables]: files of the user's own, by paths from the folder of the settings."""

    fundamentals: str | None = key("the path of a csv or TOML file", None, min_length=1)
    earnings: str | None = key("the path of a csv or TOML file", None, min_length=1)


Symbol = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9./^-]{0,11}$")]
Shares = Annotated[int, Field(ge=1, le=100_000_000)]


ChannelName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]


class NotifyChannel(Strict):
    """[notify.channels.NAME]: where messages go; its URL is a secret, and stands elsewhere."""

    level: Literal["fact", "warning", "alarm"] = key(
        '"fact", "warning" or "alarm": the least that is told', "fact"
    )


class Notify(Strict):
    """[notify]: what is told to whom, and how often."""

    channels: dict[ChannelName, NotifyChannel] = key(
        "tables [notify.channels.NAME]: small letters, digits and underscores, a letter first", {}
    )
    messages_an_hour: int = key("whole messages, from 1 to 1000", 12, ge=1, le=1_000)
    alarms_an_hour: int = key("whole messages, from 1 to 1000", 30, ge=1, le=1_000)
    timeout: float = key("seconds, from 1 to 60", 10.0, ge=1.0, le=60.0)


class Settings(Strict):
    """The whole of underwriter.toml."""

    holdings: dict[Symbol, Shares] = key(
        "SYMBOL = whole shares, from 1 to 100000000, that the account begins with", {}
    )

    account: Account = Account()
    fills: Fills = Fills()
    desk: DeskTable = DeskTable()
    tables: Tables = Tables()
    notify: Notify = Notify()


class House(NamedTuple):
    """An open home, the settings in force, and the file they came from, if any."""

    home: Path
    settings: Settings
    file: Path | None

    def table(self, path: str | None) -> Path | None:
        """A file that the settings name, from their folder."""
        if path is None:
            return None
        folder = self.file.parent if self.file else Path.cwd()
        return folder / Path(path).expanduser()


def open_house(home: Path | None) -> House:
    """Make sure of the home, tell the kernels of it, and read the settings.

    `home` is what the command line says.  Raises InputError, and leaves nothing behind, where the
    home cannot be written or the settings cannot be used.
    """
    there = home_folder(home)
    file = settings_file(home, there)
    source = read_toml(file) if file else None
    settings = validated(Settings, source) if source else Settings()
    house = House(there, settings, file)
    if source:
        _require_tables(house, source)
    open_home(there)
    os.environ[HOME] = str(there)
    return house


def unread_house(home: Path | None) -> House:
    """The house on its defaults, where settings or home cannot be used: to say what is wrong.

    InputError where nobody can tell which home is meant.
    """
    there = home_folder(home)
    os.environ[HOME] = str(there)
    return House(there, Settings(), None)


def _require_tables(house: House, source: TomlText) -> None:
    """InputError for a table that the settings name and that is not there, asked for or not."""
    for name, path in house.settings.tables.model_dump().items():
        there = house.table(path)
        if there is not None and not there.is_file():
            raise source.error(
                ("tables", name),
                f"found tables.{name} = {shown(path)}, which is no file: {there}",
                f"expected {Tables.model_fields[name].description}, from the settings' folder",
            )


def home_folder(home: Path | None) -> Path:
    """The home: what the command line says, else the environment, else ~/.underwriter."""
    asked = home or Path(os.environ.get(HOME) or "~/.underwriter")
    try:
        return asked.expanduser().absolute()
    except RuntimeError as problem:
        raise InputError(f"home {asked}: found no home folder of the user; use --home") from problem


def settings_file(home: Path | None, there: Path) -> Path | None:
    """Where the settings stand: the home that was asked for, the current folder, the home."""
    places = [there] if home else [Path.cwd(), there]
    return next((place / FILE for place in places if (place / FILE).is_file()), None)


def open_home(home: Path) -> None:
    """Make the home where it is not there, and see that it can be written."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as problem:
        found = (problem.strerror or str(problem)).lower()
        raise InputError(
            f"home {home}: {found}; expected a folder that can be written (--home DIR or {HOME})"
        ) from problem
