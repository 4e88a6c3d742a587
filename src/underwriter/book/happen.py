"""What happens to sleeves while a book is folded, and how their past is told otherwise."""

from typing import Any, cast

from msgspec.structs import replace

from underwriter.book.campaign import Tally
from underwriter.book.change import Change, Happening, Held, change_of, root_of
from underwriter.book.event import (
    Adjusted,
    Assigned,
    Busted,
    CapitalReturned,
    Converted,
    Corrected,
    DividendReceived,
    Expired,
    Filled,
    Moved,
    Renamed,
    Settled,
    SleeveEvent,
    Split,
    Transferred,
)
from underwriter.book.folded import Deliverable, Instrument
from underwriter.book.past import ACCOUNT, KEPT, Mention, Paid, Run, as_changed, flow_u
from underwriter.book.seats import Seats, copied, place_of
from underwriter.core.contract import NONE, expiry_of, pack, right_of, strike_of
from underwriter.core.contract import root_of as root_number
from underwriter.core.errors import InputError
from underwriter.core.sleeve import (
    ASSIGNED,
    DIVIDEND,
    EXPIRED,
    FILL,
    MOVED,
    RENAMED,
    SETTLED,
    SLOTS,
    SPLIT,
    Fact,
    apply,
    record,
)
from underwriter.core.units import day_number

KINDS: dict[type[SleeveEvent], int] = {
    Filled: FILL,
    Expired: EXPIRED,
    Assigned: ASSIGNED,
    Settled: SETTLED,
    Split: SPLIT,
    Moved: MOVED,
    DividendReceived: DIVIDEND,
    CapitalReturned: DIVIDEND,  # cash of the campaign, as a dividend is
    Adjusted: RENAMED,
    Transferred: FILL,
}


class Happenings(Seats):
    """Sleeves while their events are taken in."""

    def _take_happening(self, event: Happening | Renamed, at: int) -> None:
        """Let an event change the book: the sleeve, the cash, and the order behind it."""
        if isinstance(event, Assigned) and self._confirms(event):
            self.repeats.append(self.events)
            return
        self._happen(event, at, self.events, told_now=True)
        if isinstance(event, Assigned) and event.source == "inferred":
            key = event.sleeve, event.option or ""
            self.inferred[key] = self.inferred.get(key, 0) + event.quantity
        if isinstance(event, Filled) and event.client:
            self.orders.fill(event)

    def _confirms(self, event: Assigned) -> bool:
        """Whether an assignment had been inferred before it was told."""
        at = event.sleeve, event.option or ""
        waiting = self.inferred.get(at, 0)
        if event.source == "inferred":
            return False
        if waiting * event.quantity <= 0 or abs(event.quantity) > abs(waiting):
            return False
        self.inferred[at] = waiting - event.quantity
        return True

    def _happen(
        self, event: Happening | Renamed, at: int, number: int, *, told_now: bool = False
    ) -> None:
        """Let an event change its sleeve, count it to its campaign, and remember it.

        What is told now changes cash, too; what happens again has done so.
        """
        if isinstance(event, Renamed):
            self._rename(event, at)
        else:
            change = self._change(event, at)
            kind, day = KINDS[type(event)], day_number(event.session)
            if self._is_flat(at) and (change.quantity != 0 or change.shares != 0):
                self._begin(event, at)
            fact = Fact(kind, day, self.seat[at], at, *change)
            if not told_now:
                apply(self.state.sleeves[at], fact)
            elif event.currency == self.bases[fact.account] and type(event) is not Transferred:
                record(self.state, fact)
            else:
                apply(self.state.sleeves[at], fact)
                self._cash(event, flow_u(event))
            self._count(event, at)
        if at in self.runs:
            self.runs[at][-1].entries.append((number, event))

    def _change(self, event: Happening, at: int) -> Change:
        """What an event changes; a name that it gives a contract becomes known."""
        opened, contract = self.sleeves[at], self.contract[at]
        roots = {opened.root: self.instrument[at] + 1}
        if self.delivered:
            numbers = [int(root_number(int(key))) for key in contract if key != NONE]
            roots |= {self.instruments[number - 1].root: number for number in numbers}
        if isinstance(event, Adjusted):
            root = root_of(event.option)
            held = self._held(roots, at)
            if root not in roots:
                known = len(self.instruments)
                number = place_of(self.instruments, Instrument(opened.underlying, root))
                if number == known:
                    self._grow(self.state)
                held = self._held({**roots, root: number + 1}, at)
            change = change_of(event, held)
            self.delivered[event.option] = Deliverable(event.shares, event.cash_u)
            return change
        return change_of(event, self._held(roots, at))

    def _held(self, roots: dict[str, int], at: int) -> Held:
        return Held(roots, self.contract[at], self.quantity[at], int(self.shares[at]))

    def _count(self, event: Happening, at: int) -> None:
        """Count an event to the campaign it belongs to."""
        campaign = event.sleeve, int(self.campaign[at])
        tally = self.tallies.get(campaign)
        if tally is None:
            tally = Tally(*campaign, self.sleeves[at].underlying, event.session)
            self.tallies[campaign] = tally
        tally.take(event)
        tally.closed = (tally.closed or event.session) if self._is_flat(at) else None

    def _rename(self, event: Renamed, at: int) -> None:
        """The sleeve's underlying and root have another name: so have its contracts."""
        old = self.instrument[at] + 1
        known = len(self.instruments)
        new = place_of(self.instruments, Instrument(event.underlying, event.root))
        if new == known:
            self._grow(self.state)
        self.sleeves[at] = replace(self.sleeves[at], underlying=event.underlying, root=event.root)
        sleeve, day = self.state.sleeves[at], day_number(event.session)
        sleeve.underlying, self.instrument[at] = new, new
        for slot in range(SLOTS):
            key = int(sleeve.contract[slot])
            if key != NONE and root_number(key) == old:
                named = int(pack(new + 1, expiry_of(key), right_of(key), strike_of(key)))
                fact = Fact(RENAMED, day, self.seat[at], at, slot, named, 0, 0, 0, 0, 0)
                apply(sleeve, fact)

    def _begin(self, event: Happening, at: int) -> None:
        """A campaign begins: kept from here on where it is told with ids, else nothing is."""
        if not event.id:
            self.runs.pop(at, None)
            return
        runs = self.runs.setdefault(at, [])
        while runs and runs[0].entries[-1][1].session < event.session - KEPT:
            runs.pop(0)
        sleeve = self.state.sleeves[at]
        before = int(sleeve.campaign), int(sleeve.realised_u), int(sleeve.lost)
        runs.append(Run(self.sleeves[at], *before, []))


class Past(Happenings):
    """Sleeves whose past may be told otherwise."""

    def _change_past(self, event: Busted | Corrected) -> None:
        """Let an event that was booked be another, or none."""
        mention = self.told.get((event.account, event.of))
        if mention is None:
            raise InputError(f"{event.of!r}: expected the id of an event that was booked")
        number, sleeve = mention
        if number in self.paid:
            self._change_paid(event, number)
        else:
            self._change_run(event, number, self.at.get(sleeve, ACCOUNT))
        self.told[event.account, event.of] = Mention(0, ACCOUNT)  # told again, it is a repeat
        if isinstance(event, Corrected):
            self.told[event.account, event.id or event.of] = mention

    def _change_paid(self, event: Busted | Corrected, number: int) -> None:
        old = self.paid[number]
        new = cast("Paid | None", as_changed(old, event))
        del self.paid[number]
        for each, sign in ((old, -1), (new, 1)):
            if each is not None:
                self._cash(each, sign * flow_u(each))
                if isinstance(each, Converted):
                    self._cash(replace(each, currency=each.into), sign * each.into_u)
        if new is not None:
            self.paid[number] = new

    def _change_run(self, event: Busted | Corrected, number: int, at: int) -> None:
        """Let a sleeve's past happen again from the campaign on that an event is of."""
        runs = self.runs.get(at, [])
        places = [i for i, run in enumerate(runs) if any(n == number for n, _ in run.entries)]
        if not places:
            raise InputError(
                f"{event.of!r}: expected an event of a campaign that is told with ids and ended at "
                f"most {KEPT.days} days ago; book the difference"
            )
        entries = [entry for run in runs[places[0] :] for entry in run.entries]
        old = next(each for n, each in entries if n == number)
        new = cast("Happening | None", as_changed(old, event))
        again = [(n, new if n == number else each) for n, each in entries]
        self._again(at, places[0], [(n, each) for n, each in again if each is not None])
        for each, sign in ((old, -1), (new, 1)):
            if each is not None and not isinstance(each, Renamed):
                self._cash(each, sign * flow_u(each))
        if isinstance(old, Assigned) and old.source == "inferred":
            self.inferred[old.sleeve, old.option or ""] -= old.quantity

    def _again(self, at: int, run: int, entries: list[tuple[int, Happening | Renamed]]) -> None:
        """Let what happened to a sleeve since the beginning of a run happen as it is told now.

        InputError where something does not fit any more: then all is as before.
        """
        table: Any = self.state.sleeves
        number, first = self.sleeves[at].sleeve, self.runs[at][run]
        before = table[at].copy(), self.sleeves[at], self.runs[at], self.instrument[at]
        tallies, delivered = dict(self.tallies), dict(self.delivered)
        self.tallies = {
            key: tally if key[0] != number else copied(tally)
            for key, tally in tallies.items()
            if key[0] != number or key[1] <= first.campaign
        }
        self._rewind(at, first)
        self.runs[at] = [each.copy() for each in self.runs[at][:run]]
        if not self.runs[at]:
            del self.runs[at]
        try:
            for event, happening in entries:
                self._happen(happening, at, event)
        except InputError as error:
            table = self.state.sleeves
            table[at], self.sleeves[at], self.runs[at], self.instrument[at] = before
            self.tallies, self.delivered = tallies, delivered
            raise InputError(f"what followed does not fit, take it back first: {error}") from error

    def _rewind(self, at: int, run: Run) -> None:
        """A sleeve as it was when a run began: flat."""
        sleeve = self.state.sleeves[at]
        opened = run.opened
        self.sleeves[at] = opened
        self.instrument[at] = place_of(self.instruments, Instrument(opened.underlying, opened.root))
        sleeve.underlying = self.instrument[at]
        sleeve.campaign, sleeve.realised_u, sleeve.lost = run.campaign, run.realised_u, run.lost
        sleeve.shares = sleeve.legs = sleeve.credit_u = sleeve.rolls = 0
        for slot in range(SLOTS):
            sleeve.contract[slot] = NONE
            sleeve.quantity[slot] = sleeve.amount_u[slot] = 0
