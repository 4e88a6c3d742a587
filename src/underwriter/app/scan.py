"""`scan`: each name of a policy's universe with each gate, what would be sold on it, and ranked."""

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, NamedTuple

import msgspec
import numpy as np

from underwriter.app import wire
from underwriter.app.backtest import cold_note
from underwriter.app.compiled import limits_row, policy_rows
from underwriter.app.ground import Ground
from underwriter.app.request import Request
from underwriter.app.screen_keys import Screen, gates_of
from underwriter.app.subjects import Known, columns_of, read_known
from underwriter.core import reason
from underwriter.core.contract import unpack
from underwriter.core.errors import InputError
from underwriter.core.intent import APPROVED, HOLD, Decision
from underwriter.core.record import F8, I4, Rows, rows
from underwriter.core.screen import NAMES, SAID, Gate, judge, refuses
from underwriter.core.session import step
from underwriter.core.sleeve import new_book
from underwriter.core.units import MICRO, day_of, to_u
from underwriter.market.joined import iv30
from underwriter.market.screened import gate_values
from underwriter.market.slab import Slab

Phase = Callable[[str, str], AbstractContextManager[None]]


class GateSaid(msgspec.Struct, frozen=True):
    """What one gate says of one name, in the gate's unit (docs/screen.md)."""

    gate: str
    value: float | None  # null: not known, or does not apply
    least: float | None
    most: float | None
    result: str  # "off", "passed", "failed", "unknown" or "exempt"
    by: float | None  # room to the nearer bound; below zero: what is missing
    refuses: bool


class Offer(msgspec.Struct, frozen=True):
    """What the policy would sell on a name, alone in an account of the settings' cash."""

    contract: str | None  # "KO 2026-09-18 P 68"
    bid: float | None  # dollars a share
    ask: float | None
    quantity: int
    verdict: str  # "approved", or a reason code
    least_equity: float | None  # dollars that admit one contract
    score: float  # credit per unit of stress loss


class Named(msgspec.Struct, frozen=True):
    """One name of the universe."""

    rank: int
    underlying: str
    admitted: bool
    refused_by: list[str]
    gates: list[GateSaid]
    offer: Offer | None  # null: no quotes on the day
    note: str | None  # what is missing


class Scan(msgspec.Struct, frozen=True):
    """What `scan --json` prints."""

    policy: str
    policy_hash: str
    day: str
    starting_cash: float
    index: str
    admitted: int
    names: list[Named]


class _Found(NamedTuple):
    """One name before it is judged: its sessions, or why it has none."""

    request: Request
    ground: Ground | None
    why: str


def run(request: Request, phase: Phase) -> Scan:
    """Scan a policy's universe on the last session that any of it is quoted on, up to `last`.

    InputError where nothing of it has quotes.
    """
    with phase("reading the history", ""):
        found = [_found(each) for each in _one_by_one(request)]
        grounds = [each.ground for each in found if each.ground is not None]
        if not grounds:
            raise InputError(found[0].why)
        day = np.array([max(int(ground.day[-1]) for ground in grounds)], np.int32)
        known = read_known(request, grounds[0].calendar)
    with phase("measuring the names", cold_note()):
        named = [_named(each, day, known) for each in found]
    ranked = sorted(named, key=_rank)
    content = request.policy.content
    return Scan(
        content.name,
        request.policy.hash,
        str(day_of(int(day[0]))),
        request.starting_cash,
        known.against,
        sum(each.admitted for each in named),
        [msgspec.structs.replace(each, rank=at) for at, each in enumerate(ranked, 1)],
    )


def asked(slab: Slab, session: int, request: Request, cash: float) -> Decision | None:
    """What the policy decides on a slab's one underlying with an empty book; None for nothing.

    The session counts as one on which a position may be opened.
    """
    market = slab.market
    market.sessions[session].first_of_week = 1
    book = new_book(1, 1, 1, 1)
    book.accounts[0].cash_u = to_u(cash)
    limits = limits_row(request.settings.account)
    policies = policy_rows([request.policy.content])
    decisions: Rows[Decision] = rows(Decision, 1)
    written = step(book, market, session, policies, limits, decisions)
    return decisions[0] if written else None


def _one_by_one(request: Request) -> Iterator[Request]:
    """The same request for each symbol of the universe alone."""
    content = request.policy.content
    for symbol in content.universe:
        alone = content.model_copy(update={"universe": (symbol,)})
        yield replace(request, policy=request.policy._replace(content=alone))


def _found(request: Request) -> _Found:
    """The sessions of one name, or why there are none."""
    try:
        return _Found(request, wire.ground(request), "")
    except InputError as problem:
        return _Found(request, None, str(problem))


def _named(found: _Found, day: I4, known: Known) -> Named:
    """One name held against every gate, and what would be sold on it."""
    symbol, content = found.request.policy.content.universe[0], found.request.policy.content
    iv, offer, note = np.full(1, np.nan), None, found.why or None
    if found.ground is not None and found.ground.day[-1] < day[0]:
        note = f"no quotes on the day; the last are of {day_of(int(found.ground.day[-1]))}"
    elif found.ground is not None:
        slab = wire.slab_on(found.request, found.ground.day)
        iv = iv30(day, [columns_of(slab)])[:, 0]
        offer = _offer(slab, found.request)
    subject, trading = known.subject(symbol, day)
    screen = content.screen or Screen()
    excluded = screen.exclude_sectors
    values = gate_values(day, subject, known.market, iv, trading, excluded)[0]
    gates = _said(values, gates_of(content.screen))
    refusing = [each.gate for each in gates if each.refuses]
    return Named(0, symbol, not refusing, refusing, gates, offer, note)


def _offer(slab: Slab, request: Request) -> Offer:
    """What would be sold at the settings' cash, and the equity below which it would be nothing."""
    session = slab.market.sessions.shape[0] - 1
    decided, poor = (asked(slab, session, request, cash) for cash in (request.starting_cash, 0.0))
    if decided is None:
        return Offer(None, None, None, 0, reason.NAMES[reason.NO_CANDIDATE], None, 0.0)
    code = decided.why if decided.action == HOLD else decided.verdict
    verdict = "approved" if decided.verdict == APPROVED else reason.NAMES[int(code)]
    least = float(poor.needs_u / MICRO) if poor is not None and poor.needs_u else None
    if decided.row < 0:
        return Offer(None, None, None, 0, verdict, least, 0.0)
    quote, root = slab.market.quotes[decided.row], slab.instruments[0].root
    return Offer(
        str(unpack(decided.contract, root)),
        float(quote.bid_u / MICRO),
        float(quote.ask_u / MICRO),
        int(decided.quantity),
        verdict,
        least,
        float(decided.score),
    )


def _said(values: F8, gates: Rows[Gate]) -> list[GateSaid]:
    """What every gate says of one name."""
    told = []
    for at, name in enumerate(NAMES):
        gate, value = gates[at], float(values[at])
        code, by = judge(value, gate)
        bounds = _number(gate.least), _number(gate.most)
        result, refusing = SAID[code], bool(refuses(code, gate))
        told.append(GateSaid(name, _number(value), *bounds, result, _number(by), refusing))
    return told


def _number(value: float) -> float | None:
    """A number as JSON has it."""
    return float(value) if math.isfinite(value) else None


def _rank(named: Named) -> tuple[Any, ...]:
    """Admitted names first, then those that may be sold on, by score; the others by refusals."""
    offer = named.offer
    sold = offer is not None and offer.verdict == "approved"
    score = offer.score if offer is not None else 0.0
    return (not named.admitted, len(named.refused_by), not sold, -score, named.underlying)
