"""What `watch` shows people: what needs a look, what is held, what is on its way."""

from collections.abc import Iterable, Iterator
from textwrap import wrap

from underwriter.app.holdings import fitting
from underwriter.app.watch import Held, LegSaid, Watched


def page(found: Watched, width: int) -> str:
    """The whole of it, as wide as the terminal, from 40 columns on."""
    room = max(width, NARROW)
    return "\n".join(line for part in _parts(found, room) for line in [*part, ""]).rstrip()


def _parts(found: Watched, width: int) -> Iterator[list[str]]:
    yield _flowing(_head(found), width)
    if notes := [*_notes(found)]:
        yield ["Needs attention", *_flowing(notes, width)]
    if found.held:
        yield _positions(found, width)
    else:
        yield ["Nothing is held."]
    if found.intents:
        yield ["On its way", *_flowing(_intents(found), width)]


def _flowing(lines: Iterable[str], width: int) -> list[str]:
    """Lines, each in as many as it needs."""
    return [
        part
        for line in lines
        for part in wrap(line, width, subsequent_indent="    ", break_on_hyphens=False)
    ]


def _head(found: Watched) -> Iterator[str]:
    setting = found.setting if not found.why else f"{found.setting}: {found.why}"
    yield f"Desk of {found.account}, {found.kind}; {setting}; quotes of {found.session or 'none'}"
    if found.equity is not None and found.cash is not None:
        yield f"Equity {found.equity:,.2f}, cash {found.cash:,.2f} at the last evening"


NARROW = 40
HEAD = ("Sleeve", "Name", "Spot", "Leg", "Days", "Away", "Delta", "Mark", "Captured")
RIGHT = frozenset(HEAD) - {"Name", "Leg"}
SPARED = ("Spot",)  # how near a strike is, in days, percent and deltas, is never left out


def _positions(found: Watched, width: int) -> list[str]:
    """A table where there is room for one, else a line or two a position, with all that it says."""
    lines = fitting(_rows(found), RIGHT, SPARED, width)
    if max(map(len, lines)) <= width:
        return lines
    return _flowing((line for one in found.held for line in _folded(one)), width)


def _folded(one: Held) -> Iterator[str]:
    """A sleeve in a line of its own, and one for each of what it holds."""
    captured = "" if one.captured is None else f", captured {one.captured:.0%}"
    yield f"{one.sleeve}  {one.underlying}, spot {one.spot:,.2f}{captured}"
    for leg in one.legs:
        what = f"  {leg.quantity:+,} {leg.option[12]} {leg.strike:,g}: {leg.dte} days"
        yield f"{what}, {leg.away:+.1%} away, delta {_delta(leg)}, mark {leg.mark:,.2f}"
    if one.shares:
        yield f"  {one.shares:+,} shares{_even(one, ': ')}"


def _delta(leg: LegSaid) -> str:
    """Of the option, which a policy's deltas are held to; not of the position."""
    return "?" if leg.option_delta is None else f"{leg.option_delta:+.2f}"


def _even(one: Held, before: str) -> str:
    """Where shares break even."""
    return "" if one.breakeven is None else f"{before}even {one.breakeven:,.2f}"


def _rows(found: Watched) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [HEAD]
    for one in found.held:
        rows += _of_sleeve(one)
    return rows


def _of_sleeve(one: Held) -> Iterator[tuple[str, ...]]:
    """A row a leg, and one of the shares; what is of the sleeve stands in the first."""
    captured = "" if one.captured is None else f"{one.captured:.0%}"
    first = [str(one.sleeve), one.underlying, f"{one.spot:,.2f}"]
    for leg in one.legs:
        what = f"{leg.quantity:+,} {leg.option[12]} {leg.strike:,g}"
        cells = (what, str(leg.dte), f"{leg.away:+.1%}", _delta(leg), f"{leg.mark:,.2f}", captured)
        yield (*first, *cells)
        first, captured = ["", "", ""], ""
    if one.shares:
        cells = (f"{one.shares:+,} shares", "", "", "", _even(one, ""), "")
        yield (*first, *cells)


def _intents(found: Watched) -> Iterator[str]:
    for one in found.intents:
        least = "" if one.least is None else f", least {one.least:,.2f}"
        answer = f", answered {one.answer}" if one.answer else ""
        yield f"  {one.intent}  {one.action} {one.what}{least}: {one.state}{answer}"


def _notes(found: Watched) -> Iterator[str]:
    if found.killed:
        yield "  the kill switch is set"
    for one in found.held:
        for note in one.attention:
            yield f"  sleeve {one.sleeve}, {one.underlying}: {note}"
    for client in found.unknown:
        yield f"  order {client}: nobody knows how it stands"
    for remark in found.remarks:
        yield f"  {remark}"
