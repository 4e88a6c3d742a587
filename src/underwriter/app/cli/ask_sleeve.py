"""The options of `underwriter analyse` as a sleeve of a journal; what is wrong is refused."""

from dataclasses import fields
from pathlib import Path

from underwriter.app.analyse_sleeve import AskedSleeve
from underwriter.app.books import day_asked, journal_asked
from underwriter.app.cli.analyse import Options
from underwriter.app.cli.ask_trade import fraction, volatility
from underwriter.core.errors import InputError

_TOLD = (  # by the journal
    "underlying", "spot", "leg", "shares", "vol", "rate", "yield_", "dividend", "style",
    "settlement", "multiplier",
)  # fmt: skip


def sleeve_of(options: Options, home: Path, here: Path) -> AskedSleeve:
    """The sleeve that the command line names."""
    _require_alone(options)
    if options.book is None:
        raise InputError(
            f"--sleeve {options.sleeve}: found no --book beside it; "
            "expected --book JOURNAL, or a run's folder"
        )
    drift = options.drift
    return AskedSleeve(
        journal=journal_asked(options.book, home, here),
        sleeve=options.sleeve,
        as_of=day_asked(options.as_of),
        real_vol=volatility("--real-vol", options.real_vol),
        drift=None if drift is None else fraction("--drift", drift, -1.0),
        broad_index=options.index,
    )


def _require_alone(options: Options) -> None:
    """InputError for what a trade is told by, beside a sleeve, of which the journal tells it."""
    usual = {each.name: each.default for each in fields(options)}
    given = [name for name in _TOLD if getattr(options, name) not in (usual[name], [])]
    if given:
        flags = ", ".join(f"--{name.rstrip('_')}" for name in given)
        form = "--sleeve" if options.sleeve is not None else "--book"
        raise InputError(
            f"{flags}: found beside {form}, whose journal says it; expected a trade without "
            "--sleeve and --book, or those without it"
        )
