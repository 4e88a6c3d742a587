"""Charts as inline SVG, drawn by hand in three sizes; the page shows the one that fits.

A chart is drawn on a Frame in its own pixels, so that lettering keeps its size on a phone and
on a wide screen.  Colours are classes that the style sheet fills, for light and for dark.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from underwriter.core.units import day_number
from underwriter.report.markup import Html, tag, text

Floats = npt.NDArray[np.float64]
Saying = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Frame:
    """A drawing surface; the plot lies inside its margins."""

    size: str  # class that the style sheet shows or hides
    width: int
    height: int
    left: int = 58
    right: int = 12
    top: int = 24
    bottom: int = 26

    def x(self, share: float) -> float:
        """Pixels from the left of a share of the plot's width."""
        return self.left + share * (self.width - self.left - self.right)

    def y(self, share: float) -> float:
        """Pixels from the top of a share of the plot's height, counted upward."""
        return self.height - self.bottom - share * (self.height - self.top - self.bottom)


MONTHS_UNDER = 200  # days: a stretch of time under it is told in months
FRAMES = (Frame("small", 340, 240), Frame("medium", 560, 280), Frame("large", 960, 340))


@dataclass(frozen=True, slots=True)
class Line:
    """One series: its name, colour class, values by session and what its last value is called."""

    name: str
    colour: str
    values: Floats
    said: str
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """What every chart states: title, unit of the vertical axis, source note."""

    title: str
    unit: str
    note: str
    described: str  # for those who cannot see it


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers from at or under `low` to at or over `high`."""
    span = max(high - low, 1e-9)
    power = 10.0 ** math.floor(math.log10(span / about))
    step = next(power * each for each in (1, 2, 2.5, 5, 10) if span / (power * each) <= about)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [each * step for each in range(first, last + 1)]


def figure(
    chart: Chart, legend: str, draw: Callable[[Frame], Html], *table: str, tall: int = 0
) -> Html:
    """A chart in all sizes, or all of them `tall`, with its title, legend, source and table."""
    frames = [replace(frame, height=tall or frame.height) for frame in FRAMES]
    drawings = [
        tag(
            "svg",
            tag("title", chart.title),
            tag("desc", chart.described),
            Html(f'<text class="unit" x="2" y="12">{text(chart.unit)}</text>'),
            draw(frame),
            class_=frame.size,
            viewBox=f"0 0 {frame.width} {frame.height}",
            role="img",
            aria_label=f"{chart.title}. {chart.described}",
        )
        for frame in frames
    ]
    caption = tag("figcaption", tag("h3", chart.title), legend)
    note = tag("p", chart.note, class_="note")
    return tag("figure", caption, *drawings, note, *table)


def legend(entries: Sequence[tuple[str, str, str]]) -> Html:
    """Colour class, name and value of each entry."""
    items = [
        tag(
            "li",
            Html(
                f'<svg class="key" viewBox="0 0 24 10" aria-hidden="true">'
                f'<path class="stroke {colour}" d="M1 5H23"/></svg>'
            ),
            name,
            *([" ", tag("b", said)] if said else []),
        )
        for colour, name, said in entries
    ]
    return tag("ul", *items, class_="legend")


def _axis(frame: Frame, marks: Sequence[float], say: Saying) -> Html:
    """Horizontal rules with their values; `marks` are evenly spaced from the lowest up."""
    low, high = marks[0], marks[-1]
    parts = []
    for mark in marks:
        y = frame.y((mark - low) / (high - low))
        zero = " zero" if mark == 0 else ""
        parts.append(
            f'<path class="rule{zero}" d="M{frame.left} {y:.1f}H{frame.width - frame.right}"/>'
            f'<text class="end" x="{frame.left - 6}" y="{y + 4:.1f}">{say(mark)}</text>'
        )
    return Html("".join(parts))


def _years(frame: Frame, first: date, last: date) -> Html:
    """The turn of each year on the time axis, as many as there is room for; of months in short."""
    if (last - first).days < MONTHS_UNDER:
        return _months(frame, first, last)
    years = range(first.year, last.year + 1)
    every = max(1, math.ceil(len(years) * 44 / (frame.width - frame.left)))
    named = [(str(year), date(year, 1, 1)) for year in years[::every]]
    return _turns(frame, (first, last), named)


def _months(frame: Frame, first: date, last: date) -> Html:
    """The turn of each month within a stretch of time, and where it begins."""
    at, end = first.year * 12 + first.month, last.year * 12 + last.month
    turns = [date(each // 12, each % 12 + 1, 1) for each in range(at, end)]
    return _turns(frame, (first, last), [(f"{turn:%Y-%m}", turn) for turn in turns])


def _turns(frame: Frame, period: tuple[date, date], named: Sequence[tuple[str, date]]) -> Html:
    """Named days on the time axis; one before the first stands at the start."""
    start, span = day_number(period[0]), max((period[1] - period[0]).days, 1)
    parts = []
    for name, day in named:
        at = max(day_number(day) - start, 0) / span
        x, y = frame.x(at), frame.height - frame.bottom
        anchor = "end" if at > 0.93 else ""  # noqa: PLR2004  its label would leave the frame
        parts.append(
            f'<path class="rule" d="M{x:.1f} {y}v5"/>'
            f'<text class="{anchor}" x="{x:.1f}" y="{y + 18}">{name}</text>'
        )
    return Html("".join(parts))


def _kept(heights: Floats, room: int) -> list[int]:
    """About one point a pixel: of each stretch its lowest and highest, and both ends of the line.

    So no trough or peak is lost, however small the frame.
    """
    step = max(2, 2 * math.ceil(heights.size / room))
    kept = {0, heights.size - 1}
    for begin in range(0, heights.size, step):
        stretch = heights[begin : begin + step]
        kept |= {begin + int(np.argmin(stretch)), begin + int(np.argmax(stretch))}
    return sorted(kept)


def _path(frame: Frame, shares: Floats, heights: Floats) -> str:
    """A polyline that keeps every peak and trough."""
    kept = _kept(heights, frame.width - frame.left)
    points = (f"{frame.x(shares[i]):.1f} {frame.y(heights[i]):.1f}" for i in kept)
    return "M" + "L".join(points)


def _line(frame: Frame, line: Line, shares: Floats, marks: Sequence[float]) -> str:
    low, span = marks[0], marks[-1] - marks[0]
    path = _path(frame, shares, (line.values - low) / span)
    drawn = f'<path class="stroke {line.colour}" d="{path}"/>'
    if not line.filled:
        return drawn
    base = frame.y((min(max(0.0, low), marks[-1]) - low) / span)
    closed = f"{path}L{frame.x(shares[-1]):.1f} {base:.1f}L{frame.x(shares[0]):.1f} {base:.1f}Z"
    return f'<path class="area {line.colour}" d="{closed}"/>{drawn}'


def lines(
    chart: Chart, sessions: Sequence[date], series: Sequence[Line], say: Saying, *table: str
) -> Html:
    """Lines over time on a linear axis."""
    day = np.array([day_number(each) for each in sessions], np.float64)
    shares = (day - day[0]) / max(day[-1] - day[0], 1.0)
    low = min(float(line.values.min()) for line in series)
    high = max(float(line.values.max()) for line in series)
    marks = ticks(low, high) if high > low else ticks(low - 1.0, high + 1.0)

    def draw(frame: Frame) -> Html:
        # the policy stands first in every list and is drawn last, on top
        drawn = "".join(_line(frame, line, shares, marks) for line in reversed(series))
        return Html(
            _axis(frame, marks, say) + _years(frame, sessions[0], sessions[-1]) + Html(drawn)
        )

    entries = [(line.colour, line.name, line.said) for line in series]
    return figure(chart, legend(entries), draw, *table)


@dataclass(frozen=True, slots=True)
class Stack:
    """One part of every bar."""

    name: str
    colour: str
    values: Floats


def _bar(frame: Frame, x: float, wide: float, ends: tuple[float, float], colour: str) -> str:
    top, low = max(ends), min(ends)
    y, height = frame.y(top), frame.y(low) - frame.y(top)
    if height <= 0:
        return ""
    return (
        f'<rect class="fill {colour}" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" '
        f'height="{height:.1f}"/>'
    )


def bars(
    chart: Chart, labels: Sequence[str], stacks: Sequence[Stack], say: Saying, *table: str
) -> Html:
    """Stacked bars by month, gains up and losses down, with a dot at what they come to."""
    up = np.sum([np.maximum(each.values, 0.0) for each in stacks], axis=0)
    down = np.sum([np.minimum(each.values, 0.0) for each in stacks], axis=0)
    total = np.sum([each.values for each in stacks], axis=0)
    marks = ticks(min(float(down.min()), 0.0), max(float(up.max()), 1e-6))
    low, span = marks[0], marks[-1] - marks[0]

    def column(frame: Frame, at: int) -> str:
        slot = (frame.width - frame.left - frame.right) / len(labels)
        x, wide = frame.x(at / len(labels)) + slot * 0.12, slot * 0.76
        above = below = 0.0
        parts = []
        for each in stacks:
            value = float(each.values[at])
            base = above if value >= 0 else below
            ends = (base - low) / span, (base + value - low) / span
            parts.append(_bar(frame, x, wide, ends, each.colour))
            above, below = above + max(value, 0.0), below + min(value, 0.0)
        y = frame.y((float(total[at]) - low) / span)
        tip = f"<title>{labels[at]}: {say(float(total[at]))}</title>"
        dot = (
            f'<circle class="net" cx="{x + wide / 2:.1f}" cy="{y:.1f}" r="{min(3, wide / 2):.1f}"/>'
        )
        return f"<g>{tip}{''.join(parts)}{dot}</g>"

    def draw(frame: Frame) -> Html:
        drawn = "".join(column(frame, at) for at in range(len(labels)))
        first, last = _month(labels[0], 0), _month(labels[-1], 1)
        return Html(_axis(frame, marks, say) + Html(drawn) + _years(frame, first, last))

    entries = [(each.colour, each.name, "") for each in stacks]
    return figure(chart, legend([*entries, ("net", "together", "")]), draw, *table)


def _month(label: str, later: int) -> date:
    """The first day of a month such as 2014-01, or of the one `later`."""
    at = int(label[:4]) * 12 + int(label[5:]) - 1 + later
    return date(at // 12, at % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in one row of a timeline."""

    row: int
    first: date
    last: date
    colour: str
    tip: str
    thick: bool


def timeline(
    chart: Chart,
    rows: Sequence[str],
    spans: Sequence[Span],
    period: tuple[date, date],
    entries: Sequence[tuple[str, str, str]],
) -> Html:
    """Stretches of time, one row each sleeve."""
    start, days = period[0], max((period[1] - period[0]).days, 1)
    tall = 30

    def drawn(frame: Frame, span: Span) -> str:
        x = frame.x((span.first - start).days / days)
        wide = max(frame.x((span.last - start).days / days) - x - 0.6, 1.5)
        height = 16 if span.thick else 6
        y = frame.top + span.row * tall + (tall - height) / 2
        return (
            f'<rect class="fill {span.colour}" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" '
            f'height="{height}" rx="1.5"><title>{text(span.tip)}</title></rect>'
        )

    def draw(frame: Frame) -> Html:
        names = "".join(
            f'<text class="end" x="{frame.left - 6}" y="{frame.top + (at + 0.5) * tall + 4:.1f}">'
            f"{text(name)}</text>"
            for at, name in enumerate(rows)
        )
        parts = "".join(drawn(frame, span) for span in spans)
        return Html(names + parts + _years(frame, *period))

    height = FRAMES[0].top + tall * len(rows) + FRAMES[0].bottom
    return figure(chart, legend(entries), draw, tall=height)
