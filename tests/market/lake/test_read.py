"""What readers get: days, roots and columns as asked, in the order of the slab; a name for all."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from market.lake.quotes import FEBRUARY, JANUARY, brought, chain, laid_down
from underwriter.core.errors import LakeError
from underwriter.market.lake.catalogue import reading
from underwriter.market.lake.layout import places_of
from underwriter.market.lake.read import Lake
from underwriter.market.schema import CHAIN, conform

ZSTD = b"\x28\xb5\x2f\xfd"  # RFC 8878: what a frame begins with
PLAIN = [name for name in CHAIN if name != "line"]  # which is told by the file
ORDER = ["date", "root", "right", "expiry", "strike"]
BOTH = pl.concat([chain(root="ABC"), chain(root="ABCW", strikes=(101.0, 99.0))])
VIX = conform(
    "levels",
    pl.DataFrame({"series": "VIX", "date": JANUARY, "value": 15.0, "line": range(2, 8)}),
)


@pytest.fixture
def lake(home: Path, tmp_path: Path) -> Lake:
    """January with two roots."""
    brought(home, laid_down(tmp_path / "a.parquet", BOTH))
    return Lake.open(home)


def test_a_lake_that_is_not_there_is_empty(home: Path) -> None:
    lake = Lake.open(home)
    assert lake.chain("ABC").schema == CHAIN
    assert lake.chain("ABC", columns=("gate", "strike")).columns == ["gate", "strike"]
    assert not any(
        frame.height
        for frame in (
            lake.days("ABC"),
            lake.bars("ABC"),
            lake.dividends("ABC"),
            lake.splits("ABC"),
            lake.levels("VIX"),
            lake.instruments("ABC"),
        )
    )
    assert lake.roots("ABC") == []
    assert not places_of(home).root.exists(), "reading makes nothing"


def test_all_roots_or_one(lake: Lake) -> None:
    assert lake.roots("ABC") == ["ABC", "ABCW"]
    assert_frame_equal(lake.chain("ABC", columns=PLAIN), BOTH.sort(ORDER).select(PLAIN))
    weekly = BOTH.filter(root="ABCW").sort("date", "right", "expiry", "strike")
    assert_frame_equal(lake.chain("ABC", "ABCW", columns=PLAIN), weekly.select(PLAIN))
    assert lake.chain("XYZ").height == 0


def test_between_two_days_both_included(lake: Lake) -> None:
    found = lake.chain("ABC", first=JANUARY[1], last=JANUARY[3], columns=("date",))
    assert found["date"].unique().sort().to_list() == JANUARY[1:4]
    assert found.columns == ["date"]


def test_days_of_two_files_that_overlap_are_put_in_order(lake: Lake, tmp_path: Path) -> None:
    third = chain(root="AAA", strikes=(90.0,))
    brought(lake.home, laid_down(tmp_path / "b.parquet", third))
    whole = pl.concat([BOTH, third]).sort(ORDER)
    assert_frame_equal(lake.chain("ABC", columns=PLAIN), whole.select(PLAIN))
    assert_frame_equal(lake.chain("ABC", columns=("strike", "file")), _numbered(whole))


def _numbered(whole: pl.DataFrame) -> pl.DataFrame:
    """Strikes, and the file that a root came with."""
    file = pl.when(root="AAA").then(2).otherwise(1).cast(pl.Int32).alias("file")
    return whole.select("strike", file)


def test_the_fingerprint_changes_with_what_would_be_read_and_with_nothing_else(
    lake: Lake, tmp_path: Path
) -> None:
    before = lake.fingerprint("ABC"), lake.fingerprint("ABC", ["VIX"])
    assert before[0] != lake.fingerprint("XYZ")
    brought(lake.home, laid_down(tmp_path / "v.parquet", VIX))
    after = lake.fingerprint("ABC"), lake.fingerprint("ABC", ["VIX"])
    assert after[0] == before[0]
    assert after[1] != before[1]
    brought(lake.home, laid_down(tmp_path / "b.parquet", chain(FEBRUARY)))
    assert lake.fingerprint("ABC") != after[0]


def test_the_same_imports_have_the_same_fingerprint(lake: Lake, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "cache").symlink_to(lake.home / "cache")
    brought(other, laid_down(tmp_path / "again.parquet", BOTH))
    assert Lake.open(other).fingerprint("ABC") == lake.fingerprint("ABC")


def test_a_damaged_segment_is_said(lake: Lake, tmp_path: Path) -> None:
    brought(lake.home, laid_down(tmp_path / "v.parquet", VIX))
    (path,) = lake.places.segments.rglob("levels*.parquet")
    path.write_bytes(b"PAR1 nonsense")
    with pytest.raises(LakeError, match="expected sound segments"):
        lake.levels("VIX")


def test_a_damaged_chain_is_said(lake: Lake) -> None:
    (path,) = lake.places.segments.rglob("chain*.parquet")
    path.write_bytes(path.read_bytes()[:-40] + b"x" * 40)
    with pytest.raises(LakeError, match="expected sound segments"):
        lake.chain("ABC")


def test_a_reader_asks_again_where_segments_were_merged_away(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    from underwriter.market.lake import read  # noqa: PLC0415  to stand in for its catalogue

    asked = []

    class Late:
        """A catalogue that at first names a segment which is gone."""

        def __init__(self, real: object) -> None:
            self.real = real

        def segments(self, *given: object) -> object:
            asked.append(given)
            found = self.real.segments(*given)  # type: ignore[attr-defined]
            return (
                [one._replace(path="ABC/gone.parquet") for one in found]
                if len(asked) == 1
                else found
            )

    def late(places: object) -> object:
        return _Opened(reading(places), Late)  # type: ignore[arg-type]

    monkeypatch.setattr(read, "reading", late)
    assert lake.chain("ABC").height == BOTH.height
    assert len(asked) == 2


class _Opened:
    """A context whose value is wrapped."""

    def __init__(self, inner: object, wrap: object) -> None:
        self.inner, self.wrap = inner, wrap

    def __enter__(self) -> object:
        return self.wrap(self.inner.__enter__())  # type: ignore[operator, attr-defined]

    def __exit__(self, *told: object) -> object:
        return self.inner.__exit__(*told)  # type: ignore[attr-defined]


def test_segments_that_an_older_version_compressed_otherwise_are_read(
    home: Path, tmp_path: Path
) -> None:
    """They were zstd; nothing rewrites a segment."""
    brought(home, laid_down(tmp_path / "a.parquet", chain()))
    before = Lake.open(home).chain("ABC")
    segments = [*places_of(home).segments.rglob("*.parquet")]
    assert segments
    for path in segments:
        rows = pl.read_parquet(path)
        rows.write_parquet(path, compression="zstd")
        assert ZSTD in path.read_bytes()
    assert Lake.open(home).chain("ABC").equals(before)
    brought(home, laid_down(tmp_path / "b.parquet", chain(FEBRUARY)))
    assert Lake.open(home).chain("ABC").height > before.height
