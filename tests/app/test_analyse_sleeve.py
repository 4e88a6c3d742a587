"""`underwriter analyse --sleeve`, as a user meets it: figures by hand, on journals written here.

KO stands at 62; two puts of 60 were sold at 0.85, fees of 0.66 each, and are marked 0.90.
Then one of 60 was assigned, and on its shares a call of 62 sold at 1.10; KO stands at 59.
"""

import math
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import norm

import write_schemas
from book.journals import COMMON, NOON, SEAT, opening, write
from command_line import Command, Told
from report.json_schema import breaks
from underwriter.book.event import (
    AnyEvent,
    Assigned,
    Filled,
    Marked,
    Moved,
    Quoted,
    SleeveOpened,
)

MARK: dict[str, Any] = {
    "rate": 0.04, "measure": 20.0, "regimes": {}, "shares_u": 0,
    "underlyings": {"KO": Quoted(62_000_000)}, "cash_u": 20_168_679_999,
}  # fmt: skip
HELD = Marked(**{**COMMON, **MARK}, at=NOON + 9, equity_u=19_988_679_999)  # options: -180.00
FRIDAY, MONDAY = date(2026, 2, 20), date(2026, 2, 23)
PUT, CALL = "KO    260220P00060000", "KO    260320C00062000"
BOOK = ("--book", "journal.db")
SLEEVE = ("--sleeve", "wheel:KO")
SCHEMA = write_schemas.STRUCTS["analyse"]


def leg(kind: type[Filled | Assigned], session: date, option: str | None, **other: int) -> AnyEvent:
    told = {"slot": 0, "quantity": 0, "shares": 0, "price_u": 0, "amount_u": 0, "fee_u": 0}
    return kind(**{**SEAT, "session": session}, at=NOON + 10, option=option, **{**told, **other})


def evening(session: date, close: float, cash: float, shares: float, options: float) -> Marked:
    """A mark, in dollars."""
    money = {"cash_u": cash, "shares_u": shares, "equity_u": cash + shares + options}
    amounts = {name: round(each * 1_000_000) for name, each in money.items()}
    quoted = {"KO": Quoted(round(close * 1_000_000))}
    return Marked(**{**COMMON, **MARK, **amounts, "session": session, "underlyings": quoted}, at=9)


def assigned() -> list[AnyEvent]:
    """One put of 60 for 84.34, its shares on a Friday."""
    begun = [event for event in opening() if not isinstance(event, Filled)]
    put = leg(
        Filled, COMMON["session"], PUT, quantity=-1, price_u=850_000, amount_u=85_000_000,
        fee_u=660_000,
    )  # fmt: skip
    shares = leg(Assigned, FRIDAY, PUT, quantity=1, shares=100, amount_u=-6_000_000_000)
    return [*begun, put, shares, evening(FRIDAY, 58.0, 14_084.34, 5_800.0, 0.0)]


def covered() -> list[AnyEvent]:
    """On the Monday a call of 62 for 109.34, marked at 1.20."""
    call = leg(
        Filled, MONDAY, CALL, slot=2, quantity=-1, price_u=1_100_000, amount_u=110_000_000,
        fee_u=660_000,
    )  # fmt: skip
    return [*assigned(), call, evening(MONDAY, 59.0, 14_193.68, 5_900.0, -120.0)]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return write(tmp_path / "journal.db", [*opening(), HELD])


def told(underwriter: Command, journal: Path, *more: str) -> dict[str, Any]:
    said = underwriter("analyse", *SLEEVE, "--book", str(journal), *more, "--json")
    assert (said.code, said.err) == (0, "")
    assert breaks(said.json, SCHEMA, SCHEMA) == []
    return said.json


def test_two_puts_count_from_what_they_brought_in(underwriter: Command, journal: Path) -> None:
    """170 less fees of 1.32 is in; 180 is owed. Naked, a share: 0.90 + 20% of 62 - 2 = 11.30."""
    found = told(underwriter, journal)
    assert found["credit"] == pytest.approx(168.679999)
    assert found["price"] == pytest.approx(-180.0)
    assert found["held"]["profit"] == pytest.approx(168.679999 - 180.0)
    assert found["breakevens"] == [pytest.approx(60.0 - 168.679999 / 200)]
    assert found["max_profit"] == pytest.approx(168.679999)
    assert found["max_loss"] == pytest.approx(12_000.0 - 168.679999)
    assert found["margin"] == {
        "cash_secured": 12_000.0, "reg_t_initial": 2_260.0, "reg_t_maintenance": 2_260.0
    }  # fmt: skip
    assert (found["as_of"], found["horizon"], found["legs"][0]["days"]) == (
        "2026-01-05", "2026-02-20", 46
    )  # fmt: skip
    assert found["held"]["share_cost"] is None
    assert found["held"]["quotes"] == "modelled"


def test_yields_are_of_what_may_still_be_earned(underwriter: Command, journal: Path) -> None:
    """180 on 12,000 in 46 days: 1.5%, 11.9% a year; on what is lost at most from now 11,820."""
    found = told(underwriter, journal)["yields"]
    assert found["cash_secured"] == pytest.approx(0.015)
    assert found["cash_secured_annualised"] == pytest.approx(0.015 * 365 / 46)
    assert found["max_loss"] == pytest.approx(180 / 11_820)


def test_odds_and_expected_value_of_puts(underwriter: Command, journal: Path) -> None:
    """Black's, written out: about the forward, at the leg's volatility, since the opening."""
    found = told(underwriter, journal)
    years, rate, vol = 46 / 365, 0.04, found["legs"][0]["volatility"]
    forward, dev = 62.0 * math.exp(rate * years), vol * math.sqrt(years)
    (even,) = found["breakevens"]
    above = norm.cdf(math.log(forward / even) / dev - dev / 2)
    assert found["probability_of_profit"] == pytest.approx(above)
    d1 = math.log(forward / 60.0) / dev + dev / 2
    put = 60.0 * norm.cdf(dev - d1) - forward * norm.cdf(-d1)
    expected = 168.679999 * math.exp(rate * years) - 200 * put
    assert found["expected_value"] == pytest.approx(expected)


def test_half_a_leg_keeps_half_of_its_money(underwriter: Command, tmp_path: Path) -> None:
    """One of the two bought back at 0.40: 84.34 is of the other, which breaks even at 59.1566."""
    back = leg(
        Filled, COMMON["session"], PUT, quantity=1, price_u=400_000, amount_u=-40_000_000,
        fee_u=660_000,
    )  # fmt: skip
    mark = evening(COMMON["session"], 62.0, 20_128.02, 0.0, -90.0)
    found = told(underwriter, write(tmp_path / "journal.db", [*opening(), back, mark]))
    assert found["credit"] == pytest.approx(84.34, abs=1e-5)
    assert found["breakevens"] == [pytest.approx(59.1566)]


def test_a_roll_counts_from_the_leg_that_is_open(underwriter: Command, tmp_path: Path) -> None:
    """A put of 58 sold at 2.50 for one of 60 bought back at 3.00: 249.34, and 55.5066."""
    later = "KO    260320P00058000"
    begun = assigned()[:-2]
    steps: list[AnyEvent] = [
        leg(Filled, FRIDAY, later, slot=4, quantity=-1, price_u=2_500_000, amount_u=250_000_000,
            fee_u=660_000),
        leg(Filled, FRIDAY, PUT, quantity=1, price_u=3_000_000, amount_u=-300_000_000,
            fee_u=660_000),
        Moved(**{**SEAT, "session": FRIDAY}, at=NOON + 11, slot=4, option=later),
        evening(FRIDAY, 57.0, 20_033.02, 0.0, -260.0),
    ]  # fmt: skip
    found = told(underwriter, write(tmp_path / "journal.db", [*begun, *steps]))
    assert [each["strike"] for each in found["legs"]] == [58.0]
    assert found["credit"] == pytest.approx(249.34)
    assert found["breakevens"] == [pytest.approx(55.5066)]
    assert found["held"]["profit"] == pytest.approx(249.34 - 260.0)


def test_an_index_settles_in_cash(underwriter: Command, tmp_path: Path) -> None:
    """SPX 6000, a put of 5700 at 45 (DOMAIN 3.1): 15% is 64,500; the open of its third Friday."""
    opened, deposited, seat, *_ = opening()
    assert isinstance(seat, SleeveOpened)
    index = SleeveOpened(**{**SEAT, "at": NOON, "name": "puts"}, underlying="SPX", root="SPX",
                         multiplier=100)  # fmt: skip
    put = leg(
        Filled, COMMON["session"], "SPX   260220P05700000", quantity=-1, price_u=45_000_000,
        amount_u=4_500_000_000, fee_u=1_000_000,
    )  # fmt: skip
    mark = Marked(**{**COMMON, **MARK, "underlyings": {"SPX": Quoted(6_000_000_000)}}, at=9,
                  equity_u=20_168_679_999 - 4_500_000_000)  # fmt: skip
    path = write(tmp_path / "journal.db", [opened, deposited, index, put, mark])
    said = underwriter("analyse", "--sleeve", "puts:SPX", "--book", str(path), "--json").json
    assert said["margin"]["reg_t_maintenance"] == 64_500.0
    assert (said["assumptions"]["style"], said["assumptions"]["settlement"]) == ("european", "am")
    assert said["credit"] == 4_499.0


def test_ones_own_world(underwriter: Command, journal: Path) -> None:
    calm = told(underwriter, journal, "--real-vol", "0.05", "--drift", "0.1")
    assert calm["assumptions"]["drift"] == 0.1
    assert calm["expected_value"] > told(underwriter, journal)["expected_value"]


def test_shares_count_from_what_the_campaign_paid(underwriter: Command, tmp_path: Path) -> None:
    """60 less 0.8434 of the put is 59.1566; the call's 1.0934 below that it breaks even."""
    found = told(underwriter, write(tmp_path / "journal.db", covered()))
    assert found["held"]["share_cost"] == pytest.approx(59.1566)
    assert found["credit"] == pytest.approx(109.34)
    assert found["price"] == pytest.approx(-120.0)
    assert found["breakevens"] == [pytest.approx(58.0632)]
    assert found["max_profit"] == pytest.approx(6_200 - 5_915.66 + 109.34)
    assert found["max_loss"] == pytest.approx(5_806.32)
    assert found["held"]["profit"] == pytest.approx(5_900 - 5_915.66 + 109.34 - 120)
    here = [
        each for each in found["scenarios"] if (each["spot_move"], each["vol_factor"]) == (0.0, 1.0)
    ]
    assert [each["profit"] for each in here] == [pytest.approx(found["held"]["profit"])]
    assert found["margin"]["cash_secured"] == 5_900.0
    assert found["margin"]["reg_t_maintenance"] == 1_475.0  # 25% of 5,900
    assert found["yields"]["most"] == pytest.approx((6_200 - 5_900 + 120) / 5_900)


def test_the_expected_value_of_a_covered_call(underwriter: Command, tmp_path: Path) -> None:
    """What was paid costs the rate from now on: shares at 59.1566 less the call's 1.0934."""
    found = told(underwriter, write(tmp_path / "journal.db", covered()))
    years, rate, vol = 25 / 365, 0.04, found["legs"][0]["volatility"]
    forward, dev = 59.0 * math.exp(rate * years), vol * math.sqrt(years)
    d1 = math.log(forward / 62.0) / dev + dev / 2
    call = forward * norm.cdf(d1) - 62.0 * norm.cdf(d1 - dev)
    expected = 100 * (forward - call - 58.0632 * math.exp(rate * years))
    assert found["expected_value"] == pytest.approx(expected)


def test_an_earlier_evening_with_shares_alone(underwriter: Command, tmp_path: Path) -> None:
    """Bought at 59.1566 and at 58: they never expire, so there are no odds."""
    journal = write(tmp_path / "journal.db", covered())
    found = told(underwriter, journal, "--as-of", "2026-02-22")
    assert (found["as_of"], found["horizon"], found["legs"]) == ("2026-02-20", None, [])
    assert (found["probability_of_profit"], found["expected_value"]) == (None, None)
    assert (found["credit"], found["price"], found["max_profit"]) == (0.0, 0.0, None)
    assert found["greeks"]["delta"] == 100.0
    assert found["breakevens"] == [pytest.approx(59.1566)]
    assert found["max_loss"] == pytest.approx(5_915.66)
    assert found["held"]["profit"] == pytest.approx(-115.66)
    assert set(found["yields"].values()) == {None}
    said = underwriter("analyse", *SLEEVE, "--book", str(journal), "--as-of",
                       "2026-02-20").out  # fmt: skip
    assert "100 shares, 59.16 each so far" in said
    assert "Profit odds" not in said


def test_a_position_that_loses_whatever_comes(underwriter: Command, tmp_path: Path) -> None:
    """The call was of 55, not 62, and sold at 3.10: 55 and 3.0934 are less than 59.1566."""
    *begun, call, _ = covered()
    assert isinstance(call, Filled)
    deep = leg(
        Filled, MONDAY, CALL.replace("62000", "55000"), slot=2, quantity=-1, price_u=3_100_000,
        amount_u=310_000_000, fee_u=660_000,
    )  # fmt: skip
    mark = evening(MONDAY, 56.0, 14_393.68, 5_600.0, -290.0)
    path = write(tmp_path / "journal.db", [*begun, deep, mark])
    found = told(underwriter, path)
    assert found["max_profit"] == pytest.approx(100 * (55.0 + 3.0934 - 59.1566))
    assert (found["breakevens"], found["probability_of_profit"]) == ([], 0.0)
    said = underwriter("analyse", *SLEEVE, "--book", str(path)).out
    assert "it loses whatever comes" in said


def test_a_mark_that_no_volatility_meets_is_said(underwriter: Command, tmp_path: Path) -> None:
    """Sold puts are never worth 30 dollars to their seller."""
    mark = evening(COMMON["session"], 62.0, 20_168.68, 0.0, 30.0)
    path = write(tmp_path / "journal.db", [*opening(), mark])
    found = told(underwriter, path)
    assert found["held"]["vol_factor"] == 1.0
    assert found["held"]["missed"] == pytest.approx(found["price"] - 30.0)
    said = " ".join(underwriter("analyse", *SLEEVE, "--book", str(path)).out.split())
    assert "at no factor are the options of account main worth their evening mark" in said


@pytest.mark.parametrize("columns", ["24", "40", "80", "200"])
def test_it_fits_a_terminal(
    underwriter: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "journal.db", covered())
    said = underwriter("analyse", *SLEEVE, "--book", ".")
    assert (said.code, said.err) == (0, "")
    assert all(len(line) <= max(24, min(int(columns), 100)) for line in said.out.splitlines())
    flat = " ".join(said.out.split())
    for each in ("wheel:KO of journal.db, quotes modelled", "it brought in $109.34", "So far",
                 "no fees to come", "entered anew", "fill of 2026-02-23"):  # fmt: skip
        assert each in flat


def test_the_chart_is_a_file(underwriter: Command, journal: Path, tmp_path: Path) -> None:
    file = tmp_path / "payoff.svg"
    said = underwriter("analyse", *SLEEVE, "--book", str(journal), "--output",
                       str(file))  # fmt: skip
    assert (said.code, said.err) == (0, f"chart: {file}\n")
    note = "wheel:KO: At expiry, before fees to come. Quotes modelled."
    assert note in file.read_text(encoding="utf-8")


def test_a_backtests_sleeves_are_what_stress_holds(underwriter: Command, home: Path) -> None:
    """The same prices, and together the account's evening mark."""
    run = underwriter("backtest", "wheel-index", "--to", "2014-03", "--json").json
    book = Path(run["journal"]["path"])
    (account,) = underwriter("book", "stress", str(book), "--json").json["accounts"]
    total = 0.0
    for position in account["positions"]:
        said = underwriter("analyse", "--sleeve", position["sleeve"], "--book", str(book.parent),
                           "--home", str(home), "--json")  # fmt: skip
        assert (said.code, breaks(said.json, SCHEMA, SCHEMA)) == (0, [])
        shown = [(each["strike"], each["price"], each["volatility"]) for each in said.json["legs"]]
        assert shown == [
            (each["strike"], each["price"], each["volatility"]) for each in position["legs"]
        ]
        total += said.json["price"]
    assert account["positions"]
    assert total == pytest.approx(account["options_marked"], abs=0.01)


def refused(said: Told, *places: str) -> str:
    """One line that has the places in it."""
    assert (said.code, said.out) == (2, "")
    (line,) = said.err.splitlines()
    assert [place for place in places if place not in line] == []
    return line


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ([], "found no --underlying, --spot, --leg; expected --underlying, --spot and --leg for"),
        ([*SLEEVE], "--sleeve wheel:KO: found no --book beside it"),
        ([*BOOK], "no --sleeve beside it on the evening of 2026-01-05; expected one that holds"),
        ([*SLEEVE, *BOOK, "--leg", "-1 put 60 45d"], "--leg: found beside --sleeve"),
        ([*BOOK, "--spot", "62", "--yield", "0.01"], "--spot, --yield: found beside --book"),
        ([*SLEEVE, "--shares", "100"], "--shares: found beside --sleeve"),
        ([*SLEEVE, *BOOK, "--multiplier", "10", "--rate", "0"], "--rate, --multiplier: found"),
        (["--sleeve", "wheel:PEP", *BOOK],
         "found no such sleeve in journal.db on the evening of 2026-01-05; expected wheel:KO"),
        (["--sleeve", "", *BOOK], "--sleeve : found no such sleeve"),
        ([*SLEEVE, "--book", "none.db"], "none.db: found no such file"),
        ([*SLEEVE, "--book", "home"], "home/journal.db: found no such file"),
        ([*SLEEVE, "--book", "text.db"], "text.db"),
        ([*SLEEVE, "--book", "young.db"], "young.db: found none marked in the journal"),
        ([*SLEEVE, *BOOK, "--as-of", "2026-01-04"], "expected a day from 2026-01-05 to 2026-01-05"),
        ([*SLEEVE, *BOOK, "--as-of", "2026-01-06"], "--as-of 2026-01-06: found no evening then"),
        ([*SLEEVE, *BOOK, "--as-of", "soon"], "--as-of: found 'soon'"),
        ([*SLEEVE, *BOOK, "--real-vol", "28"], "--real-vol: found 28"),
        ([*SLEEVE, *BOOK, "--drift", "7"], "--drift: found 7"),
        ([*SLEEVE, *BOOK, "--output", "a.jpg"], "--output a.jpg"),
    ],
)  # fmt: skip
def test_what_is_refused(underwriter: Command, journal: Path, words: list[str], place: str) -> None:
    write(journal.parent / "young.db", opening())
    (journal.parent / "text.db").write_text("no journal\n", encoding="utf-8")
    refused(underwriter("analyse", *words), place)


def test_a_sleeve_that_holds_nothing(underwriter: Command, tmp_path: Path) -> None:
    begun = [event for event in opening() if not isinstance(event, Filled)]
    path = write(tmp_path / "flat.db", [*begun, evening(COMMON["session"], 62, 20_000, 0, 0)])
    place = "found nothing held on the evening of 2026-01-05; expected one that holds something"
    refused(underwriter("analyse", *SLEEVE, "--book", str(path)), place, "none does")


def test_many_names_are_shortened_to_the_nearest(underwriter: Command, tmp_path: Path) -> None:
    more = [
        SleeveOpened(
            **{**SEAT, "sleeve": at}, at=NOON, name="wheel", underlying=f"K{at}", root=f"K{at}",
            multiplier=100,
        )
        for at in range(1, 30)
    ]  # fmt: skip
    path = write(tmp_path / "many.db", [*opening(), *more, HELD])
    line = refused(underwriter("analyse", "--sleeve", "wheel:K0", "--book", str(path)), "25 more")
    assert "wheel:KO" in line
