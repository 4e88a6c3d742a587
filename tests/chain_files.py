"""Files of quotes that tests make, and what a format reads out of them."""

import gzip
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl
import pytest

from underwriter.core.errors import InputError
from underwriter.market.schema import SCHEMAS
from underwriter.market.sources.formats import format_named, recognise
from underwriter.market.sources.source import Ask

Tables = dict[str, pl.DataFrame]
CHAIN = ("underlying", "root", "date", "expiry", "right", "strike")


def text(folder: Path, name: str, lines: Iterable[str]) -> Path:
    """A text of some lines; gzipped where its name says so."""
    path = folder / name
    body = ("\n".join(lines) + "\n").encode()
    path.write_bytes(gzip.compress(body) if name.endswith(".gz") else body)
    return path


def zipped(folder: Path, name: str, entries: Mapping[str, str]) -> Path:
    """A zip of some texts."""
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for entry, body in entries.items():
            packed.writestr(entry, body)
    return path


def read(path: Path, name: str | None = None, **ask: object) -> Tables:
    """What a file holds by kind, read by the format that recognises it, or the one named.

    Every part has the columns and types of its kind.
    """
    known = recognise(path) if name is None else format_named(name)
    parts: dict[str, list[pl.DataFrame]] = {}
    for part in known.read(path, Ask(**ask)):  # type: ignore[arg-type]
        assert part.frame.schema == SCHEMAS[part.kind]
        parts.setdefault(part.kind, []).append(part.frame)
    return {kind: pl.concat(frames) for kind, frames in parts.items()}


def chain(path: Path, name: str | None = None, **ask: object) -> pl.DataFrame:
    """The chain in a file, which has nothing else in it."""
    tables = read(path, name, **ask)
    assert set(tables) == {"chain"}
    return tables["chain"]


def refusal(path: Path, name: str | None = None, **ask: object) -> str:
    """What is said of a file that cannot be read: one line, exit code 2."""
    with pytest.raises(InputError) as caught:
        read(path, name, **ask)
    said = str(caught.value)
    assert "\n" not in said
    assert caught.value.exit_code == 2
    assert said.startswith((str(path), "--"))
    return said.removeprefix(str(path))
