"""The neutral statement: what any broker's export is read into, exact, and still no event.

Money, prices and quantities are whole millionths (``_u``); where a broker writes finer ones
(Interactive Brokers, Alpaca) each is rounded once, halves away from zero.  Signs are the account's:
a quantity is the change of what is held, an amount the change of its cash; fees and commissions are
costs, above zero where they were paid.  Of every row

    net_u = gross_u - commission_u - fee_u

A row that nothing here understands is kept, of kind UNKNOWN, with its cash and the reason.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """What a row is: a closed set."""

    TRADE = "trade"  # an option or shares; `effect` says whether it opens or closes
    ASSIGNMENT = "assignment"  # the option leaves
    EXERCISE = "exercise"  # likewise
    DELIVERY = "delivery"  # the shares of an assignment or an exercise
    EXPIRATION = "expiration"
    SETTLEMENT = "settlement"  # an option that ended in cash
    DIVIDEND = "dividend"  # owed on shares sold short where it is negative
    IN_LIEU = "in_lieu"  # paid instead of a dividend, on shares that were lent
    WITHHOLDING = "withholding"
    INTEREST = "interest"
    FEE = "fee"
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    TRANSFER = "transfer"  # from or to another broker
    JOURNAL = "journal"  # between accounts of this broker
    SPLIT = "split"
    REVERSE_SPLIT = "reverse_split"
    SYMBOL_CHANGE = "symbol_change"
    MERGER = "merger"
    ADJUSTMENT = "adjustment"  # of contracts, by a special dividend; cash for fractions of shares
    CORRECTION = "correction"  # takes back a trade that was reported before
    CONVERSION = "conversion"  # one currency for another, a row for each
    UNKNOWN = "unknown"


class Instrument(msgspec.Struct, frozen=True, gc=False):
    """Shares, or an option on them; BRK.B has a dot, whatever a broker writes."""

    symbol: str  # the shares, or the underlying of the option
    option: str | None = None  # OSI, 21 characters
    root: str = ""  # of the option
    multiplier: int = 1  # shares a contract; 100 of an option unless a statement says another

    @property
    def key(self) -> str:
        """What names it among all that an account holds."""
        return self.option or self.symbol

    @property
    def adjusted(self) -> bool:
        """Whether its root carries a digit: what it delivers is not what its name says."""
        return any(letter.isdigit() for letter in self.root)


class Row(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One row; `line` counts the lines of a text, or the activities of a JSON, from one."""

    line: int
    kind: Kind
    day: date  # by the exchange, New York
    at: int | None = None  # UTC nanoseconds; None where the statement has no time
    what: str = ""  # the broker's own words
    instrument: Instrument | None = None
    effect: str = ""  # "open", "close", or "" where the statement does not say, or both
    quantity_u: int = 0
    sided: bool = True  # False: the sign is not known, and the quantity stands as if bought
    price_u: int | None = None  # a share
    gross_u: int = 0
    commission_u: int = 0
    fee_u: int = 0
    net_u: int = 0
    currency: str = "USD"
    order: str = ""  # the broker's id of the order
    execution: str = ""  # and of the execution, the trade or the activity
    id: str = ""  # of the content: the same row in another export has the same
    pair: str = ""  # the same for rows that belong together; "" where a row stands alone
    why: str = ""  # of an unknown row: what was not understood

    @property
    def is_option(self) -> bool:
        """Whether it moves contracts."""
        return self.instrument is not None and self.instrument.option is not None


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """An export, read: its rows oldest first, and what it says of its own end."""

    path: str
    broker: str
    layout: str
    account: str  # as the statement names it, "" where neither it nor its file's name does
    currency: str  # base
    first: date
    last: date
    rows: tuple[Row, ...]
    repeated: int = 0  # rows that a broker's own id gave away as told twice; kept once
    start_u: Mapping[str, int] | None = None  # cash by currency before the first row
    cash_u: Mapping[str, int] | None = None  # and after the last one, where it is said
    holdings: Mapping[str, int] | None = None  # quantities in millionths, by `Instrument.key`

    @property
    def unknown(self) -> tuple[Row, ...]:
        """The rows that were not understood: they stop an import."""
        return tuple(row for row in self.rows if row.kind is Kind.UNKNOWN)

    @property
    def undelivered(self) -> tuple[Row, ...]:
        """Assignments and exercises whose shares the statement does not show."""
        ends = (Kind.ASSIGNMENT, Kind.EXERCISE)
        return tuple(row for row in self.rows if row.kind in ends and not row.pair)

    def told(self) -> tuple[str, ...]:
        """One line for people for each row that was not understood."""
        return tuple(f"{self.path}, row {row.line}: {row.why}" for row in self.unknown)
