"""The month's income: so far, expected, targeted, and what stands in the way of the rest."""

from calendar import monthrange
from collections import Counter
from collections.abc import Sequence
from datetime import date

import numpy as np

from underwriter.app.plan_book import Before
from underwriter.app.plan_desk import Desk, column
from underwriter.app.plan_rows import Income, Order, Refusal
from underwriter.book.event import AnyEvent, Marked
from underwriter.core import reason
from underwriter.core.chain import NO_ROW, find
from underwriter.core.units import MICRO, day_of
from underwriter.report.tables import Month
from underwriter.report.views import read
from underwriter.sim.decay import decay

NO_ROLL = reason.NAMES[reason.NO_ROLL]


def income_of(
    target: float | None,
    before: Before,
    desk: Desk,
    told: tuple[list[Order], list[Refusal]],
) -> Income:
    """The income of the month that the session is in, beside what it shall bring."""
    day = day_of(int(desk.slab.market.sessions[0].day))
    month = _so_far(before.events, day)
    expected = _expected(desk, day)
    so_far = (month.income_u + before.morning_u) / MICRO
    shortfall = None if target is None else max(target - so_far - expected, 0.0)
    binding, count = _binding(*told) if shortfall else (None, 0)
    return Income(
        month=f"{day:%Y-%m}",
        premium=month.premium_u / MICRO,
        so_far=so_far,
        expected=expected,
        target=target,
        shortfall=shortfall,
        binding=binding,
        binding_count=count,
    )


def _so_far(events: Sequence[AnyEvent], day: date) -> Month:
    """The month as the report reads it from the book; nothing where no evening of it was marked."""
    if not any(isinstance(one, Marked) for one in events):
        return Month()
    return read(events).months.get(f"{day:%Y-%m}", Month())


def _expected(desk: Desk, day: date) -> float:
    """What time takes until the month ends from all that is then held, quoted today."""
    market, total = desk.slab.market, 0.0
    left = monthrange(day.year, day.month)[1] - day.day
    quantity = column(desk.after.sleeves, "quantity")
    for at, slot in np.argwhere(quantity).tolist():
        sleeve = desk.after.sleeves[at]
        bar = market.bars[0, sleeve.underlying]
        row = find(market.quotes, bar, 0, sleeve.contract[slot], NO_ROW)
        if row >= 0:
            lost = decay(market.quotes[row], market.sessions[0], left)
            total -= int(quantity[at, slot]) * desk.multiplier(at) * lost
    return total


def stops_opening(refusal: Refusal) -> bool:
    """Whether a refusal stood in the way of a new position."""
    return refusal.action in {"open", "hold"} and refusal.why != NO_ROLL


def _binding(orders: Sequence[Order], refused: Sequence[Refusal]) -> tuple[str | None, int]:
    """The cap or refusal that bound most often, and how often; of two alike the first by name."""
    counted = Counter(one.opening.bound for one in orders if one.opening and one.opening.bound)
    counted.update(one.why for one in refused if stops_opening(one))
    if not counted:
        return None, 0
    why = min(counted, key=lambda name: (-counted[name], name))
    return why, counted[why]
