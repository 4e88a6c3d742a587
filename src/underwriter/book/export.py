"""Double entry as text: a Beancount file, or rows of csv.

Beancount's own `bean-check` accepts the file: every transaction balances, every lot that goes out
was there, and at the end cash and holdings are what the journal's fold says.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from underwriter.book.chart import Chart
from underwriter.book.currency import decimal
from underwriter.book.event import AnyEvent
from underwriter.book.postings import Posting, Transaction, transactions

COLUMNS = (
    "event", "date", "kind", "text", "account", "commodity", "units", "weight", "currency",
    "opened",
)  # fmt: skip
_DAY = timedelta(days=1)


def beancount(events: Sequence[AnyEvent]) -> Iterator[str]:
    """The lines of a Beancount file, without their ends."""
    chart = Chart()
    listed = list(transactions(events, chart))
    currencies = sorted({each.currency for each in listed})
    yield 'option "title" "Underwriter"'
    for currency in currencies:
        yield f'option "operating_currency" "{currency}"'
        # half a millionth: a lot's cost a unit may have no end, its whole cost is a decimal
        yield f'option "inferred_tolerance_default" "{currency}:0.0000005"'
    yield ""
    yield from _opened(listed)
    yield from _commodities(listed, chart)
    for each in listed:
        yield from _entry(each)
    yield from _balances(listed)


def _opened(listed: Iterable[Transaction]) -> Iterator[str]:
    """Every account, on the day of its first posting."""
    first: dict[str, date] = {}
    for each in listed:
        for one in each.postings:
            first.setdefault(one.account, each.day)
    for account, day in first.items():
        yield f"{day} open {account}"
    yield ""


def _commodities(listed: Iterable[Transaction], chart: Chart) -> Iterator[str]:
    """Every option and share, with its own name."""
    first: dict[str, date] = {}
    for each in listed:
        for one in each.postings:
            if one.opened is not None:
                first.setdefault(one.commodity, each.day)
    for commodity, day in first.items():
        yield f"{day} commodity {commodity}"
        yield f'  name: "{_quoted(chart.commodities[commodity])}"'
    yield ""


def _quoted(text: str) -> str:
    """A text that may stand between quotes."""
    return text.replace("\\", "/").replace('"', "'")


def _entry(each: Transaction) -> Iterator[str]:
    """One transaction."""
    yield f'{each.day} * "{_quoted(each.text)}"'
    yield f"  event: {each.sequence}"
    for one in each.postings:
        yield f"  {one.account:<48} {_amount(one, each.currency)}"
    yield ""


def _amount(one: Posting, currency: str) -> str:
    """Money, or a lot with its whole cost and its day."""
    if one.opened is None:
        return f"{decimal(one.units):>16} {one.commodity}"
    cost = decimal(abs(one.weight_u))
    return f"{one.units:>16} {one.commodity} {{{{{cost} {currency}, {one.opened}}}}}"


def _balances(listed: Sequence[Transaction]) -> Iterator[str]:
    """What every account that holds something holds in the end: assertions of the next morning."""
    held: defaultdict[tuple[str, str, bool], int] = defaultdict(int)
    for each in listed:
        for one in each.postings:
            if one.account.startswith(("Assets:", "Liabilities:")):
                held[one.account, one.commodity, one.opened is None] += one.units
    for (account, commodity, money), units in held.items():
        amount = f"{decimal(units)} ~ 0" if money else f"{units}"
        yield f"{listed[-1].day + _DAY} balance {account:<40} {amount} {commodity}"


def csv_rows(events: Sequence[AnyEvent]) -> Iterator[str]:
    """The lines of a csv, a posting a row, without their ends; the weights of an event sum to 0."""
    yield _row(COLUMNS)
    for each in transactions(events, Chart()):
        head = each.sequence, each.day, each.kind, each.text
        for one in each.postings:
            units = decimal(one.units) if one.opened is None else one.units
            tail = units, decimal(one.weight_u), each.currency, one.opened
            yield _row((*head, one.account, one.commodity, *tail))


def _row(cells: Iterable[object]) -> str:
    """One row of a csv."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()
