"""`underwriter book record ...`: what happened elsewhere, by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from typer import Argument, Option

from underwriter.app.cli.options import Housed, takes
from underwriter.app.cli.terminal import ATTENTION, answer, answer_json, remark
from underwriter.core.errors import InputError

if TYPE_CHECKING:
    from underwriter.app.record import Draft, Priced, Where

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)


@dataclass(frozen=True, kw_only=True)
class Recording(Housed):
    """What every record takes."""

    journal: Annotated[
        str | None,
        Option(help="A journal, or a run's folder; left out: the last.", metavar="JOURNAL"),
    ] = None
    account: Annotated[
        str | None, Option(help="Whose; left out: the only one.", metavar="NAME")
    ] = None
    date: Annotated[
        str | None, Option(help="When it happened; left out: today.", metavar="DATE")
    ] = None
    create: Annotated[
        bool, Option("--create", help="Make the journal, or the account, that is not there.")
    ] = False
    broker: Annotated[str, Option(help="Of an account that is made.")] = "by hand"
    number: Annotated[
        str, Option(help="Of an account that is made; its last four characters are kept.")
    ] = ""
    collateral: Annotated[
        Literal["cash", "reg_t"], Option(help="Rule of an account that is made.")
    ] = "cash"
    tax: Annotated[
        Literal["us_taxable", "us_deferred", "separate"],
        Option(help="Treatment of an account that is made."),
    ] = "us_taxable"
    yes: Annotated[bool, Option("--yes", help="Write without asking.")] = False

    def where(self) -> "Where":
        """Where it is written, and when it happened; InputError for a day to come."""
        from underwriter.app.settings import open_house  # noqa: PLC0415  pydantic, not for --help

        house = open_house(self.home)
        from underwriter.app.books import journal_to_write  # noqa: PLC0415  kernels' home is set
        from underwriter.app.record import Terms, Where, day_of  # noqa: PLC0415

        today = date.today()  # noqa: DTZ011, TID251  the user's own day
        day = today if self.date is None else day_of("--date", self.date)
        if day > today:
            raise InputError(f"--date: found {day}; expected a day up to {today}")
        journal = journal_to_write(self.journal, house.home, Path.cwd(), create=self.create)
        terms = Terms(self.broker, self.number, self.collateral, self.tax) if self.create else None
        return Where(journal, self.account, day, terms)


Amount = Annotated[str, Argument(help="In the account's currency, above zero.", metavar="AMOUNT")]
Symbol = Annotated[str, Argument(help="The shares, such as KO.", metavar="SYMBOL")]
Price = Annotated[str, Argument(help="A share.", metavar="PRICE")]
Fee = Annotated[str, Option(help="All fees of it.", metavar="AMOUNT")]
Owned = Annotated[
    str | None,
    Option(
        "--owned-since",
        help="Owned before this book: PRICE is its basis, and no cash moves.",
        metavar="DATE",
    ),
]


@dataclass(frozen=True, kw_only=True)
class Money(Recording):
    """What `deposit`, `withdraw` and `fee` take."""

    amount: Amount


@dataclass(frozen=True, kw_only=True)
class Shares(Recording):
    """What `buy` and `sell` take."""

    symbol: Symbol
    shares: Annotated[int, Argument(help="How many.", min=1, max=10**9, metavar="SHARES")]
    price: Price
    fee: Fee = "0"
    owned: Owned = None


@dataclass(frozen=True, kw_only=True)
class OfOption(Recording):
    """What `option` takes."""

    action: Annotated[
        Literal["sell", "buy", "expire", "assign", "exercise", "settle"],
        Argument(help="What happened: sell, buy, expire, assign, exercise or settle."),
    ]
    contract: Annotated[
        str, Argument(help='As "KO 2026-02-20 P 60", or its OSI symbol.', metavar="CONTRACT")
    ]
    contracts: Annotated[int, Argument(help="How many.", min=1, max=10**6, metavar="CONTRACTS")]
    price: Annotated[
        str, Option(help="A share; of settle the settlement price.", metavar="AMOUNT")
    ] = ""
    fee: Fee = "0"
    owned: Owned = None


@dataclass(frozen=True, kw_only=True)
class Dividend(Recording):
    """What `dividend` takes."""

    symbol: Symbol
    amount: Annotated[str, Argument(help="Of all shares together.", metavar="AMOUNT")]


@dataclass(frozen=True, kw_only=True)
class Correction(Recording):
    """What `correct` takes."""

    id: Annotated[str, Argument(help="Of the event, as `book record` said it.", metavar="ID")]
    never: Annotated[bool, Option("--never", help="It never happened.")] = False
    quantity: Annotated[
        int | None, Option(help="Contracts or shares.", min=1, max=10**9, metavar="N")
    ] = None
    price: Annotated[str | None, Option(help="A share.", metavar="AMOUNT")] = None
    amount: Annotated[str | None, Option(help="Of money, or a dividend.", metavar="AMOUNT")] = None
    fee: Annotated[str | None, Option(help="All fees of it.", metavar="AMOUNT")] = None


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    for command, example in (
        (deposit, "deposit 20000 --journal mine.db --create"),
        (withdraw, "withdraw 500 --date 2026-02-02"),
        (buy, "buy KO 100 52.10 --owned-since 2024-03-01"),
        (sell, "sell KO 100 61.20 --fee 0.17"),
        (option, 'option sell "KO 2026-02-20 P 60" 1 --price 0.85 --fee 0.66'),
        (dividend, "dividend KO 51"),
        (fee, "fee 10"),
        (correct, "correct hand-4 --price 0.80"),
    ):
        app.command(epilog=f"Example: underwriter book record {example}")(command)
    app.callback(help="Write down by hand what happened elsewhere.")(lambda: None)
    parent.add_typer(app, name="record")


@takes(Money)
def deposit(options: Money) -> int:
    """Record money that came in."""
    from underwriter.app import record  # noqa: PLC0415  kernels, not for --help

    return _record(options, lambda where: record.paid(where, "deposit", options.amount))


@takes(Money)
def withdraw(options: Money) -> int:
    """Record money that went out."""
    from underwriter.app import record  # noqa: PLC0415  kernels, not for --help

    return _record(options, lambda where: record.paid(where, "withdraw", options.amount))


@takes(Money)
def fee(options: Money) -> int:
    """Record a fee that belongs to no trade."""
    from underwriter.app import record  # noqa: PLC0415  kernels, not for --help

    return _record(options, lambda where: record.paid(where, "fee", options.amount))


@takes(Shares)
def buy(options: Shares) -> int:
    """Record shares that were bought, or that were owned before this book began."""
    return _shares(options, 1)


@takes(Shares)
def sell(options: Shares) -> int:
    """Record shares that were sold."""
    return _shares(options, -1)


@takes(OfOption)
def option(options: OfOption) -> int:
    """Record a trade in an option, or what became of one."""
    from underwriter.app import record  # noqa: PLC0415  kernels, not for --help

    priced = options.action in {"sell", "buy", "settle"}
    if priced != bool(options.price):
        found = options.price or "none"
        wanted = "one" if priced else "none"
        raise InputError(f"--price: found {found}; expected {wanted} for {options.action}")
    if options.owned is not None and options.action not in {"sell", "buy"}:
        raise InputError(f"--owned-since: found it for {options.action}; expected sell or buy")
    return _record(
        options,
        lambda where: record.option(
            where, options.action, options.contract, options.contracts, _priced(options)
        ),
    )


@takes(Dividend)
def dividend(options: Dividend) -> int:
    """Record a dividend on the shares that are held, or that is owed on those sold short."""
    from underwriter.app import record  # noqa: PLC0415  kernels, not for --help

    return _record(options, lambda where: record.dividend(where, options.symbol, options.amount))


@takes(Correction)
def correct(options: Correction) -> int:
    """Say how an event truly was, or that it never happened; what was written stays."""
    from underwriter.app import record_correct  # noqa: PLC0415  kernels, not for --help

    figures = options.quantity, options.price, options.amount, options.fee
    otherwise = record_correct.Otherwise(options.never, *figures)
    return _record(options, lambda where: record_correct.correct(where, options.id, otherwise))


def _shares(options: Shares, sign: int) -> int:
    """Shares in or out."""
    from underwriter.app import record  # noqa: PLC0415  kernels, not for --help

    count = sign * options.shares
    return _record(
        options, lambda where: record.shares(where, options.symbol, count, _priced(options))
    )


def _priced(options: Shares | OfOption) -> "Priced":
    """What a trade was done at."""
    from underwriter.app.record import Priced, day_of  # noqa: PLC0415  kernels, not for --help

    owned = None if options.owned is None else day_of("--owned-since", options.owned)
    return Priced(options.price, options.fee, owned)


def _record(options: Recording, drafted: "Callable[[Where], Draft]") -> int:
    """Show what is to be written, ask, and write all of it or nothing."""
    draft = drafted(options.where())
    found = draft.said(written=True)
    shown = [f"{found.journal}, account {found.account}:"]
    shown += [f"  {one.event}  {one.text}{one.id and f'  ({one.id})'}" for one in found.events]
    shown += [f"Doubtful: {one}" for one in found.doubts]
    if not options.yes:
        remark("\n".join(shown))
        if not typer.confirm("Write this?", err=True):
            remark("underwriter: nothing was written")
            return 1
    draft.write()
    if options.json:
        from msgspec import to_builtins  # noqa: PLC0415

        answer_json(to_builtins(found))
    else:
        answer("\n".join([*shown, "Written."]))
    return ATTENTION if found.doubts else 0
