"""An order that its broker does not know goes out again, under its own id and without an end.

The first may still be on its way.  So whatever becomes of the second says nothing of the first: no
answer to it ends an order that was ever in doubt, or the next attempt would stand beside one that
comes late.  Only a refusal of what is lost by now (`leftover.is_lost`) is its end.
"""

from underwriter.book.event import OrderState
from underwriter.desk.ports import Broker, DoubtError, RefusedError, Ticket, UnreachableError


def sent_again(broker: Broker, ticket: Ticket, *, lost: bool) -> tuple[OrderState | None, str]:
    """Ask for an order again; what is to be told of it and why, None for nothing new."""
    try:
        broker.submit(ticket)
    except RefusedError as problem:
        return ("rejected", str(problem)) if lost else (None, "")
    except UnreachableError:
        return None, ""
    except DoubtError as problem:
        return "unknown", str(problem)
    return "sent", ""
