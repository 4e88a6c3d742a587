"""Many small segments become one: the same rows, and nothing lost for who is reading."""

import datetime as dt
from pathlib import Path

import polars as pl
from polars.testing import assert_frame_equal

from market.lake.quotes import FEBRUARY, JANUARY, brought, chain, laid_down
from underwriter.market.lake.catalogue import reading, writing
from underwriter.market.lake.ingest import importing
from underwriter.market.lake.layout import places_of
from underwriter.market.lake.merge import MOST, merge_many
from underwriter.market.lake.read import Lake
from underwriter.market.schema import conform


def paths(home: Path) -> list[str]:
    """The segments that count."""
    with reading(places_of(home)) as catalogue:
        return [] if catalogue is None else [one.path for one in catalogue.segments()]


def test_days_collected_one_by_one_become_one_segment(home: Path, tmp_path: Path) -> None:
    days = [*JANUARY, *FEBRUARY]
    for day in reversed(days):
        brought(home, laid_down(tmp_path / f"{day}.parquet", chain([day])))
    lake, places = Lake.open(home), places_of(home)
    before, many = lake.chain("ABC", columns=("line", "file", "gate", "strike")), paths(home)
    days_before = lake.days("ABC")
    with writing(places) as catalogue:
        merge_many(places, catalogue, most=len(days))
        assert paths(home) == many, "not more than there may be"
        merge_many(places, catalogue, most=len(days) - 1)
    assert paths(home) == ["ABC/chain-2015-000001-000009.parquet"]
    assert_frame_equal(lake.chain("ABC", columns=("line", "file", "gate", "strike")), before)
    assert_frame_equal(lake.days("ABC"), days_before)
    assert all((places.segments / path).exists() for path in many), "for who still reads them"
    with importing(home):
        pass
    assert not any((places.segments / path).exists() for path in many)


def test_series_are_merged_too(home: Path, tmp_path: Path) -> None:
    first = dt.date(2015, 1, 5)
    with importing(home) as importer:
        for day in range(MOST + 1):
            row = {
                "series": "VIX",
                "date": first + dt.timedelta(day),
                "value": 15.0 + day,
                "line": 2,
            }
            frame = conform("levels", pl.DataFrame([row]))
            importer.bring(laid_down(tmp_path / f"{day}.parquet", frame), 1)
        importer.tidy()
    assert len(paths(home)) == 1
    assert Lake.open(home).levels("VIX")["value"].to_list() == [
        15.0 + day for day in range(MOST + 1)
    ]
