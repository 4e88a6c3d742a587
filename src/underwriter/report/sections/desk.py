"""What the desk did: campaigns, how option legs ended, what was refused and why."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from underwriter.book.legs import EndedLeg
from underwriter.core.contract import CALL, PUT
from underwriter.report import charts, say
from underwriter.report.charts import Chart, Span
from underwriter.report.markup import Cell, Html, cell, details, table, tag
from underwriter.report.sections.page import Page
from underwriter.report.tables import Campaign


def campaigns(page: Page) -> Html:
    """From flat to flat: opened, assigned, called away, earned."""
    told = page.view.campaigns
    if not told:
        return page.section("Campaigns", tag("p", "No campaign was opened."))
    closed = page.view.closed
    said = (
        f"{len(told)} opened; {sum(each.assigned > 0 for each in told)} were assigned shares, "
        f"{sum(each.called_away > 0 for each in told)} had shares called away. {len(closed)} "
        f"closed, {sum(each.money_u > 0 for each in closed)} of them with a gain, together "
        f"{say.money(sum(each.money_u for each in closed))}. {len(told) - len(closed)} still "
        f"open, together {say.money(page.view.open_result_u)} at their marks."
    )
    if page.view.open_result_u < 0:
        said += (
            " A loss stays open until the shares are gone: the share of gains among the closed "
            "flatters."
        )
    return page.section("Campaigns", tag("p", said), _timeline(page), _table(page))


def _timeline(page: Page) -> Html:
    sleeves = sorted({each.sleeve for each in page.view.campaigns})
    row_of = {sleeve: at for at, sleeve in enumerate(sleeves)}
    named = {each.sleeve: each.underlying for each in page.view.campaigns}
    last = page.view.curve.sessions[-1]
    spans = [
        span for each in page.view.campaigns for span in _spans(each, row_of[each.sleeve], last)
    ]
    chart = Chart(
        "Campaigns in time",
        "One row a sleeve",
        page.note,
        f"{len(page.view.campaigns)} campaigns of {len(sleeves)} sleeves; thick where shares "
        "are held. The table has every one.",
    )
    entries = [
        ("gain", "closed with a gain", ""),
        ("loss", "closed with a loss", ""),
        ("running", "still open", ""),
    ]
    names = [f"{named[sleeve]} {sleeve + 1}" for sleeve in sleeves]
    return charts.timeline(chart, names, spans, (page.view.curve.sessions[0], last), entries)


def _spans(each: Campaign, row: int, last: date) -> list[Span]:
    """Thin while only options are held, thick while shares are."""
    result = each.result_u
    colour = "running" if result is None else "gain" if result > 0 else "loss"
    tip = f"Campaign {each.number}: {each.opened} to {say.day(each.closed)}, {_result(each)}"
    tip += _splits(each)
    thin = Span(row, each.opened, each.closed or last, colour, tip, thick=False)
    held = [Span(row, begin, end or last, colour, tip, thick=True) for begin, end in each.held]
    return [thin, *held]


def _result(each: Campaign) -> str:
    return say.money(each.result_u) if each.result_u is not None else "open"


def _table(page: Page) -> Html:
    heads = ("Campaign", "Opened", "Closed", "Puts sold", "Assigned", "Calls sold", "Called away",
             "Premium", "Dividends", "Shares", "Result")  # fmt: skip
    rows = [
        (
            f"{each.underlying} {each.sleeve + 1}.{each.number}{_splits(each)}",
            str(each.opened),
            say.day(each.closed),
            *(str(count or "") for count in
              (each.puts, each.assigned, each.calls, each.called_away)),
            say.money(each.premium_u),
            say.money(each.dividends_u),
            say.money(each.shares_u),
            _marked(each),
        )
        for each in page.view.campaigns
    ]  # fmt: skip
    caption = (
        "Campaigns; contracts as of their day, and dollars (premium: less what long legs cost; "
        "result: every flow, fees included)"
    )
    return details(f"All {len(rows)} campaigns", table(caption, heads, rows, "long"))


def _splits(each: Campaign) -> str:
    """What its shares went through, after which more contracts end than were sold."""
    return "".join(f", split {split}" for split in each.splits)


def _marked(each: Campaign) -> Cell:
    lost = each.result_u is not None and each.result_u <= 0
    return cell(_result(each), "lost" if lost else "won")


def endings(page: Page) -> Html:
    """How short legs ended, and what was kept of their premium; what long legs cost."""
    short = [leg for leg in page.view.legs if leg.short]
    if not short:
        return page.section("How option legs ended", tag("p", "No short option has ended."))
    rows = [*_endings("Puts", short, PUT), *_endings("Calls", short, CALL)]
    heads = ("", "Legs", "Share", "Opening credits", "Cost to close", "Intrinsic handed over",
             "Kept", "Capture")  # fmt: skip
    early = sum(leg.early for leg in short)
    told = (
        "Kept is opening credits less closing costs less intrinsic value handed over at assignment "
        f"or settlement, before fees. Assigned before the last day: {early}."
    )
    shown = table("Short legs by how they ended, dollars", heads, rows)
    return page.section("How option legs ended", tag("p", told), shown, *_long(page))


def _long(page: Page) -> Iterable[Html]:
    """What the long legs cost, where there are any."""
    long = [leg for leg in page.view.legs if not leg.short]
    if not long:
        return
    heads = ("", "Legs", "Share", "Paid", "Received", "Cost")
    rows = []
    for right, name in ((PUT, "Puts"), (CALL, "Calls")):
        of_right = [leg for leg in long if leg.right == right]
        for how, _ in Counter(leg.how for leg in of_right).most_common():
            legs = [leg for leg in of_right if leg.how == how]
            rows.append(_bought(f"{name} {how}", legs, len(of_right)))
        if of_right:
            rows.append(_bought(f"{name}, all", of_right, len(of_right)))
    told = "What an exercised one was worth is in the shares, before fees as above."
    yield tag("p", told)
    yield table("Long legs by how they ended, dollars", heads, rows)


def _bought(name: str, legs: list[EndedLeg], whole: int) -> tuple[str, ...]:
    paid_u, back_u = -sum(leg.opened_u for leg in legs), sum(leg.closed_u for leg in legs)
    return (
        name,
        str(len(legs)),
        say.percent(len(legs) / whole, 0),
        say.money(paid_u),
        say.money(back_u),
        say.money(paid_u - back_u),
    )


def _endings(name: str, legs: list[EndedLeg], right: int) -> Iterable[tuple[str, ...]]:
    of_right = [leg for leg in legs if leg.right == right]
    for how, _ in Counter(leg.how for leg in of_right).most_common():
        yield _ending(f"{name} {how}", [leg for leg in of_right if leg.how == how], len(of_right))
    if of_right:
        yield _ending(f"{name}, all", of_right, len(of_right))


def _ending(name: str, legs: list[EndedLeg], whole: int) -> tuple[str, ...]:
    credits_u = sum(leg.opened_u for leg in legs)
    kept_u = sum(leg.kept_u for leg in legs)
    closed_u = sum(leg.closed_u for leg in legs)
    return (
        name,
        str(len(legs)),
        say.percent(len(legs) / whole, 0),
        say.money(credits_u),
        say.money(-closed_u),
        say.money(credits_u + closed_u - kept_u),
        say.money(kept_u),
        say.percent(kept_u / credits_u if credits_u else float("nan"), 0),
    )


def refusals(page: Page) -> Html:
    """What was not done: a discipline is judged by it."""
    view = page.view
    told = (
        f"{view.decisions:,} wishes were judged: {sum(view.approvals.values()):,} approved, "
        f"{sum(each.count for each in view.refusals):,} refused or come to nothing."
    )
    if not view.refusals:
        return page.section("What was refused", tag("p", told))
    rows = [
        (each.why, str(each.count), each.text, say.money(each.needs_u) if each.needs_u else "")
        for each in view.refusals
    ]
    heads = ("Reason", "Times", "What it means", "Least equity needed")
    return page.section(
        "What was refused", tag("p", told), table("Refusals by reason", heads, rows, "reasons")
    )
