"""What tax law asks of options when they are written: calls on shares that are held, and deep puts.

Calls on shares: which of them are qualified covered calls, and why not.

A call that is not qualified makes a straddle with its shares, which puts losses off and stops or
resets holding periods (26 U.S.C. 1092).  Nothing of that is computed here; each call is told with
the reason, as far as the journal knows it.  Strikes that were listed are not in a journal, so that
of a call under the close before it, where the law asks for the next listed strike, is not known.

Puts in the money: Rev. Rul. 85-87 counts a put whose exercise is all but certain as a purchase, so
that it makes a wash sale of a loss on shares within the window.  No number says how deep; each put
that was written in the money is told, and counts when its shares are assigned.
"""

from datetime import date
from typing import NamedTuple

from underwriter.book.event import AnyEvent, Filled, Marked, Split
from underwriter.book.lots import Lots, Moves
from underwriter.book.naming import contract_of
from underwriter.book.tax_rules import Rules
from underwriter.core.contract import CALL
from underwriter.core.units import MICRO

_MONTHS = 12


class CoveredCall(NamedTuple):
    """A call written on shares: `qualified` is None where the journal does not say enough."""

    account: str
    underlying: str
    option: str
    quantity: int  # without a sign
    written: date
    qualified: bool | None
    reason: str


def qualified(
    option: str, written: date, close_u: int | None, rules: Rules
) -> tuple[bool | None, str]:
    """Whether a covered call is qualified, and why; `close_u` is the close of the session before.

    Source: 26 U.S.C. 1092(c)(4) and Treas. Reg. 1.1092(c)-1; the numbers are those of the table.
    """
    contract = contract_of(option)
    days = (contract.expiry - written).days
    if days <= rules.call_days:
        return False, f"{days} days to expiry; more than {rules.call_days} are needed"
    if contract.expiry > _months_later(written, rules.call_months):
        return None, f"over {rules.call_months} months to expiry: a benchmark of its own"
    if close_u is None:
        return None, "the close of the session before is not in the journal"
    strike_u = int(contract.strike * MICRO)
    if strike_u >= close_u:
        return True, f"{days} days, strike not under the close before it"
    low = close_u <= rules.call_low_u
    if low and strike_u * 100 < close_u * rules.call_low_percent:
        return False, f"strike under {rules.call_low_percent}% of the close before it"
    return None, "strike under the close before it: whether it is the next one listed is not known"


def _months_later(day: date, months: int) -> date:
    """The same day some whole years of months later; a leap day becomes the first of March."""
    year = day.year + months // _MONTHS
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


class DeepPut(NamedTuple):
    """A put written in the money: over the close of the session before, in millionths."""

    account: str
    underlying: str
    option: str
    written: date
    strike_u: int
    close_u: int


class Written:
    """The options that were written, while events are taken in."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.calls: list[CoveredCall] = []
        self.puts: list[DeepPut] = []
        self._closes: dict[str, tuple[date, int]] = {}

    def see(self, event: AnyEvent, lots: Lots, moves: Moves) -> None:
        """Take in one event, after the lots did."""
        if isinstance(event, Marked):
            told = ((name, quoted.close_u) for name, quoted in event.underlyings.items())
            self._closes.update({name: (event.session, close_u) for name, close_u in told})
        elif isinstance(event, Split):
            self._closes.pop(lots.underlying(event), None)  # of shares that there are no more
        elif isinstance(event, Filled) and event.option is not None and event.quantity < 0:
            written = -event.quantity - sum(one.quantity for one in moves.closed)
            if written:
                self._write(event, event.option, written, lots)

    def _write(self, event: Filled, option: str, quantity: int, lots: Lots) -> None:
        """A sale that opened: a call as far as shares cover it, a put where it is in the money."""
        underlying, contract = lots.underlying(event), contract_of(option)
        day, close_u = self._closes.get(underlying, (event.session, 0))
        before_u = close_u if day < event.session else None
        if contract.root in self.rules.broad:
            return
        strike_u = int(contract.strike * MICRO)
        if contract.right == CALL:
            shares = lots.shares(event.account, underlying)
            covered = min(quantity, shares // lots.multiplier[underlying])
            if covered > 0:
                found = qualified(option, event.session, before_u, self.rules)
                self.calls.append(
                    CoveredCall(event.account, underlying, option, covered, event.session, *found)
                )
        elif before_u is not None and strike_u > before_u:
            self.puts.append(
                DeepPut(event.account, underlying, option, event.session, strike_u, before_u)
            )
