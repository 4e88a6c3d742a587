"""A grid over a policy as the configurations to run: each a whole policy, validated as one.

A configuration is the policy's content with some keys replaced.  What no policy may hold is refused
before anything runs, with the grid's line; so is a combination of keys that contradict each
other, unless such are to be skipped and counted.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pydantic import ValidationError

from underwriter.app.grid_file import Axis, Grid, Range, tidy
from underwriter.app.policy_file import PolicyFile, WrittenPolicy
from underwriter.app.strict import is_conflict, tuples, validated
from underwriter.app.toml_text import Place, TomlText, shown
from underwriter.core.errors import InputError

Values = tuple[Any, ...]
Pair = tuple[PolicyFile, PolicyFile]
_FEW = 8  # configurations that are looked at


@dataclass(slots=True)
class Trials:
    """The configurations of a sweep, each once, and what was left out of them."""

    values: list[Values] = field(default_factory=list)  # one an axis
    contents: list[PolicyFile] = field(default_factory=list)
    contradictory: int = 0
    repeated: int = 0


def trials(policy: WrittenPolicy, grid: Grid, *, skip_invalid: bool = False) -> Trials:
    """The configurations of a grid over a policy; InputError for the first that cannot be."""
    found, seen = Trials(), set()
    refusals: list[tuple[Values, InputError]] = []
    for values in _sampled(grid) if grid.sample else _all(grid):
        content = _replaced(policy, grid, values)
        made = _validated(content, grid, values, skip=skip_invalid)
        if isinstance(made, InputError):
            refusals.append((values, made))
        elif made.hash in seen:
            found.repeated += 1
        else:
            seen.add(made.hash)
            found.values.append(values)
            found.contents.append(made)
    found.contradictory = len(refusals)
    _check_used(grid, found, refusals)
    return found


def _all(grid: Grid) -> Iterator[Values]:
    """Every combination, the last key turning fastest."""
    return itertools.product(*(axis.values for axis in grid.axes))


def _sampled(grid: Grid) -> Iterator[Values]:
    """As many as were asked for, drawn at random or one from each stratum of each key."""
    assert grid.sample is not None  # noqa: S101  asked for by the caller alone
    count, latin = grid.sample.count, grid.sample.method == "latin"
    make = np.random.default_rng(grid.sample.seed)
    columns = []
    for axis in grid.axes:
        at = make.random(count)
        shares = (make.permutation(count) + at) / count if latin else at
        columns.append([_drawn(axis, float(share)) for share in shares])
    return zip(*columns, strict=True)


def _drawn(axis: Axis, share: float) -> Any:  # noqa: ANN401  whatever a policy holds
    """The value at a share of the way through an axis."""
    if axis.values:
        return axis.values[int(share * len(axis.values))]
    span = axis.range or Range(0.0, 1.0, 0.0, whole=False)
    if span.whole:
        return int(span.low) + int(share * (span.high - span.low + 1))
    return min(max(tidy(span.low + share * (span.high - span.low)), span.low), span.high)


def _replaced(policy: WrittenPolicy, grid: Grid, values: Values) -> dict[str, Any]:
    """The policy's content with a value in the place of each axis."""
    content: Any = policy.source.content
    for axis, value in zip(grid.axes, values, strict=True):
        content = _put(content, axis.place, value, grid, axis)
    return dict(content)


def _put(held: Any, place: Place, value: object, grid: Grid, axis: Axis) -> Any:  # noqa: ANN401
    """A copy of what a policy holds with one value in it replaced; what is beside it is shared."""
    if not place:
        return value
    first, rest = place[0], place[1:]
    if isinstance(held, list):
        if not (isinstance(first, int) and first < len(held)):
            last = len(held) - 1
            found = f"found {axis.name}, where the policy has a list"
            allowed = f"expected a position in it, from 0 to {last}, or the list as a whole"
            raise InputError(f"{grid.source.path}, line {axis.line}: {found}; {allowed}")
        return [*held[:first], _put(held[first], rest, value, grid, axis), *held[first + 1 :]]
    below = held.get(str(first)) if isinstance(held, dict) else None
    inside = {} if below is None else below
    return {
        **(held if isinstance(held, dict) else {}),
        str(first): _put(inside, rest, value, grid, axis),
    }


def _validated(
    content: dict[str, Any], grid: Grid, values: Values, *, skip: bool
) -> PolicyFile | InputError:
    """A configuration as a policy; where it contradicts itself and may be skipped, why."""
    try:
        return PolicyFile.model_validate(tuples(content))
    except ValidationError as problem:
        contradicts = is_conflict(problem)
    try:
        validated(PolicyFile, _blamed(content, grid))
    except InputError as refusal:
        if not contradicts:
            raise
        said = InputError(f"{refusal}; in the configuration {told(grid, values)}")
        if skip:
            return said
        raise InputError(f"{said}; --skip-invalid leaves out what contradicts itself") from refusal
    raise AssertionError("validated twice, and allowed once")


def told(grid: Grid, values: Values) -> str:
    """A configuration for people."""
    return ", ".join(
        f"{axis.name} = {shown(value)}" for axis, value in zip(grid.axes, values, strict=True)
    )


def _blamed(content: dict[str, Any], grid: Grid) -> TomlText:
    """A configuration as if the grid's file held it: every place on the line of its axis."""
    lines: dict[Place, int] = {}
    for axis in grid.axes:
        lines[axis.place] = axis.line
        for length in range(len(axis.place)):
            lines.setdefault(axis.place[:length], axis.line)
    return TomlText(grid.source.path, grid.source.text, content, lines)


def varied(policy: WrittenPolicy, grid: Grid, chosen: Trials, at: int) -> Iterator[Pair]:
    """A few configurations, each beside itself with another value of one axis, where it may be."""
    known = list({shown(values[at]): values[at] for values in chosen.values}.values())
    few = max(len(chosen.values) // _FEW, 1)
    for values, content in list(zip(chosen.values, chosen.contents, strict=True))[::few]:
        for other in (known[0], known[len(known) // 2], known[-1]):
            changed = (*values[:at], other, *values[at + 1 :])
            try:
                made = PolicyFile.model_validate(tuples(_replaced(policy, grid, changed)))
            except ValidationError:
                continue
            if made.hash != content.hash:
                yield content, made


def _check_used(grid: Grid, found: Trials, refusals: list[tuple[Values, InputError]]) -> None:
    """Refuse a grid without a configuration, and a listed value that stands in none."""
    if refusals and not found.values:
        raise refusals[0][1]
    if not refusals or grid.sample is not None:
        return
    for at, axis in enumerate(grid.axes):
        used = {shown(values[at]) for values in found.values}
        for values, refusal in refusals:
            if shown(values[at]) not in used:
                raise InputError(f"{refusal}; no configuration with that {axis.name} can be run")
