"""What people call the sleeves of a book: the policy and the underlying, and which rung.

wheel-index:SPX/10       the first
wheel-index:SPX/10:2     the second rung of its ladder
"""

from collections import Counter
from collections.abc import Iterable

from underwriter.book.event import SleeveOpened


def sleeve_names(sleeves: Iterable[SleeveOpened]) -> tuple[str, ...]:
    """A name for each sleeve, in their order; no two are alike."""
    seen: Counter[str] = Counter()
    names = []
    for opened in sleeves:
        plain = f"{opened.name}:{opened.underlying}"
        seen[plain] += 1
        names.append(plain if seen[plain] == 1 else f"{plain}:{seen[plain]}")
    return tuple(names)
