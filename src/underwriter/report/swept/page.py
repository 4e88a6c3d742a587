"""The page of a sweep: self-contained HTML; the median stands beside the best throughout."""

import itertools

from underwriter.report import say
from underwriter.report.markup import Html, join, section, table, tag
from underwriter.report.swept import words
from underwriter.report.swept.axes import Groups, by_effect
from underwriter.report.swept.drawn import heat_map, parallel
from underwriter.report.swept.told import FIGURES, Swept
from underwriter.report.tearsheet import document

_MOST = 20  # configurations in the table
_MAPPED = 3  # keys, whose pairs are mapped
_ONE = "all"


def page(swept: Swept) -> str:
    """A sweep as one page."""
    banner = swept.provenance.banner
    said = f"{banner}. " if banner else ""
    foot = f"{said}Starting cash {say.money(swept.starting_cash * 1e6)}."
    body = tag("main", _header(swept), _best(swept), _spread(swept), _maps(swept), _lines(swept),
               tag("footer", tag("p", f"{foot} {swept.policy}: sweep.")))  # fmt: skip
    return document(f"{swept.policy}: sweep", foot, body, "sweep.css")


def _section(swept: Swept, title: str, *inside: str) -> Html:
    """A section that says again where its quotes come from."""
    return section(title, *inside, mark=swept.provenance.mark)


def _header(swept: Swept) -> Html:
    """What was swept, over what, and what to think of the best."""
    quotes = swept.provenance
    kind = "banner" if quotes.banner else "quoted"
    told = f"{quotes.banner + '. ' if quotes.banner else ''}{quotes.told} Source: {swept.source}."
    return tag(
        "header",
        tag("p", told, class_=kind),
        tag("p", "Sweep", class_="over"),
        tag("h1", swept.policy),
        tag("p", f"{swept.first} to {swept.last}, {swept.sessions:,} sessions", class_="period"),
        tag("p", words.tried(swept)),
        tag("p", words.verdict(swept), class_="verdict"),
    )


def _best(swept: Swept) -> Html:
    """The best configurations, and the one in the middle."""
    order = swept.order[:_MOST].tolist()
    rows = [words.row(swept, one, name=f"{at}. #{one}") for at, one in enumerate(order, 1)]
    rows.append(words.row(swept, swept.middle, name=f"median #{swept.middle}"))
    head = FIGURES[swept.by].head
    title = f"The best by {head}, and the median"
    return _section(swept, title, table(title, words.heads(swept), rows, "compare"))


def _spread(swept: Swept) -> Html:
    """Every figure over all configurations."""
    rows = [words.spread(swept, name) for name in words.SPREAD]
    note = tag("p", "Quarters of the configurations that have the figure.", class_="note")
    whole = table("All configurations", words.SPREAD_HEADS, rows)
    return _section(swept, "The whole distribution", whole, note)


def _maps(swept: Swept) -> Html:
    """Heat maps of the pairs of those keys that explain most."""
    keys = by_effect(swept)[:_MAPPED]
    if len(keys) == 1:
        nothing = Groups(_ONE, keys[0].at * 0, (_ONE,))
        pairs = [(nothing, keys[0])]
    else:
        pairs = list(itertools.combinations(keys, 2))
    head = FIGURES[swept.by].head
    note = f"{head} of the configurations with both values; darker is higher."
    maps = join(heat_map(swept, down, across) for down, across in pairs)
    return _section(swept, f"{head} by pairs of keys", tag("p", note), maps)


def _lines(swept: Swept) -> Html:
    """The parallel coordinates."""
    return _section(swept, "Every configuration at once", parallel(swept))
