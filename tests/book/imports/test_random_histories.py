"""A random history written as tastytrade exports it, and booked: the same cash and positions."""

import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from book.imports.outline import read_text
from book.imports.tastytrade_year import HEADER, option
from underwriter.book.fold import EMPTY
from underwriter.book.imports.booking import booked
from underwriter.book.imports.held import cash_u, held_u
from underwriter.book.imports.reconcile import reconciled

NAMES = ("KO    260220P00060000", "KO    260220P00055000", "KO    260220C00065000",
         "MSFT  260320P00400000")  # fmt: skip
TRADES = st.lists(
    st.tuples(st.sampled_from(NAMES), st.booleans(), st.integers(1, 5), st.integers(1, 900)),
    min_size=1,
    max_size=25,
)


@given(TRADES)
def test_a_random_history_folds_to_its_cash_and_positions(
    trades: list[tuple[str, bool, int, int]],
) -> None:
    held: Counter[str] = Counter()
    cash, rows = 0, []
    for at, (name, buys, wanted, price) in enumerate(trades):
        sign, there = (1 if buys else -1), held[name]
        closes = there * sign < 0
        count = min(wanted, abs(there)) if closes else wanted
        words = ("Buy" if buys else "Sell") + (" to Close" if closes else " to Open")
        money = f"{-sign * price}.00", f"{-sign * price * count}.00"
        when = f"2026-01-05T10:{at:02}:00-0500"
        action = words.upper().replace(" ", "_")
        rows.append(option(when, words, action, name, count, *money, str(at // 2)))
        held[name] += sign * count
        cash += (-sign * price * 100 - 66) * count
    text = "\n".join([HEADER, *rows[::-1]]) + "\n"
    with tempfile.TemporaryDirectory() as folder:
        statement = read_text(Path(folder), text)
    found = booked(EMPTY, statement, "main")
    assert (found.left, found.book.strays) == ((), ())
    assert cash_u(found.book, "main") == {"USD": cash * 10_000}
    expected = {name: count * 1_000_000 for name, count in sorted(held.items()) if count}
    assert held_u(found.book, "main") == expected
    assert booked(found.book, statement, "main").events == ()
    assert reconciled(found.book, statement, "main") == []
