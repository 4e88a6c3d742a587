"""What `underwriter book tax` says in a terminal: plain lines of 60 to 100 columns."""

from collections.abc import Iterable, Iterator
from textwrap import wrap

from underwriter.app.tax import LotFound, MarkFound, Sale, Taxed
from underwriter.core.units import to_u
from underwriter.report import say

NARROW, WIDE = 60, 100
_FULL = 88  # columns that proceeds and basis need beside the rest
_CELL = 13
_DAY = 11
_NAME = 37  # of a written option
_NOT_KNOWN = "not known"


def page(found: Taxed, columns: int) -> str:
    """The answer, in lines of at most `columns` (60 at least)."""
    room = max(NARROW, min(columns, WIDE))
    parts = [_flow(_head(found), room), _totals(found)]
    parts += _titled("Sales, as on Form 8949", _sales(found.sales, room))
    parts += _titled("Section 1256, as on Form 6781", _section_1256(found, room))
    parts += _titled("Lots open at the end", _lots(found.open_lots, room))
    parts += _titled("Calls written on shares: qualified or not", _calls(found, room))
    parts += _titled("To look at", _remarks(found, room))
    parts.append(_flow("A record for who prepares the return, no advice: docs/tax.md.", room))
    text = "\n\n".join("\n".join(line.rstrip() for line in part) for part in parts)
    return say.plain(text + "\n")


def _flow(text: str, room: int, indent: str = "  ") -> list[str]:
    return wrap(text, room, subsequent_indent=indent, break_on_hyphens=False)


def _titled(title: str, lines: Iterable[str]) -> Iterator[list[str]]:
    """A part under its title, unless there is nothing of it."""
    told = list(lines)
    if told:
        yield [title, *told]


def _dollars(amount: float | None) -> str:
    return _NOT_KNOWN if amount is None else say.money(to_u(amount), 2)


def _head(found: Taxed) -> str:
    modelled = "" if found.quotes == "quoted" else f", quotes {found.quotes}"
    state = "" if found.over else f", so far: the journal ends on {found.through}"
    folded = "folded into shares" if found.folds else "apart from shares"
    return (
        f"{found.journal}{modelled}: tax year {found.year}{state}. Lots {found.lots}, "
        f"premium {folded}."
    )


def _totals(found: Taxed) -> list[str]:
    whole = found.section_1256
    at_most = None if whole.gain is None else max(whole.gain, 0.0) * whole.top_rate
    amounts = [
        ("Short term", found.short_term),
        ("Long term", found.long_term),
        ("Section 1256", whole.gain),
        ("  of it short", whole.short_part),
        ("  of it long", whole.long_part),
        (f"  tax at {say.percent(whole.top_rate)}, the most", at_most),
        ("Put off by wash sales", found.put_off),
        ("Dividends", found.dividends),
        ("Paid in lieu of them", found.in_lieu),
        ("Interest", found.interest),
    ]
    return [f"{name:<24}{_dollars(amount):>16}" for name, amount in amounts]


def _sales(sales: Iterable[Sale], room: int) -> Iterator[str]:
    """A line a sale; proceeds and basis where there is room."""
    full = room >= _FULL
    named = room - _DAY - 6 - _CELL * (4 if full else 2)
    heads = ("proceeds", "basis") if full else ()
    rows = [
        (
            one.closed,
            one.what,
            one.term,
            *((_dollars(one.proceeds), _dollars(one.basis)) if full else ()),
            f"W {_dollars(one.adjustment)}" if one.code else "",
            _dollars(one.gain),
        )
        for one in sales
    ]
    for day, what, term, *cells in [("closed", "what", "term", *heads, "put off", "gain"), *rows]:
        told = f"{term:<6}" + "".join(f"{cell:>{_CELL}}" for cell in cells)
        if rows and named >= _NAME:
            yield f"{day:<{_DAY}}{what:<{named}}{told}"
        elif rows:
            yield from (f"{day:<{_DAY}}{what}", f"{'':<{_DAY}}{told}")


def _section_1256(found: Taxed, room: int) -> Iterator[str]:
    whole = found.section_1256
    for one in whole.sales:
        yield from _flow(f"{one.closed}  {one.what}, {one.how}: {_dollars(one.gain)}", room)
    for mark in whole.marks:
        yield from _flow(f"Marked, {_mark(mark)}", room)
    for mark in whole.taken_before:
        yield from _flow(f"Taken off, since taxed before: {_mark(mark)}", room)


def _mark(mark: MarkFound) -> str:
    names = ", ".join(mark.contracts)
    why = f" ({mark.why})" if mark.why else ""
    return f"end of {mark.year}, {names}: {_dollars(mark.gain)}{why}"


def _lots(lots: Iterable[LotFound], room: int) -> Iterator[str]:
    for one in lots:
        word, amount = ("basis", one.basis) if one.quantity > 0 else ("proceeds", -one.basis)
        since = f", held since {one.held_since}" if one.held_since != one.opened else ""
        yield from _flow(f"{one.opened}  {one.what}: {word} {_dollars(amount)}{since}", room)


def _calls(found: Taxed, room: int) -> Iterator[str]:
    words = {True: "qualified", False: "not qualified", None: _NOT_KNOWN}
    for one in found.covered_calls:
        said = f"{one.written}  {one.quantity} {one.option}: {words[one.qualified]}, {one.reason}"
        yield from _flow(said, room)


def _remarks(found: Taxed, room: int) -> Iterator[str]:
    """What is not counted, losses whose window is open, puts that may be purchases, files."""
    if found.strays:
        yield from _flow(f"{found.strays} events could not be booked, and are left out.", room)
    for one in found.window_open:
        said = f"{one.what}, sold {one.closed}: what is bought within 30 days may put its loss off"
        yield from _flow(said, room)
    for put in found.deep_puts:
        said = (
            f"{put.option}, written {put.written} in the money ({put.close:g} before it), near a "
            "loss on the shares: it may count as a purchase (Rev. Rul. 85-87)"
        )
        yield from _flow(said, room)
    for path in found.files:
        yield from _flow(f"Written: {path}", room)
