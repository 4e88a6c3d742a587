"""What tests of a plan share: a policy on a made-up share, settings, and the plan as JSON."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from command_line import Command
from lakes import closes, sessions
from report.json_schema import breaks

POLICY = """
name = "test"
strategy = "{strategy}"
universe = ["SYN"]
rungs = 2

[entry]
on = "weekly"
delta = 0.30
dte = [10, 40]
max_spread = 0.80
{entry}

[manage]
take_profit = 0.50
{manage}

[size]
risk_per_position = 0.05
stress = [{{ spot = -0.20, vol = 1.5 }}, {{ spot = 0.10, vol = 0.8 }}]
per_underlying = 1.0

[income]
target = 5000
"""
ENTRY = {
    "put_spread": "width = 5.0",
    "call_spread": "width = 5.0",
    "iron_condor": "width = 5.0",
    "collar": "long_delta = 0.20",
}
ROLL = "roll = { when_delta = 0.45, out = [10, 40], at_most = 2, for_credit = false }"
STRATEGIES = (
    "wheel", "cash_secured_put", "covered_call", "put_spread", "call_spread", "iron_condor",
    "strangle", "collar",
)  # fmt: skip
MONDAY = "2024-02-05"
SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "plan.json"


def policy(folder: Path, strategy: str = "wheel", entry: str = "", manage: str = "") -> str:
    """A policy on the made-up underlying."""
    path = folder / "test.toml"
    entry = entry or ENTRY.get(strategy, "")
    path.write_text(POLICY.format(strategy=strategy, entry=entry, manage=manage), encoding="utf-8")
    return str(path)


def account(home: Path, *lines: str) -> None:
    """Settings of the home."""
    (home / "underwriter.toml").write_text("\n".join(["[account]", *lines]), encoding="utf-8")


def planned(underwriter: Command, *words: str, code: int = 0) -> dict[str, Any]:
    """A plan as JSON, which keeps to its schema."""
    done = underwriter("plan", *words, "--json")
    assert done.code == code, done.err
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert breaks(done.json, schema, schema) == []
    return done.json


def spot_on(day: str) -> float:
    """The close of the made-up share."""
    days = sessions()
    return dict(zip(days, closes(days), strict=True))[date.fromisoformat(day)]
