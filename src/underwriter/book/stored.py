"""The stored form of events: JSON with its `type`, which is what a journal keeps and hashes."""

from typing import Any

import msgspec

from underwriter.book.event import AnyEvent
from underwriter.book.upcast import SCHEMA, upcast

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def encode(event: AnyEvent) -> bytes:
    """The event as JSON, the form that is stored and hashed."""
    return _encoder.encode(event)


def decode(payload: bytes, schema: int = SCHEMA) -> AnyEvent:
    """The event behind its stored form, of this schema or an earlier one.

    Raises msgspec.DecodeError where it is not one.
    """
    if schema < SCHEMA:
        payload = _upcast(payload, schema)
    return _decoder.decode(payload)


def _upcast(payload: bytes, schema: int) -> bytes:
    """The stored form of an earlier event as it would be stored today."""
    found = msgspec.json.decode(payload, type=dict[str, Any])
    try:
        return msgspec.json.encode(upcast(found, schema))
    except (KeyError, TypeError) as error:
        raise msgspec.ValidationError(f"no event of schema {schema}: {error!r}") from error
