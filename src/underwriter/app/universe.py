"""What a policy may trade: its universe on the history that comes along, or on one file of prices.

What the lake has quotes of is `from_lake`'s to say.
"""

from collections.abc import Iterable
from pathlib import Path

from underwriter.app.policy_file import WrittenPolicy
from underwriter.app.request import Named, Request
from underwriter.app.settings import Account
from underwriter.core.errors import InputError
from underwriter.market.instrument import SPX_TICKS, Instrument
from underwriter.market.sources.spx10 import SPX10

COMES_ALONG = SPX10  # its history does, and quotes are modelled on it
_SPX = Instrument("SPX", "SPX", "european", "cash-am", SPX_TICKS)
OF_SHARES = {
    "wheel": "the wheel",
    "covered_call": "covered_call",
    "collar": "collar",
}


def stands_alone(request: Request) -> bool:
    """Whether policies trade what comes along; InputError where they trade more beside it."""
    if COMES_ALONG.symbol not in request.universe:
        return False
    for each in request.named:
        if each.symbol != COMES_ALONG.symbol:
            raise each.policy.source.error(
                ("universe", each.at),
                f"found {each.symbol} in universe beside {COMES_ALONG.symbol}, which is modelled",
                f"expected {COMES_ALONG.symbol} alone, or none of it",
            )
    return True


def own_instrument(request: Request, spot: Path) -> Instrument:
    """What stands for the one symbol of a universe whose history is a file of the user's own.

    Raises InputError for more symbols than one, and for a strategy that needs shares where there
    are none.
    """
    universe = request.universe
    if len(universe) != 1:
        odd = next(each for each in request.named if each.symbol != universe[0])
        raise odd.policy.source.error(
            ("universe", odd.at),
            f"found {odd.symbol} in universe beside {universe[0]}",
            "expected one symbol, since --spot gives one history",
        )
    if universe[0] == COMES_ALONG.symbol:  # that name is of what comes along, not of the user's
        return share(spot.name.split(".")[0])
    instrument = _SPX if universe[0] == _SPX.symbol else share(universe[0])
    for each in request.named:
        needs_shares(each, instrument)
    return instrument


def needs_shares(named: Named, instrument: Instrument) -> None:
    """InputError for a strategy that keeps shares on what settles in cash."""
    strategy = named.policy.content.strategy
    if strategy in OF_SHARES and not instrument.physical:
        raise named.policy.source.error(
            ("universe", named.at),
            f"found {named.symbol} in universe, which settles in cash, under "
            f"{OF_SHARES[strategy]}, which needs shares",
            "expected an underlying of shares, or strategy cash_secured_put",
        )


def needs_market(request: Request) -> None:
    """InputError for a universe whose quotes are a history that has ended."""
    if request.own is not None or stands_alone(request):
        names = ", ".join(request.universe)
        raise InputError(
            f"universe {names}: its quotes are a history that has ended; expected a history to "
            "run over (--from, --to), or a universe that is traded"
        )


def needs_margin(policies: Iterable[WrittenPolicy], account: Account) -> None:
    """InputError for a strategy whose calls are naked in an account that secures all in cash."""
    if account.collateral == "reg_t":
        return
    for policy in policies:
        _needs_margin(policy, account)


def _needs_margin(policy: WrittenPolicy, account: Account) -> None:
    """InputError for a strangle."""
    if policy.content.strategy == "strangle":
        raise policy.source.error(
            ("strategy",),
            f'found strangle in strategy under account.collateral = "{account.collateral}"',
            'expected account.collateral = "reg_t" in the settings, or strategy iron_condor',
        )


def share(symbol: str) -> Instrument:
    """A stock or ETF of the user's own: American, physically settled, in cents."""
    root = "".join(mark for mark in symbol.upper() if mark.isalpha())[:6] or "OWN"
    return Instrument(symbol, root, "american", "physical")
