"""`underwriter book stress`: what a held book would lose in six falls, as figures."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

import msgspec

from underwriter.app.evening import read
from underwriter.book.place import Place
from underwriter.core.contract import CALL
from underwriter.core.units import MICRO
from underwriter.sim.episodes import EPISODES, Episode
from underwriter.sim.held import Brought, Held, evening
from underwriter.sim.known import Known
from underwriter.sim.stress import Left, Moves, left, margined, moves, total

_DIGITS = 6


class EpisodeFound(msgspec.Struct, frozen=True):
    """One fall: what the index and its volatility did from one close to another."""

    name: str
    before: str
    after: str
    spot_move: float
    vol_factor: float  # of an option of 30 days


class GainFound(msgspec.Struct, frozen=True):
    """What is gained in an episode, in dollars, negative where lost; shares are of equity."""

    episode: str
    spot_alone: float
    vol_alone: float
    together: float
    spot_alone_share: float | None  # null: there is no equity
    vol_alone_share: float | None
    together_share: float | None


class LeftFound(msgspec.Struct, frozen=True):
    """An account after what leaves it least: spot, volatility or both; `called`: for money."""

    episode: str | None  # null: as it stands
    equity: float
    required: float  # cash that positions may come to need; under Reg T maintenance margin
    free: float  # what cash, under Reg T with shares, is more than that
    called: bool


class UnderlyingFound(msgspec.Struct, frozen=True):
    """All positions of an account on one underlying."""

    underlying: str
    spot: float
    gains: list[GainFound]


class LegHeld(msgspec.Struct, frozen=True):
    """One leg held: per share, but its quantity."""

    quantity: int
    right: Literal["put", "call"]
    strike: float
    expiry: str
    price: float
    volatility: float
    volatility_from: str  # "fill", "other legs", "index" or "assumed", before vol_factor
    filled: str | None  # the day of that fill


class PositionFound(msgspec.Struct, frozen=True):
    """What one sleeve holds, and what it gains in each episode."""

    sleeve: str
    number: int
    underlying: str
    style: Literal["american", "european"]
    shares: int
    legs: list[LegHeld]
    worst: str  # the episode in which most is lost, by spot alone, volatility alone or both
    gains: list[GainFound]


class AccountFound(msgspec.Struct, frozen=True):
    """One account: in total, by underlying, by position, the worst first."""

    account: str
    collateral: Literal["cash_secured", "reg_t"]
    equity: float
    cash: float
    options_marked: float  # what its options are worth by the evening's mark
    options_modelled: float  # and by the model, at the volatilities below
    vol_factor: float  # on all volatilities, so that the two agree
    gains: list[GainFound]
    left: list[LeftFound]
    underlyings: list[UnderlyingFound]
    positions: list[PositionFound]


class Stressed(msgspec.Struct, frozen=True):
    """What `book stress --json` prints."""

    journal: str
    as_of: str  # the evening
    quotes: str  # "modelled", "quoted", "last" or "mixed"
    rate: float
    episodes: list[EpisodeFound]
    accounts: list[AccountFound]


def stress(journal: Place, as_of: date | None) -> Stressed:
    """A journal's book through every episode; InputError where it has no evening to look at."""
    found = read(journal, as_of)
    book, night = found.book, evening(found)
    return Stressed(
        journal=str(journal),
        as_of=found.evening.isoformat(),
        quotes="" if book.opened is None else book.opened.quotes,
        rate=found.days[found.evening].rate,
        episodes=[
            EpisodeFound(
                each.name, str(each.before), str(each.after), each.spot_move, each.vol_factor
            )
            for each in EPISODES
        ],
        accounts=[
            _account(found, name, [each for each in night.held if each.account == name], brought)
            for name, brought in night.brought.items()
        ],
    )


def _account(found: Known, name: str, held: Sequence[Held], brought: Brought) -> AccountFound:
    """One account through every episode."""
    book, mark = found.book, found.book.marks[name]
    equity = mark.equity_u / MICRO
    lost = {each.name: [moves(each.position, episode) for episode in EPISODES] for each in held}
    underlyings = {found.book.sleeves[each.at].underlying: each.position.spot for each in held}
    positions = [_position(found, each, lost[each.name], equity) for each in held]
    return AccountFound(
        account=name,
        collateral="reg_t" if margined(book) else "cash_secured",
        equity=equity,
        cash=mark.cash_u / MICRO,
        options_marked=brought.marked,
        options_modelled=_money(brought.marked + brought.missed),
        vol_factor=float(brought.factor),
        gains=_summed([lost[each.name] for each in held], equity),
        left=[_left(left(book, mark, held, each), each) for each in (None, *EPISODES)],
        underlyings=sorted(
            (
                UnderlyingFound(
                    symbol,
                    spot,
                    _summed([lost[each.name] for each in _on(found, held, symbol)], equity),
                )
                for symbol, spot in underlyings.items()
            ),
            key=lambda each: min(map(worst_of, each.gains)),
        ),
        positions=sorted(positions, key=lambda each: min(gain.together for gain in each.gains)),
    )


def _on(found: Known, held: Sequence[Held], symbol: str) -> list[Held]:
    """The positions on one underlying."""
    return [each for each in held if found.book.sleeves[each.at].underlying == symbol]


def _summed(several: Sequence[Sequence[Moves]], equity: float) -> list[GainFound]:
    """What several positions gain together, episode by episode."""
    return [
        _gain(episode, total([each[n] for each in several]), equity)
        for n, episode in enumerate(EPISODES)
    ]


def _gain(episode: Episode, moved: Moves, equity: float) -> GainFound:
    """Dollars, and shares of equity where there is any."""
    shares = [float(each) / equity if equity > 0.0 else None for each in moved]
    return GainFound(episode.name, *(_money(each) for each in moved), *shares)


def worst_of(gain: GainFound) -> float:
    """The most that is lost in an episode, by spot alone, volatility alone or both."""
    return min(gain.spot_alone, gain.vol_alone, gain.together)


def _left(found: Left, episode: Episode | None) -> LeftFound:
    """What is left, as JSON has it."""
    name = None if episode is None else episode.name
    equity, required, free = (_money(each) for each in found)
    return LeftFound(name, equity, required, free, bool(found.called))


def _position(found: Known, held: Held, lost: Sequence[Moves], equity: float) -> PositionFound:
    """One position with its legs."""
    gains = [_gain(*each, equity) for each in zip(EPISODES, lost, strict=True)]
    return PositionFound(
        sleeve=held.name,
        number=held.number,
        underlying=found.book.sleeves[held.at].underlying,
        style=held.instrument.style,
        shares=held.position.shares,
        legs=_legs(held),
        worst=min(zip(lost, EPISODES, strict=True), key=lambda each: each[0].worst)[1].name,
        gains=gains,
    )


def _legs(held: Held) -> list[LegHeld]:
    """The legs of a position."""
    return [
        LegHeld(
            leg.quantity,
            "call" if contract.right == CALL else "put",
            float(contract.strike),
            contract.expiry.isoformat(),
            float(leg.price),
            float(leg.vol),
            source.how,
            None if source.day is None else source.day.isoformat(),
        )
        for leg, contract, source in zip(
            held.position.legs, held.contracts, held.sources, strict=True
        )
    ]


def _money(amount: float) -> float:
    """Without the dust of rounding, and without a minus before zero."""
    return round(float(amount), _DIGITS) + 0.0
