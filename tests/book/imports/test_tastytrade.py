"""Rows of tastytrade that a plain year has not; their forms are those of real exports."""

from pathlib import Path

import pytest

from book.imports.outline import outline, read_text
from book.imports.tastytrade_year import HEADER, ROWS, TEXT
from underwriter.book.imports.ends import cash_of, positions_of
from underwriter.book.imports.statement import Statement
from underwriter.core.errors import InputError

# ruff: noqa: E501  rows are as long as they are


def read(folder: Path, *rows: str) -> Statement:
    """A history of some rows, newest first."""
    return read_text(folder, "\n".join([HEADER, *rows]) + "\n")


def test_t58_a_special_dividend_moves_a_strike_from_62_to_60_76_without_money(
    tmp_path: Path,
) -> None:
    rows = [
        "2022-05-19T13:02:00+0200,Receive Deliver,Special Dividend,SELL_TO_OPEN,JD    220701P00060760,Equity Option,Special dividend: Open 1.0 JD    220701P00060760,1177.00,1,1177.00,--,0.00,100,JD,JD,7/01/22,60.76,PUT,,1177.00,USD",
        "2022-05-19T13:02:00+0200,Receive Deliver,Special Dividend,BUY_TO_CLOSE,JD    220701P00062000,Equity Option,Special dividend: Close 1.0 JD    220701P00062000,-1177.00,1,-1177.00,--,0.00,100,JD,JD,7/01/22,62,PUT,,-1177.00,USD",
    ]
    assert outline(read(tmp_path, *rows)) == [
        "2022-05-19 adjustment close JD 2022-07-01 P 62 1 = -1177 #1",
        "2022-05-19 adjustment open JD 2022-07-01 P 60.76 -1 = 1177 #1",
    ]


def test_t59_t63_a_reverse_split_gives_the_root_a_digit_and_the_shares_another_number(
    tmp_path: Path,
) -> None:
    rows = [
        "2020-05-01T15:00:00+0200,Receive Deliver,Buy to Open,BUY_TO_OPEN,FFIE,Equity,Bought 0.5 FFIE @ 0.00 - Rounding Correction - Reverse Split,0.00,0.5,0.00,0.00,0.00,,,,,,,,0.00,USD",
        "2020-04-29T14:35:01+0200,Receive Deliver,Reverse Split,BUY_TO_OPEN,USO1  200717P00002000,Equity Option,Reverse split: Open 6 USO1  200717P00002000,-174.00,6,-29.00,--,0.00,100,USO1,USO,7/17/20,2,PUT,,-174.00,USD",
        "2020-04-29T14:35:00+0200,Receive Deliver,Reverse Split,SELL_TO_CLOSE,USO   200717P00002000,Equity Option,Reverse split: Close 6 USO   200717P00002000,174.00,6,29.00,--,0.00,100,USO,USO,7/17/20,2,PUT,,174.00,USD",
        '2020-04-29T14:30:01+0200,Receive Deliver,Reverse Split,BUY_TO_OPEN,FFIE,Equity,Reverse split: Open 27.5 FFIE,"-2,958.00",27.5,-107.56,--,0.00,,,,,,,,"-2,958.00",USD',
        '2020-04-29T14:30:00+0200,Receive Deliver,Reverse Split,SELL_TO_CLOSE,FFIE,Equity,Reverse split: Close 1100.0 FFIE,"2,958.00",1100,2.69,--,0.00,,,,,,,,"2,958.00",USD',
    ]
    statement = read(tmp_path, *rows)
    assert outline(statement) == [
        "2020-04-29 reverse_split close FFIE -1100 = 2958 #1",
        "2020-04-29 reverse_split open FFIE 27.5 = -2958 #1",
        "2020-04-29 reverse_split close USO 2020-07-17 P 2 -6 = 174 #2",
        "2020-04-29 reverse_split open USO1 2020-07-17 P 2 6 = -174 #2",
        "2020-05-01 reverse_split open FFIE 0.5 = 0",
    ]
    new = statement.rows[3].instrument
    assert new is not None
    assert (new.symbol, new.root, new.adjusted) == ("USO", "USO1", True)
    assert cash_of(statement) == {"USD": 0}


def test_t62_a_symbol_change_and_a_merger_are_pairs_without_money(tmp_path: Path) -> None:
    rows = [
        "2021-09-15T14:36:00+0200,Receive Deliver,Stock Merger,SELL_TO_OPEN,GREE1 210917P00022000,Equity Option,Stock merger Open 6.0 GREE1 210917P00022000,3360.00,6,560.00,--,0.00,100,GREE1,GREE,9/17/21,22,PUT,,3360.00,USD",
        "2021-09-15T14:36:00+0200,Receive Deliver,Stock Merger,BUY_TO_CLOSE,SPRT  210917P00022000,Equity Option,Stock merger Close 6.0 SPRT 210917P00022000,-3360.00,6,-560.00,--,0.00,100,SPRT,SPRT,9/17/21,22,PUT,,-3360.00,USD",
        "2021-06-18T12:48:09+0200,Receive Deliver,Symbol Change,SELL_TO_OPEN,ME    210618C00010000,Equity Option,Symbol change:  Open 1.0 ME    210618C00010000,45.00,1,45.00,--,0.00,100,ME,ME,6/18/21,10,CALL,,45.00,USD",
        "2021-06-18T12:48:09+0200,Receive Deliver,Symbol Change,BUY_TO_CLOSE,VGAC  210618C00010000,Equity Option,Symbol change:  Close 1.0 VGAC  210618C00010000,-45.00,1,-45.00,--,0.00,100,VGAC,VGAC,6/18/21,10,CALL,,-45.00,USD",
        '2021-06-18T12:48:05+0200,Receive Deliver,Symbol Change,BUY_TO_OPEN,ME,Equity,Symbol change:  Open 100.0 ME,"-1,750.00",100,-17.50,--,0.00,,,,,,,,"-1,750.00",USD',
        '2021-06-18T12:48:05+0200,Receive Deliver,Symbol Change,SELL_TO_CLOSE,VGAC,Equity,Symbol change:  Close 100.0 VGAC,"1,750.00",100,17.50,--,0.00,,,,,,,,"1,750.00",USD',
    ]
    assert outline(read(tmp_path, *rows)) == [
        "2021-06-18 symbol_change close VGAC -100 = 1750 #1",
        "2021-06-18 symbol_change open ME 100 = -1750 #1",
        "2021-06-18 symbol_change close VGAC 2021-06-18 C 10 1 = -45 #2",
        "2021-06-18 symbol_change open ME 2021-06-18 C 10 -1 = 45 #2",
        "2021-09-15 merger close SPRT 2021-09-17 P 22 6 = -3360 #3",
        "2021-09-15 merger open GREE1 2021-09-17 P 22 -6 = 3360 #3",
    ]


def test_t51_index_options_end_in_cash_and_others_by_exercise(tmp_path: Path) -> None:
    rows = [
        '2026-07-10T23:00:00+0200,Receive Deliver,Buy to Open,BUY_TO_OPEN,BRK/B,Equity,Buy to Open 100 BRK/B @ 450.00,"-45,000.00",100,-450.00,--,-5.00,,,,,,,,"-45,005.00",USD',
        "2026-07-10T23:00:00+0200,Receive Deliver,Exercise,,BRKB  260710C00450000,Equity Option,Removal of option due to exercise,0.00,1,0.00,--,0.00,100,BRKB,BRK/B,7/10/26,450,CALL,,0.00,USD",
        "2026-07-10T04:00:00+0200,Receive Deliver,Cash Settled Assignment,,SPXW  260709C07540000,Equity Option,Cash settled assignment,-364.00,1,-364.00,--,-5.00,100,SPXW,SPX,7/09/26,7540,CALL,,-369.00,USD",
        "2026-07-10T04:00:00+0200,Receive Deliver,Cash Settled Exercise,,SPXW  260709C07500000,Equity Option,Cash settled exercise,764.00,1,764.00,--,-5.00,100,SPXW,SPX,7/09/26,7500,CALL,,759.00,USD",
    ]
    statement = read(tmp_path, *rows)
    assert outline(statement) == [
        "2026-07-09 settlement close SPXW 2026-07-09 C 7500 -1 = 759",
        "2026-07-09 settlement close SPXW 2026-07-09 C 7540 1 = -369",
        "2026-07-10 exercise close BRKB 2026-07-10 C 450 -1 = 0 #1",
        "2026-07-10 delivery open BRK.B 100 @ 450 = -45005 #1",
    ]
    assert [row.instrument.symbol for row in statement.rows if row.instrument] == (
        ["SPX", "SPX", "BRK.B", "BRK.B"]
    )


def test_money_goes_by_its_kind_and_sign(tmp_path: Path) -> None:
    rows = [
        "2024-08-16T23:00:00+0200,Money Movement,Debit Interest,,,,FROM 07/16 THRU 08/15 @11    %,-6.06,0,,--,0.00,,,,,,,,-6.06,USD",
        "2024-07-20T21:32:45+0200,Money Movement,Balance Adjustment,,,,Regulatory fee adjustment,-0.01,0,,--,0.00,,,,,,,,-0.01,USD",
        "2024-07-08T23:00:00+0200,Money Movement,Dividend,,PULS,Equity,PGIM ETF TRUST,-5.72,0,,--,0.00,,,,,,,,-5.72,USD",
        "2024-07-08T23:00:00+0200,Money Movement,Dividend,,PULS,Equity,PGIM ETF TRUST,38.12,0,,--,0.00,,,,,,,,38.12,USD",
        "2024-07-07T23:00:00+0200,Money Movement,Dividend,,XOM,Equity,EXXON MOBIL CORP,-1.50,0,,--,0.00,,,,,,,,-1.50,USD",
        "2024-03-21T22:00:00+0100,Money Movement,Deposit,,ICSH,Equity,ISHARES TRUST,3.23,0,,--,0.00,,,,,,,,3.23,USD",
        "2024-03-20T22:00:00+0100,Money Movement,Withdrawal,,,,FROM 02/16 THRU 03/15 @ 8 %,-0.87,0,,--,0.00,,,,,,,,-0.87,USD",
        '2023-06-15T23:00:00+0200,Money Movement,Withdrawal,,,,WIRE TRANSFER,"-6,000.00",0,,--,0.00,,,,,,,,"-6,000.00",USD',
        '2021-03-01T23:00:00+0100,Money Movement,Withdrawal,,,,Wire Funds Received,"4,770.40",0,,--,0.00,,,,,,,,"4,770.40",USD',
    ]
    assert outline(read(tmp_path, *rows)) == [
        "2021-03-01 deposit cash = 4770.4",
        "2023-06-15 withdrawal cash = -6000",
        "2024-03-20 interest cash = -0.87",
        "2024-03-21 dividend ICSH = 3.23",
        "2024-07-07 dividend XOM = -1.5",
        "2024-07-08 dividend PULS = 38.12",
        "2024-07-08 withholding PULS = -5.72",
        "2024-07-20 fee cash = -0.01",
        "2024-08-16 interest cash = -6.06",
    ]


def test_what_is_not_booked_is_listed_with_its_cash(tmp_path: Path) -> None:
    rows = [
        "2026-04-02T15:00:00+0000,Trade,Sell,SELL,/MCLZ5,Future,Sold 1 /MCLZ5 @ 57.92,0.00,1,0.00,-0.75,-0.82,,,,,,,413432751,-1.57,USD",
        "2026-04-01T15:00:00+0000,Receive Deliver,Spin Off,BUY_TO_OPEN,KO,Equity,Spin off,0.00,1,0.00,--,0.00,,,,,,,,0.00,USD",
        "2026-03-01T15:00:00+0000,Money Movement,Mark to Market,,/MCLZ5,Future,MTM,5.00,0,,--,0.00,,,,,,,,5.00,USD",
    ]
    rows[2] = rows[2].replace(",/MCLZ5,", ",,")
    statement = read(tmp_path, *rows)
    path = tmp_path / "statement.csv"
    assert statement.told() == (
        f"{path}, row 4: 'Mark to Market' is not known: Mark to Market MTM",
        f"{path}, row 3: 'Receive Deliver, Spin Off' is not known: Spin Off KO Spin off",
        f"{path}, row 2: 'Future' is not booked: Sell /MCLZ5 Sold 1 /MCLZ5 @ 57.92",
    )
    assert cash_of(statement) == {"USD": 3_430_000}
    assert positions_of(statement) == {}


def test_shares_that_come_as_a_dividend_have_no_money(tmp_path: Path) -> None:
    row = "2026-03-31T14:00:00-0700,Receive Deliver,Dividend,BUY_TO_OPEN,SVOL,Equity,Received 2.41503 Long SVOL via Dividend,0.00,2.41503,0.00,--,0.00,,,,,,,,0.00,USD"
    assert outline(read(tmp_path, row)) == ["2026-03-31 dividend open SVOL 2.41503 = 0"]


REFUSED = {
    "amounts": (
        ("85.00,1,85.00,", "95.00,1,85.00,"),
        "row 23, column Total|row 23: expected 94.34 net of commission and fees, found 84.34",
    ),
    "price": (
        ('-6,000.00",100,-60.00', '-6,000.00",100,-61.00'),
        "row 22: expected -6,100.00, which is 100 x 61.00, found -6,000.00",
    ),
    "expiry": (
        ("KO,KO,2/20/26", "KO,KO,20/2/26"),
        (
            "row 21, column Expiration Date: expected a date as month/day/year, not day/month/year,"
            " found '20/2/26'"
        ),
    ),
    "other expiry": (
        ("KO,KO,3/20/26", "KO,KO,3/21/26"),
        (
            "row 15, column Expiration Date: expected the expiry of 'KO    260320C00062500', month"
            " before day, found '3/21/26'"
        ),
    ),
    "multiplier": (
        ("0.00,100,XYZ,XYZ,7/17/26", "0.00,0,XYZ,XYZ,7/17/26"),
        "row 3, column Multiplier: expected a whole number above zero, found '0'",
    ),
    "quantity": (
        ("expiration.,0.00,3,0.00", "expiration.,0.00,0,0.00"),
        "row 3, column Quantity: expected a number above zero, found '0'",
    ),
    "no quantity": (
        ("expiration.,0.00,3,0.00", "expiration.,0.00,,0.00"),
        "row 3, column Quantity: expected a number, found nothing",
    ),
    "action": (
        ("Buy to Open,BUY_TO_OPEN,XYZ", "Buy to Open,BUY,XYZ"),
        (
            "row 5, column Action: expected one of BUY_TO_OPEN, BUY_TO_CLOSE, SELL_TO_OPEN,"
            " SELL_TO_CLOSE, found 'BUY'"
        ),
    ),
    "currency": (
        ("1.23,USD", "1.23,US"),
        "row 2, column Currency: expected a currency such as USD, found 'US'",
    ),
    "shares that expire": (
        ("XYZ   260717P00020000,Equity Option,Removal of 3.0", "XYZ,Equity,Removal of 3.0"),
        "row 3: expected an option, since it ended, found shares of XYZ",
    ),
    "no offset": (
        ("2026-08-03T23:00:00+0200", "2026-08-03T23:00:00"),
        "row 2, column Date: expected a time with its offset from UTC, found '2026-08-03T23:00:00'",
    ),
    "no time": (
        ("2026-08-03T23:00:00+0200", "08/03/2026"),
        "row 2, column Date: expected a time as 2026-01-16T10:30:00-0500, found '08/03/2026'",
    ),
    "turned": (
        ("2026-08-03T23:00:00+0200", "2026-03-08T23:00:00+0200"),
        (
            "row 2: expected rows in order of time, after row 3 of 2026-07-17, found 2026-03-08"
            " (are day and month in each other's place?)"
        ),
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_row_that_cannot_be_right_is_refused_with_its_place(tmp_path: Path, what: str) -> None:
    (old, new), expected = REFUSED[what]
    assert old in TEXT
    with pytest.raises(InputError) as refused:
        read_text(tmp_path, TEXT.replace(old, new, 1))
    wanted = expected.rpartition("|")[2]
    assert str(refused.value) == f"{tmp_path / 'statement.csv'}, {wanted}"


def test_two_true_fills_that_are_alike_stay_two(tmp_path: Path) -> None:
    statement = read(tmp_path, ROWS[-2], ROWS[-2])
    assert len({row.id for row in statement.rows}) == 2
    again = read(tmp_path, ROWS[-3], ROWS[-2], ROWS[-2])
    assert {row.id for row in statement.rows} < {row.id for row in again.rows}


def test_an_average_may_be_a_cent_off_and_a_row_of_broken_shares_as_well(tmp_path: Path) -> None:
    sold = "2026-06-23T19:46:02+0200,Trade,Sell to Open,SELL_TO_OPEN,IWM,Equity,Sold 3 IWM @ 208.32,{},3,208.33,0.00,0.00,,,,,,,391052108,{},USD"
    assert outline(read(tmp_path, sold.format("624.96", "624.96"))) == [
        "2026-06-23 trade open IWM -3 @ 208.33 = 624.96"
    ]
    text = "\n".join([HEADER, sold.format("624.95", "624.95")])
    with pytest.raises(InputError, match=r"row 2: expected 624\.99, which is 3 x 208\.33, found"):
        read_text(tmp_path, text)


def test_a_row_has_its_id_wherever_the_export_was_made(tmp_path: Path) -> None:
    berlin = ROWS[-2]
    home = berlin.replace("2026-01-05T16:30:00+0100", "2026-01-05T10:30:00-0500")
    assert berlin != home
    assert read(tmp_path, berlin).rows[0].id == read(tmp_path, home).rows[0].id


def test_a_header_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected at least one row, found a header alone"):
        read(tmp_path)
