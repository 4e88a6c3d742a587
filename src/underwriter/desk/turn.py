"""Whose turn it is: which intents may be worked at a moment, and until when.

An intent is of one session, and its orders work in no other.  What a hand asks for in the evening
stands beside what is left of the day; what it asks for in the day goes before what is decided then.
"""

from collections.abc import Container

from underwriter.core.units import day_number
from underwriter.desk.cadence import last_moment
from underwriter.desk.intent import Intent
from underwriter.desk.ladder import Ladder
from underwriter.desk.ledger import Ledger
from underwriter.market.calendar import Calendar


def session_of(intent: Intent) -> int:
    """The session (a day number) that an intent is of."""
    return day_number(intent.event.session)


def open_intents(
    ledger: Ledger, calendar: Calendar, now: int, through: int, done: Container[int]
) -> list[Intent]:
    """The intents of sessions that have opened, but for the sequences that are done.

    No later ones than `through`, where it is a day.
    """
    return [
        one
        for sequence, one in ledger.intents.items()
        if sequence not in done
        and calendar.opens_at(session_of(one)) <= now
        and not 0 < through < session_of(one)
    ]


def oldest(ledger: Ledger) -> int:
    """The first session of which there are intents, 0 without any."""
    return min(map(session_of, ledger.intents.values()), default=0)


def first_until(ledger: Ledger, calendar: Calendar, ladder: Ladder, now: int) -> int:
    """Until when a hand's orders work before their session is decided: a ladder's time each.

    But half of what was left when they began at most, so that what is decided goes out, too.  That
    is what their rungs are spread over (`rungs_of`).
    """
    last = last_moment(calendar, ledger.session())
    sent = [ledger.attempts(one)[:1] for one in ledger.intents.values()]
    begun = max(one[0].intended.at if one else now for one in sent)
    return max(min(begun + ladder.rungs * ladder.every, (begun + last) // 2), now)
