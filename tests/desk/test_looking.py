"""What of a held position needs attention, at this moment: the list of issue 6, one by one.

Profit targets, tested strikes, ex-dividends tomorrow, expiring today, pin risk, earnings ahead:
each is shown by `watch` (looking) and told by the desk (exposed, ahead).  KO is at 60 on START, a
Monday, and its options end on Friday.
"""

from pathlib import Path
from typing import Any

import pytest

from desk.stand import Stand
from desk.test_exposed import soon
from desk.world import BOTH, FRIDAY, day, moment, osi
from markets import START, call, limits, owns, policies, put
from underwriter.book.event import Filled
from underwriter.core import reason
from underwriter.core.contract import CALL
from underwriter.desk.ahead import Latch, ahead
from underwriter.desk.deciding import Named, Rules
from underwriter.desk.exposed import pressed, shorts
from underwriter.desk.looking import SleeveLook, look
from underwriter.desk.present import Moment, Present, present
from underwriter.desk.tidings import Tiding

MINUTE = 60 * 10**9
PUT = osi(59.0)


class Desk:
    """A short option of KO, sold for 2.00 a share, and what is quoted beside it."""

    def __init__(self, folder: Path, option: str = PUT, **policy: Any) -> None:  # noqa: ANN401
        self.stand, self.option = Stand(folder), option
        self.rules = Rules(
            "main", ((0, 0),), policies(policy), owns(1, len(BOTH)), limits(),
            (Named("wheel", "p", "text"),), "15:45", "1", "quoted", "test", {},
        )  # fmt: skip
        sold = Filled(
            **self.stand.common(), sleeve=0, campaign=1, policy="p", slot=0 if "P" in option else 2,
            option=option, quantity=-1, shares=0, price_u=2_000_000, amount_u=200_000_000, fee_u=0,
        )  # fmt: skip
        self.stand.ledger.append([sold], self.stand.clock.at)

    def at(self, number: int, clock: str = "12:00") -> None:
        """Set the clock."""
        self.stand.clock.at = moment(self.stand.calendar, number, clock)

    def now(self, number: int = 0) -> Present:
        """A session's slab with what is quoted at this moment."""
        stand, slab = self.stand, self.stand.board.slab(START + number)
        when = Moment(stand.calendar, stand.clock.at, MINUTE)
        return present(slab, stand.ledger.book, "main", stand.board, when)

    def looked(self, number: int = 0) -> SleeveLook:
        """What `watch` shows of it."""
        stand = self.stand
        (one,) = look(stand.ledger.book, self.now(number).slab, self.rules, stand.calendar)
        return one

    def shown(self, number: int = 0) -> list[str]:
        """What needs attention of it."""
        return [note.text for note in self.looked(number).notes]

    def told(self, number: int = 0, busy: tuple[int, ...] = ()) -> list[Tiding]:
        """What the desk tells of it."""
        now, stand = self.now(number), self.stand
        rows = pressed(shorts(stand.ledger.book, now.slab, "main"))
        looks = look(stand.ledger.book, now.slab, self.rules, stand.calendar)
        when = Moment(stand.calendar, stand.clock.at, MINUTE)
        return [*rows, *ahead(looks, now.quoted, busy, day(when.day - START))]


def titles(told: list[Tiding]) -> list[tuple[str, str]]:
    return [(one.level, one.title) for one in told]


# --- the profit target, and the stop ---


def test_a_profit_target_is_seen_and_told_on_the_quotes_of_the_moment(tmp_path: Path) -> None:
    """Half of 2.00 is kept at an ask of 1.00; the chain of the session still had 1.80."""
    desk = Desk(tmp_path, take_profit=0.5)
    desk.stand.board.day(0, quotes=[put(59.0, 1.7, 1.8, expiry=FRIDAY)])
    assert desk.shown() == []
    desk.stand.board.touches[PUT] = (0.98, 1.01)
    assert (desk.shown(), desk.told()) == ([], [])
    desk.stand.board.touches[PUT] = (0.90, 1.00)
    said = "closing it now keeps 50% of its credit, its policy asks for 50%"
    assert desk.shown() == [said]
    (one,) = desk.told()
    assert (one.level, one.title) == ("fact", "At its profit target: -1 KO 2024-01-12 P 59")
    assert one.text == (
        f"{said[0].upper()}{said[1:]}. The next decision closes it where that still holds; "
        "`underwriter desk close 0` closes it before. [wheel on KO]"
    )


def test_a_stop_is_seen_and_told_on_the_quotes_of_the_moment(tmp_path: Path) -> None:
    """Twice the credit of 2.00 is lost at an ask of 6.00."""
    desk = Desk(tmp_path, stop=2.0)
    desk.stand.board.day(0, quotes=[put(59.0, 1.7, 1.8, expiry=FRIDAY)])
    desk.stand.board.touches[PUT] = (5.80, 5.99)
    assert desk.told() == []
    desk.stand.board.touches[PUT] = (5.80, 6.00)
    said = "closing it now loses 2.00 times its credit, its policy stops at 2 times"
    assert desk.shown() == [said]
    assert titles(desk.told()) == [("warning", "At its stop: -1 KO 2024-01-12 P 59")]


def test_without_a_target_none_is_told(tmp_path: Path) -> None:
    desk = Desk(tmp_path, take_profit=0.0, stop=0.0)
    desk.stand.board.day(0, quotes=[put(59.0, 0.1, 0.2, expiry=FRIDAY)])
    desk.stand.board.touches[PUT] = (0.10, 0.20)
    assert (desk.shown(), desk.told()) == ([], [])


@pytest.mark.parametrize("why", ["stale", "closed", "no offer", "on its way"])
def test_a_target_is_not_told_of_quotes_that_are_no_longer_true(tmp_path: Path, why: str) -> None:
    desk = Desk(tmp_path, take_profit=0.5)
    desk.stand.board.day(0, quotes=[put(59.0, 0.1, 0.2, expiry=FRIDAY)])
    desk.stand.board.touches[PUT] = (0.1, 0.0 if why == "no offer" else 0.2)
    if why == "stale":
        desk.stand.board.age = MINUTE + 1
    if why == "closed":
        desk.at(0, "16:00")
    assert desk.told(busy=(0,) if why == "on its way" else ()) == []


def test_what_flickers_about_its_target_is_told_once_a_session(tmp_path: Path) -> None:
    desk = Desk(tmp_path, take_profit=0.5)
    desk.stand.board.day(0, quotes=[put(59.0, 1.7, 1.8, expiry=FRIDAY)])
    desk.stand.board.day(1, quotes=[put(59.0, 1.7, 1.8, expiry=FRIDAY)])
    latch, keys = Latch(), []
    for number, ask in ((0, 1.00), (0, 1.02), (0, 0.98), (1, 1.02), (1, 1.00)):
        desk.at(number)
        desk.stand.board.touches[PUT] = (0.90, ask)
        keys.append([one.key for one in latch.held(desk.told(number), day(number))])
    assert [len(each) for each in keys] == [1, 1, 1, 0, 1]
    assert keys[0] == keys[1] == keys[2] != keys[4]


# --- the strike ---


def test_a_tested_strike_is_seen_and_told_when_the_share_moves(tmp_path: Path) -> None:
    """60 when the session's chain was taken, 58.50 now."""
    desk = Desk(tmp_path)
    desk.stand.board.day(0, quotes=[put(59.0, 1.0, 1.1, expiry=FRIDAY)])
    desk.stand.board.touches[PUT] = (1.0, 1.1)
    assert (desk.shown(), desk.told()) == ([], [])
    desk.stand.board.touches["KO"] = (58.49, 58.51)
    assert desk.shown() == ["the underlying has gone through a short strike"]
    ((level, title),) = titles(desk.told())
    assert level == "warning"
    assert title.startswith("Tested: 1 short KO 2024-01-12 P 59, spot 58.50")
    (leg,) = desk.looked().legs
    assert leg.away == pytest.approx((58.5 - 59.0) / 58.5)


def test_the_delta_moves_with_the_share_and_is_seen_when_it_is_tested(tmp_path: Path) -> None:
    """A put of 45 days, 20% volatility: by Black -0.38 at 60, and -0.66 at 57."""
    desk = Desk(tmp_path, osi(59.0, expiry=45), roll_delta=0.6)
    quote = put(59.0, 1.0, 1.1, expiry=45, delta=-0.38, iv=0.2, forward=60.0)
    desk.stand.board.day(0, quotes=[quote])
    desk.stand.board.touches[desk.option] = (1.0, 1.1)
    assert desk.looked().legs[0].delta == pytest.approx(-0.38)
    desk.stand.board.touches["KO"] = (56.99, 57.01)
    assert desk.looked().legs[0].delta == pytest.approx(-0.67, abs=0.02)
    assert reason.TEXTS[reason.TESTED_DELTA] in desk.shown()


# --- dividends ---


def test_a_dividend_tomorrow_is_seen_and_told(tmp_path: Path) -> None:
    """1.20 less 1.00 inside leaves 0.20, under 0.48."""
    desk = Desk(tmp_path, osi(59.0, right=CALL))
    quote = call(59.0, 1.10, 1.30, expiry=FRIDAY)
    desk.stand.board.day(0, quotes=[quote], bars=soon(START + 1))
    assert reason.TEXTS[reason.EX_DIVIDEND] in desk.shown()
    assert any(one.title.startswith("Ex-dividend 2024-01-09") for one in desk.told())
    desk.stand.board.day(0, quotes=[quote], bars=soon(START + 2))
    assert reason.TEXTS[reason.EX_DIVIDEND] not in desk.shown()


def test_a_dividend_tomorrow_without_a_quote_is_seen_to_be_unknown(tmp_path: Path) -> None:
    desk = Desk(tmp_path, osi(59.0, right=CALL))
    desk.stand.board.day(0, bars=soon(START + 1))
    assert "it goes ex-dividend before the next session, and is not quoted" in desk.shown()


def test_of_yesterdays_chain_a_dividend_today_is_past(tmp_path: Path) -> None:
    """Before it is decided a session has the chain of the one before: its date is today's."""
    desk = Desk(tmp_path, osi(59.0, right=CALL))
    desk.stand.board.day(0, quotes=[call(59.0, 1.10, 1.30, expiry=FRIDAY)], bars=soon(START + 1))
    desk.at(1, "09:45")
    assert reason.TEXTS[reason.EX_DIVIDEND] not in desk.shown()


# --- the last day ---


def test_what_expires_today_is_seen_and_told_from_the_morning_on(tmp_path: Path) -> None:
    """Thursday's chain is the newest there is until Friday's is taken."""
    desk = Desk(tmp_path)
    desk.stand.board.day(3, quotes=[put(59.0, 0.1, 0.2, expiry=FRIDAY, iv=0.2)])
    desk.at(FRIDAY, "05:59")
    assert "expires on the next session" in desk.shown(3)
    assert desk.told(3) == []
    desk.at(FRIDAY, "06:00")
    assert "expires today" in desk.shown(3)
    assert ("fact", "Expires today: -1 KO 2024-01-12 P 59") in titles(desk.told(3))


def test_on_the_last_day_a_strike_that_is_near_is_seen_and_told(tmp_path: Path) -> None:
    """Within 25 cents of 59 nobody can say who exercises."""
    desk = Desk(tmp_path)
    desk.stand.board.day(4, quotes=[put(59.0, 0.1, 0.2, expiry=FRIDAY, iv=0.01)])
    desk.at(FRIDAY)
    desk.stand.board.touches["KO"] = (59.29, 59.31)
    title = "Near its strike on its last day: -1 KO 2024-01-12 P 59"
    assert ("warning", title) not in titles(desk.told(4))
    desk.stand.board.touches["KO"] = (59.19, 59.21)
    assert ("warning", title) in titles(desk.told(4))
    assert reason.TEXTS[reason.PIN] in desk.shown(4)


def test_on_the_last_day_no_target_is_told(tmp_path: Path) -> None:
    """The step asks for none then: what is far out of the money expires."""
    desk = Desk(tmp_path, take_profit=0.5)
    desk.stand.board.day(4, quotes=[put(59.0, 0.01, 0.02, expiry=FRIDAY)])
    desk.at(FRIDAY)
    desk.stand.board.touches[PUT] = (0.01, 0.02)
    assert [title for _, title in titles(desk.told(4))] == ["Expires today: -1 KO 2024-01-12 P 59"]


# --- earnings ---


@pytest.mark.parametrize(("when", "seen"), [(START + FRIDAY, True), (START + 7, False)])
def test_earnings_before_it_expires_are_seen_and_told(
    tmp_path: Path, when: int, *, seen: bool
) -> None:
    desk = Desk(tmp_path)
    desk.stand.board.day(
        0, quotes=[put(59.0, 0.1, 0.2, expiry=FRIDAY)], bars={(0, 0): {"next_earnings": when}}
    )
    said = "earnings are announced on 2024-01-12, before it expires"
    assert desk.shown() == [said] * seen
    assert titles(desk.told()) == [("warning", "Earnings ahead: -1 KO 2024-01-12 P 59")] * seen


# --- of now ---


def test_a_slab_of_now_is_a_copy(tmp_path: Path) -> None:
    """What is decided and recorded is never what somebody looked at."""
    desk = Desk(tmp_path)
    desk.stand.board.day(0, quotes=[put(59.0, 1.7, 1.8, expiry=FRIDAY)])
    desk.stand.board.touches |= {PUT: (0.9, 1.0), "KO": (58.0, 58.2)}
    slab = desk.stand.board.slab(START)
    when = Moment(desk.stand.calendar, desk.stand.clock.at, MINUTE)
    made = present(slab, desk.stand.ledger.book, "main", desk.stand.board, when)
    assert made.quoted == {PUT, "KO"}
    assert (int(slab.market.bars[0, 0].close_u), int(slab.market.quotes[0].ask_u)) == (
        60_000_000, 1_800_000,
    )  # fmt: skip
    seen = made.slab.market
    assert (int(seen.bars[0, 0].close_u), int(seen.quotes[0].ask_u)) == (58_100_000, 1_000_000)
    assert int(seen.bars[0, 1].close_u) == 500_000_000
