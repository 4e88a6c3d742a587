"""Fills (docs/session.md): how approved orders meet the quotes of a session."""

from reference.given import Contract
from reference.prices import CENT_U, ceil_div, fee_u, rounded
from reference.state import Sleeve, State, Wish, happen, tell


def fill_all(state: State) -> None:
    """Every order fills or comes to nothing, in the order of the sleeves."""
    orders, state.orders = sorted(state.orders, key=lambda order: order.sleeve), []
    for order in orders:
        if state.case.fills.delay == 1 and split_today(state, order):
            tell(state, order, "lapsed")
        elif order.name == "release":
            sell_shares(state, order)
        else:
            trade_option(state, order)


def split_today(state: State, order: Wish) -> bool:
    """Whether what an order names has become something else this morning."""
    return state.now.split[state.sleeves[order.sleeve].underlying] > 1


def sell_shares(state: State, order: Wish) -> None:
    """One cent under the close."""
    sleeve = state.sleeves[order.sleeve]
    price_u = state.close_u(sleeve) - CENT_U
    if price_u <= 0:
        tell(state, order, "no_quote")
        return
    money_u = price_u * order.quantity
    fee = fee_u(0, 0, money_u, state.now.fees.stock_sell_ppb)
    figures = {"shares": -order.quantity, "amount_u": money_u, "fee_u": fee, "price_u": price_u}
    happen(state, sleeve, "fill", **figures)


def trade_option(state: State, order: Wish) -> None:
    """At today's quote of its contract, for the whole quantity."""
    sleeve, fees, contracts = state.sleeves[order.sleeve], state.now.fees, order.quantity
    selling = order.name.startswith("entry")
    if gone(state, sleeve, order):
        tell(state, order, "lapsed")
        return
    price_u = fill_price_u(state, sleeve, order.contract, selling=selling)
    if price_u is None:
        tell(state, order, "no_quote")
        return
    money_u = price_u * state.terms(sleeve).mult * contracts
    if selling:
        fee = fee_u(contracts, fees.option_sell_u, money_u, fees.option_sell_ppb)
        figures = {"quantity": -contracts, "amount_u": money_u, "fee_u": fee}
    else:
        fee = fee_u(contracts, fees.option_buy_u, 0, 0)
        figures = {"quantity": contracts, "amount_u": -money_u, "fee_u": fee}
    happen(state, sleeve, "fill", order.contract, price_u=price_u, **figures)


def gone(state: State, sleeve: Sleeve, order: Wish) -> bool:
    """Whether what an order was decided for is no longer there."""
    leg = sleeve.legs.get(order.contract.right)
    if not order.name.startswith("entry"):
        return leg is None or (leg.contract, -leg.quantity) != (order.contract, order.quantity)
    needs = order.quantity * state.terms(sleeve).mult
    return leg is not None or (order.name == "entry_call" and sleeve.shares < needs)


def fill_price_u(state: State, sleeve: Sleeve, contract: Contract, *, selling: bool) -> int | None:
    """From the mid towards the far side, to a legal tick; None where there is no fill."""
    quote, terms = state.quote(sleeve, contract), state.terms(sleeve)
    if quote is None or quote.ask_u < quote.bid_u or quote.ask_u <= 0:
        return None
    if selling and quote.bid_u <= 0:
        return None
    middle = (quote.bid_u + quote.ask_u) / 2
    paid = state.case.fills.half_spread * (quote.ask_u - quote.bid_u) / 2
    price_u = rounded(middle - paid if selling else middle + paid)
    small = price_u < terms.tick_threshold_u
    tick_u = terms.tick_small_u if small else terms.tick_large_u
    if not selling:
        return ceil_div(price_u, tick_u) * tick_u
    price_u = price_u // tick_u * tick_u
    return price_u if price_u > 0 else None
