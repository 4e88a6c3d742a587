"""One interrupt for one Ctrl-C: polars raises it out of its work, and Python again right after."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def interrupted_once() -> Iterator[None]:
    """Let an interrupt pass once its second coming is over, which would cut cleaning up short."""
    try:
        yield
    except KeyboardInterrupt:
        with suppress(KeyboardInterrupt):
            time.sleep(0)
        raise
