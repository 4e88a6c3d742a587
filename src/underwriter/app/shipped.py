"""The policies that come along, by name."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from underwriter.app.policy_file import WrittenPolicy, parse_policy, read_policy
from underwriter.app.request import together
from underwriter.app.toml_text import suggestion
from underwriter.core.errors import InputError

_SUFFIX = ".toml"
_FOLDER = files("underwriter") / "policies"


def names() -> list[str]:
    """What the shipped policies are called, sorted."""
    listing = [each.name for each in _FOLDER.iterdir()]
    return sorted(name.removesuffix(_SUFFIX) for name in listing if name.endswith(_SUFFIX))


def find_policy(asked: str) -> WrittenPolicy:
    """The policy that `asked` names: a shipped one, else a path.

    A word that is a shipped name means that one, whatever lies in the folder; a file of the same
    name is reached as ./name.  Raises InputError where there is none, or it cannot be used.
    """
    if asked in names():
        file = f"{asked}{_SUFFIX}"
        return parse_policy(Path(file), (_FOLDER / file).read_text(encoding="utf-8"))
    path = Path(asked)
    if not path.exists() and path.name == asked and path.suffix != _SUFFIX:
        raise InputError(
            f"policy {asked}: found no such policy or file; shipped: {suggestion(asked, names())}"
        )
    return read_policy(path)


def find_policies(asked: Sequence[str]) -> tuple[WrittenPolicy, ...]:
    """The policies of one account that words name; InputError also for those that do not fit."""
    return together([find_policy(each) for each in asked])
