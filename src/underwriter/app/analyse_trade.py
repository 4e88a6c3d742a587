"""A trade that was told, as `analyse` takes it."""

from datetime import date
from typing import NamedTuple

import numpy as np

from underwriter.app.analyse import Settlement, Subject
from underwriter.app.leg_words import Paid, Written
from underwriter.core.errors import InputError
from underwriter.core.margin import BROAD_INDEX, EQUITY
from underwriter.core.units import DAYS_A_YEAR
from underwriter.market.cash_sweep import Dividends
from underwriter.market.instrument import Style
from underwriter.market.series import MORNING
from underwriter.market.single import Option, Terms
from underwriter.sim.position import Position, Wish, priced, until
from underwriter.sim.whatif import Belief, Trade


class AskedTrade(NamedTuple):
    """A trade as it was asked for: everything told or assumed, nothing left open."""

    underlying: str
    today: date
    spot: float
    legs: tuple[Written, ...]
    shares: int
    multiplier: int
    style: Style
    settlement: Settlement
    rate: float
    payout: float
    dividends: tuple[Paid, ...]
    vol: float | None
    real_vol: float | None
    drift: float
    broad_index: bool

    def subject(self) -> Subject:
        """The trade with its prices; InputError where they cannot be had."""
        margin_rate = BROAD_INDEX if self.broad_index else EQUITY
        return Subject(
            self.underlying,
            self.today,
            Trade(position_of(self), margin_rate, cash_settled=self.settlement != "physical"),
            tuple(leg.expiry for leg in self.legs),
            self.style,
            self.settlement,
            self.dividends,
            Belief(self.real_vol, self.drift),
            None,
        )


def position_of(asked: AskedTrade) -> Position:
    """The trade as the simulation takes it."""
    terms = Terms(asked.style == "american", asked.rate, asked.payout, _dividends(asked))
    wishes = [
        Wish(leg.name, leg.quantity, Option(leg.sign, leg.strike, _years(asked, leg)), leg.price)
        for leg in asked.legs
    ]
    legs = priced(wishes, asked.spot, terms, asked.vol)
    return Position(asked.spot, legs, asked.shares, asked.multiplier, terms)


def _years(asked: AskedTrade, leg: Written) -> float:
    """How long a leg has left."""
    return until(leg.expiry, asked.today, morning=asked.settlement == "am")


def _dividends(asked: AskedTrade) -> Dividends:
    """They go ex at the open of their day; InputError where they come to more than the share."""
    paid = sorted(asked.dividends)
    if sum(each.amount for each in paid) >= asked.spot:
        raise InputError(
            f"--dividend: found {sum(each.amount for each in paid):g} dollars in all; "
            f"expected less than --spot {asked.spot:g}"
        )
    ex = [((each.day - asked.today).days - MORNING) / DAYS_A_YEAR for each in paid]
    return Dividends(np.array(ex), np.array([each.amount for each in paid], np.float64))
