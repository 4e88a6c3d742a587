"""`trade --manual`, then the broker's own csv of the same days by `book import`, then on (T74).

What was typed at the desk is in the broker's file, too, in as many rows as it was filled in and
with the fees that the broker truly took.  It is one fill; cash and positions are the broker's in
the end, and the desk goes on.
"""

import csv
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from app.test_trade_manual import Person, events
from app.trading import DAYS, Office, office_of
from command_line import Command, Told
from underwriter.app.cli import trade as line
from underwriter.book.event import AnyEvent, Corrected, Deposited, Filled
from underwriter.book.fold import fold
from underwriter.book.imports.held import cash_u, held_u
from underwriter.core.units import MICRO

PUT = "SYN   240202P00094000"
SOLD = DAYS[1]
BEGAN_U = 1_000_000 * MICRO
Parts = list[tuple[int, float]]  # contracts sold, and at what
FEE = 66  # cents a contract, whatever the desk reckons with


def text_of(*rows: list[object]) -> str:
    """Rows as csv."""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(rows)
    return out.getvalue()


def paid(part: tuple[int, float]) -> float:
    """What comes of a part, its fees off, in dollars."""
    return round(part[0] * part[1] * 100 - part[0] * FEE / 100, 2)


def schwab(parts: Parts, day: date, cash: float) -> str:  # noqa: ARG001  which its export lacks
    return text_of(SCHWAB, *([
        f"{day:%m/%d/%Y}", "Sell to Open", "SYN 02/02/2024 94.00 P", "PUT SYNTHETIC $94", count,
        f"${price:.2f}", f"${count * FEE / 100:.2f}", f"${paid((count, price)):.2f}",
    ] for count, price in parts))  # fmt: skip


def robinhood(parts: Parts, day: date, cash: float) -> str:  # noqa: ARG001  likewise
    head = ["Activity Date", "Process Date", "Settle Date", "Instrument", "Description",
            "Trans Code", "Quantity", "Price", "Amount"]  # fmt: skip
    on = f"{day.month}/{day.day}/{day.year}"
    return text_of(head, *([
        on, on, on, "SYN", "SYN 2/2/2024 Put $94.00", "STO", count, f"${price:.2f}",
        f"${paid((count, price)):,.2f}",
    ] for count, price in parts))  # fmt: skip


def tastytrade(parts: Parts, day: date, cash: float) -> str:  # noqa: ARG001  likewise
    head = ("Date,Type,Sub Type,Action,Symbol,Instrument Type,Description,Value,Quantity,"
            "Average Price,Commissions,Fees,Multiplier,Root Symbol,Underlying Symbol,"
            "Expiration Date,Strike Price,Call or Put,Order #,Total,Currency")  # fmt: skip
    return text_of(head.split(","), *([
        f"{day}T15:46:0{at}-0500", "Trade", "Sell to Open", "SELL_TO_OPEN", PUT, "Equity Option",
        f"Sold {count} SYN", f"{count * price * 100:.2f}", count, f"{price * 100:.2f}",
        f"-{count * 50 / 100:.2f}", f"-{count * 16 / 100:.2f}", 100, "SYN", "SYN", "2/2/24", 94,
        "PUT", "71", f"{paid((count, price)):.2f}", "USD",
    ] for at, (count, price) in enumerate(parts)))  # fmt: skip


def ibkr(parts: Parts, day: date, cash: float) -> str:
    """An activity statement, which says its cash and positions."""
    head = ("DataDiscriminator,Asset Category,Currency,Symbol,Date/Time,Quantity,T. Price,"
            "C. Price,Proceeds,Comm/Fee,Basis,Realized P/L,MTM P/L,Code")  # fmt: skip
    option, count = "SYN 02FEB24 94 P", sum(one for one, _ in parts)
    trades = [["Trades", "Data", "Order", "Equity and Index Options", "USD", option,
               f"{day}, 15:46:0{at}", -one, price, price, f"{one * price * 100:.2f}",
               f"-{one * FEE / 100:.2f}", 0, 0, 0, "O"]
              for at, (one, price) in enumerate(parts)]  # fmt: skip
    return text_of(
        ["Statement", "Header", "Field Name", "Field Value"],
        ["Statement", "Data", "BrokerName", "Interactive Brokers LLC"],
        ["Statement", "Data", "Title", "Activity Statement"],
        ["Statement", "Data", "Period", f"{day:%B} {day.day}, {day.year}"],
        ["Account Information", "Header", "Field Name", "Field Value"],
        ["Account Information", "Data", "Account", "U1234567"],
        ["Account Information", "Data", "Base Currency", "USD"],
        ["Cash Report", "Header", "Currency Summary", "Currency", "Total", "Securities", "Futures"],
        ["Cash Report", "Data", "Starting Cash", "USD", 1_000_000, 0, 0],
        ["Cash Report", "Data", "Ending Cash", "USD", f"{cash:.2f}", 0, 0],
        ["Open Positions", "Header", "DataDiscriminator", "Asset Category", "Currency", "Symbol",
         "Quantity", "Mult", "Cost Price", "Cost Basis", "Close Price", "Value", "Unrealized P/L",
         "Code"],
        ["Open Positions", "Data", "Summary", "Equity and Index Options", "USD", option, -count,
         100, 1, -1, 1, -1, 0, ""],
        ["Trades", "Header", *head.split(",")],
        *trades,
        ["Trades", "Total", "", "Equity and Index Options", "USD", *[""] * 5, 0, 0, 0, 0, 0, ""],
    )  # fmt: skip


BROKERS: dict[str, Callable[[Parts, date, float], str]] = {
    "schwab": schwab, "robinhood": robinhood, "tastytrade": tastytrade, "ibkr": ibkr,
}  # fmt: skip
SCHWAB = ["Date", "Action", "Symbol", "Description", "Quantity", "Price", "Fees & Comm", "Amount"]
WHOLE = [(20, 1.17)]
IN_PARTS = [(12, 1.17), (5, 1.16), (3, 1.18)]


@pytest.fixture
def office(
    home: Path, tmp_path: Path, underwriter: Command, monkeypatch: pytest.MonkeyPatch
) -> Office:
    """A desk by hand that may open on each session, and was told a sale of twenty puts."""
    made = office_of(home, tmp_path, underwriter, monkeypatch)
    made.write("wheel", **{'universe = ["SYN"]': 'universe = ["SYN"]\nrungs = 2'})
    made.bring(DAYS[:2])
    typed(made, monkeypatch, SOLD, "20 @ 1.17\n")
    return made


def typed(office: Office, monkeypatch: pytest.MonkeyPatch, day: date, *answers: str) -> Told:
    """A cycle at the moment of decision, with a person who types."""
    monkeypatch.setattr(line, "_teller", Person(*answers))
    return office.trade(day, "15:45", "--json", kind="--manual")


def imported(office: Office, text: str, name: str = "statement.csv") -> Told:
    """A statement into the desk's book."""
    path = office.folder / name
    path.write_text(text, encoding="utf-8")
    return office.underwriter("book", "import", str(path), "--journal", str(office.desk), "--yes")


def stands(told: list[AnyEvent]) -> tuple[int, dict[str, int]]:
    """Cash, and what is held, by a journal."""
    book = fold(told)
    return cash_u(book, "main")["USD"], held_u(book, "main")


@pytest.mark.parametrize("parts", [WHOLE, IN_PARTS], ids=["whole", "in parts"])
@pytest.mark.parametrize("broker", BROKERS)
def test_t74_what_was_typed_and_is_in_the_broker_s_file_is_one_fill(
    office: Office, monkeypatch: pytest.MonkeyPatch, broker: str, parts: Parts
) -> None:
    cash = 1_000_000 + sum(map(paid, parts))
    text = BROKERS[broker](parts, SOLD, cash)
    said = imported(office, text)
    assert said.code == 0, said.out + said.err
    told = events(office)
    assert stands(told) == (round(cash * MICRO), {PUT: -20 * MICRO})
    assert [type(one) for one in told if isinstance(one, Corrected)] == [Corrected]
    again = imported(office, text)
    assert "Nothing is new" in again.out
    path = str(office.folder / "statement.csv")
    assert office.underwriter("book", "reconcile", path, str(office.desk)).code == 0
    office.bring(DAYS[2:3])
    assert (night := office.trade(DAYS[2], "09:00", "--json", kind="--manual")).code == 0, night.out
    done = typed(office, monkeypatch, DAYS[2], "3 @ 1.00\n")
    assert (done.code, done.json["breaks"], done.json["sessions"]) == (0, [], 1)
    assert [one.quantity for one in events(office) if isinstance(one, Filled)] == [-20, -3]
    assert stands(events(office))[1][PUT] == -20 * MICRO


def test_t74_reconcile_mends_what_was_typed_to_what_the_broker_filled(office: Office) -> None:
    cash = 1_000_000 + sum(map(paid, IN_PARTS))
    path = office.folder / "u.csv"
    path.write_text(ibkr(IN_PARTS, SOLD, cash), encoding="utf-8")
    ask = ("book", "reconcile", str(path), str(office.desk))
    found = office.underwriter(*ask, "--json")
    assert (found.code, [one["kind"] for one in found.json["breaks"]]) == (3, ["price"])
    mended = office.underwriter(*ask, "--mend", "--yes")
    assert mended.code == 0, mended.err
    assert stands(events(office)) == (round(cash * MICRO), {PUT: -20 * MICRO})
    assert office.underwriter(*ask).code == 0


def test_a_part_of_what_was_typed_is_refused_with_the_cure(office: Office) -> None:
    before = events(office)
    said = imported(office, schwab([(12, 1.17)], SOLD, 0))
    assert said.code == 2
    assert "found 12 on a day on which the desk told a fill of 20" in said.err
    assert "underwriter book record correct desk-" in said.err
    assert events(office) == before


def test_what_was_typed_and_is_in_no_statement_of_its_day_is_told(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cure is in the line: once it is taken the desk goes on, from what the broker has."""
    text = text_of(
        SCHWAB,
        [f"{DAYS[2]:%m/%d/%Y}", "Credit Interest", "", "SCHWAB1 INT", "", "", "", "$0.50"],
        [f"{DAYS[0]:%m/%d/%Y}", "MoneyLink Transfer", "", "Tfr A BANK", "", "", "", "$1000000.00"],
    )
    said = imported(office, text)
    flat = " ".join(said.out.split())
    assert said.code == 3
    assert (
        "told at the desk by hand or by the closes: 2024-01-03, Sold 20 SYN 2024-02-02 P 94 at 1.17"
        in flat
    )
    cure = flat.split("underwriter book record correct ")[1].split(" --never")[0]
    done = office.underwriter(
        "book", "record", "correct", cure, "--never", "--yes", "--journal", str(office.desk)
    )
    assert done.code == 0, done.err
    assert stands(events(office)) == (BEGAN_U + MICRO // 2, {})
    office.bring(DAYS[2:3])
    done = typed(office, monkeypatch, DAYS[2], "3 @ 1.00\n")
    assert (done.code, done.json["breaks"], done.json["fills"]) == (0, [], 1)


def test_rows_of_before_the_desk_are_in_what_it_began_with(office: Office) -> None:
    """A history of a year has the deposit too, and what was traded before: they would double."""
    text = schwab(WHOLE, SOLD, 0)
    text += text_of(
        [f"{SOLD:%m/%d/%Y}", "MoneyLink Transfer", "", "Tfr A BANK", "", "", "", "$500000.00"],
        ["12/01/2023", "Sell to Open", "SYN 12/29/2023 90.00 P", "PUT SYN", 1, "$1.00", "$0.66",
         "$99.34"],
        ["11/30/2023", "MoneyLink Transfer", "", "Tfr A BANK", "", "", "", "$500000.00"],
    )  # fmt: skip
    said = imported(office, text)
    assert said.code == 0, said.out + said.err
    assert "3 rows of before the desk took the account over, on 2024-01-03" in " ".join(
        said.out.split()
    )
    assert stands(events(office)) == (BEGAN_U + round(paid(WHOLE[0]) * MICRO), {PUT: -20 * MICRO})
    assert sum(isinstance(one, Deposited) for one in events(office)) == 1
    path = str(office.folder / "statement.csv")
    assert office.underwriter("book", "reconcile", path, str(office.desk)).code == 0


def test_a_desk_by_hand_books_no_interest_that_its_broker_may_not_pay(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lake's rate is no broker's: interest and dividends are what a statement says of them."""
    office.bring(DAYS[2:5])
    for day in DAYS[2:5]:
        typed(office, monkeypatch, day)
    assert {type(one).__name__ for one in events(office)} & {
        "InterestPaid", "DividendReceived"
    } == set()  # fmt: skip


def test_what_a_statement_booked_short_by_hand_is_why_nothing_is_opened(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries were refused from then on, with exit code 0 and no word of why."""
    text = schwab(WHOLE, SOLD, 0) + text_of(
        [f"{SOLD:%m/%d/%Y}", "Sell to Open", "SYN 02/02/2024 90.00 P", "PUT SYN", 2, "$0.50",
         "$1.32", "$98.68"],
    )  # fmt: skip
    assert imported(office, text).code == 0
    office.bring(DAYS[2:3])
    done = typed(office, monkeypatch, DAYS[2], "3 @ 1.00\n")
    assert (done.code, done.json["breaks"], done.json["fills"]) == (3, [], 0)
    assert done.json["refused"] == {"guard": 1}
    assert done.json["beside"] == ["-2 SYN 2024-02-02 P 90"]
    said = " ".join(office.trade(DAYS[2], "15:47", kind="--manual").out.split())
    assert "LOOK short by hand, which no policy manages: -2 SYN 2024-02-02 P 90; until" in said
    back = [f"{DAYS[2]:%m/%d/%Y}", "Buy to Close", "SYN 02/02/2024 90.00 P", "PUT SYN", 2, "$0.50",
            "$1.32", "-$101.32"]  # fmt: skip
    assert imported(office, text_of(SCHWAB, back)).code == 0
    office.bring(DAYS[3:4])
    done = typed(office, monkeypatch, DAYS[3], "3 @ 1.00\n")
    assert (done.code, done.json["beside"], done.json["fills"]) == (0, [], 1)
