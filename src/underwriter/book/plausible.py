"""Prices that are out of scale beside what is known: ten, a hundred or a thousand times off.

    short put of KO at 60, then 100 KO at 0.60      a hundred times less than the strike, 60.00
    KO P 60 sold at 85.00                           more than its strike, 60.00
    KO P 60 sold at 0.0085                          under a cent, the least that options trade at

Known are the strike that was dealt in last, the price at which shares moved last or closed, and a
contract's own last price; a split or another action of the company makes them unknown again.  A
doubt is no error: it names both figures, and whoever reads it knows which of them is wrong.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from msgspec.structs import replace

from underwriter.book.currency import decimal
from underwriter.book.event import (
    Adjusted,
    AnyEvent,
    Assigned,
    Event,
    Filled,
    LegEvent,
    Marked,
    Renamed,
    SleeveOpened,
    Split,
    Transferred,
)
from underwriter.book.fold import Book
from underwriter.book.positions import holdings
from underwriter.core.contract import PUT, Contract, osi_root, parse_osi
from underwriter.core.units import CENT_U, MICRO

_NEAR: Final = 8, 5  # a scale is met within eight fifths: a strike stands so far from the price
_WORDS: Final = {10: "ten", 100: "a hundred", 1_000: "a thousand"}
_CAUSES: Final = {
    10: "a digit too many or too few, or a split that was not told",
    100: "cents for dollars, or the price of a contract for that of a share",
    1_000: "a decimal point in the wrong place",
}
_PREMIUM: Final = 100  # an option may well cost ten times what it did


class Doubt(NamedTuple):
    """A price out of scale: of the how-manieth event, and the one beside which it is."""

    event: int
    found_u: int
    known_u: int
    text: str


class Known(NamedTuple):
    """A price that something had, and what it was of."""

    price_u: int
    what: str


def doubts(book: Book, events: Iterable[AnyEvent]) -> list[Doubt]:
    """What is out of scale in events that follow those of a book, each by its number from 1."""
    new = [*events]
    if not new:
        return []
    sight = _Sight(book)
    return [doubt for number, event in enumerate(new, 1) for doubt in sight.take(number, event)]


def scale_of(found_u: int, known_u: int) -> int:
    """How many times too high a price is, negative where too low; 0 where it may be right."""
    more, less = _NEAR
    high_u, low_u = max(found_u, known_u), min(found_u, known_u)
    for factor in _WORDS:
        if less * factor * low_u <= more * high_u and less * high_u <= more * factor * low_u:
            return factor if found_u > known_u else -factor
    return 0


class _Sight:
    """What is known of prices while events are read."""

    def __init__(self, book: Book) -> None:
        self.opened = {each.sleeve: each for each in book.sleeves}
        self.strikes: dict[str, Known] = {}  # by underlying, the last
        self.shares: dict[str, Known] = {}  # likewise
        self.premiums: dict[str, Known] = {}  # by option
        past = [entry for runs in book.runs.values() for run in runs for entry in run.entries]
        for number, event in sorted(past, key=lambda entry: entry[0]):
            list(self.take(number, event))  # what was doubtful of it was said then
        for held in holdings(book):
            name = held.opened.underlying
            if held.shares:
                cost_u = abs(held.campaign.cost_u // held.shares)
                self.shares[name] = Known(cost_u, f"what {name} cost")
            for leg in held.legs:
                each_u = abs(leg.opened_u) // (abs(leg.quantity) * held.opened.multiplier)
                self._dealt(name, leg.contract, each_u)
        for marked in book.marks.values():
            self._closed(marked)

    def take(self, number: int, event: Event) -> Iterator[Doubt]:
        """The doubts of an event, which is known from then on."""
        match event:
            case SleeveOpened():
                self.opened[event.sleeve] = event
            case Marked():
                self._closed(event)
            case Split() | Adjusted() | Renamed():
                self._forget(event)
            case Filled() | Transferred() | Assigned():
                yield from self._leg(number, event)

    def _closed(self, event: Marked) -> None:
        for name, quoted in event.underlyings.items():
            self.shares[name] = Known(quoted.close_u, f"the close of {name}")

    def _forget(self, event: Split | Adjusted | Renamed) -> None:
        """Prices from before an action say nothing of those after it."""
        opened = self.opened[event.sleeve]
        for known in (self.strikes, self.shares):
            known.pop(opened.underlying, None)
        if isinstance(event, Renamed):
            names = {"underlying": event.underlying, "root": event.root}
            self.opened[event.sleeve] = replace(opened, **names)

    def _dealt(self, name: str, contract: Contract, price_u: int) -> None:
        """An option's strike and price are known."""
        self.strikes[name] = Known(int(contract.strike * MICRO), f"the strike of {contract}")
        if price_u:
            self.premiums[contract.osi()] = Known(price_u, f"the last price of {contract}")

    def _leg(self, number: int, event: LegEvent) -> Iterator[Doubt]:
        """Of a fill, a transfer or an assignment."""
        opened, name = self.opened[event.sleeve], self.opened[event.sleeve].underlying
        if event.option is None:
            if event.shares:
                price_u = abs(event.amount_u) // abs(event.shares)
                beside = [self.strikes.get(name), self.shares.get(name)]
                yield from _out_of_scale(number, price_u, f"{abs(event.shares)} {name}", beside)
                self.shares[name] = Known(price_u, f"the last price of {name}")
            return
        contract = parse_osi(event.option, (osi_root(event.option),))
        if isinstance(event, Assigned):
            if event.shares and contract.root == opened.root:
                yield from self._delivered(number, event, contract)
            return
        price_u = abs(event.amount_u) // (abs(event.quantity) * opened.multiplier)
        yield from self._premium(number, contract, price_u)
        self._dealt(name, contract, price_u)

    def _delivered(self, number: int, event: LegEvent, contract: Contract) -> Iterator[Doubt]:
        """Shares of an assignment move at the strike."""
        name, strike_u = self.opened[event.sleeve].underlying, int(contract.strike * MICRO)
        price_u = abs(event.amount_u) // abs(event.shares)
        beside = [Known(strike_u, f"the strike of {contract}")]
        yield from _out_of_scale(number, price_u, f"{abs(event.shares)} {name}", beside)
        self.shares[name] = Known(strike_u, f"the last price of {name}")

    def _premium(self, number: int, contract: Contract, price_u: int) -> Iterator[Doubt]:
        """An option costs a cent or more, a put less than its strike, and about what it did."""
        strike_u, known = int(contract.strike * MICRO), self.premiums.get(contract.osi())
        found = f"{contract} at {decimal(price_u)}"
        if 0 < price_u < CENT_U:
            text = f"{found}: under a cent, the least that options trade at; likely {_CAUSES[100]}"
            yield Doubt(number, price_u, CENT_U, text)
        elif contract.right == PUT and price_u > strike_u:
            text = f"{found}: more than its strike; likely {_CAUSES[100]}"
            yield Doubt(number, price_u, strike_u, text)
        elif known is not None and abs(scale_of(price_u, known.price_u)) >= _PREMIUM:
            yield from _out_of_scale(number, price_u, str(contract), [known])


def _out_of_scale(
    number: int, found_u: int, what: str, beside: Iterable[Known | None]
) -> Iterator[Doubt]:
    """The doubt of a price, unless one that is known may be of its scale."""
    known = [one for one in beside if one is not None and one.price_u > 0]
    scales = [scale_of(found_u, one.price_u) for one in known]
    if not found_u or not known or 0 in scales:
        return
    one, scale = known[0], scales[0]
    than = f"{_WORDS[abs(scale)]} times {'more' if scale > 0 else 'less'} than {one.what}"
    text = f"{what} at {decimal(found_u)}: {than}, {decimal(one.price_u)}; likely "
    yield Doubt(number, found_u, one.price_u, text + _CAUSES[abs(scale)])
