"""The worked cycle of DOMAIN.md 4.2 through every broker's export: 8.56 a share, three ways.

cash       -2.10 + 1.36 + 2.75 - 94 + 1.20 + 0.95 + 1.40 + 97            = 8.56
campaign   97 - 88.44, from the first put to the shares that are gone    = 8.56
tax        -0.74 (roll) + 1.20 + 0.95, and 98.40 - 91.25 on the shares   = 8.56
"""

from pathlib import Path

import pytest

from book.imports.outline import read_text
from book.imports.wheel_story import WHEELS
from underwriter.book.event import Filled, Moved
from underwriter.book.fold import EMPTY
from underwriter.book.imports.booking import Booked, booked
from underwriter.book.imports.held import cash_u, held_u
from underwriter.book.tax import taxed

DOLLAR = 1_000_000


def wheel(folder: Path, broker: str) -> Booked:
    return booked(EMPTY, read_text(folder, WHEELS[broker]()), "main")


@pytest.mark.parametrize("broker", WHEELS)
def test_t76_the_wheel_cycle_earns_8_56_three_ways_out_of_an_import(
    tmp_path: Path, broker: str
) -> None:
    found = wheel(tmp_path, broker)
    assert (found.left, found.book.strays, held_u(found.book, "main")) == ((), (), {})
    assert cash_u(found.book, "main")["USD"] - 20_000 * DOLLAR == 856 * DOLLAR
    (campaign,) = found.book.campaigns
    assert (campaign.result_u, campaign.rolls) == (856 * DOLLAR, 1)
    assert (campaign.premium_received_u, campaign.premium_paid_u) == (766 * DOLLAR, 210 * DOLLAR)
    assert (campaign.sold, campaign.assigned, campaign.called_away) == (5, 1, 1)
    year = taxed(found.events, 2026)
    assert [(one.asset.option is None, one.gain_u // DOLLAR) for one in year.closings] == [
        (False, -74), (False, 120), (False, 95), (True, 715),
    ]  # fmt: skip
    assert (year.short_u + year.long_u, year.lots) == (856 * DOLLAR, ())


@pytest.mark.parametrize("broker", WHEELS)
def test_a_roll_is_two_trades_with_the_new_leg_beside_the_old_one(
    tmp_path: Path, broker: str
) -> None:
    roll = [event for event in wheel(tmp_path, broker).events if str(event.session) == "2026-01-14"]
    (sold, bought, moved) = roll
    assert isinstance(sold, Filled)
    assert isinstance(bought, Filled)
    assert isinstance(moved, Moved)
    assert (sold.quantity, sold.amount_u) == (-1, 275 * DOLLAR)
    assert (bought.quantity, bought.amount_u) == (1, -210 * DOLLAR)
    assert (sold.sleeve, moved.option) == (bought.sleeve, sold.option)
