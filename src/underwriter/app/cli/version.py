"""`underwriter version`: which code this is, and what it stands on."""

import platform
from dataclasses import dataclass
from importlib.metadata import version as installed

import typer

from underwriter.app.cli.options import Common, takes
from underwriter.app.cli.terminal import answer, answer_json

_BESIDE = ("numpy", "numba", "polars", "QuantLib", "exchange-calendars")


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Nothing beside what every command takes."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: underwriter version --json")(version)


@takes(Options)
def version(options: Options) -> int:
    """Say the versions that figures depend on."""
    found = {
        "underwriter": installed("underwriter"),
        "python": platform.python_version(),
        **{name: installed(name) for name in _BESIDE},
    }
    if options.json:
        answer_json(found)
    else:
        answer("\n".join(f"{name} {number}" for name, number in found.items()))
    return 0
