"""The gates of the lake itself, beside those on chains and on series: what is there already."""

from collections.abc import Mapping

from underwriter.market.gates.codes import GATES, Gate
from underwriter.market.schema import Kind
from underwriter.market.series_quality import SERIES_GATES

ALREADY, DIFFERS = "already", "differs"
REPEATED, DOUBLED = "repeated", "doubled"
LAKE_GATES: Mapping[str, Gate] = {
    ALREADY: Gate("the lake has the same row from another file", dropped=True),
    DIFFERS: Gate("the lake has the row with other values, which stay", dropped=True),
}
_TWICE: Mapping[str, Gate] = {
    REPEATED: GATES[REPEATED],
    DOUBLED: Gate("one day with two different values: the first stays", dropped=True),
}


def gates_of(kind: Kind) -> Mapping[str, Gate]:
    """The gates that rows of a kind pass through."""
    own = GATES if kind == "chain" else {**SERIES_GATES, **_TWICE}
    return {**own, **LAKE_GATES}


def dropping(kind: Kind) -> list[str]:
    """The codes of the gates that take a row out."""
    return [code for code, gate in gates_of(kind).items() if gate.dropped]
