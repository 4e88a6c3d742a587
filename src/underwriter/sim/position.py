"""A trade, not made yet or held: legs with their prices, shares, and what they are worth when.

Money is in the account's currency for the whole position; per-share figures say so.  Where expiries
differ, the trade is looked at on the first of them: legs that live on are priced by the model then,
at their own volatility.  What is held remembers the money that it was entered at.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from underwriter.core.errors import InputError
from underwriter.core.record import F8
from underwriter.core.units import DAYS_A_YEAR
from underwriter.market import single
from underwriter.market.blame import FINE, NO_TIME_VALUE, TEXTS
from underwriter.market.series import MORNING
from underwriter.market.single import Option, Terms


class Wish(NamedTuple):
    """A leg as it was asked for; `price` a share, None where the model shall say."""

    name: str  # what a refusal calls it
    quantity: int  # contracts, signed: sold is negative
    option: Option
    price: float | None


class Leg(NamedTuple):
    """A leg with a price a share and the volatility that goes with it."""

    quantity: int
    option: Option
    price: float
    vol: float


class Entered(NamedTuple):
    """What a position was entered at, where that was before now."""

    credit: float  # what its options brought in; negative: they cost
    share: float  # what one of its shares has cost


class Position(NamedTuple):
    """Legs and shares on one underlying, as they stand now."""

    spot: float
    legs: tuple[Leg, ...]
    shares: int
    multiplier: int
    terms: Terms
    entered: Entered | None = None  # None: now, at the legs' prices and the spot

    @property
    def credit(self) -> float:
        """What the options bring in, or brought in; negative where they cost."""
        if self.entered is not None:
            return self.entered.credit
        return -self.multiplier * sum(leg.quantity * leg.price for leg in self.legs)

    @property
    def share(self) -> float:
        """What a share counts from: what it has cost, else the spot."""
        return self.spot if self.entered is None else self.entered.share

    @property
    def anew(self) -> "Position":
        """The same as it would be entered now."""
        return self._replace(entered=None)

    @property
    def years(self) -> float:
        """Until the first leg expires; 0 of shares alone."""
        return min((leg.option.years for leg in self.legs), default=0.0)

    @property
    def ending(self) -> tuple[Leg, ...]:
        """The legs that expire first."""
        return tuple(leg for leg in self.legs if leg.option.years == self.years)

    @property
    def living(self) -> tuple[Leg, ...]:
        """The legs that live on after the first expiry."""
        return tuple(leg for leg in self.legs if leg.option.years > self.years)


def until(expiry: date, today: date, *, morning: bool) -> float:
    """Act/365 from today's close to that of the expiry, or to its open where it settles then."""
    return ((expiry - today).days - (MORNING if morning else 0.0)) / DAYS_A_YEAR


def priced(wishes: Sequence[Wish], spot: float, terms: Terms, vol: float | None) -> tuple[Leg, ...]:
    """Legs with price and volatility: each from its own price, else from `vol`.

    A price without time value says no volatility: `vol` stands in, or the mean of the other legs.
    InputError for a price that no volatility gives, and where none is known.
    """
    found = [_leg(wish, spot, terms, vol) for wish in wishes]
    known = [leg.vol for leg in found if leg.vol > 0.0]
    legs = []
    for wish, leg in zip(wishes, found, strict=True):
        if not leg.vol > 0.0 and not known:
            raise InputError(
                f"{wish.name}: found a price without time value, which says no volatility; "
                "expected --vol beside it"
            )
        legs.append(leg if leg.vol > 0.0 else leg._replace(vol=sum(known) / len(known)))
    return tuple(legs)


def _leg(wish: Wish, spot: float, terms: Terms, vol: float | None) -> Leg:
    """One leg; its volatility is NaN where its price has no time value and `vol` is not known."""
    if wish.price is None:
        if vol is None:
            raise InputError(
                f"{wish.name}: found neither a price nor --vol; expected @PRICE or --vol"
            )
        fair = single.price(wish.option, spot, vol, terms)
        return Leg(wish.quantity, wish.option, fair, vol)
    own, reason = single.volatility(wish.option, spot, wish.price, terms)
    if reason == NO_TIME_VALUE:
        own = vol or np.nan
    elif reason != FINE:
        least, most = single.bounds(wish.option, spot, terms)
        raise InputError(
            f"{wish.name}: found @{wish.price:g}: {TEXTS[reason]}; "
            f"expected a price from {least:.4f} to {most:.4f}"
        )
    return Leg(wish.quantity, wish.option, wish.price, own)


def profit(position: Position, spots: F8) -> F8:
    """What is gained or lost at the first expiry, at each of some spots then.

    Their dividends and interest to come do not count.
    """
    total = position.shares * (spots - position.share) + position.credit
    for leg in position.legs:
        total = total + position.multiplier * leg.quantity * _then(position, leg, spots)
    found: F8 = total
    return found


def _then(position: Position, leg: Leg, spots: F8) -> F8:
    """A leg's value a share at the first expiry."""
    sign, strike, years = leg.option
    left = years - position.years
    if left <= 0.0:
        return np.maximum(sign * (spots - strike), 0.0)
    option, terms = Option(sign, strike, left), single.later(position.terms, position.years)
    return np.array([single.price(option, float(spot), leg.vol, terms) for spot in spots])


def worth(position: Position, spot: float, wilder: float = 1.0) -> float:
    """What the options are worth now at another spot, every volatility times `wilder`."""
    values = [
        leg.quantity * single.price(leg.option, spot, leg.vol * wilder, position.terms)
        for leg in position.legs
    ]
    return position.multiplier * sum(values)
