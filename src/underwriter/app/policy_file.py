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

from pydantic import Field, field_validator, model_validator

from underwriter.app.scenarios import refuse_unhurt
from underwriter.app.screen_keys import Screen
from underwriter.app.strict import Strict, conflict, key, validated
from underwriter.app.toml_text import TomlText, parse_toml, read_toml, shown

Cadence = Literal["weekly", "daily"]
Strategy = Literal[
    "wheel",
    "cash_secured_put",
    "covered_call",
    "put_spread",
    "call_spread",
    "iron_condor",
    "strangle",
    "collar",
]
Symbol = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9./^-]{0,11}$")]
Delta = Annotated[float, Field(ge=0.0, le=0.5)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Yield = Annotated[float, Field(ge=0.0, le=10.0)]
Edge = Annotated[float, Field(gt=0.0, le=200.0)]

_OPENS, _LATEST = "09:30", "15:50"  # orders end five minutes before the close
_COLUMNS = ("delta", "size", "min_yield", "every", "admit_iv_max", "buying_power")
_WINGED = ("put_spread", "call_spread", "iron_condor")
_ON_SHARES = ("covered_call", "collar")
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
    width: float | None = key(
        "dollars from the short strike to its long one, above 0 to 10000; spreads have this or "
        "long_delta",
        None,
        gt=0.0,
        le=10_000.0,
    )
    long_delta: float | None = key(
        "the size of delta of the long leg, above 0 and at most 0.5, of a spread below entry.delta",
        None,
        gt=0.0,
        le=0.5,
    )
    min_reward: float = key(
        "share of a spread's width that its credit is at least, 0 to under 1",
        0.0,
        ge=0.0,
        lt=1.0,
    )
    shares: Literal["buy", "held"] = key(
        '"buy" (with the call that is sold on them) or "held" (only those brought along)', "buy"
    )
    avoid_earnings: bool = key("true or false", default=False)

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if not _in_reach(self.dte):
            raise _conflict(self, "dte", self.dte)
        return self


class Roll(Strict):
    """[manage.roll]: which position is tested, and where it may be rolled to."""

    when_delta: float | None = key("the size of delta, above 0 to 1", None, gt=0.0, le=1.0)
    when_through: bool = key("true or false: the spot has gone through the strike", default=False)
    when_extrinsic: float | None = key(
        "dollars a share left beside intrinsic value, above 0 to 1000", None, gt=0.0, le=1_000.0
    )
    out: tuple[int, int] = key("[least, most] whole calendar days, from 1 to 70, ascending")
    down: bool = key("true or false: only to a lower put, a higher call", default=True)
    for_credit: bool = key("true or false", default=True)
    at_most: int = key("whole rolls of one campaign, from 1 to 100", ge=1, le=100)

    @model_validator(mode="after")
    def _tested_and_ascending(self) -> Self:
        if not _in_reach(self.out):
            raise _conflict(self, "out", self.out, table="manage.roll")
        if self.when_delta is None and self.when_extrinsic is None and not self.when_through:
            raise conflict(
                ("when_delta",),
                "found none of when_delta, when_through, when_extrinsic in manage.roll",
                "expected one at least",
            )
        return self


class Manage(Strict):
    """[manage]: when a short option is bought back, rolled, or left to be assigned."""

    take_profit: float = key("share of the credit, from 0 (none) to under 1", 0.0, ge=0.0, lt=1.0)
    stop: float = key(
        "a loss of so many credits closes, from 0 (none) to 100", 0.0, ge=0.0, le=100.0
    )
    exit_dte: int | None = key(
        "whole calendar days, from 0, below the least of entry.dte; left out: hold to expiry",
        None,
        ge=0,
    )
    cooldown: int = key("whole sessions, from 0 (none) to 250, after a loss", 0, ge=0, le=250)
    assignment: Literal["accept", "avoid"] | None = key(
        '"accept" or "avoid"; left out: accept for wheel, cash_secured_put, covered_call, collar, '
        "avoid for the others",
        None,
    )
    pin: Literal["close", "hold"] | None = key(
        '"close" or "hold" near a strike on the last day; left out: close where assignment is '
        "avoided",
        None,
    )
    below_breakeven: bool = key(
        "true or false: calls may be sold under the campaign's breakeven", default=False
    )
    roll: Roll | None = None


class Own(Strict):
    """[own.SYMBOL]: prices decided beforehand."""

    buy_below: float | None = key(
        "dollars, above 0 to 1000000: no put strike above it", None, gt=0.0, le=1_000_000.0
    )
    sell_above: float | None = key(
        "dollars, above 0 to 1000000: no call strike below it", None, gt=0.0, le=1_000_000.0
    )
    max_shares: int | None = key("whole shares, from 1 to 100000000", None, ge=1, le=100_000_000)


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
    per_sector: float = key("share of equity, above 0 and at most 1", 1.0, gt=0.0, le=1.0)
    per_cluster: float = key("share of equity, above 0 and at most 1", 1.0, gt=0.0, le=1.0)
    buying_power: float = key(
        "share of equity that margin may come to, above 0 and at most 1", 1.0, gt=0.0, le=1.0
    )


class Income(Strict):
    """[income]: what a month shall bring; it is shown, and never loosens a cap."""

    target: float = key("dollars a month, above 0 to 1000000000", gt=0.0, le=1_000_000_000.0)


class Regime(Strict):
    """[regime]: columns by volatility; each, where present, replaces the entry's value."""

    measure: Literal["VIX", "IV percentile"] = key(
        '"VIX" or "IV percentile" (of the underlying itself, in points)', "VIX"
    )
    bands: tuple[Edge, ...] = key(
        "up to seven edges in points, above 0 to 200, ascending", (), max_length=7
    )
    delta: tuple[Delta, ...] | None = key(
        f"numbers from 0 (stand aside) to 0.5, {_BY_COLUMN}", None
    )
    size: tuple[Share, ...] | None = key(f"numbers from 0 (stand aside) to 1, {_BY_COLUMN}", None)
    min_yield: tuple[Yield, ...] | None = key(f"numbers from 0 to 10, {_BY_COLUMN}", None)
    every: tuple[Cadence, ...] | None = key(f'"weekly" or "daily", {_BY_COLUMN}', None)
    admit_iv_max: tuple[Yield, ...] | None = key(
        f"highest 30-day implied volatility of a name, numbers from 0 to 10, {_BY_COLUMN}", None
    )
    buying_power: tuple[Share, ...] | None = key(
        f"shares of equity that margin may come to, from 0 to 1, {_BY_COLUMN}", None
    )
    slope_above: float = key(
        "VIX over VIX3M above which nothing is sold, from 0 (none) to 5", 0.0, ge=0.0, le=5.0
    )
    below_realised: float = key(
        "nothing is sold while 30-day IV is under so many times realised volatility, from 0 (none) "
        "to 5",
        0.0,
        ge=0.0,
        le=5.0,
    )
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
    strategy: Strategy = key(
        '"wheel", "cash_secured_put", "covered_call", "put_spread", "call_spread", "iron_condor", '
        '"strangle" or "collar"'
    )
    universe: tuple[Symbol, ...] = key(
        'symbols such as "SPX/10", each once, at least one', min_length=1, max_length=1000
    )
    rungs: int = key(
        "whole sleeves an underlying, from 1 to 20; one opens at a time", 1, ge=1, le=20
    )
    decide_at: str = key(
        f"exchange time HH:MM, after {_OPENS} and not after {_LATEST}",
        "15:45",
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
    )
    least_capital: float = key("dollars, from 0 to 1000000000", 0.0, ge=0.0, le=1_000_000_000.0)
    entry: Entry
    manage: Manage = Manage()
    size: Size
    income: Income | None = None
    regime: Regime | None = None
    screen: Screen | None = None
    own: dict[Symbol, Own] = key("tables [own.SYMBOL] of symbols in universe", {})

    @field_validator("own", mode="after")
    @classmethod
    def _in_order(cls, own: dict[str, Own]) -> dict[str, Own]:
        return dict(sorted(own.items()))  # so that the hash is of the content alone

    @property
    def avoids_assignment(self) -> bool:
        """Whether positions are closed rather than assigned."""
        if self.manage.assignment is None:
            return self.strategy in {*_WINGED, "strangle"}
        return self.manage.assignment == "avoid"

    @model_validator(mode="after")
    def _together(self) -> Self:
        if not _OPENS < self.decide_at <= _LATEST:
            raise _conflict(self, "decide_at", self.decide_at)
        for at, symbol in enumerate(self.universe):
            if symbol in self.universe[:at]:
                raise conflict(
                    ("universe", at), f"found {symbol} twice in universe", "expected each once"
                )
        for symbol in self.own:
            if symbol not in self.universe:
                raise conflict(
                    ("own", symbol), f"found {symbol} in own", "expected symbols in universe"
                )
        return self

    @model_validator(mode="after")
    def _legs(self) -> Self:
        entry = self.entry
        if self.strategy in _WINGED and (entry.width is None) == (entry.long_delta is None):
            found = "none" if entry.width is None else "both"
            raise conflict(
                ("entry", "width"),
                f"found {found} of entry.width and entry.long_delta under {self.strategy}",
                "expected one of them",
            )
        if self.strategy in _WINGED and (entry.long_delta or 0.0) >= entry.delta:
            raise conflict(
                ("entry", "long_delta"),
                f"found entry.long_delta = {shown(entry.long_delta)}",
                f"expected one below entry.delta, {shown(entry.delta)}",
            )
        if self.strategy == "collar" and entry.long_delta is None:
            raise conflict(
                ("entry", "long_delta"),
                "found no entry.long_delta under collar",
                "expected the size of delta of the put",
            )
        self._no_leg_for()
        return self

    def _no_leg_for(self) -> None:
        """A key of a leg that the strategy does not have would be a rule not applied."""
        winged = self.strategy in _WINGED
        asked = {
            "width": (self.entry.width is not None, winged),
            "long_delta": (self.entry.long_delta is not None, winged or self.strategy == "collar"),
            "min_reward": (self.entry.min_reward > 0.0, winged),
            "shares": ("shares" in self.entry.model_fields_set, self.strategy in _ON_SHARES),
        }
        for name, (given, fits) in asked.items():
            if given and not fits:
                raise conflict(
                    ("entry", name),
                    f"found entry.{name} under {self.strategy}",
                    "expected none: it has no such leg",
                )

    @model_validator(mode="after")
    def _stressed(self) -> Self:
        refuse_unhurt(self.strategy, [each.spot for each in self.size.stress])
        return self

    @model_validator(mode="after")
    def _in_time(self) -> Self:
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
        """Sixteen hexadecimal digits that name what decides, however it was written.

        A target decides nothing, and is no part of it.
        """
        content = self.model_dump_json(exclude={"income"})
        return blake2b(content.encode(), digest_size=8).hexdigest()


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


def _in_reach(days: tuple[int, int]) -> bool:
    """Whether days to expiry ascend, and a chain is modelled so far."""
    return 1 <= days[0] <= days[1] <= 70  # noqa: PLR2004  the longest that a chain is modelled


def _conflict(
    model: Strict, name: str, value: object, more: str = "", table: str = ""
) -> Exception:
    """The refusal of one key's value, in the words that stand beside the key."""
    allowed = type(model).model_fields[name].description
    table = table or type(model).__name__.lower()
    full = name if isinstance(model, PolicyFile) else f"{table}.{name}"
    return conflict((name,), f"found {full} = {shown(value)}", f"expected {allowed}{more}")
