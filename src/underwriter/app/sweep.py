"""One sweep from request to files: policy and grid, slab, configurations, table and charts.

What was asked for is checked before anything runs.  Blocks of configurations are kept as they are
done; results, page and summary stand in their place when all are there.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple, cast

import msgspec
import numpy as np

from underwriter.app import swept as told
from underwriter.app import wire
from underwriter.app.compiled import policy_rows
from underwriter.app.grid_file import Grid
from underwriter.app.ground import Ground
from underwriter.app.kept_blocks import Blocks
from underwriter.app.policy_file import PolicyFile, WrittenPolicy
from underwriter.app.request import Named, Request
from underwriter.app.run_folder import (
    REPORT,
    RESULTS,
    SUMMARY,
    check_place,
    made_whole,
    replace_text,
)
from underwriter.app.setting_up import Phase, cold_note, setup_of
from underwriter.app.sight import Sight, look
from underwriter.app.trials import Trials, trials, varied
from underwriter.app.universe import needs_margin, needs_shares
from underwriter.core.record import Rows
from underwriter.core.units import day_of
from underwriter.market.slab import Slab
from underwriter.market.slab_store import kept_slab
from underwriter.report.swept.page import page
from underwriter.report.swept.terminal import lines
from underwriter.report.swept.told import FIGURES, Swept, middle, ranked
from underwriter.sim.backtest import Setup
from underwriter.sim.cluster import Shared, code, on_cluster
from underwriter.sim.sweep import BLOCK, Block, Outcome, row_of, sweep

Told = Callable[[int, int], None]  # how many configurations are done, of how many

_SLABS = Path("cache") / "slabs"
_TABLES = {
    "entry",
    "manage",
    "size",
    "regime",
    "screen",
}  # whose numbers change a policy's row and lens alone


@dataclass(frozen=True, slots=True)
class SweepRequest:
    """A sweep that was asked for: the backtest that each configuration is, and the rest."""

    backtest: Request
    grid: Grid
    by: str = "sharpe"
    workers: int = 1
    cluster: str | None = None
    skip_invalid: bool = False


class Outcomes(NamedTuple):
    """What came of a sweep: the JSON object, the text for people, why nothing was opened."""

    summary: dict[str, Any]
    text: str
    nothing: str | None


class _Field(NamedTuple):
    """What the configurations of a sweep run on."""

    found: Ground
    slab: Slab
    setups: list[Setup]
    slab_name: str
    identity: str
    inert: tuple[str, ...]  # keys that change nothing


def run(request: SweepRequest, phase: Phase, progress: Told) -> Outcomes:
    """Run a sweep and put its folder in place; InputError before anything is written."""
    check_place(request.backtest.folder)
    with phase("reading the grid", ""):
        chosen = trials(request.backtest.policy, request.grid, skip_invalid=request.skip_invalid)
    note = cold_note()
    with phase("reading the history", ""):
        found = wire.ground(request.backtest)
    with phase(found.making, note):
        slab = found.slab(request.backtest.house.home)
        sight = look(request.backtest, found, slab, chosen.contents)
        field = _field(request, found, sight, chosen)
    sizes = [len(each) for each in _blocks(field.setups)]
    kept = Blocks(request.backtest.house.home, field.identity, sizes)
    before = sum(block.shape[0] for block in kept.found.values())
    with phase(f"running {len(field.setups) - before:,} configurations", note):
        for number, block in _run(request, field, kept):
            kept.keep(number, block)
            progress(sum(each.shape[0] for each in kept.found.values()), len(field.setups))
    with phase("writing table and charts", ""):
        results = told.Results(request.grid, chosen, _joined(kept, len(sizes)))
        return _written(request, field, results, before)


def _field(request: SweepRequest, found: Ground, sight: Sight, chosen: Trials) -> _Field:
    """Every configuration as what the engine runs; InputError where one cannot be traded."""
    source, slab = request.backtest.policy.source, sight.slab
    each = {content.strategy: content for content in chosen.contents}.values()
    policies = [WrittenPolicy(content, source) for content in each]
    for policy in policies:
        for at, instrument in enumerate(slab.instruments):
            needs_shares(Named(policy, at), instrument)
    needs_margin(policies, request.backtest.settings.account)
    setups = list(setups_of(request.backtest, slab, found, chosen.contents, sight))
    name = _named(slab)
    inert = tuple(_inert(request, sight, found, chosen))
    found = found._replace(source=sight.source(found.source))
    return _Field(found, slab, setups, name, _identity(name, setups), inert)


def _inert(request: SweepRequest, sight: Sight, found: Ground, chosen: Trials) -> Iterator[str]:
    """The keys that change nothing of what the engine is given, in any configuration looked at."""
    asked = request.backtest
    for at, axis in enumerate(request.grid.axes):
        pairs = list(varied(asked.policy, request.grid, chosen, at))
        both = list(
            setups_of(asked, sight.slab, found, [one for pair in pairs for one in pair], sight)
        )
        given = [_given([setup]) for setup in both]
        if pairs and given[::2] == given[1::2]:
            yield axis.name


def setups_of(
    request: Request,
    slab: Slab,
    found: Ground,
    contents: Sequence[PolicyFile],
    sight: Sight | None = None,
) -> Iterator[Setup]:
    """What `backtest` would run of each content; those that differ in their rows alone share it.

    Without a sight they see their names as the slab has them.
    """
    policies, shells = policy_rows(contents), dict[str, Setup]()
    for at, content in enumerate(contents):
        shell = _shell(content)
        if shell not in shells:
            policy = WrittenPolicy(content, request.policy.source)
            shells[shell] = setup_of(replace(request, policy=policy), slab, found.day)
        lens = sight.lens([content]) if sight else None
        yield replace(shells[shell], policies=row_of(policies, at), lens=lens)


def _shell(content: PolicyFile) -> str:
    """What of a policy may change more than its row: all of it but the numbers of its tables."""
    held = content.model_dump(mode="json")
    return json.dumps({name: _words(one) if name in _TABLES else one for name, one in held.items()})


def _words(value: Any) -> Any:  # noqa: ANN401  what a policy holds
    """The same without numbers."""
    if isinstance(value, dict):
        return {name: _words(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_words(one) for one in value]
    return value if isinstance(value, str | bool) else None


def _named(slab: Slab) -> str:
    """A name made of all that a slab holds."""
    made = blake2b(repr((slab.instruments, slab.origins)).encode(), digest_size=16)
    for table in slab.market:
        made.update(np.ascontiguousarray(table).view(np.uint8).data)
    return made.hexdigest()


def _identity(slab_name: str, setups: Sequence[Setup]) -> str:
    """A name made of everything that a figure depends on: slab, configurations, account, code."""
    made = blake2b(f"{slab_name} {code()} {BLOCK}".encode(), digest_size=16)
    made.update(_given(setups))
    return made.hexdigest()


def _given(setups: Sequence[Setup]) -> bytes:
    """What names all that the engine is given beside a slab."""
    made = blake2b(digest_size=16)
    for setup in setups:
        for each in fields(setup):
            made.update(_bytes(getattr(setup, each.name)))
    return made.digest()


def _bytes(given: Any) -> bytes:  # noqa: ANN401  arrays, tuples of arrays, or seats
    """All that one field of a setup holds."""
    if isinstance(given, np.ndarray | np.generic):
        return given.tobytes()
    parts = given if isinstance(given, tuple) else ()
    if parts and isinstance(parts[0], np.ndarray):
        return b"".join(map(_bytes, parts))
    return repr(given).encode()


def _blocks(setups: list[Setup]) -> list[list[Setup]]:
    """The configurations in blocks, the same ones whoever runs them."""
    return [setups[at : at + BLOCK] for at in range(0, len(setups), BLOCK)]


def _run(request: SweepRequest, field: _Field, kept: Blocks) -> Iterator[tuple[int, Rows[Outcome]]]:
    """The blocks that are not there yet, run here or on a cluster."""
    missing: dict[int, Callable[[], Block]] = {
        number: partial(list, block)
        for number, block in enumerate(_blocks(field.setups))
        if number not in kept.found
    }
    if not missing:
        return
    if request.cluster is None:
        yield from sweep(field.slab, missing, request.workers)
        return
    folder = request.backtest.house.home / _SLABS
    slab = kept_slab(folder, field.slab_name, lambda: field.slab)
    shared = Shared(slab, field.slab_name, folder / field.slab_name)
    yield from on_cluster(request.cluster, shared, missing)


def _joined(kept: Blocks, count: int) -> Rows[Outcome]:
    """All outcomes in the order of the configurations."""
    blocks = [np.asarray(kept.found[number]) for number in range(count)]
    return cast("Rows[Outcome]", np.concatenate(blocks).view(np.recarray))


def _written(request: SweepRequest, field: _Field, results: told.Results, before: int) -> Outcomes:
    """Write a sweep's folder; what came of it."""
    folder, swept = request.backtest.folder, _swept(request, field, results)
    summary = msgspec.to_builtins(_summary(request, field, results, swept, before))
    with made_whole(folder) as part:
        names = {"identity": summary["identity"], "policy": request.backtest.policy.hash}
        told.write(results, part / RESULTS, {**names, "quotes": swept.quotes})
        drawn = page(swept)
        (part / REPORT).write_text(drawn, encoding="utf-8")
        (part / SUMMARY).write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
        if request.backtest.report:
            replace_text(request.backtest.report, drawn)
    text = lines(swept, shutil.get_terminal_size().columns)
    text += f"\nResults {folder / RESULTS}\nReport  {folder / REPORT}"
    return Outcomes(summary, text, _nothing(results))


def _swept(request: SweepRequest, field: _Field, results: told.Results) -> Swept:
    """What the pages tell."""
    table: Any = np.asarray(results.outcomes)
    figures = {name: table[name].astype(np.float64) for name in FIGURES}
    best = int(ranked(figures[request.by], request.by)[0])
    days, origins = field.found.day, set(field.slab.origins)
    return Swept(
        policy=request.backtest.policy.name,
        first=str(day_of(int(days[0]))),
        last=str(day_of(int(days[-1]))),
        sessions=len(days),
        quotes=origins.pop() if len(origins) == 1 else "mixed",
        source=field.found.source,
        starting_cash=request.backtest.starting_cash,
        design=told.design(request.grid),
        keys=tuple(axis.name for axis in request.grid.axes),
        values=tuple(results.values(at) for at in range(len(results.trials.contents))),
        figures=figures,
        by=request.by,
        chance=told.chance(results, best, len(days) - 1),
        left_out=(results.trials.contradictory, results.trials.repeated),
        inert=field.inert,
    )


def _summary(
    request: SweepRequest, field: _Field, results: told.Results, swept: Swept, before: int
) -> told.Sweep:
    """The JSON object."""
    asked, grid = request.backtest, request.grid
    method = grid.sample.method if grid.sample else "grid"
    design = told.Design(
        str(grid.source.path),
        method,
        list(swept.keys),
        grid.combinations,
        *swept.left_out,
        list(field.inert),
    )
    roots = (instrument.root for instrument in field.slab.instruments)
    return told.Sweep(
        version=version("underwriter"),
        policy=asked.policy.name,
        policy_hash=asked.policy.hash,
        period=told.Span(swept.first, swept.last, swept.sessions),
        quotes=swept.quotes,
        origins=dict(zip(roots, field.slab.origins, strict=True)),
        source=swept.source,
        starting_cash=swept.starting_cash,
        half_spread=asked.fills.half_spread,
        delay=asked.fills.delay,
        grid=design,
        tried=len(swept.values),
        found=before,
        by=request.by,
        best=results.one(swept.best),
        median=results.one(middle(swept.figures[swept.by], swept.by)),
        top=told.top(results, swept),
        distribution=told.distribution(swept),
        luck=told.luck(swept),
        identity=field.identity,
        results=str(asked.folder / RESULTS),
        report=str(asked.folder / REPORT),
    )


def _nothing(results: told.Results) -> str | None:
    """Why no configuration opened anything; None where one did."""
    if np.asarray(results.outcomes)["campaigns"].any():
        return None
    reasons = told.frame(results)["refused_most"].drop_nulls()
    most = reasons.mode().sort()
    why = f"; most refusals: {most[0]}" if most.len() else ""
    return f"nothing was opened by any configuration{why}; see underwriter backtest of one"
