"""A sweep for a terminal: plain lines, as wide as the window is."""

from collections.abc import Sequence
from textwrap import wrap

from underwriter.report import say
from underwriter.report.console import NARROW, WIDE
from underwriter.report.swept import words
from underwriter.report.swept.told import FIGURES, Swept

_MOST = 5
_CELL = 24  # characters of a cell


def lines(swept: Swept, width: int = 80) -> str:
    """What a person wants to see of a sweep, in lines of about `width` columns."""
    room = max(NARROW, min(width, WIDE))
    quotes = swept.provenance
    banner = f"{quotes.banner}. " if quotes.banner else ""
    head = (
        f"{swept.policy}: {swept.first} to {swept.last}, {swept.sessions:,} sessions",
        f"{banner}{quotes.told} Source: {swept.source}",
        words.tried(swept),
        words.verdict(swept),
    )
    order = swept.order[:_MOST].tolist()
    best = [words.row(swept, one, name=f"{at}. #{one}") for at, one in enumerate(order, 1)]
    median = words.row(swept, swept.middle, name=f"median #{swept.middle}")
    spread = [words.spread(swept, name) for name in words.SPREAD]
    parts = [
        *(line for said in head for line in wrap(said, room, subsequent_indent="  ")),
        "",
        f"The best by {FIGURES[swept.by].head}, and the median",
        *_table([words.heads(swept), *best, median], room),
        "",
        "All configurations",
        *_table([list(words.SPREAD_HEADS), *spread], room),
    ]
    return say.plain("\n".join(line.rstrip() for line in parts) + "\n")


def _table(rows: Sequence[Sequence[str]], room: int) -> list[str]:
    """Rows in columns; columns that do not fit are told below, in blocks of their own."""
    cut = [
        [cell if len(cell) <= _CELL else cell[: _CELL - 2] + ".." for cell in row] for row in rows
    ]
    wide = [max(len(row[at]) for row in cut) + 2 for at in range(len(cut[0]))]
    found: list[str] = []
    first = 1
    while first < len(wide):
        last, used = first, wide[0]
        while last < len(wide) and (last == first or used + wide[last] <= room):
            used += wide[last]
            last += 1
        found += [""] if found else []
        for row in cut:
            cells = "".join(f"{row[at]:>{wide[at]}}" for at in range(first, last))
            found.append(f"{row[0]:<{wide[0]}}{cells}")
        first = last
    return found
