"""The maintenance requirement of one sleeve under Reg T (docs/margin.md)."""

from reference.prices import cents_up, rounded
from reference.securing import Holding, strike

DOLLAR_U = 1_000_000


def reg_t_u(
    holding: Holding, marks_u: dict[str, int], spot_u: int, mult: int, *, broad: bool
) -> int:
    """What a holding ties up, with the marks of its short legs by slot."""
    rate = 0.15 if broad else 0.20
    alone_u = {
        slot: alone(slot, strike(holding, slot), marks_u[slot], spot_u, rate)
        for slot in ("short put", "short call")
        if holding.count(slot)
    }
    covered = min(holding.count("short call"), max(holding.shares, 0) // mult)
    paired_u = options_u(holding, alone_u, marks_u, covered)
    without = Holding(
        holding.shares,
        {slot: count for slot, count in holding.contracts.items() if slot.startswith("short")},
        holding.strike_u,
        holding.expiry,
    )
    least_u = min(paired_u, options_u(without, alone_u, marks_u, covered)) * mult
    if holding.shares < 0:
        return cents_up(least_u + sold_shares_u(holding, spot_u, mult))
    return cents_up(least_u + held_shares_u(holding, spot_u, mult, covered))


def alone(slot: str, strike_u: int, mark_u: int, spot_u: int, rate: float) -> int:
    """A short option that nothing covers, a share."""
    put = slot == "short put"
    outside_u = max(spot_u - strike_u if put else strike_u - spot_u, 0)
    floor_u = rounded(0.10 * (strike_u if put else spot_u))
    return mark_u + max(rounded(rate * spot_u) - outside_u, floor_u)


def options_u(
    holding: Holding, alone_u: dict[str, int], marks_u: dict[str, int], covered: int
) -> int:
    """Spreads, condors, strangles, and what stands alone, a share of each contract."""
    puts, calls = holding.count("short put"), holding.count("short call") - covered
    put_spreads = holding.pairs("short put", "long put", puts)
    call_spreads = holding.pairs("short call", "long call", calls)
    put_u = call_u = 0
    if put_spreads:
        width_u = holding.strike_u["short put"] - holding.strike_u["long put"]
        put_u = min(max(width_u, 0), alone_u["short put"])
    if call_spreads:
        width_u = holding.strike_u["long call"] - holding.strike_u["short call"]
        call_u = min(max(width_u, 0), alone_u["short call"])
    condors = min(put_spreads, call_spreads)
    if condors and holding.expiry["short put"] != holding.expiry["short call"]:
        condors = 0
    total_u = condors * max(put_u, call_u)
    total_u += (put_spreads - condors) * put_u + (call_spreads - condors) * call_u
    puts, calls = puts - put_spreads, calls - call_spreads
    strangles = min(puts, calls)
    if strangles:
        total_u += strangles * strangle_u(alone_u, marks_u)
    total_u += (puts - strangles) * alone_u.get("short put", 0)
    return total_u + (calls - strangles) * alone_u.get("short call", 0)


def strangle_u(alone_u: dict[str, int], marks_u: dict[str, int]) -> int:
    """The greater of two options alone, and the other's mark; where they are equal the greater."""
    put, call = "short put", "short call"
    greater_u = max(alone_u.values())
    return max(
        greater_u + marks_u[other]
        for one, other in ((put, call), (call, put))
        if alone_u[one] == greater_u
    )


def held_shares_u(holding: Holding, spot_u: int, mult: int, covered: int) -> int:
    """Shares held: under calls, with or without a put, with a put alone, and bare."""
    free = max(holding.count("long put") - holding.count("short put"), 0)
    lots = holding.shares // mult
    collars = min(free, covered)
    protected = min(free - collars, lots - covered)
    bare = holding.shares - (covered + protected) * mult
    share_u = rounded(0.25 * spot_u)
    called_u = rounded(0.25 * min(spot_u, strike(holding, "short call")))
    put_u = strike(holding, "long put")
    put_u = rounded(0.10 * put_u) + max(spot_u - put_u, 0)
    in_lots_u = collars * min(put_u, called_u) + (covered - collars) * called_u
    in_lots_u += protected * min(put_u, share_u)
    return in_lots_u * mult + bare * share_u


def sold_shares_u(holding: Holding, spot_u: int, mult: int) -> int:
    """Shares sold short: with a call, and bare."""
    free = max(holding.count("long call") - holding.count("short call"), 0)
    protected = min(free, -holding.shares // mult)
    bare = -holding.shares - protected * mult
    share_u = max(rounded(0.30 * spot_u), 5 * DOLLAR_U)
    if spot_u < 5 * DOLLAR_U:
        share_u = max(spot_u, 5 * DOLLAR_U // 2)
    call_u = strike(holding, "long call")
    call_u = rounded(0.10 * call_u) + max(call_u - spot_u, 0)
    return protected * min(call_u, share_u) * mult + bare * share_u
