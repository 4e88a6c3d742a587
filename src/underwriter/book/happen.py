"""What happens to sleeves while a book is folded, and how their past is told otherwise."""

import dataclasses
from typing import cast

from msgspec.structs import replace

from underwriter.book.campaign import Tally
from underwriter.book.change import Happening, Held, fact_of
from underwriter.book.event import (
    Adjusted,
    Assigned,
    Busted,
    Converted,
    Corrected,
    Filled,
    Renamed,
    SleeveEvent,
    SleeveOpened,
    Transferred,
)
from underwriter.book.folded import Deliverable, Instrument
from underwriter.book.loose import (
    apply,
    expiry_of,
    flat,
    is_flat,
    pack,
    record,
    right_of,
    root_of,
    strike_of,
)
from underwriter.book.past import ACCOUNT, KEPT, Mention, Paid, Run, as_changed, flow_u, size_u
from underwriter.book.seats import Seats, owned
from underwriter.core.contract import NONE, osi_root
from underwriter.core.errors import InputError
from underwriter.core.sleeve import RENAMED, Fact
from underwriter.core.units import day_number


class Happenings(Seats):
    """Sleeves while their events are taken in."""

    def _place(self, event: SleeveEvent) -> Held:
        """An event's sleeve; InputError where its account has none that is open."""
        held = self.held.get(event.sleeve)
        if held is None or held.account != event.account:
            raise InputError(
                f"sleeve {event.sleeve} of account {event.account!r}: expected one that is open"
            )
        return held

    def take_happening(self, event: Happening | Renamed) -> None:
        """Let an event change the sleeve and the cash."""
        self._happen(event, self._place(event), self.events, told_now=True)

    def take_filled(self, event: Filled) -> None:
        """The same of a fill, and the order behind it."""
        self._happen(event, self._place(event), self.events, told_now=True)
        if event.client:
            self.orders.fill(event)

    def take_assigned(self, event: Assigned) -> None:
        """The same of an assignment, which may have been inferred before."""
        held = self._place(event)
        if self._confirms(event):
            self.repeats.append(self.events)
            return
        self._happen(event, held, self.events, told_now=True)
        if event.source == "inferred":
            key = event.sleeve, event.option or ""
            self.inferred[key] = self.inferred.get(key, 0) + event.quantity

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
        self, event: Happening | Renamed, held: Held, number: int, *, told_now: bool = False
    ) -> None:
        """Let an event change its sleeve, count it to its campaign, and remember it.

        What is told now changes cash, too; what happens again has done so.
        """
        if isinstance(event, Renamed):
            self._rename(event, held)
        else:
            fact, sleeve = self._fact(event, held), held.sleeve
            needed = abs(fact.amount_u - fact.fee_u) + abs(fact.shares) + abs(fact.quantity)
            if needed > self.room:
                self._require_room(needed)
            self.room -= needed
            if (fact.quantity != 0 or fact.shares != 0) and is_flat(sleeve):
                self._begin(event, held)
            if not told_now:
                apply(sleeve, fact)
            elif event.currency == self.bases[fact.account] and type(event) is not Transferred:
                record(self.state, fact)
            else:
                apply(sleeve, fact)
                self._cash(event, flow_u(event))
            tally = self._tally(event, held)
            tally.take(event)
            tally.closed = (tally.closed or event.session) if is_flat(sleeve) else None
        runs = self.runs.get(held.at)
        if runs:
            runs[-1].entries.append((number, event))

    def _fact(self, event: Happening, held: Held) -> Fact:
        """What an event changes; a name that it gives a contract becomes known."""
        if self.delivered:
            held = self._with_changed(held)
        if not isinstance(event, Adjusted):
            return fact_of(event, held)
        root = osi_root(event.option)
        if root not in held.roots:
            underlying = self.sleeves[held.at].underlying
            number = self._instrument(Instrument(underlying, root)) + 1
            held = held.with_roots({**held.roots, root: number})
        fact = fact_of(event, held)
        self.delivered[event.option] = Deliverable(event.shares, event.cash_u)
        return fact

    def _with_changed(self, held: Held) -> Held:
        """What a sleeve holds, under the roots of contracts that were adjusted, too."""
        numbers = [root_of(key) for key in held.sleeve.contract if key != NONE]
        others = {self.instruments[number - 1].root: number for number in numbers}
        return held.with_roots({**held.roots, **others})

    def _tally(self, event: Happening, held: Held) -> Tally:
        """That of the campaign which an event belongs to, to be added to."""
        campaign, tally = held.sleeve.campaign, held.tally
        if tally is not None and tally.number == campaign:
            return tally
        at = event.sleeve, campaign
        known = self.tallies.get(at)
        if known is None:
            tally = Tally(*at, self.sleeves[held.at].underlying, event.session)
        else:
            tally = known.copy()  # the book that this one follows keeps its own
        self.tallies[at] = held.tally = tally
        return tally

    def _rename(self, event: Renamed, held: Held) -> None:
        """The sleeve's underlying and root have another name: so have its contracts."""
        sleeve, day, old = held.sleeve, day_number(event.session), held.sleeve.underlying + 1
        opened = self.sleeves[held.at]
        self._name(held, replace(opened, underlying=event.underlying, root=event.root))
        for slot, key in enumerate(sleeve.contract):
            if key != NONE and root_of(key) == old:
                new = sleeve.underlying + 1
                named = pack(new, expiry_of(key), right_of(key), strike_of(key))
                fact = Fact(RENAMED, day, sleeve.account, held.at, slot, named, 0, 0, 0, 0, 0)
                apply(sleeve, fact)

    def _name(self, held: Held, opened: SleeveOpened) -> None:
        """Let a sleeve be as it was opened, under another name."""
        self.sleeves[held.at] = opened
        held.sleeve.underlying = self._instrument(Instrument(opened.underlying, opened.root))
        held.roots, held.keys = {opened.root: held.sleeve.underlying + 1}, {}

    def _begin(self, event: Happening, held: Held) -> None:
        """A campaign begins: kept from here on where it is told with ids, else nothing is."""
        at, sleeve = held.at, held.sleeve
        if not event.id:
            self.runs.pop(at, None)
            return
        runs = self.runs.setdefault(at, [])
        while runs and event.session - runs[0].entries[-1][1].session > KEPT:
            runs.pop(0)
        runs.append(Run(self.sleeves[at], sleeve.campaign, sleeve.realised_u, sleeve.lost, []))


def _place_in(runs: list[Run], number: int) -> int:
    """Which run has the how-manieth event among its own; -1 where none has it any more."""
    place = len(runs) - 1
    while place >= 0 and runs[place].entries[0][0] > number:
        place -= 1
    return place if place >= 0 and any(n == number for n, _ in runs[place].entries) else -1


class Past(Happenings):
    """Sleeves whose past may be told otherwise."""

    def change_past(self, event: Busted | Corrected) -> None:
        """Let an event that was booked be another, or none."""
        mention = self.told.get((event.account, event.of))
        if mention is None:
            raise InputError(f"{event.of!r}: expected the id of an event that was booked")
        number, sleeve = mention
        if number in self.paid:
            self._change_paid(event, number)
        else:
            self._change_run(event, number, self.held.get(sleeve))
        self.told[event.account, event.of] = Mention(0, ACCOUNT)  # told again, it is a repeat
        if isinstance(event, Corrected):
            self.told[event.account, event.id or event.of] = mention

    def _change_paid(self, event: Busted | Corrected, number: int) -> None:
        old = self.paid[number]
        new = cast("Paid | None", as_changed(old, event))
        self._require_room(size_u(old) + (0 if new is None else size_u(new)))
        del self.paid[number]
        for each, sign in ((old, -1), (new, 1)):
            if each is not None:
                self._cash(each, sign * flow_u(each))
                if isinstance(each, Converted):
                    self._cash(replace(each, currency=each.into), sign * each.into_u)
        if new is not None:
            self.paid[number] = new

    def _change_run(self, event: Busted | Corrected, number: int, held: Held | None) -> None:
        """Let a sleeve's past happen again from the campaign on that an event is of."""
        runs = [] if held is None else self.runs.get(held.at, [])
        place = _place_in(runs, number)
        if held is None or place < 0:
            raise InputError(
                f"{event.of!r}: expected an event of a campaign that is told with ids and ended at "
                f"most {KEPT.days} days ago; book the difference"
            )
        entries = [entry for run in runs[place:] for entry in run.entries]
        old = next(each for n, each in entries if n == number)
        new = cast("Happening | None", as_changed(old, event))
        again = [(n, new if n == number else each) for n, each in entries]
        if not isinstance(old, Renamed):
            self._require_room(abs(flow_u(old)))
        self._again(held, place, [(n, each) for n, each in again if each is not None])
        for each, sign in ((old, -1), (new, 1)):
            if each is not None and not isinstance(each, Renamed):
                self._cash(each, sign * flow_u(each))
        if isinstance(old, Filled) and old.client:
            self.orders.tell_otherwise(old, cast("Filled | None", new))
        if isinstance(old, Assigned) and old.source == "inferred":
            self.inferred[old.sleeve, old.option or ""] -= old.quantity

    def _again(self, held: Held, run: int, entries: list[tuple[int, Happening | Renamed]]) -> None:
        """Let what happened to a sleeve since the beginning of a run happen as it is told now.

        InputError where something does not fit any more: then all is as before.
        """
        at, before, opened = held.at, dataclasses.replace(held), self.sleeves[held.at]
        runs, tallies, delivered = self.runs[at], self.tallies, self.delivered
        last = opened.sleeve, runs[run].campaign
        self.tallies = {last: tallies[last]} if last in tallies else {}
        self.delivered = dict(delivered)
        self._rewind(held, run)
        try:
            for number, happening in entries:
                self._happen(happening, held, number)
        except InputError as error:
            self.held[opened.sleeve], self.state.sleeves[at] = before, before.sleeve
            self.sleeves[at], self.runs[at] = opened, runs
            self.tallies, self.delivered = tallies, delivered
            raise InputError(f"what followed does not fit, take it back first: {error}") from error
        for campaign in range(last[1] + 1, before.sleeve.campaign + 1):
            tallies.pop((opened.sleeve, campaign), None)
        tallies.update(self.tallies)
        self.tallies = tallies

    def _rewind(self, held: Held, run: int) -> None:
        """A sleeve as it was when a run began: flat."""
        at, old, first = held.at, held.sleeve, self.runs[held.at][run]
        sleeve = flat(old.account, old.policy, old.underlying)
        sleeve.campaign, sleeve.realised_u, sleeve.lost = (
            first.campaign,
            first.realised_u,
            first.lost,
        )
        self.state.sleeves[at], held.sleeve, held.tally = sleeve, sleeve, None
        self._name(held, first.opened)
        self.runs[at] = owned(self.runs[at][:run])
        if not self.runs[at]:
            del self.runs[at]
