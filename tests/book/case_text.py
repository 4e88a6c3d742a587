"""Ledgers of what goes wrong, in plain text: events (`case_words`) and statements (`rows_text`).

2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85
| 2026-02-20 assigned 1 KO 2026-02-20 P 60              rows of a statement (`rows_text`): they are
| 2026-02-20 expired 1 KO 2026-02-20 P 55               imported together, and where the last says
| 2026-02-20 holds 14,085.00, 100 KO                    what is held reconciled, and mended

=> cash ...            the book, as in `ledger_text`
=> held KO1 ...        every leg by its own name
=> secured 6,000.00    what the short legs tie up
=> covered 1           calls that the shares cover, by what they deliver
=> orders c1 sent      those that live, then how the others ended
=> told twice 4        events that were repeats
=> refused ...         the reason of the last stray or of a statement that is refused, in part
=> says ...            the last event, in words
=> booked 0            events of the last statement
=> left ...            why rows of it are booked by their cash alone
=> breaks ...          of the last statement: kinds, and causes in part; or none
=> doubts 3: ...       of all events so far: numbers, and texts in part; or none
=> income 2026-01 84.34 · 2026-02 -3.00
=> taxed short ...     the year so far, as in `tax_text`
"""

from dataclasses import dataclass, field

from book.case_words import Told
from book.ledger_text import book_text, money
from book.rows_text import statement_of
from book.tax_text import tax_text
from underwriter.book.amend import amended
from underwriter.book.event import (
    Adjusted,
    AnyEvent,
    LegEvent,
    Moved,
    Renamed,
    SleeveOpened,
    Split,
)
from underwriter.book.fold import EMPTY, Book, fold
from underwriter.book.imports.booking import Left, booked
from underwriter.book.imports.reconcile import Break, mends, reconciled
from underwriter.book.legs import Position
from underwriter.book.plausible import doubts
from underwriter.book.positions import holdings
from underwriter.book.tax import taxed
from underwriter.book.told import told
from underwriter.core.contract import CALL, root_of, unpack
from underwriter.core.errors import InputError
from underwriter.report.views import months


@dataclass
class Case:
    """A ledger while it is read: its lines, and the book that follows from them."""

    main: Told = field(default_factory=Told)
    others: dict[str, Told] = field(default_factory=dict)
    book: Book = field(default_factory=lambda: EMPTY)
    done: int = 0  # events that the book has
    rows: list[str] = field(default_factory=list)
    booked: int = 0
    breaks: list[Break] = field(default_factory=list)
    refused: str = ""
    left: tuple[Left, ...] = ()

    @property
    def events(self) -> list[AnyEvent]:
        """All that was told."""
        return self.main.events

    def read(self, line: str) -> None:
        """Take one line, of the main account unless it says another."""
        self.take_rows()
        day, _, what = line.partition(" ")
        if not what.startswith("in "):
            self.main.read(line)
            return
        _, name, what = what.split(" ", 2)
        other = self.others.setdefault(name, Told(self.events, account=name, first=9))
        other.read(f"{day} {what}")

    def take_rows(self) -> None:
        """Import the statement that was read, or reconcile with it where it says its end."""
        self.book = fold(self.events[self.done :], self.book)
        if self.rows:
            statement, self.refused, before = statement_of(self.rows), "", len(self.events)
            if statement.holdings is None:
                self.take_statement()
            else:
                self.breaks = reconciled(self.book, statement, "main")
                self.events.extend(mends(self.breaks))
                self.book = fold(mends(self.breaks), self.book)
            self.booked = len(self.events) - before
            self.follow()
        self.rows, self.done = [], len(self.events)

    def take_statement(self) -> None:
        """Import it: all, or nothing."""
        try:
            found = booked(self.book, statement_of(self.rows), "main")
        except InputError as error:
            self.refused = str(error)
            return
        self.events.extend(found.events)
        self.book, self.left = found.book, found.left

    def follow(self) -> None:
        """Let the lines that come stand on what the statement made of the book."""
        ledger, book = self.main, self.book
        ledger.sleeves, ledger.shares, ledger.legs = {}, {}, {}
        for opened, sleeve in zip(book.sleeves, book.state.sleeves, strict=True):
            ledger.sleeves[opened.underlying] = opened.sleeve
            ledger.shares[opened.underlying] = int(sleeve.shares)
            for slot, count in enumerate(sleeve.quantity):
                if count:
                    key = int(sleeve.contract[slot])
                    contract = unpack(key, book.instruments[root_of(key) - 1].root)
                    ledger.legs[opened.underlying, slot] = contract, int(count)

    def says(self, wanted: str) -> str:
        """What is found of the thing that an expectation begins with."""
        word, _, rest = wanted.partition(" ")
        if word == "refused":
            found = self.refused or (self.book.strays[-1].text if self.book.strays else "nothing")
            self.refused = ""
            return f"refused {rest if rest in found else found}"
        assert not self.refused, self.refused
        if word == "breaks":
            return f"breaks {in_part([(one.kind, one.cause) for one in self.breaks], rest)}"
        if word == "left":
            return f"left {', '.join(one.why for one in self.left)}"
        if word == "doubts":
            texts = [(str(one.event), one.text) for one in doubts(EMPTY, self.events)]
            return f"doubts {in_part(texts, rest)}"
        if word == "booked":
            return f"booked {self.booked}"
        if word == "taxed":
            return f"taxed {tax_text(taxed(self.events, self.main.day.year))}"
        if word == "says":
            roots = {opened.sleeve: opened.root for opened in self.book.sleeves}
            return f"says {told(self.events[-1], roots)}"
        if word == "income":
            found_in = months(self.events).items()
            return "income " + " · ".join(f"{name} {money(one.income_u)}" for name, one in found_in)
        if word in {"secured", "covered"}:
            return f"{word} {secured(self.events) if word == 'secured' else covered(self.events)}"
        return of_book(self.book, word)


def in_part(found: list[tuple[str, str]], wanted: str) -> str:
    """Kinds with their causes, of which each may be wanted in part."""
    asked = [] if wanted == "none" else wanted.split(" · ")
    same = len(found) == len(asked) and all(
        text.startswith(f"{kind}: ") and text.removeprefix(f"{kind}: ") in cause
        for (kind, cause), text in zip(found, asked, strict=True)
    )
    return wanted if same else " · ".join(f"{kind}: {cause}" for kind, cause in found)


def of_book(book: Book, word: str) -> str:
    """What a book says of itself."""
    if word == "held":
        legs = [str(leg.contract) for each in holdings(book) for leg in each.legs]
        return " · ".join(["held", *legs]).replace(" · ", " ", 1)
    if word == "orders":
        live = [f"{client} {order.state}" for (_, client), order in book.orders.live.items()]
        ended = [f"{client} {state}" for (_, client), state in book.orders.ended.items()]
        return "orders " + " · ".join(live + ended)
    if word == "told":
        return f"told twice {' '.join(map(str, book.repeats))}"
    return book_text(book)


def positions_of(events: list[AnyEvent]) -> list[Position]:
    """What sleeves hold, by the accounting of legs."""
    found: dict[int, Position] = {}
    for event in amended(events):
        if isinstance(event, SleeveOpened):
            found[event.sleeve] = Position(event.root, event.multiplier)
        elif isinstance(event, LegEvent):
            found[event.sleeve].take(event)
            found[event.sleeve].shares.move(event.shares, event.amount_u)
        else:
            act(found, event)
    return [*found.values()]


def act(found: dict[int, Position], event: AnyEvent) -> None:
    """Let a company's action, or a roll, change what is held."""
    match event:
        case Split():
            found[event.sleeve].split(event)
        case Adjusted():
            found[event.sleeve].adjusted(event)
        case Renamed():
            found[event.sleeve].renamed(event)
        case Moved():
            found[event.sleeve].moved(event)


def secured(events: list[AnyEvent]) -> str:
    """What all short legs tie up."""
    return money(sum(each.secured_u for each in positions_of(events)))


def covered(events: list[AnyEvent]) -> str:
    """How many calls that were sold the shares cover."""
    calls = [
        (position, leg)
        for position in positions_of(events)
        for leg in position.legs.values()
        if leg.right == CALL and leg.quantity < 0
    ]
    return str(sum(min(position.covers(leg), -leg.quantity) for position, leg in calls))


def check(text: str) -> Book:
    """Read a ledger line by line; what is found must be what each `=>` expects."""
    case = Case()
    for line in map(str.strip, text.strip().splitlines()):
        if line.startswith("=>"):
            case.take_rows()
            wanted = line.removeprefix("=>").strip()
            found = case.says(wanted)
            assert found == wanted, f"found {found!r}, not {wanted!r}"
        elif line.startswith("| "):
            case.book = fold(case.events[case.done :], case.book)
            case.done = len(case.events)
            case.rows.append(line.removeprefix("| "))
        else:
            case.read(line)
    assert not case.refused, case.refused
    assert (case.rows, case.done) == ([], len(case.events)), "a ledger ends with what it expects"
    return case.book


def pieces(text: str) -> list[tuple[list[AnyEvent], str]]:
    """What a ledger tells up to each `=>`, and what is expected then of the whole book."""
    case, found, done = Case(), [], 0
    for line in map(str.strip, text.strip().splitlines()):
        if line.startswith("=>"):
            case.take_rows()
            found.append((case.events[done:], line.removeprefix("=>").strip()))
            done = len(case.events)
        else:
            case.read(line)
    return found
