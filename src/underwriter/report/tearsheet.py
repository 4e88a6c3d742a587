"""The tearsheet: one self-contained HTML page of one book; nothing is loaded from anywhere."""

from collections.abc import Iterable, Sequence
from importlib.resources import files

from underwriter.book.event import AnyEvent
from underwriter.report import say
from underwriter.report.figures import figures
from underwriter.report.markup import Html, join, tag
from underwriter.report.sections import desk, evidence, income, performance
from underwriter.report.sections.page import Page, Variation, variation
from underwriter.report.summary import JournalHead
from underwriter.report.views import read

SECTIONS = (
    performance.headline,
    performance.equity,
    performance.risk,
    income.income,
    income.returns,
    desk.campaigns,
    desk.endings,
    desk.refusals,
    evidence.against,
    evidence.assumptions,
    evidence.policy,
)


def tearsheet(
    events: Iterable[AnyEvent],
    *,
    sensitivity: Sequence[Variation] = (),
    journal: JournalHead | None = None,
) -> str:
    """The page of a book's events.

    `sensitivity` are runs of the same policy under other assumptions (see `variation`),
    `journal` says where the ledger lies.  InputError where there is nothing to report.
    """
    view = read(events)
    page = Page(view, figures(view), sensitivity, journal)
    body = tag("main", performance.header(page), join(draw(page) for draw in SECTIONS), _foot(page))
    return document(f"{page.name}: tearsheet", _said(page), body)


def _said(page: Page) -> str:
    """What stands at the foot of the page, and in print of every sheet: no foreign text in it."""
    banner = page.view.quotes.banner
    said = f"{banner}. " if banner else ""
    return f"{said}Starting cash {say.money(page.view.starting_cash_u)}."


def _foot(page: Page) -> Html:
    return tag("footer", tag("p", f"{_said(page)} {page.name}."))


def document(title: str, foot: str, body: str, *more: str) -> str:
    """A page that needs nothing beside it; `more` are names of further style sheets."""
    sheets = (files("underwriter.report") / name for name in ("tearsheet.css", *more))
    style = "".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    style += f'@page {{ @bottom-left {{ content: "{foot}"; font: 9px sans-serif; }} }}\n'
    head = (
        '<meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
    )
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}{tag("title", title)}'
        f"<style>\n{style}</style></head>\n<body>{body}</body></html>\n"
    )


__all__ = ["Variation", "tearsheet", "variation"]
