"""Many configurations of a policy over one slab, in parallel on this machine.

    for number, found in sweep(slab, blocks, workers=2):    # as they are done, in any order
        keep(number, found)                                 # one Outcome a configuration

Configurations are run in blocks of at most `BLOCK`, each by itself: what comes of one depends on
its slab and its setup alone, so neither the number of workers nor the order of the blocks can be
seen in any figure.  Kernels release the interpreter's lock, so workers are threads over one shared
slab; each keeps a `Room`, the columns that a run writes into, and uses it for its next run.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from underwriter.book import metrics
from underwriter.core.chain import Market
from underwriter.core.intent import Decision
from underwriter.core.record import F8, I8, Row, Rows, rows
from underwriter.core.sleeve import BookState
from underwriter.core.units import MICRO
from underwriter.market.beside import Lens, through
from underwriter.market.slab import Slab
from underwriter.sim.backtest import Setup, brought, seated
from underwriter.sim.engine import Curve, new_curve, run_sessions
from underwriter.sim.ledger import Line, Log
from underwriter.sim.tally import Count, Held, Tallies, new_held, new_tallies, tally_lines

BLOCK = 64  # configurations that are run, kept and sent together
_LINES_A_SESSION = 4  # a first guess at how much a run writes down

Block = Sequence[Setup]
T = TypeVar("T", bound=Row)


class Outcome(Row):
    """What came of one configuration: money in dollars, rates as fractions, NaN for undefined."""

    ending_equity: float
    total_return: float
    cagr: float
    volatility: float
    sharpe: float
    sharpe_se: float
    skewness: float  # of the daily returns over bills, as is the kurtosis
    kurtosis: float
    max_drawdown: float
    tail_loss: float
    income: float
    worst_month: float  # the lowest income of a month
    options: float
    dividends: float
    interest: float
    premium: float
    fees: float
    premium_capture: float
    assignment_rate: float
    called_away_rate: float
    win_rate: float  # share of the closed campaigns that earned
    campaigns: int
    closed: int
    profitable: int
    assigned: int  # short puts
    called_away: int  # short calls
    approved: int
    refused: int
    refused_most: int  # reason code of the most frequent refusal, or 0


OUTCOME = tuple(Outcome.__annotations__)  # the names of the figures, in their order


class Desk(NamedTuple):
    """What runs with the same sleeves share: the book to begin with, and what they write into."""

    fresh: BookState
    book: BookState
    decisions: Rows[Decision]
    held: Held
    curve: Curve


class Room:
    """The columns that runs write into, made once a worker and used for run after run."""

    def __init__(self, slab: Slab) -> None:
        self.slab = slab
        self.sessions = slab.market.sessions.shape[0]
        self.month = _months(np.asarray(slab.market.sessions)["day"])
        self.log = Log(rows(Line, self.sessions * _LINES_A_SESSION), np.zeros(1, np.int64))
        self.desks: dict[tuple[object, ...], Desk] = {}
        self.lens: Lens | None = None
        self.market = slab.market

    def run(self, setup: Setup, tallies: Tallies, at: int) -> I8:
        """Run and count one configuration; its equity each evening, in millionths of a dollar."""
        desk = self._desk(setup)
        while (written := self._attempt(setup, desk)) > self.log.lines.shape[0]:
            self.log = Log(rows(Line, 2 * written), self.log.written)
        one = row_of(tallies.tally, at)
        count = Count(one, desk.held, self.month, tallies.income_u[at], tallies.refusals[at])
        tally_lines(self.log.lines, written, count)
        return desk.curve.equity_u.sum(axis=1)

    def _desk(self, setup: Setup) -> Desk:
        """Where configurations with these sleeves are run."""
        accounts, policies = setup.limits.shape[0], setup.policies.shape[0]
        key = (setup.seats, accounts, policies, np.asarray(setup.owns).tobytes())
        if key not in self.desks:
            underlyings, sleeves = len(self.slab.instruments), len(setup.seats)
            self.desks[key] = Desk(
                seated(setup, underlyings),
                seated(setup, underlyings),
                rows(Decision, sleeves + 1),
                new_held(sleeves),
                new_curve(self.sessions, accounts, policies, underlyings),
            )
        return self.desks[key]

    def _market(self, lens: Lens | None) -> Market:
        """The market through a lens, made once for configurations in a row that share it."""
        if lens is not self.lens:
            self.lens, self.market = lens, through(self.slab.market, lens)
        return self.market

    def _attempt(self, setup: Setup, desk: Desk) -> int:
        """One run from the book as it was seated; how many lines it wished to write."""
        for table, fresh in zip(desk.book, desk.fresh, strict=True):
            np.copyto(np.asarray(table), np.asarray(fresh))
        self.log.written[0] = 0
        run_sessions(
            desk.book,
            self._market(setup.lens),
            setup.policies,
            setup.owns,
            setup.limits,
            setup.fills,
            setup.fees,
            setup.deposits_u,
            brought(setup),
            desk.decisions,
            self.log,
            desk.curve,
        )
        return int(self.log.written[0])


def row_of(table: Rows[T], at: int) -> Rows[T]:
    """One row of a table, as a table."""
    cut: Callable[[slice], Rows[T]] = table.__getitem__  # type: ignore[assignment]
    return cut(slice(at, at + 1))


def _months(day: I8) -> I8:
    """The calendar month of each session, counted from the first one's."""
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return month - month[0]


def outcomes(room: Room, block: Block) -> Rows[Outcome]:
    """What came of each configuration of a block."""
    equity_u = np.empty((len(block), room.sessions))
    deposited_u = np.zeros((len(block), room.sessions))
    tallies = new_tallies(len(block), int(room.month[-1]) + 1)
    for at, setup in enumerate(block):
        equity_u[at] = room.run(setup, tallies, at)
        deposited_u[at, 0] = setup.deposits_u.sum()
    found = rows(Outcome, len(block))
    figures = _counted(tallies) | _measured(equity_u, deposited_u, room.slab)
    for name, values in figures.items():
        found[name] = values  # type: ignore[index]
    return found


def _counted(tallies: Tallies) -> dict[str, npt.NDArray[Any]]:
    """What the lines of each run add up to."""
    tally: npt.NDArray[Any] = np.asarray(tallies.tally)
    money = ("income", "options", "dividends", "interest", "premium", "fees")
    counts = ("closed", "profitable", "assigned", "called_away", "approved", "refused")
    return {
        **{name: tally[f"{name}_u"] / MICRO for name in money},
        **{name: tally[name] for name in counts},
        "campaigns": tally["opened"],
        "worst_month": tallies.income_u.min(axis=1) / MICRO,
        "premium_capture": _shares(tally["kept_u"], tally["credits_u"]),
        "assignment_rate": _shares(tally["assigned"], tally["puts"]),
        "called_away_rate": _shares(tally["called_away"], tally["calls"]),
        "win_rate": _shares(tally["profitable"], tally["closed"]),
        "refused_most": tallies.refusals.argmax(axis=1),
    }


def _shares(part: I8, whole: I8) -> F8:
    """Shares, NaN of nothing."""
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)


def _measured(equity_u: F8, deposited_u: F8, slab: Slab) -> dict[str, F8]:
    """The figures of each configuration's equity."""
    sessions = np.asarray(slab.market.sessions)
    day, rate = sessions["day"], sessions["rate"]
    growth = metrics.growth_of_money(equity_u, deposited_u)
    returns = metrics.returns_of(growth)
    excess = returns - metrics.bill_returns(day, rate)
    skewness, kurtosis = metrics.moments(excess)
    return {
        "ending_equity": equity_u[:, -1] / MICRO,
        "total_return": growth[:, -1] - 1.0,
        "cagr": metrics.cagrs(growth[:, -1], int(day[-1] - day[0])),
        "volatility": metrics.volatilities(returns),
        "sharpe": metrics.sharpes(excess),
        "sharpe_se": metrics.sharpe_ses(excess),
        "skewness": skewness,
        "kurtosis": kurtosis,
        "max_drawdown": metrics.depths(growth),
        "tail_loss": metrics.tail_losses(returns),
    }


def sweep(
    slab: Slab, blocks: Mapping[int, Callable[[], Block]], workers: int
) -> Iterator[tuple[int, Rows[Outcome]]]:
    """The outcomes of blocks, by their numbers, as they are done; stopped, it ends its workers."""
    rooms = threading.local()

    def work(number: int) -> tuple[int, Rows[Outcome]]:
        if not hasattr(rooms, "room"):
            rooms.room = Room(slab)
        return number, outcomes(rooms.room, blocks[number]())

    pool = ThreadPoolExecutor(max(1, min(workers, len(blocks))))
    try:
        yield from map(Future.result, as_completed([pool.submit(work, one) for one in blocks]))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
