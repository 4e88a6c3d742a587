"""`underwriter review`: a week of a journal, with what its options were quoted at, as three files.

Quotes come from where a plan's come from, for the policies that the journal names.  They are taken
only where the closes beside them are those that the journal marked: what was kept on one history is
never valued on another.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from msgspec import to_builtins

from underwriter.app import wire
from underwriter.app.ground import Ground
from underwriter.app.policy_file import WrittenPolicy, parse_policy
from underwriter.app.request import Request, together
from underwriter.app.run_folder import RUNS, replace_text
from underwriter.app.setting_up import Phase, cold_note, seen
from underwriter.app.settings import House
from underwriter.book.event import AnyEvent
from underwriter.book.journal import events as read_journal
from underwriter.book.place import Place
from underwriter.core.chain import Bar, Quote, find, offered
from underwriter.core.contract import osi_root, pack, parse_osi
from underwriter.core.errors import InputError
from underwriter.core.kernel import plain
from underwriter.core.units import day_number, day_of, to_u
from underwriter.market.calendar import load_calendar
from underwriter.market.slab import Slab
from underwriter.report.review import (
    Prices,
    Review,
    Told,
    account_asked,
    asked,
    day_named,
    review,
    told,
    week_over,
)
from underwriter.report.weekly.page import page
from underwriter.report.weekly.text import markdown
from underwriter.report.weekly.told import Ahead, Touch

REVIEWS = "reviews"  # below the home
AGREES = 0.01  # how far a close may be from the journal's, as a share
_find, _offered = plain(find), plain(offered)


class Asked(NamedTuple):
    """A review that was asked for; `today` is given where a clock says that a week is over.

    Without it a week is over when the journal tells something of its last session.
    """

    house: House
    journal: Place
    week: str | None
    account: str | None
    out: Path | None
    today: date | None = None


class Written(NamedTuple):
    """A review and the files it stands in."""

    review: Review
    text: str
    files: tuple[Path, ...]


def write(ask: Asked, phase: Phase) -> Written:
    """Review a week and put its files in place; InputError before any is written."""
    with phase("reading the journal", ""):
        events = [event for _, event in read_journal(ask.journal)]
        week = _told(ask, events)
    with phase("asking for quotes", cold_note()):
        prices = _prices(ask.house, week)
    found = review(week, prices)
    stem, folder = _stem(found, events), _folder(ask)
    text = markdown(found)
    made = {
        f"{stem}.html": page(found),
        f"{stem}.md": text,
        f"{stem}.json": json.dumps(to_builtins(found), indent=2, allow_nan=False) + "\n",
    }
    _make(folder)
    for name, content in made.items():
        replace_text(folder / name, content)
    return Written(found, text, tuple(folder / name for name in made))


def _told(ask: Asked, events: Sequence[AnyEvent]) -> Told:
    """The week that is asked for, read; InputError names the journal."""
    try:
        calendar = load_calendar(wire.EXCHANGE, ask.house.home)
        account = account_asked(events, ask.account)
        last = ask.today or max(one.session for one in events if one.account == account)
        day = None if ask.week is None else day_named(ask.week)
        return told(events, account, week_over(calendar, last, day), calendar)
    except InputError as problem:
        said = str(problem)
        if said.startswith("--"):
            raise
        raise InputError(f"{ask.journal}: {said}") from problem


def _stem(found: Review, events: Sequence[AnyEvent]) -> str:
    """What the files are called: the week, and the account where a journal has several."""
    if len({one.account for one in events}) == 1:
        return found.week
    plain_name = "".join(letter if letter.isalnum() else "-" for letter in found.account)
    return f"{found.week}-{plain_name}"


def _folder(ask: Asked) -> Path:
    """Where the files go: by the journal's own name, where no folder is told."""
    if ask.out is not None:
        return ask.out
    journal = ask.journal
    name = journal.resolve().parent.name if isinstance(journal, Path) else journal.journal
    return ask.house.home / REVIEWS / name


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        found = (problem.strerror or str(problem)).lower()
        raise InputError(f"{folder}: {found}; expected a folder that can be written") from problem


# --- quotes ---


def _prices(house: House, week: Told) -> Prices:
    """What a review wants quotes of, as far as there are any; else why there are none."""
    try:
        written = list(_policies(week))
        if not written:
            return Prices(remarks=("no policy of the journal says what it trades: no quotes",))
        policies = together(written)
        request = Request(
            policies[0], house, house.settings, house.home / RUNS, others=policies[1:]
        )
        return _quoted(request, week)
    except InputError as problem:
        return Prices(remarks=(f"no quotes stand beside the journal: {problem}",))


def _policies(week: Told) -> Iterator[WrittenPolicy]:
    """The policies of the account's sleeves, as the journal has them."""
    texts = {one.policy: one.name for one in week.sleeves if one.policy in week.opened.policies}
    for policy, name in texts.items():
        yield parse_policy(Path(f"{name}.toml"), week.opened.policies[policy])


def _quoted(request: Request, week: Told) -> Prices:
    """Session by session: the quotes that are wanted, and on the last what is known ahead."""
    wanted: dict[date, set[str]] = {week.week.last: set()}
    for day, option in asked(week):
        wanted.setdefault(day, set()).add(option)
    touch: dict[tuple[date, str], Touch] = {}
    ahead: dict[str, Ahead] = {}
    kinds: set[str] = set()
    remarks: list[str] = []
    for day, options in sorted(wanted.items()):
        slab = _slab(request, day)
        if slab is None:
            remarks.append(f"no quotes of {day} are kept")
            continue
        there = {at: one for at, one in enumerate(slab.instruments) if _agrees(slab, at, week, day)}
        apart = [one.symbol for at, one in enumerate(slab.instruments) if at not in there]
        if apart:
            remarks.append(
                f"the close of {', '.join(apart)} on {day} is another than the journal's"
            )
        kinds |= {slab.origins[at] for at in there}
        roots = {one.root: at for at, one in there.items()}
        for option in options:
            found = _touch(slab, roots, option)
            if found is not None:
                touch[day, option] = found
        if day == week.week.last:
            ahead = {one.symbol: _ahead(slab.market.bars[0, at]) for at, one in there.items()}
    quotes = "none" if not kinds else kinds.pop() if len(kinds) == 1 else "mixed"
    return Prices(quotes, touch, ahead, tuple(remarks))


def _slab(request: Request, day: date) -> Slab | None:
    """What is quoted on a session, or None where it is not."""
    found: Ground = wire.moment(request, day)
    if day_of(int(found.day[0])) != day:
        return None
    return seen(request, found, found.slab(request.house.home))[1]


def _agrees(slab: Slab, at: int, week: Told, day: date) -> bool:
    """Whether an underlying's close is the one that the journal marked."""
    number_mark = week.marks.get(day)
    quoted = (
        None if number_mark is None else number_mark[1].underlyings.get(slab.instruments[at].symbol)
    )
    if quoted is None or quoted.close_u <= 0:
        return False
    return abs(int(slab.market.bars[0, at].close_u) / quoted.close_u - 1.0) <= AGREES


def _touch(slab: Slab, roots: dict[str, int], option: str) -> Touch | None:
    """The two sides of an option; None where it has none."""
    root = osi_root(option)
    if root not in roots:
        return None
    contract, at = parse_osi(option, (root,)), roots[root]
    key = pack(at + 1, day_number(contract.expiry), contract.right, to_u(float(contract.strike)))
    row = int(_find(slab.market.quotes, slab.market.bars[0, at], 0, key, -1))
    if row < 0 or not _offered(slab.market.quotes[row]):
        return None
    quote: Quote = slab.market.quotes[row]
    return Touch(int(quote.bid_u), int(quote.ask_u))


def _ahead(bar: Bar) -> Ahead:
    """What is known of an underlying's days to come."""
    return Ahead(_day(bar.next_ex), int(bar.next_dividend_u), _day(bar.next_earnings))


def _day(number: int) -> date | None:
    return day_of(int(number)) if number > 0 else None
