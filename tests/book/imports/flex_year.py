"""The same year as a Flex query of Interactive Brokers, of our own making.

What options did at their end stands in Trades, and again in OptionEAE.
"""

from html import escape


def element(tag: str, **words: object) -> str:
    """An element without content."""
    told = (f'{name}="{escape(str(value))}"' for name, value in words.items())
    return f"<{tag} {' '.join(told)} />"


def option(  # noqa: PLR0917  the attributes of a trade
    number: int, at: str, osi: str, quantity: int, price: str, proceeds: str, notes: str
) -> str:
    """A trade of an option, or its end, which costs nothing."""
    fee = "0" if float(price) == 0 else f"{-66 * abs(quantity) / 100}"
    root, tail = osi[:6].strip(), osi[6:]
    return element(
        "Trade",
        accountId="U1234567",
        currency="USD",
        assetCategory="OPT",
        symbol=osi,
        underlyingSymbol=root.rstrip("1"),
        multiplier=100,
        strike=f"{int(tail[7:]) / 1000:g}",
        expiry=f"20{tail[:6]}",
        putCall=tail[6],
        tradeID=number,
        transactionID=1000 + number,
        ibOrderID=f"9{at[:8]}",
        reportDate=at[:8],
        dateTime=at,
        quantity=quantity,
        tradePrice=price,
        proceeds=proceeds,
        ibCommission=fee,
        ibCommissionCurrency="USD",
        taxes=0,
        netCash=f"{float(proceeds) + float(fee):.2f}",
        notes=notes,
        openCloseIndicator="C" if "C" in notes or price in {"0", "7.2"} else "O",
        levelOfDetail="EXECUTION",
        transactionType="BookTrade" if price == "0" else "ExchTrade",
    )


def shares(number: int, at: str, symbol: str, quantity: int, price: str, proceeds: str) -> str:
    """Shares that an assigned option moved."""
    return element(
        "Trade",
        accountId="U1234567",
        currency="USD",
        assetCategory="STK",
        symbol=symbol,
        multiplier=1,
        tradeID=number,
        transactionID=1000 + number,
        reportDate=at[:8],
        dateTime=at,
        quantity=quantity,
        tradePrice=price,
        proceeds=proceeds,
        ibCommission=0,
        netCash=proceeds,
        notes="A",
        openCloseIndicator="O" if quantity > 0 else "C",
        levelOfDetail="EXECUTION",
        transactionType="BookTrade",
    )


def cash(number: int, day: str, sort: str, amount: str, **more: str) -> str:
    """Cash alone."""
    told = {"accountId": "U1234567", "currency": "USD", "dateTime": day, "reportDate": day}
    told |= {"type": sort, "amount": amount, "transactionID": str(number), **more}
    return element("CashTransaction", **told, levelOfDetail="DETAIL")


TRADES = [
    option(1, "20260105;103000", "KO    260220P00060000", -1, "0.85", "85", ""),
    option(2, "20260220;162000", "KO    260220P00060000", 1, "0", "0", "A"),
    shares(3, "20260220;162000", "KO", 100, "60", "-6000"),
    option(4, "20260223;100000", "KO    260320C00062500", -1, "0.9", "90", ""),
    option(5, "20260302;100000", "SPY   260327P00560000", -2, "3.1", "620", ""),
    option(6, "20260302;100000", "SPY   260327P00550000", 2, "2.05", "-410", ""),
    option(7, "20260320;162000", "KO    260320C00062500", 1, "0", "0", "A"),
    shares(8, "20260320;162000", "KO", -100, "62.5", "6250"),
    option(9, "20260327;162000", "SPY   260327P00560000", 2, "0", "0", "Ep"),
    option(10, "20260327;162000", "SPY   260327P00550000", -2, "0", "0", "Ep"),
    option(11, "20260406;100000", "MSFT  260515P00400000", -1, "5", "500", ""),
    option(12, "20260504;100000", "JD1   260918P00062000", -1, "11.77", "1177", ""),
    option(13, "20260511;110000", "MSFT  260515P00400000", 1, "7.2", "-720", ""),
    option(14, "20260511;110000", "MSFT  260821P00395000", -1, "8.1", "810", ""),
    option(15, "20260622;100000", "XYZ   260717P00020000", -5, "0.5", "250", "P"),
    option(16, "20260708;162000", "XYZ   260717P00020000", 2, "0", "0", "A"),
    shares(17, "20260708;162000", "XYZ", 200, "20", "-4000"),
    option(18, "20260717;162000", "XYZ   260717P00020000", 3, "0", "0", "Ep"),
]
ENDS = [
    element(
        "OptionEAE",
        accountId="U1234567",
        currency="USD",
        assetCategory="OPT",
        symbol="KO    260220P00060000",
        underlyingSymbol="KO",
        multiplier=100,
        strike=60,
        expiry="20260220",
        putCall="P",
        date="20260220",
        transactionType="Assignment",
        quantity=1,
        tradePrice="0.0000",
        proceeds="0.00",
        commisionsAndTax="0.00",
        tradeID="2",
    ),
    element(
        "OptionEAE",
        accountId="U1234567",
        currency="USD",
        assetCategory="STK",
        symbol="KO",
        multiplier=1,
        date="20260220",
        transactionType="Buy",
        quantity=100,
        tradePrice="60",
        proceeds="-6,000.00",
        commisionsAndTax="0.00",
        tradeID="",
    ),
]
CASH = [
    cash(51, "20260102", "Deposits/Withdrawals", "20000"),
    cash(52, "20260316", "Dividends", "53", symbol="KO", assetCategory="STK"),
    cash(53, "20260803", "Broker Interest Received", "1.23"),
]
HELD = [
    element("OpenPosition", assetCategory="STK", symbol="XYZ", position=200, multiplier=1),
    element("OpenPosition", assetCategory="OPT", symbol="JD1   260918P00062000", position=-1),
    element("OpenPosition", assetCategory="OPT", symbol="MSFT  260821P00395000", position=-1),
]
REPORT = [
    element("CashReportCurrency", currency="BASE_SUMMARY", startingCash=0, endingCash="18696.33"),
    element("CashReportCurrency", currency="USD", startingCash=0, endingCash="18696.33"),
]


STATEMENT = (
    '<FlexStatement accountId="U1234567" fromDate="20260101" toDate="20260831"'
    ' period="" whenGenerated="20260901;050000">'
)


def query(**sections: list[str]) -> str:
    """A query of one statement, of the sections that are given and the year's for the others."""
    told = {"CashReport": REPORT, "OpenPositions": HELD, "Trades": TRADES, "OptionEAE": ENDS}
    told |= {"CashTransactions": CASH, **sections}
    inside = [f"<{name}>\n" + "\n".join(rows) + f"\n</{name}>" for name, rows in told.items()]
    account = element("AccountInformation", accountId="U1234567", currency="USD")
    return "\n".join(
        [
            '<FlexQueryResponse queryName="all" type="AF">',
            '<FlexStatements count="1">',
            STATEMENT,
            account,
            *inside,
            "</FlexStatement>",
            "</FlexStatements>",
            "</FlexQueryResponse>",
            "",
        ]
    )


TEXT = query()
