"""The calendar against dates that exchanges published.

Sources: Cboe's expiration calendars and DOMAIN.md 2.3 (holiday-shifted expirations), NYSE's
holiday and early-close notices (ad-hoc closures: Sandy 2012-10-29 and 30, mourning of 2018-12-05
and 2025-01-09, 2001-09-11 to 14), 15 U.S.C. 260a for daylight saving time.
"""

import os
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underwriter.core.errors import InputError
from underwriter.core.units import day_number
from underwriter.market import sessions as known
from underwriter.market.calendar import Agenda, Calendar, load_calendar


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def nyse(home: Path) -> Calendar:
    return load_calendar("XNYS", home)


def day(text: str) -> int:
    return day_number(date.fromisoformat(text))


def utc(ns: int) -> str:
    return datetime.fromtimestamp(ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("month", "expiry"),
    [
        ("2014-04", "2014-04-17"),  # Good Friday
        ("2025-04", "2025-04-17"),  # Good Friday
        ("2026-06", "2026-06-18"),  # Juneteenth
        ("2027-06", "2027-06-17"),  # Juneteenth, observed on the Friday
        ("2018-09", "2018-09-21"),
        ("2015-05", "2015-05-15"),  # the 15th and
        ("2014-11", "2014-11-21"),  # the 21st are the ends of the range
    ],
)
def test_t35_monthly_expiration_is_the_third_friday_or_the_session_before(
    nyse: Calendar, month: str, expiry: str
) -> None:
    found = nyse.monthly_expirations(day(f"{month}-01"), day(f"{month}-28"))
    assert found.tolist() == [day(expiry)]


@pytest.mark.parametrize(
    ("friday", "expiry"),
    [
        ("2026-04-03", "2026-04-02"),  # Good Friday
        ("2026-07-03", "2026-07-02"),  # Independence Day, observed
        ("2026-12-25", "2026-12-24"),  # Christmas
        ("2026-04-10", "2026-04-10"),
    ],
)
def test_t35_weekly_expiration_on_a_holiday_friday_is_the_session_before(
    nyse: Calendar, friday: str, expiry: str
) -> None:
    assert nyse.weekly_expirations(day(friday) - 4, day(friday) + 2).tolist() == [day(expiry)]
    assert nyse.weekly_expirations(day(expiry), day(expiry)).tolist() == [day(expiry)]
    assert nyse.weekly_expirations(day(expiry) + 1, day(friday) + 5).tolist() == []


def test_t41_an_am_settled_option_last_trades_on_the_session_before_expiration(
    nyse: Calendar,
) -> None:
    assert nyse.am_last_trade(day("2026-06-18")) == day("2026-06-17")
    assert nyse.am_last_trade(day("2014-04-17")) == day("2014-04-16")
    assert nyse.am_last_trade(day("2025-01-10")) == day("2025-01-08")  # the 9th was closed


def test_every_month_has_one_standard_expiration_and_it_is_a_weekly_one(nyse: Calendar) -> None:
    lo, hi = day("1990-01-01"), day("2035-12-31")
    monthly = nyse.monthly_expirations(lo, hi)
    assert len(monthly) == 46 * 12
    assert np.isin(monthly, nyse.weekly_expirations(lo, hi)).all()


@pytest.mark.parametrize(
    "closed",
    [
        *("2012-10-29", "2012-10-30", "2018-12-05", "2025-01-09", "2001-09-11", "2001-09-14"),
        *("2026-04-03", "2026-06-19", "2026-07-03", "2021-12-24", "2026-08-22"),
    ],
)
def test_t35_closed_days_are_no_sessions(nyse: Calendar, closed: str) -> None:
    assert not nyse.is_session(day(closed))
    assert not nyse.closes_early(day(closed))
    assert nyse.on_or_before(day(closed)) < day(closed) < nyse.next_session(day(closed))


def test_the_last_business_day_of_a_year_stays_open_when_new_year_falls_on_saturday(
    nyse: Calendar,
) -> None:
    assert nyse.is_session(day("2021-12-31"))  # NYSE rule 7.2


def test_early_closes_of_2026(nyse: Calendar) -> None:
    days = nyse.between(day("2026-01-01"), day("2026-12-31"))
    early = [int(one) for one in days if nyse.closes_early(int(one))]
    assert early == [day("2026-11-27"), day("2026-12-24")]
    short = nyse.short()
    mine = np.isin(short.day, early)
    assert short.by[mine].tolist() == [0.125, 0.125]  # 13:00 instead of 16:00
    assert len(short.day) == nyse.early.sum()


def test_a_session_is_decided_at_its_time_and_before_an_early_close(nyse: Calendar) -> None:
    assert utc(nyse.decide_at(day("2026-01-15"), "15:45")) == "2026-01-15 20:45"
    assert utc(nyse.decide_at(day("2026-07-15"), "15:45")) == "2026-07-15 19:45"
    assert utc(nyse.decide_at(day("2026-11-27"), "15:45")) == "2026-11-27 17:45"
    assert utc(nyse.decide_at(day("2026-12-24"), "10:08")) == "2026-12-24 15:08"
    assert utc(nyse.closes_at(day("2026-11-27"))) == "2026-11-27 18:00"
    assert utc(nyse.closes_at(day("2026-11-25"))) == "2026-11-25 21:00"


@pytest.mark.parametrize(
    ("before", "after", "moments"),
    [  # second Sunday of March, first Sunday of November
        ("2026-03-06", "2026-03-09", ("2026-03-06 20:45", "2026-03-09 19:45")),
        ("2026-10-30", "2026-11-02", ("2026-10-30 19:45", "2026-11-02 20:45")),
        # until 2006 the clock changed on the first Sunday of April and the last of October
        ("2006-03-31", "2006-04-03", ("2006-03-31 20:45", "2006-04-03 19:45")),
    ],
)
def test_t39_the_decision_keeps_exchange_time_across_a_change_of_the_clock(
    nyse: Calendar, before: str, after: str, moments: tuple[str, str]
) -> None:
    assert utc(nyse.decide_at(day(before), "15:45")) == moments[0]
    assert utc(nyse.decide_at(day(after), "15:45")) == moments[1]


@pytest.mark.parametrize("clock", ["09:30", "9:15", "16:01", "25:00", "15.45", "1545", "", "3pm"])
def test_a_decision_outside_the_session_is_refused(nyse: Calendar, clock: str) -> None:
    with pytest.raises(InputError, match="expected HH:MM exchange time, after 09:30"):
        nyse.decide_at(day("2026-01-15"), clock)


def test_a_day_without_a_session_is_not_decided(nyse: Calendar) -> None:
    with pytest.raises(InputError, match="XNYS has no session on 2026-06-19"):
        nyse.decide_at(day("2026-06-19"), "15:45")


def test_the_agenda_of_a_week_with_a_holiday_monday(nyse: Calendar) -> None:
    idle = Agenda(scan=False, enter=False, monitor=False, settle=False, review=False)
    begin = Agenda(scan=True, enter=True, monitor=True, settle=False, review=False)
    middle = Agenda(scan=False, enter=False, monitor=True, settle=False, review=False)
    end = Agenda(scan=False, enter=False, monitor=True, settle=True, review=True)
    monday = day("2026-05-25")  # Memorial Day
    found = [nyse.agenda(monday + offset) for offset in range(-1, 6)]
    assert found == [idle, idle, begin, middle, middle, end, idle]


def test_the_agenda_of_a_week_with_a_holiday_friday(nyse: Calendar) -> None:
    thursday = nyse.agenda(day("2026-06-18"))
    assert (thursday.settle, thursday.review, thursday.scan) == (True, True, False)
    assert nyse.agenda(day("2026-06-15")).scan


def test_first_and_last_of_week_ask_the_exchange_and_not_the_days_given(nyse: Calendar) -> None:
    days = np.array([day("2026-05-27"), day("2026-05-26"), day("2026-05-25")], np.int32)
    assert nyse.first_of_week(days).tolist() == [False, True, False]
    assert nyse.last_of_week(np.array([day("2026-07-02")], np.int32)).tolist() == [True]


@given(st.dates(date(1990, 2, 1), date(2035, 11, 30)))
def test_every_week_begins_and_ends_once(when: date) -> None:
    nyse = _kept_calendar()
    monday = day_number(when) - when.weekday()
    week = nyse.between(monday, monday + 6)
    assert nyse.first_of_week(week).tolist() == [True] + [False] * (len(week) - 1)
    assert nyse.last_of_week(week).tolist() == [False] * (len(week) - 1) + [True]
    assert nyse.weekly_expirations(monday, monday + 6).tolist() == [
        int(week[week <= monday + 4][-1])
    ]


def test_neighbours_and_ranges(nyse: Calendar) -> None:
    assert nyse.on_or_before(day("2026-01-15")) == day("2026-01-15")
    assert nyse.next_session(day("2026-01-15")) == day("2026-01-16")
    assert nyse.next_session(day("2026-01-16")) == day("2026-01-20")  # Martin Luther King
    assert nyse.between(day("2026-01-17"), day("2026-01-19")).tolist() == []
    assert len(nyse.between(day("2014-01-01"), day("2018-12-31"))) == 1258  # arch's S&P 500


def test_days_the_calendar_does_not_know_are_refused(nyse: Calendar) -> None:
    for ask in (nyse.is_session, nyse.on_or_before, nyse.next_session):
        with pytest.raises(InputError, match="XNYS knows 1990-01-01 to 2035-12-31, not 1989-12-29"):
            ask(day("1989-12-29"))
    with pytest.raises(InputError, match="not 1990-01-01"):
        nyse.on_or_before(day("1990-01-01"))  # no session yet
    with pytest.raises(InputError, match="not 2036-01-01"):
        nyse.next_session(day("2035-12-31"))
    with pytest.raises(InputError, match="not 2036-02-01"):
        nyse.weekly_expirations(day("2035-12-01"), day("2036-02-01"))


def test_an_unknown_exchange_is_refused(home: Path) -> None:
    with pytest.raises(InputError, match="exchange 'XXXX' is not known"):
        load_calendar("XXXX", home)


def test_a_venue_that_never_closes(home: Path) -> None:
    always = load_calendar("24/7", home)
    assert always.is_session(day("2026-12-25"))
    assert always.closes_at(day("2026-12-25")) == (day("2026-12-25") + 1) * 86_400 * 10**9


def test_t42_a_coins_day_is_of_utc_and_its_options_end_at_eight_in_it(home: Path) -> None:
    """A Saturday, summer or winter: no zone moves its clock."""
    always = load_calendar("24/7", home)
    for saturday in ("2025-07-05", "2025-12-27"):
        at = datetime.fromisoformat(f"{saturday}T08:00:00+00:00").timestamp() * 10**9
        assert always.at(day(saturday), 8 * 60) == at
        assert always.day_at(int(at)) == day(saturday)
        assert always.next_session(day(saturday)) == day(saturday) + 1


def test_what_is_cached_is_read_back_the_same(nyse: Calendar, home: Path) -> None:
    again = load_calendar("XNYS", home)
    for field in ("name", "tz", "first", "last"):
        assert getattr(again, field) == getattr(nyse, field)
    for field in ("sessions", "early", "opens", "closes"):
        assert getattr(again, field).dtype == getattr(nyse, field).dtype
        assert np.array_equal(getattr(again, field), getattr(nyse, field))
    with pytest.raises(ValueError, match="read-only"):
        again.sessions[0] = 0


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "other", "text"])
def test_a_damaged_cache_is_made_again(tmp_path: Path, damage: str) -> None:
    path = known.cache_path("24/7", tmp_path)
    whole = load_calendar("24/7", tmp_path)
    content = path.read_bytes()
    middle = len(content) // 2
    path.write_bytes(
        {
            "cut": content[:middle],
            "flip": content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :],
            "empty": b"",
            "other": _cache_of_another(tmp_path),
            "text": b"sessions",
        }[damage]
    )
    assert np.array_equal(load_calendar("24/7", tmp_path).sessions, whole.sessions)
    assert path.read_bytes() != b""
    assert [one.name for one in path.parent.iterdir() if one.suffix == ".part"] == []


def test_a_warm_calendar_does_not_import_the_library(nyse: Calendar, home: Path) -> None:
    assert nyse.name == "XNYS"
    code = (
        "import sys; from pathlib import Path; "
        "from underwriter.market.calendar import load_calendar; "
        "load_calendar('XNYS', Path(sys.argv[1])); "
        "sys.exit('exchange_calendars' in sys.modules or 'pandas' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(home)]
    subprocess.run(command, check=True, env=os.environ | {"UNDERWRITER_JIT": "0"})


def test_a_home_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file, not a folder")
    with pytest.raises(InputError, match=r"home .*home: the calendar cannot be kept there"):
        load_calendar("XNYS", tmp_path / "home")


def _cache_of_another(tmp_path: Path) -> bytes:
    load_calendar("XNYS", tmp_path)
    return known.cache_path("XNYS", tmp_path).read_bytes()


_KEPT: list[Calendar] = []


def _kept_calendar() -> Calendar:
    """One calendar for hypothesis, which cannot use a fixture of narrower scope."""
    if not _KEPT:
        with tempfile.TemporaryDirectory() as folder:
            _KEPT.append(load_calendar("XNYS", Path(folder)))
    return _KEPT[0]
