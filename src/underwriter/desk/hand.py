"""What a hand may do: answer, switch, close, roll; each wish becomes events, or a refusal in words.

A close lowers risk and needs no check; a roll passes the step's own judgement, as those that the
policy wishes do.  Where an intent of the same sleeve is on its way it is taken back first.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from underwriter.book.event import Answered, AnyEvent, Approved, Leg, SleeveOpened, Switched
from underwriter.core import reason
from underwriter.core.errors import InputError
from underwriter.core.sleeve import ROLL_LONG, ROLL_SHORT
from underwriter.desk.inbox import Answer, AnyWish, Close, Roll, Switch
from underwriter.desk.intent import Intent
from underwriter.desk.ledger import Ledger
from underwriter.desk.rolling import Rolling


class Moment(NamedTuple):
    """When a wish is acted on."""

    at: int  # UTC nanoseconds
    session: date
    account: str

    def common(self, name: str, count: int) -> dict[str, Any]:
        """What the events of a wish carry; their ids are of its name, each its own."""
        whose = {"at": self.at, "session": self.session, "account": self.account}
        return {**whose, "id": f"hand-{name}-{count}"}


class Acted(NamedTuple):
    """The events of a wish, and what is said of it."""

    events: tuple[AnyEvent, ...]
    lines: tuple[str, ...]


def is_done(ledger: Ledger, wish: AnyWish) -> bool:
    """Whether a wish is in the journal already."""
    return (ledger.account, f"hand-{wish.name}-0") in ledger.folding.told


def act(ledger: Ledger, wish: AnyWish, moment: Moment, rolling: Rolling | None) -> Acted:
    """The events of a wish; InputError where it cannot be done.

    `rolling` judges rolls on the quotes of the moment; None where nothing is quoted.
    """
    if isinstance(wish, Answer):
        return _answered(ledger, wish, moment)
    if isinstance(wish, Switch):
        event = Switched(**moment.common(wish.name, 0), to=wish.to, by="hand", why=wish.why)
        return Acted((event,), (f"the desk of {moment.account} is {_SETTINGS[wish.to]}",))
    if isinstance(wish, Close):
        return _closed(ledger, wish, moment)
    return _rolled(ledger, wish, moment, rolling)


_SETTINGS = {"on": "on", "paused": "paused: it opens nothing", "halted": "halted"}


def _answered(ledger: Ledger, wish: Answer, moment: Moment) -> Acted:
    """A yes or a no to intents that wait."""
    events: list[AnyEvent] = []
    waiting = ledger.waiting()
    asked = wish.of or tuple(waiting)
    for of in asked:
        one = waiting.get(of)
        if one is None:
            known = ", ".join(map(str, waiting)) or "none"
            raise InputError(f"found no intent {of} to answer; there are {known}")
        common = moment.common(wish.name, len(events))
        events.append(Answered(**common, **_whose(one), of=of, yes=wish.yes))
    if not events:
        raise InputError("found no intent to answer; there are none")
    said = "approved" if wish.yes else "refused"
    return Acted(tuple(events), tuple(f"{said} intent {of}" for of in asked))


def _closed(ledger: Ledger, wish: Close, moment: Moment) -> Acted:
    """Closes of all that sleeves hold, whatever was on its way there refused."""
    events: list[AnyEvent] = []
    lines = []
    for sleeve in dict.fromkeys(wish.sleeves):
        opened = _sleeve(ledger, sleeve)
        _require_no_close(ledger, sleeve)
        events += _refusals(ledger, sleeve, wish.name, len(events), moment)
        held, row = ledger.held(sleeve), ledger.row(sleeve)
        if row.quantity[ROLL_SHORT] or row.quantity[ROLL_LONG]:
            raise InputError(f"sleeve {sleeve}: its roll is not whole; refuse or wait for it first")
        shares = 0 if wish.keep else -int(row.shares)
        if not held and not shares:
            raise InputError(f"sleeve {sleeve}: found nothing to close")
        common = moment.common(wish.name, len(events))
        whose = {"sleeve": sleeve, "campaign": int(row.campaign)}
        whose["policy"] = ledger.policies.get(opened.name, opened.policy)  # in force
        events.append(_close_of(held, shares, common | whose))
        lines.append(f"close of sleeve {sleeve}, {opened.name} on {opened.underlying}: approved")
    return Acted(tuple(events), tuple(lines))


def _require_no_close(ledger: Ledger, sleeve: int) -> None:
    """InputError where a close that a hand asked for is on its way already."""
    for one in ledger.waiting().values():
        by_hand = one.event.why == reason.NAMES[reason.HAND] and one.action != "roll"
        if one.event.sleeve == sleeve and by_hand and ledger.answers.get(one.sequence) is not False:
            raise InputError(f"sleeve {sleeve}: its close is on its way, intent {one.sequence}")


def _close_of(held: dict[str, int], shares: int, whose: dict[str, Any]) -> Approved:
    """What ends options and shares that are held."""
    legs = tuple(Leg(option, -quantity) for option, quantity in held.items())
    several = len(legs) > 1 or bool(legs and shares)
    alone = "buy_shares" if shares > 0 else "sell_shares"
    return Approved(
        **whose, action="close" if legs else alone, option=legs[0].option if legs else None,
        quantity=abs(legs[0].quantity) if legs else abs(shares), why=reason.NAMES[reason.HAND],
        legs=legs if several else (), shares=shares if legs else 0,
    )  # fmt: skip


def _refusals(
    ledger: Ledger, sleeve: int, name: str, first: int, moment: Moment
) -> Iterable[AnyEvent]:
    """A no to every intent of a sleeve that is on its way."""
    found = [one for one in ledger.waiting().values() if one.event.sleeve == sleeve]
    for count, one in enumerate(found, first):
        common = moment.common(name, count)
        yield Answered(**common, **_whose(one), of=one.sequence, yes=False)


def _whose(one: Intent) -> dict[str, Any]:
    """The sleeve that an intent is of."""
    return {name: getattr(one.event, name) for name in ("sleeve", "campaign", "policy")}


def _rolled(ledger: Ledger, wish: Roll, moment: Moment, rolling: Rolling | None) -> Acted:
    """A roll that the step's judgement lets through."""
    opened = _sleeve(ledger, wish.sleeve)
    if rolling is None:
        raise InputError("found no quotes of this session to judge a roll by; expected some")
    rolls = rolling.candidates(wish.sleeve)
    found = next((one for one in rolls if one.option == wish.option), None)
    if found is None:
        raise InputError(
            f"sleeve {wish.sleeve}: found no roll into {wish.option}; desk roll {wish.sleeve} "
            "lists them"
        )
    if found.why:
        raise InputError(f"sleeve {wish.sleeve}: the roll into {wish.option}: {found.why}")
    events = [*_refusals(ledger, wish.sleeve, wish.name, 0, moment)]
    campaign = int(ledger.row(wish.sleeve).campaign)
    approved = Approved(
        **moment.common(wish.name, len(events)), sleeve=wish.sleeve, campaign=campaign,
        policy=_judging(rolling, opened), action="roll", option=found.legs[0].option,
        quantity=abs(found.legs[0].quantity), why=reason.NAMES[reason.HAND], legs=found.legs,
        limit_u=wish.least_u,
    )  # fmt: skip
    return Acted((*events, approved), (f"roll of sleeve {wish.sleeve}: approved",))


def _judging(rolling: Rolling, opened: SleeveOpened) -> str:
    """The hash of the policy by which a roll was judged, which may be newer than its sleeve."""
    return next(one.hash for one in rolling.rules.named if one.name == opened.name)


def _sleeve(ledger: Ledger, sleeve: int) -> Any:  # noqa: ANN401  as the ledger opened it
    """A sleeve of this desk; InputError where there is none."""
    known = [one.sleeve for one in ledger.book.sleeves if one.account == ledger.account]
    if sleeve not in known:
        told = f"0 to {max(known)}" if known else "none"
        raise InputError(f"found no sleeve {sleeve} in account {ledger.account}; there are {told}")
    return ledger.opened(sleeve)
