"""Rows of Robinhood that a plain year has not; their forms are those of real exports."""

from pathlib import Path

import pytest

from book.imports.outline import dollars, outline, read_text
from book.imports.refusals import refusal
from book.imports.robinhood_year import TEXT
from underwriter.book.imports.ends import cash_of
from underwriter.book.imports.statement import Statement

HEADER = TEXT.split("\n")[0]


def read(folder: Path, *rows: str) -> Statement:
    """An activity file of some rows, newest first."""
    return read_text(folder, "\n".join([HEADER, *rows]) + "\n")


def row(day: str, symbol: str, words: str, code: str, *figures: str) -> str:
    """One row, settled on its day."""
    return ",".join(f'"{cell}"' for cell in (day, day, day, symbol, words, code, *figures))


def test_t57_an_assignment_without_a_price_has_that_of_its_strike_in_its_shares(
    tmp_path: Path,
) -> None:
    rows = [
        row("1/16/2026", "TSLA", "TSLA 1/16/2026 Put $440.00", "OASGN", "1", "", ""),
        row("1/16/2026", "TSLA", "Tesla\nCUSIP: 1", "Buy", "100", "$440.00", "($44,000.00)"),
    ]
    assert outline(read(tmp_path, *rows)) == [
        "2026-01-16 delivery TSLA 100 @ 440 = -44000 #1",
        "2026-01-16 assignment close TSLA 2026-01-16 P 440 1 = 0 #1",
    ]
    assert len(read(tmp_path, rows[0]).undelivered) == 1


def test_every_other_code_has_its_kind(tmp_path: Path) -> None:
    rows = [
        row("12/20/2024", "", "Instant bank transfer", "RTP", "", "", "($100.00)"),
        row("12/19/2024", "VTI", "CIL on 0.5 @ $10 - VTI", "CIL", "", "", "$5.00"),
        row("12/18/2024", "VTI", "Vanguard\nCUSIP: 922908769", "SPL", "100", "", ""),
        row("12/17/2024", "GME", "GameStop", "REC", "3", "", ""),
        row("12/16/2024", "VALE", "Foreign Tax", "DTAX", "", "", "($2.00)"),
        row("12/15/2024", "QQQ", "Manufactured Div", "MDIV", "", "", "$1.10"),
        row("12/14/2024", "", "Gold Fee", "GOLD", "", "", "($5.00)"),
        row("12/13/2024", "", "Futures Inter-Entity", "FUTSWP", "", "", "$226.00"),
        row("12/12/2024", "SPX", "SPX 12/12/2024 Call $6,000.00", "OEXP", "1S", "", "$250.00"),
        row("12/11/2024", "KO", "KO 12/20/2024 Put $50.00", "OEXCS", "1", "", ""),
        row("12/10/2024", "XYZ", "XYZ", "SOFF", "5", "", ""),
        row("12/09/2024", "BRK.B", "BRK.B 12/20/2024 Call $480.00", "STC", "1", "$2.00", "$199.97"),
    ]
    statement = read(tmp_path, *rows)
    assert outline(statement) == [
        "2024-12-09 trade close BRKB 2024-12-20 C 480 -1 @ 2 = 199.97",
        "2024-12-10 unknown cash = 0",
        "2024-12-11 exercise close KO 2024-12-20 P 50 -1 = 0",
        "2024-12-12 settlement close SPX 2024-12-12 C 6000 -1 = 250",
        "2024-12-13 journal cash = 226",
        "2024-12-14 fee cash = -5",
        "2024-12-15 in_lieu QQQ = 1.1",
        "2024-12-16 withholding VALE = -2",
        "2024-12-17 transfer GME 3 = 0",
        "2024-12-18 split VTI 100 = 0",
        "2024-12-19 adjustment VTI = 5",
        "2024-12-20 withdrawal cash = -100",
    ]
    assert statement.told()[0].endswith("row 13: code 'SOFF' is not known: SOFF XYZ XYZ")
    assert dollars(cash_of(statement).items()) == {"USD": "575.07"}


def test_fees_are_what_an_amount_is_worse_by(tmp_path: Path) -> None:
    rows = [
        row("1/15/2026", "MSTR", "Strategy", "Buy", "100", "$174.68", "($17,468.50)"),
        row("1/15/2026", "MSTR", "Strategy", "Sell", "10", "$171.95", "$1,719.40"),
        row("1/14/2026", "KO", "KO 2/20/2026 Put $60.00", "BTC", "1", "$4.49", "($449.02)"),
        row("1/13/2026", "KO", "KO 2/20/2026 Put $60.00", "BTO", "1", "$4.49", "($448.99)"),
    ]
    money = [
        (row.gross_u / 1e6, row.fee_u / 1e6, row.net_u / 1e6) for row in read(tmp_path, *rows).rows
    ]
    assert money == [
        (-448.99, 0, -448.99),  # within half a cent a share: rounding, and nobody pays a fee
        (-449, 0.02, -449.02),
        (1719.5, 0.1, 1719.4),  # 0.10 is more than rounding of ten shares
        (-17468.5, 0, -17468.5),
    ]


def test_a_row_may_have_no_day_of_settlement(tmp_path: Path) -> None:
    text = TEXT.replace('"1/2/2026","1/2/2026","1/2/2026"', '"1/2/2026","1/2/2026",""')
    assert outline(read_text(tmp_path, text)) == outline(read_text(tmp_path, TEXT))


REFUSED = {
    "amounts": (
        ('"$0.85","$84.97"', '"$0.85","$80.00"'),
        "row 29: expected 85.00 net of commission and fees, found 80.00",
    ),
    "better than its price": (
        ('"$0.85","$84.97"', '"$0.85","$86.00"'),
        "row 29: expected 85.00 net of commission and fees, found 86.00",
    ),
    "settled before": (
        ('"1/6/2026"', '"1/4/2026"'),
        (
            "row 29, column Settle Date: expected a day from 1/5/2026 on, 20 later at most,"
            " month before day, found '1/4/2026'"
        ),
    ),
    "days and months exchanged": (
        ('"1/5/2026","1/5/2026","1/6/2026"', '"5/1/2026","5/1/2026","6/1/2026"'),
        (
            "row 29, column Settle Date: expected a day from 5/1/2026 on, 20 later at most,"
            " month before day, found '6/1/2026'"
        ),
    ),
    "no amount": (
        ('"ACH","","","$20,000.00"', '"ACH","","",""'),
        "row 30, column Amount: expected a number, found nothing",
    ),
    "quantity": (
        ('"OEXP","2S"', '"OEXP","S"'),
        "row 15, column Quantity: expected a number, found 'S'",
    ),
    "zero": (
        ('"OEXP","2S"', '"OEXP","0S"'),
        (
            "row 15, column Quantity: expected a quantity that is not zero, such as 1 or 1S,"
            " found '0S'"
        ),
    ),
    "no option": (
        ("Option Expiration for SPY 3/27/2026 Put $550.00", "SPY"),
        "row 15: expected an option, since it ended, found shares of SPY",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_row_that_cannot_be_right_is_refused_with_its_place(tmp_path: Path, what: str) -> None:
    (old, new), expected = REFUSED[what]
    assert refusal(tmp_path, TEXT, old, new) == expected
