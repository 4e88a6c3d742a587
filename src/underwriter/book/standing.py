"""What is held beyond what it was opened at, by the prices of an account's last evening.

    evening: equity 20,030, cash 14,134, shares 6,010     options -114, for which 169 was received
    100 KO that cost 6,000                                unrealised: shares 10, options 55

An evening tells closes, and what all options of an account are worth together; of each of them it
tells no price.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from underwriter.book.event import Marked
from underwriter.book.positions import Holding


class Unrealised(NamedTuple):
    """Of an account, or of a sleeve; None where no evening says it."""

    shares_u: int | None
    options_u: int | None

    @property
    def whole_u(self) -> int | None:
        """Both together."""
        if self.shares_u is None or self.options_u is None:
            return None
        return self.shares_u + self.options_u


UNKNOWN = Unrealised(None, None)


def unrealised(held: Sequence[Holding], mark: Marked | None, last: date | None) -> Unrealised:
    """Of what an account holds, all of it; unknown where it was not marked on the last day told."""
    if mark is None or mark.session != last:
        return UNKNOWN
    options_u = mark.equity_u - mark.cash_u - mark.shares_u
    cost_u = sum(each.campaign.cost_u for each in held)
    return Unrealised(mark.shares_u - cost_u, options_u + sum(each.open_u for each in held))


def of_sleeve(
    one: Holding, account: Sequence[Holding], mark: Marked | None, last: date | None
) -> Unrealised:
    """Of one sleeve of an account: its options where no other sleeve of it holds any."""
    whole = unrealised(account, mark, last)
    if mark is None or whole.options_u is None:
        return UNKNOWN
    quoted = mark.underlyings.get(one.opened.underlying)
    shares_u = None
    if quoted is not None or not one.shares:
        close_u = 0 if quoted is None else quoted.close_u
        shares_u = one.shares * close_u - one.campaign.cost_u
    with_legs = [each.opened.sleeve for each in account if each.legs]
    options_u = whole.options_u if with_legs == [one.opened.sleeve] else None
    return Unrealised(shares_u, options_u if one.legs else 0)
