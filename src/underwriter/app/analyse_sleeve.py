"""What a sleeve of a journal holds on an evening, as `analyse` takes it.

Its legs have the prices and volatilities of that evening (`sim.held`); credit and profit count from
the money that the journal has for them.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from difflib import get_close_matches
from typing import NamedTuple

from underwriter.app.analyse import SETTLEMENT, HeldFound, OpenedFound, Subject, money
from underwriter.app.evening import read
from underwriter.book.naming import sleeve_names
from underwriter.book.place import Place
from underwriter.core.errors import InputError
from underwriter.core.margin import BROAD_INDEX, EQUITY
from underwriter.sim.held import Evening, Held, evening
from underwriter.sim.known import Known
from underwriter.sim.position import Position, worth
from underwriter.sim.whatif import Belief, Trade

_NAMED = 5  # in a refusal


class AskedSleeve(NamedTuple):
    """A sleeve as it was asked for; None: what the journal or its rate says."""

    journal: Place
    sleeve: str | None
    as_of: date | None
    real_vol: float | None
    drift: float | None
    broad_index: bool

    def subject(self) -> Subject:
        """What the sleeve holds; InputError where that is nothing, and where there is none such."""
        found = read(self.journal, self.as_of)
        _require_name(self, found)
        night = evening(found)
        held = _chosen(self, found, night)
        position, instrument = held.position, held.instrument
        broad = self.broad_index or not instrument.physical
        rate = position.terms.rate
        return Subject(
            found.book.sleeves[held.at].underlying,
            found.evening,
            Trade(position, BROAD_INDEX if broad else EQUITY, cash_settled=not instrument.physical),
            tuple(contract.expiry for contract in held.contracts),
            instrument.style,
            SETTLEMENT[instrument.settlement],
            (),
            Belief(self.real_vol, rate if self.drift is None else self.drift),
            _told(self.journal, found, night, held),
        )


def _require_name(asked: AskedSleeve, found: Known) -> None:
    """InputError for a sleeve that the book does not have."""
    names = sleeve_names(found.book.sleeves)
    if asked.sleeve is not None and asked.sleeve not in names:
        near = get_close_matches(asked.sleeve, names, len(names) or 1, 0.0)
        raise InputError(
            f"--sleeve {asked.sleeve}: found no such sleeve in {asked.journal} on the evening of "
            f"{found.evening}; expected {_some(near)}"
        )


def _chosen(asked: AskedSleeve, found: Known, night: Evening) -> Held:
    """The sleeve that was named; InputError where it holds nothing, or none was named."""
    for each in night.held:
        if each.name == asked.sleeve:
            return each
    when = f"on the evening of {found.evening}"
    wanted = f"expected one that holds something then: {_some([each.name for each in night.held])}"
    if asked.sleeve is None:
        raise InputError(f"--book {asked.journal}: found no --sleeve beside it {when}; {wanted}")
    raise InputError(f"--sleeve {asked.sleeve}: found nothing held {when}; {wanted}")


def _some(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    more = len(names) - _NAMED
    told = ", ".join(names[:_NAMED]) or "none does"
    return f"{told} and {more:,} more" if more > 0 else told


def _told(journal: Place, found: Known, night: Evening, held: Held) -> HeldFound:
    """What the journal says of a sleeve, as JSON has it."""
    book, position, brought = found.book, held.position, night.brought[held.account]
    return HeldFound(
        journal=str(journal),
        sleeve=held.name,
        number=held.number,
        account=held.account,
        quotes="" if book.opened is None else book.opened.quotes,
        share_cost=money(position.share) if position.shares else None,
        profit=money(_so_far(position)),
        vol_factor=float(brought.factor),
        missed=money(float(brought.missed)),
        opened=list(_opened(held)),
    )


def _so_far(position: Position) -> float:
    """What closing at the evening's prices would leave, fees to come apart."""
    now = worth(position, position.spot) + position.shares * (position.spot - position.share)
    return float(now + position.credit)


def _opened(held: Held) -> Iterable[OpenedFound]:
    """How each leg was opened."""
    for credit, source in zip(held.credits, held.sources, strict=True):
        day = None if source.day is None else source.day.isoformat()
        yield OpenedFound(money(credit), source.how, day)
