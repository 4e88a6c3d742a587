"""The policies that come along: each is read, named by its file, and has a page."""

from pathlib import Path

import pytest

from underwriter.app.request import Request
from underwriter.app.settings import Settings, open_house
from underwriter.app.shipped import find_policy, names
from underwriter.app.universe import stands_alone

DOCS = Path(__file__).parents[2] / "docs"


MODELLED = [
    "cash-secured-put-index",
    "collar-index",
    "covered-call-index",
    "iron-condor-index",
    "put-spread-index",
    "wheel-index",
    "wheel-index-managed",
]
QUOTED = {"spx-weekly-put": ["SPXW"], "wheel-shares": ["SPY", "KO", "AAPL"]}


def asked(name: str) -> Request:
    """A run of a shipped policy."""
    return Request(find_policy(name), open_house(None), Settings(), Path("nowhere"))


def test_these_are_shipped() -> None:
    assert names() == sorted([*MODELLED, *QUOTED])


@pytest.mark.parametrize("name", names())
def test_each_is_named_by_its_file(name: str) -> None:
    assert find_policy(name).name == name


@pytest.mark.parametrize("name", MODELLED)
def test_some_trade_what_comes_along(name: str) -> None:
    assert stands_alone(asked(name))


@pytest.mark.parametrize("name", QUOTED)
def test_others_need_quotes_of_the_users_own(name: str) -> None:
    policy = find_policy(name)
    assert not stands_alone(asked(name))
    assert list(policy.content.universe) == QUOTED[name]
    assert policy.content.least_capital > 0


@pytest.mark.parametrize("name", names())
def test_each_has_a_page_that_names_its_least_capital_and_what_it_deploys(name: str) -> None:
    page = (DOCS / "policies" / f"{name}.md").read_text(encoding="utf-8")
    assert "Least capital" in page
    assert "share of equity deployed" in page


def test_a_file_of_a_shipped_name_is_reached_by_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = find_policy("wheel-index").source.text.replace("rungs = 8", "rungs = 3")
    Path("wheel-index").write_text(text, encoding="utf-8")
    assert find_policy("wheel-index").content.rungs == 8
    assert find_policy("./wheel-index").content.rungs == 3
