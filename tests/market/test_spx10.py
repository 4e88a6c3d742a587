"""The modelled ETF of the demo, against what was true of the S&P 500 on named days.

Closes of the S&P 500: 1,831.37 on 2014-01-03, 2,872.87 on 2018-01-26 (its high of that winter),
2,351.10 on 2018-12-24, 2,506.85 on 2018-12-31.  VIX: 40.74 on 2015-08-24, 37.32 on 2018-02-05,
9.14 on 2017-11-03.  (S&P Dow Jones Indices; Cboe.)
"""

import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from underwriter.core.errors import InputError
from underwriter.core.units import day_number, day_of
from underwriter.market.calendar import Calendar, load_calendar
from underwriter.market.sources import spx10
from underwriter.market.sources.spx10 import Spx10, bill_rates, dividends, read_spx10


@pytest.fixture(scope="module")
def nyse(tmp_path_factory: pytest.TempPathFactory) -> Calendar:
    return load_calendar("XNYS", tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def history(nyse: Calendar) -> Spx10:
    return read_spx10(nyse)


def on(history: Spx10, text: str) -> int:
    return int(np.flatnonzero(history.day == day_number(date.fromisoformat(text)))[0])


def test_sessions_run_from_the_first_vix_to_the_end_of_2018(history: Spx10) -> None:
    assert len(history.day) == 1257  # NYSE: 252 sessions a year, 251 in 2017 and 2018, less one
    assert day_of(int(history.day[0])) == date(2014, 1, 3)
    assert day_of(int(history.day[-1])) == date(2018, 12, 31)


@pytest.mark.parametrize(
    ("when", "close"),
    [
        *(("2014-01-03", 183.14), ("2018-01-26", 287.29)),
        *(("2018-12-24", 235.11), ("2018-12-31", 250.69)),
    ],
)
def test_prices_are_a_tenth_of_the_index_on_the_cent(
    history: Spx10, when: str, close: float
) -> None:
    assert history.close[on(history, when)] == close


def test_every_bar_is_whole_and_in_order(history: Spx10) -> None:
    sides = np.array([history.open, history.high, history.low, history.close])
    assert np.isfinite(sides).all()
    assert (history.high >= sides.max(axis=0)).all()
    assert (history.low <= sides.min(axis=0)).all()
    assert np.allclose(sides * 100, np.round(sides * 100), atol=1e-9)


@pytest.mark.parametrize(
    ("when", "vix"), [("2015-08-24", 40.74), ("2018-02-05", 37.32), ("2017-11-03", 9.14)]
)
def test_volatility_is_the_vix_of_the_day(history: Spx10, when: str, vix: float) -> None:
    assert history.vix[on(history, when)] == vix


def test_rates_are_twelve_monthly_ones_and_the_last_is_carried(history: Spx10) -> None:
    """Fama-French RF: 0.00 percent in 2014, 0.04 in January 2017, 0.18 in November 2018."""
    assert history.rate[0] == 0.0
    assert history.rate[on(history, "2017-01-31")] == pytest.approx(0.0048, abs=1e-12)
    assert history.rate[on(history, "2018-11-30")] == pytest.approx(0.0216, abs=1e-12)
    assert history.rate[-1] == history.rate[on(history, "2018-11-30")]


def test_dividends_go_ex_when_those_of_spy_did(history: Spx10) -> None:
    """State Street: SPY's ex-dates of 2014, 2015 and 2018; amounts a quarter of the year's."""
    rows = np.flatnonzero(history.dividend)
    ex = [day_of(int(day)).isoformat() for day in history.day[rows]]
    assert ex[:8] == [
        *("2014-03-21", "2014-06-20", "2014-09-19", "2014-12-19"),
        *("2015-03-20", "2015-06-19", "2015-09-18", "2015-12-18"),
    ]
    assert ex[-4:] == ["2018-03-16", "2018-06-15", "2018-09-21", "2018-12-21"]
    assert history.dividend[rows[0]] == pytest.approx(39.44 / 40)
    assert history.dividend[rows[-1]] == pytest.approx(53.61 / 40)
    assert len(rows) == 20


def test_an_ex_date_on_a_holiday_moves_to_the_session_after(nyse: Calendar) -> None:
    june = nyse.between(day_number(date(2026, 6, 1)), day_number(date(2026, 6, 30)))
    paid = dividends(june, nyse)
    assert [day_of(int(day)) for day in june[paid > 0]] == [date(2026, 6, 22)]  # Juneteenth


def test_arch_is_read_without_being_imported(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; "
        "from underwriter.market.calendar import load_calendar; "
        "from underwriter.market.sources.spx10 import read_spx10; "
        "read_spx10(load_calendar('XNYS', Path(sys.argv[1]))); "
        "sys.exit('arch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)


def test_without_arch_the_message_names_what_to_install(
    nyse: Calendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spx10, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"pip install underwriter\[demo\]"):
        read_spx10(nyse)


def test_other_files_than_expected_are_refused(nyse: Calendar, tmp_path: Path) -> None:
    for folder in ("sp500", "vix", "frenchdata"):
        (tmp_path / folder).mkdir()
    with pytest.raises(InputError, match=r"sp500.csv.gz: no such file"):
        read_spx10(nyse, tmp_path)
    gap = "date,close\n2014-01-03,1831.37\n2014-01-07,1837.88\n"  # without the 6th
    (tmp_path / "sp500" / "sp500.csv.gz").write_text(gap)
    (tmp_path / "vix" / "vix.csv.gz").write_text("date,vix\n2014-01-03,13.76\n")
    with pytest.raises(InputError, match="2014-01-06 differs from the sessions of XNYS"):
        read_spx10(nyse, tmp_path)


def test_a_month_of_bills_becomes_a_year(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("Date,Mkt-RF,RF\n192607,2.96,0.22\n192608,2.64,0.25\n")
    found = bill_rates(path)
    assert [day_of(int(day)) for day in found.day] == [date(1926, 7, 1), date(1926, 8, 1)]
    assert found.value.tolist() == pytest.approx([0.0264, 0.03])
