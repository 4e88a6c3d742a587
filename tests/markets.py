"""Small markets, policies and books for tests, in dollars and in days from a Monday.

market(closes=(100.0, 101.0), quotes=[put(95, 1.35, 1.37), call(105, 1.0, 1.1, session=1)])

Days count from START; every field that a test does not name has a value that stands in nobody's
way: a policy without gates, limits without caps, a bill rate of zero.
"""

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from underwriter.core.chain import ALL, NO_ROW, Bar, Market, Quote, Session, Terms, View
from underwriter.core.contract import CALL, PUT, pack
from underwriter.core.policy import MAX_COLUMNS, MAX_LEGS, WHEEL, Fills, Limits, Own, Policy
from underwriter.core.record import Row, rows
from underwriter.core.sleeve import Account, BookState, Sleeve, new_book
from underwriter.core.units import day_number, to_u

START = day_number(date(2024, 1, 8))  # a Monday
DOLLAR = 1_000_000  # units
CONTRACT = 100  # shares

Named = dict[str, Any]
_MONEY = ("open", "dividend", "next_dividend")  # of a bar, in dollars


def made(kind: type[Row], **fields: object) -> Any:  # noqa: ANN401  a row of `kind`
    """One row, its fields set; the first of an array field where fewer are given."""
    return fill(rows(kind, 1)[0], fields)


def fill(row: Any, fields: Named) -> Any:  # noqa: ANN401  a row
    """Set fields of a row."""
    for name, value in fields.items():
        if isinstance(value, (list, tuple)):
            getattr(row, name)[: len(value)] = value
        else:
            setattr(row, name, value)
    return row


def table(kind: type[Row], each: Sequence[Named]) -> Any:  # noqa: ANN401  rows of `kind`
    """As many rows as there are sets of fields."""
    found = rows(kind, len(each))
    for at, fields in enumerate(each):
        fill(found[at], fields)
    return found


def key(strike: float, *, expiry: int = 30, right: int = PUT, underlying: int = 0) -> int:
    """A contract key."""
    return pack(underlying + 1, START + expiry, right, to_u(strike))


# --- quotes and markets ---


def put(strike: float, bid: float, ask: float, **fields: object) -> Named:
    """A put's quote; by default 30 days left, a quarter delta, on the first session."""
    given: Named = {"expiry": 30, "session": 0, "underlying": 0, "right": PUT, "delta": -0.25}
    given |= {"iv": 0.2, "forward": 100.0, "open_interest": -1}
    return given | {"strike": strike, "bid": bid, "ask": ask} | fields


def call(strike: float, bid: float, ask: float, **fields: object) -> Named:
    """A call's quote, as `put`."""
    return put(strike, bid, ask, **({"right": CALL, "delta": 0.25} | fields))


def _block(quote: Named) -> tuple[int, int, int]:
    return quote["session"], quote["underlying"], quote["right"]


def _columns(quote: Named) -> Named:
    """The fields of a quote's row."""
    names = ("session", "delta", "iv", "forward", "open_interest")
    where = {name: quote[name] for name in ("expiry", "right", "underlying")}
    prices = {f"{name}_u": to_u(float(quote[name])) for name in ("strike", "bid", "ask")}
    contract = key(quote["strike"], **where)
    same = {name: quote[name] for name in names}
    return same | prices | {"contract": contract, "expiry": START + quote["expiry"]}


def chain(quotes: Sequence[Named]) -> Any:  # noqa: ANN401  rows of Quote
    """Quotes as rows in the order of a chain, each pointing to its contract's next."""
    ordered = sorted(quotes, key=lambda one: (*_block(one), one["expiry"], one["strike"]))
    found = table(Quote, [_columns(one) | {"next": NO_ROW} for one in ordered])
    last: dict[int, int] = {}
    for at in range(len(ordered)):
        contract = int(found[at].contract)
        if contract in last:
            found[last[contract]].next = at
        last[contract] = at
    return found


def market(
    quotes: Sequence[Named] = (),
    *,
    closes: Sequence[Any] = (100.0,),
    days: Sequence[int] | None = None,
    bars: Named | None = None,
    sessions: Named | None = None,
    terms: Sequence[Named] = ({},),
) -> Market:
    """A market; `closes` one a session, or in a row one an underlying, in dollars.

    `bars` maps (session, underlying) to further dollars: {"open": .., "dividend": ..}, or
    to {"split": 7} for 7:1; `sessions` maps a field to one value a session; `terms` has what
    differs, one an underlying.
    """
    shape = (len(closes), len(terms))
    price = np.array(closes, float).reshape(shape)
    found = rows(Bar, *shape)
    unknown = {"iv30": math.nan, "iv_percentile": math.nan, "realised": math.nan, "admitted": ALL}
    for at in np.ndindex(shape):
        fill(found[at], {"close_u": to_u(price[at])} | unknown)
    for at, fields in (bars or {}).items():
        money = {name: to_u(fields[name]) for name in _MONEY if name in fields}
        fill(found[at], {f"{name}_u": value for name, value in money.items()})
        others = {name: value for name, value in fields.items() if name not in {*_MONEY, "split"}}
        fill(found[at], others)
        fill(found[at], {"split_new": fields.get("split", 1), "split_old": 1})
    _place(found, quotes)
    due = days if days is not None else range(len(closes))
    return Market(chain(quotes), _sessions(due, sessions or {}), found, _terms(terms))


def _place(bars: Any, quotes: Sequence[Named]) -> None:  # noqa: ANN401  rows of Bar
    """Note where the quotes of each bar begin and end."""
    blocks = [_block(one) for one in quotes]
    first = 0
    for session, underlying in np.ndindex(bars.shape):
        bar = bars[session, underlying]
        bar.puts = first
        bar.calls = first + blocks.count((session, underlying, PUT))
        bar.end = first = bar.calls + blocks.count((session, underlying, CALL))


def _sessions(days: Sequence[int], fields: Named) -> Any:  # noqa: ANN401  rows of Session
    """The sessions; the first of each ISO week follows from the days."""
    weeks = [day // 7 for day in days]
    first = [int(at == 0 or weeks[at] != weeks[at - 1]) for at in range(len(weeks))]
    common = {"rate": 0.0, "measure": 15.0, "slope": math.nan}
    ahead = [*days[1:], days[-1] + 1]
    each = [
        common | {"day": START + day, "tomorrow": START + then, "first_of_week": new}
        for day, then, new in zip(days, ahead, first, strict=True)
    ]
    for name, values in fields.items():
        for at, value in enumerate(values):
            each[at][name] = value
    return table(Session, each)


def _terms(terms: Sequence[Named]) -> Any:  # noqa: ANN401  rows of Terms
    """American and physical, a hundred shares, a cent a tick, unless said otherwise."""
    common = {"american": 1, "physical": 1, "morning": 0, "multiplier": CONTRACT}
    ticks = {"tick_small_u": 10_000, "tick_large_u": 10_000, "tick_threshold_u": 3 * DOLLAR}
    return table(Terms, [common | ticks | each for each in terms])


def view(**fields: object) -> View:
    """What a decision sees on the first session: a close of 100, nothing known ahead, no rows."""
    seen: Named = dict.fromkeys(View._fields, 0)
    seen |= {"day": START, "tomorrow": START + 1, "spot_u": 100 * DOLLAR, "multiplier": CONTRACT}
    seen |= {"american": True, "physical": True, "admitted": True, "iv30": math.nan}
    return View(**(seen | {"may_enter": True} | fields))


# --- rules ---

OPEN: Named = {  # what no gate and no cap stops
    "strategy": WHEEL,
    "dte_min": 0,
    "dte_max": 60,
    "max_spread": 2.0,
    "exit_dte": -1,
    "risk_per_position": 1.0,
    "per_underlying": 100.0,
    "per_sector": 100.0,
    "per_cluster": 100.0,
    "buy_shares": 1,
    "confirm": 2,
    "hysteresis": 1.0,
    "delta": [0.25],
    "size_factor": [1.0],
    "daily": [1],
    "admit_iv_max": [math.inf] * MAX_COLUMNS,
    "buying_power": [100.0] * MAX_COLUMNS,
}


def policies(*each: Named) -> Any:  # noqa: ANN401  rows of Policy
    """Policies that differ from OPEN in what is named."""
    return table(Policy, [OPEN | {"careful": one.get("bands", 0)} | one for one in each])


def owns(policies: int = 1, underlyings: int = 1, **fields: object) -> Any:  # noqa: ANN401  rows of Own
    """The prices decided beforehand, (policies, underlyings), the same in all."""
    found = rows(Own, policies, underlyings)
    for at in np.ndindex(found.shape):
        fill(found[at], fields)
    return found


def policy(**fields: object) -> Any:  # noqa: ANN401  a row of Policy
    """One policy."""
    return policies(fields)[0]


def limits(**fields: object) -> Any:  # noqa: ANN401  rows of Limits
    """The limits of one account, without caps but for what is named."""
    return table(Limits, [{"short_put_notional": 100.0} | fields])


def fills(half_spread: float = 0.0, delay: int = 0) -> Any:  # noqa: ANN401  a row of Fills
    """A fill model: every leg pays the same share, an early assignment takes the whole leg."""
    combo = [1.0] * MAX_LEGS
    return made(Fills, half_spread=half_spread, delay=delay, combo=combo, assigned=1.0)


# --- what is held ---


def account(**dollars: float) -> Any:  # noqa: ANN401  a row of Account
    """An account's money."""
    return made(Account, **{f"{name}_u": to_u(value) for name, value in dollars.items()})


def sleeve(**fields: object) -> Any:  # noqa: ANN401  a row of Sleeve
    """One sleeve."""
    return made(Sleeve, **fields)


def holding(slot: int, contract: int, quantity: int, amount: float = 0.0, row: int = -1) -> Named:
    """The fields of a sleeve that holds one leg, opened for `amount` dollars."""
    fields: Named = {"legs": 1, "credit_u": to_u(amount)}
    for name, value in (
        ("contract", contract), ("quantity", quantity), ("amount_u", to_u(amount)), ("row", row),
    ):  # fmt: skip
        fields[name] = [0] * slot + [value]
    return fields


def book(*sleeves: Named, cash: float = 100_000.0, accounts: int = 1) -> BookState:
    """A book of accounts with `cash` dollars each and of the sleeves described."""
    number = max((one.get("policy", 0) for one in sleeves), default=0) + 1
    underlyings = max((one.get("underlying", 0) for one in sleeves), default=0) + 1
    state = new_book(accounts, len(sleeves), number, underlyings)
    for at, fields in enumerate(sleeves):
        fill(state.sleeves[at], fields)
    for at in range(accounts):
        fill(state.accounts[at], {"cash_u": to_u(cash)})
    return state
