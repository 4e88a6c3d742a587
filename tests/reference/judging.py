"""Verdicts (docs/session.md): what is approved, how many, and what bound where it is not."""

import math
from typing import NamedTuple

from reference.given import CASH_SECURED
from reference.losing import old_loss_u, row_of, unit_loss_u, unit_of, unit_secured
from reference.managing import closing, cost_u
from reference.marking import requirement_u
from reference.prices import CENT_U
from reference.securing import ceiling_u, holding_of, reserved_u
from reference.state import Account, Part, Sleeve, State, Wish, tell

UNBOUND = 1 << 62


def judge(state: State, wishes: list[Wish]) -> None:
    """In the order of the sleeves; entries wait, and the highest score goes first."""
    waiting: list[Waiting] = []
    state.taken = {}
    for wish in wishes:
        sleeve = state.sleeves[wish.sleeve]
        if wish.action == "open" and sleeve.shares == 0:
            waiting.append(unit(state, sleeve, wish))
        elif wish.action == "roll":
            judge_roll(state, sleeve, wish)
        elif wish.action == "close" and wish.name != "leftover":
            judge_close(state, sleeve, wish)
        elif wish.action == "open":
            judge_on_shares(state, sleeve, wish)
        else:
            decide(state, wish, wish.name if wish.action == "hold" else "approved")
    for entry in sorted(waiting, key=lambda entry: -entry.score):
        judge_entry(state, entry)


def decide(state: State, wish: Wish, verdict: str) -> None:
    """Write the verdict down; what is approved becomes an order."""
    tell(state, wish, verdict)
    if verdict == "approved":
        state.orders.append(wish)


def free_u(account: Account) -> int:
    """Cash that nothing needs."""
    return account.cash_u - account.reserved_u - account.committed_u


def judge_close(state: State, sleeve: Sleeve, wish: Wish) -> None:
    """Its cost is taken from cash that is not reserved for other sleeves."""
    account, cost = state.accounts[sleeve.account], cost_u(state, sleeve)
    if cost is None:
        decide(state, wish, "no_quote")
        return
    cost = max(cost, 0)
    room_u = free_u(account) + reserved_u(state, sleeve)
    if wish.name == "margin":
        asks = [(part, row_of(state, sleeve, part).ask_u) for part in wish.parts if part.change > 0]
        stub = any(ask_u > ceiling_u(state, sleeve, part.contract) for part, ask_u in asks)
        room_u = account.cash_u if stub else max(account.cash_u, cost)
    if room_u < cost:
        decide(state, wish, "cash")
        return
    account.committed_u += cost
    decide(state, wish, "approved")


def judge_roll(state: State, sleeve: Sleeve, wish: Wish) -> None:
    """Its debit must be free, and what it may lose no more than a position may, or than before."""
    account, contracts = state.accounts[sleeve.account], abs(wish.parts[0].change)
    cost = max(-wish.net_u, 0) * contracts * state.terms(sleeve).mult
    new_u, old_u = unit_loss_u(state, sleeve, wish), old_loss_u(state, sleeve, wish)
    budget = budget_u(state, sleeve) // contracts
    verdict = "risk" if new_u > budget and new_u > old_u else "approved"
    verdict = "cash" if free_u(account) < cost else verdict
    if verdict != "approved" and state.policy(sleeve).avoid_assignment:
        judge_close(state, sleeve, closing(state, sleeve, wish.name))
        return
    account.committed_u += cost if verdict == "approved" else 0
    decide(state, wish, verdict)


def budget_u(state: State, sleeve: Sleeve) -> int:
    """What one position may lose."""
    risk = state.policy(sleeve).risk_per_position * state.column(sleeve).size
    return math.floor(risk * state.accounts[sleeve.account].equity_u)


def judge_on_shares(state: State, sleeve: Sleeve, wish: Wish) -> None:
    """Calls on shares; a collar's put may cost more than its call brings."""
    account, mult = state.accounts[sleeve.account], state.terms(sleeve).mult
    cost = debit_u(state, sleeve, wish) * abs(wish.parts[0].change) * mult
    if len(wish.parts) > 1 and cost > free_u(account):
        decide(state, wish, "cash")
        return
    account.committed_u += cost
    decide(state, wish, "approved")


def debit_u(state: State, sleeve: Sleeve, wish: Wish) -> int:
    """The asks of what is bought less the bids of what is sold, never under zero."""
    rows = [(row_of(state, sleeve, part), part.change) for part in wish.parts]
    return max(sum(row.ask_u if change > 0 else -row.bid_u for row, change in rows), 0)


# --- entries ---


class Waiting(NamedTuple):
    """An entry that waits for its turn, with what one unit of it ties up."""

    wish: Wish
    score: float
    loss_u: int
    puts_u: int
    exposure_u: int
    margin_u: int
    cash_u: int
    takes: int  # shares that it takes or may take
    naked: bool


def unit(state: State, sleeve: Sleeve, wish: Wish) -> Waiting:
    """An entry and its unit."""
    mult, limits = state.terms(sleeve).mult, state.limits(sleeve.account)
    found, loss_u = unit_secured(state, sleeve, wish), unit_loss_u(state, sleeve, wish)
    close_u, shares = state.close_u(sleeve), wish.shares
    margin_u = found.total_u + shares * close_u
    if limits.collateral != CASH_SECURED:
        mids_u = {part.slot: row_of(state, sleeve, part).mid_u for part in wish.parts}
        margin_u = requirement_u(state, sleeve, unit_of(wish), mids_u)
    cash_u = found.total_u + len(wish.parts) * limits.fee_reserve_u
    cash_u += shares * (close_u + CENT_U) + mult * debit_u(state, sleeve, wish)
    slots = {part.slot for part in wish.parts}
    takes = mult if shares or ("short put" in slots and "long put" not in slots) else 0
    score = wish.net_u * mult / max(loss_u, 1)
    exposure_u, naked = found.total_u + shares * close_u, found.naked_calls > 0
    return Waiting(wish, score, loss_u, found.puts_u, exposure_u, margin_u, cash_u, takes, naked)


def judge_entry(state: State, entry: Waiting) -> None:
    """Halted, naked, or as many as the caps allow; what is approved counts at once."""
    sleeve = state.sleeves[entry.wish.sleeve]
    account = state.accounts[sleeve.account]
    quantity, bound = 0, refusal(state, account, entry)
    if not bound:
        quantity, bound = size(state, entry, sleeve, account)
    if quantity > 0:
        account.reserved_u += quantity * entry.cash_u
        account.puts_u += quantity * entry.puts_u
        account.margin_u += quantity * entry.margin_u
        account.exposure_u[sleeve.underlying] += quantity * entry.exposure_u
        key = (sleeve.account, sleeve.underlying)
        state.taken[key] = state.taken.get(key, 0) + quantity * entry.takes
    decide(state, sized(entry.wish, quantity), "approved" if quantity > 0 else bound)


def refusal(state: State, account: Account, entry: Waiting) -> str:
    """Why no quantity would do."""
    limits = state.limits(account.number)
    left = 1.0 - limits.drawdown_halt
    if limits.drawdown_halt > 0.0 and account.equity_u <= left * account.peak_u:
        return "halt"
    return "naked" if entry.naked and limits.collateral == CASH_SECURED else ""


def sized(wish: Wish, quantity: int) -> Wish:
    """A wish of so many units."""
    parts = tuple(Part(slot, which, change * quantity) for slot, which, change in wish.parts)
    return wish._replace(parts=parts, shares=wish.shares * quantity)


def size(state: State, entry: Waiting, sleeve: Sleeve, account: Account) -> tuple[int, str]:
    """The least of the quantities, and the name of the one that binds."""
    policy, limits = state.policy(sleeve), state.limits(account.number)
    positive_u = max(account.equity_u, 0)

    def room_u(share: float, used_u: int) -> int:
        return math.floor(share * positive_u) - used_u

    kept_u = math.floor(limits.cash_reserve * positive_u)
    most = state.own(sleeve).shares_most
    power = state.column(sleeve).buying_power
    here = exposure_u(state, account, {sleeve.underlying})
    caps = [
        (budget_u(state, sleeve), entry.loss_u, "risk"),
        (most - taken(state, sleeve) if most > 0 else 0, entry.takes if most > 0 else 0, "own"),
        (room_u(policy.per_underlying, here), entry.exposure_u, "underlying"),
        *group_caps(state, entry, sleeve, room_u),
        (room_u(limits.short_put_notional, account.puts_u), entry.puts_u, "short_puts"),
        (room_u(power, account.margin_u), entry.margin_u, "buying_power"),
        (free_u(account) - kept_u, entry.cash_u, "cash"),
    ]
    quantities = [(max(room, 0) // each if each else UNBOUND, name) for room, each, name in caps]
    return min(quantities, key=lambda cap: cap[0])


def group_caps(state: State, entry: Waiting, sleeve: Sleeve, room_u) -> list:  # noqa: ANN001
    """The caps of the underlying's sector and cluster, where it has them."""
    account, policy = state.accounts[sleeve.account], state.policy(sleeve)
    sectors = {at: terms.sector for at, terms in enumerate(state.case.terms)}
    clusters = {at: known.cluster for at, known in enumerate(state.now.known)}
    shares = {"sector": policy.per_sector, "cluster": policy.per_cluster}
    return [
        (room_u(shares[name], exposure_u(state, account, alike)), entry.exposure_u, name)
        for name, groups in (("sector", sectors), ("cluster", clusters))
        if groups[sleeve.underlying] and shares[name] < 1
        for alike in [{at for at in groups if groups[at] == groups[sleeve.underlying]}]
    ]


def exposure_u(state: State, account: Account, underlyings: set[int]) -> int:
    """What an account has at stake on some underlyings."""
    return sum(
        account.exposure_u[one] for one in range(len(state.case.terms)) if one in underlyings
    )


def taken(state: State, sleeve: Sleeve) -> int:
    """Shares that the account holds of it, may come to hold, or were approved."""
    key, mult = (sleeve.account, sleeve.underlying), state.terms(sleeve).mult
    total = state.taken.get(key, 0)
    for other in state.sleeves:
        if (other.account, other.underlying) == key:
            puts, holding = other.held("short put"), holding_of(other)
            total += max(other.shares, 0)
            total += mult * (puts - holding.pairs("short put", "long put", puts))
    return total
