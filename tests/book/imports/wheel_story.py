"""The worked cycle of DOMAIN.md 4.2 as every broker tells it: 100 shares, no fees, 856.00 in all.

Two trades of 14 January are a roll; the put is assigned, two calls expire, a third is called.
Fills and their ends are of our own making, in the layouts of docs/imports.md.
"""

import csv
import io
import json
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from book.imports import alpaca_year, ibkr_year, robinhood_year, schwab_year, tastytrade_year
from book.imports.flex_year import cash, element, query
from underwriter.core.contract import CALL, Contract, parse_osi


class Told(NamedTuple):
    """One row of the story."""

    day: str
    what: str  # deposit, open, close, assigned, delivered or expired
    thing: str  # an OSI symbol, or shares
    quantity: int
    price: str

    @property
    def contract(self) -> Contract:
        """The option."""
        return parse_osi(self.thing)

    @property
    def money(self) -> Decimal:
        """Cash, signed: there are no fees."""
        size = 100 if len(self.thing) == 21 else 1
        sign = -self.quantity if self.thing else 1
        return sign * size * Decimal(self.price)

    def date(self, form: str) -> str:
        """The day in a form such as m/d/y."""
        year, month, day = self.day.split("-")
        return form.replace("y", year).replace("m", month).replace("d", day)


P95, P94 = "XYZ   260116P00095000", "XYZ   260220P00094000"
MARCH, APRIL, MAY = "XYZ   260320C00097000", "XYZ   260417C00097000", "XYZ   260515C00097000"
STORY = [
    Told("2026-01-02", "deposit", "", 0, "20000"),
    Told("2026-01-05", "open", P95, -1, "1.36"),
    Told("2026-01-14", "close", P95, 1, "2.10"),
    Told("2026-01-14", "open", P94, -1, "2.75"),
    Told("2026-02-20", "assigned", P94, 1, "0"),
    Told("2026-02-20", "delivered", "XYZ", 100, "94"),
    Told("2026-02-23", "open", MARCH, -1, "1.20"),
    Told("2026-03-20", "expired", MARCH, 1, "0"),
    Told("2026-03-23", "open", APRIL, -1, "0.95"),
    Told("2026-04-17", "expired", APRIL, 1, "0"),
    Told("2026-04-20", "open", MAY, -1, "1.40"),
    Told("2026-05-15", "assigned", MAY, 1, "0"),
    Told("2026-05-15", "delivered", "XYZ", -100, "97"),
]


def text_of(head: str, rows: list[list[str]]) -> str:
    """A csv, its newest row first, under a header."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows[::-1])
    return f"{head}\n{file.getvalue()}"


def tastytrade(told: Told) -> list[str]:
    """A row with `Total`."""
    when, money = f"{told.day}T16:00:00-0500", f"{told.money:.2f}"
    if told.what == "deposit":
        return [when, "Money Movement", "Deposit", "", "", "", "ACH DEPOSIT", money, "0", "", "--",
                "0.00", *[""] * 7, money, "USD"]  # fmt: skip
    side = "Sell" if told.quantity < 0 else "Buy"
    to_open = told.what == "open" or (told.what == "delivered" and told.quantity > 0)
    words = f"{side} to {'Open' if to_open else 'Close'}"
    action, count = words.upper().replace(" ", "_"), str(abs(told.quantity))
    if told.what == "delivered":
        return [when, "Receive Deliver", words, action, "XYZ", "Equity", "", money, count,
                f"{told.money / abs(told.quantity):.2f}", "--", "0.00", *[""] * 7, money,
                "USD"]  # fmt: skip
    end = {"assigned": "Assignment", "expired": "Expiration"}.get(told.what)
    kind = "Receive Deliver" if end else "Trade"
    contract = told.contract
    right = "CALL" if contract.right == CALL else "PUT"
    return [when, kind, end or words, "" if end else action, told.thing, "Equity Option", "", money,
            count, money, "--" if end else "0.00", "0.00", "100", "XYZ", "XYZ",
            f"{contract.expiry:%m/%d/%y}", f"{contract.strike:f}", right,
            "" if end else f"7{told.day}", money, "USD"]  # fmt: skip


def schwab(told: Told) -> list[str]:
    """A row without the id of an order, and without a time."""
    day, money = told.date("m/d/y"), f"${told.money:.2f}".replace("$-", "-$")
    if told.what == "deposit":
        return [day, "MoneyLink Transfer", "", "Tfr A BANK", "", "", "", money]
    count, price = str(abs(told.quantity)), f"${told.price}"
    if told.what == "delivered":
        action = "Sell" if told.quantity < 0 else "Buy"
        return [day, action, "XYZ", "XYZ INC", count, price, "", money]
    contract = told.contract
    letter = "C" if contract.right == CALL else "P"
    name = f"XYZ {contract.expiry:%m/%d/%Y} {contract.strike:.2f} {letter}"
    end = {"assigned": "Assigned", "expired": "Expired"}.get(told.what)
    if end:
        return [day, end, name, "", count, "", "", ""]
    action = "Sell to Open" if told.what == "open" else "Buy to Close"
    return [day, action, name, "", count, price, "", money]


def robinhood(told: Told) -> list[str]:
    """A row without the id of an order, and without a time."""
    day, money = told.date("m/d/y"), f"${abs(told.money):,.2f}"
    money = f"({money})" if told.money < 0 else money
    if told.what == "deposit":
        return [day, day, day, "", "ACH Deposit", "ACH", "", "", money]
    count, price = str(abs(told.quantity)), f"${told.price}"
    if told.what == "delivered":
        code = "Sell" if told.quantity < 0 else "Buy"
        return [day, day, day, "XYZ", "XYZ Inc.\n1 XYZ Option Assigned", code, count, price, money]
    contract = told.contract
    right = "Call" if contract.right == CALL else "Put"
    name = f"XYZ {contract.expiry:%m/%d/%Y} {right} ${contract.strike:.2f}"
    end = {"assigned": "OASGN", "expired": "OEXP"}.get(told.what)
    if end:
        words = name if end == "OASGN" else f"Option Expiration for {name}"
        return [day, day, day, "XYZ", words, end, count, "", ""]
    code = "STO" if told.what == "open" else "BTC"
    return [day, day, day, "XYZ", name, code, count, price, money]


def alpaca(number: int, told: Told) -> dict[str, str]:
    """An activity; each leg of the roll has an order of its own."""
    symbol = told.thing.replace(" ", "")
    if told.what in {"open", "close"}:
        side = "sell" if told.quantity < 0 else "buy"
        when = f"{told.day}T15:00:{number:02}Z"
        fill = alpaca_year.fill(number, when, side, symbol, str(abs(told.quantity)), told.price)
        return fill | {"order_id": f"order-{number}"}
    code = {"deposit": "CSD", "assigned": "OPASN", "delivered": "OPTRD", "expired": "OPEXP"}
    money, count = f"{told.money}", str(told.quantity) if told.thing else ""
    more = {"price": told.price} if told.what == "delivered" else {}
    return alpaca_year.other(number, code[told.what], told.day, money, symbol, count, **more)


def ibkr_csv(told: Told) -> list[str]:
    """A row of Trades, without the id of an order; code O, C, A or Ep."""
    code = {"open": "O", "close": "C", "assigned": "A;C", "expired": "C;Ep"}.get(told.what)
    code = code or ("A;O" if told.quantity > 0 else "A;C")
    name, sort = "XYZ", "Stocks"
    if told.what != "delivered":
        contract = told.contract
        letter, sort = "C" if contract.right == CALL else "P", "Equity and Index Options"
        name = f"XYZ {contract.expiry:%d%b%y} {contract.strike:f} {letter}".upper()
    return ["Trades", "Data", "Order", sort, "USD", name, f"{told.day}, 10:00:00",
            str(told.quantity), told.price, told.price, f"{told.money}", "0", "0", "0", "0",
            code]  # fmt: skip


def activity_statement() -> str:
    """The csv of Interactive Brokers, with what it says of its end."""
    (start, _, rest) = ibkr_year.TEXT.partition("Net Asset Value,Header")
    header = next(line for line in rest.splitlines() if line.startswith("Trades,Header"))
    lines = [",".join(_quoted(cell) for cell in ibkr_csv(told)) for told in STORY[1:]]
    tail = [
        "Deposits & Withdrawals,Header,Currency,Settle Date,Description,Amount",
        "Deposits & Withdrawals,Data,USD,2026-01-02,Electronic Fund Transfer,20000",
        "Cash Report,Header,Currency Summary,Currency,Total,Securities,Futures,",
        "Cash Report,Data,Starting Cash,USD,0,0,0,",
        "Cash Report,Data,Ending Cash,USD,20856,20856,0,",
    ]
    return start + "\n".join([header, *lines, *tail]) + "\n"


def _quoted(cell: str) -> str:
    return f'"{cell}"' if "," in cell else cell


def flex(number: int, told: Told) -> str:
    """A trade of a Flex query."""
    notes = {"assigned": "A", "delivered": "A", "expired": "Ep"}.get(told.what, "")
    opens = told.what == "open" or (told.what == "delivered" and told.quantity > 0)
    at = told.date("ymd") + ";100000"
    words: dict[str, object] = {"accountId": "U1234567", "currency": "USD", "tradeID": number}
    if told.what == "delivered":
        words |= {"assetCategory": "STK", "symbol": "XYZ", "multiplier": 1}
    else:
        contract = told.contract
        words |= {
            "assetCategory": "OPT", "symbol": told.thing, "underlyingSymbol": "XYZ",
            "multiplier": 100, "strike": f"{contract.strike:f}",
            "expiry": f"{contract.expiry:%Y%m%d}",
            "putCall": "C" if contract.right == CALL else "P",
        }  # fmt: skip
    return element(
        "Trade", **words, transactionID=1000 + number, ibOrderID=f"9{at[:8]}", reportDate=at[:8],
        dateTime=at, quantity=told.quantity, tradePrice=told.price, proceeds=told.money,
        ibCommission=0, ibCommissionCurrency="USD", taxes=0, netCash=told.money, notes=notes,
        openCloseIndicator="O" if opens else "C", levelOfDetail="EXECUTION",
        transactionType="BookTrade" if notes else "ExchTrade",
    )  # fmt: skip


def flex_query() -> str:
    """The Flex query of Interactive Brokers."""
    trades = [flex(number, told) for number, told in enumerate(STORY[1:], 1)]
    ends = [element("CashReportCurrency", currency="USD", startingCash=0, endingCash=20856)]
    deposit = cash(51, "20260102", "Deposits/Withdrawals", "20000")
    return query(Trades=trades, CashTransactions=[deposit], CashReport=ends, OpenPositions=[],
                 OptionEAE=[])  # fmt: skip


WHEELS: dict[str, Callable[[], str]] = {
    "tastytrade": lambda: text_of(tastytrade_year.HEADER, [tastytrade(one) for one in STORY]),
    "no Total": lambda: tastytrade_year.without_total(WHEELS["tastytrade"]()),
    "schwab": lambda: text_of(schwab_year.TEXT.partition("\n")[0], [schwab(one) for one in STORY]),
    "robinhood": lambda: text_of(
        robinhood_year.TEXT.partition("\n")[0], [robinhood(one) for one in STORY]
    ),
    "alpaca": lambda: json.dumps([alpaca(at, one) for at, one in enumerate(STORY, 10)][::-1]),
    "ibkr csv": activity_statement,
    "ibkr Flex": flex_query,
}
