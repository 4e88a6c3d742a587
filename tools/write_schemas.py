"""Write docs/schemas/ from the classes that the JSON is made of; run it as a program."""

import json
from pathlib import Path
from typing import Any

import msgspec

from underwriter.app.analyse import Analysed
from underwriter.app.book_campaigns import Campaigns
from underwriter.app.book_copy import Copied
from underwriter.app.book_export import Exported
from underwriter.app.book_import import ImportSaid
from underwriter.app.book_income import IncomeSaid
from underwriter.app.book_journal import EventSaid
from underwriter.app.book_positions import Positions
from underwriter.app.book_reconcile import ReconcileSaid
from underwriter.app.check import Check
from underwriter.app.desk_hand import Answered, Rolls
from underwriter.app.doctor import Examined
from underwriter.app.first import First
from underwriter.app.holdings import Holdings
from underwriter.app.lake import Imported
from underwriter.app.notify import NotifyTest
from underwriter.app.plan_rows import Plan
from underwriter.app.record import Recorded
from underwriter.app.scan import Scan
from underwriter.app.shadow import Shadowed
from underwriter.app.stress import Stressed
from underwriter.app.swept import Sweep
from underwriter.app.tax import Taxed
from underwriter.app.trade_rows import Traded
from underwriter.app.watch import Watched
from underwriter.report.review import Review
from underwriter.report.summary import Summary

SCHEMAS = Path(__file__).parent.parent / "docs" / "schemas"


def backtest() -> dict[str, Any]:
    """The schema of `backtest --json`; more keys than these may stand in it."""
    schema = msgspec.json.schema(Summary)
    period = schema["$defs"]["Period"]
    period["properties"] = {"from": period["properties"].pop("from_"), **period["properties"]}
    period["required"] = ["from" if name == "from_" else name for name in period["required"]]
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "underwriter backtest --json",
    }
    return {**head, **schema}


def of_struct(command: str, struct: type[msgspec.Struct]) -> dict[str, Any]:
    """The schema of a command whose JSON is one struct."""
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"underwriter {command} --json",
    }
    return {**head, **msgspec.json.schema(struct)}


STRUCTS = {
    "analyse": of_struct("analyse", Analysed),
    "book-campaigns": of_struct("book campaigns", Campaigns),
    "book-copy": of_struct("book copy", Copied),
    "book-export": of_struct("book export", Exported),
    "book-import": of_struct("book import", ImportSaid),
    "book-income": of_struct("book income", IncomeSaid),
    "book-journal": of_struct("book journal", EventSaid),
    "book-positions": of_struct("book positions", Positions),
    "book-reconcile": of_struct("book reconcile", ReconcileSaid),
    "book-record": of_struct("book record", Recorded),
    "book-stress": of_struct("book stress", Stressed),
    "book-tax": of_struct("book tax", Taxed),
    "data-import": of_struct("data import", Imported),
    "data-list": of_struct("data list", Holdings),
    "data-check": of_struct("data check", Check),
    "doctor": of_struct("doctor", Examined),
    "init": of_struct("init", First),
    "notify-test": of_struct("notify test", NotifyTest),
    "scan": of_struct("scan", Scan),
    "plan": of_struct("plan", Plan),
    "review": of_struct("review", Review),
    "sweep": of_struct("sweep", Sweep),
    "trade": of_struct("trade", Traded),
    "watch": of_struct("watch", Watched),
    "desk": of_struct("desk approve, refuse, close, pause, halt, resume", Answered),
    "desk-roll": of_struct("desk roll", Rolls),
    "shadow": of_struct("shadow", Shadowed),
}


def as_text(schema: dict[str, Any]) -> str:
    """A schema as it stands in its file."""
    return json.dumps(schema, indent=2) + "\n"


if __name__ == "__main__":
    for name, schema in {"backtest": backtest(), **STRUCTS}.items():
        (SCHEMAS / f"{name}.json").write_text(as_text(schema), encoding="utf-8")
