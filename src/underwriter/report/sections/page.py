"""What every section is made from, and the words that several of them share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from underwriter.report import markup, say
from underwriter.report.figures import Figures
from underwriter.report.markup import Html
from underwriter.report.summary import JournalHead
from underwriter.report.tables import View

COLOURS = {"policy": "policy", "hold": "hold", "beta-matched": "matched", "bills": "bills"}


@dataclass(frozen=True, slots=True)
class Variation:
    """The same policy under other assumptions, for the sensitivity table."""

    label: str
    total_return: float
    cagr: float
    sharpe: float
    max_drawdown: float


def variation(label: str, found: dict[str, Any]) -> Variation:
    """A line of the sensitivity table from another run's `summary`."""
    figures = found["metrics"]
    values = (figures[key] for key in ("cagr", "sharpe", "max_drawdown"))
    nan = float("nan")
    return Variation(label, found["total_return"], *(nan if v is None else v for v in values))


@dataclass(frozen=True, slots=True)
class Page:
    """What the sections tell of."""

    view: View
    found: Figures
    sensitivity: Sequence[Variation] = ()
    journal: JournalHead | None = None

    @property
    def note(self) -> str:
        """What stands under every chart."""
        return f"Source: the book's events, {self.view.quotes.note}."

    @property
    def name(self) -> str:
        """The policies, by name."""
        return ", ".join(sorted(set(self.view.policies.values()))) or "no policy"

    @property
    def underlying(self) -> str:
        """What holding means here."""
        names = self.view.underlyings
        return names[0] if len(names) == 1 else f"{len(names)} underlyings, equal money"

    def section(self, title: str, *inside: str) -> Html:
        """A section that says again where its quotes come from."""
        return markup.section(title, *inside, mark=self.view.quotes.mark)

    def called(self, line: str) -> str:
        """What a line of the comparison is called."""
        return {
            "policy": self.name,
            "hold": f"hold {self.underlying}{'' if self.view.pays_dividends else ', price alone'}",
            "beta-matched": f"beta-matched mix ({say.number(self.found.regression.beta)})",
            "bills": "bills",
        }[line]
