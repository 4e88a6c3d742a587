"""Approvals above a cap of their policy or their account, by the evening they led to.

An evening is held against the larger of two equities, its own and that of the evening before: what
was decided in between saw neither.  Half a percent of it is let go, for what the fills cost.
"""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from underwriter.book.event import Approved, Marked, SleeveOpened
from underwriter.report import say
from underwriter.report.weekly.rows import Breach
from underwriter.report.weekly.told import Told

KIND = "approval above a cap"
SLACK = 0.005


class _Session(NamedTuple):
    """A session on which something was opened, and the evenings around it."""

    day: date
    opened: list[tuple[int, Approved]]
    eve: Marked | None
    number: int
    mark: Marked

    @property
    def equity_u(self) -> int:
        """What caps are shares of."""
        return max(self.mark.equity_u, 0 if self.eve is None else self.eve.equity_u)

    def breach(self, text: str, opened: list[tuple[int, Approved]]) -> Breach:
        """A cap that these approvals broke."""
        return Breach(KIND, str(self.day), text, [*(at for at, _ in opened), self.number])


def over_caps(told: Told) -> Iterator[Breach]:
    """The approvals of the week to open that an evening shows to be above a cap."""
    for each in _sessions(told):
        yield from _of_account(told, each)
        yield from _of_policies(told, each)


def _sessions(told: Told) -> Iterator[_Session]:
    """The sessions of the week on which something was opened."""
    marks = told.marks
    for day in told.week.sessions:
        opened = [
            (at, one)
            for at, one in told.in_week()
            if isinstance(one, Approved) and one.action == "open" and one.session == day
        ]
        if opened and day in marks:
            before = [each for each in marks if each < day]
            eve = marks[max(before)][1] if before else None
            yield _Session(day, opened, eve, *marks[day])


def _setting(told: Told, name: str) -> float | None:
    found = told.opened.settings.get(name)
    return float(found) if isinstance(found, int | float) else None


def _above(found_u: float, share: float, equity_u: int) -> bool:
    return found_u > (share + SLACK) * equity_u


def _of_account(told: Told, each: _Session) -> Iterator[Breach]:
    """The account's caps: notional of short puts, cash, the drawdown halt."""
    mark, equity_u = each.mark, each.equity_u
    puts = _setting(told, "short_put_notional")
    if puts is not None and _above(mark.puts_u, puts, equity_u):
        yield each.breach(_said("short puts", mark.puts_u, puts, equity_u), each.opened)
    reserve = _setting(told, "cash_reserve") or 0.0
    secured = told.opened.settings.get("collateral") == "cash_secured"
    if secured and _above(mark.reserved_u - mark.cash_u, -reserve, equity_u):
        text = (
            f"positions may come to need {say.money(mark.reserved_u)}, cash is "
            f"{say.money(mark.cash_u)}, of which {reserve:.1%} of equity is kept"
        )
        yield each.breach(text, each.opened)
    halt = _setting(told, "drawdown_halt") or 0.0
    if halt and each.eve and equity_u < (1.0 - halt) * each.eve.peak_u:
        peak = say.money(each.eve.peak_u)
        text = f"opened in a drawdown halt: equity {say.money(equity_u)}, peak {peak}"
        yield each.breach(text, each.opened)


def _of_policies(told: Told, each: _Session) -> Iterator[Breach]:
    """The policies' cap on each underlying."""
    traded: dict[int, SleeveOpened] = {one.sleeve: one for one in told.sleeves}
    for underlying, exposure_u in each.mark.exposure_u.items():
        mine = [(at, one) for at, one in each.opened if traded[one.sleeve].underlying == underlying]
        caps = [_per_underlying(told, one.policy) for _, one in mine]
        known = [cap for cap in caps if cap is not None]
        if known and _above(exposure_u, max(known), each.equity_u):
            yield each.breach(_said(underlying, exposure_u, max(known), each.equity_u), mine)


def _per_underlying(told: Told, policy: str) -> float | None:
    size = told.policies.get(policy, {}).get("size", {})
    found = size.get("per_underlying") if isinstance(size, dict) else None
    return float(found) if isinstance(found, int | float) else None


def _said(what: str, found_u: int, share: float, equity_u: int) -> str:
    return (
        f"{what}: {say.money(found_u)} after the session's approvals, the cap is {share:.0%} of "
        f"equity, {say.money(share * equity_u)}"
    )
