"""Every format the lake can be filled from, and which of them a file is.

A format is one object in one file; to add one, write it and name it in `FORMATS`.
"""

from pathlib import Path

from underwriter.core.errors import InputError
from underwriter.market.sources.datashop import DATASHOP
from underwriter.market.sources.deribit import DERIBIT
from underwriter.market.sources.dolthub import DOLTHUB
from underwriter.market.sources.head import head_of
from underwriter.market.sources.historicaloptiondata import HISTORICALOPTIONDATA
from underwriter.market.sources.history_parquet import HISTORY_PARQUET
from underwriter.market.sources.option_last import OPTION_LAST
from underwriter.market.sources.optionsdx import OPTIONSDX
from underwriter.market.sources.orats import ORATS
from underwriter.market.sources.source import Format
from underwriter.market.sources.spx_eod import SPX_EOD

__all__ = ["FORMATS", "format_named", "head_of", "recognise"]

_CHAINS: tuple[Format, ...] = (
    HISTORY_PARQUET,
    OPTIONSDX,
    DATASHOP,
    ORATS,
    HISTORICALOPTIONDATA,
    DOLTHUB,
    DERIBIT,
    SPX_EOD,
    OPTION_LAST,
)
_SERIES: tuple[Format, ...] = ()
FORMATS: tuple[Format, ...] = (*_CHAINS, *_SERIES)


def recognise(path: Path) -> Format:
    """The one format whose files look like this one.

    Raises InputError where no format knows the file, or more than one does.
    """
    head = head_of(path)
    found = [each for each in FORMATS if each.recognises(head)]
    if len(found) == 1:
        return found[0]
    if found:
        names = " and ".join(each.name for each in found)
        raise InputError(
            f"{path}: found a file that may be {names}; expected --format to say which"
        )
    shown = ",".join(head.names)[:60]
    raise InputError(
        f"{path}, line 1: found columns {shown!r}, which no format has; expected one of "
        f"{_names()}, or --format column-map --columns MAP.toml"
    )


def format_named(name: str) -> Format:
    """The format of this name; InputError that lists them all where there is none."""
    for each in FORMATS:
        if each.name == name:
            return each
    raise InputError(f"--format: found {name!r}; expected one of {_names()}")


def _names() -> str:
    """The names of the formats, in a row."""
    return ", ".join(each.name for each in FORMATS)
