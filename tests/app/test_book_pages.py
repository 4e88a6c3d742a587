"""`underwriter book ...` over a journal written here, as a user meets it."""

import json
import os
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

import write_schemas
from book.journals import COMMON, NOON, filled, opening, write
from book.ledger_text import events_of
from command_line import Command
from report.json_schema import breaks
from underwriter.app.cli.main import run
from underwriter.app.cli.terminal import BROKEN_PIPE
from underwriter.book.event import BookOpened, Deposited, InterestPaid, Marked, Quoted
from underwriter.book.fold import fold
from underwriter.book.journal import events as journal_events
from underwriter.book.snapshot import WORTH
from underwriter.book.stored import decode
from underwriter.report.views import read

MARK = Marked(
    **COMMON, at=NOON + 9, rate=0.04, measure=20.0, regimes={}, shares_u=0,
    underlyings={"KO": Quoted(62_000_000)}, cash_u=20_170_000_000, equity_u=19_990_000_000,
)  # fmt: skip
WHEEL = """
    2026-01-02 deposit 20,000.00
    2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85 fee 0.66
    2026-02-20 assigned KO 60 P, 100 shares
    2026-02-23 sold 1 KO 2026-03-20 C 62 @ 0.50 fee 0.66
"""


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Two puts of 60 sold for 170.00 less 1.320001 of fees, marked at 180.00 on their day."""
    return write(tmp_path / "journal.db", [*opening(), MARK])


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """A put assigned, a call sold on its shares; no evening was marked."""
    return write(tmp_path / "wheel.db", events_of(WHEEL))


def asked(underwriter: Command, name: str, *words: str) -> dict[str, Any]:
    """What a command prints with --json, held against its schema."""
    said = underwriter("book", name, *words, "--json")
    assert (said.code, said.err) == (0, "")
    schema = write_schemas.STRUCTS[f"book-{name}"]
    assert breaks(said.json, schema, schema) == []
    return said.json


def test_positions_of_a_run_folder(underwriter: Command, journal: Path) -> None:
    """Credit 170.00 - 1.320001 = 168.679999, 0.84339999.. a share under the strike of 60."""
    (account,) = asked(underwriter, "positions", str(journal.parent))["accounts"]
    assert account["cash"] == pytest.approx(20_168.68)
    assert account["marked"]["options"] == -180.0
    (sleeve,) = account["sleeves"]
    assert (sleeve["sleeve"], sleeve["shares"]) == ("wheel:KO", 0)
    assert sleeve["breakeven"] == 59.1566
    (leg,) = sleeve["legs"]
    assert (leg["right"], leg["strike"], leg["quantity"]) == ("put", 60.0, -2)
    assert leg["opened_at"] == 168.679999


def test_positions_as_people_read_them(
    underwriter: Command, wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    said = underwriter("book", "positions", str(wheel))
    assert said.out.splitlines()[2:] == [
        "Account main: cash 14,133.68; no evening was marked",
        "sleeve     since       held                   opened at   campaign  breakeven",
        "ledger:KO  2026-01-05  100 shares                        -5,866.32      59.16",
        "ledger:KO  2026-01-05  -1 call 62 2026-03-20      49.34",
    ]


def test_positions_of_nothing(underwriter: Command, tmp_path: Path) -> None:
    empty = write(tmp_path / "empty.db", [])
    assert asked(underwriter, "positions", str(empty))["accounts"] == []
    cash = write(tmp_path / "cash.db", events_of("2026-01-02 deposit 1.00"))
    assert "Nothing is held." in underwriter("book", "positions", str(cash)).out


@pytest.mark.parametrize("name", ["positions", "campaigns", "income"])
@pytest.mark.parametrize("columns", ["60", "80", "120"])
def test_pages_fit_a_terminal(
    underwriter: Command, journal: Path, monkeypatch: pytest.MonkeyPatch, name: str, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    said = underwriter("book", name, "journal.db")
    assert (said.code, said.err) == (0, "")
    assert journal.exists()
    assert max(map(len, said.out.splitlines())) <= int(columns)


CYCLE = """
    2026-01-02 deposit 20,000.00
    2026-01-05 sold 1 XYZ 2026-01-16 P 95 @ 1.36 fee 0.50
    2026-01-16 assigned XYZ 95 P, 100 shares
    2026-01-20 dividend XYZ 0.25
    2026-01-20 sold 1 XYZ 2026-02-20 C 97 @ 1.20 fee 0.50
    2026-02-20 called away XYZ 97 C, 100 shares fee 0.20
    2026-02-23 sold 1 SPX 2026-03-20 P 150 @ 3.00
    2026-02-23 bought 1 SPX 2026-03-20 P 145 @ 2.00
    2026-03-02 sold 1 XYZ 2026-04-17 P 94 @ 2.00
    2026-03-20 settled SPX 150 P at 147.00
    2026-03-20 settled SPX 145 P at 147.00
"""


def test_campaigns_add_up(underwriter: Command, tmp_path: Path) -> None:
    """256 + 200 from shares + 25 - 1.20 = 479.80; 300 - 200 - 300 settled = -200."""
    path = write(tmp_path / "cycle.db", events_of(CYCLE))
    told = asked(underwriter, "campaigns", str(path))
    for one in told["campaigns"]:
        flows = one["credits"] - one["debits"] + one["settled"] + one["shares"]
        assert one["money"] == pytest.approx(flows + one["dividends"] - one["fees"], abs=1e-6)
    wheel, spread, put = told["campaigns"]
    assert (wheel["credits"], wheel["shares"], wheel["result"]) == (256.0, 200.0, 479.8)
    assert (wheel["assigned"], wheel["called_away"], wheel["closed"]) == (1, 1, "2026-02-20")
    assert (spread["settled"], spread["result"], spread["breakeven"]) == (-300.0, -200.0, None)
    assert (put["result"], put["money"], put["breakeven"]) == (None, 200.0, 92.0)
    assert (told["closed"], told["open"], told["result"]) == (2, 1, pytest.approx(279.8))
    (alone,) = asked(underwriter, "campaigns", str(path), "--open")["campaigns"]
    head = underwriter("book", "campaigns", str(path), "--open").out.partition("\n\n")[0]
    assert " ".join(head.split()).endswith("1 campaigns open; those that are closed are not shown")
    assert alone == put
    (there,) = asked(underwriter, "campaigns", str(path), "--underlying", "SPX")["campaigns"]
    assert there == spread
    said = underwriter("book", "campaigns", str(path), "--underlying", "KO")
    assert (said.code, said.err) == (
        2,
        "underwriter: --underlying: found 'KO'; expected one of: SPX, XYZ\n",
    )


def opened(**policies: str) -> BookOpened:
    """The first event of a book under policies of these texts."""
    told = {"version": "1", "quotes": "quoted", "source": "test", "settings": {}}
    return BookOpened(**COMMON, **told, at=0, policies=policies)


def test_income_by_month_beside_a_target(underwriter: Command, tmp_path: Path) -> None:
    """January: the put's 136 less 0.50, and 25 of dividend; February: the call's 120 less 0.50.

    March: 300 - 200 - 300 settled. Shares 200 less 0.20; of 100 a month two of three are reached.
    """
    mark = msgspec.structs.replace(MARK, session=date(2026, 3, 20))
    first = opened(a="[income]\ntarget = 60", b="# none", c="[income]\ntarget = 40.0", d="not TOML")
    path = write(tmp_path / "cycle.db", [first, *events_of(CYCLE), mark])
    told = asked(underwriter, "income", str(path))
    said = [(each["month"], each["income"], each["of_target"]) for each in told["months"]]
    assert said == [
        ("2026-01", 160.5, 1.605),
        ("2026-02", 119.5, 1.195),
        ("2026-03", -200.0, -2.0),
    ]
    assert (told["target"], told["met"]) == (100.0, 2)
    total = told["total"]
    assert (total["income"], total["shares"], total["fees"]) == (80.0, 199.8, 1.2)
    assert (total["premium"], total["of_target"]) == (556.0, pytest.approx(80 / 300))


def test_income_needs_no_evening(underwriter: Command, wheel: Path) -> None:
    """The premium of the assigned put, 85.00 less 0.66; the call on its shares still runs."""
    (one,) = [each for each in asked(underwriter, "income", str(wheel))["months"] if each["income"]]
    assert (one["month"], one["income"]) == ("2026-02", 84.34)


def test_accounts_are_counted_together_and_named_but_not_their_currencies(
    underwriter: Command, tmp_path: Path
) -> None:
    paid = {"at": 0, "session": date(2026, 1, 5), "amount_u": 7_000_000}
    both = [InterestPaid(**paid, account="main"), InterestPaid(**paid, account="ira")]
    beside = InterestPaid(**paid, account="main", currency="EUR")
    path = write(tmp_path / "both.db", [*both, beside])
    found = asked(underwriter, "income", str(path))
    assert (found["accounts"], found["left_out"]) == (["main", "ira"], ["EUR"])
    assert found["total"]["income"] == 14.0
    said = " ".join(underwriter("book", "income", str(path)).out.split())  # a long path wraps
    assert "accounts main and ira together" in said
    one = asked(underwriter, "income", str(path), "--account", "ira")
    assert (one["accounts"], one["total"]["income"]) == (["ira"], 7.0)
    unknown = underwriter("book", "income", str(path), "--account", "roth")
    assert (unknown.code, "expected one of: main, ira" in unknown.err) == (2, True)
    mixed = [InterestPaid(**paid, account="eur", currency="EUR"), *both]
    said = underwriter("book", "income", str(write(tmp_path / "mixed.db", mixed)))
    assert (said.code, "eur in EUR" in said.err) == (2, True)


def test_income_agrees_with_the_report_and_with_cash(underwriter: Command) -> None:
    """To the millionth: cash = deposits + income + shares' gains + what is open brought or cost."""
    report = underwriter("backtest", "wheel-index", "--to", "2015-12", "--json").json
    path = Path(report["journal"]["path"])
    told = asked(underwriter, "income", str(path))
    months = told["months"]
    assert {each["month"]: round(each["income"], 2) for each in months} == report["income_by_month"]
    for each in months:
        parts = report["income_parts"][each["month"]]
        assert {name: round(each[name], 2) for name in ("options", "dividends", "interest")} == {
            name: parts[name] for name in ("options", "dividends", "interest")
        }
    events = [event for _, event in journal_events(path)]
    book, view = fold(events), read(events)
    brought_u = sum(round((each["income"] + each["shares"]) * 10**6) for each in months)
    deposits_u = sum(each.amount_u for each in events if isinstance(each, Deposited))
    open_u = view.open_option_u - view.open_share_u
    assert int(book.state.accounts[0].cash_u) == deposits_u + brought_u + open_u
    campaigns = asked(underwriter, "campaigns", str(path))["campaigns"]
    flows_u = sum(round(each["money"] * 10**6) for each in campaigns)
    interest_u = sum(round(each["interest"] * 10**6) for each in months)
    assert int(book.state.accounts[0].cash_u) == deposits_u + flows_u + interest_u


def test_the_journal_as_people_read_it(underwriter: Command, wheel: Path) -> None:
    said = underwriter("book", "journal", str(wheel))
    assert (said.code, said.err) == (0, "")
    assert [" ".join(line.split()) for line in said.out.splitlines()] == [
        "1 2026-01-02 deposited main 20000.00 Deposit",
        "2 2026-01-05 sleeve_opened main#0 Sleeve opened: ledger on KO",
        "3 2026-01-05 filled main#0 84.34 Sold 1 KO 2026-02-20 P 60 at 0.85",
        "4 2026-02-20 assigned main#0 -6000.00 Assigned 1 KO 2026-02-20 P 60, 100 shares",
        "5 2026-02-23 filled main#0 49.34 Sold 1 KO 2026-03-20 C 62 at 0.50",
    ]
    lines = said.out.splitlines()
    assert underwriter("book", "journal", str(wheel), "--after", "3").out.splitlines() == lines[3:]
    few = underwriter("book", "journal", str(wheel), "--kind", "filled", "--limit", "1")
    assert few.out.splitlines() == [lines[2]]
    both = underwriter("book", "journal", str(wheel), "--kind", "filled", "--kind", "assigned")
    assert both.out.splitlines() == lines[2:]


def test_the_journal_as_lines_of_json(underwriter: Command, journal: Path) -> None:
    """Each line is the event as it is stored, with its sequence."""
    said = underwriter("book", "journal", str(journal), "--json", "--after", "2")
    lines = [json.loads(line) for line in said.out.splitlines()]
    schema = write_schemas.STRUCTS["book-journal"]
    assert [breaks(line, schema, schema) for line in lines] == [[]] * len(lines)
    assert [line["sequence"] for line in lines] == [3, 4, 5, 6, 7]
    stored = [event for _, event in journal_events(journal, 2)]
    assert [decode(json.dumps(line["event"]).encode()) for line in lines] == stored


@pytest.mark.parametrize(
    "words",
    [["--kind", "fill"], ["--after", "-1"], ["--limit", "many"], ["--limit", "-1"]],
)
def test_a_wrong_wish_of_the_journal_is_one_line(
    underwriter: Command, journal: Path, words: list[str]
) -> None:
    told = underwriter("book", "journal", str(journal), *words)
    assert (told.code, told.out, len(told.err.splitlines())) == (2, "", 1)
    assert words[0] in told.err


def test_a_damaged_journal_is_said_in_a_line(underwriter: Command, journal: Path) -> None:
    journal.write_bytes(journal.read_bytes().replace(b'"type":"deposited"', b'"type":"Deposited"'))
    told = underwriter("book", "journal", str(journal))
    assert (told.code, len(told.err.splitlines())) == (1, 1)


def test_export_is_the_same_in_every_form(
    underwriter: Command, journal: Path, tmp_path: Path
) -> None:
    """Weights sum to zero; a row of csv a posting; in Beancount a cost a lot."""
    told = asked(underwriter, "export", str(journal))["transactions"]
    postings = [one for each in told for one in each["postings"]]
    for each in told:
        assert sum(Decimal(one["weight"]) for one in each["postings"]) == 0
    said = underwriter("book", "export", str(journal), "--format", "csv")
    assert len(said.out.splitlines()) == 1 + len(postings)
    text = underwriter("book", "export", str(journal)).out
    assert text.count("{{") == sum(one["opened"] is not None for one in postings)
    output = tmp_path / "book.beancount"
    done = underwriter("book", "export", str(journal), "--output", str(output))
    assert (done.code, done.out, done.err) == (0, "", "")
    assert output.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--format", "ledger"], "--format: found 'ledger'; allowed: beancount, csv"),
        (["--json", "--output", "book.json"], "--output: found it with --json; expected one"),
        (["--output", "none/there.beancount"], "expected a place that can be written"),
    ],
)
def test_an_export_that_cannot_be_is_one_line(
    underwriter: Command, journal: Path, words: list[str], said: str
) -> None:
    told = underwriter("book", "export", str(journal), *words)
    assert (told.code, told.out, len(told.err.splitlines())) == (2, "", 1)
    assert said in told.err


@pytest.mark.parametrize("name", ["export", "journal"])
def test_a_reader_that_leaves_ends_it_quietly(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """As `| head` does, in the midst of more than a buffer holds."""
    assert home.exists()
    deposits = "\n".join(["2026-01-02 deposit 1.00"] * 2_000)
    path = write(tmp_path / "many.db", events_of(deposits))
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as out, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        assert run(["book", name, str(path)]) == BROKEN_PIPE


@pytest.mark.parametrize("name", ["positions", "campaigns", "income", "export"])
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["none.db"], "none.db: found no such file; expected a journal, or a run's folder"),
        (["journal.db", "--as-of", "2026-13-01"], "--as-of: found '2026-13-01'"),
        (["journal.db", "--as-of", "2025-01-01"], "expected a day from 2026-01-05 to 2026-01-05"),
        (["text.db"], "expected a journal of Underwriter, found another kind of file"),
    ],
)
def test_wrong_input_is_one_line(
    underwriter: Command, journal: Path, name: str, words: list[str], said: str
) -> None:
    (journal.parent / "text.db").write_text("no journal", encoding="utf-8")
    told = underwriter("book", name, *words)
    assert (told.code, told.out, len(told.err.splitlines())) == (2, "", 1)
    assert said in told.err


def test_a_long_book_says_the_same_from_its_snapshot(underwriter: Command, own: Path) -> None:
    """What is said of all of it, however it is opened; a snapshot knows no day before its last."""
    events = [*opening(), *(filled(i) for i in range(WORTH)), MARK]
    path = write(own / "long.db", events)
    books = own / "cache" / "books"
    for name in ("positions", "campaigns"):
        said = [asked(underwriter, name, str(path)) for _ in range(2)]
        as_of = asked(underwriter, name, str(path), "--as-of", "2026-01-05")
        assert said[0] == said[1] == as_of
    assert len(set(books.glob("*"))) == 1
