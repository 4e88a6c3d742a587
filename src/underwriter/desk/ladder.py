"""The ladder of a limit: from the middle toward the touch, in steps on a schedule.

    bid 1.30, ask 1.50, a sale, five rungs a minute apart      1.40 1.38 1.35 1.33 1.30
    with a floor of 1.36                                       1.40 1.38 1.36 1.36 1.36
    on nickels                                                 1.40 1.40 1.35 1.35 1.30
    bid 0, ask 0.01, a purchase                                0.01, as nothing is sold for nothing

Prices are net, a share of one unit, a credit positive: a purchase at 1.40 is -1.40.  A rung is
never beyond the touch and never under the floor; where a step does not fit it is in our favour.

An order that begins too late for all of its rungs goes through them faster (`Schedule`): one that
begins three minutes before its last moment has 36 seconds for each of five.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from underwriter.core.units import tick_up
from underwriter.desk.ports import Touch

MINUTE = 60 * 10**9
OSI: Final = 21  # characters of an option's symbol; no share has as many
AHEAD: Final = 2 * 10**9  # nanoseconds that a feed's clock may be ahead of ours; doctor asks for it


class Ladder(NamedTuple):
    """How an order goes to the market."""

    rungs: int = 5  # prices from the middle to the touch, both of them
    every: int = MINUTE  # nanoseconds a rung
    attempts: int = 20  # orders of one intent, at most: the touch may move


class Schedule(NamedTuple):
    """When the rungs of an order begin and end: a function of when it was first asked for."""

    begun: int  # UTC nanoseconds
    step: int  # nanoseconds a rung

    def rung(self, at: int) -> int:
        """The rung of a moment, counted from zero."""
        return max(at - self.begun, 0) // self.step

    def ends(self, at: int) -> int:
        """When the rung of a moment ends."""
        return self.begun + (self.rung(at) + 1) * self.step


def schedule(ladder: Ladder, begun: int, last: int) -> Schedule:
    """The schedule of an order that began at a moment and may work until a last one.

    All rungs have one length, `every` or what there is room for, so that the touch is worked, too.
    """
    prices = max(ladder.rungs, 2)  # one rung alone is followed by the touch
    return Schedule(begun, max(min(ladder.every, (last - begun) // prices), 1))


class Net(NamedTuple):
    """What an order would bring, a share of one unit: at the middle, and at the touch."""

    mid_u: int
    touch_u: int
    width: float = 0.0  # of its quotes, as a share of their middles: of options, or of shares
    offset_u: int = 0  # what is bought in it pays for of what is sold, or the other way round


def net_of(parts: Mapping[str, int], quoted: Mapping[str, Touch]) -> Net | None:
    """The net prices of an order's parts; None where one is not quoted on the side it needs.

    A purchase needs an offer, a sale a bid; nothing is traded on crossed quotes, and what is bought
    back may have no bid.
    """
    mid_u = touch_u = gross_u = 0
    for key, part in parts.items():
        touch = quoted.get(key)
        if touch is None or not 0 <= touch.bid_u <= touch.ask_u or touch.ask_u <= 0:
            return None
        if part < 0 and touch.bid_u <= 0:
            return None
        mid_u -= part * (touch.bid_u + touch.ask_u)
        gross_u += abs(part) * (touch.bid_u + touch.ask_u)
        touch_u -= part * (touch.ask_u if part > 0 else touch.bid_u)
    offset_u = (gross_u - abs(mid_u)) // 4  # of twice the middles of two sides, the lesser one
    return Net(-(-mid_u // 2), touch_u, width_of(parts, quoted), offset_u)


def width_of(parts: Mapping[str, int], quoted: Mapping[str, Touch]) -> float:
    """How wide an order's quotes are, as a share of their middles.

    Options together, since what a wing of a few cents costs to cross is a few cents; and shares
    apart from them, since beside their price no option would be wide.
    """
    wide_u, gross_u = [0, 0], [0, 0]  # of shares, of options
    for key, part in parts.items():
        touch, kind = quoted[key], len(key) == OSI
        wide_u[kind] += abs(part) * (touch.ask_u - touch.bid_u)
        gross_u[kind] += abs(part) * (touch.bid_u + touch.ask_u)
    return max(2.0 * wide / gross for wide, gross in zip(wide_u, gross_u, strict=True) if gross)


def fresh(quoted: Mapping[str, Touch], at: int, stale: int) -> dict[str, Touch]:
    """The quotes that are not too old, and of the future by no more than clocks may differ."""
    return {key: one for key, one in quoted.items() if -AHEAD <= at - one.at <= stale}


def unbid_of(parts: Mapping[str, int], quoted: Mapping[str, Touch]) -> frozenset[str]:
    """What is to be sold and is quoted without a bid."""
    return frozenset(
        key
        for key, part in parts.items()
        if part < 0 and key in quoted and quoted[key].bid_u == 0 < quoted[key].ask_u
    )


def paid_u(price_u: int, touch_u: int, step: int) -> int | None:
    """The limit of one thing alone, which no exchange sells for nothing: a step at least.

    None where the offer itself is under a step.
    """
    if price_u != 0 or touch_u >= 0:
        return price_u
    return -step if touch_u <= -step else None


def limit_u(net: Net, rung: int, ladder: Ladder, floor_u: int | None, step: int) -> int:
    """The limit of a rung, counted from zero; the last one stays."""
    last = max(ladder.rungs - 1, 1)
    way_u = (net.mid_u - net.touch_u) * min(rung, last) // last
    price_u = net.mid_u - way_u
    if floor_u is not None:
        price_u = max(price_u, floor_u)
    return int(tick_up(price_u, step))
