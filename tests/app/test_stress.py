"""`underwriter book stress`, as a user meets it, on a journal written here."""

from pathlib import Path

import msgspec
import pytest

import write_schemas
from book.journals import COMMON, NOON, opening, write
from command_line import Command
from report.json_schema import breaks
from underwriter.book.event import Marked, Quoted

MARK = {
    "at": NOON + 9, "rate": 0.04, "measure": 20.0, "regimes": {}, "shares_u": 0,
    "underlyings": {"KO": Quoted(62_000_000)}, "cash_u": 20_170_000_000,
}  # fmt: skip
HELD = Marked(**{**COMMON, **MARK}, equity_u=19_990_000_000)  # two puts of 60, marked at 0.90


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return write(tmp_path / "journal.db", [*opening(), HELD])


def test_a_book_of_puts(underwriter: Command, journal: Path) -> None:
    said = underwriter("book", "stress", str(journal), "--json")
    assert (said.code, said.err) == (0, "")
    schema = write_schemas.STRUCTS["book-stress"]
    assert breaks(said.json, schema, schema) == []
    (account,) = said.json["accounts"]
    (position,) = account["positions"]
    assert position["sleeve"] == "wheel:KO"
    assert position["legs"][0]["price"] == pytest.approx(0.90)
    assert account["left"][0]["equity"] == 19_990.0
    for gain, left in zip(account["gains"], account["left"][1:], strict=True):
        assert gain["together"] < min(gain["spot_alone"], gain["vol_alone"]) < 0.0
        assert left["equity"] == pytest.approx(19_990.0 + gain["together"])


def test_what_is_left_is_by_the_worst_of_the_three(underwriter: Command, tmp_path: Path) -> None:
    """A put held gains by both, and loses nothing as bad as what it lost by neither.

    Two puts bought instead of sold: a fall and a rise of volatility both help, and what is left is
    by the one that helps least, not by both together.
    """
    bought = [
        msgspec.structs.replace(one, quantity=-one.quantity)
        if type(one).__name__ == "Filled"
        else one
        for one in opening()
    ]
    held = Marked(**{**COMMON, **MARK}, equity_u=20_350_000_000)
    path = write(tmp_path / "journal.db", [*bought, held])
    (account,) = underwriter("book", "stress", str(path), "--json").json["accounts"]
    for gain, left in zip(account["gains"], account["left"][1:], strict=True):
        least = min(gain["spot_alone"], gain["vol_alone"])
        assert least < gain["together"]
        assert left["equity"] == pytest.approx(20_350.0 + least)


def test_an_empty_book_loses_nothing(underwriter: Command, tmp_path: Path) -> None:
    before = [event for event in opening() if type(event).__name__ != "Filled"]
    mark = Marked(**{**COMMON, **MARK}, equity_u=20_170_000_000)
    empty = write(tmp_path / "empty.db", [*before, mark])
    (account,) = underwriter("book", "stress", str(empty), "--json").json["accounts"]
    gains = [gain[name] for gain in account["gains"] for name in ("spot_alone", "vol_alone")]
    assert gains == [0.0] * 12


def test_it_fits_a_terminal(
    underwriter: Command, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    said = underwriter("book", "stress", str(journal.parent))
    assert said.code == 0
    assert max(map(len, said.out.splitlines())) <= 80


@pytest.mark.parametrize("words", [["none.db"], ["journal.db", "--as-of", "2026-13-01"],
                                   ["journal.db", "--as-of", "2025-01-01"]])  # fmt: skip
def test_wrong_input_is_one_line(underwriter: Command, journal: Path, words: list[str]) -> None:
    assert journal.exists()
    said = underwriter("book", "stress", *words)
    assert (said.code, said.out, len(said.err.splitlines())) == (2, "", 1)
