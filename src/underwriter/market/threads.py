"""Work on columns shared out among the cores: kernels release the interpreter's lock."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

MOST = 8
LEAST_ROWS = 20_000  # fewer are done before a second thread has begun


def in_parts(work: Callable[[int, int], object], ends: list[int]) -> None:
    """Call `work(lo, hi)` for each part between two neighbours of `ends`, on a thread each.

    Parts must not write to the same rows; then the outcome does not depend on their number.
    """
    parts = list(pairwise(ends))
    if len(parts) == 1:
        work(*parts[0])
        return
    with ThreadPoolExecutor(len(parts)) as pool:
        for done in [pool.submit(work, *part) for part in parts]:
            done.result()


def parts_of(rows: int) -> int:
    """Into how many parts so many rows are worth dividing."""
    return max(1, min(os.cpu_count() or 1, MOST, rows // LEAST_ROWS))


def even(rows: int) -> list[int]:
    """Where so many rows are divided, the ends included."""
    parts = parts_of(rows)
    return [rows * part // parts for part in range(parts + 1)]
