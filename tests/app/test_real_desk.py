"""`trade --paper` on real chains, SPX in 2026 with bids and asks, beside a backtest of them."""

from pathlib import Path

import pytest

from app.desks import broken, decisions, evenings, fills, told
from app.test_real_strategies import ENTRY, ON_INDEX, POLICY, ROLL, SETTINGS
from command_line import Command
from underwriter.book.event import Approved
from underwriter.book.verify import verify

pytestmark = pytest.mark.proof


@pytest.fixture
def chains(home: Path, real: Path) -> Path:
    """A home on the real lake."""
    (home / "lake").symlink_to(real / "lake")
    (home / "underwriter.toml").write_text(SETTINGS, encoding="utf-8")
    return home


@pytest.mark.parametrize("strategy", ON_INDEX)
def test_t90_a_paper_desk_trades_a_strategy_on_real_chains_as_the_backtest_does(
    underwriter: Command, chains: Path, tmp_path: Path, strategy: str
) -> None:
    text = POLICY.format(
        name=strategy.replace("_", "-"), strategy=strategy, symbol="SPXW", dte=[4, 11],
        entry=ENTRY.get(strategy, ""), manage=ROLL,
    )  # fmt: skip
    path = tmp_path / "policy.toml"
    path.write_text(text, encoding="utf-8")
    same(underwriter, chains, str(path), strategy.replace("_", "-"))


def test_t90_a_paper_desk_sells_weekly_puts_on_real_chains_as_the_backtest_does(
    underwriter: Command, chains: Path
) -> None:
    approved = same(underwriter, chains, "spx-weekly-put", "spx-weekly-put")
    assert approved == 19


def same(underwriter: Command, home: Path, policy: str, name: str) -> int:
    """Hold a paper run over every day there is against the backtest; how many were approved."""
    traded = underwriter("trade", policy, "--paper", "--from", "2026", "--json")
    assert traded.code == 0, traded.err
    assert broken("trade", traded.json) == []
    tested = underwriter("backtest", policy, "--json")
    assert tested.code == 0, tested.err
    book = home / "replays" / name / "journal.db"
    ours, theirs = told(book), told(Path(tested.json["journal"]["path"]))
    assert len(fills(ours)) >= 10, "or little was compared"
    assert decisions(ours) == decisions(theirs)
    assert fills(ours) == fills(theirs)
    assert evenings(ours) == evenings(theirs)
    assert verify(book).ok
    return sum(isinstance(one, Approved) for one in ours)
