"""What an event says, in one line of plain words.

Sold 1 KO 2026-02-20 P 60 at 0.85
Assigned 1 KO 2026-02-20 P 60, 100 shares
Dividend of 0.51 on 100 KO
"""

from collections.abc import Mapping

from underwriter.book.event import (
    AnyEvent,
    Assigned,
    Deposited,
    DividendReceived,
    Expired,
    InterestPaid,
    LegEvent,
    Settled,
    SleeveEvent,
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
    """An event that moves something, in words; `roots` are those of the sleeves, by number."""
    root = roots.get(event.sleeve, "") if isinstance(event, SleeveEvent) else ""
    match event:
        case Deposited():
            return "Deposit" if event.amount_u >= 0 else "Withdrawal"
        case InterestPaid():
            return "Interest"
        case DividendReceived():
            return f"Dividend of {decimal(event.per_share_u)} on {event.shares} {root}"
        case Split():
            what = root if event.option is None else _named(event.option, root)
            return f"Split {event.new}:{event.old}, now {what}"
        case LegEvent():
            return _leg(event, root)
    return str(event.__struct_config__.tag)


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
