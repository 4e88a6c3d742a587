"""Elements of a Flex query that a plain year has not, in the form of ibflex's own samples."""

from importlib import util
from pathlib import Path

import pytest

from book.imports.flex_year import CASH, ENDS, STATEMENT, TEXT, cash, element, query, shares
from book.imports.outline import dollars, outline, read_text
from book.imports.refusals import refusal
from underwriter.book.imports.ends import cash_of
from underwriter.book.imports.read import read_statement
from underwriter.book.imports.statement import Statement
from underwriter.core.errors import InputError

NONE: dict[str, list[str]] = {
    "CashReport": [],
    "OpenPositions": [],
    "Trades": [],
    "OptionEAE": [],
    "CashTransactions": [],
}


def read(folder: Path, **sections: list[str]) -> Statement:
    """A query of some sections alone."""
    return read_text(folder, query(**{**NONE, **sections}))


def trade(**words: object) -> str:
    """A trade of shares, other in what is named."""
    told = {"assetCategory": "STK", "symbol": "KO", "multiplier": 1, "currency": "USD"}
    told |= {"dateTime": "20260301;100000", "quantity": 10, "tradePrice": 60, "proceeds": -600}
    return element("Trade", **{**told, "ibCommission": -1, **words})


def test_t19_a_cancelled_trade_is_a_correction_and_lots_and_orders_are_passed_over(
    tmp_path: Path,
) -> None:
    rows = [
        trade(tradeID=1),
        trade(tradeID=2, transactionType="TradeCancel", quantity=-10, proceeds=600, ibCommission=1),
        trade(tradeID=3, levelOfDetail="CLOSED_LOT"),
        element("Order", symbol="KO", quantity=10),
    ]
    statement = read(tmp_path, Trades=rows)
    assert outline(statement) == [
        "2026-03-01 trade KO 10 @ 60 = -601",
        "2026-03-01 correction KO -10 @ 60 = 601",
    ]


def test_options_that_ended_are_read_where_trades_does_not_have_them(tmp_path: Path) -> None:
    expired = ENDS[0].replace("Assignment", "Expiration").replace('quantity="1"', 'quantity="-1"')
    settled = ENDS[0].replace("Assignment", "Cash Settlement").replace("0.00", "-250.00", 1)
    settled = settled.replace('tradePrice="-250.0000"', 'tradePrice="2.5"').replace(
        'proceeds="0.00"', 'proceeds="-250.00"'
    )
    rows = [
        *ENDS,
        expired,
        settled,
        element(
            "OptionEAE",
            assetCategory="OPT",
            date="20260220",
            symbol="KO    260220P00060000",
            transactionType="Sell",
            quantity=-1,
            tradePrice=0,
        ),
        element("OptionEAE", assetCategory="FUT", date="20260220", symbol="ES", proceeds=5),
    ]
    statement = read(tmp_path, OptionEAE=rows)
    assert outline(statement) == [
        "2026-02-20 assignment close KO 2026-02-20 P 60 1 = 0 #1",
        "2026-02-20 delivery KO 100 @ 60 = -6000 #1",
        "2026-02-20 expiration close KO 2026-02-20 P 60 -1 = 0",
        "2026-02-20 settlement close KO 2026-02-20 P 60 1 @ 2.5 = -250",
        "2026-02-20 delivery KO 2026-02-20 P 60 -1 @ 0 = 0",
        "2026-02-20 unknown cash = 5",
    ]


def test_a_commission_in_another_currency_is_a_fee_of_its_own(tmp_path: Path) -> None:
    rows = [trade(ibCommissionCurrency="CHF", taxes="-0.5", netCash="-600.5", tradeID=1)]
    statement = read(tmp_path, Trades=rows)
    assert outline(statement) == [
        "2026-03-01 fee cash = -1",
        "2026-03-01 trade KO 10 @ 60 = -600.5",
    ]
    assert dollars(cash_of(statement).items()) == {"CHF": "-1", "USD": "-600.5"}


def test_a_conversion_is_a_row_of_each_currency(tmp_path: Path) -> None:
    rows = [trade(assetCategory="CASH", symbol="EUR.USD", proceeds=-660, tradePrice="1.1")]
    rows += [trade(assetCategory="FUT", symbol="ESH6", proceeds=0, tradeID=7)]
    statement = read(tmp_path, Trades=rows)
    assert outline(statement) == [
        "2026-03-01 conversion cash = 10 #1",
        "2026-03-01 conversion cash = -661 #1",
        "2026-03-01 unknown cash = -1",
    ]


def test_cash_has_its_kind(tmp_path: Path) -> None:
    rows = [
        cash(1, "20260301", "Deposits & Withdrawals", "-10"),
        cash(2, "20260302", "Payment In Lieu Of Dividends", "5.3", symbol="BRK B"),
        cash(3, "20260303", "Withholding Tax", "-1.5", symbol="KO"),
        cash(4, "20260304", "Other Fees", "-1").replace("DETAIL", "SUMMARY"),
        cash(5, "20260305", "Carbon Credits", "7"),
        cash(6, "20260306", "", "2"),
        cash(7, "20260307", "Other Fees", "-1").replace('dateTime="20260307" ', ""),
    ]
    statement = read(tmp_path, CashTransactions=rows)
    assert outline(statement) == [
        "2026-03-01 withdrawal cash = -10",
        "2026-03-02 in_lieu BRK.B = 5.3",
        "2026-03-03 withholding KO = -1.5",
        "2026-03-06 unknown cash = 2",
        "2026-03-07 fee cash = -1",
        "2026-08-31 unknown cash = 7",
    ]
    assert "'Carbon Credits' is not a valid CashAction" in statement.told()[1]


ON: dict[str, object] = {"assetCategory": "STK", "currency": "USD", "dateTime": "20260301;202500"}
ACTIONS = [
    element("CorporateAction", **ON, symbol="IBKR", type="FS", quantity=300, proceeds=0),
    element(
        "CorporateAction",
        **ON,
        symbol="FFIE",
        quantity=27,
        actionDescription="FFIE(US1) Split 1 for 40 (FFIE, FARADAY, US2)",
    ),
    element("CorporateAction", **ON, symbol="FB", type="IC", quantity=-5),
    element("CorporateAction", **ON, symbol="META", type="IC", quantity=5),
    element("CorporateAction", **ON, symbol="CHILD", type="SO", quantity=2, proceeds=3),
    element("CorporateAction", **ON, symbol="KO", type="FS", levelOfDetail="LOT"),
]
MOVED = [
    element(
        "Transfer",
        assetCategory="STK",
        symbol="KO",
        type="ACATS",
        direction="IN",
        date="20260302",
        quantity=100,
        cashTransfer=0,
    ),
    element("Transfer", type="INTERNAL", date="20260303", cashTransfer="313.46"),
    element("Transfer", type="INTERNAL", date="20260303", levelOfDetail="LOT"),
    element("TradeTransfer", symbol="KO", quantity=5, proceeds="five"),
]


def test_corporate_actions_and_transfers(tmp_path: Path) -> None:
    statement = read(tmp_path, CorporateActions=ACTIONS, Transfers=MOVED)
    assert outline(statement) == [
        "2026-03-01 split IBKR 300 = 0",
        "2026-03-01 reverse_split FFIE 27 = 0",
        "2026-03-01 symbol_change FB -5 = 0 #1",
        "2026-03-01 symbol_change META 5 = 0 #1",
        "2026-03-01 unknown cash = 3",
        "2026-03-02 transfer KO 100 = 0",
        "2026-03-03 journal cash = 313.46",
        "2026-08-31 unknown cash = 0",
    ]


def test_an_option_without_a_symbol_of_its_own_is_read_by_its_parts(tmp_path: Path) -> None:
    held = element(
        "OpenPosition",
        assetCategory="OPT",
        symbol="PEP 155 P",
        underlyingSymbol="PEP",
        strike="155",
        expiry="20260417",
        putCall="P",
        position=-2,
        levelOfDetail="SUMMARY",
    )
    lot = held.replace("SUMMARY", "LOT")
    other = element("OpenPosition", assetCategory="FUT", symbol="ESH6", position=1)
    statement = read(tmp_path, OpenPositions=[held, lot, other])
    assert statement.holdings == {"PEP   260417P00155000": -2_000_000}
    assert statement.cash_u is None


def test_a_row_that_is_told_twice_is_kept_once(tmp_path: Path) -> None:
    statement = read(tmp_path, CashTransactions=[*CASH, CASH[0]])
    assert statement.repeated == 1
    plain = [row.replace('transactionID="51" ', "") for row in (CASH[0], CASH[0])]
    assert len(read(tmp_path, CashTransactions=plain).rows) == 2


def test_attributes_and_elements_newer_than_the_library_are_passed_over(tmp_path: Path) -> None:
    row = trade(tradeID=1, brandNew="yes")
    assert outline(read(tmp_path, Trades=[row], Novelties=[element("Novelty", a=1)])) == [
        "2026-03-01 trade KO 10 @ 60 = -601"
    ]


def test_of_several_accounts_the_one_that_is_asked_for_is_read(tmp_path: Path) -> None:
    other = STATEMENT.replace("U1234567", "U7654321") + "</FlexStatement>"
    text = TEXT.replace("</FlexStatement>", "</FlexStatement>" + other)
    text = text.replace('count="1"', 'count="2"')
    assert read_text(tmp_path, text, account="U7654321").rows == ()
    assert len(read_text(tmp_path, text, account="U1234567").rows) == 21
    assert refusal(tmp_path, text) == (
        ": expected the statement of one account, found 2 of U1234567, U7654321: name the account,"
        " or query one at a time"
    )
    assert refusal(tmp_path, TEXT, account="U7654321") == (
        ": expected account 'U7654321', found a statement of 'U1234567'"
    )


def test_without_the_library_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(util, "find_spec", lambda _: None)
    assert refusal(tmp_path, TEXT) == (
        ": expected, for a Flex query, the library ibflex to be there:"
        " pip install 'underwriter[ibkr]'; found none"
    )


REFUSED = {
    "cut off": (TEXT[:-60], "row 42: expected whole XML, found unclosed token: line 42"),
    "doctype": (
        '<!DOCTYPE a [<!ENTITY b "c">]><a/>',
        "row 1: expected a Flex query, found a DOCTYPE",
    ),
    "other": (
        "<FlexStatementResponse><Status>Fail</Status></FlexStatementResponse>",
        ": expected a FlexQueryResponse with a FlexStatement, found FlexStatementResponse",
    ),
    "empty": (
        "<FlexQueryResponse></FlexQueryResponse>",
        ": expected a FlexQueryResponse with a FlexStatement, found no FlexStatement",
    ),
    "count": (
        TEXT.replace('count="1"', 'count="2"'),
        "row 2: expected 2 statements, as FlexStatements counts them, found 1",
    ),
    "account": (
        TEXT.replace('<FlexStatement accountId="U1234567" ', "<FlexStatement "),
        "row 3, column accountId: expected an accountId, found none",
    ),
    "period": (
        TEXT.replace('fromDate="20260101"', 'fromDate="LastMonth"'),
        "row 3, column fromDate: expected a date such as 2026-01-31, found 'LastMonth'",
    ),
    "turned": (
        TEXT.replace('fromDate="20260101"', 'fromDate="20270101"'),
        "row 3, column toDate: expected a day from 2027-01-01 on, found 2026-08-31",
    ),
    "proceeds": (
        query(Trades=[trade(proceeds=-610)]),
        "row 15: expected -600.00, which is 10 x 60, found -610.00",
    ),
    "net": (
        query(Trades=[trade(netCash=-600)]),
        "row 15: expected -601.00 net of commission and fees, found -600.00",
    ),
    "outside": (
        query(Trades=[trade(dateTime="20270301;100000")]),
        (
            "row 15, column dateTime: expected a day of the period, 2026-01-01 to 2026-08-31 (month"
            " before day), found 2027-03-01"
        ),
    ),
    "no date": (
        query(Trades=[trade(dateTime="")]),
        "row 15, column dateTime: expected a date, found nothing",
    ),
    "no price": (
        query(Trades=[trade(tradePrice="")]),
        "row 15, column quantity: expected a quantity and a tradePrice, found '10'",
    ),
    "infinite": (
        query(Trades=[trade(proceeds="Infinity")]),
        "row 15, column proceeds: expected a number below 1,000,000,000,000, found Infinity",
    ),
    "multiplier": (
        query(Trades=[trade(assetCategory="OPT", multiplier="0.5")]),
        "row 15, column multiplier: expected a whole number above zero, found 0.5",
    ),
    "huge multiplier": (
        query(Trades=[trade(assetCategory="OPT", multiplier="1e30")]),
        "row 15, column multiplier: expected a whole number above zero, found 1E+30",
    ),
    "option": (
        query(Trades=[trade(assetCategory="OPT", multiplier=100)]),
        "row 15, column symbol: expected an option such as SPY 31MAR25 570 C, found 'KO'",
    ),
    "currencies": (
        query(Trades=[trade(assetCategory="CASH", symbol="EURO")]),
        "row 15, column symbol: expected two currencies such as EUR.USD, found 'EURO'",
    ),
    "shares that are assigned": (
        query(OptionEAE=[ENDS[1].replace("Buy", "Assignment").replace("100", "90")]),
        "row 35: expected an option, since it ended, found shares of KO",
    ),
    "symbol": (
        query(Trades=[shares(1, "20260301;100000", "K_O", 10, "60", "-600")]),
        "row 15, column symbol: expected a symbol such as AAPL or BRK.B, found 'K_O'",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_right_is_refused_with_its_place(tmp_path: Path, what: str) -> None:
    text, expected = REFUSED[what]
    assert refusal(tmp_path, text).startswith(expected)


def test_a_query_may_name_another_encoding_and_is_in_utf_8_where_it_names_none(
    tmp_path: Path,
) -> None:
    plain = TEXT.replace("AF", "AFÉ", 1)
    path = tmp_path / "latin.xml"
    path.write_bytes(f'<?xml version="1.0" encoding="ISO-8859-1"?>\n{plain}'.encode("latin-1"))
    assert outline(read_statement(path)) == outline(read_text(tmp_path, TEXT))
    path.write_bytes(plain.encode("latin-1"))
    with pytest.raises(InputError, match=r"row 1: expected text in UTF-8, found byte 0xc9"):
        read_statement(path)
