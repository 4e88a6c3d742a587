"""A review as Markdown that reads as well in a terminal: tables in columns of their own width."""

import re
from collections.abc import Iterable
from textwrap import wrap

from underwriter.report import say
from underwriter.report.weekly.rows import Review
from underwriter.report.weekly.said import Part, Table, headline, parts

_WIDE = 96
_FIGURE = re.compile(rf"[-+{say.MINUS}]?\$?[\d,]+(\.\d+)?%?")


def markdown(found: Review) -> str:
    """The whole review."""
    known = say.PROVENANCE.get(found.quotes)
    banner = [f"**{known.banner}.** {known.told}"] if known and known.banner else []
    head = [
        f"# Week {found.week}, account {found.account}",
        *_flow([*banner, headline(found), f"Source: {found.source}."]),
        *_flow(f"Note: {each}." for each in found.remarks),
    ]
    body = [block for each in parts(found) for block in _part(each)]
    return say.plain("\n\n".join([*head, *body]) + "\n")


def _flow(texts: Iterable[str]) -> list[str]:
    return ["\n".join(wrap(text, _WIDE, break_on_hyphens=False)) for text in texts]


def _part(part: Part) -> Iterable[str]:
    yield f"## {part.title}"
    yield from _flow(part.told)
    for table in part.tables:
        yield f"### {table.caption}"
        yield _table(table)


def _table(table: Table) -> str:
    """A table whose columns stand under one another; figures to the right."""
    kept = [at for at in range(len(table.heads)) if any(row[at] for row in table.rows)]
    rows = [[_cell(row[at]) for at in kept] for row in table.rows]
    heads = [table.heads[at] for at in kept]
    wide = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    right = [all(_is_figure(row[at]) for row in rows) for at in range(len(kept))]
    rules = [
        f"{'-' * (size - 1)}{':' if side else '-'}" for size, side in zip(wide, right, strict=True)
    ]
    return "\n".join(_line(cells, wide, right) for cells in (heads, rules, *rows))


def _line(cells: Iterable[str], wide: list[int], right: list[bool]) -> str:
    fitted = (
        f"{cell:>{size}}" if side else f"{cell:<{size}}"
        for cell, size, side in zip(cells, wide, right, strict=True)
    )
    return f"| {' | '.join(fitted)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _is_figure(cell: str) -> bool:
    """Whether a cell is a number, money or a share, or empty."""
    return cell in {"", say.UNDEFINED, "not known", "not told"} or bool(_FIGURE.fullmatch(cell))
