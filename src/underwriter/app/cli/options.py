"""Options of a command as a frozen dataclass: Typer reads a signature, people read a class.

@dataclass(frozen=True, kw_only=True)
class Options(Common):
    half_spread: Annotated[float | None, Option(help="...")] = None

@app.command()
@takes(Options)
def backtest(options: Options) -> int: ...
"""

import inspect
from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, fields
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_type_hints

from typer import Option

DAY = ["%Y-%m-%d"]
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


def day_of(moment: datetime | None) -> date | None:
    """The date of what Typer parsed."""
    return moment.date() if moment else None


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
