"""Views of ledgers whose figures are worked by hand."""

from datetime import date

import pytest
from msgspec.structs import replace

from report.hand_ledger import Ledger, seven_for_one, wheel
from report.made_up import Wheel, opened, u
from underwriter.book.event import AnyEvent, Busted, Filled
from underwriter.core import reason
from underwriter.core.errors import InputError
from underwriter.report.figures import figures
from underwriter.report.tables import View, reason_text
from underwriter.report.views import read

PUT = "KO    260220P00060000"


def test_income_of_a_month_is_what_was_realised_in_it() -> None:
    """February: 85.00 - 0.66 + 5.00 interest; March: 50.00 - 0.66 + 53.00 dividend; shares apart.

    Shares: bought at 6,000.00, called away at 6,100.00 - 0.18, a gain of 99.82 in March.
    """
    months = read(wheel()).months
    assert {name: month.income_u for name, month in months.items()} == {
        "2026-01": 0,
        "2026-02": u(89.34),
        "2026-03": u(102.34),
        "2026-04": 0,
        "2026-05": 0,
    }
    assert [month.premium_u for month in months.values()] == [u(85), u(50), 0, 0, 0]
    assert months["2026-03"].shares_u == u(99.82)
    assert [month.fees_u for month in months.values()] == [u(0.66), u(0.66), u(0.18), 0, 0]


def test_a_campaign_runs_from_flat_to_flat() -> None:
    """84.34 + 49.34 + 53.00 + 99.82 = 286.50."""
    (campaign,) = read(wheel()).campaigns
    assert (campaign.opened, campaign.closed) == (date(2026, 1, 5), date(2026, 3, 20))
    assert campaign.result_u == u(286.50)
    assert (campaign.puts, campaign.assigned, campaign.calls, campaign.called_away) == (1, 1, 1, 1)
    assert campaign.premium_u == u(135)
    assert campaign.held == [(date(2026, 2, 20), date(2026, 3, 20))]


def test_t19_a_fill_that_was_busted_is_in_no_view() -> None:
    """What was told twice is there once, too: the put of 90.00 never was, 84.34 is all."""
    story = wheel()
    sold = next(event for event in story if isinstance(event, Filled))
    never = replace(sold, id="7", slot=1, option="KO    260220P00055000", quantity=1)
    bust = Busted(at=0, session=sold.session, account=sold.account, of="7", why="by the exchange")
    at = story.index(sold)
    view = read([*story[:at], never, never, bust, *story[at:]])
    assert view.campaigns == read(story).campaigns
    assert view.legs == read(story).legs


def test_assigned_legs_hand_over_their_intrinsic_value() -> None:
    """The put gives 2.00 a share away, the call 1.30; credits 135: kept -195, capture -1.444."""
    view = read(wheel())
    assert [(leg.how, leg.handed_u) for leg in view.legs] == [
        ("assigned", u(200)),
        ("called away", u(130)),
    ]
    found = figures(view)
    assert found.premium_capture == pytest.approx(-195 / 135)
    assert (found.assignment_rate, found.called_away_rate) == (1.0, 1.0)
    assert not any(leg.early for leg in view.legs)


def test_part_of_a_leg_takes_its_share_of_the_opening_money() -> None:
    """Three sold at 1.00 for 1.98 of fees; one bought back at 0.40 for 0.66; two expire.

    100 - 40 - 0.66 - 0.66 = 58.68 and 200 - 1.32 = 198.68; kept 260 of 300.
    """
    book = Ledger(campaign=1)
    book.deposit("2026-01-02", 20_000)
    book.fill("2026-01-02", PUT, -3, 1.0, 1.98)
    book.mark("2026-01-02", 20_000, cash=20_298.02)
    book.fill("2026-02-02", PUT, 1, 0.40, 0.66)
    book.expire("2026-02-20", PUT, 2, 61)
    book.mark("2026-02-20", 20_257.36)
    view = read(book.events)
    assert [(leg.how, leg.contracts, leg.result_u) for leg in view.legs] == [
        ("bought back", 1, u(58.68)),
        ("expired", 2, u(198.68)),
    ]
    assert figures(view).premium_capture == pytest.approx(260 / 300)
    assert view.curve.secured_u.tolist() == [u(18_000), 0]


def test_an_account_that_is_marked_twice_in_a_session_counts_once() -> None:
    """As last marked; another account's evening is added to it."""
    book = Ledger(campaign=1)
    book.deposit("2026-01-02", 20_000)
    book.mark("2026-01-02", 20_000, cash=20_000)
    book.mark("2026-01-02", 20_100, cash=19_000)
    curve = read(book.events).curve
    assert (curve.equity_u.tolist(), curve.cash_u.tolist()) == ([u(20_100)], [u(19_000)])
    other = replace(book.events[-1], account="second")
    curve = read([*book.events, other]).curve
    assert (curve.equity_u.tolist(), curve.cash_u.tolist()) == ([u(40_200)], [u(38_000)])


def test_a_cash_settled_leg_pays_its_intrinsic_value_once() -> None:
    """Sold at 5.00, settled 3.00 in the money: kept 200 of 500."""
    book = Ledger(campaign=1)
    book.deposit("2026-01-02", 20_000)
    book.fill("2026-01-02", PUT, -1, 5.0, 0)
    book.mark("2026-01-02", 20_000, cash=20_500)
    book.settle("2026-02-20", PUT, 1, 57, -300)
    book.mark("2026-02-20", 20_200)
    (leg,) = read(book.events).legs
    assert (leg.how, leg.result_u, leg.kept_u, leg.handed_u) == ("settled", u(200), u(200), u(300))


def test_an_assignment_before_the_last_day_is_early() -> None:
    book = Ledger(campaign=1)
    book.deposit("2026-01-02", 20_000)
    book.fill("2026-01-02", PUT, -1, 1.0, 0)
    book.assign("2026-02-10", PUT, 1, 50)
    book.mark("2026-02-10", 19_100, cash=14_100, shares=5_000, close=50)
    view = read(book.events)
    assert view.legs[0].early
    (campaign,) = view.campaigns
    assert campaign.result_u is None
    assert campaign.held == [(date(2026, 2, 10), None)]
    assert view.open_share_u == u(6_000)


def test_shares_sold_in_the_market_leave_at_average_cost() -> None:
    """200 at 60, half sold at 59 less 0.10: a loss of 100.10; the rest still cost 6,000."""
    book = Ledger(campaign=1)
    book.deposit("2026-01-02", 20_000)
    book.fill("2026-01-02", PUT, -2, 1.0, 0)
    book.assign("2026-02-20", PUT, 2, 58)
    book.sell_shares("2026-02-23", 100, 59, 0.10)
    book.mark("2026-02-23", 20_000, cash=14_099.90, shares=5_900, close=59)
    view = read(book.events)
    assert view.months["2026-02"].shares_u == u(-100.10)
    assert view.open_share_u == u(6_000)


def test_t61_a_split_divides_cost_and_premium_among_more() -> None:
    """1,000 of premium on seven: 3/7 is 428.57 against 420 paid; 4/7 kept, 1.14 handed over.

    400 of 700 shares that cost 59,000 leave 33,714.29 of it for 37,144.
    """
    view = read(seven_for_one())
    put, bought, called = view.legs
    assert (put.contracts, bought.contracts, called.contracts) == (1, 3, 4)
    assert (bought.option, bought.result_u) == ("KO    140719C00092860", 8_571_428)
    assert (called.result_u, called.handed_u) == (571_428_572, u(1.14 * 400))
    (campaign,) = view.campaigns
    assert campaign.splits == ["7:1 on 2014-06-09"]
    assert (campaign.puts, campaign.calls, campaign.called_away) == (1, 1, 4)
    assert campaign.shares_u == u(37_144) - 59_000_000_000 * 4 // 7
    assert view.open_share_u == 59_000_000_000 - 59_000_000_000 * 4 // 7
    assert unexplained_u(view) == 0


def test_t88_the_underlying_held_goes_through_a_split() -> None:
    """600 to 7 * 94: 9.67%, and no fall of six sevenths."""
    found = figures(read(seven_for_one())).hold
    assert found is not None
    assert found.total_return == pytest.approx(7 * 94 / 600 - 1)
    assert found.fall.depth == pytest.approx(0.0)


def test_a_short_put_secures_the_same_after_a_split() -> None:
    book = Ledger(campaign=1)
    book.deposit("2014-06-02", 70_000)
    book.fill("2014-06-02", "KO    140620P00630000", -1, 12.0, 0)
    book.mark("2014-06-06", 70_000, close=645.57)
    book.split("2014-06-09", (7, 1), "KO    140620P00090000", -6)
    book.mark("2014-06-09", 70_000, close=93.7, split=(7, 1))
    assert read(book.events).curve.secured_u.tolist() == [u(63_000), u(63_000)]


def test_refusals_are_counted_with_the_least_equity_that_would_have_done() -> None:
    view = read(wheel())
    assert [(each.why, each.count, each.needs_u) for each in view.refusals] == [
        ("cash", 2, u(25_000)),
        ("regime", 1, 0),
    ]
    assert view.refusals[1].text == "the volatility regime stands aside"
    assert view.decisions == 4


@pytest.mark.parametrize("code", sorted(reason.NAMES))
def test_every_reason_has_its_text(code: int) -> None:
    assert reason_text(reason.NAMES[code]) == reason.TEXTS[code]


def test_an_unknown_reason_is_said_by_its_name() -> None:
    assert reason_text("moonshine") == "moonshine"


def unexplained_u(view: View) -> int:
    """Equity that the books do not explain."""
    curve, months = view.curve, view.months.values()
    earned = sum(month.income_u + month.shares_u for month in months)
    held = int(curve.shares_u[-1]) - view.open_share_u
    options = int(curve.options_u[-1]) + view.open_option_u
    return int(curve.equity_u[-1] - curve.deposited_u.sum()) - earned - held - options


@pytest.mark.parametrize("seed", [1, 7, 11])
def test_the_books_close_to_the_millionth(seed: int) -> None:
    view = read(Wheel(seed=seed, sessions=400).run())
    assert unexplained_u(view) == 0
    assert sum(each.money_u for each in view.campaigns) == sum(
        month.options_u + month.dividends_u + month.shares_u for month in view.months.values()
    ) + (view.open_option_u - view.open_share_u)


@pytest.mark.parametrize("seed", [1, 7])
def test_campaigns_and_interest_are_all_that_was_gained(seed: int) -> None:
    view = read(Wheel(seed=seed, sessions=400).run())
    gained_u = int(view.curve.equity_u[-1] - view.curve.deposited_u.sum())
    interest_u = sum(month.interest_u for month in view.months.values())
    closed_u = sum(each.money_u for each in view.closed)
    assert gained_u == closed_u + view.open_result_u + interest_u


def test_the_hand_written_books_close() -> None:
    assert unexplained_u(read(wheel())) == 0


def test_a_book_without_an_evening_cannot_be_reported() -> None:
    events: list[AnyEvent] = [opened()]
    with pytest.raises(InputError, match="found no Marked evening"):
        read(events)
    with pytest.raises(InputError, match="found no BookOpened"):
        read([])
