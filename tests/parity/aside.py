"""What a sweep counts, what lots tie up, whom a screen admits: kernels that no backtest enters."""

import math
from typing import NamedTuple

import numpy as np

from parity.strategies import Dice
from runs import slab_of
from underwriter.core.chain import Market
from underwriter.core.intent import Decision
from underwriter.core.margin import BROAD_INDEX, EQUITY, Leg, reg_t_initial_u, reg_t_u
from underwriter.core.record import rows
from underwriter.core.screen import Gate, admitted
from underwriter.core.sizing import asks_too_much
from underwriter.core.units import CENT_U, MICRO
from underwriter.sim.backtest import Setup, seated
from underwriter.sim.orders import dearer
from underwriter.sim.sweep import Room
from underwriter.sim.tally import new_tallies

LOTS = 40  # drawn of each number


class Aside(NamedTuple):
    """What comes of one number beside the outcome of its run."""

    tally: list[tuple]  # each field of each run
    income_u: list[list[int]]
    refusals: list[list[int]]
    margin_u: list[tuple[int, int]]  # to keep and to open each lot
    admitted: list[list[int]]  # by random gates
    stubs: list[tuple[bool, bool]]  # whether a purchase asks, and fills, above all it can be worth


def drawn_leg(dice: Dice, spot_u: int) -> Leg:
    """No contract or a few, struck around the spot."""
    strike_u = spot_u + int(dice.integers(-20, 21)) * MICRO
    return Leg(int(dice.integers(0, 4)), strike_u, int(dice.integers(0, 900)) * CENT_U)


def margin_of(dice: Dice) -> tuple[int, int]:
    """What random legs and shares, held or sold short, tie up."""
    spot_u = int(dice.integers(2_500, 15_000)) * CENT_U
    legs = [drawn_leg(dice, spot_u) for _ in range(4)]
    rate, shares = (EQUITY, BROAD_INDEX)[dice.integers(2)], int(dice.integers(-350, 351))
    short_put, long_put, short_call, long_call = legs
    lot = (spot_u, rate, shares, short_put, long_put, short_call, long_call, 100)
    return int(reg_t_u(*lot)), int(reg_t_initial_u(*lot))


def screened(dice: Dice) -> list[list[int]]:
    """Whom random gates admit; a bound or a value in four is unknown, one in eight infinite."""

    def drawn(*shape: int) -> np.ndarray:
        found = dice.normal(size=shape)
        luck = dice.random(shape)
        return np.where(luck < 0.25, np.nan, np.where(luck < 0.375, np.inf, found))

    gates = rows(Gate, 5)
    for at, (least, most) in enumerate(drawn(5, 2)):
        gates[at].least, gates[at].most = least if least < math.inf else np.nan, most + 1.0
        gates[at].lenient = int(dice.integers(2))
    return admitted(drawn(LOTS, 3, 5), gates).tolist()


def stub(dice: Dice, market: Market, setup: Setup) -> tuple[bool, bool]:
    """Whether one leg drawn of the quotes, bought or sold, costs more than it can be worth."""
    quotes, book = market.quotes, seated(setup, market.bars.shape[1])
    bars = market.bars.copy()  # of shares worth so little that calls on them are stubs
    bars.close_u //= 200
    fallen = market._replace(bars=bars)
    decision = rows(Decision, 1)[0]
    row = int(dice.integers(quotes.shape[0]))
    decision.session, decision.legs, decision.sleeve = quotes[row].session, 1, 0
    decision.row[0], decision.contract[0] = row, quotes[row].contract
    decision.change[0] = int(dice.choice([-1, 1]))
    underlying = book.sleeves[0].underlying
    session, asks = int(decision.session), asks_too_much(decision, fallen, underlying)
    return bool(asks), bool(dearer(book, decision, session, fallen, setup.fills))


def aside(number: int, market: Market, setup: Setup) -> Aside:
    """Count a run as a sweep does, and work out what so many lots drawn of its number tie up."""
    room = Room(slab_of(market))
    tallies = new_tallies(1, int(room.month[-1]) + 1)
    room.run(setup, tallies, 0)
    dice = np.random.default_rng(number)
    return Aside(
        np.asarray(tallies.tally).tolist(),
        tallies.income_u.tolist(),
        tallies.refusals.tolist(),
        [margin_of(dice) for _ in range(LOTS)],
        screened(dice),
        [stub(dice, market, setup) for _ in range(LOTS)],
    )
