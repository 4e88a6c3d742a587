"""`scan`: each name of a policy's universe with each gate, what would be sold on it, and ranked."""

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

import msgspec
import numpy as np

from underwriter.app import wire
from underwriter.app.ground import Ground
from underwriter.app.request import Request
from underwriter.app.scan_features import TERMS, Features, features_of
from underwriter.app.screen_keys import Screen, gates_of
from underwriter.app.setting_up import cold_note, seen
from underwriter.app.sight import require_index
from underwriter.app.subjects import Known, read_known
from underwriter.core import reason
from underwriter.core.contract import unpack
from underwriter.core.errors import InputError
from underwriter.core.intent import APPROVED, HOLD, Decision
from underwriter.core.record import F8, I4, Rows, rows
from underwriter.core.screen import NAMES, SAID, Gate, judge, refuses
from underwriter.core.session import step
from underwriter.core.sleeve import SHORT_CALL, SHORT_PUT
from underwriter.core.units import MICRO, day_of, to_u
from underwriter.market.beside import columns_of, through
from underwriter.market.joined import Past, iv30
from underwriter.market.screened import gate_values
from underwriter.market.slab import Slab
from underwriter.sim.backtest import Setup, seated

_WHATEVER_EQUITY = {reason.OWN, reason.NAKED}  # refused whatever the equity is

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


class Leg(msgspec.Struct, frozen=True):
    """One option leg of what would be sold, once a unit."""

    contract: str  # "KO 2026-09-18 P 68"
    side: str  # "sell" or "buy"
    bid: float  # dollars a share
    ask: float


class Offer(msgspec.Struct, frozen=True):
    """What the policy would sell on a name, alone in an account as the settings have it."""

    legs: list[Leg]  # none: nothing fits
    shares: int  # that are bought with one unit
    credit: float | None  # dollars a share of one unit: what is sold at its bid, bought at its ask
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
    features: Features
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
    """One name before it is judged: its last session, or why it has none."""

    request: Request
    ground: Ground | None
    why: str


def run(request: Request, phase: Phase) -> Scan:
    """Scan a policy's universe on the last session that any of it is quoted on, up to `last`.

    InputError where nothing of it has quotes.
    """
    with phase("reading the history", ""):
        found = _all_found(list(_one_by_one(request)), request.last)
        grounds = [each.ground for each in found if each.ground is not None]
        if not grounds:
            raise InputError(found[0].why)
        day = np.max([ground.day for ground in grounds], axis=0)
        known = read_known(request, grounds[0].calendar)
        require_index(request, known)
        against = (request.policy.content.screen or Screen()).index
        index = known.against(against)
    with phase("measuring the names", cold_note()):
        named = [_named(each, day, known, index) for each in found]
    ranked = sorted(named, key=_rank)
    content = request.policy.content
    return Scan(
        content.name,
        request.policy.hash,
        str(day_of(int(day[0]))),
        request.starting_cash,
        against,
        sum(each.admitted for each in named),
        [msgspec.structs.replace(each, rank=at) for at, each in enumerate(ranked, 1)],
    )


def _decided(slab: Slab, setup: Setup, cash: float) -> Decision | None:
    """What the policy decides on one underlying, holding nothing but its shares; None for nothing.

    The session counts as one on which a position may be opened.  No halt binds: nothing was lost.
    """
    market = through(slab.market, setup.lens)
    market.sessions[0].first_of_week = 1
    setup.limits[0].drawdown_halt = 0.0
    book = seated(setup, 1)
    book.accounts[0].cash_u = to_u(cash)
    held = book.sleeves[0]
    held.shares = setup.seats[0].shares
    held.credit_u = -held.shares * market.bars[0, 0].close_u
    decisions: Rows[Decision] = rows(Decision, len(setup.seats))
    policies, owns = setup.policies, setup.owns
    written = step(book, market, 0, policies, owns, setup.limits, decisions)
    return decisions[0] if written else None


def _one_by_one(request: Request) -> Iterator[Request]:
    """The same request for each symbol of the universe alone."""
    content = request.policy.content
    for symbol in content.universe:
        alone = content.model_copy(update={"universe": (symbol,)})
        yield replace(request, policy=request.policy._replace(content=alone))


def _all_found(requests: list[Request], last: date | None) -> list[_Found]:
    """The last session of each name, or why there is none."""
    return [
        _Found(each, None, str(found)) if isinstance(found, InputError) else _Found(each, found, "")
        for each, found in zip(requests, wire.moments(requests, last), strict=True)
    ]


def _named(found: _Found, day: I4, known: Known, index: Past) -> Named:
    """One name held against every gate, and what would be sold on it."""
    symbol, content = found.request.policy.content.universe[0], found.request.policy.content
    iv, quotes, offer, note = np.full(1, np.nan), None, None, found.why or None
    if found.ground is not None and found.ground.day[0] < day[0]:
        note = f"no quotes on the day; the last are of {day_of(int(found.ground.day[0]))}"
    elif found.ground is not None:
        slab = found.ground.slab(found.request.house.home)
        quotes = columns_of(slab, 0, TERMS)
        iv = iv30(day, [columns_of(slab, 0)])[:, 0]
        unsaid = found.ground._replace(source="")  # a note says what is unknown alone
        ground, slab, setup = seen(_unscreened(found.request), unsaid, slab)
        offer = _offer(slab, setup, found.request.starting_cash)
        note = ground.source or None
    subject = known.subject(symbol)
    trading = known.trading(symbol, day, subject.past)
    screen = content.screen or Screen()
    excluded = screen.exclude_sectors
    values = gate_values(day, subject, index, iv, trading, excluded)[0]
    gates = _said(values, gates_of(content.screen))
    refusing = [each.gate for each in gates if each.refuses]
    told = features_of(found.request, day, quotes, iv, subject.past)
    return Named(0, symbol, not refusing, refusing, gates, told, offer, note)


def _unscreened(request: Request) -> Request:
    """The same request without a screen, whose gates are told apart from what would be sold."""
    content = request.policy.content.model_copy(update={"screen": None})
    return replace(request, policy=request.policy._replace(content=content))


def _offer(slab: Slab, setup: Setup, cash: float) -> Offer:
    """What would be sold at the settings' cash, and the equity below which it would be nothing."""
    decided, poor = (_decided(slab, setup, each) for each in (cash, 0.0))
    if decided is None:
        return Offer([], 0, None, 0, reason.NAMES[reason.NO_CANDIDATE], None, 0.0)
    code = int(decided.why if decided.action == HOLD else decided.verdict)
    verdict = "approved" if decided.verdict == APPROVED else reason.NAMES[code]
    least = None
    if poor is not None and poor.needs_u and code not in _WHATEVER_EQUITY:
        least = float(poor.needs_u / MICRO)
    legs = [_leg(slab, decided, at) for at in range(decided.legs)]
    credit = sum(each.bid if each.side == "sell" else -each.ask for each in legs)
    quantity = int(decided.quantity)
    return Offer(
        legs,
        max(int(decided.shares), 0) // max(quantity, 1),
        round(credit, 6) if legs else None,
        quantity,
        verdict,
        least,
        float(decided.score),
    )


def _leg(slab: Slab, decided: Decision, at: int) -> Leg:
    """One leg of a decision."""
    quote, root = slab.market.quotes[int(decided.row[at])], slab.instruments[0].root
    contract = str(unpack(int(decided.contract[at]), root))
    side = "sell" if decided.slot[at] in {SHORT_PUT, SHORT_CALL} else "buy"
    return Leg(contract, side, float(quote.bid_u / MICRO), float(quote.ask_u / MICRO))


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
