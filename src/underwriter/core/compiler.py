"""numba as kernels use it; it loads in half a second, so `kernel` imports this when one is called.

A kernel that Python calls is compiled *whole*: optimised, turned into machine code and kept.  One
that another kernel calls is only a *part* of it: typed and lowered, then optimised once inside
each whole.  numba makes a whole of every function, with two wrappers, machine code and a file of
the cache each; for the session loop with its 230 parts that took four times as long
(docs/decisions/parts-of-kernels.md).
"""

from collections.abc import Callable
from functools import partial
from typing import Any, ParamSpec, TypeVar, cast

import numba
from numba.core.codegen import AOTCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.types import unliteral
from numba.np import linalg

P = ParamSpec("P")
R = TypeVar("R")


def whole(function: Callable[P, R], *, copied: bool) -> Callable[P, R]:
    """A kernel for Python to call, kept in the cache."""
    made: Callable[[Callable[P, R]], Callable[P, R]] = numba.njit(
        cache=True, nogil=True, error_model="numpy", forceinline=copied
    )
    return made(function)


def part(function: Callable[P, R], *, copied: bool) -> Callable[P, R]:
    """A kernel for kernels to call: nothing that Python could call, and nothing kept."""
    made: Any = numba.njit(
        nogil=True, error_model="numpy", forceinline=copied,
        no_cpython_wrapper=True, no_cfunc_wrapper=True, pipeline_class=_PartCompiler,
    )  # type: ignore[call-overload]  # numba takes more than it declares  # fmt: skip
    kernel = made(function)
    kernel.get_call_template = partial(_of_any_number, kernel.get_call_template)
    return cast("Callable[P, R]", kernel)


def _of_any_number(template: Callable[..., Any], given: Any, named: Any) -> Any:  # noqa: ANN401  numba's
    """Type a call by what its arguments are, not by their values, as numba would constants."""
    plain = {name: unliteral(each) for name, each in named.items()}
    return template(tuple(unliteral(each) for each in given), plain)


def keep_in(folder: str) -> None:
    """Have compiled kernels kept in `folder`."""
    numba.config.CACHE_DIR = folder  # type: ignore[attr-defined]  # numba's settings are its attributes


class _NoEnvironment:
    """Stands for the engine where a part is told its environment, which it has none of."""

    def set_env(self, name: str, env: Any) -> None:  # noqa: ANN401  numba's
        """Do nothing: only functions that run by themselves reach for an environment."""


class _Part(AOTCodeLibrary):
    """The code of a part: linked into a whole, never optimised or run by itself."""

    @property
    def codegen(self) -> _NoEnvironment:
        return _NoEnvironment()

    def get_pointer_to_function(self, name: str) -> int:  # noqa: ARG002  as numba calls it
        """No machine code has an address."""
        self._ensure_finalized()
        return 0

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True


class _PartCompiler(CompilerBase):
    """numba's own passes, into the library of a part."""

    def define_pipelines(self) -> list[Any]:
        """As numba asks for them."""
        name = self.state.func_id.func_qualname
        self.state.library = _Part(self.state.targetctx.codegen(), name)
        return [DefaultPassBuilder.define_nopython_pipeline(self.state)]


def _pass_over_scipy() -> None:
    """Have numba's functions of arrays without products of matrices: scipy loads as long as numba.

    No kernel multiplies matrices, which is all that numba asks scipy for.
    """
    asked = linalg.ensure_blas
    linalg.ensure_blas = _refuse
    try:
        import numba.np.arraymath  # noqa: F401, PLC0415  it asks while it is imported
    finally:
        linalg.ensure_blas = asked


def _refuse() -> None:
    """Say that there is no scipy, as numba expects to hear it."""
    raise ImportError("scipy is not wanted")


_pass_over_scipy()
