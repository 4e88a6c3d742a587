"""What people call an option, and what is none."""

import pytest

from underwriter.book.naming import contract_of, named
from underwriter.core.errors import InputError


@pytest.mark.parametrize(
    ("symbol", "name"),
    [
        ("KO    260220P00060000", "KO 2026-02-20 P 60"),
        ("XYZ1  260220C00012500", "XYZ1 2026-02-20 C 12.5"),
        ("BTC-27DEC24-90000-C", "BTC-27DEC24-90000-C"),  # of another kind
        ("KO", "KO"),
        ("USD ", "USD"),
    ],
)
def test_an_option_is_named_and_what_is_none_stands_as_it_is(symbol: str, name: str) -> None:
    assert named(symbol) == name


def test_what_is_no_option_has_no_contract() -> None:
    with pytest.raises(InputError):
        contract_of("KO")
