"""Made-up ledgers: a hand-written month to check by hand, and five years of a wheel to look at.

The wheel is not the engine's: it sells the put or call nearest a fixed moneyness every Monday,
priced by Black-Scholes at a made-up volatility, holds to expiry, and keeps its books to the
millionth, so that the identities of docs/metrics.md can be tested on it.
"""

import math
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from underwriter.book.event import (
    AnyEvent,
    Approved,
    Assigned,
    BookOpened,
    Deposited,
    DividendReceived,
    Expired,
    Filled,
    InterestPaid,
    Marked,
    Quoted,
    Refused,
    SleeveOpened,
)
from underwriter.core.contract import CALL, PUT, Contract
from underwriter.core.sleeve import SHORT_CALL, SHORT_PUT
from underwriter.core.units import MICRO

POLICY_TEXT = """name = "wheel-spx10"
strategy = "wheel"            # sold every week & held <to> expiry
universe = ["SPX10"]

[entry]
delta = 0.25
dte = [30, 45]
"""
MULTIPLIER = 100
SLEEVES = 3


def u(dollars: float) -> int:
    return math.floor(dollars * MICRO + 0.5)


def opened(quotes: str = "modelled") -> BookOpened:
    return BookOpened(
        at=0,
        session=date(2014, 1, 2),
        account="main",
        version="0.1.0",
        quotes=quotes,
        source="SPX/10 of arch, chains modelled from VIX",
        policies={"ab12": POLICY_TEXT},
        settings={
            "half_spread": 0.5,
            "delay": 0,
            "commission": "0.65 a contract",
            "starting_cash": 1_000_000,
            "dividends": "paid on the ex-date",
        },
    )


def _normal(x: float) -> float:
    return 0.5 * (1.0 + math.erf(x / math.sqrt(2.0)))


def premium(spot: float, strike: float, years: float, sigma: float, right: int) -> float:
    """Black-Scholes without carry."""
    if years <= 0:
        return max(spot - strike, 0.0) if right == CALL else max(strike - spot, 0.0)
    wide = sigma * math.sqrt(years)
    d1 = math.log(spot / strike) / wide + wide / 2.0
    call = spot * _normal(d1) - strike * _normal(d1 - wide)
    return call if right == CALL else call - spot + strike


@dataclass
class _Sleeve:
    number: int
    campaign: int = 0
    shares: int = 0
    contract: Contract | None = None
    quantity: int = 0

    @property
    def slot(self) -> int:
        return SHORT_CALL if self.contract and self.contract.right == CALL else SHORT_PUT


@dataclass
class Wheel:
    """A deterministic run; `events` is the ledger."""

    seed: int = 7
    sessions: int = 1_258
    start: float = 1_000_000.0
    events: list[AnyEvent] = field(default_factory=list)
    cash_u: int = 0
    at: int = 0

    def run(self) -> list[AnyEvent]:
        """Trade every session and return the ledger."""
        days = [day for i in range(self.sessions * 2) if (day := _day(i)).weekday() < 5]
        days = days[: self.sessions]
        moves = np.random.default_rng(self.seed).standard_t(4, self.sessions)
        level, sigma = 183.0, 0.14
        sleeves = [_Sleeve(i) for i in range(SLEEVES)]
        self.events.append(opened())
        for sleeve in sleeves:
            self._add(SleeveOpened, days[0], **self._of(sleeve), name="wheel-spx10",
                      underlying="SPX10", root="SPX10", multiplier=MULTIPLIER)  # fmt: skip
        self.cash_u = u(self.start)
        self._add(Deposited, days[0], amount_u=self.cash_u)
        for i, day in enumerate(days):
            if i:
                daily = sigma / math.sqrt(252)
                level *= math.exp(0.00042 + 0.62 * daily * float(moves[i]))
                shock = 0.10 * max(-float(moves[i]), 0.0) * daily * 10
                sigma = min(0.6, max(0.1, 0.97 * sigma + 0.03 * 0.13 + shock * 0.5))
                self._morning(day, (day - days[i - 1]).days)
            spot = round(level, 2)
            paid = 0.0
            if i and day.month % 3 == 0 and day.month != days[max(i - 10, 0)].month:
                paid = 0.95 if days[i - 10].month != days[i - 9].month else 0.0
            for sleeve in sleeves:
                self._dividend(day, sleeve, paid)
                if day.weekday() == 0 and (i // 5) % SLEEVES == sleeve.number:
                    self._decide(day, sleeve, spot, sigma * 1.1)
                elif day.weekday() == 0 and i % 7 == 0:
                    self._refuse(day, sleeve, sigma)
            for sleeve in sleeves:
                self._settle(day, sleeve, spot)
            self._mark(day, sleeves, spot, sigma, paid)
        return self.events

    def _add(self, kind: type, day: date, **values: object) -> None:
        self.at += 1
        self.events.append(kind(at=self.at, session=day, account="main", **values))

    def _of(self, sleeve: _Sleeve) -> dict[str, object]:
        return {"sleeve": sleeve.number, "campaign": sleeve.campaign, "policy": "ab12"}

    def _morning(self, day: date, since: int) -> None:
        paid_u = u(self.cash_u / MICRO * 0.009 * since / 365)
        if paid_u > 0:
            self.cash_u += paid_u
            self._add(InterestPaid, day, amount_u=paid_u)

    def _dividend(self, day: date, sleeve: _Sleeve, paid: float) -> None:
        if paid and sleeve.shares:
            amount_u = u(paid) * sleeve.shares
            self.cash_u += amount_u
            self._add(DividendReceived, day, **self._of(sleeve), shares=sleeve.shares,
                      per_share_u=u(paid), amount_u=amount_u)  # fmt: skip

    def _refuse(self, day: date, sleeve: _Sleeve, sigma: float) -> None:
        why = "regime" if sigma > 0.22 else "cash" if day.day % 2 else "no_candidate"
        self._add(Refused, day, **self._of(sleeve), action="open", option=None, why=why,
                  needs_u=u(1_250_000) if why == "cash" else 0)  # fmt: skip

    def _decide(self, day: date, sleeve: _Sleeve, spot: float, sigma: float) -> None:
        if sleeve.contract is not None:
            years = (sleeve.contract.expiry - day).days / 365
            each = premium(spot, float(sleeve.contract.strike), years, sigma, sleeve.contract.right)
            if (sleeve.contract.expiry - day).days > 10 and each < 0.25:
                self._buy_back(day, sleeve, round(each + 0.02, 2))
            return
        right = CALL if sleeve.shares else PUT
        strike = round(spot * (1.02 if right == CALL else 0.975))
        expiry = day + timedelta(days=32)
        sleeve.contract = Contract("SPX10", expiry, right, Decimal(strike))
        sleeve.quantity = sleeve.shares // MULTIPLIER or 14
        if not sleeve.shares:
            sleeve.campaign += 1
        each = round(premium(spot, strike, 32 / 365, sigma, right) - 0.01, 2)
        self._add(Approved, day, **self._of(sleeve), action="open",
                  option=sleeve.contract.osi(), quantity=sleeve.quantity,
                  why="entry_call" if right == CALL else "entry_put")  # fmt: skip
        self._fill(day, sleeve, each, -sleeve.quantity)

    def _fill(self, day: date, sleeve: _Sleeve, each: float, quantity: int) -> None:
        amount_u = -u(each) * quantity * MULTIPLIER
        fee_u = u(0.66 * abs(quantity))
        self.cash_u += amount_u - fee_u
        assert sleeve.contract is not None
        self._add(Filled, day, **self._of(sleeve), slot=sleeve.slot, option=sleeve.contract.osi(),
                  quantity=quantity, shares=0, price_u=u(each), amount_u=amount_u,
                  fee_u=fee_u)  # fmt: skip

    def _buy_back(self, day: date, sleeve: _Sleeve, each: float) -> None:
        assert sleeve.contract is not None
        self._add(Approved, day, **self._of(sleeve), action="close",
                  option=sleeve.contract.osi(), quantity=sleeve.quantity,
                  why="take_profit")  # fmt: skip
        self._fill(day, sleeve, each, sleeve.quantity)
        sleeve.contract = None

    def _settle(self, day: date, sleeve: _Sleeve, spot: float) -> None:
        contract = sleeve.contract
        if contract is None or day < contract.expiry:
            return
        call = contract.right == CALL
        inside = spot - float(contract.strike) if call else float(contract.strike) - spot
        shares = 0
        if inside >= 0.01:
            shares = (-1 if call else 1) * sleeve.quantity * MULTIPLIER
        amount_u = -shares * int(contract.strike) * MICRO
        fee_u = u(math.ceil(max(amount_u, 0) / MICRO * 0.0000278 * 100) / 100)
        self.cash_u += amount_u - fee_u
        self._add(Assigned if shares else Expired, day, **self._of(sleeve), slot=sleeve.slot,
                  option=contract.osi(), quantity=sleeve.quantity, shares=shares,
                  price_u=u(spot), amount_u=amount_u, fee_u=fee_u)  # fmt: skip
        sleeve.shares += shares
        sleeve.contract = None

    def _mark(
        self, day: date, sleeves: list[_Sleeve], spot: float, sigma: float, paid: float
    ) -> None:
        shares_u = sum(sleeve.shares for sleeve in sleeves) * u(spot)
        options_u = 0
        for each in sleeves:
            if each.contract:
                years = (each.contract.expiry - day).days / 365
                mark = premium(
                    spot, float(each.contract.strike), years, sigma * 1.1, each.contract.right
                )
                options_u -= u(mark) * each.quantity * MULTIPLIER
        self._add(Marked, day, equity_u=self.cash_u + shares_u + options_u, cash_u=self.cash_u,
                  shares_u=shares_u, rate=0.009, measure=round(sigma * 118, 2),
                  underlyings={"SPX10": Quoted(u(spot), u(paid))},
                  regimes={"ab12": (1, 1, 0)})  # fmt: skip


def _day(offset: int) -> date:
    return date(2014, 1, 2) + timedelta(days=offset)
