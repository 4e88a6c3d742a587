"""What people call the sleeves of a book: the policy and the underlying, and which rung.

wheel-index:SPX/10       the first
wheel-index:SPX/10:2     the second rung of its ladder
"""

from collections import Counter
from collections.abc import Iterable

from underwriter.book.event import SleeveOpened


def sleeve_names(sleeves: Iterable[SleeveOpened]) -> tuple[str, ...]:
    """A name for each sleeve of a book, in their order; no two are alike."""
    return names_of((opened.name, opened.underlying) for opened in sleeves)


def names_of(sleeves: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The same of policies and underlyings."""
    seen: Counter[str] = Counter()
    names = []
    for policy, underlying in sleeves:
        plain = f"{policy}:{underlying}"
        seen[plain] += 1
        names.append(plain if seen[plain] == 1 else f"{plain}:{seen[plain]}")
    return tuple(names)
