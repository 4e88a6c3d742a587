"""The demo's own market and a shipped policy, for the engine and as the reference's plain case."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

from reference.given import Case, Column, Contract, Fees, Quote, Session, Terms
from reference.given import Fills as PlainFills
from reference.given import Limits as PlainLimits
from reference.given import Policy as PlainPolicy
from underwriter.app import wire
from underwriter.app.backtest import setup_of
from underwriter.app.ground import Ground
from underwriter.app.request import Request
from underwriter.app.settings import Settings, open_house
from underwriter.app.shipped import find_policy
from underwriter.core.chain import Market
from underwriter.core.policy import Policy
from underwriter.market.slab import Slab
from underwriter.sim.backtest import Setup
from underwriter.sim.fees import FeeSchedule

BILLION = 1_000_000_000


class Shipped(NamedTuple):
    """A shipped policy on the demo's market."""

    found: Ground
    slab: Slab
    setup: Setup


@cache
def demo_market() -> tuple[Ground, Slab]:
    """The history and the modelled quotes of the demo: a second's work, done once."""
    found = wire.ground(_request("wheel-index"))
    return found, found.slab(open_house(None).home)


def shipped(name: str) -> Shipped:
    """A shipped policy, seated as `backtest` seats it."""
    found, slab = demo_market()
    return Shipped(found, slab, setup_of(_request(name), slab, found.day))


def _request(name: str) -> Request:
    return Request(find_policy(name), open_house(None), Settings(), Path("nowhere"))


class Blocks:
    """The quotes of one session, made plain one block at a time and only when asked for."""

    def __init__(self, market: Market, session: int) -> None:
        self.market, self.session = market, session
        self.made: dict[tuple[int, int], list[Quote]] = {}

    def get(self, key: tuple[int, int], _: object = None) -> list[Quote]:
        """The quotes of (underlying, right)."""
        if key not in self.made:
            bar = self.market.bars[self.session, key[0]]
            lo, hi = ((bar.puts, bar.calls), (bar.calls, bar.end))[key[1]]
            rows = self.market.quotes[lo:hi].tolist()
            names = self.market.quotes.dtype.names
            self.made[key] = [
                plain_quote(dict(zip(names, row, strict=True)), key[1]) for row in rows
            ]
        return self.made[key]

    __getitem__ = get


def plain_quote(row: dict, right: int) -> Quote:
    """A row of the chain as plain numbers; the contract from its columns, not from its key."""
    contract = Contract(row["expiry"], right, row["strike_u"])
    same = ("bid_u", "ask_u", "delta", "iv", "forward", "open_interest")
    return Quote(contract, **{name: row[name] for name in same})


def plain_sessions(market: Market, fees: FeeSchedule) -> list[Session]:
    """Every session of a market, its quotes made when asked for."""
    underlyings = range(market.terms.shape[0])
    sessions = []
    for at in range(market.sessions.shape[0]):
        now, bars = market.sessions[at], [market.bars[at, one] for one in underlyings]
        sessions.append(
            Session(
                day=int(now.day),
                first_of_week=bool(now.first_of_week),
                rate=float(now.rate),
                measure=float(now.measure),
                close_u=[int(bar.close_u) for bar in bars],
                open_u=[int(bar.open_u) for bar in bars],
                dividend_u=[int(bar.dividend_u) for bar in bars],
                split=[int(bar.split_new) // int(bar.split_old) for bar in bars],
                quotes=Blocks(market, at),
                fees=plain_fees(fees, at),
            )
        )
    return sessions


def plain_fees(fees: FeeSchedule, at: int) -> Fees:
    """What is charged on one session."""
    return Fees(
        int(fees.option_sell_u[at]),
        int(fees.option_buy_u[at]),
        int(fees.assign_u[at]),
        round(float(fees.option_sell_rate[at]) * BILLION),
        round(float(fees.stock_sell_rate[at]) * BILLION),
    )


def plain_policy(row: Policy) -> PlainPolicy:
    """A policy's numbers."""
    same = (
        "strategy", "dte_min", "dte_max", "min_credit_u", "max_spread", "min_open_interest",
        "take_profit", "exit_dte", "risk_per_position", "per_underlying", "confirm", "hysteresis",
    )  # fmt: skip
    columns = [
        Column(
            float(row.delta[k]),
            float(row.size_factor[k]),
            float(row.min_yield[k]),
            bool(row.daily[k]),
        )
        for k in range(row.bands + 1)
    ]
    return PlainPolicy(
        **{name: getattr(row, name).item() for name in same},
        stresses=[
            (float(row.stress_spot[k]), float(row.stress_vol[k])) for k in range(row.stresses)
        ],
        edges=[float(edge) for edge in row.edge[: row.bands]],
        columns=columns,
    )


def plain_case(found: Shipped, half_spread: float, delay: int) -> Case:
    """The same market, policy and account for the reference."""
    market, setup = found.slab.market, found.setup
    terms = market.terms[0]
    limits = setup.limits[0]
    plain = Terms(
        bool(terms.american),
        bool(terms.physical),
        bool(terms.morning),
        int(terms.multiplier),
        int(terms.tick_small_u),
        int(terms.tick_large_u),
        int(terms.tick_threshold_u),
    )
    return Case(
        terms=[plain],
        sessions=plain_sessions(market, setup.fees),
        policies=[plain_policy(setup.policies[0])],
        limits=[
            PlainLimits(
                float(limits.cash_reserve),
                float(limits.short_put_notional),
                float(limits.drawdown_halt),
            )
        ],
        deposits_u=setup.deposits_u.tolist(),
        sleeves=[(seat.account, seat.underlying, seat.policy) for seat in setup.seats],
        fills=PlainFills(half_spread, delay),
    )
