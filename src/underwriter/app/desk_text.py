"""What the hand is shown before it acts: what would be closed, and into what may be rolled."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from underwriter.app.desk_hand import Flattened, Rolls, RollSaid
from underwriter.app.holdings import fitting
from underwriter.book.naming import named
from underwriter.core.units import MICRO

_HEAD = ("Option", "Days", "Delta", "Touch", "Middle", "Breakeven", "A year", "Stress")
_SPARED = ("Middle", "Stress", "Delta", "Breakeven", "A year")  # where the terminal is narrow
_NEAREST = 3
_NARROW = 40


def closing(held: Sequence[Flattened], unmarked: str) -> Iterator[str]:
    """What would be closed, a line a leg, and what it would cost at its marks, or why none are."""
    for one in held:
        for option, quantity, mark_u in one.legs:
            verb = "buy" if quantity < 0 else "sell"
            price = "" if mark_u is None else f", marked {mark_u / MICRO:,.2f}"
            yield f"  sleeve {one.sleeve}: {verb} {abs(quantity):,} {named(option)} to close{price}"
        if one.shares:
            verb = "sell" if one.shares > 0 else "buy"
            yield f"  sleeve {one.sleeve}: {verb} {abs(one.shares):,} {one.underlying}"
    costs = [one.close_u for one in held if one.legs]
    known_u = [one for one in costs if one is not None]
    if len(known_u) == len(costs):
        yield f"  options: {sum(known_u) / MICRO:,.2f} dollars to close at their marks"
    elif unmarked:
        yield f"  not marked: {unmarked}"


def listed(rolls: Rolls, width: int, *, every: bool) -> list[str]:
    """The rolls of a sleeve in a table, or of each expiry those that people choose from."""
    shown = rolls.rolls if every else _few(rolls.rolls)
    rows: list[tuple[str, ...]] = [_HEAD]
    for one in shown:
        star = "" if not one.why_not else " *"
        rows.append((
            named(one.option) + star, str(one.dte),
            f"{one.delta:+.2f}", f"{one.touch:+,.2f}", f"{one.middle:+,.2f}",
            f"{one.breakeven:,.2f}", f"{one.yearly:+.1%}", f"{one.stress:,.0f}",
        ))  # fmt: skip
    if len(rows) == 1:
        return [f"sleeve {rolls.sleeve}: found no roll that is quoted"]
    whys = sorted({one.why_not for one in shown if one.why_not})
    notes = [f"* not to be taken: {'; or '.join(whys)}"] if whys else []
    left = len(rolls.rolls) - len(shown)
    notes += [f"{left:,} more with --all"] if left else []
    told = [part for note in notes for part in wrap(note, max(width, _NARROW))]
    return [*fitting(rows, _HEAD[1:], _SPARED, width), *told]


def _few(rolls: Sequence[RollSaid]) -> list[RollSaid]:
    """Of each expiry the furthest for a credit, and the three nearest the money."""
    found = []
    for dte in sorted({one.dte for one in rolls}):
        same = sorted((one for one in rolls if one.dte == dte), key=lambda one: abs(one.delta))
        paid = [one for one in same if one.touch > 0.0]
        found += [one for one in same if one in paid[:1] or one in same[-_NEAREST:]]
    return found
