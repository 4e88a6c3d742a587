"""Settings: where they are looked for, what they refuse, and a home that can be written."""

import os
from pathlib import Path

import pytest

from underwriter.app.settings import House, Settings, open_house
from underwriter.core.errors import InputError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder of its own, and an environment whose home it may not touch."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("UNDERWRITER_HOME", str(tmp_path / "usual"))
    return here


def written(folder: Path, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "underwriter.toml").write_text(text, encoding="utf-8")


def cash(house: House) -> float:
    return house.settings.account.starting_cash


def test_without_a_file_the_defaults_hold(folder: Path) -> None:
    house = open_house(None)
    assert house == House(folder.parent / "usual", Settings(), None)
    assert house.settings.account.cash_reserve == 0.01
    assert house.settings.fills.half_spread == 0.5


@pytest.mark.parametrize(("legs", "share"), [(1, 0.75), (2, 0.66), (3, 0.60), (4, 0.56)])
def test_t84_by_default_more_legs_cross_less_of_the_spread(legs: int, share: float) -> None:
    """A purchase pays this share of the way from bid to ask, as ORATS' backtests have it."""
    fills = Settings().fills
    assert 0.5 + fills.half_spread * fills.combo[legs - 1] / 2 == pytest.approx(share)


def test_the_current_folder_comes_before_the_home(folder: Path) -> None:
    written(folder, "account.starting_cash = 1000")
    written(folder.parent / "usual", "account.starting_cash = 2000")
    assert cash(open_house(None)) == 1000


def test_the_home_is_read_where_the_folder_has_no_file(folder: Path) -> None:
    written(folder.parent / "usual", "account.starting_cash = 2000")
    assert cash(open_house(None)) == 2000


def test_a_home_that_was_asked_for_comes_first(folder: Path) -> None:
    written(folder, "account.starting_cash = 1000")
    written(folder.parent / "asked", "account.starting_cash = 3000")
    house = open_house(Path("../asked"))
    assert cash(house) == 3000
    assert Path(os.environ["UNDERWRITER_HOME"]).samefile(folder.parent / "asked")


@pytest.mark.parametrize(
    ("text", "line", "found", "allowed"),
    [
        ("[acount]", 1, "unknown key acount", "did you mean account?"),
        ("[account]\ncash = 5", 2, "unknown key cash", "starting_cash"),
        ("[account]\nstarting_cash = 0", 2, "account.starting_cash = 0", "from 1"),
        ("[account]\nstarting_cash = nan", 2, "account.starting_cash = nan", "dollars"),
        ('[account]\ncurrency = "EUR"', 2, '"EUR"', '"USD"'),
        ("[account]\n\ncash_reserve = 1.0", 3, "account.cash_reserve = 1.0", "under 1"),
        ("[account]\nshort_put_notional = 0", 2, "= 0", "at most 1"),
        ("[account]\ncollateral = 'cash'", 2, '"cash"', '"cash_secured" or "reg_t"'),
        ("[fills]\ncombo = [1.0, 0.6]", 2, "fills.combo", "four shares"),
        ("[fills]\ncombo = [1.0, 0.6, 0.4, 2.0]", 2, "fills.combo = 2.0", "four shares"),
        ("[fills]\nassigned = 0", 2, "fills.assigned = 0", "above 0 to 1"),
        ("[holdings]\nSPY = 0", 2, "holdings.SPY = 0", "whole shares"),
        ("[holdings]\nspy = 100", 2, "found spy in holdings", "SYMBOL = whole shares"),
        ("[tables]\nearnings = 'no.csv'", 2, 'tables.earnings = "no.csv"', "the path of a csv"),
        ("[fills]\ndelay = 2", 2, "fills.delay = 2", "0 or 1"),
        ("[fills]\ndelay = true", 2, "fills.delay = true", "0 or 1"),
        ("[fills]\nhalf_spread = -0.5", 2, "fills.half_spread = -0.5", "from 0 to 2"),
        ("[fills]\ncommission = '0.65'", 2, '"0.65"', "dollars a contract"),
    ],
)
def test_refusals_name_file_line_finding_and_what_is_allowed(
    folder: Path, text: str, line: int, found: str, allowed: str
) -> None:
    written(folder, text)
    with pytest.raises(InputError) as refusal:
        open_house(None)
    said = str(refusal.value)
    assert f"underwriter.toml, line {line}: " in said
    assert found in said
    assert allowed in said
    assert "\n" not in said
    assert not (folder.parent / "usual").exists(), "nothing is written"


def test_a_home_in_whose_place_a_file_stands_is_refused(folder: Path) -> None:
    (folder / "file").write_text("mine", encoding="utf-8")
    for home in ("file", "file/below"):
        with pytest.raises(InputError, match="expected a folder that can be written"):
            open_house(Path(home))
    assert sorted(path.name for path in folder.iterdir()) == ["file"]


def test_a_home_that_cannot_be_written_is_refused(folder: Path) -> None:
    assert folder.is_dir()
    with pytest.raises(InputError, match="home /proc/"):
        open_house(Path("/proc/underwriter"))
