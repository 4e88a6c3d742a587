"""`underwriter book tax`, as a user meets it, on journals written here."""

import csv
from pathlib import Path

import msgspec
import pytest

import write_schemas
from book.journals import write
from book.ledger_text import events_of
from command_line import Command
from report.json_schema import breaks

LEDGER = """
2025-06-02 bought 100 KO shares @ 66.00
2026-01-05 bought 100 KO shares @ 60.00
2026-01-06 sold 1 KO 2026-02-20 C 56.5 @ 0.50
2026-02-20 called away KO 56.5 C, 100 shares
2026-02-23 sold 1 KO 2026-03-13 P 56 @ 0.80
2026-03-13 assigned KO 56 P, 100 shares
2026-03-16 dividend KO 0.51
2026-04-01 sold 1 SPX 2026-05-15 P 5500 @ 10.00
2026-05-15 settled SPX 5500 P at 6100.00
""".strip()
MARKLESS = LEDGER + "\n2026-06-22 sold 1 SPX 2026-07-17 P 5500 @ 10.00"


def written(folder: Path, ledger: str) -> Path:
    return write(folder / "journal.db", events_of(ledger))


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return written(tmp_path, LEDGER)


def test_a_year_as_json_keeps_to_its_schema(underwriter: Command, journal: Path) -> None:
    """6,600 - 5,700 lost, of which 5,600 - 80 assigned 21 days later takes all over."""
    said = underwriter("book", "tax", "2026", str(journal), "--json")
    assert (said.code, said.err) == (0, "")
    schema = write_schemas.STRUCTS["book-tax"]
    assert breaks(said.json, schema, schema) == []
    figures = ("short_term", "long_term", "put_off", "dividends")
    assert [said.json[name] for name in figures] == [0.0, 0.0, 900.0, 102.0]
    index = said.json["section_1256"]
    assert [index[name] for name in ("gain", "short_part", "long_part", "top_rate")] == [
        1_000.0, 400.0, 600.0, 0.268,
    ]  # fmt: skip
    lots = [(lot["what"], lot["basis"], lot["held_since"]) for lot in said.json["open_lots"]]
    assert lots == [
        ("100 sh KO", 6_000.0, "2026-01-05"),
        ("100 sh KO", 6_420.0, "2025-06-23"),
    ]


@pytest.mark.parametrize(
    ("options", "put_off", "term"),
    [(["--lots", "hifo"], 900.0, 0.0), (["--choose", "lots.csv"], 300.0, 0.0)],
)
def test_another_lot_is_sold(
    underwriter: Command, journal: Path, tmp_path: Path, options: list[str], put_off: float,
    term: float,
) -> None:  # fmt: skip
    """The dearest lost 900, the one that is named 300."""
    (tmp_path / "lots.csv").write_text("closed,what,opened\n2026-02-20,ko,2026-01-05\n", "utf-8")
    told = underwriter("book", "tax", "2026", str(journal), "--json", *options).json
    assert (told["put_off"], told["short_term"]) == (put_off, term)


def test_t78_options_apart_from_their_shares(underwriter: Command, journal: Path) -> None:
    """0.50 and 0.80 of premium; the shares lose 6,600 - 5,650 instead of 900."""
    told = underwriter("book", "tax", "2026", str(journal), "--json", "--separate").json
    assert (told["short_term"], told["put_off"], told["folds"]) == (130.0, 950.0, False)


def test_what_could_not_be_booked_is_counted_and_said(underwriter: Command, tmp_path: Path) -> None:
    """The last fill is told of a sleeve that was never opened."""
    told = events_of(LEDGER)
    stray = msgspec.structs.replace(told[-1], sleeve=99)  # type: ignore[call-arg]
    journal = str(write(tmp_path / "journal.db", [*told, stray]))
    assert underwriter("book", "tax", "2026", journal, "--json").json["strays"] == 1
    assert "1 events could not be booked, and are left out." in underwriter(
        "book", "tax", "2026", journal
    ).out  # fmt: skip


def test_forms_are_written_and_named(underwriter: Command, journal: Path, tmp_path: Path) -> None:
    folder = tmp_path / "forms" / "of 2026"
    said = underwriter("book", "tax", "2026", str(journal), "--csv", str(folder))
    assert said.code == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        "form-6781-2026.csv", "form-8949-2026.csv",
    ]  # fmt: skip
    text = (folder / "form-8949-2026.csv").read_text(encoding="utf-8")
    (row,) = csv.DictReader(text.splitlines())
    assert (row["(f) code"], row["(g) adjustment"], row["(h) gain or loss"]) == (
        "W",
        "900.00",
        "0.00",
    )
    assert "form-8949-2026.csv" in said.out


def test_a_mark_that_is_not_known_asks_for_attention(underwriter: Command, tmp_path: Path) -> None:
    said = underwriter("book", "tax", "2026", str(written(tmp_path, MARKLESS).parent), "--json")
    assert (said.code, len(said.err.splitlines())) == (3, 1)
    assert said.json["section_1256"]["gain"] is None
    assert said.json["section_1256"]["marks"][0]["why"]


@pytest.mark.parametrize("columns", [60, 80, 100])
def test_it_fits_a_terminal(
    underwriter: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    ledger = MARKLESS + "\n2026-06-24 sold 1 KO 2026-07-17 P 70 @ 9.00"
    ledger += "\n2026-06-25 sold 100 KO shares @ 50.00"
    said = underwriter("book", "tax", "2026", str(written(tmp_path, ledger)))
    assert max(map(len, said.out.splitlines())) <= columns
    for told in ("W $900.00", "not known", "held since", "may put its loss off"):
        assert told in " ".join(said.out.split())


BAD: list[tuple[list[str], str]] = [
    (["26"], "YEAR: found '26'; expected a year, such as 2026"),
    (["2031"], "found tax year 2031; expected 2025 to 2026"),
    (["2026", "none.db"], "none.db: found no such file"),
    (["2026", "lots.csv"], "journal"),
    (["2026", "--lots", "hifo", "--choose", "lots.csv"], "found both"),
    (["2026", "--choose", "none.csv"], "none.csv: found no such file"),
    (["2026", "--choose", "words.csv"], "words.csv, line 1: found some words; expected closed"),
    (["2026", "--choose", "days.csv"], "days.csv, line 2: found 2026-02-20,KO; expected a day"),
    (["2026", "--choose", "symbol.csv"], "symbol.csv, line 2"),
    (["2026", "--choose", "lots.csv"], "--choose: found KO opened 2026-01-07 for 2026-02-20"),
    (["2026", "--csv", "words.csv"], "--csv words.csv: file exists; expected a folder"),
]


@pytest.mark.parametrize(("words", "found"), BAD)
def test_wrong_input_is_one_line(
    underwriter: Command, journal: Path, tmp_path: Path, words: list[str], found: str
) -> None:
    texts = {
        "words.csv": "some words\n",
        "days.csv": "closed,what,opened\n2026-02-20,KO\n",
        "symbol.csv": "closed,what,opened\n2026-02-20,KO2602209P00060000,2026-01-05\n",
        "lots.csv": "closed,what,opened\n2026-02-20,KO,2026-01-07\n2025-02-20,KO,2025-01-07\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    before = sorted(tmp_path.rglob("*.csv"))
    year, *others = words
    named = bool(others) and not others[0].startswith("--")
    said = underwriter("book", "tax", year, *([] if named else [str(journal)]), *others)
    assert (said.code, said.out, len(said.err.splitlines())) == (2, "", 1)
    assert found in said.err
    assert sorted(tmp_path.rglob("*.csv")) == before
