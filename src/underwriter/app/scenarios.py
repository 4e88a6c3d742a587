"""Whether the scenarios of a policy can hurt what it sells: else they would not bound its size."""

from collections.abc import Sequence

from underwriter.app.strict import conflict

_SELL_CALLS = ("call_spread", "iron_condor", "strangle")  # without shares under them
_CALLS_ALONE = ("call_spread",)


def refuse_unhurt(strategy: str, spots: Sequence[float]) -> None:
    """Refuse scenarios, by their moves of the spot, none of which a strategy loses in."""
    sides = (
        ("above", "rises", strategy in _SELL_CALLS, max(spots) > 0.0),
        ("below", "falls", strategy not in _CALLS_ALONE, min(spots) < 0.0),
    )
    for side, moves, loses, there in sides:
        if loses and not there:
            raise conflict(
                ("size", "stress"),
                f"found no scenario with spot {side} 0 in size.stress under {strategy}",
                f"expected one at least: it loses where the spot {moves}",
            )
