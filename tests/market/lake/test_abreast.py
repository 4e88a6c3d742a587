"""What is read together is what is read one by one."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from lakes import filled, written
from underwriter.core.errors import InputError
from underwriter.core.kernel import cache_folder
from underwriter.core.units import day_number
from underwriter.market.instrument import Instrument
from underwriter.market.lake.abreast import Listed, list_abreast, read_abreast
from underwriter.market.lake.holding import held_of
from underwriter.market.lake.read import Lake

NAMES = {"SYN": "cash-pm", "TWO": "physical"}
DAYS = (date(2024, 1, 2), date(2024, 2, 14), date(2024, 4, 12))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Two made-up underlyings, one of which pays dividends and splits."""
    folder, home = tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("home")
    (home / "cache").symlink_to(cache_folder().parent.parent)  # where the calendar is kept
    actions = {
        "dividends": "underlying,ex_date,amount\nTWO,2024-02-14,0.5\nTWO,2024-05-14,0.6\n",
        "splits": "underlying,date,new,old\nTWO,2024-06-03,2,1\n",
    }
    for name, text in actions.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    files = [folder / f"{name}.csv" for name in actions]
    filled(home, [*files, *(written(folder, name, terms) for name, terms in NAMES.items())])
    return Lake.open(home)


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("name", NAMES)
def test_each_underlying_is_held_as_when_it_is_read_alone(lake: Lake, name: str, day: date) -> None:
    on = np.array([day_number(day)], np.int32)
    found = read_abreast(lake, NAMES, on)
    instrument = Instrument(name, name, "european", "cash-pm")
    ours, alone = found.held(name, instrument), held_of(lake, name, instrument, on)
    assert ours.chain.height > 100
    assert ours.chain.equals(alone.chain)
    assert ours.chain.schema == alone.chain.schema
    for one, other in zip(
        [*ours.bars, ours.ex_day, ours.dividend, *ours.splits],
        [*alone.bars, alone.ex_day, alone.dividend, *alone.splits],
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


def listed(lake: Lake, names: Iterable[str] = NAMES, at: int = 0) -> Listed:
    """What the lake lists of some names on one of the days."""
    return list_abreast(lake, names, np.array([day_number(DAYS[at])], np.int32), ["DTB3"])


def test_roots_and_terms_are_those_of_the_lake(lake: Lake) -> None:
    found = listed(lake)
    for name in NAMES:
        assert found.roots(name) == lake.roots(name) == [name]
        told, alone = found.instruments(name), lake.instruments(name)
        assert told.select(alone.columns).equals(alone)


def test_what_the_lake_does_not_have_is_empty_and_has_no_price(lake: Lake) -> None:
    absent = listed(lake, ["NONE"])
    assert (absent.roots("NONE"), absent.instruments("NONE").height) == ([], 0)
    found = read_abreast(lake, ["NONE"], np.array([day_number(DAYS[0])], np.int32))
    with pytest.raises(InputError, match="NONE: found no price on 1 sessions"):
        found.held("NONE", Instrument("NONE", "NONE", "american", "physical"))


def test_a_home_without_a_lake_has_nothing(tmp_path: Path) -> None:
    found = listed(Lake.open(tmp_path))
    assert found.roots("SYN") == []
    assert isinstance(found.instruments("SYN"), pl.DataFrame)
    assert not read_abreast(Lake.open(tmp_path), NAMES, np.zeros(1, np.int32)).chains


def test_the_state_is_of_the_session_and_of_all_that_is_beside_it(
    lake: Lake, tmp_path: Path
) -> None:
    assert listed(lake).state == listed(lake).state
    states = {listed(lake).state, listed(lake, ["SYN"]).state, listed(lake, at=1).state}
    for name, text in {
        "dividends": "underlying,ex_date,amount\nTWO,2024-08-14,0.5\n",
        "levels": "observation_date,DTB3\n2024-01-02,5.2\n",
        "unasked": "observation_date,DGS3MO\n2024-01-02,5.2\n",
    }.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        before = listed(lake).state
        filled(lake.home, [tmp_path / f"{name}.csv"])
        assert (listed(lake).state == before) is (name == "unasked")
        states.add(listed(lake).state)
    assert len(states) == 5
