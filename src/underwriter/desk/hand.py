"""What a hand may do: answer, switch, close, roll; each wish becomes events, or a refusal in words.

A close lowers risk and needs no check; a roll passes the step's own judgement, as those that the
policy wishes do.  Where an intent of the same sleeve is on its way it is taken back first.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from underwriter.book.event import Answered, AnyEvent, Approved, Leg, SleeveOpened, Switched
from underwriter.book.naming import named
from underwriter.core import reason
from underwriter.core.errors import InputError
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
    waits: bool = False  # the wish is not done yet, and stays


def is_done(ledger: Ledger, wish: AnyWish) -> bool:
    """Whether a wish is in the journal already."""
    return (ledger.account, f"hand-{wish.name}-0") in ledger.folding.told


def is_begun(ledger: Ledger, wish: AnyWish) -> bool:
    """Whether anything of a wish is in the journal."""
    return any(told.startswith(f"hand-{wish.name}-") for _, told in ledger.folding.told)


def act(ledger: Ledger, wish: AnyWish, moment: Moment, rolling: Rolling | None) -> Acted:
    """The events of a wish; InputError where it cannot be done.

    `rolling` has the quotes of the moment; None where nothing is quoted, or none are needed.
    """
    if isinstance(wish, Answer):
        return _answered(ledger, wish, moment)
    if isinstance(wish, Switch):
        return _switched(ledger, wish, moment, rolling)
    if isinstance(wish, Close):
        return _closed(ledger, wish, moment)
    return _rolled(ledger, wish, moment, rolling)


def needs_quotes(ledger: Ledger, wish: AnyWish) -> bool:
    """Whether a wish is judged by the quotes of the moment."""
    return isinstance(wish, Roll) or (isinstance(wish, Switch) and _lifts_a_halt(ledger, wish))


def _lifts_a_halt(ledger: Ledger, wish: Switch) -> bool:
    return wish.to == "on" and ledger.losses.setting == "halted"


def _switched(ledger: Ledger, wish: Switch, moment: Moment, rolling: Rolling | None) -> Acted:
    """A switch; where it lifts a halt, with what the account is worth, from which losses count."""
    if wish.to == "paused" and ledger.losses.setting == "halted":
        raise InputError(
            f"the desk of {moment.account} is halted, which holds back more than a pause; nothing "
            "was changed: desk resume lifts it"
        )
    lifts, losses = _lifts_a_halt(ledger, wish), ledger.losses
    worth_u = rolling.worth_u if lifts and rolling else losses.evening_u
    event = Switched(
        **moment.common(wish.name, 0), to=wish.to, by="hand", why=wish.why,
        equity_u=worth_u if lifts else 0,
    )  # fmt: skip
    return Acted((event,), (f"the desk of {moment.account} is {_SETTINGS[wish.to]}",))


_SETTINGS = {"on": "on", "paused": "paused: it opens nothing", "halted": "halted"}


def _answered(ledger: Ledger, wish: Answer, moment: Moment) -> Acted:
    """A yes or a no to intents that wait."""
    events: list[AnyEvent] = []
    waiting = ledger.waiting()
    refused = {of for of in waiting if ledger.answers.get(of) is False}
    open_ = [of for of in waiting if of not in refused]
    asked = wish.of or tuple(open_)
    for of in asked:
        one = waiting.get(of)
        if one is None or of in refused:
            known = ", ".join(map(str, open_)) or "none"
            over = "; it was refused, which stands" if of in refused else ""
            raise InputError(f"found no intent {of} to answer; there are {known}{over}")
        common = moment.common(wish.name, len(events))
        events.append(Answered(**common, **_whose(one), of=of, yes=wish.yes))
    if not events:
        raise InputError("found no intent to answer; there are none")
    said = "approved" if wish.yes else "refused"
    return Acted(tuple(events), tuple(f"{said} intent {of}" for of in asked))


def _closed(ledger: Ledger, wish: Close, moment: Moment) -> Acted:
    """Closes of all that sleeves hold, whatever was on its way there refused.

    While an order lives in one of them nobody knows what it will hold: it is taken back, and the
    close waits for its end.  A sleeve that cannot be closed holds no other back.
    """
    sleeves = [*dict.fromkeys(wish.sleeves)]
    busy = [sleeve for sleeve in sleeves if is_at_work(ledger, sleeve)]
    events = [*_refused(ledger, busy, wish.name, moment)]
    lines, problems = [], []
    for sleeve in sleeves:
        if sleeve in busy:
            continue
        try:
            found, said = _close_events(ledger, sleeve, wish, moment)
        except InputError as problem:
            problems.append(str(problem))
            continue
        opened = ledger.opened(sleeve)
        lines.append(f"close of sleeve {sleeve}, {opened.name} on {opened.underlying}: {said}")
        events += found
    if not lines and not busy:
        raise InputError("; ".join(problems))
    return Acted(tuple(events), (*lines, *problems), waits=bool(busy))


def is_at_work(ledger: Ledger, sleeve: int) -> bool:
    """Whether an order of a sleeve lives that is none of a hand's close."""
    closes = {
        attempt.intended.client
        for one in ledger.intents.values()
        if _is_close(ledger, one)
        for attempt in ledger.attempts(one)
    }
    return any(
        account == ledger.account and order.intended.sleeve == sleeve and client not in closes
        for (account, client), order in ledger.folding.orders.live.items()
    )


def _refused(
    ledger: Ledger, sleeves: list[int], name: str, moment: Moment, *, closes: bool = False
) -> Iterable[AnyEvent]:
    """A no to what is on its way in sleeves, each once; to a hand's closes where it is said."""
    for one in ledger.waiting().values():
        sleeve, said = one.event.sleeve, ledger.answers.get(one.sequence)
        if sleeve in sleeves and said is not False and (closes or not _is_close(ledger, one)):
            common = moment.common(name, 0) | {"id": f"{_no(name, sleeve)}{one.sequence}"}
            yield Answered(**common, **_whose(one), of=one.sequence, yes=False)


def _no(name: str, sleeve: int) -> str:
    """How the ids begin of what a close or a roll took back in a sleeve."""
    return f"hand-{name}-no-{sleeve}-"


def _close_events(
    ledger: Ledger, sleeve: int, wish: Close, moment: Moment
) -> tuple[list[AnyEvent], str]:
    """The events that close a sleeve, and what is said of it; InputError where nothing can be."""
    name, opened = f"hand-{wish.name}-close-{sleeve}", _sleeve(ledger, sleeve)
    if (ledger.account, name) in ledger.folding.told:
        return [], "approved"  # while another sleeve was waited for
    _require_no_close(ledger, sleeve)
    events = [*_refused(ledger, [sleeve], wish.name, moment)]
    held, row = ledger.held(sleeve), ledger.row(sleeve)
    shares = 0 if wish.keep else -int(row.shares)
    if held or shares:
        whose = {"sleeve": sleeve, "campaign": int(row.campaign), "id": name}
        whose["policy"] = ledger.policies.get(opened.name, opened.policy)  # in force
        return [*events, _close_of(held, shares, moment.common(wish.name, 0) | whose)], "approved"
    if not events and not any(one.startswith(_no(wish.name, sleeve)) for one in ledger.known):
        raise InputError(f"sleeve {sleeve}: found nothing to close")
    return events, "what was on its way is taken back, and nothing is held"


def _is_close(ledger: Ledger, one: Intent) -> bool:
    """Whether an intent is a close that a hand asked for, and took back by no other wish."""
    by_hand = one.event.why == reason.NAMES[reason.HAND] and one.action != "roll"
    return by_hand and ledger.answers.get(one.sequence) is not False


def closing(ledger: Ledger) -> Iterable[Intent]:
    """The closes that a hand asked for and that are on their way."""
    return (one for one in ledger.waiting().values() if _is_close(ledger, one))


def _require_no_close(ledger: Ledger, sleeve: int) -> None:
    """InputError where a close that a hand asked for is on its way already."""
    for one in closing(ledger):
        if one.event.sleeve == sleeve:
            raise InputError(f"sleeve {sleeve}: its close is on its way, intent {one.sequence}")


def _close_of(held: Mapping[str, int], shares: int, whose: dict[str, Any]) -> Approved:
    """What ends options and shares that are held."""
    legs = tuple(Leg(option, -quantity) for option, quantity in held.items())
    several = len(legs) > 1 or bool(legs and shares)
    alone = "buy_shares" if shares > 0 else "sell_shares"
    return Approved(
        **whose, action="close" if legs else alone, option=legs[0].option if legs else None,
        quantity=abs(legs[0].quantity) if legs else abs(shares), why=reason.NAMES[reason.HAND],
        legs=legs if several else (), shares=shares if legs else 0,
    )  # fmt: skip


def _whose(one: Intent) -> dict[str, Any]:
    """The sleeve that an intent is of."""
    return {name: getattr(one.event, name) for name in ("sleeve", "campaign", "policy")}


def _rolled(ledger: Ledger, wish: Roll, moment: Moment, rolling: Rolling | None) -> Acted:
    """A roll that the step's judgement lets through."""
    opened = _sleeve(ledger, wish.sleeve)
    if is_at_work(ledger, wish.sleeve):
        raise InputError(f"sleeve {wish.sleeve}: an order of it works; refuse it, or wait for it")
    if rolling is None:
        raise InputError("found no quotes of this session to judge a roll by; expected some")
    rolls = rolling.candidates(wish.sleeve)
    found = next((one for one in rolls if one.option == wish.option), None)
    if found is None:
        raise InputError(
            f"sleeve {wish.sleeve}: found no roll into {named(wish.option)}; desk roll "
            f"{wish.sleeve} "
            "lists them"
        )
    if found.why:
        raise InputError(f"sleeve {wish.sleeve}: the roll into {named(wish.option)}: {found.why}")
    events = [*_refused(ledger, [wish.sleeve], wish.name, moment, closes=True)]
    campaign = int(ledger.row(wish.sleeve).campaign)
    approved = Approved(
        **moment.common(wish.name, 0), sleeve=wish.sleeve, campaign=campaign,
        policy=_judging(rolling, opened), action="roll", option=found.legs[0].option,
        quantity=abs(found.legs[0].quantity), why=reason.NAMES[reason.HAND], legs=found.legs,
        limit_u=wish.least_u, mark_u=found.mid_u,
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
