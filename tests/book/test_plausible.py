"""Prices beside what a book knows already: what is held, and the last evening."""

import pytest

from book.ledger_text import events_of
from book.told import CALL, common, leg, opened, shares, sold
from underwriter.book.event import AnyEvent, Marked, Quoted, Transferred
from underwriter.book.fold import EMPTY, fold
from underwriter.book.plausible import doubts, scale_of
from underwriter.core.units import MICRO

HELD = fold(
    events_of("""
        2026-01-05 deposit 20,000.00
        2026-01-05 bought 100 KO shares @ 60.00
        2026-01-05 sold 1 KO 2026-02-20 C 62 @ 0.50
    """)
)


def marked(close: int) -> Marked:
    told = {"equity_u": 0, "cash_u": 0, "shares_u": 0, "rate": 0.0, "measure": None, "regimes": {}}
    return Marked(**common(), **told, underlyings={"KO": Quoted(close * MICRO)})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "known", "scale"),
    [
        (60, 60, 0), (120, 60, 0), (300, 60, 0), (380, 60, 10), (600, 60, 10), (900, 60, 10),
        (1_000, 60, 0), (6_000, 60, 100), (60, 6_000, -100), (60, 60_000, -1_000), (60, 0, 0),
        (60_000, 6, 0),
    ],
)  # fmt: skip
def test_a_scale_is_met_within_eight_fifths(found: int, known: int, scale: int) -> None:
    assert scale_of(found, known) == scale


@pytest.mark.parametrize(
    ("event", "beside"),
    [
        (sold(1, "0.50", CALL, slot=2), "under a cent"),
        (sold(1, "5000", CALL, slot=2), "the last price of KO 2026-02-20 C 62, 0.50"),
        (shares(-100, "61"), "the strike of KO 2026-02-20 C 62, 62.00"),
        (shares(-100, "6100"), None),
        (shares(-100, "0"), None),
        (sold(1, "0"), None),
        (leg(Transferred, None, 0, 0, "600", acquired=common()["session"]), None),
    ],
)
def test_what_is_held_is_known(event: AnyEvent, beside: str | None) -> None:
    found = doubts(HELD, [event])
    assert [beside in one.text if beside else one for one in found] == ([True] if beside else [])


def test_shares_that_are_held_and_closes_are_known() -> None:
    """Without an option: by what the shares cost; on an evening, by the close."""
    bought = [opened(), shares(100, "-6000")]
    (one,) = doubts(fold(bought), [shares(100, "-60")])
    assert "a hundred times less than what KO cost, 60.00" in one.text
    assert (one.event, one.found_u, one.known_u) == (1, 600_000, 60 * MICRO)
    assert doubts(fold([*bought, marked(6)]), [shares(100, "-600")]) == []
    (one,) = doubts(EMPTY, [opened(), marked(60), shares(10, "-6000")])
    assert "ten times more than the close of KO, 60.00" in one.text
