"""What `doctor` is tried on, and how its findings are read."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from underwriter.app import doctor_house as own
from underwriter.app.doctor import Finding, Patient, Setup
from underwriter.app.settings import House, Settings

NOON = int(datetime(2026, 7, 15, 16, tzinfo=UTC).timestamp()) * 10**9


def new_patient(home: Path) -> Patient:
    """A new home on the defaults, in its own empty folder, on a day to come."""
    house = House(home, Settings(), None)
    now = max(NOON, Path(own.__file__).stat().st_mtime_ns, home.stat().st_mtime_ns) + 10**9
    return Patient(house, "", Path.cwd(), (), None, Setup(), {}, lambda: now)


def said(findings: Iterator[Finding]) -> list[tuple[str, str]]:
    """Standings and what was found."""
    return [(one.standing, one.found) for one in mended(findings)]


def standings(findings: Iterator[Finding]) -> list[str]:
    return [one.standing for one in mended(findings)]


def mended(findings: Iterator[Finding]) -> list[Finding]:
    """Findings, of which whatever is not ok must say how to mend it, and what is ok nothing."""
    found = list(findings)
    assert all(bool(one.mend) == (one.standing != "ok") for one in found), found
    return found


def housed(patient: Patient, **fields: Any) -> Patient:  # noqa: ANN401
    return patient._replace(house=patient.house._replace(**fields))
