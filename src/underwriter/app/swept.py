"""What came of a sweep, as Parquet, as the JSON object, and as what the pages tell."""

import math
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import polars as pl

from underwriter.app.grid_file import Grid
from underwriter.app.trials import Trials
from underwriter.core import reason
from underwriter.core.record import Rows
from underwriter.report.swept.told import FIGURES, Chance, Swept
from underwriter.sim.luck import BELIEVED, Series, deflated, expected_maximum
from underwriter.sim.sweep import OUTCOME, Outcome

_TOP = 10  # configurations in the object
_QUARTERS = ("lowest", "quarter", "median", "three_quarters", "highest")


class One(msgspec.Struct, frozen=True):
    """One configuration: its number in the Parquet, its keys, its figures (null: undefined)."""

    configuration: int
    policy_hash: str
    values: dict[str, Any]
    figures: dict[str, float | None]


class Luck(msgspec.Struct, frozen=True):
    """What the best of as many tries without skill would reach; Sharpe ratios are annual."""

    tried: int
    sharpe_spread: float | None
    expected_best_sharpe: float | None
    best_sharpe: float | None
    deflated_sharpe: float | None  # a probability
    flagged: bool  # whether the best may be luck


class Design(msgspec.Struct, frozen=True):
    """How the configurations were chosen."""

    path: str
    method: str  # grid, random or latin
    keys: list[str]
    configurations: int  # of the grid
    contradictory: int  # left out of them
    repeated: int  # and run once
    inert: list[str]  # keys that change nothing: another key of the policy stands in the way


class Span(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """First and last session, and how many."""

    from_: str
    to: str
    sessions: int


class Sweep(msgspec.Struct, frozen=True):
    """The whole object."""

    version: str
    policy: str
    policy_hash: str
    period: Span
    quotes: str
    origins: dict[str, str]
    source: str
    starting_cash: float
    half_spread: float
    delay: int
    grid: Design
    tried: int
    found: int  # of these, kept from an earlier run of the same sweep
    by: str
    best: One
    median: One
    top: list[One]
    distribution: dict[str, dict[str, float | None]]
    luck: Luck
    identity: str
    results: str
    report: str


class Results(NamedTuple):
    """The configurations of a sweep with what came of each."""

    grid: Grid
    trials: Trials
    outcomes: Rows[Outcome]

    def values(self, at: int) -> tuple[Any, ...]:
        """What a configuration has in place of the policy's own, as validated."""
        content = self.trials.contents[at].model_dump()
        return tuple(_held(content, axis.place) for axis in self.grid.axes)

    def figures(self, at: int) -> dict[str, float | None]:
        """The figures of one configuration."""
        row = self.outcomes[at]
        return {name: _finite(float(getattr(row, name))) for name in OUTCOME if name in FIGURES}

    def one(self, at: int) -> One:
        """One configuration for JSON."""
        names = (axis.name for axis in self.grid.axes)
        values = dict(zip(names, map(_plain, self.values(at)), strict=True))
        return One(at, self.trials.contents[at].hash, values, self.figures(at))


def _held(content: Any, place: tuple[str | int, ...]) -> Any:  # noqa: ANN401  what a policy holds
    """What stands at a place."""
    for part in place:
        content = content[part]
    return content


def _plain(value: Any) -> Any:  # noqa: ANN401  what a policy holds
    """Lists in place of tuples."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _finite(value: float) -> float | None:
    """The number, or null where it is undefined."""
    return value if math.isfinite(value) else None


def frame(results: Results) -> pl.DataFrame:
    """One row a configuration: its number, its keys, the policy's hash, its figures."""
    count = len(results.trials.contents)
    rows = [results.values(at) for at in range(count)]
    keys = {
        axis.name: pl.Series([_plain(row[at]) for row in rows])
        for at, axis in enumerate(results.grid.axes)
    }
    table: Any = np.asarray(results.outcomes)
    figures = {
        name: pl.Series(table[name]).fill_nan(None)
        if table[name].dtype.kind == "f"
        else table[name]
        for name in OUTCOME
        if name != "refused_most"
    }
    why = [reason.NAMES.get(int(code)) for code in table["refused_most"]]
    return pl.DataFrame(
        {
            "configuration": np.arange(count),
            **keys,
            "policy_hash": [content.hash for content in results.trials.contents],
            **figures,
            "refused_most": pl.Series(why, dtype=pl.String),
        }
    )


def write(results: Results, path: Path, told: dict[str, str]) -> None:
    """The Parquet of a sweep; `told` stands in its metadata."""
    frame(results).write_parquet(path, compression="zstd", metadata=told)


def chance(results: Results, best: int, returns: int) -> Chance:
    """What luck would do, and what is left of the best."""
    sharpe = np.asarray(results.outcomes)["sharpe"]
    held = sharpe[np.isfinite(sharpe)]
    spread = float(np.std(held, ddof=1)) if held.size > 1 else 0.0
    expected = expected_maximum(len(sharpe), spread)
    row = results.outcomes[best]
    series = Series(float(row.sharpe), float(row.skewness), float(row.kurtosis), returns)
    return Chance(len(sharpe), spread, expected, deflated(series, expected), BELIEVED)


def luck(swept: Swept) -> Luck:
    """The same for JSON."""
    told = swept.chance
    best = float(swept.figures["sharpe"][swept.best])
    return Luck(
        tried=told.tried,
        sharpe_spread=_finite(told.spread),
        expected_best_sharpe=_finite(told.expected),
        best_sharpe=_finite(best),
        deflated_sharpe=_finite(told.deflated),
        flagged=told.flagged and told.tried > 1,
    )


def distribution(swept: Swept) -> dict[str, dict[str, float | None]]:
    """Lowest, quarters and highest of every figure."""
    return {
        name: dict(zip(_QUARTERS, map(_finite, swept.quarters(name)), strict=True))
        for name in FIGURES
    }


def top(results: Results, swept: Swept) -> list[One]:
    """The best configurations."""
    return [results.one(int(at)) for at in swept.order[:_TOP]]


def design(grid: Grid) -> str:
    """How the configurations were chosen, for people."""
    if grid.sample is None:
        return f"every combination of {', '.join(axis.name for axis in grid.axes)}"
    how = {"random": "drawn at random", "latin": "a Latin hypercube"}[grid.sample.method]
    return f"{how} of {', '.join(axis.name for axis in grid.axes)}, seed {grid.sample.seed}"
