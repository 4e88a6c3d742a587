"""Runs over small markets, told in lines that people can read.

0 deposit +10000.00
0 #0 open -1 P95: approved
0 #0 fill -1 P95 +130.00 fee 0.66 @ 1.3
3 #0 assigned 1 P95 +100 shares -9500.00 @ 94
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from markets import fills, limits, owns, policies
from underwriter.book.decided import ACTIONS
from underwriter.core import reason
from underwriter.core.chain import Market
from underwriter.core.contract import right_of, strike_of
from underwriter.core.record import rows
from underwriter.core.units import to_u
from underwriter.market.fees import FeeSchedule
from underwriter.market.instrument import Instrument
from underwriter.market.slab import Slab
from underwriter.sim.backtest import Run, Seat, Setup, run
from underwriter.sim.ledger import DECISION, Line, Log

KINDS = (
    "deposit", "interest", "fill", "expired", "assigned", "settled", "dividend", "split", "moved",
)  # fmt: skip


def schedule(sessions: int, **each: float) -> FeeSchedule:
    """The same fees on every session: dollars a contract (`_u`), fractions (`_rate`)."""
    amounts = {
        name: to_u(float(each.get(name, 0.0))) if name.endswith("_u") else each.get(name, 0.0)
        for name in FeeSchedule._fields
    }
    return FeeSchedule(**{name: np.full((2, sessions), one) for name, one in amounts.items()})


def a_log(lines: int = 40) -> Log:
    """An empty log."""
    return Log(rows(Line, lines), np.zeros(1, np.int64))


def slab_of(market: Market) -> Slab:
    """A market with its instruments, which only names and terms are asked of."""
    instruments = tuple(instrument(at) for at in range(market.terms.shape[0]))
    return Slab(market, instruments, ("modelled",) * len(instruments))


def instrument(at: int) -> Instrument:
    """An instrument of its own name."""
    return Instrument(f"Underlying {at}", "ABCDEFGH"[at], "american", "physical")


def setup_of(
    sessions: int,
    *,
    seats: Sequence[Seat] = (Seat(0, 0, 0),),
    rules: Sequence[dict] = ({},),
    caps: dict | None = None,
    deposit: float = 100_000.0,
    model: tuple[float, int] = (0.0, 0),
    costs: dict | None = None,
) -> Setup:
    """What to run: by default one wheel without caps or costs that trades at the mid."""
    accounts = max(seat.account for seat in seats) + 1
    return Setup(
        seats=tuple(seats),
        policies=policies(*rules),
        owns=owns(len(rules), max(seat.underlying for seat in seats) + 1),
        limits=limits(**(caps or {})).repeat(accounts),
        deposits_u=np.full(accounts, to_u(deposit)),
        fills=fills(*model),
        fees=schedule(sessions, **(costs or {})),
    )


def ran(market: Market, **what: Any) -> Run:  # noqa: ANN401  what `setup_of` takes
    """A run over a market."""
    return run(slab_of(market), setup_of(market.sessions.shape[0], **what))


# --- told ---


def _contract(line: Line) -> str:
    key = int(line.contract)
    return f" {'PC'[right_of(key)]}{strike_of(key) / 1e6:g}" if key else ""


def _fact(line: Line) -> str:
    words = [f" {line.quantity}" if line.quantity else "", _contract(line)]
    words.append(f" {line.shares:+} shares" if line.shares else "")
    words.append(f" {line.amount_u / 1e6:+.2f}" if line.amount_u else "")
    words.append(f" fee {line.fee_u / 1e6:.2f}" if line.fee_u else "")
    words.append(f" @ {line.price_u / 1e6:g}" if line.price_u else "")
    return KINDS[line.kind] + "".join(words)


def _decision(line: Line) -> str:
    verdict = reason.NAMES[int(line.verdict)] if line.verdict else "approved"
    change = f" {line.quantity}{_contract(line)}" if line.contract else ""
    change += f" {line.shares:+} shares" if line.shares else ""
    return f"{ACTIONS[int(line.kind)]}{change}: {verdict}"


def told(lines: Any) -> list[str]:  # noqa: ANN401  rows of Line
    """Lines as text: session, sleeve, what happened."""
    said = []
    for line in lines:
        whose = f" #{line.sleeve}" if line.sleeve >= 0 else ""
        what = _decision(line) if line.what == DECISION else _fact(line)
        said.append(f"{line.session}{whose} {what}")
    return said


def written(log: Log) -> list[str]:
    """The lines of a log as text."""
    return told(log.lines[: int(log.written[0])])
