"""`underwriter book record correct`: an event that was booked happened otherwise, or never."""

from typing import NamedTuple

from underwriter.app.record import Draft, Where, kind_of, money_of
from underwriter.book.amend import amended
from underwriter.book.event import (
    AnyEvent,
    Busted,
    CashAdjusted,
    Charged,
    Corrected,
    Deposited,
    DividendReceived,
    Filled,
    InterestPaid,
    LegEvent,
    Transferred,
)
from underwriter.book.journal import events
from underwriter.book.seating import MULTIPLIER
from underwriter.core.errors import InputError


class Otherwise(NamedTuple):
    """How an event truly was: a figure that is None stays as it is."""

    never: bool
    quantity: int | None  # contracts or shares, without a sign
    price: str | None
    amount: str | None  # without a sign
    fee: str | None


def correct(where: Where, of: str, otherwise: Otherwise) -> Draft:
    """What takes an event back, or says how it truly was; InputError where that cannot be."""
    draft = Draft(where)
    figures = otherwise.quantity, otherwise.price, otherwise.amount, otherwise.fee
    if otherwise.never == any(each is not None for each in figures):
        found = "both" if otherwise.never else "neither"
        raise InputError(f"record correct: found {found} of --never and figures; expected one")
    if otherwise.never:
        draft.add(Busted, of=of, why="by hand")
        return draft
    told = amended(event for _, event in events(where.journal))
    found = [each for each in told if (each.account, each.id) == (draft.account, of)]
    if not found:
        raise InputError(f"ID: found {of!r}; expected that of an event of account {draft.account}")
    draft.add(Corrected, of=of, **_figures(found[0], otherwise))
    return draft


def _figures(event: AnyEvent, otherwise: Otherwise) -> dict[str, int]:
    """All figures of an event, as they truly were."""
    if isinstance(event, LegEvent):
        return _of_leg(event, otherwise)
    if not isinstance(event, Deposited | InterestPaid | Charged | CashAdjusted | DividendReceived):
        raise InputError(f"ID: found {kind_of(event)}; expected --never, and to record it anew")
    if (
        otherwise.amount is None
        or (otherwise.price, otherwise.quantity, otherwise.fee) != (None,) * 3
    ):
        raise InputError("record correct: expected --amount alone for an event that moved money")
    sign = -1 if event.amount_u < 0 else 1
    amount_u = sign * money_of("--amount", otherwise.amount)
    shares = event.shares if isinstance(event, DividendReceived) else 0
    price_u = amount_u // abs(shares) if shares else 0
    return {"quantity": 0, "shares": shares, "price_u": price_u, "amount_u": amount_u, "fee_u": 0}


def _of_leg(event: LegEvent, otherwise: Otherwise) -> dict[str, int]:
    """The figures of a trade, or of an end: money follows quantity and price."""
    trade = isinstance(event, Filled | Transferred)
    if otherwise.amount is not None:
        raise InputError("--amount: found it for a trade; expected --quantity, --price or --fee")
    if not trade and (otherwise.quantity is not None or otherwise.price is not None):
        raise InputError("record correct: expected --fee or --never for what became of an option")
    size, moved = (1, event.shares) if event.option is None else (MULTIPLIER, event.quantity)
    if otherwise.quantity is not None:
        moved = otherwise.quantity * (-1 if moved < 0 else 1)
    price_u = event.price_u if otherwise.price is None else money_of("--price", otherwise.price, 0)
    fee_u = event.fee_u if otherwise.fee is None else money_of("--fee", otherwise.fee, 0)
    return {
        "quantity": 0 if event.option is None else moved if trade else event.quantity,
        "shares": moved if event.option is None and trade else event.shares,
        "price_u": price_u,
        "amount_u": -moved * size * price_u if trade else event.amount_u,
        "fee_u": fee_u,
    }
