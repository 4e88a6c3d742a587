"""What an event says, in one line of plain words.

Sold 1 KO 2026-02-20 P 60 at 0.85
Assigned 1 KO 2026-02-20 P 60, 100 shares
Dividend of 0.51 on 100 KO
"""

from collections.abc import Mapping

from underwriter.book.currency import decimal
from underwriter.book.event import (
    AccountOpened,
    Adjusted,
    Answered,
    AnyEvent,
    Approved,
    Assigned,
    BookOpened,
    Busted,
    CapitalReturned,
    CashAdjusted,
    Charged,
    Converted,
    Corrected,
    Decided,
    Deposited,
    DividendReceived,
    Expired,
    InterestPaid,
    LegEvent,
    Marked,
    Moved,
    OrderIntended,
    OrderTold,
    Refused,
    Renamed,
    Settled,
    Skipped,
    SleeveEvent,
    SleeveOpened,
    Split,
    Switched,
    Transferred,
)
from underwriter.book.naming import contract_of, named
from underwriter.book.past import Paid, flow_u
from underwriter.core.contract import CALL


def told(event: AnyEvent, roots: Mapping[int, str]) -> str:
    """An event in words; `roots` are those of the sleeves, by number."""
    root = roots.get(event.sleeve, "") if isinstance(event, SleeveEvent) else ""
    if isinstance(event, LegEvent):
        return _leg(event, root)
    if isinstance(event, SleeveEvent):
        return _of_sleeve(event, root)
    if isinstance(event, Paid):
        return _paid(event)
    return _of_book(event)


def _of_book(event: AnyEvent) -> str:
    """What is said of the book, of an account, or of another event."""
    match event:
        case BookOpened():
            return f"Book opened by version {event.version}, quotes {event.quotes}: {event.source}"
        case AccountOpened():
            whose = ", ".join(filter(None, (event.broker, event.number)))
            return f"Account opened, {whose}: {event.collateral}, {event.tax}"
        case Busted():
            return f"Never happened: {event.of}{_because(event.why)}"
        case Corrected():
            return f"Corrected {event.of}: {decimal(event.amount_u, event.currency)}"
        case Decided():
            under = ", ".join(f"{name} {key}" for name, key in event.policies.items())
            by = f"Session decided by version {event.version} on slab {event.slab}"
            return f"{by} under {under}" if under else by
        case Skipped():
            return "Session skipped: it was over before it was decided"
        case Switched():
            return f"Desk {_SWITCHED[event.to]} by a {event.by}{_because(event.why)}"
        case Marked():
            money = f"Evening: equity {decimal(event.equity_u)}, cash {decimal(event.cash_u)}"
            return f"{money}{_carried(event.carried)}"
    raise AssertionError(f"told: no words for {type(event).__name__}")


def _carried(names: tuple[str, ...]) -> str:
    """The names whose options had no quotes that evening."""
    return f"; no quotes of {', '.join(names)}, options at their last volatility" if names else ""


def _paid(event: Paid) -> str:
    """Money of an account."""
    match event:
        case Deposited():
            return "Deposit" if event.amount_u >= 0 else "Withdrawal"
        case InterestPaid():
            return "Interest" if event.amount_u >= 0 else "Interest on what is owed"
        case Charged():
            return _CHARGES[event.what]
        case CashAdjusted():
            return f"Adjustment{_because(event.why)}"
        case Converted() | _:
            given = f"{decimal(-event.amount_u, event.currency)} {event.currency}"
            return f"Converted {given} into {decimal(event.into_u, event.into)} {event.into}"


_SWITCHED = {"on": "let on again", "paused": "paused", "halted": "halted"}
_CHARGES = {"fee": "Fee", "withholding": "Tax withheld", "borrow": "Fee for borrowed shares"}


def _because(why: str) -> str:
    return f": {why}" if why else ""


def _of_sleeve(event: SleeveEvent, root: str) -> str:
    """What is said of a sleeve, legs and shares apart."""
    match event:
        case SleeveOpened():
            return f"Sleeve opened: {event.name} on {event.underlying}"
        case Approved() | Refused() | Answered():
            return _judged(event)
        case OrderIntended():
            return f"Order {event.client} intended: {event.action}"
        case OrderTold():
            return f"Order {event.client} {event.state}{_because(event.why)}"
        case DividendReceived(shares=0):
            return f"Dividend on {root}, of which none is held any more"
        case DividendReceived():
            return f"Dividend of {decimal(event.per_share_u)} on {event.shares} {root}"
        case CapitalReturned():
            return f"Capital returned on {event.shares} {root}"
        case Split():
            what = root if event.option is None else named(event.option)
            return f"Split {event.new}:{event.old}, now {what}"
        case Adjusted():
            return f"Adjusted {named(event.was)}, now {named(event.option)}{_because(event.why)}"
        case Renamed():
            return f"{root} is {event.root} now"
        case Moved():
            return f"Rolled into place: {named(event.option)}"
    raise AssertionError(f"told: no words for {type(event).__name__}")


def _judged(event: Approved | Refused | Answered) -> str:
    """A wish, and what became of it."""
    if isinstance(event, Answered):
        return f"{'Approved' if event.yes else 'Refused'} by hand: event {event.of}"
    verdict = "Approved" if isinstance(event, Approved) else "Refused"
    what = "" if event.option is None else f" {named(event.option)}"
    return f"{verdict} {event.action}{what}: {event.why}"


def moved_u(event: AnyEvent) -> int | None:
    """The cash that an event moved, fees taken off; None where it is of a kind that moves none."""
    if isinstance(event, LegEvent | DividendReceived | CapitalReturned | Paid):
        return flow_u(event)
    return None


def _leg(event: LegEvent, root: str) -> str:
    """What became of a leg, or of shares."""
    if event.option is None:
        verb = "Bought" if event.shares > 0 else "Sold"
        if isinstance(event, Settled | Transferred):
            verb = _verb(event)
        return f"{verb} {abs(event.shares)} {root} at {decimal(event.price_u)}"
    text = f"{_verb(event)} {abs(event.quantity)} {named(event.option)}"
    if event.shares != 0:
        return f"{text}, {abs(event.shares)} shares"
    return text if isinstance(event, Expired) else f"{text} at {decimal(event.price_u)}"


def _verb(event: LegEvent) -> str:
    """How an option moved: of a short leg the change is positive."""
    match event:
        case Expired():
            return "Expired"
        case Settled():
            return "Settled"
        case Transferred():
            return "Transferred"
        case Assigned() if event.quantity < 0:
            return "Exercised"
        case Assigned():
            option = str(event.option)
            call = contract_of(option).right == CALL
            return "Called away" if call else "Assigned"
    return "Bought" if event.quantity > 0 else "Sold"
