"""The contract key, one int64 that sorts nothing and names everything, and the OSI symbol.

Bits of a key, from the top: root 15, expiry (day number) 16, right 1, strike in mils 31.
A key is never zero for a real contract (roots count from one), so zero means *no contract*.
"""

import re
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from underwriter.core.errors import InputError
from underwriter.core.kernel import kernel, plain
from underwriter.core.units import CENT_U, day_number, day_of

PUT = 0
CALL = 1
NONE = 0  # the key of no contract
MIL_U = 1_000  # a mil is the OSI unit of strikes, a thousandth of a dollar

_STRIKE_BITS = 31
RIGHT_SHIFT = 31
EXPIRY_SHIFT = 32
ROOT_SHIFT = 48
_STRIKE_MASK = (1 << _STRIKE_BITS) - 1
_DAY_MASK = (1 << 16) - 1
MAX_ROOTS = (1 << 15) - 1

_OSI_ROOT = re.compile(r"[A-Z][A-Z.]{0,5}")
_OSI_TAIL = re.compile(r"[0-9]{6}[CP][0-9]{8}")
_TAIL_LENGTH = 15
_RIGHTS = {"P": PUT, "C": CALL}


@kernel
def pack(root: int, expiry: int, right: int, strike_u: int) -> int:
    """The key of a contract; `root` counts from 1, `expiry` is a day number."""
    strike = strike_u // MIL_U
    return (root << ROOT_SHIFT) | (expiry << EXPIRY_SHIFT) | (right << RIGHT_SHIFT) | strike


@kernel
def root_of(key: int) -> int:
    """The root number, from 1."""
    return key >> ROOT_SHIFT


@kernel
def expiry_of(key: int) -> int:
    """The day number of the last day of the contract's life."""
    return (key >> EXPIRY_SHIFT) & _DAY_MASK


@kernel
def right_of(key: int) -> int:
    """PUT or CALL."""
    return (key >> RIGHT_SHIFT) & 1


@kernel
def strike_of(key: int) -> int:
    """The strike in millionths of a dollar."""
    return (key & _STRIKE_MASK) * MIL_U


@kernel
def intrinsic_u(key: int, spot_u: int) -> int:
    """What exercise now would be worth, per share in millionths."""
    gain = spot_u - strike_of(key) if right_of(key) == CALL else strike_of(key) - spot_u
    return max(gain, 0)


@kernel
def most_worth_u(key: int, spot_u: int) -> int:
    """The most that an option can ever be worth a share: a call its share, a put its strike."""
    return spot_u if right_of(key) == CALL else strike_of(key)


@kernel
def split_key(key: int, times: int) -> int:
    """What a contract becomes in a whole split: its strike divided, to the nearest cent.

    Halves go upward.  AAPL, June 2014, 7:1: 600 became 85.71 (Cboe Research Circular RS14-231).
    """
    cents = (2 * strike_of(key) + times * CENT_U) // (2 * times * CENT_U)
    return pack(root_of(key), expiry_of(key), right_of(key), cents * CENT_U)


_pack, _expiry_of = plain(pack), plain(expiry_of)
_right_of, _strike_of = plain(right_of), plain(strike_of)


class Contract(NamedTuple):
    """A listed option as people write it: `OptionContract` without the terms of its root."""

    root: str
    expiry: date
    right: int
    strike: Decimal

    def key(self, root_number: int) -> int:
        """The packed key under the number that a slab or a book gave this root."""
        strike_u = int(self.strike * 1_000_000)
        return _pack(root_number, day_number(self.expiry), self.right, strike_u)

    def osi(self) -> str:
        """The 21-character OSI symbol."""
        mils = int(self.strike * 1_000)
        letter = "C" if self.right == CALL else "P"
        return f"{self.root:<6}{self.expiry:%y%m%d}{letter}{mils:08d}"

    def __str__(self) -> str:
        letter = "C" if self.right == CALL else "P"
        return f"{self.root} {self.expiry:%Y-%m-%d} {letter} {self.strike.normalize():f}"


def unpack(key: int, root: str) -> Contract:
    """The contract behind a key, under its root's name."""
    strike = Decimal(int(_strike_of(key))) / 1_000_000
    return Contract(root, day_of(_expiry_of(key)), int(_right_of(key)), strike)


@lru_cache(1 << 14)  # what is held is named again and again
def osi_of(key: int, root: str) -> str:
    """The OSI symbol behind a key, under its root's name."""
    return unpack(key, root).osi()


def osi_root(symbol: str) -> str:
    """The root of an OSI symbol, padded or not; "" of what is too short to be one."""
    return symbol[:-_TAIL_LENGTH].rstrip()


def osi_tail(symbol: str) -> tuple[date, int, int]:
    """Expiry, right and strike in mils, which end an OSI symbol; InputError for anything else."""
    tail = symbol[-_TAIL_LENGTH:]
    if not _OSI_TAIL.fullmatch(tail):
        raise InputError(f"option symbol {symbol!r}: expected ROOT + yymmdd + C|P + 8 digits")
    try:
        expiry = date(2000 + int(tail[:2]), int(tail[2:4]), int(tail[4:6]))
    except ValueError as error:
        raise InputError(f"option symbol {symbol!r}: {error}") from error
    if (mils := int(tail[7:])) == 0:
        raise InputError(f"option symbol {symbol!r}: expected a strike above zero, found 0")
    return expiry, _RIGHTS[tail[6]], mils


def parse_osi(symbol: str, known_roots: Collection[str] = ()) -> Contract:
    """Read an OSI symbol, padded to 21 characters or with its spaces stripped.

    Raises InputError for anything else, and for a root that carries a digit: an adjusted
    contract delivers something other than its name says and is never traded by default
    (OCC).  A root that an instrument declares (`known_roots`) may carry digits.
    """
    expiry, right, mils = osi_tail(symbol)
    head = osi_root(symbol)
    if head not in known_roots and not _OSI_ROOT.fullmatch(head):
        raise InputError(
            f"option symbol {symbol!r}: root {head!r} is adjusted or malformed; expected one to "
            "six letters (adjusted roots such as XYZ1 are quarantined)"
        )
    return Contract(head, expiry, right, Decimal(mils) / 1_000)
