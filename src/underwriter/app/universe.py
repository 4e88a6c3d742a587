"""What can be traded here: the underlyings we know, and whether a policy may have them."""

from underwriter.app.policy_file import WrittenPolicy
from underwriter.app.toml_text import suggestion
from underwriter.market.instrument import SPX_TICKS, Instrument
from underwriter.market.sources.spx10 import SPX10

SPX = Instrument("SPX", "SPX", "european", "cash-am", SPX_TICKS)
KNOWN = {known.symbol: known for known in (SPX10, SPX)}
QUOTED = (SPX10.symbol,)  # those whose history comes along


def instruments(policy: WrittenPolicy, *, own: bool) -> tuple[Instrument, ...]:
    """The underlyings of a policy, in its order.

    `own` says that a history of the user's own is modelled: it stands for the one symbol of the
    universe.  Raises InputError for a symbol without quotes, and for a strategy that needs shares
    where there are none.
    """
    universe = policy.content.universe
    if own and len(universe) != 1:
        raise policy.source.error(
            ("universe",),
            f"found {len(universe)} symbols in universe",
            "expected one, since --spot gives one history",
        )
    for at, symbol in enumerate(universe):
        _needs_shares(policy, at, symbol)
        if not own and symbol not in QUOTED:
            raise policy.source.error(
                ("universe", at),
                f"found {symbol} in universe, of which there are no quotes",
                f"quoted: {suggestion(symbol, QUOTED)}; or give --spot, --vol and --bills",
            )
    return tuple(KNOWN.get(symbol) or share(symbol) for symbol in universe)


def _needs_shares(policy: WrittenPolicy, at: int, symbol: str) -> None:
    """Refuse the wheel on what settles in cash."""
    known = KNOWN.get(symbol)
    if policy.content.strategy == "wheel" and known is not None and not known.physical:
        raise policy.source.error(
            ("universe", at),
            f"found {symbol} in universe, which settles in cash, under the wheel, which needs "
            "shares",
            "expected an underlying of shares, or strategy cash_secured_put",
        )


def share(symbol: str) -> Instrument:
    """A stock or ETF of the user's own: American, physically settled, in cents."""
    root = "".join(mark for mark in symbol.upper() if mark.isalpha())[:6] or "OWN"
    return Instrument(symbol, root, "american", "physical")
