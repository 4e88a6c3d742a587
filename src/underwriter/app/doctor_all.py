"""All that `doctor` looks at, in the order in which it is told."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from underwriter.app import doctor_books as books
from underwriter.app import doctor_broker as street
from underwriter.app import doctor_house as own
from underwriter.app.books import named
from underwriter.app.doctor import Check, Examined, Patient, examined, ticks
from underwriter.app.secrets import scrub_of
from underwriter.app.settings import House
from underwriter.app.wire_desk import broker_setup

CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("settings", own.settings),
    ("policies", own.policies),
    ("home", own.home),
    ("disk", own.disk),
    ("permissions", own.permissions),
    ("clock", own.clock),
    ("time zone", own.zone),
    ("calendar", own.calendar),
    ("kernels", own.kernels),
    ("lake", books.lake),
    ("journal", books.journal),
    ("broker", street.broker),
    ("live", street.switches),
    ("notifications", own.notifications),
)


def examine(
    house: House,
    refused: str,
    given: tuple[str, ...],
    book: str | None,
    environ: Mapping[str, str],
    clock: Callable[[], int],
) -> Examined:
    """Look at everything; InputError for a journal's URL that is none."""
    journal = None if book is None else named(book)
    patient = Patient(
        house, refused, Path.cwd(), given, journal, broker_setup(house), environ, clock
    )
    before = ticks()
    found = examined(patient, CHECKS, scrub_of(house.home, environ))
    jumped = list(own.steadiness(before, ticks()))
    return replace(
        found, findings=[*found.findings, *jumped], warnings=found.warnings + len(jumped)
    )
