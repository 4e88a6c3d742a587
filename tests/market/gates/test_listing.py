"""Days and expirations against dates that exchanges published.

Sources: Cboe's expiration calendars for the third Fridays of 2014-04, 2025-04 and 2026-06, NYSE's
holiday notices for the rest; OCC's rule filing SR-OCC-2013-04 for Saturdays before February 2015;
Cboe's contract specifications for the roots of SPX, NDX and RUT.
"""

from datetime import date

import polars as pl
import pytest

from market.gates.quotes import FRIDAY, MONDAY, TUESDAY, always, gates, ground, judge, quotes
from underwriter.market.instrument import Instrument

STANDARD = date(2025, 3, 21)


def spx(day: date, expiry: date, root: str | None = None) -> pl.DataFrame:
    frame = quotes([day], [expiry], underlying="SPX", strikes=range(80, 121, 5))
    dimes = [
        (pl.col("bid") * 10).floor().clip(1) / 10,
        (pl.col("ask") * 10).ceil() / 10,
        pl.lit(root, pl.String).alias("root"),
    ]
    return frame.with_columns(dimes)


@pytest.mark.parametrize(
    "closed",
    [date(2025, 4, 18), date(2026, 6, 19), date(2026, 7, 3), date(2025, 1, 9), date(2025, 3, 8)],
)
def test_t35_a_day_without_a_session_is_taken_out_whole(closed: date) -> None:
    frame = quotes([closed], [date(2026, 12, 18)])
    judged = judge(frame, ground())
    assert set(judged.chain["gate"]) == {"not_session"}
    assert judged.days.select("session", "dropped").row(0) == (False, frame.height)


@pytest.mark.parametrize(
    ("expiry", "listed"),
    [
        (date(2025, 4, 17), True),  # Thursday before Good Friday
        (date(2025, 4, 18), False),
        (date(2026, 6, 18), True),  # Thursday before Juneteenth
        (date(2026, 6, 19), False),
        (date(2026, 7, 2), True),
        (date(2026, 7, 3), False),
        (date(2026, 11, 27), True),  # closes early, and settles all the same
        (date(2025, 4, 20), False),  # a Sunday
        (date(2040, 1, 20), True),  # beyond the calendar: a Friday
        (date(2040, 1, 21), False),  # and a Saturday
    ],
)
def test_t37_an_expiry_that_is_no_session_was_never_listed(expiry: date, listed: bool) -> None:  # noqa: FBT001  a case
    found = gates(quotes([MONDAY], [expiry], strikes=[100]))
    assert found == ({} if listed else {"unlisted": 2})


@pytest.mark.parametrize(
    ("saturday", "session"),
    [
        (date(2014, 4, 19), date(2014, 4, 17)),  # its Friday was Good Friday
        (date(2014, 6, 21), date(2014, 6, 20)),
        (date(2015, 1, 17), date(2015, 1, 16)),
        (date(2016, 1, 16), date(2016, 1, 15)),  # kept for series listed before the rule
    ],
)
def test_a_standard_saturday_means_the_session_before(saturday: date, session: date) -> None:
    judged = judge(quotes([date(2014, 4, 14)], [saturday]), ground())
    assert set(judged.chain["gate"]) == {"saturday"}
    assert set(judged.chain["expiry"]) == {session}


def test_another_saturday_is_no_expiry() -> None:
    assert gates(quotes([date(2014, 4, 14)], [date(2014, 6, 28)], strikes=[100])) == {"unlisted": 2}


def test_a_moved_expiry_takes_its_place_among_the_others() -> None:
    before, after = date(2014, 6, 19), date(2014, 6, 27)
    frame = quotes([date(2014, 6, 16)], [before, date(2014, 6, 21), after])
    found = judge(frame, ground()).chain
    assert found.equals(found.sort("date", "root", "right", "expiry", "strike"))
    assert found["expiry"].unique().sort().to_list() == [before, date(2014, 6, 20), after]


def test_a_quote_after_the_last_day_goes() -> None:
    assert gates(quotes([TUESDAY], [MONDAY], strikes=[100])) == {"expired": 2}
    assert gates(quotes([FRIDAY], [FRIDAY], strikes=[90])) == {}


@pytest.mark.parametrize(
    ("day", "root", "found"),
    [
        (STANDARD, "SPX", {"expired": 18}),  # settled that morning, last traded the day before
        (date(2025, 3, 20), "SPX", {}),
        (STANDARD, "SPXW", {}),
        (date(2025, 3, 20), None, {"root_unknown": 18}),
        (STANDARD, None, {}),  # only the series of the close still trades
    ],
)
def test_t41_morning_and_close_are_told_apart_where_they_can_be(
    day: date, root: str | None, found: dict[str, int]
) -> None:
    assert gates(spx(day, STANDARD, root), ground(instruments={})) == found


def test_a_root_that_only_the_close_can_be_is_filled_in() -> None:
    weekly, standard = spx(MONDAY, date(2025, 3, 14)), spx(MONDAY, STANDARD)
    for frame, root in ((weekly, "SPXW"), (standard, None)):
        assert set(judge(frame, ground(instruments={})).chain["root"]) == {root}


def test_an_expiry_beyond_the_calendar_is_of_no_known_month() -> None:
    judged = judge(spx(MONDAY, date(2040, 1, 20)), ground(instruments={}))
    assert set(judged.chain["gate"]) == {None}


def test_terms_that_were_told_leave_no_doubt() -> None:
    told = {"SPX": Instrument("SPX", "SPX", "european", "cash-pm")}
    judged = judge(spx(MONDAY, STANDARD), ground(instruments=told))
    assert set(judged.chain["gate"]) == {None}
    assert set(judged.chain["root"]) == {None}


@pytest.mark.parametrize(
    ("root", "standard"),
    [("BRKB", True), ("BRK.B", True), ("SYN", True), ("MDU1", False), ("USO2", False)],
)
def test_t59_t63_a_digit_marks_an_adjusted_root(root: str, standard: bool) -> None:  # noqa: FBT001  a case
    frame = quotes([MONDAY], strikes=[100]).with_columns(root=pl.lit(root))
    assert gates(frame) == ({} if standard else {"adjusted": 4})


def test_a_digit_of_a_root_that_is_known_is_its_own() -> None:
    frame = quotes([MONDAY], strikes=[100]).with_columns(root=pl.lit("SPX10"))
    known = {"SPX10": Instrument("SPX/10", "SPX10", "european", "cash-pm")}
    assert gates(frame, ground(instruments=known)) == {}


COIN = {"SYN": Instrument("SYN", "SYN", "european", "coin")}
SATURDAY, SUNDAY = date(2025, 3, 15), date(2025, 3, 16)


def test_t42_options_on_coins_are_quoted_and_end_on_weekends_too() -> None:
    """Deribit trades every day, and lists options for each of the next ones."""
    prices = [(pl.col(name) / 10_000).alias(name) for name in ("bid", "ask", "last")]
    frame = quotes([SATURDAY], [SUNDAY, date(2025, 3, 21)]).with_columns(prices)
    judged = judge(frame, ground(instruments=COIN, calendar=always()))
    assert judged.chain["gate"].null_count() == frame.height
    assert judged.days["session"].to_list() == [True]


def test_t42_a_coins_saturday_after_a_third_friday_is_no_other_day() -> None:
    """2025-03-22: moved to its Friday it would stand among another series, strike by strike."""
    prices = [(pl.col(name) / 10_000).alias(name) for name in ("bid", "ask", "last")]
    ends = [date(2025, 3, 21), date(2025, 3, 22)]
    frame = quotes([SATURDAY], ends).with_columns(prices)
    judged = judge(frame, ground(instruments=COIN, calendar=always()))
    assert judged.chain["expiry"].unique().sort().to_list() == ends
    assert judged.chain["gate"].null_count() == frame.height
