"""The register of formats: each known by its name, each file by one format, each on its page."""

import re
from pathlib import Path

import pytest

from chain_files import text, zipped
from underwriter.core.errors import InputError
from underwriter.market.sources import formats
from underwriter.market.sources.formats import FORMATS, format_named, head_of, recognise

DOCS = Path(__file__).parents[3] / "docs"


def test_names_are_unique_and_found() -> None:
    names = [each.name for each in FORMATS]
    assert len(set(names)) == len(names)
    assert [format_named(name) for name in names] == list(FORMATS)


@pytest.mark.parametrize("name", [each.name for each in FORMATS])
def test_a_format_says_in_one_line_what_it_holds(name: str) -> None:
    said = format_named(name).says
    assert said
    assert "\n" not in said
    assert len(said) < 90


def test_the_page_has_a_row_for_each_format_and_no_other() -> None:
    page = (DOCS / "data.md").read_text("utf-8")
    rows = set(re.findall(r"^\| `([a-z0-9-]+)` \|", page, re.MULTILINE))
    assert rows == {each.name for each in FORMATS}


def test_two_formats_for_a_file_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = text(tmp_path, "o.csv", ["act_symbol,expiration,call_put", "A,2019-02-15,Call"])
    monkeypatch.setattr(formats, "FORMATS", (format_named("dolthub"),) * 2)
    with pytest.raises(InputError, match=r"dolthub and dolthub; expected --format to say which"):
        recognise(path)


def test_the_head_of_a_text(tmp_path: Path) -> None:
    lines = ["Index of prices", "as of today", "Day ; DATE; Close", "1;01/02/2026; 5"]
    head = head_of(text(tmp_path, "h.csv", lines))
    assert head.names == ("Day", "DATE", "Close")
    assert head.first == ("1", "01/02/2026", "5")
    assert head.entries == ()
    assert head_of(text(tmp_path, "h.csv.gz", lines))[1:] == head[1:]


def test_the_head_of_a_zip(tmp_path: Path) -> None:
    head = head_of(zipped(tmp_path, "h.zip", {"b.csv": "x,y\n1,2", "a.csv": "20140606 00:00,7"}))
    assert head.entries == ("a.csv", "b.csv")
    assert head.names == ("20140606 00:00", "7")
    assert head.first == ()


def test_the_head_of_a_header_in_brackets_is_not_that_of_json(tmp_path: Path) -> None:
    head = head_of(text(tmp_path, "h.txt", ["[QUOTE_DATE], [STRIKE]", "2023-01-05, 380"]))
    assert head.names == ("[QUOTE_DATE]", "[STRIKE]")


def test_the_head_of_a_json(tmp_path: Path) -> None:
    head = head_of(text(tmp_path, "h.json", [' { "result": [ {"a": 1, "b": null}, {} ] }']))
    assert head.names == ("a", "b")
    assert head.first == ("1", "None")
