"""Fills (docs/session.md): how approved orders meet the quotes of a session."""

from copy import deepcopy

from reference.given import CALL, COLLAR
from reference.prices import CENT_U, ceil_div, cents_up, levy_u, rounded
from reference.securing import ceiling_u, reserved_u
from reference.selecting import WINGED, pays
from reference.settling import exercise
from reference.state import COMING, Event, Part, Sleeve, State, Wish, happen, move_in, take, tell


def fill_all(state: State) -> None:
    """Every order fills or comes to nothing, in the order of the sleeves."""
    orders, state.orders = sorted(state.orders, key=lambda order: order.sleeve), []
    for order in orders:
        if split_since(state, order) or gone(state, order):
            tell(state, order, "lapsed")
        elif order.action == "exercise":
            exercise_part(state, order)
        else:
            trade(state, order)


def split_since(state: State, order: Wish) -> bool:
    """Whether what an order names has become something else this morning."""
    return (
        state.case.fills.delay == 1 and state.now.split[state.sleeves[order.sleeve].underlying] > 1
    )


def gone(state: State, order: Wish) -> bool:
    """Whether what an order was decided for is no longer there."""
    sleeve = state.sleeves[order.sleeve]
    closed = {part.slot for part in order.parts if closes(part)}
    for part in order.parts:
        leg = sleeve.legs.get(part.slot)
        if closes(part):
            if leg is None or leg.contract != part.contract:
                return True
            enough = leg.quantity >= -part.change
            if not (enough if order.action == "exercise" else leg.quantity == -part.change):
                return True
        elif leg is not None and part.slot not in closed:
            return True
    return shares_gone(state, sleeve, order)


def shares_gone(state: State, sleeve: Sleeve, order: Wish) -> bool:
    """Whether shares to sell, to buy back or under calls are missing, or calls became better."""
    if order.action == "open":
        calls = sum(-part.change for part in order.parts if part.slot == "short call")
        return order.name == "entry_call" and sleeve.shares < calls * state.terms(sleeve).mult
    if order.shares < 0:
        return sleeve.shares < -order.shares
    if order.shares > 0 and order.action == "shares" and better_exercised(state, sleeve):
        return True
    return order.shares > 0 and -sleeve.shares < order.shares


def better_exercised(state: State, sleeve: Sleeve) -> bool:
    """Whether a long call would now end a lot of the shares sold short for no more."""
    long = sleeve.legs.get("long call")
    return (
        long is not None
        and state.close_u(sleeve) >= long.contract.strike_u
        and -sleeve.shares >= state.terms(sleeve).mult
    )


def closes(part: Part) -> bool:
    """Whether a part takes from its slot."""
    return part.slot.startswith("short") == (part.change > 0)


def exercise_part(state: State, order: Wish) -> None:
    """Long options are exercised at the close."""
    sleeve, (part,) = state.sleeves[order.sleeve], order.parts
    exercise(state, sleeve, part.slot, -part.change, state.close_u(sleeve))


# --- trades ---


def trade(state: State, order: Wish) -> None:
    """All of an order at today's prices, or none of it."""
    sleeve = state.sleeves[order.sleeve]
    events = events_of(state, sleeve, order)
    if events is None:
        tell(state, order, "no_quote")
    elif costly_roll(state, sleeve, order, events) or cheap_entry(state, sleeve, order, events):
        tell(state, order, "lapsed")
    elif checked(order) and not carried(state, sleeve, order, events):
        tell(state, order, "cash")
    else:
        for slot, event in events:
            state.log.append(event)
            state.accounts[event.account].cash_u += event.amount_u - event.fee_u
            sleeve.campaigns += sleeve.flat
            take(sleeve, slot, event)
        if order.action == "roll":
            move_in(state, sleeve)


def costly_roll(state: State, sleeve: Sleeve, order: Wish, events: list[tuple[str, Event]]) -> bool:
    """Whether a roll that must bring money would bring none at today's prices."""
    credit = order.action == "roll" and state.policy(sleeve).roll_for_credit
    return credit and sum(event.amount_u for _, event in events) <= 0


def cheap_entry(state: State, sleeve: Sleeve, order: Wish, events: list[tuple[str, Event]]) -> bool:
    """Whether an entry brings less at today's prices than its policy asks of one."""
    if order.action != "open":
        return False
    legs = [one for _, one in events if one.contract is not None]
    sold = [one for one in legs if one.quantity < 0]
    priced = sold if state.policy(sleeve).strategy == COLLAR else legs
    net_u = sum(one.price_u if one.quantity < 0 else -one.price_u for one in priced)
    puts = [one.contract.strike_u for one in sold if one.contract.right != CALL]
    basis_u = puts[0] if puts else state.close_u(sleeve)
    if state.policy(sleeve).strategy in WINGED:
        strikes = {
            right: [one.contract.strike_u for one in legs if one.contract.right == right]
            for right in {one.contract.right for one in legs}
        }
        basis_u = max(max(some) - min(some) for some in strikes.values())
    return not pays(state, sleeve, net_u, basis_u, state.dte(sold[0].contract))


def checked(order: Wish) -> bool:
    """Whether an order must leave what the account has secured."""
    return order.action in {"open", "close", "roll"} and order.name != "leftover"


def carried(state: State, sleeve: Sleeve, order: Wish, events: list[tuple[str, Event]]) -> bool:
    """Whether the account would have what its sleeves secure after a fill."""
    after, account = deepcopy(sleeve), state.accounts[sleeve.account]
    cash_u = account.cash_u
    for slot, event in events:
        take(after, slot, event)
        cash_u += event.amount_u - event.fee_u
    if order.name == "margin":
        bought = [one for _, one in events if one.quantity > 0]
        fair = all(one.price_u <= ceiling_u(state, sleeve, one.contract) for one in bought)
        return fair or cash_u >= 0
    if order.action == "roll":
        move_legs(after)
    others = [one for one in state.of(account) if one is not sleeve]
    return cash_u >= sum(reserved_u(state, one) for one in [*others, after])


def move_legs(sleeve: Sleeve) -> None:
    """Put the legs of a roll in their places."""
    for slot in COMING:
        leg = sleeve.legs.pop(slot, None)
        if leg:
            side = "call" if leg.contract.right == CALL else "put"
            sleeve.legs[f"{slot.removeprefix('new ')} {side}"] = leg


def events_of(state: State, sleeve: Sleeve, order: Wish) -> list[tuple[str, Event]] | None:
    """What an order would do: shares, what is opened, what is closed; None: there is no fill."""
    events: list[tuple[str, Event]] = []
    blank = Event(state.at, "fill", sleeve.account, sleeve.number)
    if order.shares:
        found = share_event(state, sleeve, blank, order.shares)
        if found is None:
            return None
        events.append(("", found))
    parts = sorted(order.parts, key=closes)  # stable: in their order, what is opened first
    exact_u = charged_u = 0
    for part in parts:
        price_u = fill_price_u(state, sleeve, part, len(parts))
        if price_u is None:
            return None
        money_u = price_u * state.terms(sleeve).mult * abs(part.change)
        exact_u += leg_fee_u(state, sleeve, part, money_u)
        fee_u, charged_u = cents_up(exact_u) - charged_u, cents_up(exact_u)
        event = blank._replace(
            contract=part.contract,
            quantity=part.change,
            amount_u=money_u if part.change < 0 else -money_u,
            fee_u=fee_u,
            price_u=price_u,
        )
        coming = order.action == "roll" and not closes(part)
        slot = f"new {part.slot.split()[0]}" if coming else part.slot
        events.append((slot, event))
    return events


def leg_fee_u(state: State, sleeve: Sleeve, part: Part, money_u: int) -> int:
    """What a leg's trade costs, before rounding to the cent."""
    fees = state.fees(sleeve)
    if part.change > 0:
        return part.change * fees.option_buy_u
    return -part.change * fees.option_sell_u + levy_u(money_u, fees.option_sell_ppb)


def share_event(state: State, sleeve: Sleeve, blank: Event, shares: int) -> Event | None:
    """Shares are bought one cent above the close and sold one cent under it, if that is a price."""
    price_u = state.close_u(sleeve) + (CENT_U if shares > 0 else -CENT_U)
    if price_u <= 0:
        return None
    money_u = -price_u * shares
    fee_u = cents_up(levy_u(max(money_u, 0), state.fees(sleeve).stock_sell_ppb))
    return blank._replace(shares=shares, amount_u=money_u, fee_u=fee_u, price_u=price_u)


def fill_price_u(state: State, sleeve: Sleeve, part: Part, legs: int) -> int | None:
    """From the mid towards the far side, to a legal tick; None where there is no fill."""
    quote, terms, fills = state.quote(sleeve, part.contract), state.terms(sleeve), state.case.fills
    selling = part.change < 0
    if quote is None or quote.ask_u < quote.bid_u or quote.ask_u <= 0:
        return None
    if selling and quote.bid_u <= 0:
        return None
    middle = (quote.bid_u + quote.ask_u) / 2
    paid = fills.half_spread * fills.combo[legs - 1] * (quote.ask_u - quote.bid_u) / 2
    price_u = rounded(middle - paid if selling else middle + paid)
    small = price_u < terms.tick_threshold_u
    tick_u = terms.tick_small_u if small else terms.tick_large_u
    if not selling:
        return ceil_div(price_u, tick_u) * tick_u
    price_u = price_u // tick_u * tick_u
    return price_u if price_u > 0 else None


def trade_shares(state: State, sleeve: Sleeve, shares: int) -> None:
    """Shares alone: one cent under the close, or at one cent; or one cent above it."""
    price_u = max(state.close_u(sleeve) + (CENT_U if shares > 0 else -CENT_U), CENT_U)
    money_u = -price_u * shares
    fee_u = cents_up(levy_u(max(money_u, 0), state.fees(sleeve).stock_sell_ppb))
    figures = {"shares": shares, "amount_u": money_u, "fee_u": fee_u, "price_u": price_u}
    happen(state, sleeve, "fill", **figures)
