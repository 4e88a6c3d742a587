"""Tax years in plain text, beside the ledgers of `ledger_text`.

2026-02-20 assigned XYZ 94 P, 100 shares
=> short 64.00 · long 0.00 · XYZ 100 basis 9,125.00 since 2026-02-20

A line `=>` says what the year of the line before it came to so far: gains by term, then losses put
off where there are any, then each open lot.
"""

from collections.abc import Iterator

import msgspec

from book.ledger_text import Ledger, events_of, leg_text, money
from underwriter.book.event import AnyEvent
from underwriter.book.lot import Opened
from underwriter.book.tax import TaxYear, Treatment, taxed
from underwriter.core.contract import parse_osi


def lot_text(opened: Opened) -> str:
    _account, asset, lot = opened
    if asset.option is None:
        name = f"{asset.underlying} {lot.quantity}"
    else:
        name = leg_text(asset.underlying, parse_osi(asset.option).key(1), lot.quantity)
    word, amount_u = ("basis", -lot.money_u) if lot.quantity > 0 else ("proceeds", lot.money_u)
    return f"{name} {word} {money(amount_u)} since {lot.since}"


def parts(tax: TaxYear) -> Iterator[str]:
    yield f"short {money(tax.short_u)}"
    yield f"long {money(tax.long_u)}"
    if tax.disallowed_u:
        yield f"put off {money(tax.disallowed_u)}"
    yield from map(lot_text, tax.lots)


def tax_text(tax: TaxYear) -> str:
    return " · ".join(parts(tax))


def check_tax(text: str, treatment: Treatment | None = None) -> TaxYear:
    """Tax a ledger wherever it says `=>`; the last year is given back."""
    ledger, found = Ledger(), None
    for line in map(str.strip, text.strip().splitlines()):
        if line.startswith("=>"):
            found = taxed(ledger.events, ledger.day.year, treatment)
            assert tax_text(found) == line.removeprefix("=>").strip()
        else:
            ledger.read(line)
    assert found is not None
    return found


def elsewhere(text: str) -> list[AnyEvent]:
    """A ledger of another account and sleeve."""
    return [
        msgspec.structs.replace(event, account="ira", sleeve=9)  # type: ignore[call-arg]
        for event in events_of(text)
    ]
