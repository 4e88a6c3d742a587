"""What an event says, in one line of plain words.

Sold 1 KO 2026-02-20 P 60 at 0.85
Assigned 1 KO 2026-02-20 P 60, 100 shares
Dividend of 0.51 on 100 KO
"""

from collections.abc import Mapping

from underwriter.book.event import (
    AnyEvent,
    Approved,
    Assigned,
    BookOpened,
    Deposited,
    DividendReceived,
    Expired,
    InterestPaid,
    LegEvent,
    Marked,
    Moved,
    Refused,
    Settled,
    SleeveEvent,
    SleeveOpened,
    Split,
)
from underwriter.core.contract import CALL, parse_osi
from underwriter.core.units import MICRO

_CENTS = 2


def decimal(amount_u: int) -> str:
    """Millionths exactly: two decimals, and more where there is more."""
    whole, part = divmod(abs(amount_u), MICRO)
    decimals = f"{part:06d}".rstrip("0").ljust(_CENTS, "0")
    return f"{'-' if amount_u < 0 else ''}{whole}.{decimals}"


def told(event: AnyEvent, roots: Mapping[int, str]) -> str:
    """An event in words; `roots` are those of the sleeves, by number."""
    root = roots.get(event.sleeve, "") if isinstance(event, SleeveEvent) else ""
    match event:
        case BookOpened():
            return f"Book opened by version {event.version}, quotes {event.quotes}: {event.source}"
        case Deposited():
            return "Deposit" if event.amount_u >= 0 else "Withdrawal"
        case InterestPaid():
            return "Interest"
        case Marked():
            return f"Evening: equity {decimal(event.equity_u)}, cash {decimal(event.cash_u)}"
        case SleeveOpened():
            return f"Sleeve opened: {event.name} on {event.underlying}"
        case Approved() | Refused():
            return _judged(event)
        case DividendReceived():
            return f"Dividend of {decimal(event.per_share_u)} on {event.shares} {root}"
        case Split():
            what = root if event.option is None else _named(event.option, root)
            return f"Split {event.new}:{event.old}, now {what}"
        case Moved():
            return f"Rolled into place: {_named(event.option, root)}"
    return _leg(event, root)


def _judged(event: Approved | Refused) -> str:
    """A wish, and what became of it."""
    verdict = "Approved" if isinstance(event, Approved) else "Refused"
    what = " ".join(filter(None, (event.action, " ".join((event.option or "").split()))))
    return f"{verdict} {what}: {event.why}"


def moved_u(event: AnyEvent) -> int | None:
    """The cash that an event moved, fees taken off; None where it is of a kind that moves none."""
    if isinstance(event, LegEvent):
        return event.amount_u - event.fee_u
    if isinstance(event, Deposited | InterestPaid | DividendReceived):
        return event.amount_u
    return None


def _leg(event: LegEvent, root: str) -> str:
    """What became of a leg, or of shares."""
    if event.option is None:
        verb = "Bought" if event.shares > 0 else "Sold"
        return f"{verb} {abs(event.shares)} {root} at {decimal(event.price_u)}"
    text = f"{_verb(event, root)} {abs(event.quantity)} {_named(event.option, root)}"
    if event.shares != 0:
        return f"{text}, {abs(event.shares)} shares"
    return text if isinstance(event, Expired) else f"{text} at {decimal(event.price_u)}"


def _verb(event: LegEvent, root: str) -> str:
    """How an option moved: of a short leg the change is positive."""
    match event:
        case Expired():
            return "Expired"
        case Settled():
            return "Settled"
        case Assigned() if event.quantity < 0:
            return "Exercised"
        case Assigned():
            call = parse_osi(str(event.option), (root,)).right == CALL
            return "Called away" if call else "Assigned"
    return "Bought" if event.quantity > 0 else "Sold"


def _named(option: str, root: str) -> str:
    """An option as people write it."""
    return str(parse_osi(option, (root,)))
