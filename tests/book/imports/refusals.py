"""What a changed text is refused with."""

from pathlib import Path

import pytest

from book.imports.outline import read_text
from underwriter.core.errors import InputError


def refusal(folder: Path, text: str, old: str = "", new: str = "", **asked: str) -> str:
    """The line that refuses a text of which one thing was replaced, without the file's name."""
    assert old in text
    with pytest.raises(InputError) as refused:
        read_text(folder, text.replace(old, new, 1), **asked)
    return str(refused.value).removeprefix(str(folder / "statement.csv")).removeprefix(", ")
