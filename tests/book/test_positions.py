"""What a book holds, in ledgers whose breakevens are worked by hand."""

import pytest
from hypothesis import given

from book.ledger_text import events_of
from book.test_histories import HISTORIES
from underwriter.book.event import AnyEvent
from underwriter.book.fold import fold
from underwriter.book.positions import Holding, holdings
from underwriter.core.units import MICRO


def said(one: Holding) -> str:
    """A holding in one line."""
    legs = [f"{leg.quantity} {leg.contract} for {leg.opened_u / MICRO:.2f}" for leg in one.legs]
    shares = [f"{one.shares} shares"] if one.shares else []
    edge = "none" if one.breakeven_u is None else f"{one.breakeven_u / MICRO:.4f}"
    return " · ".join([one.name, *shares, *legs, f"breakeven {edge}"])


def told(text: str) -> list[str]:
    return [said(one) for one in holdings(fold(events_of(text)))]


CYCLE = """
    2026-01-02 deposit 20,000.00
    2026-01-05 sold 1 XYZ 2026-01-16 P 95 @ 1.36
    => ledger:XYZ · -1 XYZ 2026-01-16 P 95 for 136.00 · breakeven 93.6400
    2026-01-14 sold 1 XYZ 2026-02-20 P 94 @ 2.75
    2026-01-14 bought 1 XYZ 2026-01-16 P 95 @ 2.10
    => ledger:XYZ · -1 XYZ 2026-02-20 P 94 for 275.00 · breakeven 91.9900
    2026-02-20 assigned XYZ 94 P, 100 shares
    => ledger:XYZ · 100 shares · breakeven 91.9900
    2026-02-23 sold 1 XYZ 2026-03-20 C 97 @ 1.20
    => ledger:XYZ · 100 shares · -1 XYZ 2026-03-20 C 97 for 120.00 · breakeven 91.9900
    2026-03-20 expired XYZ 97 C
    => ledger:XYZ · 100 shares · breakeven 90.7900
"""


def test_t76_the_breakeven_of_the_wheel_cycle_at_every_step() -> None:
    """DOMAIN.md 4.2: 94 - 1.36 + 2.10 - 2.75 = 91.99, before the assignment and after it."""
    seen = ""
    for line in CYCLE.strip().splitlines():
        if line.strip().startswith("=>"):
            assert told(seen) == [line.strip().removeprefix("=> ")]
        else:
            seen += line + "\n"


@pytest.mark.parametrize(
    ("trades", "edge"),
    [
        (["sold 1 KO 2026-02-20 P 60 @ 2.00", "bought 1 KO 2026-02-20 P 55 @ 0.50"], "58.5000"),
        (["sold 2 KO 2026-02-20 C 65 @ 1.00 fee 1.00"], "65.9950"),
        # six of credit in a spread five wide can lose nothing
        (["sold 1 KO 2026-02-20 P 60 @ 7.00", "bought 1 KO 2026-02-20 P 55 @ 1.00"], "none"),
        (["sold 1 KO 2026-02-20 P 60 @ 1.00", "sold 1 KO 2026-02-20 C 65 @ 1.00"], "none"),
        (["bought 1 KO 2026-02-20 P 60 @ 1.00"], "none"),
        (["sold 100 KO shares @ 62.00 fee 1.00"], "61.9900"),
        (["sold 1 KO 2026-02-20 P 60 @ 0.01 fee 0.000001"], "59.9900"),
    ],
)
def test_the_breakeven_of_other_positions(trades: list[str], edge: str) -> None:
    """A spread's is within its width; a strangle has two, and a bought option is no income."""
    lines = "\n".join(["2026-01-02 deposit 20,000.00", *(f"2026-01-05 {each}" for each in trades)])
    (found,) = told(lines)
    assert found.endswith(f"breakeven {edge}")


def test_a_flat_sleeve_holds_nothing_and_another_stays() -> None:
    found = told("""
        2026-01-02 deposit 50,000.00
        2026-01-05 sold 1 KO 2026-01-16 P 60 @ 1.00
        2026-01-05 sold 1 PEP 2026-02-20 P 140 @ 2.00
        2026-01-16 expired KO 60 P
    """)
    assert found == ["ledger:PEP · -1 PEP 2026-02-20 P 140 for 200.00 · breakeven 138.0000"]


@given(HISTORIES)
def test_what_is_held_is_told_of_any_history(events: list[AnyEvent]) -> None:
    """Even of a senseless one: as many shares and contracts as the fold has."""
    book = fold(events)
    found = holdings(book)
    sleeves = [book.state.sleeves[at] for at in range(len(book.sleeves))]
    assert sum(one.shares for one in found) == sum(int(each.shares) for each in sleeves)
    contracts = sum(leg.quantity for one in found for leg in one.legs)
    assert contracts == sum(int(each.quantity.sum()) for each in sleeves)
