"""Realised and unrealised: what campaigns brought, and what is held beyond its opening."""

from datetime import date

import pytest
from hypothesis import given

from book.broker_histories import STEPS, History, Step
from book.journals import COMMON
from book.ledger_text import events_of
from underwriter.book.amend import amended
from underwriter.book.event import AnyEvent, Marked, Quoted
from underwriter.book.fold import fold
from underwriter.book.positions import Holding, holdings
from underwriter.book.standing import UNKNOWN, Unrealised, of_sleeve, unrealised
from underwriter.report.views import months

EVENING = date(2026, 3, 2)
WHEEL = """
    2026-01-02 deposit 20,000.00
    2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85 fee 0.66
    2026-02-20 assigned KO 60 P, 100 shares
    2026-02-23 sold 1 KO 2026-03-20 C 62 @ 0.50 fee 0.66
"""


def marked(equity: float, cash: float, shares: float, **closes: float) -> Marked:
    """An evening, money and closes in dollars."""
    told = {**COMMON, "session": EVENING}
    return Marked(
        **told, at=10**18, rate=0.0, measure=None, regimes={},
        equity_u=round(equity * 10**6), cash_u=round(cash * 10**6), shares_u=round(shares * 10**6),
        underlyings={name: Quoted(round(close * 10**6)) for name, close in closes.items()},
    )  # fmt: skip


def held(text: str) -> list[Holding]:
    """What is held after a ledger."""
    return holdings(fold(events_of(text)))


def test_a_put_that_became_shares_has_realised_its_premium_and_the_call_nothing() -> None:
    """84.34 of the put; the call's 49.34 waits, the shares cost 6,000."""
    (one,) = held(WHEEL)
    assert (one.realised_u, one.open_u, one.campaign.cost_u) == (
        84_340_000, 49_340_000, 6_000_000_000,
    )  # fmt: skip
    assert one.money_u == one.realised_u + one.open_u - one.campaign.cost_u


def test_an_evening_says_what_shares_and_legs_are_worth_beyond_their_opening() -> None:
    """100 shares at 61 that cost 60; a call sold for 49.34 that stands at 30."""
    mark = marked(equity=20_203.68, cash=14_133.68, shares=6_100.0, KO=61.0)
    account = held(WHEEL)
    assert unrealised(account, mark, EVENING) == (100_000_000, 19_340_000)
    assert of_sleeve(account[0], account, mark, EVENING) == (100_000_000, 19_340_000)
    assert of_sleeve(account[0], account, mark, EVENING).whole_u == 119_340_000


def test_equity_is_what_was_paid_in_and_both() -> None:
    """20,203.68 = 20,000 + 84.34 realised + 119.34 unrealised."""
    mark = marked(equity=20_203.68, cash=14_133.68, shares=6_100.0, KO=61.0)
    book = fold([*events_of(WHEEL), mark])
    (one,) = holdings(book)
    beyond = unrealised([one], book.marks["main"], EVENING).whole_u
    assert beyond is not None
    assert mark.equity_u == 20_000_000_000 + one.realised_u + beyond


def test_of_two_sleeves_with_legs_neither_says_what_its_own_are_worth() -> None:
    text = WHEEL + "2026-02-24 sold 1 XOM 2026-03-20 P 100 @ 1.00 fee 0.66\n"
    mark = marked(equity=20_203.68, cash=14_233.02, shares=6_100.0, KO=61.0, XOM=105.0)
    account = held(text)
    assert len(account) == 2
    whole = unrealised(account, mark, EVENING)
    assert whole == (100_000_000, -129_340_000 + 49_340_000 + 99_340_000)
    ko, xom = (of_sleeve(one, account, mark, EVENING) for one in account)
    assert ko == (100_000_000, None)
    assert xom == (0, None)
    assert ko.whole_u is xom.whole_u is None


def test_shares_without_a_close_are_not_known_and_legs_beside_them_are() -> None:
    mark = marked(equity=20_203.68, cash=14_133.68, shares=6_100.0)
    account = held(WHEEL)
    assert of_sleeve(account[0], account, mark, EVENING) == (None, 19_340_000)


@pytest.mark.parametrize(("mark", "last"), [
    (None, EVENING),
    (marked(20_000.0, 20_000.0, 0.0), date(2026, 3, 3)),
])  # fmt: skip
def test_without_an_evening_on_the_last_day_nothing_is_known(
    mark: Marked | None, last: date
) -> None:
    account = held(WHEEL)
    assert unrealised(account, mark, last) == UNKNOWN
    assert of_sleeve(account[0], account, mark, last) == UNKNOWN
    assert UNKNOWN.whole_u is None


def test_an_account_that_holds_nothing_has_nothing_unrealised() -> None:
    assert unrealised([], marked(20_000.0, 20_000.0, 0.0), EVENING) == Unrealised(0, 0)


@pytest.mark.parametrize(
    ("then", "cost", "realised"),
    [
        ("2026-02-24 sold 50 KO shares @ 61.00", 3_000.0, 84.34 + 50.0),
        ("2026-02-24 dividend KO 0.50", 6_000.0, 84.34 + 50.0),
        ("2026-02-24 split KO 2:1", 6_000.0, 84.34),
    ],
)
def test_shares_that_go_and_what_they_pay_are_realised(
    then: str, cost: float, realised: float
) -> None:
    (one,) = held(WHEEL + then)
    assert one.campaign.cost_u == round(cost * 10**6)
    assert one.realised_u == round(realised * 10**6)


def test_once_it_is_over_nothing_is_left_of_the_cost() -> None:
    """Both premiums, and 200 of the shares."""
    events: list[AnyEvent] = events_of(WHEEL + "2026-03-20 called away KO 62 C, 100 shares\n")
    book = fold(events)
    assert holdings(book) == []
    (campaign,) = book.campaigns
    assert (campaign.cost_u, campaign.result_u) == (0, 84_340_000 + 49_340_000 + 200_000_000)


@given(STEPS)
def test_what_campaigns_realised_is_what_months_brought(steps: list[Step]) -> None:
    """Ended legs, gains of shares, dividends: a part of a leg may differ by a millionth."""
    events = amended(History(steps).events)
    book = fold(events)
    told = months(events).values()
    brought = sum(each.options_u + each.shares_u + each.dividends_u for each in told)
    realised = sum(one.result_u or 0 for one in book.campaigns)
    realised += sum(one.realised_u for one in holdings(book))
    assert abs(realised - brought) <= 2 * len(events)
