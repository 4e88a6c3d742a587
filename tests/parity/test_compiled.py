"""Compiled kernels do what their source says: interpreted, every one gives the same."""

import importlib
import math
import os
import pickle
import pkgutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import underwriter.core
import underwriter.sim
from parity.aside import Aside, aside
from parity.carried import compared
from parity.columns import Outcome, market_of, run_engine, setup_of
from underwriter.core import contract, kernel, manage, margin, pricing, risk, select, sizing, units
from underwriter.core.policy import Policy
from underwriter.core.record import rows
from underwriter.market import facts, fees, floor

SCRIPT = Path(__file__).parent / "interpreted.py"

money = st.integers(-(10**13), 10**13)
price = st.integers(0, 10**9)
count = st.integers(0, 1_000)
real = st.floats(-1e9, 1e9)
share = st.floats(0.0, 2.0)
key = st.builds(
    contract.pack,
    st.integers(1, contract.MAX_ROOTS),
    st.integers(1, 2**16 - 1),
    st.integers(0, 1),
    st.integers(1, 2**31 - 1).map(lambda mils: mils * contract.MIL_U),
)
sign = st.sampled_from([-1, 1])
tied = st.sampled_from([margin.EQUITY, margin.BROAD_INDEX])
dollars = st.just(0.0) | st.floats(0.01, 1e4)
tick = st.sampled_from([1, 10_000, 50_000, 100_000])


@st.composite
def gates(draw: st.DrawFn) -> Policy:
    """A policy with the numbers of the entry gates."""
    policy = rows(Policy, 1)[0]
    policy.max_spread = draw(share)
    policy.min_open_interest = draw(st.integers(0, 500))
    policy.min_credit_u = draw(st.integers(0, 10**6))
    policy.min_yield[0] = draw(share)
    policy.risk_per_position = draw(share)
    policy.size_factor[0] = draw(share)
    return policy


SCALAR: dict[Callable, tuple[st.SearchStrategy, ...]] = {
    units.round_u: (real,),
    units.to_u: (real,),
    units.tick_down: (money, tick),
    units.tick_up: (money, tick),
    units.cents_up: (money,),
    contract.pack: (
        st.integers(1, contract.MAX_ROOTS),
        st.integers(0, 2**16 - 1),
        st.integers(0, 1),
        price,
    ),
    contract.root_of: (key,),
    contract.expiry_of: (key,),
    contract.right_of: (key,),
    contract.strike_of: (key,),
    contract.intrinsic_u: (key, price),
    contract.split_key: (key, st.integers(1, 50)),
    contract.most_worth_u: (key, price),
    pricing.normal_cdf: (st.floats(-40.0, 40.0),),
    pricing.black76: (sign, dollars, dollars, st.floats(0.0, 5.0), share),
    pricing.black76_delta: (sign, dollars, dollars, st.floats(0.0, 5.0)),
    pricing.black76_greeks: (
        sign,
        *(st.floats(1.0, 1e4),) * 3,
        *(st.floats(0.01, 3.0),) * 2,
        st.floats(0.5, 1.1),
    ),
    select.liquid: (st.integers(-10, 10**6), price, st.integers(-1, 500), gates()),
    select.pays: (price, price, st.integers(-5, 60), gates(), st.just(0)),
    select.miss: (st.floats(-1.0, 1.0) | st.just(math.nan), share),
    manage.profit_reached: (money, money, st.floats(0.0, 1.0)),
    manage.time_is_up: (st.integers(-5, 60), st.integers(-1, 60)),
    sizing.fits: (money, money, money),
    sizing.budget_u: (money, gates(), st.just(0)),
    risk.share_u: (share, money),
    margin.cash_secured_put_u: (price,),
    margin.naked_put_u: (price, price, price, tied),
    margin.naked_call_u: (price, price, price, tied),
    margin.vertical_u: (price, price, st.integers(0, 1)),
    margin.iron_condor_u: (price, price),
    margin.strangle_u: (price, price, price, price),
    margin.long_option_u: (price,),
    margin.shares_initial_u: (price,),
    margin.shares_u: (price,),
    margin.short_shares_u: (price | st.integers(0, 2 * 10**7),),
    margin.covered_call_initial_u: (price, price),
    margin.covered_call_u: (price, price),
    margin.protective_put_u: (price, price),
    margin.collar_u: (price, price, price),
    margin.protected_short_u: (price, price),
    fees.option_fee_u: (count, st.integers(0, 10**13), st.integers(0, 10**6), st.floats(0, 9e-5)),
    fees.stock_fee_u: (st.integers(0, 10**13), st.floats(0.0, 9e-5)),
    fees.levied_u: (st.integers(0, 10**13), st.floats(0.0, 9e-5)),
    facts.exercised_by_exception: (key, price),
    facts.shares_moved: (key, st.integers(-1_000, 1_000), st.just(100)),
    facts.call_early: (price, price),
    facts.put_early: (key, price, st.integers(0, 2**16 - 1), st.floats(0.0, 0.2), price),
    facts.interest_u: (money, st.floats(-0.05, 0.2), st.integers(0, 400)),
}


def kernels() -> Iterator[str]:
    """Every kernel of decisions and their facts, as `module.function`."""
    modules = [facts, fees, floor]
    for room in (underwriter.core, underwriter.sim):
        found = pkgutil.iter_modules(room.__path__, f"{room.__name__}.")
        modules += [importlib.import_module(each.name) for each in found]
    for module in modules:
        for name, value in vars(module).items():
            if hasattr(value, "py_func") and value.__module__ == module.__name__:
                yield f"{module.__name__}.{name}"


def outcome(number: int) -> tuple[Outcome, Aside]:
    """What comes of a numbered case in this process."""
    drawn = compared(number)
    market, setup = market_of(drawn), setup_of(drawn)
    return run_engine(market, setup), aside(number, market, setup)


def compiled(first: int, last: int) -> list[tuple[Outcome, Aside]]:
    """The outcomes of numbered cases in this process."""
    return [outcome(number) for number in range(first, last)]


def interpreted(first: int, last: int) -> tuple[list[tuple[Outcome, Aside]], set[str]]:
    """The outcomes of numbered cases with no compiler, and the kernels that were entered."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(first), str(last)],
        env=os.environ | {"UNDERWRITER_JIT": "0"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return pickle.loads(done.stdout)  # noqa: S301  what the script above has written


def same(one: Any, other: Any) -> bool:  # noqa: ANN401  numbers, or tuples of them
    """Equal to the last bit, each of them where there are several; unknown is unknown."""
    if isinstance(one, tuple):
        return all(same(*both) for both in zip(one, other, strict=True))
    return one == other or (one != one and other != other)  # noqa: PLR0124  NaN


@pytest.mark.parametrize("compiled_kernel", SCALAR, ids=lambda one: one.__name__)
@given(data=st.data())
@settings(max_examples=50)
def test_a_scalar_kernel_is_what_its_source_says(
    compiled_kernel: Callable, data: st.DataObject
) -> None:
    arguments = [data.draw(strategy) for strategy in SCALAR[compiled_kernel]]
    source = getattr(compiled_kernel, "py_func", compiled_kernel)
    assert same(compiled_kernel(*arguments), source(*arguments))


@pytest.mark.proof
def test_whole_runs_interpreted_equal_compiled() -> None:
    outcomes, _ = interpreted(0, 3)
    assert outcomes == compiled(0, 3)


@pytest.mark.proof
@pytest.mark.skipif(not kernel.JIT, reason="asks what is compiled")
def test_every_kernel_is_compared() -> None:
    outcomes, entered = interpreted(10, 60)
    assert outcomes == compiled(10, 60)
    compared = {f"{one.__module__}.{one.__name__}" for one in SCALAR} | entered
    assert not set(kernels()) - compared
