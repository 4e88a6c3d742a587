"""The same short put on the five-year chain by a peer, optopsy: the ratio of times.

make bench-peers     installs optopsy for this run alone, into a throw-away environment below .make

What each accounts for is said with the figures: the two do not do the same work.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl

from five_years import Bench, five_years
from told import seconds, tell

PEER = Path(__file__).resolve().parent / "peer" / "optopsy_run.py"
PLACE = Path(__file__).resolve().parents[1] / ".make" / "peers"
PACKAGE = "optopsy==2.2.0"
POLICY = """
name = "peers"
strategy = "cash_secured_put"
universe = ["SYN"]
entry = { on = "daily", delta = 0.25, dte = [1, 45] }
size = { risk_per_position = 0.03, stress = [{ spot = -0.2, vol = 1.5 }] }
"""
ACCOUNTS = """
Both sell puts near a quarter delta with at most 45 days to expiry, any day, held to expiry.
Underwriter: one account, one position at a time, as it would be traded: cash, collateral, size by
stress loss, caps, fees, half the half-spread, a mark every evening, settlement, 29 figures.
optopsy: every entry that qualifies, each for itself, at the middle of the quote, joined to that
of its last day; no account, cash, size, cap, fee or mark; nothing is held from one day to the next.
So optopsy evaluates more entries, and Underwriter a book on every session."""


def main() -> None:
    """Run both, print both, and the ratio."""
    with five_years() as bench:
        if bench is not None:
            compare(bench)


def compare(bench: Bench) -> None:
    """Time ours and theirs on the same quotes."""
    campaigns, taken = ours(bench)
    tell(f"Underwriter, {campaigns:,} campaigns of one sleeve", "none", taken, "ms", 1e3)
    theirs, entries = peer(bench)
    tell(f"{PACKAGE}, {entries:,} entries", "none", [theirs], "ms", 1e3)
    each = taken[0] / campaigns * 1e6, theirs / entries * 1e6
    print(f"ratio of times: {theirs / taken[0]:,.0f} to one")
    print(
        f"an entry: {each[0]:.1f} us of Underwriter's run, {each[1]:.1f} us of optopsy's", ACCOUNTS
    )


def ours(bench: Bench) -> tuple[int, list[float]]:
    """The campaigns of one configuration, and its times with all figures, warm."""
    from underwriter.app import wire  # noqa: PLC0415  kernels: after the home
    from underwriter.app.backtest import setup_of  # noqa: PLC0415
    from underwriter.app.policy_file import parse_policy  # noqa: PLC0415
    from underwriter.app.request import Request  # noqa: PLC0415
    from underwriter.app.settings import Settings  # noqa: PLC0415
    from underwriter.sim.sweep import Room, outcomes  # noqa: PLC0415

    policy = parse_policy(Path("peers"), POLICY)
    request = Request(policy, bench.house, Settings(), bench.house.home / "run")
    found = wire.ground(request)
    slab = found.slab(bench.house.home)
    room, setup = Room(slab), setup_of(request, slab, found.day)
    done = outcomes(room, [setup])[0]
    taken = seconds(lambda: outcomes(room, [setup]), 100)
    return int(done.campaigns), taken


def peer(bench: Bench) -> tuple[float, int]:
    """The peer's fastest run and its entries, in an environment that is gone afterwards."""
    shutil.rmtree(PLACE, ignore_errors=True)
    try:
        subprocess.run([sys.executable, "-m", "venv", str(PLACE)], check=True)  # noqa: S603  our own
        python = str(PLACE / "bin" / "python")
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE]
        subprocess.run(pip, check=True, stderr=subprocess.DEVNULL)  # noqa: S603
        folder = columns(bench)
        run = [python, str(PEER), str(folder)]
        said = subprocess.run(run, check=True, capture_output=True, text=True)  # noqa: S603
    finally:
        shutil.rmtree(PLACE, ignore_errors=True)
    taken, entries = said.stdout.split()
    return float(taken), int(entries)


def columns(bench: Bench) -> Path:
    """The chain's columns, saved one by one: neither side is timed while it reads them."""
    folder = bench.scratch / "columns"
    folder.mkdir()
    closes = pl.read_parquet(bench.chain / "underlying.parquet").select("date", "close")
    frame = pl.read_parquet(bench.chain / "options.parquet").join(closes, on="date")
    told = frame.select(
        "strike",
        "bid",
        "ask",
        "delta",
        "close",
        put=(pl.col("type") == "put").cast(pl.Int8),
        expiry=pl.col("expiration").cast(pl.Date).cast(pl.Int32),
        day=pl.col("date").cast(pl.Date).cast(pl.Int32),
    )
    for name in told.columns:
        np.save(folder / f"{name}.npy", told[name].to_numpy())
    return folder


if __name__ == "__main__":
    main()
