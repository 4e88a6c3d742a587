"""The kernel dialect: plain functions of numbers and columns, compiled once and kept.

A kernel takes and returns ints, floats, bools, NamedTuples of them, records of structured
arrays, and NumPy columns.  It knows no clock, log, file, exception, Decimal, datetime, None
or random number.  `@kernel` compiles it; with ``UNDERWRITER_JIT=0`` it stays what it is, so
that a debugger and the coverage of branches see every line.

numba's own cache does not see a change in a callee that lives in another file.  The cache
folder is therefore named by a hash of every source file that holds kernels, the numba version
and the processor, and it is chosen before numba is imported.  numba itself, which takes half a
second to load, is imported when the first kernel is called.
"""

import os
import platform
import sys
from collections.abc import Callable
from functools import cache, update_wrapper
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any, Generic, ParamSpec, TypeVar, cast

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


_LOADING = Lock()  # numba, by one thread
_FOLDER = str(cache_folder())  # of the home that is open now, whichever is when a kernel is called
if JIT:
    os.environ["NUMBA_CACHE_DIR"] = _FOLDER  # where numba reads it when it is imported


class _Kernel(Generic[P, R]):
    """A function that is compiled, or read from the cache, at its first call; to numba a kernel."""

    def __init__(self, function: Callable[P, R]) -> None:
        update_wrapper(self, function)
        self.py_func = function

    def __call__(self, *given: P.args, **named: P.kwargs) -> R:
        return self.made()(*given, **named)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever numba's kernel has
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.made(), name)

    def made(self) -> Callable[P, R]:
        """The kernel as numba has it; one, however many threads ask at once."""
        found = self.__dict__.get("_made") or self.__dict__.setdefault(
            "_made", _compiler()(self.py_func)
        )
        return cast("Callable[P, R]", found)


def first_run() -> bool:
    """Whether kernels are still to be compiled, which takes a while."""
    return JIT and not any(cache_folder().rglob("*.nbi"))


@cache
def _compiler() -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Import numba with its cache folder set, and return the one way kernels are compiled."""
    with _LOADING:
        import numba  # noqa: PLC0415  half a second, and not everybody calls a kernel

        numba.config.CACHE_DIR = _FOLDER  # type: ignore[attr-defined]  # where somebody imported it first, told again
        _pass_over_scipy()
    compiler: Callable[[Callable[P, R]], Callable[P, R]] = numba.njit(
        cache=True, nogil=True, error_model="numpy", forceinline=True
    )
    return compiler


def _pass_over_scipy() -> None:
    """Have numba's functions of arrays without products of matrices: scipy loads as long as numba.

    No kernel multiplies matrices, which is all that numba asks scipy for.
    """
    from numba.np import linalg  # noqa: PLC0415  likewise

    asked = linalg.ensure_blas
    linalg.ensure_blas = _refuse
    try:
        import numba.np.arraymath  # noqa: F401, PLC0415  it asks while it is imported
    finally:
        linalg.ensure_blas = asked


def _refuse() -> None:
    """Say that there is no scipy, as numba expects to hear it."""
    raise ImportError("scipy is not wanted")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` as a kernel; with ``UNDERWRITER_JIT=0`` return it unchanged."""
    return _Kernel(function) if JIT else function
