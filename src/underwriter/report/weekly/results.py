"""Equity from one week's last evening to the next, and what changed it.

A week's figure is what the books say after it, less what they said before it: so what a broker
corrected in the week of an earlier one counts in the week in which it was told.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from underwriter.core.units import MICRO
from underwriter.report.tables import View
from underwriter.report.weekly.rows import Cause, Evening, Results
from underwriter.report.weekly.told import Told

OPTIONS, SHARES = "premium captured, options that ended", "shares sold, over their cost"
OPEN_OPTIONS, OPEN_SHARES = "options held, change of value", "shares held, change of value"
DIVIDENDS, INTEREST = "dividends", "interest"
FEES, CHARGES = "fees of trades", "charges of the account"
UNEXPLAINED = "not explained by any event"
_CENT_U = MICRO // 100
_SEEN = timedelta(weeks=13)


def dollars(amount_u: int) -> float:
    """Millionths as dollars, to the nearest cent."""
    return _cents(amount_u) / 100


def _cents(amount_u: int) -> int:
    """Millionths as whole cents, halves upward."""
    return (2 * amount_u + _CENT_U) // (2 * _CENT_U)


def that_add_up(amounts_u: Iterable[int]) -> list[float]:
    """Amounts to the cent whose sum is the sum to the cent: each is the step of a running total."""
    found, total_u, said = [], 0, 0
    for each in amounts_u:
        total_u += each
        found.append((_cents(total_u) - said) / 100)
        said = _cents(total_u)
    return found


def results(told: Told) -> Results:
    """The week's change of equity by cause."""
    after, before = _sums(told.after), _sums(told.before)
    causes_u = {name: after[name] - before[name] for name in after}
    start_u, end_u = _equity_u(told.before), _equity_u(told.after)
    deposits_u = _deposits_u(told.after) - _deposits_u(told.before)
    # the deposits go first, so that what follows adds up to the change as it is said
    deposits, *amounts = that_add_up((start_u + deposits_u, *causes_u.values()))
    causes = [Cause(name, amount) for name, amount in zip(causes_u, amounts, strict=True)]
    start, end = dollars(start_u), dollars(end_u)
    base = start_u + deposits_u
    return Results(
        since=None if told.before is None else str(told.before.curve.sessions[-1]),
        until=str(told.after.curve.sessions[-1]),
        start=start,
        end=end,
        change=round(end - start, 2),
        deposits=round(deposits - start, 2),
        earned=round(end - deposits, 2),
        return_=sum(causes_u.values()) / base if base > 0 else None,
        causes=causes,
        premium_received=dollars(_premium_u(told.after) - _premium_u(told.before)),
    )


def unexplained_u(told: Told) -> int:
    """What no event of the week explains of its change of equity."""
    return _sums(told.after)[UNEXPLAINED] - _sums(told.before)[UNEXPLAINED]


def evenings(told: Told) -> list[Evening]:
    """The equity of thirteen weeks."""
    curve = told.after.curve
    first = curve.sessions[-1] - _SEEN
    return [
        Evening(str(day), dollars(int(equity_u)))
        for day, equity_u in zip(curve.sessions, curve.equity_u, strict=True)
        if day >= first
    ]


def _sums(view: View | None) -> dict[str, int]:
    """What made an account's equity from its beginning on: trades before fees, and all fees."""
    names = (OPTIONS, SHARES, OPEN_OPTIONS, OPEN_SHARES, DIVIDENDS, INTEREST, FEES, CHARGES)
    if view is None:
        return dict.fromkeys((*names, UNEXPLAINED), 0)
    months, curve = view.months.values(), view.curve
    amounts = (
        sum(each.opened_u + each.closed_u for each in view.legs),
        sum(each.shares_u + each.share_fees_u for each in months),
        int(curve.options_u[-1]) + view.open_option_u + view.open_option_fees_u,
        int(curve.shares_u[-1]) - view.open_share_u + view.open_share_fees_u,
        sum(each.dividends_u for each in months),
        sum(each.interest_u for each in months),
        -sum(each.fees_u for each in months),
        sum(each.charges_u for each in months),
    )
    found = dict(zip(names, amounts, strict=True))
    found[UNEXPLAINED] = _equity_u(view) - _deposits_u(view) - sum(amounts)
    return found


def _equity_u(view: View | None) -> int:
    return 0 if view is None else int(view.curve.equity_u[-1])


def _deposits_u(view: View | None) -> int:
    return 0 if view is None else int(view.curve.deposited_u.sum())


def _premium_u(view: View | None) -> int:
    return 0 if view is None else sum(each.premium_u for each in view.months.values())


def in_order(causes: Sequence[Cause]) -> list[Cause]:
    """The causes that there were, nothing of those that were not."""
    return [each for each in causes if each.amount]
