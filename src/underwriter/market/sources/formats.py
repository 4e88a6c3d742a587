"""Every format the lake can be filled from, and which of them a file is.

A format is one object in one file; to add one, write it and name it in `FORMATS`.
"""

import re
from pathlib import Path

from underwriter.core.errors import InputError
from underwriter.market.sources.bars import ADJUSTED_NAME, BARS
from underwriter.market.sources.cboe_series import CBOE
from underwriter.market.sources.column_map import COLUMN_MAP
from underwriter.market.sources.datashop import DATASHOP
from underwriter.market.sources.deribit import DERIBIT
from underwriter.market.sources.dividends import DIVIDENDS
from underwriter.market.sources.dolthub import DOLTHUB
from underwriter.market.sources.head import head_of
from underwriter.market.sources.historicaloptiondata import HISTORICALOPTIONDATA
from underwriter.market.sources.history_parquet import HISTORY_PARQUET, SIDECAR
from underwriter.market.sources.lean_equity import LEAN_EQUITY, LEAN_FACTORS
from underwriter.market.sources.lean_options import LEAN_OPTIONS
from underwriter.market.sources.lean_universe import LEAN_UNIVERSE
from underwriter.market.sources.option_last import OPTION_LAST
from underwriter.market.sources.optionsdx import OPTIONSDX
from underwriter.market.sources.orats import ORATS
from underwriter.market.sources.own import OWN
from underwriter.market.sources.rates import RATES
from underwriter.market.sources.series import is_series
from underwriter.market.sources.source import Format
from underwriter.market.sources.splits import SPLITS
from underwriter.market.sources.spx_eod import SPX_EOD
from underwriter.market.sources.wide_closes import WIDE_CLOSES

__all__ = ["FORMATS", "companion", "format_named", "head_of", "recognise"]

_CHAINS: tuple[Format, ...] = (
    HISTORY_PARQUET,
    OPTIONSDX,
    DATASHOP,
    ORATS,
    HISTORICALOPTIONDATA,
    DOLTHUB,
    LEAN_OPTIONS,
    LEAN_UNIVERSE,
    DERIBIT,
    SPX_EOD,
    OPTION_LAST,
    COLUMN_MAP,
)
_SERIES: tuple[Format, ...] = (
    BARS,
    WIDE_CLOSES,
    DIVIDENDS,
    SPLITS,
    CBOE,
    RATES,
    LEAN_EQUITY,
    LEAN_FACTORS,
)
_COMPANIONS = (
    (rf"/{re.escape(SIDECAR)}$", "says what the chain beside it is of, and is read with it"),
    (r"(^|/)map_files/[^/]+\.csv$", "LEAN's list of a stock's former names"),
    (r"/implied_forward\.csv$", "forwards that somebody worked out: ours come from the quotes"),
    (r"/[^/]*implied_vol[^/]*\.csv(\.gz)?$", "volatilities of names: ours come from the quotes"),
)
FORMATS: tuple[Format, ...] = (*_CHAINS, *_SERIES, OWN)


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


def companion(path: Path) -> str | None:
    """Why a file that lies beside data is passed over, for people; None where it is data.

    Known by its name, and that of its folder, so that the import of a whole folder need not stop
    at what its publisher laid beside the quotes.  Raises InputError for a damaged file.
    """
    place = "/".join(path.absolute().parts[-2:])
    said = next((why for pattern, why in _COMPANIONS if re.search(pattern, place)), None)
    if said is None and ADJUSTED_NAME.search(path.name) and is_series(head_of(path)):
        return "adjusted prices: the lake keeps those that were traded"
    return said


def format_named(name: str) -> Format:
    """The format of this name; InputError that lists them all where there is none."""
    for each in FORMATS:
        if each.name == name:
            return each
    raise InputError(f"--format: found {name!r}; expected one of {_names()}")


def _names() -> str:
    """The names of the formats, in a row."""
    return ", ".join(each.name for each in FORMATS)
