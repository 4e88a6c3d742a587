"""A grid as people write it: which keys of a policy take which values; TOML, read strictly.

    "entry.delta" = [0.16, 0.20, 0.25]                  every one of them
    "entry.dte" = [[20, 45], [30, 60]]                  whole values, as the policy writes them
    "manage.take_profit" = { from = 0.0, to = 0.75, step = 0.25 }

    [sample]                                            left out: every combination is run
    method = "latin"                                    or "random"
    count = 200
    seed = 1

A key is the policy's own, with dots; a number in it is a position: `size.stress.0.spot`.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin

from underwriter.app.policy_file import PolicyFile
from underwriter.app.strict import Strict, key, validated
from underwriter.app.toml_text import Place, TomlText, read_toml, shown
from underwriter.core.errors import InputError

MOST = 100_000  # configurations of one sweep
SAMPLE = "sample"
_RANGE = {"from", "to", "step"}
_FIXED = {  # keys that are not the sweep's to change, and why
    "name": "which names the policy and changes nothing",
    "universe": "since one sweep runs on one slab",
    "decide_at": "which end-of-day quotes do not know",
    "own": "of which single keys can be swept, such as own.KO.buy_below",
    "income.target": "which is shown and decides nothing",
}
_VALUES = "a list of values such as [0.16, 0.20], or a range { from = 0.10, to = 0.30 }"


class Sample(Strict):
    """[sample]: so many configurations, drawn instead of all combinations."""

    method: Literal["random", "latin"] = key('"random" or "latin" (a Latin hypercube)')
    count: int = key(f"whole configurations, from 1 to {MOST}", ge=1, le=MOST)
    seed: int = key("a whole number, from 0 to 4294967295", 0, ge=0, le=2**32 - 1)


class _Head(Strict):
    """What a grid has beside the keys of a policy."""

    sample: Sample | None = None


class Range(NamedTuple):
    """Numbers between two ends, both included; on a raster where there is a step (else 0)."""

    low: float
    high: float
    step: float
    whole: bool


class Axis(NamedTuple):
    """One key of the policy and what it may be."""

    name: str  # with dots
    place: Place  # in the policy
    values: tuple[Any, ...]  # none where it is a range without a step
    range: Range | None
    line: int


class Grid(NamedTuple):
    """What a sweep changes in its policy, and how."""

    source: TomlText
    axes: tuple[Axis, ...]
    sample: Sample | None

    @property
    def combinations(self) -> int:
        """How many configurations there are, those that contradict themselves with them."""
        return self.sample.count if self.sample else math.prod(len(a.values) for a in self.axes)


def read_grid(path: Path) -> Grid:
    """The grid at `path`; InputError names the line of what cannot be used."""
    source = read_toml(path)
    head = {name: value for name, value in source.content.items() if name == SAMPLE}
    sample = validated(_Head, source._replace(content=head)).sample
    grid = Grid(source, tuple(_axes(source)), sample)
    _check(grid)
    return grid


def _axes(source: TomlText) -> Iterator[Axis]:
    """Every key with its values, in the order of the file."""
    for name, value in source.content.items():
        if name != SAMPLE:
            parts = tuple(_part(each) for each in name.split("."))
            yield from _below(source, (name,), parts, value)


def _part(word: str) -> str | int:
    """A word of a key, or a position in a list."""
    return int(word) if word.isascii() and word.isdigit() else word


def _below(source: TomlText, written: Place, place: Place, value: object) -> Iterator[Axis]:
    """The axes of a key, or of the table of keys that it is."""
    if isinstance(value, dict) and not set(value) & _RANGE:
        for name, item in value.items():
            yield from _below(source, (*written, name), (*place, _part(name)), item)
        return
    name = ".".join(map(str, place))
    if (why := _FIXED.get(name)) is not None:
        raise source.error(written, f"found {name}, {why}", "expected another key of the policy")
    line = source.line(written)
    if isinstance(value, dict):
        found = _range(source, written, name, place, value)
        yield Axis(name, place, _raster(found), found, line)
    else:
        yield Axis(name, place, _listed(source, written, name, value), None, line)


def _listed(source: TomlText, written: Place, name: str, value: object) -> tuple[Any, ...]:
    """The values of a list: one or more, each once."""
    if not isinstance(value, list) or not value:
        found = f"found {name} = {shown(value)}"
        raise source.error(written, found, f"expected {_VALUES}")
    for at, one in enumerate(value):
        if any(_same(one, other) for other in value[:at]):
            again = f"found {shown(one)} twice in {name}"
            raise source.error((*written, at), again, "expected each value once")
    return tuple(value)


def _same(one: object, other: object) -> bool:
    """Whether two values are the same to a policy: 15 is 15.0, and true is not 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _range(source: TomlText, written: Place, name: str, place: Place, value: Any) -> Range:  # noqa: ANN401
    """A range of numbers."""
    found = f"found {name} = {shown(value)}"
    wrong = source.error(
        written, found, "expected { from = ..., to = ... } of two numbers, the second larger, "
        "with or without a positive step"
    )  # fmt: skip
    if not {"from", "to"} <= set(value) <= _RANGE:
        raise wrong
    low, high, step = value["from"], value["to"], value.get("step", 0)
    numbers = (low, high, step)
    if not all(type(each) in {int, float} and math.isfinite(each) for each in numbers):
        raise wrong
    if low >= high or step < 0 or ("step" in value and step == 0):
        raise wrong
    whole = _is_whole(place)
    if whole and not all(type(each) is int for each in numbers):
        raise source.error(written, found, "expected whole numbers")
    made = Range(low, high, step, whole)
    if step and (high - low) / step >= MOST:
        raise source.error(written, found, f"expected at most {MOST:,} values")
    return made


def _raster(found: Range) -> tuple[Any, ...]:
    """The values of a range with a step; its end is one of them where the step leads there."""
    if not found.step:
        return ()
    count = math.floor((found.high - found.low) / found.step + 1e-9) + 1
    values = (found.low + at * found.step for at in range(count))
    return tuple(int(value) if found.whole else tidy(value) for value in values)


def tidy(value: float) -> float:
    """A number as short as people write it: six figures."""
    return float(f"{value:.6g}")


def _check(grid: Grid) -> None:
    """Refuse a grid that has no key, has one twice, is endless, or is too large."""
    source = grid.source
    if not grid.axes:
        raise InputError(
            f"{source.path}: found no key of a policy; expected one or more, such as "
            '"entry.delta" = [0.16, 0.20]'
        )
    for at, axis in enumerate(grid.axes):
        if any(axis.place == other.place for other in grid.axes[:at]):
            raise _refused(axis, grid, f"found {axis.name} twice", "expected each key once")
        if not axis.values and grid.sample is None:
            found = f"found {axis.name} as a range without a step"
            raise _refused(axis, grid, found, "expected a step or a list of values, or [sample]")
    if grid.combinations > MOST:
        found = f"found {grid.combinations:,} configurations"
        allowed = f"expected at most {MOST:,}: fewer values, or [sample]"
        raise _refused(grid.axes[0], grid, found, allowed)


def _refused(axis: Axis, grid: Grid, found: str, allowed: str) -> InputError:
    """The refusal of one axis."""
    return InputError(f"{grid.source.path}, line {axis.line}: {found}; {allowed}")


def _is_whole(place: Place) -> bool:
    """Whether the policy's key at a place holds whole numbers alone."""
    hint: Any = PolicyFile
    for part in place:
        hint = _inside(hint, part)
    return _bare(hint) is int


def _bare(hint: Any) -> Any:  # noqa: ANN401  a type annotation
    """An annotation without its limits and without None."""
    if get_origin(hint) is Annotated:
        return _bare(get_args(hint)[0])
    parts = [part for part in get_args(hint) if part is not type(None)]
    optional = len(parts) == 1 and len(get_args(hint)) > 1 and get_origin(hint) is not tuple
    return _bare(parts[0]) if optional else hint


def _inside(hint: Any, part: str | int) -> Any:  # noqa: ANN401  type annotations
    """The annotation of a part of what an annotation stands for; None where there is none."""
    bare = _bare(hint)
    if isinstance(bare, type) and issubclass(bare, Strict):
        field = bare.model_fields.get(str(part))
        return None if field is None else field.annotation
    arguments = [each for each in get_args(bare) if each is not Ellipsis]
    if get_origin(bare) is tuple and isinstance(part, int) and arguments:
        return arguments[min(part, len(arguments) - 1)]
    return arguments[-1] if get_origin(bare) is dict else None
