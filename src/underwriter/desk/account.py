"""What a broker's account may do, as far as a desk must know before it trades: asked by `doctor`.

    account()      status, approval level, buying power, feed and clock, in one answer

An adapter implements `AccountCheck` beside `Broker`; it changes nothing and sends no order.  What
the answer means is judged here, so that every broker is judged alike.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, Literal, NamedTuple, Protocol

from underwriter.core.units import MICRO
from underwriter.desk.brokers.paper_account import Account

Feed = Literal["real-time", "delayed", "none", "replayed"]


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
    what: str  # account, approval, buying power, feed
    found: str
    mend: str


def faults(seen: AccountSeen, strategies: Mapping[str, str]) -> Iterator[Fault]:
    """What stands in the way of policies, `strategies` by their names."""
    if not seen.active or seen.blocked:
        why = seen.blocked or f"its status is {seen.status}"
        yield Fault(True, "account", why, f"ask {seen.broker}, or look at its account page")
    for name, strategy in strategies.items():
        yield from _approval(seen, name, strategy)
    if seen.buying_power_u <= 0:
        found = f"{seen.buying_power_u / MICRO:,.2f} for options"
        mend = "deposit money, or close something: until then nothing can be opened"
        yield Fault(True, "buying power", found, mend)
    if seen.feed == "delayed":
        found = f"quotes are delayed ({seen.feed_name})"
        mend = "subscribe to real-time option quotes: by delayed ones entries stop"
        yield Fault(not seen.practice, "feed", found, mend)
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
