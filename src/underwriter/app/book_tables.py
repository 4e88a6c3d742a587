"""Tables of the books in a terminal: in columns where they fit, else a paragraph a row."""

from collections.abc import Iterable, Sequence
from textwrap import wrap

from underwriter.app.holdings import table
from underwriter.report import say

NARROW = 60
_INDENT = "    "


def fitted(
    head: Sequence[str], rows: Iterable[Sequence[str]], right: set[int], columns: int
) -> list[str]:
    """Rows under their head; where a line would be longer than `columns`, a paragraph a row.

    Columns without a cell are left out, and empty cells of a paragraph.  `right` are the columns
    that stand to the right.
    """
    listed = [tuple(row) for row in rows]
    kept = [at for at in range(len(head)) if any(row[at] for row in listed)]
    cells = [tuple(row[at] for at in kept) for row in (head, *listed)]
    lines = table(cells, {place for place, at in enumerate(kept) if at in right})
    room = max(columns, NARROW)
    if max(map(len, lines)) <= room:
        return lines
    return [line for row in listed for line in _paragraph(head, row, room)]


def _paragraph(head: Sequence[str], row: Sequence[str], room: int) -> list[str]:
    """One row as words: its first cell, then each other with its name."""
    named = [f"{name} {cell}" for name, cell in zip(head[1:], row[1:], strict=True) if cell]
    return flow(f"{row[0]}: {', '.join(named)}", room)


def flow(text: str, room: int) -> list[str]:
    """A text in lines, those after the first indented."""
    return wrap(text, max(room, NARROW), subsequent_indent=_INDENT, break_on_hyphens=False)


def cents(dollars: float | None) -> str:
    """Dollars to the cent; nothing where there are none to tell."""
    return "" if dollars is None else say.number(dollars)


def joined(parts: Iterable[Iterable[str]]) -> str:
    """Parts of a page with a line between them, for a terminal that may know ASCII only."""
    return say.plain("\n\n".join("\n".join(part) for part in parts) + "\n")
