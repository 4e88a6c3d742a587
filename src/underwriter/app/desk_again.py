"""A desk that is there, looked at anew: its book, its policies as they were written, its quotes."""

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from underwriter.app import wire_desk
from underwriter.app.desk_folder import Folder, folder_at, kind_of
from underwriter.app.lake_quotes import underlyings_held
from underwriter.app.policy_file import parse_policy
from underwriter.app.request import Request, together
from underwriter.app.run_folder import DESKS, REPLAYS
from underwriter.app.settings import House
from underwriter.book.event import AnyEvent, BookOpened, Decided
from underwriter.book.journal import events, exists
from underwriter.core.errors import InputError
from underwriter.desk.deciding import Rules
from underwriter.desk.ledger import Ledger, Shelf
from underwriter.desk.newest import newest
from underwriter.desk.ports import Clock, Quotes
from underwriter.market.calendar import Calendar
from underwriter.market.slab import Slab


class Again(NamedTuple):
    """A desk as its folder and its journal tell it."""

    folder: Folder
    kind: str
    request: Request
    last_at: int  # of its events, UTC nanoseconds
    events: tuple[AnyEvent, ...]

    @property
    def account(self) -> str:
        """Whose desk it is."""
        return self.request.settings.account.name

    def when(self) -> tuple[Calendar, Clock]:
        """The calendar and the clock it is looked at by."""
        return wire_desk.when(self.request, self.last_at if self.kind == "replay" else None)

    def ledger(self, count: int | None = None) -> Ledger:
        """The book as it stands, or as it stood after so many events."""
        return Ledger(Shelf(self.events[:count]), self.account)


class Around(NamedTuple):
    """What surrounds it: the clock stands, for a replay, where its journal ends."""

    quotes: Quotes
    clock: Clock
    calendar: Calendar
    rules: Rules

    def newest(self) -> Slab:
        """The newest quotes; InputError where there are none."""
        return newest(self.quotes, self.calendar, self.clock.now())


def desk_folder(house: House, folder: Path | None, book: str | None) -> Folder:
    """The folder that is named, else that of the settings' account; InputError for no desk's."""
    found = folder_at(folder or house.home / DESKS / house.settings.account.name, book)
    if kind_of(found) is None or not exists(found.journal):
        raise InputError(
            f"{found.path}: found no desk; expected the folder of one (--folder DIR), which "
            f"underwriter trade makes; those over a history are in {house.home / REPLAYS}"
        )
    return found


def again(house: House, folder: Folder) -> Again:
    """The desk of a folder; InputError where its journal tells of none."""
    book = tuple(event for _, event in events(folder.journal))
    opened = [event for event in book if isinstance(event, BookOpened)]
    if not opened:
        raise InputError(f"{folder.journal}: found no book; expected one that a desk has begun")
    request, kind = request_of(house, opened[-1]), kind_of(folder) or ""
    decided = [event.session for event in book if isinstance(event, Decided)]
    if kind == "replay" and decided:  # a model's strikes are those that its days need
        request = replace(request, first=opened[0].session, last=decided[-1])
    return Again(folder, kind, request, max(event.at for event in book), book)


def request_of(house: House, opened: BookOpened) -> Request:
    """The request that a book was opened for: its policies and its account as they were then."""
    policies = together(
        [parse_policy(Path(f"{key}.toml"), text) for key, text in opened.policies.items()]
    )
    said: dict[str, Any] = dict(opened.settings)
    account = house.settings.account
    known = {name: said[name] for name in type(account).model_fields if name in said}
    commission = said.get("commission")
    fills = house.settings.fills.model_copy(
        update={"commission": None if isinstance(commission, str) else commission}
    )
    kept = account.model_copy(update={**known, "name": opened.account})
    settings = house.settings.model_copy(update={"account": kept, "fills": fills})
    first, *others = policies
    return Request(first, house, settings, house.home, others=tuple(others))


def around(found: Again) -> Around:
    """The quotes of a desk, the clock they are read by, and the rules it runs by."""
    if found.kind == "replay":
        return Around(*wire_desk.replay_again(found.request, found.last_at))
    ledger = found.ledger()
    return Around(*wire_desk.live_again(found.request, lambda: underlyings_held(ledger)))
