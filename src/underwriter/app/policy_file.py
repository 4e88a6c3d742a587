"""A policy as people write it: TOML, read strictly.

    policy = read_policy(Path("wheel-index.toml"))
    policy.content.entry.delta          0.25
    policy.hash                         names the content, however it was written

What each key allows stands beside it here, in the refusal and in docs/policy.md.  Nothing else is
a key: a misspelt one would be a rule that is silently not applied.
"""

from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from underwriter.app.screen_keys import Screen
from underwriter.app.strict import Strict, conflict, key, validated
from underwriter.app.toml_text import TomlText, parse_toml, read_toml, shown

Cadence = Literal["weekly", "daily"]
Strategy = Literal["wheel", "cash_secured_put"]
Symbol = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9./^-]{0,11}$")]
Delta = Annotated[float, Field(ge=0.0, le=0.5)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Yield = Annotated[float, Field(ge=0.0, le=10.0)]
Edge = Annotated[float, Field(gt=0.0, le=200.0)]

_OPENS, _CLOSES = "09:30", "16:00"
_COLUMNS = ("delta", "size", "min_yield", "every")
_BY_COLUMN = "one for each band and one above the last"


class Entry(Strict):
    """[entry]: which option may be sold to open, and when."""

    on: Cadence = key('"weekly" (the first session of the week) or "daily"', "weekly")
    delta: float = key("the size of delta, above 0 and at most 0.5", gt=0.0, le=0.5)
    dte: tuple[int, int] = key("[least, most] whole calendar days, from 1 to 70, ascending")
    min_yield: float = key("a year, on collateral, from 0 to 10 (0.08 is 8%)", 0.0, ge=0.0, le=10.0)
    min_credit: float = key("dollars a share, from 0 to 1000", 0.0, ge=0.0, le=1000.0)
    max_spread: float = key("share of the mid, above 0 and at most 2", 0.10, gt=0.0, le=2.0)
    min_open_interest: int = key(
        "whole contracts, from 0 to 1000000; unknown interest passes", 0, ge=0, le=1_000_000
    )

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        least, most = self.dte
        if not 1 <= least <= most <= 70:  # noqa: PLR2004  the longest that a chain is modelled
            raise _conflict(self, "dte", self.dte)
        return self


class Manage(Strict):
    """[manage]: when a short option is bought back."""

    take_profit: float = key("share of the credit, from 0 (none) to under 1", 0.0, ge=0.0, lt=1.0)
    exit_dte: int | None = key(
        "whole calendar days, from 0, below the least of entry.dte; left out: hold to expiry",
        None,
        ge=0,
    )


class Stress(Strict):
    """One scenario that a position is revalued in."""

    spot: float = key("relative move of the underlying, above -1 to 1", gt=-1.0, le=1.0)
    vol: float = key("factor on implied volatility, above 0 to 10", gt=0.0, le=10.0)


class Size(Strict):
    """[size]: how many contracts, as what they may cost under stress."""

    risk_per_position: float = key(
        "share of equity that the worst stress may cost, above 0 and at most 0.10", gt=0.0, le=0.10
    )
    stress: tuple[Stress, ...] = key(
        "one to eight scenarios { spot = -0.20, vol = 1.5 }", min_length=1, max_length=8
    )
    per_underlying: float = key("share of equity, above 0 and at most 1", 0.25, gt=0.0, le=1.0)


class Regime(Strict):
    """[regime]: columns by volatility; each, where present, replaces the entry's value."""

    measure: Literal["VIX"] = key('"VIX"', "VIX")
    bands: tuple[Edge, ...] = key(
        "one to seven edges in points, above 0 to 200, ascending", min_length=1, max_length=7
    )
    delta: tuple[Delta, ...] | None = key(
        f"numbers from 0 (stand aside) to 0.5, {_BY_COLUMN}", None
    )
    size: tuple[Share, ...] | None = key(f"numbers from 0 (stand aside) to 1, {_BY_COLUMN}", None)
    min_yield: tuple[Yield, ...] | None = key(f"numbers from 0 to 10, {_BY_COLUMN}", None)
    every: tuple[Cadence, ...] | None = key(f'"weekly" or "daily", {_BY_COLUMN}', None)
    confirm: int = key("whole sessions in a row, from 1 to 20", 2, ge=1, le=20)
    hysteresis: float = key("points of the measure, from 0 to 20", 1.0, ge=0.0, le=20.0)

    @model_validator(mode="after")
    def _one_for_each_band(self) -> Self:
        if any(a >= b for a, b in zip(self.bands, self.bands[1:], strict=False)):
            raise _conflict(self, "bands", self.bands)
        for name in _COLUMNS:
            column = getattr(self, name)
            if column is not None and len(column) != len(self.bands) + 1:
                raise _conflict(self, name, column, f": {len(self.bands) + 1} values")
        return self


class PolicyFile(Strict):
    """The whole of a policy."""

    name: str = key(
        "lower-case letters, digits and hyphens, at most 60", pattern=r"^[a-z0-9][a-z0-9-]{0,59}$"
    )
    strategy: Strategy = key('"wheel" or "cash_secured_put"')
    universe: tuple[Symbol, ...] = key(
        'symbols such as "SPX/10", each once, at least one', min_length=1, max_length=200
    )
    rungs: int = key(
        "whole sleeves an underlying, from 1 to 20; one opens at a time", 1, ge=1, le=20
    )
    decide_at: str = key(
        f"exchange time HH:MM, after {_OPENS} and not after {_CLOSES}",
        "15:45",
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
    )
    least_capital: float = key("dollars, from 0 to 1000000000", 0.0, ge=0.0, le=1_000_000_000.0)
    entry: Entry
    manage: Manage = Manage()
    size: Size
    regime: Regime | None = None
    screen: Screen | None = None

    @model_validator(mode="after")
    def _together(self) -> Self:
        if not _OPENS < self.decide_at <= _CLOSES:
            raise _conflict(self, "decide_at", self.decide_at)
        for at, symbol in enumerate(self.universe):
            if symbol in self.universe[:at]:
                raise conflict(
                    ("universe", at), f"found {symbol} twice in universe", "expected each once"
                )
        exit_dte, least = self.manage.exit_dte, self.entry.dte[0]
        if exit_dte is not None and exit_dte >= least:
            raise conflict(
                ("manage", "exit_dte"),
                f"found manage.exit_dte = {exit_dte}",
                f"expected whole calendar days below the least of entry.dte, {least}",
            )
        return self

    @cached_property
    def hash(self) -> str:
        """Sixteen hexadecimal digits that name the content, however it was written."""
        return blake2b(self.model_dump_json().encode(), digest_size=8).hexdigest()


class WrittenPolicy(NamedTuple):
    """A policy and the file it was read from."""

    content: PolicyFile
    source: TomlText

    @property
    def name(self) -> str:
        """What the policy is called."""
        return self.content.name

    @property
    def hash(self) -> str:
        """What names its content."""
        return self.content.hash


def read_policy(path: Path) -> WrittenPolicy:
    """The policy at `path`; InputError names the line of what cannot be used."""
    source = read_toml(path)
    return WrittenPolicy(validated(PolicyFile, source), source)


def parse_policy(path: Path, text: str) -> WrittenPolicy:
    """The policy that `text` holds, as if it stood at `path`."""
    source = parse_toml(path, text)
    return WrittenPolicy(validated(PolicyFile, source), source)


def _conflict(model: Strict, name: str, value: object, more: str = "") -> Exception:
    """The refusal of one key's value, in the words that stand beside the key."""
    allowed = type(model).model_fields[name].description
    table = type(model).__name__.lower()
    full = name if isinstance(model, PolicyFile) else f"{table}.{name}"
    return conflict((name,), f"found {full} = {shown(value)}", f"expected {allowed}{more}")
