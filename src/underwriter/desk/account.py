"""What a broker's account may do, as far as a desk must know: asked by `doctor`, and as it trades.

    account()      status, approval level, buying power, feed and clock, in one answer

An adapter implements `AccountCheck` beside `Broker`; it changes nothing and sends no order.  What
the answer means is judged here, so that every broker is judged alike.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, Literal, NamedTuple, Protocol

from underwriter.book.imports.statement import Statement
from underwriter.core.errors import InputError
from underwriter.core.units import MICRO
from underwriter.desk.brokers.paper_account import Account

# collected: one chain stands for its whole session, and is never too old
Feed = Literal["real-time", "delayed", "collected", "none", "replayed"]
DOLLARS: Final = "USD"


class AccountSeen(NamedTuple):
    """An account as its broker tells it."""

    broker: str
    number: str  # all but its last four characters hidden; "" where it is still to be opened
    practice: bool  # no money moves
    status: str  # the broker's word
    active: bool  # whether that word lets it trade
    blocked: str  # why it may not trade or open, "" where it may
    level: int | None  # of its approval for options; None where the broker has no levels
    buying_power_u: int  # for options
    feed: Feed  # of option quotes
    feed_name: str  # the broker's word
    now: int | None  # the broker's clock, UTC nanoseconds; None where it has none of its own
    currency: str = DOLLARS  # in which it is kept


class AccountCheck(Protocol):
    """One account at a broker, looked at."""

    def account(self) -> AccountSeen:
        """What it is now.  Raises BrokerError."""
        ...


# the approval that each strategy needs, by broker; a broker without a row has no levels
# Alpaca: 1 covered calls and cash-secured puts, 2 long options too, 3 spreads too; nothing naked
# (docs.alpaca.markets, Options Trading, Trading Levels)
NEVER: Final = 99
LEVELS: Final[Mapping[str, Mapping[str, int]]] = {
    "alpaca": {
        "cash_secured_put": 1,
        "covered_call": 1,
        "wheel": 1,
        "collar": 2,
        "put_spread": 3,
        "call_spread": 3,
        "iron_condor": 3,
        "strangle": NEVER,
    },
}


class Fault(NamedTuple):
    """Something about an account that stands in the way, or may."""

    grave: bool
    what: str  # account, currency, approval, buying power, feed
    found: str
    mend: str


def faults(seen: AccountSeen, strategies: Mapping[str, str]) -> Iterator[Fault]:
    """What stands in the way of policies, `strategies` by their names."""
    if not seen.active or seen.blocked:
        why = seen.blocked or f"its status is {seen.status}"
        yield Fault(True, "account", why, f"ask {seen.broker}, or look at its account page")
    if seen.currency != DOLLARS:
        yield Fault(True, "currency", f"it is kept in {seen.currency}", _IN_DOLLARS)
    for name, strategy in strategies.items():
        yield from _approval(seen, name, strategy)
    if seen.buying_power_u <= 0:
        found = f"{seen.buying_power_u / MICRO:,.2f} for options"
        mend = "deposit money, or close something: until then nothing can be opened"
        yield Fault(True, "buying power", found, mend)
    yield from _feed(seen)


def _feed(seen: AccountSeen) -> Iterator[Fault]:
    """Whether its quotes of options are of the moment: what is not stops entries with money."""
    if seen.feed == "delayed":
        found = f"quotes are delayed ({seen.feed_name})"
        mend = "subscribe to real-time option quotes: by delayed ones entries stop"
        yield Fault(not seen.practice, "feed", found, mend)
    elif seen.feed == "collected" and not seen.practice:
        found = f"quotes are not of the moment ({seen.feed_name})"
        yield Fault(True, "feed", found, 'take them as they move: desk.quotes = "alpaca"')
    elif seen.feed == "none":
        mend = "subscribe to option quotes, and end other sessions that use them"
        yield Fault(True, "feed", f"no quotes of options ({seen.feed_name})", mend)


def _approval(seen: AccountSeen, name: str, strategy: str) -> Iterator[Fault]:
    """Whether the account is approved for what a policy sells."""
    needed = LEVELS.get(seen.broker, {}).get(strategy)
    if needed is None or seen.level is None:
        return
    if needed == NEVER:
        mend = "choose another strategy, such as iron_condor, or another broker"
        yield Fault(True, "approval", f"{name}: {seen.broker} takes no {strategy}", mend)
    elif seen.level < needed:
        found = f"{name}: {strategy} needs options level {needed}, found {seen.level}"
        mend = f"ask {seen.broker} for options level {needed}: until then every entry is rejected"
        yield Fault(True, "approval", found, mend)


def standing(seen: AccountSeen) -> tuple[Fault, ...]:
    """What a desk holds back for while it trades, where it is grave, and else only says.

    What an account is approved for, and has to buy with, its broker answers order by order.
    """
    return tuple(one for one in faults(seen, {}) if one.what in {"account", "feed"})


def why_held(found: Iterable[Fault], broker: str) -> str:
    """Why nothing that adds risk goes out, in the words of an account and its feed, or nothing."""
    return "; ".join(f"{broker}: {one.what}: {one.found}" for one in found if one.grave)


def in_dollars(statement: Statement) -> Statement:
    """A statement; InputError of an account that is not kept in dollars, as figures here are."""
    if statement.currency != DOLLARS:
        raise InputError(
            f"{statement.broker}: account {statement.account}: expected one that is kept in "
            f"{DOLLARS}, found {statement.currency}: {_IN_DOLLARS}"
        )
    return statement


_IN_DOLLARS: Final = "prices, collateral and limits are in dollars; use an account kept in them"


class Fed:
    """An account whose quotes come from a feed that is not its broker's own word."""

    def __init__(self, check: AccountCheck, feed: Feed, name: str) -> None:
        self.check, self.feed, self.name = check, feed, name

    def account(self) -> AccountSeen:
        """What it is now, beside that feed.  Raises BrokerError."""
        return self.check.account()._replace(feed=self.feed, feed_name=self.name)


class PaperCheck:
    """The paper account, read as it is kept: nothing in it happens."""

    def __init__(self, read: Callable[[], Account | None]) -> None:
        self._read = read

    def account(self) -> AccountSeen:
        """What it is now; InputError where what is kept is no account."""
        kept = self._read()
        cash_u = 0 if kept is None else kept.cash_u
        number = "" if kept is None else kept.number
        return AccountSeen(
            "paper", number, True, "active", True, "", None, cash_u, "replayed", "the desk's own",
            None,
        )  # fmt: skip
