"""The pay-off of a trade as a picture: in plain letters for a terminal, and as an SVG of its own.

+1.4k |    +++++++++      profit
    0 |---=-----------
-2.1k | --                loss
        80     100
"""

from dataclasses import dataclass

import numpy as np

from underwriter.report import say
from underwriter.report.charts import Floats, Frame, ticks
from underwriter.report.markup import Html, tag, text

NARROW, WIDE = 24, 100  # columns of a terminal
LOW, HIGH = 5, 15  # rows
_SEEN = 1e-3  # of a row: a profit that is not nothing
_FRAME = Frame("own", 720, 400, left=70, right=20, top=64, bottom=64)
_STYLE = """
svg{font:13px system-ui,sans-serif;background:#fff}
text{fill:#333}
.title{font-size:16px;font-weight:600}
.end{text-anchor:end}.middle{text-anchor:middle}
.rule{stroke:#ddd}.zero{stroke:#555}
.spot{stroke:#555;stroke-dasharray:4 3}
.curve{fill:none;stroke:#1f4e79;stroke-width:2}
.profit{fill:#2e7d32;fill-opacity:.18}.loss{fill:#c62828;fill-opacity:.18}
.breakeven{fill:#fff;stroke:#1f4e79;stroke-width:2}
.over{paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round}
@media (prefers-color-scheme:dark){svg{background:#14181d}text{fill:#d7dde3}.rule{stroke:#333b44}
.zero,.spot{stroke:#98a4b0}.curve,.breakeven{stroke:#7fb3e6}.breakeven{fill:#14181d}
.over{stroke:#14181d}}
""".strip()


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn: profit at the first expiry by spot, ascending, straight between the points."""

    title: str
    note: str
    spots: Floats
    profit: Floats
    now: float  # the spot today
    breakevens: tuple[float, ...]


def window(picture: Picture) -> tuple[float, float]:
    """The stretch of spots that is shown."""
    return float(picture.spots[0]), float(picture.spots[-1])


# --- in letters ----------------------------------------------------------------------------------


def letters(picture: Picture, width: int, height: int) -> list[str]:
    """The picture in lines of at most `width` columns: `+` is profit, `-` is loss.

    A terminal narrower than NARROW gets lines of that width.
    """
    room = max(NARROW, min(width, WIDE))
    rows = max(LOW, min(height, HIGH))
    top, low = max(float(picture.profit.max()), 0.0), min(float(picture.profit.min()), 0.0)
    above = _share(top, top - low, rows - 1)
    below = _share(-low, top - low, rows - 1)
    step = max(top / max(above, 1), -low / max(below, 1)) or 1.0
    above, below = (max(round(part / step), part > 0.0) for part in (top, -low))
    names = {above: _signed(top), -below: _signed(low), 0: "0"}
    margin = max(map(len, names.values()))
    columns = room - margin - 2
    spots = np.linspace(*window(picture), columns)
    levels = np.interp(spots, picture.spots, picture.profit) / step
    drawn = [
        f"{names.get(row, ''):>{margin}} |{_row(levels, row)}".rstrip()
        for row in range(above, -below - 1, -1)
    ]
    return [*drawn, *_below(picture, margin + 2, columns)]


def _share(part: float, whole: float, rows: int) -> int:
    """Rows for one side of zero: none for nothing, at least one for anything."""
    if part <= 0.0:
        return 0
    return max(1, min(round(rows * part / whole), rows - (part < whole)))


def _row(levels: Floats, row: int) -> str:
    """One row of letters, so many above zero: the columns whose bars reach it.

    The rows beside zero show whatever is not zero, so that a small credit is seen.
    """
    if row == 0:
        return "." * len(levels)
    mark = "+" if row > 0 else "-"
    near = _SEEN if abs(row) == 1 else abs(row) - 0.5
    heights = levels if row > 0 else -levels
    return "".join(mark if height >= near else " " for height in heights)


def _below(picture: Picture, indent: int, columns: int) -> list[str]:
    """Marks of the spot and of breakevens, and what the ends and the spot are."""
    low, high = window(picture)

    def at(spot: float) -> int:
        share = (spot - low) / (high - low)
        return min(max(round(share * (columns - 1)), 0), columns - 1)

    marks = [" "] * columns
    for spot in picture.breakevens:
        if low <= spot <= high:
            marks[at(spot)] = "o"
    marks[at(picture.now)] = "^"
    ends = _price(low), _price(high)
    gap = max(1, columns - len(ends[0]) - len(ends[1]))
    pad = " " * indent
    return [(pad + "".join(marks)).rstrip(), f"{pad}{ends[0]}{' ' * gap}{ends[1]}"]


def _signed(amount: float) -> str:
    """Dollars on an axis with their sign."""
    said = say.plain(say.short(amount)).replace("$", "")
    return f"+{said}" if amount > 0 else said


def _price(spot: float) -> str:
    """A spot on an axis: five figures are enough."""
    return f"{spot:.5g}" if spot < 100_000 else f"{spot:,.0f}"  # noqa: PLR2004  five figures


# --- as a file -----------------------------------------------------------------------------------


def svg(picture: Picture) -> str:
    """The picture as an SVG that needs nothing beside it, for light and dark."""
    marks = ticks(min(float(picture.profit.min()), 0.0), max(float(picture.profit.max()), 1e-6))
    parts = [
        tag("title", picture.title),
        tag("desc", described(picture)),
        Html(f"<style>{_STYLE}</style>"),
        tag("text", picture.title, class_="title", x="16", y="26"),
        tag("text", "Profit or loss, dollars", x="16", y="48"),
        _levels(marks),
        _areas(picture, marks),
        _curve(picture, marks),
        _spots(picture),
        _breakevens(picture, marks),
        tag("text", picture.note, x="16", y=f"{_FRAME.height - 12}"),
    ]
    size = {"viewBox": f"0 0 {_FRAME.width} {_FRAME.height}", "width": f"{_FRAME.width}"}
    whole = tag(
        "svg",
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        height=f"{_FRAME.height}",
        role="img",
        **size,
    )
    return whole + "\n"


def described(picture: Picture) -> str:
    """The picture for those who cannot see it."""
    low, high = window(picture)
    ends = " and ".join(f"{spot:,.2f}" for spot in picture.breakevens) or "none"
    least, most = float(picture.profit.min()), float(picture.profit.max())
    return (
        f"Between {low:,.2f} and {high:,.2f} the profit lies between {say.short(least)} and "
        f"{say.short(most)}; breakevens: {ends}."
    )


def _point(picture: Picture, marks: list[float], spot: float, gained: float) -> tuple[float, float]:
    """Pixels of a spot and a profit."""
    low, high = window(picture)
    share = (gained - marks[0]) / (marks[-1] - marks[0])
    return _FRAME.x((spot - low) / (high - low)), _FRAME.y(share)


def _levels(marks: list[float]) -> Html:
    """Rules of profit with their values."""
    parts = []
    for mark in marks:
        y = _FRAME.y((mark - marks[0]) / (marks[-1] - marks[0]))
        kind = "rule zero" if mark == 0 else "rule"
        parts.append(
            f'<path class="{kind}" d="M{_FRAME.left} {y:.1f}H{_FRAME.width - _FRAME.right}"/>'
            f'<text class="end" x="{_FRAME.left - 8}" y="{y + 4:.1f}">{say.short(mark)}</text>'
        )
    return Html("".join(parts))


def _areas(picture: Picture, marks: list[float]) -> Html:
    """What lies between the curve and zero, gains and losses apart."""
    zeros = sorted({*picture.spots.tolist(), *picture.breakevens})
    spots = np.array([each for each in zeros if window(picture)[0] <= each <= window(picture)[1]])
    gained = np.interp(spots, picture.spots, picture.profit)
    ends = [_point(picture, marks, float(spot), 0.0) for spot in (spots[-1], spots[0])]
    base = "".join(f"L{x:.1f} {y:.1f}" for x, y in ends)
    parts = []
    for kind, part in (("profit", np.maximum(gained, 0.0)), ("loss", np.minimum(gained, 0.0))):
        path = _path(picture, marks, spots, part)
        parts.append(f'<path class="{kind}" d="{path}{base}Z"/>')
    return Html("".join(parts))


def _path(picture: Picture, marks: list[float], spots: Floats, gained: Floats) -> str:
    """A line through points."""
    points = (
        _point(picture, marks, float(spot), float(each))
        for spot, each in zip(spots, gained, strict=True)
    )
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _curve(picture: Picture, marks: list[float]) -> Html:
    """The profit itself."""
    path = _path(picture, marks, picture.spots, picture.profit)
    return Html(f'<path class="curve" d="{path}"/>')


def _spots(picture: Picture) -> Html:
    """The axis of spots, and the one of today."""
    low, high = window(picture)
    bottom = _FRAME.height - _FRAME.bottom
    parts = []
    for mark in ticks(low, high, 7):
        if low <= mark <= high:
            x = _FRAME.x((mark - low) / (high - low))
            parts.append(
                f'<path class="rule" d="M{x:.1f} {bottom}v5"/>'
                f'<text class="middle" x="{x:.1f}" y="{bottom + 20}">{_price(mark)}</text>'
            )
    x = _FRAME.x((picture.now - low) / (high - low))
    parts.append(
        f'<path class="spot" d="M{x:.1f} {_FRAME.top}V{bottom}"/>'
        f'<text class="middle" x="{x:.1f}" y="{_FRAME.top - 6}">now {picture.now:,.2f}</text>'
    )
    return Html("".join(parts))


def _breakevens(picture: Picture, marks: list[float]) -> Html:
    """A ring and its spot at each breakeven that is shown."""
    low, high = window(picture)
    parts = []
    for spot in picture.breakevens:
        if low <= spot <= high:
            x, y = _point(picture, marks, spot, 0.0)
            said = text(f"{spot:,.2f}")
            parts.append(
                f'<circle class="breakeven" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'
                f'<text class="middle over" x="{x:.1f}" y="{y - 10:.1f}">{said}</text>'
            )
    return Html("".join(parts))
