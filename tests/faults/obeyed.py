"""What must hold of a hand: each yes, no, close, roll and switch is obeyed once and answered.

As `holds`, whose lists these end up in; `WrongError` says what did not hold.
"""

from collections import Counter
from collections.abc import Callable

from faults.scene import Scene
from faults.whose import approvals, key_of, refusals
from underwriter.book.event import (
    Answered,
    AnyEvent,
    Approved,
    Assigned,
    Busted,
    Decided,
    OrderIntended,
    Refused,
    Switched,
)
from underwriter.core.units import day_of
from underwriter.desk.inbox import Answer, AnyWish, Close, Roll, Switch
from underwriter.desk.ledger import Ledger

BY_HAND = "hand"  # the reason of what a hand asked for, or refused


class WrongError(AssertionError):
    """What must hold does not."""


def require(holds: bool, what: str) -> None:  # noqa: FBT001  a condition
    """WrongError unless it holds."""
    if not holds:
        raise WrongError(what)


def adds_risk(scene: Scene, order: OrderIntended) -> bool:
    """Whether an order is of an intent that opens something, a roll's new leg among it."""
    if order.action == "open":
        return True
    whose = scene.approvals[order.client]
    if order.action != "roll" or not whose:
        return False
    approved, held = scene.events[whose - 1], scene.ledger().held(order.sleeve)
    legs = approved.legs if isinstance(approved, Approved) else ()
    return any(leg.option not in held for leg in legs)


def switched(scene: Scene) -> Switched | None:
    """What the desk was set to last."""
    found = (event for event in reversed(scene.events) if isinstance(event, Switched))
    return next(found, None)


# --- as it happens ---


def what_waits_has_its_yes(scene: Scene, event: AnyEvent) -> None:
    """Nothing that waits for a yes goes out without one; what a hand asked for has it."""
    approve = scene.plan.hand.approve
    if not isinstance(event, OrderIntended) or approve == "never":
        return
    asks = event.action == "open" if approve == "entries" else adds_risk(scene, event)
    whose = scene.approvals[event.client]
    approved = scene.events[whose - 1]
    if asks and not (isinstance(approved, Approved) and approved.why == BY_HAND):
        yes = any(isinstance(one, Answered) and one.yes and one.of == whose for one in scene.events)
        require(yes, f"an order of intent {whose} goes out, and nobody said yes")


def what_was_refused_sends_no_more(scene: Scene, event: AnyEvent) -> None:
    """An intent that a hand refused has no later order."""
    if isinstance(event, OrderIntended):
        whose = scene.approvals[event.client]
        no = any(
            isinstance(one, Answered) and not one.yes and one.of == whose for one in scene.events
        )
        require(not no, f"an order of intent {whose} goes out, which a hand refused")


def an_order_goes_out_in_its_session(scene: Scene, event: AnyEvent) -> None:
    """What was approved for a session goes out in it, and not the day after."""
    if isinstance(event, OrderIntended):
        day = day_of(scene.calendar.day_at(event.at))
        require(day == event.session, f"an order of {event.session} goes out on {day}")


def a_switch_holds_back(scene: Scene, event: AnyEvent) -> None:
    """While a desk is halted nothing that adds risk goes out, and while it is paused no entry."""
    last = switched(scene)
    if not isinstance(event, OrderIntended) or last is None or last.to == "on":
        return
    barred = event.action == "open" or (last.to == "halted" and adds_risk(scene, event))
    require(not barred, f"an order to {event.action} goes out of a desk that is {last.to}")


def a_wish_is_obeyed_once(scene: Scene, event: AnyEvent) -> None:
    """What a hand does is of one wish of its own, and of each only once."""
    by_hand = (
        isinstance(event, Answered)
        or (isinstance(event, Switched) and event.by == BY_HAND)
        or (isinstance(event, Approved) and event.why == BY_HAND)
    )
    if by_hand:
        name = _name_of(event)
        require(name in scene.owner.asked, f"{event.id} is of no wish")
        same = sum(one.id == event.id for one in scene.events)
        require(same == 1, f"{event.id} is obeyed {same} times")


def a_close_ends_flat(scene: Scene, event: AnyEvent) -> None:
    """A close by hand that was filled leaves no option of its sleeve, unless it came since."""
    if not isinstance(event, Decided):
        return
    events = scene.events[:-1]
    last = max((at for at, one in enumerate(events) if isinstance(one, Decided)), default=0)
    closes = [(sequence, one) for sequence, one in approvals(events)
              if sequence > last and one.why == BY_HAND and one.action != "roll"]  # fmt: skip
    over = refusals(events) if closes else {}
    for sequence, one in closes:
        came = any(isinstance(each, Assigned | Busted) for each in events[sequence:])
        if sequence not in over and not came:
            held = scene.ledger().held(one.sleeve)
            require(not held, f"sleeve {one.sleeve} was closed by {sequence}, and holds {held}")


def what_lowers_risk_is_held_back_by_a_no_alone(scene: Scene, ledger: Ledger) -> None:
    """Of closes and exercises a hand's no alone holds one back, while its shares are held."""
    held_back = scene.reports[-1][1].held_back
    for sequence, why in held_back.items():
        if sequence in ledger.intents:
            one = ledger.intents[sequence]
            moved = sum(each.filled.get(one.symbol, 0) for each in ledger.attempts(one))
            left, held = one.shares - moved, int(ledger.row(one.event.sleeve).shares)
            # those that were assigned away since would be sold short
            since = (each for each in scene.events[sequence:] if isinstance(each, Assigned))
            gone = any(each.sleeve == one.event.sleeve and each.shares * left > 0 for each in since)
            there = not gone or (left * held < 0 and abs(left) <= abs(held))
            if one.action in {"close", "exercise", "sell_shares"} and there:
                require(why == "refused by hand", f"the close {sequence} is held back: {why}")


def a_desk_that_is_on_holds_nothing_back(scene: Scene, ledger: Ledger) -> None:
    """Where a hand has let a desk on, no halt and no pause holds anything back."""
    if ledger.losses.setting == "on":
        for why in scene.reports[-1][1].held_back.values():
            off = why.startswith(("the desk is halted", "the desk is paused"))
            require(not off, f"a desk that is on holds back: {why}")


# --- at the end ---


def a_no_ends_as_hand(scene: Scene) -> None:
    """What was refused by hand, or waited for a yes in vain, ends as `hand`, unless it filled."""
    said = {one.of: one.yes for one in scene.events if isinstance(one, Answered)}
    over, asks = refusals(scene.events), scene.plan.hand.approve != "never"
    for sequence, one in approvals(scene.events):
        if said.get(sequence) is False and sequence in over:
            why = over[sequence].why
            require(why == BY_HAND, f"{key_of(one)} was refused by hand, and ends as {why}")
        elif asks and one.action == "open" and said.get(sequence) is None:
            require(sequence in over, f"{key_of(one)} waited for a yes, and did not end")
            why = over[sequence].why
            require(why == BY_HAND, f"{key_of(one)} waited for a yes, and ends as {why}")


def nothing_that_lowers_risk_ends_as_guard(scene: Scene) -> None:
    """No close comes to nothing by a guard, unless its shares were assigned away meanwhile."""
    matched = refusals(scene.events)
    known = {id(one) for one in matched.values()}
    for one in scene.events:
        if isinstance(one, Refused) and id(one) not in known:
            require(not _is_guarded(one), f"a guard refused the close of sleeve {one.sleeve}")
    for sequence, event in matched.items():
        if _is_guarded(event):
            over = next(at for at, one in enumerate(scene.events) if one is event)
            asked = scene.events[sequence - 1]
            gone = any(
                isinstance(one, Assigned)
                and one.sleeve == event.sleeve
                and isinstance(asked, Approved)
                and one.shares * (asked.shares or _sold(asked)) > 0
                for one in scene.events[sequence:over]
            )
            require(gone, f"a guard refused the close of sleeve {event.sleeve}")


def _is_guarded(event: Refused) -> bool:
    """Whether a close came to nothing by a guard."""
    return event.why == "guard" and event.action in {"close", "sell_shares"}


def _sold(asked: Approved) -> int:
    """The shares that a sale of shares alone changes."""
    return -asked.quantity if asked.action == "sell_shares" else 0


def every_wish_is_answered_as_it_was_obeyed(scene: Scene) -> None:
    """Each wish has one answer, done where the journal has it; one taken back left nothing."""
    owner = scene.owner
    made: Counter[str] = Counter()
    for event in scene.events:
        if event.id and event.id.startswith("hand-"):
            made[_name_of(event)] += 1
    for name, wish in owner.asked.items():
        said = owner.said[name]
        if name in owner.withdrawn:
            require(not (made[name] or said), f"{wish} was taken back, and obeyed all the same")
            continue
        require(len(said) == 1, f"{wish} was answered {len(said)} times")
        told = "done" if said[0].done else f"refused ({'; '.join(said[0].lines)})"
        require(said[0].done == bool(made[name]), f"{wish} is told {told}: {made[name]} events")
        require(bool(said[0].lines), f"{wish} was answered in no words")


def what_came_of_a_wish_is_what_it_asked(scene: Scene) -> None:
    """A yes is a yes, a switch is to what it asked, a close and a roll are of their sleeves."""
    for event in scene.events:
        if event.id and event.id.startswith("hand-"):
            wish = scene.owner.asked[_name_of(event)]
            require(_fits(event, wish), f"of {wish} came {event}")


def _name_of(event: AnyEvent) -> str:
    """The name of the wish that an event is of."""
    return str(event.id).removeprefix("hand-")[:29]


def _fits(event: AnyEvent, wish: AnyWish) -> bool:
    if isinstance(wish, Switch):
        return isinstance(event, Switched) and event.to == wish.to
    if isinstance(wish, Answer):
        asked = isinstance(event, Answered) and (not wish.of or event.of in wish.of)
        return asked and isinstance(event, Answered) and event.yes == wish.yes
    sleeves = wish.sleeves if isinstance(wish, Close) else (wish.sleeve,)
    if isinstance(event, Answered):
        return not event.yes and event.sleeve in sleeves
    if isinstance(wish, Roll):
        new = isinstance(event, Approved) and wish.option in {leg.option for leg in event.legs}
        return new and isinstance(event, Approved) and event.limit_u == wish.least_u
    return isinstance(event, Approved) and event.sleeve in sleeves and event.action != "open"


ON_WRITE = (
    what_waits_has_its_yes,
    what_was_refused_sends_no_more,
    an_order_goes_out_in_its_session,
    a_switch_holds_back,
    a_wish_is_obeyed_once,
    a_close_ends_flat,
)
ON_ALIVE = (what_lowers_risk_is_held_back_by_a_no_alone, a_desk_that_is_on_holds_nothing_back)
AT_THE_END: tuple[Callable[[Scene], None], ...] = (
    a_no_ends_as_hand,
    nothing_that_lowers_risk_ends_as_guard,
    every_wish_is_answered_as_it_was_obeyed,
    what_came_of_a_wish_is_what_it_asked,
)
