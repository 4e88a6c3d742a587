"""The arithmetic of a plan, figure by figure, from the chain that it was made of."""

from datetime import date
from math import exp, log, sqrt
from pathlib import Path
from statistics import NormalDist
from typing import Any

import pytest

from app.planning import MONDAY, account, planned, policy, spot_on
from command_line import Command
from lakes import RATE, VOLATILITY, black


@pytest.fixture
def put(underwriter: Command, lake: Path, tmp_path: Path) -> dict[str, Any]:
    """The plan of one Monday over an account that begins."""
    assert lake.is_dir()
    return planned(underwriter, policy(tmp_path), "--as-of", MONDAY)


def days_left(leg: dict[str, Any]) -> int:
    return (date.fromisoformat(leg["expiry"]) - date.fromisoformat(MONDAY)).days


def test_a_put_has_its_credit_yield_breakeven_and_share(put: dict[str, Any]) -> None:
    """All from contract, quantity and limit; a million secures them."""
    (order,) = put["orders"]
    (leg,) = order["legs"]
    assert (order["action"], order["why"], leg["right"]) == ("open", "entry_put", "P")
    count, found = order["quantity"], order["opening"]
    assert leg["quantity"] == -count < 0
    assert order["credit"] == pytest.approx(order["limit"] * 100 * count)
    assert found["collateral"] == pytest.approx(leg["strike"] * 100 * count)
    year = order["credit"] * 365 / days_left(leg)
    assert found["yield_on_collateral"] == pytest.approx(year / found["collateral"])
    assert found["breakevens"] == [pytest.approx(leg["strike"] - order["limit"])]
    assert found["share_of_equity"] == pytest.approx(found["collateral"] / 1_000_000)


@pytest.mark.usefixtures("lake")
def test_odds_theta_and_stress_are_those_of_the_chain_it_was_made_of(
    put: dict[str, Any],
) -> None:
    """Black's formula at the chain's own 22% and rate, quotes rounded to the cent a dime wide."""
    (order,) = put["orders"]
    (leg,), found = order["legs"], order["opening"]
    spot, strike, years = spot_on(MONDAY), leg["strike"], days_left(leg) / 365
    deviation = VOLATILITY * sqrt(years)
    shares = 100 * order["quantity"]
    level = spot * exp(RATE * years)
    below = NormalDist().cdf(-(log(level / strike) / deviation - deviation / 2))
    assert found["assignment_odds"] == pytest.approx(below, abs=0.02)
    later = black("put", spot, strike, years - 1 / 365)
    assert found["theta"] == pytest.approx(
        shares * (black("put", spot, strike, years) - later), rel=0.10
    )


def test_the_cap_that_bound_is_named_and_binds(put: dict[str, Any]) -> None:
    """Five parts in a hundred of a million: one contract more would lose more under stress."""
    (order,) = put["orders"]
    found, count = order["opening"], order["quantity"]
    assert found["bound"] == "risk"
    each = found["stress_loss"] / count
    assert found["stress_loss"] <= 50_000 < each * (count + 1)


def test_the_account_after_the_plan_has_the_credit_and_holds_the_position(
    put: dict[str, Any],
) -> None:
    (order,) = put["orders"]
    before, after = put["before"], put["after"]
    assert before["cash"] == before["equity"] == 1_000_000
    assert after["cash"] == pytest.approx(before["cash"] + order["credit"] - order["fees"])
    secured = order["opening"]["collateral"]
    assert secured < after["collateral"] < secured + 50 * order["quantity"], "fees are kept, too"
    assert after["margin"] == pytest.approx(secured)
    assert after["buying_power"] == pytest.approx(after["equity"] - secured, abs=1)
    (held,) = put["positions"]
    assert held["legs"][0]["option"] == order["legs"][0]["option"]
    assert held["legs"][0]["quantity"] == -order["quantity"]


def test_a_months_income_is_expected_targeted_and_bound(put: dict[str, Any]) -> None:
    """Expected is what the options lose by the month's end while nothing moves."""
    (order,) = put["orders"]
    (leg,), told = order["legs"], put["income"]
    assert (told["month"], told["so_far"], told["target"]) == ("2024-02", 0.0, 5_000.0)
    years = days_left(leg) / 365
    spot, shares = spot_on(MONDAY), 100 * order["quantity"]
    left = max(days_left(leg) - 24, 0) / 365  # the 29th is 24 days on
    lost = black("put", spot, leg["strike"], years) - black("put", spot, leg["strike"], left)
    assert told["expected"] == pytest.approx(shares * lost, rel=0.10)
    assert told["shortfall"] == pytest.approx(5_000 - told["expected"])
    assert (told["binding"], told["binding_count"]) == ("risk", 1)


@pytest.mark.usefixtures("lake")
def test_the_months_income_so_far_is_the_reports(underwriter: Command, tmp_path: Path) -> None:
    """A plan of the last session finds what the backtest says of its month up to there."""
    rule = policy(tmp_path)
    done = underwriter("backtest", rule, "--to", "2024-03-28", "--json").json
    plan = planned(underwriter, rule, "--book", done["journal"]["path"], "--as-of", "2024-03-28")
    assert plan["income"]["month"] == "2024-03"
    assert plan["income"]["so_far"] == pytest.approx(done["income_by_month"]["2024-03"])


def test_shares_that_are_held_are_called_and_count_from_their_cost(
    underwriter: Command, lake: Path, tmp_path: Path
) -> None:
    account(lake)
    with (lake / "underwriter.toml").open("a", encoding="utf-8") as file:
        file.write("\n[holdings]\nSYN = 300\n")
    plan = planned(underwriter, policy(tmp_path), "--as-of", MONDAY)
    (call,) = (one for one in plan["orders"] if one["why"] == "entry_call")
    (leg,), found = call["legs"], call["opening"]
    assert (leg["right"], leg["quantity"], found["bound"]) == ("C", -3, None)
    assert found["breakevens"] == [pytest.approx(spot_on(MONDAY) - call["limit"])]
    assert found["collateral"] == pytest.approx(300 * spot_on(MONDAY))
