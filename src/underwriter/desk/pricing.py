"""What the order that is due is priced by: quotes that it may go out on, or none.

What adds risk needs fresh ones that are sane; what lowers it goes by the last there are, as a limit
order can be no worse than its limit, and without a wing that nobody bids for.
"""

from underwriter.desk.guard import Guards, sane
from underwriter.desk.intent import phases
from underwriter.desk.ladder import fresh, net_of, unbid_of
from underwriter.desk.ports import Quotes
from underwriter.desk.route import Now, Routed, due, wanted_of


def priced(
    one: Routed, now: Now, quotes: Quotes, rules: tuple[Guards, int], *, lowers: bool
) -> Now:
    """A moment of routing with its net quote; `rules` are the guards, and how old is too old.

    `lowers` says whether the intent leaves less at risk.
    """
    found, intent = due(one), one.intent
    if found is None or intent.action == "exercise":
        return now
    wanted = wanted_of(*found, intent.symbol)
    quoted = quotes.touch([*wanted])
    if lowers:
        unbid = unbid_of(wanted, quoted) if intent.action == "close" else frozenset[str]()
        found = due(one, unbid) or found
        net = net_of(wanted_of(*found, intent.symbol), quoted)
        return now._replace(net=net, unbid=unbid)
    guards, stale = rules
    net = net_of(wanted, fresh(quoted, now.at, stale))
    mark_u = intent.event.mark_u if len(phases(intent, one.can)) == 1 else None
    return now._replace(net=net if net and sane(net, mark_u, guards) else None)
