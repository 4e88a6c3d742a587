"""American prices with deltas a second on one core, and the error against QuantLib.

python bench/american.py
"""

import tempfile
import time
from pathlib import Path

import numpy as np

from underwriter.market.american import american_columns, load_tables

COUNT = 1_000_000


def main() -> None:
    """Fill the table in an empty folder, price a million contracts, print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        tables = load_tables(Path(folder))
        print(f"fill      {time.perf_counter() - begun:8.2f} s")
    rng = np.random.default_rng(1)
    years = rng.integers(1, 71, COUNT) / 365
    v = rng.uniform(0.08, 0.60, COUNT) * np.sqrt(years)
    spot, strike = np.full(COUNT, 100.0), 100.0 * np.exp(rng.uniform(-3, 3, COUNT) * v)
    sign = rng.choice([-1, 1], COUNT)
    carry, payout = rng.uniform(0, 0.06, COUNT) * years, rng.uniform(0, 0.04, COUNT) * years
    price, delta = np.empty(COUNT), np.empty(COUNT)
    for _ in range(2):  # the first compiles, or reads what was compiled
        begun = time.perf_counter()
        american_columns(*tables, sign, spot, strike, v, carry, payout, price, delta)
    seconds = time.perf_counter() - begun
    print(f"contracts {COUNT / seconds / 1e6:8.2f} million a second, price and delta")


if __name__ == "__main__":
    main()
