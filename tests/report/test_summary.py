"""The JSON object: its schema, its money to the cent, null for what is undefined."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

import write_schemas
from report.hand_ledger import Ledger, wheel
from report.json_schema import breaks
from report.made_up import Wheel
from underwriter.report.console import page
from underwriter.report.summary import JournalHead, dollars, summary
from underwriter.report.tearsheet import tearsheet

SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "backtest.json"


def idle() -> list[Any]:
    """A book that never opened anything."""
    book = Ledger()
    book.deposit("2026-01-02", 1_000)
    book.refuse("2026-01-02", "cash", 6_000)
    book.mark("2026-01-02", 1_000)
    return book.events


BOOKS = {
    "wheel": wheel(),
    "idle": idle(),
    "years": Wheel(sessions=300).run(),
}


def test_the_schema_on_file_is_that_of_the_classes() -> None:
    """Write it anew with `python tools/write_schemas.py`."""
    assert SCHEMA.read_text("utf-8") == write_schemas.as_text(write_schemas.backtest())


@pytest.mark.parametrize("name", BOOKS)
def test_a_summary_keeps_to_its_schema(name: str) -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    found = summary(BOOKS[name], journal=JournalHead("book.sqlite", 12, "ab" * 32))
    assert breaks(found, schema, schema) == []


def test_the_checker_sees_what_is_wrong() -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    found = summary(wheel())
    del found["period"]["from"]
    found["metrics"]["cagr"] = "a lot"
    found["decisions"] = 0.5
    assert len(breaks(found, schema, schema)) == 3


@pytest.mark.parametrize("name", BOOKS)
def test_it_is_json_without_nan(name: str) -> None:
    found = summary(BOOKS[name])
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_the_wheel_in_dollars() -> None:
    """The figures of `hand_ledger.wheel`: income 89.34 + 102.34, equity 20,291.50."""
    found = summary(wheel())
    assert found["period"] == {"from": "2026-01-02", "to": "2026-05-01", "sessions": 6}
    assert found["quotes"] == "quoted"
    assert found["starting_cash"] == 20_000.0
    assert found["ending_equity"] == 20_291.50
    assert found["total_return"] == pytest.approx(291.50 / 20_000)
    assert found["income"] == 191.68
    assert found["income_by_month"] == {
        "2026-01": 0.0,
        "2026-02": 89.34,
        "2026-03": 102.34,
        "2026-04": 0.0,
        "2026-05": 0.0,
    }
    assert found["income_parts"]["2026-03"] == {
        "options": 49.34,
        "dividends": 53.0,
        "interest": 0.0,
        "premium_received": 0.0,
        "shares": 99.82,
        "fees": 0.18,
    }
    assert found["campaigns"] == {
        "opened": 1,
        "closed": 1,
        "open": 0,
        "assigned": 1,
        "called_away": 1,
        "profitable": 1,
        "result": 286.5,
        "open_result": 0.0,
    }
    assert found["legs"] == {"assigned": 1, "called away": 1}
    assert found["refused"] == {"cash": 2, "regime": 1}
    assert found["equity_needed"] == {"cash": 25_000.0}
    assert found["metrics"]["worst_month"] == 0.0
    assert found["metrics"]["worst"]["month"] == "2026-01"
    assert found["journal"] is None


def test_a_book_that_opened_nothing_says_null() -> None:
    found = summary(idle())
    assert found["metrics"]["premium_capture"] is None
    assert found["metrics"]["sharpe"] is None
    assert found["benchmarks"]["beta_matched"]["cagr"] is None
    assert found["campaigns"]["opened"] == 0
    assert found["equity_needed"] == {"cash": 6_000.0}


def test_dollars_are_rounded_to_the_cent_and_never_minus_zero() -> None:
    assert dollars(1_234_567) == 1.23
    assert str(dollars(-1)) == "0.0"


def test_every_field_is_explained() -> None:
    told = (SCHEMA.parents[1] / "metrics.md").read_text("utf-8")
    definitions = write_schemas.backtest()["$defs"]
    fields = {name for each in definitions.values() for name in each["properties"]}
    assert {name for name in fields if f"`{name}`" not in told} == set()


@pytest.mark.parametrize(
    ("quotes", "said"),
    [
        ("modelled", "Quotes are MODELLED"),
        ("last", "Spreads are MODELLED"),
        ("mixed", "partly MODELLED"),
        ("quoted", "Quotes are real bids and asks"),
    ],
)
def test_every_page_says_which_quotes_were_real(quotes: str, said: str) -> None:
    opened, *rest = wheel()
    book = [
        msgspec.structs.replace(opened, quotes=quotes, origins={"KO": quotes, "SPXW": "quoted"}),
        *rest,
    ]
    assert said in tearsheet(book)
    assert said in " ".join(page(book, 80).split())
    assert summary(book)["origins"] == {"KO": quotes, "SPXW": "quoted"}
