"""What the order that is due is priced by: quotes that it may go out on, or none.

What adds risk needs fresh ones that are sane; what lowers it goes by the last there are, as a limit
order can be no worse than its limit, and without a wing that nobody bids for.
"""

from typing import Protocol

from underwriter.desk.guard import Guards, sane
from underwriter.desk.intent import phases
from underwriter.desk.ladder import fresh, net_of, unbid_of
from underwriter.desk.ports import Clock, Quotes
from underwriter.desk.route import Now, Routed, due, left_of, wanted_of


class Market(Protocol):
    """Where prices are, and how good they have to be."""

    @property
    def quotes(self) -> Quotes:
        """What is quoted."""

    @property
    def clock(self) -> Clock:
        """The one clock."""

    @property
    def guards(self) -> Guards:
        """How wide, and how far from our own mark, a quote may be."""

    @property
    def stale(self) -> int:
        """Nanoseconds after which a quote is too old to add risk on."""


def priced(one: Routed, now: Now, market: Market, *, lowers: bool) -> Now:
    """A moment of routing with its net quote; `lowers`: whether the intent leaves less at risk."""
    found, intent = due(one), one.intent
    if found is None or intent.action == "exercise":
        return now
    wanted, left = wanted_of(*found, intent.symbol), left_of(intent, one.attempts)
    quoted = market.quotes.touch([*(left if lowers else wanted)])
    now = now._replace(at=market.clock.now())  # asking took its time: none is of the future
    if lowers:  # what nobody bids for waits, and what is left beside it goes
        unbid = unbid_of(left, quoted) if intent.action == "close" else frozenset[str]()
        found = due(one, unbid) or found
        net = net_of(wanted_of(*found, intent.symbol), quoted)
        return now._replace(net=net, unbid=unbid)
    net = net_of(wanted, fresh(quoted, now.at, market.stale))
    mark_u = intent.event.mark_u if len(phases(intent, one.can)) == 1 else None
    return now._replace(net=net if net and sane(net, mark_u, market.guards) else None)
