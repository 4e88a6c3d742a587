"""A command's options are a class; Typer sees a signature."""

import inspect
from dataclasses import dataclass
from typing import Annotated

import typer
from typer.testing import CliRunner

from underwriter.app.cli.options import Common, takes


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Of a command for this test."""

    count: Annotated[int, typer.Option(help="How many.")] = 1
    word: Annotated[str, typer.Argument(help="What.")]


@takes(Options)
def command(options: Options) -> int:
    """Repeat a word."""
    typer.echo(f"{options.word * options.count} {options.json}")
    return 0


def test_the_signature_is_that_of_the_fields() -> None:
    parameters = inspect.signature(command).parameters
    assert list(parameters) == ["word", "json", "count"], "what is required comes first"
    assert command.__doc__ == "Repeat a word."


def test_typer_fills_the_fields() -> None:
    app = typer.Typer()
    app.command()(command)
    assert CliRunner().invoke(app, ["ab", "--count", "2", "--json"]).output == "abab True\n"
