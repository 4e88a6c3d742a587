"""The quick way through a block of text and the way row by row agree on everything."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underwriter.core.errors import InputError
from underwriter.market.sources import rows
from underwriter.market.sources.rows import columns_of
from underwriter.market.sources.text import Block, Header, blocks_of

WANTED: rows.Wanted = {"day": "word", "bid": "number", "name": "word"}
HEADER = Header("f.csv", 1, ("day", "other", "bid", "name"), ",")

word = st.text(st.characters(codec="utf-8", exclude_characters='\r\n\x00,"'), max_size=8)
number = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(str),
    st.integers(-(10**12), 10**12).map(str),
    st.sampled_from(["", "NaN", "1e3", ".5", "7.", "-0.0"]),
)
row = st.tuples(word.filter(lambda said: said.strip()), word, number, word)
tables = st.lists(row, min_size=1, max_size=20)


def block(lines: list[str], end: str = "\n") -> Block:
    return Block(HEADER, 2, (end.join(lines) + end).encode())


def by_row(made: Block) -> pl.DataFrame:
    return rows._row_by_row(made, WANTED, made.body.decode())


@given(tables, st.sampled_from(["\n", "\r\n"]))
def test_both_ways_agree(table: list[tuple[str, ...]], end: str) -> None:
    made = block([",".join(cells) for cells in table], end)
    assert columns_of(made, WANTED).equals(by_row(made))


@given(tables)
def test_quotes_change_nothing(table: list[tuple[str, ...]]) -> None:
    plain = block([",".join(cells) for cells in table])
    quoted = block([",".join(f'"{cell}"' for cell in cells) for cells in table])
    assert columns_of(quoted, WANTED).equals(columns_of(plain, WANTED))


@given(tables)
def test_a_quoted_delimiter_is_text(table: list[tuple[str, ...]]) -> None:
    made = block([",".join((day, f'"{other},x"', bid, "n")) for day, other, bid, _ in table])
    found = columns_of(made, WANTED)
    assert found["name"].to_list() == ["n"] * len(table)
    assert found["line"].to_list() == list(range(2, len(table) + 2))


@given(tables, st.integers(0, 19), st.sampled_from(["", ",", ",,x"]))
def test_a_ragged_row_is_never_read(table: list[tuple[str, ...]], at: int, more: str) -> None:
    lines = [",".join(cells) for cells in table]
    at %= len(lines)
    lines[at] = lines[at] + more if more else lines[at].rpartition(",")[0]
    with pytest.raises(InputError, match=rf"^f\.csv, line {at + 2}: found \d+ cells; expected 4"):
        columns_of(block(lines), WANTED)


def test_blank_lines_are_passed_over_and_counted() -> None:
    found = columns_of(block(["a,b,1,c", "", "  ", "d,e,2,f"]), WANTED)
    assert found["line"].to_list() == [2, 5]
    assert found["bid"].to_list() == [1.0, 2.0]


def test_a_quoted_line_end_is_text() -> None:
    found = columns_of(block(['a,"x', 'y",1,c', "d,e,2,f"]), WANTED)
    assert found["day"].to_list() == ["a", "d"]
    assert found["line"].to_list() == [3, 4]


def test_a_quote_that_does_not_end_is_refused() -> None:
    with pytest.raises(InputError, match=r"^f\.csv, line \d+: found"):
        columns_of(block(['a,"x,1,c', "d,e,2,f"]), WANTED)


def test_long_cells_are_cut_in_the_refusal() -> None:
    with pytest.raises(InputError) as caught:
        columns_of(block(["a,b," + "z" * 500 + ",c"]), WANTED)
    assert len(str(caught.value)) < 120


def test_blocks_together_are_the_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("underwriter.market.sources.text._BLOCK", 64)
    monkeypatch.setattr("underwriter.market.sources.text._READ", 10)
    lines = [f"{number},{'x' * (number % 40)}" for number in range(200)]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["a,b", *lines]))
    found = list(blocks_of(path))
    assert b"".join(each.body for each in found).decode() == "\n".join(lines)
    assert [each.line for each in found[:2]] == [2, 2 + found[0].body.count(b"\n")]
    assert max(len(each.body) for each in found) < 128
