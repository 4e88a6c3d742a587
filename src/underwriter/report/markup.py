"""HTML by hand: text is escaped here, once; what is already markup has its own type."""

from collections.abc import Iterable, Sequence
from html import escape


class Html(str):
    """Markup that is finished: never escaped again."""

    __slots__ = ()


def text(value: str) -> Html:
    """A value as markup: escaped, unless it is markup already."""
    return value if isinstance(value, Html) else Html(escape(value))


def tag(name: str, *inside: str, **attributes: str) -> Html:
    """An element; `class_` and `aria_label` lose and swap their underscores."""
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
    )
    return Html(f"<{name}{said}>{''.join(text(each) for each in inside)}</{name}>")


def join(parts: Iterable[str], between: str = "\n") -> Html:
    """Parts one after another."""
    return Html(between.join(text(part) for part in parts))


def section(title: str, *inside: str, mark: str) -> Html:
    """A section under its heading, which says again what is modelled of its quotes."""
    beside = tag("span", mark, class_="mark") if mark else Html("")
    name = "".join(letter if letter.isalnum() else "-" for letter in title.lower())
    heading = tag("h2", title, " ", beside, id=name)
    return tag("section", heading, *inside, aria_labelledby=name)


def table(
    caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], kind: str = ""
) -> Html:
    """A table whose first column names the row; wide ones scroll inside their frame."""
    head = tag("tr", *(tag("th", each, scope="col") for each in heads))
    body = (
        tag("tr", tag("th", first, scope="row"), *(_cell(each) for each in rest))
        for first, *rest in rows
    )
    whole = tag(
        "table",
        tag("caption", caption),
        tag("thead", head),
        tag("tbody", join(body)),
        class_=kind,
    )
    return tag("div", whole, class_="scroll", tabindex="0", role="region", aria_label=caption)


class Cell(Html):
    """A table cell with an attribute of its own."""

    __slots__ = ()


def cell(inside: str, kind: str) -> Cell:
    """A table cell of a class."""
    return Cell(tag("td", inside, class_=kind))


def _cell(inside: str) -> Html:
    return inside if isinstance(inside, Cell) else tag("td", inside)


def details(summary: str, *inside: str) -> Html:
    """What is there for those who open it, and in print."""
    return tag("details", tag("summary", summary), *inside)
