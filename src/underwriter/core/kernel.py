"""The kernel dialect: plain functions of numbers and columns, compiled once and kept.

A kernel takes and returns ints, floats, bools, NamedTuples of them, records of structured
arrays, and NumPy columns.  It knows no clock, log, file, exception, Decimal, datetime, None
or random number.  `@kernel` compiles it; with ``UNDERWRITER_JIT=0`` it stays what it is, so
that a debugger and the coverage of branches see every line.

numba's own cache does not see a change in a callee that lives in another file.  The cache
folder is therefore named by a hash of every source file that holds kernels, the numba version
and the processor, and it is chosen before numba is imported.
"""

import os
import platform
import sys
from collections.abc import Callable
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

JIT = os.environ.get("UNDERWRITER_JIT", "1") != "0"
_ROOMS = ("core", "market", "sim")  # the rooms that hold kernels


def source_key(package: Path) -> str:
    """Name the state of all kernel sources below `package`, with the compiler and processor.

    Returns 16 hexadecimal digits; any edit of any file of the rooms that hold kernels,
    another numba or another processor gives another name.
    """
    digest = blake2b(digest_size=8)
    for room in _ROOMS:
        for path in sorted((package / room).rglob("*.py")):
            digest.update(path.relative_to(package).as_posix().encode())
            digest.update(path.read_bytes())
    for fact in (version("numba"), platform.machine(), platform.processor(), sys.version):
        digest.update(fact.encode())
    return digest.hexdigest()


def cache_folder() -> Path:
    """Where compiled kernels of this very source are kept, below the user's home of Underwriter."""
    home = Path(os.environ.get("UNDERWRITER_HOME") or Path.home() / ".underwriter")
    return home / "cache" / "kernels" / source_key(Path(__file__).parent.parent)


def first_run() -> bool:
    """Whether kernels are still to be compiled, which takes a while."""
    return JIT and not any(cache_folder().rglob("*.nbi"))


def _compiler() -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Import numba with its cache folder set, and return the one way kernels are compiled."""
    folder = str(cache_folder())
    os.environ["NUMBA_CACHE_DIR"] = folder
    import numba  # noqa: PLC0415  numba reads the cache folder from the environment on import

    numba.config.CACHE_DIR = folder  # type: ignore[attr-defined]  # and where somebody imported it first, told again
    compiler: Callable[[Callable[P, R]], Callable[P, R]] = numba.njit(
        cache=True, nogil=True, error_model="numpy", forceinline=True
    )
    return compiler


if JIT:
    _njit = _compiler()


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` as a kernel; with ``UNDERWRITER_JIT=0`` return it unchanged."""
    return _njit(function) if JIT else function
