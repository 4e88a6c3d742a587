"""Parquet in the lake's own columns: read as it is, refused where it is not whole."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from underwriter.core.errors import InputError
from underwriter.market.schema import CHAIN, KINDS, SCHEMAS, conform, empty
from underwriter.market.sources.formats import FORMATS, recognise
from underwriter.market.sources.head import head_of
from underwriter.market.sources.own import OWN
from underwriter.market.sources.source import Ask


def chain(**other: object) -> pl.DataFrame:
    row = {"underlying": "KO", "date": date(2026, 8, 21), "expiry": date(2026, 9, 18)}
    frame = pl.DataFrame({**row, "right": "P", "strike": 90.0, "bid": 1.4, "ask": 1.6, **other})
    return conform("chain", frame)


def kept(folder: Path, frame: pl.DataFrame) -> Path:
    path = folder / "x.parquet"
    frame.write_parquet(path)
    return path


def test_a_chain_comes_back_with_its_lines(tmp_path: Path) -> None:
    path = kept(tmp_path, pl.concat([chain(), chain(strike=95.0)]).drop("line"))
    assert recognise(path) is OWN
    (part,) = OWN.read(path, Ask("ko"))
    assert part.kind == "chain"
    assert part.frame.schema == CHAIN
    assert part.frame["line"].to_list() == [1, 2]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_known_by_its_columns(tmp_path: Path, kind: str) -> None:
    path = kept(tmp_path, empty(kind))
    assert [each for each in FORMATS if each.recognises(head_of(path))] == [OWN]
    assert set(SCHEMAS[kind]) == set(empty(kind).columns)


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (chain().drop("bid"), "found columns .*; expected those of a kind of the lake"),
        (chain(expiry=None), "line 1, column expiry: found nothing; expected a value"),
        (
            chain().cast({"strike": pl.String}).with_columns(strike=pl.lit("x")),
            "expected the types",
        ),
        (chain(underlying="PEP"), "line 1, column underlying: found 'PEP'; expected KO, the one"),
    ],
)
def test_what_is_not_whole_is_refused(tmp_path: Path, frame: pl.DataFrame, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        list(OWN.read(kept(tmp_path, frame), Ask("KO")))
    assert "\n" not in str(caught.value)


def test_a_damaged_parquet_is_refused(tmp_path: Path) -> None:
    path = kept(tmp_path, chain())
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"found a damaged parquet .*; expected a whole one"):
        list(OWN.read(path, Ask()))
