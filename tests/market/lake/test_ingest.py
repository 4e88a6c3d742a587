"""One file into the lake: whole or not at all, once, with everything that was taken out."""

import datetime as dt
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from market.lake.quotes import FEBRUARY, JANUARY, NOON, brought, chain, counted, laid_down
from underwriter.core.errors import InputError
from underwriter.market.gates.days import DAYS
from underwriter.market.lake.catalogue import DAY_COLUMNS, DROPPED, Segment, reading
from underwriter.market.lake.ingest import Source, importing
from underwriter.market.lake.layout import places_of
from underwriter.market.lake.read import Lake
from underwriter.market.lake.segments import read_segments
from underwriter.market.schema import CHAIN, conform, empty
from underwriter.market.sources.formats import format_named, recognise
from underwriter.market.sources.source import Ask, Head, Part


def dropped(home: Path) -> pl.DataFrame:
    """The quotes that the gates took out."""
    places = places_of(home)
    with reading(places) as catalogue:
        assert catalogue is not None
        segments: list[Segment] = catalogue.segments("role = ?", (DROPPED,))
        return read_segments(places, segments, "chain")


def state(home: Path) -> dict[str, bytes]:
    """Every file of a lake that counts, and what the catalogue says."""
    places = places_of(home)
    segments = {str(path): path.read_bytes() for path in places.segments.rglob("*.parquet")}
    with sqlite3.connect(places.catalogue) as connection:
        told = "\n".join(connection.iterdump()).encode()
    connection.close()
    return segments | {"catalogue": told}


def test_what_is_imported_is_what_is_read(home: Path, tmp_path: Path) -> None:
    given = chain().sample(fraction=1.0, shuffle=True, seed=1)
    (found,) = brought(home, laid_down(tmp_path / "a.parquet", given))
    assert (found.fresh, found.file.rows, found.file.at) == (True, given.height, NOON)
    assert counted(found) == {"": given.height}
    order = ["date", "root", "right", "expiry", "strike"]
    numbered = given.with_columns(line=pl.int_range(1, given.height + 1, dtype=pl.Int64))
    assert_frame_equal(Lake.open(home).chain("ABC"), numbered.sort(order))


def test_the_same_bytes_under_another_name_bring_nothing(home: Path, tmp_path: Path) -> None:
    first = laid_down(tmp_path / "a.parquet", chain())
    second = first._replace(path=tmp_path / "b.parquet")
    second.path.write_bytes(first.path.read_bytes())
    brought(home, first)
    before = state(home)
    (again,) = brought(home, second)
    assert not again.fresh
    assert again.file.path == str(first.path)
    assert state(home) == before


def test_the_same_bytes_read_another_way_are_another_file(home: Path, tmp_path: Path) -> None:
    source = laid_down(tmp_path / "a.parquet", chain())
    asked = source._replace(ask=Ask(underlying="ABC"))
    assert [found.fresh for found in brought(home, source, asked)] == [True, True]


def test_quotes_that_are_there_stay_and_the_newcomers_are_counted(
    home: Path, tmp_path: Path
) -> None:
    first = chain(JANUARY[:4])
    newer = chain(JANUARY[2:]).with_columns(
        ask=pl.when(date=JANUARY[2], right="P").then(pl.col("ask") + 0.01).otherwise("ask")
    )
    brought(home, laid_down(tmp_path / "a.parquet", first))
    (found,) = brought(home, laid_down(tmp_path / "b.parquet", newer))
    assert counted(found) == {"": 12, "already": 9, "differs": 3}
    days = Lake.open(home).days("ABC")
    assert days["kept"].to_list() == [6] * 6
    assert days["dropped"].to_list() == [0, 0, 6, 6, 0, 0]
    kept = Lake.open(home).chain("ABC", last=JANUARY[3])
    assert_frame_equal(kept.drop("line"), first.drop("line"), check_row_order=False)
    told = dropped(home)
    assert told["gate"].to_list() == ["differs"] * 3, "what is the same is counted, not kept twice"
    assert told["line"].sort().to_list() == [1, 3, 5], "the puts of the first day"


def test_a_root_that_one_source_says_and_another_does_not_is_one_contract(
    home: Path, tmp_path: Path
) -> None:
    brought(home, laid_down(tmp_path / "a.parquet", chain(root=None)))
    assert Lake.open(home).roots("ABC") == ["ABC"]
    (found,) = brought(home, laid_down(tmp_path / "b.parquet", chain()))
    assert counted(found) == {"already": 36}


def test_t63_the_root_of_a_class_of_shares_has_no_dot(home: Path, tmp_path: Path) -> None:
    brought(home, laid_down(tmp_path / "a.parquet", chain(underlying="BRK.B", root=None)))
    assert Lake.open(home).roots("BRK.B") == ["BRKB"]


def test_rows_that_a_gate_takes_out_are_kept_apart_with_their_line(
    home: Path, tmp_path: Path
) -> None:
    spoilt = chain().with_columns(
        bid=pl.when(date=JANUARY[1], strike=100.0, right="C").then(50.0).otherwise("bid"),
        line=pl.int_range(1, 37, dtype=pl.Int64),
    )
    (found,) = brought(home, laid_down(tmp_path / "a.parquet", spoilt))
    assert counted(found) == {"": 35, "crossed": 1}
    told = dropped(home).row(0, named=True)
    where = spoilt.filter(bid=50.0).row(0, named=True)
    assert (told["gate"], told["line"], told["file"]) == ("crossed", where["line"], 1)
    assert (told["strike"], told["bid"]) == (100.0, 50.0)
    assert Lake.open(home).chain("ABC").height == 35


def test_the_first_day_of_a_file_is_held_against_the_last_of_the_one_before(
    home: Path, tmp_path: Path
) -> None:
    strikes = [80.0 + step for step in range(40)]  # as many as a copy is told by
    first = chain(JANUARY[:3], strikes=strikes)
    copy = first.filter(date=JANUARY[2]).with_columns(date=pl.lit(JANUARY[3]))
    brought(home, laid_down(tmp_path / "a.parquet", first))
    (found,) = brought(home, laid_down(tmp_path / "b.parquet", copy))
    assert counted(found) == {"stale": 80}
    assert Lake.open(home).chain("ABC", first=JANUARY[3]).height == 0


def test_years_and_underlyings_of_one_file_lie_apart(home: Path, tmp_path: Path) -> None:
    last = [dt.date(2014, 12, 30), dt.date(2014, 12, 31)]
    whole = pl.concat([chain([*last, *JANUARY], name, name) for name in ("ABC", "XYZ")])
    brought(home, laid_down(tmp_path / "a.parquet", whole))
    with reading(places_of(home)) as catalogue:
        assert catalogue is not None
        found = [(one.name, one.year, one.rows) for one in catalogue.segments()]
    assert found == [("ABC", 2014, 12), ("ABC", 2015, 36), ("XYZ", 2014, 12), ("XYZ", 2015, 36)]


BARS = conform(
    "bars",
    pl.DataFrame(
        {
            "underlying": "ABC",
            "date": [dt.date(2015, 1, 5), dt.date(2015, 1, 6), dt.date(2015, 1, 4)],
            "close": [100.0, 101.0, 99.0],  # the fourth was a Sunday
            "line": [2, 3, 4],
        }
    ),
)
DIVIDENDS = conform(
    "dividends",
    pl.DataFrame(
        {
            "underlying": "ABC",
            "ex_date": [dt.date(2015, 1, 5)] * 3,
            "amount": [0.5, 2.0, 0.5],  # a regular one, a special one, the first once more
            "line": [2, 3, 4],
        }
    ),
)


def test_series_lie_beside_the_chains(home: Path, tmp_path: Path) -> None:
    (found,) = brought(home, laid_down(tmp_path / "a.parquet", BARS))
    assert counted(found) == {"": 2, "no_session": 1}
    assert Lake.open(home).bars("ABC")["close"].to_list() == [100.0, 101.0]


def test_a_day_that_a_series_has_stays_as_it_is(home: Path, tmp_path: Path) -> None:
    brought(home, laid_down(tmp_path / "a.parquet", BARS[:1]))
    newer = BARS[:2].with_columns(pl.col("close") + 0.5)
    found = brought(
        home,
        laid_down(tmp_path / "b.parquet", newer),
        laid_down(tmp_path / "c.parquet", BARS[:2]),
    )
    assert [counted(each) for each in found] == [
        {"": 1, "differs": 1},
        {"already": 1, "differs": 1},
    ]
    assert Lake.open(home).bars("ABC")["close"].to_list() == [100.0, 101.5]


def test_two_dividends_may_share_a_day(home: Path, tmp_path: Path) -> None:
    (found,) = brought(home, laid_down(tmp_path / "a.parquet", DIVIDENDS))
    assert counted(found) == {"": 2, "repeated": 1}
    assert Lake.open(home).dividends("ABC")["amount"].sort().to_list() == [0.5, 2.0]
    (again,) = brought(home, laid_down(tmp_path / "b.parquet", DIVIDENDS[:2]))
    assert counted(again) == {"already": 2}


def test_the_first_of_two_values_of_one_day_stays(home: Path, tmp_path: Path) -> None:
    twice = pl.concat(
        [BARS[:1], BARS[:1].with_columns(close=pl.lit(7.0), line=pl.lit(9, pl.Int64))]
    )
    (found,) = brought(home, laid_down(tmp_path / "a.parquet", twice))
    assert counted(found) == {"": 1, "doubled": 1}
    assert Lake.open(home).bars("ABC")["close"].to_list() == [100.0]


TERMS = conform(
    "instruments",
    pl.DataFrame(
        {
            "underlying": ["ABC"],
            "root": "ABC",
            "style": "european",
            "settlement": "cash-pm",
            "multiplier": 100,
            "calendar": "XNYS",
        }
    ),
)


def test_the_terms_in_the_lake_reach_the_gates(home: Path, tmp_path: Path) -> None:
    """A put under what exercise is worth: no error where nobody may exercise early."""
    deep = chain(strikes=(95.0, 100.0, 105.0, 300.0)).with_columns(
        pl.when(right="P", strike=300.0)
        .then(pl.col("bid", "ask") - 3.0)
        .otherwise(pl.col("bid", "ask"))
    )
    source = laid_down(tmp_path / "a.parquet", deep)
    (american,) = brought(home, source)
    other = home.with_name("other")
    other.mkdir()
    (other / "cache").symlink_to(home / "cache")
    _, cash = brought(other, laid_down(tmp_path / "t.parquet", TERMS), source)
    assert counted(american) == {"": 42, "below_intrinsic": 6}
    assert counted(cash) == {"": 48}


CSV = """\
date,underlying,expiry,right,strike,price,delta,iv,volume,oi
2015-01-05,99.85,2015-03-20,P,100,2.20,-0.5,0.2,1,1
2015-01-05,99.85,2015-03-20,C,100,2.05,0.5,0.2,1,1
"""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            CSV.replace("2015-01-05,99.85,2015-03-20,C,100", "2015-01-05,99.85,2015-03-20,C,1e"),
            "line 3",
        ),
        (CSV.replace("C,100", 'C,"1,000"'), "thousands separators"),
        (CSV.replace("strike", "strik"), "strik"),
        (CSV.replace("05,99.85,2015-03-20,C", "5/05,99.85,2015-03-20,C"), "line 3"),
        ("", "empty file"),
        (CSV.splitlines()[0], "no rows"),
    ],
)
def test_a_file_that_cannot_be_read_leaves_the_lake_as_it_was(
    home: Path, tmp_path: Path, content: str, said: str
) -> None:
    brought(home, laid_down(tmp_path / "a.parquet", chain()))
    before = state(home)
    path = tmp_path / "ABC.csv"
    path.write_text(content)
    with pytest.raises(InputError, match=said):
        brought(home, Source(path, format_named("option-last"), Ask()))
    assert state(home) == before
    assert not places_of(home).parts.exists()


def test_a_file_that_changes_meanwhile_is_refused(home: Path, tmp_path: Path) -> None:
    source = laid_down(tmp_path / "a.parquet", chain())

    def meddle(_: int) -> None:
        with source.path.open("ab") as file:
            file.write(b"more")

    with importing(home) as importer, pytest.raises(InputError, match="changed while it was read"):
        importer.bring(source, NOON, meddle)
    assert Lake.open(home).chain("ABC").height == 0


def test_so_is_one_of_the_same_size(home: Path, tmp_path: Path) -> None:
    """Its hash would stand for what it was."""
    source = laid_down(tmp_path / "a.parquet", chain())
    same = source.path.read_bytes()
    os.utime(source.path, ns=(NOON, NOON))  # long ago: some clocks of files tick but now and then

    def meddle(_: int) -> None:
        source.path.write_bytes(same)

    with importing(home) as importer, pytest.raises(InputError, match="changed while it was read"):
        importer.bring(source, NOON, meddle)
    assert Lake.open(home).chain("ABC").height == 0


class Failing:
    """A format whose second part cannot be read."""

    name, says = "failing", "a file that breaks off"

    def recognises(self, head: Head) -> bool:
        """Never asked here."""
        return bool(head)

    def read(self, path: Path, ask: Ask) -> Iterator[Part]:
        """One part, then a refusal."""
        assert ask is not None
        yield Part("chain", chain())
        raise InputError(f"{path}: found a break; expected more")


def test_what_fails_while_it_is_read_ahead_leaves_the_lake_as_it_was(
    home: Path, tmp_path: Path
) -> None:
    brought(home, laid_down(tmp_path / "there.parquet", chain(FEBRUARY)))
    source = laid_down(tmp_path / "a.parquet", chain())
    before = state(home)
    with pytest.raises(InputError, match="found a break"):
        brought(home, Source(source.path, Failing(), Ask()))
    assert state(home) == before


def test_a_missing_file(home: Path, tmp_path: Path) -> None:
    source = laid_down(tmp_path / "a.parquet", chain())
    source.path.unlink()
    with pytest.raises(InputError, match="no such file"):
        brought(home, source)


def test_a_sidecar_that_comes_later_makes_it_another_file(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "options.csv"
    path.write_text(
        "contract_id,symbol,expiration,strike,type,bid,ask,volume,open_interest,date,"
        "implied_volatility,delta\n"
        "ABC150320P00100000,ABC,2015-03-20,100,put,2.1,2.2,1,1,2015-01-05,0.2,-0.5\n"
    )
    source = Source(path, recognise(path), Ask())
    brought(home, source)
    (tmp_path / "underlying.toml").write_text(
        'symbol = "ABC"\nstyle = "european"\nsettlement = "cash-pm"\nmultiplier = 10\n'
        'calendar = "XNYS"\n'
    )
    (found,) = brought(home, source)
    assert found.fresh
    assert counted(found) == {"": 1, "already": 1}
    assert Lake.open(home).instruments("ABC")["multiplier"].to_list() == [10]


def test_days_say_what_the_gates_say_of_them() -> None:
    own = {"date", "kept", "quoted"}
    assert set(DAYS.names()) - {"rows", "missed"} == {"date", *DAY_COLUMNS} - own | {"date"}


def test_a_file_without_rows_is_a_file(home: Path, tmp_path: Path) -> None:
    """LEAN's zips of trades bring nothing where those of quotes stand beside them."""

    class Silent:
        name = says = "silent"

        def recognises(self, head: object) -> bool:
            return not head

        def read(self, path: Path, ask: Ask) -> list[object]:
            return [path, ask][:0]

    source = laid_down(tmp_path / "a.parquet", empty("chain"))._replace(format=Silent())
    assert [found.fresh for found in brought(home, source, source)] == [True, False]
    assert list(CHAIN) == Lake.open(home).chain("ABC").columns


def test_february_follows_january(home: Path, tmp_path: Path) -> None:
    brought(home, laid_down(tmp_path / "a.parquet", chain(FEBRUARY)))
    brought(home, laid_down(tmp_path / "b.parquet", chain(JANUARY)))
    found = Lake.open(home).chain("ABC")
    assert found["date"].unique(maintain_order=True).to_list() == [*JANUARY, *FEBRUARY]
