# ruff: noqa: D102  docs/session.md says what each function does, under the same heading
"""The rules of docs/session.md once more: slow and plain, sharing no code with the engine.

Written from that page alone, in its order and its words, to be read beside it.  Money and prices
are whole millionths (`_u`), a contract is (expiry, right, strike_u), a leg's quantity is negative
where it is short.  The strategies sell puts and calls, so a sleeve has one leg of each right.
"""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from reference.given import (
    CALL,
    PUT,
    WHEEL,
    Case,
    Column,
    Contract,
    Limits,
    Policy,
    Quote,
    Session,
)

MICRO = 1_000_000
BILLION = 1_000_000_000
CENT_U = 10_000
UNBOUND = 1 << 62


# --- what changes --------------------------------------------------------------------------------


@dataclass
class Leg:
    """An open option position."""

    contract: Contract
    quantity: int
    opening_u: int


@dataclass
class Sleeve:
    """What one policy runs on one underlying."""

    account: int
    underlying: int
    policy: int
    shares: int = 0
    money_u: int = 0
    realised_u: int = 0
    campaigns: int = 0
    legs: dict[int, Leg] = field(default_factory=dict)  # by right

    @property
    def flat(self) -> bool:
        return self.shares == 0 and not self.legs


@dataclass
class Account:
    """One pool of cash and what was last marked of it."""

    cash_u: int = 0
    equity_u: int = 0
    peak_u: int = 0
    reserved_u: int = 0
    committed_u: int = 0
    exposure_u: dict[int, int] = field(default_factory=dict)  # by underlying


@dataclass
class Regime:
    """The column a policy keeps, the one in force, and the sessions that asked for another."""

    kept: int = -1  # before the first known measure
    force: int = 0
    asked: int = 0  # sessions in a row: higher is positive, lower negative


class Event(NamedTuple):
    """A line of the trade log."""

    session: int
    kind: str
    account: int
    sleeve: int  # -1: the account's
    contract: Contract | None = None
    quantity: int = 0
    shares: int = 0
    amount_u: int = 0
    fee_u: int = 0
    price_u: int = 0


class Verdict(NamedTuple):
    """What became of a wish: "approved", or the reason it was refused or came to nothing."""

    session: int
    sleeve: int
    wish: str
    contract: Contract | None
    quantity: int
    verdict: str


class Order(NamedTuple):
    """An approved wish; `quantity` counts contracts, or shares."""

    sleeve: int
    wish: str
    contract: Contract | None
    quantity: int


@dataclass
class Waiting:
    """A new put that waits for its turn."""

    sleeve: int
    quote: Quote
    unit_loss_u: int
    score: float


# --- numbers -------------------------------------------------------------------------------------


def rounded(amount: float) -> int:
    return math.floor(amount + 0.5)


def ceil_div(amount: int, by: int) -> int:
    return -(-amount // by)


def fee_u(contracts: int, per_contract_u: int, money_u: int, ppb: int) -> int:
    """The exact sum, rounded up once to a whole cent."""
    billionths = contracts * per_contract_u * BILLION + money_u * ppb
    return ceil_div(billionths, BILLION * CENT_U) * CENT_U


def normal_cdf(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


def black76(
    right: int, forward: float, strike: float, volatility: float, years: float, discount: float
) -> float:
    """The textbook's price of a European option; the forward's intrinsic where nothing can move."""
    sign = 1 if right == CALL else -1
    deviation = volatility * math.sqrt(max(years, 0.0))
    if deviation <= 0.0:
        return discount * max(sign * (forward - strike), 0.0)
    d1 = math.log(forward / strike) / deviation + 0.5 * deviation
    d2 = d1 - deviation
    value = sign * (forward * normal_cdf(sign * d1) - strike * normal_cdf(sign * d2))
    return discount * value


def intrinsic_u(contract: Contract, spot_u: int) -> int:
    gain_u = spot_u - contract.strike_u
    return max(gain_u if contract.right == CALL else -gain_u, 0)


# --- the backtest --------------------------------------------------------------------------------


class Backtest:
    """Runs the sessions of a market; `log`, `verdicts`, `equity_u` and `cash_u` tell what came."""

    def __init__(self, case: Case) -> None:
        self.terms, self.sessions, self.policies = case.terms, case.sessions, case.policies
        self.limits, self.fills, self.deposits_u = case.limits, case.fills, case.deposits_u
        self.sleeves = [Sleeve(*names) for names in case.sleeves]
        self.accounts = [Account() for _ in case.deposits_u]
        self.regimes = [Regime() for _ in case.policies]
        self.orders: list[Order] = []
        self.log: list[Event] = []
        self.verdicts: list[Verdict] = []
        self.equity_u: list[list[int]] = []
        self.cash_u: list[list[int]] = []
        self.at = 0

    @property
    def now(self) -> Session:
        return self.sessions[self.at]

    def run(self) -> "Backtest":
        for account, cash_u in enumerate(self.deposits_u):
            self.book(account, Event(0, "deposit", account, -1, amount_u=cash_u))
        for self.at in range(len(self.sessions)):  # noqa: B020  the session that is now
            self.morning()
            self.snapshot()
            self.evening()
        return self

    def book(self, account: int, event: Event) -> None:
        """Write an event down and let its account have the money."""
        self.log.append(event)
        self.accounts[account].cash_u += event.amount_u - event.fee_u

    def happen(  # noqa: PLR0917  an event's own fields
        self, number: int, kind: str, contract: Contract | None = None, quantity: int = 0,
        shares: int = 0, amount_u: int = 0, fee: int = 0, price_u: int = 0,
    ) -> None:  # fmt: skip
        """Let something happen to a sleeve."""
        sleeve = self.sleeves[number]
        account, net_u = sleeve.account, amount_u - fee
        event = Event(
            self.at, kind, account, number, contract, quantity, shares, amount_u, fee, price_u
        )
        self.book(account, event)
        sleeve.campaigns += sleeve.flat
        if contract and contract.right in sleeve.legs:  # legs are only closed whole
            del sleeve.legs[contract.right]
        elif contract:
            sleeve.legs[contract.right] = Leg(contract, quantity, net_u)
        sleeve.shares += shares
        sleeve.money_u += net_u
        if sleeve.flat:
            sleeve.realised_u += sleeve.money_u
            sleeve.money_u = 0

    # --- order of a session ---

    def morning(self) -> None:
        if self.at > 0:
            for account in range(len(self.accounts)):
                self.pay_interest(account)
            for number in range(len(self.sleeves)):
                self.pay_dividend(number)
        for number, sleeve in enumerate(self.sleeves):
            if self.terms[sleeve.underlying].morning:
                price_u = self.now.open_u[sleeve.underlying] or self.now.close_u[sleeve.underlying]
                for _, leg in sorted(sleeve.legs.items()):
                    if leg.contract.expiry <= self.now.day:
                        self.settle(number, leg, price_u)

    def pay_interest(self, account: int) -> None:
        cash_u, last = self.accounts[account].cash_u, self.sessions[self.at - 1]
        if cash_u > 0:
            amount_u = rounded(cash_u * last.rate * (self.now.day - last.day) / 365)
            if amount_u != 0:
                self.book(account, Event(self.at, "interest", account, -1, amount_u=amount_u))

    def pay_dividend(self, number: int) -> None:
        sleeve = self.sleeves[number]
        each_u = self.now.dividend_u[sleeve.underlying]
        if each_u and sleeve.shares:
            self.happen(number, "dividend", amount_u=each_u * sleeve.shares, price_u=each_u)

    def snapshot(self) -> None:
        if self.fills.delay == 1:
            self.fill_all()
        self.step()
        if self.fills.delay == 0:
            self.fill_all()

    def evening(self) -> None:
        for number, sleeve in enumerate(self.sleeves):
            close_u = self.now.close_u[sleeve.underlying]
            morning = self.terms[sleeve.underlying].morning
            for _, leg in sorted(sleeve.legs.items()):
                if leg.contract.expiry <= self.now.day and not morning:
                    self.settle(number, leg, close_u)
                elif self.assigned_early(sleeve, leg):
                    self.exercise(number, leg, close_u)
        for account in range(len(self.accounts)):
            self.mark(account)
        self.equity_u.append([account.equity_u for account in self.accounts])
        self.cash_u.append([account.cash_u for account in self.accounts])

    def assigned_early(self, sleeve: Sleeve, leg: Leg) -> bool:
        quote = self.quote_of(sleeve.underlying, leg.contract)
        american = self.terms[sleeve.underlying].american
        if not american or quote is None or quote.ask_u <= 0 or leg.quantity >= 0:
            return False
        close_u = self.now.close_u[sleeve.underlying]
        expiry, right, strike_u = leg.contract
        later = self.sessions[self.at + 1 :]
        if right == CALL:
            return (
                close_u > strike_u
                and len(later) > 0
                and later[0].dividend_u[sleeve.underlying] > quote.mid_u - (close_u - strike_u)
            )
        interest_u = rounded(strike_u * (1.0 - math.exp(-self.now.rate * self.years(expiry))))
        dividends_u = sum(s.dividend_u[sleeve.underlying] for s in later if s.day <= expiry)
        return strike_u > close_u and interest_u > quote.mid_u - (strike_u - close_u) + dividends_u

    # --- settlement ---

    def settle(self, number: int, leg: Leg, price_u: int) -> None:
        if intrinsic_u(leg.contract, price_u) >= CENT_U:
            self.exercise(number, leg, price_u)
        else:
            self.happen(number, "expired", leg.contract, -leg.quantity, price_u=price_u)

    def exercise(self, number: int, leg: Leg, price_u: int) -> None:
        terms, fees = self.terms[self.sleeves[number].underlying], self.now.fees
        units = leg.quantity * terms.mult
        shares = fee = 0
        if terms.physical:
            shares = units if leg.contract.right == CALL else -units
            kind, amount_u = "assigned", -shares * leg.contract.strike_u
            fee = fee_u(abs(leg.quantity), fees.assign_u, 0, 0)
            fee += fee_u(0, 0, max(amount_u, 0), fees.stock_sell_ppb)
        else:
            kind, amount_u = "settled", units * intrinsic_u(leg.contract, price_u)
        self.happen(number, kind, leg.contract, -leg.quantity, shares, amount_u, fee, price_u)

    # --- marking ---

    def quotes(self, underlying: int, right: int) -> list[Quote]:
        return self.now.quotes.get((underlying, right), [])

    def quote_of(self, underlying: int, contract: Contract) -> Quote | None:
        for quote in self.quotes(underlying, contract.right):
            if quote.contract == contract:
                return quote
        return None

    def years(self, expiry: int) -> float:
        return (expiry - self.now.day) / 365

    def mark(self, number: int) -> None:
        account = self.accounts[number]
        account.reserved_u = account.committed_u = 0
        account.exposure_u = dict.fromkeys(range(len(self.terms)), 0)
        account.equity_u = account.cash_u
        for sleeve in self.sleeves:
            if sleeve.account != number:
                continue
            mult = self.terms[sleeve.underlying].mult
            shares_u = sleeve.shares * self.now.close_u[sleeve.underlying]
            account.equity_u += shares_u
            account.exposure_u[sleeve.underlying] += shares_u
            for leg in sleeve.legs.values():
                account.equity_u += self.mark_of(sleeve.underlying, leg) * leg.quantity * mult
            if PUT in sleeve.legs:
                put = sleeve.legs[PUT]
                self.reserve(account, sleeve.underlying, put.contract, -put.quantity)
        account.peak_u = max(account.peak_u, account.equity_u)

    def reserve(self, account: Account, underlying: int, put: Contract, contracts: int) -> None:
        strikes_u = put.strike_u * self.terms[underlying].mult * contracts
        account.reserved_u += strikes_u
        account.exposure_u[underlying] += strikes_u

    def mark_of(self, underlying: int, leg: Leg) -> int:
        expiry, right, strike_u = leg.contract
        quote = self.quote_of(underlying, leg.contract)
        if quote and 0 <= quote.bid_u <= quote.ask_u and quote.ask_u > 0:
            return quote.mid_u
        floor_u = intrinsic_u(leg.contract, self.now.close_u[underlying])
        near = min(
            self.quotes(underlying, right),
            key=lambda row: (
                abs(row.contract.expiry - expiry),
                abs(row.contract.strike_u - strike_u),
            ),
            default=None,
        )
        if near is None or not near.iv > 0.0:
            return floor_u
        years = self.years(expiry)
        discount = math.exp(-self.now.rate * years)
        value = black76(right, near.forward, strike_u / MICRO, near.iv, years, discount)
        return max(rounded(value * MICRO), floor_u)

    # --- the regime ---

    def update_regime(self, policy: Policy, regime: Regime) -> None:
        def column_at(measure: float) -> int:
            return sum(edge <= measure for edge in policy.edges)

        measure = self.now.measure
        if math.isnan(measure):
            regime.force, regime.asked = len(policy.edges), 0
            return
        up, down = column_at(measure), column_at(measure + policy.hysteresis)
        if regime.kept < 0:
            regime.kept = up
        wanted = up if up > regime.kept else min(down, regime.kept)
        if wanted > regime.kept:
            regime.asked = max(regime.asked, 0) + 1
        elif wanted < regime.kept:
            regime.asked = min(regime.asked, 0) - 1
        else:
            regime.asked = 0
        if abs(regime.asked) >= policy.confirm:
            regime.kept, regime.asked = wanted, 0
        regime.force = regime.kept

    # --- the step ---

    def step(self) -> None:
        for account in range(len(self.accounts)):
            self.mark(account)
        for policy, regime in zip(self.policies, self.regimes, strict=True):
            self.update_regime(policy, regime)
        waiting: list[Waiting] = []
        rungs: set[tuple[int, int, int]] = set()
        for number, sleeve in enumerate(self.sleeves):
            rung = (sleeve.account, sleeve.policy, sleeve.underlying)
            if sleeve.flat and rung in rungs:
                continue
            if sleeve.flat:
                rungs.add(rung)
            self.wish(number, waiting)
        for put in sorted(waiting, key=lambda put: -put.score):
            self.judge_put(put)

    def decide(self, order: Order, verdict: str) -> None:
        self.verdicts.append(Verdict(self.at, *order, verdict))
        if verdict == "approved":
            self.orders.append(order)

    def refuse(self, number: int, why: str) -> None:
        """There is nothing to wish for, and this is why."""
        self.decide(Order(number, why, None, 0), why)

    def wish(self, number: int, waiting: list[Waiting]) -> None:
        sleeve = self.sleeves[number]
        policy = self.policies[sleeve.policy]
        column = policy.columns[self.regimes[sleeve.policy].force]
        if sleeve.legs:
            self.manage(number, sleeve.legs[min(sleeve.legs)])
        elif sleeve.shares and policy.strategy != WHEEL:
            self.decide(Order(number, "release", None, sleeve.shares), "approved")
        elif not (self.now.first_of_week or column.daily):
            return
        elif sleeve.shares:
            self.wish_calls(number, policy, column)
        elif column.delta == 0.0 or column.size == 0.0:
            self.refuse(number, "regime")
        else:
            quote, _ = self.select(sleeve, policy, column, PUT, 0)
            if quote is None:
                self.refuse(number, "no_candidate")
            else:
                loss_u = self.unit_loss_u(sleeve.underlying, policy, quote)
                mult = self.terms[sleeve.underlying].mult
                score = quote.bid_u * mult / max(loss_u, 1)
                waiting.append(Waiting(number, quote, loss_u, score))

    def manage(self, number: int, leg: Leg) -> None:
        """Buy a short option back whole, where it is time or profit enough."""
        sleeve = self.sleeves[number]
        policy = self.policies[sleeve.policy]
        quote = self.quote_of(sleeve.underlying, leg.contract)
        dte, contracts = leg.contract.expiry - self.now.day, -leg.quantity
        cost_u = quote.ask_u * self.terms[sleeve.underlying].mult * contracts if quote else 0
        left_u = (1.0 - policy.take_profit) * leg.opening_u
        if 0 <= dte <= policy.exit_dte:
            wish = "time_exit"
        elif policy.take_profit > 0.0 and dte > 0 and cost_u > 0 and cost_u <= left_u:
            wish = "take_profit"
        else:
            return
        account = self.accounts[sleeve.account]
        freed_u = 0
        if leg.contract.right == PUT:
            freed_u = leg.contract.strike_u * self.terms[sleeve.underlying].mult * contracts
        order = Order(number, wish, leg.contract, contracts)
        if cost_u <= 0:
            self.decide(order, "no_quote")
        elif account.cash_u - cost_u < account.reserved_u + account.committed_u - freed_u:
            self.decide(order, "cash")
        else:
            account.committed_u += cost_u
            self.decide(order, "approved")

    def wish_calls(self, number: int, policy: Policy, column: Column) -> None:
        sleeve = self.sleeves[number]
        lots = sleeve.shares // self.terms[sleeve.underlying].mult
        if lots == 0:
            return
        if column.delta == 0.0:
            self.refuse(number, "regime")
            return
        open_u = sum(leg.opening_u for leg in sleeve.legs.values())
        floor_u = ceil_div(open_u - sleeve.money_u, sleeve.shares)
        quote, floored = self.select(sleeve, policy, column, CALL, floor_u)
        if quote is None:
            self.refuse(number, "breakeven" if floored else "no_candidate")
        else:
            self.decide(Order(number, "entry_call", quote.contract, lots), "approved")

    # --- selection ---

    def select(
        self, sleeve: Sleeve, policy: Policy, column: Column, right: int, floor_u: int
    ) -> tuple[Quote | None, bool]:
        """The quote nearest the target delta, and whether only the floor left none."""
        close_u = self.now.close_u[sleeve.underlying]
        best, best_miss, floored = None, math.inf, False
        for quote in self.quotes(sleeve.underlying, right):
            miss = abs(abs(quote.delta) - column.delta)
            basis_u = close_u if right == CALL else quote.contract.strike_u
            if not miss <= 0.5 * column.delta:  # an unknown delta neither
                continue
            if not self.eligible(quote, policy, column, basis_u):
                continue
            if quote.contract.strike_u < floor_u:
                floored = True
            elif miss < best_miss:
                best, best_miss = quote, miss
        return best, floored and best is None

    def eligible(self, quote: Quote, policy: Policy, column: Column, basis_u: int) -> bool:
        bid_u, ask_u = quote.bid_u, quote.ask_u
        dte = quote.contract.expiry - self.now.day
        return (
            policy.dte_min <= dte <= policy.dte_max
            and 0 < bid_u <= ask_u
            and 2 * (ask_u - bid_u) <= policy.max_spread * (ask_u + bid_u)
            and (quote.open_interest < 0 or quote.open_interest >= policy.min_open_interest)
            and bid_u >= policy.min_credit_u
            and bid_u * 365 >= column.min_yield * basis_u * dte
        )

    # --- verdicts on new puts ---

    def unit_loss_u(self, underlying: int, policy: Policy, quote: Quote) -> int:
        terms = self.terms[underlying]
        expiry, _, strike_u = quote.contract
        years = self.years(expiry)
        discount = math.exp(-self.now.rate * years)
        worst_u = 0
        for move, factor in policy.stresses:
            shocked = MICRO * black76(
                PUT, quote.forward * (1.0 + move), strike_u / MICRO,
                quote.iv * factor, years, discount,
            )  # fmt: skip
            if terms.american:
                shocked = max(shocked, strike_u - self.now.close_u[underlying] * (1.0 + move))
            worst_u = max(worst_u, rounded(shocked) - quote.mid_u)
        return terms.mult * worst_u

    def judge_put(self, put: Waiting) -> None:
        sleeve = self.sleeves[put.sleeve]
        account, limits = self.accounts[sleeve.account], self.limits[sleeve.account]
        fallen_u = (1.0 - limits.drawdown_halt) * account.peak_u
        if limits.drawdown_halt > 0.0 and account.equity_u <= fallen_u:
            quantity, bound = 0, "halt"
        else:
            quantity, bound = self.size(put, sleeve, account, limits)
        if quantity > 0:
            bound = "approved"
            self.reserve(account, sleeve.underlying, put.quote.contract, quantity)
        self.decide(Order(put.sleeve, "entry_put", put.quote.contract, quantity), bound)

    def size(
        self, put: Waiting, sleeve: Sleeve, account: Account, limits: Limits
    ) -> tuple[int, str]:
        """The least of four quantities, and the name of the one that binds."""
        policy = self.policies[sleeve.policy]
        column = policy.columns[self.regimes[sleeve.policy].force]
        positive_u = max(account.equity_u, 0)
        exposure_u = account.exposure_u[sleeve.underlying]
        risk_u = math.floor(policy.risk_per_position * column.size * account.equity_u)
        underlying_u = math.floor(policy.per_underlying * positive_u) - exposure_u
        notional_u = math.floor(limits.short_put_notional * positive_u) - account.reserved_u
        kept_u = math.floor(limits.cash_reserve * positive_u)
        free_u = account.cash_u - account.reserved_u - account.committed_u - kept_u
        each_u = put.quote.contract.strike_u * self.terms[sleeve.underlying].mult
        quantities = [
            (max(risk_u, 0) // put.unit_loss_u if put.unit_loss_u else UNBOUND, "risk"),
            (max(underlying_u, 0) // each_u, "underlying"),
            (max(notional_u, 0) // each_u, "short_puts"),
            (max(free_u, 0) // each_u, "cash"),
        ]
        return min(quantities, key=lambda cap: cap[0])

    # --- fills ---

    def fill_all(self) -> None:
        orders, self.orders = sorted(self.orders, key=lambda order: order.sleeve), []
        for order in orders:
            if order.wish == "release":
                self.sell_shares(order)
            else:
                self.trade_option(order)

    def sell_shares(self, order: Order) -> None:
        close_u = self.now.close_u[self.sleeves[order.sleeve].underlying]
        price_u = close_u - CENT_U
        if price_u <= 0:
            self.come_to_nothing(order, "no_quote")
            return
        amount_u = price_u * order.quantity
        fee = fee_u(0, 0, amount_u, self.now.fees.stock_sell_ppb)
        self.happen(order.sleeve, "fill", None, 0, -order.quantity, amount_u, fee, price_u)

    def trade_option(self, order: Order) -> None:
        sleeve, fees, contract = self.sleeves[order.sleeve], self.now.fees, order.contract
        selling = order.wish.startswith("entry")
        if self.gone(order, sleeve):
            self.come_to_nothing(order, "lapsed")
            return
        price_u = self.price_u(sleeve.underlying, contract, selling=selling)
        if price_u is None:
            self.come_to_nothing(order, "no_quote")
            return
        money_u = price_u * self.terms[sleeve.underlying].mult * order.quantity
        if selling:
            fee = fee_u(order.quantity, fees.option_sell_u, money_u, fees.option_sell_ppb)
            self.happen(order.sleeve, "fill", contract, -order.quantity, 0, money_u, fee, price_u)
        else:
            fee = fee_u(order.quantity, fees.option_buy_u, 0, 0)
            self.happen(order.sleeve, "fill", contract, order.quantity, 0, -money_u, fee, price_u)

    def come_to_nothing(self, order: Order, verdict: str) -> None:
        self.verdicts.append(Verdict(self.at, *order, verdict))

    def gone(self, order: Order, sleeve: Sleeve) -> bool:
        """Whether what an order was decided for is no longer there."""
        leg = sleeve.legs.get(order.contract.right)
        if not order.wish.startswith("entry"):
            return leg is None or (leg.contract, -leg.quantity) != (order.contract, order.quantity)
        needs = order.quantity * self.terms[sleeve.underlying].mult
        return leg is not None or (order.wish == "entry_call" and sleeve.shares < needs)

    def price_u(self, underlying: int, contract: Contract, *, selling: bool) -> int | None:
        quote, terms = self.quote_of(underlying, contract), self.terms[underlying]
        if quote is None or quote.ask_u < quote.bid_u or quote.ask_u <= 0:
            return None
        if selling and quote.bid_u <= 0:
            return None
        middle = (quote.bid_u + quote.ask_u) / 2
        paid = self.fills.half_spread * (quote.ask_u - quote.bid_u) / 2
        price_u = rounded(middle - paid if selling else middle + paid)
        small = price_u < terms.tick_threshold_u
        tick_u = terms.tick_small_u if small else terms.tick_large_u
        if not selling:
            return ceil_div(price_u, tick_u) * tick_u
        price_u = price_u // tick_u * tick_u
        return price_u if price_u > 0 else None
