"""Whether every sleeve that holds something has a seat among the policies that are named.

A session is decided for the whole account or not at all, so one sleeve that nobody manages leaves
every session undecided and every night unsettled.  That is said as a desk starts, where somebody
looks, and not each day after.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterator

from underwriter.app.request import Request
from underwriter.book.event import Answered
from underwriter.book.positions import Holding, holdings
from underwriter.book.seating import BY_HAND
from underwriter.core.errors import InputError
from underwriter.desk.cadence import last_moment
from underwriter.desk.guard import lowers_risk as lowers
from underwriter.desk.hand import closing
from underwriter.desk.ledger import Ledger
from underwriter.desk.ports import Clock
from underwriter.desk.route import rest_of
from underwriter.desk.turn import session_of
from underwriter.market.calendar import Calendar

Say = Callable[[str], None]
When = tuple[Calendar, Clock]


def require_seats(ledger: Ledger, request: Request, when: When, say: Say) -> None:
    """InputError for what is held and has no seat: which sleeve, what it holds, what to name.

    It is said and let on where what lowers risk is on its way: a close that a hand asked for and
    that can go out, or an order that may still work and has to be looked up.
    """
    standing = unseated(ledger, request)
    lines = [_line(one, request) for one in _held(ledger, standing)]
    said = f"{'; '.join(lines)}; until then no session is decided, and none settled"
    if lines and not lowers_risk(ledger, when):
        raise InputError(said)
    if lines:
        say(f"what is on its way goes on: {said}")


def unseated(ledger: Ledger, request: Request) -> set[int]:
    """The account's sleeves without a seat; a ladder's first rungs have the seats."""
    free = Counter({
        (policy.name, symbol): policy.content.rungs
        for policy in request.policies
        for symbol in policy.content.universe
    })  # fmt: skip
    standing = set()
    for opened in ledger.book.sleeves:
        place = opened.name, opened.underlying
        if opened.account == ledger.account and opened.name != BY_HAND:
            free[place] -= 1
            if free[place] < 0:
                standing.add(opened.sleeve)
    return standing


def _held(ledger: Ledger, sleeves: Container[int]) -> Iterator[Holding]:
    """What some sleeves of the account hold."""
    for one in holdings(ledger.book):
        if one.opened.account == ledger.account and one.opened.sleeve in sleeves:
            yield one


def take_back(ledger: Ledger, sleeves: Container[int], at: int) -> None:
    """Say no to what adds risk and is on its way in sleeves that nobody gives a seat any more."""
    no = [
        Answered(
            at=at, session=one.event.session, account=ledger.account, sleeve=one.event.sleeve,
            campaign=one.event.campaign, policy=one.event.policy, of=sequence, yes=False,
        )
        for sequence, one in ledger.waiting().items()
        if one.event.sleeve in sleeves
        and ledger.answers.get(sequence) is not False
        and not lowers(
            rest_of(one, ledger.attempts(one)), int(ledger.row(one.event.sleeve).shares)
        )
    ]  # fmt: skip
    ledger.append(no, at)
    ledger.commit()


def lowers_risk(ledger: Ledger, when: When) -> bool:
    """Whether a start would end orders, or send the closes of a hand."""
    if any(account == ledger.account for account, _ in ledger.folding.orders.live):
        return True
    calendar, clock = when
    return any(clock.now() < last_moment(calendar, session_of(one)) for one in closing(ledger))


def _line(one: Holding, request: Request) -> str:
    """One sleeve, what it holds, and what gives it a seat or empties it."""
    opened = one.opened
    legs = [f"{leg.quantity:+,} {leg.contract}" for leg in one.legs]
    shares = [f"{one.shares:,} shares of {opened.underlying}"] if one.shares else []
    return (
        f"sleeve {opened.sleeve} holds {', '.join([*shares, *legs])} under the policy "
        f"{opened.name}, {_mend(one, request)}"
    )


def _mend(one: Holding, request: Request) -> str:
    """What is wrong with the policies that are named, and what to do."""
    opened = one.opened
    close = f"underwriter desk close {opened.sleeve}"
    named = next((each for each in request.policies if each.name == opened.name), None)
    if named is None:
        wrong = f"which is not named: name it, too, beside {request.name}"
    elif opened.underlying not in named.content.universe:
        wrong = f"whose universe has no {opened.underlying} any more: put it back"
    else:
        wrong = f"which has no rung for it any more: raise its rungs = {named.content.rungs}"
    quoted = "" if opened.underlying in request.universe else ", where the broker quotes it"
    return f"{wrong}, or close it{quoted}: {close}"
