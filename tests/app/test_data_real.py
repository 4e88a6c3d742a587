"""Real files through the front door: what their notes say is wrong with them is found."""

from pathlib import Path

import pytest

from underwriter.app.check import check_of
from underwriter.app.cli.main import run
from underwriter.app.holdings import holdings_of
from underwriter.app.shipped import find_policy


def test_the_index_of_2026(shared: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its note names three holidays whose quotes are copies of the day before."""
    folder = shared / "data" / "spx_eod_2026"
    assert run(["data", "import", str(folder)]) == 0
    assert f"{folder / 'implied_forward.csv'}: passed over" in capsys.readouterr().out
    (spx,) = check_of(home, ["SPX"], None, 20).underlyings
    days = {one.gate: one.days for one in spx.doubts}
    assert days["copy"] == ["2026-04-03", "2026-05-25", "2026-06-19"]
    assert spx.missing == 0
    (held,) = holdings_of(home).holdings
    assert (held.first, held.last, held.quotes) == ("2026-02-20", "2026-06-30", "bid and ask")


def test_coins_whose_premiums_are_in_the_coin(
    shared: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its note says 358 instruments of one day, some without a side."""
    assert run(["data", "import", str(shared / "data" / "deribit"), "--json"]) == 0
    assert '"no_quote"' in capsys.readouterr().out
    (chain, terms) = holdings_of(home).holdings
    assert (chain.name, chain.sessions, chain.rows + chain.dropped) == ("BTC", 1, 358)
    assert (terms.kind, terms.name) == ("instruments", "BTC")
    rule = find_policy("spx-weekly-put").source.text.replace("SPXW", "BTC")
    (home / "btc.toml").write_text(rule, encoding="utf-8")
    for words in (["backtest"], ["plan"], ["scan"]):
        assert run([*words, str(home / "btc.toml")]) == 2
        said = capsys.readouterr().err.splitlines()[-1]
        assert said.startswith("underwriter: ")
        assert "bug" not in said
