"""The hand of a seed: it looks at the desk, leaves wishes in its inbox and reads what is said.

A wish goes the way of the `desk` commands: obeyed at once by a process of its own where no desk
runs, else left for the one that does.  Every wish and every answer is kept, to be held against the
journal.
"""

import random  # noqa: TID251  of a seed
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from faults.effects import Killed, Watch, may_die
from faults.wishes import Errand
from underwriter.book.event import Approved
from underwriter.book.journal import Journal
from underwriter.core.errors import InputError, UnderwriterError
from underwriter.core.units import CENT_U, MICRO
from underwriter.desk.guard import Setting
from underwriter.desk.hearing import hear
from underwriter.desk.inbox import Answer, AnyWish, Close, Inbox, Roll, Said, Switch
from underwriter.desk.ledger import Ledger, Shelf
from underwriter.desk.newest import newest
from underwriter.desk.rolling import Candidate, Rolling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faults.scene import Scene

SETTINGS: dict[str, Setting] = {"pause": "paused", "halt": "halted", "resume": "on"}
NEVER = 9  # a sleeve that no seed opens


class Letterbox(Inbox):
    """The folder of wishes, on a disk that may be full, of a process that may die at each step."""

    def __init__(self, scene: "Scene") -> None:
        super().__init__(scene.folder / "hand")
        self.scene = scene
        self.count = 0

    def put(self, wish: AnyWish, at: int) -> str:
        """Leave a wish under a name that the seed alone makes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.count += 1
        name = f"{at:020d}-{self.count:08x}"
        super()._write(f"{name}.json", msgspec.structs.replace(wish, name=name))
        return name

    def waiting(self) -> "Iterator[AnyWish]":
        """The wishes that wait; who takes one may die."""
        for wish in super().waiting():
            may_die(self.scene, "as it takes a wish")
            yield wish

    def _write(self, name: str, what: msgspec.Struct) -> None:
        may_die(self.scene, "before it answers")
        if self.scene.may(self.scene.plan.full):
            self.scene.tell("the disk is full, and an answer not written")
            raise OSError("no space is left")
        super()._write(name, what)
        may_die(self.scene, "as it answers")


class Owner:
    """What it asked for and what was said, by the names of wishes."""

    def __init__(self, scene: "Scene") -> None:
        self.scene, self.box = scene, Letterbox(scene)
        self.asked: dict[str, AnyWish] = {}
        self.said: dict[str, list[Said]] = {}
        self.withdrawn: set[str] = set()
        self.dice = random.Random(f"owner {scene.plan.seed}")  # noqa: S311

    def schedule(self) -> None:
        """Let its errands happen at their times."""
        for errand in self.scene.plan.hand.errands:
            self.scene.later(errand.at, "", partial(self.go, errand))

    def go(self, errand: Errand) -> None:
        """One errand."""
        if errand.kind == "second":
            self.scene.second()
            return
        wish, scene = self._wish(errand), self.scene
        name = self.ask(wish)
        if errand.dies:
            scene.doom = errand.dies
        if errand.alone and not scene.disk.held:
            self._obey()
        if errand.back:
            scene.later(scene.now() + errand.back, "", partial(self._take_back, name))
        scene.later(scene.now() + errand.read, "", partial(self.read, name))

    def ask(self, wish: AnyWish) -> str:
        """Leave a wish; its name."""
        name = self.box.put(wish, self.scene.now())
        self.asked[name], self.said[name] = wish, []
        self.scene.tell(f"the hand asks, {name[-2:]}: {wish}")
        return name

    def read(self, name: str) -> None:
        """Read what was said of a wish, if it was."""
        said = self.box.said(name)
        if said is not None:
            self.said[name].append(said)
            self.scene.tell(f"the hand reads, {name[-2:]}: {said.done}, {'; '.join(said.lines)}")

    def read_all(self) -> None:
        """Read whatever is there."""
        for name in self.asked:
            self.read(name)

    def let_on(self) -> None:
        """Lift what it has set, as who is back from a holiday does."""
        if any(isinstance(wish, Switch) for wish in self.asked.values()):
            self.ask(Switch(to="on", why="back"))

    def _obey(self) -> None:
        """A process of the hand's own, as where no desk runs: it may die, or find no room."""
        scene = self.scene
        scene.tell("the hand obeys itself")
        try:
            with Journal(scene.disk.open()) as journal:
                ledger = Ledger(journal, "main")
                hear(self.box, ledger, (scene.calendar, Watch(scene)), lambda: self._rolls(ledger))
        except Killed:
            scene.deaths += 1
        except (UnderwriterError, OSError) as problem:
            scene.tell(f"that ends in an error: {problem}")

    def _take_back(self, name: str) -> None:
        try:
            self.box.take_back(name)
        except InputError:
            self.scene.tell(f"the hand cannot take back {name[-2:]}")
        else:
            self.withdrawn.add(name)
            self.scene.tell(f"the hand takes back {name[-2:]}")

    # --- what it asks for ---

    def _wish(self, errand: Errand) -> AnyWish:
        look = Ledger(Shelf(self.scene.events), "main")
        if errand.kind in SETTINGS:
            return Switch(to=SETTINGS[errand.kind], why=f"{errand.kind} by hand")
        if errand.kind in {"yes", "no"}:
            return Answer(of=self._intents(errand, look), yes=errand.kind == "yes")
        sleeves = self._sleeves(errand, look)
        one = NEVER if errand.gone else sleeves[int(errand.pick * len(sleeves))]
        if errand.kind == "roll":
            return self._roll(errand, look, one)
        both = errand.pick * 100 % 1 < 0.3
        return Close(sleeves=(*sleeves,) if both else (one,), keep=errand.kind == "keep")

    def _sleeves(self, errand: Errand, look: Ledger) -> list[int]:
        """Mostly those that there is something to do with, now and then all."""
        sleeves = [one.sleeve for one in look.book.sleeves]
        short = errand.kind == "roll"
        held = [one for one in sleeves
                if any(count < 0 or not short for count in look.held(one).values())]  # fmt: skip
        return (held if errand.pick * 10 % 1 < 0.9 else sleeves) or sleeves or [0]

    def _intents(self, errand: Errand, look: Ledger) -> tuple[int, ...]:
        """All that waits, one of it, or one that is long over."""
        waiting = [*look.waiting()]
        over = [number for number, one in enumerate(self.scene.events, 1)
                if isinstance(one, Approved) and number not in waiting]  # fmt: skip
        if errand.gone:
            return (over[int(errand.pick * len(over))] if over else 999,)
        if errand.pick < 0.4 or not waiting:
            return ()
        return (waiting[int((errand.pick - 0.4) / 0.6 * len(waiting))],)

    def _roll(self, errand: Errand, look: Ledger, sleeve: int) -> Roll:
        """Mostly one that may be taken, at a price that may be had or not."""
        found: list[Candidate] = []
        try:
            found = self._rolls(look).candidates(sleeve)
        except InputError as problem:
            self.scene.tell(f"the hand finds no roll: {problem}")
        good = [one for one in found if not one.why]
        chosen = good if good and errand.pick * 10 % 1 < 0.8 else found
        if not chosen:
            return Roll(sleeve=sleeve, option="A     240119P00090000", least_u=0)
        one = chosen[int(errand.pick * 100 % 1 * len(chosen))]
        least_u = (one.touch_u, one.mid_u, one.touch_u - 10 * CENT_U, one.mid_u + MICRO)
        return Roll(sleeve=sleeve, option=one.option, least_u=self.dice.choice(least_u))

    def _rolls(self, ledger: Ledger) -> Rolling:
        scene = self.scene
        slab = newest(scene.market, scene.calendar, scene.now())
        return Rolling(ledger.book, slab, scene.rules, scene.calendar)
