"""The page for a terminal: plain lines, no colour, as wide as the window is (40 to 120 columns)."""

import math
from collections.abc import Callable, Iterable, Sequence
from textwrap import wrap

from underwriter.book.event import AnyEvent
from underwriter.report import say
from underwriter.report.figures import Figures, figures
from underwriter.report.tables import View
from underwriter.report.views import read

NARROW, WIDE = 40, 120
_LABELS = {
    "policy": "this policy",
    "beta-matched": "beta-matched mix",
    "bills": "bills",
}
_HOLD = {True: "hold, dividends in", False: "hold, price alone"}


def page(events: Iterable[AnyEvent], width: int = 80) -> str:
    """What a person wants to see of a book, in lines of at most `width` columns.

    InputError where there is nothing to report.
    """
    view = read(events)
    found = figures(view)
    room = max(NARROW, min(width, WIDE))
    parts = (_head, _income, _results, _ratios, _campaigns, _refused)
    lines = [line for part in parts for line in (*part(view, found, room), "")]
    return say.plain("\n".join(line.rstrip() for line in lines).rstrip() + "\n")


def _flow(text: str, room: int, indent: str = "") -> list[str]:
    return wrap(text, room, subsequent_indent=indent, break_on_hyphens=False)


def _head(view: View, _: Figures, room: int) -> list[str]:
    names = ", ".join(sorted(set(view.policies.values())))
    days = view.curve.sessions
    what = f"{names}: {days[0]} to {days[-1]}, {len(days):,} sessions"
    ends = say.money(int(view.curve.equity_u[-1]))
    money = f"Starting cash {say.money(view.starting_cash_u)}, equity at the end {ends}"
    banner = f"{view.quotes.banner}. " if view.quotes.banner else ""
    told = (what, money, f"{banner}{view.quotes.told} Source: {view.opened.source}")
    return [line for text in told for line in _flow(text, room, "  ")]


def _income(view: View, _: Figures, room: int) -> list[str]:
    """Years by months where that fits, else months by as many years as fit."""
    values = {name: month.income_u for name, month in view.months.items()}
    years = sorted({name[:4] for name in values})
    said = [_bare(value) for value in (*values.values(), *_totals(values).values())]
    cell = max(len("Year"), *map(len, said)) + 1
    title = _flow("Income by month, dollars (options, dividends, bills; shares apart)", room)
    if 4 + 13 * cell <= room:
        heads, rows = (*say.MONTHS, "Year"), [_year(values, year) for year in years]
        return [*title, _row("", heads, cell), *_labelled(years, rows, cell)]
    fit = max(1, (room - 4) // cell)
    lines = title
    for first in range(0, len(years), fit):
        some = years[first : first + fit]
        columns = list(zip(*(_year(values, year) for year in some), strict=True))
        lines += [""] if first else []
        lines += [_row("", some, cell), *_labelled((*say.MONTHS, "Year"), columns, cell)]
    return lines


def _bare(amount_u: int) -> str:
    return say.money(amount_u).replace("$", "")


def _totals(values: dict[str, int]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for name, value in values.items():
        totals[name[:4]] = totals.get(name[:4], 0) + value
    return totals


def _year(values: dict[str, int], year: str) -> list[str]:
    """Twelve months and the year's sum; empty where the period has no such month."""
    months = (values.get(f"{year}-{month:02d}") for month in range(1, 13))
    told = ["" if value is None else _bare(value) for value in months]
    return [*told, _bare(_totals(values)[year])]


def _row(label: str, cells: Sequence[str], wide: int) -> str:
    return f"{label:<4}" + "".join(f"{each:>{wide}}" for each in cells)


def _labelled(labels: Sequence[str], rows: Sequence[Sequence[str]], wide: int) -> list[str]:
    return [_row(label, cells, wide) for label, cells in zip(labels, rows, strict=True)]


def _results(view: View, found: Figures, room: int) -> list[str]:
    """The policy beside its benchmarks; fewer columns where there is less room."""
    label = 19
    labels = {**_LABELS, "hold": _HOLD[view.pays_dividends]}
    columns: list[tuple[str, Callable[[str], str]]] = [
        ("total", lambda name: say.percent(found.lines[name].total_return)),
        ("a year", lambda name: say.percent(found.lines[name].cagr)),
        ("drawdown", lambda name: say.percent(-found.lines[name].fall.depth)),
        ("volatility", lambda name: say.percent(found.lines[name].volatility)),
        ("Sharpe", lambda name: say.number(found.lines[name].sharpe)),
        ("+/- s.e.", lambda name: say.number(found.lines[name].sharpe_se)),
    ]
    wide = (8, 8, 10, 12, 8, 10)
    fit = sum(label + sum(wide[: at + 1]) <= room for at in range(len(wide)))
    shown = list(zip(columns[:fit], wide, strict=False))
    lines = [f"{'Return':<{label}}" + "".join(f"{head:>{each}}" for (head, _), each in shown)]
    for name in found.lines:
        said = "".join(f"{of(name):>{each}}" for (_, of), each in shown)
        lines.append(f"{labels[name]:<{label}}{said}")
    return [*lines, *_alpha(found, room)]


def _alpha(found: Figures, room: int) -> list[str]:
    line = found.regression
    if not math.isfinite(line.alpha):
        return []
    told = (
        f"Alpha over the beta-matched mix {say.percent(line.alpha)} a year, standard error "
        f"{say.percent(line.alpha_se)} (t = {say.number(line.alpha_t, 1)}), beta "
        f"{say.number(line.beta)}."
    )
    return _flow(told, room, "  ")


def _ratios(view: View, found: Figures, room: int) -> list[str]:
    incomes = {name: month.income_u for name, month in view.months.items()}
    worst = min(incomes, key=lambda name: incomes[name])
    told = {
        "Income a month, mean": say.money(sum(incomes.values()) // len(incomes)),
        "Worst month's income": f"{say.money(incomes[worst])} ({worst})",
        "Premium capture": say.percent(found.premium_capture),
        "Short puts assigned": say.percent(found.assignment_rate),
        "Calls called away": say.percent(found.called_away_rate),
        "Capital at work": say.percent(found.deployed),
    }
    lines = [f"{name:<22}{value}" for name, value in told.items()]
    half = (len(lines) + 1) // 2
    if room < 2 * max(map(len, lines)) + 2:
        return lines
    return [f"{a:<{room // 2}}{b}" for a, b in zip(lines[:half], lines[half:], strict=True)]


def _campaigns(view: View, _: Figures, room: int) -> list[str]:
    told, closed = view.campaigns, view.closed
    said = (
        f"Campaigns: {len(told)} opened, {sum(each.assigned > 0 for each in told)} assigned, "
        f"{sum(each.called_away > 0 for each in told)} called away. {len(closed)} closed, "
        f"{sum(each.money_u > 0 for each in closed)} with a gain, together "
        f"{say.money(sum(each.money_u for each in closed))}; {len(told) - len(closed)} open, "
        f"at their marks {say.money(view.open_result_u)}."
    )
    return _flow(said, room, "  ")


def _refused(view: View, _: Figures, room: int) -> list[str]:
    if not view.refusals:
        return ["Nothing was refused."]
    lines = ["Refused"]
    for each in view.refusals:
        needs = f"; least equity {say.money(each.needs_u)}" if each.needs_u else ""
        lines += _flow(f"{each.count:>6}  {each.why}: {each.text}{needs}", room, " " * 8)
    return lines
