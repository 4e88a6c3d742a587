"""A review in words and tables, once for the page and for the terminal."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from underwriter.book.naming import named
from underwriter.core.units import MICRO
from underwriter.report import say
from underwriter.report.weekly.results import in_order
from underwriter.report.weekly.rows import Day, Near, PositionOpen, RefusedEntry, Review

_SOLD_AT = (
    "A unit is one contract of each leg, sold at the bid and bought at the ask of its session, and "
    "closed at the other sides of the week's last, before fees."
)
WON, LOST = "won", "lost"
BOOKS = "books"  # a small table of amounts whose last row is their sum
_PACE = "A pace is no forecast: option income comes when positions end, and losses come late."


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under their heads; the first column names the row."""

    caption: str
    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A section: what is said first, then its tables; `charts` names what a page draws above."""

    title: str
    told: Sequence[str]
    tables: Sequence[Table] = ()
    charts: Sequence[str] = field(default=())


def dollars(amount: float | None, digits: int = 2) -> str:
    """Dollars, or that they are not known."""
    return "not known" if amount is None else say.money(round(amount * MICRO), digits)


def counted(number: int, one: str, more: str = "") -> str:
    """So many of something."""
    return f"{number} {one if number == 1 else more or f'{one}s'}"


def share(value: float | None, digits: int = 0) -> str:
    """A fraction in percent, or n/a."""
    return say.UNDEFINED if value is None else say.percent(value, digits)


def parts(found: Review) -> list[Part]:
    """Every section, in its order."""
    return [
        results(found),
        breaches(found),
        endings(found),
        positions(found),
        refusals(found),
        income(found),
        watch(found),
    ]


def headline(found: Review) -> str:
    """The answer in one sentence."""
    one, kept = found.results, found.ended
    told = (
        f"Equity {dollars(one.end)} on {one.until}, {_more(one.earned)} in the week"
        f"{'' if one.return_ is None else f' ({share(one.return_, 2)})'}; "
        f"{counted(kept.won, 'campaign')} won, {kept.lost} lost"
    )
    if kept.capture is not None:
        told += (
            f"; {dollars(kept.kept)} kept of {dollars(kept.credit)} of credits that ended "
            f"({share(kept.capture)})"
        )
    count = len(found.breaches)
    return f"{told}; {f'{count} to look at' if count else 'no rule broken'}."


def _more(amount: float) -> str:
    return f"{dollars(abs(amount))} {'less' if amount < 0 else 'more'}"


def results(found: Review) -> Part:
    """What changed equity."""
    one = found.results
    since = f"since the evening of {one.since}" if one.since else "since the account began"
    rows = [(cause.name, dollars(cause.amount)) for cause in in_order(one.causes)]
    rows += [("earned", dollars(one.earned))]
    books = Table("What the week earned, by cause, dollars", ("Cause", "Dollars"), rows, BOOKS)
    beside = Table(
        "Equity",
        ("", "Dollars"),
        [
            (f"at the start, {one.since or 'nothing yet'}", dollars(one.start)),
            ("deposits, less withdrawals", dollars(one.deposits)),
            ("earned", dollars(one.earned)),
            (f"at the end, {one.until}", dollars(one.end)),
        ],
        BOOKS,
    )
    told = (
        f"Counted {since}; the lines add up to what was earned, fees once. Premium received, "
        f"{dollars(one.premium_received)}, is no line of it: it is captured when its option ends, "
        "and until then stands in the change of value of the options held."
    )
    return Part("Results", [told], [books, beside], ["causes", "equity"])


def breaches(found: Review) -> Part:
    """What was broken, and what could be looked for."""
    rows = [
        (each.session, each.kind, each.text, ", ".join(f"{at}" for at in each.events))
        for each in found.breaches
    ]
    looked = [
        (each.kind, str(each.found) if each.told else "not told", each.note)
        for each in found.checks
    ]
    heads = ("Session", "What", "In words", "Events")
    tables = [Table("What was broken", heads, rows, "reasons")] if rows else []
    tables += [Table("What was looked for", ("Rule", "Found", "Why not told"), looked, "reasons")]
    told = (
        "See an event: underwriter book journal --after N-1 --limit 1." if rows else "None found."
    )
    return Part("Rule breaches", [told], tables)


def endings(found: Review) -> Part:
    """Wins and losses, and what was kept of the premium."""
    one = found.ended
    if not one.legs and not one.campaigns:
        return Part("Wins and losses", ["Nothing ended in the week."])
    told = (
        f"{counted(len(one.campaigns), 'campaign')} ended with {dollars(one.result)}: {one.won} "
        f"won, {one.lost} lost. Of {dollars(one.credit)} of credits that ended "
        f"{dollars(one.kept)} were kept ({share(one.capture)}), before fees."
    )
    campaigns = [
        (f"{each.sleeve} {each.number}", each.opened, each.closed, each.cause,
         dollars(each.premium), dollars(each.result), WON if each.won else LOST)
        for each in one.campaigns
    ]  # fmt: skip
    legs = [
        (named(each.option), f"{'-' if each.short else '+'}{each.contracts}", each.ended,
         each.cause, dollars(each.credit), dollars(each.closed), dollars(each.kept),
         share(each.capture), "" if each.decision is None else str(each.decision))
        for each in one.legs
    ]  # fmt: skip
    tables = (
        Table(
            "Campaigns that ended, dollars",
            ("Campaign", "Opened", "Closed", "Cause", "Premium", "Result", ""),
            campaigns,
        ),
        Table(
            "Option legs that ended, dollars",
            ("Option", "Legs", "Ended", "Cause", "Credit", "Closed", "Kept", "Capture",
             "Decision"),
            legs,
        ),
    )  # fmt: skip
    return Part("Wins and losses", [told], [each for each in tables if each.rows])


def positions(found: Review) -> Part:
    """What is held."""
    if not found.open:
        return Part("Open positions", ["Nothing is held."])
    credit = sum(each.credit for each in found.open if each.cost is not None)
    cost = sum(each.cost or 0.0 for each in found.open)
    told = f"{counted(len(found.open), 'position')}."
    if credit > 0:
        told += (
            f" {share(1.0 - cost / credit)} of the credit is captured where a price says it; "
            f"closing at these prices would cost {dollars(cost)}."
        )
    rows = [row for each in found.open for row in _held(each)]
    heads = ("Position", "Held", "DTE", "To strike", "Spot", "Breakeven", "Credit", "Cost to close",
             "Captured")  # fmt: skip
    return Part("Open positions", [told], [Table("Open positions, dollars", heads, rows)])


def _held(one: PositionOpen) -> Iterator[tuple[str, ...]]:
    """A position: its shares and its legs, a row each, the money on the first."""
    spot = "" if one.spot is None else dollars(one.spot)
    edge = "" if one.breakeven is None else dollars(one.breakeven)
    held: list[tuple[str, str, str]] = []
    if one.shares:
        held.append((f"{one.shares:,} shares", "", ""))
    held += [
        (f"{leg.quantity:+d} {named(leg.option)}", str(leg.dte), share(leg.distance, 1))
        for leg in one.legs
    ]
    money = (dollars(one.credit), dollars(one.cost), share(one.capture)) if one.legs else ("",) * 3
    for at, (what, dte, away) in enumerate(held):
        rest = (spot, edge, *money) if at == 0 else ("",) * 5
        yield one.sleeve if at == 0 else "", what, dte, away, *rest


def refusals(found: Review) -> Part:
    """What was refused and would have paid, or not."""
    one = found.refused
    if not one.entries:
        return Part("Refused", ["No entry was refused in the week."])
    told = (
        f"{counted(len(one.entries), 'entry was', 'entries were')} refused. Known is the value of "
        f"{one.known}: {one.would_have_paid} would have paid by the week's end, one unit of each "
        f"together {dollars(one.made)}."
    )
    reasons = [
        (each.why, str(each.times), each.text,
         "" if each.least_equity is None else dollars(each.least_equity, 0))
        for each in one.reasons
    ]  # fmt: skip
    tables = [
        Table("Refusals by reason", ("Reason", "Times", "What it means", "Least equity needed"),
              reasons, "reasons")
    ]  # fmt: skip
    rows = [_entry(each) for each in one.entries if each.legs]
    if rows:
        heads = ("Refused", "Reason", "Event", "A unit", "Credit then", "Cost to close", "Made")
        tables.append(Table("What it would have made, dollars a unit", heads, rows))
    return Part("Refused", [told, f"{_SOLD_AT} {_quoted(found)}"], tables)


def _entry(each: RefusedEntry) -> tuple[str, ...]:
    made = each.note if each.made is None else dollars(each.made)
    unit = ", ".join(map(_unit, each.legs))
    return (each.session, each.why, str(each.event), unit, dollars(each.credit),
            dollars(each.cost), made)  # fmt: skip


def _unit(leg: str) -> str:
    """A leg of a unit: its sign and number, and its option as people write it."""
    count, option = leg.split(" ", 1)
    return f"{count} {named(option)}"


def _quoted(found: Review) -> str:
    """What the prices of a review are."""
    if found.prices == "none":
        return "No quotes stand beside this journal: what it traded itself is all that is known."
    known = say.PROVENANCE.get(found.prices)
    return f"They are {known.note}." if known else f"The quotes are {found.prices}."


def income(found: Review) -> Part:
    """The month against its target."""
    one = found.income
    aim = "No policy names an [income].target."
    if one.target is not None:
        aim = f"Target {dollars(one.target)}: {share(one.of_target)} of it."
    told = (
        f"{one.month}: {dollars(one.so_far)} in {one.sessions} of {one.of_sessions} sessions. {aim}"
    )
    if one.pace is not None:
        told += f" At this pace the month would bring {dollars(one.pace)}."
    if one.average is not None:
        before = counted(len(one.months) - 1, "month")
        told += f" The {before} before brought {dollars(one.average)} on average."
    rows = [
        (each.month, *(dollars(value) for value in
         (each.income, each.options, each.dividends, each.interest, each.charges)))
        for each in reversed(one.months)
    ]  # fmt: skip
    heads = ("Month", "Income", "Options", "Dividends", "Interest", "Charges")
    table = Table("Income by month, dollars", heads, rows)
    return Part("Income against target", [told, _PACE], [table], ["income"])


def watch(found: Review) -> Part:
    """What next week holds."""
    one = found.watch
    told = [f"{one.week}: {counted(len(one.sessions), 'session')}."]
    if not one.dates_known:
        told.append("Ex-dates and earnings are not known: no quotes stand beside this journal.")
    elif not one.ex_dividends and not one.earnings:
        told.append("No ex-date and no earnings that are known.")
    days = [*_days(one.calendar, ""), *_days(one.ex_dividends, "ex-dividend: "),
            *_days(one.earnings, "earnings: ")]  # fmt: skip
    tables = [
        Table("Days", ("Day", "What"), sorted(days), "reasons"),
        Table("Expiring", ("Option", "Held", "To strike", "DTE", "Sleeve"), _legs(one.expiring)),
        Table("Strikes within 2% of the spot, or through it",
              ("Option", "Held", "To strike", "DTE", "Sleeve"), _legs(one.near)),
        Table("Sleeves free to sell", ("Sleeve", "Holds", "From"),
              [(each.sleeve, each.holds, each.opens or "not known") for each in one.free]),
    ]  # fmt: skip
    return Part("Next week's watchlist", told, [each for each in tables if each.rows])


def _days(days: Iterable[Day], what: str) -> list[tuple[str, ...]]:
    return [(each.day, f"{what}{each.what}") for each in days]


def _legs(legs: Iterable[Near]) -> list[tuple[str, ...]]:
    return [
        (named(each.option), f"{each.quantity:+d}", share(each.distance, 1), str(each.dte),
         each.sleeve)
        for each in legs
    ]  # fmt: skip
