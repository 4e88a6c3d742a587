"""Every gate is documented as what it is; the numbers are the table's order."""

import re
from pathlib import Path

import polars as pl
import pytest

from underwriter.market.gates import codes
from underwriter.market.quality import DAY_GATES, GATE, GATES

PAGE = Path(__file__).parent.parent.parent.parent / "docs" / "gates.md"
ROWS = dict(
    re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|", PAGE.read_text("utf-8"), re.MULTILINE)
)


@pytest.mark.parametrize("gate", GATES)
def test_a_gate_is_documented_with_what_it_does(gate: str) -> None:
    assert gate in ROWS, f"docs/gates.md has no row for `{gate}`"
    assert ROWS[gate].strip() == ("taken out" if GATES[gate].dropped else "remarked")


@pytest.mark.parametrize("gate", DAY_GATES)
def test_a_gate_on_days_is_documented(gate: str) -> None:
    assert ROWS.get(gate, "").strip() == "told", f"docs/gates.md has no row for `{gate}`"


def test_no_gate_is_documented_that_is_gone() -> None:
    assert ROWS.keys() == {*GATES, *DAY_GATES}


def test_the_page_has_them_in_the_order_in_which_they_apply() -> None:
    assert [name for name in ROWS if name in GATES] == list(GATES)


def test_a_number_is_a_place_in_the_table() -> None:
    for number, name in enumerate(GATES, 1):
        assert getattr(codes, name.upper()) == number
    remarks = [name for name, gate in GATES.items() if not gate.dropped]
    assert list(GATES)[codes.FIRST_REMARK - 1 :] == remarks


def test_numbers_become_names_and_nothing_becomes_null() -> None:
    frame = pl.DataFrame({"code": pl.Series(range(len(GATES) + 1), dtype=pl.UInt8)})
    named = frame.select(codes.gate_column(pl.col("code")))["code"]
    assert named.dtype == GATE
    assert named.cast(pl.String).to_list() == [None, *GATES]
