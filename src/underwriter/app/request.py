"""What is to be backtested: a policy, on which history, under which settings, written where."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from underwriter.app.policy_file import WrittenPolicy
from underwriter.app.settings import Fills, House, Settings


@dataclass(frozen=True, slots=True)
class OwnHistory:
    """Files of the user's own: prices, their volatility index, and bill yields in percent."""

    spot: Path
    vol: Path
    bills: Path


@dataclass(frozen=True, slots=True)
class Request:
    """A backtest that was asked for; `own` None is the history that comes along."""

    policy: WrittenPolicy
    house: House
    settings: Settings
    folder: Path
    own: OwnHistory | None = None
    first: date | None = None
    last: date | None = None
    report: Path | None = None

    @property
    def starting_cash(self) -> float:
        """Dollars a backtest begins with: as set, else the usual, or what the policy needs."""
        account = self.settings.account
        if "starting_cash" in account.model_fields_set:
            return account.starting_cash
        return max(account.starting_cash, self.policy.content.least_capital)

    @property
    def fills(self) -> Fills:
        """How orders meet quotes."""
        return self.settings.fills
