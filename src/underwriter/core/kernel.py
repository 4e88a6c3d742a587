"""The kernel dialect: plain functions of numbers and columns, compiled once and kept.

A kernel takes and returns ints, floats, bools, NamedTuples of them, records of structured
arrays, and NumPy columns.  It knows no clock, log, file, exception, Decimal, datetime, None
or random number.  `@kernel` compiles it; with ``UNDERWRITER_JIT=0`` it stays what it is, so
that a debugger and the coverage of branches see every line.

numba's own cache does not see a change in a callee that lives in another file.  The cache
folder is therefore named by a hash of every source file that holds kernels, the numba version
and the processor, and it is chosen before numba is imported.  numba itself, which takes half a
second to load, is imported when the first kernel is called.

A kernel is copied into the kernels that call it, since a market is some sixty numbers to hand
over.  `@called` marks those that few sessions reach, or that are long: their copies would cost
more to compile than they save.
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
from types import FunctionType, ModuleType
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
_SPARED = "coverage", "yaml"  # that numba loads in 0.1 s, for what nobody asks of it here
_FOLDER = str(cache_folder())  # of the home that is open now, whichever is when a kernel is called
if JIT:
    os.environ["NUMBA_CACHE_DIR"] = _FOLDER  # where numba reads it when it is imported


class _Kernel(Generic[P, R]):
    """A function compiled, or read from the cache, at its first call; to numba a kernel."""

    def __init__(self, function: Callable[P, R], *, copied: bool) -> None:
        update_wrapper(self, function)
        self.py_func = function
        self._copied = copied

    def __call__(self, *given: P.args, **named: P.kwargs) -> R:
        return (self.__dict__.get("_made") or self.made())(*given, **named)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever numba's kernel has
        if name == "_numba_type_":  # numba asks, for a kernel that calls this one
            return self._once("_part", "part")._numba_type_
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.made(), name)

    def made(self) -> Callable[P, R]:
        """The kernel as Python calls it; one, however many threads ask at once."""
        return cast("Callable[P, R]", self._once("_made", "whole"))

    def _once(self, kept: str, how: str) -> Any:  # noqa: ANN401  one of numba's kernels
        found = self.__dict__.get(kept)
        if found is None:
            made = getattr(_compiler(), how)(self.py_func, copied=self._copied)
            found = self.__dict__.setdefault(kept, made)
        return found


def first_run() -> bool:
    """Whether kernels are still to be compiled, which takes a while."""
    return JIT and not any(cache_folder().rglob("*.nbi"))


def load() -> None:
    """Import what compiles kernels ahead of the first call, such as while files are read."""
    if JIT:
        _compiler()


@cache
def _compiler() -> ModuleType:
    """Import numba with its cache folder set."""
    with _LOADING:
        spared: dict[str, Any] = {name: None for name in _SPARED if name not in sys.modules}
        sys.modules.update(spared)  # as if they were not installed
        try:
            from underwriter.core import compiler  # noqa: PLC0415  half a second, and not everybody calls a kernel
        finally:
            for name in spared:
                del sys.modules[name]

        compiler.keep_in(_FOLDER)  # where somebody imported numba first, told again
    return compiler


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` as a kernel; with ``UNDERWRITER_JIT=0`` return it unchanged."""
    return _Kernel(function, copied=True) if JIT else function


def called(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` as a kernel that is called by others rather than copied into them."""
    return _Kernel(function, copied=False) if JIT else function


def plain(function: Callable[P, R]) -> Callable[P, R]:
    """A kernel as Python runs its source, and that of the kernels it calls: on rows of any make.

    For who calls it with one row after another: a compiled kernel takes 8 us to be handed a row.
    """
    source = cast("FunctionType", getattr(function, "py_func", function))
    known = source.__globals__
    used = {name: known.get(name) for name in source.__code__.co_names}
    called = {name: plain(each) for name, each in used.items() if isinstance(each, _Kernel)}
    return cast("Callable[P, R]", FunctionType(source.__code__, known | called, source.__name__))
