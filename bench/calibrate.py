"""Fit the chain model to real quotes again; print the tables of docs/model.md and draw its charts.

python bench/calibrate.py    needs ../shared and scipy; writes docs/calibration.svg
                             and src/underwriter/market/support.csv
"""

import os
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import least_squares, minimize

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
os.environ.setdefault("UNDERWRITER_HOME", str(ROOT / ".make" / "home"))

from market import calibration as real  # noqa: E402  the tests judge by the same figures
from market import real_quotes  # noqa: E402
from underwriter.market import support  # noqa: E402
from underwriter.market.history import read_levels  # noqa: E402
from underwriter.market.instrument import SPX_TICKS  # noqa: E402
from underwriter.market.model import Width  # noqa: E402
from underwriter.market.surface import SURFACE, Surface  # noqa: E402

Column = NDArray[np.float64]
SMILE = ("tilt", "drift", "bend", "trough", "turn", "growth")
TERM = ("atm", "reversion", "mean")
DTE = support.TERMS
INDEX = ((10.0, 15.0), *support.LEVELS[:-1], (25.0, 32.0))
DELTA = ((0.01, 0.05), (0.05, 0.15), (0.15, 0.30), (0.30, 0.55))
LIMITS = ("QQQ", "IWM", "AAPL", "KO")
TERMS_TO = date(2018, 12, 31)  # later index data judge us elsewhere
COLOURS = {3: "#1f5fa8", 7: "#3a8f5c", 30: "#d98324", 60: "#a03b5b"}


def between(name: str, lo: float, hi: float) -> pl.Expr:
    """Whether a column lies from `lo` up to, not at, `hi`."""
    return (pl.col(name) >= lo) & (pl.col(name) < hi)


def cell() -> list[pl.Expr]:
    """The bucket of each row by term and by delta."""
    terms = [pl.col("dte").is_between(*each) for each in DTE]
    wings = [between("reach", *each) for each in DELTA]
    return [pl.coalesce(pl.when(one).then(n) for n, one in enumerate(m)) for m in (terms, wings)]


def weights(quotes: pl.DataFrame) -> Column:
    """Each source, term and delta counts alike, however many quotes it has."""
    term, wing = cell()
    keyed = quotes.with_columns(reach=pl.col("delta").abs()).select("source", t=term, w=wing)
    count = keyed.select(pl.len().over("source", "t", "w")).to_series().to_numpy()
    return np.asarray(1.0 / np.sqrt(count) / np.mean(1.0 / np.sqrt(count)))


def free_smile(quotes: pl.DataFrame) -> Surface:
    """The smile of least error on the quotes, in volatility points, outliers tamed."""
    iv, atm = real.columns(quotes, "iv", "atm")
    weight = weights(quotes)

    def errors(figures: Column) -> Column:
        surface = SURFACE._replace(**dict(zip(SMILE, figures, strict=True)))
        return weight * (real.ratios(quotes, surface) * atm - iv) * real.POINTS

    start = [getattr(SURFACE, name) for name in SMILE]
    found = least_squares(errors, start, loss="soft_l1", f_scale=0.5).x
    return SURFACE._replace(**dict(zip(SMILE, found, strict=True)))


def free_term(quotes: pl.DataFrame) -> Surface:
    """The term structure of least error on the levels of the quotes, terms counting alike."""
    level = quotes["atm"].to_numpy()
    count = quotes.select(pl.len().over("source", cell()[0])).to_series().to_numpy()

    def errors(figures: Column) -> Column:
        surface = SURFACE._replace(**dict(zip(TERM, figures, strict=True)))
        return (real.levels(quotes, surface) - level) * real.POINTS / np.sqrt(count)

    start = [getattr(SURFACE, name) for name in TERM]
    found = least_squares(errors, start, loss="soft_l1", f_scale=0.05).x
    return SURFACE._replace(**dict(zip(TERM, found, strict=True)))


def free_width(quotes: pl.DataFrame, start: Width) -> Width:
    """The spread of least relative error; terms, prices and depths count alike."""
    wide = quotes["wide"].to_numpy()
    depth = (100.0 * (pl.col("inside") / pl.col("spot")).sqrt() / 10.0).round()
    price = (pl.col("mid") / pl.col("spot")).log().round()
    keys = cell()[0], depth, price, pl.col("right")
    share = 1.0 / quotes.select(pl.len().over(*keys)).to_series().to_numpy()

    def loss(figures: Column) -> float:
        if min(figures) < 0.0:
            return np.inf
        away = np.abs(np.log(real.widths(quotes, Width(*(figures * start))) / wide))
        return float((share * away).sum() / share.sum())

    found = minimize(loss, np.ones(4), method="Nelder-Mead", options={"maxiter": 300}).x
    return Width(*(found * start))


def terms(shared: Path) -> tuple[pl.DataFrame, Column]:
    """VIX9D and VIX3M to 2018 beside VIX: rows (index, years), and what they stood at."""
    names = {"VIX9D": 9, "VIX3M": 93}
    vix = read_levels(shared / "data/cboe_indices/VIX_History.csv")
    parts = []
    for name, days in names.items():
        found = read_levels(shared / f"data/cboe_indices/{name}_History.csv")
        day, here, there = np.intersect1d(vix.day, found.day, return_indices=True)
        on = day.astype("datetime64[D]") <= np.datetime64(TERMS_TO)
        parts.append(
            pl.DataFrame(
                {"index": vix.value[here][on] / 100, "level": found.value[there][on] / 100}
            ).with_columns(years=pl.lit(days / 365.0))
        )
    rows = pl.concat(parts)
    return rows, rows["level"].to_numpy()


def mean_points(away: Column) -> str:
    """The mean absolute error in volatility points."""
    return f"{np.abs(away).mean() * real.POINTS:.2f}"


def by_days(quotes: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Quotes of fitted days, of judged days, and of days that nobody had looked at before."""
    known = pl.col("index").is_not_null()
    return {
        "fitted": quotes.filter("fitted", known),
        "judged": quotes.filter(~pl.col("fitted"), known),
        "unseen": quotes.filter(~pl.col("fitted"), ~known),
    }


def one_a_smile(quotes: pl.DataFrame) -> pl.DataFrame:
    """The first row of each smile."""
    return quotes.unique(["source", "date", "expiry"], keep="first", maintain_order=True)


def compare(days: dict[str, pl.DataFrame], smile: Surface, term: Surface) -> None:
    """Print the errors of the surface before, of the free fit and of the rounded one shipped."""
    print("| error in volatility points | days | quotes | before | free fit | shipped |")
    for name, rows in days.items():
        iv, atm = real.columns(rows, "iv", "atm")
        ratio = [real.first_ratios(rows), real.ratios(rows, smile), real.ratios(rows)]
        found = " | ".join(mean_points(each * atm - iv) for each in ratio)
        print(f"| smile, {name} | {rows['date'].n_unique()} | {rows.height:,} | {found} |")
    for name in ("fitted", "judged"):
        rows = one_a_smile(days[name])
        level = rows["atm"].to_numpy()
        each = [real.first_levels(rows), real.levels(rows, term), real.levels(rows)]
        found = " | ".join(mean_points(one - level) for one in each)
        print(f"| at the forward, {name} | {rows['date'].n_unique()} | {rows.height:,} | {found} |")


def compare_terms(shared: Path) -> None:
    """Print how the term structure meets VIX9D and VIX3M, which are no volatility at the money."""
    rows, level = terms(shared)
    ours = real.levels(rows) / SURFACE.atm
    before = real.first_levels(rows) / real.First().atm
    for lo, hi in INDEX:
        on = rows.select((pl.col("index") * 100).is_between(lo, hi)).to_series().to_numpy()
        print(
            f"index {lo:g}-{hi:g}",
            mean_points((before - level)[on]),
            mean_points((ours - level)[on]),
        )


def compare_widths(shared: Path) -> None:
    """Print the free fit of the spreads and the median relative error of each."""
    for source in ("SPX", "AAPL 2014"):
        quotes = real.spreads(shared, source)
        shipped = real.width_for(source)
        free = free_width(quotes.filter("fitted"), shipped)
        print(source, "free fit", *(f"{each:.5f}" for each in free), "shipped", *shipped)
        for name, rows in (
            ("fitted", quotes.filter("fitted")),
            ("judged", quotes.remove("fitted")),
        ):
            wide = rows["wide"].to_numpy()
            sets = [real.first_widths(rows), real.widths(rows, free), real.widths(rows, shipped)]
            away = " | ".join(f"{np.median(np.abs(one / wide - 1.0)):.0%}" for one in sets)
            bias = " | ".join(f"{np.median(one / wide):.2f}" for one in sets)
            print(f"| spread of {source}, {name} | {rows.height:,} | {away} | ratio {bias} |")
        print_widths(quotes.remove("fitted"), shipped)


def print_widths(quotes: pl.DataFrame, width: Width) -> None:
    """Real and modelled median spread by |delta| and term, out of the money, in percent of spot."""
    rows = quotes.with_columns(
        ours=pl.Series(real.widths(quotes, width)), reach=pl.col("delta").abs()
    ).filter("out")
    for lo, hi in (*DTE, (71, 600)):
        near = rows.filter(pl.col("dte").is_between(lo, hi))
        cells = [near.filter(between("reach", *each)) for each in DELTA]
        found = [
            f"{one['wide'].median():.2f} / {one['ours'].median():.2f} ({one.height})"
            if one.height
            else "-"
            for one in cells
        ]
        print(f"| {lo}-{hi} | {' | '.join(found)} |")


def errors(quotes: pl.DataFrame) -> pl.DataFrame:
    """The quotes with the whole error: in volatility points, and of the price in half-spreads.

    The half-spread is the real one where there is one, else the modelled.
    """
    model = real.whole(quotes)
    sides = quotes.with_columns(
        wide=pl.col("ask") - pl.col("bid"),
        inside=pl.lit(0.0),
        tick=pl.when(pl.col("source") == "SPX")
        .then(pl.when(pl.col("mid") < SPX_TICKS.threshold).then(0.05).otherwise(0.10))
        .otherwise(0.01),
    )
    half = 0.5 * np.where(sides["wide"] > 0.0, sides["wide"], real.widths(sides, real.WIDTH))
    away = real.prices(quotes, model) - real.prices(quotes, quotes["iv"].to_numpy())
    points = (model - quotes["iv"].to_numpy()) * real.POINTS
    return quotes.with_columns(
        points=pl.Series(points), halves=pl.Series(away / half), reach=pl.col("delta").abs()
    )


def cells(rows: pl.DataFrame) -> Iterator[tuple[int, int, list[pl.DataFrame]]]:
    """The quotes of each row of the table, by term and level: puts, then calls, by delta."""
    for term, days in enumerate(support.TERMS):
        for level, (low, high) in enumerate(support.LEVELS):
            on = between("points_of", low, high)
            if high == support.MOST_INDEX:
                on |= pl.col("points_of") == high
            here = rows.filter(pl.col("dte").is_between(*days), on)
            yield (
                term,
                level,
                [
                    here.filter(pl.col("right") == right, between("reach", *each))
                    for right, wings in ((0, support.WINGS), (1, support.WINGS[::-1]))
                    for each in wings
                ],
            )


def print_cells(rows: pl.DataFrame, show: Callable[[pl.DataFrame], str]) -> None:
    """Print a table of one text a cell."""
    for term, level, sides in cells(rows):
        days, (low, high) = support.TERMS[term], support.LEVELS[level]
        said = " | ".join(show(one) for one in sides)
        print(f"| {days[0]}-{days[1]} | {low:g}-{high:g} | {said} |")


def show_error(rows: pl.DataFrame) -> str:
    """Mean absolute error in points and in half-spreads; in brackets where only fitted days are.

    In square ones where no source has quotes enough.
    """
    judged = rows.remove("fitted")
    kept = judged if judged.height else rows
    if not kept.height:
        return "x"
    text = f"{kept['points'].abs().mean():.1f} / {kept['halves'].abs().mean():.0f}"
    if (
        max(rows.filter(pl.col("source") == name).height for name in support.SOURCES)
        < support.LEAST
    ):
        return f"[{text}]"
    return text if judged.height else f"({text})"


def show_count(rows: pl.DataFrame) -> str:
    """Quotes of fitted and of judged days."""
    if not rows.height:
        return "x"
    return f"{rows.filter('fitted').height} + {rows.remove('fitted').height}"


def support_text(table: pl.DataFrame) -> str:
    """What `market.support` reads: the quotes of each source in each cell."""
    puts = [f"put {low:g}" for low, _ in support.WINGS]
    calls = [f"call {low:g}" for low, _ in support.WINGS[::-1]]
    lines = [",".join(["source", "term", "level", *puts, *calls])]
    for source in support.SOURCES:
        for term, level, sides in cells(table.filter(pl.col("source") == source)):
            if any(one.height for one in sides):
                lines.append(
                    f"{source},{term},{level},{','.join(str(one.height) for one in sides)}"
                )
    return "\n".join(lines) + "\n"


def limits(shared: Path) -> None:
    """Print the error of the smile on names it was not fitted on, at their own level."""
    for name in LIMITS:
        rows = real_quotes.smiles(shared, name).filter(
            pl.col("dte").is_between(real.SPY_FROM, 70), pl.col("delta").abs() >= real.LEAST_DELTA
        )
        iv, atm = real.columns(rows, "iv", "atm")
        before = mean_points(real.first_ratios(rows) * atm - iv)
        skew = [rows.filter(pl.col("z").is_between(z - 0.2, z + 0.2)) for z in (-1.5, 1.5)]
        told = [f"{(one['iv'] / one['atm']).median():.2f}" for one in skew]
        print(f"| {name} | {before} | {mean_points(real.ratios(rows) * atm - iv)} | {told} |")


def draw(quotes: pl.DataFrame) -> str:
    """Real smiles of judged days as dots, the model at their level as lines, by term, as SVG."""
    parts = [axes()]
    for days, colour in COLOURS.items():
        rows = quotes.remove("fitted").filter(
            pl.col("dte").is_between(days - days // 10, days + days // 10),
            pl.col("z").is_between(-6.0, 3.0),
        )
        step = pl.col("z").mul(4.0).round() / 4.0
        dots = rows.group_by(step.alias("z")).agg((pl.col("iv") / pl.col("atm")).median(), pl.len())
        for z, ratio, count in dots.sort("z").iter_rows():
            if count >= real.SPY_FROM:
                parts.append(
                    f'<circle cx="{at(z):.1f}" cy="{up(ratio):.1f}" r="2.5" fill="{colour}"/>'
                )
        z = np.linspace(-6.0, 3.0, 91)
        own = pl.DataFrame({"z": z, "years": np.full(len(z), days / 365.0)})
        path = "L".join(
            f"{at(a):.1f} {up(b):.1f}" for a, b in zip(z, real.ratios(own), strict=True)
        )
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        y = 36 + 16 * [*COLOURS].index(days)
        parts.append(f'<text x="500" y="{y}" fill="{colour}">{days} days</text>')
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 330" font-size="11" '
    return head + 'font-family="sans-serif">\n' + "\n".join(parts) + "\n</svg>\n"


def at(z: float) -> float:
    """Pixels from the left."""
    return 50.0 + (z + 6.0) * 58.0


def up(ratio: float) -> float:
    """Pixels from the top."""
    return 290.0 - (ratio - 0.6) * 120.0


def axes() -> str:
    """Grid lines and what they mean."""
    parts = []
    for ratio in (0.8, 1.0, 1.5, 2.0, 2.5):
        parts.append(f'<path d="M50 {up(ratio):.0f}H572" stroke="#ddd"/>')
        parts.append(f'<text x="44" y="{up(ratio) + 4:.0f}" text-anchor="end">{ratio:g}</text>')
    parts += [
        f'<text x="{at(z):.0f}" y="306" text-anchor="middle">{z}</text>' for z in range(-6, 4)
    ]
    says = "deviations from the forward; volatility over that at it (dots: real, lines: model)"
    return "\n".join([*parts, f'<text x="311" y="324" text-anchor="middle">{says}</text>'])


def main() -> None:
    """Fit, print, draw."""
    shared = ROOT.parent / "shared"
    quotes = real.index_smiles(shared)
    days = by_days(quotes)
    smile, term = free_smile(days["fitted"]), free_term(one_a_smile(days["fitted"]))
    print("free fit", *(f"{name} {getattr(smile, name):.3f}" for name in SMILE))
    print("free fit", *(f"{name} {getattr(term, name):.3f}" for name in TERM))
    print("shipped ", SURFACE)
    compare(days, smile, term)
    compare_terms(shared)
    compare_widths(shared)
    table = errors(quotes.filter(pl.col("index").is_not_null())).with_columns(
        points_of=100.0 * pl.col("index")
    )
    print_cells(table, show_error)
    for source in support.SOURCES:
        print(source)
        print_cells(table.filter(pl.col("source") == source), show_count)
    (ROOT / "src/underwriter/market/support.csv").write_text(support_text(table))
    limits(shared)
    (ROOT / "docs/calibration.svg").write_text(draw(quotes))


if __name__ == "__main__":
    main()
