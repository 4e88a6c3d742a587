"""Several policies in one account: its cash and caps are shared, and each keeps its own books."""

from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.planning import MONDAY, account, planned, policy
from app.test_plan import planned_as_run
from command_line import Command
from underwriter.app.policy_file import WrittenPolicy, parse_policy
from underwriter.app.request import Request, together
from underwriter.app.setting_up import seats_of
from underwriter.app.settings import Settings, open_house
from underwriter.app.shipped import find_policies
from underwriter.book.event import (
    AnyEvent,
    Assigned,
    Deposited,
    Expired,
    Filled,
    Marked,
    SleeveOpened,
)
from underwriter.book.journal import events as read_journal
from underwriter.core.errors import InputError
from underwriter.sim.backtest import Seat

RULE = """
name = "{name}"
strategy = "cash_secured_put"
universe = {universe}
rungs = {rungs}
decide_at = "{at}"
least_capital = 600000

[entry]
dte = [10, 40]
delta = 0.30
max_spread = 0.80

[size]
risk_per_position = 0.05
stress = [{{ spot = -0.20, vol = 1.5 }}]
"""
OF_TWO_MOMENTS = (
    "two.toml, line 6: found decide_at = 10:00 beside one, which decides at 15:45; expected one "
    "moment for all policies of an account"
)
MONTHS = ("--from", "2015-01", "--to", "2015-06")


def rule(
    name: str, universe: str = '["SPX/10"]', at: str = "15:45", rungs: int = 1
) -> WrittenPolicy:
    """A policy of a name."""
    text = RULE.format(name=name, universe=universe, at=at, rungs=rungs)
    return parse_policy(Path(f"{name}.toml"), text)


def request(*policies: WrittenPolicy, **settings: object) -> Request:
    """A run of several."""
    first, *others = policies
    given = Settings.model_validate(settings)
    return Request(first, open_house(None), given, Path("nowhere"), others=tuple(others))


def book_of(underwriter: Command, *words: str) -> tuple[dict[str, Any], list[AnyEvent]]:
    """A backtest and its events."""
    done = underwriter("backtest", *words, *MONTHS, "--json")
    assert done.code == 0, done.err
    return done.json, [event for _, event in read_journal(Path(done.json["journal"]["path"]))]


def fills_of(events: list[AnyEvent], name: str) -> list[tuple[date, str | None, int, int]]:
    """What a policy traded: day, option, quantity, money."""
    mine = {one.sleeve for one in events if isinstance(one, SleeveOpened) and one.name == name}
    return [
        (one.session, one.option, one.quantity, one.amount_u)
        for one in events
        if isinstance(one, Filled) and one.sleeve in mine
    ]


# --- what is asked for ---


def test_a_universe_is_that_of_all_each_symbol_once() -> None:
    both = request(rule("one", '["KO", "SPY"]'), rule("two", '["SPY", "QQQ"]', rungs=2))
    assert both.universe == ("KO", "SPY", "QQQ")
    assert both.name == "one+two"
    assert both.hash == "+".join(each.hash for each in both.policies)


def test_each_policy_has_its_sleeves_and_shares_stand_on_one_of_them() -> None:
    """SPY, number 1, is held once: the first rung of the first policy that names it has it."""
    both = request(
        rule("one", '["KO", "SPY"]'),
        rule("two", '["SPY", "QQQ"]', rungs=2),
        holdings={"SPY": 300, "QQQ": 100},
    )
    assert seats_of(both) == (
        Seat(0, 0, 0, 0),
        Seat(0, 1, 0, 300),
        Seat(0, 1, 1, 0),
        Seat(0, 1, 1, 0),
        Seat(0, 2, 1, 100),
        Seat(0, 2, 1, 0),
    )


def test_shares_stand_with_a_policy_that_keeps_them() -> None:
    """A put spread would sell them, whatever the order of the words."""
    for names in (
        ["put-spread-index", "covered-call-index"],
        ["covered-call-index", "wheel-index"],
    ):
        asked = request(*find_policies(names), holdings={"SPX/10": 1000})
        (seat,) = [each for each in seats_of(asked) if each.shares]
        assert asked.policies[seat.policy].name == "covered-call-index"
        assert seat.shares == 1000
    alone = request(*find_policies(["put-spread-index"]), holdings={"SPX/10": 1000})
    assert [each.shares for each in seats_of(alone) if each.shares] == [1000]


def test_together_they_need_the_capital_of_both() -> None:
    """600,000 each, where nobody says with what to begin and the usual is less."""
    assert Settings().account.starting_cash < 1_800_000
    three = request(rule("one"), rule("two"), rule("three"))
    assert three.starting_cash == 1_800_000
    assert request(rule("one"), account={"starting_cash": 5_000}).starting_cash == 5_000


def test_a_long_name_is_cut() -> None:
    many = request(*(rule(f"{'x' * 50}-{at}") for at in range(4)))
    other = request(*(rule(f"{'x' * 50}-{at}") for at in (0, 1, 2, 4)))
    assert many.name.startswith(f"{'x' * 50}-0+3-")
    assert len(many.name) <= 120
    assert many.name != other.name, "or one run would stand in the place of the other"


@pytest.mark.parametrize(
    ("policies", "said"),
    [
        ([rule("one"), rule("two"), rule("one")], "POLICY: found one twice; expected each once"),
        (
            [rule("one"), rule("two", at="10:00")],
            OF_TWO_MOMENTS,
        ),
        (
            [rule(f"p{at}") for at in range(21)],
            "POLICY: found 21 policies; expected at most 20",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(policies: list[WrittenPolicy], said: str) -> None:
    with pytest.raises(InputError) as refusal:
        together(policies)
    assert str(refusal.value) == said


def test_what_is_modelled_goes_with_nothing_else(underwriter: Command, tmp_path: Path) -> None:
    path = tmp_path / "ko.toml"
    path.write_text(rule("ko", '["KO"]').source.text, encoding="utf-8")
    done = underwriter("backtest", "wheel-index", str(path))
    assert done.code == 2
    assert "found KO in universe beside SPX/10, which is modelled" in done.err
    assert done.err.count("\n") == 1


def test_two_roots_of_one_underlying_are_refused(underwriter: Command, tmp_path: Path) -> None:
    """Each would have the whole of per_underlying."""
    paths = []
    for name, universe in (("one", '["SPX"]'), ("two", '["SPXW"]')):
        path = tmp_path / f"{name}.toml"
        path.write_text(rule(name, universe).source.text, encoding="utf-8")
        paths.append(str(path))
    said = "found SPXW in universe beside SPX, both of SPX; expected one root of an underlying"
    for words in (("backtest",), ("plan",)):
        done = underwriter(*words, *paths)
        assert done.code == 2
        assert said in done.err
    lone = tmp_path / "both.toml"
    lone.write_text(rule("both", '["SPX", "SPXW"]').source.text, encoding="utf-8")
    assert said in underwriter("backtest", str(lone)).err


# --- what comes of it ---


def test_with_room_for_all_each_trades_as_it_would_alone(
    underwriter: Command, tmp_path: Path, home: Path
) -> None:
    """Sized by a purse of ten million and one put at a time, nobody is in the other's way.

    A put of 200 loses 3,000 to 4,000 under the stress, and 0.055% of the purse is 5,500.
    """
    (home / "underwriter.toml").write_text("account.starting_cash = 10000000", encoding="utf-8")
    paths = []
    for name, delta in (("near", 0.40), ("far", 0.15)):
        text = rule(name).source.text.replace("delta = 0.30", f"delta = {delta}")
        path = tmp_path / f"{name}.toml"
        path.write_text(text.replace("0.05\n", "0.00055\n"), encoding="utf-8")
        paths.append(str(path))
    told, events = book_of(underwriter, *paths)
    assert told["policy"] == ["near", "far"], "as given, and as their hashes"
    assert len(told["policy_hash"].split("+")) == 2
    assert Path(told["journal"]["path"]).parent.name == "near+far"
    for name, path in zip(("near", "far"), paths, strict=True):
        alone = fills_of(book_of(underwriter, path)[1], name)
        assert len(alone) >= 3
        assert fills_of(events, name) == alone


def test_shares_decided_beforehand_are_the_accounts(
    underwriter: Command, home: Path, tmp_path: Path
) -> None:
    """Each wants a hundred at most; two puts at once would bring two hundred."""
    (home / "underwriter.toml").write_text("account.starting_cash = 10000000", encoding="utf-8")
    paths = []
    for name in ("one", "two"):
        path = tmp_path / f"{name}.toml"
        text = f'{rule(name).source.text}[own."SPX/10"]\nmax_shares = 100\n'
        path.write_text(text, encoding="utf-8")
        paths.append(str(path))
    told, events = book_of(underwriter, *paths)
    assert told["refused"]["own"] > 0
    assert most_held(events) == 1


def test_a_small_account_is_shared(underwriter: Command, home: Path, tmp_path: Path) -> None:
    """With cash for one put of 200, two policies never secure two at once, and one deposit is."""
    (home / "underwriter.toml").write_text("account.starting_cash = 35000", encoding="utf-8")
    paths = []
    for name in ("one", "two"):
        path = tmp_path / f"{name}.toml"
        text = rule(name).source.text.replace("0.05", "0.10").replace("least_capital = 600000", "")
        path.write_text(text.replace("[size]", "[size]\nper_underlying = 1.0"), encoding="utf-8")
        paths.append(str(path))
    told, events = book_of(underwriter, *paths)
    assert sum(isinstance(one, Deposited) for one in events) == 1
    assert told["refused"]["underlying"] > 0
    assert most_held(events) == 1
    assert all(one.cash_u >= 0 for one in events if isinstance(one, Marked))


def most_held(events: list[AnyEvent]) -> int:
    """The most contracts that were sold at one evening, over all sleeves."""
    held: defaultdict[int, int] = defaultdict(int)
    most = 0
    for one in events:
        if isinstance(one, Filled) and one.option:
            held[one.sleeve] += one.quantity
        if isinstance(one, Expired | Assigned):
            held[one.sleeve] = 0
        if isinstance(one, Marked):
            most = max(most, -sum(held.values()))
    return most


def test_a_plan_of_two_decides_what_a_run_of_two_decided(
    underwriter: Command, lake: Path, tmp_path: Path
) -> None:
    account(lake, 'collateral = "reg_t"')
    first = policy(tmp_path, "wheel")
    second = tmp_path / "spread.toml"
    text = Path(policy(tmp_path, "put_spread")).read_text(encoding="utf-8")
    second.write_text(text.replace('name = "test"', 'name = "spread"'), encoding="utf-8")
    first = policy(tmp_path, "wheel")
    planned_as_run(underwriter, first, str(second))
    told = planned(underwriter, first, str(second), "--as-of", MONDAY)
    assert told["policy"] == "test+spread"
    assert told["income"]["target"] == 10_000
    names = {one["name"] for kind in ("orders", "refused") for one in told[kind]}
    assert names == {"test:SYN", "spread:SYN"}


def test_shipped_policies_go_together() -> None:
    both = find_policies(["wheel-index", "put-spread-index"])
    assert [each.name for each in both] == ["wheel-index", "put-spread-index"]


def test_no_policy_at_all_is_one_line() -> None:
    """As of the book of a desk that was begun without one."""
    with pytest.raises(InputError, match="POLICY: found none; expected one policy or more"):
        together([])
