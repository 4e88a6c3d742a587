"""Work in parts."""

import pytest

from underwriter.market.threads import LEAST_ROWS, MOST, even, in_parts, parts_of


@pytest.mark.parametrize("rows", [0, 1, LEAST_ROWS, 7 * LEAST_ROWS + 3, 100 * LEAST_ROWS])
def test_every_row_is_in_one_part(rows: int) -> None:
    seen = [0] * rows

    def work(lo: int, hi: int) -> None:
        for n in range(lo, hi):
            seen[n] += 1

    in_parts(work, even(rows))
    assert seen == [1] * rows


def test_few_rows_are_one_part_and_many_no_more_than_the_most() -> None:
    assert parts_of(LEAST_ROWS) == 1
    assert 1 <= parts_of(10**9) <= MOST


def test_what_fails_in_a_part_fails_the_whole() -> None:
    def work(lo: int, hi: int) -> None:
        raise ZeroDivisionError(f"{lo} to {hi}")

    with pytest.raises(ZeroDivisionError, match="0 to 1"):
        in_parts(work, [0, 1, 2])
