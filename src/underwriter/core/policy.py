"""Policy, Limits and Fills as records of numbers: what the kernels obey.

TOML is validated in `app` and compiled to one row of these dtypes.  A regime column, where the
policy names one, replaces the entry's value; a policy without regimes has a single column.
"""

from typing import Annotated

from underwriter.core.record import F8, I8, Row

# strategies
WHEEL = 1
CASH_SECURED_PUT = 2

MAX_COLUMNS = 8  # regime columns: at most seven bands
MAX_STRESS = 8  # stress scenarios of a policy


class Policy(Row):
    """The numbers of one policy."""

    strategy: int
    dte_min: int  # calendar days
    dte_max: int
    min_credit_u: int  # per share
    max_spread: float  # of the mid
    min_open_interest: int
    take_profit: float  # share of the credit; 0 is none
    exit_dte: int  # close at or below; -1 is none
    risk_per_position: float  # share of equity
    per_underlying: float  # share of equity
    stresses: int
    stress_spot: Annotated[F8, MAX_STRESS]  # relative moves of the underlying
    stress_vol: Annotated[F8, MAX_STRESS]  # factors on volatility
    bands: int  # edges in use; columns are one more
    edge: Annotated[F8, MAX_COLUMNS]
    confirm: int  # sessions
    hysteresis: float  # points of the measure
    delta: Annotated[F8, MAX_COLUMNS]
    size_factor: Annotated[F8, MAX_COLUMNS]  # on risk_per_position
    min_yield: Annotated[F8, MAX_COLUMNS]
    daily: Annotated[I8, MAX_COLUMNS]  # 1: may enter every session; 0: the week's first


class Limits(Row):
    """What binds all policies of one account together."""

    cash_reserve: float  # share of equity never committed
    short_put_notional: float  # share of equity that all strikes may sum to
    drawdown_halt: float  # fall from the peak that stops entries; 0 is none


class Fills(Row):
    """How a modelled trade meets a quote."""

    half_spread: float  # share of half the quoted spread that a trade pays
    delay: int  # sessions between decision and fill: 0 or 1
