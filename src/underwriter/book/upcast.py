"""Events of earlier schemas, said in the words of this one, while they are read.

    schema 1   {"type": "approved", "action": "sell_to_open", ...}
    schema 2   {"type": "approved", "action": "open", ...}

    schema 2   {"type": "decided", "version": "0.4", "slab": "ab12", ...}
    schema 3   {"type": "decided", "version": "0.4", "slab": "ab12", "policies": {}, ...}

Each step is a pure function of the decoded JSON, from one schema to the next, and an old event
takes all of them from its own on.  What is stored, and the chain of hashes over it, never changes.
"""

from collections.abc import Callable
from typing import Any

Payload = dict[str, Any]  # an event's JSON, decoded

_ORDERS = {"sell_to_open": "open", "buy_to_close": "close"}


def _sides_left_out(payload: Payload) -> Payload:
    """From 1 to 2: an order opens or closes, and which way its legs say."""
    if payload["type"] not in {"approved", "refused"}:
        return payload
    action = payload["action"]
    return {**payload, "action": _ORDERS.get(action, action)}


def _policies_unsaid(payload: Payload) -> Payload:
    """From 2 to 3: a decision names its policies, which until then the book's opening alone did."""
    return {**payload, "policies": {}} if payload["type"] == "decided" else payload


STEPS: tuple[Callable[[Payload], Payload], ...] = (
    _sides_left_out,
    _policies_unsaid,
)  # from 1 to 2, from 2 to 3
SCHEMA = len(STEPS) + 1  # version of the vocabulary that `event` defines


def upcast(payload: Payload, schema: int) -> Payload:
    """An event's JSON as schema `SCHEMA` has it; `schema`, 1 to `SCHEMA`, is what it was stored in.

    Raises KeyError, or another error of a dict, where it is not an event of its schema.
    """
    for step in STEPS[schema - 1 :]:
        payload = step(payload)
    return payload
