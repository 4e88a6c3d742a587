"""Random policies, limits and accounts, from those that let all pass to those that bite."""

import math
from dataclasses import replace

from parity.dice import Dice, chance, pick, whole
from reference.given import (
    CASH_SECURED,
    COLLAR,
    COVERED_CALL,
    REG_T,
    WHEEL,
    Case,
    Column,
    Fills,
    Limits,
    Own,
    Policy,
    Terms,
)

DOLLAR_U = 1_000_000


def column(dice: Dice) -> Column:
    """A regime: mostly it trades, now and then it stands aside."""
    delta = 0.0 if chance(dice, 0.04) else float(dice.uniform(0.15, 0.5))
    size = 0.0 if chance(dice, 0.04) else float(pick(dice, 0.5, 1.0, 1.5))
    return Column(
        delta,
        size,
        min_yield=float(pick(dice, 0.0, 0.0, 0.0, 0.05, 0.2)),
        daily=chance(dice, 0.6),
        admit_iv_max=float(pick(dice, math.inf, math.inf, math.inf, 0.6)),
        buying_power=float(pick(dice, 0.3, 0.7, 1.0, 2.0)),
    )


def policy(dice: Dice, strategy: int) -> Policy:
    """A policy of a strategy; thresholds from those that let all pass to those that bite."""
    bands, stresses = whole(dice, 0, 3), whole(dice, 0, 3)
    dte_min = whole(dice, 0, 8)
    return Policy(
        strategy=strategy,
        dte_min=dte_min,
        dte_max=dte_min + whole(dice, 7, 24),
        min_credit_u=int(pick(dice, 0, 0, 0, 50_000, 200_000)),
        max_spread=float(pick(dice, 0.1, 0.5, 1.0, 2.0)),
        min_open_interest=int(pick(dice, 0, 0, 10, 100)),
        take_profit=float(pick(dice, 0.0, 0.0, 0.3, 0.5, 0.8)),
        exit_dte=whole(dice, 0, 7) if chance(dice, 0.2) else -1,
        cooldown=max(dte_min - 5, 0) * 3,  # of a third of them three to nine sessions
        risk_per_position=float(pick(dice, 0.02, 0.1, 0.3, 0.6, 1.0)),
        per_underlying=float(pick(dice, 0.3, 1.0, 2.0, 3.0)),
        stresses=[
            (float(pick(dice, -0.3, -0.2, -0.1, 0.05, 0.2)), float(pick(dice, 0.8, 1.0, 1.5, 2.0)))
            for _ in range(stresses)
        ],
        edges=sorted(float(whole(dice, 14, 40)) for _ in range(bands)),
        confirm=whole(dice, 1, 3),
        hysteresis=float(pick(dice, 0.0, 1.5, 4.0)),
        columns=[column(dice) for _ in range(bands + 1)],
        **choices(dice),
        **rolls(dice),
    )


UNBOUND = {
    "cash_reserve": 0.0,
    "short_put_notional": 20.0,
    "drawdown_halt": 0.0,
    "collateral": REG_T,
}


def keen(given: Policy) -> Policy:
    """The same policy, that trades whenever cash allows: so that cash is what binds."""
    columns = [
        replace(one, delta=max(one.delta, 0.2), size=1.0, min_yield=0.0, daily=True,
                admit_iv_max=math.inf, buying_power=20.0)
        for one in given.columns
    ]  # fmt: skip
    shares = dict.fromkeys(
        ("risk_per_position", "per_underlying", "per_sector", "per_cluster"), 20.0
    )
    gates = {"max_spread": 2.0, "min_open_interest": 0, "min_credit_u": 0, "min_reward": 0.0}
    aside = {"slope_above": 0.0, "below_realised": 0.0, "exit_dte": -1, "stop": 0.0}
    return replace(given, columns=columns, **shares, **gates, **aside)


def choices(dice: Dice) -> dict:
    """What a policy may choose beside the numbers that every policy has."""
    return {
        "long_delta": float(pick(dice, 0.05, 0.1, 0.2)),
        "width_u": int(pick(dice, 0, 5, 10, 20)) * DOLLAR_U,
        "min_reward": float(pick(dice, 0.0, 0.0, 0.0, 0.1, 0.25)),
        "buy_shares": chance(dice, 0.8),
        "avoid_earnings": chance(dice, 0.3),
        "stop": float(pick(dice, 0.0, 0.0, 1.0, 2.0)),
        "avoid_assignment": chance(dice, 0.4),
        "close_pin": chance(dice, 0.4),
        "below_breakeven": chance(dice, 0.3),
        "per_sector": float(pick(dice, 0.4, 1.0, 3.0)),
        "per_cluster": float(pick(dice, 0.4, 1.0, 3.0)),
        "own_percentile": chance(dice, 0.3),
        "slope_above": float(pick(dice, 0.0, 0.0, 0.0, 0.0, 1.1)),
        "below_realised": float(pick(dice, 0.0, 0.0, 0.0, 0.0, 0.9)),
    }


def rolls(dice: Dice) -> dict:
    """When and where to a policy rolls, if it does."""
    least = whole(dice, 3, 15)
    return {
        "roll_at_most": int(pick(dice, 0, 1, 2, 5)),
        "roll_dte_min": least,
        "roll_dte_max": least + whole(dice, 7, 25),
        "roll_delta": float(pick(dice, 0.0, 0.4, 0.6)),
        "roll_through": chance(dice, 0.4),
        "roll_extrinsic_u": int(pick(dice, 0, 0, 100_000)),
        "roll_away": chance(dice, 0.3),
        "roll_for_credit": chance(dice, 0.5),
    }


def own(dice: Dice, first_u: int) -> Own:
    """Prices decided beforehand, now and then, about where the underlying begins."""
    return Own(
        round(first_u * dice.uniform(0.8, 1.1)) if chance(dice, 0.3) else 0,
        round(first_u * dice.uniform(0.9, 1.1)) if chance(dice, 0.3) else 0,
        whole(dice, 1, 8) * 100 if chance(dice, 0.3) else 0,
    )


KEEPERS = {WHEEL, COVERED_CALL, COLLAR}


def seats(dice: Dice, given: list[Terms], policies: list[Policy], accounts: int) -> list[tuple]:
    """Sleeves, now and then a ladder of them; shares are kept only where they are delivered."""
    found: list[tuple[int, int, int]] = []
    wanted = whole(dice, 1, 6)
    while len(found) < wanted:
        underlying, number = whole(dice, 0, len(given) - 1), whole(dice, 0, len(policies) - 1)
        seat = (whole(dice, 0, accounts - 1), underlying, number)
        if policies[number].strategy in KEEPERS and not given[underlying].physical:
            continue
        found += [seat] * (whole(dice, 2, 3) if chance(dice, 0.25) else 1)
    return found[:wanted]


def brought(dice: Dice, policies: list[Policy], sleeves: list[tuple]) -> list[int]:
    """Shares that some sleeves begin with, if they keep shares."""
    return [
        int(pick(dice, 0, 0, 50, 100, 350)) if policies[number].strategy in KEEPERS else 0
        for _, _, number in sleeves
    ]


def limits(dice: Dice) -> Limits:
    """What binds an account."""
    return Limits(
        cash_reserve=float(pick(dice, 0.0, 0.05, 0.2)),
        short_put_notional=float(pick(dice, 0.5, 1.0, 2.0, 5.0)),
        drawdown_halt=float(pick(dice, 0.0, 0.1, 0.3)),
        collateral=REG_T if chance(dice, 0.5) else CASH_SECURED,
        fee_reserve_u=int(pick(dice, 0, 3, 5, 50)) * DOLLAR_U,
    )


def deposits(dice: Dice, found: Case) -> list[int]:
    """From a few widths of a spread to many strikes, and what the shares brought along cost."""
    unit_u = max(found.sessions[0].close_u) * 100
    cash_u = [
        int(unit_u * math.exp(dice.uniform(math.log(0.03), math.log(15.0)))) for _ in found.limits
    ]
    for (account, underlying, _), shares in zip(found.sleeves, found.shares, strict=True):
        cash_u[account] += shares * found.sessions[0].close_u[underlying]
    return cash_u


def strategies(dice: Dice, given: list[Terms]) -> list[int]:
    """Up to three strategies; those that keep shares only where some underlying delivers them."""
    allowed = [
        one
        for one in range(WHEEL, COLLAR + 1)
        if one not in KEEPERS or any(terms.physical for terms in given)
    ]
    return [int(pick(dice, *allowed)) for _ in range(whole(dice, 1, 3))]


def fills(dice: Dice, delay: int) -> Fills:
    """What a trade pays, less or more where it has several legs, and how many are assigned."""
    combo = (1.0, *(float(pick(dice, 0.5, 1.0, 1.3)) for _ in range(3)))
    paid = float(pick(dice, 0.0, 0.3, 1.0, 2.0))
    return Fills(paid, delay, combo, float(pick(dice, 0.1, 0.5, 1.0)))
