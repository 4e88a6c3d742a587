"""Reading along a journal's chain: what is expected next, and what is wrong with what is found.

Every engine's `verify` reads its rows in order and takes them here, one by one.
"""

from dataclasses import dataclass, field

from underwriter.book.layout import GENESIS, Head, Row, link

ENOUGH = 100  # findings after which reading stops
_MEMORY = 8  # hashes that an event after a changed one may follow, so that it is not blamed too


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: its code, what was expected and found, and the event it names."""

    code: str
    text: str
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a journal holds and what is wrong with it; `note` is what is unusual but right."""

    events: int
    head: Head
    findings: tuple[Finding, ...]
    note: str

    @property
    def ok(self) -> bool:
        """Whether every byte is as it was written."""
        return not self.findings


@dataclass(slots=True)
class Trail:
    """Reading along the chain: what is expected next, and the hashes it may follow."""

    mark: int  # the sequence whose hash is to be kept: the head's
    expected: int = 1
    events: int = 0
    last: Head = GENESIS
    marked: bytes = GENESIS.hash
    known: tuple[bytes, ...] = (GENESIS.hash,)  # none: what came before is not known
    broken: bool = False  # a page could not be read: what follows is not known
    findings: list[Finding] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """Whether so much is wrong that reading on would tell no more."""
        return len(self.findings) >= ENOUGH

    def find(self, code: str, text: str, sequence: int | None = None) -> None:
        """Write down one thing that is wrong."""
        self.findings.append(Finding(code, text, sequence))

    def take(self, number: int, row: Row | None) -> None:
        """Read one row: its number must be the next, its hash must follow.

        None is a row whose record is damaged.
        """
        self.events += 1
        if row is None:
            self.find("changed", f"event {self.expected}: its record is damaged", self.expected)
            self.expected, self.known = self.expected + 1, ()
        elif number == self.expected:
            self._check(number, row)
        else:
            self._misplaced(number, row)

    def _check(self, number: int, row: Row) -> None:
        if not self.known or row.hash == link(self.known[0], number, row):  # as it nearly always is
            self._pass(number, row, (row.hash,))
            return
        follows = tuple(link(known, number, row) for known in self.known)
        if row.hash not in follows:
            text = f"event {number}: its hash does not fit what is stored"
            self.find("changed", text, number)
            self._pass(number, row, (row.hash, *follows, *self.known)[:_MEMORY])
        else:
            self._pass(number, row, (row.hash,))

    def _misplaced(self, number: int, row: Row) -> None:
        """Another number than expected: altered, or events are gone."""
        due = self.expected
        text = f"expected event {due}, found number {number} in its place"
        if any(link(known, due, row) == row.hash for known in self.known):
            self.find("changed", text, due)
            self._pass(due, row, (row.hash,))
        else:
            self.find("missing", text, due)
            self._pass(max(number, due), row, ())

    def _pass(self, number: int, row: Row, known: tuple[bytes, ...]) -> None:
        self.expected, self.known = number + 1, known
        self.last = Head(number, row.hash)
        if number == self.mark:
            self.marked = row.hash


def against_head(trail: Trail, head: Head) -> list[Finding]:
    """What the head says of the events."""
    last = trail.last.sequence
    if last < head.sequence:
        text = (
            f"events {last + 1} to {head.sequence}: expected by the head, found none; "
            "restore the journal from a copy"
        )
        return [Finding("tail", text, last + 1)]
    if trail.marked != head.hash:
        text = (
            f"event {head.sequence}: expected hash {head.hash.hex()[:16]} by the head, "
            f"found {trail.marked.hex()[:16]}; restore the journal and its head from one copy"
        )
        return [Finding("head", text, head.sequence)]
    return []
