"""What a backtest is given, as plain data: the market, the policies, the limits, the fees.

Money and prices are whole millionths of a dollar (`_u`), days are day numbers.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

PUT, CALL = 0, 1

WHEEL, CASH_SECURED_PUT, COVERED_CALL, PUT_SPREAD = 1, 2, 3, 4
CALL_SPREAD, IRON_CONDOR, STRANGLE, COLLAR = 5, 6, 7, 8

CASH_SECURED, REG_T = 0, 1  # collateral


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

    @property
    def offered(self) -> bool:
        """Whether it is two-sided for marking."""
        return 0 <= self.bid_u <= self.ask_u and self.ask_u > 0


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
    broad: bool = False
    sector: int = 0  # 0: none


@dataclass(frozen=True)
class Fees:
    """What trading costs on one day: a contract, and in billionths of the money (`_ppb`)."""

    option_sell_u: int
    option_buy_u: int
    assign_u: int
    option_sell_ppb: int
    stock_sell_ppb: int


@dataclass(frozen=True)
class Known:
    """What is known of one underlying on one day."""

    next_ex: int = 0  # the next ex-date after today; 0: none is known
    next_dividend_u: int = 0  # a share, on it
    next_earnings: int = 0  # 0: none is known
    iv30: float = 0.3  # NaN: not known, as in the next two
    percentile: float = 0.5
    realised: float = 0.2
    cluster: int = 0  # 0: none
    shut: tuple[int, ...] = ()  # the policies whose screen keeps it out


@dataclass(frozen=True)
class Session:
    """One day of the market; lists have one value an underlying."""

    day: int
    tomorrow: int  # the next session by the exchange's calendar
    first_of_week: bool
    rate: float
    measure: float  # NaN: not known, as the slope
    slope: float
    close_u: list[int]
    open_u: list[int]  # 0: not real
    dividend_u: list[int]
    split: list[int]  # n of an n:1 split before this open; 1: none
    known: list[Known]
    quotes: dict[tuple[int, int], list[Quote]]  # by (underlying, right), by expiry and strike
    fees: tuple[Fees, Fees]  # of options on shares, and on broad indices


@dataclass(frozen=True)
class Column:
    """What a policy does in one regime."""

    delta: float
    size: float
    min_yield: float
    daily: bool
    admit_iv_max: float = float("inf")
    buying_power: float = 1.0


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
    long_delta: float = 0.1
    width_u: int = 0
    min_reward: float = 0.0
    buy_shares: bool = False
    avoid_earnings: bool = False
    stop: float = 0.0
    avoid_assignment: bool = False
    close_pin: bool = False
    below_breakeven: bool = False
    roll_at_most: int = 0
    roll_dte_min: int = 0
    roll_dte_max: int = 0
    roll_delta: float = 0.0
    roll_through: bool = False
    roll_extrinsic_u: int = 0
    roll_away: bool = False
    roll_for_credit: bool = False
    per_sector: float = 1.0
    per_cluster: float = 1.0
    own_percentile: bool = False  # the measure is the underlying's own
    slope_above: float = 0.0
    below_realised: float = 0.0
    cooldown: int = 0  # sessions

    @property
    def careful(self) -> Column:
        """What is done while the measure is unknown: of everything the most careful there is."""
        return Column(
            delta=min(one.delta for one in self.columns),
            size=min(one.size for one in self.columns),
            min_yield=max(one.min_yield for one in self.columns),
            daily=all(one.daily for one in self.columns),
            admit_iv_max=min(one.admit_iv_max for one in self.columns),
            buying_power=min(one.buying_power for one in self.columns),
        )

    @property
    def while_unknown(self) -> int:
        """The number of that column: the last one's where that is it, else the next."""
        return len(self.edges) + (self.columns[-1] != self.careful)

    def column(self, number: int) -> Column:
        """A column by its number."""
        return (*self.columns, self.careful)[number]


@dataclass(frozen=True)
class Own:
    """Prices decided beforehand for one underlying under one policy; 0: none."""

    put_most_u: int = 0
    call_least_u: int = 0
    shares_most: int = 0


@dataclass(frozen=True)
class Limits:
    """What binds an account."""

    cash_reserve: float
    short_put_notional: float
    drawdown_halt: float
    collateral: int = CASH_SECURED
    fee_reserve_u: int = 0


@dataclass(frozen=True)
class Fills:
    """How orders meet quotes."""

    half_spread: float
    delay: int
    combo: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)  # by option legs
    assigned: float = 1.0


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
    shares: list[int] = field(default_factory=list)  # brought along, one a sleeve; empty: none
    owns: dict[tuple[int, int], Own] = field(default_factory=dict)  # by (policy, underlying)
