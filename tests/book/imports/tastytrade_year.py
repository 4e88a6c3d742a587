"""A year at tastytrade, of our own making: a wheel, a spread, a roll, a partial assignment, a split.

Newest first, times with the offset of Berlin, as the export has them.  The story is the same as that
of the other brokers (tests/book/imports); fees are 0.50 and 0.16 a contract where it is traded.
"""

# ruff: noqa: E501  rows are as long as they are

import csv
import io

HEADER = (
    "Date,Type,Sub Type,Action,Symbol,Instrument Type,Description,Value,Quantity,Average Price,"
    "Commissions,Fees,Multiplier,Root Symbol,Underlying Symbol,Expiration Date,Strike Price,"
    "Call or Put,Order #,Total,Currency"
)


def option(  # noqa: PLR0917  the columns of a row
    at: str, of: str, action: str, symbol: str, count: int, price: str, value: str, order: str
) -> str:
    """A trade of an option; prices are signed money a contract."""
    commission, fee = -50 * count, -16 * count
    total = round(float(value) * 100) + commission + fee
    root, tail = symbol[:6].strip(), symbol[6:]
    expiry = f"{int(tail[2:4])}/{int(tail[4:6])}/{tail[:2]}"
    right = {"P": "PUT", "C": "CALL"}[tail[6]]
    strike = f"{int(tail[7:]) / 1000:g}"
    words = f"{of.split(maxsplit=1)[0]} {count} {root}"
    cells = [at, "Trade", of, action, symbol, "Equity Option", words, value, str(count), price]
    cells += [f"{commission / 100:.2f}", f"{fee / 100:.2f}", "100", root, root, expiry, strike]
    return ",".join([*cells, right, order, f"{total / 100:.2f}", "USD"])


ROWS = [
    "2026-08-03T23:00:00+0200,Money Movement,Credit Interest,,,,INTEREST ON CREDIT BALANCE,1.23,0,,--,0.00,,,,,,,,1.23,USD",
    "2026-07-17T22:00:00+0200,Receive Deliver,Expiration,,XYZ   260717P00020000,Equity Option,Removal of 3.0 XYZ 07/17/26 Put 20.00 due to expiration.,0.00,3,0.00,--,0.00,100,XYZ,XYZ,7/17/26,20,PUT,,0.00,USD",
    "2026-07-08T23:00:00+0200,Receive Deliver,Assignment,,XYZ   260717P00020000,Equity Option,Removal of option due to assignment,0.00,2,0.00,--,0.00,100,XYZ,XYZ,7/17/26,20,PUT,,0.00,USD",
    '2026-07-08T23:00:00+0200,Receive Deliver,Buy to Open,BUY_TO_OPEN,XYZ,Equity,Buy to Open 200 XYZ @ 20.00,"-4,000.00",200,-20.00,--,0.00,,,,,,,,"-4,000.00",USD',
    option(
        "2026-06-22T16:00:00+0200",
        "Sell to Open",
        "SELL_TO_OPEN",
        "XYZ   260717P00020000",
        5,
        "50.00",
        "250.00",
        "9",
    ),
    "2026-05-19T15:02:00+0200,Receive Deliver,Special Dividend,SELL_TO_OPEN,JD    260918P00060760,Equity Option,Special dividend: Open 1.0 JD    260918P00060760,1177.00,1,1177.00,--,0.00,100,JD,JD,9/18/26,60.76,PUT,,1177.00,USD",
    "2026-05-19T15:02:00+0200,Receive Deliver,Special Dividend,BUY_TO_CLOSE,JD    260918P00062000,Equity Option,Special dividend: Close 1.0 JD    260918P00062000,-1177.00,1,-1177.00,--,0.00,100,JD,JD,9/18/26,62,PUT,,-1177.00,USD",
    option(
        "2026-05-11T17:00:00+0200",
        "Sell to Open",
        "SELL_TO_OPEN",
        "MSFT  260821P00395000",
        1,
        "810.00",
        "810.00",
        "8",
    ),
    option(
        "2026-05-11T17:00:00+0200",
        "Buy to Close",
        "BUY_TO_CLOSE",
        "MSFT  260515P00400000",
        1,
        "-720.00",
        "-720.00",
        "8",
    ),
    option(
        "2026-05-04T16:00:00+0200",
        "Sell to Open",
        "SELL_TO_OPEN",
        "JD    260918P00062000",
        1,
        "1177.00",
        "1177.00",
        "7",
    ),
    option(
        "2026-04-06T16:00:00+0200",
        "Sell to Open",
        "SELL_TO_OPEN",
        "MSFT  260515P00400000",
        1,
        "500.00",
        "500.00",
        "6",
    ),
    "2026-03-27T21:00:00+0100,Receive Deliver,Expiration,SELL_TO_CLOSE,SPY   260327P00550000,Equity Option,Removal of 2.0 SPY 03/27/26 Put 550.00 due to expiration.,0.00,2,0.00,--,0.00,100,SPY,SPY,3/27/26,550,PUT,,0.00,USD",
    "2026-03-27T21:00:00+0100,Receive Deliver,Expiration,BUY_TO_CLOSE,SPY   260327P00560000,Equity Option,Removal of 2.0 SPY 03/27/26 Put 560.00 due to expiration.,0.00,2,0.00,--,0.00,100,SPY,SPY,3/27/26,560,PUT,,0.00,USD",
    "2026-03-20T22:00:00+0100,Receive Deliver,Assignment,,KO    260320C00062500,Equity Option,Removal of option due to assignment,0.00,1,0.00,--,0.00,100,KO,KO,3/20/26,62.5,CALL,,0.00,USD",
    '2026-03-20T22:00:00+0100,Receive Deliver,Sell to Close,SELL_TO_CLOSE,KO,Equity,Sell to Close 100 KO @ 62.50,"6,250.00",100,62.50,--,0.00,,,,,,,,"6,250.00",USD',
    "2026-03-16T22:00:00+0100,Money Movement,Dividend,,KO,Equity,COCA COLA CO,53.00,0,,--,0.00,,,,,,,,53.00,USD",
    option(
        "2026-03-02T16:00:00+0100",
        "Buy to Open",
        "BUY_TO_OPEN",
        "SPY   260327P00550000",
        2,
        "-205.00",
        "-410.00",
        "5",
    ),
    option(
        "2026-03-02T16:00:00+0100",
        "Sell to Open",
        "SELL_TO_OPEN",
        "SPY   260327P00560000",
        2,
        "310.00",
        "620.00",
        "5",
    ),
    option(
        "2026-02-23T16:00:00+0100",
        "Sell to Open",
        "SELL_TO_OPEN",
        "KO    260320C00062500",
        1,
        "90.00",
        "90.00",
        "4",
    ),
    "2026-02-20T23:00:00+0100,Receive Deliver,Assignment,,KO    260220P00060000,Equity Option,Removal of option due to assignment,0.00,1,0.00,--,0.00,100,KO,KO,2/20/26,60,PUT,,0.00,USD",
    '2026-02-20T23:00:00+0100,Receive Deliver,Buy to Open,BUY_TO_OPEN,KO,Equity,Buy to Open 100 KO @ 60.00,"-6,000.00",100,-60.00,--,0.00,,,,,,,,"-6,000.00",USD',
    option(
        "2026-01-05T16:30:00+0100",
        "Sell to Open",
        "SELL_TO_OPEN",
        "KO    260220P00060000",
        1,
        "85.00",
        "85.00",
        "3",
    ),
    '2026-01-02T15:00:00+0100,Money Movement,Deposit,,,,ACH DEPOSIT,"20,000.00",0,,--,0.00,,,,,,,,"20,000.00",USD',
]


def without_total(text: str) -> str:
    """The same in the layout that has no column Total: all but the last but one cell of a row."""
    rows = list(csv.reader(io.StringIO(text)))
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([*row[:-2], row[-1]] for row in rows)
    return file.getvalue()


TEXT = "\n".join([HEADER, *ROWS]) + "\n"
