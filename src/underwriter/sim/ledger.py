"""What a run writes down, in order: every decision and every fact, as rows of one array."""

from typing import NamedTuple

from underwriter.core.intent import Decision
from underwriter.core.kernel import called, kernel
from underwriter.core.record import I8, Row, Rows
from underwriter.core.sleeve import BookState, Fact, record

FACT, DECISION = range(2)


class Line(Row):
    """One line of a run: a fact, or a decision with its verdict."""

    what: int  # FACT or DECISION
    kind: int  # of a fact: its kind; of a decision: its action
    session: int
    account: int
    sleeve: int
    campaign: int
    slot: int
    contract: int
    quantity: int  # signed contracts: of a fact the change, of a decision what it wishes
    shares: int
    leg: int  # of a decision: which of its lines this is
    units: int  # of a decision: how many
    amount_u: int
    fee_u: int
    price_u: int
    why: int
    verdict: int
    needs_u: int


class Log(NamedTuple):
    """The lines and, in `written[0]`, how many there should be: more than fit means run again."""

    lines: Rows[Line]
    written: I8


@kernel
def _claim(log: Log) -> int:
    """The next free line; the last one again where none is free."""
    at = log.written[0]
    log.written[0] = at + 1
    return min(at, log.lines.shape[0] - 1)


@called
def emit(book: BookState, log: Log, fact: Fact) -> None:
    """Let a fact happen: change the book and write it down."""
    record(book, fact)
    line = log.lines[_claim(log)]
    line.what = FACT
    line.kind = fact.kind
    line.session = fact.session
    line.account = fact.account
    line.sleeve = fact.sleeve
    line.campaign = book.sleeves[fact.sleeve].campaign if fact.sleeve >= 0 else 0
    line.slot = fact.slot
    line.contract = fact.contract
    line.quantity = fact.quantity
    line.shares = fact.shares
    line.amount_u = fact.amount_u
    line.fee_u = fact.fee_u
    line.price_u = fact.price_u
    line.leg = 0
    line.units = 0
    line.why = 0
    line.verdict = 0
    line.needs_u = 0


@called
def decided(book: BookState, log: Log, session: int, decision: Decision, verdict: int) -> None:
    """Write a decision down, or what later became of it: a line a leg, at least one."""
    for leg in range(max(decision.legs, 1)):
        line = log.lines[_claim(log)]
        line.what = DECISION
        line.kind = decision.action
        line.session = session
        line.account = book.sleeves[decision.sleeve].account
        line.sleeve = decision.sleeve
        line.campaign = book.sleeves[decision.sleeve].campaign
        line.slot = decision.slot[leg]
        line.contract = decision.contract[leg]
        line.quantity = decision.change[leg]
        line.shares = decision.shares
        line.leg = leg
        line.units = decision.quantity
        line.amount_u = 0
        line.fee_u = 0
        line.price_u = 0
        line.why = decision.why
        line.verdict = verdict
        line.needs_u = decision.needs_u
