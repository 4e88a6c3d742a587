"""`data import`: which files, what is said of them, what stays when one is bad."""

import json
import os
import sys
from pathlib import Path
from threading import Event
from typing import Any

import polars as pl
import pytest

from market.lake.quotes import FEBRUARY, JANUARY, chain
from underwriter.app.cli import progress
from underwriter.app.cli.main import run
from underwriter.app.lake import Found, found_files
from underwriter.core.errors import InputError
from underwriter.market.lake import ingest
from underwriter.market.lake.read import Lake

BARS = """\
Date,Open,High,Low,Close,Volume
2015-01-05,99,101,98,99.85,100
2015-01-06,99,101,98,99.9,90
"""
OTHER = "name,colour\nlake,blue\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of two months of quotes, bars, and a file that no format knows."""
    there = tmp_path / "given"
    (there / "more").mkdir(parents=True)
    chain(JANUARY).write_parquet(there / "a.parquet")
    chain(FEBRUARY).write_parquet(there / "more" / "b.parquet")
    (there / "z_ABC.csv").write_text(BARS)
    (there / "other.csv").write_text(OTHER)
    (there / "README.md").write_text("not of ours")
    (there / ".hidden.csv").write_text("half")
    return there


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The object that was printed."""
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def names(found: list[Found]) -> list[str]:
    """The files by their names."""
    return [one.path.name for one in found]


def test_a_folder_with_all_below_it(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["data", "import", str(folder), "--underlying", "ABC", "--json"]
    assert run(words) == 0
    found = told(capsys)
    assert [Path(row["path"]).name for row in found["files"]] == [
        "z_ABC.csv",  # prices before the chains that are judged by them
        "a.parquet",
        "b.parquet",
    ]
    assert found["passed_over"] == [str(folder / "other.csv")]
    assert (found["rows"], found["kept"], found["dropped"]) == (56, 56, 0)
    assert Lake.open(home).chain("ABC").height == 54
    assert run(words) == 0
    again = told(capsys)
    assert [row["already"] for row in again["files"]] == [True] * 3
    assert again["rows"] == 0


def test_files_are_taken_once_however_they_are_named(folder: Path) -> None:
    one = str(folder / "a.parquet")
    found = found_files([one, str(folder / "*.parquet"), str(folder / "more" / ".." / "a.parquet")])
    assert names(found) == ["a.parquet"]
    assert names(found_files([str(folder / "**" / "*.parquet")])) == ["a.parquet", "b.parquet"]
    assert names(found_files([str(folder / "more"), one])) == ["b.parquet", "a.parquet"]


@pytest.mark.parametrize("text", ["nowhere/*.csv", "empty"])
def test_nothing_to_import_is_said(text: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="found no file"):
        found_files([str(tmp_path / text)])


def test_a_bad_file_is_refused_and_the_others_come_in(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = [folder / "a0.csv", folder / "b.parquet"]
    bad[0].write_text(BARS.replace("99.85", "9x"))
    bad[1].write_bytes(b"PAR1 broken PAR1")
    words = ["data", "import", str(folder), "--underlying", "ABC"]
    assert run(words) == 2
    said = capsys.readouterr()
    refusals = [line for line in said.err.splitlines() if line.startswith("underwriter: ")]
    assert [line.split(": ")[1].split(",")[0] for line in refusals] == [str(one) for one in bad]
    assert "56 rows of 3 files" in said.out
    assert Lake.open(home).chain("ABC").height == 54
    assert Lake.open(home).bars("ABC").height == 2
    assert run([*words, "--json"]) == 2
    again = told(capsys)
    assert [row["already"] for row in again["files"]] == [True] * 3
    assert [one["path"] for one in again["refused"]] == [str(one) for one in bad]
    assert [f"underwriter: {one['said']}" for one in again["refused"]] == refusals


def test_a_refused_file_leaves_the_lake_as_it_was(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And comes in once it is mended, by the same command."""
    late = folder / "c.csv"
    late.write_text(BARS.replace("2015-01-06", "2015-13-06"))
    assert run(["data", "import", str(folder), "--underlying", "ABC"]) == 2
    before = _lake(home)
    assert run(["data", "import", str(late), "--underlying", "ABC"]) == 2
    assert _lake(home) == before
    late.write_text(BARS.replace("2015-01-", "2015-02-"))
    capsys.readouterr()
    assert run(["data", "import", str(folder), "--underlying", "ABC", "--json"]) == 0
    assert [row["already"] for row in told(capsys)["files"]].count(False) == 1
    assert Lake.open(home).bars("ABC").height == 4


def _lake(home: Path) -> dict[str, bytes]:
    """Every segment of a lake, and what its catalogue says."""
    lake = Lake.open(home)
    segments = {path.name: path.read_bytes() for path in lake.places.segments.rglob("*.parquet")}
    return segments | {"days": repr(lake.days("ABC").rows()).encode()}


def test_what_is_wrong_with_every_file_is_said_once(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["data", "import", str(folder), "--format", "ownn", "--json"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("--format: found 'ownn'") == 1


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere.csv"], "nowhere.csv: no such file"),
        (["other.csv"], "which no format has"),
        (["a.parquet", "--format", "ownn"], "--format: found 'ownn'; expected one of"),
        (["a.parquet", "--underlying", "XYZ"], "expected XYZ"),
        (["a.parquet", "--underlying", "?"], "--underlying: found '?'"),
        (["a.parquet", "--format", "column-map"], "--columns"),
    ],
)
def test_what_cannot_be_imported_is_one_line(
    words: list[str],
    said: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(folder)
    assert run(["data", "import", *words]) == 2
    (line,) = (line for line in capsys.readouterr().err.splitlines() if "underwriter:" in line)
    assert said in line


@pytest.mark.usefixtures("home")
def test_people_read_what_was_taken_out_and_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoilt = chain().with_columns(
        bid=pl.when(date=JANUARY[0]).then(pl.col("ask") + 0.05).otherwise("bid")
    )
    spoilt.write_parquet(tmp_path / "a.parquet")
    assert run(["data", "import", str(tmp_path / "a.parquet")]) == 0
    said = capsys.readouterr().out
    assert "a.parquet: own, ABC: 36 rows, 6 taken out" in said
    assert "           6  crossed: the bid above the ask" in said
    assert "30 kept, 6 taken out" in said
    assert run(["data", "import", str(tmp_path / "a.parquet")]) == 0
    assert "a.parquet: imported before, nothing to do" in capsys.readouterr().out


def test_a_second_importer_is_told_who_is_at_work(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from underwriter.market.lake.layout import places_of  # noqa: PLC0415  kernels, after the home
    from underwriter.market.lake.lock import held  # noqa: PLC0415

    with held(places_of(home)):
        assert run(["data", "import", str(folder / "a.parquet")]) == 1
    (line,) = (line for line in capsys.readouterr().err.splitlines() if "underwriter:" in line)
    assert f"found process {os.getpid()} on " in line


def test_interrupted_while_kernels_compile_it_says_at_once_what_it_waits_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first import compiles for ten seconds, which nothing can cut short."""
    said = Event()
    waited: list[bool] = []

    def compiles(_: object) -> None:
        waited.append(said.wait(240.0))

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    def remark(text: str) -> None:
        sys.stderr.write(text + "\n")
        if text.startswith("stopping as soon as the kernels that are being compiled are done"):
            said.set()

    monkeypatch.setattr(ingest, "_load_gates", compiles)
    monkeypatch.setattr(progress.Progress, "rows", interrupted)
    monkeypatch.setattr(progress, "remark", remark)
    assert run(["data", "import", str(folder)]) == 130
    assert waited == [True]
    assert capsys.readouterr().err.endswith("interrupted; nothing was left half-written\n")
