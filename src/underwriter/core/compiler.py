"""numba as kernels use it; it loads in half a second, so `kernel` imports this when one is called.

A kernel that Python calls is compiled *whole*: optimised, turned into machine code and kept.  One
that another kernel calls is only a *part* of it: typed and lowered, then optimised once inside
each whole.  numba makes a whole of every function, with two wrappers, machine code and a file of
the cache each; for the session loop with its 230 parts that took four times as long
(docs/decisions/parts-of-kernels.md).
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Any, ParamSpec, TypeVar, cast

import numba
from numba.core import codegen
from numba.core.caching import FunctionCache
from numba.core.codegen import AOTCodeLibrary, JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.runtime.nrt import rtsys
from numba.core.types import unliteral

P = ParamSpec("P")
R = TypeVar("R")

_LENT = ("underwriter.core.", "underwriter.sim.")  # rooms whose kernels only borrow columns


def whole(function: Callable[P, R], *, copied: bool) -> Callable[P, R]:
    """A kernel for Python to call, kept in the cache."""
    made: Any = numba.njit(
        cache=True, nogil=True, error_model="numpy", forceinline=copied, _nrt=_counts(function),
        pipeline_class=_WholeCompiler,
    )  # type: ignore[call-overload]  # numba takes more than it declares  # fmt: skip
    kernel = made(function)
    kernel._cache = _Kept(function)  # noqa: SLF001  no setting of numba's names another
    return cast("Callable[P, R]", kernel)


def part(function: Callable[P, R], *, copied: bool) -> Callable[P, R]:
    """A kernel for kernels to call: nothing that Python could call, and nothing kept."""
    made: Any = numba.njit(
        nogil=True, error_model="numpy", forceinline=copied, _nrt=_counts(function),
        no_cpython_wrapper=True, no_cfunc_wrapper=True, pipeline_class=_PartCompiler,
    )  # type: ignore[call-overload]  # numba takes more than it declares  # fmt: skip
    kernel = made(function)
    kernel.get_call_template = partial(_of_any_number, kernel.get_call_template)
    return cast("Callable[P, R]", kernel)


def _counts(function: Callable[P, R]) -> bool:
    """Whether a kernel counts who holds each column, as one must that makes columns."""
    return not function.__module__.startswith(_LENT)


class _Kept(FunctionCache):
    """numba's cache, read without numba's tables of functions, which fill for 0.3 s.

    They are for typing and lowering, and numba fills them where it has to compile; machine code
    that was kept needs its runtime alone.
    """

    def load_overload(self, sig: Any, target_context: Any) -> Any:  # noqa: ANN401  numba's
        """The kernel of a signature as it was kept; None where it was not."""
        rtsys.initialize(target_context)
        found = self._load_overload(sig, target_context)
        if found is not None and found.signature.args == sig:  # two kept at once have one file
            return found
        _pass_over_scipy()
        return None


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


class _Whole(JITCodeLibrary):
    """The code of a whole, whose parts are its own: the optimiser may change how they are called.

    A market is some sixty numbers to hand over; of those that a part does not look at, none is.
    """

    def finalize(self) -> None:
        """As numba does, knowing what was there before the parts were linked in."""
        self._own = {each.name for each in self._final_module.functions if not each.is_declaration}
        super().finalize()

    def _optimize_final_module(self) -> None:
        for each in self._final_module.functions:
            if not each.is_declaration and each.name not in self._own:
                each.linkage = "internal"
        super()._optimize_final_module()

    def _get_module_for_linking(self) -> Any:  # noqa: ANN401  llvmlite's
        """What is kept beside machine code: the names in it, since nothing is linked to a whole."""
        lines = (f'define void @"{name}"() {{\n  ret void\n}}' for name in sorted(self._own))
        return codegen.ll.parse_assembly("\n".join(lines))  # type: ignore[attr-defined]  # llvmlite


class _WholeCompiler(CompilerBase):
    """numba's own passes, into the library of a whole."""

    def define_pipelines(self) -> list[Any]:
        """As numba asks for them."""
        name = self.state.func_id.func_qualname
        self.state.library = _Whole(self.state.targetctx.codegen(), name)
        self.state.library.enable_object_caching()
        return [DefaultPassBuilder.define_nopython_pipeline(self.state)]


@cache
def _pass_over_scipy() -> None:
    """Have numba's functions of arrays without products of matrices: scipy loads as long as numba.

    No kernel multiplies matrices, which is all that numba asks scipy for.
    """
    from numba.np import linalg  # noqa: PLC0415  only for compiling, and a tenth of a second

    asked = linalg.ensure_blas
    linalg.ensure_blas = _refuse
    try:
        import numba.np.arraymath  # noqa: F401, PLC0415  it asks while it is imported
    finally:
        linalg.ensure_blas = asked


def _refuse() -> None:
    """Say that there is no scipy, as numba expects to hear it."""
    raise ImportError("scipy is not wanted")
