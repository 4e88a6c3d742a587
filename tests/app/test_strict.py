"""What a file may hold is said once: in the model, in the refusal and in the docs."""

import re
from pathlib import Path

import pytest

from underwriter.app.policy_file import PolicyFile, parse_policy
from underwriter.app.settings import Settings
from underwriter.app.strict import Strict, keys_of
from underwriter.app.toml_text import parse_toml, shown
from underwriter.core.errors import InputError

DOCS = Path(__file__).parents[2] / "docs"


EVERY_KIND = '''\
# [not.a.table]
plain = 1  # = [
"quoted \\" key" = 'a]'
dotted . key = """
fake = 1
x \\""" "" y"""
literal = \'\'\'
[fake]\'\'\'
items = [ # remark ]
  1,
  { inner = [ "]", "}" ] },
]
[table]
[table.inner]
key = 2014-01-01T00:00:00Z
[[many]]
key = 1
[[many]]
key = 2
[many.sub]
key = 3
'''


def rows_of(page: str) -> dict[str, list[str]]:
    """The tables of a page: the cells of each row whose first cell is `a key`."""
    text = (DOCS / page).read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    return {row[0].strip("`"): row for row in rows}


@pytest.mark.parametrize(("page", "model"), [("policy.md", PolicyFile), ("settings.md", Settings)])
def test_every_key_is_documented_with_what_it_allows(page: str, model: type[Strict]) -> None:
    rows = rows_of(page)
    keys = {key.name: key for key in keys_of(model) if key.allowed}
    assert list(rows) == list(keys)
    for name, key in keys.items():
        assert key.allowed in rows[name], f"{page}: {name} allows {key.allowed}"
        default = "required" if key.default is ... else f"`{shown(key.default)}`"
        expected = "none" if key.default is None else default
        assert expected == rows[name][2], f"{page}: the default of {name} is {expected}"


def test_the_scanner_finds_every_kind_of_key_and_item() -> None:
    lines = parse_toml(Path("any.toml"), EVERY_KIND).lines
    expected = {
        ("plain",): 2,
        ('quoted " key',): 3,
        ("dotted", "key"): 4,
        ("literal",): 7,
        ("items",): 9,
        ("items", 0): 10,
        ("items", 1): 11,
        ("items", 1, "inner"): 11,
        ("table",): 13,
        ("table", "inner", "key"): 15,
        ("many", 0, "key"): 17,
        ("many", 1, "key"): 19,
        ("many", 1, "sub", "key"): 21,
    }
    assert {place: lines[place] for place in expected} == expected


def test_a_place_without_a_line_is_where_its_surroundings_are() -> None:
    text = parse_toml(Path("any.toml"), "a = 1\n[b]\nc = 2\n")
    assert text.line(("b", "missing", 3)) == 2
    assert text.line(("nowhere",)) == 1


def test_a_refusal_stays_on_one_line_whatever_the_key() -> None:
    with pytest.raises(InputError) as refusal:
        parse_policy(Path("p.toml"), '"two\\nlines" = 1\n')
    assert "\n" not in str(refusal.value)


def test_values_are_shown_as_toml_writes_them() -> None:
    shapes = [True, False, "a\nb", float("nan"), float("-inf"), (1, [2.5]), {"spot": -0.2}]
    assert [shown(shape) for shape in shapes] == [
        "true",
        "false",
        '"a\\nb"',
        "nan",
        "-inf",
        "[1, [2.5]]",
        "{ spot = -0.2 }",
    ]
    assert re.fullmatch(r'"x+\.\.\.', shown("x" * 100))
