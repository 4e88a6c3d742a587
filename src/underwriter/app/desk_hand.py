"""The hand on a desk: wishes left for one that runs, or obeyed at once where none does."""

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from underwriter.app.desk_again import Again, around
from underwriter.book.event import SleeveOpened
from underwriter.book.journal import Journal
from underwriter.book.naming import named
from underwriter.book.seating import BY_HAND
from underwriter.core.errors import InputError, JournalError
from underwriter.core.units import MICRO, day_of, to_u
from underwriter.desk.cadence import last_moment
from underwriter.desk.hand import is_begun
from underwriter.desk.hearing import hear
from underwriter.desk.inbox import Answer, AnyWish, Close, Roll, Said, Switch
from underwriter.desk.ladder import MINUTE
from underwriter.desk.ledger import Ledger
from underwriter.desk.looking import SleeveLook, look
from underwriter.desk.rolling import Candidate, Rolling

PATIENCE = 30.0  # seconds for which a running desk is waited for
_POLL = 0.1


class Answered(msgspec.Struct, frozen=True):
    """The object of `desk approve`, `refuse`, `close`, `pause`, `resume`, `halt` with --json."""

    done: bool
    running: bool  # whether a desk that runs took it
    lines: list[str]
    until: str = ""  # where none runs: until when, by the exchange, `trade` may send its orders


class LegRolled(msgspec.Struct, frozen=True):
    """One leg of a roll, in contracts, negative where sold."""

    option: str
    quantity: int


class RollSaid(msgspec.Struct, frozen=True):
    """One roll that may be taken; prices a share of one unit, a credit positive."""

    option: str
    legs: list[LegRolled]  # what closes, then what opens
    dte: int
    strike: float
    delta: float
    touch: float
    middle: float
    breakeven: float
    yearly: float  # the net at the touch a year on the strike, a fraction
    stress: float  # worst stress of the new legs, one contract
    why_not: str


class Rolls(msgspec.Struct, frozen=True):
    """The object of `desk roll SLEEVE --json`."""

    sleeve: int
    session: str
    rolls: list[RollSaid]


def ask(
    found: Again, wish: AnyWish, say: Callable[[str], None], patience: float = PATIENCE
) -> Answered:
    """Ask a desk for something, and wait for its answer; InputError where it says no.

    Whoever is interrupted meanwhile asks no more: what nobody took and adds to what the desk does
    is not obeyed later.  Either way it is said.
    """
    inbox = found.folder.inbox
    name = inbox.put(wish, time.time_ns())
    try:
        return _answered(found, wish, name, patience)
    except (KeyboardInterrupt, SystemExit):
        say(f"underwriter: {_withdrawn(found, msgspec.structs.replace(wish, name=name))}")
        raise


def _answered(found: Again, wish: AnyWish, name: str, patience: float) -> Answered:
    """What came of a wish that was left; one that no desk can answer is taken back."""
    inbox, until = found.folder.inbox, ""
    try:
        with Journal.open(found.folder.journal) as journal:
            until = _obey(found, Ledger(journal, found.account), wish)
        running = False
    except JournalError as problem:
        if "no other writer" not in str(problem):
            inbox.take_back(name)
            raise
        running = True
    said = _waited(found, name, patience if running else 0.0)
    if said is None and not running:  # an order of before lives: nobody knows what will be held
        return Answered(done=True, running=False, lines=["taken down; the next trade does it"])
    if said is None:
        inbox.take_back(name)
        raise InputError(
            f"{found.folder.path}: the desk that runs there did not answer for {patience:.0f} "
            "seconds; nothing was done"
        )
    if not said.done:
        raise InputError("; ".join(said.lines))
    return Answered(done=True, running=running, lines=list(said.lines), until=until)


def _withdrawn(found: Again, wish: AnyWish) -> str:
    """Take a wish back that nobody waits for any more; what is said of it.

    What stops the desk stays: it does no harm late, and its asker may have left in a hurry.
    """
    if isinstance(wish, Answer | Switch) and not _adds(wish):
        return "it is left for the desk, which does it as soon as it hears of it"
    inbox = found.folder.inbox
    try:
        inbox.take_back(wish.name)
    except InputError as taken:
        try:
            with Journal.open(found.folder.journal) as journal:  # no desk: it was being obeyed here
                begun = is_begun(Ledger(journal, found.account), wish)
        except JournalError:
            return str(taken)
        if begun:
            return "it was written down before, and stands: the next trade does what is left of it"
        inbox.drop(wish.name)
    return "it was taken back: nothing was done"


def _adds(wish: Answer | Switch) -> bool:
    """Whether a wish lets the desk do more."""
    return wish.yes if isinstance(wish, Answer) else wish.to == "on"


def _obey(found: Again, ledger: Ledger, wish: AnyWish) -> str:
    """Obey what waits where no desk runs; until when one has to run for what this one ordered."""

    def rolls() -> Rolling:
        over = around(found)
        return Rolling(
            ledger.book,
            over.newest(),
            over.rules,
            over.calendar,
        )

    calendar, clock = found.when()
    hear(found.folder.inbox, ledger, (calendar, clock), rolls)
    orders = isinstance(wish, Close | Roll) or (isinstance(wish, Answer) and wish.yes)
    if not orders or not ledger.waiting():
        return ""
    session = ledger.session()
    minute = (last_moment(calendar, session) - calendar.at(session, 0)) // MINUTE
    return f"{day_of(session)} {minute // 60:02d}:{minute % 60:02d}"


def _waited(found: Again, name: str, patience: float) -> Said | None:
    """The answer to a wish, as soon as there is one."""
    until = time.monotonic() + patience
    while (said := found.folder.inbox.said(name)) is None and time.monotonic() < until:
        time.sleep(_POLL)
    return said


class Flattened(NamedTuple):
    """What a sleeve holds, to be closed."""

    sleeve: int
    underlying: str
    shares: int
    legs: tuple[tuple[str, int, int | None], ...]  # option, quantity, mark where it is known
    close_u: int | None  # what its options cost at their marks, where those are known


def flattened(found: Again, asked: Sequence[int]) -> tuple[list[Flattened], str]:
    """What would be closed: what some sleeves hold, or all but what was bought by hand.

    Beside it is why it is not marked, or "": a close needs neither quotes nor the policies that run
    now, since the journal knows what is held.
    """
    ledger, why = found.ledger(), ""
    marked: dict[int, SleeveLook] = {}
    try:
        over = around(found)
        looked = look(ledger.book, over.newest(), over.rules, over.calendar)
        marked = {one.sleeve: one for one in looked}
    except InputError as problem:
        why = str(problem)
    sleeves = [
        one
        for one in ledger.book.sleeves
        if one.account == found.account and (one.sleeve in asked if asked else one.name != BY_HAND)
    ]
    every = [_flattened(one, ledger, marked.get(one.sleeve)) for one in sleeves]
    return [one for one in every if one.legs or one.shares], why


def _flattened(opened: SleeveOpened, ledger: Ledger, marked: SleeveLook | None) -> Flattened:
    """What one sleeve holds."""
    marks = {leg.option: leg.mark_u for leg in marked.legs} if marked else {}
    held = ledger.held(opened.sleeve)
    legs = tuple((option, quantity, marks.get(option)) for option, quantity in held.items())
    close_u = marked.close_u if marked else None
    shares = int(ledger.row(opened.sleeve).shares)
    return Flattened(opened.sleeve, opened.underlying, shares, legs, close_u)


def rolls_of(found: Again, sleeve: int) -> Rolls:
    """The rolls of a sleeve."""
    over, ledger = around(found), found.ledger()
    slab = over.newest()
    made = Rolling(ledger.book, slab, over.rules, over.calendar).candidates(sleeve)
    return Rolls(
        sleeve, str(day_of(int(slab.market.sessions[0].day))), [_said(one) for one in made]
    )


def roll_into(sleeve: int, option: str, least: float | None, rolls: Rolls) -> Roll:
    """The wish to roll into one of some rolls; InputError where it is none of them."""
    wanted = _squeezed(option)
    found = next((one for one in rolls.rolls if wanted in _names(one.option)), None)
    if found is None:
        raise InputError(
            f"found no roll of sleeve {sleeve} into {named(option)}; desk roll {sleeve}"
        )
    net = found.touch if least is None else least
    return Roll(sleeve=sleeve, option=found.option, least_u=int(to_u(net)))


def _names(option: str) -> set[str]:
    """What an option may be called: its OSI symbol, and as people write it; blanks do not count."""
    return {_squeezed(option), _squeezed(named(option))}


def _squeezed(text: str) -> str:
    return "".join(text.upper().split())


def _said(one: Candidate) -> RollSaid:
    return RollSaid(
        option=one.option, dte=one.dte,
        legs=[LegRolled(leg.option, leg.quantity) for leg in one.legs],
        strike=one.strike_u / MICRO, delta=one.delta, touch=one.touch_u / MICRO,
        middle=one.mid_u / MICRO, breakeven=one.breakeven_u / MICRO, yearly=one.yearly,
        stress=one.stress_u / MICRO, why_not=one.why,
    )  # fmt: skip
