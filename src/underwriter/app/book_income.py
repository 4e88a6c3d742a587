"""`underwriter book income`: what each month brought, as the report counts it."""

import tomllib
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import msgspec

from underwriter.app.book_tables import fitted, flow, joined
from underwriter.app.evening import naming, told
from underwriter.book.event import BookOpened
from underwriter.core.units import MICRO
from underwriter.report import say
from underwriter.report.tables import Month
from underwriter.report.views import read

_HEAD = (
    "month", "premium", "income", "options", "dividends", "interest", "fees", "shares", "of target",
)  # fmt: skip
_RIGHT = set(range(1, len(_HEAD)))


class MonthSaid(msgspec.Struct, frozen=True):
    """One month, in dollars: income = options + dividends + interest."""

    month: str
    premium: float  # beside: credits of opening short legs, less long ones' cost, before fees
    income: float
    options: float  # result of the legs that ended, net of fees
    dividends: float
    interest: float
    fees: float  # beside: every fee paid, already inside the results
    shares: float  # beside: realised gains of shares, net of fees
    of_target: float | None  # income over the target; null without one


class IncomeSaid(msgspec.Struct, frozen=True):
    """What `book income --json` prints."""

    journal: str
    target: float | None  # dollars a month, of all policies that name one; null: none does
    months: list[MonthSaid]
    total: MonthSaid  # of all months; its target is theirs together
    met: int | None  # months whose income reached the target


def income(journal: Path, as_of: date | None) -> IncomeSaid:
    """The months of a journal; InputError where no evening was marked."""
    events = told(journal, as_of)
    with naming(journal):
        view = read(events)
    target = target_of(view.opened)
    months = view.months
    said = [_month(name, month, target) for name, month in months.items()]
    whole = None if target is None else target * len(months)
    met = None if target is None else sum(each.income >= target for each in said)
    return IncomeSaid(str(journal), target, said, _month("all", _sum(months.values()), whole), met)


def target_of(opened: BookOpened) -> float | None:
    """Dollars a month that the policies of a book shall bring together; None where none says."""
    said = [target for text in opened.policies.values() if (target := _target(text)) is not None]
    return sum(said) if said else None


def _target(policy: str) -> float | None:
    """The `[income].target` of a policy's text, whatever else this version says of it."""
    try:
        table = tomllib.loads(policy).get("income", {})
    except tomllib.TOMLDecodeError:
        return None
    return float(table["target"]) if "target" in table else None


def _sum(months: Iterable[Month]) -> Month:
    """All months as one."""
    total = Month()
    for each in months:
        total.options_u += each.options_u
        total.dividends_u += each.dividends_u
        total.interest_u += each.interest_u
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
    head = f"{found.journal}: {aim}"
    foot = "Income is options, dividends and interest; premium, fees and shares stand beside it."
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
