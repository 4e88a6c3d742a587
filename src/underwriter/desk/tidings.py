"""What is worth telling somebody, in the field's words; pure.

    of events      what happened, each once: fills, assignments, expirations, dividends, adjusted
                   contracts, rejected and unknown orders, tests of a strike that were acted on, a
                   decision that could open nothing and why
    of a report    what stands until it is over: breaks, halts and what they hold back, facts that
                   fit nothing, a silent broker, decisions that were missed

A *fact* is what the policy expects; a *warning* wants a look by the evening; an *alarm* wants one
now.  The `key` names what a tiding is of: one that stands is told once for as long as it does.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, Final, Literal, NamedTuple, get_args

from underwriter.book.event import (
    Adjusted,
    AnyEvent,
    Approved,
    Assigned,
    Busted,
    CapitalReturned,
    CashAdjusted,
    Charged,
    Corrected,
    Decided,
    Deposited,
    DividendReceived,
    Event,
    Expired,
    Filled,
    LegEvent,
    Marked,
    OrderTold,
    Refused,
    Renamed,
    Settled,
    Skipped,
    SleeveEvent,
    SleeveOpened,
    Split,
    Switched,
)
from underwriter.book.imports.reconcile import Break
from underwriter.book.naming import named
from underwriter.core import reason
from underwriter.core.units import day_of
from underwriter.desk.amounts import money, quantity
from underwriter.desk.cycle import Report

Level = Literal["fact", "warning", "alarm"]
LEVELS: Final[tuple[Level, ...]] = get_args(Level)

# what an approved intent is told for, beside its fills
PRESSED: Final = {
    reason.NAMES[code]
    for code in (
        reason.STOP, reason.PIN, reason.EX_DIVIDEND, reason.EARLY_PUT, reason.TESTED_DELTA,
        reason.TESTED_STRIKE, reason.TESTED_EXTRINSIC, reason.MARGIN, reason.UNWIND,
        reason.LEFTOVER, reason.DELIVERY,
    )
}  # fmt: skip
_TEXTS: Final = {reason.NAMES[code]: text for code, text in reason.TEXTS.items()}
_OPENS: Final = "open", "hold"
_NO_ROLL: Final = reason.NAMES[reason.NO_ROLL]
_MILLIONTHS: Final = re.compile(r"(-?\d+) millionths")
_OSI: Final = 21


class Tiding(NamedTuple):
    """One thing to tell: a line, and where it says more a short text."""

    level: Level
    key: str
    title: str
    text: str = ""


Names = Mapping[int, SleeveOpened]  # sleeves by number, as a book has them


def of_events(events: Iterable[AnyEvent], names: Names) -> list[Tiding]:
    """What events tell, oldest first; `names` are the sleeves, those that the events open too."""
    found: list[Tiding] = []
    decision: list[Approved | Refused] | None = None
    for event in chain(events, (None,)):
        if isinstance(event, Decided):
            found += _undecided(decision)
            decision = []
        elif decision is not None and isinstance(event, Approved | Refused):
            decision.append(event)  # written with it, in one batch
        elif decision is not None:
            found += _undecided(decision)
            decision = None
        if event is not None and (decision is None or not isinstance(event, Refused)):
            found += _of_event(event, names)
    return found


def of_report(report: Report) -> list[Tiding]:
    """What stands after a cycle."""
    found = [_of_break(one) for one in report.breaks]
    if report.blind:
        text = f"{report.blind}. Until it answers nothing is settled or decided."
        found.append(Tiding("alarm", "blind", "The broker tells nothing", text))
    for why, held in Counter(report.held_back.values()).items():
        title = f"Held back: {_in_dollars(why)}"
        text = f"{_count(held, 'intent')} that would add risk; what lowers risk goes on."
        found.append(Tiding("alarm", f"held {_kind(why)}", title, text))
    found += [
        Tiding("alarm", f"odd {odd}", "A fact fits nothing in the book", odd) for odd in report.odd
    ]
    found += [_of_hand(one) for one in report.beside]
    return found if report.blind else [*found, *_left(report)]


def _of_hand(what: str) -> Tiding:
    """Something short that nobody manages, and what it stops."""
    text = f"{what}: no policy manages it. Until it is closed nothing that adds risk is approved."
    return Tiding("alarm", f"beside {what}", "Short by hand", text)


def _left(report: Report) -> Iterator[Tiding]:
    """The first that is due and not possible yet: what follows waits for it.

    It is told anew with each session that comes to wait.
    """
    for duty, why in report.left[:1]:
        title = f"Not possible yet: {duty.kind} {day_of(duty.session)}"
        last = max(one.duty.session for one in report.left if one.duty.kind == duty.kind)
        yield Tiding("warning", f"left {duty.kind} {duty.session} {last}", title, f"{why}.")


def review_written(week: str, lines: str) -> Tiding:
    """The week's review, as who writes it hands it over."""
    return Tiding("fact", f"review {week}", f"Review of the week to {week}", lines)


def _of_break(one: Break) -> Tiding:
    """A break, and its likely cause; of it the figures may change while it stands."""
    what = named(one.key) if len(one.key) == _OSI else one.key
    told = money if one.kind in {"cash", "price"} else quantity
    title = f"Book and broker differ on {what}: {one.kind}"
    mend = " `underwriter book reconcile` shows its mend." if one.mend else ""
    book, said = told(one.book_u), told(one.statement_u)
    text = f"The book has {book}, the broker {said}. Likely cause: {one.cause}.{mend}"
    return Tiding("alarm", f"break {one.kind} {one.key}", title, text)


def _in_dollars(why: str) -> str:
    """What a guard says, its whole units as money."""
    return _MILLIONTHS.sub(lambda found: money(int(found[1])), why)


def _kind(why: str) -> str:
    """Why something is held back without its figures, which change from cycle to cycle."""
    return " ".join(word for word in why.split() if not any(mark.isdigit() for mark in word))


def _undecided(decision: list[Approved | Refused] | None) -> Iterator[Tiding]:
    """A decision that wished to open and opened nothing: why not; and what it could not roll."""
    made = decision or []
    wishes = [one for one in made if isinstance(one, Refused) and one.action in _OPENS]
    stuck = [one for one in wishes if one.why == _NO_ROLL]
    for one in stuck:
        title = "Tested, and no roll is allowed" + _option(one)
        yield Tiding(
            "warning", f"stuck {one.sleeve}", title, f"Sleeve {one.sleeve} is held as it is."
        )
    refused = [one for one in wishes if one.why != _NO_ROLL]
    if not refused or any(isinstance(one, Approved) and one.action == "open" for one in made):
        return
    why = Counter(one.why for one in refused)
    lines = [f"{count} x {name}: {_TEXTS.get(name, name)}" for name, count in why.most_common()]
    if needs := min((one.needs_u for one in refused if one.needs_u), default=0):
        lines.append(f"The least equity that admits one: {money(needs)}.")
    session = refused[0].session
    yield Tiding(
        "warning", f"nothing {session}", f"Nothing could be opened on {session}", "\n".join(lines)
    )


def _of_event(event: AnyEvent, names: Names) -> Iterator[Tiding]:
    """What one event tells, where it tells anything."""
    word = _WORDS.get(type(event))
    if word is not None:
        said = word(event, names)
        if said is not None:
            level, title, *more = said
            where = _where(event, names)
            text = " ".join(filter(None, (*more, where)))
            yield Tiding(level, f"{type(event).__struct_config__.tag} {_of(event)}", title, text)


def _of(event: Event) -> str:
    """What an event is of: its sleeve, else its account."""
    return str(event.sleeve) if isinstance(event, SleeveEvent) else event.account


def _where(event: Event, names: Names) -> str:
    """The sleeve of an event, by its policy and underlying."""
    if not isinstance(event, SleeveEvent) or event.sleeve not in names:
        return ""
    opened = names[event.sleeve]
    return f"[{opened.name} on {opened.underlying}, sleeve {event.sleeve}]"


def _underlying(event: SleeveEvent, names: Names) -> str:
    opened = names.get(event.sleeve)
    return "shares" if opened is None else f"{opened.underlying} shares"


def _moved(event: LegEvent, names: Names) -> str:
    """What of an event moved, without a sign: 2 KO 2026-02-20 P 60, or 100 KO shares."""
    if event.option is not None:
        return f"{abs(event.quantity)} {named(event.option)}"
    return f"{abs(event.shares)} {_underlying(event, names)}"


Said = tuple[str, ...] | None


def _filled(event: Filled, names: Names) -> Said:
    verb = "Bought" if (event.quantity or event.shares) > 0 else "Sold"
    at, cash = money(event.price_u, event.currency), _cash(event)
    title = f"{verb} {_moved(event, names)} at {at}: {cash}"
    return "fact", title, _inferred(event)


def _cash(event: LegEvent) -> str:
    fee = f", fee {money(event.fee_u, event.currency)}" if event.fee_u else ""
    return f"{money(event.amount_u, event.currency, signed=True)}{fee}"


def _inferred(event: LegEvent) -> str:
    return f"Not told by the broker: {event.source}." if isinstance(event.source, str) else ""


def _assigned(event: Assigned, names: Names) -> Said:
    option = "an option" if event.option is None else named(event.option)
    verb = "Assigned" if event.quantity > 0 else "Exercised"  # a short leg shrinks, or a long one
    way = "bought" if event.shares > 0 else "sold"
    shares = f"{abs(event.shares)} {_underlying(event, names)} {way}"
    # the strike, of an adjusted contract too: `price_u` is what the underlying settled at
    each_u = abs(event.amount_u) // abs(event.shares) if event.shares else 0
    title = f"{verb}: {abs(event.quantity)} {option}, {shares} at {money(each_u)}"
    return "warning", f"{title}: {_cash(event)}", _inferred(event)


def _expired(event: Expired, names: Names) -> Said:
    return "fact", f"Expired worthless: {_moved(event, names)}", _inferred(event)


def _settled(event: Settled, names: Names) -> Said:
    at = money(event.price_u, event.currency)
    title = f"Settled in cash: {_moved(event, names)}, underlying at {at}: {_cash(event)}"
    return "fact", title, _inferred(event)


def _dividend(event: DividendReceived, names: Names) -> Said:
    verb = "Dividend" if event.amount_u >= 0 else "Dividend owed"
    on = f"{abs(event.shares)} {_underlying(event, names)}"
    each = money(event.per_share_u, event.currency)
    return "fact", f"{verb}: {money(event.amount_u, event.currency, signed=True)} ({on}, {each})"


def _returned(event: CapitalReturned, names: Names) -> Said:
    on = f"{abs(event.shares)} {_underlying(event, names)}"
    cash = money(event.amount_u, event.currency, signed=True)
    return "fact", f"Capital returned: {cash} on {on}"


def _told(event: OrderTold, _: Names) -> Said:
    """Of an order, what nobody may miss: that it was rejected, or that nobody knows."""
    why = f"The broker says: {event.why}." if event.why else ""
    if event.state == "rejected":
        return "alarm", f"Order {event.client} was rejected", why
    if event.state == "unknown":
        title = f"Order {event.client}: nobody knows whether it lives"
        return "alarm", title, f"{why} Nothing is sent again before it is looked up.".strip()
    return None


def _refused(event: Refused, _: Names) -> Said:
    """An intent whose orders came to nothing; what a decision refuses is told together."""
    title = f"Came to nothing: {event.action}{_option(event)}"
    return "warning", title, f"{_TEXTS.get(event.why, event.why)}."


def _option(event: Refused) -> str:
    return "" if event.option is None else f" {named(event.option)}"


def _approved(event: Approved, _: Names) -> Said:
    if event.why not in PRESSED:
        return None  # its fills are told
    what = "shares" if event.option is None else named(event.option)
    return "warning", f"To {event.action.replace('_', ' ')}: {what}", f"{_TEXTS[event.why]}."


def _adjusted(event: Adjusted, _: Names) -> Said:
    was, now = named(event.was), named(event.option)
    title = f"Adjusted: {was} is {now} and delivers {event.shares} shares"
    cash = f" and {money(event.cash_u)}" if event.cash_u else ""
    why = f"{event.why}. Nothing new is sold on it; it is held to its end."
    return "warning", f"{title}{cash}", why


def _renamed(event: Renamed, names: Names) -> Said:
    was = names[event.sleeve].underlying if event.sleeve in names else "An underlying"
    return "warning", f"{was} goes by {event.underlying} now (root {event.root})"


def _split(event: Split, names: Names) -> Said:
    what = _underlying(event, names) if event.option is None else named(event.option)
    return "warning", f"Split {event.new} for {event.old}: {what}"


def _busted(event: Busted, _: Names) -> Said:
    return "warning", f"Taken back: {event.of} never happened", f"{event.why}."


def _corrected(event: Corrected, _: Names) -> Said:
    price, cash = money(event.price_u), money(event.amount_u, signed=True)
    return "warning", f"Corrected: {event.of} is at {price}, {cash}"


def _adjusted_cash(event: CashAdjusted, _: Names) -> Said:
    cash = money(event.amount_u, event.currency, signed=True)
    return "fact", f"Cash put right: {cash}", f"{event.why}."


def _deposited(event: Deposited, _: Names) -> Said:
    verb = "Deposited" if event.amount_u >= 0 else "Withdrawn"
    return "fact", f"{verb}: {money(abs(event.amount_u), event.currency)}"


def _charged(event: Charged, _: Names) -> Said:
    return "fact", f"Charged: {money(event.amount_u, event.currency, signed=True)}, {event.what}"


def _switched(event: Switched, _: Names) -> Said:
    """The desk was switched: by a guard that is an alarm."""
    level = "alarm" if event.by == "guard" else "warning"
    title = f"The desk is {event.to}, by a {event.by}"
    return level, title, f"{_in_dollars(event.why)}." if event.why else ""


def _skipped(event: Skipped, _: Names) -> Said:
    title = f"The decision of {event.session} was missed and is skipped"
    return "warning", title, "No run was in time; what is held was not managed on that session."


def _marked(event: Marked, _: Names) -> Said | None:
    """An evening that is no more than a guess of what options were worth."""
    title = f"No quotes of {', '.join(event.carried)} on {event.session}"
    text = "Its night was settled by daily bars, options marked at their last volatility."
    return ("warning", title, text) if event.carried else None


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


_WORDS: Final[dict[type[Event], Callable[[Any, Names], Any]]] = {
    Filled: _filled,
    Assigned: _assigned,
    Expired: _expired,
    Settled: _settled,
    DividendReceived: _dividend,
    CapitalReturned: _returned,
    OrderTold: _told,
    Approved: _approved,
    Refused: _refused,
    Adjusted: _adjusted,
    Renamed: _renamed,
    Split: _split,
    Switched: _switched,
    Skipped: _skipped,
    Marked: _marked,
    Busted: _busted,
    Corrected: _corrected,
    CashAdjusted: _adjusted_cash,
    Deposited: _deposited,
    Charged: _charged,
}
