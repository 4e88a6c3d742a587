"""What people call what is in a book: its options, and its sleeves.

KO 2026-02-20 P 60       an option
wheel-index:SPX/10       a sleeve by its policy and underlying, the first
wheel-index:SPX/10:2     the second rung of its ladder
"""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from underwriter.book.event import SleeveOpened
from underwriter.core.contract import Contract, osi_root, parse_osi
from underwriter.core.errors import InputError


@lru_cache(maxsize=1 << 14)
def contract_of(option: str) -> Contract:
    """The contract of an OSI symbol, under whatever root; InputError for anything else."""
    return parse_osi(option, (osi_root(option),))


def named(option: str) -> str:
    """An option as people write it; as it stands where it is none, such as shares or a currency."""
    try:
        return str(contract_of(option))
    except InputError:
        return option.strip()


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
