"""What files call an underlying and the root of an option, in one way of writing.

Upper case, without the caret, dollar or dot that vendors put before an index, and with a dot
before the class of a share: "^SPX" is SPX; "BRK B" and "BRK/B" are BRK.B.  Roots that Cboe lists
for the PM-settled series of an index belong to the index: SPXW to SPX.  An adjusted root (XYZ1)
keeps its digit as a root, and belongs to the underlying without it.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

import polars as pl

from underwriter.core.errors import InputError
from underwriter.market.sources.rows import NOTHING, wrong_cell

INDEX_OF: Mapping[str, str] = MappingProxyType(
    {"SPXW": "SPX", "SPXPM": "SPX", "NDXP": "NDX", "RUTW": "RUT", "VIXW": "VIX"}
)
_INDEX_MARK = re.compile(r"^[\^$.]")
_CLASS_MARK = re.compile(r"[ /]+")
_NAME = re.compile(r"[A-Z0-9][A-Z0-9_]{0,9}(?:[.\-][A-Z0-9]{1,4})?")
_ADJUSTED = re.compile(r"(?<=[A-Z])[0-9]$")
_OSI_TAIL = 15  # yymmdd, C or P, eight digits of strike
_NO_HEAD = "?"  # no symbol, so that one which is too short is refused


def name_of(word: str) -> str | None:
    """An underlying or a root as we write it; None where the word can be neither."""
    plain = _CLASS_MARK.sub(".", _INDEX_MARK.sub("", word.strip()).strip().upper())
    return plain if _NAME.fullmatch(plain) else None


def underlying_of(root: str) -> str:
    """The underlying that a root belongs to, where nothing else says."""
    return INDEX_OF.get(root) or _ADJUSTED.sub("", root)


def asked(word: str | None) -> str | None:
    """What `--underlying` names; InputError where it is no symbol."""
    found = None if word is None else name_of(word)
    if word is not None and found is None:
        raise InputError(f"--underlying: found {word!r}; expected a symbol such as SPX or BRK.B")
    return None if found is None else INDEX_OF.get(found, found)


def named(
    raw: pl.DataFrame, columns: Mapping[str, str], asked_for: str | None, place: str
) -> tuple[pl.Series, pl.Series]:
    """The series `underlying` and `root` of a file's rows; `columns` maps ours to theirs.

    Raises InputError for a word that is no symbol, a row of another underlying than was asked
    for, and a file that says no underlying where nobody else does.
    """
    root = _root(raw, columns, place)
    said = columns.get("underlying")
    if said is not None:
        written = _names(raw, said, raw[said], place)
        underlying = _mapped(written, lambda name: INDEX_OF.get(name, name))
        root = _mapped(written, _weekly) if root is None else root
    elif root is not None:
        underlying = _mapped(root, underlying_of)
    else:
        underlying = _constant(asked_for, raw.height)
    if underlying.null_count():
        raise InputError(
            f"{place}: found no underlying in its columns or its name; expected --underlying SYMBOL"
        )
    if asked_for is not None:
        underlying = _as_asked(raw, underlying, asked_for, place)
    root = _constant(None, raw.height) if root is None else root
    return underlying.alias("underlying"), root.alias("root")


def line_of(raw: pl.DataFrame, words: pl.Series, word: str | None) -> int:
    """The line of the first row that has a word among `words`."""
    return int(raw["line"][int(words.eq_missing(word).arg_max() or 0)])


def _root(raw: pl.DataFrame, columns: Mapping[str, str], place: str) -> pl.Series | None:
    """The root of each row: its column, or the head of an OSI symbol; None where it has none."""
    if "root" in columns:
        return _names(raw, columns["root"], raw[columns["root"]], place)
    if "symbol" in columns:
        return _names(raw, columns["symbol"], _heads(raw[columns["symbol"]]), place)
    return None


def _heads(symbols: pl.Series) -> pl.Series:
    """The roots of OSI symbols; where they are all one, as in most files, without cutting each."""
    if len(symbols) and not symbols.null_count():
        head = symbols[0][:-_OSI_TAIL]
        alike = symbols.str.len_chars() == len(symbols[0])
        if head and (alike & symbols.str.starts_with(head)).all():
            return _constant(head, len(symbols))
    heads = symbols.str.head(-_OSI_TAIL)
    return heads.set(heads == "", _NO_HEAD)


def _names(raw: pl.DataFrame, theirs: str, words: pl.Series, place: str) -> pl.Series:
    """Words as symbols; InputError that names the first that is none."""
    different = _different(words)
    if not {*NOTHING}.isdisjoint(different):
        words = words.set(words.is_in(NOTHING), None)
    found = {word: name_of(word) for word in different if word not in NOTHING}
    wrong = next((word for word, name in found.items() if name is None), None)
    if wrong is None:
        return _replaced(words, found)
    line = line_of(raw, words, wrong)
    allowed = "a symbol such as SPXW or BRK.B, or in full SPXW260116P06000000"
    raise wrong_cell(place, line, theirs, raw.filter(line=line)[theirs][0], allowed)


def _mapped(words: pl.Series, change: Callable[[str], str | None]) -> pl.Series:
    """Each word changed; a column has few different ones."""
    different = _different(words)
    return _replaced(words, {word: change(word) for word in different})


def _different(words: pl.Series) -> list[str]:
    """The words that stand in a column, each once."""
    if len(words) and not words.null_count() and bool((words == words[0]).all()):
        return [words[0]]
    return words.unique(maintain_order=True).drop_nulls().to_list()


def _replaced(words: pl.Series, found: Mapping[str, str | None]) -> pl.Series:
    """Each word as `found` has it."""
    if len(found) == 1 and not words.null_count():
        return _constant(next(iter(found.values())), len(words))
    return words.replace_strict(found, default=None, return_dtype=pl.String)


def _constant(word: str | None, rows: int) -> pl.Series:
    """The same word in every row."""
    return pl.Series([word], dtype=pl.String).new_from_index(0, rows)


def _weekly(name: str) -> str | None:
    """The root that stands where the underlying should; None for an underlying."""
    return name if name in INDEX_OF else None


def _as_asked(raw: pl.DataFrame, underlying: pl.Series, asked_for: str, place: str) -> pl.Series:
    """The underlying as asked for; InputError for the first row of another."""
    plain = asked_for.replace(".", "")  # the root of BRK.B is BRKB
    for name in underlying.unique(maintain_order=True):
        if name.replace(".", "") != plain:
            line = line_of(raw, underlying, name)
            raise InputError(
                f"{place}, line {line}: found underlying {name}; expected {asked_for}, as "
                "--underlying or the file's name says"
            )
    return _constant(asked_for, raw.height)
