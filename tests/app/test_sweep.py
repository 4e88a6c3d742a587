"""`underwriter sweep`: the same table whoever runs it, resumed where it was cut, honestly told."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from command_line import Command
from lakes import filled, written
from underwriter.app import wire
from underwriter.app.grid_file import read_grid
from underwriter.app.policy_file import WrittenPolicy
from underwriter.app.request import Request
from underwriter.app.setting_up import setup_of
from underwriter.app.settings import Settings, open_house
from underwriter.app.shipped import find_policy
from underwriter.app.sweep import setups_of
from underwriter.app.trials import trials
from underwriter.sim import cluster as cluster_of
from underwriter.sim.backtest import run

COMMAND = [sys.executable, "-c", "from underwriter.app.cli.main import main; main()"]
SMALL = '"rungs" = [1, 2, 3]\n"entry.dte" = [[20, 40], [25, 45]]\n'
LARGE = """
"size.risk_per_position" = { from = 0.005, to = 0.08 }
"manage.take_profit" = { from = 0.0, to = 0.9 }
"entry.dte" = [[20, 40], [25, 45], [15, 30]]
"screen.max_price" = [210, 1000]
[sample]
method = "random"
count = 1500
seed = 5
"""


@pytest.fixture
def grid(tmp_path: Path) -> Path:
    """A small grid."""
    path = tmp_path / "grid.toml"
    path.write_text(SMALL, encoding="utf-8")
    return path


def table(home: Path, name: str = "wheel-index") -> bytes:
    """The Parquet of a sweep."""
    return (home / "sweeps" / name / "results.parquet").read_bytes()


def fresh(home: Path) -> None:
    """Forget what earlier sweeps left."""
    for block in (home / "cache" / "sweeps").rglob("*.npy"):
        block.unlink()


def test_table_page_and_object(underwriter: Command, home: Path, grid: Path) -> None:
    told = underwriter("sweep", "wheel-index", "--grid", str(grid), "--to", "2014-12", "--json")
    assert told.code == 0, told.err
    found, folder = told.json, home / "sweeps" / "wheel-index"
    results = pl.read_parquet(folder / "results.parquet")
    assert results["rungs"].to_list() == [1, 1, 2, 2, 3, 3]
    assert results["entry.dte"].to_list() == [[20, 40], [25, 45]] * 3
    assert found["tried"] == results.height == 6
    best = results.sort("sharpe", descending=True).row(0, named=True)
    assert found["best"]["configuration"] == best["configuration"]
    assert found["best"]["figures"]["sharpe"] == best["sharpe"]
    assert found["distribution"]["sharpe"]["median"] == pytest.approx(results["sharpe"].median())
    assert found["luck"]["flagged"] is True
    assert json.loads((folder / "summary.json").read_text())["best"] == found["best"]
    page = (folder / "report.html").read_text(encoding="utf-8")
    for said in ("The best of 6 is no forecast", "Quotes are MODELLED", "median #", "rungs"):
        assert said in page
    assert page.count("<svg") > 6


def test_the_page_needs_nothing_beside_it(underwriter: Command, home: Path, grid: Path) -> None:
    assert underwriter("sweep", "wheel-index", "--grid", str(grid), "--to", "2014-12").code == 0
    page = (home / "sweeps" / "wheel-index" / "report.html").read_text(encoding="utf-8")
    assert "http" not in page.replace("http://www.w3.org", "")


def test_people_see_the_median_beside_the_best(underwriter: Command, grid: Path) -> None:
    told = underwriter("sweep", "wheel-index", "--grid", str(grid), "--to", "2014-12")
    assert "6 configurations tried" in told.out
    assert "The best of 6 is no forecast" in told.out
    assert "median #" in told.out
    assert "Quotes are MODELLED" in told.out


def test_workers_cannot_be_seen(underwriter: Command, own: Path, grid: Path) -> None:
    tables = []
    for workers in ("1", "3"):
        fresh(own)
        words = ("--grid", str(grid), "--to", "2014-12", "--workers", workers)
        assert underwriter("sweep", "wheel-index", *words).code == 0
        tables.append(table(own))
    assert tables[0] == tables[1]


def test_what_is_done_is_not_run_again(underwriter: Command, own: Path, grid: Path) -> None:
    words = ("sweep", "wheel-index", "--grid", str(grid), "--to", "2014-12", "--json")
    assert [underwriter(*words).json["found"] for _ in range(2)] == [0, 6]
    grid.write_text(SMALL.replace("1, 2", "1, 4"), encoding="utf-8")
    assert underwriter(*words).json["found"] == 0, "another grid is another sweep"
    assert underwriter(*words, "--half-spread", "1").json["found"] == 0, "so are other fills"
    for block in (own / "cache" / "sweeps").rglob("*.npy"):
        block.write_bytes(b"torn")
    assert underwriter(*words).json["found"] == 0, "what cannot be read is run again"


def test_a_key_that_changes_nothing_is_named(underwriter: Command, grid: Path) -> None:
    grid.write_text('"entry.delta" = [0.16, 0.2]\n"rungs" = [1, 2]', encoding="utf-8")
    told = underwriter("sweep", "wheel-index", "--grid", str(grid), "--to", "2014-06", "--json")
    assert told.json["grid"]["inert"] == ["entry.delta"], "regime.delta replaces it"


def test_nothing_opened_is_attention(underwriter: Command, grid: Path) -> None:
    grid.write_text('"entry.min_credit" = [500.0, 600.0]', encoding="utf-8")
    told = underwriter("sweep", "wheel-index", "--grid", str(grid), "--to", "2014-06")
    assert told.code == 3
    assert "nothing was opened by any configuration" in told.err
    assert "no_candidate" in told.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--grid", "nowhere.toml"], "nowhere.toml: no such file"),
        (["--grid", "grid.toml", "--by", "sharp"], "did you mean sharpe?"),
        (["--grid", "grid.toml", "--workers", "0"], "--workers: found 0"),
        (["--grid", "grid.toml", "--cluster", "x", "--workers", "2"], "--workers beside --cluster"),
        (["--grid", "bad.toml"], "bad.toml, line 1: found rungs = 99"),
        ([], "--grid"),
    ],
)
def test_bad_usage_is_one_line(
    underwriter: Command, home: Path, grid: Path, words: list[str], said: str
) -> None:
    grid.with_name("bad.toml").write_text('"rungs" = [99]', encoding="utf-8")
    told = underwriter("sweep", "wheel-index", *words)
    assert told.code == 2, told.err
    assert said in told.err
    assert told.err.count("\n") == 1
    assert not (home / "sweeps").exists()


def test_a_strategy_that_the_universe_cannot_carry_is_refused(
    underwriter: Command, home: Path, grid: Path, tmp_path: Path
) -> None:
    """What settles in cash leaves no shares, and the wheel needs them."""
    filled(home, [written(tmp_path)])
    policy = tmp_path / "mine.toml"
    policy.write_text(
        'name = "mine"\nstrategy = "cash_secured_put"\nuniverse = ["SYN"]\n'
        "entry = { delta = 0.25, dte = [20, 40] }\n"
        "size = { risk_per_position = 0.03, stress = [{ spot = -0.2, vol = 1.5 }] }\n",
        encoding="utf-8",
    )
    grid.write_text('strategy = ["cash_secured_put", "wheel"]', encoding="utf-8")
    told = underwriter("sweep", str(policy), "--grid", str(grid))
    assert told.code == 2
    assert "SYN in universe, which settles in cash" in told.err
    assert not (home / "sweeps").exists()
    grid.write_text('"entry.delta" = [0.2, 0.3]', encoding="utf-8")
    told = underwriter("sweep", str(policy), "--grid", str(grid), "--json")
    assert (told.code, told.json["quotes"]) == (0, "quoted")


def test_a_configuration_is_what_backtest_would_run(tmp_path: Path) -> None:
    """Setups are shared where only the policy's row differs: no figure may tell."""
    path = tmp_path / "grid.toml"
    path.write_text(SMALL + '"least_capital" = [0, 2_000_000]\n"manage.exit_dte" = [3]')
    request = Request(find_policy("wheel-index"), open_house(None), Settings(), tmp_path)
    found = wire.ground(replace(request, last=None))
    slab = found.slab(request.house.home)
    chosen = trials(request.policy, read_grid(path))
    setups = list(setups_of(request, slab, found, chosen.contents))
    for content, setup in list(zip(chosen.contents, setups, strict=True))[::3]:
        policy = WrittenPolicy(content, request.policy.source)
        own = setup_of(replace(request, policy=policy), slab, found.day)
        assert run(slab, own).curve.equity_u.tolist() == run(slab, setup).curve.equity_u.tolist()


# --- processes: killed, and on a cluster ---


def process(home: Path, grid: Path, *words: str) -> subprocess.Popen[str]:
    """The command in a process of its own."""
    return subprocess.Popen(
        [*COMMAND, "sweep", "wheel-index", "--grid", str(grid), "--home", str(home), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"UNDERWRITER_HOME": str(home)},
    )


def done(home: Path) -> int:
    """How many blocks of any sweep are kept."""
    return len(list((home / "cache" / "sweeps").rglob("block-*.npy")))


def wait_for(home: Path, blocks: int, running: subprocess.Popen[str]) -> None:
    """Until so many blocks are done, or the process ends."""
    while done(home) < blocks and running.poll() is None:
        time.sleep(0.005)


def whole(home: Path, grid: Path, *words: str) -> tuple[dict[str, Any], bytes]:
    """A sweep that is let run to its end: its object and its table."""
    running = process(home, grid, "--json", *words)
    out, err = running.communicate(timeout=600)
    assert running.returncode == 0, err
    return json.loads(out), table(home)


@pytest.mark.proof
def test_a_killed_sweep_goes_on_where_it_was(own: Path, grid: Path) -> None:
    """Killed after the second block; the second run makes the rest, and the same file."""
    grid.write_text(LARGE, encoding="utf-8")
    running = process(own, grid)
    wait_for(own, 2, running)
    running.kill()
    running.communicate()
    assert running.returncode == -signal.SIGKILL
    assert not (own / "sweeps").exists()
    assert 2 <= done(own) < 24
    resumed, after = whole(own, grid)
    assert 128 <= resumed["found"] < 1500
    fresh(own)
    at_once, undisturbed = whole(own, grid)
    assert at_once["found"] == 0
    assert after == undisturbed


CLUSTER = """
import sys, time
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        pids = [nanny.pid for nanny in cluster.workers.values()]
        print(cluster.scheduler_address, *pids, flush=True)
        sys.stdin.read()
"""


@contextmanager
def cluster(home: Path) -> Iterator[tuple[str, list[int]]]:
    """A local cluster of two processes: its address, and the processes of its workers."""
    script = home.parent / "cluster.py"
    script.write_text(CLUSTER, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"UNDERWRITER_HOME": str(home)},
    ) as running:
        assert running.stdout
        address, *pids = running.stdout.readline().split()
        yield address, [int(pid) for pid in pids]
        running.communicate("")


@pytest.mark.proof
def test_a_cluster_finds_the_same_though_a_worker_is_killed(own: Path, grid: Path) -> None:
    """Two processes; one is killed after the first block and comes back without its slab."""
    grid.write_text(LARGE, encoding="utf-8")
    _, here = whole(own, grid)
    fresh(own)
    with cluster(own) as (address, pids):
        running = process(own, grid, "--json", "--cluster", address)
        wait_for(own, 1, running)
        os.kill(pids[0], signal.SIGKILL)
        blocks = done(own)
        out, err = running.communicate(timeout=600)
        assert running.returncode == 0, err
    assert blocks < 24, "killed in the middle"
    assert json.loads(out)["found"] == 0
    assert table(own) == here


def test_a_cluster_that_is_not_there_is_one_line(
    underwriter: Command, grid: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_of, "_WAIT", 1)
    nowhere = ("--to", "2014-06", "--cluster", "tcp://127.0.0.1:9")
    done = underwriter("sweep", "wheel-index", "--grid", str(grid), *nowhere)
    assert done.code == 1
    assert "found no scheduler that answers" in done.err
    assert "Traceback" not in done.err
