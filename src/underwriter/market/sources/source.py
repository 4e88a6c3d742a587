"""What a source is: a format that recognises its files and reads them into the lake's columns."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

import polars as pl

from underwriter.market.schema import Kind


class Head(NamedTuple):
    """What is known of a file before it is read: enough to say which format it is."""

    path: Path
    names: tuple[str, ...]  # its columns, as written, stripped; of a zip, its first entry's
    first: tuple[str, ...]  # its first row of values; () where there is none
    entries: tuple[str, ...]  # the names inside a zip; () for other files
    parquet: bool = False


class Ask(NamedTuple):
    """What the person said beside the path."""

    underlying: str | None = None  # --underlying
    column_map: Path | None = None  # --columns: a TOML file, for the format of that name


class Part(NamedTuple):
    """Some rows of a file, of one kind, in the columns of `market.schema`; in any order."""

    kind: Kind
    frame: pl.DataFrame


class Format(Protocol):
    """One format of files."""

    @property
    def name(self) -> str:
        """What `--format` calls it."""

    @property
    def says(self) -> str:
        """What it holds and who publishes it, in one line."""

    def recognises(self, head: Head) -> bool:
        """Whether a file of this head is of this format."""

    def read(self, path: Path, ask: Ask) -> Iterator[Part]:
        """The file's rows in parts of at most about half a million rows, in the file's order.

        Raises InputError that names file, line, column, what was found and what is allowed.
        """
