"""What a statement does not say of its own end."""

from datetime import date

import pytest

from underwriter.book.imports.ends import untold
from underwriter.book.imports.statement import Statement


@pytest.mark.parametrize(
    ("broker", "said", "left"),
    [
        ("ibkr", {"cash_u": {"USD": 0}, "holdings": {}}, []),
        ("ibkr", {"cash_u": {"USD": 0}}, ["positions"]),
        ("ibkr", {}, ["cash", "positions"]),
        ("robinhood", {}, []),  # whose export never says either
    ],
)
def test_what_is_not_said_is_named_where_the_broker_says_it_otherwise(
    broker: str, said: dict, left: list[str]
) -> None:
    day = date(2026, 1, 5)
    statement = Statement(
        path="s.csv", broker=broker, layout="csv", account="U1", currency="USD", first=day,
        last=day, rows=(), **said,
    )  # fmt: skip
    assert untold(statement) == left
