"""This week's orders: the engine's own decision, with the arithmetic of every figure."""

import json
import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.planning import MONDAY, ROLL, STRATEGIES, account, planned, policy
from command_line import Command
from lakes import filled, written
from underwriter.app import lake_slab
from underwriter.book.event import AnyEvent, Approved, Filled, InterestPaid, Marked, Refused
from underwriter.book.journal import Journal
from underwriter.book.journal import events as read_journal

GOLDEN = Path(__file__).parents[1] / "golden" / "plan.txt"


# --- the same decision as the engine's ---


def journal_of(underwriter: Command, *paths: str) -> tuple[Path, list[AnyEvent]]:
    """The book of a backtest."""
    done = underwriter("backtest", *paths, "--json")
    assert done.code == 0, done.err
    journal = Path(done.json["journal"]["path"])
    return journal, [event for _, event in read_journal(journal)]


def decided(events: list[AnyEvent], day: date) -> set[tuple]:
    """What the engine decided on a session, deliveries and orders that came to nothing apart."""
    today = [one for one in events if one.session == day]
    marked = next(at for at, one in enumerate(today) if isinstance(one, Marked))
    return {
        (one.sleeve, one.action, one.why if isinstance(one, Refused) else "approved", legs_of(one))
        for one in today[:marked]
        if isinstance(one, Approved | Refused) and one.why not in {"delivery", "lapsed"}
    }


def legs_of(event: Approved | Refused) -> frozenset[str]:
    """The options of a decision."""
    return frozenset(
        [event.option or "", *(leg.option for leg in event.legs)] if event.option else []
    )


def told(plan: dict[str, Any]) -> set[tuple]:
    """The same of a plan."""
    return {
        (one["sleeve"], one["action"], verdict, frozenset(leg["option"] for leg in one["legs"]))
        for kind in ("orders", "refused")
        for one in plan[kind]
        for verdict in ["approved" if kind == "orders" else one["why"]]
    }


def traded(events: list[AnyEvent], day: date) -> dict[str, int]:
    """Contracts that changed hands on a session, by option."""
    found: dict[str, int] = {}
    for one in events:
        if isinstance(one, Filled) and one.session == day and one.option:
            found[one.option] = found.get(one.option, 0) + one.quantity
    return found


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_t90_a_plan_decides_what_the_engine_decided(
    underwriter: Command, lake: Path, tmp_path: Path, strategy: str
) -> None:
    """Session after session over the book of the backtest: decisions, contracts, refusals."""
    account(lake, 'collateral = "reg_t"')
    rule = policy(tmp_path, strategy, manage="" if strategy == "wheel" else ROLL)
    planned_as_run(underwriter, rule)


SEEN = """
[regime]
measure = "IV percentile"
bands = [50]
below_realised = 0.6

[screen]
max_price = 95
"""


def test_a_plan_sees_what_a_run_sees(underwriter: Command, lake: Path, tmp_path: Path) -> None:
    """Screen, realised volatility, percentile and announcements, of the same sessions."""
    (lake / "underwriter.toml").write_text('tables.earnings = "e.csv"', encoding="utf-8")
    (lake / "e.csv").write_text("symbol,date\nSYN,2024-02-20\n", encoding="utf-8")
    rule = policy(tmp_path, entry="avoid_earnings = true")
    with Path(rule).open("a", encoding="utf-8") as file:
        file.write(SEEN)
    events = planned_as_run(underwriter, rule)
    refused = {one.why for one in events if isinstance(one, Refused)}
    assert refused >= {"screen", "realised", "no_candidate"}
    told = planned(underwriter, rule, "--as-of", MONDAY)
    assert "IV percentile on 1 of 1 sessions" in told["source"]


def planned_as_run(underwriter: Command, *rules: str) -> list[AnyEvent]:
    """Hold plans over the book of a backtest against what it decided; the events of the book."""
    journal, events = journal_of(underwriter, *rules)
    busy = sorted({one.session for one in events if isinstance(one, Approved | Refused)})
    assert len(busy) > 5
    for day in busy[:: max(len(busy) // 8, 1)]:
        words = (*rules, "--book", str(journal), "--as-of", str(day))
        done = underwriter("plan", *words, "--json")
        assert done.code in {0, 3}, done.err
        assert told(done.json) == decided(events, day), day
        orders = [one for one in done.json["orders"] if one["no_fill"] is None]
        sold: dict[str, int] = {}
        for leg in (leg for one in orders if one["limit"] is not None for leg in one["legs"]):
            sold[leg["option"]] = sold.get(leg["option"], 0) + leg["quantity"]
        assert sold == traded(events, day), day
    return events


def cut_at(journal: Path, events: list[AnyEvent], eve: date, place: Path) -> Path:
    """A journal that ends with the evening of a session."""
    with Journal.create(place) as made:
        made.append([one for one in events if one.session <= eve], received=events[-1].at)
    assert place != journal
    return place


def test_a_book_that_ends_the_evening_before_meets_the_same_morning(
    underwriter: Command, lake: Path, tmp_path: Path
) -> None:
    """Interest on the cash, which the journal of the whole run has, is paid here."""
    bills = tmp_path / "bills.csv"
    bills.write_text(
        "date,DTB3\n2024-01-02,5.0\n2024-02-01,5.0\n2024-03-01,5.0\n", encoding="utf-8"
    )
    filled(lake, [bills])
    rule = policy(tmp_path)
    journal, events = journal_of(underwriter, rule)
    monday = date(2024, 2, 5)
    assert any(isinstance(one, InterestPaid) and one.session == monday for one in events)
    short = cut_at(journal, events, monday - timedelta(days=3), tmp_path / "short.db")
    plans = [
        planned(underwriter, rule, "--book", str(book), "--as-of", MONDAY)
        for book in (journal, short)
    ]
    for plan in plans:
        del plan["book"]
    assert plans[0] == plans[1]


# --- which session ---


@pytest.mark.usefixtures("lake")
def test_the_quotes_of_a_session_are_made_ready_once(
    underwriter: Command, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = planned(underwriter, policy(tmp_path), "--as-of", MONDAY)
    kept = set((own / "cache" / "sessions").iterdir())
    monkeypatch.setattr(lake_slab, "read_abreast", None)
    assert planned(underwriter, policy(tmp_path), "--as-of", MONDAY) == first
    assert kept
    assert set((own / "cache" / "sessions").iterdir()) == kept


@pytest.mark.usefixtures("lake")
def test_a_day_that_is_no_session_means_the_last_before_it(
    underwriter: Command, tmp_path: Path
) -> None:
    done = underwriter("plan", policy(tmp_path), "--as-of", "2024-02-04")
    assert "plan for 2024-02-02 (the last session at or before 2024-02-04)" in done.out


@pytest.mark.usefixtures("lake")
def test_without_a_day_it_is_the_last_session_there_is(
    underwriter: Command, tmp_path: Path
) -> None:
    assert planned(underwriter, policy(tmp_path))["session"] == "2024-04-12"


def test_t62_a_name_that_has_ended_holds_no_plan_back(
    underwriter: Command, lake: Path, tmp_path: Path
) -> None:
    """OLD has quotes until February 9, SYN until April 12; who is a week late is waited for."""
    ends, late = date(2024, 2, 9), date(2024, 4, 5)
    lasts = {"OLD": ends, "LATE": late}
    filled(lake, [written(tmp_path, name, "physical", last=day) for name, day in lasts.items()])

    def of(*names: str) -> dict[str, Any]:
        path = Path(policy(tmp_path))
        text = path.read_text(encoding="utf-8").replace('["SYN"]', json.dumps([*names]))
        path.write_text(text.replace('on = "weekly"', 'on = "daily"'), encoding="utf-8")
        return planned(underwriter, str(path))

    assert of("SYN", "LATE")["session"] == str(late)
    made = of("SYN", "OLD")
    assert made["session"] == "2024-04-12"
    assert f"OLD: no quotes after {ends}, whose price stands: nothing is opened" in made["source"]
    assert {each["underlying"] for each in made["orders"]} == {"SYN"}
    assert of("OLD")["session"] == str(ends)


# --- what cannot be opened ---


def test_an_account_too_small_opens_nothing_and_is_told_what_it_needs(
    underwriter: Command, lake: Path, tmp_path: Path
) -> None:
    account(lake, "starting_cash = 2000")
    rule = policy(tmp_path)
    done = underwriter("plan", rule, "--as-of", MONDAY)
    assert done.code == 3
    (line,) = [each for each in done.err.splitlines() if each.startswith("underwriter:")]
    assert line.startswith("underwriter: nothing could be opened: ")
    plan = planned(underwriter, rule, "--as-of", MONDAY, code=3)
    (refusal,) = plan["refused"]
    assert plan["orders"] == []
    assert f"{refusal['least_equity']:,.2f} dollars, found 2,000.00" in line
    account(lake, f"starting_cash = {refusal['least_equity']}")
    (order,) = planned(underwriter, rule, "--as-of", MONDAY)["orders"]
    assert order["quantity"] == 1


@pytest.mark.usefixtures("lake")
def test_a_session_on_which_nothing_is_due_is_no_failure(
    underwriter: Command, tmp_path: Path
) -> None:
    plan = planned(underwriter, policy(tmp_path), "--as-of", "2024-02-07")
    assert (plan["orders"], plan["refused"]) == ([], [])
    assert plan["remarks"] == ["not the first session of its week, on which alone test opens"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["wheel-indx"], "did you mean wheel-index?"),
        (["wheel-index", "--as-of", "soon"], "--as-of: found 'soon'; expected a day"),
        (["wheel-index", "--as-of", "2012-01-01"], "expected a day from 2014-01-03 to 2018-12-31"),
        (["wheel-index", "--book", "nowhere.db"], "--book nowhere.db: found no such journal"),
        (["wheel-shares"], "the lake is empty"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_writes_nothing(
    underwriter: Command, home: Path, words: list[str], said: str
) -> None:
    done = underwriter("plan", *words)
    assert done.code == 2
    refusal = [line for line in done.err.splitlines() if line.startswith("underwriter:")]
    assert len(refusal) == 1
    assert said in refusal[0]
    assert done.out == ""
    assert sorted(path.name for path in home.iterdir()) == ["cache"]


@pytest.mark.parametrize(("cooldown", "cools"), [(250, True), (0, False)])
def test_t73_a_plan_counts_the_sessions_since_a_loss(
    underwriter: Command, lake: Path, tmp_path: Path, cooldown: int, *, cools: bool
) -> None:
    """What a run refuses for a loss of days ago, a plan over its book does too."""
    account(lake, 'collateral = "cash_secured"')
    path = policy(tmp_path, "cash_secured_put", manage=f"stop = 0.5\ncooldown = {cooldown}")
    events = planned_as_run(underwriter, path)
    assert any(isinstance(one, Refused) and one.why == "cooldown" for one in events) == cools


def test_holdings_that_no_policy_names_are_told(
    underwriter: Command, lake: Path, tmp_path: Path
) -> None:
    (lake / "underwriter.toml").write_text("holdings = { ZZZ = 250 }\n", encoding="utf-8")
    told = planned(underwriter, policy(tmp_path), "--as-of", MONDAY)
    said = "no policy names what [holdings] has of 250 ZZZ: left out of the plan"
    assert said in told["remarks"]


@pytest.mark.usefixtures("lake")
def test_a_book_that_is_not_of_the_plan_is_refused(underwriter: Command, tmp_path: Path) -> None:
    rule = policy(tmp_path)
    journal, events = journal_of(underwriter, rule)
    held = max(one.session for one in events if isinstance(one, Filled))
    early = cut_at(journal, events, date(2024, 1, 31), tmp_path / "early.db")
    done = underwriter("plan", rule, "--book", str(early), "--as-of", MONDAY)
    assert done.code == 2
    assert "ends on 2024-01-31; expected one that was kept up to 2024-02-02" in done.err
    renamed = Path(rule)
    text = renamed.read_text(encoding="utf-8").replace('name = "test"', 'name = "other"')
    renamed.write_text(text, encoding="utf-8")
    done = underwriter("plan", rule, "--book", str(journal), "--as-of", str(held))
    assert done.code == 2
    assert "with a position in SYN under test" in done.err


# --- on the page ---


@pytest.mark.usefixtures("lake")
@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_line_is_wider_than_the_window(
    underwriter: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    for strategy in ("iron_condor", "covered_call"):
        done = underwriter("plan", policy(tmp_path, strategy), "--as-of", MONDAY)
        assert max(map(len, done.out.splitlines())) <= width
        assert done.out.isascii()


@pytest.mark.usefixtures("lake")
def test_the_page_of_one_plan_is_as_it_was(
    underwriter: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Golden: read the difference before the file is written anew."""
    monkeypatch.setenv("COLUMNS", "80")
    done = underwriter("plan", policy(tmp_path, "iron_condor"), "--as-of", MONDAY)
    if os.environ.get("UNDERWRITER_GOLDEN") == "write":
        GOLDEN.write_text(done.out, encoding="utf-8")
    assert done.out == GOLDEN.read_text(encoding="utf-8")


# --- on the demo's market, and on real chains ---


@pytest.mark.usefixtures("home")
def test_the_demos_policy_plans_what_it_sold(
    underwriter: Command,
) -> None:
    """On modelled quotes of some weeks what five years of them gave: contract, count, limit."""
    journal = Path(
        underwriter("backtest", "wheel-index", "--to", "2014-07-10", "--json").json["journal"][
            "path"
        ]
    )
    events = [event for _, event in read_journal(journal)]
    day = max(one.session for one in events if isinstance(one, Approved) and one.action == "open")
    plan = planned(underwriter, "wheel-index", "--book", str(journal), "--as-of", str(day))
    assert told(plan) == decided(events, day)
    fills = [one for one in events if isinstance(one, Filled) and one.session == day and one.option]
    sold = {one.option: one.price_u / 1e6 for one in fills}
    assert sold
    assert {leg["option"]: leg["price"] for one in plan["orders"] for leg in one["legs"]} == sold


def test_the_weekly_put_is_planned_on_real_chains(
    underwriter: Command, home: Path, shared: Path
) -> None:
    """Sold between bid and middle of the quote in the file, as the file has them."""
    folder = shared / "data"
    files = sorted((folder / "spx_eod_2026").glob("spx_chain_2026-0[56].csv.gz"))
    others = ("rates/IRX_13week_tbill_daily.csv", "cboe_indices/VIX_History.csv")
    filled(home, [*files, *(folder / name for name in others)])
    plan = planned(underwriter, "spx-weekly-put", "--as-of", "2026-06-22")
    assert (plan["session"], plan["quotes"]) == ("2026-06-22", "quoted")
    (order,) = plan["orders"]
    (leg,) = order["legs"]
    assert 4 <= (date.fromisoformat(leg["expiry"]) - date(2026, 6, 22)).days <= 11
    assert 0.15 < order["opening"]["assignment_odds"] < 0.35
