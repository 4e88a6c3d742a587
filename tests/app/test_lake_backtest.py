"""Backtests on quotes of the user's own: made-up ones everywhere, real ones where they are."""

import csv
import gzip
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from command_line import Command
from lakes import closes, filled, sessions, written
from underwriter.book.event import Approved, Expired, Filled, Settled, Split
from underwriter.book.journal import Journal

POLICY = """
name = "test"
strategy = "{strategy}"
universe = {universe}
rungs = 2

[entry]
on = "weekly"
delta = 0.30
dte = [10, 40]
min_credit = 0.20
max_spread = 0.50

[manage]
take_profit = 0.50

[size]
risk_per_position = 0.05
stress = [{{ spot = -0.20, vol = 1.5 }}, {{ spot = 0.10, vol = 0.8 }}]
per_underlying = 1.0
"""


def policy(folder: Path, universe: str = '["SYN"]', strategy: str = "cash_secured_put") -> str:
    """A policy on some underlyings."""
    path = folder / "test.toml"
    path.write_text(POLICY.format(universe=universe, strategy=strategy), encoding="utf-8")
    return str(path)


@pytest.mark.proof  # ten seconds
def test_cash_secured_puts_on_what_settles_in_cash(
    underwriter: Command,
    home: Path,
    tmp_path: Path,
) -> None:
    filled(home, [written(tmp_path)])
    done = underwriter("backtest", policy(tmp_path), "--json")
    assert done.code == 0, done.err
    told = done.json
    assert (told["quotes"], told["origins"]) == ("quoted", {"SYN": "quoted"})
    assert "SYN: real bids and asks on 71 sessions (options.parquet)" in told["source"]
    assert "no bill yields in the lake: cash earns nothing" in told["source"]
    assert told["legs"]["settled"] > 0, "the path falls through strikes"
    assert told["campaigns"]["assigned"] == 0
    assert all(parts["shares"] == 0 for parts in told["income_parts"].values())
    assert told["period"] == {"from": "2024-01-02", "to": "2024-04-12", "sessions": 71}


def test_a_close_that_the_options_rule_out_settles_nothing(
    underwriter: Command, home: Path, tmp_path: Path
) -> None:
    """Bars two parts in a hundred too low: what ends is settled where the options have the spot."""
    folder = written(tmp_path)
    bars = folder / "underlying.parquet"
    low = pl.col("open", "high", "low", "close") * 0.98
    pl.read_parquet(bars).with_columns(low).write_parquet(bars)
    filled(home, [bars, folder / "options.parquet"])
    told = underwriter("backtest", policy(tmp_path), "--json").json
    assert "closes cannot be, by the options, on 71 sessions" in told["source"]
    days = sessions()
    close = dict(zip(days, closes(days), strict=True))
    settled = [each for each in _events(told) if isinstance(each, Settled)]
    assert settled
    for each in settled:
        assert each.price_u / 1e6 == pytest.approx(close[each.session], rel=0.005)


def test_the_wheel_on_shares_is_assigned_and_called_away(
    underwriter: Command,
    home: Path,
    tmp_path: Path,
) -> None:
    filled(home, [written(tmp_path, settlement="physical")])
    told = underwriter("backtest", policy(tmp_path, strategy="wheel"), "--json").json
    assert told["campaigns"]["assigned"] > 0
    assert told["campaigns"]["called_away"] > 0


def test_the_same_run_again_is_the_same_to_the_hash(
    underwriter: Command,
    home: Path,
    tmp_path: Path,
) -> None:
    """From the lake, then from the slab that was kept."""
    filled(home, [written(tmp_path)])
    heads = [underwriter("backtest", policy(tmp_path), "--json").json["journal"] for _ in range(2)]
    assert heads[0] == heads[1]


def test_cutting_the_history_changes_no_earlier_trade(
    underwriter: Command,
    home: Path,
    tmp_path: Path,
) -> None:
    """Proof 2: the slab of the lake cut off at a day is that day's part of the whole."""
    filled(home, [written(tmp_path)])
    whole = _decided(underwriter("backtest", policy(tmp_path), "--json").json)
    cut = _decided(underwriter("backtest", policy(tmp_path), "--to", "2024-03-01", "--json").json)
    assert len(cut) >= 5
    assert whole[: len(cut)] == cut


def _decided(told: dict[str, Any]) -> list[tuple[date, str, str | None, int]]:
    """What was approved, in order."""
    return [
        (each.session, each.action, each.option, each.quantity)
        for each in _events(told)
        if isinstance(each, Approved)
    ]


@pytest.mark.proof  # ten seconds
def test_last_prices_get_a_modelled_spread_and_every_page_says_so(
    underwriter: Command,
    home: Path,
    tmp_path: Path,
) -> None:
    filled(home, [written(tmp_path, quoted=False)])
    done = underwriter("backtest", policy(tmp_path))
    assert done.code == 0, done.err
    assert "Spreads are MODELLED" in done.out
    report = (home / "runs" / "test" / "report.html").read_text(encoding="utf-8")
    assert "Spreads are MODELLED" in report
    assert "modelled spreads" in report


def test_several_underlyings_share_the_sessions_that_they_have_in_common(
    underwriter: Command,
    home: Path,
    tmp_path: Path,
) -> None:
    places = [written(tmp_path, name, "physical") for name in ("AAA", "BBB")]
    filled(home, places)
    told = underwriter("backtest", policy(tmp_path, '["AAA", "BBB"]', "wheel"), "--json").json
    assert told["origins"] == {"AAA": "quoted", "BBB": "quoted"}
    assert told["source"].startswith(
        "AAA, BBB: real bids and asks on 71 sessions (options.parquet)"
    )


def test_t62_a_name_that_ends_early_ends_nobody_elses_run(
    underwriter: Command, home: Path, tmp_path: Path
) -> None:
    """BBB has quotes until February 9: what is held of it settles at that close, AAA trades on."""
    ends = date(2024, 2, 9)
    filled(home, [written(tmp_path, "AAA"), written(tmp_path, "BBB", last=ends)])
    path = Path(policy(tmp_path, '["AAA", "BBB"]'))
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("take_profit = 0.50", "take_profit = 0"), encoding="utf-8")
    told = underwriter("backtest", str(path), "--json").json
    assert told["period"]["sessions"] == 71
    assert (
        "BBB: no quotes from 2024-02-12 on: nothing is opened, what expires settles at"
        in (told["source"])
    )
    assert "stands still from 2024-02-12 on" in told["source"]
    with Journal.open(Path(told["journal"]["path"])) as journal:
        events = [each for _, each in journal.read()]
    opened = {
        name: [each.session for each in events if isinstance(each, Filled) and of(each, name)]
        for name in ("AAA", "BBB")
    }
    assert max(opened["BBB"]) <= ends < max(opened["AAA"])
    last = closes(sessions(last=ends))[-1]
    ended = [each for each in events if isinstance(each, Settled | Expired) and of(each, "BBB")]
    assert {each.price_u for each in ended if each.session > ends} == {round(last * 1e6)}


def test_t62_a_run_may_begin_after_a_name_has_ended(
    underwriter: Command, home: Path, tmp_path: Path
) -> None:
    filled(home, [written(tmp_path, "AAA"), written(tmp_path, "BBB", last=date(2024, 2, 9))])
    path = policy(tmp_path, '["AAA", "BBB"]')
    told = underwriter("backtest", path, "--from", "2024-03", "--json").json
    assert "BBB: no quotes from 2024-03-01 on: nothing is opened" in told["source"]


def of(event: Filled | Settled | Expired, name: str) -> bool:
    """Whether an option is on a name."""
    return (event.option or "").startswith(name)


@pytest.mark.parametrize(
    ("universe", "strategy", "said"),
    [
        ('["SYM"]', "wheel", "line 4: found SYM in universe, of which the lake has no quotes"),
        ('["SYM"]', "wheel", "it has SYN (did you mean SYN?); underwriter data import brings more"),
        ('["SYN"]', "wheel", "line 4: found SYN in universe, which settles in cash, under the"),
        ('["SYN", "SPX/10"]', "cash_secured_put", "line 4: found SYN in universe beside SPX/10"),
    ],
)
def test_what_cannot_be_traded_is_refused_by_line(
    underwriter: Command,
    home: Path,
    tmp_path: Path,
    universe: str,
    strategy: str,
    said: str,
) -> None:
    filled(home, [written(tmp_path)])
    done = underwriter("backtest", policy(tmp_path, universe, strategy))
    assert done.code == 2
    assert said in done.err
    assert done.err.count("\n") == 1
    assert not (home / "runs").exists()


def test_a_period_without_sessions_is_refused(
    underwriter: Command,
    home: Path,
    tmp_path: Path,
) -> None:
    filled(home, [written(tmp_path)])
    done = underwriter("backtest", policy(tmp_path), "--from", "2025")
    assert done.code == 2
    assert "expected two or more, from 2024-01-02 to 2024-04-12" in done.err


# --- real quotes ---


@pytest.fixture
def spx(underwriter: Command, home: Path, shared: Path) -> dict[str, Any]:
    """The shipped weekly put on the real chains of 2026."""
    folder = shared / "data"
    files = sorted((folder / "spx_eod_2026").glob("spx_chain_*.csv.gz"))
    others = ("rates/IRX_13week_tbill_daily.csv", "cboe_indices/VIX_History.csv")
    filled(home, [*files, *(folder / name for name in others)])
    done = underwriter("backtest", "spx-weekly-put", "--json")
    assert done.code == 0, done.err
    return done.json


def _rows(folder: Path) -> Iterator[dict[str, str]]:
    """The rows of the files, as they are."""
    for path in sorted(folder.glob("spx_chain_*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as text:
            yield from csv.DictReader(text)


def _events(told: dict[str, Any]) -> list[Any]:
    """The book that a run wrote."""
    with Journal.open(Path(told["journal"]["path"])) as journal:
        return [event for _, event in journal.read()]


def _osi(row: dict[str, str]) -> str:
    """The symbol of a row of the file."""
    expiry = row["expiration"].replace("-", "")[2:]
    return f"SPXW  {expiry}{row['right']}{int(row['strike']) * 1000:08d}"


def test_the_weekly_put_on_the_real_spx_trades_within_the_files_own_quotes(
    spx: dict[str, Any], shared: Path
) -> None:
    """Every fill lies between the bid and the middle of its row, four to eleven days out."""
    assert spx["quotes"] == "quoted"
    assert spx["period"] == {"from": "2026-02-20", "to": "2026-06-30", "sessions": 90}
    assert spx["campaigns"]["opened"] >= 15
    fills = [event for event in _events(spx) if isinstance(event, Filled)]
    sold = {(str(each.session), each.option): each for each in fills}
    seen = 0
    for row in _rows(shared / "data" / "spx_eod_2026"):
        fill = sold.get((row["quote_date"], _osi(row)))
        if fill is not None:
            seen += 1
            bid, ask = float(row["bid"]), float(row["ask"])
            assert bid <= fill.price_u / 1e6 <= (bid + ask) / 2
            assert 4 <= (date.fromisoformat(row["expiration"]) - fill.session).days <= 11
    assert seen == len(sold) == len(fills)


def test_t51_the_weekly_put_on_the_real_spx_settles_in_cash(
    spx: dict[str, Any], shared: Path
) -> None:
    """At a spot near the forwards published beside the quotes, and no share is moved."""
    assert set(spx["legs"]) == {"expired", "settled"}
    path = shared / "data" / "spx_eod_2026" / "implied_forward.csv"
    with path.open(encoding="utf-8") as text:
        rows = [row for row in csv.DictReader(text) if row["quote_date"] < row["expiration"]]
    nearest = {row["quote_date"]: float(row["implied_forward"]) for row in reversed(rows)}
    settled = [event for event in _events(spx) if isinstance(event, Settled)]
    assert settled
    for each in settled:
        assert each.price_u / 1e6 == pytest.approx(nearest[str(each.session)], rel=0.002)
        inside = int((each.option or "")[-8:]) / 1000 - each.price_u / 1e6
        assert each.amount_u / 1e6 == pytest.approx(-inside * 100 * each.quantity, abs=0.01)
        assert each.shares == 0


@pytest.mark.proof
def test_the_wheel_on_real_last_prices_says_that_spreads_are_modelled(
    underwriter: Command,
    home: Path,
    shared: Path,
) -> None:
    folder = shared / "data" / "us_option_last_2026"
    filled(home, [folder / f"{name}.csv.gz" for name in ("SPY", "KO", "AAPL")])
    done = underwriter("backtest", "wheel-shares", "--json")
    assert done.code == 0, done.err
    assert done.json["origins"] == dict.fromkeys(("SPY", "KO", "AAPL"), "last")
    assert done.json["campaigns"]["opened"] > 5
    found = {each["spreads"]: each["total_return"] for each in done.json["sensitivity"][1:4]}
    assert len(set(found.values())) == 3, "no run is another's"
    assert found[1.0] == done.json["total_return"]


@pytest.mark.parametrize(("most", "opens"), [(0.04, {0.5}), (0.07, {0.5, 1.0}), (0.5, {0.5, 1, 2})])
def test_gates_see_spreads_that_are_half_and_twice_as_wide(
    underwriter: Command, home: Path, tmp_path: Path, most: float, opens: set[float]
) -> None:
    """Quotes of ten cents about two dollars: a twentieth, or 2.5 or 10 percent of them."""
    filled(home, [written(tmp_path)])
    path = Path(policy(tmp_path))
    text = path.read_text(encoding="utf-8").replace("max_spread = 0.50", f"max_spread = {most}")
    path.write_text(text, encoding="utf-8")
    told = underwriter("backtest", str(path), "--json").json["sensitivity"][1:4]
    assert {each["spreads"] for each in told if each["campaigns"]} == opens


@pytest.mark.proof
@pytest.mark.parametrize("said", [True, False])
def test_t61_t88_the_wheel_goes_through_the_split_of_aapl(
    underwriter: Command, home: Path, tmp_path: Path, shared: Path, *, said: bool
) -> None:
    """Seven for one on 2014-06-09: strikes, counts and positions follow, whether a file says it."""
    options, stocks = (
        shared / "data" / f"lean_{kind}" for kind in ("options_aapl_2014", "equity_daily")
    )
    universes = sorted((options / "universes").glob("201406*.csv"))
    bars = [stocks / "daily" / "aapl.zip"]
    factors = [stocks / "factor_files" / "aapl.csv"] if said else []
    filled(home, [*bars, *factors, options / "aapl_2014_quote_american.zip", *universes])
    period = ("--from", "2014-06-02", "--to", "2014-06-16")
    patient = Path(policy(tmp_path, '["AAPL"]', "wheel"))
    held = patient.read_text(encoding="utf-8").replace("take_profit = 0.50", "take_profit = 0.0")
    patient.write_text(held, encoding="utf-8")
    done = underwriter("backtest", str(patient), *period, "--json")
    assert done.code == 0, done.err
    assert done.json["origins"] == {"AAPL": "mixed"}
    assert "real bids and asks on 2 sessions" in done.json["source"]
    assert ("a split that no file says" in done.json["source"]) != said
    splits = [event for event in _events(done.json) if isinstance(event, Split)]
    assert splits
    for each in splits:
        assert (each.new, each.old, each.session) == (7, 1, date(2014, 6, 9))
    sold = {event.option: -event.quantity for event in _events(done.json)
            if isinstance(event, Filled) and event.session < date(2014, 6, 9)}  # fmt: skip
    became = {each.option: -each.quantity for each in splits}
    for option, count in sold.items():
        strike = round(int((option or "")[-8:]) / 7 / 10) * 10  # to the cent, in thousandths
        assert became[f"{(option or '')[:-8]}{strike:08d}"] == 6 * count
