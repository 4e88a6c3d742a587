"""What the lines of one run add up to, counted by a kernel: a sweep has thousands of runs.

The report counts the same from the events of one book (`report.views`, docs/metrics.md has each
definition); a test holds the two against each other, to the millionth, run by run.
"""

from typing import NamedTuple

import numpy as np

from underwriter.core.contract import CALL, NONE, right_of, strike_of
from underwriter.core.intent import APPROVED
from underwriter.core.kernel import kernel
from underwriter.core.record import I8, Row, Rows, rows
from underwriter.core.sleeve import (
    ASSIGNED,
    DEPOSIT,
    DIVIDEND,
    INTEREST,
    MOVED,
    SLOTS,
    home_of,
)
from underwriter.sim.ledger import DECISION, Line

REASONS = 128  # reason codes that are counted; one beyond is counted in all alone


class Tally(Row):
    """Counts of one run, and its money in millionths of a dollar."""

    income_u: int  # option result, dividends, interest
    options_u: int  # result of the legs that ended, net of fees
    dividends_u: int
    interest_u: int
    premium_u: int  # credits for opening short legs, less what long ones cost, before fees
    fees_u: int
    opened: int  # campaigns
    closed: int
    profitable: int  # of the closed
    result_u: int  # of the closed, every flow in it
    credits_u: int  # opening credits of the short legs that ended
    kept_u: int  # of these, after closing and after what was handed over
    puts: int  # short puts that ended
    assigned: int
    calls: int  # short calls that ended
    called_away: int
    approved: int
    refused: int


class Held(NamedTuple):
    """What each sleeve holds while its lines are counted: (sleeves, slots) and (sleeves)."""

    quantity: I8
    amount_u: I8
    fee_u: I8
    shares: I8
    money_u: I8  # of the running campaign


class Count(NamedTuple):
    """A tally while it is counted: one row of each column of `Tallies`."""

    tally: Rows[Tally]  # one
    held: Held
    month: I8  # of each session, from zero
    income_u: I8  # of each month
    refusals: I8  # by reason code


class Tallies(NamedTuple):
    """The tallies of some runs, one a row."""

    tally: Rows[Tally]
    income_u: I8  # (runs, months)
    refusals: I8  # (runs, reason codes)


def new_held(sleeves: int) -> Held:
    """Nothing held."""
    return Held(*np.zeros((3, sleeves, SLOTS), np.int64), *np.zeros((2, sleeves), np.int64))


def new_tallies(runs: int, months: int) -> Tallies:
    """Nothing counted yet, of so many runs over so many months."""
    income_u, refusals = np.zeros((runs, months), np.int64), np.zeros((runs, REASONS), np.int64)
    return Tallies(rows(Tally, runs), income_u, refusals)


@kernel
def is_empty(held: Held, at: int) -> bool:
    """Whether a sleeve holds neither legs nor shares."""
    if held.shares[at] != 0:
        return False
    for slot in range(held.quantity.shape[1]):
        if held.quantity[at, slot] != 0:
            return False
    return True


@kernel
def earned(count: Count, session: int, amount_u: int) -> None:
    """Add to the income of the month."""
    count.tally[0].income_u += amount_u
    count.income_u[count.month[session]] += amount_u


@kernel
def end_leg(count: Count, line: Line, opened_u: int, fees_u: int) -> None:
    """Count a leg that ended, or the part of it that did."""
    tally = count.tally[0]
    assigned = line.kind == ASSIGNED
    closed_u = 0 if assigned else line.amount_u  # the strike belongs to the shares
    result_u = opened_u + closed_u - fees_u
    tally.options_u += result_u
    earned(count, line.session, result_u)
    if line.quantity <= 0:
        return  # a long leg
    call = right_of(line.contract) == CALL
    gain_u = line.price_u - strike_of(line.contract)
    handed_u = max(gain_u if call else -gain_u, 0) * abs(line.shares) if assigned else 0
    tally.credits_u += opened_u
    tally.kept_u += opened_u + closed_u - handed_u
    if call:
        tally.calls += 1
        tally.called_away += int(assigned)
    else:
        tally.puts += 1
        tally.assigned += int(assigned)


@kernel
def move_leg(count: Count, line: Line) -> None:
    """Open a leg, add to it, or end it or a part of it, which takes its share of the opening."""
    held, at, slot = count.held, line.sleeve, line.slot
    before = held.quantity[at, slot]
    fee_u = 0 if line.kind == ASSIGNED else line.fee_u  # that one belongs to the shares
    if before == 0 or (before > 0) == (line.quantity > 0):
        held.amount_u[at, slot] += line.amount_u
        held.fee_u[at, slot] += line.fee_u
        count.tally[0].premium_u += line.amount_u  # a split brings none
    else:
        part, whole = abs(line.quantity), abs(before)
        opened_u = held.amount_u[at, slot] * part // whole
        paid_u = held.fee_u[at, slot] * part // whole
        held.amount_u[at, slot] -= opened_u
        held.fee_u[at, slot] -= paid_u
        end_leg(count, line, opened_u, paid_u + fee_u)
    held.quantity[at, slot] = before + line.quantity


@kernel
def move_in(count: Count, line: Line) -> None:
    """Let the incoming leg of a roll take the place of the old one."""
    held, at, slot = count.held, line.sleeve, line.slot
    home = home_of(slot, line.contract)
    for column in (held.quantity, held.amount_u, held.fee_u):
        column[at, home], column[at, slot] = column[at, slot], 0


@kernel
def take_fact(count: Count, line: Line) -> None:
    """Count a fact of a sleeve: its legs, its shares, its campaign."""
    tally, held, at = count.tally[0], count.held, line.sleeve
    if line.kind == MOVED:
        move_in(count, line)
        return
    if line.kind == DIVIDEND:
        tally.dividends_u += line.amount_u
        earned(count, line.session, line.amount_u)
        held.money_u[at] += line.amount_u
        return
    tally.opened += int(is_empty(held, at))
    if line.contract != NONE and line.quantity != 0:
        move_leg(count, line)
    held.shares[at] += line.shares
    tally.fees_u += line.fee_u
    held.money_u[at] += line.amount_u - line.fee_u
    if is_empty(held, at):
        tally.closed += 1
        tally.profitable += int(held.money_u[at] > 0)
        tally.result_u += held.money_u[at]
        held.money_u[at] = 0


@kernel
def take_decision(count: Count, line: Line) -> None:
    """Count a wish, approved or refused."""
    tally = count.tally[0]
    if line.verdict == APPROVED:
        tally.approved += 1
        return
    tally.refused += 1
    if 0 <= line.verdict < count.refusals.shape[0]:
        count.refusals[line.verdict] += 1


@kernel
def tally_lines(lines: Rows[Line], written: int, count: Count) -> None:
    """Count the first `written` lines of a run, in their order, from an empty book."""
    for table in (count.held.quantity, count.held.amount_u, count.held.fee_u):
        table[:, :] = 0
    for column in (count.held.shares, count.held.money_u):
        column[:] = 0
    for k in range(written):
        line = lines[k]
        if line.what == DECISION:
            if line.leg == 0:  # a decision has a line for each of its legs
                take_decision(count, line)
        elif line.kind == INTEREST:
            count.tally[0].interest_u += line.amount_u
            earned(count, line.session, line.amount_u)
        elif line.kind != DEPOSIT:
            take_fact(count, line)
