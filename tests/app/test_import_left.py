"""Rows that no event can say: each is listed with its row and reason, and stops `book import`.

With `--keep-going` their cash is booked, nothing else of them.
"""

import json
from pathlib import Path

import pytest

from book.imports import (
    alpaca_year,
    flex_year,
    ibkr_year,
    robinhood_year,
    schwab_year,
    tastytrade_year,
)
from book.imports.flex_year import element, option, query, shares
from command_line import Command

NO_BASIS = "a position that came or left, of which no basis is told: record it with"
PARTS = "parts of a share are not booked"
SIZE = "contracts of 10 are not booked"


def below_header(text: str, row: str) -> str:
    """A table with one more row, its newest."""
    header, rows = text.split("\n", 1)
    return f"{header}\n{row}\n{rows}"


def tastytrade(row: str) -> str:
    return below_header(tastytrade_year.TEXT, f"2026-08-04T23:00:00+0200,{row},USD")


def schwab(row: str) -> str:
    return below_header(schwab_year.TEXT, f'"08/04/2026",{row}')


def robinhood(row: str) -> str:
    return below_header(robinhood_year.TEXT, f'"8/4/2026","8/4/2026","8/4/2026","T",{row}')


def alpaca(row: dict[str, str]) -> str:
    return json.dumps([row, *alpaca_year.ROWS])


def ibkr_csv(before: str, *rows: str) -> str:
    """An activity statement with rows before some other, and without what it says of its end."""
    text = ibkr_year.TEXT.replace(before, "\n".join([*rows, before]), 1)
    kept = (line for line in text.splitlines() if not line.startswith(("Cash Rep", "Open Pos")))
    return "\n".join(kept) + "\n"


def flex(**sections: list[str]) -> str:
    return query(CashReport=[], OpenPositions=[], **sections)


INFORMATION = "Financial Instrument Information"
ACTIONS = (
    "Corporate Actions,Header,Asset Category,Currency,Report Date,Date/Time,Description,Quantity,"
    "Proceeds,Value,Realized P/L,Code"
)
TRANSFERS = (
    "Transfers,Header,Asset Category,Currency,Symbol,Date,Type,Direction,Xfer Company,"
    "Xfer Account,Qty,Xfer Price,Market Value,Realized P/L,Cash Amount,Code"
)
OF_IBKR = {"accountId": "U1234567", "currency": "USD", "assetCategory": "STK", "symbol": "T"}
HALF = (
    shares(90, "20260804;100000", "T", 1, "20", "-10")
    .replace('quantity="1"', 'quantity="0.5"')
    .replace('notes="A"', 'notes=""')
)
SMALL = option(91, "20260804;100000", "T     261218C00020000", -1, "1", "10", "").replace(
    'multiplier="100"', 'multiplier="10"'
)
CASES = {  # a statement, the row, the reason, the cash that is booked with --keep-going
    "no basis, tastytrade": (
        tastytrade("Receive Deliver,ACAT,BUY_TO_OPEN,T,Equity,,0.00,100,0.00,--,0.00,,,,,,,,0.00"),
        2, NO_BASIS, 0.0,
    ),
    "no basis, Alpaca": (alpaca(alpaca_year.other(40, "ACATS", "2026-08-05", "0", "T", "100")),
                         1, NO_BASIS, 0.0),
    "no basis, Schwab": (schwab('"Security Transfer","T","AT&T","100","","",""'),
                         2, NO_BASIS, 0.0),
    "no basis, Robinhood": (robinhood('"ACATS","ACATI","100","",""'), 2, NO_BASIS, 0.0),
    "no basis, ibkr csv": (
        ibkr_csv(INFORMATION, TRANSFERS,
                 "Transfers,Data,Stocks,USD,T,2026-08-04,ACATS,In,X,1,100,--,2000,0,0,"),
        46, NO_BASIS, 0.0,
    ),
    "no basis, Flex": (
        flex(Transfers=[element("Transfer", **OF_IBKR, type="ACATS", date="20260804",
                                direction="IN", quantity=100, levelOfDetail="TRANSFER",
                                transactionID=77)]),
        41, NO_BASIS, 0.0,
    ),
    "parts, tastytrade": (
        tastytrade("Trade,Buy to Open,BUY_TO_OPEN,T,Equity,,-10.00,0.5,-20.00,--,0.00,,,,,,,1,"
                   "-10.00"),
        2, PARTS, -10.0,
    ),
    "parts, Alpaca": (
        alpaca(alpaca_year.fill(40, "2026-08-05T15:00:00Z", "buy", "T", "0.5", "20")),
        1, PARTS, -10.0,
    ),
    "parts, Schwab": (schwab('"Reinvest Shares","T","AT&T","0.5","$20.00","","-$10.00"'),
                      2, PARTS, -10.0),
    "parts, Robinhood": (robinhood('"AT&T","Buy","0.5","$20.00","($10.00)"'), 2, PARTS, -10.0),
    "parts, ibkr csv": (
        ibkr_csv("Trades,SubTotal,,Stocks,USD,XYZ",
                 'Trades,Data,Order,Stocks,USD,T,"2026-08-04, 10:00:00",0.5,20,20,-10,0,10,0,0,O'),
        16, PARTS, -10.0,
    ),
    "parts, Flex": (flex(Trades=[*flex_year.TRADES, HALF]), 30, PARTS, -10.0),
    "spin-off, tastytrade": (
        tastytrade("Receive Deliver,Spin Off,BUY_TO_OPEN,T,Equity,,0.00,10,0.00,--,0.00,,,,,,,,"
                   "0.00"),
        2, "'Receive Deliver, Spin Off' is not known", 0.0,
    ),
    "spin-off, Alpaca": (alpaca(alpaca_year.other(40, "SPIN", "2026-08-05", "0", "T", "10")),
                         1, "activity 'SPIN' is not known", 0.0),
    "spin-off, Schwab": (schwab('"Spin-off","T","AT&T","10","","",""'),
                         2, "action 'Spin-off' is not known", 0.0),
    "spin-off, Robinhood": (robinhood('"AT&T","SOFF","10","",""'),
                            2, "code 'SOFF' is not known", 0.0),
    "spin-off, ibkr csv": (
        ibkr_csv(INFORMATION, ACTIONS,
                 'Corporate Actions,Data,Stocks,USD,2026-08-05,"2026-08-04, 20:25:00",'
                 '"KO(US1) Spinoff  1 for 10 (T, AT&T, US2)",10,0,0,0,'),
        46, "corporate action is not known", 0.0,
    ),
    "spin-off, Flex": (
        flex(CorporateActions=[element("CorporateAction", **OF_IBKR, type="SO", quantity=10,
                                       dateTime="20260804;202500", proceeds=0, transactionID=78,
                                       description="KO(US1) SPINOFF 1 FOR 10 (T, AT, US2)",
                                       levelOfDetail="DETAIL")]),
        41, "corporate action is not known", 0.0,
    ),
    "size, tastytrade": (
        tastytrade("Trade,Sell to Open,SELL_TO_OPEN,T     261218C00020000,Equity Option,,10.00,1,"
                   "10.00,--,0.00,10,T,T,12/18/26,20,CALL,1,10.00"),
        2, SIZE, 10.0,
    ),
    "size, ibkr csv": (
        ibkr_csv("Trades,Total,,Equity and",
                 "Trades,Data,Order,Equity and Index Options,USD,T 18DEC26 20 C,"
                 '"2026-08-04, 10:00:00",-1,1,1,10,0,-10,0,0,O').replace(
            "Codes,Header",
            f"{INFORMATION},Data,Equity and Index Options,T     261218C00020000,T 18DEC26 20 C,1,T,"
            "CBOE,10,2026-12-18,2026-12,C,20,\nCodes,Header"),
        35, SIZE, 10.0,
    ),
    "size, Flex": (flex(Trades=[*flex_year.TRADES, SMALL]), 30, SIZE, 9.34),
}  # fmt: skip


@pytest.mark.parametrize("which", CASES)
def test_what_no_event_can_say_is_listed_and_stops_an_import(
    which: str, underwriter: Command, tmp_path: Path
) -> None:
    text, row, why, cash = CASES[which]
    path, journal = tmp_path / "statement.csv", tmp_path / "mine.db"
    path.write_text(text, "utf-8")
    words = ("book", "import", str(path), "--into", str(journal), "--yes", "--create", "--json")
    said = underwriter(*words)
    assert (said.code, said.out, journal.exists()) == (2, "", False)
    listed, end = said.err.splitlines()
    assert listed.startswith(f"{path}, row {row}: {why}")
    assert "found 1 rows that are not booked" in end
    gone_on = underwriter(*words, "--keep-going")
    assert (gone_on.code in {0, 3}, gone_on.err) == (True, "")
    assert [(one["row"], one["amount"]) for one in gone_on.json["left"]] == [(row, cash)]
    assert gone_on.json["kinds"].get("cash_adjusted", 0) == (1 if cash else 0)
    held = underwriter("book", "reconcile", str(path), str(journal), "--json").json["by_cash"]
    said = f"row {row} is booked by its cash alone, "
    assert [one.startswith(said) and why[:20] in one for one in held] == ([True] if cash else [])


def test_a_contract_of_another_size_whose_file_has_none_does_not_make_its_amount(
    underwriter: Command, tmp_path: Path
) -> None:
    """Schwab and Robinhood write no size: 1.00 times ten is not what a contract of 100 costs."""
    texts = (
        schwab('"Sell to Open","T 12/18/2026 20.00 C","","1","$1.00","","$10.00"'),
        robinhood('"T 12/18/2026 Call $20.00","STO","1","$1.00","$10.00"'),
    )
    for text in texts:
        path, journal = tmp_path / "statement.csv", tmp_path / "mine.db"
        path.write_text(text, "utf-8")
        said = underwriter("book", "import", str(path), "--into", str(journal), "--create")
        assert (said.code, journal.exists()) == (2, False)
        assert f"{path}, row 2: expected 100.00 net of commission and fees, found 10.00" in said.err
