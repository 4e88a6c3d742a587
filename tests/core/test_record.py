"""Rows of structured arrays, declared as classes."""

from typing import Annotated

import numpy as np
import pytest

from underwriter.core.record import F8, I8, Row, layout, rows


class Point(Row):
    """A row of every kind of field."""

    number: int
    weight: float
    small: Annotated[int, "i4"]
    light: Annotated[float, "f4"]
    corners: Annotated[I8, 3]
    weights: Annotated[F8, 2]


def test_annotations_name_the_types_of_the_fields() -> None:
    expected = {
        "number": (np.int64, ()),
        "weight": (np.float64, ()),
        "small": (np.int32, ()),
        "light": (np.float32, ()),
        "corners": (np.int64, (3,)),
        "weights": (np.float64, (2,)),
    }
    found = {
        name: (kind.base.type, kind.shape) for name, (kind, *_) in layout(Point).fields.items()
    }
    assert found == expected


def test_fields_stand_where_a_compiler_would_put_them() -> None:
    assert layout(Point).isalignedstruct


def test_rows_begin_as_zeros_and_are_changed_in_place() -> None:
    points = rows(Point, 2)
    points[1].weight = 0.5
    points[1].corners[2] = 7
    assert [point.weight for point in points] == [0.0, 0.5]
    assert points[1].corners.tolist() == [0, 0, 7]


def test_rows_may_have_two_dimensions() -> None:
    assert rows(Point, 3, 2).shape == (3, 2)


def test_a_name_that_numpy_owns_is_refused() -> None:
    class Sized(Row):
        """`size` of a numpy record is its number of elements."""

        size: int

    with pytest.raises(TypeError, match=r"Sized\.size: numpy gives that name to every record"):
        layout(Sized)
