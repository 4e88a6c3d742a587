"""A plain case as the engine's rows, and what the engine made of it in plain words again."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from reference.given import Case, Contract
from reference.given import Policy as PlainPolicy
from reference.given import Quote as PlainQuote
from reference.plain import Backtest, Event, Verdict
from underwriter.core import reason
from underwriter.core.chain import NO_ROW, Bar, Market, Quote, Session, Terms
from underwriter.core.contract import expiry_of, pack, right_of, strike_of
from underwriter.core.policy import Limits, Policy
from underwriter.core.record import Rows, rows
from underwriter.core.sleeve import SHORT_CALL, SHORT_PUT, BookState, Sleeve
from underwriter.sim.backtest import Seat, Setup, fills_of, run
from underwriter.sim.fees import FeeSchedule
from underwriter.sim.ledger import FACT, Line

KINDS = ("deposit", "interest", "fill", "expired", "assigned", "settled", "dividend", "split")
RIGHTS = (0, 1)


class Outcome(NamedTuple):
    """What came of a case, in the words of the reference."""

    log: list[Event]
    verdicts: list[Verdict]  # by session and sleeve
    equity_u: list[list[int]]
    cash_u: list[list[int]]
    sleeves: list[tuple]  # shares, campaign money, realised, campaigns, legs
    regimes: list[tuple[int, int, int]]  # kept, in force, sessions that asked


# --- the market ---


def write(row: object, **values: float) -> None:
    """Set the fields of a row."""
    for name, value in values.items():
        setattr(row, name, value)


def quote_fields(plain: PlainQuote, **others: int) -> dict[str, float]:
    """The fields of a quote's row."""
    same = ("bid_u", "ask_u", "delta", "iv", "forward", "open_interest")
    fields = {name: getattr(plain, name) for name in same}
    return fields | {"expiry": plain.contract.expiry, "strike_u": plain.contract.strike_u} | others


def quotes_of(case: Case) -> tuple[Rows[Quote], Rows[Bar]]:
    """All quotes in the order of rows, and the bars that say where each block stands."""
    blocks = [
        (at, underlying, right, session.quotes.get((underlying, right), []))
        for at, session in enumerate(case.sessions)
        for underlying in range(len(case.terms))
        for right in RIGHTS
    ]
    bars, found, last = rows(Bar, len(case.sessions), len(case.terms)), [], {}
    for at, underlying, right, block in blocks:
        write(bars[at, underlying], **{("puts", "calls")[right]: len(found)})
        for plain in block:
            key = pack(underlying + 1, *plain.contract)
            if key in last:
                found[last[key]]["next"] = len(found)
            last[key] = len(found)
            found.append(quote_fields(plain, contract=key, session=at, next=NO_ROW))
        bars[at, underlying].end = len(found)
    quotes = rows(Quote, len(found))
    for name in quotes.dtype.names:
        quotes[name] = [fields[name] for fields in found]
    return quotes, bars


def market_of(case: Case) -> Market:
    """The market of a case."""
    quotes, bars = quotes_of(case)
    sessions, terms = rows(Session, len(case.sessions)), rows(Terms, len(case.terms))
    for at, plain in enumerate(case.sessions):
        for name in ("day", "first_of_week", "rate", "measure"):
            setattr(sessions[at], name, getattr(plain, name))
        for underlying in range(len(case.terms)):
            for name in ("close_u", "open_u", "dividend_u"):
                setattr(bars[at, underlying], name, getattr(plain, name)[underlying])
            write(bars[at, underlying], split_new=plain.split[underlying], split_old=1)
    for at, plain in enumerate(case.terms):
        write(terms[at], multiplier=plain.mult)
        for name in (
            "american", "physical", "morning", "tick_small_u", "tick_large_u", "tick_threshold_u",
        ):  # fmt: skip
            setattr(terms[at], name, getattr(plain, name))
    return Market(quotes, sessions, bars, terms)


def fees_of(case: Case) -> FeeSchedule:
    """The fees of every session."""
    fees = [session.fees for session in case.sessions]
    return FeeSchedule(
        option_sell_u=np.array([one.option_sell_u for one in fees], np.int64),
        option_buy_u=np.array([one.option_buy_u for one in fees], np.int64),
        assign_u=np.array([one.assign_u for one in fees], np.int64),
        option_sell_rate=np.array([one.option_sell_ppb for one in fees]) / 1e9,
        stock_sell_rate=np.array([one.stock_sell_ppb for one in fees]) / 1e9,
    )


# --- the rules and the book ---


def fill_policy(row: Policy, plain: PlainPolicy) -> None:
    """Write a plain policy into its row."""
    for name in (
        "strategy", "dte_min", "dte_max", "min_credit_u", "max_spread", "min_open_interest",
        "take_profit", "exit_dte", "risk_per_position", "per_underlying", "confirm", "hysteresis",
    ):  # fmt: skip
        setattr(row, name, getattr(plain, name))
    row.stresses, row.bands = len(plain.stresses), len(plain.edges)
    for k, (spot, vol) in enumerate(plain.stresses):
        row.stress_spot[k], row.stress_vol[k] = spot, vol
    for k, edge in enumerate(plain.edges):
        row.edge[k] = edge
    for k, column in enumerate(plain.columns):
        row.delta[k], row.size_factor[k] = column.delta, column.size
        row.min_yield[k], row.daily[k] = column.min_yield, column.daily


def setup_of(case: Case) -> Setup:
    """What the engine is asked to run."""
    policies, limits = rows(Policy, len(case.policies)), rows(Limits, len(case.limits))
    for at, plain in enumerate(case.policies):
        fill_policy(policies[at], plain)
    for at, plain in enumerate(case.limits):
        for name in ("cash_reserve", "short_put_notional", "drawdown_halt"):
            setattr(limits[at], name, getattr(plain, name))
    return Setup(
        seats=tuple(Seat(*sleeve) for sleeve in case.sleeves),
        policies=policies,
        limits=limits,
        deposits_u=np.array(case.deposits_u, np.int64),
        fills=fills_of(case.fills.half_spread, case.fills.delay),
        fees=fees_of(case),
    )


# --- what came of it ---


def contract_of(key: int) -> Contract | None:
    """The plain contract of a key; none for the key of no contract."""
    key = int(key)
    return Contract(expiry_of(key), right_of(key), strike_of(key)) if key else None


def event_of(line: Line) -> Event:
    """A fact as an event."""
    return Event(
        int(line.session),
        KINDS[line.kind],
        int(line.account),
        int(line.sleeve),
        contract_of(line.contract),
        int(line.quantity),
        int(line.shares),
        int(line.amount_u),
        int(line.fee_u),
        int(line.price_u),
    )


def verdict_of(line: Line) -> Verdict:
    """A decision as a verdict."""
    verdict = reason.NAMES[int(line.verdict)] if line.verdict else "approved"
    return Verdict(
        int(line.session),
        int(line.sleeve),
        reason.NAMES[int(line.why)],
        contract_of(line.contract),
        int(line.quantity),
        verdict,
    )


def legs_of(sleeve: Sleeve) -> list[tuple[Contract, int, int]]:
    """The open legs of the engine's sleeve: puts, then calls."""
    return [
        (contract_of(sleeve.contract[slot]), int(sleeve.quantity[slot]), int(sleeve.amount_u[slot]))
        for slot in (SHORT_PUT, SHORT_CALL)
        if sleeve.quantity[slot]
    ]


def sleeves_of(book: BookState) -> list[tuple]:
    """The sleeves at the end, as tuples."""
    return [
        (
            int(one.shares),
            int(one.credit_u),
            int(one.realised_u),
            int(one.campaign),
            legs_of(one),
        )
        for one in (book.sleeves[at] for at in range(book.sleeves.shape[0]))
    ]


def run_engine(market: Market, setup: Setup) -> Outcome:
    """Run the engine, and say in plain words what came of it."""
    slab = SimpleNamespace(market=market, instruments=range(market.terms.shape[0]))
    found = run(slab, setup)
    lines = [found.lines[at] for at in range(found.lines.shape[0])]
    verdicts = [verdict_of(line) for line in lines if line.what != FACT]
    regimes = [found.book.regimes[at] for at in range(setup.policies.shape[0])]
    return Outcome(
        [event_of(line) for line in lines if line.what == FACT],
        sorted(verdicts, key=lambda one: one[:2]),
        found.curve.equity_u.tolist(),
        found.curve.cash_u.tolist(),
        sleeves_of(found.book),
        [(int(one.column), int(one.now), int(one.pending)) for one in regimes],
    )


def expected(plain: Backtest) -> Outcome:
    """What the reference says should come of a case."""
    return Outcome(
        plain.log,
        sorted(plain.verdicts, key=lambda one: one[:2]),
        plain.equity_u,
        plain.cash_u,
        [
            (
                one.shares,
                one.money_u,
                one.realised_u,
                one.campaigns,
                [
                    (leg.contract, leg.quantity, leg.opening_u)
                    for _, leg in sorted(one.legs.items())
                ],
            )
            for one in plain.sleeves
        ],
        [(one.kept, one.force, one.asked) for one in plain.regimes],
    )
