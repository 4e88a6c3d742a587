"""What many tests of prices stand on."""

import os
from pathlib import Path

import pytest

from underwriter.market.american import Tables, load_tables


@pytest.fixture(scope="session")
def tables() -> Tables:
    """Those of early exercise, kept between runs: to fill them takes ten seconds."""
    return load_tables(Path(os.environ["UNDERWRITER_HOME"]) / "cache")
