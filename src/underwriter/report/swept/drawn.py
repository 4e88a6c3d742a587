"""The charts of a sweep: a heat map of two keys, and every configuration across all of them."""

from dataclasses import dataclass, replace

import numpy as np

from underwriter.report.charts import Chart, Frame, figure
from underwriter.report.markup import Html, tag, text
from underwriter.report.swept.axes import Groups, is_number, names_of, places
from underwriter.report.swept.told import FIGURES, Floats, Order, Swept, label

SHADES = 7
DRAWN = 400  # configurations in one drawing; more would be a smear
ACROSS = ("sharpe", "cagr", "max_drawdown", "income")
_LEFT, _ROW, _TOP, _BOTTOM = 96, 34, 44, 40
_ROOM = 92  # pixels between axes from which their names stand above them


@dataclass(frozen=True, slots=True)
class Cells:
    """A heat map before it is drawn: the median of a figure by two keys, NaN where none was run."""

    down: Groups
    across: Groups
    median: Floats
    count: Floats


def cells(swept: Swept, down: Groups, across: Groups) -> Cells:
    """The median of the ranked figure for each pair of values, over all other keys."""
    shape = len(down.labels), len(across.labels)
    median, count, values = np.full(shape, np.nan), np.zeros(shape), swept.figures[swept.by]
    for at in np.ndindex(shape):
        held = values[(down.at == at[0]) & (across.at == at[1])]
        count[at] = held.size
        held = held[np.isfinite(held)]
        if held.size:
            median[at] = np.median(held)
    return Cells(down, across, median, count)


def heat_map(swept: Swept, down: Groups, across: Groups) -> Html:
    """A table in colours: one cell for each pair of values of two keys."""
    found, head = cells(swept, down, across), FIGURES[swept.by].head
    others = [key for key in swept.keys if key not in {down.key, across.key}]
    over = f", median over {', '.join(others)}" if others else ""
    chart = Chart(
        f"{head} by {down.key} and {across.key}",
        f"{head}, one cell a pair of values",
        f"{head}{over}. Source: this sweep, {len(swept.values):,} configurations, "
        f"{swept.provenance.note}.",
        f"{len(down.labels)} by {len(across.labels)} cells, from {_ends(swept, found)}.",
    )
    tall = _TOP + _ROW * len(down.labels) + _BOTTOM

    def draw(frame: Frame) -> Html:
        return _grid(replace(frame, left=_LEFT, top=_TOP, bottom=_BOTTOM), swept, found)

    return figure(chart, _scale(swept, found), draw, tall=tall)


def _ends(swept: Swept, found: Cells) -> str:
    """The lowest and the highest cell."""
    held = found.median[np.isfinite(found.median)]
    low, high = (held.min(), held.max()) if held.size else (np.nan, np.nan)
    return f"{swept.said(swept.by, low)} to {swept.said(swept.by, high)}"


def _shade(found: Cells, value: float) -> str:
    """The class of a cell: darker is higher."""
    held = found.median[np.isfinite(found.median)]
    if not np.isfinite(value):
        return "heat none"
    span = float(np.ptp(held))
    share = (value - held.min()) / span if span > 0.0 else 0.5
    return f"heat heat{min(int(share * SHADES), SHADES - 1)}"


def _scale(swept: Swept, found: Cells) -> Html:
    """The colours from the lowest to the highest."""
    squares = "".join(
        f'<rect class="heat heat{at}" x="{at * 18}" width="18" height="12"/>'
        for at in range(SHADES)
    )
    drawn = Html(f'<svg class="key wide" viewBox="0 0 {18 * SHADES} 12">{squares}</svg>')
    return tag("p", drawn, " ", _ends(swept, found), class_="note")


def _grid(frame: Frame, swept: Swept, found: Cells) -> Html:
    """The cells with their values, and the names of both keys."""
    wide = (frame.width - frame.left - frame.right) / len(found.across.labels)
    middle = (frame.left + frame.width - frame.right) / 2
    parts = [
        f'<text class="unit" x="2" y="{frame.top - 10}">{text(found.down.key)}</text>',
        f'<text x="{middle:.0f}" y="{frame.height - 6}">{text(found.across.key)}</text>',
    ]
    for at, name in enumerate(found.across.labels):
        x = frame.left + (at + 0.5) * wide
        parts.append(f'<text x="{x:.1f}" y="{frame.height - 24}">{text(_cut(name, wide))}</text>')
    for row, name in enumerate(found.down.labels):
        y = frame.top + row * _ROW
        said = text(_cut(name, frame.left))
        parts.append(f'<text class="end" x="{frame.left - 6}" y="{y + 21}">{said}</text>')
        parts += [_cell(frame, swept, found, (row, column), wide) for column in range(
            len(found.across.labels))]  # fmt: skip
    return Html("".join(parts))


def _cell(frame: Frame, swept: Swept, found: Cells, at: tuple[int, int], wide: float) -> str:
    """One cell: its colour, its value where there is room, what it is of."""
    x, y, value = frame.left + at[1] * wide, frame.top + at[0] * _ROW, float(found.median[at])
    said = swept.said(swept.by, value)
    tip = (
        f"{found.down.key} {found.down.labels[at[0]]}, "
        f"{found.across.key} {found.across.labels[at[1]]}: {said}, "
        f"{int(found.count[at])} configurations"
    )
    middle = x + wide / 2
    shade = _shade(found, value)
    shown = f'<text class="{shade} in" x="{middle:.1f}" y="{y + 21}">{said}</text>'
    return (
        f'<g><title>{text(tip)}</title><rect class="{shade}" x="{x + 1:.1f}" y="{y + 1}" '
        f'width="{max(wide - 2, 1):.1f}" height="{_ROW - 2}"/>'
        f"{shown if wide > 7 * len(said) else ''}</g>"
    )


def _cut(name: str, wide: float) -> str:
    """A label that fits."""
    most = max(int(wide / 6.4), 3)
    return name if len(name) <= most else name[: most - 1] + "\N{HORIZONTAL ELLIPSIS}"


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of the parallel coordinates: where each configuration crosses it, and its ends."""

    name: str
    at: Floats  # shares of its height, NaN where undefined
    low: str
    high: str


def axes(swept: Swept) -> list[Axis]:
    """The keys, then the figures that the page compares."""
    found = []
    for key in swept.keys:
        values = swept.column(key)
        numbers = all(map(is_number, values))
        names = [label(min(values)), label(max(values))] if numbers else names_of(values)
        found.append(Axis(key, places(values), names[0], names[-1]))
    figures = dict.fromkeys((*ACROSS, swept.by))
    return [*found, *(_figure_axis(swept, name) for name in figures)]


def _figure_axis(swept: Swept, name: str) -> Axis:
    """A figure as an axis; the undefined cross it nowhere."""
    column, held = swept.figures[name], swept.figures[name][np.isfinite(swept.figures[name])]
    low, high = (held.min(), held.max()) if held.size else (0.0, 1.0)
    at = (column - low) / (high - low) if high > low else np.where(np.isfinite(column), 0.5, np.nan)
    return Axis(FIGURES[name].head, at, swept.said(name, low), swept.said(name, high))


def parallel(swept: Swept) -> Html:
    """Every configuration as a line across all axes, the best ones in colour."""
    found, order = axes(swept), _shown(swept.order)
    head = FIGURES[swept.by].head
    total = len(swept.values)
    some = "" if len(order) == total else f", {len(order):,} of them drawn: the best, and evenly"
    chart = Chart(
        "Every configuration",
        "Each axis from its lowest value, below, to its highest",
        f"Source: this sweep, {total:,} configurations{some}, {swept.provenance.note}.",
        f"Axes: {', '.join(each.name for each in found)}. Lines are coloured by {head}.",
    )

    def draw(frame: Frame) -> Html:
        own = replace(frame, left=40, right=40, top=62, bottom=26)
        return Html(_lines(own, swept, found, order) + _axes(own, found))

    names = [tag("li", tag("b", str(at + 1)), f" {each.name}") for at, each in enumerate(found)]
    return figure(chart, Html(_key(head) + tag("ol", *names, class_="legend axes")), draw, tall=380)


def _shown(order: Order) -> Order:
    """The configurations that are drawn: the best tenth of the room, the rest evenly spread."""
    if order.size <= DRAWN:
        return order
    first = DRAWN // 10
    rest = np.linspace(first, order.size - 1, DRAWN - first).astype(np.intp)
    return np.concatenate((order[:first], order[rest]))


def _key(head: str) -> Html:
    """What the colours mean."""
    entries = (
        ("best", f"the best by {head}"), ("median", "the median"),
        ("par3", "best quarter"), ("par2", "second"), ("par1", "third"), ("par0", "last quarter"),
    )  # fmt: skip
    items = [
        tag("li", Html(f'<svg class="key" viewBox="0 0 24 10"><path class="line {kind}" '
                       f'd="M1 5H23"/></svg>'), said)
        for kind, said in entries
    ]  # fmt: skip
    return tag("ul", *items, class_="legend")


def _lines(frame: Frame, swept: Swept, found: list[Axis], order: Order) -> str:
    """The lines, the best last and on top."""
    place = {int(each): at for at, each in enumerate(swept.order)}
    parts = []
    for one in reversed(order.tolist()):
        quarter = 3 - min(4 * place[one] // len(place), 3)
        parts.append(_line(frame, swept, found, one, f"line par{quarter}"))
    parts.append(_line(frame, swept, found, swept.middle, "line median"))
    parts.append(_line(frame, swept, found, swept.best, "line best"))
    return "".join(parts)


def _line(frame: Frame, swept: Swept, found: list[Axis], one: int, kind: str) -> str:
    """One configuration; it leaves out the axes where it is undefined."""
    points = [
        f"{frame.x(at / max(len(found) - 1, 1)):.1f} {frame.y(float(each.at[one])):.1f}"
        for at, each in enumerate(found)
        if np.isfinite(each.at[one])
    ]
    said = ", ".join(
        f"{key} {label(value)}" for key, value in zip(swept.keys, swept.values[one], strict=True)
    )
    figure_said = swept.said(swept.by, float(swept.figures[swept.by][one]))
    tip = f"<title>{text(f'{said}: {FIGURES[swept.by].head} {figure_said}')}</title>"
    return f'<path class="{kind}" d="M{"L".join(points)}">{tip}</path>'


def _axes(frame: Frame, found: list[Axis]) -> str:
    """The axes with their numbers or names, and their ends."""
    gap = (frame.width - frame.left - frame.right) / max(len(found) - 1, 1)
    parts = []
    for at, each in enumerate(found):
        x, top, low = frame.x(at / max(len(found) - 1, 1)), frame.top, frame.height - frame.bottom
        name = f"{at + 1} {_cut(each.name, gap - 16)}" if gap >= _ROOM else str(at + 1)
        parts.append(
            f'<path class="axis" d="M{x:.1f} {top}V{low}"/>'
            f'<text class="name" x="{x:.1f}" y="{top - 18}">{text(name)}</text>'
            f'<text x="{x:.1f}" y="{top - 5}">{text(_cut(each.high, gap))}</text>'
            f'<text x="{x:.1f}" y="{low + 14}">{text(_cut(each.low, gap))}</text>'
        )
    return "".join(parts)
