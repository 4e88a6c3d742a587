"""When the broker of a seed tells what happened: at once, late, or when nobody expects it any more.

Some things no book could follow, and so no seed does them: of two assignments of an option that
nobody told it could not say which was which; what happened before a split and is told after it is
of contracts that are no more; and a split is told before anything is traded on the shares it made.
"""

from typing import TYPE_CHECKING

from faults.plan import DAY, FIRST_QUIET, HOUR, MINUTE
from faults.tape import SESSIONS, SPLIT_AT
from underwriter.book.imports.statement import Kind
from underwriter.desk.brokers.paper_account import Fact

if TYPE_CHECKING:
    from faults.scene import Scene

SECRET = {Kind.ASSIGNMENT, Kind.DELIVERY}
AT_LAST = 12 * 60  # the minute of the first quiet session at which it is told after all
LATE = (2 * MINUTE, 3 * HOUR, 20 * HOUR, 2 * DAY)


class Telling:
    """The times at which facts are told, each drawn when it is first asked for."""

    def __init__(self, scene: "Scene") -> None:
        self.scene = scene
        self._at: dict[str, int] = {}
        self._silent = ""  # the pair that nobody tells

    def when(self, fact: Fact) -> int:
        """When a fact is told."""
        key = fact.row.id
        if key not in self._at:
            self._at[key] = self._drawn(fact)
        return self._at[key]

    def _drawn(self, fact: Fact) -> int:
        scene, row = self.scene, fact.row
        pair = self._at.get(row.pair, 0)
        if self._is_silent(fact):
            self._silent = row.pair
            scene.tell(f"nobody tells {row.what}")
            return scene.at(SESSIONS[FIRST_QUIET], AT_LAST)
        at = fact.at
        if row.kind is Kind.SPLIT and pair:
            return pair
        if row.kind is not Kind.DEPOSIT and scene.may(scene.plan.tardy):
            late = scene.dice.choice(LATE[:2] if row.kind is Kind.SPLIT else LATE)
            at = max(at, min(at + late, scene.calm))
        if scene.plan.split and fact.at < scene.at(SESSIONS[SPLIT_AT], 0):
            at = min(at, scene.at(SESSIONS[SPLIT_AT], 5 * 60))
        if row.kind is Kind.CORRECTION:  # not before what it takes back
            facts = scene.exchange.account.facts
            same = [one for one in facts if one.row.order == row.order and one is not fact]
            at = max([at, *(self.when(one) for one in same)])
        return at

    def _is_silent(self, fact: Fact) -> bool:
        """Whether it is never told while it matters, its shares with their option."""
        row = fact.row
        if row.kind not in SECRET:
            return False
        if row.pair in self._at:
            return row.pair == self._silent
        early = fact.at <= self.scene.at(SESSIONS[1], 12 * 60)  # facts are asked for ten days back
        return not (self._silent or early) and self.scene.may(self.scene.plan.silent)
