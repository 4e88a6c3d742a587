"""A ticket in words, and what a person may type back of it.

sell 2 KO 2026-02-20 P 60 to open; limit 1.35 net credit a share, for the day
1.35        all of it, at that net price
1 @ 1.36    a part
nothing
"""

from collections.abc import Callable

from underwriter.book.naming import named
from underwriter.core.errors import InputError
from underwriter.core.units import MICRO, to_u
from underwriter.desk.brokers.paper_account import Typed
from underwriter.desk.ports import Ticket

_MOST = 1_000_000.0  # dollars a share: what is typed above is a slip

Teller = Callable[[str, str], str]  # a ticket and a question to a person, the answer


def asked(teller: Teller, ticket: Ticket, said: str) -> Typed | None:
    """What a person types, asked again until it can be read; None where nothing was filled."""
    while True:
        text = teller(said, question_of(ticket))
        try:
            return read(text, ticket)
        except InputError as problem:
            said = str(problem)


def insisting(teller: Teller, ticket: str) -> Teller:
    """A person who has to be there: the end of the input is no answer to a ticket that is out."""

    def ask(said: str, question: str) -> str:
        text = teller(said, question)
        if not text:
            raise InputError(
                f"{ticket}; expected somebody to type what became of it: run it at a terminal"
            )
        return text

    return ask


def told(ticket: Ticket) -> str:
    """A ticket in words."""
    legs = [
        f"{'buy' if leg.quantity > 0 else 'sell'} {abs(leg.quantity):,} "
        f"{named(leg.option)} to {leg.effect}"
        for leg in ticket.legs
    ]
    if ticket.shares:
        legs.append(
            f"{'buy' if ticket.shares > 0 else 'sell'} {abs(ticket.shares):,} {ticket.symbol}"
        )
    if ticket.limit_u is None:
        return f"{ticket.action}: {', '.join(legs)}"
    kind = "credit" if ticket.limit_u >= 0 else "debit"
    price = f"{abs(ticket.limit_u) / MICRO:,.2f}"
    return f"{ticket.action}: {', '.join(legs)}; limit {price} net {kind} a share, for the day"


def question_of(ticket: Ticket) -> str:
    """What is asked of a ticket, and how it may be answered."""
    if ticket.limit_u is None:
        return "done? (yes, or empty for no): "
    return f"filled? (net price for all {ticket.units:,}; N @ price for a part; empty: nothing): "


def read(text: str, ticket: Ticket) -> Typed | None:
    """What was typed; None where nothing was filled.  InputError for what cannot be read."""
    words = text.strip().lower()
    if words in {"", "no", "n", "nothing"}:
        return None
    if ticket.limit_u is None:
        if words in {"yes", "y", "done"}:
            return Typed(ticket.units, 0)
        raise InputError(f"found {text.strip()!r}; expected yes, or nothing")
    count, at, price = words.rpartition("@")
    units = _units(count, ticket) if at else ticket.units
    net = _price_u(price)
    if net is None:
        wanted = f"expected a net price such as {abs(ticket.limit_u) / MICRO:.2f}"
        raise InputError(f"found {text.strip()!r}; {wanted}, or nothing")
    return Typed(units, net if ticket.limit_u >= 0 else -net)


def _price_u(text: str) -> int | None:
    """A net price without its sign, which is the ticket's; None for anything else."""
    try:
        price = float(text)
    except ValueError:
        return None
    return to_u(price) if 0 <= price <= _MOST else None  # nan is in no range


def _units(text: str, ticket: Ticket) -> int:
    if not text.strip().isdecimal() or not 1 <= int(text) <= ticket.units:
        raise InputError(f"found {text.strip()!r} units; expected 1 to {ticket.units:,}")
    return int(text)
