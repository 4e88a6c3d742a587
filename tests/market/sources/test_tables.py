"""The vendors' chains: each a small file in the vendor's own layout, with figures of our making.

The expected rows are read off the file by eye; the layouts are those that each format's module
cites.
"""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from chain_files import CHAIN, chain, refusal, text, zipped
from underwriter.market.sources.formats import recognise

SAMPLES = Path(__file__).parent / "samples"
FILES = {
    "optionsdx": "spy_eod_202301.txt",
    "datashop": "datashop.csv",
    "orats": "orats.csv",
    "historicaloptiondata": "historicaloptiondata.csv",
    "dolthub": "dolthub.csv",
    "spx-eod": "spx_eod.csv",
    "option-last": "KO.csv",
}


def near(frame: pl.DataFrame, row: int, **expected: float | None) -> None:
    """Hold a row's numbers to the expected ones; None is null."""
    found = frame.row(row, named=True)
    wanted = {
        name: None if value is None else pytest.approx(value) for name, value in expected.items()
    }
    assert {name: found[name] for name in expected} == wanted


def test_optionsdx() -> None:
    frame = chain(SAMPLES / "spy_eod_202301.txt")
    assert frame.select(CHAIN).rows() == [
        ("SPY", None, date(2023, 1, 5), date(2023, 1, 20), "C", 380.0),
        ("SPY", None, date(2023, 1, 5), date(2023, 1, 20), "P", 380.0),
        ("SPY", None, date(2023, 1, 5), date(2023, 1, 20), "P", 600.0),
    ]
    near(frame, 0, bid=6.05, ask=6.12, last=6.1, iv=0.181, delta=0.512, volume=1200, spot=379.38)
    near(frame, 1, bid=5.9, ask=5.95, last=5.92, iv=0.19, delta=-0.488, open_interest=None)
    near(frame, 2, bid=220.1, last=None, iv=None, delta=-1.0, volume=None, line=3)


@pytest.mark.parametrize("name", ["^spx_30x_202301.txt", "SPX_eod_20230105.csv"])
def test_optionsdx_name_says_the_underlying(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text((SAMPLES / FILES["optionsdx"]).read_text())
    assert chain(path)["underlying"].unique().to_list() == ["SPX"]


def test_optionsdx_under_another_name_needs_to_be_told(tmp_path: Path) -> None:
    path = tmp_path / "january.txt"
    path.write_text((SAMPLES / FILES["optionsdx"]).read_text())
    assert "expected --underlying" in refusal(path)
    assert chain(path, underlying="spy")["underlying"].unique().to_list() == ["SPY"]


def test_datashop_reads_the_quotes_of_a_quarter_to_four() -> None:
    frame = chain(SAMPLES / "datashop.csv")
    day = date(2018, 6, 15)
    assert frame.select(CHAIN).rows() == [
        ("SPX", "SPXW", day, date(2018, 6, 22), "P", 2700.0),
        ("SPX", "SPX", day, date(2018, 7, 20), "C", 2700.0),
        ("BRK.B", "BRKB", day, date(2018, 6, 22), "P", 190.0),
    ]
    near(frame, 0, bid=2.95, ask=3.1, last=3.0, iv=0.1312, delta=-0.1023, spot=2779.42)
    near(frame, 0, volume=812, open_interest=5120)
    near(frame, 1, last=None, iv=None, delta=None, volume=0, open_interest=77)
    near(frame, 2, last=1.05, spot=191.25)


def test_datashop_without_calculations_reads_the_close(tmp_path: Path) -> None:
    body = (SAMPLES / "datashop_close.csv").read_text().replace("\n", "\r\n")
    path = zipped(tmp_path, "UnderlyingOptionsEOD_2018-06-15.zip", {"ko.csv": body, "l.pdf": "%"})
    frame = chain(path)
    assert frame.select(CHAIN).rows() == [
        ("KO", "KO", date(2018, 6, 15), date(2018, 6, 22), "P", 44.5)
    ]
    near(frame, 0, bid=0.28, ask=0.31, last=0.3, iv=None, open_interest=None, spot=44.61)


def test_orats_under_its_long_names() -> None:
    frame = chain(SAMPLES / "orats.csv")
    day, expiry = date(2023, 1, 5), date(2023, 1, 20)
    assert frame.select(CHAIN).rows() == [
        ("SPY", None, day, expiry, "C", 380.0),
        ("SPY", None, day, expiry, "P", 380.0),
    ]
    near(frame, 0, bid=6.05, ask=6.12, iv=0.181, delta=0.512, volume=1200, open_interest=15000)
    near(frame, 1, bid=5.9, ask=5.95, iv=0.19, delta=None, volume=900, spot=379.38)


def test_orats_under_its_short_names(tmp_path: Path) -> None:
    body = (SAMPLES / "orats_short.csv").read_text()
    path = zipped(tmp_path, "ORATS_SMV_Strikes_20150717.zip", {"ORATS_SMV_Strikes.csv": body})
    frame = chain(path)
    day, expiry = date(2015, 7, 17), date(2015, 8, 7)
    assert frame.select(CHAIN).rows() == [
        ("SPX", "SPXW", day, expiry, "C", 2185.0),
        ("SPX", "SPXW", day, expiry, "P", 2185.0),
    ]
    near(frame, 0, bid=0.7, ask=0.9, iv=0.0725, delta=0.0602, spot=2126.64, open_interest=1032)
    near(frame, 1, bid=58.1, ask=65.3, iv=None, volume=0, open_interest=3)


def test_historicaloptiondata_level_2() -> None:
    frame = chain(SAMPLES / "historicaloptiondata.csv")
    day, expiry = date(2019, 9, 10), date(2019, 12, 20)
    assert frame.select(CHAIN).rows() == [
        ("SPY", "SPY", day, expiry, "C", 300.0),
        ("SPX", "SPXW", day, expiry, "P", 3000.0),
    ]
    near(frame, 0, bid=7.96, ask=8.06, last=7.99, iv=0.1443, delta=0.4768, volume=514, spot=298.09)
    near(frame, 1, last=None, iv=None, delta=None, open_interest=1651)


def test_historicaloptiondata_level_3_and_bare_bones() -> None:
    level_3 = chain(SAMPLES / "historicaloptiondata_3.csv")
    near(level_3, 0, iv=0.21, delta=0.39, open_interest=2359, spot=48.74)
    bare = chain(SAMPLES / "historicaloptiondata_1.csv")
    near(bare, 0, iv=None, delta=None, bid=0.67, ask=0.7, last=0.71)
    assert level_3.select(CHAIN).rows() == bare.select(CHAIN).rows()


def test_dolthub() -> None:
    frame = chain(SAMPLES / "dolthub.csv")
    day, expiry = date(2019, 2, 9), date(2019, 2, 15)
    assert frame.select(CHAIN).rows() == [
        ("A", None, day, expiry, "C", 65.0),
        ("A", None, day, expiry, "P", 65.0),
    ]
    near(frame, 1, bid=0.0, ask=0.05, iv=0.51, delta=-0.01, volume=None, spot=None, last=None)


def test_spx_eod() -> None:
    frame = chain(SAMPLES / "spx_eod.csv")
    near(frame, 0, bid=0.0, ask=0.0, last=6665.91, iv=None, delta=None, open_interest=17, line=2)
    near(frame, 1, bid=21.4, ask=21.9, last=None, iv=0.1432, delta=-0.2811, spot=6909.5, line=3)
    assert frame["root"].null_count() == 2


def test_option_last() -> None:
    frame = chain(SAMPLES / "KO.csv")
    assert set(frame["underlying"]) == {"KO"}
    near(frame, 0, bid=None, ask=None, last=31.15, iv=None, delta=1.0, spot=81.48, volume=0)
    near(frame, 1, iv=0.4012, delta=0.0, open_interest=350)
    near(frame, 2, iv=None, delta=None)


OWN = {"optionsdx": "SPY", "datashop": "SPX", "orats": "SPY", "historicaloptiondata": "SPY"} | {
    "dolthub": "A",
    "spx-eod": "SPX",
    "option-last": "KO",
}


@pytest.mark.parametrize("name", FILES)
def test_another_underlying_than_asked_for_is_refused(name: str) -> None:
    said = refusal(SAMPLES / FILES[name], underlying="QQQ")
    assert f"found underlying {OWN[name]}" in said
    assert "expected QQQ" in said


@pytest.mark.parametrize("name", FILES)
def test_csv_gz_and_zip_hold_the_same(tmp_path: Path, name: str) -> None:
    path = SAMPLES / FILES[name]
    plain = chain(path)
    lines = path.read_text().splitlines()
    assert chain(text(tmp_path, path.name + ".gz", lines)).equals(plain)
    assert chain(zipped(tmp_path, path.stem + ".zip", {path.name: path.read_text()})).equals(plain)


@pytest.mark.parametrize("name", FILES)
def test_each_sample_is_of_one_format(name: str) -> None:
    assert recognise(SAMPLES / FILES[name]).name == name
