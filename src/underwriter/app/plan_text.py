"""A plan for people: orders, the refused, the month's income, the account, what it then holds."""

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from textwrap import wrap

from underwriter.app.plan_rows import Leg, Money, Opening, Order, Plan, Position, Refusal
from underwriter.core.units import MICRO
from underwriter.report import say
from underwriter.report.tables import reason_text

SMALL, NARROW, ONE_LINE, WIDE = 40, 80, 112, 120  # under NARROW figures stand in sentences
_WHAT = 32  # columns of the contract
_FIGURES = ("Limit", "Credit", "Yield", "Odds", "Theta", "Stress", "Of equity", "Cap")
_CELLS = (8, 10, 8, 8, 8, 10, 11, 13)
_FIRST = 4  # figures on the first line where two are needed
_NO_FILL = ", no fill"


def page(made: Plan, width: int) -> str:
    """The plan in lines of at most `width` columns, 40 to 120."""
    room = max(SMALL, min(width, WIDE))
    openings = [one for one in made.orders if one.opening]
    others = [one for one in made.orders if not one.opening]
    parts = (
        _head(made, room),
        _openings(openings, room),
        _others(others, room),
        _refused(made.refused, room),
        _income(made, room),
        _accounts(made.before, made.after, room),
        _positions(made.positions, room),
    )
    lines = [line.rstrip() for part in parts if part for line in (*part, "")]
    return say.plain("\n".join(lines).rstrip() + "\n")


def _flow(text: str, room: int, indent: str = "  ") -> list[str]:
    return wrap(text, room, subsequent_indent=indent, break_on_hyphens=False)


def _money(dollars: float | None, digits: int = 0) -> str:
    return say.UNDEFINED if dollars is None else say.money(dollars * MICRO, digits)


def _head(made: Plan, room: int) -> list[str]:
    """What was decided, when, on which quotes, over which book."""
    asked = made.as_of and made.as_of != made.session
    why = f" (the last session at or before {made.as_of})" if asked else ""
    quotes = say.PROVENANCE[made.quotes]
    banner = f"{quotes.banner}. " if quotes.banner else ""
    book = f"Over the book {made.book}." if made.book else "Over an account that begins today."
    told = [
        f"{made.policy}: plan for {made.session}{why}",
        f"{banner}{quotes.told} Source: {made.source}",
        book,
        *made.remarks,
    ]
    return [line for text in told for line in _flow(text, room)]


def _grid(cells: Sequence[str], first: int, last: int) -> str:
    """Some figures in their columns."""
    return "".join(f"{cells[at]:>{_CELLS[at]}}" for at in range(first, last))


def _rows(what: Sequence[str], cells: Sequence[str], room: int) -> list[str]:
    """One order: its contracts down the left, its figures in one line or two."""
    every = len(cells)
    spans = [(0, every)] if room >= ONE_LINE else [(0, _FIRST), (_FIRST, every)]
    figures = [_grid(cells, *span) for span in spans]
    pairs = zip_longest(what, figures, fillvalue="")
    return [f"{left:<{_WHAT}}{right}" for left, right in pairs]


def _openings(orders: Sequence[Order], room: int) -> list[str]:
    """What is sold to open, with every figure that the decision rests on."""
    if not orders:
        return ["Nothing is opened."]
    head = ["Open"] if room < NARROW else _rows(("Open",), _FIGURES, room)
    return [*head, *(line for one in orders for line in _opened(one, room))]


def _opened(order: Order, room: int) -> list[str]:
    """One new position."""
    told = order.opening
    if told is None:
        return []
    what = [_leg(each) for each in order.legs]
    if order.shares:
        what.insert(0, f"{order.shares:+,d} {order.underlying}")
    what += [f"  breakeven {_breakevens(told)}", f"  {order.name}"]
    cells = _cells(order, told)
    if room >= NARROW:
        return _rows(what, cells, room)
    figures = ", ".join(
        f"{name.lower()} {cell}" for name, cell in zip(_FIGURES, cells, strict=True)
    )
    return [line for text in (*what, f"  {figures}") for line in _flow(text, room, "  ")]


def _cells(order: Order, told: Opening) -> tuple[str, ...]:
    """The figures of one new position, as `_FIGURES` heads them."""
    return (
        say.UNDEFINED if order.limit is None else f"{order.limit:.2f}",
        _money(order.credit),
        _percent(told.yield_on_collateral),
        _percent(told.assignment_odds, 0),
        _money(told.theta),
        _money(told.stress_loss),
        _percent(told.share_of_equity),
        told.bound or "shares held",
    )


def _percent(share: float | None, digits: int = 1) -> str:
    return say.UNDEFINED if share is None else say.percent(share, digits)


def _breakevens(told: Opening) -> str:
    return " and ".join(f"{each:,.2f}" for each in told.breakevens) or say.UNDEFINED


def _leg(leg: Leg) -> str:
    """A leg as it trades or is held: -3 SPY 2026-02-20 P 480."""
    return f"{leg.quantity:+,d} {leg.underlying} {leg.expiry} {leg.right} {leg.strike:g}"


def _others(orders: Sequence[Order], room: int) -> list[str]:
    """What is closed, rolled, exercised; shares that are bought or sold."""
    lines = ["Held, and changed"] if orders else []
    for one in orders:
        what = [_leg(each) for each in one.legs] or [f"{one.shares:+,d} {one.underlying}"]
        figures = _NO_FILL if one.no_fill else _changed(one)
        lines += _flow(f"{one.action.replace('_', ' ')} {one.name}: {one.why}{figures}", room)
        lines += [f"    {each}" for each in what]
        lines += _flow(f"    {reason_text(one.why)}", room, "    ")
        if one.no_fill:
            lines += _flow(f"    no fill: {reason_text(one.no_fill)}", room, "    ")
    return lines


def _changed(order: Order) -> str:
    """The limit and the money of an order that opens nothing."""
    limit = "" if order.limit is None else f", limit {order.limit:.2f}"
    credit = "" if order.credit is None else f", credit {_money(order.credit)}"
    return f"{limit}{credit}, fees {_money(order.fees, 2)}"


def _refused(refused: Sequence[Refusal], room: int) -> list[str]:
    """The refusals by reason: which underlyings, and the least equity that admits one."""
    if not refused:
        return ["Nothing was refused."]
    lines = ["Refused"]
    for why in dict.fromkeys(one.why for one in refused):
        some = [one for one in refused if one.why == why]
        least = min((one.least_equity for one in some if one.least_equity), default=None)
        needs = f"; least equity {_money(least)}" if least else ""
        lines += _flow(f"  {why}: {reason_text(why)}{needs}", room, "    ")
        lines += _flow(f"    {', '.join(_counted(one.underlying for one in some))}", room, "    ")
    return lines


def _counted(names: Iterable[str]) -> list[str]:
    """Names once, with how often they stand there."""
    found: dict[str, int] = {}
    for name in names:
        found[name] = found.get(name, 0) + 1
    return [name if count == 1 else f"{name} ({count} sleeves)" for name, count in found.items()]


def _income(made: Plan, room: int) -> list[str]:
    """The month so far, expected, and targeted."""
    told = made.income
    taken = f"premium taken in {_money(told.premium)}"
    lines = [
        f"Income of {told.month}",
        *_sum("so far", _money(told.so_far), taken, room),
        *_sum("expected", _money(told.expected), "what time brings by its end", room),
    ]
    if told.target is None:
        return [*lines, *_sum("targeted", "none", "the policy has no [income].target", room)]
    lines += _sum("targeted", _money(told.target), "", room)
    if not told.shortfall:
        return lines
    lines += _sum("short by", _money(told.shortfall), "", room)
    said = "nothing was refused: no entry is due, or every sleeve is in use"
    if told.binding:
        said = f"what binds most often: {told.binding} ({told.binding_count} orders or refusals)"
    return [*lines, *_flow(f"    {said}", room, "    ")]


def _sum(name: str, money: str, note: str, room: int) -> list[str]:
    """A sum of money and what it is, below it where there is no room beside it."""
    line = f"  {name:<12}{money:>12}"
    beside = f"{line}   {note}"
    return [beside] if len(beside) <= room else [line, *_flow(f"    {note}", room, "    ")]


def _accounts(before: Money, after: Money, room: int) -> list[str]:
    """The account before and after."""
    rows = (
        ("cash", before.cash, after.cash),
        ("collateral", before.collateral, after.collateral),
        ("free cash", before.free_cash, after.free_cash),
        ("margin in use", before.margin, after.margin),
        ("buying power left", before.buying_power, after.buying_power),
        ("equity", before.equity, after.equity),
    )
    if room < NARROW:
        told = (f"  {name} {_money(a)}, then {_money(b)}" for name, a, b in rows)
        head = "Account, before the plan and after it"
        return [head, *(line for text in told for line in _flow(text, room, "    "))]
    head = f"{'Account':<20}{'before':>16}{'after the plan':>18}"
    return [head, *(f"  {name:<18}{_money(a):>16}{_money(b):>18}" for name, a, b in rows)]


def _positions(positions: Sequence[Position], room: int) -> list[str]:
    """What is held after the plan."""
    if not positions:
        return ["After the plan nothing is held."]
    wide = f"{'Held after the plan':<{_WHAT + 8}}{'mark':>8}{'collateral':>14}"
    lines = ["Held after the plan" if room < NARROW else wide]
    for one in positions:
        what = [(f"{one.shares:+,d} {one.underlying}", "")] if one.shares else []
        what += [(_leg(each), f"{each.price or 0.0:.2f}") for each in one.legs]
        lines += _flow(f"  {one.name}", room, "    ")
        secured = _money(one.collateral)
        lines += _short(what, secured, room) if room < NARROW else _long(what, secured)
    return lines


def _long(what: Sequence[tuple[str, str]], secured: str) -> list[str]:
    """Shares and legs, with their marks, and what all of them secure, in columns."""
    money = [secured, *[""] * (len(what) - 1)]
    return [
        f"    {name:<{_WHAT + 4}}{mark:>8}{each:>14}"
        for (name, mark), each in zip(what, money, strict=True)
    ]


def _short(what: Sequence[tuple[str, str]], secured: str, room: int) -> list[str]:
    """The same where there is no room for columns."""
    told = [f"    {name}, mark {mark}" if mark else f"    {name}" for name, mark in what]
    told.append(f"    collateral {secured}")
    return [line for text in told for line in _flow(text, room, "      ")]
