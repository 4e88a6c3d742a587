"""`plan` and `sweep` of every strategy: on the demo's modelled market, and on real chains."""

from pathlib import Path

import polars as pl
import pytest

from app.planning import STRATEGIES, planned
from app.test_real_strategies import ENTRY, ON_INDEX, POLICY, ROLL, SETTINGS
from command_line import Command
from underwriter.book.event import Approved
from underwriter.book.journal import events as read_journal

pytestmark = pytest.mark.proof

OPENS = {
    "wheel": 1, "cash_secured_put": 1, "covered_call": 1, "put_spread": 2, "call_spread": 2,
    "iron_condor": 4, "strangle": 2, "collar": 2,
}  # legs of a position that is opened  # fmt: skip
GRID = '"entry.delta" = [0.15, 0.30]\n"manage.take_profit" = [0.0, 0.5]\n'


def written(folder: Path, strategy: str, symbol: str, width: float, dte: list[int]) -> Path:
    """A policy of a strategy on one underlying."""
    text = POLICY.format(
        name=strategy.replace("_", "-"),
        strategy=strategy,
        symbol=symbol,
        dte=dte,
        entry=ENTRY.get(strategy, "").replace("50.0", str(width)),
        manage="" if strategy in {"wheel", "collar"} else ROLL,
    )
    path = folder / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return path


def opens(underwriter: Command, path: Path, strategy: str, *words: str) -> None:
    """A plan opens a position of the strategy, within its caps, and says what it brings."""
    told = planned(underwriter, str(path), *words)
    (order,) = [one for one in told["orders"] if one["opening"]]
    assert len(order["legs"]) == OPENS[strategy]
    sold = [leg for leg in order["legs"] if leg["quantity"] < 0]
    bought = [leg for leg in order["legs"] if leg["quantity"] > 0]
    assert {leg["right"] for leg in sold} == rights(strategy)
    paid = sum(-leg["quantity"] * leg["price"] for leg in [*sold, *bought])
    assert order["credit"] == pytest.approx(100 * paid)
    assert (order["shares"] > 0) == (strategy in {"covered_call", "collar"})
    assert 0.0 < order["opening"]["stress_loss"] <= 0.03 * told["before"]["equity"] + 0.01
    if strategy in {"put_spread", "call_spread"}:
        width = abs(sold[0]["strike"] - bought[0]["strike"])
        assert order["opening"]["collateral"] == pytest.approx(100 * width * order["quantity"])


def rights(strategy: str) -> set[str]:
    """The rights that a strategy sells first."""
    if strategy in {"iron_condor", "strangle"}:
        return {"P", "C"}
    return {"C"} if strategy in {"covered_call", "call_spread", "collar"} else {"P"}


def sweeps(underwriter: Command, home: Path, path: Path, *words: str) -> None:
    """A sweep runs every configuration as a backtest of it does."""
    grid = home / "grid.toml"
    grid.write_text(GRID, encoding="utf-8")
    told = underwriter("sweep", str(path), "--grid", str(grid), "--json", *words)
    assert told.code == 0, told.err
    results = pl.read_parquet(told.json["results"])
    assert results.height == 4
    assert (results["approved"] > 0).all()
    third = results.filter((pl.col("entry.delta") == 0.3) & (pl.col("manage.take_profit") == 0.0))
    text = path.read_text(encoding="utf-8").replace("delta = 0.25", "delta = 0.30")
    path.write_text(text.replace("take_profit = 0.50", "take_profit = 0.0"), encoding="utf-8")
    alone = underwriter("backtest", str(path), "--json", *words)
    assert alone.code == 0, alone.err
    assert third["policy_hash"].item() == alone.json["policy_hash"]
    assert third["total_return"].item() == pytest.approx(alone.json["total_return"], abs=1e-9)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_strategy_is_planned_and_swept_on_the_demos_market(
    underwriter: Command, home: Path, tmp_path: Path, strategy: str
) -> None:
    (home / "underwriter.toml").write_text(SETTINGS, encoding="utf-8")
    path = written(tmp_path, strategy, "SPX/10", 5.0, [20, 45])
    opens(underwriter, path, strategy, "--as-of", "2015-03-02")
    sweeps(underwriter, home, path, "--from", "2015-01", "--to", "2015-06")


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_strategy_is_planned_and_swept_on_real_chains(
    underwriter: Command, home: Path, tmp_path: Path, real: Path, strategy: str
) -> None:
    (home / "lake").symlink_to(real / "lake")
    (home / "underwriter.toml").write_text(SETTINGS, encoding="utf-8")
    index = strategy in ON_INDEX
    symbol, dte = ("SPXW", [4, 11]) if index else ("AAPL", [10, 40])
    path = written(tmp_path, strategy, symbol, 50.0, dte)
    sweeps(underwriter, home, path)
    opens(underwriter, path, strategy, "--as-of", monday(underwriter, path))


def monday(underwriter: Command, path: Path) -> str:
    """The last session on which a run of the policy opened a position."""
    journal = Path(underwriter("backtest", str(path), "--json").json["journal"]["path"])
    events = [one for _, one in read_journal(journal)]
    opened = [one for one in events if isinstance(one, Approved) and one.action == "open"]
    return str([one.session for one in opened if one.why.startswith("entry")][-1])
