"""Policy, Own, Limits and Fills as records of numbers: what the kernels obey.

TOML is validated in `app` and compiled to one row of these dtypes.  A regime column, where the
policy names one, replaces the entry's value; a policy without regimes has a single column.
"""

from typing import Annotated

from underwriter.core.record import F8, I8, Row

# strategies
WHEEL = 1
CASH_SECURED_PUT = 2
COVERED_CALL = 3
PUT_SPREAD = 4
CALL_SPREAD = 5
IRON_CONDOR = 6
STRANGLE = 7
COLLAR = 8

# what a regime column is chosen by
SESSION_MEASURE = 0  # the session's volatility index
OWN_PERCENTILE = 1  # the underlying's own IV percentile, in points

# collateral rules of an account
CASH_SECURED = 0
REG_T = 1

MAX_COLUMNS = 9  # regime columns: at most seven bands, one above, one for an unknown measure
MAX_STRESS = 8  # stress scenarios of a policy
MAX_LEGS = 4  # option legs of one order


class Policy(Row):
    """The numbers of one policy."""

    strategy: int
    dte_min: int  # calendar days
    dte_max: int
    min_credit_u: int  # per share
    max_spread: float  # of the mid
    min_open_interest: int
    long_delta: float  # of the long leg, where there is one
    width_u: int  # the furthest its strike may be; 0 goes by long_delta
    min_reward: float  # net credit over the width
    buy_shares: int  # 1: shares are bought with the call that is sold on them
    avoid_earnings: int
    take_profit: float  # share of the credit; 0 is none
    stop: float  # a loss of so many credits closes; 0 is none
    exit_dte: int  # close at or below; -1 is none
    cooldown: int  # sessions without an entry after a campaign that lost; 0 is none
    avoid_assignment: int  # 1: close rather than be assigned
    close_pin: int  # 1: close near the strike on the last day
    below_breakeven: int  # 1: calls may be sold under the campaign's breakeven
    roll_at_most: int  # rolls of one campaign; 0 is none
    roll_dte_min: int
    roll_dte_max: int
    roll_delta: float  # tested at or above; 0 is none
    roll_through: int  # 1: tested in the money
    roll_extrinsic_u: int  # tested in the money with so little left; 0 is none
    roll_away: int  # 1: only to a lower put, a higher call
    roll_for_credit: int
    risk_per_position: float  # share of equity
    per_underlying: float  # shares of equity, as are the next two
    per_sector: float
    per_cluster: float
    stresses: int
    stress_spot: Annotated[F8, MAX_STRESS]  # relative moves of the underlying
    stress_vol: Annotated[F8, MAX_STRESS]  # factors on volatility
    measure: int  # SESSION_MEASURE or OWN_PERCENTILE
    slope_above: float  # stands aside above; 0 is none
    below_realised: float  # stands aside where IV is under so many times realised; 0 is none
    bands: int  # edges in use; columns are one more
    careful: int  # the column while the measure is unknown: the last, or one after it
    edge: Annotated[F8, MAX_COLUMNS]
    confirm: int  # sessions
    hysteresis: float  # points of the measure
    delta: Annotated[F8, MAX_COLUMNS]
    size_factor: Annotated[F8, MAX_COLUMNS]  # on risk_per_position
    min_yield: Annotated[F8, MAX_COLUMNS]
    daily: Annotated[I8, MAX_COLUMNS]  # 1: may enter every session; 0: the week's first
    admit_iv_max: Annotated[F8, MAX_COLUMNS]  # highest 30-day IV of a name; inf is none
    buying_power: Annotated[F8, MAX_COLUMNS]  # share of equity that margin may come to


class Own(Row):
    """The prices decided beforehand for one underlying under one policy; 0 is none."""

    put_most_u: int  # a put's strike is never above
    call_least_u: int  # a call's strike is never under
    shares_most: int


class Limits(Row):
    """What binds all policies of one account together."""

    collateral: int  # CASH_SECURED or REG_T
    cash_reserve: float  # share of equity never committed
    short_put_notional: float  # share of equity that all strikes may sum to
    drawdown_halt: float  # fall from the peak that stops entries; 0 is none
    fee_reserve_u: int  # kept for what a contract may yet cost in fees


class Fills(Row):
    """How a modelled trade meets a quote."""

    half_spread: float  # share of half the quoted spread that a trade pays
    delay: int  # sessions between decision and fill: 0 or 1
    combo: Annotated[F8, MAX_LEGS]  # on half_spread, by option legs in the order
    assigned: float  # share of a leg that an early assignment takes, rounded up to contracts
