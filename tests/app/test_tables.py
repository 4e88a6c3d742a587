"""The user's tables: csv or TOML, read strictly."""

from pathlib import Path

import pytest

from underwriter.app.settings import House, Settings
from underwriter.app.tables import read_earnings, read_fundamentals
from underwriter.core.errors import InputError
from underwriter.core.units import day_number
from underwriter.market.fundamentals import Filing

HEAD = "symbol,filed,period,kind,sector,piotroski_f"
FILED, PERIOD = 20_504, 20_453  # 2026-02-20, 2025-12-31


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_csv_and_toml_say_the_same(tmp_path: Path) -> None:
    csv = written(
        tmp_path,
        "f.csv",
        f"{HEAD}\nko,2026-02-20,2025-12-31,stock,Staples,7\n\nSPY,2026-01-02,,fund,,\n",
    )
    toml = written(
        tmp_path,
        "f.toml",
        '[[filing]]\nsymbol = "KO"\nfiled = 2026-02-20\nperiod = 2025-12-31\nkind = "stock"\n'
        'sector = "Staples"\npiotroski_f = 7\n[[filing]]\nsymbol = "SPY"\nfiled = 2026-01-02\n'
        'kind = "fund"\n',
    )
    found = read_fundamentals(csv)
    assert found == read_fundamentals(toml)
    assert found["KO"] == [Filing("KO", FILED, PERIOD, "stock", "Staples", {"piotroski_f": 7.0})]
    assert found["SPY"][0].period == found["SPY"][0].filed


def test_an_announcement_is_known_when_it_says_so_or_ninety_days_before(tmp_path: Path) -> None:
    text = "symbol,date,when,announced\nKO,2026-10-20,before,\nKO,2026-07-21,after,2026-07-01\n"
    found = read_earnings(written(tmp_path, "e.csv", text))["KO"]
    day = found.day[0]
    assert found.early.tolist() == [True, False]
    assert found.known.tolist() == [day - 90, day - 91 - 20]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("KO,2026-02-30,,,,", "line 2, column filed: found '2026-02-30'; expected a day such as"),
        ("KO,,,,,7", "line 2, column filed: found nothing; expected"),
        (",2026-02-20,,,,7", "line 2, column symbol: found nothing; expected"),
        ("COCA COLA,2026-02-20,,,,7", "column symbol: found 'COCA COLA'; expected a symbol"),
        ("KO,2026-02-20,,bond,,", "column kind: found 'bond'; expected stock or fund"),
        ("KO,2026-02-20,,,,nan", "column piotroski_f: found 'nan'; expected a number"),
        ("KO,2026-02-20,,,,7,8", "line 2: found 7 cells; expected 6"),
        ("KO,2026-02-20,2026-03-01,,,", "column period: found '2026-03-01'; expected the last day"),
    ],
)
def test_a_wrong_cell_is_refused_with_its_place(tmp_path: Path, rows: str, said: str) -> None:
    path = written(tmp_path, "f.csv", f"{HEAD}\n{rows}\n")
    with pytest.raises(InputError) as refusal:
        read_fundamentals(path)
    assert str(path) in str(refusal.value)
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("f.csv", "", "found an empty file"),
        ("f.csv", "symbol,symbol\nKO,KO", "found column symbol twice"),
        ("f.csv", "symbol,filed,piotrosky_f\nKO,2026-02-20,7", "did you mean piotroski_f?"),
        ("f.toml", "[[filling]]\nsymbol = 'KO'", "found filling; expected tables [[filing]]"),
        ("f.toml", "filing = 3", "line 1: found no [[filing]]"),
        ("f.toml", "filing = [3]", "found 3; expected a table [[filing]]"),
        ("f.toml", "[[filing]]\nsymbol = 'KO'\nfiled = true", "line 1, column filed: found 'True'"),
    ],
)
def test_a_wrong_table_is_refused(tmp_path: Path, name: str, text: str, said: str) -> None:
    with pytest.raises(InputError) as refusal:
        read_fundamentals(written(tmp_path, name, text))
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_table_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="found no such file"):
        read_earnings(tmp_path / "e.csv")


def test_an_announcement_cannot_be_known_after_it_was_made(tmp_path: Path) -> None:
    path = written(tmp_path, "e.csv", "symbol,date,announced\nKO,2026-10-20,2026-10-21")
    with pytest.raises(InputError, match="column announced"):
        read_earnings(path)


def test_paths_start_at_the_folder_of_the_settings(tmp_path: Path) -> None:
    house = House(tmp_path / "home", Settings(), tmp_path / "underwriter.toml")
    assert house.table("f.csv") == tmp_path / "f.csv"
    assert house.table(None) is None
    assert house._replace(file=None).table("f.csv") == Path.cwd() / "f.csv"


def test_the_days_of_these_tests() -> None:
    from datetime import date  # noqa: PLC0415  here alone

    assert (day_number(date(2026, 2, 20)), day_number(date(2025, 12, 31))) == (FILED, PERIOD)
