"""Golden runs: the trade log of a fixed policy on a fixed market, as text that people can read.

A change of any decision, fill, settlement or fee shows here as lines that differ.  Where the
change is meant, `UNDERWRITER_GOLDEN=write pytest tests/golden` writes the files anew, and the
difference is read before it is committed.
"""

import os
from pathlib import Path

import pytest

from parity.columns import Outcome, market_of, run_engine, setup_of
from parity.shipped import shipped
from parity.strategies import Draw, case
from reference.given import PUT
from reference.plain import Event
from underwriter.core.units import MICRO, day_of

FOLDER = Path(__file__).parent
WRITE = os.environ.get("UNDERWRITER_GOLDEN") == "write"


def money(amount_u: int) -> str:
    """Dollars, to the millionth where there are any."""
    return f"{amount_u / MICRO:,.6f}".rstrip("0").rstrip(".")


def line_of(event: Event, day: int) -> str:
    """One event as a line of text."""
    what = ""
    if event.contract:
        side = "P" if event.contract.right == PUT else "C"
        what = f" {day_of(event.contract.expiry)} {side} {money(event.contract.strike_u)}"
    parts = [f"{day_of(day)} sleeve {event.sleeve} {event.kind}{what}"]
    parts += [f"{event.quantity:+d} contracts"] if event.quantity else []
    parts += [f"{event.shares:+d} shares"] if event.shares else []
    parts += [f"at {money(event.price_u)}"] if event.price_u else []
    return " | ".join([*parts, f"{money(event.amount_u)} fee {money(event.fee_u)}"])


def told(outcome: Outcome, days: list[int]) -> str:
    """A run as text: what happened, without the daily interest, and how it ended."""
    lines = [line_of(one, days[one.session]) for one in outcome.log if one.kind != "interest"]
    interest_u = sum(one.amount_u for one in outcome.log if one.kind == "interest")
    equity = " ".join(money(one) for one in outcome.equity_u[-1])
    return "\n".join([*lines, f"interest {money(interest_u)}", f"equity {equity}", ""])


def hold(name: str, text: str) -> None:
    """Compare a run's text with the file, or write it where asked to."""
    path = FOLDER / f"{name}.txt"
    if WRITE:
        path.write_text(text, encoding="utf-8")
    assert text.splitlines() == path.read_text(encoding="utf-8").splitlines()


SHIPPED = (
    "wheel-index",
    "cash-secured-put-index",
    "put-spread-index",
    "iron-condor-index",
    "covered-call-index",
    "collar-index",
)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_policy_on_the_demo_trades_as_it_did(name: str) -> None:
    found = shipped(name)
    hold(name, told(run_engine(found.slab.market, found.setup), found.found.day.tolist()))


@pytest.mark.parametrize("name", ["strangle", "call-spread"])
def test_a_strategy_that_is_not_shipped_trades_on_the_demo_as_it_did(name: str) -> None:
    """Under Reg T, which a strangle needs."""
    found = shipped(str(FOLDER / f"{name}.toml"), "reg_t")
    hold(name, told(run_engine(found.slab.market, found.setup), found.found.day.tolist()))


@pytest.mark.parametrize("seed", [1, 51, 75])
def test_policies_on_a_random_market_trade_as_they_did(seed: int) -> None:
    drawn = case(Draw(seed, 60, 2, 2, seed % 2))
    days = [session.day for session in drawn.sessions]
    hold(f"random-{seed}", told(run_engine(market_of(drawn), setup_of(drawn)), days))
