"""--from and --to: a day, or a whole month or year."""

from datetime import date

import pytest

from underwriter.app.cli.options import period
from underwriter.core.errors import InputError


@pytest.mark.parametrize(
    ("from_", "to", "first", "last"),
    [
        (None, None, None, None),
        ("2015-03-04", "2015-03-04", date(2015, 3, 4), date(2015, 3, 4)),
        ("2015-03", "2016-02", date(2015, 3, 1), date(2016, 2, 29)),
        ("2015-12", "2015-12", date(2015, 12, 1), date(2015, 12, 31)),
        ("2010", "2018", date(2010, 1, 1), date(2018, 12, 31)),
    ],
)
def test_a_month_and_a_year_count_whole(
    from_: str | None, to: str | None, first: date | None, last: date | None
) -> None:
    assert period(from_, to) == (first, last)


@pytest.mark.parametrize("text", ["", "15", "2015-13", "2015-02-30", "2015/03/04", "May 2015"])
def test_what_is_no_date_is_refused_with_what_is(text: str) -> None:
    with pytest.raises(InputError, match=r"--from: found .*; expected a day, month or year"):
        period(text, None)


def test_an_end_before_its_beginning_is_refused() -> None:
    with pytest.raises(InputError, match="found a day after --to 2015-01"):
        period("2015-02", "2015-01")
