"""What the market does to what is held, for the engine and for the paper broker: one rule each.

at expiry       exercised by exception from one cent in the money (OCC), else worthless
a call early    tonight, where tomorrow's dividend beats its extrinsic value
a put early     tonight, where interest on the strike beats extrinsic value and dividends
idle cash       simple interest for the calendar days since, Act/365
"""

import math

from underwriter.core.contract import CALL, expiry_of, intrinsic_u, right_of, strike_of
from underwriter.core.kernel import kernel
from underwriter.core.units import CENT_U, DAYS_A_YEAR, round_u


@kernel
def exercised_by_exception(key: int, price_u: int) -> bool:
    """Whether an option is exercised where its underlying settles at a price a share."""
    return intrinsic_u(key, price_u) >= CENT_U


@kernel
def shares_moved(key: int, quantity: int, multiplier: int) -> int:
    """The signed change of shares where `quantity` contracts, held so, are exercised."""
    return quantity * multiplier if right_of(key) == CALL else -quantity * multiplier


@kernel
def call_early(extrinsic_u: int, dividend_u: int) -> bool:
    """Whether the holder of a call in the money exercises it on the eve of a dividend."""
    return dividend_u > extrinsic_u


@kernel
def put_early(key: int, extrinsic_u: int, day: int, rate: float, dividends_u: int) -> bool:
    """Whether the holder of a put in the money exercises it on a day.

    K (1 - exp(-rT)) > extrinsic + dividends before expiry.
    """
    years = (expiry_of(key) - day) / DAYS_A_YEAR
    carry_u = round_u(strike_of(key) * (1.0 - math.exp(-rate * years)))
    return carry_u > extrinsic_u + dividends_u


@kernel
def interest_u(cash_u: int, rate: float, days: int) -> int:
    """What idle cash earns over some calendar days; nothing on what is owed."""
    paid_u = round_u(cash_u * rate * days / DAYS_A_YEAR)
    return paid_u if cash_u > 0 and paid_u > 0 else 0  # no bank asks for a negative bill's yield
