"""Run by bench/peers.py with the Python of a throw-away environment: optopsy on saved columns."""

import sys
import time
from pathlib import Path

import numpy as np
import optopsy
import pandas as pd

RUNS = 3


def main() -> None:
    """Print the seconds of the fastest run, and how many entries it evaluated."""
    folder = Path(sys.argv[1])
    columns = {path.stem: np.load(path) for path in folder.glob("*.npy")}
    frame = pd.DataFrame(
        {
            "underlying_symbol": "SYN",
            "underlying_price": columns["close"],
            "option_type": np.where(columns["put"] == 1, "put", "call"),
            "expiration": pd.to_datetime(columns["expiry"], unit="D"),
            "quote_date": pd.to_datetime(columns["day"], unit="D"),
            **{name: columns[name] for name in ("strike", "bid", "ask", "delta")},
        }
    )
    taken, entries = [], 0
    for _ in range(RUNS):
        start = time.perf_counter()
        found = optopsy.short_puts(
            frame, max_entry_dte=45, exit_dte=0, delta_min=-0.30, delta_max=-0.20, raw=True
        )
        taken.append(time.perf_counter() - start)
        entries = len(found)
    print(min(taken), entries)


if __name__ == "__main__":
    main()
