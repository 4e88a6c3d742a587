"""`underwriter book income`: what each month brought, as the report counts it."""

from collections.abc import Iterable
from datetime import date

import msgspec

from underwriter.app.book_tables import fitted, flow, joined
from underwriter.app.evening import naming, told
from underwriter.book.fold import Book, fold
from underwriter.book.place import Place
from underwriter.core.errors import InputError
from underwriter.core.units import MICRO
from underwriter.report import say
from underwriter.report.tables import Month
from underwriter.report.views import months as months_of
from underwriter.report.weekly.told import target_of

_HEAD = (
    "month", "premium", "income", "options", "dividends", "interest", "fees", "shares", "of target",
)  # fmt: skip
_RIGHT = set(range(1, len(_HEAD)))


class MonthSaid(msgspec.Struct, frozen=True):
    """One month: income = options + dividends + interest + charges."""

    month: str
    premium: float  # beside: credits of opening short legs, less long ones' cost, before fees
    income: float
    options: float  # result of the legs that ended, net of fees
    dividends: float
    interest: float
    fees: float  # beside: every fee paid, already inside the results
    shares: float  # beside: realised gains of shares, net of fees
    charges: float  # what the account was charged beside its trades, in the income: negative
    of_target: float | None  # income over the target; null without one


class IncomeSaid(msgspec.Struct, frozen=True):
    """What `book income --json` prints."""

    journal: str
    accounts: list[str]  # counted together
    currency: str  # what is counted
    left_out: list[str]  # other currencies, which are not
    target: float | None  # dollars a month, of all policies that name one; null: none does
    months: list[MonthSaid]
    total: MonthSaid  # of all months; its target is theirs together
    met: int | None  # months whose income reached the target


def income(journal: Place, as_of: date | None, account: str | None = None) -> IncomeSaid:
    """The months of a journal, of one account or of all together.

    InputError for an account that it does not have, and for accounts of several currencies.
    """
    events = told(journal, as_of)
    with naming(journal):
        accounts, currency = _counted(book := fold(events), account)
        months = months_of(events, accounts, currency)
    mine = {each.currency for each in events if each.account in accounts}
    left_out = sorted(mine - {currency})
    target = None if book.opened is None else target_of(book.opened)
    said = [_month(name, month, target) for name, month in months.items()]
    whole = None if target is None else target * len(months)
    met = None if target is None else sum(each.income >= target for each in said)
    total = _month("all", _sum(months.values()), whole)
    return IncomeSaid(str(journal), accounts, currency, left_out, target, said, total, met)


def _counted(book: Book, account: str | None) -> tuple[list[str], str]:
    """The accounts that are counted, and their one currency."""
    known = dict(zip(book.accounts, book.bases, strict=True))
    if not known:
        raise InputError("found a journal without an account; expected one to count")
    if account is not None and account not in known:
        raise InputError(f"--account: found {account!r}; expected one of: {', '.join(known)}")
    mine = known if account is None else {account: known[account]}
    if len(set(mine.values())) > 1:
        found = ", ".join(f"{name} in {currency}" for name, currency in mine.items())
        raise InputError(f"found {found}; expected one of them: --account")
    return list(mine), next(iter(mine.values()))


def _sum(months: Iterable[Month]) -> Month:
    """All months as one."""
    total = Month()
    for each in months:
        total.options_u += each.options_u
        total.dividends_u += each.dividends_u
        total.interest_u += each.interest_u
        total.charges_u += each.charges_u
        total.premium_u += each.premium_u
        total.shares_u += each.shares_u
        total.fees_u += each.fees_u
    return total


def _month(name: str, month: Month, target: float | None) -> MonthSaid:
    """One month."""
    return MonthSaid(
        month=name,
        premium=month.premium_u / MICRO,
        income=month.income_u / MICRO,
        options=month.options_u / MICRO,
        dividends=month.dividends_u / MICRO,
        interest=month.interest_u / MICRO,
        fees=month.fees_u / MICRO,
        shares=month.shares_u / MICRO,
        charges=month.charges_u / MICRO,
        of_target=None if target is None else month.income_u / MICRO / target,
    )


# --- for people ---


def page(found: IncomeSaid, columns: int) -> str:
    """The answer, in lines of at most `columns` (60 at least)."""
    aim = "no policy names an [income].target"
    if found.target is not None:
        aim = (
            f"target {say.number(found.target)} a month, reached in {found.met} of "
            f"{len(found.months)}"
        )
    whose = f"accounts {' and '.join(found.accounts)} together, "
    head = f"{found.journal}: {whose if len(found.accounts) > 1 else ''}{aim}"
    foot = "Income is options, dividends and interest; premium, fees and shares stand beside it."
    if found.total.charges:
        foot += f" In it, too: {say.number(found.total.charges)} that accounts were charged."
    if found.left_out:
        foot += f" Not counted: what is in {', '.join(found.left_out)}."
    rows = [_row(each) for each in (*found.months, found.total)]
    parts = (flow(head, columns), fitted(_HEAD, rows, _RIGHT, columns), flow(foot, columns))
    return joined(parts)


def _row(each: MonthSaid) -> tuple[str, ...]:
    """A month's cells."""
    money = (
        each.premium, each.income, each.options, each.dividends, each.interest, each.fees,
        each.shares,
    )  # fmt: skip
    share = "" if each.of_target is None else say.percent(each.of_target)
    return each.month, *(say.number(amount) for amount in money), share
