"""One backtest from request to files: history, quotes, run, book, report.

Nothing stands in its place before all of it is written; what a run of the same name wrote before
stays until then.
"""

import json
import shutil
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from underwriter.app import wire
from underwriter.app.ground import Ground
from underwriter.app.request import Request
from underwriter.app.run_folder import (
    JOURNAL,
    REPORT,
    SUMMARY,
    check_place,
    made_whole,
    replace_text,
)
from underwriter.app.setting_up import Phase, cold_note, seen
from underwriter.app.universe import needs_margin
from underwriter.book.event import AnyEvent
from underwriter.book.journal import Journal
from underwriter.book.layout import Head
from underwriter.market.slab import Slab
from underwriter.market.widened import widened
from underwriter.report import console
from underwriter.report.sections.page import variation
from underwriter.report.summary import JournalHead, summary
from underwriter.report.tables import reason_text
from underwriter.report.tearsheet import tearsheet
from underwriter.sim.backtest import Setup, under
from underwriter.sim.backtest import run as simulate
from underwriter.sim.trace import Labels, events


class Outcome(NamedTuple):
    """What came of a backtest: the JSON object, the text for people, and why nothing was opened."""

    summary: dict[str, Any]
    text: str
    nothing: str | None


@dataclass(frozen=True, slots=True)
class _Bench:
    """Everything that runs of one request share."""

    request: Request
    found: Ground
    slab: Slab
    setup: Setup

    def book(self, setup: Setup) -> list[AnyEvent]:
        """A run as the events of its book."""
        labels = labels_of(self.request, self.found, setup)
        return list(events(simulate(self.slab, setup), self.slab, setup, labels))


class _Assumed(NamedTuple):
    """What one line of the sensitivity table assumes."""

    half_spread: float  # share of half the quoted spread that a trade pays
    delay: int  # sessions
    spreads: float  # times as wide as quoted


def run(request: Request, phase: Phase) -> Outcome:
    """Run a backtest and put its folder in place; InputError before anything is written."""
    check_place(request.folder)
    needs_margin(request.policies, request.settings.account)
    note = cold_note()
    with phase("reading the history", ""):
        found = wire.ground(request)
    with phase(found.making, note):
        slab = found.slab(request.house.home)
    with phase("running the policy", note):
        bench = _Bench(request, *seen(request, found, slab))
        book = bench.book(bench.setup)
    with phase("varying spreads and fills", ""):
        variants = sensitivity(bench)
    with phase("writing book and report", ""):
        return _written(bench, book, variants)


def labels_of(request: Request, found: Ground, setup: Setup) -> Labels:
    """The names behind the numbers of a run, and what its book says of it first."""
    account, decide_at = request.settings.account, request.policy.content.decide_at
    commission = request.fills.commission
    return Labels(
        accounts=(account.name,),
        policies=tuple((each.hash, each.name, each.source.text) for each in request.policies),
        moments=tuple(found.calendar.decide_at(int(day), decide_at) for day in found.day),
        version=version("underwriter"),
        source=found.source,
        settings={
            **account.model_dump(exclude={"name"}),
            "starting_cash": request.starting_cash,
            "half_spread": float(setup.fills.half_spread),
            "delay": int(setup.fills.delay),
            "commission": "dated table" if commission is None else commission,
        },
    )


def sensitivity(bench: _Bench) -> dict[str, dict[str, Any]]:
    """Summaries by label: filled at the mid, spreads half and twice as wide, a session later.

    Other spreads are other quotes: the gates, caps, marks and fills of that run all see them.
    """
    share = bench.request.fills.half_spread
    asked = {
        "filled at the mid": _Assumed(0.0, 0, 1.0),
        "spreads half as wide": _Assumed(share, 0, 0.5),
        f"{share:g} of the half-spread": _Assumed(share, 0, 1.0),
        "spreads twice as wide": _Assumed(share, 0, 2.0),
        f"{share:g} of the half-spread, a session later": _Assumed(share, 1, 1.0),
    }
    found = {}
    for label, each in asked.items():
        setup = under(bench.setup, each.half_spread, each.delay)
        with nullcontext() if each.spreads == 1.0 else widened(bench.slab, each.spreads):
            found[label] = {**each._asdict(), **summary(bench.book(setup))}
    return found


def _written(bench: _Bench, book: list[AnyEvent], variants: dict[str, dict[str, Any]]) -> Outcome:
    """Write a run's folder; what came of it."""
    request = bench.request
    folder, lines = request.folder, [variation(name, told) for name, told in variants.items()]
    with made_whole(folder) as part:
        head = _append(part / JOURNAL, book)
        stands = JournalHead(str(folder / JOURNAL), head.sequence, head.hash.hex())
        told = {
            **summary(book, journal=stands),
            "policy_hash": request.hash,
            "fills": request.fills.model_dump(),
            "quotes_in_chain": bench.slab.market.quotes.shape[0],
            "sensitivity": [_varied(name, told) for name, told in variants.items()],
            "report": str(folder / REPORT),
        }
        page = tearsheet(book, sensitivity=lines, journal=stands)
        (part / REPORT).write_text(page, encoding="utf-8")
        (part / SUMMARY).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
        if request.report:  # before the folder stands: where it cannot be written, nothing does
            replace_text(request.report, page)
    return Outcome(told, _text(book, told), why_nothing(told))


def _append(path: Path, book: Sequence[AnyEvent]) -> Head:
    """Write a book; what is imagined is received when it happens, so the same run hashes alike."""
    with Journal.create(path) as journal:
        return journal.append(book, received=book[-1].at)


def _varied(label: str, told: dict[str, Any]) -> dict[str, Any]:
    """What the JSON says of one variant."""
    kept = {name: told[name] for name in (*_Assumed._fields, "total_return", "income")}
    figures = told["metrics"]
    ratios = {name: figures[name] for name in ("cagr", "volatility", "sharpe", "max_drawdown")}
    return {"label": label, **kept, **ratios, "campaigns": told["campaigns"]["opened"]}


def why_nothing(told: dict[str, Any]) -> str | None:
    """Why a run opened nothing, and the least equity one contract needs; None where it did."""
    if told["campaigns"]["opened"]:
        return None
    counted = [
        f"{count} times {why} ({reason_text(why)})" for why, count in told["refused"].items()
    ]
    said = f"nothing was opened: {'; '.join(counted) or 'no session asked for an entry'}"
    if not told["equity_needed"]:
        return f"{said}; no equity would have changed that"
    least = min(told["equity_needed"].values())
    had = told["starting_cash"]
    return f"{said}; one contract needs equity of {least:,.2f} dollars, found {had:,.2f}"


def _text(book: Sequence[AnyEvent], told: dict[str, Any]) -> str:
    """What people are shown."""
    return "\n".join(
        [
            console.page(book, shutil.get_terminal_size().columns).rstrip(),
            "",
            f"Quotes  {told['quotes_in_chain']:,}, {told['quotes']}",
            f"Book    {told['journal']['path']}",
            f"Report  {told['report']}",
        ]
    )
