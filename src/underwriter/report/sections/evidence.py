"""What speaks against the result, what was assumed, and the policy itself."""

import csv
from importlib.resources import files

from underwriter.book.event import BookOpened
from underwriter.market.support import (
    LEAST_DAYS,
    LEAST_DELTA,
    LEAST_INDEX,
    MOST_DAYS,
    MOST_INDEX,
    QUOTED_DAYS,
)
from underwriter.report import say
from underwriter.report.markup import Html, table, tag
from underwriter.report.sections.page import Page


def _facts() -> list[tuple[str, str]]:
    """What others found, with sources: facts.csv."""
    body = (files("underwriter.report") / "facts.csv").read_text(encoding="utf-8")
    return [(row["claim"], row["source"]) for row in csv.DictReader(body.splitlines())]


def against(page: Page) -> Html:
    """Reasons for doubt: computed from this run, then from others' work."""
    facts = [tag("li", claim, " ", tag("cite", source)) for claim, source in _facts()]
    return page.section(
        "Evidence against",
        tag("h3", "From this run"),
        tag("ul", *(tag("li", each) for each in _computed(page))),
        _sensitivity(page),
        tag("h3", "From the record"),
        tag("ul", *facts, class_="facts"),
    )


_MODELLED = (
    "Every option price is a model's: real spreads, gaps and missing quotes are not in it; "
    "docs/model.md says how far the model was from two real indices."
)
_LAST = (
    "Last prices are of different minutes, and none may have been to be had at the moment of the "
    "decision; the spread around them is a model's. Spreads half and twice as wide stand below."
)
_DOUBTS = {"modelled": [_MODELLED], "last": [_LAST], "mixed": [_MODELLED, _LAST], "quoted": []}


def _computed(page: Page) -> list[str]:
    found, line = page.found, page.found.regression
    policy = found.policy
    years = (page.view.curve.day[-1] - page.view.curve.day[0]) / 365.25
    sharpe = (
        f"Sharpe {say.give_or_take(policy.sharpe, policy.sharpe_se)} (standard error, Lo 2002) "
        f"over {say.number(float(years), 1)} years: too short to tell many policies apart."
    )
    alpha = (
        f"Alpha over the beta-matched mix {say.percent(line.alpha)} a year, standard error "
        f"{say.percent(line.alpha_se)} (Newey-West), t = {say.number(line.alpha_t)}, beta "
        f"{say.number(line.beta)}. A mix of the underlying and bills gives the rest."
    )
    told = [sharpe, alpha]
    if found.hold is not None:
        gap = policy.total_return - found.hold.total_return
        ahead = "ahead of" if gap >= 0 else "behind"
        told.append(
            f"Total return is {say.percent(abs(gap))} of the starting cash {ahead} holding "
            f"{page.underlying} ({say.percent(policy.total_return)} beside "
            f"{say.percent(found.hold.total_return)})."
        )
    if found.extrapolated > 0.0:
        told.append(
            f"{say.percent(found.extrapolated, 0)} of the options were opened where no real quote "
            f"stands behind the model: outside a volatility index of {LEAST_INDEX:g} to "
            f"{MOST_INDEX:g}, outside {LEAST_DAYS} to {MOST_DAYS} days to expiry, below "
            f"{LEAST_DELTA:g} of delta, or where docs/model.md has too few quotes of all together."
        )
    if found.extrapolated_spreads > 0.0:
        told.append(
            f"{say.percent(found.extrapolated_spreads, 0)} of the options on last prices were "
            "opened where no real spread stands behind the modelled one: it was fitted on an "
            f"index to {QUOTED_DAYS} days, and on two days of one stock."
        )
    return [*told, *_DOUBTS[page.view.opened.quotes]]


_SPREADS = (
    "Where spreads are half or twice as wide, every quote is: bid and ask about "
    "their middle, on tick. Gates, caps, marks "
    "and fills see them, so other trades may be made."
)


def _sensitivity(page: Page) -> Html:
    """How much of the result hangs on the fills."""
    if not page.sensitivity:
        return tag("p", "No run under other fills or delays was made for this page.", class_="note")
    rows = [
        (
            each.label,
            say.percent(each.total_return),
            say.percent(each.cagr),
            say.number(each.sharpe),
            say.percent(-each.max_drawdown),
        )
        for each in page.sensitivity
    ]
    heads = ("Assumption", "Total return", "CAGR", "Sharpe", "Max drawdown")
    told = table("The same policy under other assumptions", heads, rows)
    return tag("div", told, tag("p", _SPREADS, class_="note"))


_ALWAYS = (
    ("Interest", "idle cash earns the bill rate, Act/365, on the last evening's balance"),
    ("Dividends", "paid in cash on the ex-date, on shares held the evening before"),
    ("Benchmarks", "no costs and no taxes; dividends reinvested at the ex-date's close"),
    ("Taxes", "not counted"),
)


def assumptions(page: Page) -> Html:
    """Under which settings it was run."""
    opened = page.view.opened
    given = [(key.replace("_", " "), _setting(value)) for key, value in opened.settings.items()]
    rows = [("Quotes", f"{_origins(opened)}: {opened.source}"), *given, *_ALWAYS]
    return page.section(
        "Assumptions", table("Settings of the run", ("Setting", "Value"), rows, "settings")
    )


def _origins(opened: BookOpened) -> str:
    """What the quotes of each root are; of all of them where they are alike."""
    kinds = set(opened.origins.values())
    if len(kinds) <= 1:
        return opened.quotes
    return ", ".join(f"{root} {kind}" for root, kind in sorted(opened.origins.items()))


def _setting(value: str | float) -> str:
    """A setting as people write it."""
    return str(value) if isinstance(value, str | bool) else f"{value:,}"


def policy(page: Page) -> Html:
    """The policy file as it was run, and where the books lie."""
    opened = page.view.opened
    texts = [
        tag("div", tag("h3", f"{page.view.policies.get(key, 'policy')} "), tag("p", "hash ",
            tag("code", key), class_="note"), tag("pre", tag("code", body)))
        for key, body in opened.policies.items()
    ]  # fmt: skip
    return page.section("Policy and books", *texts, _books(page))


def _books(page: Page) -> Html:
    said = f"Written by Underwriter {page.view.opened.version}."
    if page.journal is None:
        return tag("p", said, class_="note")
    head = page.journal
    return tag(
        "p",
        f"{said} Journal ",
        tag("code", head.path),
        f", {head.sequence:,} events, head ",
        tag("code", head.hash),
        ".",
        class_="note",
    )
