"""Every strategy over a made-up month: the desk decides and trades what the backtest does."""

from collections.abc import Sequence
from math import sqrt
from pathlib import Path
from typing import Any

import pytest

from desk.test_cycle import KINDS, MOMENT, MORNING, World, costed, plain
from markets import START, call, limits, market, policies, put
from runs import setup_of, slab_of
from sim.test_trace import traced
from underwriter.book.event import Filled, InterestPaid
from underwriter.core.policy import (
    CALL_SPREAD,
    CASH_SECURED_PUT,
    COLLAR,
    COVERED_CALL,
    IRON_CONDOR,
    PUT_SPREAD,
    REG_T,
    STRANGLE,
    WHEEL,
)
from underwriter.market.slab import Slab
from underwriter.sim.backtest import run

DAYS = tuple(day for day in range(26) if day % 7 < 5)
FRIDAYS = (11, 18, 25, 32, 39, 46)
VOL = 0.30


def spot(n: int) -> float:
    """A path that falls, comes back and rises."""
    return round(100 + 4 * ((n * 7) % 5 - 2) - 6 * (5 <= n <= 9) + 0.4 * n, 2)


def month() -> Slab:
    """Four weeks of quotes, a dime wide."""
    quotes = []
    for n, day in enumerate(DAYS):
        for expiry in (one for one in FRIDAYS if day < one):
            years = (expiry - day) / 365
            for strike in range(80, 122, 2):
                for make, sign in ((put, -1), (call, 1)):
                    worth = _worth(sign, strike, n, years)
                    bid = max(round(worth - 0.05, 2), 0.0)
                    delta = (_worth(sign, strike, n, years, 0.01) - worth) / 0.01
                    quotes.append(make(
                        strike, bid, round(worth + 0.05, 2), session=n, expiry=expiry,
                        delta=delta, iv=VOL, forward=spot(n),
                    ))  # fmt: skip
    closes = [spot(n) for n in range(len(DAYS))]
    ahead = [START + day for day in (*DAYS[1:], 28)]
    return slab_of(market(quotes, closes=closes, days=DAYS, sessions={"tomorrow": ahead}))


def _worth(sign: int, strike: float, n: int, years: float, more: float = 0.0) -> float:
    """A rough price: intrinsic value and a bump at the strike."""
    inside = sign * (spot(n) + more - strike)
    wide = VOL * spot(n) * sqrt(years)
    return max(inside, 0.0) + 0.4 * wide * max(1 - abs(inside) / (2.5 * wide), 0.0) ** 2


RULES: dict[str, Any] = {
    "dte_min": 4, "dte_max": 20, "max_spread": 1.0, "take_profit": 0.5, "exit_dte": 1, "daily": [0],
    "width_u": 4_000_000, "long_delta": 0.2, "roll_at_most": 2, "roll_dte_min": 4,
    "roll_dte_max": 30, "roll_through": 1, "roll_for_credit": 1, "risk_per_position": 0.3,
    "stresses": 1, "stress_spot": [-0.2], "stress_vol": [1.5],
}  # fmt: skip
CASES: dict[str, dict[str, Any]] = {
    "wheel": {"strategy": WHEEL},
    "cash_secured_put": {"strategy": CASH_SECURED_PUT},
    "covered_call": {"strategy": COVERED_CALL},
    "put_spread": {"strategy": PUT_SPREAD},
    "call_spread": {"strategy": CALL_SPREAD},
    "iron_condor": {"strategy": IRON_CONDOR},
    "strangle": {"strategy": STRANGLE},
    "collar": {"strategy": COLLAR},
}


@pytest.mark.parametrize("name", CASES)
def test_t90_a_desk_trades_a_strategy_as_the_backtest_does(tmp_path: Path, name: str) -> None:
    slab, rules, caps = month(), RULES | CASES[name], {"collateral": REG_T}
    setup = costed(setup_of(len(DAYS), rules=[rules], caps=caps), slab)
    wanted = [one for one in traced(run(slab, setup), slab, setup) if isinstance(one, TRADES)]
    world = World(tmp_path, slab)
    world.rules = world.rules._replace(policies=policies(rules), limits=limits(**caps))
    for report in world.through([*DAYS, 26], [MORNING, MOMENT]):
        assert (report.breaks, report.odd) == ((), ())
    found = world.events(*TRADES)
    assert told(found) == told(wanted)
    assert any(isinstance(one, Filled) for one in wanted)


def told(events: Sequence[Any]) -> list[tuple]:
    """What happened, session by session, in an order of its own."""
    return sorted((plain(one) for one in events), key=repr)


TRADES = tuple(kind for kind in KINDS if kind is not InterestPaid)
