"""`underwriter analyse`, as a user meets it; figures from DOMAIN.md 3.1 and 4.1."""

import json
import math
import time
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Any

import pytest

from command_line import Command, Told
from underwriter.app.cli import ask_trade
from underwriter.app.leg_words import leg

PUT = ("analyse", "--underlying", "KO", "--spot", "100", "--as-of", "2026-11-02")
WORLD = ("--rate", "0.04", "--yield", "0.01", "--vol", "0.28")
T4 = (*PUT, *WORLD, "--style", "european", "--leg", "-1 put 95 35d")
MODELLED = ("price", "greeks", "credit", "max_loss", "max_profit", "breakevens")
ASKED = (*MODELLED, "probability_of_profit", "expected_value", "margin", "scenarios")


def legs(*words: str) -> list[str]:
    return [part for each in words for part in ("--leg", each)]


def told(underwriter: Command, *arguments: str) -> dict[str, Any]:
    said = underwriter(*arguments, "--json")
    assert (said.code, said.err) == (0, "")
    return said.json


def test_the_example_of_the_domain_page(underwriter: Command) -> None:
    """T4: P 1.3649, delta -0.2518, N(d2) 0.7195, odds at the breakeven 0.7727; yields of 4.1."""
    found = told(underwriter, *T4)
    assert set(ASKED) <= set(found)
    assert found["price"] == pytest.approx(-136.49, abs=0.01)
    assert found["credit"] == pytest.approx(136.49, abs=0.01)
    assert found["greeks"]["delta"] == pytest.approx(25.18, abs=0.01)
    assert found["greeks"]["theta"] == pytest.approx(3.75, abs=0.01)
    assert found["legs"][0]["worthless"] == pytest.approx(0.7195, abs=5e-5)
    assert found["probability_of_profit"] == pytest.approx(0.7727, abs=2e-4)
    assert found["breakevens"] == [pytest.approx(93.635, abs=1e-3)]
    assert found["max_loss"] == pytest.approx(9_363.51, abs=0.01)
    assert found["expected_value"] == pytest.approx(0.0, abs=1e-6)
    assert found["margin"] == {
        "cash_secured": 9_500.0,
        "reg_t_initial": 1_636.5,
        "reg_t_maintenance": 1_636.5,
    }
    assert found["yields"]["cash_secured"] == pytest.approx(0.01437, abs=1e-5)
    assert found["yields"]["cash_secured_annualised"] == pytest.approx(0.1498, abs=1e-4)
    assert found["yields"]["net"] == pytest.approx(0.01458, abs=1e-5)


@pytest.mark.parametrize(
    ("drift", "vol", "expected"), [("0.08", "0.24", 46), ("0.04", "0.28", 0), ("0.08", "0.34", -51)]
)
def test_expected_value_in_ones_own_world(
    underwriter: Command, drift: str, vol: str, expected: float
) -> None:
    found = told(underwriter, *T4, "--drift", drift, "--real-vol", vol)
    assert found["expected_value"] == pytest.approx(expected, abs=0.7)
    assert found["assumptions"]["real_vol"] == float(vol)


def test_a_covered_call(underwriter: Command) -> None:
    """DOMAIN 4.1: 105 call at 1.67: static 1.67%, if called 6.67%; 3.1: 5000 less 167 to open."""
    call = legs("-1 call 105 35d @1.67")
    found = told(underwriter, *PUT, *call, "--shares", "100")
    assert found["yields"]["cash_secured"] == pytest.approx(0.0167)
    assert found["yields"]["most"] == pytest.approx(0.0667)
    assert found["margin"]["reg_t_initial"] - found["credit"] == pytest.approx(4_833)
    assert (found["max_profit"], found["max_loss"]) == (pytest.approx(667), pytest.approx(9_833))


def test_a_naked_call_has_no_bound(underwriter: Command) -> None:
    found = told(underwriter, *PUT, *legs("-1 call 105 35d @1.67"))
    assert found["max_loss"] is None
    assert found["margin"]["cash_secured"] is None
    assert found["yields"]["max_loss"] is None


def test_an_index_says_its_own_terms(underwriter: Command) -> None:
    """SPX 6000, a put of 5700 at 45 (DOMAIN 3.1): 15%, European, settled in the morning."""
    spx = ("analyse", "--underlying", "spx", "--spot", "6000", *legs("-1 put 5700 35d @45"))
    found = told(underwriter, *spx)
    assert found["margin"]["reg_t_maintenance"] == 64_500.0
    assumed = found["assumptions"]
    assert (assumed["style"], assumed["settlement"]) == ("european", "am")
    evening = told(underwriter, *spx, "--settlement", "pm")
    assert evening["legs"][0]["volatility"] < found["legs"][0]["volatility"]


def test_an_etf_on_a_broad_index(underwriter: Command) -> None:
    """SPY 600, a put of 570 at 4.50: 6,450 at 15%, 9,450 at 20%."""
    spy = ("analyse", "--underlying", "SPY", "--spot", "600", *legs("-1 put 570 35d @4.50"))
    assert told(underwriter, *spy)["margin"]["reg_t_maintenance"] == 9_450.0
    assert told(underwriter, *spy, "--index")["margin"]["reg_t_maintenance"] == 6_450.0


def test_dividends_make_a_put_dearer(underwriter: Command) -> None:
    bare = told(underwriter, *PUT, "--vol", "0.28", *legs("1 put 95 35d"))
    paying = told(
        underwriter, *PUT, "--vol", "0.28", *legs("1 put 95 35d"), "--dividend", "20d:0.5"
    )
    assert 0.0 < paying["price"] - bare["price"] < 50.0
    assert paying["assumptions"]["dividends"] == [["2026-11-22", 0.5]]


def test_scenarios_and_pay_off_hold_together(underwriter: Command) -> None:
    found = told(underwriter, *T4, *legs("1 put 90 35d"))
    here = [
        each for each in found["scenarios"] if (each["spot_move"], each["vol_factor"]) == (0.0, 1.0)
    ]
    assert [each["price"] for each in here] == [pytest.approx(found["price"])]
    spots = [each["spot"] for each in found["payoff"]]
    assert spots == sorted(spots)
    assert max(-each["profit"] for each in found["payoff"]) <= found["max_loss"] + 1e-6


def test_legs_that_live_on_are_said(underwriter: Command) -> None:
    said = underwriter(*PUT, *WORLD, *legs("-1 put 95 35d", "1 put 95 90d"))
    assert "Legs that live on are priced by the model" in " ".join(said.out.split())
    assert (
        told(underwriter, *PUT, *WORLD, *legs("-1 put 95 35d", "1 put 95 90d"))["horizon"]
        == "2026-12-07"
    )


@pytest.mark.parametrize("columns", ["1", "24", "40", "80", "200"])
def test_a_terminal_of_any_width(
    underwriter: Command, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("LINES", "10")
    said = underwriter(*T4, *legs("1 put 90 35d", "-1 call 105 35d @1.67"))
    assert said.code == 0
    room = max(24, min(int(columns), 100))
    assert all(len(line) <= room for line in said.out.splitlines())
    flat = " ".join(said.out.split())
    for each in ("Most lost", "unlimited", "Breakeven", "Profit odds", "vol x2.2", "Assumed:"):
        assert each in flat


def test_the_chart_is_a_file(underwriter: Command, tmp_path: Path) -> None:
    file = tmp_path / "payoff.svg"
    said = underwriter(*T4, "--output", str(file))
    assert said.err == f"chart: {file}\n"
    assert "<svg" in file.read_text(encoding="utf-8")
    assert underwriter(*T4, "--output", str(file), "--json").json["chart"] == str(file)


def refused(said: Told, place: str) -> str:
    """One line that begins with the place; what it says."""
    assert said.code == 2
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert place in line
    return line


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        ([*PUT], "found no --leg; expected"),
        (["analyse", "--spot", "100", *legs("1 put 95 35d")], "found no --underlying; expected"),
        (["analyse", "--underlying", "KO", *legs("1 put 95 35d")], "found no --spot; expected"),
        ([*PUT, *legs("1 put 95 35d", "1 pot 95 35d")], "--leg '1 pot 95 35d': found 'pot'"),
        ([*PUT, *legs("1 put 95 35d")], "--leg '1 put 95 35d': found neither a price nor --vol"),
        ([*PUT, *legs("1 put 120 35d @19")], "--leg '1 put 120 35d @19': found @19"),
        ([*PUT, *legs("1 put 95 35d @96")], "expected a price from"),
        ([*T4, "--spot", "0"], "--spot: found 0; expected a price above 0"),
        ([*T4, "--spot", "nan"], "--spot: found nan"),
        ([*T4, "--spot", "many"], "--spot"),
        ([*T4, "--underlying", "a b c d!"], "--underlying"),
        ([*T4, "--vol", "28"], "--vol: found 28; expected a volatility a year as a fraction"),
        ([*T4, "--vol", "0"], "--vol: found 0"),
        ([*T4, "--real-vol", "-1"], "--real-vol: found -1"),
        ([*T4, "--rate", "4"], "--rate: found 4; expected a fraction a year from 0 to 1"),
        ([*T4, "--yield", "-0.1"], "--yield: found -0.1"),
        ([*T4, "--drift", "inf"], "--drift: found inf; expected a fraction a year from -1 to 1"),
        ([*T4, "--shares", "-5"], "--shares: found -5"),
        ([*T4, "--shares", "5", "--settlement", "pm"], "--shares: found 5 with settlement in cash"),
        ([*T4, "--multiplier", "0"], "--multiplier: found 0"),
        ([*T4, "--style", "asian"], "'--style'"),
        ([*T4, "--settlement", "noon"], "'--settlement'"),
        ([*T4, "--as-of", "2026-02-30"], "--as-of: found '2026-02-30'"),
        ([*T4, "--dividend", "20d:1"], "--yield 0.01: found beside --dividend"),
        ([*T4, "--dividend", "2026-12-20"], "--dividend '2026-12-20': found no colon"),
        ([*T4, "--yield", "0", "--dividend", "20d:100"], "--dividend: found 100 dollars in all"),
        ([*T4, "--output", "a.jpg"], "--output a.jpg: expected a name that ends in .svg"),
        ([*T4, "--output", "none/a.svg"], "--output none/a.svg: found no such folder"),
        ([*PUT, *WORLD, *legs("-1000000 put 90000 35d")], "found a position on 9,000,000,000,000"),
        ([*PUT, *WORLD, *legs(*["1 put 95 35d"] * 21)], "--leg: found 21 of them"),
    ],
)
def test_what_is_refused(underwriter: Command, arguments: list[str], place: str) -> None:
    refused(underwriter(*arguments), place)


def test_a_folder_is_no_chart(underwriter: Command, tmp_path: Path) -> None:
    (tmp_path / "a.svg").mkdir()
    refused(underwriter(*T4, "--output", str(tmp_path / "a.svg")), "found a folder")


def keys(schema: dict[str, Any]) -> set[str]:
    """Every key of an object and of those in it."""
    return {name for each in schema["$defs"].values() for name in each["properties"]}


def test_every_key_is_documented() -> None:
    docs = Path(__file__).parents[2] / "docs"
    schema = json.loads((docs / "schemas" / "analyse.json").read_text(encoding="utf-8"))
    page = (docs / "analyse.md").read_text(encoding="utf-8")
    assert not {name for name in keys(schema) if f"`{name}`" not in page}


def test_every_figure_is_a_number_or_null(underwriter: Command) -> None:
    """Wild and long: ten years at 500%, and a day at 1%."""
    for words, vol in (("-1 call 100 3650d", "5"), ("-1 put 100 1d", "0.01")):
        found = told(underwriter, *PUT, "--vol", vol, *legs(words))
        assert 0.0 <= found["probability_of_profit"] <= 1.0
        assert math.isfinite(found["expected_value"])


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Europe/London", "America/New_York"])
def test_t38_days_are_counted_from_the_exchanges_date(
    monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    """One in the morning of the third by UTC, and ten in Tokyo: in New York it is the second."""

    class Clock(datetime):
        """A clock that stands."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Clock":
            """The same moment in every zone."""
            return cls(2026, 11, 3, 1, 0, tzinfo=UTC).astimezone(tz)

    monkeypatch.setenv("TZ", zone)
    time.tzset()
    monkeypatch.setattr(ask_trade, "datetime", Clock)
    try:
        today = ask_trade._today(None)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert leg("-1 put 95 17d", today).expiry == date(2026, 11, 19)
