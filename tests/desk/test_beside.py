"""What is short by hand is named: for it this account's cash may have to stand."""

from dataclasses import replace
from pathlib import Path

import pytest
from msgspec.structs import replace as told

from book.imports.rows import book_of, row
from desk.test_cycle import World, history
from underwriter.book.fold import EMPTY
from underwriter.book.imports.statement import Row
from underwriter.desk.deciding import risks_beside

PUT, CALL = "KO    260220P00060000", "KO    260220C00062000"
SHARES = row(1, "trade", "2026-01-05", "KO", 100, price=60, net=-6_000, effect="open")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((SHARES,), ()),
        (
            (row(2, "trade", "2026-01-05", "KO", -100, price=60, net=6_000, effect="open"),),
            ("-100 KO shares",),
        ),
        (
            (
                SHARES,
                row(2, "trade", "2026-01-05", CALL, -1, price=1, net=100, effect="open"),
                row(3, "trade", "2026-01-06", PUT, -2, price=1, net=200, effect="open"),
            ),
            ("-1 KO 2026-02-20 C 62", "-2 KO 2026-02-20 P 60"),
        ),
        ((row(2, "trade", "2026-01-05", PUT, 1, price=1, net=-100, effect="open"),), ()),
    ],
)
def test_what_is_short_and_nobody_s_is_named(
    tmp_path: Path, rows: tuple[Row, ...], said: tuple[str, ...]
) -> None:
    rules, book = World(tmp_path, history()).rules, book_of(*rows).book
    assert set(risks_beside(book, rules)) == set(said)
    assert risks_beside(book, rules._replace(account="other")) == ()
    managed = replace(book, sleeves=tuple(told(one, name="wheel") for one in book.sleeves))
    assert risks_beside(managed, rules) == risks_beside(EMPTY, rules) == ()
