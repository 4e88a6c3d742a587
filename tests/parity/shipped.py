"""The demo's own market and a shipped policy, for the engine and as the reference's plain case."""

from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import NamedTuple

from parity.columns import COLUMNS, NAMED_APART
from reference.given import Case, Column, Contract, Fees, Known, Own, Quote, Session, Terms
from reference.given import Fills as PlainFills
from reference.given import Limits as PlainLimits
from reference.given import Policy as PlainPolicy
from underwriter.app import wire
from underwriter.app.ground import Ground
from underwriter.app.policy_file import WrittenPolicy
from underwriter.app.request import MOST, Request
from underwriter.app.setting_up import setup_of
from underwriter.app.settings import Account, Settings, open_house
from underwriter.app.shipped import find_policies
from underwriter.core.chain import Bar, Market
from underwriter.core.policy import Policy
from underwriter.market.fees import FeeSchedule
from underwriter.market.slab import Slab
from underwriter.sim.backtest import Setup

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


def shipped(name: str, collateral: str = "cash_secured") -> Shipped:
    """Shipped policies (with a plus between them), or one of a file, seated as by `backtest`."""
    found, slab = demo_market()
    return Shipped(found, slab, setup_of(_request(name, collateral), slab, found.day))


def _request(name: str, collateral: str = "cash_secured") -> Request:
    settings = Settings(account=Account(collateral=collateral))
    policy, *others = (_on_one(each) for each in find_policies(name.split("+")))
    return Request(policy, open_house(None), settings, Path("nowhere"), others=tuple(others))


def _on_one(policy: WrittenPolicy) -> WrittenPolicy:
    """The same on the first symbol of its universe."""
    content = policy.content.model_copy(update={"universe": policy.content.universe[:1]})
    return policy._replace(content=content)


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
                tomorrow=int(now.tomorrow),
                first_of_week=bool(now.first_of_week),
                rate=float(now.rate),
                measure=float(now.measure),
                slope=float(now.slope),
                close_u=[int(bar.close_u) for bar in bars],
                open_u=[int(bar.open_u) for bar in bars],
                dividend_u=[int(bar.dividend_u) for bar in bars],
                split=[int(bar.split_new) // int(bar.split_old) for bar in bars],
                known=[plain_known(bar) for bar in bars],
                quotes=Blocks(market, at),
                fees=(plain_fees(fees, 0, at), plain_fees(fees, 1, at)),
            )
        )
    return sessions


def plain_known(bar: Bar) -> Known:
    """What is known of an underlying on one session."""
    same = ("next_ex", "next_dividend_u", "next_earnings", "cluster", "iv30", "realised")
    return Known(
        **{name: getattr(bar, name).item() for name in same},
        percentile=float(bar.iv_percentile),
        shut=tuple(number for number in range(MOST) if not (bar.admitted >> number) & 1),
    )


def plain_fees(fees: FeeSchedule, kind: int, at: int) -> Fees:
    """What is charged on one session for options on shares (0) or on broad indices (1)."""
    return Fees(
        int(fees.option_sell_u[kind, at]),
        int(fees.option_buy_u[kind, at]),
        int(fees.assign_u[kind, at]),
        round(float(fees.option_sell_rate[kind, at]) * BILLION),
        round(float(fees.stock_sell_rate[kind, at]) * BILLION),
    )


def plain_policy(row: Policy) -> PlainPolicy:
    """A policy's numbers."""
    same = set(Policy.__annotations__) - NAMED_APART - set(COLUMNS)
    columns = [
        Column(**{theirs: getattr(row, name)[k].item() for name, theirs in COLUMNS.items()})
        for k in range(row.bands + 1)
    ]
    return PlainPolicy(
        **{name: getattr(row, name).item() for name in same},
        stresses=[
            (float(row.stress_spot[k]), float(row.stress_vol[k])) for k in range(row.stresses)
        ],
        edges=[float(edge) for edge in row.edge[: row.bands]],
        columns=columns,
        own_percentile=bool(row.measure),
    )


def plain_fields(row: object, kind: type) -> dict:
    """The fields of a row that a plain record has by the same names."""
    return {one.name: getattr(row, one.name).item() for one in fields(kind)}


def plain_case(found: Shipped, half_spread: float, delay: int) -> Case:
    """The same market, policy and account for the reference."""
    market, setup = found.slab.market, found.setup
    terms, policies = market.terms[0], range(setup.policies.shape[0])
    plain = Terms(
        bool(terms.american),
        bool(terms.physical),
        bool(terms.morning),
        int(terms.multiplier),
        int(terms.tick_small_u),
        int(terms.tick_large_u),
        int(terms.tick_threshold_u),
        bool(terms.broad),
        int(terms.sector),
    )
    combo = tuple(float(one) for one in setup.fills.combo)
    return Case(
        terms=[plain],
        sessions=plain_sessions(market, setup.fees),
        policies=[plain_policy(setup.policies[at]) for at in policies],
        limits=[PlainLimits(**plain_fields(setup.limits[0], PlainLimits))],
        deposits_u=setup.deposits_u.tolist(),
        sleeves=[(seat.account, seat.underlying, seat.policy) for seat in setup.seats],
        fills=PlainFills(half_spread, delay, combo, float(setup.fills.assigned)),
        shares=[seat.shares for seat in setup.seats],
        owns={(at, 0): Own(**plain_fields(setup.owns[at, 0], Own)) for at in policies},
    )
