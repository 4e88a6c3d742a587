"""The paper broker's orders: which it takes, and what fills of them at the quotes of a moment."""

from collections.abc import Mapping
from typing import NamedTuple

from underwriter.book.imports.statement import Instrument as Thing
from underwriter.book.imports.statement import Kind
from underwriter.book.naming import named
from underwriter.core.fills import NO_FILL, fill_price_u
from underwriter.core.kernel import plain
from underwriter.core.units import cents_up, day_of, to_u
from underwriter.desk.amounts import money
from underwriter.desk.brokers.paper_account import Account, Happened, Order, note
from underwriter.desk.brokers.paper_place import Place
from underwriter.desk.brokers.paper_world import Now, deliver, held_options, option_of
from underwriter.desk.ports import Capabilities, OrderLeg, Ticket, Touch
from underwriter.desk.price import legal, net_u, parts
from underwriter.market.fees import exact_fee_u, stock_fee_u
from underwriter.market.instrument import Instrument

_fill_price_u, _exact_fee_u = plain(fill_price_u), plain(exact_fee_u)
_stock_fee_u, _cents_up = plain(stock_fee_u), plain(cents_up)


class Ticks(NamedTuple):
    """The steps of an instrument as `core.fills` reads them."""

    tick_small_u: int
    tick_large_u: int
    tick_threshold_u: int


# --- which are taken ---


def why_not(place: Place, account: Account, ticket: Ticket) -> str:
    """Why an order is refused, or nothing."""
    instrument = place.instrument(ticket.symbol)
    if instrument is None:
        return f"found {ticket.symbol}, which is not traded here"
    if not place.is_open():
        return "the market is closed"
    why = _malformed(ticket, place.can) or _unheld(place, account, ticket)
    if why:
        return why
    if not legal(instrument, ticket):
        return f"a limit of {money(ticket.limit_u or 0)} is on no legal step"
    return _unpaid(account, ticket, instrument)


def _malformed(ticket: Ticket, can: Capabilities) -> str:
    """Why no order of this form is taken, or nothing."""
    quantities = [leg.quantity for leg in ticket.legs] + [ticket.shares] * bool(ticket.shares)
    if ticket.units <= 0 or not quantities or any(one % ticket.units for one in quantities):
        return "its quantities are no whole units"
    effects = {leg.effect for leg in ticket.legs}
    found = (
        (0 in quantities, "a quantity of zero"),
        (len(ticket.legs) > can.legs, f"{len(ticket.legs)} legs, and {can.legs} are the most"),
        (bool(ticket.legs and ticket.shares) and not can.beside_shares, "shares beside options"),
        (len(effects) > 1 and not can.rolls, "legs that open beside legs that close"),
        (ticket.action == "exercise" and not can.exercises, "no exercise is taken"),
    )
    return next((why for wrong, why in found if wrong), "")


def _unheld(place: Place, account: Account, ticket: Ticket) -> str:
    """Why it would close more than is held, or trade what is not listed, or nothing."""
    for leg in ticket.legs:
        found = option_of(leg.option, place.instruments)
        if found is None or found[2].expiry < day_of(place.today()):
            return f"{named(leg.option)} is not traded"
        held = account.held.get(leg.option, 0) + _closing(account, leg.option)
        sign = (held > 0) - (held < 0)
        if leg.effect == "close" and not 0 < -leg.quantity * sign <= abs(held):
            return f"{named(leg.option)} closes {leg.quantity}, and {held} are held"
    return ""


def _closing(account: Account, option: str) -> int:
    """What live orders close of an option already, signed as changes."""
    return sum(
        leg.quantity * (order.ticket.units - order.filled) // order.ticket.units
        for order in account.live()
        for leg in order.ticket.legs
        if leg.option == option and leg.effect == "close"
    )


def _unpaid(account: Account, ticket: Ticket, instrument: Instrument) -> str:
    """Why cash does not pay for it, or nothing."""
    shares = instrument.multiplier if ticket.legs else 1
    cost_u = -(ticket.limit_u or 0) * ticket.units * shares
    if cost_u > max(account.cash_u, 0):
        return f"cash of {money(account.cash_u)} does not pay for {money(cost_u)}"
    return ""


# --- what fills ---


def meet_quotes(place: Place, account: Account) -> None:
    """Let live orders meet the quotes of the moment, each once a moment."""
    if not account.live() or not place.is_open():
        return
    now = place.clock.now()
    for order in account.live():
        if order.tried < now:
            order.tried = now
            if order.ticket.action == "exercise":
                exercise_order(place, account, order)
            else:
                _meet(place, account, order)


def _meet(place: Place, account: Account, order: Order) -> None:
    """Fill an order as far as its limit, its quotes and the lot allow."""
    ticket = order.ticket
    wanted = parts(ticket)
    quoted = place.quotes.touch([*wanted])
    prices = {key: _price_u(place, ticket, key, quoted.get(key)) for key in wanted}
    if NO_FILL in prices.values() or ticket.limit_u is None:
        return
    if net_u((part, prices[key]) for key, part in wanted.items()) < ticket.limit_u:
        return
    left = ticket.units - order.filled
    units = min(left, place.manners.lot) if place.manners.lot else left
    fill_units(place, account, order, units, prices)


def fill_units(
    place: Place, account: Account, order: Order, units: int, prices: Mapping[str, int]
) -> None:
    """Let so many units of an order trade, each part at its price a share."""
    ticket = order.ticket
    for leg in sorted(ticket.legs, key=lambda leg: leg.effect == "close"):  # as in the engine
        _fill_leg(place, account, order, (leg, units, prices[leg.option]))
    if ticket.shares:
        _fill_shares(place, account, order, (units, prices[ticket.symbol]))
    order.filled += units
    if order.filled == ticket.units:
        order.state = "filled"


def _price_u(place: Place, ticket: Ticket, key: str, touch: Touch | None) -> int:
    """What one part trades at: shares at the touch, options by the model of fills."""
    instrument = place.instrument(ticket.symbol)
    if touch is None or instrument is None:
        return NO_FILL
    sell = parts(ticket)[key] < 0
    if key == ticket.symbol:
        price_u = touch.bid_u if sell else touch.ask_u
        return price_u if price_u > 0 else NO_FILL
    ticks = instrument.ticks
    terms = Ticks(to_u(ticks.small), to_u(ticks.large), to_u(ticks.threshold))
    share = place.manners.half_spread * place.manners.combo[len(ticket.legs) - 1]
    return int(_fill_price_u(sell, touch, terms, share))  # type: ignore[arg-type]  # plain rows


def _fill_leg(
    place: Place, account: Account, order: Order, fill: tuple[OrderLeg, int, int]
) -> None:
    """One leg trades; each bears what it adds to the order's rounded fees."""
    leg, units, price_u = fill
    instrument = _instrument(place, order)
    change = leg.quantity // order.ticket.units * units
    paid_u, kind = price_u * instrument.multiplier, place.kind(instrument, order.day)
    before_u = int(_cents_up(order.spent_u))
    order.spent_u += int(_exact_fee_u(change, paid_u, kind, 0, place.fees(order.day)))
    thing = Thing(instrument.symbol, leg.option, instrument.root, instrument.multiplier)
    what = _traded(place, order, thing, change)
    what.price_u, what.gross_u, what.effect = price_u, -change * paid_u, leg.effect
    what.fee_u = int(_cents_up(order.spent_u)) - before_u
    note(account, what)


def _fill_shares(place: Place, account: Account, order: Order, fill: tuple[int, int]) -> None:
    """Shares trade; only a sale has a fee."""
    units, price_u = fill
    change = order.ticket.shares // order.ticket.units * units
    what = _traded(place, order, Thing(order.ticket.symbol), change)
    what.price_u, what.gross_u = price_u, -change * price_u
    if change < 0:
        kind = place.kind(_instrument(place, order), order.day)
        rate = float(place.fees(order.day).stock_sell_rate[kind, 0])
        what.fee_u = int(_stock_fee_u(what.gross_u, rate))
    note(account, what)


def _traded(place: Place, order: Order, thing: Thing, change: int) -> Happened:
    """A fill of an order, without its money."""
    now = place.clock.now()
    return Happened(
        kind=Kind.TRADE, day=day_of(order.day), at=now, told=now + place.manners.late, thing=thing,
        quantity=change, order=order.name, client=order.ticket.client,
    )  # fmt: skip


def exercise_order(place: Place, account: Account, order: Order) -> None:
    """Exercise long options at once."""
    leg, slab, now = order.ticket.legs[0], place.quotes.slab(order.day), place.clock.now()
    at = Now(slab, order.day, now, place.fees, 1.0)
    for held in [*held_options(account, slab)]:
        if held.thing.option == leg.option:
            price_u = int(slab.market.bars[0, held.underlying].close_u)
            deliver(account, at, held._replace(quantity=-leg.quantity), price_u, Kind.EXERCISE)
    order.filled, order.state = order.ticket.units, "filled"


def _instrument(place: Place, order: Order) -> Instrument:
    """What an order that was taken is on."""
    return next(one for one in place.instruments if one.symbol == order.ticket.symbol)
