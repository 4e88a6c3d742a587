"""Hearing the hand: each wish that waits becomes events in the journal, and has its answer."""

from collections.abc import Callable

from underwriter.core.errors import InputError
from underwriter.core.units import day_of
from underwriter.desk.cadence import routable
from underwriter.desk.hand import Moment, act, is_done, needs_quotes
from underwriter.desk.inbox import AnyWish, Inbox, Roll, Said
from underwriter.desk.ledger import Ledger
from underwriter.desk.ports import Clock
from underwriter.desk.rolling import Rolling
from underwriter.market.calendar import Calendar

Rolls = Callable[[], Rolling]  # on today's quotes; InputError where there are none


def hear(inbox: Inbox, ledger: Ledger, when: tuple[Calendar, Clock], rolls: Rolls) -> None:
    """Do what a person asked for since; what has to wait is heard again."""
    for wish in inbox.waiting():
        said = _obeyed(wish, ledger, when, rolls)
        ledger.commit()  # else it would be answered, and forgotten where the process dies
        if said is not None:
            inbox.say(wish.name, said)


def _obeyed(
    wish: AnyWish, ledger: Ledger, when: tuple[Calendar, Clock], rolls: Rolls
) -> Said | None:
    """What comes of a wish; None where it has to wait."""
    if is_done(ledger, wish):
        return Said(done=True, lines=("it was done before",))
    calendar, clock = when
    now = clock.now()
    moment = Moment(now, day_of(routable(calendar, now)), ledger.account)
    try:
        acted = act(ledger, wish, moment, _judging(ledger, wish, rolls))
        ledger.append(acted.events, now)
    except InputError as problem:
        return Said(done=False, lines=(str(problem),))
    return None if acted.waits else Said(done=True, lines=acted.lines)


def _judging(ledger: Ledger, wish: AnyWish, rolls: Rolls) -> Rolling | None:
    """What a wish is judged by; InputError where there are no quotes for what needs some."""
    if not needs_quotes(ledger, wish):
        return None
    try:
        return rolls()
    except InputError:
        if isinstance(wish, Roll):
            raise
        return None
