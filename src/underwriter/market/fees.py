"""What trading costs beside the spread: commissions and fees from a dated table.

The table is `fees.csv`: from `effective_from` on, until the next row of the same name and side,
`per_contract` dollars a contract and `per_notional` of the money traded.  A `side` is who pays:
`buy`, `sell` or `both` sides of an option order, `assign` (or exercise), `stock_sell`.  Its column
`sure` says V where the figure was read in its source, M where it comes from memory.

    sell one contract in June 2025, before Section 31, which was zero then
    commission 0.65 + clearing 0.025 + regulatory 0.02815 + activity 0.00279 = 0.70594 dollars

Left out: FINRA's activity fee on shares, under two cents a hundred.  Section 31 does not fall on
options on broad indices; the exchange's surcharge falls on those alone.

Fees are exact, counted in integers (a contract in millionths of a dollar, a rate in parts per
billion), and rounded up to the cent once an order.
"""

import csv
from collections import defaultdict
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from underwriter.core.errors import InputError
from underwriter.core.kernel import kernel
from underwriter.core.units import MICRO, cents_up, day_number, day_of, round_u

Days = npt.NDArray[np.int32]
Amounts = npt.NDArray[np.int64]
Rates = npt.NDArray[np.float64]

BILLION = 1_000_000_000
TABLE = "fees.csv"
_COMMISSION = "commission"
_SECTION_31 = "section 31"
_SURCHARGE = "index surcharge"


SHARES, BROAD = range(2)  # options on shares and funds; on a broad index


class FeeSchedule(NamedTuple):
    """What is charged on each of some days, (kinds, days): a row for SHARES, one for BROAD.

    `_u` are int64 millionths of a dollar a contract, `_rate` float64 fractions of the money.
    """

    option_sell_u: Amounts
    option_buy_u: Amounts
    assign_u: Amounts
    option_sell_rate: Rates
    stock_sell_rate: Rates


class _Series(NamedTuple):
    """One fee over time: from each day on, dollars a contract and of the notional, as integers."""

    name: str
    side: str
    day: Days
    per_contract_u: Amounts
    per_notional_ppb: Amounts


@kernel
def option_fee_u(quantity: int, notional_u: int, per_contract_u: int, rate: float) -> int:
    """What an order for `quantity` contracts costs, rounded up to the cent, in millionths.

    `notional_u` is the whole premium; pass the `rate` of a sale, and 0.0 for a purchase.
    """
    return cents_up(quantity * per_contract_u + levied_u(notional_u, rate))


@kernel
def stock_fee_u(notional_u: int, rate: float) -> int:
    """What selling shares for `notional_u` costs, rounded up to the cent, in millionths."""
    return cents_up(levied_u(notional_u, rate))


@kernel
def levied_u(notional_u: int, rate: float) -> int:
    """A rate on some money, the last millionth rounded up.

    The rate counts in whole parts per billion, so the sum is exact: a million dollars at 22.10 a
    million are 22.10, not a cent more.  Holds to a hundred million dollars at 90 in a million.
    """
    return -(-notional_u * round_u(rate * BILLION) // BILLION)


@kernel
def exact_fee_u(change: int, premium_u: int, kind: int, day: int, fees: FeeSchedule) -> int:
    """The fees of one leg of an order, before the order's are rounded up to the cent together.

    `change` contracts, signed, `premium_u` of one; `kind` SHARES or BROAD, `day` a row of `fees`.
    """
    if change > 0:
        return change * fees.option_buy_u[kind, day]
    levied = levied_u(-change * premium_u, fees.option_sell_rate[kind, day])
    return -change * fees.option_sell_u[kind, day] + levied


def fee_schedule(days: Days, *, commission_u: int | None = None) -> FeeSchedule:
    """The fees in force on each of `days`.

    `commission_u` (millionths a contract) replaces the table's commission.  On options on broad
    indices there is no Section 31, and the exchange's surcharge instead.  Raises InputError for a
    day before the table begins.
    """
    kinds = [_charged(days, commission_u, broad_index=kind == BROAD) for kind in (SHARES, BROAD)]
    return FeeSchedule(*(np.stack(both) for both in zip(*kinds, strict=True)))


def in_force_since(day: int) -> int:
    """The day from which the fees of a day are in force; the same day before the table begins."""
    before = [int(each) for series in _table() for each in series.day if each <= day]
    return max(before, default=day)


def most_a_contract_u(fees: FeeSchedule) -> int:
    """The most that fees of one contract come to, bought, sold and assigned, in millionths.

    Levies on money are left out: they are cents, out of the credit that they are levied on.
    """
    each = fees.option_sell_u.max(), fees.option_buy_u.max(), fees.assign_u.max()
    return sum(int(one) for one in each)


def _charged(days: Days, commission_u: int | None, *, broad_index: bool) -> FeeSchedule:
    """The fees of one kind, one value a day."""
    charged = [series for series in _table() if _applies(series, broad_index=broad_index)]
    if commission_u is not None:
        charged = [one for one in charged if one.name != _COMMISSION]
        charged.append(_flat(commission_u))
    return FeeSchedule(
        option_sell_u=_total_u(charged, ("sell", "both"), days),
        option_buy_u=_total_u(charged, ("buy", "both"), days),
        assign_u=_total_u(charged, ("assign",), days),
        option_sell_rate=_total_rate(charged, ("sell", "both"), days),
        stock_sell_rate=_total_rate(charged, ("stock_sell",), days),
    )


def _applies(series: _Series, *, broad_index: bool) -> bool:
    """Whether a fee falls on options of this kind (and on shares)."""
    if broad_index:
        return (series.name, series.side) != (_SECTION_31, "sell")
    return series.name != _SURCHARGE


def _flat(commission_u: int) -> _Series:
    """A commission that never changed."""
    begin, nothing = np.array([_begin()], np.int32), np.zeros(1, np.int64)
    return _Series(_COMMISSION, "both", begin, np.array([commission_u]), nothing)


def _total_u(charged: list[_Series], sides: tuple[str, ...], days: Days) -> Amounts:
    """What all fees of some sides come to a contract on each day."""
    parts = [one.per_contract_u[_rows(one, days)] for one in charged if one.side in sides]
    return np.sum(parts, axis=0, dtype=np.int64)


def _total_rate(charged: list[_Series], sides: tuple[str, ...], days: Days) -> Rates:
    """What all fees of some sides come to of the notional on each day."""
    parts = [one.per_notional_ppb[_rows(one, days)] for one in charged if one.side in sides]
    total: Amounts = np.sum(parts, axis=0, dtype=np.int64)
    return total / BILLION


def _rows(series: _Series, days: Days) -> npt.NDArray[np.intp]:
    """The row of a fee that is in force on each day."""
    rows = np.searchsorted(series.day, days, side="right") - 1
    if (rows < 0).any():
        early = day_of(int(days[rows < 0][0]))
        raise InputError(
            f"{TABLE}: found no {series.name} fee on {early}; expected days from {day_of(_begin())}"
        )
    return rows


def _begin() -> int:
    """The first day of the table."""
    return int(_table()[0].day[0])


@cache
def _table() -> tuple[_Series, ...]:
    """The table, one series for each name and side."""
    text = (files("underwriter.market") / TABLE).read_text(encoding="utf-8")
    groups: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in csv.DictReader(text.splitlines()):
        groups[row["name"], row["side"]].append(row)
    return tuple(_series(name, side, rows) for (name, side), rows in groups.items())


def _series(name: str, side: str, rows: list[dict[str, str]]) -> _Series:
    """The rows of one fee as columns."""
    days = [day_number(date.fromisoformat(row["effective_from"])) for row in rows]
    return _Series(
        name,
        side,
        np.array(days, np.int32),
        np.array([_whole(row["per_contract"], MICRO) for row in rows], np.int64),
        np.array([_whole(row["per_notional"], BILLION) for row in rows], np.int64),
    )


def _whole(text: str, scale: int) -> int:
    """A decimal in whole units of `scale` to one; nothing is zero."""
    return int(Decimal(text or "0") * scale)
