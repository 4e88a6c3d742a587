"""Cases whose accounts can carry what is assigned to them, which is seldom drawn."""

from dataclasses import replace

from parity.policies import DOLLAR_U, keen
from parity.strategies import case, numbered
from reference.given import CALL_SPREAD, PUT_SPREAD, Case

HELD = {
    "avoid_assignment": False, "close_pin": False, "take_profit": 0.0, "stop": 0.0, "exit_dte": -1,
    "roll_at_most": 0, "risk_per_position": 0.05, "long_delta": 0.1, "width_u": 5 * DOLLAR_U,
}  # fmt: skip


def carried(drawn: Case) -> Case:
    """The case with small spreads that are held to the end by accounts rich enough for the shares.

    Rates are high, so that puts are assigned early, and their long ones exercised the day after.
    """
    right = {0: PUT_SPREAD, 1: CALL_SPREAD}
    policies = [
        replace(keen(one), strategy=right[at % 2], **HELD) for at, one in enumerate(drawn.policies)
    ]
    return replace(
        drawn,
        terms=[replace(one, american=True, physical=True, morning=False) for one in drawn.terms],
        policies=policies,
        sessions=[replace(one, rate=one.rate + 0.3) for one in drawn.sessions],
        shares=[0] * len(drawn.sleeves),
        deposits_u=[30 * one for one in drawn.deposits_u],
    )


def compared(number: int) -> Case:
    """A numbered case; every eighth can carry its shares."""
    drawn = case(numbered(number))
    return carried(drawn) if number % 8 == 0 else drawn
