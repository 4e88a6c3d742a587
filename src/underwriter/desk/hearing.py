"""Hearing the hand: each wish that waits becomes events in the journal, and has its answer."""

from underwriter.core.errors import InputError
from underwriter.core.units import day_of
from underwriter.desk.deciding import Rules
from underwriter.desk.hand import Moment, act, is_done
from underwriter.desk.inbox import AnyWish, Inbox, Roll, Said
from underwriter.desk.ledger import Ledger
from underwriter.desk.rolling import Rolling
from underwriter.desk.router import Street


def hear(inbox: Inbox, ledger: Ledger, street: Street, rules: Rules) -> None:
    """Do what a person asked for since."""
    for wish in inbox.waiting():
        said = _obeyed(wish, ledger, street, rules)
        ledger.commit()  # else it would be answered, and forgotten where the process dies
        inbox.say(wish.name, said)


def _obeyed(wish: AnyWish, ledger: Ledger, street: Street, rules: Rules) -> Said:
    """What comes of a wish, once it is in the journal."""
    if is_done(ledger, wish):
        return Said(done=True, lines=("it was done before",))
    now = street.clock.now()
    today = street.calendar.day_at(now)
    try:
        rolling = None
        if isinstance(wish, Roll):
            slab = street.quotes.slab(today)
            rolling = Rolling(ledger.book, slab, rules, street.calendar)
        acted = act(ledger, wish, Moment(now, day_of(today), rules.account), rolling)
        ledger.append(acted.events, now)
    except InputError as problem:
        return Said(done=False, lines=(str(problem),))
    return Said(done=True, lines=acted.lines)
