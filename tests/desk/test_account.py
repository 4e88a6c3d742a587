"""What an account's answer means: approval by strategy (T66), buying power, feed (T32), status."""

from typing import Any

import pytest

from underwriter.core.units import to_u
from underwriter.desk.account import (
    LEVELS,
    NEVER,
    AccountSeen,
    Fed,
    PaperCheck,
    faults,
    standing,
    why_held,
)
from underwriter.desk.brokers.paper_account import Account

SEEN = AccountSeen(
    "alpaca", "***1234", False, "ACTIVE", True, "", 3, to_u(20_000.0), "real-time", "opra", 0
)


class Seen:
    """An account check that always answers alike."""

    def __init__(self, seen: AccountSeen) -> None:
        self.seen = seen

    def account(self) -> AccountSeen:
        """The answer."""
        return self.seen


def found(strategies: dict[str, str] | None = None, **fields: Any) -> list[tuple[bool, str, str]]:  # noqa: ANN401
    """Faults as (grave, what, found)."""
    seen = SEEN._replace(**fields)
    return [(one.grave, one.what, one.found) for one in faults(seen, strategies or {})]


def test_an_account_that_may_do_what_the_policies_ask_has_no_fault() -> None:
    assert found({"a": "wheel", "b": "iron_condor"}) == []


@pytest.mark.parametrize(
    ("strategy", "needed"),
    # docs.alpaca.markets, Options Trading: level 1 sells covered calls and cash-secured puts,
    # level 2 buys calls and puts too, level 3 trades spreads too
    [
        ("cash_secured_put", 1), ("covered_call", 1), ("wheel", 1), ("collar", 2),
        ("put_spread", 3), ("call_spread", 3), ("iron_condor", 3),
    ],
)  # fmt: skip
def test_t66_each_strategy_needs_its_level_of_approval(strategy: str, needed: int) -> None:
    assert found({"mine": strategy}, level=needed) == []
    said = f"mine: {strategy} needs options level {needed}, found {needed - 1}"
    assert found({"mine": strategy}, level=needed - 1) == [(True, "approval", said)]


def test_t66_what_a_broker_never_takes_is_said_before_it_is_rejected() -> None:
    assert found({"mine": "strangle"}, level=3) == [
        (True, "approval", "mine: alpaca takes no strangle")
    ]
    assert LEVELS["alpaca"]["strangle"] == NEVER


def test_a_broker_without_levels_is_asked_for_none() -> None:
    assert found({"mine": "strangle"}, broker="paper", level=None) == []


def test_t66_no_buying_power_is_grave() -> None:
    assert found(buying_power_u=0) == [(True, "buying power", "0.00 for options")]


def test_t32_delayed_quotes_are_said_and_are_grave_where_money_moves() -> None:
    said = "quotes are delayed (indicative)"
    assert found(feed="delayed", feed_name="indicative") == [(True, "feed", said)]
    assert found(feed="delayed", feed_name="indicative", practice=True) == [(False, "feed", said)]
    ((grave, what, none),) = found(feed="none", feed_name="no subscription", practice=True)
    assert (grave, what) == (True, "feed")
    assert "no subscription" in none


def test_t32_chains_that_were_collected_are_not_of_the_moment_where_money_moves() -> None:
    said = "quotes are not of the moment (chains of the lake)"
    seen = Fed(Seen(SEEN), "collected", "chains of the lake").account()
    assert [(one.grave, one.found) for one in faults(seen, {})] == [(True, said)]
    assert list(faults(seen._replace(practice=True), {})) == []


def test_t71_an_account_that_is_not_kept_in_dollars_is_said() -> None:
    assert found(currency="EUR") == [(True, "currency", "it is kept in EUR")]


def test_t68_a_desk_holds_back_for_the_account_and_its_quotes_alone() -> None:
    """What it may buy with, and is approved for, its broker answers order by order."""
    assert standing(SEEN._replace(buying_power_u=0, level=0)) == ()
    both = standing(SEEN._replace(blocked="trading blocked", feed="delayed", feed_name="iex"))
    said = "alpaca: account: trading blocked; alpaca: feed: quotes are delayed (iex)"
    assert why_held(both, "alpaca") == said
    practice = standing(SEEN._replace(practice=True, feed="delayed"))
    assert (len(practice), why_held(practice, "alpaca")) == (1, "")


def test_an_account_that_may_not_trade_says_why() -> None:
    assert found(active=False, status="APPROVAL_PENDING") == [
        (True, "account", "its status is APPROVAL_PENDING")
    ]
    assert found(blocked="trading is blocked")[0][2] == "trading is blocked"


def test_every_fault_has_its_mend() -> None:
    seen = SEEN._replace(active=False, level=0, buying_power_u=-1, feed="delayed")
    said = list(faults(seen, {"a": "wheel", "b": "strangle"}))
    assert len(said) == 5
    assert all(one.mend for one in said)


def test_paper_is_told_as_it_is_kept_and_has_no_levels() -> None:
    assert PaperCheck(lambda: None).account().number == ""
    seen = PaperCheck(lambda: Account(number="paper", cash_u=to_u(5_000.0))).account()
    assert (seen.number, seen.practice, seen.buying_power_u) == ("paper", True, to_u(5_000.0))
    assert list(faults(seen, {"mine": "strangle"})) == []
