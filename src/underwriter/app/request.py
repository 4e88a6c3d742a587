"""What is to be run: policies in one account, on which history, under which settings, and where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from underwriter.app.policy_file import WrittenPolicy
from underwriter.app.settings import Fills, House, Settings
from underwriter.core.errors import InputError

MOST = 20  # policies of one account
_NAME = 120  # characters of a run's name


@dataclass(frozen=True, slots=True)
class OwnHistory:
    """Files of the user's own: prices, their volatility index, and bill yields in percent."""

    spot: Path
    vol: Path
    bills: Path


class Named(NamedTuple):
    """A symbol where a policy names it."""

    policy: WrittenPolicy
    at: int  # of its universe

    @property
    def symbol(self) -> str:
        """The symbol."""
        return self.policy.content.universe[self.at]


@dataclass(frozen=True, slots=True)
class Request:
    """A run that was asked for; `own` None is the history that comes along.

    `others` are further policies of the same account, which share its cash and its caps.
    """

    policy: WrittenPolicy
    house: House
    settings: Settings
    folder: Path
    own: OwnHistory | None = None
    first: date | None = None
    last: date | None = None
    report: Path | None = None
    others: tuple[WrittenPolicy, ...] = ()
    without: frozenset[str] = frozenset()  # symbols of its policies that it goes without

    @property
    def policies(self) -> tuple[WrittenPolicy, ...]:
        """All policies, in the order of their numbers."""
        return (self.policy, *self.others)

    @property
    def named(self) -> tuple[Named, ...]:
        """Every symbol of every policy, but for those that it goes without."""
        return tuple(
            Named(policy, at)
            for policy in self.policies
            for at, symbol in enumerate(policy.content.universe)
            if symbol not in self.without
        )

    @property
    def universe(self) -> tuple[str, ...]:
        """The symbols of all policies, each once, in the order of their numbers."""
        return tuple(dict.fromkeys(each.symbol for each in self.named))

    @property
    def name(self) -> str:
        """What the run is called: by its policies; where that is long, by the first and a hash."""
        names = [each.name for each in self.policies]
        joined = "+".join(names)
        if len(joined) <= _NAME:
            return joined
        told = blake2b(joined.encode(), digest_size=4).hexdigest()
        return f"{names[0]}+{len(names) - 1}-{told}"

    @property
    def hash(self) -> str:
        """What names the content of its policies."""
        return "+".join(each.hash for each in self.policies)

    @property
    def target(self) -> float | None:
        """Dollars a month that the policies shall bring together; None where none says."""
        said = [each.content.income.target for each in self.policies if each.content.income]
        return sum(said) if said else None

    @property
    def starting_cash(self) -> float:
        """Dollars a backtest begins with: as set, else the usual, or what the policy needs."""
        account = self.settings.account
        if "starting_cash" in account.model_fields_set:
            return account.starting_cash
        least = sum(each.content.least_capital for each in self.policies)
        return max(account.starting_cash, least)

    @property
    def fills(self) -> Fills:
        """How orders meet quotes."""
        return self.settings.fills


def together(policies: Sequence[WrittenPolicy]) -> tuple[WrittenPolicy, ...]:
    """Policies of one account; InputError where they cannot be told apart or decided together."""
    if not policies:
        raise InputError("POLICY: found none; expected one policy or more")
    if len(policies) > MOST:
        raise InputError(f"POLICY: found {len(policies)} policies; expected at most {MOST}")
    names = [each.name for each in policies]
    if twice := next((name for at, name in enumerate(names) if name in names[:at]), None):
        raise InputError(f"POLICY: found {twice} twice; expected each once")
    first = policies[0]
    for each in policies[1:]:
        if each.content.decide_at != first.content.decide_at:
            raise each.source.error(
                ("decide_at",),
                f"found decide_at = {each.content.decide_at} beside {first.name}, which decides "
                f"at {first.content.decide_at}",
                "expected one moment for all policies of an account",
            )
    return tuple(policies)
