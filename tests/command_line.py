"""The command line in this process, and what it said."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from underwriter.app.cli.main import run


class Told:
    """What a command said."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> dict[str, Any]:
        """What it said on standard output, as the object it is."""
        found: dict[str, Any] = json.loads(self.out)
        return found


Command = Callable[..., Told]


def command_line(capsys: pytest.CaptureFixture[str]) -> Command:
    """The command line: called with arguments, it gives what was said."""

    def called(*arguments: str) -> Told:
        code = run(arguments)
        said = capsys.readouterr()
        return Told(code, said.out, said.err)

    return called
