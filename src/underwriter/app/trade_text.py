"""What came of `trade`, for people."""

from collections.abc import Iterable, Iterator
from textwrap import wrap

from underwriter.app.trade_rows import BreakSaid, Traded
from underwriter.book.naming import named

_NARROW, _INDENT = 40, "        "
_OSI = 21  # letters of an option's symbol


def page(came: Traded, width: int) -> str:
    """A few lines: what was done, what the account is worth, what needs a look."""
    lines = (*_done(came), *_attention(came))
    places = f"Desk    {came.folder}", f"Book    {came.journal}"
    return "\n".join(["", *_flowing(lines, width), *places])


def _flowing(lines: Iterable[str], width: int) -> Iterator[str]:
    """Lines, each in as many as it needs; paths, which are not of them, stay whole to be copied."""
    room = max(width, _NARROW)
    for line in lines:
        yield from wrap(line, room, subsequent_indent=_INDENT, break_on_hyphens=False)


def _done(came: Traded) -> Iterator[str]:
    """What was done, and what is held by now."""
    span = f", {came.first} to {came.last}" if came.first else ""
    yield f"{came.policy}, {came.kind}: {_many(came.sessions, 'session')} decided{span}"
    yield (
        f"{_many(came.approved, 'intent')} approved, {_many(sum(came.refused.values()), 'wish')} "
        f"refused, {_many(came.orders, 'order')}, {_many(came.fills, 'fill')}, "
        f"{_many(came.assigned, 'assignment')}, {came.expired:,} expired"
    )
    if came.equity is not None and came.cash is not None:
        yield f"Equity {came.equity:,.2f}, cash {came.cash:,.2f} dollars at the last evening"
    for at, line in enumerate(came.held or ["nothing"]):
        yield ("Held    " if at == 0 else "        ") + line


def _attention(came: Traded) -> Iterator[str]:
    """What somebody should look at, a line each."""
    if came.setting != "on":
        yield f"LOOK    the desk is {came.setting}{came.why and f': {came.why}'}"
    if came.blind:
        yield f"LOOK    the broker was silent: {came.blind}"
    for why in came.account:
        yield f"LOOK    nothing that adds risk goes out: {why}"
    for one in came.breaks:
        form = ",.2f" if one.kind == "cash" else ",g"
        differs = f"book {one.book:{form}}, broker {one.broker:{form}}"
        yield f"LOOK    {one.kind} {named(one.key)}: {differs}; {one.cause}{_mend(one)}"
    for why in came.odd:
        yield f"LOOK    a fact that does not fit the book: {why}"
    for sequence, why in came.held_back.items():
        yield f"LOOK    intent {sequence} is held back: {why}"
    for what in came.beside:
        yield (
            f"LOOK    short by hand, which no policy manages: {what}; until it is closed nothing "
            "that adds risk is approved"
        )
    for duty in came.left:
        yield f"LOOK    {duty.duty} {duty.session}: {duty.why}"
    if came.skipped:
        yield f"LOOK    never decided: {', '.join(map(str, came.skipped))}"
    for client in came.unknown:
        yield f"LOOK    order {client}: nobody knows how it stands"


def _mend(one: BreakSaid) -> str:
    """What takes shares in that were the account's before the book."""
    if one.kind != "unknown position" or one.broker <= 0 or len(one.key) == _OSI:
        return ""
    return f": underwriter book record buy {one.key} {one.broker:g} PRICE --owned-since DAY"


def _many(count: int, what: str) -> str:
    """A count and its noun."""
    plural = f"{what}es" if what.endswith("sh") else f"{what}s"
    return f"{count:,} {what if count == 1 else plural}"
