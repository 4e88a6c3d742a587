"""The figures and the chart of docs/model.md: PUT and BXM, model beside index, year by year.

python bench/gate.py         needs ../shared; writes docs/model.svg
"""

import sys
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np

from underwriter.market.check import CheckResult, checked, read_track
from underwriter.market.surface import SURFACE

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from market import cboe  # noqa: E402  the tests lay out the same histories

EARLIER = (date(1991, 1, 1), date(2009, 12, 31))
JUDGED = (date(2010, 1, 1), date(2018, 12, 31))
STEP, MIDDLE, SCALE = 26, 110, 16  # pixels a year, of the zero line, a percentage point
COLOURS = {"put": "#1f5fa8", "bxm": "#d98324"}

Years = Mapping[str, float]


def row(shared: Path, found: CheckResult) -> str:
    """One row of the table: mean, mean absolute, worst, correlation."""
    gaps = np.array([*cboe.differences(shared, found).values()])
    return (
        f"{gaps.mean():+.2f} | {abs(gaps).mean():.2f} | {abs(gaps).max():.2f} | "
        f"{cboe.correlation(shared, found):.4f}"
    )


def bar(x: float, gap: float, colour: str) -> str:
    """One year of one index."""
    top, height = MIDDLE - max(gap, 0.0) * SCALE, abs(gap) * SCALE
    return f'<rect x="{x:.0f}" y="{top:.1f}" width="10" height="{height:.1f}" fill="{colour}"/>'


def text(x: float, y: float, words: str, anchor: str = "middle") -> str:
    """A label."""
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{words}</text>'


def frame(years: list[str]) -> list[str]:
    """Grid lines, year labels, and the shade over the judged years."""
    right = 50 + STEP * len(years)
    judged = 50 + STEP * sum(year < "2010" for year in years)
    parts = [f'<rect x="{judged}" y="14" width="{right - judged}" height="192" fill="#eef3ea"/>']
    for gap in (-4, -2, 0, 2, 4):
        y, colour = MIDDLE - gap * SCALE, "#888" if gap == 0 else "#ddd"
        parts.append(f'<path d="M50 {y}H{right}" stroke="{colour}"/>')
        parts.append(text(44, y + 4, f"{gap:+d}" if gap else "0", "end"))
    for n, year in enumerate(years):
        parts.append(text(50 + STEP * (n + 0.5), 222, year[2:]))
    parts += [text((50 + judged) / 2, 26, "earlier"), text((judged + right) / 2, 26, "judged")]
    return parts


def chart(gaps: Mapping[str, Years]) -> str:
    """Both indices' differences as an SVG."""
    years = sorted(gaps["put"])
    parts = frame(years)
    for place, (name, by_year) in enumerate(gaps.items()):
        parts += [
            bar(50 + STEP * n + 2 + 11 * place, by_year[y], COLOURS[name])
            for n, y in enumerate(years)
        ]
        parts.append(bar(60 + 90 * place, 0.6, COLOURS[name]).replace('y="100.4"', 'y="234"'))
        parts.append(text(76 + 90 * place, 243, name.upper(), "start"))
    parts.append(text(250, 243, "model minus index, percentage points a year", "start"))
    width = 60 + STEP * len(years)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 252" font-size="11" '
    return head + 'font-family="sans-serif">\n' + "\n".join(parts) + "\n</svg>\n"


def main() -> None:
    """Print the table, write the chart."""
    shared, gaps = ROOT.parent / "shared", {}
    at_index = SURFACE._replace(atm=1.0, tilt=0.0, drift=0.0, bend=0.0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spot, bills = cboe.spot_file(shared, folder), cboe.bills_file(shared, folder)
        on = read_track(spot, cboe.vol_file(shared), bills)
    for index in ("put", "bxm"):
        print(index, "earlier", row(shared, checked(index, on, *EARLIER)))
        print(index, "judged ", row(shared, checked(index, on, *JUDGED)))
        print(index, "at VIX ", row(shared, checked(index, on, *JUDGED, surface=at_index)))
        gaps[index] = cboe.differences(shared, checked(index, on, EARLIER[0], JUDGED[1]))
    for year in gaps["put"]:
        print(f"| {year} | {gaps['put'][year]:+.1f} | {gaps['bxm'][year]:+.1f} |")
    (ROOT / "docs/model.svg").write_text(chart(gaps))


if __name__ == "__main__":
    main()
