"""Rows of structured arrays: declared once as a class, typed for people and for the compiler.

class Point(Row):
count: int              # int64
weight: float           # float64
corner: Annotated[I8, 4]   # four int64 side by side

points: Rows[Point] = rows(Point, 10)
points[3].weight = 0.5
"""

from collections.abc import Iterator
from typing import Annotated, Any, Protocol, TypeVar, cast, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

I8 = NDArray[np.int64]
I4 = NDArray[np.int32]
F8 = NDArray[np.float64]

_SCALARS = {int: "i8", float: "f8"}
_ARRAYS = {"int64": "i8", "float64": "f8"}


class Row:
    """One row of a structured array, declared by annotations; never made by itself."""


_LAYOUTS: dict[type[Row], np.dtype[np.void]] = {}

T = TypeVar("T", bound=Row)
T_co = TypeVar("T_co", bound=Row, covariant=True)


class Rows(Protocol[T_co]):
    """A structured array seen as rows with attributes (a numpy recarray)."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of rows, as numpy says it."""

    def __iter__(self) -> Iterator[T_co]: ...

    def __getitem__(self, at: int | tuple[int, int], /) -> T_co: ...


def _field(name: str, hint: Any) -> tuple[str, str] | tuple[str, str, tuple[int, ...]]:  # noqa: ANN401
    if get_origin(hint) is not Annotated:
        return name, _SCALARS[hint]
    kind, detail = get_args(hint)
    if kind in _SCALARS:
        return name, detail
    scalar = get_args(get_args(kind)[1])[0]
    return name, _ARRAYS[scalar.__name__], (detail,)


def layout(row: type[Row]) -> np.dtype[np.void]:
    """The dtype of a row class, aligned as a compiler would; worked out once."""
    if row not in _LAYOUTS:
        _LAYOUTS[row] = _laid_out(row)
    return _LAYOUTS[row]


def _laid_out(row: type[Row]) -> np.dtype[np.void]:
    hints = get_type_hints(row, include_extras=True)
    if taken := [name for name in hints if hasattr(np.void, name)]:
        raise TypeError(f"{row.__name__}.{taken[0]}: numpy gives that name to every record")
    return np.dtype([_field(name, hint) for name, hint in hints.items()], align=True)


def rows(row: type[T], *shape: int) -> Rows[T]:
    """Rows of zeros, of one or two dimensions."""
    return cast("Rows[T]", np.zeros(shape, layout(row)).view(np.recarray))


def columns(table: Any) -> NDArray[np.void]:  # noqa: ANN401  rows of any record
    """The same rows as columns by name, which numpy finds sooner than a row's attributes."""
    return cast("NDArray[np.void]", table).view(np.ndarray)
