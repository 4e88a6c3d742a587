"""Orders meet quotes: all legs of one together or none, at prices that pay part of the spread."""

from underwriter.core import reason
from underwriter.core.chain import Market, find, split_times
from underwriter.core.collateral import contracts_of, position_after, position_of, secured
from underwriter.core.contract import most_worth_u
from underwriter.core.decide import exercisable
from underwriter.core.fills import NO_FILL, fill_price_u
from underwriter.core.intent import (
    APPROVED,
    EXERCISE,
    HOLD,
    OPEN,
    ROLL,
    SHARES,
    Decision,
)
from underwriter.core.kernel import called, kernel
from underwriter.core.policy import COLLAR, Fills, Limits, Policy
from underwriter.core.record import Rows
from underwriter.core.sleeve import (
    FILL,
    LONG_CALL,
    MOVED,
    ROLL_SHORT,
    SHORT_CALL,
    BookState,
    Fact,
    Sleeve,
    home_of,
)
from underwriter.core.units import CENT_U, cents_up
from underwriter.market.fees import FeeSchedule, exact_fee_u
from underwriter.market.floor import worth_it
from underwriter.sim.ledger import Log, decided, emit
from underwriter.sim.world import exercise, trade_shares


@kernel
def _closes(decision: Decision, slot: int) -> bool:
    """Whether an order closes the leg of a slot."""
    for leg in range(decision.legs):
        if decision.slot[leg] == slot:
            return True
    return False


@kernel
def _leg_stands(book: BookState, decision: Decision, leg: int, multiplier: int) -> bool:
    """Whether what one leg of an order was decided for still stands."""
    sleeve, slot = book.sleeves[decision.sleeve], decision.slot[leg]
    key, change = decision.contract[leg], decision.change[leg]
    if slot >= ROLL_SHORT:
        home = home_of(slot, key)
        return sleeve.quantity[slot] == 0 and (
            sleeve.quantity[home] == 0 or _closes(decision, home)
        )
    if decision.action == OPEN:
        return sleeve.quantity[slot] == 0
    if decision.action == EXERCISE:
        enough = abs(sleeve.shares) >= -change * multiplier
        return sleeve.contract[slot] == key and sleeve.quantity[slot] >= -change and enough
    return sleeve.contract[slot] == key and sleeve.quantity[slot] == -change


@kernel
def better_called(sleeve: Sleeve, spot_u: int, multiplier: int) -> bool:
    """Whether shares sold short are better bought through a long call by now."""
    return sleeve.shares < 0 and exercisable(sleeve, LONG_CALL, spot_u, multiplier) > 0


@called
def still_valid(book: BookState, decision: Decision, spot_u: int, multiplier: int) -> bool:
    """Whether what an order was decided for still stands."""
    sleeve = book.sleeves[decision.sleeve]
    if decision.action == SHARES:
        there = sleeve.shares if decision.shares < 0 else -sleeve.shares
        return there >= abs(decision.shares) and not better_called(sleeve, spot_u, multiplier)
    for leg in range(decision.legs):
        if not _leg_stands(book, decision, leg, multiplier):
            return False
        covers = decision.why == reason.ENTRY_CALL and decision.slot[leg] == SHORT_CALL
        if covers and sleeve.shares < -decision.change[leg] * multiplier:
            return False
    return True


@kernel
def outlived(book: BookState, decision: Decision, session: int, market: Market) -> bool:
    """Whether the underlying has split since an order was decided: it names what is no more."""
    if decision.session == session:
        return False
    return split_times(market.bars[session, book.sleeves[decision.sleeve].underlying]) != 1


@called
def leg_price_u(
    book: BookState, decision: Decision, leg: int, session: int, market: Market, fills: Fills
) -> int:
    """The price of one leg on this session's quote, or NO_FILL.

    The more legs trade as one, the smaller the part of each one's spread that is paid.
    """
    underlying = book.sleeves[decision.sleeve].underlying
    bar, key = market.bars[session, underlying], decision.contract[leg]
    row = find(market.quotes, bar, session, key, decision.row[leg])
    if row < 0:
        return NO_FILL
    share = fills.half_spread * fills.combo[decision.legs - 1]
    terms = market.terms[underlying]
    return fill_price_u(decision.change[leg] < 0, market.quotes[row], terms, share)


@kernel
def money_u(
    book: BookState, decision: Decision, session: int, market: Market, fills: Fills
) -> tuple[bool, int]:
    """Whether every leg finds a price, and what an order brings before fees, shares included."""
    sleeve = book.sleeves[decision.sleeve]
    multiplier, total_u = market.terms[sleeve.underlying].multiplier, 0
    for leg in range(decision.legs):
        price_u = leg_price_u(book, decision, leg, session, market, fills)
        if price_u == NO_FILL:
            return False, 0
        total_u -= decision.change[leg] * multiplier * price_u
    close_u = market.bars[session, sleeve.underlying].close_u
    return True, total_u - decision.shares * (close_u + CENT_U)


@kernel
def leg_fee_u(
    decision: Decision, leg: int, price_u: int, session: int, market: Market,
    underlying: int, fees: FeeSchedule,
) -> int:  # fmt: skip
    """The fees of one leg, exact: they are rounded once an order."""
    terms, change = market.terms[underlying], decision.change[leg]
    return exact_fee_u(change, terms.multiplier * price_u, terms.broad, session, fees)


@kernel
def fees_u(
    book: BookState, decision: Decision, session: int, market: Market, fills: Fills,
    fees: FeeSchedule,
) -> int:  # fmt: skip
    """The fees of all option legs of an order, rounded up to the cent."""
    total_u, underlying = 0, book.sleeves[decision.sleeve].underlying
    for leg in range(decision.legs):
        price_u = leg_price_u(book, decision, leg, session, market, fills)
        total_u += leg_fee_u(decision, leg, price_u, session, market, underlying, fees)
    return cents_up(total_u)


@called
def carried(
    book: BookState, decision: Decision, session: int, market: Market, limits: Rows[Limits],
    cash_u: int,
) -> bool:  # fmt: skip
    """Whether `cash_u` covers all that an account secures once an order has filled."""
    account, needed_u = book.sleeves[decision.sleeve].account, 0
    reserve_u = limits[account].fee_reserve_u
    for i in range(book.sleeves.shape[0]):
        sleeve = book.sleeves[i]
        if sleeve.account != account:
            continue
        held = position_after(sleeve, decision) if i == decision.sleeve else position_of(sleeve)
        bar, terms = market.bars[session, sleeve.underlying], market.terms[sleeve.underlying]
        needs = secured(held, bar.close_u, bar.next_ex, bar.next_dividend_u, terms)
        needed_u += needs.total_u + contracts_of(held) * reserve_u
    return cash_u >= needed_u


@kernel
def dearer(book: BookState, decision: Decision, session: int, market: Market, fills: Fills) -> bool:
    """Whether an option would be bought back for more than it can ever be worth."""
    close_u = market.bars[session, book.sleeves[decision.sleeve].underlying].close_u
    for leg in range(decision.legs):
        price_u = leg_price_u(book, decision, leg, session, market, fills)
        most_u = most_worth_u(decision.contract[leg], close_u)
        if decision.change[leg] > 0 and price_u > most_u:
            return True
    return False


@called
def fill_legs(
    book: BookState, decision: Decision, opening: bool, spent_u: int, session: int,
    market: Market, fills: Fills, fees: FeeSchedule, log: Log,
) -> int:  # fmt: skip
    """Let the legs trade that open, or those that close; return the exact fees so far.

    `spent_u` are those of the legs before: each bears what it adds to the rounded sum.
    """
    at = decision.sleeve
    account, underlying = book.sleeves[at].account, book.sleeves[at].underlying
    multiplier = market.terms[underlying].multiplier
    for leg in range(decision.legs):
        slot, change = decision.slot[leg], decision.change[leg]
        opens = decision.action == OPEN or slot >= ROLL_SHORT
        if opens != opening:
            continue
        price_u = leg_price_u(book, decision, leg, session, market, fills)
        before_u = cents_up(spent_u)
        spent_u += leg_fee_u(decision, leg, price_u, session, market, underlying, fees)
        fee_u, paid_u = cents_up(spent_u) - before_u, -change * multiplier * price_u
        key = decision.contract[leg]
        emit(
            book,
            log,
            Fact(FILL, session, account, at, slot, key, change, 0, paid_u, fee_u, price_u),
        )
    return spent_u


@kernel
def move_in(book: BookState, decision: Decision, session: int, log: Log) -> None:
    """Let the legs that a roll opened take the places of the old ones."""
    at = decision.sleeve
    account = book.sleeves[at].account
    for leg in range(decision.legs):
        slot = decision.slot[leg]
        if slot >= ROLL_SHORT:
            key = decision.contract[leg]
            emit(book, log, Fact(MOVED, session, account, at, slot, key, 0, 0, 0, 0, 0))


@called
def falls_short(
    book: BookState, decision: Decision, session: int, market: Market, policies: Rows[Policy],
    fills: Fills,
) -> bool:  # fmt: skip
    """Whether an entry whose legs all find a price would bring less than its policy asks."""
    if decision.action != OPEN:
        return False
    sleeve, credit_u = book.sleeves[decision.sleeve], 0
    policy = policies[sleeve.policy]
    for leg in range(decision.legs):
        if policy.strategy != COLLAR or decision.change[leg] < 0:  # whose put is no part of it
            price_u = leg_price_u(book, decision, leg, session, market, fills)
            credit_u += price_u if decision.change[leg] < 0 else -price_u
    spot_u = market.bars[session, sleeve.underlying].close_u
    column = book.regimes[sleeve.policy, sleeve.underlying].now  # the step's that decided it
    day = market.sessions[session].day
    return not worth_it(decision, credit_u, spot_u, day, policy, column)


@kernel
def buy_or_sell(
    book: BookState, decision: Decision, session: int, market: Market, fees: FeeSchedule, log: Log
) -> int:
    """Buy shares one cent over the close, or sell them one cent under it."""
    at, change = decision.sleeve, decision.shares
    price_u = market.bars[session, book.sleeves[at].underlying].close_u
    price_u += CENT_U if change > 0 else -CENT_U
    if price_u <= 0:
        return reason.NO_QUOTE
    trade_shares(book, at, change, price_u, market, session, fees, log)
    return APPROVED


@kernel
def trade_options(
    book: BookState, decision: Decision, session: int, market: Market, policies: Rows[Policy],
    limits: Rows[Limits], fills: Fills, fees: FeeSchedule, log: Log,
) -> int:  # fmt: skip
    """Fill all legs of an order, or none; return APPROVED or why nothing was done."""
    priced, brought_u = money_u(book, decision, session, market, fills)
    if not priced:
        return reason.NO_QUOTE
    policy = policies[book.sleeves[decision.sleeve].policy]
    if decision.action == ROLL and policy.roll_for_credit != 0 and brought_u <= 0:
        return reason.LAPSED  # a broker's limit order for a credit would not fill, either
    if falls_short(book, decision, session, market, policies, fills):
        return reason.LAPSED  # nor one under the floor of its limit
    cost_u = fees_u(book, decision, session, market, fills, fees)
    cash_u = book.accounts[book.sleeves[decision.sleeve].account].cash_u + brought_u - cost_u
    if decision.why == reason.MARGIN:
        if cash_u < 0 and dearer(book, decision, session, market, fills):
            return reason.CASH
    elif decision.why != reason.LEFTOVER and not carried(
        book, decision, session, market, limits, cash_u
    ):
        return reason.CASH
    if decision.shares > 0:
        buy_or_sell(book, decision, session, market, fees, log)
    spent_u = fill_legs(book, decision, True, 0, session, market, fills, fees, log)
    fill_legs(book, decision, False, spent_u, session, market, fills, fees, log)
    if decision.action == ROLL:
        move_in(book, decision, session, log)
    return APPROVED


@kernel
def exercise_long(
    book: BookState, decision: Decision, session: int, market: Market, fees: FeeSchedule, log: Log
) -> int:
    """Exercise long options against shares that assignment brought, or took."""
    sleeve = book.sleeves[decision.sleeve]
    close_u = market.bars[session, sleeve.underlying].close_u
    slot, count = decision.slot[0], -decision.change[0]
    exercise(book, decision.sleeve, slot, count, market, session, close_u, fees, log)
    return APPROVED


@called
def execute(
    book: BookState, decision: Decision, session: int, market: Market, policies: Rows[Policy],
    limits: Rows[Limits], fills: Fills, fees: FeeSchedule, log: Log,
) -> None:  # fmt: skip
    """Fill one approved order, or write down that it lapsed or found no quote."""
    underlying = book.sleeves[decision.sleeve].underlying
    multiplier = market.terms[underlying].multiplier
    spot_u = market.bars[session, underlying].close_u
    split = outlived(book, decision, session, market)
    if split or not still_valid(book, decision, spot_u, multiplier):
        outcome = reason.LAPSED
    elif decision.action == SHARES:
        outcome = buy_or_sell(book, decision, session, market, fees, log)
    elif decision.action == EXERCISE:
        outcome = exercise_long(book, decision, session, market, fees, log)
    else:
        outcome = trade_options(book, decision, session, market, policies, limits, fills, fees, log)
    if outcome != APPROVED:
        decided(book, log, session, decision, outcome)


@kernel
def execute_all(
    book: BookState, decisions: Rows[Decision], count: int, session: int, market: Market,
    policies: Rows[Policy], limits: Rows[Limits], fills: Fills, fees: FeeSchedule, log: Log,
) -> None:  # fmt: skip
    """Fill every approved order of one session's decisions."""
    for k in range(count):
        decision = decisions[k]
        if decision.verdict == APPROVED and decision.action != HOLD:
            execute(book, decision, session, market, policies, limits, fills, fees, log)
