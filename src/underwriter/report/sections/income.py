"""Income by month, its parts, where the money came from, and monthly returns."""

import math
from collections.abc import Callable

import numpy as np

from underwriter.core.units import MICRO
from underwriter.report import charts, say
from underwriter.report.charts import Chart, Stack
from underwriter.report.markup import Html, cell, details, table, tag
from underwriter.report.sections.page import Page
from underwriter.report.tables import Month

_WHAT = (
    "Income is the result of option legs in the month they ended, net of fees (an assigned leg "
    "realises its premium), dividends and bill interest. Gains and losses on the shares stand "
    "beside it, not in it: income can look calm while the shares lose money."
)


def income(page: Page) -> Html:
    """What came in, month by month, and what it was made of."""
    return page.section(
        "Income by month",
        tag("p", _WHAT),
        _bars(page),
        _by_month(page),
        _by_year(page),
        _books(page),
    )


def _bars(page: Page) -> Html:
    months = page.view.months
    parts: dict[str, Callable[[Month], int]] = {
        "options": lambda month: month.options_u,
        "dividends": lambda month: month.dividends_u,
        "interest": lambda month: month.interest_u,
    }
    stacks = [
        Stack(name, name, np.array([of(month) / MICRO for month in months.values()]))
        for name, of in parts.items()
    ]
    worst = min(months, key=lambda name: months[name].income_u)
    chart = Chart(
        "Income by month",
        "Dollars, by month",
        page.note,
        f"Lowest in {worst}: {say.money(months[worst].income_u)}.",
    )
    rows = [
        (name, *(say.money(value) for value in
                 (month.options_u, month.dividends_u, month.interest_u, month.income_u,
                  month.premium_u, month.shares_u, month.fees_u)))
        for name, month in months.items()
    ]  # fmt: skip
    heads = ("Month", "Option result", "Dividends", "Interest", "Income",
             "Premium received", "Shares, realised", "Fees")  # fmt: skip
    shown = details("The figures, with what stands beside", table("Income parts", heads, rows))
    return charts.bars(chart, list(months), stacks, say.short, shown)


def _grid(
    caption: str,
    values: dict[str, float],
    total: Callable[[list[float]], float],
    said: Callable[[float], str],
) -> Html:
    """Years by months, tinted by size: a gain one way, a loss the other."""
    most = max((abs(value) for value in values.values()), default=0.0)
    years = sorted({name[:4] for name in values})
    rows = []
    for year in years:
        of_year = [values.get(f"{year}-{month:02d}", math.nan) for month in range(1, 13)]
        known = [value for value in of_year if math.isfinite(value)]
        tinted = [cell(_said(value, said), _tint(value, most)) for value in of_year]
        rows.append((year, *tinted, cell(said(total(known)), "total")))
    return table(caption, ("Year", *say.MONTHS, "Whole year"), rows, "grid")


def _said(value: float, said: Callable[[float], str]) -> str:
    return said(value) if math.isfinite(value) else ""


def _tint(value: float, most: float) -> str:
    """One of four strengths, by the share of the largest."""
    if not math.isfinite(value) or most <= 0.0 or value == 0.0:
        return "none"
    return f"{'up' if value > 0 else 'down'}{min(4, math.ceil(abs(value) / most * 4))}"


def _by_month(page: Page) -> Html:
    values = {name: float(month.income_u) for name, month in page.view.months.items()}
    return _grid(
        "Income by month, dollars",
        values,
        sum,
        lambda value: say.money(int(value)).replace("$", ""),
    )


def _by_year(page: Page) -> Html:
    """Income and its parts by year, with what stands beside."""
    months = page.view.months
    rows = []
    for year in sorted({name[:4] for name in months}):
        of_year = [month for name, month in months.items() if name[:4] == year]
        rows.append(
            (
                year,
                say.money(sum(each.income_u for each in of_year)),
                say.money(sum(each.options_u for each in of_year)),
                say.money(sum(each.dividends_u for each in of_year)),
                say.money(sum(each.interest_u for each in of_year)),
                say.money(sum(each.premium_u for each in of_year)),
                say.money(sum(each.shares_u for each in of_year)),
                say.money(sum(each.fees_u for each in of_year)),
            )
        )
    heads = ("Year", "Income", "Options", "Dividends", "Interest", "Premium received",
             "Shares, realised", "Fees")  # fmt: skip
    return table("Income by year, and what stands beside it (the last three)", heads, rows)


def _books(page: Page) -> Html:
    """From the deposits to the last evening's equity, to the cent."""
    view, curve = page.view, page.view.curve
    months = view.months.values()
    rows = [
        ("Deposited", int(curve.deposited_u.sum())),
        ("Option results, net of fees", sum(month.options_u for month in months)),
        ("Dividends", sum(month.dividends_u for month in months)),
        ("Bill interest", sum(month.interest_u for month in months)),
        ("Shares, realised", sum(month.shares_u for month in months)),
        ("Shares held, over their cost", int(curve.shares_u[-1]) - view.open_share_u),
        ("Options held, over what they brought", int(curve.options_u[-1]) + view.open_option_u),
        ("Equity on the last evening", int(curve.equity_u[-1])),
    ]
    said = [(name, say.money(amount, 2)) for name, amount in rows]
    return table("Where the money came from: the books close", ("", "Dollars"), said, "books")


def returns(page: Page) -> Html:
    """Monthly returns of equity, which is what income alone does not say."""
    grid = _grid(
        "Return of equity by month, percent",
        page.found.month_returns,
        lambda values: math.prod(1.0 + value for value in values) - 1.0,
        lambda value: say.percent(value).replace("%", ""),
    )
    lowest = min(page.found.month_returns, key=lambda name: page.found.month_returns[name])
    told = (
        "Total return of equity: options, shares, dividends, bills and idle cash together. Lowest: "
        f"{say.percent(page.found.month_returns[lowest])} in {lowest}."
    )
    return page.section("Monthly returns", tag("p", told), grid)
