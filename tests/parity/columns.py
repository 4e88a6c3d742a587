"""A plain case as the engine's rows, and what the engine made of it in plain words again."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from reference.given import Case, Contract, Fees
from reference.given import Policy as PlainPolicy
from reference.given import Quote as PlainQuote
from reference.given import Session as PlainSession
from reference.plain import Backtest, Event, Verdict
from reference.state import SLOTS, Part
from underwriter.app.compiled import add_careful
from underwriter.core import reason
from underwriter.core.chain import ALL, NO_ROW, Bar, Market, Quote, Session, Terms
from underwriter.core.contract import expiry_of, pack, right_of, strike_of
from underwriter.core.policy import Fills, Limits, Own, Policy
from underwriter.core.record import Rows, rows
from underwriter.core.sleeve import ROLL_SHORT, BookState, Sleeve, home_of
from underwriter.market.fees import FeeSchedule
from underwriter.sim.backtest import Seat, Setup, run
from underwriter.sim.ledger import FACT, Line

KINDS = (
    "deposit", "interest", "fill", "expired", "assigned", "settled", "dividend", "split", "moved",
)  # fmt: skip
RIGHTS = (0, 1)


class Outcome(NamedTuple):
    """What came of a case, in the words of the reference."""

    log: list[Event]
    verdicts: list[Verdict]  # by session and sleeve, legs by slot and contract
    equity_u: list[list[int]]
    cash_u: list[list[int]]
    sleeves: list[tuple]  # shares, campaign money, realised, campaigns, rolls, legs
    regimes: list[tuple[int, int, int]]  # kept, in force, asked; by policy and underlying


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


def fill_bar(bar: Bar, session: PlainSession, underlying: int) -> None:
    """Write what a plain session says of one underlying into its row."""
    for name in ("close_u", "open_u", "dividend_u"):
        setattr(bar, name, getattr(session, name)[underlying])
    known = session.known[underlying]
    write(bar, split_new=session.split[underlying], split_old=1, iv_percentile=known.percentile)
    bar.admitted = ALL - sum(1 << policy for policy in known.shut)
    for name in (
        "next_ex", "next_dividend_u", "next_earnings", "cluster", "iv30", "realised",
    ):  # fmt: skip
        setattr(bar, name, getattr(known, name))


def market_of(case: Case) -> Market:
    """The market of a case."""
    quotes, bars = quotes_of(case)
    sessions, terms = rows(Session, len(case.sessions)), rows(Terms, len(case.terms))
    for at, plain in enumerate(case.sessions):
        for name in ("day", "tomorrow", "first_of_week", "rate", "measure", "slope"):
            setattr(sessions[at], name, getattr(plain, name))
        for underlying in range(len(case.terms)):
            fill_bar(bars[at, underlying], plain, underlying)
    for at, plain in enumerate(case.terms):
        write(terms[at], multiplier=plain.mult)
        for name in (
            "american", "physical", "morning", "tick_small_u", "tick_large_u", "tick_threshold_u",
            "broad", "sector",
        ):  # fmt: skip
            setattr(terms[at], name, getattr(plain, name))
    return Market(quotes, sessions, bars, terms)


def fees_of(case: Case) -> FeeSchedule:
    """The fees of every session, of options on shares and on broad indices."""
    by_kind: list[list[Fees]] = [[one.fees[kind] for one in case.sessions] for kind in (0, 1)]

    def figures(name: str) -> np.ndarray:
        return np.array([[getattr(one, name) for one in kind] for kind in by_kind], np.int64)

    return FeeSchedule(
        option_sell_u=figures("option_sell_u"),
        option_buy_u=figures("option_buy_u"),
        assign_u=figures("assign_u"),
        option_sell_rate=figures("option_sell_ppb") / 1e9,
        stock_sell_rate=figures("stock_sell_ppb") / 1e9,
    )


# --- the rules and the book ---


NAMED_APART = {"stresses", "stress_spot", "stress_vol", "measure", "bands", "careful", "edge"}
COLUMNS = {
    "delta": "delta",
    "size_factor": "size",
    "min_yield": "min_yield",
    "daily": "daily",
    "admit_iv_max": "admit_iv_max",
    "buying_power": "buying_power",
}  # of the row: of a plain column


def fill_policy(row: Policy, plain: PlainPolicy) -> None:
    """Write a plain policy into its row."""
    for name in set(Policy.__annotations__) - NAMED_APART - set(COLUMNS):
        setattr(row, name, getattr(plain, name))
    write(row, stresses=len(plain.stresses), bands=len(plain.edges), measure=plain.own_percentile)
    for k, (spot, vol) in enumerate(plain.stresses):
        row.stress_spot[k], row.stress_vol[k] = spot, vol
    for k, edge in enumerate(plain.edges):
        row.edge[k] = edge
    for k, column in enumerate(plain.columns):
        for name, theirs in COLUMNS.items():
            getattr(row, name)[k] = getattr(column, theirs)
    add_careful(row)


def fills_of(case: Case) -> Fills:
    """How trades meet quotes."""
    row, plain = rows(Fills, 1)[0], case.fills
    write(row, half_spread=plain.half_spread, delay=plain.delay, assigned=plain.assigned)
    for k, factor in enumerate(plain.combo):
        row.combo[k] = factor
    return row


def owns_of(case: Case) -> Rows[Own]:
    """The prices decided beforehand, by policy and underlying."""
    owns = rows(Own, len(case.policies), len(case.terms))
    for where, plain in case.owns.items():
        write(owns[where], **vars(plain))
    return owns


def setup_of(case: Case) -> Setup:
    """What the engine is asked to run."""
    policies, limits = rows(Policy, len(case.policies)), rows(Limits, len(case.limits))
    for at, plain in enumerate(case.policies):
        fill_policy(policies[at], plain)
    for at, plain in enumerate(case.limits):
        write(limits[at], **vars(plain))
    brought = case.shares or [0] * len(case.sleeves)
    return Setup(
        seats=tuple(Seat(*at, n) for at, n in zip(case.sleeves, brought, strict=True)),
        policies=policies,
        owns=owns_of(case),
        limits=limits,
        deposits_u=np.array(case.deposits_u, np.int64),
        fills=fills_of(case),
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


def part_of(line: Line) -> tuple[Part, ...]:
    """The leg that a line of a decision names; none where it has no legs."""
    contract = contract_of(line.contract)
    if contract is None:
        return ()
    slot = int(line.slot)
    if slot >= ROLL_SHORT:
        slot = int(home_of(slot, line.contract))
    return (Part(SLOTS[slot], contract, int(line.quantity)),)


def verdicts_of(lines: list[Line]) -> list[Verdict]:
    """Decisions, each from its lines: one a leg, the first of them with leg 0."""
    found: list[Verdict] = []
    for line in lines:
        if line.leg > 0:
            found[-1] = found[-1]._replace(parts=found[-1].parts + part_of(line))
            continue
        verdict = reason.NAMES[int(line.verdict)] if line.verdict else "approved"
        why, at = reason.NAMES[int(line.why)], (int(line.session), int(line.sleeve))
        found.append(Verdict(*at, why, verdict, int(line.shares), part_of(line)))
    return ordered(found)


def ordered(verdicts: list[Verdict]) -> list[Verdict]:
    """By session and sleeve, as they came; their legs by slot and contract."""
    sides = [one._replace(parts=tuple(sorted(one.parts))) for one in verdicts]
    return sorted(sides, key=lambda one: one[:2])


def legs_of(sleeve: Sleeve) -> list[tuple[Contract, int, int]]:
    """The open legs of the engine's sleeve, in the order of the slots."""
    return [
        (contract_of(sleeve.contract[slot]), int(sleeve.quantity[slot]), int(sleeve.amount_u[slot]))
        for slot in range(len(SLOTS))
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
            int(one.rolls),
            legs_of(one),
        )
        for one in (book.sleeves[at] for at in range(book.sleeves.shape[0]))
    ]


def regimes_of(book: BookState) -> list[tuple[int, int, int]]:
    """The regime of every policy on every underlying."""
    shape = book.regimes.shape
    found = [book.regimes[p, u] for p in range(shape[0]) for u in range(shape[1])]
    return [(int(one.column), int(one.now), int(one.pending)) for one in found]


def run_engine(market: Market, setup: Setup) -> Outcome:
    """Run the engine, and say in plain words what came of it."""
    slab = SimpleNamespace(market=market, instruments=range(market.terms.shape[0]))
    found = run(slab, setup)
    lines = [found.lines[at] for at in range(found.lines.shape[0])]
    return Outcome(
        [event_of(line) for line in lines if line.what == FACT],
        verdicts_of([line for line in lines if line.what != FACT]),
        found.curve.equity_u.tolist(),
        found.curve.cash_u.tolist(),
        sleeves_of(found.book),
        regimes_of(found.book),
    )


def expected(plain: Backtest) -> Outcome:
    """What the reference says should come of a case."""
    return Outcome(
        plain.log,
        ordered(plain.verdicts),
        plain.equity_u,
        plain.cash_u,
        [
            (
                one.shares,
                one.money_u,
                one.realised_u,
                one.campaigns,
                one.rolls,
                [(leg.contract, leg.quantity, leg.opening_u) for _, leg in one.in_order()],
            )
            for one in plain.sleeves
        ],
        [(one.kept, one.force, one.asked) for one in plain.regimes.values()],
    )
