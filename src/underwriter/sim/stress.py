"""A held book revalued in full through each episode: spot alone, volatility alone, together.

All underlyings move by what the index did, and every volatility is multiplied as `episodes` says
for the life of its option.  What an account needs after the shock is what `core` would ask of it.

    short put 95, spot 100, 28%, 35 days, March 2020     spot 88, volatility x1.398
"""

from collections.abc import Sequence
from typing import NamedTuple

from underwriter.book.event import Marked
from underwriter.book.fold import Book
from underwriter.core.chain import Terms
from underwriter.core.collateral import position_of, secured
from underwriter.core.sizing import margin_u
from underwriter.core.sleeve import LONG_CALL, LONG_PUT, SHORT_CALL, SHORT_PUT, SLOTS, Sleeve
from underwriter.core.units import DAYS_A_YEAR, MICRO, to_u
from underwriter.market import single
from underwriter.market.slab import terms_of
from underwriter.sim.episodes import Episode
from underwriter.sim.held import Held
from underwriter.sim.position import Leg, Position


class Moves(NamedTuple):
    """What is gained, in dollars; negative: lost."""

    spot_alone: float
    vol_alone: float
    together: float

    @property
    def worst(self) -> float:
        """The most that is lost by any of them."""
        return min(self)


class Left(NamedTuple):
    """An account after a shock, in dollars.

    `required` is the cash that its positions may come to need, under Reg T their maintenance
    margin; `free` what cash (under Reg T with the shares) is more than that.
    """

    equity: float
    required: float
    free: float

    @property
    def called(self) -> bool:
        """Whether a broker would ask for money, or nothing is left."""
        return self.free < 0.0 or self.equity < 0.0


NOTHING = Moves(0.0, 0.0, 0.0)


class Shock(NamedTuple):
    """The episodes that the spot and the volatility move by; None: it stands still."""

    spot: Episode | None
    vol: Episode | None

    def spot_of(self, position: Position) -> float:
        """The spot of a position after it."""
        return position.spot * (1.0 + self.spot.spot_move) if self.spot else position.spot


STILL = Shock(None, None)


def moves(position: Position, episode: Episode) -> Moves:
    """What a position gains in an episode, its legs and shares revalued in full."""
    return Moves(
        gained(position, Shock(episode, None)),
        gained(position, Shock(None, episode)),
        gained(position, Shock(episode, episode)),
    )


def gained(position: Position, shock: Shock) -> float:
    """What a position gains where the spot moves, the volatility, or both."""
    there = shock.spot_of(position)
    options = sum(
        leg.quantity * (shocked(position, leg, there, shock.vol) - leg.price)
        for leg in position.legs
    )
    return position.shares * (there - position.spot) + position.multiplier * options


def shocked(position: Position, leg: Leg, spot: float, episode: Episode | None) -> float:
    """A leg's value a share at a spot, by its own model; without an episode at its volatility."""
    factor = 1.0 if episode is None else episode.factor(leg.option.years * DAYS_A_YEAR)
    return single.price(leg.option, spot, leg.vol * factor, position.terms)


def total(found: Sequence[Moves]) -> Moves:
    """What several positions gain together."""
    return Moves(*(sum(column) for column in zip(NOTHING, *found, strict=True)))


def left(book: Book, mark: Marked, held: Sequence[Held], episode: Episode | None) -> Left:
    """What an account has after an episode, by the way of moving that leaves it least.

    Spot alone, volatility alone, or both together; without an episode as it stands.
    """
    if episode is None:
        return _after(book, mark, held, STILL)
    ways = Shock(episode, None), Shock(None, episode), Shock(episode, episode)
    return min(
        (_after(book, mark, held, each) for each in ways),
        key=lambda each: (min(each.free, each.equity), each.equity),
    )


def _after(book: Book, mark: Marked, held: Sequence[Held], shock: Shock) -> Left:
    """What an account has after a shock."""
    lost = sum(gained(each.position, shock) for each in held)
    equity, cash = mark.equity_u / MICRO + lost, mark.cash_u / MICRO
    if margined(book):
        required = sum(_margin(book, each, shock) for each in held)
        shares = sum(each.position.shares * shock.spot_of(each.position) for each in held)
        return Left(equity, required, cash + shares - required)
    now = sum(_secured(book, each, STILL) for each in held)
    then = sum(_secured(book, each, shock) for each in held)
    required = max(mark.reserved_u / MICRO, now) + then - now  # what is marked has fees in it
    return Left(equity, required, cash - required)


def margined(book: Book) -> bool:
    """Whether the accounts of a book are held to Reg T, not to cash for everything sold."""
    return book.opened is not None and book.opened.settings.get("collateral") == "reg_t"


def _row(book: Book, held: Held) -> tuple[Sleeve, Terms]:
    """A sleeve and its terms as `core` has them."""
    return book.state.sleeves[held.at], terms_of([held.instrument])[0]


def _secured(book: Book, held: Held, shock: Shock) -> float:
    """The cash that a sleeve may come to need; dividends ahead are not known."""
    sleeve, terms = _row(book, held)
    spot_u = to_u(shock.spot_of(held.position))
    return secured(position_of(sleeve), spot_u, 0, 0, terms).total_u / MICRO


def _margin(book: Book, held: Held, shock: Shock) -> float:
    """The Reg T maintenance requirement of a sleeve, its options as they are worth then."""
    sleeve, terms = _row(book, held)
    spot = shock.spot_of(held.position)
    taken = [slot for slot in range(SLOTS) if sleeve.quantity[slot]]
    marks_u = [0] * SLOTS
    for slot, leg in zip(taken, held.position.legs, strict=True):
        marks_u[slot] = to_u(shocked(held.position, leg, spot, shock.vol))
    slots = (SHORT_PUT, LONG_PUT, SHORT_CALL, LONG_CALL)
    asked_u = margin_u(position_of(sleeve), to_u(spot), terms, *(marks_u[slot] for slot in slots))
    return asked_u / MICRO
