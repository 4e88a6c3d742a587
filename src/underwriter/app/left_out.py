"""Names of which the lake never had a chain: a desk decides without them, and says so.

Nothing says what such a name is worth, so it has no place in a session.  A name that is held, or
brought along, is never left out, nor is one without which a policy would trade nothing: what is
missing there is refused by its name.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from underwriter.app.request import Request
from underwriter.core.errors import InputError
from underwriter.market.lake.holding import spans_of
from underwriter.market.lake.read import Lake
from underwriter.market.slab import Slab
from underwriter.market.sources.symbols import underlying_of

Say = Callable[[str], None]


def unsaid(_: str) -> None:
    """Nobody is told."""


def with_chains(request: Request, held: Iterable[str], say: Say = unsaid) -> Request:
    """A request without the names that the lake never had a chain of, each of which is said.

    `held` are the underlyings of which something is held.
    """
    there = {*spans_of(Lake.open(request.house.home)), *held}
    there |= {underlying_of(symbol) for symbol in request.settings.holdings}
    absent = [symbol for symbol in request.universe if underlying_of(symbol) not in there]
    if any({*policy.content.universe} <= {*absent} for policy in request.policies):
        return request
    for symbol in absent:
        say(
            f"{symbol} is left out: nothing of it is held, and the lake never had a chain of it; "
            f"underwriter data collect {symbol} brings one, which counts from the next start on"
        )
    return replace(request, without=frozenset(absent))


def as_recorded(request: Request, slab: Slab) -> Request:
    """A request without the names that a session was decided without; InputError for all."""
    there = {one.symbol for one in slab.instruments}
    absent = frozenset(one for one in request.universe if underlying_of(one) not in there)
    if absent == {*request.universe}:
        raise InputError(f"found none of {', '.join(sorted(absent))} in what was recorded")
    return replace(request, without=absent)
