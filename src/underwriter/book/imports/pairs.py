"""Rows that belong together: an assigned option and its shares, an old contract and its new one.

Brokers tell both in two rows without saying which belong together.  What delivers is known by its
arithmetic: shares at the strike, as many as the contracts stand for, within a few days; contracts
that were adjusted deliver something else, and go by day and underlying.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import takewhile

import msgspec

from underwriter.book.imports.cells import KEPT
from underwriter.book.imports.statement import Instrument, Kind, Row
from underwriter.book.imports.symbols import bare
from underwriter.core.contract import CALL, parse_osi
from underwriter.core.units import MICRO

ENDS = (Kind.ASSIGNMENT, Kind.EXERCISE)
SWAPS = (Kind.SPLIT, Kind.REVERSE_SPLIT, Kind.SYMBOL_CHANGE, Kind.MERGER, Kind.ADJUSTMENT)
_LATE = 5  # days between an assignment and its shares: a weekend with a holiday beside it

Pairing = dict[str, str]  # id of a row -> what its pair is called, the id of its first row
Shares = Mapping[tuple[str, int], Sequence[Row]]  # by symbol without its dot, and day number


def paired(rows: Sequence[Row], *, marked: bool) -> list[Row]:
    """The rows with their pairs named.

    Where a broker does not mark what an option delivered (`marked` False), a trade of that day that
    fits to the share and cent is taken for it, and becomes a delivery.
    """
    pairs: Pairing = {}
    for same in _grouped(row for row in rows if row.kind in SWAPS):
        _match_swaps(same, pairs)
    sides: dict[int, str] = {}  # of a conversion, both of one row of the file
    for row in rows:
        if row.kind is Kind.CONVERSION:
            pairs[row.id] = sides.setdefault(row.line, row.id)
    kinds = {Kind.DELIVERY} if marked else {Kind.DELIVERY, Kind.TRADE}
    _match_ends([row for row in rows if row.kind in ENDS], _shares(rows, kinds), pairs)
    return [_named(row, pairs[row.id]) if row.id in pairs else row for row in rows]


@lru_cache(KEPT)
def delivered(instrument: Instrument, quantity_u: int, kind: Kind) -> tuple[int, int]:
    """Shares that an assignment or exercise moves, in millionths, and their price, the strike.

    A contract that was adjusted moves what its terms say, and not this.
    """
    contract = parse_osi(instrument.option or "", (instrument.root,))
    sign = 1 if (contract.right == CALL) == (kind is Kind.EXERCISE) else -1
    return sign * abs(quantity_u) * instrument.multiplier, int(contract.strike * MICRO)


def _moved(end: Row) -> tuple[int, int]:
    """What a row of an option that ended moves."""
    return delivered(_instrument(end), end.quantity_u, end.kind)


def _instrument(row: Row) -> Instrument:
    """The instrument of a row that has one, as options and shares do."""
    return row.instrument or Instrument("")


def _named(row: Row, pair: str) -> Row:
    kind = Kind.DELIVERY if row.kind is Kind.TRADE else row.kind
    return msgspec.structs.replace(row, pair=pair, kind=kind)


def _shares(rows: Iterable[Row], kinds: set[Kind]) -> Shares:
    """Rows that may be the shares of an option, by symbol and day."""
    found: defaultdict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in rows:
        if row.kind in kinds and row.instrument is not None and not row.is_option:
            found[bare(row.instrument.symbol), row.day.toordinal()].append(row)
    return found


def _grouped(rows: Iterable[Row]) -> list[list[Row]]:
    """Rows of one kind on one day and, of options that ended, of one contract."""
    found: defaultdict[tuple[str, int, str], list[Row]] = defaultdict(list)
    for row in rows:
        contract = _instrument(row).key if row.kind in ENDS else ""
        found[row.kind, row.day.toordinal(), contract].append(row)
    return list(found.values())


def _match_swaps(rows: Sequence[Row], pairs: Pairing) -> None:
    """What leaves with what comes for it: on one day, without money between them."""
    for old in rows:
        fits = [new for new in rows if _replaces(old, new) and new.id not in pairs]
        if old.id not in pairs and fits:
            new = max(fits, key=lambda row: _alike(old, row))
            pairs[old.id] = pairs[new.id] = old.id


def _replaces(old: Row, new: Row) -> bool:
    """Whether one row may be what comes for another: the other way, and even."""
    even = (old.currency, old.net_u, old.is_option) == (new.currency, -new.net_u, new.is_option)
    return even and old.quantity_u * new.quantity_u < 0


def _alike(old: Row, new: Row) -> tuple[bool, int]:
    """How much two rows are about one thing: their symbol, then how far their words agree."""
    alike = takewhile(lambda both: both[0] == both[1], zip(old.what, new.what, strict=False))
    return old.instrument == new.instrument, len([*alike])


def _match_ends(ends: Sequence[Row], shares: Shares, pairs: Pairing) -> None:
    """Options that ended with the shares they moved: row by row, summed, or as adjusted."""
    for end in ends:
        fits = [row for row in _free(end, shares, pairs) if _is_whole(end, row)]
        _take(pairs, [end], sorted(fits, key=lambda row: abs((row.day - end.day).days))[:1])
    for same in _grouped(_lone(ends, pairs)):
        parts = [row for row in _free(same[0], shares, pairs) if _is_part(same[0], row)]
        whole_u = sum(_moved(end)[0] for end in same)
        _take(pairs, same, parts if sum(row.quantity_u for row in parts) == whole_u else [])
    for end in _lone(ends, pairs):
        fits = [row for row in _free(end, shares, pairs) if _from_adjusted(end, row)]
        _take(pairs, [end], fits if len(fits) == 1 else [])


def _lone(ends: Iterable[Row], pairs: Pairing) -> list[Row]:
    """Options without their shares so far."""
    return [end for end in ends if end.id not in pairs]


def _free(end: Row, shares: Shares, pairs: Pairing) -> list[Row]:
    """Shares of the underlying within a few days that belong to nothing so far."""
    symbol, day = bare(_instrument(end).symbol), end.day.toordinal()
    near = (shares.get((symbol, day + off), ()) for off in range(-_LATE, _LATE + 1))
    return [row for rows in near for row in rows if row.id not in pairs]


def _take(pairs: Pairing, ends: Sequence[Row], shares: Sequence[Row]) -> None:
    """Name the pair of options and shares, where there are shares."""
    if shares:
        pairs.update((row.id, ends[0].id) for row in (*ends, *shares))


def _is_part(end: Row, row: Row) -> bool:
    """Whether a row is some of an option's shares: at the strike, that way, in time and money."""
    moved_u, strike_u = _moved(end)
    late = _LATE if row.kind is Kind.DELIVERY else 1
    near = abs((row.day - end.day).days) <= late and row.currency == end.currency
    return near and row.price_u == strike_u and row.quantity_u * moved_u > 0


def _is_whole(end: Row, row: Row) -> bool:
    """Whether a row is all of an option's shares."""
    return _is_part(end, row) and row.quantity_u == _moved(end)[0]


def _from_adjusted(end: Row, row: Row) -> bool:
    """Whether a row may be what an adjusted contract delivered."""
    marked = row.kind is Kind.DELIVERY and (row.day, row.currency) == (end.day, end.currency)
    return marked and _instrument(end).adjusted
