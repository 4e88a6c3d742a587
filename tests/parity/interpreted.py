"""Run numbered cases in an interpreter of its own and write what came of them to stdout, pickled.

    UNDERWRITER_JIT=0 python tests/parity/interpreted.py 0 4

With each outcome goes what is counted beside it; with them all the names of the kernels that were
entered, as `module.function`.
"""

import pickle
import sys
from pathlib import Path
from types import FrameType

sys.path.insert(0, str(Path(__file__).parent.parent))

from parity.aside import aside
from parity.carried import compared
from parity.columns import market_of, run_engine, setup_of

entered: set[str] = set()


def watch(frame: FrameType, event: str, _: object) -> None:
    """Note every function of the engine that is entered."""
    module = frame.f_globals.get("__name__", "")
    if event == "call" and module.startswith("underwriter."):
        entered.add(f"{module}.{frame.f_code.co_name}")


def main() -> None:
    """Run the cases of a range of numbers."""
    outcomes = []
    for number in range(int(sys.argv[1]), int(sys.argv[2])):
        drawn = compared(number)
        market, setup = market_of(drawn), setup_of(drawn)
        sys.setprofile(watch)
        outcomes.append((run_engine(market, setup), aside(number, market, setup)))
        sys.setprofile(None)
    sys.stdout.buffer.write(pickle.dumps((outcomes, entered)))


if __name__ == "__main__":
    main()
