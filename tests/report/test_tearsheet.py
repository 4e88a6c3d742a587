"""The page: whole, self-contained, honest about its quotes, and safe against what it quotes."""

import re
from html.parser import HTMLParser

import pytest

from report.hand_ledger import Ledger, seven_for_one, wheel
from report.made_up import Wheel, opened
from underwriter.book.event import AnyEvent, BookOpened
from underwriter.core import reason
from underwriter.report.sections.page import variation
from underwriter.report.summary import JournalHead, summary
from underwriter.report.tearsheet import tearsheet

SECTIONS = [
    "Results",
    "Equity beside the benchmarks",
    "Drawdown and capital at work",
    "Income by month",
    "Monthly returns",
    "Campaigns",
    "How option legs ended",
    "What was refused",
    "Evidence against",
    "Assumptions",
    "Policy and books",
]
VOID = {"meta"}


class Outline(HTMLParser):
    """Reads a page strictly: every element must be closed by its own end tag."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[str] = []
        self.loads: list[str] = []
        self.ids: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.tables = 0
        self.captions = 0
        self.words: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element and note what the tests ask for."""
        said = dict(attrs)
        if tag not in VOID and not (self.open and self.get_starttag_text()[-2:] == "/>"):
            self.open.append(tag)
        if tag == "h2":
            self.headings.append("")
        if tag in {"script", "link", "img", "iframe", "object", "embed", "base"}:
            self.loads.append(tag)
        self.loads += [f"{tag} {name}" for name in said if name in {"src", "href", "srcset"}]
        if said.get("id"):
            self.ids.append(said["id"] or "")
        if tag == "svg" and said.get("role") == "img":
            self.pictures.append(said)
        self.tables += tag == "table"
        self.captions += tag == "caption"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without content, as SVG writes it."""

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note headings and words."""
        if self.open and self.open[-1] == "h2":
            self.headings[-1] += data
        if self.open and self.open[-1] != "style":
            self.words.append(data)


YEARS = Wheel(sessions=520).run()
PAGE = tearsheet(YEARS)


def read(page: str) -> Outline:
    return Outline(page)


def test_every_section_is_there_once_and_well_formed() -> None:
    found = read(PAGE)
    assert [heading.strip() for heading in found.headings] == SECTIONS
    assert len(found.ids) == len(set(found.ids))


def test_it_says_modelled_at_the_top_and_in_every_section() -> None:
    assert PAGE.count('class="mark">modelled quotes') == len(SECTIONS)
    assert "Quotes are MODELLED." in PAGE
    assert PAGE.index("Quotes are MODELLED.") < PAGE.index("<h2")


def test_quoted_prices_are_not_called_modelled() -> None:
    page = tearsheet(wheel())
    assert "MODELLED" not in page
    assert "modelled quotes" not in page


def test_starting_cash_is_shown() -> None:
    assert PAGE.count("$1,000,000") >= 2


def test_a_split_stands_beside_its_campaign() -> None:
    page = tearsheet(seven_for_one())
    assert "KO 1.1, split 7:1 on 2014-06-09" in page
    assert ", split" not in PAGE


def test_nothing_is_loaded_from_anywhere() -> None:
    found = read(PAGE)
    assert found.loads == []
    assert not re.search(r"https?:|//|@import|url\(", PAGE.partition("<body>")[0])


def test_no_undefined_number_leaks() -> None:
    words = " ".join(read(PAGE).words).lower().split()
    assert not {"nan", "nan%", "inf", "-inf", "$nan"} & set(words)
    assert ">None<" not in PAGE
    assert not re.search(r'="[^"]*\bnan\b', PAGE)


def test_charts_have_titles_units_sources_and_descriptions() -> None:
    found = read(PAGE)
    figures = PAGE.count("<figure>")
    assert figures == 5
    assert len(found.pictures) == 3 * figures
    assert all(picture["aria-label"] for picture in found.pictures)
    assert PAGE.count('class="unit"') == 3 * figures
    assert PAGE.count("Source: the book&#x27;s events, modelled quotes") == figures
    assert found.tables == found.captions > 10


def test_what_others_wrote_is_escaped() -> None:
    events: list[AnyEvent] = list(YEARS)
    evil = '<script>alert("x")</script>'
    events[0] = BookOpened(
        at=0,
        session=opened().session,
        account="main",
        version=evil,
        quotes="modelled",
        source=evil,
        policies={"ab12": evil},
        settings={evil: evil},
    )
    page = tearsheet(events, journal=JournalHead(evil, 1, evil))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert read(page).loads == []


def test_the_policy_stands_as_it_was_written() -> None:
    assert "sold every week &amp; held &lt;to&gt; expiry" in PAGE


def test_refusals_are_explained() -> None:
    assert reason.TEXTS[reason.NO_CANDIDATE] in PAGE or reason.TEXTS[reason.CASH] in PAGE


def test_sensitivity_and_journal_are_told() -> None:
    line = variation("half-spread twice", summary(wheel()))
    page = tearsheet(
        wheel(), sensitivity=[line], journal=JournalHead("a/book.sqlite", 42, "9f" * 8)
    )
    assert "half-spread twice" in page
    assert "a/book.sqlite" in page
    assert "42 events" in page
    assert "9f" * 8 in page


def test_evidence_against_has_its_sources() -> None:
    for source in ("Chicago Fed WP 2025-17", "spintwig", "Bondarenko 2019"):
        assert source in PAGE
    assert "Newey-West" in PAGE
    assert "Lo 2002" in PAGE


@pytest.mark.parametrize("evenings", [1, 2, 3])
def test_a_book_that_opened_nothing_has_a_page(evenings: int) -> None:
    book = Ledger(quotes="modelled")
    book.deposit("2026-01-02", 1_000)
    for day in range(evenings):
        book.mark(f"2026-01-0{5 + day}", 1_000)
    page = tearsheet(book.events)
    assert [heading.strip() for heading in read(page).headings] == SECTIONS
    assert "No campaign was opened." in page
    assert "nan" not in " ".join(read(page).words).lower().split()


def test_the_same_book_gives_the_same_page() -> None:
    assert tearsheet(YEARS) == PAGE
