"""Campaigns and option legs that ended in a week: wins and losses, each with its cause.

The cause of what a trade ended is the decision that named it; of all else it is what happened.
"""

from collections.abc import Iterable
from typing import NamedTuple

from underwriter.book.event import Approved, Filled
from underwriter.book.legs import (
    ASSIGNED,
    BOUGHT_BACK,
    CALLED_AWAY,
    EXERCISED,
    EXPIRED,
    SETTLED,
    SOLD,
    TRANSFERRED,
    EndedLeg,
)
from underwriter.report.tables import Campaign
from underwriter.report.weekly.results import dollars
from underwriter.report.weekly.rows import CampaignEnded, Ended, LegEnded
from underwriter.report.weekly.told import Told

BY_FACT = {
    EXPIRED: "expired worthless",
    ASSIGNED: "assigned",
    CALLED_AWAY: "called away",
    SETTLED: "settled in cash",
    EXERCISED: "exercised",
    TRANSFERRED: "transferred out",
}
BY_REASON = {
    "take_profit": "profit target",
    "stop": "stop",
    "time_exit": "time exit",
    "release": "its shares sold",
    "pin": "closed at the pin",
    "expiry": "closed on its last day",
    "ex_dividend": "closed before the ex-date",
    "early_put": "closed before early exercise",
    "margin": "closed for want of cash",
    "unwind": "undone with its long leg",
    "leftover": "what was left over sold",
    "delivery": "its shares let go for want of cash",
}
_ROLL, _OPENS, _THEN = "roll", {"open", "buy_shares"}, ", then "


class _Cause(NamedTuple):
    """Why something ended, by which reason code and by which event."""

    text: str
    why: str | None = None
    decision: int | None = None


def ended(told: Told) -> Ended:
    """What ended in the week."""
    view, approvals = told.after, _approvals(told)
    over = [leg for leg in view.legs if told.week.holds(leg.ended)]
    campaigns = [
        _campaign(told, each, approvals)
        for each in view.campaigns
        if each.closed is not None and told.week.holds(each.closed)
    ]
    credit_u, kept_u = sum(leg.opened_u for leg in over), sum(leg.kept_u for leg in over)
    return Ended(
        campaigns=campaigns,
        won=sum(each.won for each in campaigns),
        lost=sum(not each.won for each in campaigns),
        result=round(sum(each.result for each in campaigns), 2),
        legs=[_leg(told, leg, _cause_of(told, leg, approvals)) for leg in over],
        credit=dollars(credit_u),
        kept=dollars(kept_u),
        capture=kept_u / credit_u if credit_u > 0 else None,
    )


def _approvals(told: Told) -> list[tuple[int, Approved]]:
    """The decisions to end something, the last first."""
    return [
        (at, one)
        for at, one in reversed(told.events)
        if isinstance(one, Approved) and one.action not in _OPENS
    ]


def names_option(approved: Approved, option: str) -> bool:
    """Whether a decision is about an option."""
    return option == approved.option or any(leg.option == option for leg in approved.legs)


def _cause_of(told: Told, leg: EndedLeg, approvals: Iterable[tuple[int, Approved]]) -> _Cause:
    """Why a leg ended."""
    if leg.how not in {BOUGHT_BACK, SOLD, EXERCISED}:
        return _Cause(BY_FACT[leg.how])
    for at, one in approvals:
        mine = one.sleeve == leg.sleeve and leg.opened <= one.session <= leg.ended
        if mine and names_option(one, leg.option):
            return _decided(told, at, one)
    return _Cause(BY_FACT.get(leg.how, f"{leg.how}, no decision of this book"))


def _decided(told: Told, at: int, one: Approved) -> _Cause:
    """The cause that a decision is."""
    if one.action == _ROLL:
        return _Cause(f"rolled for a {_net(told, at, one)}", one.why, at)
    return _Cause(BY_REASON.get(one.why, one.why.replace("_", " ")), one.why, at)


def _net(told: Told, at: int, roll: Approved) -> str:
    """Whether a roll brought money or cost it: by its fills, to the sleeve's next decision."""
    paid_u = 0
    for number, one in told.events:
        if number <= at or getattr(one, "sleeve", None) != roll.sleeve:
            continue
        if isinstance(one, Approved):
            break
        if isinstance(one, Filled) and one.option and names_option(roll, one.option):
            paid_u += one.amount_u
    return "credit" if paid_u > 0 else "debit"


def _campaign(told: Told, one: Campaign, approvals: list[tuple[int, Approved]]) -> CampaignEnded:
    """A campaign that is over, with the causes of its short legs in the order they ended."""
    legs = [
        leg for leg in told.after.legs if (leg.sleeve, leg.campaign) == (one.sleeve, one.number)
    ]
    legs = [leg for leg in legs if leg.short] or legs
    causes = [_cause_of(told, leg, approvals) for leg in legs]
    if not legs or legs[-1].ended != one.closed:
        causes.append(_sold(told, one, approvals))
    cause = causes[-1]._replace(text=_THEN.join(dict.fromkeys(each.text for each in causes)))
    return CampaignEnded(
        sleeve=told.names[one.sleeve],
        number=one.number,
        underlying=one.underlying,
        opened=str(one.opened),
        closed=str(one.closed),
        cause=cause.text,
        why=cause.why,
        result=dollars(one.money_u),
        won=one.money_u > 0,
        premium=dollars(one.premium_u),
        assigned=one.assigned,
        called_away=one.called_away,
    )


def _sold(told: Told, one: Campaign, approvals: list[tuple[int, Approved]]) -> _Cause:
    """Why a campaign ended whose shares alone were left."""
    for at, each in approvals:
        if each.sleeve == one.sleeve and one.opened <= each.session <= (one.closed or one.opened):
            return _decided(told, at, each)
    return _Cause("shares gone, no decision of this book")


def _leg(told: Told, leg: EndedLeg, cause: _Cause) -> LegEnded:
    """A leg that ended."""
    return LegEnded(
        sleeve=told.names[leg.sleeve],
        option=leg.option,
        contracts=leg.contracts,
        short=leg.short,
        ended=str(leg.ended),
        cause=cause.text,
        why=cause.why,
        decision=cause.decision,
        credit=dollars(leg.opened_u),
        closed=dollars(leg.closed_u),
        kept=dollars(leg.kept_u),
        capture=leg.kept_u / leg.opened_u if leg.short and leg.opened_u > 0 else None,
    )
