"""The same sweep on a Dask cluster: the same blocks, the same figures, other machines.

The slab goes to each worker once, also to one that joins later or comes back after it was killed:
as a path where every worker can read it there (a home on shared storage), else by the network.
Blocks of a worker that is lost are run again by others; nothing of it can be seen in a figure.

A worker runs the code that is installed beside it, which must be this very code: that is checked.
"""

import pickle
import threading
from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np

import underwriter
from underwriter.book import metrics
from underwriter.core.errors import InputError, NetworkError
from underwriter.core.kernel import source_key
from underwriter.core.record import Rows, layout
from underwriter.market.slab import Slab
from underwriter.market.slab_store import stored_slab
from underwriter.sim.sweep import Block, Outcome, Room, outcomes

_WAIT = 20  # seconds for a scheduler to answer, and for a first worker
_AHEAD = 4  # blocks given out for each thread that works on them

_SLABS: dict[str, Slab] = {}  # held by this process, by name
_ROOMS = threading.local()


class Shared(NamedTuple):
    """A slab, the name of its content, and where it is stored."""

    slab: Slab
    name: str
    place: Path


def code() -> str:
    """What names all code that a figure of a sweep depends on, with compiler and Python."""
    made = blake2b(source_key(Path(underwriter.__file__).parent).encode(), digest_size=16)
    made.update(Path(metrics.__file__).read_bytes())
    return made.hexdigest()


def on_cluster(
    address: str, shared: Shared, blocks: Mapping[int, Callable[[], Block]]
) -> Iterator[tuple[int, Rows[Outcome]]]:
    """The outcomes of blocks, by their numbers, as they are done.

    Raises InputError where `distributed` is not installed; NetworkError where nothing answers at
    the address, no worker is there, or one runs other code.
    """
    distributed = _distributed()
    with _client(distributed, address) as client:
        _check(client, address)
        carried = _carried(client, shared)
        plugin = _plugin(distributed, shared.name, carried)
        client.register_plugin(plugin, name=shared.name)
        try:
            yield from _gathered(distributed, client, shared.name, blocks)
        finally:
            client.unregister_worker_plugin(shared.name)


def _distributed() -> Any:  # noqa: ANN401  an optional package without types
    """The package, where it is installed."""
    try:
        import distributed  # noqa: PLC0415  optional, and slow to import
    except ImportError as problem:
        raise InputError(
            "--cluster: found no package distributed; install it with: "
            "pip install 'underwriter[cluster]'"
        ) from problem
    return distributed


def _client(distributed: Any, address: str) -> Any:  # noqa: ANN401
    """A client of the scheduler at an address."""
    try:
        return distributed.Client(address, timeout=_WAIT)
    except (OSError, ValueError, TypeError) as problem:
        raise NetworkError(
            f"--cluster {address}: found no scheduler that answers; expected the address of one, "
            "such as tcp://127.0.0.1:8786"
        ) from problem


def _check(client: Any, address: str) -> None:  # noqa: ANN401
    """See that there are workers, and that they run this code."""
    try:
        client.wait_for_workers(1, timeout=_WAIT)
    except TimeoutError as problem:
        raise NetworkError(
            f"--cluster {address}: found no worker; expected one or more (dask worker {address})"
        ) from problem
    ours = code()
    for worker, theirs in sorted(client.run(code).items()):
        if theirs != ours:
            raise NetworkError(
                f"--cluster {address}: found another version of Underwriter on {worker}; "
                "expected the same everywhere"
            )


def _carried(client: Any, shared: Shared) -> bytes | Path:  # noqa: ANN401
    """What a worker makes the slab of: where it is stored, else all of it."""
    if all(client.run(_reads, shared.place).values()):
        return shared.place
    return pickle.dumps(shared.slab)


def _reads(place: Path) -> bool:
    """Whether a slab is stored at a place, seen from here."""
    return stored_slab(place) is not None


def _plugin(distributed: Any, name: str, carried: bytes | Path) -> Any:  # noqa: ANN401
    """What each worker does once, when it joins: hold the slab, until the sweep is over."""

    class Held(distributed.WorkerPlugin):  # type: ignore[misc]  # a base without types
        def setup(self, worker: object) -> None:
            _hold(name, carried, worker)

        def teardown(self, worker: object) -> None:
            _let_go(name, worker)

    return Held()


def _hold(name: str, carried: bytes | Path, _: object) -> None:
    """Hold a slab in this process, for all of its threads."""
    slab = pickle.loads(carried) if isinstance(carried, bytes) else stored_slab(carried)  # noqa: S301  our own
    _SLABS[name] = cast("Slab", slab)  # `_reads` has seen it there


def _let_go(name: str, _: object) -> None:
    """Hold a slab no longer."""
    _SLABS.pop(name, None)
    _ROOMS.__dict__.pop("room", None)


def _room(name: str) -> Room:
    """The room of this thread for runs over a slab that is held."""
    room: Room | None = getattr(_ROOMS, "room", None)
    if room is None or room.slab is not _SLABS[name]:
        room = _ROOMS.room = Room(_SLABS[name])
    return room


def _work(name: str, number: int, block: bytes) -> tuple[int, bytes]:
    """One block, run by a worker."""
    found = outcomes(_room(name), pickle.loads(block))  # noqa: S301  our own
    return number, np.asarray(found).tobytes()


def _gathered(
    distributed: Any,  # noqa: ANN401
    client: Any,  # noqa: ANN401
    name: str,
    blocks: Mapping[int, Callable[[], Block]],
) -> Iterator[tuple[int, Rows[Outcome]]]:
    """Give out blocks, a few ahead of what is done, and take in what comes of them."""

    def sent(number: int) -> Any:  # noqa: ANN401  a future
        block = pickle.dumps(list(blocks[number]()))
        return client.submit(_work, name, number, block, pure=False)

    left = iter(blocks)
    ahead = _AHEAD * max(1, sum(client.nthreads().values()))
    waiting = distributed.as_completed([sent(one) for one in islice(left, ahead)])
    for future in waiting:
        number, found = _result(distributed, future)
        for one in islice(left, 1):
            waiting.add(sent(one))
        yield number, _rows(found)


def _result(distributed: Any, future: Any) -> tuple[int, bytes]:  # noqa: ANN401
    """What a worker sent; NetworkError where several died over the same block."""
    try:
        found: tuple[int, bytes] = future.result()
    except distributed.KilledWorker as problem:
        raise NetworkError(
            "--cluster: several workers died at the same configurations; look at their memory, "
            "and run the same command again: what is done is kept"
        ) from problem
    return found


def _rows(found: bytes) -> Rows[Outcome]:
    """Outcomes as they were sent."""
    return cast("Rows[Outcome]", np.frombuffer(found, layout(Outcome)).view(np.recarray))
