"""The tax of an imported year, worked by hand: assignment, wash sale, expiry and an index option.

KO   6,000.00 less the premium of 99.34 is a basis of 5,900.66; sold for 5,500.00 on 2 March,
     after ten days; 100 bought again on the 10th take over the loss of 400.66, for a basis of
     6,000.66, and the ten days
XYZ  50.00 less 0.66 is kept to the expiry: 49.34
SPX  4,000.00 less 1.50 and 1,000.00 at settlement: 2,998.50, of it 1,799.10 long, 1,199.40 short
"""

import csv
from pathlib import Path

from book.imports import schwab_year
from book.imports.outline import read_text
from book.imports.wheel_story import text_of
from book.tax_text import lot_text
from underwriter.book.fold import EMPTY
from underwriter.book.forms import form_8949, split_of
from underwriter.book.imports.booking import booked
from underwriter.book.tax import TaxYear, taxed

KO, XYZ, SPX = "KO 02/20/2026 60.00 P", "XYZ 04/17/2026 20.00 P", "SPX 05/15/2026 5900.00 P"
ROWS = [
    ["01/02/2026", "MoneyLink Transfer", "", "Tfr A BANK", "", "", "", "$100000.00"],
    ["01/05/2026", "Sell to Open", KO, "", "1", "$1.00", "$0.66", "$99.34"],
    ["02/20/2026", "Assigned", KO, "", "1", "", "", ""],
    ["02/20/2026", "Buy", "KO", "", "100", "$60.00", "", "-$6000.00"],
    ["03/02/2026", "Sell", "KO", "", "100", "$55.00", "", "$5500.00"],
    ["03/10/2026", "Buy", "KO", "", "100", "$56.00", "", "-$5600.00"],
    ["04/01/2026", "Sell to Open", XYZ, "", "1", "$0.50", "$0.66", "$49.34"],
    ["04/17/2026", "Expired", XYZ, "", "1", "", "", ""],
    ["05/04/2026", "Sell to Open", SPX, "", "1", "$40.00", "$1.50", "$3998.50"],
    ["05/15/2026", "Expired", SPX, "", "1", "", "", "-$1000.00"],
]


def text() -> str:
    """The year as Schwab exports it."""
    return text_of(schwab_year.TEXT.partition("\n")[0], ROWS)


def year(folder: Path) -> TaxYear:
    return taxed(booked(EMPTY, read_text(folder, text()), "main").events, 2026)


def test_t79_form_8949_of_an_imported_year(tmp_path: Path) -> None:
    rows = list(csv.reader(form_8949(year(tmp_path)).splitlines()))[1:]
    assert rows == [
        ["I", "1 XYZ 2026-04-17 P 20 (written)", "04/17/2026", "04/01/2026", "49.34", "EXPIRED",
         "", "", "49.34", "main"],
        ["I", "100 sh KO", "02/20/2026", "03/02/2026", "5500.00", "5900.66", "W", "400.66", "0.00",
         "main"],
    ]  # fmt: skip


def test_t79_what_an_imported_year_came_to(tmp_path: Path) -> None:
    found = year(tmp_path)
    assert (found.short_u, found.long_u) == (49_340_000, 0)
    assert (found.disallowed_u, found.index_u) == (400_660_000, 2_998_500_000)
    assert split_of(found) == (119_940, 179_910)
    assert [lot_text(one) for one in found.lots] == ["KO 100 basis 6,000.66 since 2026-02-28"]
    assert found.strays == 0
