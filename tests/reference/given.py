"""What a backtest is given, as plain data: the market, the policies, the limits, the fees.

Money and prices are whole millionths of a dollar (`_u`), days are day numbers.
"""

from dataclasses import dataclass
from typing import NamedTuple

PUT, CALL = 0, 1
WHEEL, CASH_SECURED_PUT = 1, 2


class Contract(NamedTuple):
    """An option on an underlying that is known from where the contract stands."""

    expiry: int
    right: int
    strike_u: int


@dataclass(frozen=True)
class Quote:
    """One row of a chain."""

    contract: Contract
    bid_u: int
    ask_u: int
    delta: float
    iv: float
    forward: float
    open_interest: int  # -1: not known

    @property
    def mid_u(self) -> int:
        """Half way between bid and ask, rounded down."""
        return (self.bid_u + self.ask_u) // 2


@dataclass(frozen=True)
class Terms:
    """What the options on one underlying are."""

    american: bool
    physical: bool
    morning: bool
    mult: int
    tick_small_u: int
    tick_large_u: int
    tick_threshold_u: int


@dataclass(frozen=True)
class Fees:
    """What trading costs on one day: a contract, and in billionths of the money (`_ppb`)."""

    option_sell_u: int
    option_buy_u: int
    assign_u: int
    option_sell_ppb: int
    stock_sell_ppb: int


@dataclass(frozen=True)
class Session:
    """One day of the market; lists have one value an underlying."""

    day: int
    first_of_week: bool
    rate: float
    measure: float  # NaN: not known
    close_u: list[int]
    open_u: list[int]  # 0: not real
    dividend_u: list[int]
    split: list[int]  # n of an n:1 split before this open; 1: none
    quotes: dict[tuple[int, int], list[Quote]]  # by (underlying, right), by expiry and strike
    fees: Fees


@dataclass(frozen=True)
class Column:
    """What a policy does in one regime."""

    delta: float
    size: float
    min_yield: float
    daily: bool


@dataclass(frozen=True)
class Policy:
    """What a sleeve is run by."""

    strategy: int
    dte_min: int
    dte_max: int
    min_credit_u: int
    max_spread: float
    min_open_interest: int
    take_profit: float
    exit_dte: int
    risk_per_position: float
    per_underlying: float
    stresses: list[tuple[float, float]]  # (spot move, factor on volatility)
    edges: list[float]
    confirm: int
    hysteresis: float
    columns: list[Column]  # one more than edges


@dataclass(frozen=True)
class Limits:
    """What binds an account."""

    cash_reserve: float
    short_put_notional: float
    drawdown_halt: float


@dataclass(frozen=True)
class Fills:
    """How orders meet quotes."""

    half_spread: float
    delay: int


@dataclass(frozen=True)
class Case:
    """Everything a backtest is given.  A sleeve is (account, underlying, policy)."""

    terms: list[Terms]  # one an underlying
    sessions: list[Session]
    policies: list[Policy]
    limits: list[Limits]  # one an account
    deposits_u: list[int]  # one an account
    sleeves: list[tuple[int, int, int]]
    fills: Fills
