"""The step (docs/session.md): each sleeve's wish, by what it holds; the first that applies."""

import math

from reference.given import (
    CALL,
    CALL_SPREAD,
    CASH_SECURED_PUT,
    COLLAR,
    COVERED_CALL,
    IRON_CONDOR,
    PUT,
    STRANGLE,
    WHEEL,
)
from reference.managing import breakeven_u, closing, manage
from reference.prices import CENT_U
from reference.securing import holding_of, secured_of
from reference.selecting import WINGED, Pick, one_right, two_rights
from reference.state import LONGS, SHORTS, Part, Sleeve, State, Wish


def wishes(state: State) -> list[Wish]:
    """The wish of each sleeve that has one, in order; one rung opens at a time."""
    found: list[Wish | None] = []
    rungs: set[tuple[int, int, int]] = set()
    for sleeve in state.sleeves:
        rung = (sleeve.account, sleeve.policy, sleeve.underlying)
        if sleeve.flat and rung in rungs:
            continue
        if sleeve.flat:
            rungs.add(rung)
        found.append(wish_of(state, sleeve))
    return [wish for wish in found if wish]


def wish_of(state: State, sleeve: Sleeve) -> Wish | None:
    """What a sleeve asks for; None where it asks for nothing."""
    account = state.accounts[sleeve.account]
    naked = secured_of(state, sleeve).naked_calls or orphaned(state, sleeve)
    if naked and account.cash_u < account.reserved_u:
        return closing(state, sleeve, "margin")
    if sleeve.shares < 0:
        return cover(state, sleeve)
    if sleeve.shares > 0 and not state.keeps(sleeve):
        return let_go(state, sleeve)
    if sleeve.has_short:
        return manage(state, sleeve)
    if sleeve.legs:
        return None if sleeve.shares else leftover(state, sleeve)
    if not (state.now.first_of_week or state.column(sleeve).daily):
        return None
    return enter_on_shares(state, sleeve) if sleeve.shares else enter(state, sleeve)


def orphaned(state: State, sleeve: Sleeve) -> bool:
    """Whether a put of a spread or a condor has lost its long one."""
    puts = sleeve.held("short put")
    paired = holding_of(sleeve).pairs("short put", "long put", puts)
    return state.policy(sleeve).strategy in WINGED and paired < puts


def nothing(sleeve: Sleeve, why: str) -> Wish:
    """There is nothing to wish for, and this is why."""
    return Wish(sleeve.number, "hold", why)


# --- what assignment left ---


def cover(state: State, sleeve: Sleeve) -> Wish:
    """Shares sold short: by long calls where that is no dearer, else bought."""
    lots = exercisable(state, sleeve, CALL)
    if lots:
        return exercising(state, sleeve, CALL, lots)
    return Wish(sleeve.number, "shares", "unwind", shares=-sleeve.shares)


def let_go(state: State, sleeve: Sleeve) -> Wish:
    """Shares that are not kept: by long puts where they bring more, else sold."""
    lots = exercisable(state, sleeve, PUT)
    if lots:
        return exercising(state, sleeve, PUT, lots)
    return Wish(sleeve.number, "shares", "release", shares=-sleeve.shares)


def exercisable(state: State, sleeve: Sleeve, right: int) -> int:
    """The whole lots of shares that long options would end better than a trade at the close."""
    if LONGS[right] not in sleeve.legs:
        return 0
    strike_u = sleeve.legs[LONGS[right]].contract.strike_u
    close_u = state.close_u(sleeve)
    better = close_u < strike_u if right == PUT else close_u >= strike_u
    lots = abs(sleeve.shares) // state.terms(sleeve).mult
    return min(sleeve.held(LONGS[right]), lots) if better else 0


def exercising(state: State, sleeve: Sleeve, right: int, lots: int) -> Wish:
    """The wish to exercise some lots."""
    slot, mult = LONGS[right], state.terms(sleeve).mult
    part = Part(slot, sleeve.legs[slot].contract, -lots)
    shares = lots * mult if right == CALL else -lots * mult
    return Wish(sleeve.number, "exercise", "unwind", (part,), shares)


def leftover(state: State, sleeve: Sleeve) -> Wish | None:
    """Long options that are bid for are sold."""
    parts = closing(state, sleeve, "leftover").parts
    return Wish(sleeve.number, "close", "leftover", parts) if parts else None


# --- entries ---


def aside(state: State, sleeve: Sleeve) -> str:
    """Why a sleeve stands aside; empty where it does not."""
    policy, known, slope = state.policy(sleeve), state.known(sleeve), state.now.slope
    if policy.slope_above > 0.0 and not slope <= policy.slope_above:
        return "slope"
    enough = known.iv30 >= policy.below_realised * known.realised  # false where one is unknown
    return "realised" if policy.below_realised > 0.0 and not enough else ""


def enter_on_shares(state: State, sleeve: Sleeve) -> Wish | None:
    """Calls on all whole lots of shares, with a collar puts for as many."""
    lots = sleeve.shares // state.terms(sleeve).mult
    if lots == 0:
        return None
    why = "regime" if state.column(sleeve).delta == 0.0 else aside(state, sleeve)
    if why:
        return nothing(sleeve, why)
    lowest_u = 0
    if not state.policy(sleeve).below_breakeven:
        lowest_u = breakeven_u(sleeve)
    found, why = select(state, sleeve, lowest_u)
    return opening(sleeve, "entry_call", found, lots) if found else nothing(sleeve, why)


def enter(state: State, sleeve: Sleeve) -> Wish | None:
    """A new position; how many is for the verdict to say."""
    policy, column, known = state.policy(sleeve), state.column(sleeve), state.known(sleeve)
    buys = policy.strategy in {COVERED_CALL, COLLAR}
    if buys and not policy.buy_shares:
        return None
    why = "regime" if column.delta == 0.0 or column.size == 0.0 else aside(state, sleeve)
    if not why and cooling(state, sleeve):
        why = "cooldown"
    if not why and sleeve.policy in known.shut:
        why = "screen"
    if not why and math.isfinite(column.admit_iv_max) and not known.iv30 <= column.admit_iv_max:
        why = "volatility"
    if why:
        return nothing(sleeve, why)
    lowest_u = 0
    if buys and not policy.below_breakeven:
        lowest_u = state.close_u(sleeve) + CENT_U
    found, why = select(state, sleeve, lowest_u)
    if found is None:
        return nothing(sleeve, why)
    name = "entry_put" if policy.strategy in {WHEEL, CASH_SECURED_PUT} else "entry"
    wish = opening(sleeve, name, found, 1)
    return wish._replace(shares=state.terms(sleeve).mult if buys else 0)


def cooling(state: State, sleeve: Sleeve) -> bool:
    """Whether a campaign of the policy on the underlying has lost within its cooldown."""
    names = (sleeve.account, sleeve.policy, sleeve.underlying)
    alike = [one for one in state.sleeves if (one.account, one.policy, one.underlying) == names]
    first = state.at - state.policy(sleeve).cooldown
    return first < state.at and any(at >= first for one in alike for at in one.losses)


def select(state: State, sleeve: Sleeve, lowest_u: int) -> tuple[Pick | None, str]:
    """What to open, or why there is nothing; calls are at least at `lowest_u`, and at own's."""
    least_u = state.own(sleeve).call_least_u
    floor_u, strategy = max(least_u, lowest_u), state.policy(sleeve).strategy
    if strategy in {IRON_CONDOR, STRANGLE, COLLAR}:
        return two_rights(state, sleeve, floor_u), "no_candidate"
    calls = strategy in {COVERED_CALL, CALL_SPREAD} or sleeve.shares > 0
    found, floored = one_right(state, sleeve, CALL if calls else PUT, floor_u)
    if not floored:
        return found, "no_candidate"
    return found, "own" if not calls or least_u > lowest_u else "breakeven"


def opening(sleeve: Sleeve, name: str, found: Pick, contracts: int) -> Wish:
    """The wish to open what was found."""
    parts = tuple(
        Part((SHORTS if sign < 0 else LONGS)[row.contract.right], row.contract, sign * contracts)
        for row, sign in found.quotes
    )
    return Wish(sleeve.number, "open", name, parts, net_u=found.net_u)
