"""What commands print with --json keeps to the schemas in docs/."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import write_schemas
from market.lake.quotes import chain
from report.json_schema import breaks
from underwriter.app.cli.main import run

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str], home: Path) -> Any:  # noqa: ANN401  a callable
    """Run a command with --json in a home of its own; its exit code and the object it printed."""

    def called(*words: str) -> tuple[int, dict[str, Any]]:
        code = run([*words, "--json", *(() if words[0] == "version" else ("--home", str(home)))])
        return code, json.loads(capsys.readouterr().out)

    return called


def broken(name: str, value: dict[str, Any]) -> list[str]:
    """How a value breaks the schema of that name."""
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    return breaks(value, schema, schema)


def test_version(said: Any) -> None:  # noqa: ANN401
    code, told = said("version")
    assert (code, broken("version", told)) == (0, [])
    assert broken("version", told | {"numba": 1})


def test_backtest_and_the_verification_of_its_book(said: Any) -> None:  # noqa: ANN401
    code, told = said("backtest", "wheel-index", "--to", "2014-06")
    assert (code, broken("backtest", told)) == (0, [])
    assert told["quotes"] == "modelled"
    journal = Path(told["journal"]["path"])
    code, found = said("book", "verify", str(journal))
    assert (code, broken("book-verify", found)) == (0, [])
    journal.write_bytes(journal.read_bytes().replace(b"deposited", b"depositeD", 1))
    code, found = said("book", "verify", str(journal))
    assert (code, broken("book-verify", found)) == (3, [])
    assert found["findings"]


@pytest.mark.parametrize("leg", ["-1 call 105 35d @1.67", "1 put 95 35d @1.36"])
def test_analyse(said: Any, leg: str) -> None:  # noqa: ANN401
    code, told = said("analyse", "--underlying", "KO", "--spot", "100", "--leg", leg)
    assert (code, broken("analyse", told)) == (0, [])
    assert broken("analyse", told | {"credit": None})


def test_the_lake(said: Any, tmp_path: Path) -> None:  # noqa: ANN401
    crossed = chain().with_columns(bid=pl.when(strike=100.0).then(50.0).otherwise("bid"))
    crossed.write_parquet(tmp_path / "a.parquet")
    code, told = said("data", "import", str(tmp_path / "a.parquet"))
    assert (code, broken("data-import", told)) == (0, [])
    code, told = said("data", "list")
    assert (code, broken("data-list", told)) == (0, [])
    code, told = said("data", "check", "--gate", "crossed")
    assert (code, broken("data-check", told)) == (0, [])
    assert told["rows"]


@pytest.mark.parametrize("name", write_schemas.STRUCTS)
def test_the_schemas_of_structs_are_as_the_code_has_them(name: str) -> None:
    """Write them anew with `python tools/write_schemas.py`."""
    text = (SCHEMAS / f"{name}.json").read_text(encoding="utf-8")
    assert text == write_schemas.as_text(write_schemas.STRUCTS[name])


def test_sweep(said: Any, tmp_path: Path) -> None:  # noqa: ANN401
    grid = tmp_path / "grid.toml"
    grid.write_text('"rungs" = [1, 2]\n"entry.dte" = [[20, 45], [25, 45]]', encoding="utf-8")
    code, told = said("sweep", "wheel-index", "--grid", str(grid), "--to", "2014-06")
    assert (code, broken("sweep", told)) == (0, [])
    assert told["tried"] == 4


def test_model_check(said: Any, tmp_path: Path) -> None:  # noqa: ANN401
    days = np.arange("2014-11-03", "2016-02-06", dtype="datetime64[D]")
    for name, value in {"spot": 2000.0, "vol": 15.0, "bills": 0.5}.items():
        rows = [f"{day},{value}" for day in days[np.is_busday(days)]]
        (tmp_path / f"{name}.csv").write_text("\n".join(["date,close", *rows]), encoding="utf-8")
    files = [f"--{name}={tmp_path / name}.csv" for name in ("spot", "vol", "bills")]
    code, told = said("model", "check", "put", *files)
    assert (code, broken("model-check", told)) == (0, [])
    assert list(told["by_year"]) == ["2015"]
    assert told["quotes"] == "modelled"
