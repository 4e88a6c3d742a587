"""What a book remembers of its past, so that it can be told otherwise.

    sold 1 KO P 60 @ 0.85, id 7       assigned, id 8       corrected 7: @ 0.80

A sleeve's campaigns that are told with ids are kept for a while, event by event, from flat on, with
what the sleeve was then.  A correction or a bust lets all from that campaign on happen again, with
the one event otherwise: so leg, basis, campaign and result are what they would have been.  Where
what followed does not fit any more, it has to be taken back first, the last first.
"""

from datetime import timedelta
from typing import Final, NamedTuple

from msgspec.structs import replace

from underwriter.book.change import Happening
from underwriter.book.event import (
    Busted,
    CapitalReturned,
    CashAdjusted,
    Charged,
    Converted,
    Corrected,
    Deposited,
    DividendReceived,
    Event,
    InterestPaid,
    LegEvent,
    Renamed,
    SleeveOpened,
    Transferred,
)
from underwriter.core.errors import InputError

KEPT: Final = timedelta(days=400)  # after its last event, a campaign can still be corrected
ACCOUNT: Final = -1  # the sleeve of an event that is of none

Paid = Deposited | InterestPaid | Charged | CashAdjusted | Converted


class Mention(NamedTuple):
    """Where an id was told: the how-manieth event, and its sleeve."""

    event: int
    sleeve: int


class Run(NamedTuple):
    """What happened to a sleeve from flat on, and what it was before: enough to do it again."""

    opened: SleeveOpened
    campaign: int
    realised_u: int
    lost: int
    entries: list[tuple[int, Happening | Renamed]]  # the how-manieth event, and it

    def copy(self) -> "Run":
        """The same, to be added to."""
        return Run(self.opened, self.campaign, self.realised_u, self.lost, list(self.entries))


def flow_u(event: Happening | Paid) -> int:
    """The cash that an event moved, of its currency, fees taken off."""
    if isinstance(event, Transferred):
        return -event.fee_u
    if isinstance(event, LegEvent | Converted):
        return event.amount_u - event.fee_u
    if isinstance(event, DividendReceived | CapitalReturned | Paid):
        return event.amount_u
    return 0


def size_u(event: Paid) -> int:
    """What an event of an account may add to its sums, at most."""
    into_u = abs(event.into_u) if isinstance(event, Converted) else 0
    return abs(flow_u(event)) + into_u


def as_corrected(event: Event, by: Corrected) -> Event:
    """An event as it truly happened; InputError for one whose figures are others."""
    if isinstance(event, LegEvent):
        figures = {name: getattr(by, name) for name in _FIGURES}
        return replace(event, **figures)
    if isinstance(event, DividendReceived):
        return replace(event, shares=by.shares, per_share_u=by.price_u, amount_u=by.amount_u)
    if isinstance(event, CapitalReturned):
        return replace(event, shares=by.shares, amount_u=by.amount_u)
    if isinstance(event, Deposited | InterestPaid | Charged | CashAdjusted):
        return replace(event, amount_u=by.amount_u)
    kind = event.__struct_config__.tag
    raise InputError(f"corrected {by.of!r}: found {kind}; expected to bust it and tell it anew")


_FIGURES = "quantity", "shares", "price_u", "amount_u", "fee_u"


def as_changed(event: Event, by: Busted | Corrected) -> Event | None:
    """An event as it truly happened, under the id that it goes by; None where it never did."""
    if isinstance(by, Busted):
        return None
    return replace(as_corrected(event, by), id=by.id or event.id)
