"""The charts of a review: what the week earned, thirteen weeks of equity, a year of income."""

from dataclasses import replace
from datetime import date

import numpy as np

from underwriter.report import charts, say
from underwriter.report.charts import Chart, Frame, Line, Stack
from underwriter.report.markup import Html, text
from underwriter.report.weekly.results import in_order
from underwriter.report.weekly.rows import Cause, Review
from underwriter.report.weekly.said import dollars

_ROW, _TOP, _BOTTOM = 34, 26, 10
_LARGE = 100_000.0  # dollars, from which an axis counts in thousands


def drawn(found: Review, name: str) -> Html:
    """A chart by its name; nothing where there is nothing to draw."""
    made = {"causes": causes, "equity": equity, "income": income}
    return made[name](found)


def _note(found: Review) -> str:
    known = say.PROVENANCE.get(found.quotes)
    return f"Source: the book's events{f', {known.note}' if known else ''}."


def causes(found: Review) -> Html:
    """What the week earned by cause: bars from zero, gains to the right."""
    shown = in_order(found.results.causes)
    if not shown:
        return Html("")
    told = ", ".join(f"{each.name} {dollars(each.amount)}" for each in shown)
    title = f"What {found.week} earned, by cause"
    chart = Chart(title, "Dollars: losses to the left of the line, gains to the right",
                  _note(found), f"{told}.")  # fmt: skip
    entries = [("gain", "gain", ""), ("loss", "loss", "")]
    tall = _TOP + _ROW * len(shown) + _BOTTOM

    def draw(frame: Frame) -> Html:
        return _causes(replace(frame, left=8, right=8, top=_TOP, bottom=_BOTTOM), shown)

    return charts.figure(chart, charts.legend(entries), draw, tall=tall)


def _causes(frame: Frame, shown: list[Cause]) -> Html:
    """Each cause: its name and figure above its bar."""
    low = min(0.0, *(each.amount for each in shown), 0.0)
    span = max(0.0, *(each.amount for each in shown), 0.0) - low
    zero = frame.x(-low / span)
    made: list[str] = []
    for at, each in enumerate(shown):
        end, y = frame.x((each.amount - low) / span), frame.top + _ROW * at
        colour = "gain" if each.amount > 0 else "loss"
        made.append(
            f'<text class="unit" x="{frame.left}" y="{y + 13}">{text(each.name)}</text>'
            f'<text class="end" x="{frame.width - frame.right}" y="{y + 13}">'
            f"{dollars(each.amount)}</text>"
            f'<rect class="fill {colour}" x="{min(zero, end):.1f}" y="{y + 18}" '
            f'width="{max(abs(end - zero), 1.0):.1f}" height="9"/>'
            f'<path class="rule zero" d="M{zero:.1f} {y + 16}v13"/>'
        )
    return Html("".join(made))


def equity(found: Review) -> Html:
    """Equity by evening, thirteen weeks."""
    days = [date.fromisoformat(each.session) for each in found.evenings]
    if len(days) < 2:  # noqa: PLR2004  a line has two ends
        return Html("")
    values = np.array([each.equity for each in found.evenings])
    line = Line("equity, deposits in it", "policy", values, say.short(float(values[-1])))
    chart = Chart(
        "Equity, thirteen weeks",
        "Dollars by evening, linear scale",
        _note(found),
        f"From {dollars(values[0])} on {days[0]} to {dollars(values[-1])} on {days[-1]}.",
    )
    return charts.lines(chart, days, [line], _thousands if values.min() >= _LARGE else say.short)


def _thousands(amount: float) -> str:
    """Dollars on the axis of a large account, of which a week changes little."""
    return f"{say.money(amount * 1_000)}k"


def income(found: Review) -> Html:
    """Income by month, a year."""
    months = found.income.months
    if not months:
        return Html("")
    stacks = [
        Stack("options", "options", np.array([each.options + each.charges for each in months])),
        Stack("dividends", "dividends", np.array([each.dividends for each in months])),
        Stack("interest", "interest", np.array([each.interest for each in months])),
    ]
    aim = "" if found.income.target is None else f" Target {dollars(found.income.target)} a month."
    chart = Chart(
        "Income by month",
        "Dollars, by month; the last is not over" if _running(found) else "Dollars, by month",
        _note(found),
        f"{months[-1].month}: {dollars(months[-1].income)}.{aim}",
    )
    return charts.bars(chart, [each.month for each in months], stacks, say.short)


def _running(found: Review) -> bool:
    return found.income.sessions < found.income.of_sessions
