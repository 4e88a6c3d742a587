"""Options of a command as a frozen dataclass: Typer reads a signature, people read a class.

@dataclass(frozen=True, kw_only=True)
class Options(Common):
    half_spread: Annotated[float | None, Option(help="...")] = None

@app.command()
@takes(Options)
def backtest(options: Options) -> int: ...
"""

import inspect
from calendar import monthrange
from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, fields
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_type_hints

from typer import Argument, Option

from underwriter.core.errors import InputError

Given = TypeVar("Given", bound="Common")


@dataclass(frozen=True, kw_only=True)
class Common:
    """What every command takes."""

    json: Annotated[bool, Option("--json", help="One JSON object on standard output.")] = False


@dataclass(frozen=True, kw_only=True)
class Housed(Common):
    """What every command takes that needs a home."""

    home: Annotated[
        Path | None,
        Option(help="Where settings, runs and compiled kernels are kept.", metavar="DIR"),
    ] = None


Policies = Annotated[
    list[str],
    Argument(help="A shipped policy's name, or a path; several in one account.", metavar="POLICY"),
]
DayFrom = Annotated[
    str | None, Option("--from", help="First day, month or year.", metavar="YYYY[-MM[-DD]]")
]
DayTo = Annotated[
    str | None, Option("--to", help="Last day, month or year.", metavar="YYYY[-MM[-DD]]")
]


def period(from_: str | None, to: str | None) -> tuple[date | None, date | None]:
    """First and last day of what --from and --to say; a year or a month counts whole.

    Raises InputError for what is no date, and for an end before its beginning.
    """
    first, last = _days("--from", from_)[0], _days("--to", to)[1]
    if first and last and first > last:
        raise InputError(f"--from {from_}: found a day after --to {to}; expected one before it")
    return first, last


def _days(flag: str, text: str | None) -> tuple[date | None, date | None]:
    """First and last day of a year, a month or a day."""
    if text is None:
        return None, None
    parts = text.split("-")
    try:
        first = date.fromisoformat("-".join([*parts, "01", "01"][: max(len(parts), 3)]))
    except ValueError as error:
        wanted = "expected a day, month or year, such as 2015-03-04, 2015-03 or 2015"
        raise InputError(f"{flag}: found {text!r}; {wanted}") from error
    if len(parts) == len(("year", "month", "day")):
        return first, first
    month = first.month if len(parts) > 1 else 12
    return first, date(first.year, month, monthrange(first.year, month)[1])


def takes(options: type[Given]) -> Callable[[Callable[[Given], int]], Callable[..., int]]:
    """Give a command that takes an options object the signature of that object's fields."""

    def decorate(command: Callable[[Given], int]) -> Callable[..., int]:
        @wraps(command)
        def called(**given: Any) -> int:  # noqa: ANN401  what Typer parsed
            return command(options(**given))

        hints = get_type_hints(options, include_extras=True)
        parameters = [_parameter(field, hints[field.name]) for field in fields(options)]
        required_first = sorted(parameters, key=lambda one: one.default is not one.empty)
        called.__signature__ = inspect.Signature(required_first)  # type: ignore[attr-defined]
        called.__annotations__ = {one.name: one.annotation for one in parameters}
        del called.__wrapped__
        return called

    return decorate


def _parameter(field: Field[Any], hint: Any) -> inspect.Parameter:  # noqa: ANN401  any annotation
    """One field as a parameter that is given by name."""
    default = inspect.Parameter.empty if field.default is MISSING else field.default
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(field.name, kind, default=default, annotation=hint)
