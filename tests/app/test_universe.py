"""What a strategy needs of its underlying and its account, refused in one line if it lacks."""

from pathlib import Path

import pytest

from app.test_compiled import PLAIN
from command_line import Command
from underwriter.app.policy_file import WrittenPolicy, parse_policy
from underwriter.app.request import Named
from underwriter.app.settings import Account
from underwriter.app.universe import needs_margin, needs_shares, share
from underwriter.core.errors import InputError
from underwriter.market.instrument import SPX_TICKS, Instrument

INDEX = Instrument("SPX", "SPX", "european", "cash-am", SPX_TICKS)


def of(strategy: str) -> WrittenPolicy:
    """A policy of a strategy, with the legs it needs."""
    legs = {
        "collar": "long_delta = 0.1",
        "put_spread": "width = 5",
        "iron_condor": "width = 5",
        "call_spread": "width = 5",
    }
    text = PLAIN.replace("cash_secured_put", strategy)
    return parse_policy(
        Path("policy.toml"), text.replace("[entry]", f"[entry]\n{legs.get(strategy, '')}")
    )


@pytest.mark.parametrize("strategy", ["wheel", "covered_call", "collar"])
def test_what_needs_shares_is_refused_on_what_settles_in_cash(strategy: str) -> None:
    with pytest.raises(InputError) as refusal:
        needs_shares(Named(of(strategy), 0), INDEX)
    said = str(refusal.value)
    assert said.startswith("policy.toml, line 4: found SPX/10 in universe, which settles in cash")
    assert strategy in said
    assert "\n" not in said
    needs_shares(Named(of(strategy), 0), share("SPY"))


@pytest.mark.parametrize("strategy", ["cash_secured_put", "put_spread", "iron_condor", "strangle"])
def test_the_others_trade_it(strategy: str) -> None:
    needs_shares(Named(of(strategy), 0), INDEX)


@pytest.mark.parametrize(
    ("strategy", "stress", "said"),
    [
        ("call_spread", "{ spot = -0.20, vol = 1.5 }", "above 0 in size.stress under call_spread"),
        ("iron_condor", "{ spot = -0.20, vol = 1.5 }", "above 0 in size.stress under iron_condor"),
        ("strangle", "{ spot = 0.0, vol = 3.0 }", "above 0 in size.stress under strangle"),
        ("put_spread", "{ spot = 0.10, vol = 0.8 }", "below 0 in size.stress under put_spread"),
        ("wheel", "{ spot = 0.10, vol = 0.8 }", "below 0 in size.stress under wheel"),
        ("call_spread", "{ spot = 0.10, vol = 0.8 }", None),
        ("put_spread", "{ spot = -0.20, vol = 1.5 }", None),
    ],
)
def test_some_scenario_hurts_what_is_sold(strategy: str, stress: str, said: str | None) -> None:
    """Else nothing but its collateral would bound its size."""
    text = of(strategy).source.text
    (line,) = [each for each in text.splitlines() if each.startswith("stress")]
    asked = text.replace(line, f"stress = [{stress}]")
    if said is None:
        assert parse_policy(Path("policy.toml"), asked).content.strategy == strategy
        return
    with pytest.raises(InputError, match=said):
        parse_policy(Path("policy.toml"), asked)


def test_a_strangle_needs_a_margin_account() -> None:
    with pytest.raises(InputError) as refusal:
        needs_margin([of("iron_condor"), of("strangle")], Account())
    assert str(refusal.value) == (
        "policy.toml, line 3: found strangle in strategy under "
        'account.collateral = "cash_secured"; expected account.collateral = "reg_t" in the '
        "settings, or strategy iron_condor"
    )
    needs_margin([of("strangle")], Account(collateral="reg_t"))
    needs_margin([of("iron_condor")], Account())


def test_it_is_refused_before_anything_is_written(
    underwriter: Command, home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "strangle.toml"
    path.write_text(of("strangle").source.text, encoding="utf-8")
    done = underwriter("backtest", str(path))
    assert done.code == 2
    assert "account.collateral" in done.err
    assert done.err.count("\n") == 1
    assert not (home / "runs").exists()
