"""`underwriter book export`: the books as double entry, for other programs."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec

from underwriter.app.evening import told
from underwriter.app.run_folder import replace_text
from underwriter.book.chart import Chart
from underwriter.book.currency import decimal
from underwriter.book.export import beancount, csv_rows
from underwriter.book.place import Place
from underwriter.book.postings import Posting, Transaction, transactions
from underwriter.core.errors import InputError

FORMATS = {"beancount": beancount, "csv": csv_rows}


class PostingSaid(msgspec.Struct, frozen=True):
    """One side; figures are exact decimals, as texts."""

    account: str
    commodity: str  # a currency, an option or a share
    units: str
    weight: str  # in the transaction's currency: of a lot what it was opened at
    opened: str | None  # null: money


class TransactionSaid(msgspec.Struct, frozen=True):
    """What one event moved: weights sum to zero."""

    event: int  # its sequence in the journal
    date: str
    kind: str
    text: str
    currency: str
    postings: list[PostingSaid]


class Exported(msgspec.Struct, frozen=True):
    """What `book export --json` prints."""

    journal: str
    transactions: list[TransactionSaid]


def lines(journal: Place, as_of: date | None, form: str) -> Iterator[str]:
    """The lines of an export; InputError for a form that there is not."""
    if form not in FORMATS:
        raise InputError(f"--format: found {form!r}; allowed: {', '.join(FORMATS)}")
    return FORMATS[form](told(journal, as_of))


def written(found: Iterator[str], output: Path) -> None:
    """Put an export into a file, whole or not at all."""
    replace_text(output, "".join(f"{line}\n" for line in found))


def exported(journal: Place, as_of: date | None) -> Exported:
    """The same as one object."""
    found = transactions(told(journal, as_of), Chart())
    return Exported(str(journal), [_transaction(each) for each in found])


def _transaction(each: Transaction) -> TransactionSaid:
    """One transaction."""
    posted = [_posting(one) for one in each.postings]
    return TransactionSaid(
        each.sequence, each.day.isoformat(), each.kind, each.text, each.currency, posted
    )


def _posting(one: Posting) -> PostingSaid:
    """One posting."""
    units = decimal(one.units) if one.opened is None else str(one.units)
    opened = None if one.opened is None else one.opened.isoformat()
    return PostingSaid(one.account, one.commodity, units, decimal(one.weight_u), opened)
