"""`scan`: names against gates on a lake, in words and in JSON, and nothing of the future."""

from itertools import pairwise
from math import log, sqrt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from app.test_lake_backtest import POLICY
from app.test_schemas import broken
from command_line import Command
from lakes import VOLATILITY, filled, sessions, written
from underwriter.app import from_lake
from underwriter.core.record import I4
from underwriter.market.lake.abreast import Abreast, read_abreast
from underwriter.market.lake.read import Lake

SCREEN = """
[screen]
index = "SYN"
min_price = 90
min_interest = 1000
max_width = 0.2
min_history = 1
min_piotroski = 6
exclude_sectors = ["Oil"]
"""


def policy(folder: Path, universe: str = '["SYN"]', screen: str = SCREEN) -> str:
    """A policy with a screen."""
    path = folder / "test.toml"
    text = POLICY.format(universe=universe, strategy="wheel") + screen
    path.write_text(text, encoding="utf-8")
    return str(path)


def tables(home: Path, rows: str) -> None:
    """Settings that name a table of fundamentals."""
    (home / "underwriter.toml").write_text('tables.fundamentals = "f.csv"', encoding="utf-8")
    text = f"symbol,filed,sector,piotroski_f\n{rows}\n"
    (home / "f.csv").write_text(text, encoding="utf-8")


def gates(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The gates of the first name."""
    return {each["gate"]: each for each in told["names"][0]["gates"]}


def test_each_gate_says_by_how_much(underwriter: Command, home: Path, tmp_path: Path) -> None:
    filled(home, [written(tmp_path, settlement="physical")])
    tables(home, "SYN,2024-01-10,Food,4")
    done = underwriter("scan", policy(tmp_path), "--json", "--home", str(home))
    assert done.code == 3, "no name is admitted"
    assert not broken("scan", done.json)
    assert done.json["day"] == str(sessions()[-1])
    found = gates(done.json)
    (close,) = pl.read_parquet(tmp_path / "SYN" / "underlying.parquet")["close"].tail(1)
    assert found["price"]["value"] == close
    assert found["price"]["by"] == pytest.approx(close - 90)
    assert (found["piotroski"]["result"], found["piotroski"]["by"]) == ("failed", -2.0)
    assert found["history"]["result"] == "failed"
    assert found["history"]["value"] == pytest.approx(101 / 365.25)
    assert found["sector"]["result"] == "passed"
    chain = pl.read_parquet(tmp_path / "SYN" / "options.parquet")
    last = chain.filter(pl.col("date") == sessions()[-1])
    assert found["interest"]["value"] <= last["open_interest"].sum()
    assert found["beta"]["result"] == "off"
    assert done.json["names"][0]["refused_by"] == ["history", "piotroski"]


def test_an_index_without_prices_is_refused_where_a_policy_names_it(
    underwriter: Command, home: Path, tmp_path: Path
) -> None:
    filled(home, [written(tmp_path, settlement="physical")])
    path = policy(tmp_path, screen='[screen]\nindex = "NONE"\nmax_beta = 1.2\n')
    for command in ("backtest", "scan", "plan"):
        done = underwriter(command, path)
        assert done.code == 2
        assert 'found screen.index = "NONE", of which the lake has no prices' in done.err
    assert not (home / "runs").exists()


def test_names_are_read_together(
    underwriter: Command, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two names end on one session, one ends sooner, one is not there: three reads."""
    ends = {"AAA": sessions()[-1], "BBB": sessions()[-1], "CCC": sessions()[20]}
    filled(home, [written(tmp_path, name, "physical", last=last) for name, last in ends.items()])
    read: list[list[str]] = []

    def counted(lake: Lake, names: list[str], day: I4) -> Abreast:
        read.append(sorted(names))
        return read_abreast(lake, names, day)

    monkeypatch.setattr(from_lake, "read_abreast", counted)
    path = policy(tmp_path, '["AAA", "BBB", "CCC", "DDD"]', "")
    told = underwriter("scan", path, "--json").json
    assert sorted(read) == [["AAA", "BBB"], ["CCC"], ["DDD"]]
    notes = {one["underlying"]: one["note"] or "" for one in told["names"]}
    assert "no quotes on the day; the last are of" in notes["CCC"]
    assert "of which the lake has no quotes" in notes["DDD"]


WINGS = "width = 5\n"
LEGS = {  # what one unit of each strategy is made of, and keys that it needs
    "wheel": ("", ["sell P"]),
    "cash_secured_put": ("", ["sell P"]),
    "covered_call": ("", ["sell C"]),
    "put_spread": (WINGS, ["sell P", "buy P"]),
    "call_spread": (WINGS, ["sell C", "buy C"]),
    "iron_condor": (WINGS, ["sell P", "buy P", "sell C", "buy C"]),
    "strangle": ("", ["sell P", "sell C"]),
    "collar": ("long_delta = 0.2\n", ["buy P", "sell C"]),
}


def offered(underwriter: Command, path: Path, home: Path, settings: str) -> dict[str, Any]:
    """What a scan under some settings offers on its first name."""
    (home / "underwriter.toml").write_text(settings, encoding="utf-8")
    done = underwriter("scan", str(path), "--json", "--home", str(home))
    assert not broken("scan", done.json)
    found: dict[str, Any] = done.json["names"][0]["offer"]
    return found


@pytest.mark.parametrize("strategy", LEGS)
def test_the_offer_is_what_the_policy_would_sell(
    underwriter: Command, home: Path, tmp_path: Path, strategy: str
) -> None:
    """And with the least equity one unit is admitted, with two cents less none is.

    A halt does not stand in the way: an account that begins has not fallen.
    """
    filled(home, [written(tmp_path, settlement="physical")])
    keys, legs = LEGS[strategy]
    path = tmp_path / "test.toml"
    text = POLICY.format(universe='["SYN"]', strategy=strategy)
    path.write_text(text.replace("[manage]", keys + "[manage]", 1), encoding="utf-8")
    rules = "reg_t" if strategy == "strangle" else "cash_secured"
    settings = f'account.collateral = "{rules}"\naccount.drawdown_halt = 0.2\n'
    offer = offered(underwriter, path, home, settings)
    assert offer["verdict"] == "approved"
    assert offer["quantity"] > 0
    assert offer["shares"] == (100 if strategy in {"covered_call", "collar"} else 0)
    assert [f"{leg['side']} {leg['contract'].split()[2]}" for leg in offer["legs"]] == legs
    signed = (leg["bid"] if leg["side"] == "sell" else -leg["ask"] for leg in offer["legs"])
    assert offer["credit"] == pytest.approx(sum(signed))
    least = offer["least_equity"]
    enough, short = (
        offered(underwriter, path, home, f"{settings}account.starting_cash = {cash:.2f}")
        for cash in (least, least - 0.02)
    )
    assert enough["legs"] == short["legs"] == offer["legs"]
    assert (enough["verdict"], enough["quantity"]) == ("approved", 1)
    assert short["verdict"] != "approved"
    assert short["quantity"] == 0
    assert enough["least_equity"] == short["least_equity"] == least


def test_calls_are_offered_on_shares_that_are_there(
    underwriter: Command, home: Path, tmp_path: Path
) -> None:
    """They need no equity; without the shares there is nothing to sell."""
    filled(home, [written(tmp_path, settlement="physical")])
    path = tmp_path / "test.toml"
    text = POLICY.format(universe='["SYN"]', strategy="covered_call")
    path.write_text(text.replace("[manage]", 'shares = "held"\n[manage]', 1), encoding="utf-8")
    offer = offered(underwriter, path, home, "holdings.SYN = 250\n")
    assert (offer["verdict"], offer["quantity"], offer["shares"]) == ("approved", 2, 0)
    assert offer["least_equity"] is None
    without = offered(underwriter, path, home, "")
    assert (without["verdict"], without["legs"]) == ("no_candidate", [])


def test_no_equity_admits_what_was_refused_beforehand(
    underwriter: Command, home: Path, tmp_path: Path
) -> None:
    filled(home, [written(tmp_path, settlement="physical")])
    path = tmp_path / "test.toml"
    text = POLICY.format(universe='["SYN"]', strategy="cash_secured_put")
    path.write_text(text + "[own.SYN]\nmax_shares = 50\n", encoding="utf-8")
    offer = offered(underwriter, path, home, "")
    assert (offer["verdict"], offer["least_equity"]) == ("own", None)


def test_t83_a_scan_of_a_day_knows_nothing_after_it(
    underwriter: Command, home: Path, tmp_path: Path
) -> None:
    """The same from a lake that goes on with nonsense and from one that ends on the day."""
    place = written(tmp_path, settlement="physical")
    day = sessions()[40]
    tables(home, "SYN,2024-01-10,Food,7\nSYN,2024-03-20,Oil,1")
    filled(home, [place])
    asked = ("scan", policy(tmp_path), "--json", "--as-of", str(day), "--home")
    whole = underwriter(*asked, str(home))
    short = tmp_path / "short"
    short.mkdir()
    (short / "cache").symlink_to((home / "cache").resolve())
    for name in ("options", "underlying"):
        path = place / f"{name}.parquet"
        pl.read_parquet(path).filter(pl.col("date") <= day).write_parquet(path)
    filled(short, [place])
    tables(short, "SYN,2024-01-10,Food,7")
    cut = underwriter(*asked, str(short))
    assert whole.json == cut.json
    assert whole.json["day"] == str(day)
    assert gates(whole.json)["piotroski"]["value"] == 7.0
    told = whole.json["names"][0]["features"]
    assert None not in {told[name] for name in ("iv30", "realised", "range_based", "skew")}


def test_the_features_of_a_name_are_those_of_its_quotes_and_bars(
    underwriter: Command, home: Path, tmp_path: Path
) -> None:
    """A flat smile of 22%, and 71 sessions: no year to rank it in, none to forecast from."""
    filled(home, [written(tmp_path)])
    path = tmp_path / "test.toml"
    text = POLICY.format(universe='["SYN"]', strategy="cash_secured_put")
    path.write_text(text, encoding="utf-8")
    done = underwriter("scan", str(path), "--json", "--home", str(home))
    assert not broken("scan", done.json)
    told = done.json["names"][0]["features"]
    assert told["iv30"] == pytest.approx(VOLATILITY, abs=0.005)
    assert told["skew"] == pytest.approx(0.0, abs=0.02)
    closes = pl.read_parquet(tmp_path / "SYN" / "underlying.parquet")["close"].tail(22).to_list()
    squared = [log(after / before) ** 2 for before, after in pairwise(closes)]
    assert told["realised"] == pytest.approx(sqrt(252 / 21 * sum(squared)))
    unknown = ("iv_rank", "iv_percentile", "forecast", "variance_premium")
    assert [told[name] for name in unknown] == [None] * 4
    said = underwriter("scan", str(path), "--home", str(home)).out
    assert f"IV30 {told['iv30']:.1%}, realised {told['realised']:.1%}" in " ".join(said.split())


@pytest.mark.parametrize("width", [200, 80, 40, 10])
def test_the_page_fits_the_terminal(
    underwriter: Command, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    filled(home, [written(tmp_path, settlement="physical")])
    tables(home, "SYN,2024-01-10,Food,4")
    monkeypatch.setenv("COLUMNS", str(width))
    said = underwriter("scan", policy(tmp_path), "--home", str(home)).out
    assert max(map(len, said.splitlines())) <= min(max(width, 40), 120)
    assert "refused by history, piotroski" in " ".join(said.split())
    assert "one needs equity of" in " ".join(said.split())
    row = next(line for line in said.splitlines() if "piotroski" in line and line[1] == "x")
    assert "4" in row
    assert "at least 6" in row
    assert "-2" in row


def test_a_name_without_quotes_is_shown_without_an_offer(
    underwriter: Command, home: Path, tmp_path: Path
) -> None:
    filled(home, [written(tmp_path, settlement="physical")])
    done = underwriter("scan", policy(tmp_path, '["NONE", "SYN"]', ""), "--json")
    first, second = done.json["names"]
    assert (first["underlying"], second["underlying"]) == ("SYN", "NONE")
    assert second["offer"] is None
    assert set(second["features"].values()) == {None}
    assert first["features"]["iv30"] is not None
    assert "of which the lake has no quotes" in second["note"]
    assert not broken("scan", done.json)


def test_an_empty_lake_is_refused(underwriter: Command, tmp_path: Path) -> None:
    done = underwriter("scan", policy(tmp_path))
    assert done.code == 2
    assert "the lake is empty" in done.err


def test_what_comes_along_is_scanned_without_a_lake(underwriter: Command) -> None:
    """SPX/10 at the end of 2018: a beta of one to itself needs an index in the lake."""
    done = underwriter("scan", "wheel-index", "--as-of", "2018-12-24", "--json")
    assert done.code == 0
    assert not broken("scan", done.json)
    found = gates(done.json)
    assert found["price"]["value"] == 235.11  # 2351.10
    assert found["iv30"]["value"] > 0.25
    assert found["beta"]["value"] is None
    told = done.json["names"][0]["features"]
    assert told["iv30"] == found["iv30"]["value"]
    assert told["iv_percentile"] > 0.98, "the worst Christmas Eve there was"
    assert told["iv_rank"] > 0.8
    assert told["skew"] > 0.1
    assert 0.1 < told["forecast"] < 0.4
    assert told["variance_premium"] == pytest.approx(told["iv30"] ** 2 - told["forecast"] ** 2)


def test_the_text_of_a_policy_without_a_screen_says_so(underwriter: Command) -> None:
    said = underwriter("scan", "wheel-index").out
    assert "The policy has no [screen]" in said
    assert "off: price" in said


@pytest.mark.parametrize("asked", ["2018-13-01", "soon"])
def test_a_day_that_is_none_is_refused(underwriter: Command, asked: str) -> None:
    assert underwriter("scan", "wheel-index", "--as-of", asked).code == 2


def test_a_wrong_table_is_refused_before_anything(
    underwriter: Command, home: Path, tmp_path: Path
) -> None:
    filled(home, [written(tmp_path, settlement="physical")])
    tables(home, "SYN,2024-01-10,Food,four")
    done = underwriter("scan", policy(tmp_path), "--home", str(home))
    assert done.code == 2
    assert f"{home / 'f.csv'}, line 2, column piotroski_f: found 'four'" in done.err


def test_real_names_of_2026(shared: Path, underwriter: Command, tmp_path: Path) -> None:
    """KO of last prices: a width nobody quotes is unknown, a volatility under 60% is read."""
    folder = shared / "data" / "us_option_last_2026"
    for name in ("KO.csv.gz", "underlying_close.csv"):
        assert underwriter("data", "import", str(folder / name)).code == 0
    screen = '[screen]\nbase = "usual"\nmax_width = 0.05\n'
    done = underwriter(
        "scan", policy(tmp_path, '["KO"]', screen), "--as-of", "2026-07-31", "--json"
    )
    found = gates(done.json)
    assert found["width"]["result"] == "unknown"
    assert done.json["names"][0]["refused_by"] == ["width", "history"]
    assert 0.10 < found["iv30"]["value"] < 0.60
    assert found["contracts"]["value"] > 1_000
