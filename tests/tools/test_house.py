"""The house rules find what does not belong, and do not find themselves."""

from pathlib import Path

import pytest

import house


@pytest.mark.parametrize(
    "line",
    [
        "see /" + "work/main/README.md",
        'open("/' + 'tmp/x.csv")',
        "/ho" + "me/ann/.underwriter",
        "pip install --extra-inde" + "x-url somewhere",
        "from pyp" + "i.org",
        "# TO" + "DO later",
    ],
)
def test_what_does_not_belong_is_named_with_its_line(line: str) -> None:
    (found,) = house.offences("docs/page.md", f"fine\n{line}\n")
    assert found.startswith("docs/page.md:2 ")


@pytest.mark.parametrize("line", ["~/.underwriter", "../shared/data", "a/work/b", "$HOME/tmp/x"])
def test_relative_paths_and_homes_belong(line: str) -> None:
    assert not list(house.offences("docs/page.md", line))


def test_a_link_must_lead_somewhere(tmp_path: Path) -> None:
    (tmp_path / "there.md").touch()
    text = "[a](there.md#part) [b](https://example.org) [c](#here)\n[d](gone.md)\n"
    assert list(house.dead_links("page.md", text, tmp_path)) == [
        "page.md:2 link leads nowhere: gone.md"
    ]
