"""The main job end to end: a policy on a history, its book, its report, its exit code."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from command_line import Command
from underwriter.app.backtest import why_nothing
from underwriter.core.kernel import JIT

COMMAND = [sys.executable, "-c", "from underwriter.app.cli.main import main; main()"]

pytestmark = pytest.mark.skipif(not JIT, reason="a long run, interpreted")


def test_the_demo_shows_income_and_writes_book_and_report(home: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "demo"],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"UNDERWRITER_HOME": str(home)},
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    folder = home.parent / "underwriter-demo"
    assert sorted(path.name for path in folder.iterdir()) == [
        "journal.db",
        "journal.db.head",
        "report.html",
        "summary.json",
    ]
    for said in ("$1,000,000", "MODELLED", "Jan", "2018", "assigned", str(folder / "report.html")):
        assert said in done.stdout
    for phase in ("reading the history", "running the policy"):
        assert phase in done.stderr
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "$1,000,000" in page
    assert "MODELLED" in page


def test_a_backtest_is_one_json_object_and_its_book_verifies(
    underwriter: Command,
    home: Path,
) -> None:
    done = underwriter("backtest", "wheel-index", "--to", "2015-12-31", "--json")
    assert done.code == 0, done.err
    told = done.json
    assert told["period"] == {"from": "2014-01-03", "to": "2015-12-31", "sessions": 503}
    assert told["quotes"] == "modelled"
    assert told["starting_cash"] == 1_000_000
    assert told["metrics"].keys() >= {
        "cagr",
        "volatility",
        "sharpe",
        "sharpe_se",
        "max_drawdown",
        "premium_capture",
        "assignment_rate",
        "worst_month",
    }
    assert next(iter(told["income_by_month"])) == "2014-01"
    assert len(told["income_by_month"]) == 24
    asked = ("half_spread", "delay", "spreads")
    assert [tuple(each[name] for name in asked) for each in told["sensitivity"]] == [
        (0.0, 0, 1.0),
        (0.5, 0, 0.5),
        (0.5, 0, 1.0),
        (0.5, 0, 2.0),
        (0.5, 1, 1.0),
    ]
    assert told["sensitivity"][2]["total_return"] == told["total_return"]
    assert told["seconds"].keys() >= {"reading the history", "running the policy"}
    folder = home / "runs" / "wheel-index"
    assert told["journal"]["path"] == str(folder / "journal.db")
    assert told["report"] == str(folder / "report.html")
    checked = underwriter("book", "verify", "--json")
    assert checked.code == 0
    assert checked.json["journal"] == str(folder / "journal.db")
    assert checked.json["ok"] is True
    assert checked.json["head"]["hash"] == told["journal"]["hash"]


def test_the_same_run_writes_the_same_book(underwriter: Command) -> None:
    asked = ("backtest", "cash-secured-put-index", "--to", "2014-06-30", "--json")
    first, second = underwriter(*asked).json, underwriter(*asked).json
    assert first["journal"] == second["journal"]


def test_fills_of_the_command_line_count(underwriter: Command, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    asked = ("--to", "2014-06-30", "--half-spread", "1", "--delay", "1", "--report", str(page))
    told = underwriter("backtest", "wheel-index", *asked, "--json").json
    whole = {"commission": None, "assigned": 1.0, "combo": [1.0, 0.64, 0.4, 0.24]}
    assert told["fills"] == {"half_spread": 1.0, "delay": 1, **whole}
    assert page.read_text(encoding="utf-8").startswith("<!")


def test_a_changed_book_is_attention_needed(underwriter: Command, home: Path) -> None:
    underwriter("backtest", "wheel-index", "--to", "2014-02-28")
    journal = home / "runs" / "wheel-index" / "journal.db"
    raw = journal.read_bytes()
    at = raw.index(b'"filled"')
    journal.write_bytes(raw[:at] + b'"fillEd"' + raw[at + 8 :])
    done = underwriter("book", "verify", str(journal))
    assert done.code == 3
    assert "changed" in done.out


def test_what_opens_nothing_says_why_and_what_it_needs(
    underwriter: Command,
    tmp_path: Path,
) -> None:
    (tmp_path / "underwriter.toml").write_text("account.starting_cash = 5_000", encoding="utf-8")
    done = underwriter("backtest", "wheel-index", "--to", "2014-06-30", "--json")
    assert done.code == 3
    assert done.json["campaigns"]["opened"] == 0
    said = done.err.splitlines()[-1]
    assert said.startswith("underwriter: nothing was opened: ")
    assert "one contract needs equity of " in said
    least = min(done.json["equity_needed"].values())
    assert f"{least:,.2f} dollars, found 5,000.00" in said


def test_with_the_equity_it_asks_for_one_contract_is_opened(
    underwriter: Command,
    tmp_path: Path,
) -> None:
    settings = tmp_path / "underwriter.toml"
    asked = ("backtest", "wheel-index", "--to", "2014-01-31", "--json")
    settings.write_text("account.starting_cash = 5_000", encoding="utf-8")
    least = min(underwriter(*asked).json["equity_needed"].values())
    settings.write_text(f"account.starting_cash = {least + 0.01:.2f}", encoding="utf-8")
    assert underwriter(*asked).code == 0


def test_a_history_of_ones_own(underwriter: Command, tmp_path: Path) -> None:
    days = [f"2016-03-{day:02d}" for day in (1, 2, 3, 4, 7, 8, 9, 10, 11, 14, 15, 16, 17, 18)]
    columns = {"spot": 100.0, "vol": 20.0, "bills": 0.3}
    for name, value in columns.items():
        rows = [f"{day},{value}" for day in days]
        (tmp_path / f"{name}.csv").write_text("\n".join(["date,value", *rows]), encoding="utf-8")
    own = ("--spot", "spot.csv", "--vol", "vol.csv", "--bills", "bills.csv")
    done = underwriter("backtest", "wheel-index", *own, "--json")
    assert done.code == 0, done.err
    assert "spot.csv" in done.json["source"]
    assert done.json["campaigns"]["opened"] >= 2
    assert done.json["refused"].get("regime", 0) == 0
    (tmp_path / "vol.csv").write_text("date,value\n2016-03-07,20\n", encoding="utf-8")
    late = underwriter("backtest", "wheel-index", *own)
    assert late.code == 2
    assert "vol.csv: found no value on or before 2016-03-01" in late.err
    stale = underwriter("backtest", "wheel-index", *own, "--from", "2016-03-07")
    assert stale.code == 2
    assert "vol.csv: found no value between 2016-03-07 and 2016-03-15" in stale.err
    fresh = ("--from", "2016-03-07", "--to", "2016-03-14")
    assert underwriter("backtest", "wheel-index", *own, *fresh).code == 0


def test_the_model_is_checked_by_month_and_year(underwriter: Command, tmp_path: Path) -> None:
    days = [f"{day}" for day in np.arange("2015-11-01", "2017-02-01", dtype="datetime64[D]")]
    for name, value in {"spot": 2000.0, "vol": 20.0, "bills": 0.3}.items():
        rows = [f"{day},{value}" for day in days if np.is_busday(day)]
        (tmp_path / f"{name}.csv").write_text("\n".join(["date,value", *rows]), encoding="utf-8")
    files = ("--spot", "spot.csv", "--vol", "vol.csv", "--bills", "bills.csv")
    done = underwriter("model", "check", "put", *files, "--json")
    assert done.code == 0, done.err
    assert done.json["settlement"]["2016"] == "close", "a history without opens"
    assert list(done.json["by_year"]) == ["2016"]
    assert 12 < done.json["by_year"]["2016"] < 30, "a still market pays every premium"
    assert done.json["quotes"] == "modelled"
    said = underwriter("model", "check", "put", *files)
    assert "2016" in said.out
    assert "settled at the close" in said.out


def test_why_nothing_was_opened_says_so_without_a_sum_that_would_help() -> None:
    told = {"campaigns": {"opened": 0}, "refused": {"regime": 3}, "equity_needed": {}}
    said = why_nothing(told)
    assert said is not None
    assert said.startswith("nothing was opened: 3 times regime (the volatility regime")
    assert said.endswith("no equity would have changed that")
    assert why_nothing({"campaigns": {"opened": 1}}) is None


def test_an_own_history_keeps_its_own_name_and_says_that_it_pays_nothing(
    underwriter: Command,
    tmp_path: Path,
) -> None:
    days = np.arange("2016-03-01", "2016-03-19", dtype="datetime64[D]")
    for name, value in {"acme": 100.0, "vol": 20.0, "bills": 0.3}.items():
        rows = [f"{day},{value}" for day in days[np.is_busday(days)]]
        (tmp_path / f"{name}.csv").write_text("\n".join(["date,value", *rows]), encoding="utf-8")
    own = ("--spot", "acme.csv", "--vol", "vol.csv", "--bills", "bills.csv")
    done = underwriter("backtest", "wheel-index", *own)
    assert done.code == 0, done.err
    assert "hold, price alone" in done.out
    assert "SPX/10" not in done.out


def test_a_missing_session_names_the_file(underwriter: Command, tmp_path: Path) -> None:
    for name in ("spot", "vol", "bills"):
        rows = "2016-03-01,20\n2016-03-03,20\n"
        (tmp_path / f"{name}.csv").write_text(f"date,value\n{rows}", encoding="utf-8")
    own = ("--spot", "spot.csv", "--vol", "vol.csv", "--bills", "bills.csv")
    done = underwriter("backtest", "wheel-index", *own)
    assert done.code == 2
    assert "spot.csv: found no bar on 1 sessions of XNYS, the first 2016-03-02" in done.err


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs a folder that nobody can write in")
def test_where_the_report_cannot_be_written_no_run_stands(underwriter: Command, home: Path) -> None:
    words = ("--from", "2015", "--to", "2015-02", "--report", "/proc/report.html")
    done = underwriter("backtest", "wheel-index", *words)
    assert done.code == 2
    assert "/proc/report.html" in done.err
    assert not (home / "runs" / "wheel-index").exists()


def test_a_report_cannot_replace_a_folder(underwriter: Command, tmp_path: Path) -> None:
    done = underwriter("backtest", "wheel-index", "--report", str(tmp_path))
    assert done.code == 2
    assert "found a folder; expected a file to write" in done.err
