"""A sweep says of a configuration what its own backtest says, whoever runs it, beside whom."""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from markets import call, market, put
from parity.columns import market_of
from parity.columns import setup_of as setup_of_case
from parity.shipped import shipped
from parity.strategies import case, numbered
from runs import setup_of, slab_of
from sim.test_trace import traced
from underwriter.market.slab import Slab
from underwriter.report.figures import figures
from underwriter.report.summary import summarise
from underwriter.report.views import read
from underwriter.sim.backtest import Setup, run
from underwriter.sim.sweep import BLOCK, Outcome, Room, outcomes, sweep

SAME = ("cagr", "volatility", "sharpe", "sharpe_se", "max_drawdown", "tail_loss",
        "premium_capture", "assignment_rate", "called_away_rate")  # fmt: skip


def reported(slab: Slab, setup: Setup) -> dict[str, float | None]:
    """The figures of a sweep as the report of the run's book has them."""
    view = read(traced(run(slab, setup), slab, setup))
    told = summarise(view, figures(view), None)
    parts, campaigns = told.income_parts.values(), told.campaigns
    added = {
        name: sum(getattr(month, name) for month in parts)
        for name in ("options", "dividends", "interest", "fees")
    }
    return added | {
        **{name: getattr(told.metrics, name) for name in SAME},
        "ending_equity": told.ending_equity,
        "total_return": told.total_return,
        "income": told.income,
        "worst_month": told.metrics.worst_month,
        "premium": sum(month.premium_received for month in parts),
        "campaigns": campaigns.opened,
        "closed": campaigns.closed,
        "profitable": campaigns.profitable,
        "assigned": told.legs.get("assigned", 0),
        "called_away": told.legs.get("called away", 0),
        "refused": sum(told.refused.values()),
        "approved": told.decisions - sum(told.refused.values()),
    }


def check(slab: Slab, setup: Setup) -> None:
    """Hold the sweep's figures against the report's: money to the cent, ratios to rounding."""
    found = outcomes(Room(slab), [setup])[0]
    for name, expected in reported(slab, setup).items():
        value = float(getattr(found, name))
        if expected is None:
            assert math.isnan(value), name
        else:
            room = 0.12 if name in {"options", "dividends", "interest", "fees", "premium"} else 6e-3
            ratio = name in SAME or name == "total_return"
            close = pytest.approx(expected, rel=1e-9, abs=1e-12 if ratio else room)
            assert value == close, name


@pytest.mark.parametrize("name", ["wheel-index", "wheel-index-managed", "cash-secured-put-index"])
def test_a_shipped_policy_has_the_figures_of_its_report(name: str) -> None:
    found = shipped(name)
    check(found.slab, found.setup)


@pytest.mark.parametrize("number", range(24))
def test_a_random_case_has_the_figures_of_its_report(number: int) -> None:
    made = case(numbered(number))
    check(slab_of(market_of(made)), setup_of_case(made))


def test_a_campaign_by_hand() -> None:
    """Sold at 1.36, assigned at 95 with the close at 94; the call at 95 sold for 1.05, called away.

    Money 136 - 9500 + 105 + 9500 = 241; of the put's 136 the 100 handed over leave 36, of the
    call's 105 a close at 97 takes 200: kept -59 of 241.
    """
    quotes = [put(95, 1.36, 1.36, expiry=1), call(95, 1.05, 1.05, session=2, expiry=3)]
    slab = slab_of(market(quotes, closes=(100.0, 94.0, 94.0, 97.0)))
    found = outcomes(Room(slab), [setup_of(4, deposit=10_000.0)])[0]
    assert found.ending_equity == pytest.approx(10_241.0)
    assert (found.income, found.premium) == (pytest.approx(241.0), pytest.approx(241.0))
    assert (found.campaigns, found.closed, found.profitable) == (1, 1, 1)
    assert (found.assigned, found.called_away) == (1, 1)
    assert found.premium_capture == pytest.approx((36 + 105 - 200) / 241)


def configurations(count: int) -> tuple[Slab, list[Setup]]:
    """The demo's market under so many deltas, ladders of two lengths among them."""
    found = shipped("wheel-index")
    setups = []
    for at in range(count):
        policies = found.setup.policies.copy()
        policies[0].delta[:] = 0.10 + 0.3 * at / count
        seats = found.setup.seats if at % 3 else found.setup.seats[:2]
        setups.append(replace(found.setup, policies=policies, seats=seats))
    return found.slab, setups


def ran(slab: Slab, setups: Sequence[Setup], workers: int) -> bytes:
    """All outcomes as bytes."""
    parts = [setups[at : at + BLOCK] for at in range(0, len(setups), BLOCK)]
    blocks = {at: partial(list, part) for at, part in enumerate(parts)}
    found = dict(sweep(slab, blocks, workers))
    return b"".join(np.asarray(found[at]).tobytes() for at in sorted(found))


def test_the_number_of_workers_cannot_be_seen() -> None:
    slab, setups = configurations(2 * BLOCK + 10)
    alone = ran(slab, setups, 1)
    assert ran(slab, setups, 2) == alone
    assert ran(slab, setups, 5) == alone


def test_nor_what_is_run_beside_a_configuration() -> None:
    """One after another in rooms of their own, and backwards in the same room."""
    slab, setups = configurations(6)
    together = np.asarray(outcomes(Room(slab), setups))
    alone = [np.asarray(outcomes(Room(slab), [setup]))[0] for setup in setups]
    assert together.tobytes() == b"".join(one.tobytes() for one in alone)
    room = Room(slab)
    backwards = np.asarray(outcomes(room, setups[::-1]))[::-1]
    assert np.ascontiguousarray(backwards).tobytes() == together.tobytes()


def test_a_run_that_writes_more_than_there_is_room_for_is_run_again() -> None:
    slab, setups = configurations(1)
    room = Room(slab)
    usual = np.asarray(outcomes(room, setups)).tobytes()
    room.log = room.log._replace(lines=room.log.lines[:5])
    assert np.asarray(outcomes(room, setups)).tobytes() == usual
    assert room.log.lines.shape[0] > 5


def test_an_outcome_names_its_figures_once() -> None:
    assert len(set(Outcome.__annotations__)) == len(Outcome.__annotations__)
