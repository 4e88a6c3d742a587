"""The rules of docs/session.md once more: slow and plain, sharing no code with the engine.

Written from that page alone, in its words, to be read beside it.  Its sections are modules here:

    Numbers                 prices.py
    Order of a session      plain.py, this one; delivering.py
      Settlement            settling.py
    The state               state.py, regimes.py
    Marking                 marking.py; Secured: securing.py; Reg T: margin.py (docs/margin.md)
    The step                choosing.py
      Managing, Roll        managing.py
      Selection             selecting.py
      Verdicts              judging.py; the unit loss: losing.py
    Fills                   filling.py

Money and prices are whole millionths (`_u`), a contract is (expiry, right, strike_u).
"""

from collections.abc import Callable

from reference.choosing import wishes
from reference.delivering import deliver_all
from reference.filling import fill_all
from reference.given import Case
from reference.judging import judge
from reference.marking import mark_all
from reference.prices import black76, normal_cdf, rounded
from reference.regimes import update_all
from reference.settling import assign_early, settle, settle_all
from reference.state import Account, Event, Sleeve, State, Verdict, become, book, happen

__all__ = ["Backtest", "Event", "Verdict", "black76", "normal_cdf"]


class Backtest:
    """Runs the sessions of a market; `log`, `verdicts`, `equity_u` and `cash_u` tell what came."""

    def __init__(self, case: Case) -> None:
        self.state = state = State(case)
        self.log, self.verdicts = state.log, state.verdicts
        self.sleeves, self.regimes = state.sleeves, state.regimes
        self.equity_u: list[list[int]] = []
        self.cash_u: list[list[int]] = []

    def run(self, each: Callable[[], None] = lambda: None) -> "Backtest":
        """Deposit, then take the sessions one after the other; `each` may look at every evening."""
        begin(self.state)
        for at in range(len(self.state.case.sessions)):
            self.state.at = at
            self.session()
            each()
        return self

    def session(self) -> None:
        """One session, and the day's figures."""
        state = self.state
        morning(state)
        snapshot(state)
        evening(state)
        self.equity_u.append([account.equity_u for account in state.accounts])
        self.cash_u.append([account.cash_u for account in state.accounts])


def begin(state: State) -> None:
    """Cash is deposited, and shares that were brought along are bought with it."""
    for account, cash_u in enumerate(state.case.deposits_u):
        book(state, Event(0, "deposit", account, -1, amount_u=cash_u))
    for sleeve, shares in zip(state.sleeves, state.case.shares, strict=False):
        if shares:
            price_u = state.close_u(sleeve)
            amount_u = -shares * price_u
            happen(state, sleeve, "fill", shares=shares, amount_u=amount_u, price_u=price_u)


def morning(state: State) -> None:
    """Interest, splits, dividends, and what settles at the open."""
    if state.at > 0:
        for account in state.accounts:
            pay_interest(state, account)
        for sleeve in state.sleeves:
            become(state, sleeve, state.now.split[sleeve.underlying])
        for sleeve in state.sleeves:
            pay_dividend(state, sleeve)
    for sleeve in state.sleeves:
        if state.terms(sleeve).morning:
            settle_all(state, sleeve, state.now.open_u[sleeve.underlying] or state.close_u(sleeve))


def pay_interest(state: State, account: Account) -> None:
    """On the cash of last evening, at last session's rate; never owed."""
    last = state.case.sessions[state.at - 1]
    if account.cash_u > 0:
        amount_u = rounded(account.cash_u * last.rate * (state.now.day - last.day) / 365)
        if amount_u > 0:
            book(state, Event(state.at, "interest", account.number, -1, amount_u=amount_u))


def pay_dividend(state: State, sleeve: Sleeve) -> None:
    """For shares held last evening, on the ex-date; it is owed on shares sold short."""
    each_u = state.now.dividend_u[sleeve.underlying]
    if each_u and sleeve.shares:
        happen(state, sleeve, "dividend", amount_u=each_u * sleeve.shares, price_u=each_u)


def snapshot(state: State) -> None:
    """Orders fill before the step, or after it on the same quotes."""
    if state.case.fills.delay == 1:
        fill_all(state)
    step(state)
    if state.case.fills.delay == 0:
        fill_all(state)


def step(state: State) -> None:
    """Mark, bring every regime up to date, ask each sleeve, judge what they wish."""
    mark_all(state)
    update_all(state)
    judge(state, wishes(state))


def evening(state: State) -> None:
    """What settles at the close, what is assigned early, what is delivered, and the day's marks."""
    for sleeve in state.sleeves:
        close_u, at_open = state.close_u(sleeve), state.terms(sleeve).morning
        for slot, leg in sleeve.in_order():
            if leg.contract.expiry <= state.now.day and not at_open:
                settle(state, sleeve, slot, leg, close_u)
            else:
                assign_early(state, sleeve, slot, leg)
    deliver_all(state)
    mark_all(state)
