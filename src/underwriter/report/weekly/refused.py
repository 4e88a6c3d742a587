"""What was refused in a week, and what it would have made by the week's end.

A unit of what was wished (a contract of each leg, as they stand to each other) is sold at the bid
and bought at the ask of its session, and closed at the other sides of the week's last: what a
trade could have had without doubt, before fees.  An option that expired meanwhile is worth what it
was in the money at its last close.
"""

from collections import defaultdict
from datetime import date
from math import gcd

from underwriter.book.event import Leg, Refused
from underwriter.book.naming import contract_of
from underwriter.core.contract import CALL, Contract
from underwriter.core.units import MICRO
from underwriter.report.tables import reason_text
from underwriter.report.weekly.results import dollars
from underwriter.report.weekly.rows import Refused as RefusedRow
from underwriter.report.weekly.rows import RefusedEntry, RefusedReason
from underwriter.report.weekly.told import Told

ENTRIES = {"open", "hold"}
NOTHING_CHOSEN = "nothing was chosen that could be valued"


def refused(told: Told) -> RefusedRow:
    """The entries that were refused in the week."""
    mine = _entries(told)
    entries = [_entry(told, at, one) for at, one in mine]
    made = [each.made for each in entries if each.made is not None]
    counted: dict[str, list[Refused]] = defaultdict(list)
    for _, one in mine:
        counted[one.why].append(one)
    return RefusedRow(
        reasons=[_reason(why, ones) for why, ones in counted.items()],
        entries=entries,
        known=len(made),
        would_have_paid=sum(each > 0 for each in made),
        made=round(sum(made), 2),
    )


def _entries(told: Told) -> list[tuple[int, Refused]]:
    """The refusals of the week that were about opening."""
    return [
        (at, one)
        for at, one in told.in_week()
        if isinstance(one, Refused) and one.action in ENTRIES
    ]


def asked(told: Told) -> set[tuple[date, str]]:
    """The sessions and options whose quotes a review wants: of the refused, and of the held."""
    last = told.week.last
    found = {(last, leg.contract.osi()) for each in told.held for leg in each.legs}
    for _, one in _entries(told):
        for leg in unit_of(one):
            found |= {(one.session, leg.option), (last, leg.option)}
    return found


def unit_of(one: Refused) -> tuple[Leg, ...]:
    """The legs of one unit of what was refused; none where nothing was chosen."""
    if one.option is None:
        return ()
    legs = one.legs or (Leg(one.option, -1),)
    size = gcd(*(abs(leg.quantity) for leg in legs))
    if size == 0 or any(leg.quantity == 0 for leg in legs):
        return ()
    return tuple(Leg(leg.option, leg.quantity // size) for leg in legs)


def _reason(why: str, ones: list[Refused]) -> RefusedReason:
    least_u = min((one.needs_u for one in ones if one.needs_u > 0), default=None)
    least = None if least_u is None else dollars(least_u)
    return RefusedReason(why, reason_text(why), len(ones), least)


def _entry(told: Told, at: int, one: Refused) -> RefusedEntry:
    """One refusal, valued where it can be."""
    legs = unit_of(one)
    credit_u, cost_u, note = _valued(told, one, legs)
    shares_u = _shares_u(told, one)
    made_u = None
    if credit_u is not None and cost_u is not None and shares_u is not None:
        made_u = credit_u - cost_u + shares_u
    return RefusedEntry(
        event=at,
        session=str(one.session),
        sleeve=told.names[one.sleeve],
        why=one.why,
        legs=[f"{leg.quantity:+d} {leg.option}" for leg in legs],
        credit=None if credit_u is None else dollars(credit_u),
        cost=None if cost_u is None else dollars(cost_u),
        made=None if made_u is None else dollars(made_u),
        note=note,
    )


def _valued(told: Told, one: Refused, legs: tuple[Leg, ...]) -> tuple[int | None, int | None, str]:
    """The credit then, the cost to close at the week's end, and what stands beside it."""
    last = told.week.last
    if not legs:
        return None, None, NOTHING_CHOSEN
    credit_u = _sum_u(
        told, one, [(leg, _side_u(told, one.session, leg, -leg.quantity)) for leg in legs]
    )
    if credit_u is None:
        return None, None, f"no quote on {one.session}"
    if one.session >= last:
        return credit_u, None, "refused on the week's last session"
    paid_u = _sum_u(told, one, [(leg, _end_u(told, one, leg)) for leg in legs])
    if paid_u is None:
        return credit_u, None, f"no quote on {last}"
    return credit_u, paid_u, ""


def _sum_u(told: Told, one: Refused, priced: list[tuple[Leg, int | None]]) -> int | None:
    """What selling the short legs brings, less what buying the long ones costs, a unit."""
    if any(price_u is None for _, price_u in priced):
        return None
    shares_u = sum(-leg.quantity * (price_u or 0) for leg, price_u in priced)
    return shares_u * _multiplier(told, one)


def _multiplier(told: Told, one: Refused) -> int:
    return next(each.multiplier for each in told.sleeves if each.sleeve == one.sleeve)


def _side_u(told: Told, day: date, leg: Leg, side: int) -> int | None:
    """What a leg trades at: the bid where `side` is positive and sells, else the ask."""
    touch = told.touch(day, leg.option)
    if touch is None:
        return None
    return touch.bid_u if side > 0 else touch.ask_u


def _end_u(told: Told, one: Refused, leg: Leg) -> int | None:
    """What a leg is closed at on the week's last session; intrinsic where it has expired."""
    contract = contract_of(leg.option)
    if contract.expiry > told.week.last:
        return _side_u(told, told.week.last, leg, leg.quantity)
    close_u = _close_u(told, one, contract.expiry)
    return None if close_u is None else intrinsic_u(contract, close_u)


def intrinsic_u(contract: Contract, close_u: int) -> int:
    """What an option is in the money at a close, a share."""
    strike_u = int(contract.strike * MICRO)
    return max(close_u - strike_u if contract.right == CALL else strike_u - close_u, 0)


def _close_u(told: Told, one: Refused, day: date) -> int | None:
    """The close of what a refused entry was on."""
    sleeve = next(each for each in told.sleeves if each.sleeve == one.sleeve)
    return told.close_u(sleeve.underlying, day)


def _shares_u(told: Told, one: Refused) -> int | None:
    """What the shares that were to be bought with a unit gained by the week's end."""
    if not one.shares:
        return 0
    then_u, now_u = _close_u(told, one, one.session), _close_u(told, one, told.week.last)
    if then_u is None or now_u is None:
        return None
    return (now_u - then_u) * _multiplier(told, one)
