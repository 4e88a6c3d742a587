"""Sections of an activity statement that a plain year has not, in the form of real ones."""

from pathlib import Path

import pytest

from book.imports.ibkr_year import TEXT
from book.imports.outline import dollars, outline, read_text
from book.imports.refusals import refusal
from underwriter.book.imports.ends import cash_of
from underwriter.book.imports.statement import Statement

# ruff: noqa: E501  rows are as long as they are

HEAD = """\
Statement,Header,Field Name,Field Value
Statement,Data,Period,"March 27, 2026"
Account Information,Header,Field Name,Field Value
Account Information,Data,Account,U1234567 (Custom Consolidated)
"""
TRADES = "Trades,Header,DataDiscriminator,Asset Category,Currency,Symbol,Date/Time,Quantity,T. Price,C. Price,Proceeds,Comm/Fee,Basis,Realized P/L,MTM P/L,Code\n"
END = "Codes,Header,Code,Meaning\nCodes,Data,A,Assignment\n"  # a file does not end in its trades


def read(folder: Path, *sections: str) -> Statement:
    """A statement of one day with some sections."""
    return read_text(folder, HEAD + "".join(sections) + END)


def test_t71_a_conversion_is_a_row_of_each_currency_and_a_fee_in_the_base(tmp_path: Path) -> None:
    forex = TRADES.replace("Comm/Fee", "Comm in CHF") + (
        'Trades,Data,Order,Forex,USD,EUR.USD,"2026-03-27, 10:00:00","1,000",1.1,,-1100,-1.8,,,,\n'
        'Trades,Data,Order,Forex,USD,GBP.USD,"2026-03-27, 11:00:00",-10,1.3,,13,0,,,,\n'
    )
    statement = read(tmp_path, "Account Information,Data,Base Currency,CHF\n", forex)
    assert outline(statement) == [
        "2026-03-27 conversion cash = 1000 #1",
        "2026-03-27 conversion cash = -1100 #1",
        "2026-03-27 fee cash = -1.8",
        "2026-03-27 conversion cash = -10 #2",
        "2026-03-27 conversion cash = 13 #2",
    ]
    assert statement.currency == "CHF"
    assert dollars(cash_of(statement).items()) == {
        "CHF": "-1.8",
        "EUR": "1000",
        "GBP": "-10",
        "USD": "-1087",
    }


def test_a_fee_of_a_conversion_without_a_currency_is_in_that_of_the_row(tmp_path: Path) -> None:
    forex = TRADES + (
        'Trades,Data,Order,Forex,USD,EUR.USD,"2026-03-27, 10:00:00",10,1.1,,-11,-2,,,,\n'
    )
    assert dollars(cash_of(read(tmp_path, forex)).items()) == {"EUR": "10", "USD": "-13"}


def test_every_code_of_a_trade_has_its_kind(tmp_path: Path) -> None:
    rows = (
        'Trades,Data,Trade,Stocks,USD,BRK B,"2026-03-27, 10:00:00",1.5,400,,-600,-1,,,,O;R\n'
        'Trades,Data,Trade,Stocks,USD,KO,"2026-03-27, 10:01:00",-5,60,,300,-1,,,,C;O\n'
        'Trades,Data,Trade,Stocks,USD,KO,"2026-03-27, 10:02:00",5,60,,-300,1,,,,Ca\n'
        'Trades,Data,Trade,Equity and Index Options,USD,KO 27MAR26 50 C,"2026-03-27, 16:20:00",-1,0,,0,0,,,,C;Ex\n'
        'Trades,Data,Trade,Stocks,USD,KO,"2026-03-27, 16:20:00",100,50,,-5000,0,,,,Ex;O\n'
        'Trades,Data,Trade,Equity and Index Options,USD,SPX 27MAR26 6000 C,"2026-03-27, 16:20:00",1,2.5,,-250,0,,,,A;C\n'
        'Trades,Data,Trade,Futures,USD,ESH6,"2026-03-27, 10:00:00",1,6000,,0,-2.1,,,,O\n'
        "Trades,Data,ClosedLot,Stocks,USD,KO,2026-03-01,5,60,,,,,,,\n"
    )
    statement = read(tmp_path, TRADES, rows)
    assert outline(statement) == [
        "2026-03-27 trade open BRK.B 1.5 @ 400 = -601",
        "2026-03-27 unknown cash = -2.1",
        "2026-03-27 trade KO -5 @ 60 = 299",
        "2026-03-27 correction KO 5 @ 60 = -299",
        "2026-03-27 exercise close KO 2026-03-27 C 50 -1 = 0 #1",
        "2026-03-27 delivery open KO 100 @ 50 = -5000 #1",
        "2026-03-27 settlement close SPX 2026-03-27 C 6000 1 @ 2.5 = -250",
    ]
    assert statement.told()[0].endswith("row 12: 'Futures' is not booked: Trades ESH6 O")


def test_cash_of_every_section_has_its_kind(tmp_path: Path) -> None:
    sections = (
        "Dividends,Header,Currency,Date,Description,Amount\n"
        "Dividends,Data,USD,2026-03-27,KO(US1912161007) Payment in Lieu of Dividend (Ordinary Dividend),5.3\n"
        "Dividends,Data,Total,,,5.3\n"
        "Dividends,Data,EUR,2026-03-27,SAN(ES0113900J37) Cash Dividend EUR 0.1 per Share,10\n"
        "Dividends,Data,Total,,,10\n"
        "Dividends,Data,Total in USD,,,11\n"
        "Withholding Tax,Header,Currency,Date,Description,Amount,Code\n"
        "Withholding Tax,Data,EUR,2026-03-27,SAN(ES0113900J37) Cash Dividend EUR 0.1 per Share - ES Tax,-1.9,\n"
        "Fees,Header,Subtitle,Currency,Date,Description,Amount\n"
        "Fees,Data,Other Fees,USD,2026-03-27,Snapshot,-1\n"
        "Fees,Data,Total,,,,-1\n"
        "Deposits & Withdrawals,Header,Currency,Settle Date,Description,Amount\n"
        "Deposits & Withdrawals,Data,USD,2026-03-27,Disbursement,-1200\n"
        "Transaction Fees,Header,Asset Category,Currency,Date/Time,Symbol,Description,Quantity,Trade Price,Amount,Code\n"
        'Transaction Fees,Data,Stocks,USD,"2026-03-27, 09:31:00",MSFT,SEC Transaction Fee,50,400,-0.3,\n'
    )
    assert outline(read(tmp_path, sections)) == [
        "2026-03-27 fee cash = -0.3",
        "2026-03-27 in_lieu KO = 5.3",
        "2026-03-27 dividend SAN = 10",
        "2026-03-27 withholding SAN = -1.9",
        "2026-03-27 fee cash = -1",
        "2026-03-27 withdrawal cash = -1200",
    ]


def test_corporate_actions_and_transfers(tmp_path: Path) -> None:
    actions = (
        "Corporate Actions,Header,Asset Category,Currency,Report Date,Date/Time,Description,Quantity,Proceeds,Value,Realized P/L,Code\n"
        'Corporate Actions,Data,Stocks,USD,2026-03-27,"2026-03-26, 20:25:00","IBKR(US45841N1072) Split 4 for 1 (IBKR, INTERACTIVE BROKERS GRO-CL A, US45841N1072)",300,0,0,0,\n'
        'Corporate Actions,Data,Stocks,USD,2026-03-27,"2026-03-26, 20:25:00","FFIE(US1) Split 1 for 40 (FFIE, FARADAY, US2)",27.5,0,0,0,\n'
        'Corporate Actions,Data,Stocks,USD,2026-03-27,"2026-03-26, 20:25:00","FFIE(US1) Split 1 for 40 (FFIE.OLD, FARADAY, US1)",-1100,0,0,0,\n'
        'Corporate Actions,Data,Stocks,USD,2026-03-27,"2026-03-26, 20:25:00","FAKE(US0) Merged(Acquisition) FOR USD 10.00 PER SHARE (FAKE, FAKE CORP, US0)",-10,100,0,0,\n'
        'Corporate Actions,Data,Equity and Index Options,USD,2026-03-27,"2026-03-26, 20:25:00","JD Contract Adjustment (JD 18SEP26 60.76 P, JD 18SEP26 60.76 P, )",-1,0,0,0,\n'
        'Corporate Actions,Data,Stocks,USD,2026-03-27,"2026-03-26, 20:25:00","PARENT(US9) Spinoff 1 for 5 (CHILD, CHILD INC, US8)",2,0,0,0,\n'
        "Corporate Actions,Data,Total,,,,,,100,0,0,\n"
        "Transfers,Header,Asset Category,Currency,Symbol,Date,Type,Direction,Xfer Company,Xfer Account,Qty,Xfer Price,Market Value,Realized P/L,Cash Amount,Code\n"
        "Transfers,Data,Stocks,USD,KO,2026-03-27,ACATS,In,--,000,100,--,6000,0,0,\n"
        "Transfers,Data,Cash,USD,--,2026-03-27,ACATS,In,--,000,--,--,0,0,313.46,\n"
        "Transfers,Data,Total,,,,,,,,,,6000,0,313.46,\n"
    )
    statement = read(tmp_path, actions)
    assert outline(statement) == [
        "2026-03-26 split IBKR 300 = 0",
        "2026-03-26 reverse_split FFIE 27.5 = 0 #1",
        "2026-03-26 reverse_split FFIE.OLD -1100 = 0 #1",
        "2026-03-26 merger FAKE -10 = 100",
        "2026-03-26 adjustment JD 2026-09-18 P 60.76 -1 = 0",
        "2026-03-26 unknown cash 2 = 0",
        "2026-03-27 transfer KO 100 = 0",
        "2026-03-27 transfer cash = 313.46",
    ]


def test_a_section_that_moves_cash_and_is_not_known_is_listed(tmp_path: Path) -> None:
    sections = (
        "CFD Charges,Header,Currency,Date,Description,Amount\n"
        "CFD Charges,Data,USD,2026-03-27,IBUS500 financing,-3.5\n"
        "CFD Charges,Data,Total,,,-3.5\n"
        "Mark-to-Market Performance Summary,Header,Asset Category,Symbol,Prior Quantity\n"
        "Mark-to-Market Performance Summary,Data,Stocks,KO,1\n"
    )
    statement = read(tmp_path, sections)
    assert outline(statement) == ["2026-03-27 unknown cash = -3.5"]
    assert statement.told()[0].endswith(
        "row 6: section 'CFD Charges' is not known: CFD Charges IBUS500 financing"
    )


def test_a_statement_of_several_accounts_is_refused(tmp_path: Path) -> None:
    header = TRADES.replace("Currency,", "Currency,Account,")
    row = 'Trades,Data,Order,Stocks,USD,{},KO,"2026-03-27, 10:00:00",1,60,,-60,-1,,,,O\n'
    one = HEAD + header + row.format("U1234567")
    assert len(read_text(tmp_path, one + END).rows) == 1
    assert refusal(tmp_path, one + row.format("U7654321") + END) == (
        ": expected a statement of one account, found rows of U1234567, U7654321"
    )


def test_a_statement_without_rows_is_one(tmp_path: Path) -> None:
    statement = read(tmp_path)
    assert (statement.rows, statement.account, statement.holdings, statement.cash_u) == (
        ((), "U1234567", None, None)
    )
    assert str(statement.first) == str(statement.last) == "2026-03-27"


REFUSED = {
    "proceeds": (
        ("100,60,59,-6000,0", "100,60,59,-6001,0"),
        "row 23: expected -6,000.00, which is 100 x 60, found -6,001.00",
    ),
    "contracts": (
        ("-1,0.85,0.8,85,-0.66,-84.34,0,5,O", "-1,0.85,0.8,0.85,-0.66,-84.34,0,5,O"),
        "row 31: expected 85.00, which is 1 x 0.85 x 100, found 0.85",
    ),
    "total": (
        ("Dividends,Data,Total,,,53", "Dividends,Data,Total,,,63"),
        "row 52: expected 53.00, which the rows above add up to, found 63.00",
    ),
    "outside": (
        ("Interest,Data,USD,2026-08-03", "Interest,Data,USD,2027-03-08"),
        (
            "row 54, column Date: expected a day of the period, 2026-01-01 to 2026-08-31,"
            " found '2027-03-08'"
        ),
    ),
    "time": (
        ('"2026-02-20, 16:20:00",100', '"2026-02-20, 16h20",100'),
        (
            "row 23, column Date/Time: expected a time such as 2026-01-16, 10:30:00,"
            " found '2026-02-20, 16h20'"
        ),
    ),
    "header": (
        ("Interest,Header,Currency,Date,Description,Amount\n", ""),
        "row 53: expected a header of section 'Interest' above it, found 'Data'",
    ),
    "cells": (
        ("Interest,Data,USD,2026-08-03,USD Credit Interest for Jul-2026,1.23", "Interest,Data,USD"),
        "row 54: expected 4 cells below the header of Interest, found 1: is the file cut off?",
    ),
    "two cells": (
        ("Interest,Data,Total,,,1.23", "Interest,Data"),
        "row 55: expected a section, Header or Data, and cells, found 'Interest,Data'",
    ),
    "no account": (
        ("Account Information,Data,Account,U1234567\n", ""),
        (
            ": expected an activity statement with the row Account Information, Data, Account,"
            " found none (is the file cut off?)"
        ),
    ),
    "no period": (
        ('Statement,Data,Period,"January 1, 2026 - August 31, 2026"\n', ""),
        ": expected the row Statement, Data, Period, found none",
    ),
    "other period": (
        ("January 1, 2026 - ", "1 January 2026 - "),
        (
            "row 4, column Field Value: expected a period such as January 1, 2026 - January 31, 2026,"
            " found '1 January 2026 - August 31, 2026'"
        ),
    ),
    "no such day": (
        ("January 1, 2026 - ", "January 41, 2026 - "),
        (
            "row 4, column Field Value: expected a period of days that are in the calendar,"
            " found 'January 41, 2026 - August 31, 2026'"
        ),
    ),
    "turned period": (
        ("January 1, 2026 - ", "January 1, 2027 - "),
        (
            "row 4, column Field Value: expected a period that ends after it begins,"
            " found 'January 1, 2027 - August 31, 2026'"
        ),
    ),
    "multiplier": (
        ("KO,CBOE,100,2026-02-20", "KO,CBOE,0.5,2026-02-20"),
        "row 59, column Multiplier: expected a whole number above zero, found '0.5'",
    ),
    "option": (
        ("USD,MSFT 15MAY26 400 P", "USD,MSFT 15XYZ26 400 P"),
        (
            "row 36, column Symbol: expected an option such as SPY 31MAR25 570 C,"
            " found 'MSFT 15XYZ26 400 P'"
        ),
    ),
    "expiry": (
        ("USD,MSFT 15MAY26 400 P", "USD,MSFT 31FEB26 400 P"),
        (
            "row 36, column Symbol: expected an expiry that is in the calendar,"
            " found 'MSFT 31FEB26 400 P'"
        ),
    ),
    "no amount": (
        ("Jul-2026,1.23", "Jul-2026,--"),
        "row 54, column Amount: expected a number, found '--'",
    ),
    "currencies": (
        ("Order,Stocks,USD,KO,", "Order,Forex,USD,KO,"),
        "row 23, column Symbol: expected two currencies such as EUR.USD, found 'KO'",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_row_that_cannot_be_right_is_refused_with_its_place(tmp_path: Path, what: str) -> None:
    (old, new), expected = REFUSED[what]
    assert refusal(tmp_path, TEXT, old, new) == expected


def test_a_statement_says_an_underlying_and_a_multiplier_where_it_lists_its_options(
    tmp_path: Path,
) -> None:
    text = TEXT.replace("JD,CBOE,100,2026-09-18", "JD,CBOE,,2026-09-18")
    row = next(row for row in read_text(tmp_path, text).rows if "JD1" in row.what)
    assert row.instrument is not None
    assert (row.instrument.symbol, row.instrument.root, row.instrument.multiplier) == (
        ("JD", "JD1", 100)
    )


@pytest.mark.parametrize(
    ("behind", "row", "said"),
    [
        ("Interest for Jul-2026,1.2", 54, "a total below the rows of Interest"),
        (",-246.7,0,0,O;P", 43, "a total below the rows of Trades"),
        ("Dividends,Header,Currency", 50, "rows below a header"),
        ("Trades,Total,,Equity and Index", 46, "14 cells below the header of Trades"),
    ],
)
def test_a_file_that_ends_before_a_total_is_cut_off(
    tmp_path: Path, behind: str, row: int, said: str
) -> None:
    text = TEXT[: TEXT.index(behind) + len(behind)]
    assert refusal(tmp_path, text).startswith(f"row {row}: expected {said}, found ")
    assert refusal(tmp_path, text).endswith("is the file cut off?")


SUMMARY = """\
Net Asset Value,Header,Asset Class,Prior Total,Current Long,Current Short,Current Total,Change
Net Asset Value,Data,Cash ,0,900,0,900,900
Net Asset Value,Data,Stock,0,0,0,0,0
Net Asset Value,Data,Options,0,0,-85,-85,-85
Net Asset Value,Header,Time Weighted Rate of Return
Net Asset Value,Data,1.2%
Change in NAV,Header,Field Name,Field Value
Change in NAV,Data,Deposits & Withdrawals,1000
Change in NAV,Data,Dividends,0
Cash Report,Header,Currency Summary,Currency,Total,Securities,Futures,
Cash Report,Data,Commissions,Base Currency Summary,-0.66,-0.66,0,
Cash Report,Data,Ending Cash,USD,900,900,0,
"""
LACKS = {
    "the rows that cash came from": (
        ("", ""),
        (
            "row 12: expected a section Deposits & Withdrawals, since Deposits & Withdrawals are"
            " 1,000.00, found none: is the file cut off?"
        ),
    ),
    "trades": (
        ("Withdrawals,1000", "Withdrawals,0"),
        (
            "row 15: expected a section Trades, since Commissions are -0.66, found none: is the file"
            " cut off?"
        ),
    ),
    "positions": (
        (SUMMARY[SUMMARY.index("Change in NAV,Header") :], ""),
        (
            "row 8: expected a section Open Positions, since Options are -85.00, found none: is the"
            " file cut off?"
        ),
    ),
}


@pytest.mark.parametrize("what", LACKS)
def test_a_file_that_ends_before_a_section_that_it_tells_of_is_cut_off(
    tmp_path: Path, what: str
) -> None:
    (old, new), expected = LACKS[what]
    assert refusal(tmp_path, HEAD + SUMMARY, old, new) == expected


def test_a_year_cut_off_before_any_of_its_trades_is_refused_where_it_tells_of_them(
    tmp_path: Path,
) -> None:
    """Its cash report says no more than the end: with what came in beside, the cut shows."""
    told = TEXT.replace(
        "Cash Report,Data,Ending Cash,Base",
        "Cash Report,Data,Deposits,USD,20000,20000,0,\nCash Report,Data,Ending Cash,Base",
    )
    assert read_text(tmp_path, told).rows
    for section in ("Trades", "Deposits & Withdrawals"):
        cut = told[: told.index(f"{section},Header")]
        assert "expected a section Deposits & Withdrawals" in refusal(tmp_path, cut)
    late = told[: told.index("Dividends,Header")]
    assert read_text(tmp_path, late).rows, "nothing tells of dividends; its cash will differ"
