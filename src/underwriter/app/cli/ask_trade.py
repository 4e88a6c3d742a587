"""The options of `underwriter analyse` as a trade; what is wrong in them is refused."""

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from underwriter.app import leg_words
from underwriter.app.analyse import SETTLEMENT, Settlement
from underwriter.app.analyse_trade import AskedTrade
from underwriter.app.cli.analyse import Options
from underwriter.core.errors import InputError
from underwriter.market.gates.ground import FLAT_RATE, listed
from underwriter.market.instrument import Instrument, Style
from underwriter.market.sources.symbols import name_of

_EXCHANGE = ZoneInfo("America/New_York")
_MOST_VOL = 5.0
_MOST_LEGS = 20
_MOST_DOLLARS = 1e11  # millionths of the margin of more would not fit into an integer


def trade_of(options: Options) -> AskedTrade:
    """The trade that the command line describes."""
    symbol, spot, words = _required(options)
    listing = _listed(symbol)
    today = _today(options.as_of)
    rate = FLAT_RATE if options.rate is None else options.rate
    asked = AskedTrade(
        underlying=listing.root,
        today=today,
        spot=_number("--spot", spot, 0.0, leg_words.MOST_PRICE, "a price above 0"),
        legs=_legs(words, today),
        shares=_shares(options, listing),
        multiplier=_whole("--multiplier", options.multiplier, 1, 10_000),
        style=options.style or _style(options, listing),
        settlement=_settlement(options, listing),
        rate=fraction("--rate", rate, 0.0),
        payout=fraction("--yield", options.yield_, 0.0),
        dividends=tuple(leg_words.dividend(words, today) for words in options.dividend or ()),
        vol=volatility("--vol", options.vol),
        real_vol=volatility("--real-vol", options.real_vol),
        drift=fraction("--drift", rate if options.drift is None else options.drift, -1.0),
        broad_index=options.index or not listing.physical,
    )
    _bounded(asked)
    if asked.dividends and asked.payout:
        raise InputError(f"--yield {asked.payout:g}: found beside --dividend; expected one of them")
    return asked


def _required(options: Options) -> tuple[str, float, Sequence[str]]:
    """Symbol, spot and legs; InputError where one was left out."""
    symbol, spot, words = options.underlying, options.spot, options.leg
    if symbol is not None and spot is not None and words:
        return symbol, spot, words
    left_out = {"--underlying": symbol is None, "--spot": spot is None, "--leg": not words}
    missing = ", ".join(flag for flag, lacks in left_out.items() if lacks)
    raise InputError(
        f"found no {missing}; expected --underlying, --spot and --leg for a trade, "
        "or --sleeve and --book for what is held"
    )


def chart_of(output: Path | None) -> Path | None:
    """The file to draw to; InputError where it cannot be one."""
    if output is None:
        return None
    if output.suffix.lower() != ".svg":
        raise InputError(f"--output {output}: expected a name that ends in .svg")
    if not output.absolute().parent.is_dir():
        raise InputError(f"--output {output}: found no such folder; expected one to write in")
    if output.is_dir():
        raise InputError(f"--output {output}: found a folder; expected a file to write")
    return output


def _bounded(asked: AskedTrade) -> None:
    """InputError for a position that no account could hold."""
    dearest = max(asked.spot, *(leg.strike for leg in asked.legs))
    contracts = sum(abs(leg.quantity) for leg in asked.legs)
    found = dearest * (contracts * asked.multiplier + asked.shares)
    if found > _MOST_DOLLARS:
        raise InputError(
            f"--leg: found a position on {found:,.0f} dollars of shares; "
            f"expected at most {_MOST_DOLLARS:,.0f}"
        )


def _listed(symbol: str) -> Instrument:
    """What is known of an underlying by its name: an index, or else a share."""
    name = name_of(symbol)
    if name is None:
        raise InputError(f"--underlying: found {symbol!r}; expected a symbol such as SPY or BRK.B")
    return listed(name)


def _today(words: str | None) -> date:
    """The day of the trade: as told, else the exchange's date."""
    if words is None:
        return datetime.now(UTC).astimezone(_EXCHANGE).date()  # noqa: TID251  app is one of two that may
    try:
        return date.fromisoformat(words)
    except ValueError as error:
        raise InputError(f"--as-of: found {words!r}; expected a day, such as 2026-11-02") from error


def _legs(several: Sequence[str], today: date) -> tuple[leg_words.Written, ...]:
    """The legs, in the order of the command line."""
    if len(several) > _MOST_LEGS:
        raise InputError(f"--leg: found {len(several)} of them; expected at most {_MOST_LEGS}")
    return tuple(leg_words.leg(words, today) for words in several)


def _shares(options: Options, listing: Instrument) -> int:
    """Shares held; InputError for shares of what settles in cash."""
    shares = _whole("--shares", options.shares, 0, 1_000_000_000)
    if shares and _settlement(options, listing) != "physical":
        raise InputError(
            f"--shares: found {shares} with settlement in cash; "
            "expected none, or --settlement physical"
        )
    return shares


def _settlement(options: Options, listing: Instrument) -> Settlement:
    """In shares or in cash: as told, else as listed."""
    return options.settlement or SETTLEMENT[listing.settlement]


def _style(options: Options, listing: Instrument) -> Style:
    """Exercise: as told; European what settles in cash, else as listed."""
    return "european" if options.settlement in {"pm", "am"} else listing.style


def volatility(flag: str, vol: float | None) -> float | None:
    """A volatility, where one is told."""
    wanted = "a volatility a year as a fraction, such as 0.28, from 0.01"
    return None if vol is None else _number(flag, vol, 0.0099999, _MOST_VOL, wanted)


def fraction(flag: str, value: float, least: float) -> float:
    """A rate a year, at most 1."""
    if not (math.isfinite(value) and least <= value <= 1.0):
        raise InputError(
            f"{flag}: found {value:g}; expected a fraction a year from {least:g} to 1, such as 0.04"
        )
    return value


def _number(flag: str, value: float, above: float, most: float, wanted: str) -> float:
    """A number above one bound and not above another."""
    if not (math.isfinite(value) and above < value <= most):
        raise InputError(f"{flag}: found {value:g}; expected {wanted}, at most {most:g}")
    return value


def _whole(flag: str, value: int, least: int, most: int) -> int:
    """A whole number between bounds."""
    if not least <= value <= most:
        raise InputError(
            f"{flag}: found {value}; expected a whole number from {least:,} to {most:,}"
        )
    return value
