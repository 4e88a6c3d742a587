"""Golden runs of every strategy on real chains: SPX in 2026 with bids and asks; shares on AAPL.

Strategies that keep shares have none on an index, so they run on AAPL's last prices of 2026.  Real
quotes stay where they are: what is kept of a run is its counts, its money, a digest of its fills.
`UNDERWRITER_GOLDEN=write` writes the files anew, as for the other golden runs.
"""

from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest

from command_line import Command
from golden.test_golden import hold
from underwriter.book.event import AnyEvent, Assigned, Expired, Filled, Marked, Refused, Settled
from underwriter.book.journal import events as read_journal
from underwriter.core.units import MICRO

pytestmark = pytest.mark.proof

POLICY = """
name = "{name}"
strategy = "{strategy}"
universe = ["{symbol}"]
rungs = 2

[entry]
on = "weekly"
delta = 0.25
dte = {dte}
max_spread = 0.80
{entry}

[manage]
take_profit = 0.50
stop = 2.0
{manage}

[size]
risk_per_position = 0.03
stress = [{{ spot = -0.20, vol = 1.5 }}, {{ spot = -0.04, vol = 2.2 }}, {{ spot = 0.1, vol = 0.8 }}]
per_underlying = 1.0
"""
ROLL = "roll = { when_delta = 0.45, out = [4, 25], at_most = 2 }"
ON_INDEX = ("cash_secured_put", "put_spread", "call_spread", "iron_condor", "strangle")
ON_SHARES = ("wheel", "covered_call", "collar")
ENTRY = {
    "put_spread": "width = 50.0",
    "call_spread": "width = 50.0",
    "iron_condor": "width = 50.0",
    "collar": "long_delta = 0.15",
}
SETTINGS = 'account.starting_cash = 10000000\naccount.collateral = "reg_t"\n'


def summed(events: list[AnyEvent]) -> str:
    """A run as counts, money and a digest."""
    fills = [one for one in events if isinstance(one, Filled)]
    ends = Counter(
        type(one).__name__.lower()
        for one in events
        if isinstance(one, Expired | Settled | Assigned)
    )
    refused = Counter(one.why for one in events if isinstance(one, Refused))
    lines = [
        f"{one.session} {one.sleeve} {one.option} {one.quantity} {one.amount_u} {one.fee_u}"
        for one in fills
    ]
    last = next(one for one in reversed(events) if isinstance(one, Marked))
    told = [
        f"fills {len(fills)}, sold {sum(one.quantity < 0 for one in fills)}",
        *(f"{kind} {count}" for kind, count in sorted(ends.items())),
        *(f"refused {why} {count}" for why, count in sorted(refused.items())),
        f"equity {last.equity_u / MICRO:,.2f}",
        f"digest {sha256(chr(10).join(lines).encode()).hexdigest()[:32]}",
    ]
    return "\n".join([*told, ""])


@pytest.mark.parametrize("strategy", [*ON_INDEX, *ON_SHARES])
def test_a_strategy_on_real_chains_trades_as_it_did(
    underwriter: Command, home: Path, tmp_path: Path, real: Path, strategy: str
) -> None:
    (home / "lake").symlink_to(real / "lake")
    (home / "underwriter.toml").write_text(SETTINGS, encoding="utf-8")
    index = strategy in ON_INDEX
    text = POLICY.format(
        name=strategy.replace("_", "-"),
        strategy=strategy,
        symbol="SPXW" if index else "AAPL",
        dte=[4, 11] if index else [10, 40],
        entry=ENTRY.get(strategy, ""),
        manage="" if strategy in {"wheel", "collar"} else ROLL,
    )
    path = tmp_path / "policy.toml"
    path.write_text(text, encoding="utf-8")
    done = underwriter("backtest", str(path), "--json")
    assert done.code == 0, done.err
    assert done.json["quotes"] == ("quoted" if index else "last")
    events = [one for _, one in read_journal(Path(done.json["journal"]["path"]))]
    assert sum(isinstance(one, Filled) for one in events) >= 10, "or little was compared"
    hold(f"real-{strategy.replace('_', '-')}", summed(events))
