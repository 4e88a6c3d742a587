"""The README's figures are those of the demo."""

import re
from pathlib import Path

from parity.shipped import shipped
from underwriter.app.backtest import labels_of
from underwriter.app.request import Request
from underwriter.app.settings import Settings, open_house
from underwriter.app.shipped import find_policy
from underwriter.report.summary import summary
from underwriter.sim.backtest import run
from underwriter.sim.trace import events

README = Path(__file__).parent.parent / "README.md"


def test_the_readme_tells_what_the_demo_earned() -> None:
    found = shipped("wheel-index")
    request = Request(find_policy("wheel-index"), open_house(None), Settings(), Path("nowhere"))
    labels = labels_of(request, found.found, found.setup)
    made = run(found.slab, found.setup)
    told = summary(list(events(made, found.slab, found.setup, labels)))
    text = re.sub(r"\s+", " ", README.read_text(encoding="utf-8"))
    own, hold, mix = (
        f"{100 * figures['cagr']:.1f}%"
        for figures in (
            told["metrics"],
            told["benchmarks"]["hold"],
            told["benchmarks"]["beta_matched"],
        )
    )
    said = (
        f"its Wheel earned {own} a year where the index earned {hold} and a mix of index and "
        f"bills with the same beta earned {mix}"
    )
    assert said in text
