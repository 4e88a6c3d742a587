"""A review as one self-contained HTML page, in the tearsheet's style."""

from collections.abc import Sequence

from underwriter.report import markup, say
from underwriter.report.markup import Html, join, tag
from underwriter.report.tearsheet import document
from underwriter.report.weekly.drawn import drawn
from underwriter.report.weekly.rows import Review
from underwriter.report.weekly.said import (
    BOOKS,
    LOST,
    Part,
    counted,
    dollars,
    headline,
    parts,
    share,
)

_JOINER = "\N{WORD JOINER}"


def page(found: Review) -> str:
    """The whole page."""
    known = say.PROVENANCE.get(found.quotes)
    mark = known.mark if known else ""
    told = f"Underwriter weekly review. {known.banner if known else ''}".strip()
    sections = join(_section(found, part, mark) for part in parts(found))
    foot = tag("footer", tag("p", f"{told} {found.week}, {found.account}."))
    body = tag("main", _header(found), _tiles(found), sections, foot)
    return document(f"{found.week}: weekly review of {found.account}", told, body)


def _header(found: Review) -> Html:
    days = f"{found.sessions[0]} {say.TO} {found.sessions[-1]}, {len(found.sessions)} sessions"
    named = ", ".join(found.policies) or "no policy"
    return tag(
        "header",
        tag("p", "Underwriter weekly review", class_="over"),
        tag("h1", f"{found.week}, account {found.account}"),
        tag("p", f"{days}. {named}.", class_="period"),
        _banner(found),
        *(tag("p", f"Note: {each}.", class_="note") for each in found.remarks),
        tag("p", _unbroken(headline(found)), class_="verdict"),
    )


def _banner(found: Review) -> Html:
    known = say.PROVENANCE.get(found.quotes)
    told = f"{known.told if known else 'The book holds no quotes.'} Source: {found.source}."
    if known is None or not known.banner:
        return tag("p", told, class_="quoted")
    return tag("p", tag("b", f"{known.banner}."), f" {told}", class_="banner")


def _tiles(found: Review) -> Html:
    """Six figures that are asked for first."""
    one, month = found.results, found.income
    target = "no target" if month.target is None else f"{share(month.of_target)} of target"
    last = found.refused
    shown = (
        ("Earned in the week", dollars(one.earned, 0), share(one.return_, 2)),
        ("Equity", dollars(one.end, 0), one.until),
        ("Premium received", dollars(one.premium_received, 0), "in the week, before fees"),
        ("Premium kept", share(found.ended.capture), "of the credits that ended"),
        (f"Income, {month.month}", dollars(month.so_far, 0), target),
        (
            "To look at",
            str(len(found.breaches)),
            counted(len(last.entries), "entry refused", "entries refused"),
        ),
    )
    tiles = [
        tag("div", tag("dt", name), tag("dd", tag("b", _unbroken(value)), tag("small", note)))
        for name, value, note in shown
    ]
    return tag("dl", *tiles, class_="tiles")


def _section(found: Review, part: Part, mark: str) -> Html:
    figures = [made for name in part.charts if (made := drawn(found, name))]
    tables = [
        markup.table(each.caption, each.heads, map(_row, each.rows), each.kind)
        for each in part.tables
    ]
    if all(each.kind == BOOKS for each in part.tables):
        tables = _beside(tables)
    told = [tag("p", _unbroken(text)) for text in part.told]
    return markup.section(part.title, *told, *_beside(figures), *tables, mark=mark)


def _row(cells: Sequence[str]) -> list[str]:
    """A row, in which a loss has its colour."""
    return [markup.cell(each, each) if each == LOST else each for each in cells]


def _unbroken(text: str) -> str:
    """A text in which no line ends between a minus sign and its figure."""
    return text.replace(say.MINUS, say.MINUS + _JOINER)


def _beside(shown: list[Html]) -> list[Html]:
    """Two charts, or two small tables, beside one another where there is room."""
    if len(shown) < 2:  # noqa: PLR2004  a pair
        return shown
    return [tag("div", *shown, class_="pair")]
