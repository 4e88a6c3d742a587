"""A file that a source keeps, and where it is to lie at home."""

from typing import NamedTuple


class Wanted(NamedTuple):
    """A file to fetch."""

    url: str
    place: str  # below the folder of downloads; a format knows the file by its name
    begins: bytes = b""  # what every such file begins with
    beside: tuple[tuple[str, str], ...] = ()  # small texts of ours to lay beside it, by name
