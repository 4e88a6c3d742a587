"""Rules that were broken in a week, and what a person must look at, each with its events.

What a journal cannot tell is said: a backtest has no orders and no floors, and decides by itself.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from underwriter.book.event import (
    Approved,
    Assigned,
    CashAdjusted,
    Decided,
    LegEvent,
    Refused,
    Switched,
)
from underwriter.book.naming import named
from underwriter.core.units import MICRO
from underwriter.report import say
from underwriter.report.weekly.caps import over_caps
from underwriter.report.weekly.ended import names_option
from underwriter.report.weekly.orders import Worked, worked
from underwriter.report.weekly.results import dollars, unexplained_u
from underwriter.report.weekly.rows import Breach, Check
from underwriter.report.weekly.told import Told

INFERRED = "inferred"
_OPEN, _CLOSE = "open", "close"
_REFUSED_BY = {"halt": "a halt", "guard": "a guard"}


class _Looked(NamedTuple):
    """Something that is looked for: its kind, how, and when a journal can tell it."""

    kind: str
    look: Callable[[Told], Iterable[Breach]]
    can: Callable[[Told], bool]
    otherwise: str  # why it cannot


def breaches(told: Told) -> tuple[list[Breach], list[Check]]:
    """What was broken, by day, and all that was looked for."""
    found, checks = [], []
    for each in _ALL:
        can = each.can(told)
        mine = list(each.look(told)) if can else []
        found += mine
        checks.append(Check(each.kind, len(mine), can, "" if can else each.otherwise))
    return sorted(found, key=lambda one: (one.session, one.events)), checks


# --- orders ---


def _worse(told: Told) -> Iterator[Breach]:
    """Fills that brought less than the floor of their approval."""
    sizes = {one.sleeve: one.multiplier for one in told.sleeves}
    for each in worked(told):
        floor_u, units = each.approved.limit_u, each.first
        if floor_u is None or not units or not each.even:
            continue
        shares = units * sizes[each.approved.sleeve] if each.approved.option else units
        if each.paid_u < floor_u * shares:
            got = say.number(each.paid_u / shares / MICRO, 4)
            text = (
                f"{told.names[each.approved.sleeve]}: {each.approved.action} filled at a net of "
                f"{got} a share, under the floor of {say.number(floor_u / MICRO, 4)}"
            )
            yield Breach("fill under its floor", str(each.approved.session), text, each.events)


def _unfilled(told: Told) -> Iterator[Breach]:
    """Approvals whose orders had not filled when their session was over."""
    for each in worked(told):
        if each.orders and each.first < each.approved.quantity:
            yield Breach(
                "order not filled", str(each.approved.session), _left(told, each), each.events
            )


def _left(told: Told, each: Worked) -> str:
    states = sorted(set(each.states.values())) or ["never told"]
    what = _what(each.approved.option)
    return (
        f"{told.names[each.approved.sleeve]}: {each.approved.action} {what} filled "
        f"{each.first} of {each.approved.quantity}; its orders ended {', '.join(states)}"
    )


def _what(option: str | None) -> str:
    return "shares" if option is None else named(option)


# --- the desk ---


def _halts(told: Told) -> Iterator[Breach]:
    """Halts of the desk, and sessions on which a halt or another guard refused."""
    days: dict[tuple[date, str], list[int]] = {}
    for at, one in told.in_week():
        if isinstance(one, Refused) and one.why in _REFUSED_BY:
            days.setdefault((one.session, one.why), []).append(at)
        elif isinstance(one, Switched) and one.to == "halted":
            why = f": {one.why}" if one.why else ""
            yield Breach("halt", str(one.session), f"the desk was halted by a {one.by}{why}", [at])
    for (day, why), numbers in days.items():
        many = f"{len(numbers)} intent{'' if len(numbers) == 1 else 's'}"
        yield Breach("halt", str(day), f"{_REFUSED_BY[why]} refused {many}", numbers)


def _breaks(told: Told) -> Iterator[Breach]:
    """Where the book and its money did not agree."""
    for at, text in told.strays:
        day = next((str(one.session) for n, one in told.events if n >= at), str(told.week.last))
        yield Breach("break", day, f"an event could not be booked: {text}", [at])
    for at, one in told.in_week():
        if isinstance(one, CashAdjusted):
            amount = say.money(one.amount_u, 2)
            yield Breach("break", str(one.session), f"cash put right by {amount}: {one.why}", [at])
        elif isinstance(one, LegEvent) and one.source == INFERRED and not isinstance(one, Assigned):
            text = f"the end of {_what(one.option)} was inferred, no broker told it"
            yield Breach("break", str(one.session), text, [at])
    left_u = unexplained_u(told)
    if dollars(left_u):
        evening = told.after.curve.sessions[-1]
        text = f"{say.money(left_u, 2)} of the week's change of equity follow of no event"
        yield Breach("break", str(evening), text, [told.marks[evening][0]])


def _unannounced(told: Told) -> Iterator[Breach]:
    """Assignments that no broker had told."""
    for at, one in told.in_week():
        if isinstance(one, Assigned) and one.source == INFERRED:
            text = f"{told.names[one.sleeve]}: {_what(one.option)} was assigned unannounced"
            yield Breach("assignment unannounced", str(one.session), text, [at])


def _decides(told: Told) -> date | None:
    """The first session that was decided by a desk, which says so."""
    return min((one.session for _, one in told.events if isinstance(one, Decided)), default=None)


def _skipped(told: Told) -> Iterator[Breach]:
    """Sessions that nobody decided."""
    begun = _decides(told) or told.week.sunday
    done = {one.session for _, one in told.in_week() if isinstance(one, Decided)}
    for day in told.week.sessions:
        if day > begun and day not in done:
            mark = told.marks.get(day)
            numbers = [] if mark is None else [mark[0]]
            yield Breach("decision skipped", str(day), "the session was not decided", numbers)


# --- what is held too long ---


def _manage(told: Told, policy: str) -> dict[str, Any]:
    table = told.policies.get(policy, {}).get("manage", {})
    return table if isinstance(table, dict) else {}


def _held_too_long(told: Told) -> Iterator[Breach]:
    """Short legs past the days to expiry at which their policy closes, no exit decided."""
    for held in told.held:
        exit_dte = _manage(told, held.opened.policy).get("exit_dte")
        for leg in held.legs:
            left = (leg.contract.expiry - told.week.last).days
            if exit_dte is None or leg.quantity > 0 or left > exit_dte:
                continue
            yield from _overdue(told, held.opened.sleeve, leg.contract.osi(), (left, exit_dte))


def _overdue(told: Told, sleeve: int, option: str, days: tuple[int, int]) -> Iterator[Breach]:
    """A leg that is due to be closed, unless that was decided on the last session."""
    decided = [
        (at, one)
        for at, one in told.in_week()
        if isinstance(one, Approved | Refused)
        and one.sleeve == sleeve
        and one.action != _OPEN
        and (one.option == option or any(leg.option == option for leg in one.legs))
    ]
    if any(isinstance(one, Approved) and one.session == told.week.last for _, one in decided):
        return
    tried = f"decided {decided[-1][1].session}, not done" if decided else "no exit decided"
    text = (
        f"{told.names[sleeve]}: {named(option)} is held with {days[0]} days left, "
        f"its policy closes at {days[1]}; {tried}"
    )
    opened = [
        at
        for at, one in told.events
        if isinstance(one, Approved)
        and one.sleeve == sleeve
        and one.action != _CLOSE
        and names_option(one, option)
    ]
    yield Breach(
        "held past exit_dte", str(told.week.last), text, [*opened[-1:], *(at for at, _ in decided)]
    )


# --- all of it ---


def _always(_: Told) -> bool:
    return True


def _has_orders(told: Told) -> bool:
    return any(one.orders for one in worked(told)) or _decides(told) is not None


def _has_floors(told: Told) -> bool:
    return any(isinstance(one, Approved) and one.limit_u is not None for _, one in told.events)


def _by_desk(told: Told) -> bool:
    return _decides(told) is not None


def _has_evenings(told: Told) -> bool:
    return any(
        mark.reserved_u or mark.margin_u or mark.puts_u or mark.exposure_u
        for _, mark in told.marks.values()
    )


def _has_exits(told: Told) -> bool:
    return any("exit_dte" in _manage(told, name) for name in told.policies)


_ALL = (
    _Looked("approval above a cap", over_caps, _has_evenings,
            "no evening of this journal says what was reserved"),
    _Looked("fill under its floor", _worse, _has_floors, "no approval here names a floor"),
    _Looked("order not filled", _unfilled, _has_orders, "this journal has no orders"),
    _Looked("break", _breaks, _always, ""),
    _Looked("halt", _halts, _always, ""),
    _Looked("decision skipped", _skipped, _by_desk, "no desk decided here: a run decides all"),
    _Looked("held past exit_dte", _held_too_long, _has_exits, "no policy here has an exit_dte"),
    _Looked("assignment unannounced", _unannounced, _always, ""),
)  # fmt: skip
